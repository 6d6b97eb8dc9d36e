//! The network is cut before, during and after each request; the service dies and comes back.

use counter::{Action, Failure, Method, View};
use sandbox_service::Fault;

use crate::support::{Scene, failure, is_result};

const CHECKS: &str = "/v1/eligibility-checks";
const CHALLENGES: &str = "/v1/challenges";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_is_fetched_again_without_a_second_tap() {
    let scene = Scene::new().await;
    for fault in [Fault::DropBefore, Fault::DropAfter, Fault::DropDuring] {
        let mut card = scene.card("hanako");
        // An HTTP client may ask once more by itself where nothing was sent: three times is enough for both.
        scene.world.service().faults().add(CHECKS, fault, 3);
        let mut screen = scene.check_by_pin(&mut card, "1234").await;
        let asked = card.transcript().to_string();
        for _ in 0..4 {
            if is_result(&screen) {
                break;
            }
            assert!(
                matches!(failure(&screen), Some(Failure::Unreachable | Failure::AnswerUnreadable)),
                "{fault:?}: {screen:?}"
            );
            screen = scene.desk.act(Action::Retry).await;
        }
        assert!(is_result(&screen), "{fault:?}: {screen:?}");
        assert_eq!(card.transcript().to_string(), asked, "{fault:?}: the card was not asked again");
        scene.world.service().faults().clear();
        scene.desk.act(Action::Next).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_challenge_no_card_is_asked() {
    let scene = Scene::new().await;
    scene.world.service().faults().add(CHALLENGES, Fault::DropBefore, 8);
    scene.desk.act(Action::Choose(Method::Pin)).await;
    let screen = scene.desk.type_digits("1234").await;
    assert_eq!(failure(&screen), Some(Failure::Unreachable), "{screen:?}");
    let mut card = scene.card("hanako");
    assert_eq!(scene.desk.hold(&mut card).commands, 0);

    scene.world.service().faults().clear();
    let mut screen = scene.desk.act(Action::Retry).await;
    if matches!(screen.view, View::PinPad(_)) {
        screen = scene.desk.type_digits("1234").await;
    }
    assert!(matches!(screen.view, View::HoldCard(_)), "{screen:?}");
    assert!(is_result(&scene.desk.check(&mut card).await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_was_killed_answers_when_it_is_back() {
    let mut scene = Scene::new().await;
    let mut card = scene.card("hanako");
    scene.desk.pin("1234").await;
    let held = scene.desk.hold(&mut card);
    assert!(held.screen.work);

    let address = scene.world.service().address();
    scene.world.kill().await;
    let screen = scene.desk.counter.run().await;
    assert_eq!(failure(&screen), Some(Failure::Unreachable), "{screen:?}");

    scene.world.revive(address).await.expect("the same state and address");
    let screen = scene.desk.act(Action::Retry).await;
    assert!(is_result(&screen), "{screen:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_challenge_that_ran_out_leads_to_a_new_tap() {
    let scene = Scene::new().await;
    let mut card = scene.card("hanako");
    scene.desk.pin("1234").await;
    scene.world.clock().advance(std::time::Duration::from_secs(121));
    let screen = scene.desk.check(&mut card).await;
    assert_eq!(failure(&screen), Some(Failure::ChallengeExpired), "{screen:?}");
    let mut screen = scene.desk.act(Action::Retry).await;
    if matches!(screen.view, View::PinPad(_)) {
        screen = scene.desk.type_digits("1234").await;
    }
    assert!(matches!(screen.view, View::HoldCard(_)), "{screen:?}");
    assert!(is_result(&scene.desk.check(&mut card).await));
}
