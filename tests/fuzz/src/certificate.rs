//! What a service judges: certificates, and what the issuer of a card signed.

use std::sync::OnceLock;

use jpki::CardProof;
use pki::{BirthRecord, Grace, Profile, PublicKey, RevocationStatus, SurfaceAnchor, TrustAnchors};
use sandbox_card::Person;
use time::macros::{date, datetime};

use crate::Example;
use crate::script::{Script, counted};

const NOW: time::OffsetDateTime = datetime!(2026-11-23 9:00 +9);

/// A certificate from a card, and the same bytes as a trust anchor.
pub(crate) fn certificate(bytes: &[u8]) {
    static ANCHORS: OnceLock<TrustAnchors> = OnceLock::new();
    let anchors = ANCHORS.get_or_init(|| {
        let roots = sandbox_pki::authentication_anchors();
        TrustAnchors::new((1..).zip(roots.iter().map(Vec::as_slice))).expect("the sandbox's anchors")
    });
    let _ = pki::card_digest(bytes);
    if let Ok(verified) = pki::verify(bytes, anchors, &Profile::test(), NOW) {
        assert!(is_genuine(bytes), "what no CA signed was taken for genuine");
        let status = RevocationStatus::Good { this_update: NOW, next_update: None };
        let _ = verified.decide(status, Grace::THREE_MONTHS);
        assert!(verified.verify_signature(b"nothing", &[7; 256]).is_err());
    }
    let _ = TrustAnchors::new([(1, bytes)]);
    let _ = PublicKey::from_pkcs1_der(bytes);
}

/// Only what the sandbox's CAs signed is: one of the examples, whose signatures cover all but themselves.
fn is_genuine(bytes: &[u8]) -> bool {
    static GENUINE: OnceLock<Vec<Example>> = OnceLock::new();
    GENUINE.get_or_init(certificate_examples).iter().any(|example| example.bytes == bytes)
}

/// EF 0001, then EF 0004.
pub(crate) fn record(bytes: &[u8]) {
    static ANCHORS: OnceLock<[SurfaceAnchor; 1]> = OnceLock::new();
    let anchors = ANCHORS.get_or_init(|| {
        let anchor = sandbox_pki::surface::anchor();
        let key = PublicKey::from_pkcs1_der(&anchor.public_key).expect("the sandbox's anchor");
        [SurfaceAnchor { key_id: anchor.key_id, key }]
    });
    let mut script = Script::new(bytes);
    let birth_record = script.counted();
    let key_certificate = script.counted();
    if let Ok(record) = BirthRecord::verify(birth_record, key_certificate, anchors) {
        assert!(record.birth_date() == "19800217", "what the issuer did not sign was taken for genuine");
        assert!(record.key().verify(b"nothing", &[7; 256]).is_err());
    }
}

/// Hanako's certificate.
pub(crate) fn hanako() -> Vec<u8> {
    Person::named("hanako").expect("she is one of the named persons").certificate(date!(2026 - 11 - 23))
}

/// EF 0001 of her card.
pub(crate) fn birth_record() -> Vec<u8> {
    match crate::dialogue::evidence().proof {
        CardProof::VisualProven { birth_record, .. } => birth_record,
        _ => unreachable!("a 目視確認 was asked for"),
    }
}

pub(crate) fn certificate_examples() -> Vec<Example> {
    let mut examples = vec![Example::new("hanako", hanako())];
    let day = date!(2026 - 11 - 23);
    // An elliptic curve would be another form; all cards have RSA. Those out of date are of other CAs.
    for slug in ["jiro", "saburo"] {
        let certificate = Person::named(slug).map(|person| person.certificate(day)).unwrap_or_default();
        if !certificate.is_empty() {
            examples.push(Example::new(slug, certificate));
        }
    }
    for (number, root) in (1..).zip(sandbox_pki::authentication_anchors()) {
        examples.push(Example::new(&format!("root-{number}"), root));
    }
    examples
}

pub(crate) fn record_examples() -> Vec<Example> {
    let whole = [counted(&birth_record()), counted(&sandbox_pki::surface::key_certificate())].concat();
    vec![Example::new("hanako", whole)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_are_valid() {
        for example in certificate_examples() {
            certificate(&example.bytes);
        }
        let roots = sandbox_pki::authentication_anchors();
        let anchors = TrustAnchors::new((1..).zip(roots.iter().map(Vec::as_slice))).expect("anchors");
        assert!(pki::verify(&hanako(), &anchors, &Profile::test(), NOW).is_ok());
        let anchor = sandbox_pki::surface::anchor();
        let key = PublicKey::from_pkcs1_der(&anchor.public_key).expect("an anchor");
        let anchors = [SurfaceAnchor { key_id: anchor.key_id, key }];
        let certificate = sandbox_pki::surface::key_certificate();
        assert!(BirthRecord::verify(&birth_record(), &certificate, &anchors).is_ok());
    }
}
