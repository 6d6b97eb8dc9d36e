//! 券面事項確認AP: the birth date and the AP's own key, signed by the issuer of the card.
//!
//! The layouts are reported by one client from a test card of J-LIS; lengths are not minimal there
//! (`82 00 9F`), so they are read as BER. Which bytes the signatures cover is not public. Our own decision,
//! and that of the virtual cards:
//!
//! - All signatures are RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2), keys RSA-2048 with e = 65537.
//! - **EF 0004**, `7F21 { 5F4E { issuer key id (16) ‖ subject key id (16) ‖ 90 exponent ‖ 91 modulus },
//!   5F37 signature }`: the signature covers the *value field* of 5F4E, without tag and length, and is made by
//!   the key that the issuer key id names.
//! - **EF 0001**, `FF10 { DF11 birth date YYYYMMDD, DF12 { 90 exponent, 91 modulus }, DF13 signature }`: the
//!   signature covers the *whole TLVs* DF11 ‖ DF12, tags and lengths included, as they lie in the file, and is
//!   made by the key that EF 0004 certifies.

use core::fmt;

use iso7816::{Tag, Tlv};

use crate::{Error, PublicKey};

const BIRTH_RECORD: Tag = Tag::of(&[0xFF, 0x10]);
const BIRTH_DATE: Tag = Tag::of(&[0xDF, 0x11]);
const CARD_KEY: Tag = Tag::of(&[0xDF, 0x12]);
const BIRTH_SIGNATURE: Tag = Tag::of(&[0xDF, 0x13]);
const KEY_CERTIFICATE: Tag = Tag::of(&[0x7F, 0x21]);
const CERTIFICATE_BODY: Tag = Tag::of(&[0x5F, 0x4E]);
const CERTIFICATE_SIGNATURE: Tag = Tag::of(&[0x5F, 0x37]);
const EXPONENT: Tag = Tag::of(&[0x90]);
const MODULUS: Tag = Tag::of(&[0x91]);

/// A key that may sign EF 0004, with the id by which EF 0004 names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurfaceAnchor {
    /// The issuer key id.
    pub key_id: [u8; 16],
    /// The key.
    pub key: PublicKey,
}

/// A key that signs EF 0001, as EF 0004 certifies it. It is one for many cards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurfaceKey {
    /// The subject key id.
    pub key_id: [u8; 16],
    /// The key.
    pub key: PublicKey,
}

impl SurfaceKey {
    /// Verifies EF 0004 with one of `anchors`.
    pub fn certified(key_certificate: &[u8], anchors: &[SurfaceAnchor]) -> Result<Self, Error> {
        let file = whole(key_certificate, KEY_CERTIFICATE)?;
        let (body, rest) = first(file, CERTIFICATE_BODY)?;
        let signature = whole(rest, CERTIFICATE_SIGNATURE)?;
        let (issuer_id, subject) = body.split_first_chunk::<16>().ok_or(Error::RecordMalformed)?;
        let (key_id, key) = subject.split_first_chunk::<16>().ok_or(Error::RecordMalformed)?;
        let signed_by = |anchor: &SurfaceAnchor| {
            anchor.key_id == *issuer_id && anchor.key.verify(body, signature).is_ok()
        };
        if !anchors.iter().any(signed_by) {
            return Err(Error::RecordUntrusted);
        }
        Ok(Self { key_id: *key_id, key: public_key(key)? })
    }
}

/// What the issuer of the card says in EF 0001.
#[derive(Clone, PartialEq, Eq)]
pub struct BirthRecord {
    birth_date: [u8; 8],
    key: PublicKey,
}

impl BirthRecord {
    /// Verifies EF 0001 with the key that EF 0004 certifies, and EF 0004 with one of `anchors`.
    pub fn verify(
        birth_record: &[u8],
        key_certificate: &[u8],
        anchors: &[SurfaceAnchor],
    ) -> Result<Self, Error> {
        let issuer = SurfaceKey::certified(key_certificate, anchors)?.key;
        let file = whole(birth_record, BIRTH_RECORD)?;
        let (birth_date, rest) = first(file, BIRTH_DATE)?;
        let (key, rest) = first(rest, CARD_KEY)?;
        let signature = whole(rest, BIRTH_SIGNATURE)?;
        let signed = &file[..file.len() - rest.len()];
        issuer.verify(signed, signature).map_err(|_| Error::RecordUntrusted)?;
        let birth_date: [u8; 8] = birth_date.try_into().map_err(|_| Error::RecordMalformed)?;
        if !birth_date.iter().all(u8::is_ascii_digit) {
            return Err(Error::RecordMalformed);
        }
        Ok(Self { birth_date, key: public_key(key)? })
    }

    /// The birth date as the card has it: eight ASCII digits, YYYYMMDD. Not always a day of the calendar, so
    /// it is compared as text with the one of the insurance record.
    pub fn birth_date(&self) -> &str {
        core::str::from_utf8(&self.birth_date).unwrap_or_default()
    }

    /// The AP's own key: what it signs, this card signed.
    pub fn key(&self) -> &PublicKey {
        &self.key
    }
}

impl fmt::Debug for BirthRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BirthRecord(redacted)")
    }
}

/// `90 exponent, 91 modulus`.
fn public_key(bytes: &[u8]) -> Result<PublicKey, Error> {
    let (exponent, rest) = first(bytes, EXPONENT)?;
    let modulus = whole(rest, MODULUS)?;
    PublicKey::from_components(modulus, exponent).map_err(|_| Error::RecordMalformed)
}

/// The value of the object at the start, which must have this tag, and what follows it.
fn first(bytes: &[u8], tag: Tag) -> Result<(&[u8], &[u8]), Error> {
    match Tlv::parse(bytes) {
        Ok((object, rest)) if object.tag == tag => Ok((object.value, rest)),
        _ => Err(Error::RecordMalformed),
    }
}

/// The value of the one object that `bytes` are.
fn whole(bytes: &[u8], tag: Tag) -> Result<&[u8], Error> {
    match first(bytes, tag)? {
        (value, []) => Ok(value),
        _ => Err(Error::RecordMalformed),
    }
}
