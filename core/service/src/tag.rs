//! Tags: how a device asks for a certificate without showing it.

use std::fmt;
use std::sync::Arc;

use ring::hmac;
use secret::SecretBytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_bytes::ByteBuf;

/// An institution's key for the tags of certificates. The service makes it and gives it to the institution's
/// devices.
///
/// Whoever has it and a card's first 256 bytes of EF 000A, which every card gives to everybody, can make the tag;
/// without the key the tags of two institutions have nothing in common. Clones share one key, which is wiped when
/// the last of them is dropped.
#[derive(Clone)]
pub struct TagKey(Arc<SecretBytes>);

/// Bytes of a key, and of a tag.
const LENGTH: usize = 32;

impl TagKey {
    /// Takes 32 random bytes.
    pub fn new(key: [u8; LENGTH]) -> Self {
        Self(Arc::new(SecretBytes::new(key.to_vec())))
    }

    /// HMAC-SHA256 (RFC 2104, FIPS 180-4) of `card`, [`Binding::card`](crate::Binding::card).
    pub fn tag(&self, card: &[u8; 32]) -> [u8; LENGTH] {
        hmac_sha256(self.0.expose(), card)
    }
}

fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message);
    tag.as_ref().try_into().expect("HMAC-SHA256 gives 32 bytes")
}

/// Compares in constant time.
impl PartialEq for TagKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.equals(other.0.expose())
    }
}

impl Eq for TagKey {}

impl fmt::Debug for TagKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TagKey(redacted)")
    }
}

impl Serialize for TagKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0.expose())
    }
}

impl<'de> Deserialize<'de> for TagKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let key = SecretBytes::new(ByteBuf::deserialize(deserializer)?.into_vec());
        if key.len() != LENGTH {
            return Err(de::Error::invalid_length(key.len(), &"32 bytes"));
        }
        Ok(Self(Arc::new(key)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_key_or_another_card_has_another_tag() {
        let tag = TagKey::new([1; 32]).tag(&[2; 32]);
        assert_ne!(tag, TagKey::new([2; 32]).tag(&[2; 32]));
        assert_ne!(tag, TagKey::new([1; 32]).tag(&[1; 32]));
    }

    #[test]
    fn a_key_survives_cbor_and_shows_itself_nowhere_else() {
        let key = TagKey::new(*b"a key that nobody must ever read");
        let cbor = crate::to_cbor(&key);
        assert!(serde_cbor::from_slice::<TagKey>(&cbor).expect("a key") == key);
        assert!(serde_cbor::from_slice::<TagKey>(&crate::to_cbor(&ByteBuf::from(vec![0; 31]))).is_err());
        assert_eq!(format!("{key:?} {key:#?}"), "TagKey(redacted) TagKey(redacted)");
        assert!(key != TagKey::new([0; 32]));
    }
}
