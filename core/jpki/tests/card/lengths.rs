//! Extended length: what is missing of a file in one answer, if way and card can carry it.

use iso7816::{Command, Le};
use jpki::{Evidence, Lengths, Method, Tap, TapError};
use sandbox_card::{Person, Switches, VirtualCard};

use crate::support::{
    RIGHT, TODAY, WRONG, held, hex, is_extended, is_verify, person, pin, play, play_long, play_told_to,
    play_until, right_birth, to_sign, verifies,
};

/// A tap over a way that carries long answers.
fn long(method: Method) -> Tap {
    long_way(Tap::new(method, to_sign(0)))
}

fn long_way(mut tap: Tap) -> Tap {
    tap.lengths(Lengths::Extended);
    tap
}

/// Hanako's card, which takes an extended Le or refuses it with `6700`.
fn hanako(extended_le: bool) -> VirtualCard {
    held(&with(|switches| switches.extended_le = extended_le))
}

fn with(change: impl FnOnce(&mut Switches)) -> Person {
    let mut hanako = person("hanako");
    change(&mut hanako.card.switches);
    hanako
}

fn no_short_identifiers(switches: &mut Switches) {
    (switches.read_by_short_id, switches.verify_by_short_id, switches.sign_by_short_id) =
        (false, false, false);
}

fn whole() -> Vec<u8> {
    person("hanako").certificate(TODAY)
}

const METHODS: [fn() -> Method; 3] = [|| pin(RIGHT), || right_birth("hanako"), || Method::VisualAttested];

/// What is wrong with the answers to extended commands. The card answers all others as it does.
#[derive(Debug, Clone, Copy)]
enum Odd {
    /// The status word, and no data.
    Word(&'static str),
    /// So many bytes, and `9000`.
    Only(usize),
    /// As many, and `6282`.
    End(usize),
    /// One byte more than asked.
    TooMuch,
}

impl Odd {
    fn answer(self, card: &mut VirtualCard, command: &[u8]) -> Vec<u8> {
        if !is_extended(command) {
            return card.transmit(command);
        }
        if let Self::Word(word) = self {
            return hex(word);
        }
        let mut answer = card.transmit(command);
        assert!(answer.ends_with(&[0x90, 0x00]), "the switch is on");
        match self {
            Self::Only(length) => drop(answer.drain(length..answer.len() - 2)),
            Self::End(length) => {
                answer.truncate(length);
                answer.extend([0x62, 0x82]);
            }
            Self::TooMuch => answer.insert(0, 0x30),
            Self::Word(_) => unreachable!("answered"),
        }
        answer
    }
}

const ODD: [Odd; 12] = [
    Odd::Word("67 00"),
    Odd::Word("6B 00"),
    Odd::Word("6D 00"),
    Odd::Word("6F 00"),
    Odd::Word("69 82"),
    Odd::Word("61 10"),
    Odd::Word("63 C0"),
    Odd::Word("90 00"),
    Odd::Only(1),
    Odd::Only(256),
    Odd::End(255),
    Odd::TooMuch,
];

/// Le of the extended commands that were given out.
fn extended(tap: &Tap) -> Vec<u32> {
    tap.transcript().exchanges().iter().filter_map(|seen| seen.le).filter(|le| *le > 256).collect()
}

/// A name, what is special about the card, and how many commands it is asked.
type Row = (&'static str, fn(&mut Switches), usize);

#[test]
fn the_dialogues_over_a_way_that_carries_long_answers() {
    let rows: [Row; 9] = [
        ("pin-extended", |switches| switches.extended_le = true, 6),
        ("visual-proven-extended", |switches| switches.extended_le = true, 11),
        ("visual-attested-extended", |switches| switches.extended_le = true, 4),
        ("pin-extended-refused", |_| {}, 12),
        ("visual-proven-extended-refused", |_| {}, 19),
        ("visual-attested-extended-refused", |_| {}, 10),
        (
            "pin-extended-selected",
            |switches| {
                switches.extended_le = true;
                no_short_identifiers(switches);
            },
            10,
        ),
        (
            "visual-proven-extended-selected",
            |switches| {
                switches.extended_le = true;
                no_short_identifiers(switches);
            },
            16,
        ),
        ("pin-extended-refused-selected", no_short_identifiers, 16),
    ];
    for (name, change, commands) in rows {
        let method = match name.split('-').nth(1) {
            Some("proven") => right_birth("hanako"),
            Some("attested") => Method::VisualAttested,
            _ => pin(RIGHT),
        };
        let mut card = held(&with(change));
        let mut tap = long(method);
        let evidence = play_long(&mut tap, None, |command| card.transmit(command)).expect("evidence");
        assert_eq!(evidence.certificate, Some(whole()), "{name}");
        assert_eq!(tap.transcript().exchanges().len(), commands, "{name}");
        insta::assert_snapshot!(name, tap.transcript());
    }
}

#[test]
fn nobody_is_asked_with_an_extended_le_unless_the_way_is_said_to_carry_it() {
    for method in METHODS {
        let mut card = hanako(true);
        // `play` holds every command to short fields.
        play(&mut Tap::new(method(), to_sign(0)), |command| card.transmit(command)).expect("evidence");
        let mut tap = long(method());
        tap.lengths(Lengths::Short);
        let mut card = hanako(true);
        play(&mut tap, |command| card.transmit(command)).expect("evidence");
    }
}

#[test]
fn the_field_says_exactly_what_is_missing() {
    let mut card = hanako(true);
    let mut tap = long(pin(RIGHT));
    let read = play_until(&mut tap, 2, |command| card.transmit(command)).expect("the rest");
    let [high, low] = u16::try_from(whole().len() - 256).expect("short").to_be_bytes();
    assert_eq!(read, [0x00, 0xB0, 0x01, 0x00, 0x00, high, low]);
    assert_eq!(Command::parse(&read).expect("a command").le().map(Le::get), Some(1300));
}

#[test]
fn whatever_a_card_answers_that_does_not_take_it_the_rest_is_read_in_pieces() {
    for (method, short) in METHODS.into_iter().zip([11_usize, 18, 9]) {
        for odd in ODD {
            let mut card = hanako(true);
            let mut tap = long(method());
            let evidence = play_long(&mut tap, None, |command| odd.answer(&mut card, command));
            assert_eq!(evidence.expect("evidence").certificate, Some(whole()), "{odd:?}");
            assert_eq!(extended(&tap), [1300], "once, and before the PIN: {odd:?}");
            let asked = tap.transcript().exchanges();
            let verify = asked.iter().position(|seen| seen.header.ins == 0x20).unwrap_or(asked.len());
            assert!(asked.iter().position(|seen| seen.le == Some(1300)) < Some(verify), "{odd:?}");
            // A piece that came at once is a piece less to read; 44 to 256 bytes more or less are one.
            let saved = usize::from(matches!(odd, Odd::Only(256) | Odd::End(255)));
            assert_eq!(asked.len(), short + 1 - saved, "{odd:?}");
            assert_eq!(verifies(&card).1, 0);
        }
    }
}

/// A card that takes it for the certificate, and then does not for the records.
#[test]
fn a_card_that_changes_its_mind_is_read_in_pieces_from_there() {
    for odd in ODD {
        let mut card = hanako(true);
        let mut tap = long(right_birth("hanako"));
        let evidence = play_long(&mut tap, None, |command| match Command::parse(command) {
            Ok(command) if command.le().is_some_and(|le| le.get() == 1300) => {
                card.transmit(command.encode().expose())
            }
            _ => odd.answer(&mut card, command),
        });
        evidence.expect("evidence");
        assert_eq!(extended(&tap), [1300, 547 - 256], "{odd:?}");
        assert_eq!(verifies(&card), (1, 0));
    }
}

#[test]
fn where_the_service_is_asked_the_rest_comes_after_the_signature_or_not_at_all() {
    for (takes, known_at, commands) in
        [(true, None, 6), (true, Some(4), 5), (false, None, 12), (false, Some(4), 5), (false, Some(5), 6)]
    {
        let mut card = hanako(takes);
        let mut tap = long(pin(RIGHT));
        tap.certificate_asked();
        let evidence = play_long(&mut tap, known_at, |command| card.transmit(command)).expect("evidence");
        assert_eq!(tap.transcript().exchanges().len(), commands);
        assert_eq!(evidence.certificate, known_at.is_none().then(whole));
        assert_eq!(verifies(&card), (1, 0));
    }
}

#[test]
fn a_card_that_makes_a_named_pin_current_is_read_in_pieces_after_it() {
    let mut card = held(&with(|switches| {
        (switches.extended_le, switches.short_id_moves_current_ef) = (true, true);
    }));
    let mut tap = long(pin(RIGHT));
    tap.certificate_asked();
    let evidence = play_long(&mut tap, None, |command| card.transmit(command)).expect("evidence");
    assert_eq!(evidence.certificate, Some(whole()));
    assert_eq!(tap.transcript().exchanges().len(), 11 + 2 + 1);
}

/// Every command lost, with and without reaching the card; the next tap's way carries long answers or not.
#[test]
fn a_card_lost_at_any_command_goes_on_in_the_next_tap() {
    for (method, number) in METHODS.into_iter().zip(0..) {
        for (takes, asked, reached, again) in
            (0..16).map(|bits: u8| (bits & 1 != 0, bits & 2 != 0, bits & 4 != 0, bits & 8 != 0))
        {
            for at in 0.. {
                let mut card = hanako(takes);
                let mut tap = long(method());
                if asked {
                    tap.certificate_asked();
                }
                let lost =
                    play_told_to(&mut tap, None, |number, _| number == at, |command| card.transmit(command));
                let Some(lost) = lost else { break };
                if reached {
                    card.transmit(&lost);
                }
                card.power_off();
                card.power_on();
                let before = extended(&tap);
                let mut tap = tap.lost().resume(to_sign(0));
                if again {
                    tap.lengths(Lengths::Extended);
                }
                let evidence = play_long(&mut tap, None, |command| card.transmit(command));
                let Evidence { certificate, .. } = evidence.expect("evidence");
                let case = (number, takes, asked, reached, again, at);
                assert_eq!(certificate, Some(whole()), "{case:?}");
                let (seen, refused) = verifies(&card);
                assert!(seen <= 2 && refused == 0, "{case:?}");
                // What was refused, and what was lost, is not tried again.
                if is_extended(&lost) || (!takes && !before.is_empty()) || !again {
                    assert_eq!(extended(&tap), [0; 0], "{case:?}");
                }
            }
        }
    }
}

#[test]
fn what_a_card_gave_of_a_long_answer_is_not_read_again_after_a_loss() {
    let mut card = hanako(true);
    let mut tap = long(Method::VisualAttested);
    let lost = play_until(&mut tap, 3, |command| Odd::Only(1000).answer(&mut card, command));
    assert_eq!(lost.expect("not over"), hex("00 B0 04 E8 00"), "on from byte 1,256, in a piece");
    card.power_off();
    card.power_on();
    let mut tap = long_way(tap.lost().resume(to_sign(0)));
    let evidence = play_long(&mut tap, None, |command| card.transmit(command)).expect("evidence");
    assert_eq!(evidence.certificate, Some(whole()));
    // SELECT, the head, two pieces of 300 bytes, the label.
    assert_eq!((tap.transcript().exchanges().len(), extended(&tap)), (5, vec![]));
}

#[test]
fn a_wrong_pin_costs_one_try_whatever_becomes_of_the_long_answer() {
    for odd in ODD {
        let mut card = hanako(true);
        let mut tap = long(pin(WRONG));
        let error = play_long(&mut tap, None, |command| odd.answer(&mut card, command)).expect_err("wrong");
        assert_eq!(error, TapError::PinWrong { tries_left: 2 });
        assert_eq!(verifies(&card), (1, 1));
    }
    // Lost with its long answer before VERIFY, and after it.
    for asked in [false, true] {
        let mut card = hanako(true);
        let mut tap = long(pin(RIGHT));
        if asked {
            tap.certificate_asked();
        }
        let until = |_, command: &[u8]| is_extended(command);
        play_told_to(&mut tap, None, until, |command| card.transmit(command)).expect("not over");
        assert_eq!(verifies(&card).0, usize::from(asked));
        card.power_off();
        card.power_on();
        let mut tap = long_way(tap.lost().resume(to_sign(0)));
        play(&mut tap, |command| card.transmit(command)).expect("evidence, by short APDUs");
        assert_eq!(verifies(&card), (1, 0), "a signature in hand needs no other VERIFY");
    }
}

#[test]
fn no_command_with_a_pin_is_extended() {
    let mut card = hanako(true);
    for method in METHODS {
        play_long(&mut long(method()), None, |command| {
            assert!(!is_verify(command) || !is_extended(command));
            assert!(!is_extended(command) || command[1] == 0xB0, "READ BINARY only");
            card.transmit(command)
        })
        .expect("evidence");
    }
}

#[test]
fn a_certificate_whose_rest_fits_into_a_short_answer_is_read_with_one() {
    // Nothing is missing but one piece.
    let mut certificate = vec![0x30, 0x82, 0x01, 0xFC];
    certificate.resize(512, 0xCE);
    let mut tap = long(Method::VisualAttested);
    let evidence = play(&mut tap, |command| match command {
        [_, 0xA4, ..] => vec![0x90, 0x00],
        [_, 0xB0, 0x8A, ..] => [&certificate[..256], &[0x90, 0x00]].concat(),
        [_, 0xB0, 0x01, 0x00, 0x00] => [&certificate[256..], &[0x90, 0x00]].concat(),
        _ => vec![0x6A, 0x82],
    });
    assert_eq!(evidence.expect("evidence").certificate, Some(certificate.clone()));
}
