//! The ACS reader when nothing goes wrong.

use std::time::Duration;

use proptest::prelude::*;
use sandbox_card::Person;
use sandbox_reader::ble::{
    CardNotices, Cuts, GattError, MasterKey, Model, Options, PollingAnswer, State, SwapNotices, Uuid,
};
use sandbox_reader::{Interface, Plugged};
use time::macros::date;

use crate::acs_host::{AUTH_1, Heard, Host, MODEL, encrypt, frame, message};
use crate::{ATR, Echo, heard, seconds};

const SLOT_STATUS: (u8, u8, &[u8]) = (0x65, 0x00, &[]);
const POWER_ON: (u8, u8, &[u8]) = (0x62, 0x00, &[]);
const POWER_OFF: (u8, u8, &[u8]) = (0x63, 0x00, &[]);
const START_POLLING: [u8; 5] = [0xE0, 0x00, 0x00, 0x40, 0x01];
const STOP_POLLING: [u8; 5] = [0xE0, 0x00, 0x00, 0x40, 0x00];

fn ask(host: &mut Host<Echo>, (kind, parameter, payload): (u8, u8, &[u8])) -> Heard {
    host.ask(kind, parameter, payload)
}

fn error(code: u8) -> Heard {
    Heard::Message(0x51, code, Vec::new())
}

fn notice(parameter: u8) -> Heard {
    Heard::Message(0x50, parameter, Vec::new())
}

#[test]
fn everything_but_authentication_is_refused_in_the_clear_before_it() {
    let mut host = Host::<Echo>::connected(Options::default());
    host.reader.insert(Echo::default());
    let requests = [
        SLOT_STATUS,
        POWER_ON,
        POWER_OFF,
        (0x6F, 0x00, &[0x00, 0x20, 0x00, 0x98]),
        (0x6B, 0x00, &START_POLLING),
        (0x6B, 0x00, &[0xE0, 0x00, 0x00, 0x18, 0x00]),
        // The second step without the first.
        (0x6B, 0x00, &[0xE0, 0x00, 0x00, 0x46, 0x00]),
        (0x99, 0x00, &[]),
    ];
    for request in requests {
        assert_eq!(ask(&mut host, request), error(0x04), "{request:02X?}");
    }
    assert!(host.authenticate());
    let card = host.reader.remove().expect("it lay there");
    assert!(card.commands.is_empty());
}

#[test]
fn a_key_that_is_not_the_readers_opens_nothing() {
    let mut host = Host::<Echo>::connected(Options {
        master_key: MasterKey::new(*b"a customer's key"),
        ..Options::default()
    });
    assert!(!host.authenticate());
    // The reader's answer says so in its last byte; it holds no session.
    let first = host.ask(0x6B, 0x00, &AUTH_1);
    assert!(matches!(first, Heard::Message(0x83, 0x00, answer) if answer.len() == 21));
    let mut wrong = vec![0xE0, 0x00, 0x00, 0x46, 0x00];
    wrong.resize(37, 0x00);
    assert_eq!(host.ask(0x6B, 0x00, &wrong), Heard::Message(0x83, 0x00, vec![0xE1, 0x00, 0x00, 0x46, 0x01]));
    assert_eq!(ask(&mut host, SLOT_STATUS), error(0x04));
    // One chance a challenge: the right proof, a second time, is too late.
    assert_eq!(host.ask(0x6B, 0x00, &wrong), error(0x04));

    host.master_key = *b"a customer's key";
    assert!(host.authenticate());
}

#[test]
fn a_challenge_is_not_the_one_before_and_comes_again_by_its_seed() {
    let challenge = |seed| {
        let mut host = Host::<Echo>::connected(Options { seed, ..Options::default() });
        let Heard::Message(0x83, _, first) = host.ask(0x6B, 0x00, &AUTH_1) else {
            panic!("it is a challenge")
        };
        let Heard::Message(0x83, _, second) = host.ask(0x6B, 0x00, &AUTH_1) else {
            panic!("it is a challenge")
        };
        assert_ne!(first, second);
        (first, second)
    };
    assert_eq!(challenge(1), challenge(1));
    assert_ne!(challenge(1), challenge(2));
}

#[test]
fn no_card_is_heard_of_before_polling_or_after() {
    let mut host = Host::<Echo>::connected(Options::default());
    assert_eq!(host.reader.state(), State::Connected);
    host.reader.insert(Echo::default());
    assert!(host.authenticate());
    assert_eq!(host.hear(), Heard::Nothing);
    assert_eq!(host.reader.state(), State::Authenticated);
    assert_eq!(ask(&mut host, SLOT_STATUS), Heard::Message(0x81, 0x02, Vec::new()));

    let started = Heard::Message(0x83, 0x00, vec![0xE1, 0x00, 0x00, 0x40, 0x01]);
    assert_eq!(host.ask(0x6B, 0x00, &START_POLLING), started);
    assert_eq!(host.hear(), notice(0x03));
    assert_eq!(host.reader.state(), State::Powered);

    let stopped = Heard::Message(0x83, 0x00, vec![0xE1, 0x00, 0x00, 0x40, 0x00]);
    assert_eq!(host.ask(0x6B, 0x00, &STOP_POLLING), stopped);
    assert_eq!(host.hear(), Heard::Nothing);
    assert_eq!(host.reader.state(), State::Authenticated);
    assert!(!host.reader.card().expect("it lies there").powered);
    host.reader.remove();
    assert_eq!(host.hear(), Heard::Nothing);
}

#[test]
fn swapped_with_one_notice_and_active() {
    for (swap_notices, told) in [(SwapNotices::Two, vec![0x02, 0x03]), (SwapNotices::One, vec![0x03])] {
        let options = Options { swap_notices, ..Options::default() };
        let mut host = Host::powered(options, Echo::default());
        let before = host.reader.insert(Echo::default()).expect("it lay there");
        assert!(!before.powered);
        for parameter in told {
            assert_eq!(host.hear(), notice(parameter));
        }
        assert_eq!(host.hear(), Heard::Nothing);
        // Nothing but the notice says that it is another card.
        assert_eq!(ask(&mut host, SLOT_STATUS), Heard::Message(0x81, 0x00, Vec::new()));
        assert_eq!(host.reader.state(), State::Powered);
    }
}

#[test]
fn old_and_new_firmware_differ_in_two_switches() {
    for (card_notices, arrived, left) in
        [(CardNotices::ThreeIsPresent, 0x03, 0x02), (CardNotices::TwoIsPresent, 0x02, 0x03)]
    {
        for (polling_answer, echo) in [(PollingAnswer::Echo, 0x40), (PollingAnswer::Zero, 0x00)] {
            let mut host = Host::connected(Options { card_notices, polling_answer, ..Options::default() });
            assert!(host.authenticate());
            let started = Heard::Message(0x83, 0x00, vec![0xE1, 0x00, 0x00, echo, 0x01]);
            assert_eq!(host.ask(0x6B, 0x00, &START_POLLING), started);
            host.reader.insert(Echo::default());
            assert_eq!(host.hear(), notice(arrived));
            host.reader.remove();
            assert_eq!(host.hear(), notice(left));
            host.reader.advance(seconds(60));
            assert_eq!(host.hear(), notice(0x04));
        }
    }
}

#[test]
fn a_card_has_power_from_its_arrival_unless_the_settings_say_otherwise() {
    let mut host = Host::polling(Options::default());
    assert_eq!(
        host.ask(0x6B, 0x00, &[0xE0, 0x00, 0x00, 0x23, 0x00]),
        Heard::Message(0x83, 0x00, vec![0xE1, 0x00, 0x00, 0x00, 0x01, 0x8F])
    );
    host.reader.insert(Echo::default());
    assert_eq!(host.hear(), notice(0x03));
    assert_eq!(host.ask(0x6F, 0x00, &[0x07]), Heard::Message(0x80, 0x00, vec![0x07, 0x90, 0x00]));
    host.reader.remove();
    assert_eq!(host.hear(), notice(0x02));

    let without_activation = [0xE0, 0x00, 0x00, 0x23, 0x01, 0x87];
    assert!(matches!(host.ask(0x6B, 0x00, &without_activation), Heard::Message(0x83, 0x00, _)));
    host.reader.insert(Echo::default());
    assert_eq!(host.hear(), notice(0x03));
    assert_eq!(host.reader.state(), State::CardPresent);
    assert_eq!(ask(&mut host, SLOT_STATUS), Heard::Message(0x81, 0x01, Vec::new()));
    assert_eq!(host.ask(0x6F, 0x00, &[0x07]), Heard::Message(0x80, 0x41, Vec::new()));
    assert_eq!(ask(&mut host, POWER_ON), Heard::Message(0x80, 0x00, ATR.to_vec()));
    assert_eq!(host.reader.state(), State::Powered);
    assert_eq!(ask(&mut host, SLOT_STATUS), Heard::Message(0x81, 0x00, Vec::new()));
    assert_eq!(ask(&mut host, POWER_OFF), Heard::Message(0x81, 0x01, Vec::new()));
    assert_eq!(host.reader.state(), State::CardPresent);

    // The settings stay when the connection ends.
    host.reader.disconnect();
    host.connect();
    assert!(host.authenticate());
    assert!(matches!(host.ask(0x6B, 0x00, &START_POLLING), Heard::Message(0x83, 0x00, _)));
    assert_eq!(host.hear(), notice(0x03));
    assert_eq!(host.reader.state(), State::CardPresent);
}

#[test]
fn a_card_that_says_nothing_and_a_card_that_is_not_there_are_told_apart() {
    let mut host = Host::polling(Options::default());
    assert_eq!(ask(&mut host, POWER_ON), Heard::Message(0x80, 0x42, Vec::new()));
    host.reader.insert(Echo { mute: true, ..Echo::default() });
    assert_eq!(host.hear(), notice(0x03));
    assert_eq!(ask(&mut host, POWER_ON), Heard::Message(0x80, 0x41, Vec::new()));
    assert!(!host.reader.card().expect("it lies there").powered);
}

#[test]
fn firmware_serial_number_battery_and_device_information_can_be_asked_for() {
    let mut host = Host::<Echo>::connected(Options::default());
    assert!(host.authenticate());
    for (code, text) in [(0x18, MODEL.firmware()), (0x47, Model::SERIAL_NUMBER)] {
        let Heard::Message(0x83, 0x00, answer) = host.ask(0x6B, 0x00, &[0xE0, 0x00, 0x00, code, 0x00]) else {
            panic!("it is answered");
        };
        let (head, said) = answer.split_at(5);
        assert_eq!(head[..4], [0xE1, 0x00, 0x00, 0x00]);
        assert_eq!((usize::from(head[4]), said), (text.len(), text.as_bytes()));
    }

    assert_eq!(host.reader.read(Model::BATTERY_LEVEL), Ok(vec![100]));
    host.reader.set_battery(55);
    assert_eq!(heard(&mut host.reader).0, []);
    host.reader.subscribe(Model::BATTERY_LEVEL, true).expect("it notifies");
    host.reader.set_battery(55);
    assert_eq!(heard(&mut host.reader).0, []);
    host.reader.set_battery(54);
    assert_eq!(heard(&mut host.reader).0, [(Model::BATTERY_LEVEL, vec![54])]);
    host.reader.subscribe(Model::BATTERY_LEVEL, false).expect("it notifies");
    host.reader.set_battery(53);
    assert_eq!(heard(&mut host.reader).0, []);
    assert_eq!(host.reader.read(Model::BATTERY_LEVEL), Ok(vec![53]));

    assert_eq!(host.reader.read(Uuid::assigned(0x2A24)), Ok(b"ACR1255U-J1".to_vec()));
    for number in [0x2A23, 0x2A25, 0x2A26, 0x2A27, 0x2A29] {
        assert!(!host.reader.read(Uuid::assigned(number)).expect("it can be read").is_empty());
    }
}

#[test]
fn what_gatt_does_not_permit_is_refused() {
    let mut host = Host::<Echo>::connected(Options::default());
    let reader = &mut host.reader;
    let nobody = Uuid::assigned(0x1234);
    assert_eq!(reader.read(nobody), Err(GattError::InvalidHandle));
    assert_eq!(reader.write(nobody, &[]), Err(GattError::InvalidHandle));
    assert_eq!(reader.subscribe(nobody, true), Err(GattError::InvalidHandle));
    assert_eq!(reader.read(MODEL.commands()), Err(GattError::ReadNotPermitted));
    assert_eq!(reader.write(MODEL.answers(), &[]), Err(GattError::WriteNotPermitted));
    assert_eq!(reader.subscribe(MODEL.commands(), true), Err(GattError::RequestNotSupported));
    assert_eq!(reader.write(MODEL.commands(), &[0; 21]), Err(GattError::InvalidAttributeValueLength));
    assert_eq!(reader.connect(), Err(GattError::NotAdvertising));
    reader.disconnect();
    assert_eq!(reader.read(Model::BATTERY_LEVEL), Err(GattError::NotConnected));
    assert_eq!(reader.write(MODEL.commands(), &[]), Err(GattError::NotConnected));
    assert_eq!(reader.subscribe(MODEL.answers(), true), Err(GattError::NotConnected));
}

#[test]
fn what_is_no_frame_or_no_message_is_answered_with_its_error() {
    let mut host = Host::<Echo>::polling(Options::default());
    let good = host.framed(0x65, 0x00, &[]);
    let answer = Heard::Message(0x81, 0x02, Vec::new());

    // Noise before a start byte is passed over.
    host.write(&[&[0x00, 0x0A, 0xFF][..], &good].concat());
    assert_eq!(host.hear(), answer);
    // Any byte of data, the checksum, the stop byte.
    for at in 3..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        host.write(&bad);
        assert_eq!(host.hear(), error(0x01), "byte {at}");
    }
    // A block that is no multiple of 16, and none at all.
    host.write(&frame(&message(0x65, 0x00, &[])));
    assert_eq!(host.hear(), error(0x06));
    host.write(&frame(&[]));
    assert_eq!(host.hear(), error(0x06));
    // Inside: a wrong checksum, a length that is too long, another slot, an unknown type.
    let session = host.session.expect("it was opened");
    for (at, xor, code) in [(6, 0x01, 0x01), (2, 0x40, 0x06)] {
        let mut data = message(0x65, 0x00, &[]);
        data[at] ^= xor;
        data.resize(16, 0xFF);
        encrypt(&session, &mut data);
        host.write(&frame(&data));
        assert_eq!(host.hear(), error(code));
    }
    let mut data = message(0x65, 0x00, &[]);
    data[3] = 0x01;
    data[6] ^= 0x01;
    data.resize(16, 0xFF);
    encrypt(&session, &mut data);
    host.write(&frame(&data));
    assert_eq!(host.hear(), error(0x03));
    for unknown in
        [(0x72, 0x00, &[][..]), (0x62, 0x00, &[0x00]), (0x6B, 0x00, &[0xE0, 0x00, 0x00, 0x99, 0x00])]
    {
        assert_eq!(ask(&mut host, unknown), error(0x03));
    }
    // After all that, it still works.
    host.write(&good);
    assert_eq!(host.hear(), answer);
}

#[test]
fn a_long_command_may_come_in_parts() {
    let mut host = Host::powered(Options::default(), Echo::default());
    let command: Vec<u8> = (0..=255).cycle().take(700).collect();
    let nothing = Heard::Message(0x80, 0x00, Vec::new());
    assert_eq!(host.ask(0x6F, 0x01, &command[..256]), nothing);
    assert_eq!(host.ask(0x6F, 0x03, &command[256..512]), nothing);
    assert_eq!(
        host.ask(0x6F, 0x02, &command[512..]),
        Heard::Message(0x80, 0x00, [&command, &b"\x90\x00"[..]].concat())
    );
    assert_eq!(host.reader.card().expect("it lies there").commands, [command]);
    // A part of nothing, and an unknown parameter.
    assert_eq!(host.ask(0x6F, 0x02, &[0x00]), error(0x03));
    assert_eq!(host.ask(0x6F, 0x10, &[]), error(0x03));
}

#[test]
fn the_virtual_card_behind_it_keeps_its_counter() {
    let hanako = Person::named("hanako").expect("she is one of the named persons");
    let card = Plugged::new(hanako.personalise(date!(2026 - 11 - 23)), Interface::Contactless);
    let mut host = Host::powered(Options::default(), card);
    let select = b"\x00\xA4\x04\x0C\x0A\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01";
    assert_eq!(host.ask(0x6F, 0x00, select), Heard::Message(0x80, 0x00, vec![0x90, 0x00]));
    let wrong = b"\x00\x20\x00\x98\x049999";
    assert_eq!(host.ask(0x6F, 0x00, wrong), Heard::Message(0x80, 0x00, vec![0x63, 0xC2]));
    let card = host.reader.remove().expect("it lay there");
    assert_eq!(card.card.pin_tries_left(), 2);
    assert_eq!(host.reader.insert(card).map(|_| ()), None);
    assert_eq!((host.hear(), host.hear()), (notice(0x02), notice(0x03)));
    assert!(matches!(host.ask(0x62, 0x00, &[]), Heard::Message(0x80, 0x00, _)));
    assert_eq!(host.ask(0x6F, 0x00, select), Heard::Message(0x80, 0x00, vec![0x90, 0x00]));
    assert_eq!(host.ask(0x6F, 0x00, b"\x00\x20\x00\x98"), Heard::Message(0x80, 0x00, vec![0x63, 0xC2]));
}

proptest! {
    #[test]
    fn bytes_without_a_session_reach_no_card(
        values in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..=20), 0..40),
        seed: u64,
    ) {
        let mut host = Host::connected(Options { seed, cuts: Cuts::Random, ..Options::default() });
        host.reader.insert(Echo::default());
        for value in values {
            host.reader.write(MODEL.commands(), &value).expect("the link is up");
            host.reader.advance(Duration::from_millis(500));
        }
        prop_assert!(!host.reader.card().expect("it lies there").powered);
        prop_assert_eq!(host.reader.state(), State::Connected);
    }

    #[test]
    fn any_message_in_a_session_is_answered_once(
        kind: u8,
        parameter: u8,
        payload in proptest::collection::vec(any::<u8>(), 0..600),
        seed: u64,
    ) {
        let options = Options { seed, cuts: Cuts::Random, ..Options::default() };
        let mut host = Host::powered(options, Echo::default());
        let answer = host.ask(kind, parameter, &payload);
        prop_assert!(matches!(answer, Heard::Message(0x51 | 0x80..=0x83, _, _)), "{:?}", answer);
        prop_assert_eq!(host.hear(), Heard::Nothing);
    }
}
