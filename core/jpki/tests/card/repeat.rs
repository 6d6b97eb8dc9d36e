//! The repeat visit: the service has the certificate, and says so before the tap, while it lasts, or too late.

use jpki::{CardProof, Evidence, Method, Tap, TapError};
use sandbox_card::{Person, Switches, VirtualCard};

use crate::support::{
    RIGHT, TODAY, WRONG, card, held, person, pin, play, play_told, play_told_to, play_until, right_birth,
    sha256, to_sign, verifies,
};

/// A tap of which the service is asked.
fn asked(method: Method) -> Tap {
    let mut tap = Tap::new(method, to_sign(0));
    tap.certificate_asked();
    tap
}

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

fn signatures(card: &VirtualCard) -> usize {
    let exchanges = card.transcript().exchanges().iter();
    exchanges.filter(|seen| seen.header.is_some_and(|[_, ins, ..]| ins == 0x2A)).count()
}

fn whole() -> Vec<u8> {
    person("hanako").certificate(TODAY)
}

/// The first command is number 0; the signature is number 4 with short identifiers and number 8 without.
#[test]
fn the_dialogues_of_a_repeat_visit() {
    let rows = [
        ("pin-known", true, Some(4)),
        ("pin-known-while-reading", true, Some(7)),
        ("pin-known-selected", false, Some(8)),
        ("pin-not-known-selected", false, None),
    ];
    for (name, short, known_at) in rows {
        let mut card = held(&hanako(short));
        let mut tap = asked(pin(RIGHT));
        play_told(&mut tap, known_at, |command| card.transmit(command)).expect("evidence");
        insta::assert_snapshot!(name, tap.transcript());
    }
}

#[test]
fn an_answer_ends_the_tap_as_soon_as_the_signature_is_there_and_a_late_one_saves_what_is_left() {
    // So many commands with the signature, and so many with the whole certificate.
    for (short, least, most) in [(true, 5_usize, 11), (false, 9, 16)] {
        for known_at in 0..=most {
            let mut card = held(&hanako(short));
            let mut tap = asked(pin(RIGHT));
            let Evidence { certificate, proof } =
                play_told(&mut tap, Some(known_at), |command| card.transmit(command)).expect("evidence");
            let commands = tap.transcript().exchanges().len();
            // A file is selected to be read: what is heard meanwhile counts from the piece on.
            let heard = if !short && known_at == least { known_at + 1 } else { known_at };
            assert_eq!(commands, (heard + 1).clamp(least, most), "known at {known_at}");
            let expected = if commands < most { None } else { Some(whole()) };
            assert_eq!(certificate, expected, "known at {known_at}");
            assert!(matches!(proof, CardProof::Pin { .. }));
            assert_eq!((verifies(&card), signatures(&card)), ((1, 0), 1));
        }
    }
}

#[test]
fn without_an_answer_the_tap_reads_on() {
    for (short, commands) in [(true, 11), (false, 16)] {
        let mut card = held(&hanako(short));
        let mut tap = asked(pin(RIGHT));
        let evidence = play(&mut tap, |command| card.transmit(command)).expect("evidence");
        assert_eq!(evidence.certificate, Some(whole()));
        assert_eq!(tap.transcript().exchanges().len(), commands);
    }
}

#[test]
fn a_tap_of_which_nobody_is_asked_is_as_short_as_ever() {
    let mut card = held(&hanako(false));
    let mut tap = Tap::new(pin(RIGHT), to_sign(0));
    play(&mut tap, |command| card.transmit(command)).expect("evidence");
    assert_eq!(tap.transcript().exchanges().len(), 15);
}

#[test]
fn the_digest_of_the_card_is_known_from_its_head_on() {
    let mut card = card("hanako");
    let mut tap = asked(pin(RIGHT));
    let counter = play_until(&mut tap, 2, |command| card.transmit(command)).expect("the counter");
    assert_eq!(counter, [0x00, 0x20, 0x00, 0x98], "nothing was sent that costs a try");
    let head = &person("hanako").certificate(TODAY)[..256];
    assert_eq!(tap.card(), Some(sha256(head)));

    // A tap that resumes it knows the digest from the start.
    assert_eq!(tap.lost().resume(to_sign(0)).card(), Some(sha256(head)));
    assert_eq!(Tap::new(pin(RIGHT), to_sign(0)).card(), None);
}

#[test]
fn the_screens_bar_loses_the_pieces_that_are_not_read() {
    let mut card = card("hanako");
    let mut tap = asked(pin(RIGHT));
    // Heard while the card works on VERIFY.
    play_told_to(&mut tap, Some(3), |number, _| number == 4, |command| card.transmit(command));
    assert_eq!((tap.progress().done, tap.progress().total), (4, 5));
}

#[test]
fn only_a_tap_with_pin_leaves_anything_out() {
    for method in [|| right_birth("hanako"), || Method::VisualAttested] {
        for known_at in [0, 3, 8] {
            let mut card = card("hanako");
            let mut tap = asked(method());
            let evidence = play_told(&mut tap, Some(known_at), |command| card.transmit(command));
            assert_eq!(evidence.expect("evidence").certificate, Some(whole()));
            assert!(tap.rest().is_none());
        }
    }
}

#[test]
fn what_is_known_changes_nothing_for_a_wrong_pin() {
    for known_at in 0..4 {
        let mut card = card("hanako");
        let mut tap = asked(pin(WRONG));
        let error = play_told(&mut tap, Some(known_at), |command| card.transmit(command)).expect_err("wrong");
        assert_eq!(error, TapError::PinWrong { tries_left: 2 });
        assert_eq!((verifies(&card), signatures(&card)), ((1, 1), 0));
        assert!(tap.rest().is_none());
    }
}

/// Every command of the shortcut, lost with and without reaching the card, then heard again or not.
#[test]
fn a_card_lost_anywhere_in_the_shortcut_goes_on_in_the_next_tap() {
    for (short, least, most) in [(true, 5_usize, 11), (false, 9, 16)] {
        for (at, reached, again) in (0..least)
            .flat_map(|at| [(at, true, true), (at, true, false), (at, false, true), (at, false, false)])
        {
            let mut card = held(&hanako(short));
            let mut tap = asked(pin(RIGHT));
            let told = Some(at.saturating_sub(1));
            let lost =
                play_told_to(&mut tap, told, |number, _| number == at, |command| card.transmit(command));
            let lost = lost.expect("not over");
            if reached {
                card.transmit(&lost);
            }
            card.power_off();
            card.power_on();
            let mut tap = tap.lost().resume(to_sign(0));
            tap.certificate_asked();
            let evidence = play_told(&mut tap, again.then_some(0), |command| card.transmit(command));
            let certificate = evidence.expect("evidence").certificate;
            let commands = tap.transcript().exchanges().len();
            assert_eq!((certificate.is_none(), commands), (again, if again { least } else { most }));
            let (seen, refused) = verifies(&card);
            assert!(seen <= 2 && refused == 0, "lost at {at}");
        }
    }
}

#[test]
fn a_signature_in_hand_needs_two_commands_of_a_card_that_is_known() {
    let mut card = card("hanako");
    let mut tap = asked(pin(RIGHT));
    // Lost while it reads on, because no answer had come; then it comes.
    play_until(&mut tap, 7, |command| card.transmit(command)).expect("not over");
    card.power_off();
    card.power_on();
    let mut tap = tap.lost().resume(to_sign(0));
    let evidence = play_told(&mut tap, Some(1), |command| card.transmit(command)).expect("evidence");
    assert_eq!((evidence.certificate, tap.transcript().exchanges().len()), (None, 2));
    assert_eq!((verifies(&card), signatures(&card)), ((1, 0), 1));
}

/// A tap that ended without the rest of the certificate, and what is left of it.
fn short_tap(card: &mut VirtualCard) -> (Tap, Vec<u8>) {
    let mut tap = asked(pin(RIGHT));
    let evidence = play_told(&mut tap, Some(4), |command| card.transmit(command)).expect("evidence");
    let CardProof::Pin { signature } = evidence.proof else { panic!("another proof") };
    (tap, signature)
}

#[test]
fn a_service_that_has_forgotten_gets_the_rest_without_a_verify() {
    let mut card = card("hanako");
    let (tap, signature) = short_tap(&mut card);
    card.power_off();
    card.power_on();
    let mut tap = tap.rest().expect("a head and a signature").resume(to_sign(0));
    assert!(!tap.secret_taken());
    let evidence = play(&mut tap, |command| card.transmit(command)).expect("evidence");
    assert_eq!(evidence.certificate, Some(whole()));
    let CardProof::Pin { signature: same } = evidence.proof else { panic!("another proof") };
    assert!(same == signature && tap.secret_taken());
    // SELECT, the head, six pieces.
    assert_eq!(tap.transcript().exchanges().len(), 8);
    assert_eq!((verifies(&card), signatures(&card)), ((1, 0), 1));
}

#[test]
fn the_rest_is_of_this_card_and_this_signature_and_there_is_no_pin_left() {
    let mut first = card("hanako");
    let (tap, _) = short_tap(&mut first);
    let mut other = card("futago");
    let mut resumed = tap.rest().expect("a head and a signature").resume(to_sign(0));
    let error = play(&mut resumed, |command| other.transmit(command)).expect_err("another card");
    assert_eq!((error, other.transcript().len()), (TapError::AnotherCard, 2));

    // For another challenge the signature is worth nothing, and nothing could be sent for a new one.
    let mut first = card("hanako");
    let (tap, _) = short_tap(&mut first);
    let mut resumed = tap.rest().expect("a head and a signature").resume(to_sign(1));
    let error = play(&mut resumed, |command| first.transmit(command)).expect_err("no PIN");
    assert_eq!((error, verifies(&first)), (TapError::AskAgain, (1, 0)));
}

#[test]
fn there_is_no_rest_before_the_end_and_none_of_a_whole_certificate() {
    let mut card = card("hanako");
    let mut tap = asked(pin(RIGHT));
    assert!(tap.rest().is_none());
    play_told_to(&mut tap, Some(3), |number, _| number == 4, |command| card.transmit(command));
    assert!(tap.rest().is_none());

    let mut card = held(&person("hanako"));
    let mut tap = asked(pin(RIGHT));
    play(&mut tap, |command| card.transmit(command)).expect("evidence");
    assert!(tap.rest().is_none());
}
