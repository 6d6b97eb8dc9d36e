//! The state folder.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use crate::Error;

/// A folder that only its owner can read, and whose files are either the old ones or the new ones,
/// whenever the process dies.
#[derive(Debug, Clone)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Opens the folder and makes it where it is missing.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path).map_err(|error| Error::folder(path, &error))?;
        Ok(Self(path.to_owned()))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Says that this process serves the folder. The lock ends with the returned file, also by `kill -9`.
    pub(crate) fn lock(&self) -> Result<File, Error> {
        let path = self.0.join("lock");
        let file = private_file(&path, OpenOptions::new().write(true).create(true).truncate(false))
            .map_err(|error| Error::folder(&self.0, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(Error::StateInUse { path: self.0.clone() }),
            Err(TryLockError::Error(error)) => Err(Error::folder(&self.0, &error)),
        }
    }

    /// The file's content, if the file is there.
    pub(crate) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let mut content = Vec::new();
        match File::open(self.0.join(name)).and_then(|mut file| file.read_to_end(&mut content)) {
            Ok(_) => Ok(Some(content)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::folder(&self.0, &error)),
        }
    }

    /// Replaces the file: temporary file, fsync, rename, fsync of the folder.
    pub(crate) fn write(&self, name: &str, content: &[u8]) -> Result<(), Error> {
        self.replace(name, content).map_err(|error| Error::folder(&self.0, &error))
    }

    /// Makes an empty file that only its owner can read, where there is none. `SQLite` gives the rights of the
    /// database to the files beside it.
    pub(crate) fn reserve(&self, name: &str) -> Result<(), Error> {
        private_file(&self.0.join(name), OpenOptions::new().append(true).create(true))
            .map(drop)
            .map_err(|error| Error::folder(&self.0, &error))
    }

    fn replace(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let temporary = self.0.join(format!("{name}.new"));
        let mut file = private_file(&temporary, OpenOptions::new().write(true).create(true).truncate(true))?;
        file.write_all(content)?;
        file.sync_all()?;
        drop(file);
        fs::rename(&temporary, self.0.join(name))?;
        // A folder can be synced as a file on Unix only; elsewhere the rename is all there is.
        if cfg!(unix) {
            File::open(&self.0)?.sync_all()?;
        }
        Ok(())
    }
}

fn private_file(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_only_its_owner_reads_it() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::open(&root.path().join("a/b")).expect("made");
        assert_eq!(folder.read("key").expect("readable"), None);
        folder.write("key", b"long first content").expect("written");
        folder.write("key", b"second").expect("written");
        assert_eq!(folder.read("key").expect("readable").as_deref(), Some(&b"second"[..]));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
            assert_eq!(mode(folder.path()), 0o700);
            assert_eq!(mode(&folder.path().join("key")), 0o600);
        }
    }

    #[test]
    fn a_rest_of_an_interrupted_write_changes_nothing() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::open(root.path()).expect("opened");
        folder.write("key", b"old").expect("written");
        fs::write(root.path().join("key.new"), b"half a ne").expect("the rest of a killed process");
        assert_eq!(folder.read("key").expect("readable").as_deref(), Some(&b"old"[..]));
        folder.write("key", b"new").expect("written");
        assert_eq!(folder.read("key").expect("readable").as_deref(), Some(&b"new"[..]));
    }

    #[test]
    fn only_one_process_serves_a_folder() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::open(root.path()).expect("opened");
        let lock = folder.lock().expect("free");
        assert!(matches!(folder.lock(), Err(Error::StateInUse { .. })));
        drop(lock);
        folder.lock().expect("free again");
    }
}
