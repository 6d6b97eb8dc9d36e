//! What each named person's card gives in each method.

use iso7816::{Tag, Tlv};
use jpki::{BirthDate, CardProof, Evidence, KeyCertificate, Method, Tap, TapError};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey};
use sandbox_card::{CounterWhenExhausted, Selected, VirtualCard};

use crate::support::{
    RIGHT, TODAY, WRONG, as_printed, binding, birth, card, held, person, pin, play, right_birth, sha256,
    to_sign, told, verifies, wrong_birth,
};

fn tap(card: &mut VirtualCard, method: Method) -> Result<Evidence, TapError> {
    let outcome = play(&mut Tap::new(method, to_sign(7)), |command| card.transmit(command));
    assert!(card.transcript().selected().all(|asked| matches!(asked, Selected::Jpki | Selected::Surface)));
    outcome
}

fn fails(slug: &str, method: Method) -> TapError {
    tap(&mut card(slug), method).expect_err("no evidence")
}

/// What the card signed in [`tap`].
fn signed(certificate: &[u8]) -> Vec<u8> {
    binding(&sha256(&certificate[..256]), 7)
}

/// The RSA key of a certificate: `RSAPublicKey` of 2048 bits, found by its first bytes.
fn public_key(certificate: &[u8]) -> &[u8] {
    let start = [0x30, 0x82, 0x01, 0x0A, 0x02, 0x82, 0x01, 0x01];
    let at = certificate.windows(start.len()).position(|window| window == start).expect("an RSA key");
    &certificate[at..at + 270]
}

const METHODS: [fn() -> Method; 3] = [|| pin(RIGHT), wrong_birth, || Method::VisualAttested];

const ORDINARY: [&str; 17] = [
    "hanako", "jiro", "ume", "matsu", "take", "ichiro", "natsuko", "nashio", "fuku", "kumao", "shichiro",
    "sotoji", "kire", "mukashi", "mihoko", "aoi", "futago",
];

#[test]
fn an_ordinary_card_signs_after_the_pin() {
    for slug in ORDINARY {
        let Evidence { certificate, proof } = tap(&mut card(slug), pin(RIGHT)).expect("evidence");
        let certificate = certificate.expect("read");
        assert_eq!(certificate, person(slug).certificate(TODAY), "{slug}");
        let CardProof::Pin { signature } = proof else { panic!("another proof") };
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public_key(&certificate))
            .verify(&signed(&certificate), &signature)
            .expect("the card's own key signed the binding");
    }
}

#[test]
fn an_ordinary_card_opens_its_face_with_the_birth_date_and_signs() {
    for slug in ORDINARY {
        let birth_date = person(slug).birth_date();
        let Evidence { certificate, proof } = tap(&mut card(slug), right_birth(slug)).expect("evidence");
        let certificate = certificate.expect("read");
        assert_eq!(certificate, person(slug).certificate(TODAY), "{slug}");
        let CardProof::VisualProven { signature, birth_record, birth_date: read, key_certificate } = proof
        else {
            panic!("another proof");
        };
        let expected = BirthDate {
            year: u16::try_from(birth_date.year()).expect("this era"),
            month: birth_date.month().into(),
            day: birth_date.day(),
        };
        assert!(read == expected);

        let (record, rest) = Tlv::parse(&birth_record).expect("a record");
        assert!(rest.is_empty());
        let key = record.child(Tag::of(&[0xDF, 0x12])).expect("well-formed").expect("a key");
        let key = Tlv { tag: Tag::of(&[0x30]), value: key };
        let number = |tag| key.child(Tag::of(&[tag])).expect("well-formed").expect("a number");
        RsaPublicKeyComponents { n: number(0x91), e: number(0x90) }
            .verify(&RSA_PKCS1_2048_8192_SHA256, &signed(&certificate), &signature)
            .expect("the key in the record signed the binding");

        let KeyCertificate::Whole(key_certificate) = key_certificate else { panic!("nothing is known") };
        let (certified, rest) = Tlv::parse(&key_certificate).expect("a certificate");
        assert_eq!(certified.tag, Tag::of(&[0x7F, 0x21]));
        assert!(rest.is_empty());
    }
}

#[test]
fn an_attested_check_reads_the_certificate_only() {
    let mut card = card("hanako");
    let Evidence { certificate, proof } = tap(&mut card, Method::VisualAttested).expect("evidence");
    assert_eq!(certificate, Some(person("hanako").certificate(TODAY)));
    assert!(matches!(proof, CardProof::VisualAttested));
    assert!(card.transcript().selected().eq([Selected::Jpki]));
    assert_eq!(verifies(&card), (0, 0));
}

#[test]
fn a_wrong_pin_costs_one_try_and_says_what_is_left() {
    let mut card = card("hanako");
    assert_eq!(tap(&mut card, pin(WRONG)).expect_err("wrong"), TapError::PinWrong { tries_left: 2 });
    assert_eq!(tap(&mut card, pin(WRONG)).expect_err("wrong"), TapError::PinWrong { tries_left: 1 });
    assert_eq!(tap(&mut card, pin(WRONG)).expect_err("not sent"), TapError::PinLastTry);
    assert_eq!(tap(&mut card, told(pin(WRONG))).expect_err("wrong"), TapError::PinBlocked);
    assert_eq!(tap(&mut card, told(pin(RIGHT))).expect_err("too late"), TapError::PinBlocked);
    assert_eq!(verifies(&card), (3, 3));
}

#[test]
fn a_wrong_birth_date_costs_one_try_and_says_what_is_left() {
    let mut card = card("hanako");
    for tries_left in (1..10).rev() {
        let error = tap(&mut card, wrong_birth()).expect_err("wrong");
        assert_eq!(error, TapError::BirthDateWrong { tries_left: Some(tries_left) });
    }
    assert_eq!(tap(&mut card, wrong_birth()).expect_err("not sent"), TapError::BirthDateLastTry);
    tap(&mut card, told(right_birth("hanako"))).expect("the right one fills the counter again");
    assert_eq!(verifies(&card), (10, 9));
}

#[test]
fn a_blocked_birth_date_is_told() {
    let mut nobody = person("hanako");
    nobody.card.birth_tries_left = 0;
    // `6300` is asked once more, with a VERIFY that the card refuses; `63C0` is believed.
    for (counter, asked) in [(CounterWhenExhausted::NotShown, 1), (CounterWhenExhausted::Zero, 0)] {
        nobody.card.switches.counter_when_exhausted = counter;
        let mut card = held(&nobody);
        let error = tap(&mut card, right_birth("hanako")).expect_err("blocked");
        assert_eq!(error, TapError::BirthDateBlocked);
        assert_eq!((verifies(&card).0, card.failed_verifies()), (asked, 0), "{counter:?}");
    }
}

#[test]
fn a_face_that_counts_no_tries_is_opened_all_the_same() {
    let mut endless = person("hanako");
    endless.card.switches.unlimited = true;
    tap(&mut held(&endless), right_birth("hanako")).expect("evidence");
    let error = tap(&mut held(&endless), wrong_birth()).expect_err("wrong");
    assert_eq!(error, TapError::BirthDateWrong { tries_left: None });
}

#[test]
fn one_try_left_is_kept_until_the_patient_goes_on() {
    let mut card = card("nokori");
    assert_eq!(tap(&mut card, pin(RIGHT)).expect_err("not sent"), TapError::PinLastTry);
    assert_eq!(verifies(&card), (0, 0));
    tap(&mut card, told(pin(RIGHT))).expect("evidence");
}

#[test]
fn a_blocked_pin_and_a_card_without_one_are_told_apart() {
    assert_eq!(fails("rokku", pin(RIGHT)), TapError::PinBlocked);
    assert_eq!(fails("kaori", pin(RIGHT)), TapError::FaceAuthenticationCard);
    // The known mistake: a child's card has no 署名用 certificate either.
    let mut aoi = person("aoi");
    aoi.card.pin_tries_left = 0;
    let error = tap(&mut held(&aoi), pin(RIGHT)).expect_err("blocked");
    assert_eq!(error, TapError::FaceAuthenticationCard);
    tap(&mut card("kaori"), right_birth("kaori")).expect("such a card has a face");
}

#[test]
fn phones_and_foreign_cards_are_told() {
    for method in METHODS {
        assert_eq!(fails("andoro", method()), TapError::CertificateNeedsPin);
        assert_eq!(fails("suika", method()), TapError::NotMyNumberCard);
    }
    for method in [wrong_birth, || Method::VisualAttested] {
        assert_eq!(fails("rin", method()), TapError::SmartphoneCard);
    }
    tap(&mut card("rin"), pin(RIGHT)).expect("an iPhone signs as a card does");
}

#[test]
fn a_card_without_a_certificate_is_told_and_gets_no_secret() {
    for read_by_short_id in [true, false] {
        for method in METHODS {
            let mut none = person("hanako");
            (none.card.certificate, none.card.pin, none.card.signature) = (None, None, None);
            none.card.switches.read_by_short_id = read_by_short_id;
            let mut card = held(&none);
            assert_eq!(tap(&mut card, method()).expect_err("nothing to read"), TapError::NoCertificate);
            assert_eq!(verifies(&card), (0, 0));
        }
    }
}

#[test]
fn a_card_with_another_persons_face_shows_that_persons_birth_date() {
    let method = birth(as_printed(person("jiro").birth_date()));
    let evidence = tap(&mut card("chigau"), method).expect("evidence");
    let CardProof::VisualProven { birth_date, .. } = evidence.proof else { panic!("another proof") };
    assert_eq!(i32::from(birth_date.year), person("jiro").birth_date().year());
    assert_ne!(person("jiro").birth_date(), person("chigau").birth_date());
    assert!(matches!(fails("chigau", right_birth("chigau")), TapError::BirthDateWrong { .. }));
}
