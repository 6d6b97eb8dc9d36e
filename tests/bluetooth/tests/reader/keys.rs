//! The authentication, where one side does not know the key, or is not what it was.

use bluetooth::{End, Setup, Shell};
use reader::{ReaderError, State};
use sandbox_reader::ble::{Fault, MasterKey, Mishap, Place};

use crate::support::{Direct, Entry, shell};

/// A reader to which this happens while it is authenticated.
fn refusing(answer: u32, mishap: Mishap) -> Shell {
    let mut setup = Setup::acs();
    setup.reader.faults = vec![Fault { at: Place::Answer(answer), mishap }];
    shell(setup)
}

/// The visit ends before it begins: the reader is asked once, nothing goes to the card, and somebody is told.
fn assert_left_alone(mut shell: Shell, why: ReaderError) {
    let visited = Entry::RightPin.visit().go(&mut shell);
    assert!(matches!(visited.end, End::Reader(error) if error == why), "{why:?}: {visited:?}");
    assert!(visited.losses.is_empty());
    assert_eq!(shell.card().commands, [[0; 0]; 0]);
    assert!(!shell.states().contains(&State::Authenticated), "{:?}", shell.states());
    // At most both messages of one authentication.
    assert!(shell.reader.sent().0 <= 2, "{why:?}: {:?}", shell.reader.sent());
}

#[test]
fn a_key_that_the_reader_does_not_have_is_tried_once() {
    let mut only_the_shell = Setup::acs_with_key();
    only_the_shell.reader.master_key = MasterKey::FACTORY;
    let mut only_the_reader = Setup::acs();
    only_the_reader.reader.master_key = MasterKey::new([0x42; 16]);
    for setup in [only_the_shell, only_the_reader] {
        assert_left_alone(shell(setup), ReaderError::AuthenticationRefused);
    }
}

#[test]
fn a_reader_that_drew_another_random_than_it_gave_refuses() {
    assert_left_alone(refusing(1, Mishap::WrongRandomA), ReaderError::AuthenticationRefused);
    // The same, seen from the other side: what it gave was changed.
    let block = [0x77; 16];
    let changed =
        Mishap::Corrupt { layer: sandbox_reader::ble::Layer::Message, at: 12, xor: 1, mended: true };
    assert_left_alone(refusing(0, changed), ReaderError::AuthenticationRefused);
    // Any block may be a challenge: nobody can tell.
    let direct = Direct::new(Entry::RightPin);
    assert!(direct.is_end_of(&Entry::RightPin.visit().go(&mut refusing(0, Mishap::Challenge { block }))));
}

#[test]
fn a_reader_that_does_not_prove_that_it_knows_the_key_gets_no_command() {
    assert_left_alone(refusing(1, Mishap::WrongRandomB), ReaderError::WrongKey);
}

#[test]
fn a_reader_that_reports_why_it_refuses_is_left_alone() {
    for (code, why) in [(0x04, ReaderError::AuthenticationRefused), (0x07, ReaderError::TooManyAttempts)] {
        for answer in [0, 1] {
            assert_left_alone(refusing(answer, Mishap::HardwareError { code, worked: false }), why);
        }
    }
}

#[test]
fn a_link_is_confidential_with_a_key_of_ones_own_and_once_it_is_proven() {
    for (name, setup) in Setup::all() {
        let mut shell = shell(setup.clone());
        assert!(!shell.session().is_confidential(), "{name}");
        shell.connect().expect("nothing goes wrong");
        assert_eq!(shell.session().is_confidential(), setup.key.is_some(), "{name}");
    }
}
