//! The login key's public half, and what it signs.

use ring::{
    rand::{SecureRandom, SystemRandom},
    signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey},
};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

/// What the login key signs begins so, to keep it apart from whatever else a key might be asked to sign.
const DOMAIN: &[u8] = b"madoguchi-log-in/1\0";
/// Length of what is random in it, in bytes.
const NONCE: usize = 32;
/// Length of a public key, uncompressed (SEC 1 §2.3.3).
pub(crate) const PUBLIC_KEY: usize = 65;
/// How that begins.
const UNCOMPRESSED: u8 = 0x04;
/// The passcode is asked again after so many seconds: our own decision. Staff who never type it forget it, and then the
/// device must be registered anew.
const PASSCODE_EVERY: i64 = 7 * 24 * 60 * 60;
/// The version of [`LoginKey`] that this program writes and reads.
const VERSION: u8 = 1;

/// The public half of the login key: ECDSA on P-256.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LoginKey {
    version: u8,
    public_key: ByteBuf,
    /// When the passcode was typed last, in seconds, on the wall clock. One that was set back makes the passcode due.
    pub(crate) passcode_at: i64,
}

impl LoginKey {
    /// `None`: no public key. Whether the point lies on the curve, the first signature shows.
    pub(crate) fn new(public_key: &[u8; PUBLIC_KEY], passcode_at: i64) -> Option<Self> {
        let public_key = ByteBuf::from(*public_key);
        (public_key[0] == UNCOMPRESSED).then_some(Self { version: VERSION, public_key, passcode_at })
    }

    /// What cannot be read is no key: then the passcode opens.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let key: Self = serde_cbor::from_slice(bytes).ok()?;
        let whole = key.public_key.len() == PUBLIC_KEY && key.public_key[0] == UNCOMPRESSED;
        (key.version == VERSION && whole).then_some(key)
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        serde_cbor::to_vec(self).expect("bytes and numbers")
    }

    /// Whether this key signed it (ECDSA with SHA-256, DER).
    pub(crate) fn signed(&self, message: &LogInMessage, signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &self.public_key)
            .verify(message.as_bytes(), signature)
            .is_ok()
    }

    /// Whether it is long ago that the passcode was typed. `now` is in seconds, on the wall clock.
    pub(crate) fn is_passcode_due(&self, now: i64) -> bool {
        let since = now.saturating_sub(self.passcode_at);
        !(0..PASSCODE_EVERY).contains(&since)
    }
}

/// What the login key is to sign: random, for one log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogInMessage(Vec<u8>);

impl LogInMessage {
    pub(crate) fn fresh() -> Self {
        let mut message = DOMAIN.to_vec();
        message.resize(DOMAIN.len() + NONCE, 0);
        let random = &mut message[DOMAIN.len()..];
        SystemRandom::new().fill(random).expect("the operating system gives random bytes");
        Self(message)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_messages_are_the_same() {
        let (one, other) = (LogInMessage::fresh(), LogInMessage::fresh());
        assert_ne!(one, other);
        assert_eq!((one.0.len(), &one.0[..DOMAIN.len()]), (DOMAIN.len() + NONCE, DOMAIN));
    }

    #[test]
    fn what_is_no_public_key_is_not_kept() {
        assert!(LoginKey::new(&[0x02; PUBLIC_KEY], 0).is_none(), "a compressed one has another length");
        let key = LoginKey::new(&[0x04; PUBLIC_KEY], 7).expect("of the form");
        assert_eq!(LoginKey::read(&key.write()), Some(key.clone()));
        let newer = LoginKey { version: VERSION + 1, ..key.clone() };
        let short = LoginKey { public_key: ByteBuf::from(vec![0x04; 33]), ..key.clone() };
        for damaged in [newer.write(), short.write(), Vec::new(), b"\xff\x00".to_vec()] {
            assert_eq!(LoginKey::read(&damaged), None);
        }
        // Of the form, and no point of the curve: it verifies nothing.
        assert!(!key.signed(&LogInMessage::fresh(), &[0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01]));
    }
}
