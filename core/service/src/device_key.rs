//! The port to the device key.

/// The device's own key, ECDSA on P-256, where possible in hardware. A shell implements it.
///
/// All calls are synchronous and may take long (a hardware key signs in up to some seconds): the client
/// calls them on a worker thread.
pub trait DeviceKey: Send + Sync + 'static {
    /// Makes a new key, bound to the service's nonce where the platform attests keys, and gives the
    /// attestation chain (DER, leaf first; empty where there is none). An earlier key is replaced.
    fn create(&self, challenge: &[u8]) -> Result<Vec<Vec<u8>>, DeviceKeyError>;

    /// The public point, uncompressed (SEC 1 §2.3.3: `04 ‖ x ‖ y`, 65 bytes).
    fn public_key(&self) -> Result<[u8; 65], DeviceKeyError>;

    /// ECDSA with SHA-256 over `message`, DER (RFC 3279 §2.2.3).
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, DeviceKeyError>;

    /// Deletes the key. Deleting a key that is not there is no error.
    fn delete(&self) -> Result<(), DeviceKeyError>;
}

/// Why the device key did not serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceKeyError {
    /// There is no key: the device has not been enrolled, or the key was deleted.
    #[error("the device has no key")]
    Missing,
    /// The key store refused: locked, or the hardware failed.
    #[error("the key store refused")]
    Refused,
    /// No answer in time.
    #[error("the key store did not answer in time")]
    TimedOut,
}
