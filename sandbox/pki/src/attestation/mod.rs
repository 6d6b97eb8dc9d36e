//! Android Key Attestation under a root that is worth nothing: what a phone's key store gives out with a new key.
//!
//! The chain has the shape that is documented for phones (`source.android.com`, *Key and ID attestation*): a root that
//! signs with RSA, an intermediate on P-384, a key that lies in the phones of one batch, and the certificate of the
//! attested key with the extension `KeyDescription`. Keys and certificates of the first three are files of
//! `sandbox/attestation`, which OpenSSL made.
//!
//! ```
//! use sandbox_pki::attestation::{Attestation, Wrong};
//!
//! let key = [0x04; 65]; // a point of P-256, in earnest
//! let mut attestation = Attestation::new(b"challenge", &key);
//! assert_eq!(attestation.chain().len(), 4);
//!
//! // A phone whose boot loader is unlocked, for a test that it is refused.
//! attestation.wrong(Wrong::Unlocked);
//! assert_eq!(attestation.chain().len(), 4);
//! ```

mod encode;
mod issue;
mod wrong;

pub use wrong::Wrong;

use time::OffsetDateTime;

use encode::{enumerated, octets, set};
use issue::Path;

use crate::tlv;

/// The application id of the product's app for Android.
pub const PACKAGE: &str = "jp.madoguchi.app";

/// The digest of a signing certificate that nobody has: SHA-256 of a sentence that says so.
pub const SIGNER: [u8; 32] = [
    0x25, 0x53, 0x83, 0x18, 0x3B, 0x15, 0xDB, 0xAE, 0x35, 0xE1, 0x05, 0x1C, 0xCC, 0xD7, 0xC8, 0xAF, 0xDC,
    0xFC, 0xAC, 0x87, 0x22, 0xE2, 0xF4, 0x4E, 0x55, 0x4D, 0x2D, 0x47, 0xEB, 0xA6, 0x44, 0x56,
];

/// Tags of `AuthorizationList`, for [`Attestation::software`] and [`Attestation::hardware`].
pub mod tag {
    /// `purpose`.
    pub const PURPOSE: u32 = 1;
    /// `algorithm`.
    pub const ALGORITHM: u32 = 2;
    /// `keySize`.
    pub const KEY_SIZE: u32 = 3;
    /// `digest`.
    pub const DIGEST: u32 = 5;
    /// `ecCurve`.
    pub const EC_CURVE: u32 = 10;
    /// `noAuthRequired`.
    pub const NO_AUTH_REQUIRED: u32 = 503;
    /// `userAuthType`.
    pub const USER_AUTH_TYPE: u32 = 504;
    /// `creationDateTime`.
    pub const CREATION_DATE_TIME: u32 = 701;
    /// `origin`.
    pub const ORIGIN: u32 = 702;
    /// `rootOfTrust`.
    pub const ROOT_OF_TRUST: u32 = 704;
    /// `osVersion`.
    pub const OS_VERSION: u32 = 705;
    /// `osPatchLevel`.
    pub const OS_PATCH_LEVEL: u32 = 706;
    /// `attestationApplicationId`.
    pub const APPLICATION_ID: u32 = 709;
}

/// The test root, DER: what the sandbox's service pins.
pub fn root() -> &'static [u8] {
    issue::ROOT
}

/// Where a key lies, as `SecurityLevel` numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// In Android itself.
    Software = 0,
    /// In a trusted execution environment.
    TrustedEnvironment = 1,
    /// In a chip of its own.
    StrongBox = 2,
}

/// A chain to be made. [`Attestation::new`] fills it as a right one; every field may be changed before
/// [`Attestation::chain`], which makes what it is told to.
#[derive(Clone, Debug)]
pub struct Attestation {
    /// `attestationVersion`, and `keyMintVersion` with it.
    pub version: u64,
    /// `attestationSecurityLevel`: who attests.
    pub attested_by: Level,
    /// `keyMintSecurityLevel`: where the key lies.
    pub key_in: Level,
    /// `attestationChallenge`.
    pub challenge: Vec<u8>,
    /// The point that the first certificate certifies.
    pub public_key: [u8; 65],
    /// `softwareEnforced`: tags and the DER under each, in order.
    pub software: Vec<(u32, Vec<u8>)>,
    /// `hardwareEnforced`, likewise.
    pub hardware: Vec<(u32, Vec<u8>)>,
    path: Path,
}

impl Attestation {
    /// What a phone in order says of a device key that our app made for this challenge.
    pub fn new(challenge: &[u8], public_key: &[u8; 65]) -> Self {
        let integer = tlv::integer;
        Self {
            version: 300,
            attested_by: Level::TrustedEnvironment,
            key_in: Level::TrustedEnvironment,
            challenge: challenge.to_vec(),
            public_key: *public_key,
            software: vec![
                (tag::CREATION_DATE_TIME, integer(1_795_392_000_000)),
                (tag::APPLICATION_ID, application(&[PACKAGE], &[&SIGNER])),
            ],
            hardware: vec![
                (tag::PURPOSE, set(&[&integer(2)])),
                (tag::ALGORITHM, integer(3)),
                (tag::KEY_SIZE, integer(256)),
                (tag::DIGEST, set(&[&integer(4)])),
                (tag::EC_CURVE, integer(1)),
                (tag::NO_AUTH_REQUIRED, vec![0x05, 0x00]),
                (tag::ORIGIN, integer(0)),
                (tag::ROOT_OF_TRUST, root_of_trust(true, 0)),
                (tag::OS_VERSION, integer(150_000)),
                (tag::OS_PATCH_LEVEL, integer(202_610)),
            ],
            path: Path::Right,
        }
    }

    /// The same key in another place, attested from there.
    #[must_use]
    pub fn at(self, level: Level) -> Self {
        Self { attested_by: level, key_in: level, ..self }
    }

    /// The same under a batch whose certificate has these years, or weeks.
    #[must_use]
    pub fn under_a_batch_of(self, first: OffsetDateTime, last: OffsetDateTime) -> Self {
        Self { path: Path::Dated(first, last), ..self }
    }

    /// The chain, DER, first certificate first, the root last.
    pub fn chain(&self) -> Vec<Vec<u8>> {
        self.chain_with(self.description())
    }

    /// The chain with these bytes in place of the `KeyDescription`, whatever they are.
    pub fn chain_with(&self, description: Vec<u8>) -> Vec<Vec<u8>> {
        issue::chain(self, description)
    }

    /// The value of the extension `KeyDescription`.
    pub fn description(&self) -> Vec<u8> {
        tlv::sequence(&[
            &tlv::integer(self.version),
            &enumerated(self.attested_by as u8),
            &tlv::integer(self.version),
            &enumerated(self.key_in as u8),
            &octets(&self.challenge),
            &octets(&[]),
            &encode::authorizations(&self.software),
            &encode::authorizations(&self.hardware),
        ])
    }

    /// Puts DER under a tag of `hardwareEnforced` in place of what is there.
    pub fn set_hardware(&mut self, tag: u32, value: Vec<u8>) -> &mut Self {
        put(&mut self.hardware, tag, value);
        self
    }

    /// The same in `softwareEnforced`.
    pub fn set_software(&mut self, tag: u32, value: Vec<u8>) -> &mut Self {
        put(&mut self.software, tag, value);
        self
    }

    /// Takes a tag out of `hardwareEnforced`.
    pub fn remove_hardware(&mut self, tag: u32) -> &mut Self {
        self.hardware.retain(|(present, _)| *present != tag);
        self
    }
}

/// In the order of the tags, as DER has a SEQUENCE of optional fields.
fn put(list: &mut Vec<(u32, Vec<u8>)>, tag: u32, value: Vec<u8>) {
    list.retain(|(present, _)| *present != tag);
    let place = list.partition_point(|(present, _)| *present < tag);
    list.insert(place, (tag, value));
}

/// `rootOfTrust` with this `deviceLocked` and this number of a `verifiedBootState`.
pub fn root_of_trust(locked: bool, state: u8) -> Vec<u8> {
    let locked = [0x01, 0x01, if locked { 0xFF } else { 0x00 }];
    tlv::sequence(&[&octets(&[0x01; 32]), &locked, &enumerated(state), &octets(&[0x03; 32])])
}

/// `attestationApplicationId` with these packages, each of version 1, and these digests of signers.
pub fn application(packages: &[&str], signers: &[&[u8]]) -> Vec<u8> {
    let packages: Vec<u8> = packages
        .iter()
        .flat_map(|name| tlv::sequence(&[&octets(name.as_bytes()), &tlv::integer(1)]))
        .collect();
    let signers: Vec<u8> = signers.iter().flat_map(|digest| octets(digest)).collect();
    octets(&tlv::sequence(&[&set(&[&packages]), &set(&[&signers])]))
}
