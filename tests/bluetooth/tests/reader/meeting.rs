//! Where nothing goes wrong, a reader in between changes nothing.

use core::time::Duration;

use bluetooth::Setup;

use crate::support::{Direct, Entry, assert_unharmed, shell};

#[test]
fn a_tap_through_each_reader_is_what_it_is_with_the_card_in_the_hand() {
    for entry in [Entry::RightPin, Entry::WrongPin, Entry::RightBirth] {
        let direct = Direct::new(entry);
        for (name, setup) in Setup::all() {
            let mut shell = shell(setup);
            let visited = entry.visit().go(&mut shell);
            assert!(direct.is_end_of(&visited), "{name}: {visited:?}");
            assert!(visited.losses.is_empty(), "{name}: {visited:?}");
            assert_eq!(shell.card().commands, direct.commands, "{name}");
            assert_eq!(shell.card().plugged.card.transcript().to_string(), direct.transcript, "{name}");
        }
    }
}

/// A CCID answer in chunks of two bytes must not have `50 02` or `50 03` as a chunk of its own: by radio that is a card's
/// event. This card's certificate has none at an even place.
#[test]
fn chunks_of_every_size_give_the_same_tap() {
    let direct = Direct::new(Entry::RightPin);
    for bytes in 1..=244 {
        for setup in [Setup::acs(), Setup::feitian()] {
            let mut shell = shell(setup.chunks(bytes));
            let visited = Entry::RightPin.visit().go(&mut shell);
            assert!(direct.is_end_of(&visited), "{bytes}: {visited:?}");
            assert_eq!(shell.card().commands, direct.commands, "{bytes}");
        }
    }
}

#[test]
fn answers_cut_merged_and_delayed_in_any_way_give_the_same_tap() {
    let direct = Direct::new(Entry::RightPin);
    for seed in 0..100 {
        for (name, setup) in Setup::all() {
            let chunk = u8::try_from(seed % 244 + 1).expect("at most 244");
            let mut shell = shell(setup.chunks(chunk).shaken(seed));
            let visited = Entry::RightPin.visit().go(&mut shell);
            assert!(direct.is_end_of(&visited), "{name}, {seed}: {visited:?}");
            assert_eq!(shell.card().commands, direct.commands, "{name}, {seed}");
        }
    }
}

/// From two seconds on a reader does not wait for the rest of a frame: an ACS reader says so, a CCID reader takes the rest
/// for something else.
#[test]
fn a_platform_that_writes_slowly_does_no_harm() {
    for (milliseconds, holds) in [(1_900, true), (2_500, false), (4_900, false), (6_000, false)] {
        for entry in [Entry::RightPin, Entry::WrongPin] {
            let direct = Direct::new(entry);
            for (name, mut setup) in Setup::all() {
                setup.write_takes = Duration::from_millis(milliseconds);
                let mut shell = shell(setup);
                let visited = entry.visit().go(&mut shell);
                assert_unharmed(&mut shell, entry, &visited);
                // A frame of one chunk goes through, so that a wrong PIN may be told even so.
                let ends = direct.is_end_of(&visited);
                assert!(ends || !holds, "{name}, {milliseconds} ms: {visited:?}");
            }
        }
    }
}
