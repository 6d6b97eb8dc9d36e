//! The keys that sign EF 0001 of 券面事項確認AP: which one it was, so that its certificate need not be read.

use core::fmt;

use iso7816::{Tag, Tlv};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};

const RECORD: Tag = Tag::of(&[0xFF, 0x10]);
const SIGNATURE: Tag = Tag::of(&[0xDF, 0x13]);
const EXPONENT: [u8; 3] = [0x01, 0x00, 0x01];

/// A key that signs EF 0001, and whose certificate, EF 0004, the service has.
///
/// The card's issuer signs many cards with it; it names none of them. EF 0001 does not say by which key it was
/// signed, and no other file that is read says so: the signature tells.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuerKey {
    id: [u8; 16],
    modulus: [u8; 256],
}

impl IssuerKey {
    /// The subject key id in EF 0004, and the modulus there; the exponent is 65537.
    pub fn new(id: [u8; 16], modulus: [u8; 256]) -> Self {
        Self { id, modulus }
    }

    pub(crate) fn id(&self) -> [u8; 16] {
        self.id
    }

    /// Whether EF 0001, `FF10 { DF11 …, DF12 …, DF13 signature }`, carries a signature by this key over DF11 ‖ DF12.
    ///
    /// Which bytes are covered is not public; this is our own decision, the same as the service's. Where it is wrong, no
    /// key fits, and EF 0004 is read. Nothing else hangs on it: what the record is worth the service decides.
    pub(crate) fn signed(&self, record: &[u8]) -> bool {
        let Ok((record, _)) = Tlv::parse(record) else { return false };
        let Ok(Some(signature)) = record.child(SIGNATURE) else { return false };
        let Some(signed) = before(record.value, SIGNATURE).filter(|_| record.tag == RECORD) else {
            return false;
        };
        RsaPublicKeyComponents { n: &self.modulus[..], e: &EXPONENT[..] }
            .verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature)
            .is_ok()
    }
}

/// The objects that stand before the one with this tag.
fn before(objects: &[u8], tag: Tag) -> Option<&[u8]> {
    let mut rest = objects;
    loop {
        let (object, after) = Tlv::parse(rest).ok()?;
        if object.tag == tag {
            return Some(&objects[..objects.len() - rest.len()]);
        }
        rest = after;
    }
}

impl fmt::Debug for IssuerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IssuerKey(RSA-2048)")
    }
}
