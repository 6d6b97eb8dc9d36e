//! A device key in software, for tests and the demo: what a phone keeps in its hardware.

use std::sync::Mutex;

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use service::device_key::{DeviceKey, DeviceKeyError};

/// An ECDSA key on P-256 that lives as long as this value.
#[derive(Default)]
pub struct SoftKey(Mutex<Option<EcdsaKeyPair>>);

impl SoftKey {
    fn with<T>(&self, use_it: impl FnOnce(&EcdsaKeyPair) -> T) -> Result<T, DeviceKeyError> {
        let key = self.0.lock().map_err(|_| DeviceKeyError::Refused)?;
        key.as_ref().map(use_it).ok_or(DeviceKeyError::Missing)
    }
}

impl DeviceKey for SoftKey {
    /// Software attests nothing: the chain is empty, whatever the challenge.
    fn create(&self, _challenge: &[u8]) -> Result<Vec<Vec<u8>>, DeviceKeyError> {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let document =
            EcdsaKeyPair::generate_pkcs8(algorithm, &random).map_err(|_| DeviceKeyError::Refused)?;
        let key = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random)
            .map_err(|_| DeviceKeyError::Refused)?;
        *self.0.lock().map_err(|_| DeviceKeyError::Refused)? = Some(key);
        Ok(Vec::new())
    }

    fn public_key(&self) -> Result<[u8; 65], DeviceKeyError> {
        self.with(|key| key.public_key().as_ref().try_into())?.map_err(|_| DeviceKeyError::Refused)
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, DeviceKeyError> {
        self.with(|key| key.sign(&SystemRandom::new(), message))?
            .map(|signature| signature.as_ref().to_vec())
            .map_err(|_| DeviceKeyError::Refused)
    }

    fn delete(&self) -> Result<(), DeviceKeyError> {
        *self.0.lock().map_err(|_| DeviceKeyError::Refused)? = None;
        Ok(())
    }
}
