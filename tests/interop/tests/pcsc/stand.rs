//! What the tests of the app's reader side share: a desk with real readers, and cards that do as they are told.

use std::cell::Cell;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use counter::{Action, Config, Failure, FolderStorage, Language, Link, Lost, Screen, View};
use desk::{Desk, World};
use desktop::{Card, Patience, ReaderState, Readers, Seen, Stop, Tapped, run_tap};
use interop::{Daemon, Slot, eventually};
use jpki::{Evidence, Step, Tap, TapError, ToSign};
use sandbox_card::{Person, VirtualCard};
use sandbox_reader::{Icc, Interface};
use tempfile::TempDir;

use crate::pty::built;

/// What each person's card has for a PIN.
pub(crate) const PIN: &str = "1234";

/// A world, and a desk where somebody has just logged in.
pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) desk: Desk,
    _folder: TempDir,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        let world = World::start().await.expect("a free port of loopback");
        let activation = world.activation().await.expect("a device slot");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let config = Config { language: Language::En, ..Config::default() };
        let desk = Desk::new(FolderStorage::new(folder.path()), config);
        let screen = desk.enrol(&activation.link.to_text()).await;
        assert!(matches!(screen.view, View::Choose(_)), "{screen:?}");
        Self { world, desk, _folder: folder }
    }

    /// Next patient, by PIN: the card is awaited.
    pub(crate) async fn pin(&self, digits: &str) -> Screen {
        self.next_patient().await;
        self.desk.pin(digits).await
    }

    /// Next patient, by 目視確認 with what is printed on this person's card: the card is awaited.
    pub(crate) async fn visual(&self, slug: &str) -> Screen {
        self.next_patient().await;
        self.desk.visual(self.world.person(slug).printed_birth_date()).await
    }

    async fn next_patient(&self) {
        self.world.clock().advance(Duration::from_secs(3)); // the service's limits allow another check
        self.desk.act(Action::Next).await; // from a result
        let screen = self.desk.act(Action::Cancel).await; // from anything else
        assert!(matches!(screen.view, View::Choose(_)), "{screen:?}");
    }

    /// What a shell does while a card is awaited: the reader's trouble is told, the tap made, the service asked.
    pub(crate) async fn hold(&self, readers: &Readers) -> Tapped {
        let mut tapped = match readers.next_card(&Stop::default(), |_| {}) {
            Err(trouble) => {
                Tapped { screen: self.desk.counter.act(Action::Reader(trouble)), transcript: String::new() }
            }
            Ok(card) => {
                let mut card = card.expect("nobody stops it");
                let tap = self.desk.counter.tap(Link::Direct).expect("a card is awaited");
                run_tap(tap, &mut card)
            }
        };
        tapped.screen = self.desk.settle(tapped.screen).await;
        tapped
    }
}

/// The readers, by an app that is patient with what must come.
pub(crate) fn readers() -> Readers {
    Readers::open().expect("pcscd runs").with_patience(patience())
}

/// The readers, by an app that soon takes no for an answer.
pub(crate) fn impatient() -> Readers {
    let patience =
        Patience { hold: Duration::from_millis(300), trouble: Duration::from_millis(100), ..patience() };
    readers().with_patience(patience)
}

pub(crate) fn patience() -> Patience {
    Patience {
        command: Duration::from_secs(10),
        hold: Duration::from_secs(5),
        trouble: Duration::from_secs(1),
    }
}

/// The one card that lies in a reader, held.
pub(crate) fn next_card(readers: &Readers) -> Card {
    readers.next_card(&Stop::default(), |_| {}).expect("no trouble").expect("nobody stops it")
}

/// The card in the first slot, as the app sees it.
pub(crate) fn seen(readers: &Readers) -> Seen {
    let mut seen = None;
    eventually("the app sees a card", || {
        let list = readers.list().unwrap_or_default();
        seen = list.first().and_then(ReaderState::seen).cloned();
        seen.is_some()
    });
    seen.expect("it came")
}

/// Goes through a tap, or loses the card.
pub(crate) fn drive(tap: &mut Tap, card: &mut Card) -> Result<Result<Evidence, TapError>, Lost> {
    let mut answer = None;
    loop {
        match tap.next(answer.as_deref()) {
            Step::Done(outcome) => return Ok(outcome),
            Step::Transmit(command) => answer = Some(card.transmit(command)?),
        }
    }
}

/// What a card signs where no service asks.
pub(crate) fn to_sign() -> ToSign {
    Arc::new(|card: &jpki::CardDigest| *card)
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

/// That a screen tells of this failure, with a remedy.
#[track_caller]
pub(crate) fn assert_fails(screen: &Screen, wanted: Failure) {
    assert_eq!(failure(screen), Some(wanted), "{screen:?}");
    let (cause, remedy) = match &screen.view {
        View::Failure(view) => (&view.cause, &view.remedy),
        View::LastTry(view) => (&view.text, &view.hint),
        View::HoldCard(view) => (&view.again.as_ref().expect("it failed").text, &view.hint),
        _ => unreachable!("it tells of a failure"),
    };
    assert!(!cause.is_empty() && !remedy.is_empty(), "{screen:?}");
}

#[track_caller]
pub(crate) fn assert_result(screen: &Screen) {
    assert!(matches!(screen.view, View::Result(_)), "{screen:?}");
}

/// The card of a person, as of a day on which all certificates hold.
pub(crate) fn card(slug: &str) -> VirtualCard {
    let today = time::OffsetDateTime::now_utc().date();
    Person::named(slug).expect("one of the named persons").personalise(today)
}

/// What was done to a card's power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Power {
    On,
    Off,
    Reset,
}

/// What comes of a command: the command's place since the card got power (from 1), the command, and the card.
type Script = Box<dyn FnMut(usize, &[u8], &mut VirtualCard) -> Vec<u8> + Send>;

/// A card that answers as a script says, mostly by asking the real virtual card.
pub(crate) struct Scripted {
    pub(crate) card: VirtualCard,
    /// Bytes that the reader takes for the answer to reset.
    pub(crate) answer_to_reset: Vec<u8>,
    script: Script,
    /// Commands since it got power.
    pub(crate) commands: usize,
    pub(crate) has_power: bool,
    /// What was done to its power, and after how many commands.
    pub(crate) power: Vec<(Power, usize)>,
}

impl Scripted {
    pub(crate) fn new(
        card: VirtualCard,
        script: impl FnMut(usize, &[u8], &mut VirtualCard) -> Vec<u8> + Send + 'static,
    ) -> Self {
        let answer_to_reset = Interface::Contactless.answer_to_reset().to_vec();
        Self {
            card,
            answer_to_reset,
            script: Box::new(script),
            commands: 0,
            has_power: false,
            power: Vec::new(),
        }
    }

    /// A card that is only watched.
    pub(crate) fn watched(card: VirtualCard) -> Self {
        Self::new(card, |_, command, card| card.transmit(command))
    }

    /// From now on it does something else.
    pub(crate) fn follow(
        &mut self,
        script: impl FnMut(usize, &[u8], &mut VirtualCard) -> Vec<u8> + Send + 'static,
    ) {
        self.script = Box::new(script);
    }

    #[must_use]
    pub(crate) fn with_answer_to_reset(self, answer_to_reset: &[u8]) -> Self {
        Self { answer_to_reset: answer_to_reset.to_vec(), ..self }
    }

    /// Whether nobody connected to it since `power` was cleared. (pcscd itself takes the power of a card that nobody
    /// uses.)
    pub(crate) fn untouched(&self) -> bool {
        self.commands == 0 && self.power.iter().all(|(power, _)| *power == Power::Off)
    }

    fn note(&mut self, power: Power) {
        self.has_power = power != Power::Off;
        self.power.push((power, self.commands));
    }
}

/// The script of a card that leaves the reader after so many answers: it does what the next command says, but the
/// answer is lost.
pub(crate) fn pulled_out_after(answers: usize) -> impl FnMut(usize, &[u8], &mut VirtualCard) -> Vec<u8> {
    move |nth, command, card| {
        let answer = card.transmit(command);
        if nth > answers { Vec::new() } else { answer }
    }
}

impl Icc for Scripted {
    fn power_on(&mut self) -> Vec<u8> {
        self.note(Power::On);
        self.commands = 0;
        self.card.power_on();
        self.answer_to_reset.clone()
    }

    fn power_off(&mut self) {
        self.note(Power::Off);
        self.card.power_off();
    }

    fn reset(&mut self) -> Vec<u8> {
        self.note(Power::Reset);
        self.card.reset();
        self.answer_to_reset.clone()
    }

    fn transmit(&mut self, command: &[u8]) -> Vec<u8> {
        self.commands += 1;
        (self.script)(self.commands, command, &mut self.card)
    }
}

/// A card in another process: `madoguchi-sandbox insert`.
pub(crate) struct InAnotherProcess {
    process: Child,
    said: PathBuf,
    /// How many commands [`InAnotherProcess::asked`] has told.
    told: Cell<usize>,
}

impl InAnotherProcess {
    /// Puts a person's card in, and waits until it lies there.
    pub(crate) fn insert(daemon: &Daemon, slot: Slot, slug: &str, atr: &str) -> Self {
        let said = daemon.folder().join(format!("insert-{}.log", slot.vpcd().port()));
        let process = Command::new(built("madoguchi-sandbox"))
            .args(["insert", slug, "--atr", atr, "--transcript", "--vpcd", &slot.vpcd().to_string()])
            .stdin(Stdio::null())
            .stdout(fs::File::create(&said).expect("the folder of the test is writable"))
            .spawn()
            .expect("madoguchi-sandbox starts");
        let inserted = Self { process, said, told: Cell::new(0) };
        daemon.wait_until(slot, pcsc::State::PRESENT);
        inserted
    }

    /// What came to the card since this was asked last, by its own account.
    pub(crate) fn asked(&self) -> Vec<String> {
        let said = fs::read_to_string(&self.said).expect("it says what it is asked");
        let commands = said.lines().filter(|line| line.contains(" -> "));
        let commands: Vec<_> = commands.skip(self.told.get()).map(str::to_owned).collect();
        self.told.set(self.told.get() + commands.len());
        commands
    }
}

impl Drop for InAnotherProcess {
    fn drop(&mut self) {
        // It may have ended by itself; then the test says why it failed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
