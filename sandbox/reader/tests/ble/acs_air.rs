//! The ACS reader's notifications: how they are cut, when they come, and when the reader sleeps.

use std::time::Duration;

use proptest::prelude::*;
use sandbox_reader::ble::{CardEvent, Chunk, Cuts, GattError, Mishap, Options, State};

use crate::acs_host::{AUTH_1, FACTORY_KEY, Heard, Host, MODEL, decrypt, frame, message};
use crate::{ATR, Echo, at_answer, seconds};

const START_POLLING: [u8; 5] = [0xE0, 0x00, 0x00, 0x40, 0x01];

fn error(code: u8) -> Heard {
    Heard::Message(0x51, code, Vec::new())
}

fn notice(parameter: u8) -> Heard {
    Heard::Message(0x50, parameter, Vec::new())
}

#[test]
fn nothing_is_heard_by_who_does_not_listen() {
    let mut host = Host::<Echo>::connected(Options::default());
    host.reader.subscribe(MODEL.answers(), false).expect("it notifies");
    assert_eq!(host.ask(0x6B, 0x00, &AUTH_1), Heard::Nothing);
    host.reader.subscribe(MODEL.answers(), true).expect("it notifies");
    assert_eq!(host.hear(), Heard::Nothing);
}

#[test]
fn a_reader_sleeps_after_its_delay_without_work_and_wakes_by_its_button() {
    for (setting, delay) in [(None, 60), (Some(0x01), 90), (Some(0x02), 120), (Some(0x03), 180)] {
        let mut host = Host::polling(Options::default());
        host.reader.insert(Echo::default());
        assert_eq!(host.hear(), notice(0x03));
        if let Some(setting) = setting {
            assert_eq!(
                host.ask(0x6B, 0x00, &[0xE0, 0x00, 0x00, 0x48, setting]),
                Heard::Message(0x83, 0x00, vec![0xE1, 0x00, 0x00, 0x48, setting])
            );
        }
        host.reader.advance(seconds(delay).saturating_sub(Duration::from_millis(1)));
        assert_eq!(host.hear(), Heard::Nothing);
        // Work puts it off.
        assert!(matches!(host.ask(0x65, 0x00, &[]), Heard::Message(0x81, _, _)));
        host.reader.advance(seconds(delay).saturating_sub(Duration::from_millis(1)));
        assert_eq!(host.hear(), Heard::Nothing);
        host.reader.advance(Duration::from_millis(1));
        assert_eq!(host.hear(), notice(0x04));
        assert_eq!(host.hear(), Heard::Gone);
        assert_eq!(host.reader.state(), State::Asleep);
        assert!(!host.reader.card().expect("it lies there").powered);

        assert_eq!(host.reader.connect(), Err(GattError::NotAdvertising));
        host.reader.wake();
        assert_eq!(host.reader.state(), State::Disconnected);
        host.connect();
        // A new connection begins from the beginning.
        assert_eq!(host.ask(0x65, 0x00, &[]), error(0x04));
        assert!(host.authenticate());
    }
    let mut host = Host::<Echo>::polling(Options::default());
    assert!(matches!(host.ask(0x6B, 0x00, &[0xE0, 0x00, 0x00, 0x48, 0x04]), Heard::Message(0x83, 0x00, _)));
    host.reader.advance(seconds(1_000_000));
    assert_eq!(host.hear(), Heard::Nothing);
    assert_eq!(host.reader.state(), State::Polling);
    assert_eq!(host.ask(0x6B, 0x00, &[0xE0, 0x00, 0x00, 0x48, 0x05]), error(0x03));
}

#[test]
fn a_reader_that_nobody_opened_says_good_night_in_the_clear() {
    let mut host = Host::<Echo>::connected(Options::default());
    host.reader.advance(seconds(60));
    host.listen();
    assert_eq!(host.stream, frame(&message(0x50, 0x04, &[])));
    assert!(host.gone);
}

#[test]
fn half_a_frame_is_waited_for_and_then_complained_of() {
    let mut host = Host::<Echo>::polling(Options::default());
    let good = host.framed(0x65, 0x00, &[]);
    for cut in 1..good.len() {
        host.write(&good[..cut]);
        host.reader.advance(Duration::from_millis(1999));
        assert_eq!(host.hear(), Heard::Nothing, "after {cut} bytes");
        host.reader.advance(Duration::from_millis(1));
        assert_eq!(host.hear(), error(0x02), "after {cut} bytes");
        host.write(&good[..cut]);
        host.reader.advance(seconds(1));
        host.write(&good[cut..]);
        assert_eq!(host.hear(), Heard::Message(0x81, 0x02, Vec::new()), "cut after {cut} bytes");
    }
}

#[test]
fn every_chunk_size_carries_a_conversation() {
    for bytes in 1..=244 {
        let chunk = Chunk::new(bytes).expect("it is a chunk size");
        for cuts in [Cuts::Full, Cuts::Random] {
            let options = Options { chunk, cuts, seed: bytes.into(), ..Options::default() };
            let mut host = Host::powered(options, Echo::default());
            let command = [0x05, 0x0A, 0x51, 0xFF].repeat(64);
            let Heard::Message(0x80, 0x00, response) = host.ask(0x6F, 0x00, &command) else {
                panic!("the card answers");
            };
            assert_eq!(response[..256], command);
            assert!(host.notified.iter().all(|value| (1..=chunk.get()).contains(&value.len())));
        }
    }
    assert_eq!((Chunk::new(0), Chunk::new(245)), (None, None));
}

/// What is notified, and when, through a whole conversation with two notices before an answer.
fn recorded(seed: u64) -> Vec<(Duration, Vec<u8>)> {
    let events = vec![CardEvent::Left, CardEvent::Arrived];
    let options = Options {
        seed,
        cuts: Cuts::Random,
        delay: Duration::from_millis(30),
        faults: vec![at_answer(4, Mishap::Interject { after: 0, events })],
        ..Options::default()
    };
    let mut host = Host::<Echo>::connected(options);
    let mut record = Vec::new();
    let mut wait = |host: &mut Host<Echo>| {
        while let Some(due) = host.reader.due().filter(|due| *due < host.reader.now() + seconds(1)) {
            host.reader.advance(due.saturating_sub(host.reader.now()));
            let before = host.notified.len();
            host.listen();
            record.extend(host.notified[before..].iter().map(|value| (due, value.clone())));
        }
        host.hear()
    };
    host.send(0x6B, 0x00, &AUTH_1);
    let Heard::Message(0x83, 0x00, first) = wait(&mut host) else { panic!("it is a challenge") };
    let mut random_a: [u8; 16] = first[5..].try_into().expect("it is a block");
    decrypt(&FACTORY_KEY, &mut random_a);
    let mut proof = [[0x11; 16], random_a].concat();
    decrypt(&FACTORY_KEY, &mut proof);
    host.send(0x6B, 0x00, &[&[0xE0, 0x00, 0x00, 0x46, 0x00][..], &proof].concat());
    assert!(matches!(wait(&mut host), Heard::Message(0x83, 0x00, _)));
    random_a[8..].fill(0x11);
    host.session = Some(random_a);
    host.send(0x6B, 0x00, &START_POLLING);
    assert!(matches!(wait(&mut host), Heard::Message(0x83, 0x00, _)));
    host.reader.insert(Echo::default());
    assert_eq!(wait(&mut host), notice(0x03));
    host.send(0x62, 0x00, &[]);
    assert_eq!(wait(&mut host), Heard::Message(0x80, 0x00, ATR.to_vec()));
    host.send(0x6F, 0x00, &[0xAA; 100]);
    // One by one, though they may have come together.
    assert_eq!(wait(&mut host), notice(0x02));
    assert_eq!(host.hear(), notice(0x03));
    assert!(matches!(host.hear(), Heard::Message(0x80, 0x00, response) if response.len() == 102));
    record
}

#[test]
fn a_seed_makes_every_split_merge_and_delay_come_again() {
    let record = recorded(7);
    assert_eq!(record, recorded(7));
    assert_ne!(record, recorded(8));
    assert!(record.is_sorted_by_key(|(due, _)| *due));
    let lengths: std::collections::BTreeSet<_> = record.iter().map(|(_, value)| value.len()).collect();
    assert!(lengths.len() > 5, "splits are not all alike: {lengths:?}");

    // Eight frames: where none shares a notification, at least eight notifications begin with a start byte.
    let merged = (0..50).filter(|seed| {
        let starts = recorded(*seed).iter().filter(|(_, value)| value.first() == Some(&0x05)).count();
        starts < 8
    });
    assert!(merged.count() > 5);
}

#[test]
fn an_answer_comes_when_its_time_has_come() {
    let time = Duration::from_secs(9);
    let mut host = Host::powered(
        Options { faults: vec![at_answer(4, Mishap::Pause { after: 0, time })], ..Options::default() },
        Echo::default(),
    );
    assert_eq!(host.ask(0x6F, 0x00, &[0x07]), Heard::Nothing);
    assert_eq!(host.reader.due(), Some(time));
    host.reader.advance(time.saturating_sub(Duration::from_nanos(1)));
    assert_eq!(host.hear(), Heard::Nothing);
    host.reader.advance(Duration::from_nanos(1));
    assert_eq!(host.hear(), Heard::Message(0x80, 0x00, vec![0x07, 0x90, 0x00]));
}

proptest! {
    #[test]
    fn frames_in_any_cut_are_the_same_frames(
        cuts in proptest::collection::vec(1_usize..=20, 1..60),
        seed: u64,
    ) {
        let mut host = Host::<Echo>::connected(Options { seed, cuts: Cuts::Random, ..Options::default() });
        prop_assert!(host.authenticate());
        let mut bytes = [host.framed(0x65, 0x00, &[]), host.framed(0x6B, 0x00, &START_POLLING)].concat();
        bytes.extend(host.framed(0x65, 0x00, &[]));
        let mut rest = &bytes[..];
        for cut in cuts.iter().cycle() {
            let (chunk, behind) = rest.split_at((*cut).min(rest.len()));
            host.reader.write(MODEL.commands(), chunk).expect("the link is up");
            rest = behind;
            if rest.is_empty() {
                break;
            }
        }
        let absent = Heard::Message(0x81, 0x02, Vec::new());
        prop_assert_eq!(host.hear(), absent.clone());
        prop_assert!(matches!(host.hear(), Heard::Message(0x83, 0x00, _)));
        prop_assert_eq!(host.hear(), absent);
    }
}
