//! The certificates of a chain, and how a path can be wrong though each signature in it is somebody's.

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PublicKeyData, SerialNumber, SignatureAlgorithm,
};
use time::OffsetDateTime;
use time::macros::datetime;

use super::Attestation;

pub(super) const ROOT: &[u8] = include_bytes!("../../../attestation/root.der");
const INTERMEDIATE: &[u8] = include_bytes!("../../../attestation/intermediate.der");
const INTERMEDIATE_KEY: &[u8] = include_bytes!("../../../attestation/intermediate.key");
const BATCH: &[u8] = include_bytes!("../../../attestation/batch.der");
const BATCH_KEY: &[u8] = include_bytes!("../../../attestation/batch.key");

/// The extension `KeyDescription`.
const KEY_DESCRIPTION: &[u64] = &[1, 3, 6, 1, 4, 1, 11129, 2, 1, 17];

/// The subject of every attested key (as published samples have it).
const ANDROID_KEYSTORE_KEY: &str = "Android Keystore Key";

/// An identifier that nobody has given a meaning.
const UNHEARD_OF: &[u64] = &[1, 2, 392, 200_149, 8, 5, 99];

/// How the path above the key is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Path {
    Right,
    /// The same names, from a root that nobody pins.
    OtherRoot,
    /// A signature that does not hold.
    Unsigned,
    /// The batch's certificate is one for signing messages.
    NotCa,
    /// One more CA than the intermediate allows.
    TooLong,
    /// The batch's certificate has these years.
    Dated(OffsetDateTime, OffsetDateTime),
    /// The key's certificate names another issuer.
    OtherIssuer,
    /// The key's certificate has no `KeyDescription`.
    Undescribed,
    /// Another key was attested, and signed the certificate of this one.
    Lengthened,
    /// The batch's certificate has a critical extension that nobody knows.
    CriticalExtension,
}

pub(super) fn chain(attestation: &Attestation, description: Vec<u8>) -> Vec<Vec<u8>> {
    let batch = Signer::kept("Worthless attestation batch", BATCH_KEY);
    let key = Point(&attestation.public_key);
    let described = leaf(Some(description));
    let upper = [INTERMEDIATE.to_vec(), ROOT.to_vec()];
    let with_batch = |certificate: Vec<u8>| [vec![certificate], upper.to_vec()].concat();
    let kept = with_batch(BATCH.to_vec());
    // The batch's certificate made anew, with something else in it.
    let other_batch = |change: &dyn Fn(&mut CertificateParams)| {
        let mut params = batch.as_ca();
        change(&mut params);
        let intermediate = Signer::kept("Worthless attestation intermediate", INTERMEDIATE_KEY);
        with_batch(intermediate.issue(&params, &batch.key))
    };
    let (first, above) = match attestation.path {
        Path::Right => (batch.issue(&described, &key), kept),
        Path::OtherRoot => other_root(&described, &key),
        Path::Unsigned => {
            let mut first = batch.issue(&described, &key);
            *first.last_mut().expect("a certificate has bytes") ^= 1;
            (first, kept)
        }
        Path::NotCa => (
            batch.issue(&described, &key),
            other_batch(&|params| {
                params.is_ca = IsCa::ExplicitNoCa;
                params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
            }),
        ),
        Path::Dated(first, last) => (
            batch.issue(&described, &key),
            other_batch(&|params| (params.not_before, params.not_after) = (first, last)),
        ),
        Path::CriticalExtension => (
            batch.issue(&described, &key),
            other_batch(&|params| {
                let mut unheard_of = CustomExtension::from_oid_content(UNHEARD_OF, vec![0x05, 0x00]);
                unheard_of.set_criticality(true);
                params.custom_extensions.push(unheard_of);
            }),
        ),
        Path::OtherIssuer => {
            let other = Signer::kept("Worthless attestation of another batch", BATCH_KEY);
            (other.issue(&described, &key), kept)
        }
        Path::Undescribed => (batch.issue(&leaf(None), &key), kept),
        Path::TooLong => {
            let lower = Signer::new("Worthless attestation beyond the batch");
            let certificate = batch.issue(&lower.as_ca(), &lower.key);
            (lower.issue(&described, &key), [vec![certificate], kept].concat())
        }
        Path::Lengthened => {
            let own = Signer::new(ANDROID_KEYSTORE_KEY);
            let public_key = own.key.der_bytes().try_into().expect("a point of P-256");
            let attested = Attestation { public_key, path: Path::Right, ..attestation.clone() };
            (own.issue(&described, &key), attested.chain())
        }
    };
    [vec![first], above].concat()
}

/// The certificate of an attested key, as phones write it: the number 1, and years that mean nothing.
fn leaf(description: Option<Vec<u8>>) -> CertificateParams {
    let mut params = named(ANDROID_KEYSTORE_KEY);
    params.serial_number = Some(SerialNumber::from_slice(&[1]));
    (params.not_before, params.not_after) = (datetime!(1970-01-01 0:00 UTC), datetime!(2048-01-01 0:00 UTC));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let description = description.map(|value| CustomExtension::from_oid_content(KEY_DESCRIPTION, value));
    params.custom_extensions.extend(description);
    params
}

/// The names of the files, and nothing else of them.
fn other_root(first: &CertificateParams, key: &Point<'_>) -> (Vec<u8>, Vec<Vec<u8>>) {
    let root = Signer::new("Worthless attestation root");
    let intermediate = Signer::new("Worthless attestation intermediate");
    let batch = Signer::new("Worthless attestation batch");
    let above = vec![
        intermediate.issue(&batch.as_ca(), &batch.key),
        root.issue(&intermediate.as_ca(), &intermediate.key),
        root.issue(&root.as_ca(), &root.key),
    ];
    (batch.issue(first, key), above)
}

/// A name and a key that sign certificates.
struct Signer {
    name: &'static str,
    key: KeyPair,
}

impl Signer {
    fn kept(name: &'static str, key: &[u8]) -> Self {
        Self { name, key: KeyPair::try_from(key).expect("made by make.sh") }
    }

    fn new(name: &'static str) -> Self {
        Self { name, key: KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("random") }
    }

    /// Its own certificate, to be signed by whoever vouches for it.
    fn as_ca(&self) -> CertificateParams {
        let mut params = named(self.name);
        params.serial_number = Some(SerialNumber::from_slice(&[0x0E, 0x99, 0x10]));
        (params.not_before, params.not_after) =
            (datetime!(2020-01-01 0:00 UTC), datetime!(2049-12-31 23:59:59 UTC));
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params
    }

    fn issue(&self, params: &CertificateParams, key: &impl PublicKeyData) -> Vec<u8> {
        let issuer = Issuer::new(named(self.name), &self.key);
        params.signed_by(key, &issuer).expect("name, dates and extensions have an encoding").der().to_vec()
    }
}

/// The organisation of the files, but not in what a phone names itself.
fn named(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    if common_name != ANDROID_KEYSTORE_KEY {
        params.distinguished_name.push(DnType::OrganizationName, "Madoguchi sandbox, worth nothing");
    }
    params.distinguished_name.push(DnType::CommonName, common_name);
    params
}

/// A key on P-256 of which only the point is known.
struct Point<'a>(&'a [u8; 65]);

impl PublicKeyData for Point<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}
