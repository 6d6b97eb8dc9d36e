//! Another card in the place of the one that was asked: it is told nothing that was meant for the first.

use core::time::Duration;

use bluetooth::{End, Setup, Shell};
use jpki::TapError;
use reader::ReaderError;
use sandbox_card::VirtualCard;
use sandbox_reader::ble::{Activation, CardNotices, Model, SwapNotices};

use crate::support::{Direct, Entry, card, hanako, shell};

/// VERIFY (ISO/IEC 7816-4 §11.5.6).
const VERIFY: u8 = 0x20;

/// Every kind, with each way in which a swap may be told and power be given.
fn setups() -> Vec<(&'static str, Setup)> {
    let mut setups = Vec::new();
    for (name, setup) in Setup::all() {
        for swap_notices in [SwapNotices::Two, SwapNotices::One] {
            for activation in [Activation::OnRequest, Activation::OnArrival] {
                let mut setup = setup.clone();
                (setup.reader.swap_notices, setup.reader.activation) = (swap_notices, activation);
                setups.push((name, setup));
            }
        }
    }
    setups
}

/// Whether the reader gives a card power that has arrived. ACS' does, as it comes from the factory.
fn gives_power(setup: &Setup) -> bool {
    setup.model == Model::Acr1255uJ1 || setup.reader.activation == Activation::OnArrival
}

#[test]
fn another_card_is_told_nothing_before_it_is_given_power_by_us() {
    for (name, setup) in setups() {
        let mut shell = shell(setup.clone());
        shell.connect().expect("nothing goes wrong");
        shell.power_on().expect("a card");
        shell.insert(hanako());
        shell.idle(Duration::from_secs(1));
        assert_eq!(
            shell.transmit(&[0x00, 0x20, 0x00, 0x98]),
            Err(ReaderError::CardAbsent),
            "{name}, {setup:?}"
        );
        assert_eq!(shell.card().commands, [[0; 0]; 0], "{name}, {setup:?}");
    }
}

/// After so many commands of a visit his card takes the place of hers. `heard`: its notification is there before the
/// next command is given; otherwise it is still on its way.
fn swapped(setup: &Setup, entry: Entry, after: usize, heard: bool) -> (End, u32, Shell) {
    let mut shell = shell(setup.clone());
    let (mut commands, mut hers) = (0, None::<VirtualCard>);
    let visited = entry.visit().go_with(&mut shell, |shell| {
        if commands == after {
            hers = shell.insert(card("jiro"));
            if heard {
                shell.idle(Duration::from_secs(1));
            }
        }
        commands += 1;
    });
    let hers = hers.map_or(0, |card| card.failed_verifies());
    (visited.end, hers, shell)
}

#[test]
fn a_pin_that_was_typed_for_one_card_does_nothing_on_another() {
    for entry in [Entry::RightPin, Entry::WrongPin] {
        let length = Direct::new(entry).commands.len();
        for (name, setup) in setups() {
            // From the head of the certificate on it is known whose card it was.
            for after in 2..length {
                for heard in [true, false] {
                    let (end, hers, mut shell) = swapped(&setup, entry, after, heard);
                    let context = format!("{name}, {setup:?}, after {after}, {heard}: {end:?}");
                    // By the manual's words the one notification of a swap says "left": the answer that follows counts.
                    let taken_for_hers = !heard
                        && setup.reader.card_notices == CardNotices::TwoIsPresent
                        && matches!(end, End::Tap(TapError::Unreadable { .. }));
                    assert!(taken_for_hers || matches!(end, End::Tap(TapError::AnotherCard)), "{context}");
                    assert_eq!((hers, shell.card().plugged.card.failed_verifies()), (0, 0), "{context}");
                    // A reader that gives power by itself passes on to his card the one command that was on its way. It
                    // has nothing selected, and refuses that.
                    let told = shell
                        .card()
                        .commands
                        .iter()
                        .filter(|command| command[1] == VERIFY && command.len() > 4);
                    let passes_on = !heard && gives_power(&setup);
                    assert!(told.count() <= usize::from(passes_on), "{context}");
                    assert_eq!(shell.card().plugged.card.pin_tries_left(), 3, "{context}");
                }
            }
        }
    }
}

#[test]
fn a_card_that_was_swapped_before_it_was_known_costs_one_try_at_most() {
    for (name, setup) in setups() {
        for after in [0, 1] {
            for heard in [true, false] {
                let (end, hers, mut shell) = swapped(&setup, Entry::WrongPin, after, heard);
                let his = shell.card().plugged.card.failed_verifies();
                assert!(hers + his <= 1, "{name}, {setup:?}, after {after}, {heard}: {end:?}");
            }
        }
    }
}
