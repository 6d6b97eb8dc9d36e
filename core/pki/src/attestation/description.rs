//! `KeyDescription`, the extension in which secure hardware describes a key.
//!
//! Read as `source.android.com/docs/security/features/keystore/attestation` has it for versions 2 to 400: the outer
//! sequence is the same in all of them, and each list of authorizations grew by tags, which are passed over here unless
//! the verifier needs them.

use super::tlv::{BOOLEAN, Der, ENUMERATED, INTEGER, NULL, OCTET_STRING, SEQUENCE, SET};

/// What the verifier needs of it.
#[derive(Debug)]
pub(super) struct KeyDescription<'a> {
    /// `attestationVersion`.
    pub(super) version: u64,
    /// `attestationSecurityLevel`: who says all this.
    pub(super) attestation_level: u64,
    /// `keymasterSecurityLevel`, from version 100 on `keyMintSecurityLevel`: where the key lies.
    pub(super) key_level: u64,
    /// `attestationChallenge`.
    pub(super) challenge: &'a [u8],
    /// `softwareEnforced`: what Android says.
    pub(super) software: Authorizations<'a>,
    /// `teeEnforced`, from version 100 on `hardwareEnforced`: what the secure hardware says.
    pub(super) hardware: Authorizations<'a>,
}

/// `AuthorizationList`.
#[derive(Debug, Default)]
pub(super) struct Authorizations<'a> {
    /// `purpose [1]`.
    pub(super) purposes: Vec<u64>,
    /// `algorithm [2]`.
    pub(super) algorithm: Option<u64>,
    /// `digest [5]`.
    pub(super) digests: Vec<u64>,
    /// `ecCurve [10]`.
    pub(super) curve: Option<u64>,
    /// `noAuthRequired [503]`.
    pub(super) no_auth_required: bool,
    /// `origin [702]`.
    pub(super) origin: Option<u64>,
    /// `rootOfTrust [704]`.
    pub(super) root_of_trust: Option<RootOfTrust>,
    /// `attestationApplicationId [709]`.
    pub(super) application: Option<Application<'a>>,
}

/// `RootOfTrust`.
#[derive(Debug)]
pub(super) struct RootOfTrust {
    pub(super) device_locked: bool,
    pub(super) state: BootState,
}

/// `VerifiedBootState`.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum BootState {
    /// 0: the maker signed all that runs.
    Verified,
    /// 1 `SelfSigned`, 2 `Unverified`, 3 `Failed`, and what may come.
    Other,
}

/// `AttestationApplicationId`: the apps that share the key store's user, and who signed them.
#[derive(Debug)]
pub(super) struct Application<'a> {
    pub(super) packages: Vec<&'a [u8]>,
    pub(super) signers: Vec<&'a [u8]>,
}

impl<'a> KeyDescription<'a> {
    /// Reads the extension's value; `None` if it is not of the schema.
    pub(super) fn parse(value: &'a [u8]) -> Option<Self> {
        let mut outer = Der(value);
        let mut fields = Der(outer.take(SEQUENCE)?);
        let version = fields.unsigned(INTEGER)?;
        let attestation_level = fields.unsigned(ENUMERATED)?;
        let _keymint_version = fields.unsigned(INTEGER)?;
        let key_level = fields.unsigned(ENUMERATED)?;
        let challenge = fields.take(OCTET_STRING)?;
        let _unique_id = fields.take(OCTET_STRING)?;
        let software = Authorizations::parse(fields.take(SEQUENCE)?)?;
        let hardware = Authorizations::parse(fields.take(SEQUENCE)?)?;
        let description = Self { version, attestation_level, key_level, challenge, software, hardware };
        outer.end(fields.end(description)?)
    }
}

impl<'a> Authorizations<'a> {
    fn parse(content: &'a [u8]) -> Option<Self> {
        let mut list = Self::default();
        let mut seen = Vec::new();
        let mut fields = Der(content);
        while !fields.is_empty() {
            let (tag, mut value) = fields.take_explicit()?;
            if seen.contains(&tag) {
                return None;
            }
            seen.push(tag);
            match tag {
                1 => list.purposes = numbers(&mut value)?,
                2 => list.algorithm = Some(value.unsigned(INTEGER)?),
                5 => list.digests = numbers(&mut value)?,
                10 => list.curve = Some(value.unsigned(INTEGER)?),
                503 => list.no_auth_required = value.take(NULL)?.is_empty().then_some(true)?,
                702 => list.origin = Some(value.unsigned(INTEGER)?),
                704 => list.root_of_trust = Some(RootOfTrust::parse(value.take(SEQUENCE)?)?),
                709 => list.application = Some(Application::parse(value.take(OCTET_STRING)?)?),
                _ => continue,
            }
            value.end(())?;
        }
        Some(list)
    }
}

impl RootOfTrust {
    fn parse(content: &[u8]) -> Option<Self> {
        let mut fields = Der(content);
        let _verified_boot_key = fields.take(OCTET_STRING)?;
        let device_locked = match fields.take(BOOLEAN)? {
            [0x00] => false,
            [0xFF] => true,
            _ => return None,
        };
        let state = match fields.unsigned(ENUMERATED)? {
            0 => BootState::Verified,
            _ => BootState::Other,
        };
        // From version 3 on.
        if !fields.is_empty() {
            let _verified_boot_hash = fields.take(OCTET_STRING)?;
        }
        fields.end(Self { device_locked, state })
    }
}

impl<'a> Application<'a> {
    /// DER within the OCTET STRING.
    fn parse(content: &'a [u8]) -> Option<Self> {
        let mut outer = Der(content);
        let mut fields = Der(outer.take(SEQUENCE)?);
        let packages = Der(fields.take(SET)?).all(|package| {
            let mut info = Der(package.take(SEQUENCE)?);
            let name = info.take(OCTET_STRING)?;
            // The app's version code, which the service does not look at.
            let _version = info.take(INTEGER)?;
            info.end(name)
        })?;
        let signers = Der(fields.take(SET)?).all(|digest| digest.take(OCTET_STRING))?;
        outer.end(fields.end(Self { packages, signers })?)
    }
}

/// `SET OF INTEGER`. Order and repetition do not matter to whoever asks whether a number is there.
fn numbers(value: &mut Der<'_>) -> Option<Vec<u64>> {
    Der(value.take(SET)?).all(|number| number.unsigned(INTEGER))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written by hand from the schema, tag by tag; no encoder of ours had a part in it.
    #[rustfmt::skip]
    const BY_HAND: &[u8] = &[
        0x30, 0x74,                                     // KeyDescription
            0x02, 0x02, 0x00, 0xC8,                     // attestationVersion 200
            0x0A, 0x01, 0x02,                           // attestationSecurityLevel StrongBox
            0x02, 0x02, 0x00, 0xC8,                     // keyMintVersion 200
            0x0A, 0x01, 0x01,                           // keyMintSecurityLevel TrustedEnvironment
            0x04, 0x03, 0x61, 0x62, 0x63,               // attestationChallenge "abc"
            0x04, 0x00,                                 // uniqueId
            0x30, 0x25,                                 // softwareEnforced
                0xBF, 0x83, 0x10, 0x03,                 // [400] activeDateTime, passed over
                    0x02, 0x01, 0x07,
                0xBF, 0x85, 0x45, 0x1A,                 // [709] attestationApplicationId
                    0x04, 0x18, 0x30, 0x16,
                        0x31, 0x0A, 0x30, 0x08,         // package_infos
                            0x04, 0x03, 0x61, 0x2E, 0x62, // "a.b"
                            0x02, 0x01, 0x05,
                        0x31, 0x08,                     // signature_digests, short ones
                            0x04, 0x02, 0xD1, 0xD1,
                            0x04, 0x02, 0xD2, 0xD2,
            0x30, 0x36,                                 // hardwareEnforced
                0xA1, 0x08, 0x31, 0x06,                 // [1] purpose
                    0x02, 0x01, 0x03, 0x02, 0x01, 0x02, //     VERIFY, SIGN
                0xA2, 0x03, 0x02, 0x01, 0x03,           // [2] algorithm EC
                0xA5, 0x05, 0x31, 0x03,                 // [5] digest SHA_2_256
                    0x02, 0x01, 0x04,
                0xAA, 0x03, 0x02, 0x01, 0x01,           // [10] ecCurve P_256
                0xBF, 0x83, 0x77, 0x02, 0x05, 0x00,     // [503] noAuthRequired
                0xBF, 0x85, 0x3E, 0x03,                 // [702] origin GENERATED
                    0x02, 0x01, 0x00,
                0xBF, 0x85, 0x40, 0x0A,                 // [704] rootOfTrust
                    0x30, 0x08,
                        0x04, 0x00,                     // verifiedBootKey
                        0x01, 0x01, 0xFF,               // deviceLocked
                        0x0A, 0x01, 0x00,               // verifiedBootState Verified
    ];

    #[test]
    fn a_description_written_by_hand_is_read() {
        let read = KeyDescription::parse(BY_HAND).expect("of the schema");
        assert_eq!((read.version, read.attestation_level, read.key_level), (200, 2, 1));
        assert_eq!(read.challenge, b"abc");
        let application = read.software.application.expect("there");
        assert_eq!(application.packages, [b"a.b"]);
        assert_eq!(application.signers, [[0xD1; 2], [0xD2; 2]]);
        assert!(read.software.root_of_trust.is_none() && read.software.origin.is_none());
        let hardware = read.hardware;
        assert_eq!((hardware.purposes, hardware.digests), (vec![3, 2], vec![4]));
        assert_eq!((hardware.algorithm, hardware.curve, hardware.origin), (Some(3), Some(1), Some(0)));
        assert!(hardware.no_auth_required && hardware.application.is_none());
        let root = hardware.root_of_trust.expect("there");
        assert!(root.device_locked);
        assert_eq!(root.state, BootState::Verified);
    }

    #[test]
    fn whatever_is_cut_or_behind_is_refused() {
        for end in 0..BY_HAND.len() {
            assert!(KeyDescription::parse(&BY_HAND[..end]).is_none(), "{end}");
        }
        assert!(KeyDescription::parse(&[BY_HAND, &[0]].concat()).is_none());
    }

    #[test]
    fn what_is_not_of_the_schema_is_refused() {
        let changed = |at: usize, from: u8, to: u8| {
            let mut bytes = BY_HAND.to_vec();
            assert_eq!(bytes[at], from, "{at}");
            bytes[at] = to;
            KeyDescription::parse(&bytes).is_some()
        };
        assert!(changed(64, 0xA1, 0xA9), "a tag without a meaning here is passed over");
        assert!(!changed(86, 0xAA, 0xA2), "one that comes twice is not");
        assert!(!changed(114, 0xFF, 0x01), "TRUE is FF in DER");
        assert!(changed(117, 0x00, 0x02), "another state is a state");
        assert!(!changed(16, 0x04, 0x0C), "the challenge is an OCTET STRING");
    }
}
