//! The readers that speak CCID: when nothing goes wrong, and when something does.

use std::time::Duration;

use proptest::prelude::*;
use sandbox_reader::ble::{
    Activation, CardEvent, Chunk, Cuts, Fault, GattError, Layer, Mishap, Model, Options, Place, State,
    SwapNotices,
};

use crate::ccid_host::{Heard, Host, Message, request};
use crate::{ATR, Echo, at_answer, heard, seconds};

const FEITIAN: Model = Model::Br500C4;
const MODELS: [Model; 3] = [Model::Br500C4, Model::Br500C6, Model::D600];
const COMMAND: &[u8] = b"\x00\x20\x00\x98";
/// Power on; then comes this one.
const TRANSFER: u32 = 1;

fn message(host: &mut Host<Echo>, kind: u8, level: u16, data: &[u8]) -> Message {
    match host.ask(kind, level, data) {
        Heard::Message(message) => message,
        other => panic!("it is answered, not {other:?}"),
    }
}

fn with(mishaps: impl IntoIterator<Item = Mishap>) -> Host<Echo> {
    let faults = mishaps.into_iter().map(|mishap| at_answer(TRANSFER, mishap)).collect();
    Host::powered(FEITIAN, Options { faults, ..Options::default() }, Echo::default())
}

fn commands(host: &mut Host<Echo>) -> usize {
    host.reader.card().expect("it lies there or beside").commands.len()
}

fn response() -> Vec<u8> {
    [COMMAND, b"\x90\x00"].concat()
}

/// The right answer to the command that was sent last.
fn answered(host: &Host<Echo>) -> Heard {
    let sequence = host.sequence;
    Heard::Message(Message { kind: 0x80, slot: 0, sequence, status: 0, error: 0, chain: 0, data: response() })
}

fn failed(host: &Host<Echo>, status: u8, error: u8) -> Heard {
    let sequence = host.sequence;
    Heard::Message(Message { kind: 0x80, slot: 0, sequence, status, error, chain: 0, data: Vec::new() })
}

fn works_again(host: &mut Host<Echo>) {
    host.stream.clear();
    if host.gone {
        host.reader.wake();
        host.connect();
    }
    let card = host.reader.remove().expect("it lies there or beside");
    host.reader.insert(card);
    host.listen();
    host.notices.clear();
    host.stream.clear();
    assert_eq!(message(host, 0x62, 0, &[]).data, ATR);
    host.send(0x6F, 0, COMMAND);
    assert_eq!(host.hear(), answered(host));
}

#[test]
fn a_conversation_is_byte_for_byte_that_of_the_specification() {
    for model in MODELS {
        let mut host = Host::connected(model, Options::default());
        let first = if model == Model::D600 { 0x01 } else { 0x50 };
        assert_eq!(host.reader.state(), State::Connected);
        host.reader.insert(Echo::default());
        assert_eq!(heard(&mut host.reader).0, [(model.notices(), vec![first, 0x03])]);
        assert_eq!(host.reader.state(), State::CardPresent);

        let mut ask = |said: &[u8], expected: &[u8]| {
            host.write(said);
            let (values, _) = heard(&mut host.reader);
            assert!(values.iter().all(|(uuid, value)| *uuid == model.answers() && value.len() <= 20));
            let bytes: Vec<u8> = values.into_iter().flat_map(|(_, value)| value).collect();
            assert_eq!(bytes, expected);
        };
        // PC_to_RDR_GetSlotStatus: present, inactive.
        ask(b"\x65\0\0\0\0\0\x01\0\0\0", b"\x81\0\0\0\0\0\x01\x01\0\0");
        // XfrBlock without power: mute.
        ask(b"\x6F\x01\0\0\0\0\x02\0\0\0\x07", b"\x80\0\0\0\0\0\x02\x41\xFE\0");
        ask(
            b"\x62\0\0\0\0\0\x03\0\0\0",
            b"\x80\x0D\0\0\0\0\x03\0\0\0\x3B\x88\x80\x01\0\0\x05\xE0\xB3\x81\xA1\0\x7F",
        );
        ask(
            b"\x6F\x04\0\0\0\0\xFF\0\0\0\x00\x20\x00\x98",
            b"\x80\x06\0\0\0\0\xFF\0\0\0\x00\x20\x00\x98\x90\x00",
        );
        ask(b"\x65\0\0\0\0\0\x05\0\0\0", b"\x81\0\0\0\0\0\x05\x00\0\0");
        ask(b"\x63\0\0\0\0\0\x06\0\0\0", b"\x81\0\0\0\0\0\x06\x01\0\0");
        assert_eq!(host.reader.state(), State::CardPresent);

        host.reader.remove();
        assert_eq!(heard(&mut host.reader).0, [(model.notices(), vec![first, 0x02])]);
        let mut ask = |said: &[u8], expected: &[u8]| {
            host.write(said);
            let bytes: Vec<u8> = heard(&mut host.reader).0.into_iter().flat_map(|(_, value)| value).collect();
            assert_eq!(bytes, expected);
        };
        ask(b"\x65\0\0\0\0\0\x07\0\0\0", b"\x81\0\0\0\0\0\x07\x02\0\0");
        ask(b"\x62\0\0\0\0\0\x08\0\0\0", b"\x80\0\0\0\0\0\x08\x42\xFE\0");
    }
}

#[test]
fn a_card_that_lies_there_is_told_of_once_somebody_listens() {
    let mut host = Host::connected(FEITIAN, Options::default());
    host.reader.insert(Echo::default());
    assert_eq!(host.hear(), Heard::SlotChange([0x50, 0x03]));
    host.reader.disconnect();
    host.connect();
    assert_eq!(host.hear(), Heard::SlotChange([0x50, 0x03]));
    assert_eq!(host.hear(), Heard::Nothing);
}

#[test]
fn a_card_in_the_place_of_another_is_told_of_twice_or_once() {
    for (swap_notices, told) in [(SwapNotices::Two, vec![0x02, 0x03]), (SwapNotices::One, vec![0x03])] {
        let options = Options { swap_notices, ..Options::default() };
        let mut host = Host::powered(FEITIAN, options, Echo::default());
        let before = host.reader.insert(Echo::default()).expect("it lay there");
        assert!(!before.powered);
        for second in told {
            assert_eq!(host.hear(), Heard::SlotChange([0x50, second]));
        }
        assert_eq!(host.hear(), Heard::Nothing);
        assert_eq!(message(&mut host, 0x65, 0, &[]).status, 0x01);
        // The card's going is told in any case, and once.
        host.reader.remove();
        assert_eq!(host.hear(), Heard::SlotChange([0x50, 0x02]));
        assert_eq!(host.hear(), Heard::Nothing);
    }
}

#[test]
fn swapped_with_one_notice_and_active() {
    let options =
        Options { activation: Activation::OnArrival, swap_notices: SwapNotices::One, ..Options::default() };
    let mut host = Host::connected(FEITIAN, options);
    host.reader.insert(Echo::default());
    assert_eq!(host.hear(), Heard::SlotChange([0x50, 0x03]));
    assert_eq!(host.reader.state(), State::Powered);
    assert_eq!(message(&mut host, 0x65, 0, &[]).status, 0x00);
    assert_eq!(message(&mut host, 0x62, 0, &[]).data, ATR);
    host.reader.insert(Echo::default()).expect("it lay there");
    assert_eq!(host.hear(), Heard::SlotChange([0x50, 0x03]));
    assert_eq!(host.hear(), Heard::Nothing);
    // Nothing but the notice says that it is another card.
    assert_eq!(message(&mut host, 0x65, 0, &[]).status, 0x00);
    assert_eq!(message(&mut host, 0x6F, 0, COMMAND).data, response());
    assert_eq!(commands(&mut host), 1);
}

#[test]
fn what_is_wrong_with_a_message_is_told_by_its_error() {
    let mut host = with([]);
    // Another slot.
    host.write(&request(0x65, 0x01, 0x33, 0, &[]));
    let Heard::Message(message) = host.hear() else { panic!("it is answered") };
    assert_eq!((message.slot, message.sequence, message.status, message.error), (0x01, 0x33, 0x40, 0x05));
    // Data where there is none, commands that the reader does not know, levels that nothing began.
    for (kind, level, data, answer, error) in [
        (0x62, 0x0000, &[0x00][..], 0x80, 0x01),
        (0x6C, 0x0000, &[], 0x82, 0x00),
        (0x6B, 0x0000, &[0xE0], 0x83, 0x00),
        (0x72, 0x0000, &[], 0x81, 0x00),
        (0x6F, 0x0002, COMMAND, 0x80, 0x08),
        (0x6F, 0x0003, COMMAND, 0x80, 0x08),
        (0x6F, 0x0010, &[], 0x80, 0x08),
        (0x6F, 0x0100, COMMAND, 0x80, 0x08),
    ] {
        let Heard::Message(message) = host.ask(kind, level, data) else { panic!("it is answered") };
        assert_eq!(
            (message.kind, message.status, message.error),
            (answer, 0x40, error),
            "{kind:02X} {level:04X}"
        );
    }
    // A length that nobody would wait for.
    host.write(b"\x6F\xFF\xFF\xFF\xFF\x00\x09\x00\x00\x00");
    let Heard::Message(message) = host.hear() else { panic!("it is answered") };
    assert_eq!((message.sequence, message.status, message.error), (0x09, 0x40, 0x01));
    assert_eq!(commands(&mut host), 0);
    works_again(&mut host);
}

#[test]
fn half_a_message_is_waited_for_and_then_forgotten() {
    let mut host = with([]);
    let good = request(0x65, 0, 0x01, 0, &[]);
    for cut in 1..good.len() {
        host.write(&good[..cut]);
        host.reader.advance(seconds(2));
        assert_eq!(host.hear(), Heard::Nothing);
        host.write(&good);
        assert!(matches!(host.hear(), Heard::Message(Message { kind: 0x81, .. })), "after {cut} bytes");
    }
}

#[test]
fn long_commands_and_responses_come_in_parts() {
    let mut host = with([]);
    let command: Vec<u8> = (0..=255).cycle().take(1500).collect();
    let begun = message(&mut host, 0x6F, 0x0001, &command[..506]);
    assert_eq!((begun.chain, begun.data.len()), (0x10, 0));
    let begun = message(&mut host, 0x6F, 0x0003, &command[506..1012]);
    assert_eq!((begun.chain, begun.data.len()), (0x10, 0));
    let mut part = message(&mut host, 0x6F, 0x0002, &command[1012..]);
    let mut received = part.data.clone();
    let mut chain = vec![part.chain];
    while part.chain == 0x01 || part.chain == 0x03 {
        part = message(&mut host, 0x6F, 0x0010, &[]);
        received.extend_from_slice(&part.data);
        chain.push(part.chain);
    }
    assert_eq!(chain, [0x01, 0x03, 0x02]);
    assert_eq!(received, [&command, &b"\x90\x00"[..]].concat());
    assert_eq!(host.reader.card().expect("it lies there").commands, [command]);
}

#[test]
fn a_reader_goes_without_a_word_unless_it_is_told_to_stay() {
    let mut host = with([]);
    host.reader.advance(seconds(150).saturating_sub(Duration::from_nanos(1)));
    assert_eq!(host.hear(), Heard::Nothing);
    host.reader.advance(Duration::from_nanos(1));
    assert_eq!(host.hear(), Heard::Gone);
    assert_eq!(host.reader.state(), State::Asleep);
    assert_eq!(host.reader.connect(), Err(GattError::NotAdvertising));
    works_again(&mut host);

    assert_eq!(message(&mut host, 0x6B, 0, &[0xA5, 0x5A, 0x80, 0x31]).status, 0x00);
    host.reader.advance(seconds(100_000));
    works_again(&mut host);
    assert_eq!(message(&mut host, 0x6B, 0, &[0xA5, 0x5A, 0x80, 0x30]).status, 0x00);
    host.reader.advance(seconds(150));
    assert_eq!(host.hear(), Heard::Gone);
}

#[test]
fn every_chunk_size_carries_a_conversation() {
    for bytes in 20..=244 {
        let chunk = Chunk::new(bytes).expect("it is a chunk size");
        for cuts in [Cuts::Full, Cuts::Random] {
            let options = Options { chunk, cuts, seed: bytes.into(), ..Options::default() };
            let mut host = Host::powered(FEITIAN, options, Echo::default());
            let response = message(&mut host, 0x6F, 0, &[0x50, 0x03].repeat(128));
            assert_eq!(response.data.len(), 258);
        }
    }
}

#[test]
fn more_time_is_asked_for_as_often_as_one_says() {
    let mut host = with([Mishap::TimeExtension { times: 3, multiplier: 7, time: seconds(2) }]);
    host.send(0x6F, 0, COMMAND);
    for _ in 0..3 {
        let Heard::Message(extension) = host.hear() else { panic!("it asks for time") };
        assert_eq!((extension.kind, extension.status, extension.error), (0x80, 0x80, 7));
        assert_eq!((extension.sequence, extension.data), (host.sequence, Vec::new()));
        assert_eq!(host.hear(), Heard::Nothing);
        host.reader.advance(seconds(2));
    }
    assert_eq!(host.hear(), answered(&host));
}

#[test]
fn a_command_fails_with_every_error_before_or_after_the_work() {
    for error in 0..=0xFF {
        for worked in [false, true] {
            let mut host = with([Mishap::Fail { error, worked }]);
            host.send(0x6F, 0, COMMAND);
            assert_eq!(host.hear(), failed(&host, 0x40, error));
            assert_eq!(commands(&mut host), usize::from(worked));
        }
    }
}

#[test]
fn a_card_leaves_a_reader_sleeps_or_breaks_before_or_after_the_work() {
    for worked in [false, true] {
        let mut host = with([Mishap::CardLeaves { worked }]);
        assert_eq!(host.ask(0x6F, 0, COMMAND), Heard::SlotChange([0x50, 0x02]));
        assert_eq!(host.hear(), failed(&host, 0x42, 0xFE));
        assert_eq!(host.reader.state(), State::Connected);
        assert_eq!(commands(&mut host), usize::from(worked));
        works_again(&mut host);

        let mut host = with([Mishap::FallAsleep { worked }]);
        assert_eq!(host.ask(0x6F, 0, COMMAND), Heard::Gone);
        assert_eq!(host.reader.state(), State::Asleep);
        assert_eq!(commands(&mut host), usize::from(worked));
        works_again(&mut host);

        let mut host = with([Mishap::HardwareError { code: 0x01, worked }]);
        host.send(0x6F, 0, COMMAND);
        assert_eq!(host.hear(), Heard::HardwareError([0x51, 0x00, host.sequence, 0x01]));
        assert_eq!(host.hear(), Heard::Nothing);
        assert_eq!(commands(&mut host), usize::from(worked));
        works_again(&mut host);
    }
}

#[test]
fn a_byte_is_corrupted_wherever_one_says() {
    let clean = [&[0x80, 0x06, 0, 0, 0, 0, 0x02, 0, 0, 0][..], &response()].concat();
    for layer in [Layer::Frame, Layer::Message] {
        for at in 0..clean.len() {
            let mut host = with([Mishap::Corrupt { layer, at, xor: 0x41, mended: false }]);
            host.send(0x6F, 0, COMMAND);
            host.listen();
            let mut expected = clean.clone();
            expected[at] ^= 0x41;
            assert_eq!(host.stream, expected);
            works_again(&mut host);
        }
    }
    // The sixth is the sequence.
    let mut host = with([Mishap::Corrupt { layer: Layer::Message, at: 6, xor: 0x01, mended: false }]);
    let answer = message(&mut host, 0x6F, 0, COMMAND);
    assert_eq!((answer.sequence, answer.data), (host.sequence ^ 0x01, response()));
}

#[test]
fn a_message_stalls_drops_pauses_or_is_parted_by_a_slot_change_after_every_byte() {
    let clean = [&[0x80, 0x06, 0, 0, 0, 0, 0x02, 0, 0, 0][..], &response()].concat();
    for cuts in [Cuts::Full, Cuts::Random] {
        for after in 0..=clean.len() {
            let with = |mishap| {
                let faults = vec![at_answer(TRANSFER, mishap)];
                let options = Options { faults, cuts, seed: 5, ..Options::default() };
                let mut host = Host::powered(FEITIAN, options, Echo::default());
                host.send(0x6F, 0, COMMAND);
                host.listen();
                host
            };
            let mut host = with(Mishap::Stall { after });
            assert_eq!(host.stream, clean[..after]);
            works_again(&mut host);

            let mut host = with(Mishap::Drop { after });
            assert_eq!((&host.stream[..], host.gone), (&clean[..after], true));
            works_again(&mut host);

            let mut host = with(Mishap::Pause { after, time: seconds(5) });
            assert_eq!(host.stream, clean[..after]);
            host.reader.advance(seconds(5));
            assert_eq!(host.hear(), answered(&host));

            let events = vec![CardEvent::Left, CardEvent::Arrived];
            let mut host = with(Mishap::Interject { after, events });
            assert_eq!(host.hear(), Heard::SlotChange([0x50, 0x02]));
            assert_eq!(host.hear(), Heard::SlotChange([0x50, 0x03]));
            assert_eq!(host.hear(), answered(&host));
            assert_eq!(host.reader.state(), State::Powered);
        }
    }
    let mut host = with([Mishap::Lengthen { by: 300 }]);
    assert_eq!(host.ask(0x6F, 0, COMMAND), Heard::Nothing);
    assert_eq!(host.stream[1..5], [0x32, 0x01, 0x00, 0x00]);
}

#[test]
fn a_slot_change_goes_wrong_too() {
    let notice = |mishap| Fault { at: Place::Notice(0), mishap };
    for after in 0..2 {
        for (mishap, gone) in [(Mishap::Stall { after }, false), (Mishap::Drop { after }, true)] {
            let options = Options { faults: vec![notice(mishap)], ..Options::default() };
            let mut host = Host::connected(FEITIAN, options);
            host.reader.insert(Echo::default());
            host.listen();
            assert_eq!((host.stream.clone(), host.gone), (vec![0x50][..after].to_vec(), gone));
            works_again(&mut host);
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_do_no_harm(
        model in proptest::sample::select(&MODELS[..]),
        values in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..=20), 0..40),
    ) {
        let mut host = Host::powered(model, Options::default(), Echo::default());
        for value in values {
            host.reader.write(model.commands(), &value).expect("the link is up");
        }
        host.reader.advance(seconds(2));
        host.listen();
        host.stream.clear();
        works_again(&mut host);
    }

    #[test]
    fn any_message_is_answered_once_with_its_sequence(
        kind: u8,
        slot in 0_u8..2,
        sequence: u8,
        level: u16,
        data in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let mut host = Host::powered(FEITIAN, Options::default(), Echo::default());
        host.write(&request(kind, slot, sequence, level, &data));
        let Heard::Message(answer) = host.hear() else { panic!("it is answered") };
        prop_assert_eq!((answer.slot, answer.sequence), (slot, sequence));
        prop_assert_eq!(host.hear(), Heard::Nothing);
    }
}
