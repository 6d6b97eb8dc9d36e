//! What a phone has and a PC has not: biometrics, cues, and a successor.

use counter::{Action, CueKind, Failure, FolderStorage, Link, Lost, Screen, View};
use desk::{Desk, SoftKey, World};
use service::device_key::DeviceKey;
use tempfile::TempDir;

use crate::support::{failure, finger, is_result, phone, recognise};

/// A phone with a finger that it knows.
struct Phone {
    desk: Desk,
    folder: TempDir,
    finger: SoftKey,
}

impl Phone {
    /// Out of its box.
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let desk = Desk::new(FolderStorage::new(folder.path()), phone());
        Self { desk, folder, finger: finger() }
    }

    async fn enrolled(world: &World) -> Self {
        let phone = Self::new();
        let link = world.activation().await.expect("a device slot").link;
        let screen = phone.desk.enrol(&link.to_text()).await;
        assert!(offers(&screen), "{screen:?}");
        phone
    }

    /// The app ends and starts again.
    fn restart(self) -> Self {
        let Self { desk, folder, finger } = self;
        Self { desk: desk.restart(FolderStorage::new(folder.path()), phone()), folder, finger }
    }

    async fn enable(&self) {
        let public_key = self.finger.public_key().expect("a key");
        self.desk.act(Action::EnableBiometrics { public_key }).await;
    }

    /// A finger is recognised, as long as the screen asks for one.
    async fn log_in(&self) -> Screen {
        let screen = self.desk.counter.screen();
        self.desk.act(recognise(&self.finger, &screen).expect("a finger serves")).await
    }
}

fn offers(screen: &Screen) -> bool {
    matches!(&screen.view, View::Choose(view) if view.offer.is_some())
}

fn asks_for_passcode(screen: &Screen) -> bool {
    matches!(&screen.view, View::LogIn(view) if view.biometrics.is_none())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_finger_opens_the_counter_for_a_whole_check_also_after_a_restart() {
    let world = World::start().await.expect("a free port of loopback");
    let phone = Phone::enrolled(&world).await;
    phone.enable().await;
    assert!(!offers(&phone.desk.counter.screen()), "asked once");
    let phone = phone.restart();
    let screen = phone.log_in().await;
    assert!(matches!(screen.view, View::Choose(_)) && !offers(&screen), "{screen:?}");
    phone.desk.pin("1234").await;
    assert!(is_result(&phone.desk.check(&mut world.card("hanako")).await));
    assert!(matches!(phone.desk.act(Action::Hidden).await.view, View::LogIn(_)));
    assert!(matches!(phone.log_in().await.view, View::Choose(_)), "and again, with another message");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_new_fingerprint_it_is_the_passcode_no_new_enrolment_and_one_touch() {
    let world = World::start().await.expect("a free port of loopback");
    let mut phone = Phone::enrolled(&world).await;
    phone.enable().await;
    phone.desk.act(Action::Lock).await;
    assert!(asks_for_passcode(&phone.desk.act(Action::BiometricsChanged).await));
    let screen = phone.desk.log_in().await;
    assert!(offers(&screen), "{screen:?}");
    phone.finger = finger();
    phone.enable().await;
    let phone = phone.restart();
    assert!(matches!(phone.log_in().await.view, View::Choose(_)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_finger_opens_no_device_that_was_revoked_and_its_key_goes_with_the_rest() {
    let world = World::start().await.expect("a free port of loopback");
    let phone = Phone::enrolled(&world).await;
    phone.enable().await;
    phone.desk.act(Action::Lock).await;
    let admin = world.service().admin();
    let account = admin.devices().await.expect("a list")[0].account.clone();
    admin.revoke(&account).await.expect("a device");
    assert_eq!(failure(&phone.log_in().await), Some(Failure::DeviceRevoked));
    let files: Vec<_> = std::fs::read_dir(phone.folder.path()).expect("a folder").flatten().collect();
    assert!(!files.iter().any(|file| file.file_name() == "login-key"), "{files:?}");
    assert!(matches!(phone.restart().desk.counter.screen().view, View::SetUp(_)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_heard_and_felt_when_the_card_may_be_taken_away_and_when_it_was_lost() {
    let world = World::start().await.expect("a free port of loopback");
    let phone = Phone::enrolled(&world).await;
    let mut card = world.card("hanako");
    phone.desk.pin("1234").await;
    let lost = phone.desk.hold_for(&mut card, 3).screen;
    let first = lost.cue.expect("it was lost");
    assert_eq!(first.kind, CueKind::Failure, "{lost:?}");
    let held = phone.desk.hold(&mut card).screen;
    let second = held.cue.expect("it may be taken away");
    assert_eq!(second.kind, CueKind::CardDone, "{held:?}");
    assert!(second.number > first.number && second.sound && second.vibration);
    assert!(is_result(&phone.desk.settle(held).await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_that_the_service_refuses_is_heard_as_a_failure() {
    let world = World::start().await.expect("a free port of loopback");
    let phone = Phone::enrolled(&world).await;
    phone.desk.pin("1234").await;
    let account = world.service().admin().devices().await.expect("a list")[0].account.clone();
    world.service().admin().suspend(&account).await.expect("a device");
    let screen = phone.desk.check(&mut world.card("hanako")).await;
    assert_eq!(failure(&screen), Some(Failure::DeviceSuspended));
    assert_eq!(screen.cue.map(|cue| cue.kind), Some(CueKind::Failure));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_pin_is_heard_as_a_failure() {
    let world = World::start().await.expect("a free port of loopback");
    let phone = Phone::enrolled(&world).await;
    phone.desk.pin("0000").await;
    let screen = phone.desk.check(&mut world.card("hanako")).await;
    assert_eq!(failure(&screen), Some(Failure::PinWrong));
    assert_eq!(screen.cue.map(|cue| cue.kind), Some(CueKind::Failure));
    // A reader that breaks in the middle as well.
    phone.desk.act(Action::Retry).await;
    phone.desk.type_digits("1234").await;
    let broken = |_: &[u8]| Err(Lost::Reader(counter::ReaderTrouble::Failed));
    let screen = phone.desk.hold_over(Link::Direct, broken).screen;
    assert_eq!(screen.cue.map(|cue| cue.kind), Some(CueKind::Failure));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_phone_takes_the_place_of_an_old_one_which_works_until_then() {
    let world = World::start().await.expect("a free port of loopback");
    let old = Phone::enrolled(&world).await;
    let admin = world.service().admin();
    let account = admin.devices().await.expect("a list")[0].account.clone();
    let link = admin.replace_device(&account).await.expect("a device").link.to_text();

    let new = Phone::new();
    let screen = new.desk.act(Action::OpenLink(link.to_string())).await;
    let View::ConfirmLink(view) = &screen.view else { panic!("{screen:?}") };
    let replaces = view.replaces.as_ref().expect("it is told");
    assert!(replaces.value.starts_with(&format!("desk ({account})")), "{replaces:?}");

    old.desk.pin("1234").await;
    assert!(is_result(&old.desk.check(&mut world.card("hanako")).await), "nobody is without a device");
    old.desk.act(Action::Next).await;

    let screen = new.desk.enrol(&link).await;
    assert!(matches!(screen.view, View::Choose(_)), "{screen:?}");
    new.desk.pin("1234").await;
    assert!(is_result(&new.desk.check(&mut world.card("jiro")).await));

    old.desk.pin("1234").await;
    let screen = old.desk.check(&mut world.card("hanako")).await;
    assert_eq!(failure(&screen), Some(Failure::DeviceRevoked), "{screen:?}");
    assert!(matches!(old.restart().desk.counter.screen().view, View::SetUp(_)), "nothing is left on it");
}
