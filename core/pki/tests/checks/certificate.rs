//! The certificate: every check refuses what is wrong in its own words, and nothing else.

use pki::{Error, Profile, TrustAnchors};
use proptest::prelude::*;
use sandbox_pki::{Authority, CertificateSpec, Extension, Flaw, Hash, HolderAttributes, TestKey, oid, tlv};
use time::Duration;
use time::macros::datetime;

use crate::{NOW, anchors, assert_refused, card_key, spec, spec_of, verify, verify_at};

/// An identifier that nobody has given a meaning.
const UNHEARD_OF: &[u64] = &[1, 2, 392, 200_149, 8, 5, 99];

#[test]
fn a_right_certificate_tells_its_generation_and_number() {
    for (generation, issuer) in [(2, Authority::Authentication2), (3, Authority::Authentication3)] {
        let verified = verify(&spec_of(issuer).issue()).expect("a right certificate");
        assert_eq!(verified.generation(), generation);
        assert_eq!(verified.serial(), [0x89, 0x90, 0x01, 0x01]);
        assert_eq!(verified.public_key().modulus()[..], card_key().modulus());
        assert_eq!(verified.not_after(), datetime!(2029-02-17 14:59:59 UTC));
        assert_eq!(verified.expired_since(), None);
        assert!(!format!("{verified:?}").contains("99"), "the number names a person");
    }
}

#[test]
fn more_bytes_than_the_profile_allows_are_refused_unread() {
    assert_refused(&[0x30; 4097], Error::TooLarge);
    let large = Extension::new(UNHEARD_OF, false, tlv::der(0x04, &[0; 3000]));
    assert_refused(spec().replace(large).issue().as_slice(), Error::TooLarge);
}

#[test]
fn what_is_not_exactly_one_certificate_is_malformed() {
    let right = spec().issue();
    let with = |more: &[u8]| [&right[..], more].concat();
    for der in [vec![], vec![0x30], vec![0; 100], b"certificate".to_vec(), with(&[0]), with(&right)] {
        assert_refused(&der, Error::Malformed);
    }
    for end in 0..right.len() {
        assert_refused(&right[..end], Error::Malformed);
    }
}

#[test]
fn a_second_encoding_of_the_same_is_malformed() {
    let right = spec().issue();
    // The outer length with a leading zero: BER, not DER.
    let ber = [&[0x30, 0x83, 0x00], &right[2..]].concat();
    assert_refused(&ber, Error::Malformed);
    // critical FALSE written out, where DER leaves the default away. TRUE in its place is DER, so that only
    // the signature is wrong then.
    assert_refused(&with_critical(&right, 0x00), Error::Malformed);
    assert_refused(&with_critical(&right, 0xFF), Error::IssuerSignatureInvalid);
}

/// subjectKeyIdentifier with a `critical` of this value.
fn with_critical(right: &[u8], critical: u8) -> Vec<u8> {
    let head = [0x30, 0x1D, 0x06, 0x03, 0x55, 0x1D, 0x0E];
    let place = right.windows(7).position(|bytes| bytes == head).expect("the extension");
    let (before, behind) = right.split_at(place);
    let extension = [0x30, 0x20, 0x06, 0x03, 0x55, 0x1D, 0x0E, 0x01, 0x01, critical];
    lengthened([before, &extension, &behind[7..]].concat(), place)
}

/// Adds three to the lengths of all that encloses `place` and has a long length.
fn lengthened(mut der: Vec<u8>, place: usize) -> Vec<u8> {
    for at in 0..place {
        let head = der[at..].first_chunk::<4>().copied();
        if let Some([0x30 | 0xA3, 0x82, high, low]) = head {
            let length = u16::from_be_bytes([high, low]);
            if at + 4 + usize::from(length) > place {
                der[at + 2..at + 4].copy_from_slice(&(length + 3).to_be_bytes());
            }
        }
    }
    der
}

#[test]
fn a_certificate_of_version_1_is_refused() {
    assert_refused(&CertificateSpec { flaw: Some(Flaw::Version1), ..spec() }.issue(), Error::NotVersion3);
}

#[test]
fn an_algorithm_field_that_is_not_exactly_the_profiles_is_refused() {
    for flaw in [Flaw::Sha1, Flaw::OuterSha1, Flaw::NoParameters] {
        assert_refused(&CertificateSpec { flaw: Some(flaw), ..spec() }.issue(), Error::AlgorithmRefused);
    }
}

#[test]
fn a_negative_number_is_malformed() {
    let mut der = spec().issue();
    let positive = [0x02, 0x05, 0x00, 0x89, 0x90, 0x01, 0x01];
    let place = der.windows(7).position(|bytes| bytes == positive).expect("serialNumber");
    der[place + 2] = 0x89;
    assert_refused(&der, Error::Malformed);
    der[place + 2] = 0x01;
    assert_refused(&der, Error::IssuerSignatureInvalid);
}

#[test]
fn an_extension_that_comes_twice_is_malformed() {
    let mut spec = spec();
    let twice = spec.extensions[2].clone();
    spec.extensions.push(twice);
    assert_refused(&spec.issue(), Error::Malformed);
}

#[test]
fn a_foreign_ca_with_the_right_name_is_refused() {
    // With its own key id it is nobody we know; with the real one, or none, its signature betrays it.
    let mut foreign = spec_of(Authority::Impostor);
    assert_refused(&foreign.issue(), Error::IssuerUnknown);
    foreign.remove(oid::AUTHORITY_KEY_IDENTIFIER);
    assert_refused(&foreign.issue(), Error::IssuerSignatureInvalid);
    foreign.replace(Extension::authority_key_identifier(Authority::Authentication3));
    assert_refused(&foreign.issue(), Error::IssuerSignatureInvalid);
}

#[test]
fn without_a_key_id_the_generation_is_found_by_its_signature() {
    for (generation, issuer) in [(2, Authority::Authentication2), (3, Authority::Authentication3)] {
        let der = spec_of(issuer).remove(oid::AUTHORITY_KEY_IDENTIFIER).issue();
        assert_eq!(verify(&der).map(|verified| verified.generation()), Ok(generation));
    }
}

#[test]
fn the_key_id_of_another_generation_is_refused() {
    let der = spec().replace(Extension::authority_key_identifier(Authority::Authentication2)).issue();
    assert_refused(&der, Error::IssuerSignatureInvalid);
}

#[test]
fn a_certificate_in_another_name_is_refused() {
    let mut spec = spec_of(Authority::Signature);
    spec.signed_by = Authority::Authentication3;
    spec.replace(Extension::authority_key_identifier(Authority::Authentication3));
    assert_refused(&spec.issue(), Error::IssuerUnknown);
}

#[test]
fn other_hashes_are_refused() {
    let mut spec = spec();
    spec.hash = Hash::Sha384;
    assert_refused(&spec.issue(), Error::AlgorithmRefused);
}

#[test]
fn other_keys_are_refused() {
    let key = |public_key| CertificateSpec { public_key, ..spec() };
    for bits in [1024, 3072] {
        assert_refused(&key(TestKey::generate_with(bits).public_key().to_vec()).issue(), Error::KeyRefused);
    }
    let modulus = tlv::der(0x02, &[&[0], &card_key().modulus()[..]].concat());
    let exponent_3 = tlv::sequence(&[&modulus, &[0x02, 0x01, 0x03]]);
    assert_refused(&key(exponent_3).issue(), Error::KeyRefused);
    for wrong in [vec![], vec![0x30, 0x00], [card_key().public_key(), &[0]].concat()] {
        assert_refused(&key(wrong).issue(), Error::KeyRefused);
    }
}

#[test]
fn the_first_and_the_last_second_are_valid() {
    let der = spec().issue();
    let first = datetime!(2024-01-01 00:00 UTC);
    let last = datetime!(2029-02-17 14:59:59 UTC);
    let expired_since = |now| verify_at(&der, now).map(|verified| verified.expired_since());
    assert_eq!(expired_since(first - Duration::SECOND), Err(Error::NotYetValid));
    assert_eq!(expired_since(first), Ok(None));
    assert_eq!(expired_since(last + Duration::milliseconds(999)), Ok(None));
    assert_eq!(expired_since(last + Duration::SECOND), Ok(Some(last)));
}

#[test]
fn a_certificate_outlives_neither_its_issuer_nor_comes_before_it() {
    let der = spec_of(Authority::Authentication1).issue();
    let verified = verify(&der).expect("being out of date ends nothing");
    assert_eq!(verified.expired_since(), Some(datetime!(2025-10-19 14:59:59 UTC)));
    assert_eq!(verified.not_after(), datetime!(2029-02-17 14:59:59 UTC));

    let mut spec = spec();
    spec.not_before = datetime!(2020-01-01 00:00 UTC);
    let early = verify_at(&spec.issue(), datetime!(2021-01-01 00:00 UTC));
    assert_eq!(early.map(|verified| verified.generation()), Err(Error::NotYetValid));
}

#[test]
fn a_certificate_out_of_date_is_checked_to_the_end() {
    let mut spec = spec();
    spec.not_after = NOW - Duration::days(400);
    spec.remove(oid::CERTIFICATE_POLICIES);
    assert_refused(&spec.issue(), Error::PolicyRefused);
}

#[test]
fn the_first_failure_is_told() {
    let mut spec = spec_of(Authority::Impostor);
    spec.replace(Extension::new(UNHEARD_OF, true, vec![0x05, 0x00]));
    spec.remove(oid::KEY_USAGE).remove(oid::CERTIFICATE_POLICIES);
    assert_refused(&spec.issue(), Error::IssuerUnknown);
    spec.issuer = Authority::Authentication3;
    spec.signed_by = Authority::Authentication3;
    spec.replace(Extension::authority_key_identifier(Authority::Authentication3));
    assert_refused(&spec.issue(), Error::CriticalExtensionUnknown);
    spec.remove(UNHEARD_OF);
    assert_refused(&spec.issue(), Error::KeyUsageRefused);
}

#[test]
fn a_critical_extension_that_is_not_understood_is_refused() {
    let unheard_of = |critical| Extension::new(UNHEARD_OF, critical, vec![0x05, 0x00]);
    assert_refused(&spec().replace(unheard_of(true)).issue(), Error::CriticalExtensionUnknown);
    assert!(verify(&spec().replace(unheard_of(false)).issue()).is_ok());

    let mut spec = spec();
    for extension in &mut spec.extensions {
        extension.critical |= extension.oid == oid::CRL_DISTRIBUTION_POINTS;
    }
    assert_refused(&spec.issue(), Error::CriticalExtensionUnknown);
}

#[test]
fn a_key_that_is_not_for_signing_is_refused() {
    assert_refused(&spec().remove(oid::KEY_USAGE).issue(), Error::KeyUsageRefused);
    // nonRepudiation alone; digitalSignature and keyCertSign; none.
    for bits in [[0x03, 0x02, 0x06, 0x40], [0x03, 0x02, 0x02, 0x84], [0x03, 0x02, 0x00, 0x00]] {
        let usage = Extension::new(oid::KEY_USAGE, true, bits.to_vec());
        assert_refused(&spec().replace(usage).issue(), Error::KeyUsageRefused);
    }
    let garbage = Extension::new(oid::KEY_USAGE, true, vec![0x30, 0x00]);
    assert_refused(&spec().replace(garbage).issue(), Error::Malformed);
}

#[test]
fn a_ca_is_nobody_at_the_counter() {
    let constraints = |value: &[u8]| Extension::new(oid::BASIC_CONSTRAINTS, true, value.to_vec());
    let ca = constraints(&[0x30, 0x03, 0x01, 0x01, 0xFF]);
    assert_refused(&spec().replace(ca).issue(), Error::CaCertificate);
    assert!(verify(&spec().replace(constraints(&[0x30, 0x00])).issue()).is_ok());
}

#[test]
fn ext_key_usage_may_be_missing_but_not_be_another() {
    assert!(verify(&spec().remove(oid::EXTENDED_KEY_USAGE).issue()).is_ok());
    let server_auth = tlv::sequence(&[&tlv::object_identifier(&[1, 3, 6, 1, 5, 5, 7, 3, 1])]);
    let wrong = Extension::new(oid::EXTENDED_KEY_USAGE, false, server_auth);
    assert_refused(&spec().replace(wrong).issue(), Error::ExtendedKeyUsageRefused);
}

#[test]
fn a_policy_that_is_not_the_profiles_is_refused() {
    assert_refused(&spec().remove(oid::CERTIFICATE_POLICIES).issue(), Error::PolicyRefused);
    for policy in [UNHEARD_OF, &[2, 5, 29, 32, 0], &[1, 2, 392, 200_149, 8, 5, 1, 3, 30]] {
        assert_refused(&spec().replace(Extension::policy(policy)).issue(), Error::PolicyRefused);
    }
    // A test card in production.
    let verified = pki::verify(&spec().issue(), anchors(), &Profile::production(), NOW);
    assert_eq!(verified.map(|verified| verified.generation()), Err(Error::PolicyRefused));
}

#[test]
fn the_certificate_for_signatures_is_named_as_what_it_is() {
    let holder =
        HolderAttributes {
            name: "試験 太郎", birth_date: "319800217", sex: "1", address: "試験県窓口市"
        };
    let (begin, end) = (datetime!(2024-01-01 00:00 UTC), datetime!(2029-02-17 14:59:59 UTC));
    let of_its_own_ca = CertificateSpec::signature(1, "99", &holder, card_key(), begin, end).issue();
    assert_refused(&of_its_own_ca, Error::SignatureCertificate);
    let policy = Extension::policy(oid::SIGNATURE_POLICY);
    assert_refused(&spec().replace(policy).issue(), Error::SignatureCertificate);
    // Production names several below one arc.
    let der = spec().replace(Extension::policy(&[1, 2, 392, 200_149, 8, 5, 1, 1, 40])).issue();
    let verified = pki::verify(&der, anchors(), &Profile::production(), NOW);
    assert_eq!(verified.map(|verified| verified.generation()), Err(Error::SignatureCertificate));
}

#[test]
fn an_anchor_is_a_ca_or_nothing() {
    let root = Authority::Authentication3.certificate();
    for wrong in [spec().issue(), root[..100].to_vec(), [&root[..], &[0]].concat(), vec![]] {
        assert_eq!(TrustAnchors::new([(3, &wrong[..])]).map(|_| ()), Err(Error::AnchorRefused));
    }
    assert!(TrustAnchors::new([(3, &root[..])]).is_ok());
    let (first, second) =
        (Authority::Authentication1.certificate(), Authority::Authentication2.certificate());
    let twice = TrustAnchors::new([(1, &first[..]), (1, &second[..])]);
    assert_eq!(twice.map(|_| ()), Err(Error::AnchorRefused), "one number for two CAs");
    let nobody = TrustAnchors::new([]).expect("no anchor is allowed, and nobody is trusted");
    let verified = pki::verify(&spec().issue(), &nobody, &Profile::test(), NOW);
    assert_eq!(verified.map(|verified| verified.generation()), Err(Error::IssuerUnknown));
}

#[test]
fn the_card_digest_covers_the_first_256_bytes() {
    let der = spec().issue();
    let mut other = der.clone();
    other[256] ^= 1;
    assert_eq!(pki::card_digest(&der), pki::card_digest(&other));
    assert_eq!(pki::card_digest(&der), pki::card_digest(&der[..256]));
    other[255] ^= 1;
    assert_ne!(pki::card_digest(&der), pki::card_digest(&other));
    assert_ne!(pki::card_digest(&der), pki::card_digest(&der[..255]));
}

proptest! {
    #[test]
    fn no_changed_certificate_is_verified(place in any::<prop::sample::Index>(), flip in 1_u8..) {
        let mut der = spec().issue();
        let place = place.index(der.len());
        der[place] ^= flip;
        prop_assert!(verify(&der).is_err());
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..64), cut in any::<prop::sample::Index>()) {
        prop_assert!(verify(&bytes).is_err());
        let right = spec().issue();
        let (head, tail) = right.split_at(cut.index(right.len()));
        let replaced = [head, &bytes, tail.get(bytes.len()..).unwrap_or_default()].concat();
        let _ = verify(&replaced);
        let _ = pki::PublicKey::from_pkcs1_der(&bytes);
        let _ = pki::card_digest(&bytes);
    }
}
