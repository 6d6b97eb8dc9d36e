//! What a failure screen offers: the next step, when, and the way round.

use std::time::Duration;

use service::messages::{ProblemCode, VisualForm};

use super::Bench;
use crate::{
    Action, Failure, FailureView, Language, Method, Screen, View,
    job::{Job, Outcome, Scope},
    state::{For, Stage, Way},
};

/// A patient is at the counter of a device that may use these methods.
fn bench(pin: bool, visual: Option<VisualForm>, method: Method) -> Bench {
    let bench = Bench::logged_in();
    bench.counter.with(|state, _| {
        let status = state.session.as_mut().and_then(|session| session.status.as_mut()).expect("logged in");
        (status.pin, status.visual) = (pin, visual);
    });
    bench.counter.act(Action::Choose(method));
    bench
}

fn view(screen: &Screen) -> &FailureView {
    match &screen.view {
        View::Failure(view) => view,
        other => panic!("expected a failure, got {other:?}"),
    }
}

fn fail(bench: &Bench, failure: Failure, way: Way) -> Screen {
    bench.counter.with(|state, now| state.fail(failure, way, now));
    bench.counter.screen()
}

#[test]
fn the_other_method_is_named_only_where_it_is_offered_and_the_official_ways_where_it_is_not() {
    for failure in [Failure::SmartphoneCard, Failure::FaceAuthenticationCard, Failure::MethodNotAllowed] {
        let (method, switch) = match failure {
            Failure::SmartphoneCard => (Method::Visual, Action::UsePin),
            _ => (Method::Pin, Action::UseVisual),
        };
        let both = fail(&bench(true, Some(VisualForm::Proven), method), failure, Way::Ask);
        assert!(both.button(&switch).is_some());
        assert!(view(&both).remedy.ends_with("切り替えることもできます。"), "{}", view(&both).remedy);
        assert_eq!(view(&both).fallbacks.len(), 0);

        let one = match method {
            Method::Pin => bench(true, None, method),
            Method::Visual => bench(false, Some(VisualForm::Proven), method),
        };
        let alone = fail(&one, failure, Way::Ask);
        assert!(alone.button(&switch).is_none());
        assert!(!view(&alone).remedy.contains("切り替え"), "{}", view(&alone).remedy);
        assert_eq!(view(&alone).fallbacks.len(), 4);
    }
}

#[test]
fn a_phone_that_asks_the_pin_first_is_offered_no_method_that_can_only_fail() {
    for method in [Method::Pin, Method::Visual] {
        let bench = bench(true, Some(VisualForm::Proven), method);
        let screen = fail(&bench, Failure::CertificateNeedsPin, Way::Ask);
        assert!(screen.button(&Action::UsePin).is_none() && screen.button(&Action::UseVisual).is_none());
        assert_eq!(view(&screen).fallbacks.len(), 4);
    }
}

#[test]
fn who_has_one_try_left_or_no_photo_is_told_the_other_ways() {
    let bench = bench(true, Some(VisualForm::Proven), Method::Pin);
    bench.counter.with(|state, _| state.stage = Stage::LastTry(Failure::PinLastTry));
    let View::LastTry(view) = bench.counter.screen().view else { panic!("one try") };
    assert!(view.fallbacks.len() == 4 && view.hint.contains("職員"), "{}", view.hint);
    let alone = self::bench(true, None, Method::Pin);
    alone.counter.with(|state, _| state.stage = Stage::LastTry(Failure::PinLastTry));
    let View::LastTry(view) = alone.counter.screen().view else { panic!("one try") };
    assert!(view.fallbacks.len() == 4 && !view.hint.contains("職員"), "{}", view.hint);
    bench.counter.with(|state, _| state.stage = Stage::NoPhoto);
    let View::Warning(view) = bench.counter.screen().view else { panic!("no photo") };
    assert_eq!(view.fallbacks.len(), 4);
}

#[test]
fn a_card_lost_twice_in_a_row_shows_the_way_round() {
    let bench = bench(true, None, Method::Pin);
    let lost = |losses| {
        bench.counter.with(|state, _| {
            state.patient.as_mut().expect("chosen").losses = losses;
            state.await_card(Some(Failure::CardLost));
        });
        let View::HoldCard(view) = bench.counter.screen().view else { panic!("the card is awaited") };
        view.fallbacks.len()
    };
    assert_eq!((lost(1), lost(2)), (0, 4));
    bench.counter.with(|state, _| state.patient.as_mut().expect("chosen").losses = 1);
    assert_eq!(view(&fail(&bench, Failure::ReaderFailed, Way::Hold)).fallbacks.len(), 0);
    bench.counter.with(|state, _| state.patient.as_mut().expect("chosen").losses = 2);
    assert_eq!(view(&fail(&bench, Failure::ReaderFailed, Way::Hold)).fallbacks.len(), 4);
}

#[test]
fn a_device_that_stops_working_leaves_no_patient_without_a_way() {
    for failure in [
        Failure::DeviceUnknown,
        Failure::DeviceSuspended,
        Failure::DeviceCertificateRefused,
        Failure::DeviceCertificateExpired,
        Failure::DeviceKeyMissing,
        Failure::DeviceKeyRefused,
        Failure::DeviceKeyTimedOut,
        Failure::DeviceKeyDamaged,
        Failure::DeviceKeyNewer,
    ] {
        let bench = bench(true, None, Method::Pin);
        assert_eq!(view(&fail(&bench, failure, Way::Connect)).fallbacks.len(), 4, "{failure:?}");
        let before_log_in = fail(&Bench::new(), failure, Way::SetUp);
        assert_eq!(view(&before_log_in).fallbacks.len(), 0, "nobody waits");
    }
}

#[test]
fn the_words_follow_from_where_retry_leads() {
    let bench = bench(true, None, Method::Pin);
    let told = |way| {
        let screen = fail(&bench, Failure::Unreachable, way);
        let button = screen.button(&Action::Retry).expect("a way on").label.clone();
        (view(&screen).remedy.contains("かざし直す必要はありません"), button)
    };
    assert_eq!(told(Way::Send), (true, "もう一度確認する".to_owned()));
    assert_eq!(told(Way::Hold), (false, "もう一度カードをかざす".to_owned()));
    assert_eq!(told(Way::Connect), (false, "接続し直す".to_owned()));
    assert_eq!(told(Way::Ask), (false, "もう一度入力する".to_owned()));
}

#[test]
fn nothing_is_asked_again_before_the_service_wants_it() {
    let bench = bench(true, None, Method::Pin);
    let refuse = |code, seconds| {
        bench.counter.with(|state, now| {
            let error = service::Error::Refused { code, retry_after: Some(seconds) };
            let ticket = state.ticket(Scope::Patient);
            state.settle(Outcome::Checked(Err(error)), ticket, now);
        });
        bench.counter.screen()
    };
    let screen = refuse(ProblemCode::Unavailable, 30);
    assert_eq!(view(&screen).wait.as_deref(), Some("あと約30秒お待ちください。"));
    assert_eq!(
        screen.button(&Action::Retry).and_then(|retry| retry.enabled_at),
        Some(Duration::from_secs(30))
    );
    assert_eq!(screen.wake_at, Some(Duration::from_secs(30)));
    assert!(screen.button(&Action::Cancel).is_some_and(|cancel| cancel.enabled_at.is_none()));
    bench.hands.pass(Duration::from_secs(29));
    assert_eq!(view(&bench.counter.act(Action::Retry)).wait.as_deref(), Some("あと約1秒お待ちください。"));
    bench.hands.pass(Duration::from_secs(1));
    let screen = bench.counter.act(Action::Tick);
    assert_eq!(view(&screen).wait, None);
    assert_eq!(screen.button(&Action::Retry).and_then(|retry| retry.enabled_at), None);
    assert!(!matches!(
        bench.counter.act(Action::Retry).view,
        View::Failure(FailureView { wait: Some(_), .. })
    ));

    assert_eq!(
        view(&refuse(ProblemCode::RateLimited, 61)).wait.as_deref(),
        Some("あと約2分お待ちください。")
    );
    // What no service can mean keeps nobody waiting for ever.
    assert_eq!(
        view(&refuse(ProblemCode::RateLimited, u32::MAX)).wait.as_deref(),
        Some("あと約60分お待ちください。")
    );
}

#[tokio::test]
async fn an_enrolment_whose_answer_was_lost_goes_on_with_the_same_key() {
    let bench = Bench::new();
    let code = secret::SecretBytes::new(b"123456789012".to_vec());
    bench.counter.act(Action::Account { account: "W0000001".to_owned(), code });
    let screen = bench.counter.run().await;
    assert_eq!(view(&screen).failure, Failure::Unreachable);
    assert!(view(&screen).remedy.contains("701"), "{}", view(&screen).remedy);
    assert_eq!(screen.button(&Action::Retry).map(|retry| retry.label.as_str()), Some("もう一度登録する"));
    bench.counter.act(Action::Retry);
    assert!(bench.counter.with(|state, _| matches!(state.pending, Some(Job::Enrol { again: true, .. }))));
}

#[test]
fn ending_the_registration_from_the_locked_screen_takes_a_second_thought() {
    let bench = Bench::enrolled(0);
    let screen = bench.counter.act(Action::ForgetDevice);
    let View::Warning(view) = &screen.view else { panic!("to be confirmed") };
    assert!(view.hint.contains("アクティベーションコード"), "{}", view.hint);
    let yes = screen.button(&Action::Confirm).expect("yes");
    assert_eq!(
        (yes.enabled_at, screen.wake_at),
        (Some(Duration::from_secs(5)), Some(Duration::from_secs(5)))
    );
    assert!(matches!(bench.counter.act(Action::Confirm).view, View::Warning(_)), "not at once");
    bench.hands.pass(Duration::from_secs(5));
    assert!(bench.counter.screen().button(&Action::Confirm).is_some_and(|yes| yes.enabled_at.is_none()));
    bench.counter.act(Action::Confirm);
    assert!(bench.counter.with(|state, _| matches!(state.stage, Stage::Waiting(For::Wiping(None)))));

    // Who is logged in has shown that they may.
    let bench = Bench::logged_in();
    bench.counter.act(Action::Settings);
    bench.counter.act(Action::ForgetDevice);
    assert!(bench.counter.act(Action::Confirm).work);
}

#[test]
fn every_failure_reads_well_in_every_way() {
    for language in Language::ALL {
        let bench = bench(true, Some(VisualForm::Proven), Method::Pin);
        bench.counter.act(Action::SetLanguage(language));
        for failure in Failure::ALL {
            for way in [Way::None, Way::Ask, Way::Hold, Way::Send, Way::Connect, Way::SetUp] {
                let text = fail(&bench, *failure, way).to_text();
                assert!(!text.contains('{') && !text.contains("button-") && !text.contains(".."), "{text}");
            }
        }
    }
}
