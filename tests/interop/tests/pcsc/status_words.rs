//! Every status word of a table, at every command of a tap, through pcscd.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use counter::{Failure, Language};
use desktop::Card;
use eligibility::Wareki;
use interop::{Daemon, Slot};
use jpki::{Method, Tap, TapError};
use sandbox_card::{Person, VirtualCard};
use sandbox_reader::Inserted;
use secret::{BirthDigits, Pin};

use crate::stand::{Scripted, card, drive, next_card, readers, to_sign};

/// What a card may answer instead of what it should (ISO/IEC 7816-4 §5.6), and some that none should. `9000` comes
/// without the data.
const WORDS: &[u16] = &[
    0x0000, 0x6110, 0x6282, 0x6300, 0x63C0, 0x63C1, 0x63C3, 0x6400, 0x6581, 0x6700, 0x6881, 0x6981, 0x6982,
    0x6983, 0x6984, 0x6985, 0x6A80, 0x6A82, 0x6A86, 0x6B00, 0x6C10, 0x6D00, 0x6E00, 0x6F00, 0x9000, 0x9001,
    0xFFFF,
];

/// How a card refuses.
#[derive(Clone, Copy)]
enum Refuses {
    /// This command.
    Once,
    /// This command, and from then on every one of its instruction.
    Always,
}

#[test]
fn every_word_at_every_command_of_the_pin() {
    let pin = || {
        let pin = Pin::from_digits([1, 2, 3, 4]).expect("four digits");
        Method::Pin { pin, last_try: false }
    };
    insta::assert_snapshot!(outcomes("hanako", pin));
}

#[test]
fn every_word_at_every_command_of_the_visual_check() {
    let hanako = Person::named("hanako").expect("one of the named persons");
    let printed = Wareki::from_date(hanako.printed_birth_date()).expect("cards are younger than the eras");
    let (year, date) = (u8::try_from(printed.year()).expect("two digits"), printed.date());
    let digits = [year, date.month().into(), date.day()].map(|part| [part / 10, part % 10]);
    let birth = || {
        let birth = BirthDigits::from_digits(digits.concat().try_into().expect("six")).expect("digits");
        Method::VisualProven { birth, last_try: false }
    };
    insta::assert_snapshot!(outcomes("hanako", birth));
}

/// What comes of each word at each command, as text. Whatever it is, the counters stay as they were: no VERIFY was
/// answered wrong by the card itself.
fn outcomes(slug: &str, method: impl Fn() -> Method) -> String {
    let daemon = Daemon::start();
    let fresh = card(slug);
    let inserted = daemon.insert(Slot::First, Scripted::watched(fresh.clone()));
    let mut held = next_card(&readers());
    let mut table = String::new();

    let (good, transcript) = tap(&mut held, method());
    assert_eq!(good, None, "{transcript}");
    for (at, exchange) in transcript.lines().enumerate() {
        writeln!(table, "{exchange}").expect("memory");
        for (how, refuses) in [("once", Refuses::Once), ("from then on", Refuses::Always)] {
            let mut outcomes: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for &word in WORDS {
                let verifies = lay_down(&inserted, &fresh, at + 1, word, refuses);
                let (error, transcript) = tap(&mut held, method());
                inserted.with(|card| assert_unharmed(&card.card, &transcript));
                assert!(verifies.load(Ordering::SeqCst) <= 1, "{transcript}");
                assert!(error.is_some() || matches!(refuses, Refuses::Once), "{word:04X}\n{transcript}");
                let outcome = error.map_or_else(|| "evidence".to_owned(), |error| told(error, &transcript));
                outcomes.entry(outcome).or_default().push(format!("{word:04X}"));
            }
            for (outcome, words) in outcomes {
                writeln!(table, "  {how} → {outcome}: {}", words.join(" ")).expect("memory");
            }
        }
    }
    table
}

/// The failure by which staff are told, with its number.
fn told(error: TapError, transcript: &str) -> String {
    let failure = Failure::from(error);
    for language in Language::ALL {
        assert!(!failure.remedy(language).is_empty(), "{failure:?}\n{transcript}");
    }
    assert_eq!(
        failure.code() / 100,
        if is_about_tries(failure) { 3 } else { 2 },
        "{failure:?}\n{transcript}"
    );
    format!("{} {failure:?}", failure.code())
}

fn is_about_tries(failure: Failure) -> bool {
    matches!(
        failure,
        Failure::PinWrong
            | Failure::PinLastTry
            | Failure::PinBlocked
            | Failure::FaceAuthenticationCard
            | Failure::AskAgain
            | Failure::BirthDateWrong
            | Failure::BirthDateLastTry
            | Failure::BirthDateBlocked
    )
}

/// Puts a fresh card under the same hold, which answers the command at this place with this word, without doing it.
/// Gives how many VERIFY with data it is sent.
fn lay_down(
    inserted: &Inserted<Scripted>,
    fresh: &VirtualCard,
    at: usize,
    word: u16,
    refuses: Refuses,
) -> Arc<AtomicUsize> {
    let verifies = Arc::<AtomicUsize>::default();
    let counted = Arc::clone(&verifies);
    inserted.with(|inserted| {
        let mut card = fresh.clone();
        card.power_on();
        let mut instruction = None;
        *inserted = Scripted::new(card, move |nth, command, card| {
            let ins = command[1];
            if ins == 0x20 && command.len() > 5 {
                counted.fetch_add(1, Ordering::SeqCst);
            }
            if nth == at && matches!(refuses, Refuses::Always) {
                instruction = Some(ins);
            }
            if nth == at || instruction == Some(ins) {
                word.to_be_bytes().to_vec()
            } else {
                card.transmit(command)
            }
        });
    });
    verifies
}

#[track_caller]
fn assert_unharmed(card: &VirtualCard, transcript: &str) {
    assert_eq!(card.pin_tries_left(), 3, "{transcript}");
    assert_eq!(card.birth_tries_left(), 10, "{transcript}");
    assert_eq!(card.failed_verifies(), 0, "{transcript}");
}

/// A whole tap, and how it failed, if it did.
fn tap(card: &mut Card, method: Method) -> (Option<TapError>, String) {
    let mut tap = Tap::new(method, to_sign());
    let outcome = drive(&mut tap, card).expect("the card lies still");
    (outcome.err(), tap.transcript().to_string())
}
