//! Whole checks: patient, counter, reader, card and service.

use core::time::Duration;

use bluetooth::{Setup, Shell};
use counter::{Action, Config, ExposedPin, Failure, FolderStorage, Language, Method, Screen, View};
use desk::{Desk, World};
use reader::State;
use sandbox_reader::ble::{Fault, Layer, Mishap, Place};
use tempfile::TempDir;

use crate::support::{Direct, Entry};

/// A desk where somebody has just logged in, and a Bluetooth reader.
pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) desk: Desk,
    pub(crate) shell: Shell,
    folder: TempDir,
}

fn config() -> Config {
    Config { language: Language::En, ..Config::default() }
}

impl Scene {
    async fn new(setup: Setup) -> Self {
        let scene = Self::by_default(setup).await;
        scene.warned_is_enough().await;
        scene
    }

    /// The site has chosen nothing.
    pub(crate) async fn by_default(setup: Setup) -> Self {
        let world = World::start().await.expect("a free port of loopback");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let desk = Desk::new(FolderStorage::new(folder.path()), config());
        let activation = world.activation().await.expect("a device slot");
        let screen = desk.enrol(&activation.link.to_text()).await;
        assert!(matches!(screen.view, View::Choose(_)), "{screen:?}");
        Self { world, desk, shell: Shell::new(setup), folder }
    }

    /// The app ends and starts again, and somebody logs in. What the reader had for a session is gone.
    pub(crate) async fn restart(self, setup: Setup) -> Self {
        let Self { world, desk, shell, folder } = self;
        drop(shell);
        let desk = desk.restart(FolderStorage::new(folder.path()), config());
        let screen = desk.log_in().await;
        assert!(matches!(screen.view, View::Choose(_)), "{screen:?}");
        Self { world, desk, shell: Shell::new(setup), folder }
    }

    /// Another reader takes the place of this one.
    async fn takes(&mut self, setup: Setup) {
        self.shell = Shell::new(setup);
        self.shell.insert(self.world.card("hanako"));
        self.shell.connect().expect("nothing goes wrong yet");
        self.desk.act(Action::ReaderInUse(Some(self.shell.info()))).await;
    }

    /// The site lets a PIN go over a link that everybody near can read along, once staff were warned.
    async fn warned_is_enough(&self) {
        for action in [Action::Settings, Action::SetExposedPin(ExposedPin::DangerAfterWarning), Action::Back]
        {
            self.desk.act(action).await;
        }
    }

    /// Somebody chooses, and types what belongs to it.
    async fn enter(&self, method: Method) -> Screen {
        // The service's limits allow another check.
        self.world.clock().advance(Duration::from_hours(1));
        let person = self.world.person("hanako");
        if method == Method::Visual {
            return self.desk.visual(person.printed_birth_date()).await;
        }
        let screen = self.desk.act(Action::Choose(Method::Pin)).await;
        if matches!(screen.view, View::Warning(_)) {
            self.desk.act(Action::GoOn).await;
        }
        self.desk.type_digits("1234").await
    }

    /// This happens at an answer of the next tap, counted from that to power on.
    fn befall(&mut self, answer: usize, mishap: &Mishap) {
        self.shell.idle(Duration::from_secs(1));
        let at = Place::Answer(self.shell.reader.sent().0 + u32::try_from(answer).expect("few answers"));
        self.shell.reader.add_faults([Fault { at, mishap: mishap.clone() }]);
    }

    pub(crate) async fn hold(&mut self) -> Screen {
        let held = self.shell.hold(&self.desk).await;
        self.desk.settle(held.screen).await
    }
}

pub(crate) fn failure(screen: &Screen) -> Option<Failure> {
    match &screen.view {
        View::Failure(view) => Some(view.failure),
        View::HoldCard(view) => view.again.as_ref().map(|again| again.failure),
        _ => None,
    }
}

pub(crate) fn is_result(screen: &Screen) -> bool {
    matches!(screen.view, View::Result(_))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_reader_leads_to_the_result_with_the_same_transcript_as_a_card_in_the_hand() {
    let mut scene = Scene::new(Setup::acs()).await;
    for method in [Method::Pin, Method::Visual] {
        scene.desk.act(Action::ReaderInUse(None)).await;
        scene.enter(method).await;
        let direct = scene.desk.hold(&mut scene.world.card("hanako"));
        assert!(is_result(&scene.desk.settle(direct.screen).await));
        scene.desk.act(Action::Next).await;
        for (name, setup) in Setup::all() {
            scene.takes(setup).await;
            scene.enter(method).await;
            let held = scene.shell.hold(&scene.desk).await;
            assert_eq!(held.transcript, direct.transcript, "{name}");
            let screen = scene.desk.settle(held.screen).await;
            assert!(is_result(&screen), "{name}: {screen:?}");
            assert_eq!(scene.shell.session().state(), State::Card, "{name}");
            scene.desk.act(Action::Next).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_see_what_the_reader_tells_of_itself() {
    let mut scene = Scene::new(Setup::acs()).await;
    for (name, mut setup) in Setup::all() {
        setup.sleep = Some(reader::SleepDelay::Never);
        scene.takes(setup.clone()).await;
        scene.shell.reader.set_battery(41);
        scene.shell.idle(Duration::from_secs(1));
        scene.desk.act(Action::ReaderInUse(Some(scene.shell.info()))).await;
        let text = scene.desk.act(Action::Settings).await.to_text();
        for shown in [setup.model.advertised_name(), setup.model.firmware(), "RR000-012345", "41%"] {
            assert!(text.contains(shown), "{name}: {shown}\n{text}");
        }
        scene.desk.act(Action::Back).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_is_lost_at_any_answer_leads_to_the_result_in_the_next_tap() {
    let mut scene = Scene::new(Setup::acs()).await;
    let answers = Direct::new(Entry::RightPin).answers.len();
    let drops = Mishap::Drop { after: 7 };
    let sleeps = Mishap::FallAsleep { worked: true };
    for (setup, mishap, told) in [
        (Setup::acs_with_key(), &drops, Failure::ReaderOutOfReach),
        (Setup::feitian(), &drops, Failure::ReaderOutOfReach),
        (Setup::acs(), &sleeps, Failure::ReaderAsleep),
        // It has no word for it.
        (Setup::feitian(), &sleeps, Failure::ReaderOutOfReach),
    ] {
        for answer in 1..answers {
            scene.takes(setup.clone()).await;
            scene.befall(answer, mishap);
            scene.enter(Method::Pin).await;
            let screen = scene.hold().await;
            assert_eq!(failure(&screen), Some(told), "{mishap:?}, {answer}: {screen:?}");
            // Nobody presses anything on the screen: the reader is there again.
            let screen = scene.hold().await;
            assert!(is_result(&screen), "{mishap:?}, {answer}: {screen:?}");
            assert_eq!(scene.shell.card().plugged.card.failed_verifies(), 0);
            scene.desk.act(Action::Next).await;
        }
    }
}

/// Bytes that CCID cannot protect, within what is read and what is signed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn evidence_that_was_changed_on_the_way_is_refused_by_the_service() {
    let mut scene = Scene::new(Setup::acs()).await;
    let direct = Direct::new(Entry::RightPin);
    let mut refused = 0;
    // Nobody looks into an answer to reset.
    for (answer, length) in direct.frames(&Setup::feitian()).into_iter().enumerate().skip(1) {
        // Behind the header and before the status word.
        for at in (10 + answer..length.saturating_sub(2)).step_by(61) {
            scene.takes(Setup::feitian()).await;
            scene.befall(answer, &Mishap::Corrupt { layer: Layer::Message, at, xor: 0x10, mended: false });
            scene.enter(Method::Pin).await;
            let screen = scene.hold().await;
            assert!(!is_result(&screen), "{answer}, {at}: {screen:?}");
            assert!(failure(&screen).is_some(), "{answer}, {at}: {screen:?}");
            assert_eq!(scene.shell.card().plugged.card.failed_verifies(), 0);
            refused += 1;
            scene.desk.act(Action::Cancel).await;
            scene.desk.act(Action::Next).await;
        }
    }
    assert!(refused > 20, "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_does_not_have_the_key_is_told_to_staff() {
    let mut scene = Scene::new(Setup::acs()).await;
    let mut setup = Setup::acs_with_key();
    setup.key = Some([0x42; 16]);
    scene.shell = Shell::new(setup);
    scene.shell.insert(scene.world.card("hanako"));
    scene.enter(Method::Visual).await;
    let screen = scene.hold().await;
    assert_eq!(failure(&screen), Some(Failure::ReaderNotTrusted), "{screen:?}");
    assert_eq!(scene.shell.card().commands, [[0; 0]; 0]);
}
