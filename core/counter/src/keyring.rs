//! The device key behind the counter's lock.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use secret::Passcode;
use service::device_key::{DeviceKey, DeviceKeyError};

/// The device key as the counter and its TLS client use it: while the counter is locked, it is not asked to sign.
///
/// A key store in hardware has no lock of ours, and a connection that was being made when the counter locked may
/// still want a signature. So there is a lock here, for every key.
pub(crate) struct Keyring {
    key: Arc<dyn DeviceKey>,
    state: Mutex<State>,
    /// Held while the key is protected: of two passcodes, the one that was chosen last is the last to come.
    protecting: Mutex<()>,
}

/// Locked until something opens it.
#[derive(Default)]
struct State {
    open: bool,
    /// The [`Unlocked`] that live. More than one only while an attempt to log in that was given up still computes.
    holders: usize,
}

impl Keyring {
    pub(crate) fn new(key: Arc<dyn DeviceKey>) -> Arc<Self> {
        Arc::new(Self { key, state: Mutex::default(), protecting: Mutex::default() })
    }

    /// Opens the key with a passcode that was found right. Slow: call it on a worker thread.
    pub(crate) fn open_with(self: &Arc<Self>, passcode: &Passcode) -> Result<Unlocked, DeviceKeyError> {
        // Held before it is open: what is dropped meanwhile does not lock it again.
        let unlocked = self.hold();
        self.key.unlock(passcode).map(|()| unlocked)
    }

    /// Has this passcode open the key, if that is still `wanted`: a choice that was given up and comes after another
    /// one must not take its place. Slow: call it on a worker thread.
    pub(crate) fn protect_with(
        &self,
        passcode: &Passcode,
        wanted: impl FnOnce() -> bool,
    ) -> Result<(), DeviceKeyError> {
        let _turn = self.protecting.lock().unwrap_or_else(PoisonError::into_inner);
        if wanted() { self.key.protect(passcode) } else { Err(DeviceKeyError::Refused) }
    }

    /// For a key that is unlocked already: it was just protected.
    pub(crate) fn hold(self: &Arc<Self>) -> Unlocked {
        let mut state = self.state();
        (state.open, state.holders) = (true, state.holders + 1);
        Unlocked(Arc::clone(self))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the client needs of a key. It neither protects nor unlocks one.
impl DeviceKey for Keyring {
    /// A new key is open: the enrolment signs before there is a passcode.
    fn create(&self, challenge: &[u8]) -> Result<Vec<Vec<u8>>, DeviceKeyError> {
        let attestation = self.key.create(challenge)?;
        self.state().open = true;
        Ok(attestation)
    }

    fn public_key(&self) -> Result<[u8; 65], DeviceKeyError> {
        self.key.public_key()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, DeviceKeyError> {
        let open = self.state().open;
        if open { self.key.sign(message) } else { Err(DeviceKeyError::Refused) }
    }

    fn delete(&self) -> Result<(), DeviceKeyError> {
        self.key.delete()
    }
}

/// Whoever holds it is logged in. Dropping the last one locks the key.
pub(crate) struct Unlocked(Arc<Keyring>);

impl Drop for Unlocked {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.holders -= 1;
        if state.holders == 0 {
            state.open = false;
            // Before the state is let go: a key that is opened next is not locked by this.
            self.0.key.lock();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Counts what it is asked.
    #[derive(Default)]
    struct Counting {
        signs: AtomicUsize,
        protects: AtomicUsize,
        locks: AtomicUsize,
    }

    impl DeviceKey for Counting {
        fn create(&self, _: &[u8]) -> Result<Vec<Vec<u8>>, DeviceKeyError> {
            Ok(Vec::new())
        }

        fn public_key(&self) -> Result<[u8; 65], DeviceKeyError> {
            Ok([4; 65])
        }

        fn sign(&self, _: &[u8]) -> Result<Vec<u8>, DeviceKeyError> {
            self.signs.fetch_add(1, Ordering::SeqCst);
            Ok(vec![1])
        }

        fn delete(&self) -> Result<(), DeviceKeyError> {
            Ok(())
        }

        fn protect(&self, _: &Passcode) -> Result<(), DeviceKeyError> {
            self.protects.fetch_add(1, Ordering::SeqCst);
            Ok(())
        }

        fn lock(&self) {
            self.locks.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn keyring() -> (Arc<Counting>, Arc<Keyring>) {
        let key = Arc::<Counting>::default();
        (Arc::clone(&key), Keyring::new(key))
    }

    fn passcode() -> Passcode {
        Passcode::new("407182".to_owned())
    }

    #[test]
    fn a_locked_key_is_not_even_asked_to_sign() {
        let (key, keyring) = keyring();
        assert_eq!(keyring.sign(b"before any log in"), Err(DeviceKeyError::Refused));
        let unlocked = keyring.open_with(&passcode()).expect("it opens");
        assert_eq!(keyring.sign(b"logged in"), Ok(vec![1]));
        drop(unlocked);
        assert_eq!(keyring.sign(b"locked"), Err(DeviceKeyError::Refused));
        assert_eq!(key.signs.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn a_key_signs_for_its_own_enrolment() {
        let (_, keyring) = keyring();
        keyring.create(&[]).expect("a key");
        assert_eq!(keyring.sign(b"a request"), Ok(vec![1]));
    }

    #[test]
    fn an_attempt_that_was_given_up_does_not_lock_out_the_one_after_it() {
        let (key, keyring) = keyring();
        let given_up = keyring.open_with(&passcode()).expect("it opens");
        let logged_in = keyring.open_with(&passcode()).expect("it opens");
        drop(given_up);
        assert_eq!((keyring.sign(&[]), key.locks.load(Ordering::SeqCst)), (Ok(vec![1]), 0));
        drop(logged_in);
        assert_eq!(key.locks.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn a_passcode_whose_choice_was_given_up_does_not_reach_the_key() {
        let (key, keyring) = keyring();
        assert!(keyring.protect_with(&passcode(), || false).is_err());
        keyring.protect_with(&passcode(), || true).expect("a key");
        assert_eq!(key.protects.load(Ordering::SeqCst), 1);
    }
}
