//! A root, certificates under it, and a device key in software.

use std::sync::Mutex;
use std::sync::mpsc;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose as Eku, IsCa, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PublicKeyData,
    SanType, SignatureAlgorithm,
};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_bytes::ByteBuf;
use service::Enrolled;
use service::device_key::{DeviceKey, DeviceKeyError};

use crate::journal::Journal;

const DAY: Duration = Duration::from_hours(24);

/// A root that issues certificates for servers and devices.
pub(crate) struct Ca(CertifiedIssuer<'static, KeyPair>);

/// A server's chain and key.
pub(crate) struct Identity {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
}

impl Ca {
    pub(crate) fn new() -> Self {
        Journal::begin();
        let mut params = CertificateParams::default();
        params.distinguished_name = name("test root");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(params, key).expect("a root"))
    }

    pub(crate) fn der(&self) -> Vec<u8> {
        self.0.der().to_vec()
    }

    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        sha256(self.0.der())
    }

    /// For the address of the tests, valid for a day before and after now.
    pub(crate) fn server(&self) -> Identity {
        self.server_with("127.0.0.1", SystemTime::now() + DAY, Eku::ServerAuth)
    }

    pub(crate) fn server_with(&self, host: &str, not_after: SystemTime, usage: Eku) -> Identity {
        let mut params = CertificateParams::new(vec![host.to_owned()]).expect("a name");
        params.distinguished_name = name("server");
        params.not_before = (SystemTime::now() - 30 * DAY).into();
        params.not_after = not_after.into();
        params.extended_key_usages = vec![usage];
        let key = KeyPair::generate().expect("a key");
        let leaf = params.signed_by(&key, &self.0).expect("a certificate");
        let chain = vec![leaf.der().clone(), self.0.der().clone()];
        Identity { chain, key: PrivateKeyDer::try_from(key.serialize_der()).expect("PKCS#8") }
    }

    /// For a device with this public key.
    pub(crate) fn device(&self, point: [u8; 65]) -> Vec<u8> {
        let mut params = CertificateParams::default();
        params.distinguished_name = name("device 17");
        let uri = "urn:uuid:00000000-0000-4000-8000-000000000017".try_into().expect("ASCII");
        params.subject_alt_names = vec![SanType::URI(uri)];
        params.extended_key_usages = vec![Eku::ClientAuth];
        params.signed_by(&Point(point), &self.0).expect("a certificate").der().to_vec()
    }

    /// What enrolment would have left with this key.
    pub(crate) fn enrolled(&self, key: &SoftKey) -> Enrolled {
        let leaf = self.device(key.public_key().expect("a key"));
        Enrolled { chain: vec![ByteBuf::from(leaf)], root: ByteBuf::from(self.der()) }
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    digest.as_ref().try_into().expect("32 bytes")
}

fn name(common: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common);
    name
}

struct Point([u8; 65]);

impl PublicKeyData for Point {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

/// A device key in software. `attestation` is what it gives out when it is made.
#[derive(Default)]
pub(crate) struct SoftKey {
    key: Mutex<Option<EcdsaKeyPair>>,
    attestation: Vec<Vec<u8>>,
    /// What `create` was given.
    pub(crate) challenges: Mutex<Vec<Vec<u8>>>,
}

impl SoftKey {
    /// A key that is there already.
    pub(crate) fn made() -> Self {
        let this = Self::default();
        this.create(&[]).expect("software does not refuse");
        this
    }

    /// A key store that attests.
    pub(crate) fn attesting(attestation: Vec<Vec<u8>>) -> Self {
        Self { attestation, ..Self::default() }
    }

    fn with<T>(&self, use_it: impl FnOnce(&EcdsaKeyPair) -> T) -> Result<T, DeviceKeyError> {
        self.key.lock().expect("no panic").as_ref().map(use_it).ok_or(DeviceKeyError::Missing)
    }
}

impl DeviceKey for SoftKey {
    fn create(&self, challenge: &[u8]) -> Result<Vec<Vec<u8>>, DeviceKeyError> {
        let (algorithm, random) = (&ECDSA_P256_SHA256_ASN1_SIGNING, SystemRandom::new());
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        let key = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).expect("the same key");
        *self.key.lock().expect("no panic") = Some(key);
        self.challenges.lock().expect("no panic").push(challenge.to_vec());
        Ok(self.attestation.clone())
    }

    fn public_key(&self) -> Result<[u8; 65], DeviceKeyError> {
        self.with(|key| key.public_key().as_ref().try_into().expect("65 bytes"))
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, DeviceKeyError> {
        self.with(|key| key.sign(&SystemRandom::new(), message).expect("a signature").as_ref().to_vec())
    }

    fn delete(&self) -> Result<(), DeviceKeyError> {
        *self.key.lock().expect("no panic") = None;
        Ok(())
    }
}

/// A key store that hangs until its [`Stuck`] is dropped.
pub(crate) struct HangingKey(Mutex<mpsc::Receiver<()>>);

/// Keeps a [`HangingKey`] hanging.
pub(crate) struct Stuck(#[expect(dead_code, reason = "its drop ends the hanging")] mpsc::Sender<()>);

impl HangingKey {
    pub(crate) fn new() -> (Self, Stuck) {
        let (sender, receiver) = mpsc::channel();
        (Self(Mutex::new(receiver)), Stuck(sender))
    }

    fn hang<T>(&self) -> Result<T, DeviceKeyError> {
        // Errs when the sender is dropped.
        let _ = self.0.lock().expect("no panic").recv();
        Err(DeviceKeyError::Refused)
    }
}

impl DeviceKey for HangingKey {
    fn create(&self, _challenge: &[u8]) -> Result<Vec<Vec<u8>>, DeviceKeyError> {
        self.hang()
    }

    fn public_key(&self) -> Result<[u8; 65], DeviceKeyError> {
        self.hang()
    }

    fn sign(&self, _message: &[u8]) -> Result<Vec<u8>, DeviceKeyError> {
        self.hang()
    }

    fn delete(&self) -> Result<(), DeviceKeyError> {
        self.hang()
    }
}
