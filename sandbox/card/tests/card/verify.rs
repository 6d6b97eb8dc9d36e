//! VERIFY and CHANGE REFERENCE DATA: counters, and how long a status lasts.

use super::*;

#[test]
fn opensc_finds_the_counters_where_it_looks_for_them() {
    let mut card = card("hanako");
    expect(&mut card, JPKI, 0x9000);
    expect(&mut card, "00A4020C020018", 0x9000);
    expect(&mut card, "00200080", 0x63C3);
    expect(&mut card, "00A4020C02001B", 0x9000);
    expect(&mut card, "00200080", 0x63C5);
    expect(&mut card, SURFACE, 0x9000);
    for id in ["11", "12", "13"] {
        expect(&mut card, &format!("00A4020C0200{id}"), 0x9000);
        expect(&mut card, "00200080", 0x63CA);
    }
}

#[test]
fn myna_finds_the_counters_where_it_looks_for_them() {
    let mut card = card("hanako");
    let mut counters = Vec::new();
    for (application, ids) in
        [(TEXT_INPUT, &["11", "14", "15"][..]), (SURFACE, &["13", "12"]), (JPKI, &["18", "1B"])]
    {
        expect(&mut card, application, 0x9000);
        for id in ids {
            expect(&mut card, &format!("00A4020C0200{id}"), 0x9000);
            counters.push(send(&mut card, "00200080").1);
        }
    }
    assert_eq!(counters, [0x63C3, 0x63CA, 0x63CA, 0x63CA, 0x63CA, 0x63C3, 0x63C5]);
}

/// Application, reference, its right value on hanako's card, its limit, what its counter says at its end.
const REFERENCES: [(&str, u8, &str, u16, u16); 10] = [
    (JPKI, 0x18, "1234", 3, 0x63C0),
    (JPKI, 0x1B, "ABC123", 5, 0x63C0),
    (SURFACE, 0x11, "550217", 10, 0x6300),
    (SURFACE, 0x12, "55021720311663", 10, 0x6300),
    (SURFACE, 0x13, "993041043374", 10, 0x6300),
    (TEXT_INPUT, 0x11, "1234", 3, 0x63C0),
    (TEXT_INPUT, 0x14, "993041043374", 10, 0x63C0),
    (TEXT_INPUT, 0x15, "55021720311663", 10, 0x63C0),
    (RESIDENT_REGISTER, 0x1C, "1234", 3, 0x63C0),
    (COMMON, 0x1C, "1234", 3, 0x63C0),
];

#[test]
fn every_reference_counts_down_to_63c0_then_says_6984_and_is_alone_in_it() {
    for (application, id, value, limit, at_its_end) in REFERENCES {
        let mut card = card("hanako");
        expect(&mut card, application, 0x9000);
        expect(&mut card, &verify(id, "000000"), 0x63C0 | (limit - 1));
        expect(&mut card, &verify(id, value), 0x9000);
        expect(&mut card, &format!("002000{:02X}", 0x80 | id), 0x63C0 | limit);
        for left in (0..limit).rev() {
            expect(&mut card, &verify(id, "000000"), 0x63C0 | left);
        }
        expect(&mut card, &verify(id, "000000"), 0x6984);
        expect(&mut card, &verify(id, value), 0x6984);
        expect(&mut card, &format!("002000{:02X}", 0x80 | id), at_its_end);
        for (other, other_id, value, limit, _) in REFERENCES {
            if (other, other_id) != (application, id) {
                expect(&mut card, other, 0x9000);
                expect(&mut card, &format!("002000{:02X}", 0x80 | other_id), 0x63C0 | limit);
                expect(&mut card, &verify(other_id, value), 0x9000);
            }
        }
    }
}

#[test]
fn three_wrong_pins_block_the_card_and_a_right_one_in_time_does_not() {
    let mut card = card("hanako");
    expect(&mut card, JPKI, 0x9000);
    expect(&mut card, WRONG_PIN, 0x63C2);
    expect(&mut card, VERIFY_PIN, 0x9000);
    expect(&mut card, WRONG_PIN, 0x63C2);
    expect(&mut card, WRONG_PIN, 0x63C1);
    expect(&mut card, WRONG_PIN, 0x63C0);
    expect(&mut card, WRONG_PIN, 0x6984);
    expect(&mut card, VERIFY_PIN, 0x6984);
    expect(&mut card, "00200098", 0x63C0);
    assert_eq!((card.failed_verifies(), card.pin_tries_left()), (4, 0));
}

#[test]
fn counters_survive_reset_and_power_off() {
    let mut card = card("hanako");
    expect(&mut card, JPKI, 0x9000);
    expect(&mut card, WRONG_PIN, 0x63C2);
    card.reset();
    expect(&mut card, JPKI, 0x9000);
    expect(&mut card, "00200098", 0x63C2);
    card.power_off();
    card.power_on();
    expect(&mut card, JPKI, 0x9000);
    expect(&mut card, "00200098", 0x63C2);
}

#[test]
fn a_wrong_length_costs_a_try_and_an_empty_body_does_not() {
    let mut card = card("hanako");
    expect(&mut card, JPKI, 0x9000);
    expect(&mut card, "0020009803313233", 0x63C2);
    expect(&mut card, "00200098", 0x63C2);
    expect(&mut card, "0020009800", 0x6700);
    expect(&mut card, "0020019804 31323334", 0x6A86);
    expect(&mut card, "0020001804 31323334", 0x6A86);
    expect(&mut card, "00A4020C020018", 0x9000);
    expect(&mut card, "00200080", 0x63C2);
    expect(&mut card, "00A4020C02000A", 0x9000);
    expect(&mut card, "00200080", 0x6981);
    expect(&mut card, "00200083", 0x6A82);
    assert_eq!(card.pin_tries_left(), 2);
}

#[test]
fn status_is_kept_by_the_same_application_and_a_reset_and_lost_otherwise() {
    let sign = format!("802A029720{}00", "07".repeat(32));
    let after = |between: fn(&mut VirtualCard)| {
        let mut card = card("hanako");
        expect(&mut card, JPKI, 0x9000);
        expect(&mut card, VERIFY_PIN, 0x9000);
        between(&mut card);
        expect(&mut card, JPKI, 0x9000);
        send(&mut card, &sign).1
    };
    assert_eq!(after(|_| ()), 0x9000);
    assert_eq!(after(|card| drop(send(card, JPKI))), 0x9000);
    assert_eq!(after(VirtualCard::reset), 0x9000);
    assert_eq!(after(|card| drop(send(card, SURFACE))), 0x6982);
    assert_eq!(after(|card| drop(send(card, "00A4040C07A0000001510000"))), 0x6982);
    assert_eq!(after(|card| drop(send(card, WRONG_PIN))), 0x6982);
    assert_eq!(
        after(|card| {
            card.power_off();
            card.power_on();
        }),
        0x6982
    );
}

#[test]
fn the_counter_after_verify_is_a_switch() {
    for (switch, status) in [(CounterAfterVerify::Tries, 0x63C3), (CounterAfterVerify::Success, 0x9000)] {
        let mut hanako = person("hanako");
        hanako.card.switches.counter_after_verify = switch;
        let mut card = powered(&hanako);
        expect(&mut card, JPKI, 0x9000);
        expect(&mut card, "00200098", 0x63C3);
        expect(&mut card, VERIFY_PIN, 0x9000);
        expect(&mut card, "00200098", status);
    }
}

#[test]
fn the_first_command_may_be_lost_once_after_power_on() {
    let mut hanako = person("hanako");
    hanako.card.switches.first_command_6f00 = true;
    let mut card = powered(&hanako);
    expect(&mut card, JPKI, 0x6F00);
    expect(&mut card, "00A4020C02000A", 0x6A82);
    expect(&mut card, JPKI, 0x9000);
    card.power_off();
    card.power_on();
    expect(&mut card, JPKI, 0x6F00);
}

#[test]
fn a_pin_is_changed_after_the_old_one_and_stays_changed() {
    let mut card = card("hanako");
    expect(&mut card, JPKI, 0x9000);
    expect(&mut card, "002401980435363738", 0x6982);
    expect(&mut card, VERIFY_PIN, 0x9000);
    expect(&mut card, "00240198033536370A", 0x6700);
    expect(&mut card, "0024019803353637", 0x6A80);
    expect(&mut card, "0024009804 35363738", 0x6A86);
    expect(&mut card, "0024019804 35363738", 0x9000);
    card.power_off();
    card.power_on();
    expect(&mut card, JPKI, 0x9000);
    expect(&mut card, VERIFY_PIN, 0x63C2);
    expect(&mut card, "002000980435363738", 0x9000);
}

#[test]
fn each_application_has_its_own_command_for_a_new_pin() {
    for (application, id, value, ..) in REFERENCES {
        let mut card = card("hanako");
        expect(&mut card, application, 0x9000);
        let commands = ["002401", "803200"].map(|command| format!("{command}80 06 373337333733"));
        let may = match (application, id) {
            (JPKI, _) | (TEXT_INPUT, 0x11) => [true, false],
            (COMMON | RESIDENT_REGISTER, _) => [false, true],
            _ => [false, false],
        };
        expect(&mut card, &format!("00A4020C0200{id:02X}"), 0x9000);
        for (command, may) in commands.iter().zip(may) {
            expect(&mut card, command, if may { 0x6982 } else { 0x6985 });
        }
        expect(&mut card, &verify(id, value), 0x9000);
        for (command, may) in commands.iter().zip(may) {
            // Six digits are a password and no PIN.
            let status = if may && id == 0x1B { 0x9000 } else { 0x6A80 };
            expect(&mut card, command, if may { status } else { 0x6985 });
        }
        for (command, p1, may) in [("0024", "01", may[0]), ("8032", "00", may[1])] {
            if may && id != 0x1B {
                expect(&mut card, &format!("{command}0280 04 35363738"), 0x6A86);
                expect(&mut card, &format!("{command}{p1}80 04 35363738"), 0x9000);
                expect(&mut card, &verify(id, "1234"), 0x63C2);
                expect(&mut card, &verify(id, "5678"), 0x9000);
            }
        }
    }
}
