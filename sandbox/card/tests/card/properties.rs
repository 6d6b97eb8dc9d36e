//! Any bytes in any order.

use proptest::prelude::*;

use super::*;

/// Bytes that are nearly commands, so that they reach every branch.
fn command() -> impl Strategy<Value = Vec<u8>> {
    let cla = prop_oneof![Just(0x00), Just(0x80), Just(0x08), any::<u8>()];
    let ins = prop_oneof![
        prop::sample::select(vec![
            0xA4, 0xB0, 0xB2, 0x20, 0x24, 0x2A, 0x32, 0x84, 0x88, 0xAE, 0xA2, 0xCA, 0xFC,
        ]),
        any::<u8>()
    ];
    let p1 = prop_oneof![0_u8..8, 0x80_u8..0xA0, any::<u8>()];
    let p2 = prop_oneof![Just(0x80), Just(0x0C), 0x80_u8..0xA0, any::<u8>()];
    let body = prop_oneof![
        Just(Vec::new()),
        Just(bytes("0AD392F000260100000001")),
        Just(bytes("0AD3921000310001010402")),
        Just(bytes("0AD3921000310001010408")),
        Just(bytes("0AD3921000310001010100")),
        Just(bytes("07A0000001510000")),
        Just(bytes("0431323334")),
        Just(bytes("0439393939")),
        any::<u8>().prop_map(|id| vec![2, 0, id & 0x1F]),
        prop::collection::vec(any::<u8>(), 0..40),
    ];
    (cla, ins, p1, p2, body).prop_map(|(cla, ins, p1, p2, body)| [vec![cla, ins, p1, p2], body].concat())
}

/// What the card's counter may be after each command, computed apart from the card.
fn tries_after(before: u8, status: u16) -> u8 {
    if status & 0xFFF0 == 0x63C0 { before.saturating_sub(1) } else { before }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_sequence_of_bytes_is_answered(
        slug in prop::sample::select(vec!["hanako", "kaori", "andoro", "suika"]),
        commands in prop::collection::vec(
            prop_oneof![4 => command(), 1 => prop::collection::vec(any::<u8>(), 0..300)], 1..40),
    ) {
        let mut card = card(slug);
        for command in &commands {
            let response = card.transmit(command);
            let status = response.last_chunk::<2>().expect("a status word");
            prop_assert!(!matches!(status[0], 0x61 | 0x6C), "no card was seen to send these");
            prop_assert!(status == &[0x90, 0x00] || response.len() == 2, "data only with success");
        }
        prop_assert_eq!(card.transcript().len(), commands.len());
    }

    #[test]
    fn nothing_but_a_right_pin_gives_tries_back(
        commands in prop::collection::vec(command(), 1..40),
    ) {
        let mut card = card("hanako");
        expect(&mut card, JPKI, 0x9000);
        for command in &commands {
            let before = card.pin_tries_left();
            let failed_before = card.failed_verifies();
            let response = card.transmit(command);
            let status = response.last_chunk::<2>().map_or(0, |status| u16::from_be_bytes(*status));
            let (after, is_verify) = (card.pin_tries_left(), command.get(1) == Some(&0x20));
            let costs_a_try = is_verify && command.len() > 5 && status & 0xFF00 == 0x6300;
            prop_assert_eq!(card.failed_verifies() - failed_before, u32::from(costs_a_try));
            if after > before {
                prop_assert!(is_verify && status == 0x9000);
            } else if after < before {
                prop_assert!(is_verify && after == tries_after(before, status));
            }
        }
    }
}
