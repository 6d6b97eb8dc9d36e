//! SELECT: applications and files.

use super::*;

#[test]
fn an_application_is_selected_in_every_way_that_clients_use() {
    for command in [
        "00A4040C0AD392F000260100000001",
        "00A4040C0AD392F00026010000000100",
        "00A404000AD392F000260100000001",
        "00A404000AD392F00026010000000100",
        "00A4040C04D392F000",
        "00A4040C01D3",
    ] {
        let mut card = card("hanako");
        assert!(expect(&mut card, command, 0x9000).is_empty());
        expect(&mut card, "00A4020C02000A", 0x9000);
    }
    let mut card = card("hanako");
    expect(&mut card, "00A4040C0BD392F00026010000000100", 0x6A82);
    expect(&mut card, "00A4040A0AD392F000260100000001", 0x6A86);
}

#[test]
fn every_file_of_the_jpki_application_can_be_selected_and_no_other() {
    let mut card = card("hanako");
    expect(&mut card, "00A4020C02000A", 0x6A82);
    expect(&mut card, JPKI, 0x9000);
    let exist = [
        0x01, 0x02, 0x05, 0x06, 0x08, 0x09, 0x0A, 0x0B, 0x10, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x1B, 0x1C, 0x1E,
    ];
    for id in 0..=0xFF_u16 {
        let status = if exist.contains(&id) { 0x9000 } else { 0x6A82 };
        expect(&mut card, &format!("00A4020C02{id:04X}"), status);
    }
    for id in ["3F00", "010A", "FFFF"] {
        expect(&mut card, &format!("00A4020C02{id}"), 0x6A82);
    }
}

#[test]
fn a_truncated_name_finds_the_first_application_that_begins_so() {
    for (name, found) in [
        ("D3", Selected::Jpki),
        ("D3921000", Selected::Surface),
        ("D3921000310001010408", Selected::TextInput),
        ("D39210003100010101", Selected::Common),
        ("A000000151", Selected::IssuerDomain),
    ] {
        let mut card = card("hanako");
        expect(&mut card, &format!("00A4040C{:02X}{name}", name.len() / 2), 0x9000);
        assert_eq!(card.transcript().selected().collect::<Vec<_>>(), [found]);
    }
}

#[test]
fn selecting_nothing_works_only_after_something_was_selected() {
    let mut card = card("hanako");
    expect(&mut card, "00A40000", 0x6A86);
    expect(&mut card, JPKI, 0x9000);
    expect(&mut card, "00A40000", 0x9000);
    card.reset();
    expect(&mut card, "00A40000", 0x6A86);
    expect(&mut card, "00A40000023F00", 0x6A82);
}

#[test]
fn a_select_that_fails_changes_nothing() {
    let mut card = card("hanako");
    expect(&mut card, JPKI, 0x9000);
    expect(&mut card, VERIFY_PIN, 0x9000);
    expect(&mut card, "00A4020C02000A", 0x9000);
    expect(&mut card, "00A4040006D2760001240100", 0x6A82);
    expect(&mut card, "00A4020C020077", 0x6A82);
    expect(&mut card, "00B0000004", 0x9000);
    expect(&mut card, &format!("802A029720{}00", "07".repeat(32)), 0x9000);
}
