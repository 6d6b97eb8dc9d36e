//! The ACS reader when something goes wrong: each mishap does what it says, at every position.

use std::time::Duration;

use sandbox_reader::ble::{CardEvent, Cuts, Fault, Layer, Mishap, Options, Place, State};

use crate::acs_host::{AUTH_1, Heard, Host, decrypt};
use crate::{Echo, at_answer, seconds};

const COMMAND: &[u8] = b"\x00\x20\x00\x98";
/// Two of authentication, polling, power on; then comes this one.
const TRANSFER: u32 = 4;

fn response() -> Heard {
    Heard::Message(0x80, 0x00, [COMMAND, b"\x90\x00"].concat())
}

fn failed(parameter: u8) -> Heard {
    Heard::Message(0x80, parameter, Vec::new())
}

/// A powered card, and these mishaps in wait for the answer to the next command.
fn with(mishaps: impl IntoIterator<Item = Mishap>) -> Host<Echo> {
    let faults = mishaps.into_iter().map(|mishap| at_answer(TRANSFER, mishap)).collect();
    Host::powered(Options { faults, ..Options::default() }, Echo::default())
}

fn commands(host: &mut Host<Echo>) -> usize {
    host.reader.card().expect("it lies there or beside").commands.len()
}

/// The bytes of the answer to the command, as they come.
fn bytes_of_answer(host: &mut Host<Echo>) -> Vec<u8> {
    host.send(0x6F, 0x00, COMMAND);
    host.reader.advance(seconds(1));
    host.listen();
    core::mem::take(&mut host.stream)
}

/// A mishap is one, and does not outlive its place.
fn works_again(host: &mut Host<Echo>) {
    host.stream.clear();
    if host.gone {
        host.reader.wake();
        host.connect();
    }
    if host.reader.state() == State::Connected {
        assert!(host.authenticate());
        assert!(matches!(host.ask(0x6B, 0x00, &[0xE0, 0x00, 0x00, 0x40, 0x01]), Heard::Message(0x83, ..)));
    }
    let card = host.reader.remove().expect("it lies there or beside");
    host.reader.insert(card);
    host.listen();
    host.stream.clear();
    assert!(matches!(host.ask(0x62, 0x00, &[]), Heard::Message(0x80, 0x00, _)));
    assert_eq!(host.ask(0x6F, 0x00, COMMAND), response());
}

#[test]
fn a_byte_on_the_wire_is_corrupted_wherever_one_says() {
    let clean = bytes_of_answer(&mut with([]));
    for at in 0..clean.len() {
        for xor in [0x01, 0x80, 0xFF] {
            let mut host = with([Mishap::Corrupt { layer: Layer::Frame, at, xor, mended: false }]);
            let mut expected = clean.clone();
            expected[at] ^= xor;
            assert_eq!(bytes_of_answer(&mut host), expected);
            works_again(&mut host);

            let mut host = with([Mishap::Corrupt { layer: Layer::Frame, at, xor, mended: false }]);
            let heard = host.ask(0x6F, 0x00, COMMAND);
            let wanted = match at {
                0 => vec![Heard::BadStart],
                // The length: more than comes, or less.
                1 | 2 => vec![Heard::Nothing, Heard::BadFrame],
                _ => vec![Heard::BadFrame],
            };
            assert!(wanted.contains(&heard), "byte {at}: {heard:?}");
        }
    }
    // Behind the end there is nothing.
    let mut host = with([Mishap::Corrupt { layer: Layer::Frame, at: clean.len(), xor: 0xFF, mended: false }]);
    assert_eq!(bytes_of_answer(&mut host), clean);
}

#[test]
fn a_byte_of_the_message_is_corrupted_wherever_one_says() {
    let clean = [&[0x80, 0x00, 0x06, 0x00, 0x00, 0x00, 0xAE][..], COMMAND, &[0x90, 0x00]].concat();
    for at in 0..clean.len() {
        let mut host = with([Mishap::Corrupt { layer: Layer::Message, at, xor: 0x01, mended: false }]);
        assert_eq!(host.ask(0x6F, 0x00, COMMAND), Heard::BadMessage, "byte {at}");
        assert_eq!(commands(&mut host), 1);
        works_again(&mut host);
    }
    // A message that is wrong and says so nowhere: another type, another status, other data.
    for (at, expected) in [(0, (0x81, 0x00, 0x00)), (5, (0x80, 0x01, 0x00)), (7, (0x80, 0x00, 0x01))] {
        let mut host = with([Mishap::Corrupt { layer: Layer::Message, at, xor: 0x01, mended: true }]);
        let (kind, parameter, first) = expected;
        let heard = host.ask(0x6F, 0x00, COMMAND);
        assert!(
            matches!(heard, Heard::Message(k, p, ref data) if (k, p, data[0]) == (kind, parameter, first)),
            "byte {at}: {heard:?}"
        );
    }
    // Ciphertext that is wrong under a checksum that fits.
    let mut host = with([Mishap::Corrupt { layer: Layer::Frame, at: 3, xor: 0x01, mended: true }]);
    assert_eq!(host.ask(0x6F, 0x00, COMMAND), Heard::BadMessage);
}

#[test]
fn a_frame_stalls_drops_or_pauses_after_every_byte() {
    let clean = bytes_of_answer(&mut with([]));
    for after in 0..=clean.len() {
        let mut host = with([Mishap::Stall { after }]);
        assert_eq!(bytes_of_answer(&mut host), clean[..after]);
        assert!(!host.gone);
        works_again(&mut host);

        let mut host = with([Mishap::Drop { after }]);
        assert_eq!(bytes_of_answer(&mut host), clean[..after]);
        assert!(host.gone);
        assert_eq!(host.reader.state(), State::Disconnected);
        assert!(!host.reader.card().expect("it lies there").powered);
        assert_eq!(commands(&mut host), 1);
        works_again(&mut host);

        let mut host = with([Mishap::Pause { after, time: seconds(3) }]);
        host.send(0x6F, 0x00, COMMAND);
        host.listen();
        assert_eq!(host.stream, clean[..after]);
        host.reader.advance(seconds(3));
        assert_eq!(host.hear(), response());
        works_again(&mut host);
    }
}

#[test]
fn several_mishaps_share_a_frame() {
    let clean = bytes_of_answer(&mut with([]));
    let mut host = with([
        Mishap::Stall { after: 9 },
        Mishap::Pause { after: 2, time: seconds(1) },
        Mishap::Pause { after: 5, time: seconds(2) },
    ]);
    host.send(0x6F, 0x00, COMMAND);
    for (time, length) in [(0, 2), (1, 5), (2, 9), (9, 9)] {
        host.reader.advance(seconds(time));
        host.listen();
        assert_eq!(host.stream, clean[..length]);
    }
}

#[test]
fn a_length_that_is_too_long_swallows_what_follows() {
    for by in [1, 16, 255, u16::MAX] {
        let mut host = with([Mishap::Lengthen { by }]);
        assert_eq!(host.ask(0x6F, 0x00, COMMAND), Heard::Nothing, "by {by}");
        host.reader.advance(seconds(30));
        assert_eq!(host.hear(), Heard::Nothing, "by {by}");
        works_again(&mut host);
    }
    let mut host = with([Mishap::Lengthen { by: 3 }]);
    assert_eq!(host.ask(0x6F, 0x00, COMMAND), Heard::Nothing);
    assert_eq!(host.ask(0x65, 0x00, &[]), Heard::BadFrame);
}

#[test]
fn notices_come_between_a_request_and_its_answer() {
    for cuts in [Cuts::Full, Cuts::Random] {
        for seed in 0..50 {
            let events = vec![CardEvent::Left, CardEvent::Arrived, CardEvent::Asleep, CardEvent::Arrived];
            let faults = vec![at_answer(TRANSFER, Mishap::Interject { after: 5, events })];
            let mut host =
                Host::powered(Options { faults, cuts, seed, ..Options::default() }, Echo::default());
            assert_eq!(host.ask(0x6F, 0x00, COMMAND), Heard::Message(0x50, 0x02, Vec::new()));
            for parameter in [0x03, 0x04, 0x03] {
                assert_eq!(host.hear(), Heard::Message(0x50, parameter, Vec::new()));
            }
            assert_eq!(host.hear(), response());
            // They told nothing true.
            assert_eq!(host.reader.state(), State::Powered);
        }
    }
}

#[test]
fn every_hardware_error_comes_in_the_clear_before_or_after_the_work() {
    for code in 0..=0xFF {
        for worked in [false, true] {
            let mut host = with([Mishap::HardwareError { code, worked }]);
            host.send(0x6F, 0x00, COMMAND);
            host.listen();
            assert_eq!(
                host.stream,
                [0x05, 0x00, 0x07, 0x51, 0x00, 0x00, 0x00, 0x00, code, 0x51 ^ code, 0x07, 0x0A]
            );
            assert_eq!(host.hear(), Heard::Message(0x51, code, Vec::new()));
            assert_eq!(commands(&mut host), usize::from(worked));
        }
    }
}

#[test]
fn a_command_fails_a_card_leaves_a_reader_sleeps_before_or_after_the_work() {
    for worked in [false, true] {
        let mut host = with([Mishap::Fail { error: 0xFB, worked }]);
        assert_eq!(host.ask(0x6F, 0x00, COMMAND), failed(0x40));
        assert_eq!(commands(&mut host), usize::from(worked));
        works_again(&mut host);

        let mut host = with([Mishap::CardLeaves { worked }]);
        assert_eq!(host.ask(0x6F, 0x00, COMMAND), Heard::Message(0x50, 0x02, Vec::new()));
        assert_eq!(host.hear(), failed(0x42));
        assert_eq!(host.reader.state(), State::Polling);
        assert_eq!(commands(&mut host), usize::from(worked));
        assert!(!host.reader.card().expect("it lies beside").powered);
        works_again(&mut host);

        let mut host = with([Mishap::FallAsleep { worked }]);
        assert_eq!(host.ask(0x6F, 0x00, COMMAND), Heard::Message(0x50, 0x04, Vec::new()));
        assert_eq!(host.hear(), Heard::Gone);
        assert_eq!(host.reader.state(), State::Asleep);
        assert_eq!(commands(&mut host), usize::from(worked));
        works_again(&mut host);
    }
}

#[test]
fn an_answer_in_the_clear_and_one_that_is_no_multiple_of_a_block() {
    let mut host = with([Mishap::Clear]);
    host.send(0x6F, 0x00, COMMAND);
    host.listen();
    // 7 and 6 bytes: no multiple of 16, so that a host can see it.
    assert_eq!(host.stream[..4], [0x05, 0x00, 0x0D, 0x80]);
    assert_eq!(host.hear(), response());

    let clean = bytes_of_answer(&mut with([]));
    for extra in 1..=15 {
        let bytes = bytes_of_answer(&mut with([Mishap::Ragged { extra }]));
        assert_eq!(bytes.len(), clean.len() + usize::from(extra));
        assert_eq!(bytes[2], 16 + extra);
        assert_eq!(bytes[3..19], clean[3..19]);
    }
}

#[test]
fn authentication_goes_wrong_in_every_way() {
    let unopened = |mishap: Fault| {
        let mut host = Host::<Echo>::connected(Options { faults: vec![mishap], ..Options::default() });
        assert!(!host.authenticate());
        host.stream.clear();
        host
    };
    // The reader forgets its own random: it refuses, and stays locked.
    let mut host = unopened(at_answer(1, Mishap::WrongRandomA));
    assert_eq!(host.reader.state(), State::Connected);
    assert!(host.authenticate());
    // The reader does not give ours back: it believes in a session that we must not take.
    let mut host = unopened(at_answer(1, Mishap::WrongRandomB));
    assert_eq!(host.reader.state(), State::Authenticated);
    host.reader.disconnect();
    host.connect();
    assert!(host.authenticate());
    // Refused as such, at either step.
    for (step, code) in [(0, 0x04), (1, 0x04), (0, 0x07), (1, 0x07)] {
        let mut host = unopened(at_answer(step, Mishap::HardwareError { code, worked: false }));
        assert!(host.authenticate());
    }
    // At every byte of either answer.
    for step in [0, 1] {
        for at in 0..33 {
            unopened(at_answer(step, Mishap::Corrupt { layer: Layer::Frame, at, xor: 0x20, mended: false }));
            unopened(at_answer(step, Mishap::Stall { after: at }));
            let host = unopened(at_answer(step, Mishap::Drop { after: at }));
            assert_eq!(host.reader.state(), State::Disconnected);
        }
    }
}

#[test]
fn a_challenge_may_be_made_of_start_and_stop_bytes() {
    let block = [0x05, 0x0A].repeat(8).try_into().expect("it is a block");
    let faults = vec![at_answer(0, Mishap::Challenge { block })];
    let mut host = Host::<Echo>::connected(Options { faults, ..Options::default() });
    let Heard::Message(0x83, 0x00, answer) = host.ask(0x6B, 0x00, &AUTH_1) else {
        panic!("it is a challenge")
    };
    assert_eq!(answer[5..], block);
    let (mut random_a, mut proof) = (block, [0; 32]);
    decrypt(&host.master_key, &mut random_a);
    proof[16..].copy_from_slice(&random_a);
    decrypt(&host.master_key, &mut proof);
    let second = [&[0xE0, 0x00, 0x00, 0x46, 0x00][..], &proof].concat();
    assert!(matches!(host.ask(0x6B, 0x00, &second), Heard::Message(0x83, 0x00, answer) if answer[4] == 0x00));
}

#[test]
fn start_and_stop_bytes_occur_inside_encrypted_frames() {
    let mut host = Host::powered(Options::default(), Echo::default());
    let mut seen = [0; 0x100];
    for number in 0..=255 {
        host.send(0x6F, 0x00, &[number; 200]);
        host.listen();
        let data = &host.stream[3..host.stream.len() - 2];
        for byte in data {
            seen[usize::from(*byte)] += 1;
        }
        assert!(matches!(host.hear(), Heard::Message(0x80, 0x00, response) if response.len() == 202));
    }
    assert!(seen[0x05] > 50 && seen[0x0A] > 50);
}

#[test]
fn a_notice_goes_wrong_at_every_byte_too() {
    for after in 0..21 {
        for mishap in [
            Mishap::Stall { after },
            Mishap::Drop { after },
            Mishap::Corrupt { layer: Layer::Frame, at: after, xor: 0x04, mended: false },
        ] {
            let fault = Fault { at: Place::Notice(0), mishap };
            let mut host = Host::polling(Options { faults: vec![fault], ..Options::default() });
            host.reader.insert(Echo::default());
            assert!(!matches!(host.hear(), Heard::Message(..)));
            works_again(&mut host);
        }
    }
    assert_eq!(Host::<Echo>::polling(Options::default()).reader.sent(), (3, 0));
}

#[test]
fn a_fault_that_is_added_later_finds_its_place() {
    let mut host = with([]);
    let (next, _) = host.reader.sent();
    host.reader.add_faults([at_answer(next, Mishap::Drop { after: 4 })]);
    assert_eq!(host.ask(0x6F, 0x00, COMMAND), Heard::Gone);
    assert_eq!(host.reader.due(), None);
    host.reader.advance(Duration::MAX);
    works_again(&mut host);
}
