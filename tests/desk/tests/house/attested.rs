//! Phones whose hardware vouches for their key, and what that gives them.

use std::collections::BTreeSet;
use std::sync::Arc;

use counter::{Action, Config, FolderStorage, Language, Method, View};
use desk::{Desk, SoftKey, World};
use sandbox_card::Person;
use sandbox_pki::attestation::Wrong;
use sandbox_service::{Assurance, DeviceState};
use service::device_key::DeviceKey;
use tempfile::TempDir;

use crate::failures::told;
use crate::support::failure;

/// An institution whose operator lets attested devices do 目視確認 on their word.
const TRUSTING: (&str, &str) = ("9949900014", "まどぐち薬局（試験）");

async fn world() -> World {
    let world = World::with(Person::all()).await.expect("a free port of loopback");
    let (code, name) = TRUSTING;
    world.service().admin().add_institution(code, name, true).await.expect("added");
    world
}

/// A device with this key, registered at the institution; not yet by anybody.
async fn device(world: &World, key: SoftKey) -> (Desk, String, TempDir) {
    let activation = world.service().admin().add_device(TRUSTING.0, "phone").await.expect("added");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = Config { language: Language::En, ..Config::default() };
    let key: Arc<dyn DeviceKey> = Arc::new(key);
    (
        Desk::with_key(key, FolderStorage::new(folder.path()), config),
        activation.link.to_text().to_string(),
        folder,
    )
}

/// The boot loader of this phone is unlocked.
pub(crate) async fn unlocked_phone() -> BTreeSet<u16> {
    let world = world().await;
    let key = SoftKey::attesting(|attestation| {
        attestation.wrong(Wrong::Unlocked);
    });
    let (desk, link, _folder) = device(&world, key).await;
    let screen = desk.enrol(&link).await;
    told(&desk, &screen)
}

#[tokio::test]
async fn an_attested_phone_needs_no_date_where_its_operator_says_so_and_the_result_tells() {
    let world = world().await;
    let (desk, link, _folder) = device(&world, SoftKey::attesting(|_| {})).await;
    desk.enrol(&link).await;
    let screen = desk.act(Action::Choose(Method::Visual)).await;
    assert!(matches!(screen.view, View::HoldCard(_)), "nothing to type: {screen:?}");
    let screen = desk.check(&mut world.card("hanako")).await;
    let View::Result(result) = &screen.view else { panic!("{screen:?}") };
    let said = "Confirmed by sight on this device's word alone (the card proved nothing)";
    assert!(result.notices.iter().any(|notice| notice == said), "{:?}", result.notices);
}

#[tokio::test]
async fn a_phone_that_proves_nothing_types_the_date_at_the_same_institution() {
    let world = world().await;
    let (desk, link, _folder) = device(&world, SoftKey::default()).await;
    desk.enrol(&link).await;
    let screen = desk.act(Action::Choose(Method::Visual)).await;
    assert!(matches!(screen.view, View::BirthDate(_)), "{screen:?}");
    let birth = world.person("hanako").printed_birth_date();
    desk.type_birth(birth).await;
    let screen = desk.check(&mut world.card("hanako")).await;
    let View::Result(result) = &screen.view else { panic!("{screen:?}") };
    assert!(!result.notices.iter().any(|notice| notice.contains("word alone")), "{:?}", result.notices);
}

#[tokio::test]
async fn a_refused_phone_is_registered_after_all_once_it_is_in_order() {
    let world = world().await;
    let key = SoftKey::attesting(|attestation| {
        attestation.wrong(Wrong::Signer);
    });
    let (desk, link, _folder) = device(&world, key).await;
    let screen = desk.enrol(&link).await;
    assert_eq!(failure(&screen).map(counter::Failure::code), Some(716), "{screen:?}");
    let admin = world.service().admin();
    assert_eq!(admin.devices().await.expect("a list")[0].state, DeviceState::Waiting);

    // The right app, on the same phone, with the same link.
    let folder = tempfile::tempdir().expect("a temporary folder");
    let key: Arc<dyn DeviceKey> = Arc::new(SoftKey::attesting(|_| {}));
    let desk = Desk::with_key(key, FolderStorage::new(folder.path()), Config::default());
    let screen = desk.enrol(&link).await;
    assert!(matches!(screen.view, View::Choose(_)), "{screen:?}");
    let device = &admin.devices().await.expect("a list")[0];
    assert_eq!((device.state, device.assurance), (DeviceState::Active, Assurance::TrustedEnvironment));
}
