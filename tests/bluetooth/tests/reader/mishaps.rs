//! What has no position in bytes, at each answer of a tap.

use core::time::Duration;

use bluetooth::Setup;
use sandbox_reader::ble::{CardEvent, Mishap};

use crate::support::{Direct, Entry};

/// Goes through a tap with the right PIN and one with a wrong PIN, with each of these at each answer.
fn each(setup: &Setup, mishaps: &[Mishap]) {
    for entry in [Entry::RightPin, Entry::WrongPin] {
        let direct = Direct::new(entry);
        for answer in 0..direct.answers.len() {
            for mishap in mishaps {
                direct.hold_in_spite_of(setup, answer, mishap);
            }
        }
    }
}

/// Whether the card had got the command before, nobody can know: it is the same either way.
fn worked(mishap: impl Fn(bool) -> Mishap) -> [Mishap; 2] {
    [mishap(false), mishap(true)]
}

#[test]
fn an_error_in_place_of_an_answer() {
    let codes: Vec<_> = [0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0xFF]
        .into_iter()
        .flat_map(|code| worked(|worked| Mishap::HardwareError { code, worked }))
        .collect();
    each(&Setup::acs(), &codes);
    each(&Setup::feitian(), &codes[..4]);
}

#[test]
fn an_answer_that_says_failed() {
    let errors: Vec<_> = [0x00, 0x01, 0x05, 0x7F, 0xC0, 0xE0, 0xF0, 0xF3, 0xF6, 0xF8, 0xFB, 0xFD, 0xFE, 0xFF]
        .into_iter()
        .flat_map(|error| worked(|worked| Mishap::Fail { error, worked }))
        .collect();
    each(&Setup::feitian(), &errors);
    // Here there is one word for all of them.
    each(&Setup::acs(), &errors[..2]);
}

#[test]
fn a_card_that_is_taken_away() {
    let leaves = worked(|worked| Mishap::CardLeaves { worked });
    for (_, setup) in Setup::all() {
        each(&setup, &leaves);
    }
}

#[test]
fn a_reader_that_falls_asleep() {
    let asleep = worked(|worked| Mishap::FallAsleep { worked });
    for (_, setup) in Setup::all() {
        each(&setup, &asleep);
    }
}

#[test]
fn notifications_before_an_answer_that_tell_nothing_true() {
    use CardEvent::{Arrived, Asleep, Left};
    let before = |events: &[CardEvent]| Mishap::Interject { after: 0, events: events.to_vec() };
    let lies = [before(&[Arrived]), before(&[Left]), before(&[Left, Arrived]), before(&[Arrived; 30])];
    for setup in [Setup::acs(), Setup::acs_by_the_old_manual(), Setup::feitian()] {
        each(&setup, &lies);
    }
    each(&Setup::acs(), &[before(&[Asleep])]);
}

#[test]
fn a_length_that_says_more_than_comes() {
    let lengthened = [1, 2, 16, 254, 255, 256, 512, 0xFFFF].map(|by| Mishap::Lengthen { by });
    for setup in [Setup::acs(), Setup::feitian()] {
        each(&setup, &lengthened);
    }
}

#[test]
fn an_answer_in_the_clear_or_with_bytes_that_follow_its_blocks() {
    let mut mishaps = vec![Mishap::Clear];
    mishaps.extend([1, 7, 8, 15].map(|extra| Mishap::Ragged { extra }));
    for setup in [Setup::acs(), Setup::acs_with_key()] {
        each(&setup, &mishaps);
    }
}

#[test]
fn time_extensions() {
    let more = |times, multiplier, seconds| Mishap::TimeExtension {
        times,
        multiplier,
        time: Duration::from_secs(seconds),
    };
    // Within the bound, at it, without end, and with a multiplier of which nobody says what it means.
    each(
        &Setup::feitian(),
        &[more(1, 1, 1), more(20, 2, 2), more(3, 1, 14), more(200, 255, 10), more(2, 0, 3)],
    );
}
