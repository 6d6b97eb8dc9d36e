//! Whose turn it is: there is one pcscd at a time.

use std::fs::{self, File};
use std::path::Path;

use tempfile::TempDir;

use crate::{Daemon, Ran, Readers, program};

/// The bench, while no pcscd runs on it. Dropping it lets the next test have it.
///
/// Whoever has no use for the time without a daemon calls [`Daemon::start`].
#[derive(Debug)]
pub struct Turn {
    /// Held for as long as it is open.
    _lock: File,
    folder: TempDir,
}

/// What to do where the bench refuses.
pub const ELSEWHERE: &str = "pcscd with a virtual reader would listen on every address of this machine: run `cargo xtask test \
                             madoguchi-interop` or `cargo xtask demo --pcsc`, which make a namespace for it";

impl Turn {
    /// Whether this process is in the namespace that the bench needs.
    pub fn possible() -> bool {
        std::env::var_os("MADOGUCHI_NAMESPACE").is_some_and(|inside| inside == "1")
    }

    /// Waits until the bench is free: for other tests of this program, and for other programs.
    ///
    /// # Panics
    ///
    /// Outside of the namespace.
    #[track_caller]
    pub fn take() -> Self {
        assert!(Self::possible(), "{ELSEWHERE}");
        let lock = File::create("/run/madoguchi-bench.lock").expect("/run of the namespace is writable");
        lock.lock().expect("the file system of the namespace knows locks");
        // What a pcscd leaves that was killed.
        for left in ["pcscd.comm", "pcscd.pid"] {
            let _ = fs::remove_file(Path::new("/run/pcscd").join(left));
        }
        let folder = TempDir::with_prefix("madoguchi-bench-").expect("a folder for temporary files");
        Self { _lock: lock, folder }
    }

    /// Starts pcscd, and returns when it answers.
    #[track_caller]
    pub fn start(self, readers: Readers) -> Daemon {
        Daemon::start_in(self, readers)
    }

    /// A folder that is gone after the test.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file into [`Turn::folder`], for a program to read, and gives its path for the command line.
    ///
    /// # Panics
    ///
    /// When the disk is full.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.folder().join(name);
        fs::write(&path, content).expect("the folder of the test is writable");
        path.into_os_string().into_string().expect("a folder for temporary files has a name in UTF-8")
    }

    /// Runs a program of others with a home of its own, until it ends. Nothing that one program kept on disk
    /// (certificates above all) helps or misleads the next.
    #[track_caller]
    pub fn run(&self, program: &str, arguments: &[&str]) -> Ran {
        program::run(program, arguments)
    }
}
