//! The device key of a PC without a key store: a file, sealed by the password.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use counter::{Storage, StorageError};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use secret::Passcode;
use service::device_key::{DeviceKey, DeviceKeyError};
use zeroize::Zeroizing;

use crate::key_file::{KeyFile, KeyFileError};

/// The name of the sealed key in the [`Storage`], and of its file in the folder.
pub(crate) const NAME: &str = "device-key";

/// An ECDSA key on P-256 that lies sealed in the [`Storage`], and open in memory only between [`DeviceKey::unlock`]
/// and [`DeviceKey::lock`]. ADR 0008 says what that protects, and what not.
///
/// A key that was just made is nowhere but in memory until [`DeviceKey::protect`] has sealed it: no key ever touches
/// the disk open, and a lock does not lose it.
pub(crate) struct SealedKey {
    storage: Arc<dyn Storage>,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    /// PKCS #8 (RFC 5958). It is kept as bytes that wipe themselves: ring's key pair, made for each signature, does
    /// not.
    open: Option<Zeroizing<Vec<u8>>>,
    /// Whether what is open also lies sealed in the storage.
    stored: bool,
    /// Counts locks: what was being opened when the counter locked comes too late.
    locks: u64,
}

impl SealedKey {
    pub(crate) fn new(storage: Arc<dyn Storage>) -> Self {
        Self { storage, held: Mutex::default() }
    }

    /// The file, if there is one and it looks like one. Says nothing on whether a password opens it.
    pub(crate) fn file(storage: &dyn Storage) -> Result<Option<KeyFile>, SealedKeyError> {
        let bytes = storage.load(NAME)?;
        Ok(bytes.map(|bytes| KeyFile::read(&bytes)).transpose()?)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // Whoever panicked left either the old or the new content.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pair(&self) -> Result<EcdsaKeyPair, DeviceKeyError> {
        let held = self.held();
        let Some(open) = &held.open else {
            drop(held);
            return Err(match Self::file(&*self.storage) {
                Ok(None) => DeviceKeyError::Missing,
                // Locked.
                Ok(Some(_)) => DeviceKeyError::Refused,
                Err(error) => error.into(),
            });
        };
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, open, &SystemRandom::new())
            .map_err(|_| DeviceKeyError::Refused)
    }

    /// Opens the file. The lock is not held meanwhile: it takes Argon2id's time.
    fn open(&self, passcode: &Passcode) -> Result<(), SealedKeyError> {
        let locks = self.held().locks;
        let file = Self::file(&*self.storage)?.ok_or(SealedKeyError::Missing)?;
        let open = file.open(passcode)?;
        let mut held = self.held();
        if held.locks != locks {
            return Err(SealedKeyError::Locked);
        }
        (held.open, held.stored) = (Some(open), true);
        Ok(())
    }
}

impl DeviceKey for SealedKey {
    /// A file attests nothing: the chain is empty, whatever the challenge. An earlier key stays sealed in the
    /// storage until the new one is protected: an enrolment that fails in between has cost nothing.
    fn create(&self, _challenge: &[u8]) -> Result<Vec<Vec<u8>>, DeviceKeyError> {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new())
            .map_err(|_| DeviceKeyError::Refused)?;
        let mut held = self.held();
        (held.open, held.stored) = (Some(Zeroizing::new(document.as_ref().to_vec())), false);
        Ok(Vec::new())
    }

    fn public_key(&self) -> Result<[u8; 65], DeviceKeyError> {
        self.pair()?.public_key().as_ref().try_into().map_err(|_| DeviceKeyError::Refused)
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, DeviceKeyError> {
        let signature =
            self.pair()?.sign(&SystemRandom::new(), message).map_err(|_| DeviceKeyError::Refused)?;
        Ok(signature.as_ref().to_vec())
    }

    fn delete(&self) -> Result<(), DeviceKeyError> {
        let mut held = self.held();
        (held.open, held.stored) = (None, false);
        drop(held);
        self.storage.delete(NAME).map_err(|error| SealedKeyError::from(error).into())
    }

    fn protect(&self, passcode: &Passcode) -> Result<(), DeviceKeyError> {
        let open = self.held().open.clone();
        let Some(open) = open else {
            // Sealed in a run of the program that ended before the verifier was stored: the same password opens it.
            return self.open(passcode).map_err(|error| match error {
                SealedKeyError::File(error) if error != KeyFileError::Newer => DeviceKeyError::Missing,
                other => other.into(),
            });
        };
        let file = KeyFile::seal(&open, passcode).write();
        self.storage.store(NAME, &file).map_err(SealedKeyError::from)?;
        self.held().stored = true;
        Ok(())
    }

    fn unlock(&self, passcode: &Passcode) -> Result<(), DeviceKeyError> {
        self.open(passcode).map_err(DeviceKeyError::from)
    }

    fn lock(&self) {
        let mut held = self.held();
        held.locks += 1;
        if held.stored {
            held.open = None;
        }
    }
}

/// Why the sealed key did not serve, more exactly than the counter needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SealedKeyError {
    #[error("there is no key file")]
    Missing,
    #[error("the counter was locked meanwhile")]
    Locked,
    #[error(transparent)]
    File(#[from] KeyFileError),
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<SealedKeyError> for DeviceKeyError {
    fn from(error: SealedKeyError) -> Self {
        tracing::warn!(%error, "the device key");
        match error {
            SealedKeyError::Missing => Self::Missing,
            SealedKeyError::File(KeyFileError::Newer) => Self::Newer,
            // The verifier has found the password right: what does not open by it never will.
            SealedKeyError::File(_) => Self::Damaged,
            SealedKeyError::Locked | SealedKeyError::Storage(_) => Self::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use counter::FolderStorage;
    use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
    use tempfile::TempDir;

    use super::*;

    fn passcode() -> Passcode {
        Passcode::new("kuruma9ixo".into())
    }

    fn other() -> Passcode {
        Passcode::new("kuruma9ixp".into())
    }

    fn key(folder: &TempDir) -> SealedKey {
        SealedKey::new(Arc::new(FolderStorage::new(folder.path())))
    }

    /// A folder with a protected key, and the public point of that key.
    fn protected() -> (TempDir, [u8; 65]) {
        let folder = tempfile::tempdir().expect("a folder");
        let key = key(&folder);
        key.create(b"").expect("made");
        key.protect(&passcode()).expect("protected");
        let public = key.public_key().expect("still open");
        (folder, public)
    }

    fn assert_signs(key: &SealedKey, public: [u8; 65]) {
        assert_eq!(key.public_key(), Ok(public));
        let signature = key.sign(b"message").expect("signs");
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, public);
        public.verify(b"message", &signature).expect("a signature of this key");
    }

    #[test]
    fn it_signs_between_unlock_and_lock_only() {
        let (folder, public) = protected();
        let key = key(&folder);
        assert_eq!(key.sign(b"message"), Err(DeviceKeyError::Refused));
        assert_eq!(key.unlock(&other()), Err(DeviceKeyError::Damaged));
        assert_eq!(key.sign(b"message"), Err(DeviceKeyError::Refused));
        key.unlock(&passcode()).expect("the right one");
        assert_signs(&key, public);
        key.lock();
        key.lock();
        assert_eq!(key.sign(b"message"), Err(DeviceKeyError::Refused));
        assert_eq!(key.public_key(), Err(DeviceKeyError::Refused));
        assert!(key.held().open.is_none());
    }

    #[test]
    fn a_new_key_lies_nowhere_but_in_memory_until_it_is_protected() {
        let folder = tempfile::tempdir().expect("a folder");
        let key = key(&folder);
        assert_eq!(key.sign(b"message"), Err(DeviceKeyError::Missing));
        key.create(b"").expect("made");
        let public = key.public_key().expect("open");
        assert!(!folder.path().join(NAME).exists());
        key.lock();
        assert_signs(&key, public);
        key.protect(&passcode()).expect("protected");
        assert_signs(&key, public);
        let document = key.held().open.clone().expect("open");
        let file = fs::read(folder.path().join(NAME)).expect("the file");
        assert!(!file.windows(32).any(|part| document.windows(32).any(|secret| secret == part)));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(folder.path().join(NAME)).expect("the file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn protecting_once_more_seals_it_under_the_other_password() {
        let (folder, public) = protected();
        let key = key(&folder);
        key.unlock(&passcode()).expect("the first password");
        key.protect(&other()).expect("sealed anew");
        key.lock();
        assert_eq!(key.unlock(&passcode()), Err(DeviceKeyError::Damaged));
        key.unlock(&other()).expect("the second password");
        assert_signs(&key, public);
    }

    #[test]
    fn a_run_that_ended_before_the_verifier_was_stored_goes_on_with_the_same_password() {
        let (folder, public) = protected();
        let key = key(&folder);
        assert_eq!(key.protect(&other()), Err(DeviceKeyError::Missing));
        key.protect(&passcode()).expect("it opens");
        assert_signs(&key, public);
    }

    #[test]
    fn an_enrolment_that_fails_leaves_the_earlier_key_where_it_was() {
        let (folder, public) = protected();
        let first = key(&folder);
        first.create(b"").expect("made");
        drop(first);
        let next = key(&folder);
        next.unlock(&passcode()).expect("the earlier one");
        assert_signs(&next, public);
    }

    #[test]
    fn what_is_opened_after_a_lock_comes_too_late() {
        /// A storage that locks the key while its file is being read.
        struct Locks(FolderStorage, Mutex<Option<Arc<SealedKey>>>);
        impl Storage for Locks {
            fn load(&self, name: &str) -> Result<Option<Vec<u8>>, StorageError> {
                if let Some(key) = &*self.1.lock().expect("one thread") {
                    key.lock();
                }
                self.0.load(name)
            }
            fn store(&self, name: &str, bytes: &[u8]) -> Result<(), StorageError> {
                self.0.store(name, bytes)
            }
            fn delete(&self, name: &str) -> Result<(), StorageError> {
                self.0.delete(name)
            }
        }
        let (folder, _) = protected();
        let storage = Arc::new(Locks(FolderStorage::new(folder.path()), Mutex::default()));
        let key = Arc::new(SealedKey::new(Arc::<Locks>::clone(&storage)));
        *storage.1.lock().expect("one thread") = Some(Arc::clone(&key));
        assert_eq!(key.unlock(&passcode()), Err(DeviceKeyError::Refused));
        assert!(key.held().open.is_none());
        *storage.1.lock().expect("one thread") = None;
    }

    #[test]
    fn a_deleted_key_is_gone_from_memory_and_disk() {
        let (folder, _) = protected();
        let key = key(&folder);
        key.unlock(&passcode()).expect("open");
        key.delete().expect("deleted");
        key.delete().expect("nothing to delete");
        assert_eq!(key.sign(b"message"), Err(DeviceKeyError::Missing));
        assert!(!folder.path().join(NAME).exists());
    }

    #[test]
    fn a_file_that_is_no_key_is_told_as_damaged_and_stays() {
        let (folder, _) = protected();
        let file = folder.path().join(NAME);
        for content in [b"".as_slice(), b"another file", &[0; 5000]] {
            fs::write(&file, content).expect("written");
            let key = key(&folder);
            assert_eq!(key.unlock(&passcode()), Err(DeviceKeyError::Damaged));
            assert_eq!(key.sign(b"message"), Err(DeviceKeyError::Damaged));
            assert_eq!(fs::read(&file).expect("read"), content);
        }
    }

    #[test]
    fn a_key_of_a_newer_version_is_not_told_as_damaged() {
        let (folder, _) = protected();
        let file = folder.path().join(NAME);
        let mut bytes = fs::read(&file).expect("read");
        let version = bytes.windows(7).position(|part| part == b"version").expect("a field") + 7;
        bytes[version] += 1;
        fs::write(&file, bytes).expect("written");
        let key = key(&folder);
        assert_eq!(key.unlock(&passcode()), Err(DeviceKeyError::Newer));
        assert_eq!(key.protect(&passcode()), Err(DeviceKeyError::Newer));
    }
}
