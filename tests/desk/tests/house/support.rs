//! What these tests share.

use std::time::Duration;

use counter::{Action, Config, Cues, Failure, FolderStorage, Language, Screen, View};
use desk::{Desk, SoftKey, World};
use sandbox_card::{Person, VirtualCard};
use sandbox_service::Activation;
use service::device_key::DeviceKey;
use tempfile::TempDir;

/// A world, and a desk where somebody has just logged in.
pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) desk: Desk,
    pub(crate) folder: TempDir,
    /// What the desk was enrolled with.
    pub(crate) activation: Activation,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        Self::with(Person::all(), Language::Ja).await
    }

    pub(crate) async fn with(persons: Vec<Person>, language: Language) -> Self {
        let world = World::with(persons).await.expect("a free port of loopback");
        Self::at(world, language).await
    }

    /// A scene whose service keeps certificates for the next visit.
    pub(crate) async fn remembering() -> Self {
        let world = World::remembering(Person::all()).await.expect("a free port of loopback");
        Self::at(world, Language::Ja).await
    }

    /// A scene whose service keeps certificates, and whose desk is a phone: it can recognise somebody, and be heard.
    pub(crate) async fn on_a_phone() -> Self {
        let world = World::remembering(Person::all()).await.expect("a free port of loopback");
        Self::with_config(world, phone()).await
    }

    /// A desk of this world, where somebody has just logged in.
    pub(crate) async fn at(world: World, language: Language) -> Self {
        Self::with_config(world, Config { language, ..Config::default() }).await
    }

    async fn with_config(world: World, config: Config) -> Self {
        let activation = world.activation().await.expect("a device slot");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let desk = Desk::new(FolderStorage::new(folder.path()), config);
        let screen = desk.enrol(&activation.link.to_text()).await;
        assert!(matches!(screen.view, View::Choose(_)), "{screen:?}");
        Self { world, desk, folder, activation }
    }

    /// The card of a named person.
    pub(crate) fn card(&self, slug: &str) -> VirtualCard {
        self.world.card(slug)
    }

    /// The service's limits allow another check.
    pub(crate) fn breathe(&self) {
        self.world.clock().advance(Duration::from_secs(3));
    }

    /// A check with the PIN, as far as it goes.
    pub(crate) async fn check_by_pin(&self, card: &mut VirtualCard, digits: &str) -> Screen {
        self.breathe();
        self.desk.pin(digits).await;
        self.desk.check(card).await
    }

    /// A 目視確認 with this person's card, as far as it goes. Where staff are reminded of cards without a photo, they
    /// go on if there is one.
    pub(crate) async fn check_by_sight(&self, card: &mut VirtualCard, slug: &str) -> Screen {
        self.breathe();
        let person = self.world.person(slug);
        let screen = self.desk.visual(person.printed_birth_date()).await;
        if matches!(screen.view, View::Warning(_)) {
            if !person.card.printed.as_ref().is_some_and(|printed| printed.photo) {
                return screen;
            }
            self.desk.act(Action::GoOn).await;
        }
        self.desk.check(card).await
    }
}

/// What a phone can do.
pub(crate) fn phone() -> Config {
    let cues = Cues { sound: true, vibration: true };
    Config { biometrics: true, nfc: true, cues, ..Config::default() }
}

/// A finger that a phone knows: its login key.
pub(crate) fn finger() -> SoftKey {
    let finger = SoftKey::default();
    finger.create(&[]).expect("a key");
    finger
}

/// The finger is recognised, where the screen asks for one.
pub(crate) fn recognise(finger: &SoftKey, screen: &Screen) -> Option<Action> {
    let View::LogIn(view) = &screen.view else { return None };
    let message = &view.biometrics.as_ref()?.message;
    Some(Action::BiometricSignature(finger.sign(message).expect("a signature")))
}

/// The failure that a screen tells of.
pub(crate) fn failure(screen: &Screen) -> Option<Failure> {
    match &screen.view {
        View::Failure(view) => Some(view.failure),
        View::LastTry(view) => Some(view.failure),
        View::HoldCard(view) => view.again.as_ref().map(|again| again.failure),
        _ => None,
    }
}

pub(crate) fn is_result(screen: &Screen) -> bool {
    matches!(screen.view, View::Result(_))
}
