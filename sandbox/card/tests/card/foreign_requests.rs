//! What is not for this card, or no command at all.

use super::*;

#[test]
fn every_probe_of_opensc_is_refused() {
    let mut card = card("hanako");
    let named = [
        "00A4040007627601FF000000",
        "00A4040006A00000000101",
        "00A404000BE82B0601040181C31F020100",
        "00A4040009A0000003080000100000",
        "00A4040C07A000000116DB0000",
        "00A4040C07A000000079100000",
        "00A4040C07A000000079010F00",
        "00A4040C0CF276A288BCFBA69D34F31001",
        "00A4040009A0000003974254465900",
        "00A4040006D2760001240100",
    ];
    for probe in named {
        expect(&mut card, probe, 0x6A82);
    }
    expect(&mut card, "00CADF3005", 0x6D00);
    expect(&mut card, "00CB3FFF00", 0x6D00);
}

#[test]
fn other_applications_of_a_real_card_are_refused_and_seen() {
    let mut card = card("hanako");
    expect(&mut card, "00A4040C0AD3921000310001010408", 0x6A82);
    expect(&mut card, "00A4040C0AD3921000310001010401", 0x6A82);
    expect(&mut card, "00A4040C0AD3921000310001010100", 0x6A82);
    let selected: Vec<_> = card.transcript().selected().collect();
    assert_eq!(selected, [Selected::TextInput, Selected::ResidentRegister, Selected::Common]);
    let first = card.transcript().to_string();
    assert!(first.starts_with("00 A4 04 0C  Lc 10  券面事項入力補助AP  -> 6A82\n"), "{first}");
}

#[test]
fn classes_channels_and_secure_messaging_have_their_own_refusals() {
    let mut card = card("hanako");
    expect(&mut card, JPKI, 0x9000);
    for (command, status) in [
        ("01A4040C00", 0x6881),
        ("03B0000000", 0x6881),
        ("40B0000000", 0x6881),
        ("0CA4040C0AD392F000260100000001", 0x6882),
        ("08A4040C0AD392F000260100000001", 0x6882),
        ("0CB0000000", 0x69FC),
        ("90B0000000", 0x6E00),
        ("FFCA000000", 0x6E00),
        ("80B0000000", 0x6E00),
        ("0010000000", 0x6D00),
        ("80540080", 0x6D00),
        ("80FC000000", 0x6700),
        ("80A200C104AABBCCDD", 0x6700),
        ("80A2000004AABBCCDD", 0x6A86),
        ("80AE000001AA", 0x6982),
    ] {
        expect(&mut card, command, status);
        let seen = card.transcript().exchanges().last().expect("it was seen").header.expect("a command");
        assert_eq!(seen[..], bytes(command)[..4], "with its class");
    }
    expect(&mut card, SURFACE, 0x9000);
    expect(&mut card, "80AE000001AA", 0x66F1);
}

#[test]
fn garbage_is_a_wrong_length() {
    let mut card = card("hanako");
    for garbage in ["", "00", "00A404", "00A4040C0AD392", "00B00000 00 00", "00B00000 02 01 02 03 04"] {
        expect(&mut card, garbage, 0x6700);
    }
}

#[test]
fn a_card_without_power_says_nothing() {
    let mut card = person("hanako").personalise(TODAY);
    assert!(card.transmit(&bytes(JPKI)).is_empty());
    assert_eq!(card.power_on()[..2], [0x3B, 0x88]);
    expect(&mut card, JPKI, 0x9000);
    card.power_off();
    assert!(card.transmit(&bytes(JPKI)).is_empty());
}
