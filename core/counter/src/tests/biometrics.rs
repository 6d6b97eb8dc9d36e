//! Logging in by biometrics.

use std::time::Duration;

use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};

use super::{Bench, PASSCODE};
use crate::{
    Action, BiometricsView, Failure, LogInView, LoginKind, Screen, SettingsView, View, login::MAX_WRONG,
    vault::LOGIN_KEY,
};

const WEEK: Duration = Duration::from_hours(7 * 24);
const WRONG: &str = "999111";

/// What a phone signs with when it has recognised somebody.
pub(super) struct Finger(EcdsaKeyPair);

impl Finger {
    pub(super) fn new() -> Self {
        let (random, kind) = (SystemRandom::new(), &ECDSA_P256_SHA256_ASN1_SIGNING);
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(kind, &random).expect("a key");
        Self(EcdsaKeyPair::from_pkcs8(kind, pkcs8.as_ref(), &random).expect("a key"))
    }

    pub(super) fn enable(&self) -> Action {
        let public_key = self.0.public_key().as_ref().try_into().expect("65 bytes");
        Action::EnableBiometrics { public_key }
    }

    pub(super) fn sign(&self, message: &[u8]) -> Action {
        let signature = self.0.sign(&SystemRandom::new(), message).expect("a signature");
        Action::BiometricSignature(signature.as_ref().to_vec())
    }
}

/// The app starts on a phone: it can recognise somebody, and be heard and felt.
pub(super) fn on_a_phone(bench: Bench) -> Bench {
    bench.counter.with(|state, _| {
        state.config.biometrics = true;
        state.config.nfc = true;
        state.config.cues = crate::Cues { sound: true, vibration: true };
    });
    bench
}

/// A phone on which this finger opens the counter, locked.
async fn with_finger(finger: &Finger) -> Bench {
    let bench = on_a_phone(Bench::enrolled(0));
    bench.attempt(PASSCODE).await;
    choose(&bench);
    bench.counter.act(finger.enable());
    bench.counter.run().await;
    bench.counter.act(Action::Lock);
    bench
}

/// As if the service had answered: the counter stands where patients begin.
fn choose(bench: &Bench) {
    bench.counter.with(|state, _| state.stage = crate::state::Stage::Choose);
}

fn log_in_view(screen: Screen) -> LogInView {
    match screen.view {
        View::LogIn(view) => view,
        other => panic!("expected the log-in screen, got {other:?}"),
    }
}

fn offered(bench: &Bench) -> Option<BiometricsView> {
    log_in_view(bench.counter.screen()).biometrics
}

fn message(bench: &Bench) -> Vec<u8> {
    offered(bench).expect("a finger serves").message
}

fn logged_in(bench: &Bench) -> bool {
    bench.counter.with(|state, _| state.session.is_some())
}

/// The device recognises somebody, and its key signs what the screen says.
async fn recognise(bench: &Bench, finger: &Finger) -> Screen {
    bench.counter.act(finger.sign(&message(bench)));
    bench.counter.run().await
}

fn settings(bench: &Bench) -> SettingsView {
    choose(bench);
    match bench.counter.act(Action::Settings).view {
        View::Settings(view) => view,
        other => panic!("expected the settings, got {other:?}"),
    }
}

fn offer(bench: &Bench) -> bool {
    choose(bench);
    match bench.counter.screen().view {
        View::Choose(view) => view.offer.is_some(),
        other => panic!("expected the choice, got {other:?}"),
    }
}

#[tokio::test]
async fn a_good_finger_opens_the_counter_and_forgives_no_wrong_passcode() {
    let finger = Finger::new();
    let bench = with_finger(&finger).await;
    bench.attempt(WRONG).await;
    let View::Failure(view) = recognise(&bench, &finger).await.view else {
        panic!("the service is not there")
    };
    assert_eq!(view.failure, Failure::Unreachable);
    assert!(logged_in(&bench));
    assert_eq!(bench.drawer.wrong(), 1);
}

#[tokio::test]
async fn it_still_does_when_the_app_starts_again() {
    let finger = Finger::new();
    let bench = on_a_phone(with_finger(&finger).await.restart());
    recognise(&bench, &finger).await;
    assert!(logged_in(&bench));
}

#[tokio::test]
async fn what_is_signed_serves_once() {
    let finger = Finger::new();
    let bench = with_finger(&finger).await;
    let first = message(&bench);
    assert!(first.starts_with(b"madoguchi-log-in/1\0") && first.len() == 51, "{first:?}");
    assert_eq!(message(&bench), first, "the same until it is used");
    bench.counter.act(finger.sign(&first));
    let used_up = bench.counter.with(|state, _| state.log_in_message.as_bytes() != first);
    assert!(used_up, "before it is even looked at");
    bench.counter.run().await;
    assert!(logged_in(&bench));
    bench.counter.act(Action::Lock);
    assert_ne!(message(&bench), first);
    // Heard on the way, and said again.
    bench.counter.act(finger.sign(&first));
    bench.counter.run().await;
    assert!(!logged_in(&bench));
}

#[tokio::test]
async fn a_prompt_that_was_open_while_a_passcode_was_wrong_still_serves() {
    let finger = Finger::new();
    let bench = with_finger(&finger).await;
    let action = finger.sign(&message(&bench));
    bench.attempt(WRONG).await;
    bench.counter.act(action);
    bench.counter.run().await;
    assert!(logged_in(&bench));
}

#[tokio::test]
async fn another_key_is_forgotten_and_costs_no_try() {
    let bench = with_finger(&Finger::new()).await;
    for signature in [Finger::new().sign(&message(&bench)), Action::BiometricSignature(Vec::new())] {
        let bench = on_a_phone(bench.restart());
        bench.counter.act(signature);
        let view = log_in_view(bench.counter.run().await);
        assert!(view.biometrics.is_none() && view.problem.is_some());
        assert_eq!((view.tries_left, bench.drawer.wrong()), (MAX_WRONG, 0));
        assert!(!logged_in(&bench) && !bench.drawer.names().contains(&LOGIN_KEY.to_owned()));
        assert_eq!(bench.safe.deleted.load(std::sync::atomic::Ordering::SeqCst), 0, "nothing is wiped");
        bench.attempt(PASSCODE).await;
        assert!(offer(&bench), "to be switched on again with one touch");
        bench.counter.act(Finger::new().enable());
        bench.counter.run().await;
    }
}

#[tokio::test]
async fn when_the_fingers_change_it_is_the_passcode_and_then_an_offer() {
    let bench = with_finger(&Finger::new()).await;
    let view = log_in_view(bench.counter.act(Action::BiometricsChanged));
    assert!(view.biometrics.is_none());
    assert_eq!(view.problem.as_deref().map(|text| text.contains("パスコードでログイン")), Some(true));
    bench.counter.run().await;
    assert!(offered(&on_a_phone(bench.restart())).is_none(), "also for the next start");
    bench.attempt(PASSCODE).await;
    assert!(offer(&bench));
}

#[tokio::test]
async fn a_change_that_is_told_while_nothing_is_switched_on_says_nothing() {
    let bench = on_a_phone(Bench::enrolled(0));
    assert!(log_in_view(bench.counter.act(Action::BiometricsChanged)).problem.is_none());
}

#[tokio::test]
async fn the_passcode_is_asked_every_week_and_when_the_clock_was_set_back() {
    let finger = Finger::new();
    let bench = with_finger(&finger).await;
    bench.hands.pass(Duration::from_hours(7 * 24 - 1));
    recognise(&bench, &finger).await;
    assert!(logged_in(&bench), "a finger does not count as a passcode");
    bench.counter.act(Action::Lock);
    bench.hands.pass(Duration::from_hours(1));
    let view = log_in_view(bench.counter.screen());
    assert!(view.biometrics.is_none() && view.text.contains("7日に1度"), "{}", view.text);
    bench.attempt(PASSCODE).await;
    bench.counter.act(Action::Lock);
    assert!(offered(&bench).is_some());
    bench.counter.run().await;
    // The app starts again, with its clocks where they were weeks ago.
    assert!(offered(&on_a_phone(bench.restart())).is_none());
}

#[tokio::test]
async fn a_late_signature_does_not_open_what_is_due_for_a_passcode() {
    let finger = Finger::new();
    let bench = with_finger(&finger).await;
    let action = finger.sign(&message(&bench));
    bench.hands.pass(WEEK);
    bench.counter.act(action);
    bench.counter.run().await;
    assert!(!logged_in(&bench));
}

#[tokio::test]
async fn whoever_guesses_the_passcode_gets_no_further_with_a_finger() {
    let finger = Finger::new();
    let bench = with_finger(&finger).await;
    let action = finger.sign(&message(&bench));
    for _ in 0..3 {
        bench.attempt(WRONG).await;
        assert!(offered(&bench).is_some());
    }
    bench.attempt(WRONG).await;
    assert!(offered(&bench).is_none(), "from the first delay on");
    bench.hands.pass(Duration::from_mins(10));
    assert!(offered(&bench).is_none(), "also when it is over");
    bench.counter.act(action);
    bench.counter.run().await;
    assert!(!logged_in(&bench));
    bench.attempt(PASSCODE).await;
    bench.counter.act(Action::Lock);
    assert!(offered(&bench).is_some());
}

#[tokio::test]
async fn ten_wrong_passcodes_take_the_login_key_as_well() {
    let bench = with_finger(&Finger::new()).await;
    for _ in 0..MAX_WRONG {
        bench.hands.pass(Duration::from_mins(30));
        bench.attempt(WRONG).await;
    }
    assert_eq!(bench.drawer.names(), ["journal"]);
    assert!(bench.counter.with(|state, _| state.login_key.is_none()));
}

#[tokio::test]
async fn locked_while_the_signature_is_checked_it_stays_locked() {
    let finger = Finger::new();
    let bench = with_finger(&finger).await;
    bench.counter.act(finger.sign(&message(&bench)));
    bench.counter.act(Action::Hidden);
    bench.counter.run().await;
    assert!(!logged_in(&bench));
    assert!(offered(&bench).is_some(), "and nothing is lost by that");
}

#[tokio::test]
async fn a_signature_that_comes_when_the_app_was_left_opens_nothing_and_costs_no_key() {
    let finger = Finger::new();
    let bench = with_finger(&finger).await;
    let late = finger.sign(&message(&bench));
    // A screen that goes off says it twice.
    bench.counter.act(Action::Hidden);
    bench.counter.act(Action::Hidden);
    bench.counter.act(late);
    bench.counter.run().await;
    assert!(!logged_in(&bench));
    recognise(&bench, &finger).await;
    assert!(logged_in(&bench), "the next one does");
}

#[tokio::test]
async fn a_finger_makes_no_way_for_another_one() {
    let finger = Finger::new();
    let bench = with_finger(&finger).await;
    recognise(&bench, &finger).await;
    choose(&bench);
    bench.counter.act(Action::DisableBiometrics);
    let switch = settings(&bench).biometrics.expect("a phone");
    assert!(!switch.on && !switch.enabled && switch.hint.is_some_and(|hint| hint.contains("パスコードで")));
    bench.counter.act(Finger::new().enable());
    assert!(bench.counter.with(|state, _| state.login_key.is_none()));
}

#[tokio::test]
async fn nobody_switches_anything_on_at_a_locked_counter() {
    let bench = on_a_phone(Bench::enrolled(0));
    bench.counter.act(Finger::new().enable());
    bench.counter.act(Action::DisableBiometrics);
    assert!(offered(&bench).is_none());
    bench.attempt(PASSCODE).await;
    assert!(offer(&bench), "what was said before somebody logged in was not heard");
}

#[tokio::test]
async fn no_is_remembered_and_the_settings_still_have_it() {
    let bench = on_a_phone(Bench::enrolled(0));
    bench.attempt(PASSCODE).await;
    assert!(offer(&bench));
    bench.counter.act(Action::DisableBiometrics);
    assert!(!offer(&bench));
    bench.counter.run().await;
    let bench = on_a_phone(bench.restart());
    bench.attempt(PASSCODE).await;
    assert!(!offer(&bench));
    let switch = settings(&bench).biometrics.expect("a phone");
    assert!(!switch.on && switch.enabled);
    bench.counter.act(Finger::new().enable());
    assert!(settings(&bench).biometrics.is_some_and(|switch| switch.on));
}

#[tokio::test]
async fn switching_off_that_could_not_be_stored_is_told_and_tried_again() {
    let bench = with_finger(&Finger::new()).await;
    bench.attempt(PASSCODE).await;
    settings(&bench);
    bench.counter.with(|state, _| state.unsaved = crate::state::Unsaved::default());
    bench.drawer.stick();
    bench.counter.act(Action::DisableBiometrics);
    bench.counter.with(|state, _| state.unsaved.settings = false);
    let View::Failure(view) = bench.counter.run().await.view else { panic!("told") };
    assert_eq!(view.failure, Failure::StorageReadOnly);
    bench.drawer.come_loose();
    bench.counter.act(Action::Retry);
    bench.counter.run().await;
    assert!(!bench.drawer.names().contains(&LOGIN_KEY.to_owned()));
}

#[tokio::test]
async fn without_a_sensor_or_with_a_password_there_is_nothing_of_it() {
    let finger = Finger::new();
    let bench = with_finger(&finger).await;
    let action = finger.sign(&message(&bench));
    bench.counter.with(|state, _| state.config.login = LoginKind::Password);
    assert!(offered(&bench).is_none());
    bench.counter.with(|state, _| {
        (state.config.login, state.config.biometrics) = (LoginKind::Passcode, false);
    });
    assert!(offered(&bench).is_none());
    bench.counter.act(action);
    bench.counter.run().await;
    assert!(!logged_in(&bench));
    bench.attempt(PASSCODE).await;
    assert!(settings(&bench).biometrics.is_none() && !offer(&bench));
}
