//! What the platform must give, and how its failures come in.

use std::sync::Arc;

use service::device_key;

/// The device's own key, ECDSA on P-256, in the platform's key store. Its calls come on threads of the library, one after
/// the other; whoever waits gives up after some seconds.
///
/// A platform's key store guards its keys itself: what `service` knows of keys that a passcode opens has no place here.
#[uniffi::export(foreign)]
pub trait DeviceKey: Send + Sync + 'static {
    /// Makes a new key in the place of an earlier one, bound to the service's challenge, and gives the attestation chain
    /// (DER, leaf first; empty where there is none).
    fn create(&self, challenge: Vec<u8>) -> Result<Vec<Vec<u8>>, DeviceKeyError>;

    /// The public point, uncompressed (SEC 1 §2.3.3: `04 ‖ x ‖ y`, 65 bytes).
    fn public_key(&self) -> Result<Vec<u8>, DeviceKeyError>;

    /// ECDSA with SHA-256 over the message, DER (RFC 3279 §2.2.3).
    fn sign(&self, message: Vec<u8>) -> Result<Vec<u8>, DeviceKeyError>;

    /// Deletes the key. Deleting a key that is not there is no error.
    fn delete(&self) -> Result<(), DeviceKeyError>;
}

/// Why the device key did not serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum DeviceKeyError {
    /// There is no key: the device has not been enrolled, or the key was deleted.
    #[error("the device has no key")]
    Missing,
    /// The key store refused, or threw something else.
    #[error("the key store refused")]
    Refused,
}

/// Where the device keeps its few bytes, sealed with a key of the platform. A store is atomic and durable. Its calls come
/// on threads of the library, but for those of the constructor.
#[uniffi::export(foreign)]
pub trait Storage: Send + Sync + 'static {
    /// The bytes stored under this name; null where there are none.
    fn load(&self, name: String) -> Result<Option<Vec<u8>>, StorageError>;

    /// Replaces what is stored under this name.
    fn store(&self, name: String, bytes: Vec<u8>) -> Result<(), StorageError>;

    /// Deletes what is stored under this name. Deleting what is not there is no error.
    fn delete(&self, name: String) -> Result<(), StorageError>;
}

/// Why the storage did not serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum StorageError {
    /// The place may not be written to.
    #[error("the storage may not be written to")]
    ReadOnly,
    /// No room is left.
    #[error("the storage is full")]
    Full,
    /// The sealed bytes cannot be opened, the medium failed, or the shell threw something else.
    #[error("the storage failed")]
    Failed,
}

/// What an exception says may come from anywhere: it is not looked at.
impl From<uniffi::UnexpectedUniFFICallbackError> for DeviceKeyError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        tracing::warn!("the shell's key store threw what it should not");
        Self::Refused
    }
}

impl From<uniffi::UnexpectedUniFFICallbackError> for StorageError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        tracing::warn!("the shell's storage threw what it should not");
        Self::Failed
    }
}

/// The shell's key as the core's port.
pub(crate) struct Key(pub(crate) Arc<dyn DeviceKey>);

impl device_key::DeviceKey for Key {
    fn create(&self, challenge: &[u8]) -> Result<Vec<Vec<u8>>, device_key::DeviceKeyError> {
        Ok(self.0.create(challenge.to_vec())?)
    }

    fn public_key(&self) -> Result<[u8; 65], device_key::DeviceKeyError> {
        self.0.public_key()?.try_into().map_err(|_| device_key::DeviceKeyError::Refused)
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, device_key::DeviceKeyError> {
        Ok(self.0.sign(message.to_vec())?)
    }

    fn delete(&self) -> Result<(), device_key::DeviceKeyError> {
        Ok(self.0.delete()?)
    }
}

impl From<DeviceKeyError> for device_key::DeviceKeyError {
    fn from(error: DeviceKeyError) -> Self {
        match error {
            DeviceKeyError::Missing => Self::Missing,
            DeviceKeyError::Refused => Self::Refused,
        }
    }
}

/// The shell's storage as the core's port.
pub(crate) struct Store(pub(crate) Arc<dyn Storage>);

impl counter::Storage for Store {
    fn load(&self, name: &str) -> Result<Option<Vec<u8>>, counter::StorageError> {
        Ok(self.0.load(name.to_owned())?)
    }

    fn store(&self, name: &str, bytes: &[u8]) -> Result<(), counter::StorageError> {
        Ok(self.0.store(name.to_owned(), bytes.to_vec())?)
    }

    fn delete(&self, name: &str) -> Result<(), counter::StorageError> {
        Ok(self.0.delete(name.to_owned())?)
    }
}

impl From<StorageError> for counter::StorageError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::ReadOnly => Self::ReadOnly,
            StorageError::Full => Self::Full,
            StorageError::Failed => Self::Failed,
        }
    }
}
