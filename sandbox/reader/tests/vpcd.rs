//! The card's side against a small vpcd: what a reader may say, in any cut, at any time.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use sandbox_card::Person;
use sandbox_reader::{Error, Icc, Inserted, Interface, Plugged, insert};
use time::macros::date;

const POWER_OFF: &[u8] = &[0x00];
const POWER_ON: &[u8] = &[0x01];
const RESET: &[u8] = &[0x02];
const ATR: &[u8] = &[0x04];
const SELECT_JPKI: &[u8] = b"\x00\xA4\x04\x0C\x0A\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01";
const COUNTER: &[u8] = b"\x00\x20\x00\x98";

/// The reader's side of vpcd's protocol.
struct Vpcd(TcpStream);

impl Vpcd {
    fn say(&mut self, message: &[u8]) {
        self.0.write_all(&framed(message)).expect("the card listens");
    }

    fn hear(&mut self) -> Vec<u8> {
        let mut length = [0; 2];
        self.0.read_exact(&mut length).expect("the card answers");
        let mut answer = vec![0; u16::from_be_bytes(length).into()];
        self.0.read_exact(&mut answer).expect("the card answers");
        answer
    }

    fn ask(&mut self, message: &[u8]) -> Vec<u8> {
        self.say(message);
        self.hear()
    }

    /// Waits until the card has hung up.
    fn hears_the_end(&mut self) -> bool {
        matches!(self.0.read(&mut [0]), Ok(0) | Err(_))
    }
}

fn framed(message: &[u8]) -> Vec<u8> {
    let length = u16::try_from(message.len()).expect("it fits into a frame");
    [&length.to_be_bytes()[..], message].concat()
}

/// A reader, into which the card was put, and which has looked at it and given it power.
fn reader_with<C: Icc + 'static>(card: C) -> (Vpcd, Inserted<C>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let address = listener.local_addr().expect("it is bound");
    let inserting = thread::spawn(move || insert(address, card));
    let mut vpcd = Vpcd(listener.accept().expect("the card connects").0);
    vpcd.0.set_read_timeout(Some(Duration::from_secs(10))).expect("a deadline for the test");
    vpcd.ask(ATR);
    vpcd.say(POWER_ON);
    (vpcd, inserting.join().expect("insert does not panic").expect("the reader looks at the card"))
}

fn hanako(interface: Interface) -> Plugged {
    let hanako = Person::named("hanako").expect("she is one of the named persons");
    Plugged::new(hanako.personalise(date!(2026 - 11 - 23)), interface)
}

/// Says what happened to it, and answers a command with the same bytes.
#[derive(Default)]
struct Echo {
    said: Vec<String>,
}

impl Icc for Echo {
    fn power_on(&mut self) -> Vec<u8> {
        self.said.push("power on".to_owned());
        vec![0x3B, 0x00]
    }

    fn power_off(&mut self) {
        self.said.push("power off".to_owned());
    }

    fn reset(&mut self) -> Vec<u8> {
        self.said.push("reset".to_owned());
        vec![0x3B, 0x01]
    }

    fn transmit(&mut self, command: &[u8]) -> Vec<u8> {
        self.said.push(format!("{} bytes", command.len()));
        command.to_vec()
    }
}

#[test]
fn a_card_answers_with_the_atr_of_its_interface() {
    for interface in [Interface::Contact, Interface::ContactBare, Interface::Contactless] {
        let (mut vpcd, _inserted) = reader_with(hanako(interface));
        vpcd.say(POWER_ON);
        assert_eq!(vpcd.ask(ATR), interface.answer_to_reset());
    }
}

#[test]
fn a_card_answers_commands_and_keeps_its_counters_when_it_is_taken_out() {
    let (mut vpcd, inserted) = reader_with(hanako(Interface::Contactless));
    vpcd.say(POWER_ON);
    assert_eq!(vpcd.ask(SELECT_JPKI), [0x90, 0x00]);
    assert_eq!(vpcd.ask(b"\x00\x20\x00\x98\x049999"), [0x63, 0xC2]);
    assert_eq!(inserted.with(|plugged| plugged.card.pin_tries_left()), 2);

    let plugged = inserted.remove();
    assert!(vpcd.hears_the_end());
    let (mut vpcd, _inserted) = reader_with(plugged);
    vpcd.say(POWER_ON);
    assert_eq!(vpcd.ask(SELECT_JPKI), [0x90, 0x00]);
    assert_eq!(vpcd.ask(COUNTER), [0x63, 0xC2]);
}

#[test]
fn the_atr_is_answered_at_any_time_and_changes_nothing() {
    let (mut vpcd, _inserted) = reader_with(hanako(Interface::Contactless));
    let expected = Interface::Contactless.answer_to_reset();
    assert_eq!(vpcd.ask(ATR), expected);
    vpcd.say(POWER_ON);
    assert_eq!(vpcd.ask(SELECT_JPKI), [0x90, 0x00]);
    assert_eq!(vpcd.ask(ATR), expected);
    assert_eq!(vpcd.ask(COUNTER), [0x63, 0xC3]);
    vpcd.say(POWER_OFF);
    assert_eq!(vpcd.ask(ATR), expected);
}

/// pcscd gives power to a card that it finds new in its reader, and to no other.
#[test]
fn a_card_that_is_taken_for_the_one_before_leaves_and_comes_back() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let address = listener.local_addr().expect("it is bound");
    let inserting = thread::spawn(move || insert(address, Echo::default()));
    let mut vpcd = Vpcd(listener.accept().expect("the card connects").0);
    assert_eq!(vpcd.ask(ATR), [0x3B, 0x00]);
    assert_eq!(vpcd.ask(ATR), [0x3B, 0x00]);
    // The power of the card before.
    vpcd.say(POWER_OFF);
    vpcd.say(ATR);
    assert!(vpcd.hears_the_end());

    let mut vpcd = Vpcd(listener.accept().expect("the card comes back").0);
    assert_eq!(vpcd.ask(ATR), [0x3B, 0x00]);
    // A reader that gives no card power by itself keeps it all the same.
    for _ in 0..2 {
        assert_eq!(vpcd.ask(ATR), [0x3B, 0x00]);
    }
    let inserted = inserting.join().expect("insert does not panic").expect("the reader looks at the card");
    assert_eq!(vpcd.ask(ATR), [0x3B, 0x00]);
    let said = ["power on", "power off", "power off", "power on", "power off"];
    assert_eq!(inserted.remove().said, said);
}

/// An empty frame would hold up vpcd for ever.
#[test]
fn a_card_that_does_not_answer_leaves_the_reader() {
    let (mut vpcd, inserted) = reader_with(hanako(Interface::Contactless));
    vpcd.say(POWER_OFF);
    vpcd.say(COUNTER);
    assert!(vpcd.hears_the_end());
    assert_eq!(inserted.remove().card.pin_tries_left(), 3);
}

#[test]
fn power_and_reset_are_not_answered_and_reach_the_card_in_order() {
    let (mut vpcd, inserted) = reader_with(Echo::default());
    vpcd.say(POWER_OFF);
    vpcd.say(POWER_ON);
    assert_eq!(vpcd.ask(ATR), [0x3B, 0x00]);
    vpcd.say(RESET);
    assert_eq!(vpcd.ask(ATR), [0x3B, 0x01]);
    assert_eq!(vpcd.ask(&[0x00, 0xB0]), [0x00, 0xB0]);
    // The first look of the reader has to wake the card; taking it out takes its power.
    assert_eq!(
        inserted.remove().said,
        ["power on", "power on", "power off", "power on", "reset", "2 bytes", "power off"]
    );
}

#[test]
fn frames_may_come_byte_by_byte_or_together() {
    let (mut vpcd, _inserted) = reader_with(hanako(Interface::Contact));
    vpcd.0.set_nodelay(true).expect("each byte travels alone");
    let together = [POWER_ON, ATR, SELECT_JPKI, ATR, COUNTER].map(framed).concat();
    for byte in &together {
        vpcd.0.write_all(&[*byte]).expect("the card listens");
    }
    vpcd.0.write_all(&together).expect("the card listens");
    for _ in 0..2 {
        assert_eq!(vpcd.hear(), Interface::Contact.answer_to_reset());
        assert_eq!(vpcd.hear(), [0x90, 0x00]);
        assert_eq!(vpcd.hear(), Interface::Contact.answer_to_reset());
        assert_eq!(vpcd.hear(), [0x63, 0xC3]);
    }
}

#[test]
fn the_longest_frame_passes_both_ways() {
    let (mut vpcd, _inserted) = reader_with(Echo::default());
    let longest: Vec<u8> = (0..u16::MAX).map(|n| n.to_le_bytes()[0]).collect();
    assert_eq!(vpcd.ask(&longest), longest);
}

#[test]
fn a_response_longer_than_a_frame_is_a_wrong_length() {
    /// Answers with as much as an extended Le may ask for, and its status word: two bytes more than fit.
    struct Long;

    impl Icc for Long {
        fn power_on(&mut self) -> Vec<u8> {
            vec![0x3B, 0x00]
        }

        fn power_off(&mut self) {}

        fn reset(&mut self) -> Vec<u8> {
            vec![0x3B, 0x00]
        }

        fn transmit(&mut self, _: &[u8]) -> Vec<u8> {
            vec![0; 0x1_0002]
        }
    }

    let (mut vpcd, _inserted) = reader_with(Long);
    assert_eq!(vpcd.ask(b"\x00\xB0\x00\x00\x00\x00\x00"), [0x67, 0x00]);
}

#[test]
fn a_length_that_lies_is_waited_for_and_harms_nothing_when_the_reader_hangs_up() {
    let (mut vpcd, inserted) = reader_with(hanako(Interface::Contactless));
    vpcd.say(POWER_ON);
    assert_eq!(vpcd.ask(SELECT_JPKI), [0x90, 0x00]);
    // A VERIFY of which the last digits never come.
    vpcd.0.write_all(b"\x00\x09\x00\x20\x00\x98\x0499").expect("the card listens");
    drop(vpcd);
    let card = inserted.remove().card;
    assert_eq!((card.pin_tries_left(), card.failed_verifies()), (3, 0));
}

#[test]
fn a_length_that_is_too_short_makes_commands_that_no_card_knows() {
    let (mut vpcd, inserted) = reader_with(hanako(Interface::Contactless));
    vpcd.say(POWER_ON);
    assert_eq!(vpcd.ask(SELECT_JPKI), [0x90, 0x00]);
    // The rest of the command is read as the next length: 0x9804 bytes, which never come.
    vpcd.0.write_all(b"\x00\x03\x00\x20\x00\x98\x049999").expect("the card listens");
    assert_eq!(vpcd.hear(), [0x67, 0x00]);
    assert_eq!(inserted.remove().card.failed_verifies(), 0);
}

#[test]
fn an_empty_frame_and_an_unknown_word_are_commands_of_a_wrong_length() {
    let (mut vpcd, _inserted) = reader_with(hanako(Interface::Contactless));
    vpcd.say(POWER_ON);
    assert_eq!(vpcd.ask(&[]), [0x67, 0x00]);
    assert_eq!(vpcd.ask(&[0x03]), [0x67, 0x00]);
    assert_eq!(vpcd.ask(SELECT_JPKI), [0x90, 0x00]);
}

#[test]
fn a_card_notices_that_the_reader_is_gone() {
    let (vpcd, inserted) = reader_with(hanako(Interface::Contactless));
    assert!(!inserted.is_gone());
    drop(vpcd);
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    while !inserted.is_gone() {
        assert!(std::time::Instant::now() < deadline, "the card still waits");
        thread::yield_now();
    }
    // It is out of the field.
    assert_eq!(inserted.with(|plugged| plugged.card.transmit(COUNTER)), [0_u8; 0]);
}

#[test]
fn a_reader_sees_that_a_card_leaves_while_it_is_at_work() {
    /// Works on a command until it is told to stop.
    struct Slow(mpsc::Sender<()>, mpsc::Receiver<()>);

    impl Icc for Slow {
        fn power_on(&mut self) -> Vec<u8> {
            vec![0x3B, 0x00]
        }

        fn power_off(&mut self) {}

        fn reset(&mut self) -> Vec<u8> {
            vec![0x3B, 0x00]
        }

        fn transmit(&mut self, _: &[u8]) -> Vec<u8> {
            self.0.send(()).expect("the test waits for it");
            self.1.recv().expect("the test tells it to stop");
            vec![0x90, 0x00]
        }
    }

    let (at_work, is_at_work) = mpsc::channel();
    let (stop, stopped) = mpsc::channel();
    let (mut vpcd, inserted) = reader_with(Slow(at_work, stopped));
    vpcd.say(SELECT_JPKI);
    is_at_work.recv().expect("the card gets the command");
    let removing = thread::spawn(move || inserted.remove());
    assert!(vpcd.hears_the_end());
    stop.send(()).expect("the card is still at work");
    removing.join().expect("the card comes back");
}

#[test]
fn a_reader_does_not_wait_for_a_card_that_broke() {
    struct Broken;

    impl Icc for Broken {
        fn power_on(&mut self) -> Vec<u8> {
            vec![0x3B, 0x00]
        }

        fn power_off(&mut self) {}

        fn reset(&mut self) -> Vec<u8> {
            vec![0x3B, 0x00]
        }

        fn transmit(&mut self, _: &[u8]) -> Vec<u8> {
            panic!("this card panics on purpose");
        }
    }

    let (mut vpcd, inserted) = reader_with(Broken);
    vpcd.say(SELECT_JPKI);
    assert!(vpcd.hears_the_end());
    drop(inserted.remove());
}

#[test]
fn nobody_listens_where_pcscd_does_not_run() {
    let address = SocketAddr::from(([127, 0, 0, 1], 1));
    let error = insert(address, hanako(Interface::Contact)).expect_err("nobody serves tcpmux any more");
    assert_eq!(error, Error::NobodyListens(address));
    assert!(error.remedy().contains("pcscd"));
}

#[test]
fn a_reader_that_does_not_look_at_the_card_is_told_from_one_that_hangs_up() {
    // A listener that never accepts: vpcd does so while another card lies in it.
    let occupied = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let address: SocketAddr = occupied.local_addr().expect("it is bound");
    assert_eq!(insert(address, Echo::default()).expect_err("nobody looks"), Error::NotSeen(address));

    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let address = listener.local_addr().expect("it is bound");
    let hanging_up = thread::spawn(move || drop(listener.accept()));
    assert_eq!(insert(address, Echo::default()).expect_err("it hung up"), Error::HungUp(address));
    hanging_up.join().expect("it hung up");
}
