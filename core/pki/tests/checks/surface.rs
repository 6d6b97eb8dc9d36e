//! 券面事項確認AP: EF 0001 and EF 0004.

use std::sync::LazyLock;

use pki::{BirthRecord, Error, PublicKey, SurfaceAnchor, SurfaceKey};
use proptest::prelude::*;
use sandbox_pki::surface::{
    anchor, birth_record, birth_record_signed_by, key_certificate, key_certificate_signed_by,
};
use sandbox_pki::tlv;

use crate::{card_key, other_key};

const BIRTH: &[u8; 8] = b"19800217";

fn anchors() -> Vec<SurfaceAnchor> {
    let anchor = anchor();
    let key = PublicKey::from_pkcs1_der(&anchor.public_key).expect("RSA-2048");
    vec![SurfaceAnchor { key_id: anchor.key_id, key }]
}

fn record() -> &'static [u8] {
    static RECORD: LazyLock<Vec<u8>> = LazyLock::new(|| birth_record(BIRTH, card_key()));
    &RECORD
}

fn verify(birth_record: &[u8], key_certificate: &[u8]) -> Result<BirthRecord, Error> {
    BirthRecord::verify(birth_record, key_certificate, &anchors())
}

#[test]
fn a_right_card_tells_birth_date_and_key() {
    let record = verify(record(), &key_certificate()).expect("signed by the issuer");
    assert_eq!(record.birth_date(), "19800217");
    assert_eq!(record.key().modulus()[..], card_key().modulus());
    assert_eq!(format!("{record:?}"), "BirthRecord(redacted)");
}

#[test]
fn what_the_card_signs_holds_under_the_key_of_its_record() {
    let record = verify(record(), &key_certificate()).expect("signed by the issuer");
    let digest = ring::digest::digest(&ring::digest::SHA256, b"binding");
    let digest = digest.as_ref().try_into().expect("32 bytes");
    assert_eq!(record.key().verify(b"binding", &card_key().sign_digest(digest)), Ok(()));
    let another_card = other_key().sign_digest(digest);
    assert_eq!(record.key().verify(b"binding", &another_card), Err(Error::SignatureInvalid));
}

#[test]
fn a_record_that_the_issuer_did_not_sign_is_refused() {
    let by_itself = birth_record_signed_by(BIRTH, card_key(), card_key());
    assert_eq!(verify(&by_itself, &key_certificate()), Err(Error::RecordUntrusted));
    let foreign = key_certificate_signed_by(other_key());
    assert_eq!(verify(record(), &foreign), Err(Error::RecordUntrusted));
}

#[test]
fn a_key_certificate_says_which_key_it_is_of_to_those_who_trust_its_anchor() {
    let certificate = key_certificate();
    let key = SurfaceKey::certified(&certificate, &anchors()).expect("signed by the anchor");
    assert_eq!(key.key_id[..], certificate[26..42]);
    assert_eq!(key.key.modulus()[..], certificate[51..307]);
    assert_eq!(SurfaceKey::certified(&certificate, &[]), Err(Error::RecordUntrusted));
    let foreign = key_certificate_signed_by(other_key());
    assert_eq!(SurfaceKey::certified(&foreign, &anchors()), Err(Error::RecordUntrusted));
}

#[test]
fn only_the_named_anchor_counts() {
    assert_eq!(BirthRecord::verify(record(), &key_certificate(), &[]), Err(Error::RecordUntrusted));
    let mut renamed = anchors();
    renamed[0].key_id[0] ^= 1;
    assert_eq!(BirthRecord::verify(record(), &key_certificate(), &renamed), Err(Error::RecordUntrusted));
    // A key of the same name is no harm beside the right one.
    let mut two = anchors();
    let key = PublicKey::from_pkcs1_der(other_key().public_key()).expect("RSA-2048");
    two.insert(0, SurfaceAnchor { key_id: two[0].key_id, key });
    assert!(BirthRecord::verify(record(), &key_certificate(), &two).is_ok());
}

#[test]
fn another_birth_date_or_key_is_refused() {
    let mut older = record().to_vec();
    older[11] -= 1;
    assert_eq!(verify(&older, &key_certificate()), Err(Error::RecordUntrusted));
    let other = birth_record(BIRTH, other_key());
    let spliced = [&record()[..16], &other[16..286], &record()[286..]].concat();
    assert_eq!(verify(&spliced, &key_certificate()), Err(Error::RecordUntrusted));
}

#[test]
fn the_files_are_not_interchangeable() {
    assert_eq!(verify(&key_certificate(), record()), Err(Error::RecordMalformed));
}

#[test]
fn bytes_missing_or_left_over_are_refused() {
    let certificate = key_certificate();
    for end in 0..record().len() {
        assert_eq!(verify(&record()[..end], &certificate), Err(Error::RecordMalformed), "{end}");
    }
    for end in 0..certificate.len() {
        assert_eq!(verify(record(), &certificate[..end]), Err(Error::RecordMalformed), "{end}");
    }
    assert_eq!(verify(&[record(), &[0]].concat(), &certificate), Err(Error::RecordMalformed));
    assert_eq!(verify(record(), &[&certificate[..], &[0]].concat()), Err(Error::RecordMalformed));
}

#[test]
fn a_length_in_another_form_changes_what_was_signed() {
    // DF11's length as 81 08: the same object in BER, other bytes under the signature.
    let inner = [&record()[5..7], &[0x81, 0x08], &record()[8..]].concat();
    let wrapped = tlv::wide(0xFF10, &inner);
    assert_eq!(verify(&wrapped, &key_certificate()), Err(Error::RecordUntrusted));
    // The outer length is under no signature and may have any form.
    let longer = [&[0xFF, 0x10, 0x83, 0x00], &record()[3..]].concat();
    assert!(verify(&longer, &key_certificate()).is_ok());
}

#[test]
fn a_partial_birth_date_is_kept_and_a_wrong_one_refused() {
    let of = |birth: &[u8; 8]| verify(&birth_record(birth, card_key()), &key_certificate());
    assert_eq!(of(b"19500000").map(|record| record.birth_date().to_owned()), Ok("19500000".to_owned()));
    assert_eq!(of(b"1950 1 1"), Err(Error::RecordMalformed));
}

proptest! {
    #[test]
    fn no_changed_record_is_verified(place in any::<prop::sample::Index>(), flip in 1_u8..) {
        let certificate = key_certificate();
        let mut file = [record(), &certificate].concat();
        let place = place.index(file.len());
        file[place] ^= flip;
        let (record, certificate) = file.split_at(record().len());
        prop_assert!(verify(record, certificate).is_err());
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..64), cut in any::<prop::sample::Index>()) {
        let _ = verify(&bytes, &key_certificate());
        let _ = verify(record(), &bytes);
        let (head, tail) = record().split_at(cut.index(record().len()));
        let _ = verify(&[head, &bytes, tail].concat(), &key_certificate());
    }
}
