//! 目視確認 where the service has the certificate of the key that signed the card's record.

use jpki::{CardProof, Evidence, IssuerKey, KeyCertificate, Method, Tap, TapError};
use sandbox_card::{Person, Switches, VirtualCard};

use crate::support::{
    RIGHT, TODAY, card, held, person, pin, play, play_told, play_until, right_birth, to_sign, verifies,
    wrong_birth,
};

/// Hanako's card, which takes short identifiers everywhere or nowhere.
fn hanako(short: bool) -> Person {
    let mut hanako = person("hanako");
    hanako.card.switches = Switches {
        read_by_short_id: short,
        verify_by_short_id: short,
        sign_by_short_id: short,
        ..Switches::default()
    };
    hanako
}

/// Signature, EF 0001, and EF 0004 or the id of its key.
fn proof(evidence: Evidence) -> (Vec<u8>, Vec<u8>, KeyCertificate) {
    assert_eq!(evidence.certificate, Some(person("hanako").certificate(TODAY)));
    let CardProof::VisualProven { signature, birth_record, key_certificate, .. } = evidence.proof else {
        panic!("another proof");
    };
    (signature, birth_record, key_certificate)
}

/// What a card gives of which nothing is known.
fn whole() -> (Vec<u8>, Vec<u8>, KeyCertificate) {
    let mut card = card("hanako");
    let mut tap = Tap::new(right_birth("hanako"), to_sign(0));
    proof(play(&mut tap, |command| card.transmit(command)).expect("evidence"))
}

/// The key in EF 0004 of every test card: `7F21 { 5F4E { issuer key id, subject key id, 90, 91 modulus }, … }`.
fn key() -> IssuerKey {
    let (.., KeyCertificate::Whole(certificate)) = whole() else { panic!("nothing is known") };
    IssuerKey::new(id(), certificate[51..307].try_into().expect("a modulus"))
}

fn id() -> [u8; 16] {
    let (.., KeyCertificate::Whole(certificate)) = whole() else { panic!("nothing is known") };
    certificate[26..42].try_into().expect("a key id")
}

/// The key of somebody else, who calls it by the same name.
fn stranger() -> IssuerKey {
    let (_, record, _) = whole();
    // The card's own key, which lies in its record: RSA-2048 as well.
    let modulus = record.windows(4).position(|window| window == [0x91, 0x82, 0x01, 0x00]).expect("a key") + 4;
    IssuerKey::new(id(), record[modulus..modulus + 256].try_into().expect("a modulus"))
}

fn knowing(method: Method, keys: Vec<IssuerKey>) -> Tap {
    let mut tap = Tap::new(method, to_sign(0));
    tap.issuer_keys(keys);
    tap
}

fn signatures(card: &VirtualCard) -> usize {
    let exchanges = card.transcript().exchanges().iter();
    exchanges.filter(|seen| seen.header.is_some_and(|[_, ins, ..]| ins == 0x2A)).count()
}

#[test]
fn the_dialogues_of_a_card_whose_issuers_key_is_known() {
    for (name, short, commands) in
        [("visual-proven-known", true, 15), ("visual-proven-known-selected", false, 19)]
    {
        let mut card = held(&hanako(short));
        let mut tap = knowing(right_birth("hanako"), vec![stranger(), key()]);
        let evidence = play(&mut tap, |command| card.transmit(command)).expect("evidence");
        assert_eq!(tap.transcript().exchanges().len(), commands);
        assert_eq!(usize::from(tap.progress().total), commands);
        let (signature, record, _) = whole();
        assert!(proof(evidence) == (signature, record, KeyCertificate::Known(id())));
        insta::assert_snapshot!(name, tap.transcript());
    }
}

#[test]
fn a_key_that_did_not_sign_the_record_spares_nothing() {
    for (short, commands) in [(true, 18), (false, 23)] {
        let mut card = held(&hanako(short));
        let mut tap = knowing(right_birth("hanako"), vec![stranger()]);
        let evidence = play(&mut tap, |command| card.transmit(command)).expect("evidence");
        assert_eq!(tap.transcript().exchanges().len(), commands);
        assert!(proof(evidence) == whole());
        assert!(tap.rest().is_none());
    }
}

/// Every byte of EF 0001 behind the birth date, changed on its way.
#[test]
fn a_record_that_is_not_the_issuers_is_read_with_its_certificate() {
    for at in (16_usize..547).step_by(13) {
        let mut card = card("hanako");
        let mut tap = knowing(right_birth("hanako"), vec![key()]);
        let mut offset = None;
        let outcome = play(&mut tap, |command| {
            let mut answer = card.transmit(command);
            // EF 0001 by its short identifier, and then on in the current file, up to the signature.
            offset = match (command[1], offset) {
                (0xB0, _) if command[2] == 0x81 => Some(0),
                (0xB0, Some(offset)) => Some(offset + 256),
                _ => None,
            };
            if let Some(byte) = offset.and_then(|offset| at.checked_sub(offset))
                && byte < answer.len() - 2
            {
                answer[byte] ^= 1;
            }
            answer
        });
        if let Ok(evidence) = outcome {
            assert!(matches!(proof(evidence).2, KeyCertificate::Whole(_)), "byte {at}");
        }
    }
}

#[test]
fn a_card_lost_anywhere_goes_on_in_the_next_tap_whether_the_key_is_known_then_or_not() {
    for (at, reached, again) in
        (0..15).flat_map(|at| [(at, true, true), (at, true, false), (at, false, true), (at, false, false)])
    {
        let mut card = card("hanako");
        let mut tap = knowing(right_birth("hanako"), vec![key()]);
        let lost = play_until(&mut tap, at, |command| card.transmit(command)).expect("not over");
        if reached {
            card.transmit(&lost);
        }
        card.power_off();
        card.power_on();
        let mut tap = tap.lost().resume(to_sign(0));
        if again {
            tap.issuer_keys(vec![key()]);
        }
        let evidence = play(&mut tap, |command| card.transmit(command)).expect("evidence");
        assert_eq!(matches!(proof(evidence).2, KeyCertificate::Known(_)), again, "lost at {at}");
        let (seen, refused) = verifies(&card);
        assert!(seen <= 2 && refused == 0, "lost at {at}");
    }
}

#[test]
fn a_service_that_has_forgotten_gets_the_key_certificate_without_a_verify() {
    let mut card = card("hanako");
    let mut tap = knowing(right_birth("hanako"), vec![key()]);
    assert!(tap.rest().is_none(), "not before the end");
    play(&mut tap, |command| card.transmit(command)).expect("evidence");
    card.power_off();
    card.power_on();
    let mut tap = tap.rest().expect("a record and a signature").resume(to_sign(0));
    let evidence = play(&mut tap, |command| card.transmit(command)).expect("evidence");
    assert!(proof(evidence) == whole());
    assert!(tap.secret_taken());
    // SELECT, the head, SELECT, EF 0004.
    insta::assert_snapshot!("visual-proven-rest", tap.transcript());
    assert_eq!((verifies(&card), signatures(&card)), ((1, 0), 1));
}

#[test]
fn the_key_changes_nothing_for_a_wrong_birth_date_and_for_other_methods() {
    let mut hanako = card("hanako");
    let mut tap = knowing(wrong_birth(), vec![key()]);
    let error = play(&mut tap, |command| hanako.transmit(command)).expect_err("wrong");
    assert_eq!(error, TapError::BirthDateWrong { tries_left: Some(9) });
    assert!(tap.rest().is_none());

    for (method, commands) in [(pin(RIGHT), 11), (Method::VisualAttested, 9)] {
        let mut card = card("hanako");
        let mut tap = knowing(method, vec![key()]);
        play_told(&mut tap, None, |command| card.transmit(command)).expect("evidence");
        assert_eq!(tap.transcript().exchanges().len(), commands);
        assert!(tap.rest().is_none());
    }
}

#[test]
fn debug_shows_no_key() {
    assert_eq!(format!("{:?}", key()), "IssuerKey(RSA-2048)");
}
