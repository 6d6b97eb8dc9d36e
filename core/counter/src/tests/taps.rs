//! Time goes by while a tap is open.

use std::time::Duration;

use super::Bench;
use crate::{Action, Failure, Lengths, Link, Method, Protection, Screen, Tap, TapStep, View, check::Fresh};

/// A PIN is typed, and a tap is open.
fn tap(bench: &Bench) -> Tap {
    tap_over(bench, Link::Direct)
}

fn tap_over(bench: &Bench, link: Link) -> Tap {
    bench.counter.act(Action::Choose(Method::Pin));
    for digit in [1, 2, 3, 4] {
        bench.counter.act(Action::Digit(digit));
    }
    bench.counter.with(|state, now| {
        let challenge = service::messages::Challenge { nonce: vec![1; 32], token: vec![2], expires_in: 300 };
        state.session.as_mut().expect("logged in").challenge = Fresh::new(challenge, now.steady);
    });
    bench.counter.tap(link).expect("ready")
}

/// What a card answers whose certificate is 260 bytes long and whose PIN is right.
pub(super) fn answer(command: &[u8]) -> Vec<u8> {
    let mut answer = match command {
        [_, 0xB0, 0x01, ..] => vec![0; 4],
        [_, 0xB0, ..] => [&[0x30, 0x82, 0x01, 0x00][..], &[0; 252]].concat(),
        [_, 0x2A, ..] => vec![7; 256],
        _ => Vec::new(),
    };
    answer.extend(if is_counter(command) { [0x63, 0xC3] } else { [0x90, 0x00] });
    answer
}

fn is_counter(command: &[u8]) -> bool {
    command[1] == 0x20 && command.len() == 4
}

pub(super) fn is_verify(command: &[u8]) -> bool {
    command[1] == 0x20 && command.len() > 5
}

/// Answers until a command is out for which this holds; `Err` is the screen at the end.
fn until(tap: &mut Tap, wanted: fn(&[u8]) -> bool) -> Result<Vec<u8>, Box<Screen>> {
    go_on(tap, None, wanted)
}

fn go_on(tap: &mut Tap, first: Option<&[u8]>, wanted: fn(&[u8]) -> bool) -> Result<Vec<u8>, Box<Screen>> {
    let mut given = first.map(<[u8]>::to_vec);
    loop {
        match tap.next(given.as_deref()) {
            TapStep::Done(screen) => return Err(Box::new(screen)),
            TapStep::Transmit(command) if wanted(command.expose()) => return Ok(command.expose().to_vec()),
            TapStep::Transmit(command) => given = Some(answer(command.expose())),
        }
    }
}

fn is_forgotten(bench: &Bench, screen: &Screen) {
    let View::PinPad(view) = &screen.view else { panic!("to be typed again: {screen:?}") };
    assert_eq!(view.problem, Some(Failure::SecretForgotten.cause(screen.language)));
    let last = bench.counter.journal().last().and_then(|entry| entry.code);
    assert_eq!(last, Some(Failure::SecretForgotten.code()));
}

#[test]
fn a_pin_older_than_a_minute_is_not_sent() {
    let bench = Bench::logged_in();
    let mut tap = tap(&bench);
    let counter = until(&mut tap, is_counter).expect("the counter comes before VERIFY");
    bench.hands.pass(Duration::from_mins(1));
    let screen = go_on(&mut tap, Some(&answer(&counter)), is_verify).expect_err("too late for VERIFY");
    is_forgotten(&bench, &screen);
    assert!(matches!(tap.next(Some(&[0x90, 0x00])), TapStep::Done(_)), "the dialogue is gone");
}

#[test]
fn a_tap_whose_card_took_the_pin_may_end_in_its_own_time() {
    let bench = Bench::logged_in();
    let mut tap = tap(&bench);
    let verify = until(&mut tap, is_verify).expect("VERIFY");
    bench.hands.pass(Duration::from_secs(61));
    let sign = go_on(&mut tap, Some(&answer(&verify)), |command| command[1] == 0x2A).expect("it goes on");
    bench.hands.pass(Duration::from_secs(61));
    bench.counter.act(Action::Tick);
    let screen = go_on(&mut tap, Some(&answer(&sign)), |_| false).expect_err("the end");
    assert!(matches!(screen.view, View::Waiting(_)), "the service is asked");
}

#[test]
fn a_lost_tap_whose_card_took_the_pin_keeps_it_no_longer_than_a_minute() {
    let bench = Bench::logged_in();
    let mut tap = tap(&bench);
    until(&mut tap, |command| command[1] == 0x2A).expect("it took the PIN");
    bench.hands.pass(Duration::from_secs(61));
    bench.counter.act(Action::Tick);
    is_forgotten(&bench, &tap.lost(crate::Lost::CardGone));
}

#[test]
fn what_the_card_says_of_a_wrong_pin_is_told_even_late() {
    let bench = Bench::logged_in();
    let mut tap = tap(&bench);
    until(&mut tap, is_verify).expect("VERIFY");
    bench.hands.pass(Duration::from_secs(61));
    let screen = go_on(&mut tap, Some(&[0x63, 0xC2]), |_| true).expect_err("wrong");
    let View::Failure(view) = &screen.view else { panic!("told: {screen:?}") };
    assert_eq!((view.failure, view.tries.is_some()), (Failure::PinWrong, true));
}

#[test]
fn a_tap_that_stands_still_forgets_the_pin_and_locks_no_later() {
    let bench = Bench::logged_in();
    let mut open = tap(&bench);
    until(&mut open, is_counter).expect("a command");
    assert_eq!(bench.counter.screen().wake_at, Some(Duration::from_mins(1)));
    bench.hands.pass(Duration::from_mins(1));
    is_forgotten(&bench, &bench.counter.act(Action::Tick));
    assert!(matches!(open.next(Some(&[0x63, 0xC3])), TapStep::Done(_)), "nothing more goes to the card");

    bench.counter.act(Action::Cancel);
    let mut open = tap(&bench);
    until(&mut open, |command| command[1] == 0x2A).expect("it took the PIN");
    bench.hands.pass(Duration::from_mins(10));
    let TapStep::Done(screen) = open.next(Some(&[0x90, 0x00])) else { panic!("nobody was there") };
    assert!(matches!(screen.view, View::LogIn(_)));
    assert!(bench.counter.with(|state, _| state.session.is_none() && !state.tapping));
}

#[test]
fn a_tap_that_goes_on_keeps_the_counter_open() {
    let bench = Bench::logged_in();
    let mut tap = tap(&bench);
    let sign = until(&mut tap, |command| command[1] == 0x2A).expect("it took the PIN");
    bench.hands.pass(Duration::from_mins(4));
    let rest = go_on(&mut tap, Some(&answer(&sign)), |_| true).expect("the rest of the certificate");
    bench.hands.pass(Duration::from_mins(4));
    let screen = go_on(&mut tap, Some(&answer(&rest)), |_| false).expect_err("the end");
    assert!(matches!(screen.view, View::Waiting(_)), "eight minutes, and never five without a command");
}

#[test]
fn a_secret_is_forgotten_behind_a_failure_as_well() {
    let bench = Bench::logged_in();
    let screen = tap(&bench).lost(crate::Lost::Reader(crate::ReaderTrouble::Failed));
    assert!(matches!(screen.view, View::Failure(_)));
    bench.counter.act(Action::ForgetDevice);
    bench.hands.pass(Duration::from_mins(1));
    is_forgotten(&bench, &bench.counter.act(Action::Tick));
}

#[test]
fn a_device_that_slept_is_locked() {
    let bench = Bench::logged_in();
    // The wall clock is set right, little by little.
    for _ in 0..3 {
        bench.hands.turn(Duration::from_mins(4));
        assert!(matches!(bench.counter.screen().view, View::Choose(_)));
    }
    bench.hands.pass(Duration::from_mins(4));
    bench.counter.act(Action::Touch);
    assert!(matches!(bench.counter.screen().view, View::Choose(_)), "both clocks went on");
    // A steady clock that does not count sleep.
    bench.hands.turn(Duration::from_mins(5));
    assert!(matches!(bench.counter.act(Action::Touch).view, View::LogIn(_)));
}

/// The first READ BINARY after the head of a certificate of 1,000 bytes.
fn read_after_the_head(lengths: Lengths, link: Link) -> Vec<u8> {
    let bench = Bench::logged_in();
    bench.counter.with(|state, _| state.config.lengths = lengths);
    let mut tap = tap_over(&bench, link);
    let mut given = None;
    loop {
        let TapStep::Transmit(command) = tap.next(given.as_deref()) else { panic!("over") };
        given = Some(match command.expose() {
            [_, 0xB0, 0x8A, ..] => [&[0x30, 0x82, 0x03, 0xE4][..], &[0; 252], &[0x90, 0x00]].concat(),
            [_, 0xB0, ..] => return command.expose().to_vec(),
            command => answer(command),
        });
    }
}

#[test]
fn long_answers_are_asked_for_where_the_shell_says_so_and_never_over_a_bluetooth_reader() {
    let (short, long) = ([0, 0xB0, 1, 0, 0], [0, 0xB0, 1, 0, 0, 0x02, 0xE8]);
    assert_eq!(read_after_the_head(Lengths::default(), Link::Direct), short);
    assert_eq!(read_after_the_head(Lengths::Extended, Link::Direct), long);
    let bluetooth = Link::Bluetooth(Protection::CustomerKey);
    assert_eq!(read_after_the_head(Lengths::Extended, bluetooth), short);
}

#[test]
fn a_tap_knows_eight_issuer_keys_at_most_and_none_of_another_length() {
    let bench = Bench::logged_in();
    let known = |told: &[(usize, usize)]| {
        bench.counter.with(|state, _| {
            let session = state.session.as_mut().expect("logged in");
            let status = session.status.as_mut().expect("the service has answered");
            status.issuer_keys = (1..)
                .zip(told)
                .map(|(number, (id, modulus))| service::messages::IssuerKey {
                    key_id: vec![number; *id],
                    modulus: vec![number; *modulus],
                })
                .collect();
            session.issuer_keys()
        })
    };
    let key = |number: u8| jpki::IssuerKey::new([number; 16], [number; 256]);
    let told = [(16, 256), (15, 256), (17, 256), (16, 255), (16, 257), (0, 0), (16, 256)];
    assert!(known(&told) == [key(1), key(7)]);
    let told = [&[(16, 128)][..], &[(16, 256); 9]].concat();
    assert!(known(&told) == (2..10).map(key).collect::<Vec<_>>());
}
