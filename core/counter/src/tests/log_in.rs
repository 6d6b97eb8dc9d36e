//! The rules of logging in.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use service::device_key::DeviceKeyError;

use super::{Bench, PASSCODE, passcode};
use crate::{Action, Failure, LogInView, Screen, View, login::MAX_WRONG, state::Stage};

const WRONG: &str = "999111";

fn log_in_view(screen: &Screen) -> &LogInView {
    match &screen.view {
        View::LogIn(view) => view,
        other => panic!("expected the log-in screen, got {other:?}"),
    }
}

fn failure(screen: &Screen) -> Failure {
    match &screen.view {
        View::Failure(view) => view.failure,
        other => panic!("expected a failure, got {other:?}"),
    }
}

#[tokio::test]
async fn the_right_passcode_logs_in_and_forgives_the_wrong_ones() {
    let bench = Bench::enrolled(2);
    let screen = bench.attempt(PASSCODE).await;
    assert_eq!(bench.drawer.wrong(), 0);
    // Logged in; the service is not there.
    assert_eq!(failure(&screen), Failure::Unreachable);
    assert!(bench.counter.with(|state, _| state.session.is_some()));
}

#[tokio::test]
async fn a_wrong_passcode_says_what_is_left() {
    let bench = Bench::enrolled(0);
    let screen = bench.attempt(WRONG).await;
    assert_eq!(log_in_view(&screen).tries_left, 9);
    assert!(log_in_view(&screen).problem.is_some());
    assert_eq!(bench.drawer.wrong(), 1);
}

#[tokio::test]
async fn an_attempt_is_stored_before_it_is_checked() {
    let bench = Bench::enrolled(0);
    // The power goes between counting and checking: the second store never happens.
    bench.drawer.fill_up_after(1);
    let screen = bench.attempt(PASSCODE).await;
    assert_eq!(failure(&screen), Failure::StorageFull);
    assert!(bench.counter.with(|state, _| state.session.is_none()));
    assert_eq!(bench.drawer.wrong(), 1);
    assert_eq!(log_in_view(&bench.restart().counter.screen()).tries_left, 9);
}

#[tokio::test]
async fn what_cannot_be_counted_is_not_checked() {
    let bench = Bench::enrolled(0);
    bench.drawer.fill_up_after(0);
    let screen = bench.attempt(PASSCODE).await;
    assert_eq!(failure(&screen), Failure::StorageFull);
    assert!(bench.counter.with(|state, _| state.session.is_none()));
    bench.counter.act(Action::Retry);
    bench.drawer.make_room();
    bench.attempt(PASSCODE).await;
    assert!(bench.counter.with(|state, _| state.session.is_some()));
}

#[tokio::test]
async fn the_delay_follows_the_steady_clock_alone() {
    let bench = Bench::enrolled(3);
    let screen = bench.attempt(WRONG).await;
    let wait = log_in_view(&screen).wait_until.expect("a delay after four wrong attempts");
    assert_eq!(wait, Duration::from_secs(5));
    assert_eq!(screen.wake_at, Some(wait));

    bench.hands.turn(Duration::from_hours(24 * 365));
    let stores = bench.drawer.stores();
    let screen = bench.attempt(PASSCODE).await;
    assert!(log_in_view(&screen).wait_until.is_some(), "the wall clock shortens nothing");
    assert_eq!(bench.drawer.wrong(), 4, "an attempt that is not taken does not count");
    assert!(bench.drawer.stores() <= stores + 1, "at most the journal was stored");

    bench.hands.pass(Duration::from_secs(5));
    assert!(log_in_view(&bench.counter.act(Action::Tick)).wait_until.is_none());
    bench.attempt(PASSCODE).await;
    assert!(bench.counter.with(|state, _| state.session.is_some()));
}

#[tokio::test]
async fn a_restart_starts_the_whole_delay_anew() {
    let bench = Bench::enrolled(7);
    bench.hands.pass(Duration::from_mins(1));
    bench.attempt(WRONG).await;
    let bench = bench.restart();
    assert_eq!(log_in_view(&bench.counter.screen()).wait_until, Some(Duration::from_mins(5)));
    bench.attempt(PASSCODE).await;
    assert_eq!(bench.drawer.wrong(), 8, "not taken");
}

#[tokio::test]
async fn ten_wrong_attempts_wipe_everything() {
    let bench = Bench::enrolled(0);
    let mut screen = bench.counter.screen();
    for _ in 0..MAX_WRONG {
        bench.hands.pass(Duration::from_mins(30));
        screen = bench.attempt(WRONG).await;
    }
    assert_eq!(failure(&screen), Failure::TooManyAttempts);
    assert_eq!(bench.safe.deleted.load(Ordering::SeqCst), 1);
    assert!(bench.drawer.device().is_none());
    assert_eq!(bench.drawer.names(), ["journal"], "only what helps the help desk");
    assert!(matches!(bench.counter.act(Action::Retry).view, View::SetUp(_)));
    assert!(matches!(bench.restart().counter.screen().view, View::SetUp(_)));
}

#[tokio::test]
async fn the_tenth_attempt_counts_even_if_the_power_goes() {
    // Counted, and then never found right: what a kill in the middle of the tenth attempt leaves.
    let bench = Bench::enrolled(MAX_WRONG);
    assert!(bench.counter.screen().work);
    let screen = bench.counter.run().await;
    assert_eq!(failure(&screen), Failure::TooManyAttempts);
    assert!(bench.drawer.device().is_none());
}

#[tokio::test]
async fn a_wipe_that_was_interrupted_is_taken_up_again() {
    let bench = Bench::enrolled(MAX_WRONG);
    bench.safe.stuck.store(true, Ordering::SeqCst);
    assert_eq!(failure(&bench.counter.run().await), Failure::DeviceKeyRefused);
    assert!(bench.drawer.device().is_some(), "what says that a wipe is due goes last");

    let bench = bench.restart();
    bench.safe.stuck.store(false, Ordering::SeqCst);
    assert_eq!(failure(&bench.counter.run().await), Failure::TooManyAttempts);
    assert!(bench.drawer.device().is_none());
}

#[tokio::test]
async fn the_app_locks_when_it_is_idle_and_when_it_is_hidden() {
    let bench = Bench::logged_in();
    bench.hands.pass(Duration::from_secs(299));
    assert!(matches!(bench.counter.act(Action::Tick).view, View::Choose(_)));
    bench.hands.pass(Duration::from_secs(1));
    assert!(matches!(bench.counter.screen().view, View::LogIn(_)));
    assert!(bench.counter.with(|state, _| state.session.is_none()), "no TLS session while locked");

    let bench = Bench::logged_in();
    assert!(matches!(bench.counter.act(Action::Hidden).view, View::LogIn(_)));
    assert!(bench.counter.with(|state, _| state.session.is_none()));
}

#[tokio::test]
async fn a_passcode_that_is_being_checked_finds_a_hidden_counter_locked() {
    let bench = Bench::enrolled(0);
    bench.counter.act(Action::Passcode(passcode(PASSCODE)));
    let counter = bench.counter.clone();
    let (screen, ()) = tokio::join!(counter.run(), async {
        bench.counter.act(Action::Hidden);
    });
    log_in_view(&screen);
    assert!(bench.counter.with(|state, _| state.session.is_none()));
    assert_eq!(bench.drawer.wrong(), 0, "it was right");
    assert!(!bench.safe.is_open(), "and its key is locked again");
}

#[tokio::test]
async fn a_passcode_is_chosen_twice_and_logs_in() {
    let bench = Bench::enrolled(0);
    without_passcode(&bench);
    let choose = |text: &str| bench.counter.act(Action::Passcode(passcode(text)));
    let View::ChoosePasscode(view) = choose("123456").view else { panic!("still to be chosen") };
    assert!(view.problem.is_some() && !view.again);
    assert!(view.warning.contains("10"), "said beforehand: {}", view.warning);
    let View::ChoosePasscode(view) = choose("805163").view else { panic!("once more") };
    assert!(view.again);
    let View::ChoosePasscode(view) = choose("805164").view else { panic!("not the same") };
    assert!(view.problem.is_some() && !view.again);
    choose("805163");
    choose("805163");
    bench.counter.run().await;
    assert!(bench.counter.with(|state, _| state.session.is_some()));
    let verifier = bench.drawer.device().and_then(|device| device.verifier).expect("stored");
    assert!(verifier.matches(&passcode("805163")));
}

async fn reaches_one(count: &AtomicUsize) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while count.load(Ordering::SeqCst) == 0 {
        assert!(Instant::now() < deadline, "it comes at last");
        tokio::task::yield_now().await;
    }
}

/// Takes the passcode away, as on a device that was just enrolled.
fn without_passcode(bench: &Bench) {
    bench.counter.with(|state, _| {
        if let Some(device) = &mut state.device {
            device.verifier = None;
        }
        state.stage = Stage::ChoosePasscode { first: None, problem: None };
    });
}

#[tokio::test]
async fn the_key_is_protected_before_the_verifier_is_stored_and_anew_if_that_fails() {
    let bench = Bench::enrolled(0);
    without_passcode(&bench);
    let choose = async |text: &str| {
        bench.counter.act(Action::Passcode(passcode(text)));
        bench.counter.act(Action::Passcode(passcode(text)));
        bench.counter.run().await
    };
    bench.drawer.fill_up_after(0);
    assert_eq!(failure(&choose("805163").await), Failure::StorageFull);
    assert_eq!(bench.safe.protected(), ["805163"]);
    assert!(bench.safe.is_open(), "another passcode can be chosen");
    assert_eq!(bench.drawer.wrong(), 0, "the one that is stored is the old one");

    bench.drawer.make_room();
    bench.counter.act(Action::Retry);
    choose("407183").await;
    assert_eq!(bench.safe.protected(), ["805163", "407183"]);
    assert!(bench.counter.with(|state, _| state.session.is_some()) && bench.safe.is_open());
}

#[tokio::test]
async fn the_key_opens_with_the_log_in_and_locks_with_the_counter() {
    let lock: fn(&Bench) = |bench| drop(bench.counter.act(Action::Lock));
    let hide: fn(&Bench) = |bench| drop(bench.counter.act(Action::Hidden));
    let idle: fn(&Bench) = |bench| {
        bench.hands.pass(Duration::from_mins(5));
        bench.counter.act(Action::Tick);
    };
    let wipe: fn(&Bench) = |bench| {
        bench.counter.with(|state, _| state.stage = Stage::Settings);
        bench.counter.act(Action::ForgetDevice);
        bench.counter.act(Action::Confirm);
        assert_eq!(bench.safe.deleted.load(Ordering::SeqCst), 0, "locked before it is deleted");
    };
    for end in [lock, hide, idle, wipe] {
        let bench = Bench::enrolled(0);
        bench.attempt(WRONG).await;
        assert!(!bench.safe.is_open(), "a wrong passcode opens nothing");
        bench.attempt(PASSCODE).await;
        assert!(bench.safe.is_open());
        end(&bench);
        assert!(!bench.safe.is_open());
    }
    // The program ends.
    let bench = Bench::enrolled(0);
    bench.attempt(PASSCODE).await;
    let Bench { counter, safe, .. } = bench;
    drop(counter);
    assert!(!safe.is_open());
}

#[tokio::test]
async fn a_key_that_does_not_open_with_the_right_passcode_costs_no_attempt() {
    for (refusal, told) in [
        (DeviceKeyError::Refused, Failure::DeviceKeyRefused),
        (DeviceKeyError::Missing, Failure::DeviceKeyMissing),
        (DeviceKeyError::Damaged, Failure::DeviceKeyDamaged),
        (DeviceKeyError::Newer, Failure::DeviceKeyNewer),
    ] {
        let bench = Bench::enrolled(MAX_WRONG - 1);
        bench.hands.pass(Duration::from_mins(30));
        bench.safe.refuse(Some(refusal));
        let screen = bench.attempt(PASSCODE).await;
        assert_eq!(failure(&screen), told);
        assert!(bench.counter.with(|state, _| state.session.is_none()) && !bench.safe.is_open());
        assert_eq!(bench.drawer.wrong(), 0, "it was right");
        // Without a key that opens nothing helps but a new one; otherwise one tries again.
        let anew = screen.button(&Action::ForgetDevice).is_some();
        assert_eq!(anew, matches!(told, Failure::DeviceKeyMissing | Failure::DeviceKeyDamaged));

        assert_eq!(log_in_view(&bench.counter.act(Action::Retry)).tries_left, MAX_WRONG);
        bench.safe.refuse(None);
        bench.attempt(PASSCODE).await;
        assert!(bench.counter.with(|state, _| state.session.is_some()) && bench.safe.is_open());
    }
}

#[tokio::test]
async fn a_key_that_opens_when_the_log_in_was_given_up_is_locked_again() {
    let bench = Bench::enrolled(0);
    let (jam, end) = mpsc::channel();
    *bench.safe.jam.lock().expect("no test panics with it") = Some(end);
    bench.counter.act(Action::Passcode(passcode(PASSCODE)));
    tokio::select! {
        screen = bench.counter.run() => panic!("the key does not open: {screen:?}"),
        () = reaches_one(&bench.safe.unlocks) => {}
    }
    log_in_view(&bench.counter.screen());
    drop(jam);
    reaches_one(&bench.safe.locks).await;
    assert!(!bench.safe.is_open());
}

#[tokio::test]
async fn a_device_whose_verifier_is_damaged_is_told_and_does_not_stop_in_the_middle() {
    use crate::{Storage as _, vault::DEVICE};
    let good = super::device(0).write();
    let at = |needle: &[u8]| good.windows(needle.len()).position(|window| window == needle).expect("a field");
    let salt = at(b"salt") + 4;
    // RFC 8949 §3.1: the head of a byte string of 16 bytes, in whose place come shorter ones.
    assert_eq!(good[salt], 0x50);
    for bytes in [7, 4, 0] {
        let mut damaged = good[..salt].to_vec();
        damaged.push(0x40 + u8::try_from(bytes).expect("a few"));
        damaged.extend(&good[salt + 1..][..bytes]);
        damaged.extend(&good[salt + 1 + 16..]);
        let bench = Bench::enrolled(0);
        bench.drawer.store(DEVICE, &damaged).expect("a drawer");
        assert_eq!(failure(&bench.restart().counter.screen()), Failure::StateUnreadable);
    }
    for cut in 0..good.len() {
        assert!(crate::vault::Device::read(&good[..cut]).is_none(), "{cut} bytes");
    }
}

#[tokio::test]
async fn a_damaged_state_is_told_and_can_be_given_up() {
    use crate::{Storage as _, vault::DEVICE};
    let bench = Bench::enrolled(0);
    bench.drawer.store(DEVICE, b"not what was stored").expect("a drawer");
    let bench = bench.restart();
    assert_eq!(failure(&bench.counter.screen()), Failure::StateUnreadable);
    bench.counter.act(Action::ForgetDevice);
    bench.counter.act(Action::Confirm);
    assert!(matches!(bench.counter.run().await.view, View::SetUp(_)));
    assert!(bench.drawer.device().is_none());
}
