//! Card-verifiable certificates: who signs them, whom they certify, and how they are written.
//!
//! A card has three chains, and each begins at an anchor of its own that is not on the card:
//!
//! | anchor | certifies | where |
//! |---|---|---|
//! | [`Holder::SurfaceAnchor`] | the issuer of 券面事項確認AP | its EF 0004 |
//! | [`Holder::TextInputAnchor`] | the issuer of 券面事項入力補助AP | its EF 0004 |
//! | [`Holder::MasterAnchor`] | an intermediate, which certifies one more key | GET DATA `00F8` and `7F21` |
//!
//! Layout and digits are reported by one client (`myna-card`) from a J-LIS test card. A key id names a key by
//! seven digits: those of the real anchors begin with `5`, those of J-LIS's test hierarchy with `6`. Ours
//! begin with `9`, so that no program takes one for another, and prefecture 99 does not exist.

use crate::TestKey;
use crate::key::kept_key;
use crate::tlv;

/// A key from which trust in a chain begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// The issuer key id that the first certificate of the chain names.
    pub key_id: [u8; 16],
    /// `RSAPublicKey` (RFC 8017 §A.1.1), DER; RSA-2048, e = 65537.
    pub public_key: Vec<u8>,
    /// The same key's modulus, big-endian, 256 bytes.
    pub modulus: Vec<u8>,
}

/// Who holds a key that signs card-verifiable certificates or is certified by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    SurfaceAnchor,
    SurfaceIssuer,
    TextInputAnchor,
    TextInputIssuer,
    MasterAnchor,
    MasterIntermediate,
    /// Whom the last certificate of the master level names; what its key is for is not public.
    MasterLeaf,
}

impl Holder {
    pub(crate) fn anchor(self) -> Anchor {
        Anchor {
            key_id: self.key_id(),
            public_key: self.key().public_key().to_vec(),
            modulus: self.key().modulus(),
        }
    }

    /// The groups and the last byte, which is not zero in the ids of the master level, are those of the test
    /// card.
    pub(crate) fn key_id(self) -> [u8; 16] {
        match self {
            Self::SurfaceAnchor => key_id(*b"9000023", *b"001", 0x00),
            Self::SurfaceIssuer => key_id(*b"9900121", *b"000", 0x00),
            Self::TextInputAnchor => key_id(*b"9000033", *b"001", 0x00),
            Self::TextInputIssuer => key_id(*b"9900131", *b"000", 0x00),
            Self::MasterAnchor => key_id(*b"9000020", *b"001", 0xA8),
            Self::MasterIntermediate => key_id(*b"9900130", *b"002", 0x98),
            Self::MasterLeaf => key_id(*b"9000050", *b"001", 0x40),
        }
    }

    pub(crate) fn key(self) -> &'static TestKey {
        match self {
            Self::SurfaceAnchor => kept_key!("surface-anchor"),
            Self::SurfaceIssuer => kept_key!("surface-issuer"),
            Self::TextInputAnchor => kept_key!("text-input-anchor"),
            Self::TextInputIssuer => kept_key!("text-input-issuer"),
            Self::MasterAnchor => kept_key!("master-anchor"),
            Self::MasterIntermediate => kept_key!("master-intermediate"),
            Self::MasterLeaf => kept_key!("master-leaf"),
        }
    }

    /// `7F21 { 5F4E, 5F37 }`, as an EF 0004 holds it: 568 bytes.
    pub(crate) fn certificate_for(self, subject: Self) -> Vec<u8> {
        tlv::wide(0x7F21, &self.certified(subject, subject.key(), self.key()).concat())
    }

    /// The same for another key of this subject.
    pub(crate) fn certificate_for_key(self, subject: Self, key: &TestKey) -> Vec<u8> {
        tlv::wide(0x7F21, &self.certified(subject, key, self.key()).concat())
    }

    /// The same, signed by another key than the one that it names.
    pub(crate) fn certificate_signed_by(self, subject: Self, key: &TestKey) -> Vec<u8> {
        tlv::wide(0x7F21, &self.certified(subject, subject.key(), key).concat())
    }

    /// What GET DATA gives at the master level: no template around it, and an extended header list (tag 4D,
    /// ISO/IEC 7816-4 §8.4.4) before it that names the lengths in the body. 575 bytes.
    pub(crate) fn certificate_object_for(self, subject: Self) -> Vec<u8> {
        let lengths = [&[0x42, 0x10][..], &[0x5F, 0x20, 0x10], &[0x5F, 0x49, 0x82, 0x01, 0x09]].concat();
        [tlv::der(0x4D, &lengths), self.certified(subject, subject.key(), self.key()).concat()].concat()
    }

    /// Body and signature. The signature covers the value field of the body.
    fn certified(self, subject: Self, subject_key: &TestKey, signer: &TestKey) -> [Vec<u8>; 2] {
        let body = [&self.key_id()[..], &subject.key_id(), &public_key(subject_key)].concat();
        let signature = signer.issue_sha256(&body);
        [tlv::wide(0x5F4E, &body), tlv::wide(0x5F37, &signature)]
    }
}

/// Seven digits, `08 05`, three digits, three zeros, a last byte.
pub(crate) fn key_id(number: [u8; 7], group: [u8; 3], last: u8) -> [u8; 16] {
    let mut id = [0; 16];
    id[..7].copy_from_slice(&number);
    id[7..9].copy_from_slice(&[0x08, 0x05]);
    id[9..12].copy_from_slice(&group);
    id[15] = last;
    id
}

/// `90 03 010001, 91 82 0100 modulus`.
pub(crate) fn public_key(key: &TestKey) -> Vec<u8> {
    [tlv::der(0x90, &[0x01, 0x00, 0x01]), tlv::wide(0x91, &key.modulus())].concat()
}
