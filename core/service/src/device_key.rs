//! The port to the device key.

use secret::Passcode;

/// The device's own key, ECDSA on P-256, where possible in hardware. A shell implements it.
///
/// All calls but [`DeviceKey::lock`] may take long (a hardware key signs in up to some seconds): they are made on
/// worker threads.
///
/// # A key without hardware
///
/// Where the platform has no key store, a shell keeps the key in a file that is sealed by what staff log in with.
/// [`DeviceKey::protect`], [`DeviceKey::unlock`] and [`DeviceKey::lock`] are for such a key. A key store in
/// hardware guards its keys itself, and leaves them as they are: they do nothing.
///
/// A key that was just made is unlocked, and stays so until it is locked: the enrolment signs before there is a
/// passcode. When the program starts, a protected key is locked.
pub trait DeviceKey: Send + Sync + 'static {
    /// Makes a new key, bound to the service's nonce where the platform attests keys, and gives the
    /// attestation chain (DER, leaf first; empty where there is none). An earlier key is replaced.
    fn create(&self, challenge: &[u8]) -> Result<Vec<Vec<u8>>, DeviceKeyError>;

    /// The public point, uncompressed (SEC 1 §2.3.3: `04 ‖ x ‖ y`, 65 bytes).
    fn public_key(&self) -> Result<[u8; 65], DeviceKeyError>;

    /// ECDSA with SHA-256 over `message`, DER (RFC 3279 §2.2.3).
    ///
    /// While it is locked, a protected key is [`DeviceKeyError::Refused`].
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, DeviceKeyError>;

    /// Deletes the key, locked or not. Deleting a key that is not there is no error.
    fn delete(&self) -> Result<(), DeviceKeyError>;

    /// This passcode was chosen: from now on the key is to be opened by it and by nothing else. It stays unlocked.
    ///
    /// Called before the passcode's verifier is stored, so that there is no log in to a key that lies open. If
    /// the verifier cannot be stored, a passcode is chosen anew, and this is called once more: on the unlocked
    /// key, or, when the program was ended in between, on a locked one. That one opens with the same passcode;
    /// with another one it is [`DeviceKeyError::Missing`], for nobody can open it any more.
    fn protect(&self, _passcode: &Passcode) -> Result<(), DeviceKeyError> {
        Ok(())
    }

    /// Somebody logs in with this passcode, and the verifier has found it right: the key may sign until
    /// [`DeviceKey::lock`].
    ///
    /// A key that does not open all the same is damaged or another one: [`DeviceKeyError::Damaged`], or
    /// [`DeviceKeyError::Missing`] where there is none. It costs no attempt.
    fn unlock(&self, _passcode: &Passcode) -> Result<(), DeviceKeyError> {
        Ok(())
    }

    /// The counter locks: what opens the key is forgotten.
    ///
    /// It returns at once, and does not call the counter. It may come more often than
    /// [`DeviceKey::unlock`], at any time, and on any thread.
    fn lock(&self) {}
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
    /// What is kept is no key that this passcode opens, and never will be: it is damaged, or another device's.
    #[error("the device key is damaged")]
    Damaged,
    /// A newer version of the program keeps the key in a way that this one does not know.
    #[error("a newer version keeps the device key")]
    Newer,
    /// No answer in time.
    #[error("the key store did not answer in time")]
    TimedOut,
}
