//! Each mishap that can be noticed, at each byte of an answer: the next tap gives what the first one should have.
//!
//! Swept byte by byte: every answer of a tap with a wrong PIN, where a mistake costs a try, VERIFY among them; the
//! authentication and all else before the card; notifications. The signature is swept at each fourth byte. Sampled, at
//! each 41st byte and others for each answer: the rest of a tap with the right PIN and of one with a birth date, which
//! are 270 bytes again and again, taken by the codec as those that are swept. With `MADOGUCHI_SWEEP=all` in the environment
//! every byte of these is swept, too, which took 46 minutes beside other work.

use core::time::Duration;

use bluetooth::Setup;
use sandbox_reader::ble::{CardEvent, Fault, Layer, Mishap, Model, Place};

use crate::support::{Direct, Entry, assert_unharmed, shell};

/// What may happen at a byte.
fn at_a_byte(setup: &Setup, at: usize) -> Vec<Mishap> {
    // Both are slow; one is too slow.
    let pause = |seconds| Mishap::Pause { after: at, time: Duration::from_secs(seconds) };
    let mut mishaps = vec![Mishap::Drop { after: at }, Mishap::Stall { after: at }, pause(4), pause(40)];
    if setup.model == Model::Acr1255uJ1 {
        // The start, the length, the data, both checksums, the end.
        mishaps.push(Mishap::Corrupt { layer: Layer::Frame, at, xor: 1 << (at % 8), mended: false });
        mishaps.push(Mishap::Corrupt { layer: Layer::Message, at, xor: 0xFF, mended: false });
    } else {
        mishaps.push(Mishap::Interject { after: at, events: vec![CardEvent::Arrived] });
        mishaps.push(Mishap::Interject { after: at, events: vec![CardEvent::Left, CardEvent::Arrived] });
    }
    mishaps
}

/// At each so many bytes, or at each byte where somebody wants to wait for it.
fn each(bytes: usize) -> usize {
    if std::env::var_os("MADOGUCHI_SWEEP").is_some_and(|sweep| sweep == "all") { 1 } else { bytes }
}

/// The number of the answer to the command with this instruction byte, data field included where there is one.
fn answer_to(direct: &Direct, ins: u8) -> usize {
    let at = direct.commands.iter().rposition(|command| command[1] == ins).expect("it is asked");
    at + 1
}

fn sweep(direct: &Direct, setup: &Setup, answer: usize, bytes: impl Iterator<Item = usize>) {
    for at in bytes {
        for mishap in at_a_byte(setup, at) {
            direct.hold_in_spite_of(setup, answer, &mishap);
        }
    }
}

#[test]
fn a_wrong_pin_costs_one_try_whatever_happens_to_an_acs_reader_at_whichever_byte() {
    wrong_pin(&Setup::acs_with_key());
}

#[test]
fn a_wrong_pin_costs_one_try_whatever_happens_to_a_ccid_reader_at_whichever_byte() {
    wrong_pin(&Setup::feitian());
}

fn wrong_pin(setup: &Setup) {
    let direct = Direct::new(Entry::WrongPin);
    for (answer, length) in direct.frames(setup).into_iter().enumerate() {
        sweep(&direct, setup, answer, 0..=length);
    }
}

#[test]
fn a_signature_is_made_whatever_happens_to_it_at_whichever_byte() {
    const COMPUTE_DIGITAL_SIGNATURE: u8 = 0x2A;
    let direct = Direct::new(Entry::RightPin);
    for setup in [Setup::acs(), Setup::feitian()] {
        let answer = answer_to(&direct, COMPUTE_DIGITAL_SIGNATURE);
        sweep(&direct, &setup, answer, (0..=direct.frames(&setup)[answer]).step_by(each(4)));
    }
}

#[test]
fn what_is_read_is_read_whatever_happens_at_a_byte_here_and_there() {
    for entry in [Entry::RightPin, Entry::RightBirth] {
        let direct = Direct::new(entry);
        for setup in [Setup::acs_by_the_old_manual(), Setup::feitian_second()] {
            for (answer, length) in direct.frames(&setup).into_iter().enumerate() {
                sweep(&direct, &setup, answer, (answer % each(11)..=length).step_by(each(41)));
            }
        }
    }
}

/// What is said before there is a card, one fault in each life of a reader.
#[test]
fn a_connection_is_made_again_whatever_happens_at_whichever_byte_of_it() {
    let direct = Direct::new(Entry::WrongPin);
    for setup in [Setup::acs(), Setup::feitian()] {
        let answers = if setup.model == Model::Acr1255uJ1 { 4 } else { 1 };
        for answer in 0..answers {
            for mishap in (0..=37).flat_map(|at| at_a_byte(&setup, at)) {
                let mut setup = setup.clone();
                setup.reader.faults = vec![Fault { at: Place::Answer(answer), mishap: mishap.clone() }];
                let mut shell = shell(setup);
                let visited = Entry::WrongPin.visit().go(&mut shell);
                assert_unharmed(&mut shell, Entry::WrongPin, &visited);
                assert!(direct.is_end_of(&visited), "{answer}, {mishap:?}: {visited:?}");
                assert!(visited.losses.len() <= 1, "{answer}, {mishap:?}: {visited:?}");
            }
        }
    }
}

#[test]
fn a_card_is_found_whatever_happens_at_whichever_byte_of_its_notification() {
    let direct = Direct::new(Entry::WrongPin);
    for setup in [Setup::acs(), Setup::feitian()] {
        for mishap in (0..=21).flat_map(|at| at_a_byte(&setup, at)) {
            let mut setup = setup.clone();
            setup.reader.faults = vec![Fault { at: Place::Notice(0), mishap: mishap.clone() }];
            let mut shell = shell(setup);
            let visited = Entry::WrongPin.visit().go(&mut shell);
            assert_unharmed(&mut shell, Entry::WrongPin, &visited);
            assert!(direct.is_end_of(&visited), "{mishap:?}: {visited:?}");
            assert!(visited.losses.len() <= 1, "{mishap:?}: {visited:?}");
        }
    }
}
