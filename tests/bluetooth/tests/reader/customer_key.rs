//! A reader whose key was set with its maker's tool, from the settings to the card.

use bluetooth::{Setup, Shell};
use counter::{Action, Failure, Method, Protection, Screen, View};
use sandbox_reader::ble::MasterKey;
use secret::SecretBytes;

use crate::desk::{Scene, failure, is_result};

/// As staff type it, and as the tool has set it.
const TYPED: &str = "5a01c37e 00050aff 10912233 44556677";
const KEY: [u8; 16] = *b"\x5A\x01\xC3\x7E\x00\x05\x0A\xFF\x10\x91\x22\x33\x44\x55\x66\x77";

/// A reader with that key. The shell knows nothing of it.
fn rekeyed() -> Setup {
    let mut setup = Setup::acs();
    setup.reader.master_key = MasterKey::new(KEY);
    setup
}

/// That reader, or another one of its name, stands on the counter with a card, and its sessions are the counter's.
fn stands(scene: &mut Scene, setup: Setup) {
    scene.shell = Shell::new(setup);
    scene.shell.ask_for_sessions(&scene.desk.counter);
    scene.shell.insert(scene.world.card("hanako"));
}

/// Between two patients, staff enter a key, or with an empty one take it away.
async fn enter_key(scene: &mut Scene, typed: &str) -> Screen {
    for action in [Action::Settings, Action::EnterReaderKey] {
        scene.desk.act(action).await;
    }
    let screen = scene.desk.act(Action::ReaderKey(SecretBytes::new(typed.into()))).await;
    assert!(matches!(screen.view, View::Settings(_)), "{screen:?}");
    assert!(screen.reconnect_reader);
    scene.desk.act(Action::Back).await;
    scene.shell.attend(&scene.desk).await
}

/// A check with the PIN passes, over a link that nobody reads along, on a site that allows no other.
async fn assert_confidential(scene: &mut Scene) {
    let screen = scene.desk.pin("1234").await;
    assert!(matches!(screen.view, View::HoldCard(_)), "no warning: {screen:?}");
    let screen = scene.hold().await;
    assert!(is_result(&screen), "{screen:?}");
    assert!(scene.shell.session().is_confidential());
    assert_eq!(scene.shell.info().protection, Protection::CustomerKey);
    scene.desk.act(Action::Next).await;
}

fn offers_pin(screen: &Screen) -> bool {
    let View::Choose(view) = &screen.view else { panic!("{screen:?}") };
    view.methods.iter().any(|choice| choice.method == Method::Pin)
}

/// A visual check ends before it begins, because the key is not the reader's. One authentication, and no command.
async fn assert_not_trusted(scene: &mut Scene) {
    scene.desk.visual(scene.world.person("hanako").printed_birth_date()).await;
    let screen = scene.hold().await;
    assert_eq!(failure(&screen), Some(Failure::ReaderNotTrusted), "{screen:?}");
    let told = screen.to_text();
    assert!(told.contains("in the settings, under “Reader's key”"), "{told}");
    assert_eq!(scene.shell.card().commands, [[0; 0]; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_key_is_entered_on_the_screen_kept_over_a_restart_and_taken_away_again() {
    let mut scene = Scene::by_default(Setup::acs()).await;
    stands(&mut scene, rekeyed());
    assert_not_trusted(&mut scene).await;
    assert!(!offers_pin(&scene.desk.act(Action::Cancel).await), "the factory's key would be no protection");

    let screen = enter_key(&mut scene, TYPED).await;
    assert!(offers_pin(&screen) && !screen.reconnect_reader, "{screen:?}");
    assert_confidential(&mut scene).await;

    let mut scene = scene.restart(rekeyed()).await;
    stands(&mut scene, rekeyed());
    scene.shell.connect().expect("the key is still there");
    scene.shell.attend(&scene.desk).await;
    assert_confidential(&mut scene).await;

    // The reader is set back to the factory's key: with another one, the factory's is never tried.
    stands(&mut scene, Setup::acs());
    assert_not_trusted(&mut scene).await;
    scene.desk.act(Action::Cancel).await;
    let screen = enter_key(&mut scene, "").await;
    assert_eq!(scene.shell.info().protection, Protection::FactoryKey);
    assert!(!offers_pin(&screen) && screen.notices.len() == 1, "exposed, and said so: {screen:?}");
    scene.desk.visual(scene.world.person("hanako").printed_birth_date()).await;
    let screen = scene.hold().await;
    assert!(is_result(&screen), "what may go over such a link still does: {screen:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_key_is_tried_once_and_again_only_when_somebody_asks() {
    let mut scene = Scene::by_default(Setup::acs()).await;
    stands(&mut scene, rekeyed());
    scene.shell.attend(&scene.desk).await;
    enter_key(&mut scene, "00000000000000000000000000000001").await;
    let tried = |scene: &Scene| scene.shell.reader.sent().0;
    let once = tried(&scene);
    assert!(once > 0);
    assert_not_trusted(&mut scene).await;
    scene.shell.attend(&scene.desk).await;
    assert_eq!(tried(&scene), once, "left alone");
    scene.desk.act(Action::Retry).await;
    let screen = scene.hold().await;
    assert_eq!(failure(&screen), Some(Failure::ReaderNotTrusted), "{screen:?}");
    assert_eq!(tried(&scene), 2 * once, "once more");
    scene.desk.act(Action::Cancel).await;
    enter_key(&mut scene, TYPED).await;
    assert_confidential(&mut scene).await;
}

/// A shell that says nothing of the reader: its taps say what they go over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shell_that_never_tells_of_its_reader_sends_no_pin_over_an_exposed_link() {
    let scene = Scene::by_default(Setup::acs()).await;
    for setup in [Setup::acs(), Setup::feitian()] {
        let mut shell = Shell::new(setup);
        shell.insert(scene.world.card("hanako"));
        shell.connect().expect("nothing goes wrong");
        shell.power_on().expect("a card");
        scene.desk.pin("1234").await;
        let held = scene.desk.hold_over(counter::Link::of(shell.session()), |command| {
            shell.transmit(command).map_err(counter::Lost::from)
        });
        assert_eq!(failure(&held.screen), Some(Failure::LinkNotConfidential), "{:?}", held.screen);
        assert_eq!(shell.card().commands, [[0; 0]; 0]);
        scene.desk.act(Action::Cancel).await;
    }
}
