//! A reader that cannot be used, before a tap and in one.

use std::collections::BTreeSet;
use std::time::Duration;

use ::reader::{Fault, ReaderError};

use super::Bench;
use crate::{
    Action, Failure, FailureView, Link, Lost, Method, OtherWays, ReaderTrouble, Screen, Tap, View,
    check::Fresh,
};

/// A PIN is typed, and the card is awaited.
fn awaiting() -> Bench {
    let bench = Bench::logged_in();
    bench.counter.act(Action::Choose(Method::Pin));
    for digit in [1, 2, 3, 4] {
        bench.counter.act(Action::Digit(digit));
    }
    bench.counter.with(|state, now| {
        let challenge = service::messages::Challenge { nonce: vec![1; 32], token: vec![2], expires_in: 300 };
        state.session.as_mut().expect("logged in").challenge = Fresh::new(challenge, now.steady);
    });
    bench
}

fn tap(bench: &Bench) -> Tap {
    bench.counter.tap(Link::Direct).expect("ready")
}

fn view(screen: &Screen) -> &FailureView {
    match &screen.view {
        View::Failure(view) => view,
        other => panic!("expected a failure, got {other:?}"),
    }
}

fn failures_in_the_journal(bench: &Bench) -> usize {
    bench.counter.journal().iter().filter(|entry| entry.code.is_some()).count()
}

#[test]
fn every_trouble_has_a_failure_of_its_own_before_a_tap_and_in_one() {
    let mut told = Vec::new();
    for trouble in ReaderTrouble::ALL {
        let bench = awaiting();
        let before = view(&bench.counter.act(Action::Reader(trouble))).failure;
        let within = view(&tap(&awaiting()).lost(Lost::Reader(trouble))).failure;
        assert_eq!((before, within), (Failure::from(trouble), Failure::from(trouble)));
        told.push(before.code());
    }
    assert_eq!(told, [102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 113, 114, 115]);
}

#[test]
fn after_it_is_mended_the_card_is_awaited_with_what_was_typed() {
    for trouble in ReaderTrouble::ALL {
        let bench = awaiting();
        bench.counter.act(Action::Reader(trouble));
        assert!(bench.counter.tap(Link::Direct).is_none(), "nobody taps behind a failure");
        assert!(matches!(bench.counter.act(Action::Retry).view, View::HoldCard(view) if view.ready));
        // In mid-tap, and once more.
        let screen = tap(&bench).lost(Lost::Reader(trouble));
        assert_eq!(view(&screen).failure, Failure::from(trouble));
        bench.counter.act(Action::Retry);
        assert!(
            bench.counter.with(|state, _| state.patient.as_ref().is_some_and(|p| p.interrupted.is_some()))
        );
        tap(&bench);
    }
}

#[test]
fn the_pin_does_not_outlive_its_minute_while_the_reader_is_mended() {
    let bench = awaiting();
    let screen = bench.counter.act(Action::Reader(ReaderTrouble::NoReader));
    assert_eq!(screen.wake_at, Some(Duration::from_mins(1)));
    bench.hands.pass(Duration::from_mins(1));
    let View::PinPad(view) = bench.counter.act(Action::Tick).view else { panic!("to be typed again") };
    assert_eq!(view.typed, 0);
    assert!(bench.counter.with(|state, _| state.patient.as_ref().is_some_and(|p| p.secret.is_none())));
}

#[test]
fn a_patient_can_be_sent_another_way_while_the_reader_is_mended() {
    let bench = awaiting();
    bench.counter.act(Action::Reader(ReaderTrouble::InUse));
    assert!(matches!(bench.counter.act(Action::Cancel).view, View::Choose(_)));
    assert!(bench.counter.with(|state, _| state.patient.is_none()));
}

#[test]
fn what_is_said_again_and_again_is_told_once() {
    let bench = awaiting();
    for _ in 0..500 {
        bench.counter.act(Action::Reader(ReaderTrouble::NoReader));
        bench.counter.act(Action::Reader(ReaderTrouble::Unplugged));
    }
    assert_eq!(view(&bench.counter.screen()).failure, Failure::NoReader);
    assert_eq!(failures_in_the_journal(&bench), 1);
}

#[test]
fn a_reader_is_no_person_who_touches_the_screen() {
    let bench = awaiting();
    bench.counter.act(Action::Reader(ReaderTrouble::NoReader));
    for _ in 0..5 {
        bench.hands.pass(Duration::from_mins(1));
        bench.counter.act(Action::Reader(ReaderTrouble::NoReader));
    }
    assert!(matches!(bench.counter.screen().view, View::LogIn(_)), "nobody was there for five minutes");
}

#[test]
fn where_no_card_is_awaited_the_reader_does_not_matter() {
    let said = |bench: &Bench| {
        let before = bench.counter.screen().to_text();
        let after = bench.counter.act(Action::Reader(ReaderTrouble::Unplugged)).to_text();
        assert_eq!((after, failures_in_the_journal(bench)), (before, 0));
    };
    said(&Bench::new());
    said(&Bench::enrolled(0));
    let bench = Bench::logged_in();
    said(&bench);
    bench.counter.act(Action::Choose(Method::Pin));
    said(&bench);

    // A tap that is open tells of it itself.
    let bench = awaiting();
    let open = tap(&bench);
    said(&bench);
    assert_eq!(view(&open.lost(Lost::Reader(ReaderTrouble::Unplugged))).failure, Failure::ReaderUnplugged);
    assert_eq!(failures_in_the_journal(&bench), 1);
}

#[test]
fn a_reader_that_works_with_a_second_try_shows_the_way_round_the_second_time() {
    for trouble in ReaderTrouble::ALL {
        let bench = awaiting();
        let first = view(&bench.counter.act(Action::Reader(trouble))).fallbacks.len();
        bench.counter.act(Action::Retry);
        let second = view(&bench.counter.act(Action::Reader(trouble))).fallbacks.len();
        let repeated = Failure::from(trouble).other_ways() == OtherWays::Repeated;
        assert_eq!((first, second), (if repeated { 0 } else { 4 }, 4), "{trouble:?}");
    }
}

/// What each error of a Bluetooth reader becomes: before a tap, and in one.
const ERRORS: [(ReaderError, Option<Failure>, Failure); 25] = {
    const fn both(error: ReaderError, failure: Failure) -> (ReaderError, Option<Failure>, Failure) {
        (error, Some(failure), failure)
    }
    const fn fault(fault: Fault, failure: Failure) -> (ReaderError, Option<Failure>, Failure) {
        both(ReaderError::Reader(fault), failure)
    }
    [
        both(ReaderError::Checksum, Failure::ReaderFailed),
        both(ReaderError::Framing, Failure::ReaderFailed),
        both(ReaderError::Length, Failure::ReaderFailed),
        both(ReaderError::Protocol, Failure::ReaderFailed),
        both(ReaderError::AuthenticationRefused, Failure::ReaderNotTrusted),
        both(ReaderError::WrongKey, Failure::ReaderNotTrusted),
        both(ReaderError::TooManyAttempts, Failure::ReaderNotTrusted),
        both(ReaderError::TimedOut, Failure::ReaderTimedOut),
        (ReaderError::CardMute, Some(Failure::CardSilent), Failure::CardLost),
        (ReaderError::CardAbsent, None, Failure::CardLost),
        both(ReaderError::LinkLost, Failure::ReaderOutOfReach),
        both(ReaderError::Asleep, Failure::ReaderAsleep),
        both(ReaderError::NotSupported, Failure::ReaderFailed),
        both(ReaderError::NotReady, Failure::ReaderFailed),
        fault(Fault::Checksum, Failure::ReaderFailed),
        fault(Fault::Timeout, Failure::ReaderTimedOut),
        fault(Fault::Command, Failure::ReaderFailed),
        fault(Fault::Unauthorised, Failure::ReaderFailed),
        fault(Fault::Undefined, Failure::ReaderFailed),
        fault(Fault::Data, Failure::ReaderFailed),
        fault(Fault::TooManyAttempts, Failure::ReaderFailed),
        fault(Fault::Busy, Failure::ReaderFailed),
        fault(Fault::CardLine, Failure::ReaderFailed),
        fault(Fault::Hardware, Failure::ReaderFailed),
        fault(Fault::Other(0x42), Failure::ReaderFailed),
    ]
};

#[test]
fn every_error_of_a_bluetooth_reader_has_its_failure_before_a_tap_and_in_one() {
    for (error, before, within) in ERRORS {
        assert_eq!(ReaderTrouble::before_tap(error).map(Failure::from), before, "{error:?}");
        let lost = match Lost::from(error) {
            Lost::CardGone => Failure::CardLost,
            Lost::Reader(trouble) => Failure::from(trouble),
        };
        assert_eq!(lost, within, "{error:?}");
    }
}

/// The enums may grow, and nothing but their source says what there is: a new error is to be thought about here.
#[test]
fn the_table_of_errors_is_whole() {
    let source = include_str!("../../../reader/src/error.rs");
    let listed: BTreeSet<String> = ERRORS.iter().map(|(error, ..)| format!("{error:?}")).collect();
    for (of, wrap) in [("ReaderError", false), ("Fault", true)] {
        let (_, body) = source.split_once(&format!("pub enum {of} {{")).expect("the enum");
        let (body, _) = body.split_once("\n}").expect("its end");
        let variants = body.lines().filter(|line| line.starts_with("    ") && line.ends_with(','));
        let mut number = 0;
        for variant in variants.map(|line| line.trim().trim_end_matches(',')) {
            number += 1;
            let name = variant.split('(').next().expect("a name");
            let known = match (wrap, name) {
                (false, "Reader") => true, // its faults follow
                (false, name) => listed.contains(name),
                (true, "Other") => listed.contains("Reader(Other(66))"),
                (true, name) => listed.contains(&format!("Reader({name})")),
            };
            assert!(known, "{of}::{name} has no line in the table");
        }
        assert!(number > 10, "{of} was not read");
    }
}
