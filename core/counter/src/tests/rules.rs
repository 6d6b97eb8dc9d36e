//! The rules of the counter between the log in and the card.

use std::sync::Arc;
use std::time::Duration;

use service::messages::ProblemCode;

use super::{Bench, Drawer, Hands, Safe};
use crate::{
    Action, Config, Counter, Era, Failure, Link, Method, Ports, Storage, StorageError, View,
    check::Fresh,
    job::{Job, Outcome, Scope},
    state::{Stage, Way},
};

/// As if the service had given a challenge.
fn challenge(bench: &Bench, expires_in: u32) {
    bench.counter.with(|state, now| {
        let challenge = service::messages::Challenge { nonce: vec![1; 32], token: vec![2], expires_in };
        let session = state.session.as_mut().expect("logged in");
        session.challenge = Fresh::new(challenge, now.steady);
    });
}

fn digits(bench: &Bench, digits: &[u8]) -> View {
    for digit in digits {
        bench.counter.act(Action::Digit(*digit));
    }
    bench.counter.screen().view
}

#[test]
fn from_the_choice_to_the_card_staff_touch_once_and_the_patient_four_times() {
    let bench = Bench::logged_in();
    bench.counter.act(Action::Choose(Method::Pin));
    let View::HoldCard(view) = digits(&bench, &[1, 2, 3, 4]) else { panic!("the card is next") };
    assert!(!view.ready, "no challenge yet");
    challenge(&bench, 120);
    let View::HoldCard(view) = bench.counter.screen().view else { panic!("the card is next") };
    assert!(view.ready);
}

#[test]
fn an_action_takes_no_time() {
    let bench = Bench::logged_in();
    let start = std::time::Instant::now();
    for _ in 0..50 {
        bench.counter.act(Action::Choose(Method::Pin));
        digits(&bench, &[1, 2, 3, 4]);
        bench.counter.act(Action::Cancel);
    }
    // 300 actions; a counter may take 5 ms for each, in a release build and on a phone.
    assert!(start.elapsed() < Duration::from_millis(300 * 5), "{:?}", start.elapsed());
}

#[test]
fn a_tap_starts_only_with_a_minute_left_and_wakes_the_shell_when_it_has_not() {
    let bench = Bench::logged_in();
    bench.counter.act(Action::Choose(Method::Pin));
    digits(&bench, &[1, 2, 3, 4]);
    challenge(&bench, 90);
    let screen = bench.counter.screen();
    assert_eq!(screen.wake_at, Some(Duration::from_secs(30)));
    assert!(!screen.work);
    bench.hands.pass(Duration::from_secs(30));
    let screen = bench.counter.act(Action::Tick);
    assert!(screen.work, "it is renewed");
    assert!(bench.counter.tap(Link::Direct).is_none());
}

#[test]
fn one_card_at_a_time() {
    let bench = Bench::logged_in();
    bench.counter.act(Action::Choose(Method::Pin));
    digits(&bench, &[1, 2, 3, 4]);
    challenge(&bench, 120);
    let tap = bench.counter.tap(Link::Direct).expect("ready");
    assert!(bench.counter.tap(Link::Direct).is_none());
    let screen = tap.lost(crate::Lost::Reader(crate::ReaderTrouble::Failed));
    let View::Failure(view) = screen.view else { panic!("the reader failed") };
    assert_eq!(view.failure, Failure::ReaderFailed);
    bench.counter.act(Action::Retry);
    drop(bench.counter.tap(Link::Direct).expect("the PIN is still there"));
    let View::HoldCard(view) = bench.counter.screen().view else { panic!("hold again") };
    assert_eq!(view.again.map(|again| again.failure), Some(Failure::CardLost));
}

#[test]
fn the_pin_is_forgotten_after_a_minute() {
    let bench = Bench::logged_in();
    bench.counter.act(Action::Choose(Method::Pin));
    digits(&bench, &[1, 2, 3, 4]);
    challenge(&bench, 120);
    drop(bench.counter.tap(Link::Direct).expect("ready"));
    bench.hands.pass(Duration::from_secs(59));
    assert!(matches!(bench.counter.screen().view, View::HoldCard(_)));
    bench.hands.pass(Duration::from_secs(1));
    let View::PinPad(view) = bench.counter.screen().view else { panic!("to be typed again") };
    assert_eq!(view.typed, 0);
    assert!(view.problem.is_some());
    assert!(bench.counter.with(|state, _| state.patient.as_ref().is_some_and(|p| p.interrupted.is_none())));
}

#[test]
fn half_a_pin_is_forgotten_as_well() {
    let bench = Bench::logged_in();
    bench.counter.act(Action::Choose(Method::Pin));
    digits(&bench, &[1, 2]);
    bench.hands.pass(Duration::from_mins(1));
    let View::PinPad(view) = bench.counter.screen().view else { panic!("still the pad") };
    assert_eq!(view.typed, 0);
}

#[test]
fn a_cancelled_tap_sends_nothing_more() {
    let bench = Bench::logged_in();
    bench.counter.act(Action::Choose(Method::Pin));
    digits(&bench, &[1, 2, 3, 4]);
    challenge(&bench, 120);
    let mut tap = bench.counter.tap(Link::Direct).expect("ready");
    assert!(matches!(tap.next(None), crate::TapStep::Transmit(_)));
    bench.counter.act(Action::Cancel);
    let crate::TapStep::Done(screen) = tap.next(Some(&[0x90, 0x00])) else { panic!("cancelled") };
    assert!(matches!(screen.view, View::Choose(_)));
}

#[test]
fn a_birth_date_is_a_day_of_its_era_and_not_in_the_future() {
    let bench = Bench::logged_in();
    bench.counter.act(Action::Choose(Method::Visual));
    for (era, typed) in
        [(Era::Showa, [6, 4, 0, 1, 0, 8]), (Era::Reiwa, [9, 9, 0, 1, 0, 1]), (Era::Showa, [0; 6])]
    {
        bench.counter.act(Action::Era(era));
        let View::BirthDate(view) = digits(&bench, &typed) else { panic!("not taken") };
        assert!(view.problem.is_some() && view.typed.is_empty());
    }
    bench.counter.act(Action::Era(Era::Showa));
    let View::BirthDate(view) = digits(&bench, &[3, 5, 0, 4, 1]) else { panic!("not whole yet") };
    assert_eq!(view.typed, "35・04・1");
    assert!(matches!(digits(&bench, &[2]), View::HoldCard(_)));
}

#[test]
fn a_child_under_five_may_have_a_card_without_a_photo() {
    let bench = Bench::logged_in();
    bench.counter.act(Action::Choose(Method::Visual));
    bench.counter.act(Action::Era(Era::Reiwa));
    assert!(matches!(digits(&bench, &[0, 3, 1, 1, 2, 4]), View::Warning(_)), "five tomorrow");
    let screen = bench.counter.act(Action::UsePin);
    assert!(matches!(screen.view, View::PinPad(_)));
    bench.counter.act(Action::UseVisual);
    bench.counter.act(Action::Era(Era::Reiwa));
    assert!(matches!(digits(&bench, &[0, 3, 1, 1, 2, 3]), View::HoldCard(_)), "five today");
}

#[test]
fn what_the_patient_agreed_to_stays_when_the_method_changes_and_goes_with_the_patient() {
    let bench = Bench::logged_in();
    bench.counter.act(Action::Consent { limit_amount: true });
    bench.counter.act(Action::Choose(Method::Pin));
    bench.counter.act(Action::UseVisual);
    assert!(bench.counter.with(|state, _| state.patient.as_ref().is_some_and(|p| p.consents.limit_amount)));
    let View::Choose(view) = bench.counter.act(Action::Cancel).view else { panic!("the next patient") };
    assert!(!view.limit_amount);
}

#[tokio::test]
async fn a_lost_network_keeps_the_evidence_for_another_request() {
    let bench = Bench::logged_in();
    bench.counter.act(Action::Choose(Method::Pin));
    bench.counter.with(|state, now| {
        let request = service::messages::CheckRequest {
            request_id: vec![7; 16],
            answer_key: vec![8; 32],
            challenge: vec![9],
            consents: service::messages::Consents::default(),
            certificate: Some(vec![0x30]),
            certificate_tag: None,
            proof: service::messages::Proof::Pin { signature: vec![1; 256] },
            staff: None,
        };
        state.patient.as_mut().expect("chosen").request = Some(Arc::new(request));
        state.send(now);
    });
    for _ in 0..3 {
        let View::Failure(view) = bench.counter.run().await.view else { panic!("nobody answers") };
        assert_eq!(view.failure, Failure::Unreachable);
        assert_eq!(view.fallbacks.len(), 4);
        let kept = |state: &mut crate::state::State, _| {
            state
                .patient
                .as_ref()
                .and_then(|patient| patient.request.clone())
                .expect("kept")
                .request_id
                .clone()
        };
        assert_eq!(bench.counter.with(kept), [7; 16]);
        assert!(bench.counter.act(Action::Retry).work, "the same request, no second tap");
    }
}

#[tokio::test]
async fn a_challenge_that_cannot_be_had_is_told_when_the_card_is_awaited() {
    let bench = Bench::logged_in();
    let screen = bench.counter.act(Action::Choose(Method::Pin));
    assert!(screen.work, "asked for as soon as the method is chosen");
    assert!(matches!(bench.counter.run().await.view, View::PinPad(_)), "nobody is disturbed while typing");
    digits(&bench, &[1, 2, 3, 4]);
    let View::Failure(view) = bench.counter.run().await.view else { panic!("nobody answers") };
    assert_eq!(view.failure, Failure::Unreachable);
    assert!(matches!(bench.counter.act(Action::Retry).view, View::HoldCard(_)), "the PIN is still there");
}

#[test]
fn what_the_service_refuses_leads_where_it_can_be_mended() {
    let refused = |code| {
        let bench = Bench::logged_in();
        bench.counter.act(Action::Choose(Method::Visual));
        bench.counter.with(|state, now| {
            let ticket = state.ticket(crate::job::Scope::Patient);
            let error = service::Error::Refused { code, retry_after: None };
            state.settle(Outcome::Checked(Err(error)), ticket, now);
        });
        bench
    };
    for code in ProblemCode::ALL {
        let bench = refused(*code);
        let screen = bench.counter.screen();
        if *code == ProblemCode::DeviceRevoked {
            assert!(matches!(screen.view, View::Waiting(_)) && screen.work, "everything is wiped");
            continue;
        }
        let View::Failure(view) = &screen.view else { panic!("{code:?}") };
        assert_eq!(view.failure, Failure::from(*code));
        assert!(!screen.buttons.is_empty(), "{code:?} leads nowhere");
    }
    let way = |code| {
        refused(code).counter.with(|state, _| match &state.stage {
            Stage::Failed(failed) => core::mem::discriminant(&failed.way),
            _ => panic!("no failure"),
        })
    };
    assert_eq!(way(ProblemCode::Unavailable), core::mem::discriminant(&Way::Send));
    assert_eq!(way(ProblemCode::ChallengeExpired), core::mem::discriminant(&Way::Ask));
    assert_eq!(way(ProblemCode::CardCertificateRevoked), core::mem::discriminant(&Way::None));
    assert_eq!(way(ProblemCode::DeviceSuspended), core::mem::discriminant(&Way::Connect));
}

#[test]
fn every_refusal_has_a_failure_of_its_own() {
    let failures: std::collections::BTreeSet<_> =
        ProblemCode::ALL.iter().map(|code| Failure::from(*code)).collect();
    assert_eq!(failures.len(), ProblemCode::ALL.len());
}

#[tokio::test]
async fn a_device_that_was_revoked_keeps_nothing() {
    let bench = Bench::logged_in();
    bench.counter.with(|state, now| {
        let ticket = state.ticket(crate::job::Scope::Session);
        state.settle(Outcome::Status(Err(Failure::DeviceRevoked)), ticket, now);
    });
    let View::Failure(view) = bench.counter.run().await.view else { panic!("told") };
    assert_eq!(view.failure, Failure::DeviceRevoked);
    assert!(bench.drawer.device().is_none());
    assert!(matches!(bench.restart().counter.screen().view, View::SetUp(_)));
}

#[tokio::test]
async fn a_run_that_is_given_up_leaves_a_way_on() {
    let bench = Bench::enrolled(0);
    bench.counter.act(Action::Passcode(super::passcode(super::PASSCODE)));
    // Polled once, then dropped: the shell went away in the middle.
    let mut run = Box::pin(bench.counter.run());
    assert!(
        std::future::poll_fn(|context| std::task::Poll::Ready(run.as_mut().poll(context).is_pending())).await
    );
    drop(run);
    assert!(matches!(bench.counter.screen().view, View::LogIn(_)));
    bench.attempt(super::PASSCODE).await;
    assert!(bench.counter.with(|state, _| state.session.is_some()));
}

/// A storage whose port panics where it stores.
struct Trapdoor(Drawer);

impl Storage for Trapdoor {
    fn load(&self, name: &str) -> Result<Option<Vec<u8>>, StorageError> {
        self.0.load(name)
    }

    fn store(&self, _: &str, _: &[u8]) -> Result<(), StorageError> {
        std::panic::resume_unwind(Box::new("the port fell through"));
    }

    fn delete(&self, _: &str) -> Result<(), StorageError> {
        Err(StorageError::ReadOnly)
    }
}

#[tokio::test]
async fn a_port_that_panics_is_a_failure_and_not_the_end() {
    let drawer = Bench::enrolled(0).drawer;
    let hands = Hands::default();
    let ports = Ports {
        key: Arc::new(Safe::default()),
        storage: Arc::new(Trapdoor(drawer)),
        clock: Arc::new(hands.clone()),
    };
    let counter = Counter::open(Config::default(), ports);
    counter.act(Action::Passcode(super::passcode(super::PASSCODE)));
    let View::Failure(view) = counter.run().await.view else { panic!("told") };
    assert_eq!(view.failure, Failure::WorkerFailed);
    counter.act(Action::Retry);
    counter.act(Action::ForgetDevice);
    hands.pass(Duration::from_secs(5));
    counter.act(Action::Confirm);
    let View::Failure(view) = counter.run().await.view else { panic!("told") };
    assert_eq!(view.failure, Failure::StorageReadOnly);
}

#[test]
fn a_question_that_fails_does_not_move_the_services_clock() {
    let bench = Bench::logged_in();
    for _ in 0..4 {
        bench.hands.pass(Duration::from_mins(4));
        bench.counter.act(Action::Touch);
    }
    bench.counter.with(|state, now| {
        assert!(matches!(state.take_job(now), Some(Job::Status(_))), "a quarter of an hour went by");
        let today = state.today(now);
        let ticket = state.ticket(Scope::Session);
        state.settle(Outcome::Status(Err(Failure::Unreachable)), ticket, now);
        assert!(!matches!(state.take_job(now), Some(Job::Status(_))), "not again at once");
        assert_eq!(state.today(now), today);
    });
    assert_eq!(bench.counter.screen().notices, [""; 0], "the clocks still agree");
}

#[test]
fn a_certificate_is_renewed_between_patients_once_and_no_challenge_outlives_the_old_one() {
    let bench = Bench::logged_in();
    let due =
        |bench: &Bench| bench.counter.with(|state, now| matches!(state.take_job(now), Some(Job::Renew(..))));
    assert!(!due(&bench));
    bench.counter.with(|state, _| {
        let status = state.session.as_mut().and_then(|session| session.status.as_mut()).expect("logged in");
        status.renew_at = status.now;
    });
    challenge(&bench, 120);
    assert!(!due(&bench), "a tap could still start with the old certificate");
    bench.hands.pass(Duration::from_mins(1));
    assert!(due(&bench));
    bench.counter.act(Action::Choose(Method::Pin));
    assert!(!due(&bench), "not with a patient at the counter");
    bench.counter.act(Action::Cancel);

    let renew = |renewed| {
        bench.counter.with(|state, now| {
            let ticket = state.ticket(Scope::Session);
            state.settle(Outcome::Renewed(renewed), ticket, now);
        });
    };
    renew(Err(Failure::Unreachable));
    assert!(matches!(bench.counter.screen().view, View::Choose(_)), "the old one still serves");
    assert!(!due(&bench), "the next log in tries again");

    let renewed = super::device(0).renewed(super::enrolment());
    let new = service::Client::enrolled(super::endpoint(), Arc::new(Safe::default()), renewed.enrolled());
    let new = Arc::new(new.expect("a client"));
    challenge(&bench, 120);
    renew(Ok((Arc::clone(&new), renewed)));
    bench.counter.with(|state, _| {
        let session = state.session.as_ref().expect("logged in");
        assert!(session.client.as_ref().is_some_and(|client| Arc::ptr_eq(client, &new)));
        assert!(session.challenge.is_none());
    });
    assert_eq!(bench.counter.journal().last().map(|entry| entry.event), Some(crate::JournalEvent::Renewed));
}
