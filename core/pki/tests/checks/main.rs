//! The checks against certificates and cards that are deliberately wrong.

mod attestation;
mod certificate;
mod decision;
mod signature;
mod surface;

use std::sync::LazyLock;

use pki::{Error, Profile, TrustAnchors, Verified};
use sandbox_pki::{Authority, CertificateSpec, TestKey};
use time::OffsetDateTime;
use time::macros::datetime;

/// The clock of all tests: in the years of the second and third generation, and out of those of the first.
const NOW: OffsetDateTime = datetime!(2026-11-16 03:00 UTC);

/// A key of a card, made once.
fn card_key() -> &'static TestKey {
    static KEY: LazyLock<TestKey> = LazyLock::new(TestKey::generate);
    &KEY
}

/// Somebody else's key.
fn other_key() -> &'static TestKey {
    static KEY: LazyLock<TestKey> = LazyLock::new(TestKey::generate);
    &KEY
}

/// The right certificate, for a test to make a wrong one of it.
fn spec() -> CertificateSpec {
    spec_of(Authority::Authentication3)
}

fn spec_of(issuer: Authority) -> CertificateSpec {
    CertificateSpec::authentication(
        issuer,
        0x8990_0101,
        "0000000000000099001003A",
        card_key(),
        datetime!(2024-01-01 00:00 UTC),
        datetime!(2029-02-17 14:59:59 UTC),
    )
}

fn anchors() -> &'static TrustAnchors {
    static ANCHORS: LazyLock<TrustAnchors> = LazyLock::new(|| {
        let roots = sandbox_pki::authentication_anchors();
        TrustAnchors::new((1..).zip(roots.iter().map(Vec::as_slice))).expect("three CA certificates")
    });
    &ANCHORS
}

fn verify(der: &[u8]) -> Result<Verified, Error> {
    verify_at(der, NOW)
}

fn verify_at(der: &[u8], now: OffsetDateTime) -> Result<Verified, Error> {
    pki::verify(der, anchors(), &Profile::test(), now)
}

#[track_caller]
fn assert_refused(der: &[u8], error: Error) {
    assert_eq!(verify(der).map(|verified| verified.serial().to_vec()), Err(error));
}
