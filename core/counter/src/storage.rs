//! Where the device keeps its few bytes of state.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Mutex,
};

/// The port to the device's storage. A shell implements it, and seals what it stores with a hardware key
/// where there is one: among it are the keys of Bluetooth readers, where somebody entered one.
///
/// A store is atomic and durable: when it has returned, a power cut leaves the new bytes; before that, the
/// old ones. All calls are synchronous; the counter calls them off the caller's thread, except on opening.
pub trait Storage: Send + Sync + 'static {
    /// The bytes stored under this name, if any.
    fn load(&self, name: &str) -> Result<Option<Vec<u8>>, StorageError>;

    /// Replaces what is stored under this name.
    fn store(&self, name: &str, bytes: &[u8]) -> Result<(), StorageError>;

    /// Deletes what is stored under this name. Deleting what is not there is no error.
    fn delete(&self, name: &str) -> Result<(), StorageError>;
}

/// Why the storage did not serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// The place may not be written to.
    #[error("the storage may not be written to")]
    ReadOnly,
    /// No room is left.
    #[error("the storage is full")]
    Full,
    /// Another process uses it.
    #[error("the storage is used by another process")]
    InUse,
    /// The sealed bytes cannot be opened, or the medium failed.
    #[error("the storage failed")]
    Failed,
}

impl From<io::Error> for StorageError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => Self::ReadOnly,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Failed,
        }
    }
}

/// One file per name in a folder of its own.
///
/// A new content is written beside the old one, flushed to the disk, and put in its place by a rename, which
/// is flushed as well: `kill -9` or a power cut at any point leaves the old or the new content, never half
/// of one. The folder is locked for this process at the first use, so that two copies of the program cannot
/// count log-in attempts past each other; the lock ends with the process, however it ends.
///
/// What lies in the folder is not sealed: it holds no patient data, the passcode only as an Argon2id hash,
/// and the device key not at all. A shell that offers Bluetooth readers seals their keys with a storage of its own.
#[derive(Debug)]
pub struct FolderStorage {
    folder: PathBuf,
    lock: Mutex<Option<File>>,
}

impl FolderStorage {
    /// The folder is made at the first use; whatever goes wrong is told then.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), lock: Mutex::new(None) }
    }

    /// Makes the folder and takes the lock, once.
    fn ready(&self) -> Result<(), StorageError> {
        let mut lock = self.lock.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if lock.is_some() {
            return Ok(());
        }
        make_folder(&self.folder)?;
        let file = private().create(true).truncate(false).write(true).open(self.folder.join("lock"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(StorageError::InUse),
            Err(fs::TryLockError::Error(error)) => return Err(error.into()),
        }
        *lock = Some(file);
        Ok(())
    }

    fn place(&self, name: &str) -> Result<PathBuf, StorageError> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
        if name.is_empty() || name == "lock" || !name.bytes().all(plain) {
            return Err(StorageError::Failed);
        }
        self.ready()?;
        Ok(self.folder.join(name))
    }
}

impl Storage for FolderStorage {
    fn load(&self, name: &str) -> Result<Option<Vec<u8>>, StorageError> {
        match fs::read(self.place(name)?) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn store(&self, name: &str, bytes: &[u8]) -> Result<(), StorageError> {
        let place = self.place(name)?;
        // A name with a dot is none that `place` gives out: it cannot hide another content.
        let beside = place.with_extension("new");
        let mut file = private().create(true).truncate(true).write(true).open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        drop(file);
        fs::rename(&beside, &place)?;
        flush_folder(&self.folder)
    }

    fn delete(&self, name: &str) -> Result<(), StorageError> {
        let place = self.place(name)?;
        // A store that was cut may have left a copy beside it.
        for file in [place.with_extension("new"), place] {
            match fs::remove_file(file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        flush_folder(&self.folder)
    }
}

/// For the owner alone, where the platform knows owners.
fn private() -> OpenOptions {
    #[allow(unused_mut, reason = "only Unix sets a mode")]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn make_folder(folder: &Path) -> Result<(), StorageError> {
    #[allow(unused_mut, reason = "only Unix sets a mode")]
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    Ok(builder.recursive(true).create(folder)?)
}

/// Makes a rename survive a power cut. Windows has no such call: NTFS writes it into its own journal.
#[cfg_attr(not(unix), allow(unused_variables, clippy::unnecessary_wraps, reason = "nothing to do there"))]
fn flush_folder(folder: &Path) -> Result<(), StorageError> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_stored_is_there_for_the_next_process() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = FolderStorage::new(folder.path().join("deep/state"));
        assert_eq!(first.load("device"), Ok(None));
        first.store("device", b"one").expect("stored");
        first.store("device", b"two").expect("stored again");
        drop(first);
        let next = FolderStorage::new(folder.path().join("deep/state"));
        assert_eq!(next.load("device"), Ok(Some(b"two".to_vec())));
        next.delete("device").expect("deleted");
        next.delete("device").expect("nothing to delete");
        assert_eq!(next.load("device"), Ok(None));
    }

    #[test]
    fn a_write_that_was_cut_leaves_the_old_content() {
        let folder = tempfile::tempdir().expect("a folder");
        let storage = FolderStorage::new(folder.path());
        storage.store("device", b"whole").expect("stored");
        // What a kill between writing and renaming leaves behind:
        fs::write(folder.path().join("device.new"), b"ha").expect("a torn file");
        assert_eq!(storage.load("device"), Ok(Some(b"whole".to_vec())));
        storage.store("device", b"next").expect("stored over the torn file");
        assert_eq!(storage.load("device"), Ok(Some(b"next".to_vec())));

        fs::write(folder.path().join("device.new"), b"ne").expect("a torn file");
        storage.delete("device").expect("deleted");
        let left: Vec<_> = fs::read_dir(folder.path()).expect("the folder").flatten().collect();
        assert_eq!(left.len(), 1, "only the lock: {left:?}");
    }

    #[test]
    fn two_processes_cannot_use_one_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = FolderStorage::new(folder.path());
        first.load("device").expect("the first has the lock");
        assert_eq!(FolderStorage::new(folder.path()).load("device"), Err(StorageError::InUse));
        drop(first);
        assert_eq!(FolderStorage::new(folder.path()).load("device"), Ok(None));
    }

    #[test]
    fn a_folder_that_cannot_be_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("file");
        fs::write(&file, b"").expect("a file");
        assert_eq!(FolderStorage::new(&file).load("device"), Err(StorageError::Failed));
    }

    #[test]
    fn a_name_cannot_leave_the_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let storage = FolderStorage::new(folder.path());
        for name in ["", "..", "../device", "/etc/passwd", "lock", "device.new"] {
            assert_eq!(storage.store(name, b""), Err(StorageError::Failed), "{name}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_and_a_read_only_one_are_told_apart() {
        let folder = tempfile::tempdir().expect("a folder");
        let storage = FolderStorage::new(folder.path());
        // /dev/full answers ENOSPC to every write.
        std::os::unix::fs::symlink("/dev/full", folder.path().join("device.new")).expect("a link");
        assert_eq!(storage.store("device", b"bytes"), Err(StorageError::Full));
        assert_eq!(StorageError::from(io::Error::from_raw_os_error(30)), StorageError::ReadOnly);
        assert_eq!(StorageError::from(io::Error::from_raw_os_error(13)), StorageError::ReadOnly);
    }
}
