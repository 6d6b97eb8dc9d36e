//! A shell's loop, and what every test needs.

use std::sync::Arc;

use iso7816::Command;
use jpki::{CardDigest, Evidence, Method, Step, Tap, TapError, ToSign};
use ring::digest::{SHA256, digest};
use sandbox_card::{Person, VirtualCard};
use secret::{BirthDigits, Pin};
use time::{Date, macros::date};

/// The day of every test.
pub(crate) const TODAY: Date = date!(2026 - 11 - 23);

/// The PIN of every test card, and another one.
pub(crate) const RIGHT: [u8; 4] = [1, 2, 3, 4];
pub(crate) const WRONG: [u8; 4] = [9, 9, 9, 9];

/// Stands in for the binding: what is signed depends on the card and on a challenge.
pub(crate) fn to_sign(challenge: u8) -> ToSign {
    Arc::new(move |card| sha256(&binding(card, challenge)))
}

/// The bytes whose hash [`to_sign`] has the card sign.
pub(crate) fn binding(card: &CardDigest, challenge: u8) -> Vec<u8> {
    [&card[..], &[challenge]].concat()
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    digest(&SHA256, bytes).as_ref().try_into().expect("32 bytes")
}

pub(crate) fn person(slug: &str) -> Person {
    Person::named(slug).expect("a named person")
}

/// The person's card, in the field of a reader.
pub(crate) fn card(slug: &str) -> VirtualCard {
    held(&person(slug))
}

/// A card in the field of a reader.
pub(crate) fn held(person: &Person) -> VirtualCard {
    let mut card = person.personalise(TODAY);
    card.power_on();
    card
}

/// VERIFYs that the card saw, and those of them that it refused.
pub(crate) fn verifies(card: &VirtualCard) -> (usize, usize) {
    let verifies = card.transcript().exchanges().iter();
    let verifies =
        verifies.filter(|seen| seen.header.is_some_and(|[_, ins, ..]| ins == 0x20) && seen.lc.is_some());
    let refused = verifies.clone().filter(|seen| seen.status != 0x9000);
    (verifies.count(), refused.count())
}

/// YYMMDD in the era that the card shows for a birth date.
pub(crate) fn as_printed(birth_date: Date) -> [u8; 6] {
    const ERAS: [Date; 5] = [
        date!(2019 - 05 - 01),
        date!(1989 - 01 - 08),
        date!(1926 - 12 - 25),
        date!(1912 - 07 - 30),
        date!(1868 - 01 - 25),
    ];
    let era = ERAS.into_iter().find(|start| *start <= birth_date).expect("an era");
    let year = u8::try_from(birth_date.year() - era.year() + 1).expect("a short era");
    let (month, day) = (u8::from(birth_date.month()), birth_date.day());
    [year / 10, year % 10, month / 10, month % 10, day / 10, day % 10]
}

/// The birth date on the person's card, and another one.
pub(crate) fn right_birth(slug: &str) -> Method {
    birth(as_printed(person(slug).birth_date()))
}

pub(crate) fn wrong_birth() -> Method {
    birth([3, 0, 1, 2, 3, 1])
}

pub(crate) fn pin(digits: [u8; 4]) -> Method {
    Method::Pin { pin: Pin::from_digits(digits).expect("digits"), last_try: false }
}

pub(crate) fn birth(digits: [u8; 6]) -> Method {
    Method::VisualProven { birth: BirthDigits::from_digits(digits).expect("digits"), last_try: false }
}

/// The same, after the patient or staff were told that one try is left.
pub(crate) fn told(method: Method) -> Method {
    match method {
        Method::Pin { pin, .. } => Method::Pin { pin, last_try: true },
        Method::VisualProven { birth, .. } => Method::VisualProven { birth, last_try: true },
        Method::VisualAttested => method,
    }
}

/// A tap of which the service is asked or not, and whose card is expected to refuse short identifiers or not.
pub(crate) fn tap_of(method: Method, asked: bool, untried: bool) -> Tap {
    let mut tap = Tap::new(method, to_sign(0));
    if asked {
        tap.certificate_asked();
    }
    if untried {
        tap.without_short_identifiers();
    }
    tap
}

/// The loop of a shell, to the end.
pub(crate) fn play(tap: &mut Tap, transceive: impl FnMut(&[u8]) -> Vec<u8>) -> Result<Evidence, TapError> {
    play_told(tap, None, transceive)
}

/// The same, and the service says that it knows the certificate while the card works on the command of this
/// number, counted from zero.
pub(crate) fn play_told(
    tap: &mut Tap,
    told: Option<usize>,
    mut transceive: impl FnMut(&[u8]) -> Vec<u8>,
) -> Result<Evidence, TapError> {
    play_long(tap, told, |command| {
        assert!(!is_extended(command), "short APDUs only");
        transceive(command)
    })
}

/// The same, of a tap that may use extended length.
pub(crate) fn play_long(
    tap: &mut Tap,
    told: Option<usize>,
    mut transceive: impl FnMut(&[u8]) -> Vec<u8>,
) -> Result<Evidence, TapError> {
    let mut step = tap.next(None);
    loop {
        let progress = tap.progress();
        assert!(progress.done <= progress.total, "{progress:?}");
        match step {
            Step::Transmit(command) => {
                let answer = transceive(command.expose());
                if told == Some(progress.done.into()) {
                    tap.certificate_known();
                }
                step = tap.next(Some(&answer));
            }
            Step::Done(outcome) => {
                if outcome.is_ok() {
                    assert_eq!(progress.done, progress.total, "the screen's bar is full at the end");
                }
                assert_eq!(usize::from(progress.done), tap.transcript().exchanges().len());
                return outcome;
            }
        }
    }
}

/// The tap until its `nth` command was given out, counted from zero; the card answers the ones before.
/// `None` if the tap was over by then.
pub(crate) fn play_until(
    tap: &mut Tap,
    nth: usize,
    transceive: impl FnMut(&[u8]) -> Vec<u8>,
) -> Option<Vec<u8>> {
    play_to(tap, |number, _| number == nth, transceive)
}

/// The same, until the first command that `until` picks by its number and bytes.
pub(crate) fn play_to(
    tap: &mut Tap,
    until: impl Fn(usize, &[u8]) -> bool,
    transceive: impl FnMut(&[u8]) -> Vec<u8>,
) -> Option<Vec<u8>> {
    play_told_to(tap, None, until, transceive)
}

/// The same, and the service says that it knows the certificate, as in [`play_told`].
pub(crate) fn play_told_to(
    tap: &mut Tap,
    told: Option<usize>,
    until: impl Fn(usize, &[u8]) -> bool,
    mut transceive: impl FnMut(&[u8]) -> Vec<u8>,
) -> Option<Vec<u8>> {
    let mut step = tap.next(None);
    for number in 0.. {
        let Step::Transmit(command) = step else { break };
        if until(number, command.expose()) {
            return Some(command.expose().to_vec());
        }
        let answer = transceive(command.expose());
        if told == Some(number) {
            tap.certificate_known();
        }
        step = tap.next(Some(&answer));
    }
    None
}

/// Whether a command has extended length fields.
pub(crate) fn is_extended(command: &[u8]) -> bool {
    Command::parse(command).expect("a command APDU").is_extended()
}

/// Whether a command is a VERIFY that carries a PIN or birth date.
pub(crate) fn is_verify(command: &[u8]) -> bool {
    command[1] == 0x20 && command.len() > 5
}

/// `"63 C2"` → bytes.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: String = text.split_whitespace().collect();
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal"))
        .collect()
}
