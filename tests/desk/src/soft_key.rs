//! A device key in software, for tests and the demo: what a phone keeps in its hardware.

use std::sync::Mutex;

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use sandbox_pki::attestation::Attestation;
use service::device_key::{DeviceKey, DeviceKeyError};

/// An ECDSA key on P-256 that lives as long as this value.
#[derive(Default)]
pub struct SoftKey {
    key: Mutex<Option<EcdsaKeyPair>>,
    attests: Option<fn(&mut Attestation)>,
}

impl SoftKey {
    /// A key of which a phone says that it lies in its hardware, under the sandbox's test root. The function makes
    /// something otherwise than in a phone in order.
    pub fn attesting(change: fn(&mut Attestation)) -> Self {
        Self { key: Mutex::default(), attests: Some(change) }
    }

    fn with<T>(&self, use_it: impl FnOnce(&EcdsaKeyPair) -> T) -> Result<T, DeviceKeyError> {
        let key = self.key.lock().map_err(|_| DeviceKeyError::Refused)?;
        key.as_ref().map(use_it).ok_or(DeviceKeyError::Missing)
    }
}

impl DeviceKey for SoftKey {
    /// Software attests nothing: the chain is empty, whatever the challenge, unless somebody plays a phone.
    fn create(&self, challenge: &[u8]) -> Result<Vec<Vec<u8>>, DeviceKeyError> {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let document =
            EcdsaKeyPair::generate_pkcs8(algorithm, &random).map_err(|_| DeviceKeyError::Refused)?;
        let key = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random)
            .map_err(|_| DeviceKeyError::Refused)?;
        *self.key.lock().map_err(|_| DeviceKeyError::Refused)? = Some(key);
        let Some(change) = self.attests else { return Ok(Vec::new()) };
        let mut attestation = Attestation::new(challenge, &self.public_key()?);
        change(&mut attestation);
        Ok(attestation.chain())
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
        *self.key.lock().map_err(|_| DeviceKeyError::Refused)? = None;
        Ok(())
    }
}
