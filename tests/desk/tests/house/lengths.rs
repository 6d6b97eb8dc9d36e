//! Extended length, where a shell says that its way to the card carries it.

use counter::{Config, FolderStorage, Language, Lengths};
use desk::World;
use sandbox_card::Person;

use crate::support::{Scene, is_result};

/// A desk whose way carries long answers, in a world where Hanako's card takes them or refuses them.
async fn scene(takes: bool) -> Scene {
    let mut hanako = Person::named("hanako").expect("a named person");
    hanako.card.switches.extended_le = takes;
    let world = World::with(vec![hanako]).await.expect("a free port of loopback");
    let mut scene = Scene::at(world, Language::Ja).await;
    let config = Config { lengths: Lengths::Extended, ..Config::default() };
    scene.desk = scene.desk.restart(FolderStorage::new(scene.folder.path()), config);
    scene.desk.log_in().await;
    scene
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_is_shorter_where_the_card_takes_it_and_one_command_longer_where_it_does_not() {
    for (takes, by_pin, by_sight) in [(true, 6, 11), (false, 12, 19)] {
        let scene = scene(takes).await;
        let mut card = scene.card("hanako");
        let screen = scene.check_by_pin(&mut card, "1234").await;
        assert!(is_result(&screen), "{screen:?}");
        assert_eq!(card.transcript().len(), by_pin);

        scene.desk.act(counter::Action::Next).await;
        card.clear_transcript();
        let screen = scene.check_by_sight(&mut card, "hanako").await;
        assert!(is_result(&screen), "{screen:?}");
        assert_eq!(card.transcript().len(), by_sight);
    }
}
