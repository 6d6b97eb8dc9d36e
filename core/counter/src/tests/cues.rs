//! What is heard and felt.

use std::time::Duration;

use super::{Bench, biometrics::on_a_phone};
use crate::{Action, Cue, CueKind, Method, ReaderTrouble, Screen, View};

/// A phone at which the card is awaited.
fn holding() -> Bench {
    let bench = on_a_phone(Bench::logged_in());
    bench.counter.act(Action::Choose(Method::Pin));
    for digit in [1, 2, 3, 4] {
        bench.counter.act(Action::Digit(digit));
    }
    bench
}

fn failing(bench: &Bench) -> Screen {
    bench.counter.act(Action::Reader(ReaderTrouble::NoReader))
}

#[test]
fn a_check_that_does_not_go_on_is_heard_and_felt_once() {
    let bench = holding();
    assert_eq!(bench.counter.screen().cue, None);
    let first = failing(&bench).cue.expect("a cue");
    assert_eq!(first, Cue { number: first.number, kind: CueKind::Failure, sound: true, vibration: true });
    bench.hands.pass(Duration::from_secs(1));
    assert_eq!(bench.counter.screen().cue, Some(first), "drawn again, the same one");
    bench.hands.pass(Duration::from_secs(1));
    assert_eq!(bench.counter.screen().cue, None, "a shell that starts now does not give it late");
    bench.counter.act(Action::Retry);
    let again = failing(&bench).cue.expect("a cue");
    assert!(again.number > first.number);
}

#[test]
fn without_a_patient_nothing_is_heard() {
    let bench = on_a_phone(Bench::new());
    let screen = bench.counter.act(Action::OpenLink("https://example.invalid/".to_owned()));
    assert!(matches!(screen.view, View::Failure(_)));
    assert_eq!(screen.cue, None);
}

#[test]
fn the_settings_turn_each_off() {
    let bench = on_a_phone(Bench::logged_in());
    bench.counter.act(Action::Settings);
    let View::Settings(view) = bench.counter.act(Action::SetSounds(false)).view else { panic!("settings") };
    assert!(view.sounds.is_some_and(|switch| !switch.on && switch.enabled));
    assert!(view.vibration.is_some_and(|switch| switch.on));
    let cue = |bench: &Bench| {
        bench.counter.act(Action::Back);
        bench.counter.act(Action::Choose(Method::Pin));
        for digit in [1, 2, 3, 4] {
            bench.counter.act(Action::Digit(digit));
        }
        failing(bench).cue
    };
    assert!(cue(&bench).is_some_and(|cue| !cue.sound && cue.vibration));
    bench.counter.act(Action::Cancel);
    bench.counter.act(Action::Settings);
    bench.counter.act(Action::SetVibration(false));
    assert_eq!(cue(&bench), None);
}

#[tokio::test]
async fn they_stay_off_when_the_app_starts_again() {
    let bench = on_a_phone(Bench::logged_in());
    bench.counter.act(Action::Settings);
    bench.counter.act(Action::SetSounds(false));
    bench.counter.run().await;
    let off = bench.restart().counter.with(|state, _| state.settings.without_sounds);
    assert!(off);
}

#[test]
fn a_device_that_cannot_be_heard_has_no_switch_for_it() {
    let bench = Bench::logged_in();
    let View::Settings(view) = bench.counter.act(Action::Settings).view else { panic!("settings") };
    assert!(view.sounds.is_none() && view.vibration.is_none());
}

#[test]
fn a_phone_says_where_to_hold_the_card_unless_a_reader_is_in_use() {
    let text = |bench: &Bench| match bench.counter.screen().view {
        View::HoldCard(view) => view.text,
        other => panic!("{other:?}"),
    };
    let bench = holding();
    bench.counter.with(|state, now| {
        let challenge = service::messages::Challenge { nonce: vec![1; 32], token: vec![2], expires_in: 120 };
        let session = state.session.as_mut().expect("logged in");
        session.challenge = crate::check::Fresh::new(challenge, now.steady);
    });
    assert!(text(&bench).contains("裏面"), "{}", text(&bench));
    let reader = super::links::reader(crate::Protection::CustomerKey);
    bench.counter.act(Action::ReaderInUse(Some(reader)));
    assert!(!text(&bench).contains("裏面"), "{}", text(&bench));
}
