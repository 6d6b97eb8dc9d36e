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
fn a_reference_of_one_application_opens_nothing_in_the_other() {
    let mut card = card("hanako");
    expect(&mut card, JPKI, 0x9000);
    expect(&mut card, "0020009B06414243313233", 0x9000);
    expect(&mut card, SURFACE, 0x9000);
    expect(&mut card, "00B0810004", 0x6982);
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
    expect(&mut card, SURFACE, 0x9000);
    expect(&mut card, "0024019106 353530323137", 0x6985);
}
