//! What is printed on the card, as text and as images, and who vouches for it.

use myna_card::ap::common::CommonAp;
use myna_card::ap::juki::JukiAp;
use myna_card::ap::surface::{self, SurfaceAp};
use myna_card::ap::text::{self, TextAp};
use myna_card::data::KeyId;
use myna_card::mf::tag;
use myna_card::{
    CardVerifiableCertificate, Date, Error, ImageFormat, MasterFile, Retries, RsaPublicKey, Sex,
    verification_code_b,
};

use super::{Bench, CODE_A, CODE_B, PIN, key_of, pin, refused};

const BIRTH_DATE: Date = Date { year: 1980, month: 2, day: 17 };
const EXPIRY: Date = Date { year: 2031, month: 2, day: 17 };
const CHALLENGE: &[u8] = b"sixteen or more bytes";

/// What no card of ours passes: the anchors that the crate brings. And what each passes: that of the sandbox.
#[track_caller]
fn certified(certificate: &CardVerifiableCertificate, anchor: sandbox_pki::Anchor) -> RsaPublicKey {
    assert_eq!(certificate.issuer_key_id.as_bytes(), &anchor.key_id);
    let unknown = certificate.verify();
    assert!(matches!(unknown, Err(Error::UnknownCertificateAuthority(_))), "{unknown:?}");
    certificate.verify_with(&key_of(anchor)).expect("the sandbox signed it");
    certificate.public_key.clone()
}

#[test]
fn each_reference_opens_what_its_author_says_and_no_more() {
    let bench = Bench::with("hanako");
    let opened = |open: fn(&mut TextAp<'_, _>)| {
        let mut client = Bench::connect();
        MasterFile::select(&mut client).expect("the issuer domain, where nothing is verified");
        let mut text = TextAp::select(&mut client).expect("券面事項入力補助AP");
        open(&mut text);
        [0x0001, 0x0002, 0x0003, 0x0004, 0x0005, 0x0006, 0x0007].map(|file| text.read_ef(file).is_ok())
    };
    assert_eq!(opened(|_| {}), [false, false, false, true, true, false, false]);
    assert_eq!(opened(|text| text.verify_pin(&pin(PIN)).expect("her PIN")), [true; 7]);
    assert_eq!(
        opened(|text| text.verify_code_a(&pin(CODE_A)).expect("her number")),
        [true, false, true, true, true, true, true]
    );
    assert_eq!(
        opened(|text| text.verify_code_b(&pin(CODE_B)).expect("her 照合番号B")),
        [false, true, true, true, true, true, true]
    );

    let opened = |open: fn(&mut SurfaceAp<'_, _>)| {
        let mut client = Bench::connect();
        MasterFile::select(&mut client).expect("the issuer domain, where nothing is verified");
        let mut surface = SurfaceAp::select(&mut client).expect("券面事項確認AP");
        open(&mut surface);
        [0x0001, 0x0002, 0x0003, 0x0004, 0x0005].map(|file| surface.read_ef(file).is_ok())
    };
    assert_eq!(opened(|_| {}), [false, false, true, true, false]);
    assert_eq!(
        opened(|surface| surface.verify_birth_date(&pin("550217")).expect("her birth date")),
        [true, false, true, true, false]
    );
    assert_eq!(
        opened(|surface| surface.verify_code_a(&pin(CODE_A)).expect("her number")),
        [false, true, true, true, true]
    );
    assert_eq!(
        opened(|surface| surface.verify_code_b(&pin(CODE_B)).expect("her 照合番号B")),
        [false, true, true, true, false]
    );
    assert_eq!(bench.card().failed_verifies(), 0);
}

#[test]
fn every_counter_is_that_of_a_new_card() {
    let _bench = Bench::with("hanako");
    let mut client = Bench::connect();
    let mut text = TextAp::select(&mut client).expect("券面事項入力補助AP");
    for (reference, expected) in [
        (text::ef::PIN, Retries::Remaining(3)),
        (text::ef::BLOCKED_0012, Retries::Blocked),
        (text::ef::CODE_A, Retries::Remaining(10)),
        (text::ef::CODE_B, Retries::Remaining(10)),
    ] {
        assert_eq!(text.retries(reference).expect("a counter"), expected, "{reference:04X}");
    }
    let mut surface = SurfaceAp::select(&mut client).expect("券面事項確認AP");
    for reference in [surface::ef::BIRTH_DATE, surface::ef::CODE_A, surface::ef::CODE_B] {
        assert_eq!(surface.retries(reference).expect("a counter"), Retries::Remaining(10), "{reference:04X}");
    }
    let mut common = CommonAp::select(&mut client).expect("共通カードAP");
    assert_eq!(common.pin_retries().expect("a counter"), Retries::Remaining(3));
    let mut juki = JukiAp::select(&mut client).expect("住基AP");
    assert_eq!(juki.pin_retries().expect("a counter"), Retries::Remaining(3));
}

#[test]
fn number_and_attributes_are_read_and_the_issuer_vouches_for_them() {
    let _bench = Bench::with("hanako");
    let mut client = Bench::connect();
    let mut text = TextAp::select(&mut client).expect("券面事項入力補助AP");
    let certificate = text.read_certificate().expect("free to read");
    let issuer = certified(&certificate, sandbox_pki::text_input::anchor());
    let basic = text.read_ap_basic_data().expect("free to read");
    assert_eq!(basic.identification.to_bytes(), [0x01, 0x03, 0x0E, 0x01]);

    text.verify_pin(&pin(PIN)).expect("her PIN");
    let number = text.read_my_number().expect("after the PIN");
    assert!(number.as_str() == CODE_A);
    let attributes = text.read_attributes().expect("after the PIN");
    assert_eq!(attributes.split_name(), Some(("山田", "花子")));
    assert_eq!(attributes.address, "試験県窓口市試験町1丁目");
    assert_eq!((attributes.birth_date, attributes.sex), (BIRTH_DATE, Sex::Female));

    let integrity = text.read_integrity_record().expect("after the PIN");
    integrity.verify(&issuer).expect("the issuer signed it");
    assert!(integrity.matches_my_number_file(&text.read_my_number_file().expect("after the PIN")));
    let file = text.read_ef(text::ef::ATTRIBUTES).expect("after the PIN");
    assert!(integrity.matches_attributes_file(&file).expect("EF 0002"));

    // The card is here, and not a copy of its files.
    let signed_key = text.read_signed_public_key().expect("after the PIN");
    signed_key.verify(&issuer).expect("the issuer signed it");
    let challenge = text.card().get_challenge(16).expect("a challenge");
    let signature = text.sign(&challenge).expect("without a PIN");
    signed_key.public_key.verify_pkcs1_sha256(&challenge, &signature).expect("the key of EF 0007");
}

#[test]
fn the_birth_date_is_read_and_the_issuer_and_the_card_vouch_for_it() {
    let _bench = Bench::with("hanako");
    let mut client = Bench::connect();
    let mut surface = SurfaceAp::select(&mut client).expect("券面事項確認AP");
    let certificate = surface.read_certificate().expect("free to read");
    let issuer = certified(&certificate, sandbox_pki::surface::anchor());

    assert_eq!(refused(surface.read_age_record()), 0x6982);
    assert!(matches!(
        surface.verify_birth_date(&pin("550218")),
        Err(Error::PinIncorrect { retries: Some(9) })
    ));
    surface.verify_birth_date(&pin("550217")).expect("her birth date");
    let record = surface.read_age_record().expect("after the birth date");
    record.verify(&issuer).expect("the issuer signed it");
    assert_eq!(record.birth_date, BIRTH_DATE);

    let signature = surface.sign(CHALLENGE).expect("without a PIN");
    record.public_key.verify_pkcs1_sha256(CHALLENGE, &signature).expect("the key of EF 0001");
}

#[test]
fn the_face_is_read_by_either_number_and_its_images_are_filler() {
    let _bench = Bench::with("hanako");
    let mut client = Bench::connect();
    let mut surface = SurfaceAp::select(&mut client).expect("券面事項確認AP");
    let issuer = surface.read_certificate().expect("free to read").public_key;
    let basic = surface.read_ap_basic_data().expect("free to read");
    assert_eq!(basic.identification.to_bytes(), [0x06, 0x03, 0x0E, 0x01]);
    assert_eq!(basic.municipality_code, "99001");

    // Made of what is printed, as the crate says.
    let code_b = verification_code_b(BIRTH_DATE, 2031, b"1663").expect("a date in an era");
    assert!(code_b == pin(CODE_B));
    surface.verify_code_b(&code_b).expect("her 照合番号B");
    assert_eq!(refused(surface.read_my_number_image()), 0x6982);
    let face = surface.read_card_face().expect("after 照合番号B");
    face.verify(&issuer).expect("the issuer signed it, part by part");
    assert_eq!((face.birth_date, face.sex, face.expiry), (BIRTH_DATE, Sex::Female, EXPIRY));

    surface.verify_code_a(&pin(CODE_A)).expect("her number");
    assert_eq!(surface.read_card_face().expect("after 照合番号A"), face);
    let number = surface.read_my_number_image().expect("after 照合番号A");
    number.verify(&issuer).expect("the issuer signed it");
    assert_eq!(number.public_key, face.public_key);

    // What a real card has there is a PNG each, and a photo in JPEG 2000; a card of ours has zeros.
    let images = [&face.name_image, &face.address_image, &face.photo, &face.security_code_image];
    for image in images.into_iter().chain([&number.image]) {
        assert_eq!(image.format, ImageFormat::Unknown);
    }
}

#[test]
fn the_card_says_who_made_it_for_whom_and_proves_that_it_is_here() {
    let _bench = Bench::with("hanako");
    let mut client = Bench::connect();
    let mut common = CommonAp::select(&mut client).expect("共通カードAP");
    let info = common.read_card_info().expect("free to read");
    assert!(info.serial.starts_with("99999"), "{}", info.serial);
    assert_eq!((info.municipality_code.as_str(), info.prefecture_code()), ("99001", "99"));
    assert_eq!(info.expiry, EXPIRY);

    let signature = common.internal_authenticate(CHALLENGE).expect("without a PIN");
    // Its public half is on no card: the sandbox knows it.
    let modulus = sandbox_pki::SharedKey::CommonAuthentication.key().modulus();
    let key = RsaPublicKey { exponent: vec![0x01, 0x00, 0x01], modulus };
    key.verify_pkcs1_sha256(CHALLENGE, &signature).expect("the key of EF 0019");

    let reference = common.read_record(0x0002, 1).expect("free to read");
    let mut juki = JukiAp::select(&mut client).expect("住基AP");
    assert_eq!(juki.read_record(0x0002, 1).expect("free to read"), reference);
    let reference = myna_card::tlv::simple::parse(&reference).expect("a record").value.to_vec();
    KeyId::parse(&reference).expect("a key id");
}

#[test]
fn the_pins_of_both_register_applications_are_changed_one_by_one() {
    let bench = Bench::with("hanako");
    let mut client = Bench::connect();
    let mut common = CommonAp::select(&mut client).expect("共通カードAP");
    common.change_pin(&pin(PIN), &pin("5678")).expect("her PIN");
    assert!(matches!(common.verify_pin(&pin(PIN)), Err(Error::PinIncorrect { retries: Some(2) })));
    common.verify_pin(&pin("5678")).expect("her new PIN");

    let mut juki = JukiAp::select(&mut client).expect("住基AP");
    juki.verify_pin(&pin(PIN)).expect("another reference, still the old PIN");
    juki.change_pin(&pin(PIN), &pin("8765")).expect("her PIN");

    let mut text = TextAp::select(&mut client).expect("券面事項入力補助AP");
    text.change_pin(&pin(PIN), &pin("2468")).expect("her PIN");
    drop(client);

    let _bench = bench.put_in_again();
    let mut client = Bench::connect();
    TextAp::select(&mut client).expect("an AP").verify_pin(&pin("2468")).expect("her new PIN");
    JukiAp::select(&mut client).expect("an AP").verify_pin(&pin("8765")).expect("her new PIN");
    CommonAp::select(&mut client).expect("an AP").verify_pin(&pin("5678")).expect("her new PIN");
}

#[test]
fn the_master_level_gives_its_objects_and_a_chain_of_certificates() {
    let _bench = Bench::with("hanako");
    let mut client = Bench::connect();
    // What its author says of the file that ISO/IEC 7816-4 would have there, and of SELECT without a name.
    assert_eq!(refused(MasterFile::new(&mut client).card_identifier().map(drop)), 0x6A82);

    let mut master = MasterFile::select(&mut client).expect("the issuer domain");
    let info = |tag| String::from_utf8(tag).expect("ASCII");
    assert_eq!(info(master.data_object(tag::MUNICIPALITY_CODE).expect("an object")), "99001");
    assert_eq!(info(master.data_object(tag::EXPIRY).expect("an object")), "20310217");
    let issuer = master.data_object(tag::ISSUER_IDENTIFICATION).expect("an object");
    assert_eq!(issuer, sandbox_pki::master::anchor().key_id);
    let recognition = master.data_object(tag::CARD_RECOGNITION).expect("an object");
    assert_eq!(myna_card::tlv::ber::parse(&recognition).expect("BER-TLV").tag, 0x73);
    let number = info(master.data_object(tag::CARD_IDENTIFICATION).expect("an object"));

    let chain = master.certificate_chain().expect("two certificates");
    let [upper, lower] = &chain[..] else { panic!("{} certificates", chain.len()) };
    let intermediate = certified(upper, sandbox_pki::master::anchor());
    assert_eq!(lower.issuer_key_id, upper.subject_key_id);
    let named = master.data_object(tag::INTERMEDIATE_KEY_ID).expect("an object");
    assert_eq!(named, upper.subject_key_id.as_bytes());
    lower.verify_with(&intermediate).expect("the intermediate signed it");
    let anchored = CardVerifiableCertificate::verify_chain(&chain);
    assert!(matches!(anchored, Err(Error::UnknownCertificateAuthority(_))), "{anchored:?}");

    // That of the contacts, whatever reader the card lies in.
    let atr = client.contact_atr().expect("an object, with its check byte");
    assert_eq!(atr, b"\x3B\xE0\x00\xFF\x81\x31\xFE\x45\x14");
    // The same 製造番号 in two places.
    let mut common = CommonAp::select(&mut client).expect("共通カードAP");
    assert_eq!(common.read_card_info().expect("free to read").serial, number);
}
