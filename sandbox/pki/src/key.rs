//! RSA keys that are secret to nobody.

use core::fmt;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use rsa::pkcs1::EncodeRsaPublicKey;
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding};
use rsa::traits::PublicKeyParts;
use rsa::{Oaep, Pkcs1v15Sign, Pss, RsaPrivateKey};
use sha2::{Digest, Sha256, Sha384};

use crate::{oid, tlv};

/// A key of this crate's `keys/`, parsed once.
macro_rules! kept_key {
    ($file:literal) => {{
        static KEY: std::sync::LazyLock<std::sync::Arc<$crate::TestKey>> = std::sync::LazyLock::new(|| {
            let pem = include_str!(concat!("../keys/", $file, ".pem"));
            std::sync::Arc::new($crate::TestKey::from_pem(pem).expect("made by make_keys"))
        });
        &KEY
    }};
}
pub(crate) use kept_key;

/// The purposes of a person's three keys, in the order in which [`TestKey::new_file`] writes them.
pub const CARD_KEYS: [&str; 3] =
    ["authentication (JPKI AP 0017)", "surface (券面事項確認AP 001A)", "signature (JPKI AP 001A)"];

/// An RSA key of the sandbox: of a CA, of a card issuer, of a card.
///
/// It is kept in the source tree or beside a card file, in clear. Debug shows nothing all the same: what
/// handles test keys carelessly will handle real ones so.
#[derive(Clone)]
pub struct TestKey {
    private: RsaPrivateKey,
    public_key: Vec<u8>,
}

impl TestKey {
    /// A new key, RSA-2048 with e = 65537, as every key of the card is.
    pub fn generate() -> Self {
        Self::generate_with(2048)
    }

    /// A new key of another size: for tests that it is refused.
    ///
    /// # Panics
    ///
    /// Where no key has so few bits.
    pub fn generate_with(bits: usize) -> Self {
        let key = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, bits).expect("a key has a few hundred bits");
        Self::new(key)
    }

    /// From the first `PRIVATE KEY` block (PKCS #8, RFC 5208); what stands before and behind it is ignored.
    pub fn from_pem(file: &str) -> Result<Self, TestKeyError> {
        const END: &str = "-----END PRIVATE KEY-----";
        let end = file.find(END).ok_or(TestKeyError)? + END.len();
        RsaPrivateKey::from_pkcs8_pem(&file[..end]).map(Self::new).map_err(|_| TestKeyError)
    }

    /// All keys of a file that [`TestKey::new_file`] made, in its order.
    pub fn all_from_pem(file: &str) -> Result<Vec<Self>, TestKeyError> {
        const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
        file.split(BEGIN).skip(1).map(|block| Self::from_pem(&[BEGIN, block].concat())).collect()
    }

    /// A file with a new key for each purpose: PEM blocks, with the purposes and a warning between them.
    ///
    /// # Panics
    ///
    /// Never: every RSA key has a PKCS #8 form.
    pub fn new_file(purposes: &[&str]) -> String {
        let mut file = String::from("TEST KEYS OF THE SANDBOX. Public, worthless, never to be trusted.\n");
        for purpose in purposes {
            let key = Self::generate().private.to_pkcs8_pem(LineEnding::LF);
            let key = key.expect("an RSA key has a PKCS #8 form");
            file = file + "\n" + purpose + "\n" + &key;
        }
        file
    }

    fn new(private: RsaPrivateKey) -> Self {
        let public_key =
            private.to_public_key().to_pkcs1_der().expect("a public key has a PKCS #1 form").into_vec();
        Self { private, public_key }
    }

    /// `RSAPublicKey` (RFC 8017 §A.1.1), DER: what a certificate's subjectPublicKey holds.
    pub fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    /// The modulus, big-endian: 256 bytes for RSA-2048.
    pub fn modulus(&self) -> Vec<u8> {
        self.private.n().to_bytes_be()
    }

    /// Signs bytes as they come, with the padding of RSASSA-PKCS1-v1_5 around them and no `DigestInfo`.
    ///
    /// `None` where they are longer than the key allows (245 bytes for RSA-2048).
    pub fn sign_raw(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        self.private.sign(Pkcs1v15Sign::new_unprefixed(), bytes).ok()
    }

    /// RSASSA-PKCS1-v1_5 over a SHA-256 digest made elsewhere (RFC 8017 §8.2).
    ///
    /// # Panics
    ///
    /// With a key of less than 496 bits.
    pub fn sign_digest(&self, digest: &[u8; 32]) -> Vec<u8> {
        self.private.sign(Pkcs1v15Sign::new::<Sha256>(), digest).expect("the key is long enough for SHA-256")
    }

    /// RSASSA-PSS with SHA-256 and a salt of 32 bytes over a digest made elsewhere (RFC 8017 §8.1).
    ///
    /// # Panics
    ///
    /// With a key of less than 528 bits.
    pub fn sign_digest_pss(&self, digest: &[u8; 32]) -> Vec<u8> {
        self.private
            .sign_with_rng(&mut rsa::rand_core::OsRng, Pss::new::<Sha256>(), digest)
            .expect("the key is long enough for SHA-256")
    }

    /// RSAES-OAEP with SHA-256 (RFC 8017 §7.1); `None` where nobody encrypted this to the key.
    pub fn decrypt_oaep(&self, encrypted: &[u8]) -> Option<Vec<u8>> {
        self.private.decrypt(Oaep::new::<Sha256>(), encrypted).ok()
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256 over a message, as an issuer signs.
    pub(crate) fn issue_sha256(&self, message: &[u8]) -> Vec<u8> {
        self.issue_digests(&Sha256::digest(message))
    }

    /// The same over digests that were made before, one or several behind each other in one `DigestInfo`.
    ///
    /// The signature depends on nothing but key and digests, and tests personalise the same cards over and
    /// over: a signature once made is remembered.
    ///
    /// # Panics
    ///
    /// With more digests than the key has room for.
    pub(crate) fn issue_digests(&self, digests: &[u8]) -> Vec<u8> {
        static MADE: Mutex<Option<HashMap<[u8; 32], Vec<u8>>>> = Mutex::new(None);
        let name: [u8; 32] =
            Sha256::new().chain_update(&self.public_key).chain_update(digests).finalize().into();
        let made = |name| {
            let made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
            made.as_ref().and_then(|made| made.get(name).cloned())
        };
        if let Some(signature) = made(&name) {
            return signature;
        }
        let algorithm = tlv::sequence(&[&tlv::object_identifier(oid::SHA_256), &tlv::der(0x05, &[])]);
        let digest_info = tlv::sequence(&[&algorithm, &tlv::der(0x04, digests)]);
        let signature = self.sign_raw(&digest_info).expect("the key is long enough for a few digests");
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        made.get_or_insert_default().insert(name, signature.clone());
        signature
    }

    /// RSASSA-PKCS1-v1_5 with SHA-384 over a message: not of the profile.
    pub(crate) fn issue_sha384(&self, message: &[u8]) -> Vec<u8> {
        let digest = Sha384::digest(message);
        self.private.sign(Pkcs1v15Sign::new::<Sha384>(), &digest).expect("the key is long enough for SHA-384")
    }
}

impl fmt::Debug for TestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TestKey(RSA-{}, redacted)", self.private.n().bits())
    }
}

/// The text is no `PRIVATE KEY` block with an RSA key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no RSA key in PKCS #8 form")]
pub struct TestKeyError;
