//! Is this certificate genuine, and did its card sign this?
//!
//! [`verify()`] checks a 利用者証明用電子証明書 against [`TrustAnchors`] and a [`Profile`], at an instant that the
//! caller names: size and strict DER, issuer, algorithms and key, times, critical extensions, usage, policy.
//! What comes out, [`Verified`], cannot be made in another way. Then follow the card's signature
//! ([`Verified::verify_signature`]) and the status from a [`RevocationSource`], and with the service's
//! [`Grace`] the decision ([`Verified::decide`]). [`BirthRecord`] is the same for 券面事項確認AP: its birth date
//! and the key with which it signs, both signed by the issuer of the card.
//!
//! The verifier is its own, with one hop and no names of servers: general ones refuse the critical
//! certificatePolicies of these certificates, do not look at keyUsage, and would take the issuer by its name,
//! which three generations of the CA share.
//!
//! This crate holds no trust anchor, has no clock, fetches nothing and keeps nothing. It knows no person: the
//! pair of generation and serial number is all that a certificate tells. It is not for TLS.
//!
//! ```
//! use pki::{Error, Grace, Profile, RevocationStatus, TrustAnchors, verify};
//! use sandbox_pki::{Authority, CertificateSpec, TestKey, authentication_anchors};
//! use time::macros::datetime;
//!
//! // A card of the sandbox: it signs what it is asked to.
//! let card = TestKey::generate();
//! let (begin, end) = (datetime!(2026-01-01 0:00 UTC), datetime!(2031-02-17 14:59:59 UTC));
//! let certificate = CertificateSpec::authentication(
//!     Authority::Authentication3, 0x0990_0101, "0000000000000099001003A", &card, begin, end,
//! );
//! let signature = card.sign_digest(ring::digest::digest(&ring::digest::SHA256, b"binding").as_ref().try_into()?);
//!
//! // A service: whom it trusts, and when it is.
//! let roots = authentication_anchors();
//! let anchors = TrustAnchors::new((1..).zip(roots.iter().map(Vec::as_slice)))?;
//! let now = datetime!(2026-11-16 9:00 +9);
//! let verified = verify(&certificate.issue(), &anchors, &Profile::test(), now)?;
//! verified.verify_signature(b"binding", &signature)?;
//! assert_eq!(verified.verify_signature(b"another", &signature), Err(Error::SignatureInvalid));
//!
//! let status = RevocationStatus::Good { this_update: now, next_update: None };
//! let accepted = verified.decide(status, Grace::THREE_MONTHS)?;
//! assert_eq!(accepted.expired_since(), None);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod attestation;

mod anchor;
mod certificate;
mod error;
mod key;
mod profile;
mod revocation;
mod surface;
mod verified;
mod verify;

pub use anchor::TrustAnchors;
pub use error::Error;
pub use key::PublicKey;
pub use profile::Profile;
pub use revocation::{RevocationSource, RevocationStatus};
pub use surface::{BirthRecord, SurfaceAnchor, SurfaceKey};
pub use verified::{Accepted, Grace, Verified};
pub use verify::verify;

/// SHA-256 of the first 256 bytes of EF 000A: which card a binding speaks of.
///
/// Every method reads these bytes before the card signs, in one short command; serial number, issuer and
/// dates lie in them.
pub fn card_digest(certificate: &[u8]) -> [u8; 32] {
    sha256(&certificate[..certificate.len().min(256)])
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    digest.as_ref().try_into().expect("SHA-256 gives 32 bytes")
}
