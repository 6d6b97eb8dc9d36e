//! Cards that are none, cards and readers that go away, that are late, that others have: each ends in a failure of its
//! own, with a remedy, and costs no try.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use counter::{Action, Failure, Lost, ReaderTrouble};
use desktop::{CardState, Patience, Stop};
use interop::{Daemon, Slot, Turn};
use jpki::{Method, Tap};
use pcsc::{Disposition, Protocols, ShareMode, State};
use sandbox_card::VirtualCard;
use sandbox_reader::{Interface, Plugged};
use secret::{Pin, SecretBytes};

use crate::stand::{
    PIN, Scene, Scripted, assert_fails, assert_result, card, drive, failure, impatient, next_card, patience,
    pulled_out_after, readers, seen, to_sign,
};

/// The commands of a tap with the PIN (`taps.rs` keeps the transcript).
const COMMANDS: usize = 11;
/// The place of the VERIFY in it.
const VERIFY: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_is_no_my_number_card_is_told_to_be_none() {
    let scene = Scene::new().await;
    let daemon = Daemon::start();
    let readers = readers();
    let suika = Scripted::watched(scene.world.card("suika"));
    let inserted =
        daemon.insert(Slot::First, suika.with_answer_to_reset(Interface::Contact.answer_to_reset()));
    for nothing in [None, Some([0x6A, 0x82]), Some([0x6D, 0x00]), Some([0x6E, 0x00])] {
        if let Some(word) = nothing {
            inserted.with(|card| card.follow(move |_, _, _| word.to_vec()));
        }
        scene.pin(PIN).await;
        let tapped = scene.hold(&readers).await;
        assert_fails(&tapped.screen, Failure::NotMyNumberCard);
        assert_eq!(tapped.transcript.lines().count(), 1, "it is not asked further: {}", tapped.transcript);
    }
    drop(inserted);
    daemon.wait_until(Slot::First, State::EMPTY);

    scene.pin(PIN).await;
    let _vicc = Vicc::insert(&daemon);
    assert_fails(&scene.hold(&readers).await.screen, Failure::NotMyNumberCard);
    scene.visual("hanako").await;
    assert_fails(&scene.hold(&readers).await.screen, Failure::NotMyNumberCard);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_with_a_garbled_answer_to_reset_is_silent() {
    let scene = Scene::new().await;
    let daemon = Daemon::start();
    let impatient = impatient();
    for garbled in [&b"\x3B"[..], b"\x3B\x9F", b"\xC4\x11\x5A\x07\x99\x3B\x80\x01\xE6"] {
        scene.pin(PIN).await;
        let other = Scripted::watched(card("hanako")).with_answer_to_reset(garbled);
        let inserted = daemon.insert(Slot::First, other);
        assert_fails(&scene.hold(&impatient).await.screen, Failure::CardSilent);
        assert_eq!(inserted.with(|card| card.commands), 0, "{garbled:02X?}");
        drop(inserted);
        daemon.wait_until(Slot::First, State::EMPTY);
    }

    // What was typed is kept: the card is turned round, and it goes on.
    let _inserted = daemon.insert(Slot::First, Scripted::watched(scene.world.card("hanako")));
    scene.desk.act(Action::Retry).await;
    assert_result(&scene.hold(&readers()).await.screen);
}

/// An empty answer to reset is no card to pcscd: one waits for a card.
#[test]
fn a_card_without_an_answer_to_reset_is_not_there() {
    let daemon = Daemon::start();
    let mute = Scripted::watched(card("hanako")).with_answer_to_reset(b"");
    let inserted = sandbox_reader::insert(Slot::First.vpcd(), mute).expect("a free slot");
    // pcscd has asked for the answer to reset, and has let go of the card.
    interop::eventually("it is out", || inserted.is_gone());
    assert_eq!(readers().list().expect("pcscd runs")[0].card, CardState::Absent);
    assert_eq!(inserted.remove().commands, 0);
    // The reader is none the worse for it.
    let _card = daemon.insert(Slot::First, Scripted::watched(card("hanako")));
    let _ = seen(&readers());
}

#[test]
fn a_card_that_is_pulled_out_after_any_command_is_held_again_and_costs_nothing() {
    let daemon = Daemon::start();
    let readers = readers();
    let mut inserted = daemon.insert(Slot::First, Scripted::watched(card("hanako")));
    for answers in 0..COMMANDS {
        let pin = Pin::from_digits([1, 2, 3, 4]).expect("four digits");
        let mut tap = Tap::new(Method::Pin { pin, last_try: false }, to_sign());
        inserted.with(|card| card.follow(pulled_out_after(answers)));
        let mut held = next_card(&readers);
        assert_eq!(drive(&mut tap, &mut held).err(), Some(Lost::CardGone));
        assert_eq!(tap.transcript().exchanges().len(), answers + 1, "{}", tap.transcript());
        assert_eq!(held.transmit(SecretBytes::new(vec![])), Err(Lost::CardGone), "it stays lost");
        let hanako = inserted.remove().card;
        daemon.wait_until(Slot::First, State::EMPTY);

        inserted = daemon.insert(Slot::First, Scripted::watched(hanako));
        let mut tap = tap.lost().resume(to_sign());
        let outcome = drive(&mut tap, &mut next_card(&readers)).expect("it lies still");
        assert!(outcome.is_ok(), "after {answers} answers: {outcome:?}");
        let tries = inserted.with(|card| (card.card.pin_tries_left(), card.card.failed_verifies()));
        assert_eq!(tries, (3, 0), "after {answers} answers");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_is_swapped_in_the_middle_of_a_tap_is_not_given_the_pin() {
    let scene = Scene::new().await;
    let daemon = Daemon::start();
    let readers = readers();
    for answers in [VERIFY - 1, COMMANDS - 1] {
        scene.pin(PIN).await;
        let hanako = Scripted::new(scene.world.card("hanako"), pulled_out_after(answers));
        let first = daemon.insert(Slot::First, hanako);
        assert_fails(&scene.hold(&readers).await.screen, Failure::CardLost);
        let first = first.remove().card;
        daemon.wait_until(Slot::First, State::EMPTY);

        let second = daemon.insert(Slot::First, Scripted::watched(scene.world.card("jiro")));
        let tapped = scene.hold(&readers).await;
        assert_fails(&tapped.screen, Failure::AnotherCard);
        assert!(!tapped.transcript.contains("VERIFY"), "{}", tapped.transcript);
        for card in [first, second.remove().card] {
            assert_eq!((card.pin_tries_left(), card.failed_verifies()), (3, 0));
        }
        daemon.wait_until(Slot::First, State::EMPTY);
    }
}

/// What happens to pcscd in the middle of a tap, and what staff are told.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_ends_in_the_middle_of_a_tap_is_told_by_what_comes_after() {
    let scene = Scene::new().await;
    let mut turn = Some(Turn::take());
    for (restart, expected) in [
        (None, Failure::ReaderServiceMissing),
        (Some(interop::Readers::None), Failure::ReaderUnplugged),
        (Some(interop::Readers::Virtual), Failure::CardLost),
    ] {
        scene.pin(PIN).await;
        // The daemon lies with the card, which ends it when it is given the PIN.
        let bench: Arc<Mutex<Bench>> = Arc::default();
        let hand = Arc::clone(&bench);
        let hanako = Scripted::new(scene.world.card("hanako"), move |nth, command, card| {
            let answer = card.transmit(command);
            if nth == VERIFY {
                hand.lock().expect("no panic").interrupt(restart);
            }
            answer
        });
        let daemon = turn.take().expect("it comes back").start(interop::Readers::Virtual);
        let inserted = daemon.insert(Slot::First, hanako);
        bench.lock().expect("no panic").running = Some(daemon);
        let readers = readers();

        let screen = scene.hold(&readers).await.screen;
        assert_fails(&screen, expected);
        let hanako = inserted.remove().card;
        assert_eq!((hanako.pin_tries_left(), hanako.failed_verifies()), (3, 0), "{expected:?}");

        // With service, reader and card it goes on, and the PIN is not typed again.
        let now_turn = bench.lock().expect("no panic").take();
        let daemon = now_turn.start(interop::Readers::Virtual);
        let inserted = daemon.insert(Slot::First, Scripted::watched(hanako));
        scene.desk.act(Action::Retry).await;
        assert_result(&scene.hold(&readers).await.screen);
        assert_eq!(inserted.with(|card| card.card.pin_tries_left()), 3, "{expected:?}");
        drop(inserted);
        turn = Some(daemon.kill());
    }
}

/// The daemon, in the hands of a card.
#[derive(Default)]
struct Bench {
    running: Option<Daemon>,
    ended: Option<Turn>,
}

impl Bench {
    fn interrupt(&mut self, restart: Option<interop::Readers>) {
        let turn = self.running.take().expect("it runs").kill();
        match restart {
            None => self.ended = Some(turn),
            Some(readers) => self.running = Some(turn.start(readers)),
        }
    }

    /// Ends it, if it runs.
    fn take(&mut self) -> Turn {
        let ended = self.ended.take();
        ended.unwrap_or_else(|| self.running.take().expect("it runs or has ended").kill())
    }
}

/// A card that answers when it is told to, and not before.
fn slow(card: VirtualCard, at: usize) -> (Scripted, mpsc::Sender<()>) {
    let (say, said): (_, Receiver<()>) = mpsc::channel();
    let card = Scripted::new(card, move |nth, command, card| {
        if nth == at {
            // It is told once; later taps are not kept waiting.
            let _ = said.recv();
        }
        card.transmit(command)
    });
    (card, say)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_answers_late_is_given_up_and_the_reader_is_in_use_until_it_answers() {
    let scene = Scene::new().await;
    let daemon = Daemon::start();
    let readers = readers().with_patience(Patience { command: Duration::from_secs(1), ..patience() });
    for at in [1, VERIFY] {
        scene.pin(PIN).await;
        let (card, go_on) = slow(scene.world.card("hanako"), at);
        let inserted = daemon.insert(Slot::First, card);
        assert_fails(&scene.hold(&readers).await.screen, Failure::ReaderTimedOut);
        scene.desk.act(Action::Retry).await;
        assert_fails(&scene.hold(&impatient()).await.screen, Failure::ReaderInUse);
        scene.desk.act(Action::Retry).await;

        // It answers. Nobody listens any more; the reader is let go, and the card asked anew.
        drop(go_on);
        assert_result(&scene.hold(&readers).await.screen);
        let card = inserted.remove().card;
        assert_eq!((card.pin_tries_left(), card.failed_verifies()), (3, 0), "late at {at}");
        daemon.wait_until(Slot::First, State::EMPTY);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_a_status_word_is_a_broken_line() {
    let scene = Scene::new().await;
    let daemon = Daemon::start();
    let patience = Patience { trouble: Duration::from_millis(100), ..patience() };
    let readers = readers().with_patience(patience);
    let inserted = daemon.insert(Slot::First, Scripted::watched(scene.world.card("hanako")));
    for at in [1, VERIFY, VERIFY + 1] {
        scene.pin(PIN).await;
        inserted.with(|card| {
            card.follow(move |nth, command, card| {
                let answer = card.transmit(command);
                if nth == at { vec![0x90] } else { answer }
            });
        });
        assert_fails(&scene.hold(&readers).await.screen, Failure::CardLost);
        let tries = inserted.with(|card| (card.card.pin_tries_left(), card.card.failed_verifies()));
        assert_eq!(tries, (3, 0), "broken at {at}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_another_program_has_is_told_and_the_pin_is_kept() {
    let scene = Scene::new().await;
    let daemon = Daemon::start();
    let readers = readers();
    let inserted =
        daemon.insert(Slot::First, Plugged::new(scene.world.card("hanako"), Interface::Contactless));
    let context = daemon.context();
    let connect = |mode| context.connect(Slot::First.reader(), mode, Protocols::ANY).expect("a card");
    scene.pin(PIN).await;

    let other = connect(ShareMode::Exclusive);
    assert_fails(&scene.hold(&impatient()).await.screen, Failure::ReaderInUse);
    other.disconnect(Disposition::LeaveCard).map_err(|(_, error)| error).expect("it lets go");

    let mut other = connect(ShareMode::Shared);
    let transaction = other.transaction().expect("nobody else has it");
    scene.desk.act(Action::Retry).await;
    assert_fails(&scene.hold(&impatient()).await.screen, Failure::ReaderInUse);
    transaction.end(Disposition::LeaveCard).map_err(|(_, error)| error).expect("it ends");

    // Connected, and not busy.
    scene.desk.act(Action::Retry).await;
    assert_result(&scene.hold(&readers).await.screen);
    assert_eq!(inserted.with(|plugged| plugged.card.pin_tries_left()), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_wrong_pin_costs_a_try() {
    let scene = Scene::new().await;
    let daemon = Daemon::start();
    let readers = readers();
    let inserted =
        daemon.insert(Slot::First, Plugged::new(scene.world.card("hanako"), Interface::Contactless));
    let tries = || inserted.with(|plugged| plugged.card.pin_tries_left());
    for (digits, expected, left) in [
        ("0000", Some(Failure::PinWrong), 2),
        ("0000", Some(Failure::PinWrong), 1),
        ("1234", Some(Failure::PinLastTry), 1),
    ] {
        scene.pin(digits).await;
        let screen = scene.hold(&readers).await.screen;
        assert_eq!((failure(&screen), tries()), (expected, left));
    }
    // The patient was told, types it again, and goes on.
    scene.desk.act(Action::GoOn).await;
    scene.desk.type_digits(PIN).await;
    assert_result(&scene.hold(&readers).await.screen);
    assert_eq!(tries(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_service_or_reader_it_is_told_on_the_screen() {
    let scene = Scene::new().await;
    let daemon = Daemon::start();
    let readers = impatient();
    scene.pin(PIN).await;
    let turn = daemon.kill();
    assert_fails(&scene.hold(&readers).await.screen, Failure::ReaderServiceMissing);
    let daemon = turn.start(interop::Readers::None);
    scene.desk.act(Action::Retry).await;
    assert_fails(&scene.hold(&readers).await.screen, Failure::NoReader);
    assert_eq!(readers.wait_for_card(&Stop::default(), |_| {}), Err(ReaderTrouble::NoReader));
    drop(daemon);
}

/// vsmartcard's own card, by its program `vicc`: a file system of ISO/IEC 7816-4, made by others.
struct Vicc(Child);

impl Vicc {
    fn insert(daemon: &Daemon) -> Self {
        // Debian puts its modules where its own Python does not look, and forgets what they need: without
        // PyCrypto they ask for `sha`, which Python has not had since its version 3.
        fs::write(daemon.folder().join("sha.py"), "from hashlib import sha1 as new\n").expect("a folder");
        let modules = "/usr/lib/python3/site-packages/virtualsmartcard";
        let log = fs::File::create(daemon.folder().join("vicc.log")).expect("a folder");
        let child = Command::new("/usr/bin/python3")
            .args(["/usr/bin/vicc", "--type", "iso7816", "--hostname", "127.0.0.1", "--port"])
            .arg(Slot::First.vpcd().port().to_string())
            .env("PYTHONPATH", format!("{modules}:{}", daemon.folder().display()))
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("file descriptors"))
            .stderr(log)
            .spawn()
            .expect("vicc is installed (apt-get install vsmartcard-vpicc)");
        let mut vicc = Self(child);
        interop::eventually("vicc is there", || {
            let said = || fs::read_to_string(daemon.folder().join("vicc.log")).unwrap_or_default();
            let ended = vicc.0.try_wait().expect("a child of ours");
            assert!(ended.is_none(), "vicc ended: {}", said());
            readers().list().is_ok_and(|readers| readers[0].card == CardState::Present)
        });
        vicc
    }
}

impl Drop for Vicc {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
