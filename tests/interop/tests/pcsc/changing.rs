//! Cards that come, go and change while a client runs.

use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use interop::{Daemon, Leaving, Slot, eventually, personalised};
use pcsc::{Disposition, Error, ReaderState, State};
use sandbox_reader::Interface;

use crate::client::{Client, SELECT_JPKI, personalised_file};
use crate::pty::built;

const READ: &[u8] = b"\x00\xB0\x00\x00\x00";
/// 利用者証明用電子証明書.
const CERTIFICATE: u8 = 0x0A;

#[test]
fn a_client_sees_each_card_come_and_go() {
    let daemon = Daemon::start();
    let context = daemon.context();
    let mut states = [ReaderState::new(Slot::First.reader(), State::UNAWARE)];
    let mut look = || {
        states[0].sync_current_state();
        context.get_status_change(Duration::from_secs(20), &mut states).expect("something happens");
        (states[0].event_state() & (State::PRESENT | State::EMPTY), states[0].atr().to_vec())
    };
    assert_eq!(look(), (State::EMPTY, Vec::new()));
    for interface in [Interface::Contact, Interface::Contactless] {
        let inserted = daemon.insert(Slot::First, personalised("hanako", interface));
        assert_eq!(look(), (State::PRESENT, interface.answer_to_reset().to_vec()));
        drop(inserted);
        daemon.wait_until(Slot::First, State::EMPTY);
        assert_eq!(look().0, State::EMPTY);
    }
}

#[test]
fn a_client_never_speaks_with_the_next_card_unawares() {
    let daemon = Daemon::start();
    let inserted = daemon.insert(Slot::First, personalised("hanako", Interface::Contactless));
    let mut client = Client::connect(&daemon, Slot::First);
    assert_eq!(client.say(SELECT_JPKI), "9000");
    client.select_ef(CERTIFICATE);
    let hanako = client.try_send(READ).expect("the card is there");

    drop(inserted);
    let jiro = daemon.insert(Slot::First, personalised("jiro", Interface::Contactless));
    // The handle belongs to a card that is gone, however often one asks.
    for _ in 0..2 {
        let error = client.try_send(READ).expect_err("another card lies there");
        assert!(matches!(error, Error::RemovedCard | Error::ResetCard | Error::NotTransacted), "{error:?}");
    }
    assert!(jiro.with(|plugged| plugged.card.transcript().is_empty()));

    client.reconnect(Disposition::LeaveCard);
    assert_eq!(client.say(SELECT_JPKI), "9000");
    client.select_ef(CERTIFICATE);
    let other = client.try_send(READ).expect("the card is there");
    assert_eq!(
        other.data,
        personalised_file(&jiro.with(|plugged| plugged.card.clone()), CERTIFICATE, None)[..256]
    );
    assert!(other != hanako);
}

#[test]
fn a_card_that_leaves_in_mid_command_fails_that_command_and_is_gone() {
    let daemon = Daemon::start();
    for obeys in [false, true] {
        let card = Leaving { plugged: personalised("hanako", Interface::Contactless), after: 2, obeys };
        let inserted = daemon.insert(Slot::First, card);
        let client = Client::connect(&daemon, Slot::First);
        assert_eq!(client.say(SELECT_JPKI), "9000");
        client.select_ef(0x18);
        let error = client.try_send(b"\x00\x20\x00\x80\x049999").expect_err("the card leaves");
        assert_eq!(error, Error::NotTransacted);
        daemon.wait_until(Slot::First, State::EMPTY);

        // Whether the try was spent is not for the reader to know.
        assert!(inserted.is_gone());
        assert_eq!(inserted.remove().plugged.card.failed_verifies(), u32::from(obeys));
    }
}

/// A client that resets a card which has left makes its reader empty before pcscd (1.9.9) has looked again. To the
/// next look a card lies there as before, and nothing has happened.
#[test]
fn the_next_card_is_seen_though_a_client_reset_the_one_that_had_just_left() {
    let daemon = Daemon::start();
    let hanako = daemon.insert(Slot::First, personalised("hanako", Interface::Contactless));
    let client = Client::connect(&daemon, Slot::First);
    assert_eq!(client.say(SELECT_JPKI), "9000");

    drop(hanako);
    client.leave(Disposition::ResetCard);
    let jiro = daemon.insert(Slot::First, personalised("jiro", Interface::Contactless));
    assert_eq!(Client::connect(&daemon, Slot::First).say(SELECT_JPKI), "9000");
    assert_eq!(jiro.with(|plugged| plugged.card.transcript().exchanges().len()), 1);
}

#[test]
fn opensc_waits_for_a_card() {
    let daemon = Daemon::start();
    thread::scope(|scope| {
        let before = connections();
        let waiting = scope.spawn(|| daemon.run("opensc-tool", &["--wait", "--name"]).succeeded());
        eventually("the program is connected to pcscd", || connections() > before);
        let _inserted = daemon.insert(Slot::First, personalised("hanako", Interface::Contactless));
        assert_eq!(waiting.join().expect("it found the card").stdout_text().trim(), "jpki");
    });
}

/// How many clients are connected to pcscd: the namespace has no other.
fn connections() -> usize {
    let sockets = fs::read_to_string("/proc/net/unix").expect("Linux");
    // Flags, type and state of one that is connected.
    let connected = |line: &&str| line.ends_with("/pcscd.comm") && line.contains(" 00000000 0001 03 ");
    sockets.lines().filter(connected).count()
}

#[test]
fn opensc_ends_when_the_card_leaves_and_reads_it_when_it_is_back() {
    let daemon = Daemon::start();
    let plugged = personalised("hanako", Interface::Contactless);
    let expected = personalised_file(&plugged.card, CERTIFICATE, None);
    let read = ["--read-certificate", "1"];
    // In the middle of the certificate: 35 commands come before.
    let inserted = daemon.insert(Slot::First, Leaving { plugged, after: 38, obeys: true });
    let ran = daemon.run("pkcs15-tool", &read).failed();
    assert!(ran.status.code().is_some(), "it crashed: {ran:?}");
    daemon.wait_until(Slot::First, State::EMPTY);
    let plugged = inserted.remove().plugged;
    let last = plugged.card.transcript().exchanges().last().and_then(|last| last.header);
    assert!(last.is_some_and(|[_, ins, offset, _]| ins == 0xB0 && offset > 0), "{last:?}");

    let _inserted = daemon.insert(Slot::First, plugged);
    let pem = daemon.run("pkcs15-tool", &read).succeeded().stdout;
    assert!(daemon.der(&pem) == expected);
}

#[test]
fn two_cards_lie_in_two_readers_and_each_is_itself() {
    let daemon = Daemon::start();
    let slots = [(Slot::First, "hanako"), (Slot::Second, "jiro")];
    let inserted = slots.map(|(slot, slug)| daemon.insert(slot, personalised(slug, Interface::Contactless)));
    for ((slot, slug), inserted) in slots.iter().zip(&inserted) {
        let reader = slot.reader().to_str().expect("an ASCII name");
        let read = ["--reader", reader, "--read-certificate", "1"];
        let pem = daemon.run("pkcs15-tool", &read).succeeded().stdout;
        let card = inserted.with(|plugged| plugged.card.clone());
        assert!(daemon.der(&pem) == personalised_file(&card, CERTIFICATE, None), "{slug}");
    }
}

/// A reader that is busy, or none: it never looks at the card.
#[test]
fn ctrl_c_is_heard_while_a_card_is_put_in() {
    let reader = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let address = reader.local_addr().expect("it is bound").to_string();
    let mut insert = Command::new(built("madoguchi-sandbox"))
        .args(["insert", "hanako", "--vpcd", &address])
        .stdin(Stdio::null())
        .spawn()
        .expect("madoguchi-sandbox starts");
    let _connection = reader.accept().expect("the card connects");
    let asked = Instant::now();
    let told = Command::new("kill").args(["-INT", &insert.id().to_string()]).status();
    assert!(told.is_ok_and(|status| status.success()));
    let status = insert.wait().expect("a child of ours");
    // The reader would have been given five seconds.
    assert!(status.success() && asked.elapsed() < Duration::from_secs(3), "{status}, {:?}", asked.elapsed());
}
