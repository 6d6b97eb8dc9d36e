//! Android Key Attestation: what a phone's secure hardware says of a key that it made.
//!
//! Android's key store gives out a chain of certificates with a new key. The first one certifies the key, and carries an
//! extension, `KeyDescription` (1.3.6.1.4.1.11129.2.1.17), in which the secure hardware tells the key's properties, the
//! challenge that it was made for, how the phone was started, and which app asked. The last one is the root that the
//! hardware's maker was certified under. [`verify`] believes none of it before the whole chain holds.
//!
//! This crate holds no root, no app and no list of revoked keys: [`Trust`] is an argument.
//!
//! # What is known, and how well
//!
//! * *Documented*, at `source.android.com/docs/security/features/keystore/attestation` (the extension) and
//!   `developer.android.com/privacy-and-security/security-key-attestation` (what to verify): the schema and its values;
//!   that every signature and the list of revoked keys must be checked; that the root is known by its key; that only the
//!   instance of the extension next to the root was written by secure hardware, since whoever has an attested key can
//!   sign a certificate with it.
//! * *By the reference verifier* (`android/keyattestation`): exactly one certificate has the extension, the first one;
//!   names chain; the dates of the first certificate are not looked at, since the phone writes them; a root of trust may
//!   have three elements or four. That verifier read the samples that are published with it, and so does this one (tried
//!   once by hand; they are not kept here).
//! * *Our own decision*, stricter than both: issuers must be CAs (RFC 5280 §4.2.1.9), no critical extension may be
//!   unknown (§4.2), DER is read strictly. **No chain of a real phone in a clinic was seen.** One that is refused for
//!   such a reason should be told to us.
//!
//! The root in the chain is not asked for its dates: devices keep the root certificate of their year, and the same key
//! was certified again when one ran out (documented).

mod description;
mod path;
mod tlv;

use std::collections::HashSet;

use time::OffsetDateTime;

use crate::certificate::Certificate;
use description::{BootState, KeyDescription};

/// id of the extension `KeyDescription` (documented).
const KEY_DESCRIPTION: der::asn1::ObjectIdentifier =
    der::asn1::ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11129.2.1.17");

/// From Android 8 on. Version 1 (Android 7) names no app in every case, and no Android on which the app runs ships it.
const OLDEST_VERSION: u64 = 2;

/// Values of `purpose`, `algorithm`, `digest`, `ecCurve` and `origin` (documented with the tags of `KeyMint`).
const SIGN: u64 = 2;
const EC: u64 = 3;
const SHA_2_256: u64 = 4;
const P_256: u64 = 1;
const GENERATED: u64 = 0;

/// Whom an operator believes about phones.
#[derive(Debug, Clone)]
pub struct Trust {
    /// subjectPublicKeyInfo of each root, DER.
    roots: Vec<Vec<u8>>,
    apps: Vec<App>,
    revoked: HashSet<Vec<u8>>,
}

/// An app that may hold a device key: the operator's own, as it was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// The application id.
    pub package: String,
    /// SHA-256 of the certificate with which the app is signed, DER.
    pub signer: [u8; 32],
}

impl Trust {
    /// Roots are certificates, DER, of which only the key counts. `revoked` holds serial numbers, big-endian; leading zeros
    /// do not matter.
    pub fn new<'a>(
        roots: impl IntoIterator<Item = &'a [u8]>,
        apps: Vec<App>,
        revoked: impl IntoIterator<Item = Vec<u8>>,
    ) -> Result<Self, AttestationError> {
        let key = |der| Certificate::parse(der).and_then(|root| root.public_key_info());
        let roots = roots.into_iter().map(key).collect::<Result<_, _>>();
        Ok(Self {
            roots: roots.map_err(|_| AttestationError::Malformed)?,
            apps,
            revoked: revoked.into_iter().map(|serial| without_leading_zeros(&serial).to_vec()).collect(),
        })
    }
}

/// What the attested key has to be.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// What the key was to be bound to.
    pub challenge: &'a [u8],
    /// The key that is to be certified, `04 ‖ x ‖ y` (SEC 1 §2.3.3).
    pub public_key: &'a [u8; 65],
}

/// A key that was made in secure hardware, for this challenge, by an app that is known, on a phone that was started as its
/// maker means it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attested {
    /// Where the key lies.
    pub level: SecurityLevel,
}

/// Where a key lies, and who says so: the lower of the two. Software is no level: it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SecurityLevel {
    /// A trusted execution environment beside Android on the same processor.
    TrustedEnvironment,
    /// A chip of its own.
    StrongBox,
}

/// Why a chain is not believed. Each check has its own variant; nothing in it comes from the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AttestationError {
    /// A certificate is not strict DER of version 3.
    #[error("a certificate of the chain is malformed")]
    Malformed,
    /// Fewer than two certificates, or more than any chain has.
    #[error("the chain has an impossible length")]
    ChainLength,
    /// The last certificate has none of the pinned keys.
    #[error("the chain ends at no pinned root")]
    RootUnknown,
    /// A signature algorithm or a key other than RSA and ECDSA on P-256 or P-384 with SHA-256 or SHA-384.
    #[error("an algorithm of the chain is refused")]
    AlgorithmRefused,
    /// A signature of the chain does not hold.
    #[error("a signature of the chain does not hold")]
    SignatureInvalid,
    /// The issuer's name is not the subject of the next certificate.
    #[error("the names of the chain do not follow each other")]
    NamesDiffer,
    /// An issuer is no CA, or not one for a path so long.
    #[error("an issuer of the chain is no CA for it")]
    NotCa,
    /// A critical extension that this verifier does not understand (RFC 5280 §4.2).
    #[error("a critical extension is unknown")]
    CriticalExtensionUnknown,
    /// A certificate between the first and the root is not valid yet.
    #[error("a certificate of the chain is not valid yet")]
    NotYetValid,
    /// A certificate between the first and the root is out of date.
    #[error("a certificate of the chain is out of date")]
    Expired,
    /// The operator's list names a certificate of the chain.
    #[error("a certificate of the chain is revoked")]
    Revoked,
    /// The first certificate has no `KeyDescription`.
    #[error("the key is not described")]
    DescriptionMissing,
    /// Another certificate has one: somebody lengthened the chain with an attested key.
    #[error("the chain was lengthened below an attested key")]
    ChainLengthened,
    /// The `KeyDescription` is not of the schema.
    #[error("the description of the key is malformed")]
    DescriptionMalformed,
    /// A version older than any that the app runs on.
    #[error("the description of the key has an old version")]
    VersionRefused,
    /// Made for another challenge.
    #[error("the key was attested for another challenge")]
    ChallengeDiffers,
    /// The first certificate is about another key.
    #[error("another key was attested")]
    KeyDiffers,
    /// Software made the key, or attests it.
    #[error("the key lies in software")]
    Software,
    /// The secure hardware does not say how the phone was started.
    #[error("how the phone was started is not told")]
    BootStateMissing,
    /// The boot loader is unlocked.
    #[error("the boot loader is unlocked")]
    Unlocked,
    /// Started with software that the maker did not sign, or that nobody verified.
    #[error("the phone was started with other software than its maker's")]
    BootNotVerified,
    /// The key was not made inside: imported, or of an origin that only software vouches for.
    #[error("the key was not made in secure hardware")]
    OriginRefused,
    /// Not a key for signing with ECDSA on P-256 and SHA-256.
    #[error("the key is for something else")]
    PurposeRefused,
    /// A person must be there when it signs: such as the login key, which is another one.
    #[error("the key asks for a person")]
    PersonRequired,
    /// No app, or one that the operator does not list.
    #[error("the key belongs to an app that is not known")]
    AppUnknown,
    /// An app of a listed name, signed by somebody else.
    #[error("the app was signed by somebody else")]
    AppSignerUnknown,
}

/// Verifies a chain, first certificate first, and what it says of the key, at `now`.
pub fn verify(
    chain: &[impl AsRef<[u8]>],
    expected: &Expected<'_>,
    trust: &Trust,
    now: OffsetDateTime,
) -> Result<Attested, AttestationError> {
    let key = path::verify(chain, trust, now)?;
    let description = key.extension_value(KEY_DESCRIPTION).ok_or(AttestationError::DescriptionMissing)?;
    let description = KeyDescription::parse(description).ok_or(AttestationError::DescriptionMalformed)?;
    if description.version < OLDEST_VERSION {
        return Err(AttestationError::VersionRefused);
    }
    if description.challenge != expected.challenge {
        return Err(AttestationError::ChallengeDiffers);
    }
    if path::p256_point(&key) != Some(expected.public_key) {
        return Err(AttestationError::KeyDiffers);
    }
    let level = level(&description)?;
    booted(&description)?;
    made_for_signing(&description)?;
    from_a_known_app(&description, &trust.apps)?;
    Ok(Attested { level })
}

fn level(description: &KeyDescription<'_>) -> Result<SecurityLevel, AttestationError> {
    let known = |number| match number {
        0 => Err(AttestationError::Software),
        1 => Ok(SecurityLevel::TrustedEnvironment),
        2 => Ok(SecurityLevel::StrongBox),
        _ => Err(AttestationError::DescriptionMalformed),
    };
    Ok(known(description.attestation_level)?.min(known(description.key_level)?))
}

/// What only the secure hardware can know of the start; software's word for it counts for nothing.
fn booted(description: &KeyDescription<'_>) -> Result<(), AttestationError> {
    let root = description.hardware.root_of_trust.as_ref().ok_or(AttestationError::BootStateMissing)?;
    match root.state {
        _ if !root.device_locked => Err(AttestationError::Unlocked),
        BootState::Verified => Ok(()),
        BootState::Other => Err(AttestationError::BootNotVerified),
    }
}

fn made_for_signing(description: &KeyDescription<'_>) -> Result<(), AttestationError> {
    let hardware = &description.hardware;
    if hardware.origin != Some(GENERATED) {
        return Err(AttestationError::OriginRefused);
    }
    // Keymaster 3 tells no curve; that the key is on P-256 is in its certificate.
    let fits = hardware.purposes.contains(&SIGN)
        && hardware.algorithm == Some(EC)
        && hardware.digests.contains(&SHA_2_256)
        && hardware.curve.is_none_or(|curve| curve == P_256);
    if !fits {
        return Err(AttestationError::PurposeRefused);
    }
    if hardware.no_auth_required { Ok(()) } else { Err(AttestationError::PersonRequired) }
}

/// The app's name and signer stand in the software's list: Android wrote them, and which Android that is, the secure
/// hardware said.
fn from_a_known_app(description: &KeyDescription<'_>, apps: &[App]) -> Result<(), AttestationError> {
    let application = description.software.application.as_ref().ok_or(AttestationError::AppUnknown)?;
    // Apps that share an id share their keys, so all of them must be known.
    let listed = |package: &&[u8]| apps.iter().any(|app| app.package.as_bytes() == *package);
    if application.packages.is_empty() || !application.packages.iter().all(listed) {
        return Err(AttestationError::AppUnknown);
    }
    let signed = |package: &[u8], signer: &[u8]| {
        apps.iter().any(|app| app.package.as_bytes() == package && app.signer == signer)
    };
    let every = |package: &&[u8]| application.signers.iter().all(|signer| signed(package, signer));
    if application.signers.is_empty() || !application.packages.iter().all(every) {
        return Err(AttestationError::AppSignerUnknown);
    }
    Ok(())
}

fn without_leading_zeros(serial: &[u8]) -> &[u8] {
    let zeros = serial.iter().take_while(|byte| **byte == 0).count();
    &serial[zeros..]
}
