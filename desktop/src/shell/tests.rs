//! The shell on a terminal that reads, types and holds cards: against the real counter and the sandbox's service.

use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use counter::{Counter, Failure, Language, Link, Method, ReaderTrouble, TapStep};
use desk::World;
use desktop::{CardState, Stop};
use sandbox_card::VirtualCard;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::*;
use crate::cards::{Lent, Place};
use crate::columns::columns;
use crate::editor::Pasted;
use crate::entry::Command;
use crate::event::events;

const PASSWORD: &str = "kuruma9ixo";
const SIZE: (u16, u16) = (80, 24);
/// Nothing here takes so long.
const DEADLINE: Duration = Duration::from_mins(1);

/// When a screen holds this text, do that.
type Step = (&'static str, Box<dyn FnOnce(&Sender<Event>) + Send>);

/// A person at a terminal of 80×24, who waits for a text and then does something.
struct Person {
    steps: Arc<Mutex<VecDeque<Step>>>,
    events: Sender<Event>,
    /// Everything that was shown.
    seen: Arc<Mutex<String>>,
}

impl Terminal for Person {
    fn size(&self) -> (u16, u16) {
        SIZE
    }

    fn draw(&mut self, lines: &[Line]) -> io::Result<()> {
        let texts: Vec<_> = lines.iter().map(|line| line.text.as_str()).collect();
        let text = texts.join("\n");
        self.seen.lock().expect("one shell").push_str(&text);
        assert!(lines.len() <= usize::from(SIZE.1), "too high:\n{text}");
        assert!(lines.iter().all(|line| columns(&line.text) <= usize::from(SIZE.0)), "too wide:\n{text}");
        let mut steps = self.steps.lock().expect("no panic");
        if steps.front().is_some_and(|(awaited, _)| text.contains(awaited)) {
            let (_, act) = steps.pop_front().expect("there is one");
            act(&self.events);
        }
        Ok(())
    }

    fn take_again(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn keys(events: &Sender<Event>, text: &str) {
    for character in text.chars() {
        let key = match character {
            '\n' => Key::Enter,
            '\u{1b}' => Key::Escape,
            '\u{3}' => Key::Interrupt,
            '\u{4}' => Key::Leave,
            character => Key::Char(character),
        };
        events.send(Event::Key(key)).expect("the shell runs");
    }
}

/// When it says so, type this.
fn types(awaited: &'static str, text: &'static str) -> Step {
    (awaited, Box::new(move |events| keys(events, text)))
}

/// When it says so, put this card in, or take out what is there.
fn holds(awaited: &'static str, tray: &Tray, card: Option<VirtualCard>) -> Step {
    let tray = tray.clone();
    (awaited, Box::new(move |_| drop(tray.put(card))))
}

/// A reader in this process.
#[derive(Clone, Default)]
struct Tray(Arc<Mutex<Lies>>);

#[derive(Default)]
struct Lies {
    card: Option<VirtualCard>,
    service: Service,
}

/// What PC/SC makes of the reader.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Service {
    #[default]
    Up,
    /// It says nothing.
    Down,
    /// It starts again, and has no readers yet.
    WithoutReaders,
}

const READER: &str = "Tray 00 00";

impl Tray {
    fn put(&self, card: Option<VirtualCard>) -> Option<VirtualCard> {
        core::mem::replace(&mut self.0.lock().expect("no panic").card, card)
    }

    fn service(&self, service: Service) {
        self.0.lock().expect("no panic").service = service;
    }

    fn pin_tries_left(&self) -> Option<u8> {
        self.0.lock().expect("no panic").card.as_ref().map(VirtualCard::pin_tries_left)
    }
}

impl Slot for Tray {
    fn look(&mut self) -> Result<Vec<Place>, ReaderTrouble> {
        let lies = self.0.lock().expect("no panic");
        match lies.service {
            Service::Down => Err(ReaderTrouble::ServiceMissing),
            Service::WithoutReaders => Ok(Vec::new()),
            Service::Up => {
                let card = if lies.card.is_some() { CardState::Present } else { CardState::Absent };
                Ok(vec![Place { reader: READER.into(), card }])
            }
        }
    }

    fn tap(
        &mut self,
        counter: &Counter,
        stop: &Stop,
        tell: &dyn Fn(CardAside),
        may: &dyn Fn(&str) -> bool,
    ) -> Lent {
        while !stop.is_stopped() {
            let mut lies = self.0.lock().expect("no panic");
            let up = lies.service == Service::Up;
            let Some(card) = lies.card.as_mut().filter(|_| up) else {
                drop(lies);
                thread::sleep(Duration::from_millis(5));
                continue;
            };
            if !may(READER) {
                return Lent::NotAsked;
            }
            let Some(mut tap) = counter.tap(Link::Direct) else { break };
            tell(CardAside::Reading);
            card.power_on();
            let mut answer: Option<Vec<u8>> = None;
            while let TapStep::Transmit(command) = tap.next(answer.as_deref()) {
                answer = Some(card.transmit(command.expose()));
            }
            card.power_off();
            break;
        }
        Lent::Done
    }
}

/// A PC with its folder, the service, and what was shown so far.
struct Office {
    runtime: Runtime,
    world: World,
    folder: TempDir,
    tray: Tray,
    seen: Arc<Mutex<String>>,
}

impl Office {
    fn new() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let world = runtime.block_on(World::start()).expect("the service");
        let folder = tempfile::tempdir().expect("a folder");
        Self { runtime, world, folder, tray: Tray::default(), seen: Arc::default() }
    }

    /// With a device that is enrolled.
    fn enrolled() -> Self {
        let office = Self::new();
        let end = office.run(office.enrol(), Language::Ja, enrolling());
        assert_eq!(end, End::Done);
        office
    }

    fn enrol(&self) -> Command {
        let activation = self.runtime.block_on(self.world.activation()).expect("a link");
        Command::Enrol { link: Some(activation.link.to_text()) }
    }

    /// The counter, as a program has it that starts after the last one has ended. In this process the threads of the last
    /// one may hold its folder for a moment.
    fn open(&self, language: Language) -> Counter {
        let until = Instant::now() + DEADLINE;
        loop {
            let counter = crate::open(self.folder.path(), Some(language));
            match counter.screen().view {
                View::Failure(view) if view.failure == Failure::StorageInUse && Instant::now() < until => {
                    thread::sleep(Duration::from_millis(5));
                }
                _ => return counter,
            }
        }
    }

    fn run(&self, command: Command, language: Language, steps: Vec<Step>) -> End {
        let counter = self.open(language);
        let entry = Entry::new(command);
        if let Some(end) = entry.ends_at_once(&counter) {
            return end;
        }
        let (sender, events) = events();
        let steps = Arc::new(Mutex::new(VecDeque::from(steps)));
        let person =
            Person { steps: Arc::clone(&steps), events: sender.clone(), seen: Arc::clone(&self.seen) };
        // A text that never comes is waited for until then.
        let (watch, ended) = mpsc::channel::<()>();
        let late = sender.clone();
        thread::spawn(move || {
            if ended.recv_timeout(DEADLINE) == Err(RecvTimeoutError::Timeout) {
                let _ = late.send(Event::Leave);
            }
        });
        let handle = self.runtime.handle().clone();
        let shell = Shell::new(counter, handle, person, self.tray.clone(), entry, (sender, events));
        let end = shell.expect("a thread for the cards").run().expect("a terminal that never fails");
        drop(watch);
        let left = steps.lock().expect("no panic").pop_front().map(|(awaited, _)| awaited);
        assert!(left.is_none(), "“{}” was never shown, but:\n{}", left.unwrap_or_default(), self.seen());
        end
    }

    fn card(&self, slug: &str) -> VirtualCard {
        self.world.card(slug)
    }

    fn seen(&self) -> String {
        self.seen.lock().expect("no panic").clone()
    }
}

fn enrolling() -> Vec<Step> {
    vec![
        types("登録しますか", "\n"),
        types("決めてください", "kuruma9ixo\n"),
        types("もう一度入力してください", "kuruma9ixo\n"),
    ]
}

fn check(method: Method) -> Command {
    Command::Check { method, limit_amount: false, pipe: false }
}

fn files(folder: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(folder).expect("the folder").flatten();
    files.flat_map(|file| std::fs::read(file.path()).expect("a file")).collect()
}

#[test]
fn enrolment_ends_with_a_sealed_key_and_shows_no_password() {
    let office = Office::enrolled();
    assert!(office.folder.path().join(crate::sealed_key::NAME).exists());
    assert!(!office.seen().contains(PASSWORD));
    assert!(office.seen().contains(&format!("●{}▏", "●".repeat(PASSWORD.len() - 1))));
    let stored = files(office.folder.path());
    assert!(!stored.windows(PASSWORD.len()).any(|part| part == PASSWORD.as_bytes()));
    // A second time makes no sense.
    assert_eq!(office.run(office.enrol(), Language::Ja, Vec::new()), End::AlreadyEnrolled);
}

#[test]
fn a_password_that_is_too_short_or_not_repeated_is_asked_for_again() {
    let office = Office::new();
    let steps = vec![
        types("Register this device for this institution?", "\n"),
        types("Choose the password", "short\n"),
        types("Too short", "kuruma9ixo\n"),
        types("to be sure", "kuruma9ixp\n"),
        types("Not the same", "kuruma9ixo\n"),
        types("to be sure", "kuruma9ixo\n"),
    ];
    assert_eq!(office.run(office.enrol(), Language::En, steps), End::Done);
}

#[test]
fn a_link_that_is_none_is_told_and_typed_again() {
    let office = Office::new();
    let steps = vec![
        types("登録用のリンク:", "https://example.invalid/\n"),
        types("コード 703", "\n"),
        types("登録用のリンク:", "\u{4}"),
    ];
    let end = office.run(Command::Enrol { link: None }, Language::Ja, steps);
    assert_eq!(end, End::NotDone(Some(Failure::LinkInvalid)));
}

#[test]
fn a_link_that_is_pasted_with_line_breaks_is_one_line() {
    let office = Office::new();
    let activation = office.runtime.block_on(office.world.activation()).expect("a link");
    let link = activation.link.to_text();
    let (start, end) = link.split_at(link.len() / 2);
    let pasted = format!("{start}\r\n{end}\r\n");
    let insert: Step = (
        "登録用のリンク: ▏",
        Box::new(move |events| events.send(Event::Paste(Pasted::new(pasted))).expect("it runs")),
    );
    let typed: &'static str =
        Box::leak(format!("登録用のリンク: ({})", link.chars().count()).into_boxed_str());
    let mut steps = vec![insert, types(typed, "\n")];
    steps.extend(enrolling());
    assert_eq!(office.run(Command::Enrol { link: None }, Language::Ja, steps), End::Done);
}

#[test]
fn a_card_that_was_left_in_is_never_the_next_patients() {
    let office = Office::enrolled();
    let tray = &office.tray;
    let steps = vec![
        types("パスワードを入力してください", "kuruma9ixo\n"),
        types("確認方法を選んで", "2"),
        // Digits of a Japanese keyboard count as well.
        types("○ ○ ○ ○", "12３4"),
        holds("カードをかざしてください", tray, Some(office.card("hanako"))),
        types("山田　花子", "\n"),
        types("確認方法を選んで", "2"),
        types("○ ○ ○ ○", "1234"),
        holds("入ったままです", tray, None),
        holds("カードをかざしてください", tray, Some(office.card("ichiro"))),
        types("資格確認結果", "\n"),
        types("確認方法を選んで", "q"),
        // Nor is it the one of who logs in next.
        holds("取り出してください", tray, None),
    ];
    assert_eq!(office.run(Command::LogIn, Language::Ja, steps), End::Done);
}

/// After what happens to the service when a patient is served, and what happens while the next one types.
fn left_in_while_the_service(when_served: Service, when_typed: Service) {
    let office = Office::enrolled();
    let tray = &office.tray;
    let service = |awaited, service, keys_typed: &'static str| -> Step {
        let tray = tray.clone();
        let step = move |events: &Sender<Event>| {
            tray.service(service);
            keys(events, keys_typed);
        };
        (awaited, Box::new(step))
    };
    let looked = tray.clone();
    let untouched = move |_: &Sender<Event>| {
        assert_eq!(looked.pin_tries_left(), Some(3), "the next patient's PIN went to the last one's card");
        looked.put(None);
    };
    let steps = vec![
        types("パスワードを入力してください", "kuruma9ixo\n"),
        types("確認方法を選んで", "2"),
        types("○ ○ ○ ○", "1234"),
        holds("カードをかざしてください", tray, Some(office.card("hanako"))),
        service("山田　花子", when_served, "\n"),
        service("確認方法を選んで", when_typed, "2"),
        types("○ ○ ○ ○", "999"),
        service("● ● ● ○", Service::Up, "9"),
        ("入ったままです", Box::new(untouched)),
        holds("カードをかざしてください", tray, Some(office.card("ichiro"))),
        types("コード 301", "\u{1b}"),
        types("確認方法を選んで", "q"),
        holds("取り出してください", tray, None),
    ];
    assert_eq!(office.run(Command::LogIn, Language::Ja, steps), End::Done);
}

#[test]
fn a_card_that_was_left_in_while_the_service_started_again_is_never_the_next_patients() {
    left_in_while_the_service(Service::Down, Service::Down);
    left_in_while_the_service(Service::Up, Service::Down);
    left_in_while_the_service(Service::Down, Service::WithoutReaders);
}

#[test]
fn a_card_that_was_left_in_a_reader_that_is_plugged_in_again_is_never_the_next_patients() {
    left_in_while_the_service(Service::Up, Service::WithoutReaders);
    left_in_while_the_service(Service::WithoutReaders, Service::WithoutReaders);
}

#[test]
fn a_card_that_lay_there_before_the_program_started_is_put_in_anew() {
    let office = Office::enrolled();
    let tray = &office.tray;
    tray.put(Some(office.card("hanako")));
    let hands = Arc::<Mutex<Option<VirtualCard>>>::default();
    let (hand, put_back) = (Arc::clone(&hands), Arc::clone(&hands));
    let (from, to) = (tray.clone(), tray.clone());
    let takes = move |_: &Sender<Event>| {
        assert_eq!(from.pin_tries_left(), Some(3), "a PIN went to a card that nobody had laid there for it");
        *hand.lock().expect("no panic") = from.put(None);
    };
    let lays = move |_: &Sender<Event>| drop(to.put(put_back.lock().expect("no panic").take()));
    let steps = vec![
        types("パスワードを入力してください", "kuruma9ixo\n"),
        types("○ ○ ○ ○", "9999"),
        ("入ったままです", Box::new(takes) as Box<dyn FnOnce(&Sender<Event>) + Send>),
        ("カードをかざしてください", Box::new(lays)),
        types("コード 301", "\u{3}"),
        holds("取り出してください", tray, None),
    ];
    let end = office.run(check(Method::Pin), Language::Ja, steps);
    assert_eq!(end, End::NotDone(Some(Failure::PinWrong)));
}

#[test]
fn a_card_that_is_laid_down_before_the_pin_is_typed_is_read_at_once() {
    let office = Office::enrolled();
    let tray = office.tray.clone();
    let card = office.card("hanako");
    let lays = move |events: &Sender<Event>| {
        tray.put(Some(card));
        keys(events, "1234");
    };
    let steps = vec![
        types("パスワードを入力してください", "kuruma9ixo\n"),
        ("○ ○ ○ ○", Box::new(lays) as Box<dyn FnOnce(&Sender<Event>) + Send>),
        types("資格確認結果", "q"),
        types("取り出してください", "q"),
    ];
    assert_eq!(office.run(check(Method::Pin), Language::Ja, steps), End::Done);
    assert!(!office.seen().contains("入ったままです"));
}

#[test]
fn a_session_that_is_left_asks_for_the_card_of_the_patient_served_before() {
    let office = Office::enrolled();
    let tray = &office.tray;
    let steps = vec![
        types("パスワードを入力してください", "kuruma9ixo\n"),
        types("確認方法を選んで", "2"),
        types("○ ○ ○ ○", "1234"),
        holds("カードをかざしてください", tray, Some(office.card("hanako"))),
        types("山田　花子", "\n"),
        types("確認方法を選んで", "q"),
        holds("取り出してください", tray, None),
    ];
    assert_eq!(office.run(Command::LogIn, Language::Ja, steps), End::Done);
}

#[test]
fn a_wrong_pin_with_the_card_left_in_is_typed_again_and_read_again() {
    let office = Office::enrolled();
    let tray = &office.tray;
    let steps = vec![
        types("Enter the password", "wrong-password\n"),
        types("Not correct", "kuruma9ixo\n"),
        types("○ ○ ○ ○", "9999"),
        holds("hold", tray, Some(office.card("hanako"))),
        types("Code 301", "\n"),
        types("○ ○ ○ ○", "1234"),
        types("Valid", "\n"),
        holds("take the card out", tray, None),
    ];
    assert_eq!(office.run(check(Method::Pin), Language::En, steps), End::Done);
    assert!(!office.seen().contains("1234"), "a PIN on the screen");
}

#[test]
fn a_check_that_is_given_up_says_why() {
    let office = Office::enrolled();
    let tray = &office.tray;
    let steps = vec![
        types("パスワードを入力してください", "kuruma9ixo\n"),
        types("生年月日を入力してください", "h020203"),
        holds("カードをかざしてください", tray, Some(office.card("hanako"))),
        types("コード 311", "\u{3}"),
        holds("取り出してください", tray, None),
    ];
    let end = office.run(check(Method::Visual), Language::Ja, steps);
    assert_eq!(end, End::NotDone(Some(Failure::BirthDateWrong)));
}

#[test]
fn whoever_does_not_log_in_has_done_nothing() {
    let office = Office::enrolled();
    let steps = || vec![types("パスワードを入力してください", "kuruma\u{1b}\u{3}")];
    assert_eq!(office.run(Command::LogIn, Language::Ja, steps()), End::NotDone(None));
    assert_eq!(office.run(check(Method::Pin), Language::Ja, steps()), End::NotDone(None));
    let unknown = Office::new();
    assert_eq!(unknown.run(Command::LogIn, Language::Ja, Vec::new()), End::NotEnrolled);
}

#[test]
fn a_second_copy_ends_before_its_first_screen() {
    let office = Office::enrolled();
    let first = office.open(Language::Ja);
    let second = crate::open(office.folder.path(), None);
    let end = Entry::new(Command::LogIn).ends_at_once(&second);
    assert_eq!(end, Some(End::NotDone(Some(Failure::StorageInUse))));
    drop(first);
}

#[test]
fn the_registration_can_be_ended_and_its_key_goes_with_it() {
    let office = Office::enrolled();
    let steps = vec![
        types("パスワードを入力してください", "kuruma9ixo\n"),
        types("確認方法を選んで", "4"),
        types("端末の登録を取り消す", "7"),
        ("取り消しますか", Box::new(|events| events.send(Event::Key(Key::Function(2))).expect("it runs"))),
    ];
    assert_eq!(office.run(Command::LogIn, Language::Ja, steps), End::Done);
    assert!(!office.folder.path().join(crate::sealed_key::NAME).exists());
    assert_eq!(office.run(Command::LogIn, Language::Ja, Vec::new()), End::NotEnrolled);
}

#[test]
fn a_damaged_key_leads_to_where_the_registration_is_ended() {
    let office = Office::enrolled();
    std::fs::write(office.folder.path().join(crate::sealed_key::NAME), b"damaged").expect("written");
    let ends: Step =
        ("コード 714", Box::new(|events| events.send(Event::Key(Key::Function(2))).expect("it runs")));
    let steps = vec![
        types("パスワードを入力してください", "kuruma9ixo\n"),
        ends,
        // Nobody is logged in: the core lets some time pass before it can be confirmed.
        types("取り消しますか", "q"),
    ];
    let end = office.run(Command::LogIn, Language::Ja, steps);
    assert_eq!(end, End::NotDone(Some(Failure::DeviceKeyDamaged)));
}

#[test]
fn the_system_may_end_it_while_a_card_is_awaited() {
    let office = Office::enrolled();
    let leave: Step =
        ("カードをかざしてください", Box::new(|events| events.send(Event::Leave).expect("it runs")));
    let steps = vec![types("パスワードを入力してください", "kuruma9ixo\n"), types("○ ○ ○ ○", "1234"), leave];
    assert_eq!(office.run(check(Method::Pin), Language::Ja, steps), End::NotDone(None));
}

#[test]
fn the_shell_wakes_when_something_changes_by_itself() {
    let mut screen = crate::open(tempfile::tempdir().expect("a folder").path(), None).screen();
    screen.made_at = Duration::from_secs(100);
    screen.wake_at = None;
    assert_eq!(patience(&screen), NAP);
    screen.wake_at = Some(Duration::from_secs(103));
    assert_eq!(patience(&screen), Duration::from_secs(3));
    screen.wake_at = Some(Duration::from_secs(400));
    assert_eq!(patience(&screen), NAP, "a PC may have slept meanwhile");
    screen.view = View::LogIn(counter::LogInView {
        text: String::new(),
        problem: None,
        tries_left: 3,
        wait_until: Some(Duration::from_secs(160)),
        digits: false,
        submit_label: String::new(),
        biometrics: None,
    });
    assert_eq!(patience(&screen), SECOND, "seconds are counted on the screen");
}
