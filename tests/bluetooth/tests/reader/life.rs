//! What a reader tells of itself, and its life: sleep, loss, and cards that come and go.

use core::time::Duration;

use bluetooth::{Setup, Shell};
use reader::{Battery, ReaderError, Session, SleepDelay, State};
use sandbox_reader::ble::{self, Fault, Mishap, Model, Place};

use crate::support::{Direct, Entry, hanako, shell};

const LONG: Duration = Duration::from_hours(1);

#[test]
fn a_reader_tells_its_battery_firmware_and_serial_number() {
    for (name, setup) in Setup::all() {
        let mut shell = shell(setup.clone());
        shell.connect().expect("nothing goes wrong");
        let info = shell.info();
        assert_eq!(info.name, setup.model.advertised_name(), "{name}");
        assert_eq!(info.battery, Some(Battery::Percent(100)), "{name}");
        assert_eq!(info.firmware.as_deref(), Some(setup.model.firmware()), "{name}");
        assert_eq!(info.serial.as_deref(), Some(Model::SERIAL_NUMBER), "{name}");
        shell.reader.set_battery(41);
        shell.idle(Duration::from_secs(1));
        assert_eq!(shell.info().battery, Some(Battery::Percent(41)), "{name}");
    }
}

#[test]
fn an_acs_reader_tells_firmware_and_serial_number_by_its_own_commands_too() {
    for setup in [Setup::acs(), Setup::acs_by_the_old_manual()] {
        let mut shell = shell(setup);
        shell.connect().expect("nothing goes wrong");
        let (before, _) = shell.reader.sent();
        shell.ask(Session::ask_firmware).expect("it can");
        shell.ask(Session::ask_serial).expect("it can");
        assert!(shell.reader.sent().0 >= before + 2);
        assert_eq!(shell.info().firmware.as_deref(), Some(Model::Acr1255uJ1.firmware()));
        assert_eq!(shell.info().serial.as_deref(), Some(Model::SERIAL_NUMBER));
    }
}

#[test]
fn a_sleep_delay_is_told_at_the_beginning_or_later_and_kept_to() {
    for (setup, delay, seconds) in [
        (Setup::acs(), SleepDelay::Seconds120, Some(120)),
        (Setup::acs_by_the_old_manual(), SleepDelay::Seconds90, Some(90)),
        (Setup::acs(), SleepDelay::Never, None),
        (Setup::feitian(), SleepDelay::Never, None),
    ] {
        for at_once in [true, false] {
            let mut setup = setup.clone();
            setup.sleep = at_once.then_some(delay);
            let mut shell = Shell::new(setup.clone());
            shell.connect().expect("nothing goes wrong");
            shell.idle(Duration::from_secs(5));
            if !at_once {
                shell.ask(|session, now| session.set_sleep_delay(delay, now)).expect("it can");
            }
            assert_eq!(shell.info().sleep_delay, Some(delay), "{setup:?}");
            shell.idle(Duration::from_secs(seconds.unwrap_or(170) - 10));
            assert!(shell.session().state().is_ready(), "{setup:?}");
            shell.idle(LONG);
            assert_eq!(shell.session().state() == State::Lost, seconds.is_some(), "{setup:?}");
        }
    }
}

#[test]
fn a_reader_that_slept_is_woken_and_works_on() {
    let direct = Direct::new(Entry::RightPin);
    for (name, setup) in Setup::all() {
        let mut shell = shell(setup.clone());
        shell.connect().expect("nothing goes wrong");
        shell.idle(LONG);
        assert_eq!(shell.reader.state(), ble::State::Asleep, "{name}");
        // An ACS reader says that it goes; a Feitian reader is just gone.
        let acs = setup.model == Model::Acr1255uJ1;
        assert_eq!(shell.states().contains(&State::Asleep), acs, "{name}");
        let loss = if acs { ReaderError::Asleep } else { ReaderError::LinkLost };
        assert_eq!(shell.session().loss(), Some(loss), "{name}");
        let visited = Entry::RightPin.visit().go(&mut shell);
        assert!(direct.is_end_of(&visited), "{name}: {visited:?}");
        assert!(visited.losses.is_empty());
    }
}

#[test]
fn a_link_that_is_lost_in_the_middle_of_verify_is_made_again_and_the_counter_decides() {
    const COUNTER: [u8; 4] = [0x00, 0x20, 0x00, 0x98];
    for entry in [Entry::RightPin, Entry::WrongPin] {
        let direct = Direct::new(entry);
        for (name, setup) in Setup::all() {
            let verify = direct.commands.iter().position(|command| is_verify(command)).expect("a VERIFY");
            let mut shell = shell(setup);
            shell.connect().expect("nothing goes wrong");
            shell.await_card();
            shell.idle(Duration::from_secs(1));
            // Power on is answered first.
            let at = Place::Answer(shell.reader.sent().0 + 1 + u32::try_from(verify).expect("few"));
            shell.reader.add_faults([Fault { at, mishap: Mishap::Drop { after: 3 } }]);
            let visited = entry.visit().go(&mut shell);
            assert_eq!(visited.losses, [ReaderError::LinkLost], "{name}");
            assert!(direct.is_end_of(&visited), "{name}: {visited:?}");
            let card = shell.card();
            let sent: Vec<_> = card.commands.iter().filter(|command| command[..4] == COUNTER).collect();
            let verified: Vec<_> = sent.iter().map(|command| is_verify(command)).collect();
            let expected: &[bool] = match entry {
                // Counter, VERIFY; counter as before: the PIN was not wrong, and is sent once more.
                Entry::RightPin => &[false, true, false, true],
                // Counter, VERIFY; one lower: it was wrong, and is not sent again.
                _ => &[false, true, false],
            };
            assert_eq!(verified, expected, "{name}");
            assert_eq!(card.plugged.card.failed_verifies(), u32::from(entry == Entry::WrongPin), "{name}");
        }
    }
}

fn is_verify(command: &[u8]) -> bool {
    command[1] == 0x20 && command.len() > 4
}

#[test]
fn a_card_comes_and_goes_as_either_manual_tells_it() {
    for (name, setup) in Setup::all() {
        let mut shell = Shell::new(setup);
        shell.connect().expect("nothing goes wrong");
        shell.idle(Duration::from_secs(1));
        for _ in 0..3 {
            assert_eq!(shell.session().state(), State::Polling, "{name}");
            shell.insert(hanako());
            shell.idle(Duration::from_secs(1));
            assert_eq!(shell.session().state(), State::Card, "{name}");
            shell.power_on().expect("a card");
            shell.idle(Duration::from_secs(1));
            assert_eq!(shell.session().state(), State::Powered, "{name}");
            drop(shell.reader.remove());
            shell.idle(Duration::from_secs(1));
        }
        assert_eq!(shell.transmit(&[0x00, 0x20, 0x00, 0x98]), Err(ReaderError::CardAbsent), "{name}");
    }
}

#[test]
fn a_goodbye_leaves_the_reader_idle_and_the_card_without_power() {
    for (name, setup) in Setup::all() {
        let mut shell = shell(setup);
        shell.connect().expect("nothing goes wrong");
        shell.power_on().expect("a card");
        shell.ask(Session::goodbye).expect("it is ready");
        assert_eq!((shell.session().state(), shell.session().loss()), (State::Lost, None), "{name}");
        assert_eq!(shell.reader.state(), ble::State::Disconnected, "{name}");
        assert_eq!(shell.card().plugged.card.transmit(&[0x00, 0x20, 0x00, 0x98]), [0; 0], "{name}");
    }
}
