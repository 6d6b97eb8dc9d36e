//! What these tests share.

use core::time::Duration;
use std::sync::OnceLock;

use bluetooth::{End, Given, Setup, Shell, Visit, Visited};
use jpki::{CardProof, Evidence, KeyCertificate, Method};
use sandbox_card::{Person, VirtualCard};
use sandbox_reader::ble::{Fault, Mishap, Model, Place};
use secret::{BirthDigits, Pin};
use time::macros::date;

/// Hanako's card, as new each time.
pub(crate) fn hanako() -> VirtualCard {
    static CARD: OnceLock<VirtualCard> = OnceLock::new();
    CARD.get_or_init(|| card("hanako")).clone()
}

/// A named person's card.
pub(crate) fn card(slug: &str) -> VirtualCard {
    Person::named(slug).expect("one of the named persons").personalise(date!(2026 - 11 - 23))
}

/// What a patient or staff type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    RightPin,
    WrongPin,
    /// The birth date on the card.
    RightBirth,
}

impl Entry {
    pub(crate) fn visit(self) -> Visit {
        let pin = |digits| Method::Pin { pin: Pin::from_digits(digits).expect("digits"), last_try: false };
        Visit::new(match self {
            Self::RightPin => pin([1, 2, 3, 4]),
            Self::WrongPin => pin([0, 0, 0, 0]),
            // 昭和55年2月17日.
            Self::RightBirth => Method::VisualProven {
                birth: BirthDigits::from_digits([5, 5, 0, 2, 1, 7]).expect("digits"),
                last_try: false,
            },
        })
    }
}

/// A shell with Hanako's card on its reader.
pub(crate) fn shell(setup: Setup) -> Shell {
    let mut shell = Shell::new(setup);
    shell.insert(hanako());
    shell
}

/// The same, with the card noticed and nothing asked of it; and the number of the reader's next answer, the one to power
/// on.
pub(crate) fn ready(setup: Setup) -> (Shell, u32) {
    let mut shell = shell(setup);
    shell.connect().expect("nothing goes wrong yet");
    shell.await_card();
    // What is still asked of the slot.
    shell.idle(Duration::from_secs(1));
    let (answers, _) = shell.reader.sent();
    (shell, answers)
}

/// The visit with the card in the hand, with which all others are compared.
pub(crate) struct Direct {
    entry: Entry,
    end: End,
    pub(crate) commands: Vec<Vec<u8>>,
    /// The lengths of the answers: to power on, then to each command.
    pub(crate) answers: Vec<usize>,
    pub(crate) transcript: String,
}

impl Direct {
    pub(crate) fn new(entry: Entry) -> Self {
        let mut card = hanako();
        let mut answers = vec![card.power_on().len()];
        let mut commands = Vec::new();
        let end = entry.visit().go_directly(|command| {
            commands.push(command.to_vec());
            let answer = card.transmit(command);
            answers.push(answer.len());
            answer
        });
        Self { entry, end, commands, answers, transcript: card.transcript().to_string() }
    }

    /// How long each answer is on its way: an ACS frame with a session, or a CCID message.
    pub(crate) fn frames(&self, setup: &Setup) -> Vec<usize> {
        let framed = |answer: &usize| match setup.model {
            Model::Acr1255uJ1 => 5 + (7 + answer).next_multiple_of(16),
            _ => 10 + answer,
        };
        self.answers.iter().map(framed).collect()
    }

    /// Goes through this visit with one mishap that can be noticed: the end is the same, in the next tap at the latest.
    pub(crate) fn hold_in_spite_of(&self, setup: &Setup, answer: usize, mishap: &Mishap) {
        let visited = befall(setup, self.entry, answer, mishap);
        assert!(self.is_end_of(&visited), "answer {answer}, {mishap:?}: {visited:?}");
        assert!(visited.losses.len() <= 1, "answer {answer}, {mishap:?}: {visited:?}");
    }

    /// Whether this ended as with the card in the hand.
    pub(crate) fn is_end_of(&self, visited: &Visited) -> bool {
        match (&self.end, &visited.end) {
            (End::Evidence(ours), End::Evidence(theirs)) => bytes(ours) == bytes(theirs),
            (End::Tap(ours), End::Tap(theirs)) => ours == theirs,
            _ => false,
        }
    }
}

/// What evidence consists of.
fn bytes(evidence: &Evidence) -> Vec<&[u8]> {
    let mut bytes = vec![evidence.certificate.as_deref().unwrap_or_default()];
    match &evidence.proof {
        CardProof::Pin { signature } => bytes.push(signature),
        CardProof::VisualProven { signature, birth_record, key_certificate, .. } => {
            let key: &[u8] = match key_certificate {
                KeyCertificate::Whole(certificate) => certificate,
                KeyCertificate::Known(id) => id,
            };
            bytes.extend([&signature[..], &birth_record[..], key]);
        }
        CardProof::VisualAttested => {}
    }
    bytes
}

/// Goes through a visit in which this befalls the `answer`-th answer, counted from that to power on, and looks that no
/// harm was done.
pub(crate) fn befall(setup: &Setup, entry: Entry, answer: usize, mishap: &Mishap) -> Visited {
    let (mut shell, next) = ready(setup.clone());
    let at = Place::Answer(next + u32::try_from(answer).expect("few answers"));
    shell.reader.add_faults([Fault { at, mishap: mishap.clone() }]);
    let visited = entry.visit().go(&mut shell);
    assert_unharmed(&mut shell, entry, &visited);
    visited
}

/// The card was told each command at most once, and lost no try but to a wrong secret, and that once.
pub(crate) fn assert_unharmed(shell: &mut Shell, entry: Entry, visited: &Visited) {
    let given = shell.commands().to_vec();
    let card = shell.card();
    assert!(passed_on(&given, &card.commands), "{visited:?}\n{given:02x?}\n{:02x?}", card.commands);
    let card = &card.plugged.card;
    let most = u8::from(entry == Entry::WrongPin);
    assert!(card.failed_verifies() <= most.into(), "{visited:?}");
    assert_eq!(u32::from(3 - card.pin_tries_left()), card.failed_verifies(), "{visited:?}");
    assert_eq!(card.birth_tries_left(), 10, "{visited:?}");
}

/// Whether the card was told what was given to the reader: in order, once each, and nothing else. What was not answered
/// may have been lost on the way.
fn passed_on(given: &[Given], told: &[Vec<u8>]) -> bool {
    let Some((first, given)) = given.split_first() else { return told.is_empty() };
    let heard = told.split_first().filter(|(command, _)| **command == first.command);
    heard.is_some_and(|(_, told)| passed_on(given, told)) || (!first.answered && passed_on(given, told))
}
