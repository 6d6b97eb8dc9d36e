//! The repeat visit: the service has the certificate, and says so before the tap, while it lasts, or too late.

use jpki::{CardProof, Evidence, Method, Tap, TapError};
use sandbox_card::{Person, Switches, VirtualCard};

use crate::support::{
    RIGHT, TODAY, WRONG, card, held, person, pin, play, play_told, play_told_to, play_until, right_birth,
    sha256, tap_of, to_sign, verifies,
};

/// A tap of which the service is asked.
fn asked(method: Method) -> Tap {
    tap_of(method, true, false)
}

/// A card and what was expected of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Met {
    /// It takes short identifiers.
    Taken,
    /// It refuses them, which nobody expected.
    Refused,
    /// It refuses them as expected.
    Expected,
    /// It was expected to refuse them, and would have taken them.
    InVain,
}

impl Met {
    const ALL: [Self; 4] = [Self::Taken, Self::Refused, Self::Expected, Self::InVain];

    fn card(self) -> VirtualCard {
        held(&hanako(matches!(self, Self::Taken | Self::InVain)))
    }

    fn untried(self) -> bool {
        matches!(self, Self::Expected | Self::InVain)
    }

    /// A tap with PIN of which the service is asked.
    fn tap(self) -> Tap {
        tap_of(pin(RIGHT), true, self.untried())
    }

    /// Commands with the signature alone, and with the whole certificate.
    fn commands(self) -> (usize, usize) {
        match self {
            Self::Taken => (5, 11),
            Self::Refused => (9, 15),
            Self::Expected | Self::InVain => (8, 15),
        }
    }

    /// Commands where the answer is heard while the card works on this one, counted from zero.
    fn commands_known_at(self, known_at: usize) -> usize {
        let (least, most) = self.commands();
        match self {
            // The head is command 3, and the pieces follow it.
            Self::Refused => least + known_at.saturating_sub(3).min(6),
            // A file is selected to be read: what is heard meanwhile counts from the piece on.
            Self::Expected | Self::InVain if known_at == least => least + 2,
            Self::Taken | Self::Expected | Self::InVain => (known_at + 1).clamp(least, most),
        }
    }
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

/// The first command is number 0; the signature is number 4 with short identifiers, and number 7 where a refusal is
/// expected.
#[test]
fn the_dialogues_of_a_repeat_visit() {
    let rows = [
        ("pin-known", Met::Taken, Some(4)),
        ("pin-known-while-reading", Met::Taken, Some(7)),
        ("pin-known-refused", Met::Refused, Some(5)),
        ("pin-not-known-refused", Met::Refused, None),
        ("pin-known-expected", Met::Expected, Some(7)),
        ("pin-not-known-expected", Met::Expected, None),
    ];
    for (name, met, known_at) in rows {
        let (mut card, mut tap) = (met.card(), met.tap());
        play_told(&mut tap, known_at, |command| card.transmit(command)).expect("evidence");
        insta::assert_snapshot!(name, tap.transcript());
    }
}

#[test]
fn an_answer_ends_the_tap_as_soon_as_the_signature_is_there_and_a_late_one_saves_what_is_left() {
    for met in Met::ALL {
        let (_, most) = met.commands();
        for known_at in 0..=most {
            let (mut card, mut tap) = (met.card(), met.tap());
            let Evidence { certificate, proof } =
                play_told(&mut tap, Some(known_at), |command| card.transmit(command)).expect("evidence");
            let commands = tap.transcript().exchanges().len();
            assert_eq!(commands, met.commands_known_at(known_at), "{met:?}, known at {known_at}");
            let expected = if commands < most { None } else { Some(whole()) };
            assert_eq!(certificate, expected, "{met:?}, known at {known_at}");
            assert!(matches!(proof, CardProof::Pin { .. }));
            assert_eq!((verifies(&card), signatures(&card)), ((1, 0), 1));
        }
    }
}

#[test]
fn without_an_answer_the_tap_reads_on() {
    for met in Met::ALL {
        let (mut card, mut tap) = (met.card(), met.tap());
        let evidence = play(&mut tap, |command| card.transmit(command)).expect("evidence");
        assert_eq!(evidence.certificate, Some(whole()));
        assert_eq!(tap.transcript().exchanges().len(), met.commands().1, "{met:?}");
    }
}

#[test]
fn a_tap_of_which_nobody_is_asked_is_as_short_as_ever_and_shorter_where_a_refusal_is_expected() {
    for (met, commands) in Met::ALL.into_iter().zip([11, 15, 14, 14]) {
        let mut card = met.card();
        let mut tap = tap_of(pin(RIGHT), false, met.untried());
        play(&mut tap, |command| card.transmit(command)).expect("evidence");
        assert_eq!(tap.transcript().exchanges().len(), commands, "{met:?}");
    }
    for (method, commands) in [(right_birth("hanako"), 22), (Method::VisualAttested, 11)] {
        let mut card = Met::Expected.card();
        let mut tap = tap_of(method, false, true);
        play(&mut tap, |command| card.transmit(command)).expect("evidence");
        assert_eq!(tap.transcript().exchanges().len(), commands);
    }
}

#[test]
fn a_tap_says_what_its_card_did_with_short_identifiers_if_one_was_tried() {
    for (met, takes) in Met::ALL.into_iter().zip([Some(true), Some(false), None, None]) {
        let (mut card, mut tap) = (met.card(), met.tap());
        assert_eq!(tap.takes_short_identifiers(), None);
        play(&mut tap, |command| card.transmit(command)).expect("evidence");
        assert_eq!(tap.takes_short_identifiers(), takes, "{met:?}");
    }
    // One that refuses them for VERIFY alone is expected to refuse them: the other order costs it nothing more.
    let mut refuses = person("hanako");
    refuses.card.switches.verify_by_short_id = false;
    let (mut refuses, mut tap) = (held(&refuses), asked(pin(RIGHT)));
    play(&mut tap, |command| refuses.transmit(command)).expect("evidence");
    assert_eq!((tap.takes_short_identifiers(), tap.transcript().exchanges().len()), (Some(false), 15));

    // A phone whose certificate is behind the PIN refuses the selected file as well, and says nothing of identifiers.
    let (mut phone, mut tap) = (card("andoro"), asked(pin(RIGHT)));
    play(&mut tap, |command| phone.transmit(command)).expect_err("behind the PIN");
    assert_eq!(tap.takes_short_identifiers(), None);
}

#[test]
fn a_card_that_refused_short_identifiers_is_not_tried_again_after_a_loss() {
    let mut card = Met::Refused.card();
    let mut tap = Met::Refused.tap();
    let tried = |tap: &Tap| {
        let asked = tap.transcript().exchanges().iter();
        asked.filter(|seen| seen.header.ins == 0xB0 && seen.header.p1 == 0x8A).count()
    };
    for number in 0..3 {
        play_until(&mut tap, 4, |command| card.transmit(command)).expect("not over");
        assert_eq!(tried(&tap), usize::from(number == 0));
        assert_eq!(tap.takes_short_identifiers(), (number == 0).then_some(false));
        card.power_off();
        card.power_on();
        tap = tap.lost().resume(to_sign(0));
        tap.certificate_asked();
    }
    // One that took them is tried again.
    let mut card = Met::Taken.card();
    let mut tap = Met::Taken.tap();
    play_until(&mut tap, 2, |command| card.transmit(command)).expect("not over");
    card.power_off();
    card.power_on();
    let mut tap = tap.lost().resume(to_sign(0));
    assert_eq!(tap.takes_short_identifiers(), None);
    play_until(&mut tap, 2, |command| card.transmit(command)).expect("not over");
    assert_eq!((tried(&tap), tap.takes_short_identifiers()), (1, Some(true)));
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
    for met in [Met::Taken, Met::Expected, Met::InVain] {
        let (least, most) = met.commands();
        for (at, reached, again) in every_loss(least) {
            let (card, certificate, commands) = lose(met, at, Some(at.saturating_sub(1)), reached, again);
            assert_eq!((certificate.is_none(), commands), (again, if again { least } else { most }), "{at}");
            let (seen, refused) = verifies(&card);
            assert!(seen <= 2 && refused == 0, "lost at {at}");
        }
    }
}

/// The same of a card that refuses short identifiers, with the pieces that it gave before it was lost.
#[test]
fn a_card_lost_while_it_is_read_before_the_pin_goes_on_in_the_next_tap() {
    // Until the first tap has heard the answer, if it has: while the card works on command 6.
    for known_at in [None, Some(6)] {
        let (least, most) = Met::Refused.commands();
        for (at, reached, again) in every_loss(known_at.map_or(most, |at| Met::Refused.commands_known_at(at)))
        {
            let (card, certificate, commands) = lose(Met::Refused, at, known_at, reached, again);
            // Before its head is there, the card has not refused anything that the next tap could know of.
            let refused = at > 3;
            let pieces = at.saturating_sub(4).min(known_at.map_or(6, |at| at - 3));
            let expected = match (refused, again) {
                (false, false) => most,
                (false, true) => least,
                // It need not be selected again to be read on.
                (true, false) if pieces == 6 => 8,
                (true, false) => most - pieces,
                (true, true) => 8,
            };
            let case = format!("{known_at:?}, lost at {at}, {reached}, {again}");
            assert_eq!(commands, expected, "{case}");
            assert_eq!(certificate.is_none(), again && pieces < 6, "{case}");
            let (seen, refused) = verifies(&card);
            assert!(seen <= 2 && refused == 0, "{case}");
        }
    }
}

/// Each of so many commands, which reached the card or did not, and whether the next tap hears the answer at once.
fn every_loss(commands: usize) -> impl Iterator<Item = (usize, bool, bool)> {
    (0..commands * 4).map(|bits| (bits / 4, bits & 1 != 0, bits & 2 != 0))
}

/// A tap that is lost at this command, and the next one, which hears the answer at once or not at all: the card, the
/// certificate, and how many commands the next one took.
fn lose(
    met: Met,
    at: usize,
    known_at: Option<usize>,
    reached: bool,
    again: bool,
) -> (VirtualCard, Option<Vec<u8>>, usize) {
    let (mut card, mut tap) = (met.card(), met.tap());
    let lost = play_told_to(&mut tap, known_at, |number, _| number == at, |command| card.transmit(command));
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
    assert!(certificate.as_ref().is_none_or(|certificate| *certificate == whole()));
    (card, certificate, tap.transcript().exchanges().len())
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
