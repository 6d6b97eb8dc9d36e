//! The ACS ACR1255U-J1.

use core::time::Duration;

use reader::{CustomerKey, Fault, Options, Patience, Protection, ReaderError, SleepDelay, State, Turn, Uuid};

use crate::bench::{
    self, ACS, Bench, READ, SELECT, VERIFY, Vectors, chunks, hexadecimal, kind, options, secret,
};

fn never_sleeps() -> Options {
    Options { sleep: Some(SleepDelay::Never), ..options() }
}

fn powered() -> (Bench, Vectors) {
    let vectors = without_sleep();
    (Bench::powered(&vectors, kind(ACS)), vectors)
}

/// The vectors of a session that does not tell the reader when to sleep.
fn without_sleep() -> Vectors {
    let mut vectors = Vectors::acs();
    vectors.steps.retain(|step| !step.what.starts_with("sleep delay"));
    vectors
}

/// A frame in the clear: the authentication, and `51h`.
fn in_the_clear(kind: u8, parameter: u8, payload: &[u8]) -> Vec<u8> {
    let [.., high, low] = payload.len().to_be_bytes();
    let mut message = [&[kind, high, low, 0, 0, parameter, 0], payload].concat();
    message[6] = message.iter().fold(0, |sum, byte| sum ^ byte);
    let [.., high, low] = message.len().to_be_bytes();
    let mut frame = [&[0x05, high, low], &message[..]].concat();
    frame.push(frame[1..].iter().fold(0, |sum, byte| sum ^ byte));
    frame.push(0x0A);
    frame
}

#[test]
fn a_whole_session_is_what_openssl_says() {
    let vectors = Vectors::acs();
    let mut bench = Bench::new(kind(ACS), never_sleeps());
    bench.play(&vectors, &mut |stream| vec![stream.to_vec()]);
    let read =
        format!("Answer({}9000)", hexadecimal(&core::array::from_fn::<u8, 256, _>(|at| at.to_le_bytes()[0])));
    assert_eq!(
        bench.news(),
        [
            "State(Connected)",
            "State(Authenticated)",
            "SleepDelay(Never)",
            "State(Polling)",
            "State(Card)",
            "State(Powered)",
            "PoweredOn([59, 136, 128, 1, 0, 0, 5, 224, 179, 129, 161, 0, 127])",
            "Answer(9000)",
            &read,
            "Answer(63c2)",
            "State(Polling)",
            "Firmware(\"ACR1255U-J1 SWV 2.00\")",
            "State(Lost)",
        ]
    );
    assert_eq!(bench.session.loss(), None);
    assert_eq!(bench.session.firmware(), Some("ACR1255U-J1 SWV 2.00"));
    assert_eq!(bench.session.sleep_delay(), Some(SleepDelay::Never));
}

#[test]
fn every_chunk_size_carries_the_same_session_in_both_directions() {
    let vectors = Vectors::acs();
    let mut expected = Bench::new(kind(ACS), never_sleeps());
    expected.play(&vectors, &mut |stream| vec![stream.to_vec()]);
    for size in 1..=244 {
        let mut bench = Bench::new(kind(ACS), Options { chunk: Some(chunks(size)), ..never_sleeps() });
        bench.play(&vectors, &mut |stream| stream.chunks(size).map(<[u8]>::to_vec).collect());
        assert_eq!(bench.told, expected.told, "{size} bytes");
    }
}

#[test]
fn a_chunk_is_no_longer_than_the_reader_takes() {
    let (mut bench, _) = powered();
    bench.session.transmit(secret(&SELECT), bench.now).expect("powered");
    let mut lengths = Vec::new();
    while let Some(write) = bench.session.next_write() {
        lengths.push(write.bytes.len());
        bench.session.written(bench.now);
    }
    assert_eq!(lengths, [20, 17]);
}

fn slot_status(vectors: &Vectors) -> Vec<u8> {
    let step = vectors.steps.iter().find(|step| step.what == "slot status").expect("a step");
    step.frame.clone()
}

#[test]
fn a_signature_has_more_than_ten_seconds() {
    let (mut bench, _) = powered();
    bench.session.transmit(secret(&SELECT), bench.now).expect("powered");
    bench.flush();
    let patience = Patience::default().command;
    assert!(patience > Duration::from_secs(10));
    assert_eq!(bench.wait_in_vain(), patience);
    bench.assert_lost(ReaderError::TimedOut);
}

#[test]
fn errors_in_the_clear_are_heard_after_the_authentication() {
    for (code, error) in [
        (0x01, "Failed(Reader(Checksum))"),
        (0x02, "Failed(Reader(Timeout))"),
        (0x03, "Failed(Reader(Command))"),
        (0x04, "Failed(Reader(Unauthorised))"),
        (0x05, "Failed(Reader(Undefined))"),
        (0x06, "Failed(Reader(Data))"),
        (0x07, "Failed(Reader(TooManyAttempts))"),
        (0x2A, "Failed(Reader(Other(42)))"),
    ] {
        let (mut bench, vectors) = powered();
        bench.session.transmit(secret(&VERIFY), bench.now).expect("powered");
        bench.flush();
        bench.told.clear();
        bench.hear(&in_the_clear(0x51, code, &[]));
        assert_eq!(bench.news(), ["State(Card)", error]);
        // The answer may still be on its way: the slot is asked first, and an `80` now is nobody's.
        assert_eq!(bench.flush(), slot_status(&vectors));
        bench.hear(&vectors.said("9000"));
        bench.assert_lost(ReaderError::Protocol);
    }
}

#[test]
fn an_error_as_long_as_whole_blocks_is_heard_too() {
    let (mut bench, _) = powered();
    bench.session.transmit(secret(&VERIFY), bench.now).expect("powered");
    bench.flush();
    bench.told.clear();
    bench.hear(&in_the_clear(0x51, 0x02, &[0; 9]));
    assert_eq!(bench.news(), ["State(Card)", "Failed(Reader(Timeout))"]);
}

#[test]
fn an_acknowledgement_is_no_error_and_no_answer() {
    let (mut bench, vectors) = powered();
    bench.session.transmit(secret(&SELECT), bench.now).expect("powered");
    bench.flush();
    bench.told.clear();
    bench.hear(&in_the_clear(0x51, 0x00, &[]));
    bench.hear(&vectors.said("9000"));
    assert_eq!(bench.news(), ["Answer(9000)"]);
}

#[test]
fn an_error_that_belongs_to_nothing_is_told_and_changes_nothing() {
    let (mut bench, _) = powered();
    bench.told.clear();
    bench.hear(&in_the_clear(0x51, 0x06, &[]));
    assert_eq!(bench.news(), ["Fault(Data)"]);
    assert_eq!(bench.session.state(), State::Powered);
}

#[test]
fn an_answer_in_the_clear_is_not_believed_after_the_authentication() {
    let (mut bench, _) = powered();
    bench.session.transmit(secret(&SELECT), bench.now).expect("powered");
    bench.flush();
    bench.hear(&in_the_clear(0x80, 0x00, &[0x90, 0x00]));
    bench.assert_lost(ReaderError::Framing);
}

#[test]
fn an_answer_that_nobody_asked_for_ends_the_session() {
    let (mut bench, vectors) = powered();
    bench.hear(&vectors.said("9000"));
    bench.assert_lost(ReaderError::Protocol);
}

#[test]
fn an_answer_to_half_a_command_ends_the_session() {
    let (mut bench, vectors) = powered();
    bench.session.transmit(secret(&SELECT), bench.now).expect("powered");
    bench.session.next_write().expect("the first of two");
    bench.session.written(bench.now);
    bench.hear(&vectors.said("9000"));
    bench.assert_lost(ReaderError::Protocol);
}

#[test]
fn an_error_during_half_a_command_ends_the_session() {
    let (mut bench, _) = powered();
    bench.session.transmit(secret(&SELECT), bench.now).expect("powered");
    bench.session.next_write().expect("the first of two");
    bench.session.written(bench.now);
    bench.hear(&in_the_clear(0x51, 0x01, &[]));
    bench.assert_lost(ReaderError::Reader(Fault::Checksum));
}

#[test]
fn an_error_before_a_command_has_begun_is_not_about_it() {
    let (mut bench, vectors) = powered();
    bench.told.clear();
    bench.session.transmit(secret(&SELECT), bench.now).expect("powered");
    bench.hear(&in_the_clear(0x51, 0x01, &[]));
    bench.flush();
    bench.hear(&vectors.said("9000"));
    assert_eq!(bench.news(), ["Fault(Checksum)", "Answer(9000)"]);
}

#[test]
fn a_message_of_another_slot_and_an_escape_that_does_not_begin_with_e1_end_the_session() {
    let vectors = Vectors::acs();
    let challenge = [&[0xE1, 0x00, 0x00, 0x45, 0x00][..], &[0x5A; 16]].concat();
    let mut another_slot = in_the_clear(0x83, 0x00, &challenge);
    // Slot and checksum of the message change alike, so that the frame's own stays right.
    another_slot[6] ^= 0x01;
    another_slot[9] ^= 0x01;
    let mut bench = Bench::new(kind(ACS), options());
    bench.session.connected(bench.now);
    bench.flush();
    bench.hear(&another_slot);
    bench.assert_lost(ReaderError::Protocol);

    let mut bench = Bench::new(kind(ACS), never_sleeps());
    bench.session.connected(bench.now);
    for step in &vectors.steps[..4] {
        if step.by_host {
            assert_eq!(bench.flush(), step.frame);
        } else {
            bench.hear(&step.frame);
        }
    }
    bench.flush();
    bench.hear(&vectors.frame("an escape that does not begin with E1"));
    bench.assert_lost(ReaderError::Protocol);
}

#[test]
fn an_answer_may_be_faster_than_the_platforms_word_that_the_command_is_written() {
    let (mut bench, vectors) = powered();
    bench.told.clear();
    bench.session.transmit(secret(&READ), bench.now).expect("powered");
    while bench.session.next_write().is_some_and(|write| write.bytes.len() == 20) {
        bench.session.written(bench.now);
    }
    bench.hear(&vectors.said("9000"));
    assert_eq!(bench.news(), ["Answer(9000)"]);
    bench.session.transmit(secret(&READ), bench.now).expect("powered");
    assert!(bench.session.next_write().is_none(), "the platform is still busy");
    bench.session.written(bench.now);
    assert!(bench.session.next_write().is_some());
}

#[test]
fn a_mute_card_and_a_missing_one_are_told_apart() {
    for (frame, error) in [("mute", "Failed(CardMute)"), ("absent, to an APDU", "Failed(CardAbsent)")] {
        let (mut bench, vectors) = powered();
        bench.session.transmit(secret(&SELECT), bench.now).expect("powered");
        bench.flush();
        bench.told.clear();
        bench.hear(&vectors.frame(frame));
        assert_eq!(bench.news(), ["State(Card)", error]);
        assert_eq!(bench.session.transmit(secret(&SELECT), bench.now), Err(ReaderError::CardAbsent));
    }
}

#[test]
fn a_piece_of_an_answer_is_not_taken_for_the_whole() {
    let (mut bench, vectors) = powered();
    bench.session.transmit(secret(&SELECT), bench.now).expect("powered");
    bench.flush();
    bench.hear(&vectors.frame("a piece, in a way that is not known"));
    bench.assert_lost(ReaderError::Protocol);
}

#[test]
fn the_checksum_and_the_length_within_the_encryption_are_looked_at() {
    for (frame, error) in [
        ("two blocks in which the inner checksum is wrong", ReaderError::Checksum),
        ("an inner length beyond the block", ReaderError::Length),
    ] {
        let vectors = without_sleep();
        let mut bench = Bench::before(&vectors, kind(ACS), "power on");
        bench.session.power_on(bench.now).expect("a card");
        bench.flush();
        bench.hear(&vectors.frame(frame));
        bench.assert_lost(error);
    }
}

#[test]
fn a_wrong_key_is_told_by_whoever_notices_it_first() {
    let vectors = Vectors::acs();
    let first = |frame: Vec<u8>, error| {
        let mut bench = Bench::new(kind(ACS), options());
        bench.session.connected(bench.now);
        bench.flush();
        bench.hear(&frame);
        bench.assert_lost(error);
    };
    first(vectors.frame("authentication 1, refused"), ReaderError::AuthenticationRefused);
    first(in_the_clear(0x51, 0x04, &[]), ReaderError::AuthenticationRefused);
    first(in_the_clear(0x51, 0x07, &[]), ReaderError::TooManyAttempts);
    first(in_the_clear(0x83, 0x00, &[0xE1, 0x00, 0x00, 0x46, 0x00]), ReaderError::Protocol);

    let second = |frame: Vec<u8>, error| {
        let mut bench = Bench::before(&vectors, kind(ACS), "authentication 2");
        bench.flush();
        bench.hear(&frame);
        bench.assert_lost(error);
    };
    second(vectors.frame("authentication 2, refused"), ReaderError::AuthenticationRefused);
    second(vectors.frame("authentication 2, of a reader with another key"), ReaderError::WrongKey);
    second(vectors.frame("authentication 2, with another random number"), ReaderError::WrongKey);
    second(in_the_clear(0x51, 0x04, &[]), ReaderError::AuthenticationRefused);
}

#[test]
fn with_a_key_of_ones_own_the_factorys_is_never_tried() {
    let vectors = Vectors::acs();
    let own = Options { customer_key: Some(CustomerKey::new([0x5A; 16])), ..options() };
    let mut bench = Bench::new(kind(ACS), own);
    assert_eq!(bench.session.protection(), Protection::CustomerKey);
    bench.session.connected(bench.now);
    bench.flush();
    bench.hear(&vectors.said("authentication 1"));
    let factory = &vectors.steps[2].frame;
    assert_ne!(&bench.flush(), factory);
    bench.hear(&vectors.said("authentication 2"));
    bench.assert_lost(ReaderError::WrongKey);
    assert!(!bench.session.is_confidential());
}

#[test]
fn with_the_factorys_key_the_link_is_not_confidential() {
    let (bench, _) = powered();
    assert_eq!(bench.session.protection(), Protection::FactoryKey);
    assert!(!bench.session.is_confidential());
}

#[test]
fn a_sleep_delay_that_the_reader_does_not_take_is_no_reason_not_to_work() {
    let vectors = Vectors::acs();
    let mut bench = Bench::new(kind(ACS), never_sleeps());
    bench.session.connected(bench.now);
    for step in vectors.steps.iter().take(5) {
        if step.by_host {
            assert_eq!(bench.flush(), step.frame);
        } else {
            bench.hear(&step.frame);
        }
    }
    bench.hear(&in_the_clear(0x51, 0x03, &[]));
    // What shows that no late answer can be mistaken.
    assert_eq!(bench.flush(), slot_status(&vectors));
    bench.hear(&vectors.said("absent"));
    assert_eq!(bench.flush(), vectors.steps[6].frame);
    bench.hear(&vectors.said("polling, answered as in V1.01 of the manual"));
    assert_eq!(bench.session.state(), State::Polling);
    assert_eq!(bench.session.sleep_delay(), None);
    assert!(bench.news().contains(&"Fault(Command)".to_owned()));
}

#[test]
fn requests_are_refused_before_the_reader_is_ready_and_one_while_another_is_under_way() {
    let vectors = without_sleep();
    let mut bench = Bench::new(kind(ACS), options());
    assert_eq!(bench.session.power_on(bench.now), Err(ReaderError::NotReady));
    bench.session.connected(bench.now);
    assert_eq!(bench.session.power_on(bench.now), Err(ReaderError::NotReady));

    let mut bench = Bench::before(&vectors, kind(ACS), "power on");
    assert_eq!(bench.session.transmit(secret(&SELECT), bench.now), Err(ReaderError::CardAbsent));
    assert_eq!(bench.session.power_off(bench.now), Err(ReaderError::CardAbsent));
    assert_eq!(bench.session.power_on(bench.now), Ok(()));
    assert_eq!(bench.session.power_on(bench.now), Err(ReaderError::NotReady));

    let (mut bench, _) = powered();
    for length in [0, 257] {
        let command = secret(&vec![0; length]);
        assert_eq!(bench.session.transmit(command, bench.now), Err(ReaderError::NotSupported));
    }
    assert_eq!(bench.session.transmit(secret(&[0; 256]), bench.now), Ok(()));
}

#[test]
fn an_answer_must_be_taken_before_the_next_command() {
    let (mut bench, vectors) = powered();
    bench.session.transmit(secret(&SELECT), bench.now).expect("powered");
    bench.flush();
    let notify = bench.session.kind().notify;
    bench.session.notified(notify, &vectors.said("9000"), bench.now);
    assert_eq!(bench.session.transmit(secret(&VERIFY), bench.now), Err(ReaderError::NotReady));
    let Turn::Answer(answer) = bench.session.turn() else { panic!("an answer") };
    assert_eq!(answer.expose(), [0x90, 0x00]);
    assert_eq!(bench.session.transmit(secret(&VERIFY), bench.now), Ok(()));
}

#[test]
fn a_tap_goes_turn_by_turn() {
    let (mut bench, vectors) = powered();
    bench.told.clear();
    let session = &mut bench.session;
    session.transmit(secret(&SELECT), bench.now).expect("powered");
    let mut written = Vec::new();
    let answer = loop {
        match session.turn() {
            Turn::Write(write) => {
                written.extend_from_slice(write.bytes.expose());
                session.written(bench.now);
            }
            Turn::Wait(until) => {
                assert!(until.is_some());
                session.notified(Uuid::BATTERY_LEVEL, &[55], bench.now);
                session.notified(session.kind().notify, &vectors.said("9000"), bench.now);
            }
            Turn::Answer(answer) => break answer,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(answer.expose(), [0x90, 0x00]);
    assert_eq!(written, vectors.steps.iter().find(|step| step.what == "SELECT").expect("a step").frame);
    assert!(matches!(session.turn(), Turn::Wait(None)));
    // What is no outcome waits for whoever asks for it.
    assert_eq!(bench.news(), ["Battery(Percent(55))"]);

    bench.session.transmit(secret(&READ), bench.now).expect("powered");
    bench.session.disconnected();
    assert!(matches!(bench.session.turn(), Turn::Lost(ReaderError::LinkLost)));
}

#[test]
fn the_device_tells_of_itself() {
    let (mut bench, _) = powered();
    bench.told.clear();
    let now = bench.now;
    for level in [98, 97, 96] {
        bench.session.notified(Uuid::BATTERY_LEVEL, &[level], now);
    }
    bench.session.notified(Uuid::SERIAL_NUMBER, b"RR123-456789\0", now);
    bench.session.notified(Uuid::FIRMWARE_REVISION, b"\x1b[2J", now);
    bench.session.notified(Uuid::short(0x2A29), b"somebody", now);
    assert_eq!(bench.news(), ["Battery(Percent(96))", "Serial(\"RR123-456789\")"]);
    assert_eq!(bench.session.serial(), Some("RR123-456789"));
    assert_eq!(bench.session.firmware(), None);
}

#[test]
fn a_firmware_that_cannot_be_shown_is_told_as_a_failure() {
    let (mut bench, vectors) = powered();
    bench.session.ask_firmware(bench.now).expect("ready");
    bench.flush();
    bench.told.clear();
    // An answer to an escape, without a text.
    bench.hear(&vectors.said("polling, answered as in V1.01 of the manual"));
    assert_eq!(bench.news(), ["Failed(NotSupported)"]);
}

#[test]
fn nothing_that_is_printed_holds_a_command_or_a_key() {
    let options = Options { customer_key: Some(CustomerKey::new(*b"canary canary ca")), ..bench::options() };
    let printed = format!("{options:?}");
    let (mut bench, vectors) = powered();
    bench.session.transmit(secret(&VERIFY), bench.now).expect("powered");
    let write = bench.session.next_write().expect("a chunk");
    bench.session.written(bench.now);
    bench.flush();
    bench.session.notified(kind(ACS).notify, &vectors.said("63C2"), bench.now);
    let event = bench.session.next_event().expect("an answer");
    let printed = format!("{printed} {write:?} {event:?} {:?}", bench.session);
    for secret in ["canary", "99, 97", "49, 50", "16, 17", "194"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
