//! The file that holds the device key: what stands in it, and how it is sealed and opened.

use argon2::{Algorithm, Argon2, Params, Version};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use secret::Passcode;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use zeroize::Zeroizing;

/// A device key, sealed: CBOR (RFC 8949) of the fields in this order.
///
/// The PKCS #8 document (RFC 5958) is encrypted with AES-256-GCM (NIST SP 800-38D) under a key that Argon2id (RFC
/// 9106) derives from the password. Each sealing draws a salt of its own, so that no key of AES is used twice.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyFile {
    /// Always [`KIND`]: another file that came here by mistake is told from a damaged one.
    kind: String,
    version: u8,
    cost: Cost,
    salt: ByteBuf,
    nonce: ByteBuf,
    sealed: ByteBuf,
}

/// What one try of a password costs (RFC 9106 §3.1). It is stored, so that it can be raised.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cost {
    /// Kibibytes.
    memory: u32,
    passes: u32,
    lanes: u32,
}

/// Why a file is not a key that can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeyFileError {
    #[error("the file is larger than a sealed key")]
    TooLarge,
    #[error("the file is not a sealed key, or not a whole one")]
    NotAKey,
    #[error("a newer version of this program wrote the file")]
    Newer,
    #[error("opening the file would cost more than this program ever asks for")]
    TooCostly,
    /// Another password, or a byte was changed: AES-GCM does not tell which.
    #[error("the password does not open the file")]
    DoesNotOpen,
}

const KIND: &str = "madoguchi device key";
const VERSION: u8 = 1;
/// A sealed key has about 300 bytes.
const LARGEST: usize = 1024;
const SALT: usize = 16;

/// The same cost as that of the verifier of the password, which lies in the same folder (OWASP Password Storage
/// Cheat Sheet, first choice): whoever guesses takes the cheaper one of the two, so that a higher cost here would
/// buy nothing.
const COST: Cost = Cost { memory: 19 * 1024, passes: 2, lanes: 1 };
/// What a file may ask for at most. A damaged one must not use up the memory of the PC.
const HIGHEST: Cost = Cost { memory: 256 * 1024, passes: 8, lanes: 4 };

impl KeyFile {
    /// Seals a PKCS #8 document. Slow by design.
    pub(crate) fn seal(pkcs8: &[u8], passcode: &Passcode) -> Self {
        let mut salt = vec![0; SALT];
        let mut nonce = [0; NONCE_LEN];
        let random = SystemRandom::new();
        let drawn = random.fill(&mut salt).and_then(|()| random.fill(&mut nonce));
        drawn.expect("the operating system gives random bytes");
        let key = derive(COST, &salt, passcode).expect("fixed parameters that Argon2 allows");
        let mut sealed = Vec::with_capacity(pkcs8.len() + AES_256_GCM.tag_len());
        sealed.extend_from_slice(pkcs8);
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(KIND), &mut sealed)
            .expect("a few hundred bytes");
        Self {
            kind: KIND.into(),
            version: VERSION,
            cost: COST,
            salt: salt.into(),
            nonce: nonce.to_vec().into(),
            sealed: sealed.into(),
        }
    }

    /// Opens what was sealed. Slow by design.
    pub(crate) fn open(mut self, passcode: &Passcode) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
        let nonce = Nonce::try_assume_unique_for_key(&self.nonce).map_err(|_| KeyFileError::NotAKey)?;
        let key = derive(self.cost, &self.salt, passcode)?;
        let mut opened = Zeroizing::new(core::mem::take(&mut *self.sealed));
        let length = key
            .open_in_place(nonce, Aad::from(KIND), &mut opened)
            .map_err(|_| KeyFileError::DoesNotOpen)?
            .len();
        opened.truncate(length);
        Ok(opened)
    }

    /// From the bytes of a file, which may be any.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, KeyFileError> {
        if bytes.len() > LARGEST {
            return Err(KeyFileError::TooLarge);
        }
        // A newer version may have other fields: its number is looked at first.
        let head: Head = serde_cbor::from_slice(bytes).map_err(|_| KeyFileError::NotAKey)?;
        match (head.kind == KIND, head.version) {
            (true, VERSION) => {}
            (true, newer) if newer > VERSION => return Err(KeyFileError::Newer),
            _ => return Err(KeyFileError::NotAKey),
        }
        let file: Self = serde_cbor::from_slice(bytes).map_err(|_| KeyFileError::NotAKey)?;
        let Cost { memory, passes, lanes } = file.cost;
        if memory > HIGHEST.memory || passes > HIGHEST.passes || lanes > HIGHEST.lanes {
            return Err(KeyFileError::TooCostly);
        }
        let whole = file.salt.len() == SALT && file.nonce.len() == NONCE_LEN;
        if whole { Ok(file) } else { Err(KeyFileError::NotAKey) }
    }

    /// The bytes of the file.
    pub(crate) fn write(&self) -> Vec<u8> {
        serde_cbor::to_vec(self).expect("text, bytes and numbers")
    }
}

/// What every version begins with.
#[derive(Deserialize)]
struct Head {
    kind: String,
    version: u8,
}

fn derive(cost: Cost, salt: &[u8], passcode: &Passcode) -> Result<LessSafeKey, KeyFileError> {
    let mut key = Zeroizing::new([0; 32]);
    let params = Params::new(cost.memory, cost.passes, cost.lanes, Some(key.len()))
        .map_err(|_| KeyFileError::NotAKey)?;
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passcode.expose().as_bytes(), salt, key.as_mut())
        .map_err(|_| KeyFileError::NotAKey)?;
    let key = UnboundKey::new(&AES_256_GCM, key.as_ref()).expect("32 bytes");
    Ok(LessSafeKey::new(key))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PKCS8: &[u8] = b"what stands for a key";

    fn passcode(text: &str) -> Passcode {
        Passcode::new(text.into())
    }

    fn sealed() -> Vec<u8> {
        KeyFile::seal(PKCS8, &passcode("kuruma9ixo")).write()
    }

    #[test]
    fn only_the_password_opens_it() {
        let bytes = sealed();
        let open = |text| KeyFile::read(&bytes).expect("a key file").open(&passcode(text));
        assert_eq!(open("kuruma9ixo").as_deref(), Ok(&PKCS8.to_vec()));
        assert_eq!(open("kuruma9ixp"), Err(KeyFileError::DoesNotOpen));
        assert_eq!(open(""), Err(KeyFileError::DoesNotOpen));
        assert!(!bytes.windows(PKCS8.len()).any(|part| part == PKCS8), "the key lies open");
    }

    #[test]
    fn two_sealings_of_one_key_have_nothing_in_common() {
        let [one, other] = [sealed(), sealed()].map(|bytes| KeyFile::read(&bytes).expect("a key file"));
        assert_ne!(one.salt, other.salt);
        assert_ne!(one.nonce, other.nonce);
        assert_ne!(one.sealed, other.sealed);
    }

    #[test]
    fn what_is_no_key_file_is_told_apart() {
        assert_eq!(KeyFile::read(&[]).err(), Some(KeyFileError::NotAKey));
        assert_eq!(KeyFile::read(b"-----BEGIN PRIVATE KEY-----").err(), Some(KeyFileError::NotAKey));
        assert_eq!(KeyFile::read(&vec![0; LARGEST + 1]).err(), Some(KeyFileError::TooLarge));
        let mut file = KeyFile::seal(PKCS8, &passcode("kuruma9ixo"));
        file.version = VERSION + 1;
        assert_eq!(KeyFile::read(&file.write()).err(), Some(KeyFileError::Newer));
        file.version = VERSION;
        for (memory, passes, lanes) in [(u32::MAX, 2, 1), (19 * 1024, u32::MAX, 1), (19 * 1024, 2, 5)] {
            file.cost = Cost { memory, passes, lanes };
            assert_eq!(KeyFile::read(&file.write()).err(), Some(KeyFileError::TooCostly));
        }
        // Less than Argon2 allows: found when it is to be opened.
        file.cost = Cost { memory: 0, passes: 0, lanes: 0 };
        let file = KeyFile::read(&file.write()).expect("cheap, but a key file");
        assert_eq!(file.open(&passcode("kuruma9ixo")), Err(KeyFileError::NotAKey));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        /// Cut, changed in one byte, or with something behind it: never a key, never a panic, never much work.
        #[test]
        fn a_damaged_file_never_opens(at in any::<prop::sample::Index>(), change in 1_u8.., cut in any::<bool>()) {
            let mut bytes = sealed();
            let at = at.index(bytes.len());
            if cut { bytes.truncate(at) } else { bytes[at] ^= change }
            let opened = KeyFile::read(&bytes).and_then(|file| file.open(&passcode("kuruma9ixo")));
            prop_assert!(opened.is_err());
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..LARGEST + 2)) {
            prop_assert!(KeyFile::read(&bytes).is_err());
        }
    }
}
