//! What is not for this card, or no command at all.

use super::*;

#[test]
fn every_probe_of_opensc_is_refused_on_every_kind_of_card() {
    for slug in ["hanako", "kaori", "andoro", "rin", "suika"] {
        let mut card = card(slug);
        let named = [
            "00A4040007627601FF000000",
            "00A4040006A00000000101",
            "00A404000BE82B0601040181C31F020100",
            "00A4040009A0000003080000100000",
            "00A4040C07A000000116DB0000",
            "00A4040C07A000000079100000",
            "00A4040C0CF276A288BCFBA69D34F31001",
            "00A4040009A0000003974254465900",
            "00A4040006D2760001240100",
        ];
        for probe in named.map(str::to_owned).into_iter().chain(
            // CAC, one application after the other.
            (0..=0x0F).map(|last| format!("00A4040C07A00000007901{last:02X}00")),
        ) {
            expect(&mut card, &probe, 0x6A82);
        }
        expect(&mut card, "00CADF3005", 0x6A88);
        expect(&mut card, "00CB3FFF00", 0x6D00);
        assert!(card.transcript().selected().all(|asked| asked == Selected::Foreign));
    }
}

#[test]
fn instructions_that_the_card_does_not_have_are_refused_in_every_application() {
    const KNOWN: [(u8, &[u8]); 2] =
        [(0x00, &[0x20, 0x24, 0x84, 0x88, 0xA4, 0xB0, 0xB2, 0xCA]), (0x80, &[0x2A, 0x32, 0xA2, 0xAE, 0xFC])];
    let mut card = card("hanako");
    for application in [ISSUER_DOMAIN, JPKI, SURFACE, TEXT_INPUT, RESIDENT_REGISTER, COMMON] {
        expect(&mut card, application, 0x9000);
        for (cla, ins) in KNOWN.iter().flat_map(|(cla, _)| (0..=0xFF).map(|ins| (*cla, ins))) {
            let of = |class: u8| KNOWN.iter().any(|(cla, all)| *cla == class && all.contains(&ins));
            let status = match (of(cla), of(cla ^ 0x80)) {
                (true, _) => continue,
                (false, true) => 0x6E00,
                (false, false) => 0x6D00,
            };
            expect(&mut card, &format!("{cla:02X}{ins:02X}000000"), status);
        }
    }
}

#[test]
fn names_that_are_almost_those_of_the_card_are_refused() {
    let mut card = card("hanako");
    for name in ["D3921000310001010403", "D3921000310001010200", "D392F000260100000002", "A0000001510001"] {
        expect(&mut card, &format!("00A4040C{:02X}{name}", name.len() / 2), 0x6A82);
    }
    expect(&mut card, "00A4040C0BD392100031000101040800", 0x6A82);
}

#[test]
fn an_application_that_was_asked_for_is_seen_whether_or_not_it_is_there() {
    for (slug, status) in [("hanako", 0x9000), ("andoro", 0x6A82), ("rin", 0x6A82), ("suika", 0x6A82)] {
        let mut card = card(slug);
        for application in [TEXT_INPUT, RESIDENT_REGISTER, COMMON] {
            expect(&mut card, application, status);
        }
        let selected: Vec<_> = card.transcript().selected().collect();
        assert_eq!(selected, [Selected::TextInput, Selected::ResidentRegister, Selected::Common]);
        let told = card.transcript().to_string();
        assert!(told.starts_with("00 A4 04 0C  Lc 10  券面事項入力補助AP  -> "), "{told}");
    }
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
    for (application, status) in
        [(SURFACE, 0x66F1), (COMMON, 0x66F1), (RESIDENT_REGISTER, 0x6982), (TEXT_INPUT, 0x6982)]
    {
        expect(&mut card, application, 0x9000);
        expect(&mut card, "80AE000001AA", status);
    }
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
