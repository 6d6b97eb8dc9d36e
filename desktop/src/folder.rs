//! Where the state lies.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;

/// The folder of this program in the platform's data folder: `$XDG_DATA_HOME` or `~/.local/share` on Linux,
/// Application Support on macOS, `%LOCALAPPDATA%` on Windows, so that a key does not roam to another PC. `None`
/// where nobody is at home.
pub(crate) fn data_folder() -> Option<PathBuf> {
    #[cfg(windows)]
    let folder = etcetera::base_strategy::Windows::new().ok()?.cache_dir();
    #[cfg(target_os = "macos")]
    let folder = etcetera::base_strategy::Apple::new().ok()?.data_dir();
    #[cfg(not(any(windows, target_os = "macos")))]
    let folder = etcetera::base_strategy::Xdg::new().ok()?.data_dir();
    Some(folder.join("madoguchi"))
}

/// Whether nobody but the owner can read this file or folder. On Windows the folder of a user is the user's own.
pub(crate) fn is_private(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        /// What group and others may do.
        const OTHERS: u32 = 0o077;
        path.metadata().is_ok_and(|metadata| metadata.permissions().mode() & OTHERS == 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        true
    }
}
