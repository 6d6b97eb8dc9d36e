//! Who may use the counter, and for how long.

use std::time::Duration;

use counter::{Action, Config, Failure, FolderStorage, JournalEvent, Language, View};
use desk::{Desk, World};
use sandbox_card::Person;
use secret::Passcode;

use crate::support::{Scene, failure, is_result};

async fn log_in(desk: &Desk, passcode: &str) -> counter::Screen {
    desk.wait(Duration::from_hours(1)); // whatever delay there is
    desk.act(Action::Tick).await;
    desk.act(Action::Passcode(Passcode::new(passcode.to_owned()))).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_ten_wrong_passcodes_nothing_is_left_and_the_device_must_be_enrolled_anew() {
    let scene = Scene::new().await;
    scene.desk.act(Action::Lock).await;
    for wrong in 1..10 {
        let screen = log_in(&scene.desk, "999998").await;
        assert!(matches!(&screen.view, View::LogIn(view) if view.tries_left == 10 - wrong), "{screen:?}");
    }
    assert!(scene.desk.key().public_key().is_ok());
    let screen = log_in(&scene.desk, "999998").await;
    assert_eq!(failure(&screen), Some(Failure::TooManyAttempts), "{screen:?}");
    assert!(scene.desk.key().public_key().is_err());

    let Scene { world, desk, folder, .. } = scene;
    let again = desk.restart(FolderStorage::new(folder.path()), Config::default());
    assert!(matches!(again.counter.screen().view, View::SetUp(_)));
    let activation = world.activation().await.expect("a new slot");
    let screen = again.enrol(&activation.link.to_text()).await;
    assert!(matches!(screen.view, View::Choose(_)), "{screen:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_needs_the_passcode_and_no_new_enrolment() {
    let scene = Scene::new().await;
    let Scene { world, desk, folder, .. } = scene;
    let again = desk.restart(FolderStorage::new(folder.path()), Config::default());
    assert!(matches!(again.counter.screen().view, View::LogIn(_)));
    again.log_in().await;
    again.pin("1234").await;
    assert!(is_result(&again.check(&mut world.card("hanako")).await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspended_device_is_refused_at_its_next_request_and_serves_again_when_resumed() {
    let scene = Scene::new().await;
    let admin = scene.world.service().admin();
    let account = admin.devices().await.expect("a list")[0].account.clone();
    let mut card = scene.card("hanako");
    scene.desk.pin("1234").await;
    admin.suspend(&account).await.expect("a device");
    let screen = scene.desk.check(&mut card).await;
    assert_eq!(failure(&screen), Some(Failure::DeviceSuspended), "{screen:?}");

    admin.resume(&account).await.expect("a device");
    scene.desk.act(Action::Lock).await;
    scene.desk.log_in().await;
    assert!(is_result(&scene.check_by_pin(&mut card, "1234").await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_device_wipes_itself() {
    let scene = Scene::new().await;
    let admin = scene.world.service().admin();
    let account = admin.devices().await.expect("a list")[0].account.clone();
    scene.desk.pin("1234").await;
    admin.revoke(&account).await.expect("a device");
    let screen = scene.desk.check(&mut scene.card("hanako")).await;
    assert_eq!(failure(&screen), Some(Failure::DeviceRevoked), "{screen:?}");
    assert!(scene.desk.key().public_key().is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_result_is_gone_when_nobody_touches_it_or_the_app_is_hidden() {
    let scene = Scene::new().await;
    let mut card = scene.card("hanako");
    assert!(is_result(&scene.check_by_pin(&mut card, "1234").await));
    scene.desk.wait(Duration::from_secs(61));
    let screen = scene.desk.act(Action::Tick).await;
    assert!(matches!(screen.view, View::Choose(_)), "{screen:?}");

    assert!(is_result(&scene.check_by_pin(&mut card, "1234").await));
    let screen = scene.desk.act(Action::Hidden).await;
    assert!(!is_result(&screen) && !screen.to_text().contains("花子"), "{screen:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_certificate_is_renewed_before_it_ends() {
    const DAY: Duration = Duration::from_hours(24);
    // Enrolled more than two thirds of ninety days ago. The client verifies by the machine's clock, so it is the
    // past that is made up.
    let world = World::since(61 * DAY, Person::all()).await.expect("a free port of loopback");
    let scene = Scene::at(world, Language::Ja).await;
    scene.world.clock().advance(61 * DAY);
    scene.desk.act(Action::Lock).await;
    let screen = scene.desk.log_in().await;
    assert!(matches!(screen.view, View::Choose(_)), "{screen:?}");
    let renewed = scene.desk.counter.journal().iter().any(|entry| entry.event == JournalEvent::Renewed);
    assert!(renewed, "{:?}", scene.desk.counter.journal());
    assert!(is_result(&scene.check_by_pin(&mut scene.card("hanako"), "1234").await));

    // Now the first certificate would have ended.
    scene.world.clock().advance(30 * DAY);
    scene.desk.act(Action::Lock).await;
    let screen = scene.desk.log_in().await;
    assert!(matches!(screen.view, View::Choose(_)), "{screen:?}");
}
