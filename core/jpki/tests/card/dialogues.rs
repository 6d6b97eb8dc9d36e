//! The dialogues as the card sees them: which commands, in which order, how many.

use jpki::{Method, Step, Tap, TapError};
use sandbox_card::{CounterAfterVerify, Person, Selected, Switches, VirtualCard};

use crate::support::{
    RIGHT, WRONG, card, held, hex, person, pin, play, play_until, right_birth, tap_of, to_sign, wrong_birth,
};

fn transcript(person: &Person, method: Method) -> String {
    let mut card = held(person);
    let mut tap = Tap::new(method, to_sign(0));
    play(&mut tap, |command| card.transmit(command)).expect("evidence");
    tap.transcript().to_string()
}

/// Hanako's card with other switches than it comes with.
fn hanako(change: impl FnOnce(&mut Switches)) -> Person {
    let mut hanako = person("hanako");
    change(&mut hanako.card.switches);
    hanako
}

#[test]
fn the_dialogues_of_an_ordinary_card() {
    let methods = [
        ("pin", pin(RIGHT)),
        ("visual-proven", right_birth("hanako")),
        ("visual-attested", Method::VisualAttested),
    ];
    for (name, method) in methods {
        insta::assert_snapshot!(name, transcript(&hanako(|_| {}), method));
    }
}

#[test]
fn the_dialogues_of_a_card_that_refuses_short_identifiers() {
    let refuses = hanako(|switches| {
        switches.read_by_short_id = false;
        switches.verify_by_short_id = false;
        switches.sign_by_short_id = false;
    });
    for (name, method) in [
        ("pin-selected", pin(RIGHT)),
        ("visual-proven-selected", right_birth("hanako")),
        ("visual-attested-selected", Method::VisualAttested),
    ] {
        insta::assert_snapshot!(name, transcript(&refuses, method));
    }
}

#[test]
fn the_dialogues_that_end_early() {
    let early = [
        ("pin-blocked", "rokku", pin(RIGHT)),
        ("pin-last-try", "nokori", pin(RIGHT)),
        ("pin-wrong", "hanako", pin([9, 9, 9, 9])),
        ("pin-face-authentication-card", "kaori", pin(RIGHT)),
        ("pin-android", "andoro", pin(RIGHT)),
        ("visual-android", "andoro", wrong_birth()),
        ("visual-iphone", "rin", wrong_birth()),
        ("attested-iphone", "rin", Method::VisualAttested),
    ];
    for (name, slug, method) in early {
        let mut card = card(slug);
        let mut tap = Tap::new(method, to_sign(0));
        let error = play(&mut tap, |command| card.transmit(command)).expect_err("no evidence");
        insta::assert_snapshot!(name, format!("{}{error:?}", tap.transcript()));
    }
}

/// Every refusal of short identifiers, with and without VERIFY and signature moving the current file.
#[test]
fn a_dialogue_is_short_however_the_card_takes_short_identifiers() {
    let yes_no = [true, false];
    for (read, verify, sign, moves) in yes_no.into_iter().flat_map(|read| {
        yes_no.into_iter().flat_map(move |verify| {
            yes_no
                .into_iter()
                .flat_map(move |sign| yes_no.into_iter().map(move |moves| (read, verify, sign, moves)))
        })
    }) {
        let person = hanako(|switches| {
            switches.read_by_short_id = read;
            switches.verify_by_short_id = verify;
            switches.sign_by_short_id = sign;
            switches.short_id_moves_current_ef = moves;
        });
        let count = |method| transcript(&person, method).lines().count();
        let (with_pin, proven) = (count(pin(RIGHT)), count(right_birth("hanako")));
        let attested = count(Method::VisualAttested);
        let form = (read, verify, sign, moves);
        assert!(
            with_pin <= 15 && proven <= 23 && attested <= 12,
            "{form:?}: {with_pin}, {proven}, {attested}"
        );
        if form == (true, true, true, false) {
            assert_eq!((with_pin, proven, attested), (11, 18, 9));
        }
        if !read {
            assert_eq!((with_pin, proven, attested), (15, 23, 12));
        }
        // The service is asked, and says nothing; or the card is expected to refuse; or both.
        for (asked, untried, most) in [(true, false, 15), (false, true, 14), (true, true, 15)] {
            let mut card = held(&person);
            let mut tap = tap_of(pin(RIGHT), asked, untried);
            play(&mut tap, |command| card.transmit(command)).expect("evidence");
            let commands = tap.transcript().exchanges().len();
            assert!(commands <= most, "{form:?}, {asked}, {untried}: {commands}");
        }
    }
}

#[test]
fn a_first_command_answered_6f00_costs_one_more() {
    let person = hanako(|switches| switches.first_command_6f00 = true);
    assert_eq!(transcript(&person, pin(RIGHT)).lines().count(), 12);
}

/// A card whose PIN a program before this one left verified, with a warm reset between the two, and which hides
/// the counter then.
fn left_verified(person: &Person) -> VirtualCard {
    let mut person = person.clone();
    person.card.switches.counter_after_verify = CounterAfterVerify::Success;
    let mut card = held(&person);
    for command in [SELECT_JPKI, "00 A4 02 0C 02 00 18", "00 20 00 80 04 31 32 33 34"] {
        assert_eq!(card.transmit(&hex(command)), [0x90, 0x00]);
    }
    card.reset();
    card
}

const SELECT_JPKI: &str = "00 A4 04 0C 0A D3 92 F0 00 26 01 00 00 00 01";

#[test]
fn a_pin_left_verified_does_not_let_the_next_one_in() {
    // An iPhone has no other application to leave to: its issuer domain is one.
    for slug in ["hanako", "rin"] {
        let mut card = left_verified(&person(slug));
        let mut tap = Tap::new(pin(WRONG), to_sign(0));
        let error = play(&mut tap, |command| card.transmit(command)).expect_err("wrong");
        assert_eq!(error, TapError::PinWrong { tries_left: 2 }, "{slug}");
        assert!(card.transcript().selected().all(|asked| asked != Selected::TextInput));
    }
}

#[test]
fn a_pin_left_verified_costs_four_commands_more_and_five_on_a_phone() {
    let count = |card: &mut VirtualCard| {
        let mut tap = Tap::new(pin(RIGHT), to_sign(0));
        play(&mut tap, |command| card.transmit(command)).expect("evidence");
        tap.transcript().exchanges().len()
    };
    let more = |person: &Person| count(&mut left_verified(person)) - count(&mut held(person));
    assert_eq!(more(&hanako(|_| {})), 4);
    assert_eq!(more(&hanako(|switches| switches.read_by_short_id = false)), 4);
    assert_eq!(more(&person("rin")), 5);

    // A birth date is never found verified: the dialogue comes from the JPKI AP.
    let hides = hanako(|switches| switches.counter_after_verify = CounterAfterVerify::Success);
    let mut card = held(&hides);
    for _ in 0..2 {
        card.reset();
        let mut tap = Tap::new(right_birth("hanako"), to_sign(0));
        play(&mut tap, |command| card.transmit(command)).expect("evidence");
        assert_eq!(tap.transcript().exchanges().len(), 18);
    }
}

/// Whatever a card answers, whenever it does: an outcome or a command, never a panic.
#[test]
fn odd_answers_at_any_step_end_the_tap() {
    let answers =
        ["", "90", "90 00", "61 10", "6C 10", "69 82", "63 C1", "00 8F 00 90 00", "30 82 FF FF 90 00"];
    for method in [|| pin(RIGHT), || right_birth("hanako"), || Method::VisualAttested] {
        for nth in 0..18 {
            for answer in answers.iter().map(|answer| hex(answer)).chain([vec![0; 300], vec![0xFF; 258]]) {
                let mut card = card("hanako");
                let mut tap = Tap::new(method(), to_sign(0));
                if play_until(&mut tap, nth, |command| card.transmit(command)).is_none() {
                    continue;
                }
                let mut step = tap.next(Some(&answer));
                let mut steps = 0;
                while let Step::Transmit(command) = step {
                    step = tap.next(Some(&card.transmit(command.expose())));
                    steps += 1;
                    assert!(steps < 60, "an endless dialogue");
                }
                assert!(crate::support::verifies(&card).0 <= 1);
            }
        }
    }
}
