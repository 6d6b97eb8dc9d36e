//! The interface on loopback: what the examples of its page do not show, and what no friend would send.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use sandbox_card::Person;
use sandbox_reader::ble::Model;
use sandbox_reader::loopback::{Error, Loopback};
use serde_json::Value;
use time::macros::date;

const HANAKO: &str = r#"{"open":"card","card":"hanako"}"#;
const SELECT_JPKI: &[u8] = b"\x00\xA4\x04\x0C\x0A\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01";
const COUNTER: &[u8] = b"\x00\x20\x00\x98";

/// One for all tests, as it is for those of a shell.
static SHARED: LazyLock<Loopback> = LazyLock::new(start);

fn start() -> Loopback {
    let listen = ([127, 0, 0, 1], 0).into();
    Loopback::start(listen, Person::all(), date!(2026 - 11 - 23)).expect("loopback has a free port")
}

/// A client, with the line that answered its own.
struct Client {
    input: BufReader<TcpStream>,
    opened: String,
}

impl Client {
    fn open(line: &str) -> Self {
        Self::open_at(SHARED.address(), line.as_bytes())
    }

    fn open_at(address: SocketAddr, line: &[u8]) -> Self {
        let mut stream = TcpStream::connect(address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a deadline for the test");
        // One that is refused before it has spoken may be gone.
        let _ = stream.write_all(&[line, b"\n"].concat());
        let mut client = Self { input: BufReader::new(stream), opened: String::new() };
        client.input.read_line(&mut client.opened).expect("it answers");
        client
    }

    fn say(&mut self, frame: &[u8]) {
        let length = u16::try_from(frame.len()).expect("it fits into a frame");
        let framed = [&length.to_be_bytes()[..], frame].concat();
        self.input.get_mut().write_all(&framed).expect("it listens");
    }

    fn hear(&mut self) -> Vec<u8> {
        let mut length = [0; 2];
        self.input.read_exact(&mut length).expect("it answers");
        let mut frame = vec![0; u16::from_be_bytes(length).into()];
        self.input.read_exact(&mut frame).expect("it answers");
        frame
    }

    fn ask(&mut self, frame: &[u8]) -> Vec<u8> {
        self.say(frame);
        self.hear()
    }

    /// A frame of the hand, and what it sees.
    fn hand(&mut self, json: &str) -> Value {
        let answer = self.ask(&[&[0x00], json.as_bytes()].concat());
        assert!(matches!(answer[0], 0x80 | 0xFF));
        serde_json::from_slice(&answer[1..]).expect("it is JSON")
    }

    fn hears_the_end(&mut self) -> bool {
        matches!(self.input.read(&mut [0]), Ok(0) | Err(_))
    }
}

fn refusal(opened: &str) -> String {
    let answer: Value = serde_json::from_str(opened).expect("it is JSON");
    assert!(answer["text"].is_string());
    answer["error"].as_str().expect("it was refused").to_owned()
}

/// A frame of GATT.
fn gatt(kind: u8, characteristic: sandbox_reader::ble::Uuid, value: &[u8]) -> Vec<u8> {
    [&[kind][..], &characteristic.to_bytes(), value].concat()
}

#[test]
fn it_listens_on_loopback_and_nowhere_else() {
    for elsewhere in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "[::ffff:127.0.0.1]:0"] {
        let elsewhere: SocketAddr = elsewhere.parse().expect("an address");
        let error = Loopback::start(elsewhere, Vec::new(), date!(2026 - 11 - 23)).expect_err("it is refused");
        assert_eq!(error, Error::NotLoopback(elsewhere));
    }
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("it is bound");
    let listener = TcpListener::bind(taken).expect("it was free a moment ago");
    let error = Loopback::start(taken, Vec::new(), date!(2026 - 11 - 23)).expect_err("it is taken");
    assert_eq!(error, Error::Taken(taken));
    assert!(error.remedy().contains('0'));
    drop(listener);
    assert!(SHARED.address().ip().is_loopback());
}

#[test]
fn a_card_without_a_drawer_is_new_each_time_and_one_with_a_drawer_keeps_its_counter() {
    let tries_after_a_wrong_pin = |line: &str| {
        let mut card = Client::open(line);
        card.say(&[0x01]);
        assert_eq!(card.ask(SELECT_JPKI), [0x90, 0x00]);
        card.ask(b"\x00\x20\x00\x98\x049999")
    };
    assert_eq!(tries_after_a_wrong_pin(HANAKO), [0x63, 0xC2]);
    assert_eq!(tries_after_a_wrong_pin(HANAKO), [0x63, 0xC2]);
    let kept = r#"{"open":"card","card":"hanako","drawer":"wrong"}"#;
    // The connection before may not have ended when the next one begins.
    for tries in [2, 1, 0] {
        assert_eq!(tries_after_a_wrong_pin(kept)[1] & 0x0F, tries);
    }
    // Another's drawer has another card; and a reader finds the one that was left.
    let other = r#"{"open":"card","card":"hanako","drawer":"other"}"#;
    assert_eq!(tries_after_a_wrong_pin(other), [0x63, 0xC2]);
    let mut reader = Client::open(r#"{"open":"reader","model":"bR500-C6","drawer":"wrong"}"#);
    let seen = reader.hand(r#"{"do":"insert","card":"hanako"}"#);
    assert_eq!((&seen["card"]["pin_tries_left"], &seen["card"]["failed_verifies"]), (&0.into(), &3.into()));
}

#[test]
fn a_card_lies_in_one_place() {
    let line = r#"{"open":"card","card":"jiro","drawer":"one"}"#;
    let first = Client::open(line);
    assert_eq!(refusal(&Client::open(line).opened), "card-in-use");
    drop(first);
    assert_eq!(Client::open(line).opened, "{\"card\":\"jiro\"}\n");
}

#[test]
fn a_card_shows_the_answer_to_reset_of_its_interface() {
    for (interface, answer) in [
        ("contactless", sandbox_reader::Interface::Contactless),
        ("contact", sandbox_reader::Interface::Contact),
        ("contact-bare", sandbox_reader::Interface::ContactBare),
    ] {
        let mut card =
            Client::open(&format!(r#"{{"open":"card","card":"hanako","interface":"{interface}"}}"#));
        // At any time, and then it has power.
        assert_eq!(card.ask(&[0x04]), answer.answer_to_reset());
        assert_eq!(card.ask(SELECT_JPKI), [0x90, 0x00]);
        assert_eq!(card.ask(COUNTER), [0x63, 0xC3]);
        card.say(&[0x02]);
        assert_eq!(card.ask(&[0x04]), answer.answer_to_reset());
        // An empty command, and one of a single byte.
        assert_eq!(card.ask(&[]), [0x67, 0x00]);
        assert_eq!(card.ask(&[0x05]), [0x67, 0x00]);
    }
}

#[test]
fn every_refusal_of_a_first_line_has_its_code() {
    for (line, code) in [
        ("", "malformed"),
        ("GET / HTTP/1.1\r", "malformed"),
        ("[]", "malformed"),
        (r#"{"open":"door"}"#, "malformed"),
        (r#"{"open":"card"}"#, "malformed"),
        (r#"{"open":"card","card":"hanako","colour":"red"}"#, "malformed"),
        (r#"{"open":"card","card":"../hanako.toml"}"#, "no-such-person"),
        (r#"{"open":"reader","model":"ACR122U"}"#, "malformed"),
        (r#"{"open":"reader","model":"D600","options":{"chunk":0}}"#, "malformed"),
        (r#"{"open":"reader","model":"D600","options":{"chunk":245}}"#, "malformed"),
        (r#"{"open":"reader","model":"D600","options":{"seed":-1}}"#, "malformed"),
        (r#"{"open":"reader","model":"D600","options":{"master_key":"00"}}"#, "malformed"),
        (
            r#"{"open":"reader","model":"D600","options":{"master_key":"+0112233445566778899aabbccddeeff"}}"#,
            "malformed",
        ),
        (r#"{"open":"reader","model":"D600","clock":"sun"}"#, "malformed"),
    ] {
        let mut client = Client::open(line);
        assert_eq!(refusal(&client.opened), code, "{line}");
        assert!(client.hears_the_end());
    }
    let long = [&b"{\"open\":\""[..], &vec![b'x'; 70_000]].concat();
    assert_eq!(refusal(&Client::open_at(SHARED.address(), &long).opened), "line-too-long");
    // Not UTF-8, and deeper than anybody looks.
    assert_eq!(refusal(&Client::open_at(SHARED.address(), b"\xFF\xFE").opened), "malformed");
    assert_eq!(refusal(&Client::open(&"[".repeat(60_000)).opened), "malformed");
}

#[test]
fn a_line_that_does_not_end_is_no_line() {
    let mut client = TcpStream::connect(SHARED.address()).expect("it listens");
    client.write_all(HANAKO.as_bytes()).expect("it listens");
    client.shutdown(Shutdown::Write).expect("it listens");
    client.set_read_timeout(Some(Duration::from_secs(10))).expect("a deadline for the test");
    assert_eq!(client.read(&mut [0]).expect("it hangs up"), 0);
}

#[test]
fn every_refusal_of_a_frame_has_its_code_and_changes_nothing() {
    let model = Model::Br500C4;
    let mut reader = Client::open(r#"{"open":"reader","model":"bR500-C4"}"#);
    reader.hand(r#"{"do":"insert","card":"hanako"}"#);
    let battery = Model::BATTERY_LEVEL;
    for (frame, code) in [
        (vec![], "bad-frame"),
        (vec![0x01, 0x00], "bad-frame"),
        (vec![0x02, 0x00], "bad-frame"),
        (vec![0x03], "bad-frame"),
        (gatt(0x03, model.answers(), &[]), "bad-frame"),
        (gatt(0x03, model.answers(), &[0x02]), "bad-frame"),
        (gatt(0x04, model.commands(), &[])[..16].to_vec(), "bad-frame"),
        (gatt(0x05, battery, &[0x00]), "bad-frame"),
        (vec![0x06], "unknown-frame"),
        (vec![0x80], "unknown-frame"),
        (vec![0xFF], "unknown-frame"),
        (vec![0x00], "malformed"),
        (b"\x00{\"do\":\"look\",\"at\":\"me\"}".to_vec(), "malformed"),
        (b"\x00{\"do\":\"battery\",\"level\":256}".to_vec(), "malformed"),
        (b"\x00{\"do\":\"advance\",\"ms\":1}".to_vec(), "clock-runs"),
        // The card that lies there stays.
        (b"\x00{\"do\":\"insert\",\"card\":\"nobody\"}".to_vec(), "no-such-person"),
    ] {
        let answer = reader.ask(&frame);
        assert_eq!(answer[0], 0xFF, "{frame:02X?}");
        assert_eq!(refusal(core::str::from_utf8(&answer[1..]).expect("JSON")), code, "{frame:02X?}");
    }
    let seen = reader.hand(r#"{"do":"look"}"#);
    assert_eq!((&seen["state"], &seen["card"]["name"]), (&"disconnected".into(), &"hanako".into()));
    // The same card, once more.
    assert_eq!(reader.hand(r#"{"do":"insert","card":"hanako"}"#)["card"]["name"], "hanako");
    assert!(reader.hand(r#"{"do":"remove"}"#)["card"].is_null());
}

#[test]
fn a_name_as_long_as_a_frame_is_refused_in_a_short_text() {
    let mut reader = Client::open(r#"{"open":"reader","model":"bR500-C4","clock":"manual"}"#);
    // The refusal repeats the name; what has to be written as an escape grows by that.
    for name in ["a".repeat(65_500), r#"\""#.repeat(32_000), r"\u0001".repeat(10_000)] {
        let answer = reader.ask(format!("\0{{\"do\":\"{name}\"}}").as_bytes());
        let refused: Value = serde_json::from_slice(&answer[1..]).expect("JSON");
        assert_eq!((answer[0], &refused["error"]), (0xFF, &"malformed".into()));
        assert!(refused["text"].as_str().expect("a text").chars().count() <= 200);
    }
    // It goes on.
    assert_eq!(reader.hand(r#"{"do":"look"}"#)["state"], "disconnected");
    let opened = Client::open(&format!(r#"{{"open":"reader","model":"{}"}}"#, "あ".repeat(20_000))).opened;
    assert_eq!(refusal(&opened), "malformed");
    assert!(opened.len() < 2_000);
}

#[test]
fn by_the_clock_on_the_wall_a_reader_speaks_when_its_time_has_come() {
    let model = Model::Br500C4;
    let mut reader = Client::open(
        r#"{"open":"reader","model":"bR500-C4","options":{"faults":
        [{"at":{"answer":0},"mishap":{"pause":{"after":4,"ms":300}}}]}}"#
            .replace('\n', "")
            .as_str(),
    );
    assert_eq!(reader.ask(&[0x01]), [0x81, 0x00]);
    assert_eq!(reader.ask(&gatt(0x03, model.answers(), &[0x01])), [0x83, 0x00]);
    let asked = Instant::now();
    let slot_status = b"\x65\0\0\0\0\0\x01\0\0\0";
    assert_eq!(reader.ask(&gatt(0x04, model.commands(), slot_status)), [0x84, 0x00]);
    assert_eq!(reader.hear(), gatt(0x90, model.answers(), b"\x81\0\0\0"));
    assert_eq!(reader.hear(), gatt(0x90, model.answers(), b"\0\0\x01\x02\0\0"));
    assert!(asked.elapsed() >= Duration::from_millis(300));
}

#[test]
fn who_comes_when_all_places_are_taken_is_told_so() {
    let loopback = start();
    let opened: Vec<_> = (0..64).map(|_| Client::open_at(loopback.address(), HANAKO.as_bytes())).collect();
    assert!(opened.iter().all(|client| client.opened.contains("hanako")));
    let mut late = TcpStream::connect(loopback.address()).expect("it listens");
    late.set_read_timeout(Some(Duration::from_secs(10))).expect("a deadline for the test");
    let mut answer = String::new();
    late.read_to_string(&mut answer).expect("it answers and hangs up");
    assert_eq!(refusal(&answer), "too-many-connections");
    // One goes, and there is room; when, nobody knows.
    drop(opened);
    let deadline = Instant::now() + Duration::from_secs(10);
    while !Client::open_at(loopback.address(), HANAKO.as_bytes()).opened.contains("hanako\"}") {
        assert!(Instant::now() < deadline, "there is still no room");
    }
}

#[test]
fn its_end_is_the_end_of_every_connection() {
    let loopback = start();
    let address = loopback.address();
    let mut clients = [
        Client::open_at(address, HANAKO.as_bytes()),
        Client::open_at(address, br#"{"open":"reader","model":"ACR1255U-J1"}"#),
    ];
    drop(loopback);
    assert!(clients.iter_mut().all(Client::hears_the_end));
    assert!(TcpStream::connect(address).is_err());
}

/// Frames as a client might send them, and as none would.
fn frames() -> impl Strategy<Value = Vec<u8>> {
    let any_bytes = || proptest::collection::vec(any::<u8>(), 0..60);
    let uuid = prop_oneof![
        proptest::sample::select(&Model::ALL[..]).prop_map(Model::commands),
        proptest::sample::select(&Model::ALL[..]).prop_map(Model::answers),
        Just(Model::BATTERY_LEVEL),
    ];
    let hand = prop_oneof![
        Just(r#"{"do":"insert","card":"hanako"}"#),
        Just(r#"{"do":"remove"}"#),
        Just(r#"{"do":"advance","ms":4294967295}"#),
        Just(r#"{"do":"battery","level":7}"#),
        Just(r#"{"do":"wake"}"#),
        Just(r#"{"do":"faults","faults":[{"at":{"answer":2},"mishap":{"drop":{"after":3}}}]}"#),
    ];
    prop_oneof![
        any_bytes(),
        Just(vec![0x01]),
        Just(vec![0x02]),
        (3_u8..=5, uuid, any_bytes()).prop_map(|(kind, uuid, value)| gatt(kind, uuid, &value)),
        hand.prop_map(|json| [&[0x00], json.as_bytes()].concat()),
        "\\{\"do\":\"[a-z]{0,8}\"(,\"[a-z]{0,8}\":[0-9]{0,3})?\\}".prop_map(|json| [
            &[0x00],
            json.as_bytes()
        ]
        .concat()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_first_line_is_answered_by_a_line(line in proptest::collection::vec(any::<u8>(), 0..200)) {
        let line: Vec<u8> = line.into_iter().filter(|byte| *byte != b'\n').collect();
        prop_assert_eq!(refusal(&Client::open_at(SHARED.address(), &line).opened), "malformed");
    }

    #[test]
    fn any_frame_to_a_reader_is_answered_once(
        model in proptest::sample::select(vec!["ACR1255U-J1", "bR500-C4", "D600"]),
        seed: u64,
        frames in proptest::collection::vec(frames(), 0..40),
    ) {
        let opening = format!(
            r#"{{"open":"reader","model":"{model}","clock":"manual","options":{{"seed":{seed},"cuts":"random","delay_ms":7}}}}"#
        );
        let mut reader = Client::open(&opening);
        for frame in frames {
            reader.say(&frame);
            let expected = frame.first().map(|kind| kind | 0x80);
            loop {
                let heard = reader.hear();
                match heard[0] {
                    0x90 | 0x91 => {}
                    answer => {
                        prop_assert!(answer == 0xFF || Some(answer) == expected, "{:02X?}", heard);
                        break;
                    }
                }
            }
        }
        prop_assert!(reader.hand_after_all());
    }

    #[test]
    fn any_frame_to_a_card_is_answered_once(
        frames in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 2..300), 0..20),
    ) {
        let mut card = Client::open(HANAKO);
        card.say(&[0x01]);
        for frame in frames {
            prop_assert!(card.ask(&frame).len() >= 2);
        }
        prop_assert_eq!(card.ask(SELECT_JPKI), [0x90, 0x00]);
    }
}

impl Client {
    /// Whether the interface still answers the hand, after what was still under way.
    fn hand_after_all(&mut self) -> bool {
        self.say(b"\x00{\"do\":\"look\"}");
        loop {
            match self.hear()[0] {
                0x90 | 0x91 => {}
                kind => return kind == 0x80,
            }
        }
    }
}
