//! The app's reader side meets a real pcscd: the same dialogue as in process, the hold on a card, readers and cards that
//! come and go.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use counter::{Failure, Lost, ReaderTrouble};
use desktop::{CardState, Patience, Readers, Stop, Waiting};
use interop::{Daemon, Slot, Turn, eventually};
use pcsc::{Disposition, Protocols, ShareMode, State};
use sandbox_card::VirtualCard;
use sandbox_reader::{Interface, Plugged};
use secret::SecretBytes;

use crate::stand::{
    InAnotherProcess, PIN, Power, Scene, Scripted, assert_fails, assert_result, card, impatient, next_card,
    patience, pulled_out_after, readers, seen,
};

const SELECT_JPKI: &[u8] = b"\x00\xA4\x04\x0C\x0A\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01";
const VERIFY: &[u8] = b"\x00\x20\x00\x98\x041234";
/// COMPUTE DIGITAL SIGNATURE over 32 bytes, by the key for user authentication.
const SIGN: &[u8] = b"\x80\x2A\x02\x97\x20################################\x00";

fn secret(command: &[u8]) -> SecretBytes {
    SecretBytes::new(command.to_vec())
}

/// Another program, connected as programs mostly are.
fn other_program(daemon: &Daemon, mode: ShareMode) -> pcsc::Card {
    daemon.context().connect(Slot::First.reader(), mode, Protocols::ANY).expect("a card lies there")
}

fn tell(card: &pcsc::Card, command: &[u8]) -> Result<Vec<u8>, pcsc::Error> {
    let mut buffer = [0; pcsc::MAX_BUFFER_SIZE];
    card.transmit(command, &mut buffer).map(<[u8]>::to_vec)
}

/// Each time by a service that meets the card for the first time: one that knows it spares the card some reading, if
/// it says so in time.
#[tokio::test(flavor = "multi_thread")]
async fn the_transcript_is_the_same_in_process_and_through_pcscd() {
    let daemon = Daemon::start();
    let there = [(Slot::First, "contact"), (Slot::Second, "contactless")].map(|(slot, atr)| {
        let readers = readers().only(Some(slot.reader().to_string_lossy().into_owned()));
        (atr, readers, InAnotherProcess::insert(&daemon, slot, "hanako", atr))
    });
    for way in ["pin", "visual", "wrong-pin"] {
        let scene = await_card(way).await;
        let mut hanako = scene.world.card("hanako");
        let in_process = scene.desk.hold(&mut hanako).transcript;
        let asked = hanako.transcript().to_string();
        let asked: Vec<_> = asked.lines().collect();
        insta::assert_snapshot!(way, in_process);

        for (atr, readers, card) in &there {
            let tapped = await_card(way).await.hold(readers).await;
            assert_eq!(tapped.transcript, in_process, "{atr}, {way}");
            // By the card's own account as well: nothing in between says a command twice.
            assert_eq!(card.asked(), asked, "{atr}, {way}");
            if way == "wrong-pin" {
                assert_fails(&tapped.screen, Failure::PinWrong);
            } else {
                assert_result(&tapped.screen);
            }
        }
    }
}

async fn await_card(way: &str) -> Scene {
    let scene = Scene::new().await;
    match way {
        "pin" => scene.pin(PIN).await,
        "visual" => scene.visual("hanako").await,
        _ => scene.pin("9999").await,
    };
    scene
}

/// What a reader says of a card's interface, or a card that nobody has seen: it is asked all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_known_by_what_it_answers_and_not_by_its_answer_to_reset() {
    let daemon = Daemon::start();
    let readers = readers();
    let unknown = b"\x3B\x85\x80\x01MADO2\x31".as_slice();
    let wrong_check_byte = b"\x3B\x88\x80\x01\x00\x00\x05\xE0\xB3\x81\xA1\x00\x00".as_slice();
    let mut transcripts = Vec::new();
    for atr in [
        Interface::Contact.answer_to_reset(),
        Interface::Contactless.answer_to_reset(),
        unknown,
        wrong_check_byte,
    ] {
        let inserted =
            daemon.insert(Slot::First, Scripted::watched(card("hanako")).with_answer_to_reset(atr));
        assert_eq!(readers.is_my_number_card(&seen(&readers)), Ok(true), "{atr:02X?}");
        eventually("it has no power", || inserted.with(|card| !card.has_power));

        let tapped = await_card("pin").await.hold(&readers).await;
        assert_result(&tapped.screen);
        transcripts.push(tapped.transcript);
        drop(inserted);
        daemon.wait_until(Slot::First, State::EMPTY);
    }
    transcripts.dedup();
    assert_eq!(transcripts.len(), 1, "{transcripts:#?}");

    let bus_pass =
        Scripted::watched(card("suika")).with_answer_to_reset(Interface::Contact.answer_to_reset());
    let bus_pass = daemon.insert(Slot::First, bus_pass);
    assert_eq!(readers.is_my_number_card(&seen(&readers)), Ok(false));
    drop(bus_pass);
    daemon.wait_until(Slot::First, State::EMPTY);

    let _leaves = daemon.insert(Slot::First, Scripted::new(card("hanako"), pulled_out_after(0)));
    assert_eq!(readers.is_my_number_card(&seen(&readers)), Err(Lost::CardGone));
}

#[test]
fn the_card_has_no_power_when_it_is_let_go_and_its_pin_is_forgotten() {
    let daemon = Daemon::start();
    let readers = readers();
    let inserted = daemon.insert(Slot::First, Scripted::watched(card("hanako")));
    for shared in [false, true] {
        // A program that is connected and only listens.
        let listener = shared.then(|| other_program(&daemon, ShareMode::Shared));
        inserted.with(|card| card.power.clear());
        let mut held = next_card(&readers);
        for command in [SELECT_JPKI, VERIFY] {
            assert_eq!(held.transmit(secret(command)), Ok(vec![0x90, 0x00]));
        }
        drop(held);
        eventually("its power was taken", || inserted.with(|card| card.power.contains(&(Power::Off, 2))));
        let power = inserted.with(|card| card.power.clone());
        assert!(power.iter().all(|(power, _)| *power != Power::Reset), "shared: {shared}, {power:?}");

        if let Some(listener) = listener {
            assert_eq!(tell(&listener, SELECT_JPKI), Err(pcsc::Error::ResetCard), "it is told");
            drop(listener);
        }
        let next = other_program(&daemon, ShareMode::Shared);
        assert_eq!(tell(&next, SELECT_JPKI), Ok(vec![0x90, 0x00]));
        assert_eq!(tell(&next, SIGN), Ok(vec![0x69, 0x82]), "shared: {shared}");
        let _ = next.disconnect(Disposition::UnpowerCard);
    }
}

#[test]
fn nobody_else_speaks_with_a_card_that_is_held() {
    let daemon = Daemon::start();
    let readers = readers();
    let inserted = daemon.insert(Slot::First, Scripted::watched(card("hanako")));
    let mut other = other_program(&daemon, ShareMode::Shared);
    let mut held = next_card(&readers);
    assert_eq!(held.transmit(secret(SELECT_JPKI)), Ok(vec![0x90, 0x00]));

    // It tries to reset the card in the middle of the tap, and has to wait.
    let (say, said) = mpsc::channel();
    let thread = thread::spawn(move || {
        say.send("it tries").expect("the test listens");
        let done = other.reconnect(ShareMode::Shared, Protocols::ANY, Disposition::ResetCard);
        say.send("it is through").expect("the test listens");
        done
    });
    assert_eq!(said.recv(), Ok("it tries"));
    for command in [VERIFY, SIGN] {
        assert_eq!(held.transmit(secret(command)).map(|answer| answer.ends_with(&[0x90, 0x00])), Ok(true));
    }
    assert!(said.try_recv().is_err(), "it waits");
    assert_eq!(inserted.with(|card| card.commands), 3, "only ours reached the card");
    drop(held);
    assert_eq!(said.recv(), Ok("it is through"));
    thread.join().expect("it ends").expect("it has the card now");
}

#[test]
fn a_program_that_is_busy_with_the_card_is_waited_for_and_then_the_reader_is_in_use() {
    let daemon = Daemon::start();
    let readers = readers();
    let _inserted = daemon.insert(Slot::First, Scripted::watched(card("hanako")));
    let in_use = Some(ReaderTrouble::InUse);
    let trouble = || impatient().next_card(&Stop::default(), |_| {}).err();

    let other = other_program(&daemon, ShareMode::Exclusive);
    assert_eq!(readers.list().expect("pcscd runs")[0].card, CardState::Taken);
    assert_eq!(trouble(), in_use);
    other.disconnect(Disposition::LeaveCard).map_err(|(_, error)| error).expect("it lets go");

    let mut other = other_program(&daemon, ShareMode::Shared);
    let transaction = other.transaction().expect("nobody else has it");
    assert_eq!(trouble(), in_use);
    transaction.end(Disposition::LeaveCard).map_err(|(_, error)| error).expect("it ends");

    // It ends, with a reset, while we wait: no command of ours has gone yet, so it costs nothing.
    let (say, said) = mpsc::channel();
    let thread = thread::spawn(move || {
        let transaction = other.transaction().expect("nobody else has it");
        say.send(()).expect("the test listens");
        for _ in 0..20 {
            assert_eq!(tell(&transaction, SELECT_JPKI), Ok(vec![0x90, 0x00]));
        }
        transaction.end(Disposition::ResetCard).map_err(|(_, error)| error).expect("it ends");
    });
    said.recv().expect("it has a transaction");
    let mut held = next_card(&readers);
    assert_eq!(held.transmit(secret(SELECT_JPKI)), Ok(vec![0x90, 0x00]));
    thread.join().expect("it ends");
}

#[test]
fn a_card_that_was_away_since_it_was_seen_is_looked_at_anew() {
    let daemon = Daemon::start();
    let readers = readers();
    let inserted = daemon.insert(Slot::First, Scripted::watched(card("hanako")));
    let before = seen(&readers);
    drop(inserted);
    daemon.wait_until(Slot::First, State::EMPTY);
    assert_eq!(readers.connect(&before).err(), Some(Lost::CardGone));

    let other = daemon.insert(Slot::First, Scripted::watched(card("jiro")));
    let anew = seen(&readers);
    other.with(|card| card.power.clear());
    assert_eq!(readers.connect(&before).err(), Some(Lost::CardGone));
    assert!(other.with(|card| card.untouched()));
    assert!(readers.connect(&anew).is_ok());
}

#[test]
fn a_service_that_started_again_has_other_cards() {
    let daemon = Daemon::start();
    let readers = readers();
    let inserted = daemon.insert(Slot::First, Scripted::watched(card("hanako")));
    let before = seen(&readers);
    let turn = daemon.kill();
    assert_eq!(readers.connect(&before).err(), Some(Lost::Reader(ReaderTrouble::ServiceMissing)));
    drop(inserted);

    let daemon = turn.start(interop::Readers::Virtual);
    let _inserted = daemon.insert(Slot::First, Scripted::watched(card("hanako")));
    let anew = seen(&readers);
    assert_eq!(
        readers.connect(&before).err(),
        Some(Lost::CardGone),
        "the count is the same, the service is not"
    );
    assert!(readers.connect(&anew).is_ok());
}

#[test]
fn without_a_service_there_are_no_readers_and_it_is_found_when_it_starts() {
    let daemon = Daemon::start();
    let readers = impatient();
    let turn = daemon.kill();
    assert_eq!(Readers::open().err(), Some(ReaderTrouble::ServiceMissing));
    assert_eq!(readers.list(), Err(ReaderTrouble::ServiceMissing));
    let never = Stop::default();
    assert_eq!(readers.wait_for_card(&never, |_| {}), Err(ReaderTrouble::ServiceMissing));

    // It comes while somebody waits: first without a reader, then with one, then with a card.
    let patient = readers.with_patience(Patience { trouble: Duration::from_secs(30), ..patience() });
    thread::scope(|scope| {
        let waiting = scope.spawn(|| patient.wait_for_card(&never, |_| {}));
        let daemon = turn.start(interop::Readers::None).kill().start(interop::Readers::Virtual);
        let _inserted = daemon.insert(Slot::First, Scripted::watched(card("hanako")));
        let seen = waiting.join().expect("it returns").expect("no trouble").expect("a card");
        assert!(patient.connect(&seen).is_ok());
    });
}

#[test]
fn without_a_reader_it_is_told() {
    let _daemon = Turn::take().start(interop::Readers::None);
    let readers = impatient();
    assert_eq!(readers.list(), Ok(vec![]));
    assert_eq!(readers.wait_for_card(&Stop::default(), |_| {}), Err(ReaderTrouble::NoReader));
}

#[test]
fn waiting_can_be_stopped_from_another_thread() {
    let _daemon = Daemon::start();
    let (readers, stop) = (readers(), Stop::default());
    let (say, said) = mpsc::channel();
    thread::scope(|scope| {
        let waiting =
            scope.spawn(|| readers.wait_for_card(&stop, |waiting| say.send(waiting).expect("heard")));
        assert_eq!(said.recv(), Ok(Waiting::ForCard));
        let stopped = Instant::now();
        stop.stop();
        assert_eq!(waiting.join().expect("it returns"), Ok(None));
        assert!(stopped.elapsed() < Duration::from_secs(2), "{:?}", stopped.elapsed());
    });
    assert_eq!(readers.wait_for_card(&stop, |_| {}), Ok(None), "what is stopped stays stopped");
}

#[test]
fn of_cards_in_two_readers_none_is_touched_until_one_is_left() {
    let daemon = Daemon::start();
    let readers = readers();
    let watched = |slug| Scripted::watched(card(slug));
    let first = daemon.insert(Slot::First, watched("hanako"));
    let second = daemon.insert(Slot::Second, watched("jiro"));
    first.with(|card| card.power.clear());

    // A reader that is named is taken, by a part of its name.
    let only = Readers::open().expect("pcscd runs").only(Some("00 01".to_owned()));
    let mut held = next_card(&only);
    assert_eq!(held.transmit(secret(SELECT_JPKI)), Ok(vec![0x90, 0x00]));
    assert_eq!(second.with(|card| card.commands), 1);
    drop(held);

    let (say, said) = mpsc::channel();
    thread::scope(|scope| {
        let waiting =
            scope.spawn(|| readers.next_card(&Stop::default(), |waiting| say.send(waiting).expect("heard")));
        assert_eq!(said.recv(), Ok(Waiting::ForOneCardOnly));
        assert!(first.with(|card| card.untouched()));
        drop(second);
        let mut held = waiting.join().expect("it returns").expect("no trouble").expect("a card");
        assert_eq!(held.transmit(secret(SELECT_JPKI)), Ok(vec![0x90, 0x00]));
        assert_eq!(first.with(|card| card.commands), 1);
    });
}

/// The card lies there from before the PIN is typed until after the result: others may use it except in the tap.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_held_while_somebody_types_or_reads() {
    let scene = Scene::new().await;
    let daemon = Daemon::start();
    let readers = readers();
    let plugged = Plugged::new(scene.world.card("hanako"), Interface::Contact);
    let inserted = daemon.insert(Slot::First, plugged);
    let before = readers.wait_for_card(&Stop::default(), |_| {}).expect("no trouble").expect("a card");
    let free = || {
        let other = other_program(&daemon, ShareMode::Exclusive);
        other.disconnect(Disposition::LeaveCard).map_err(|(_, error)| error).expect("it lets go");
    };
    free();
    scene.pin("123").await;
    free();
    scene.desk.type_digits("4").await;
    free();
    assert!(readers.connect(&before).is_ok(), "it is the same card all the time");
    assert_result(&scene.hold(&readers).await.screen);
    free();
    assert_eq!(inserted.with(|plugged| VirtualCard::pin_tries_left(&plugged.card)), 3);
}
