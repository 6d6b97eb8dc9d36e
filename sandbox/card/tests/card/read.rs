//! READ BINARY: contents, offsets, conditions.

use super::*;

#[test]
fn files_have_the_contents_and_sizes_of_a_test_card() {
    let hanako = person("hanako");
    let mut card = powered(&hanako);
    expect(&mut card, JPKI, 0x9000);
    let certificate = read_file(&mut card, 0x000A);
    assert_eq!(certificate, hanako.certificate(TODAY));
    assert!((1500..=1600).contains(&certificate.len()));
    assert_eq!(read_file(&mut card, 0x000B), sandbox_pki::authentication_anchors()[2]);
    assert_eq!(read_file(&mut card, 0x0002), sandbox_pki::signature_anchors()[0]);
    let token = read_file(&mut card, 0x0006);
    assert_eq!(token.len(), 160);
    assert_eq!(&token[..32], b"JPKIAPICCTOKEN2                 ");
    assert_eq!(token[96..124], bytes("0000040D 00000001 00000000 00000001 00000000 00000010 00000006"));
    assert_eq!(read_file(&mut card, 0x0008), [0x8F, 0x8F, 0x00]);
    for (person, generation) in [("jiro", 2), ("mukashi", 2), ("hanako", 3)] {
        let anchor = &sandbox_pki::authentication_anchors()[generation - 1];
        let mut card = super::card(person);
        expect(&mut card, JPKI, 0x9000);
        assert_eq!(read_file(&mut card, 0x000B), *anchor);
    }
}

#[test]
fn reading_goes_by_offset_and_ends_with_6b00() {
    let mut card = card("hanako");
    expect(&mut card, JPKI, 0x9000);
    expect(&mut card, "00B0000004", 0x6986);
    expect(&mut card, "00A4020C020008", 0x9000);
    assert_eq!(expect(&mut card, "00B0000000", 0x9000), [0x8F, 0x8F, 0x00]);
    assert_eq!(expect(&mut card, "00B0000101", 0x9000), [0x8F]);
    assert_eq!(expect(&mut card, "00B00001FF", 0x9000).len(), 2);
    expect(&mut card, "00B0000300", 0x6B00);
    expect(&mut card, "00B07FFF00", 0x6B00);
    expect(&mut card, "00B00000", 0x6700);
    expect(&mut card, "00B0000001AA00", 0x6700);
}

#[test]
fn a_short_identifier_makes_its_file_the_current_one() {
    let hanako = person("hanako");
    let mut card = powered(&hanako);
    expect(&mut card, JPKI, 0x9000);
    let certificate = hanako.certificate(TODAY);
    assert_eq!(expect(&mut card, "00B08A0000", 0x9000), certificate[..256]);
    assert_eq!(expect(&mut card, "00B0010010", 0x9000), certificate[256..272]);
    assert_eq!(expect(&mut card, "00B08AFF02", 0x9000), certificate[255..257]);
    expect(&mut card, "00B0830000", 0x6A82);
    expect(&mut card, "00B0800000", 0x6A86);
    expect(&mut card, "00B0AA0000", 0x6A86);
}

#[test]
fn a_file_before_its_reference_is_refused_and_a_key_is_never_read() {
    let mut card = card("hanako");
    expect(&mut card, JPKI, 0x9000);
    expect(&mut card, "00B0810004", 0x6982);
    expect(&mut card, "00B0890004", 0x6982);
    for id in ["90", "99", "9C", "9E", "85"] {
        expect(&mut card, &format!("00B0{id}0004"), 0x6982);
    }
    for id in ["96", "97", "98", "9A", "9B"] {
        expect(&mut card, &format!("00B0{id}0004"), 0x6981);
    }
    expect(&mut card, "0020009B06414243313233", 0x9000);
    let signature_certificate = read_file(&mut card, 0x0001);
    assert_eq!(signature_certificate[..2], [0x30, 0x82]);
    assert_ne!(key_of(&signature_certificate), key_of(&person("hanako").certificate(TODAY)));
    expect(&mut card, "00B0890004", 0x6982);
}

#[test]
fn an_extended_read_is_a_switch() {
    let mut hanako = person("hanako");
    let mut card = powered(&hanako);
    expect(&mut card, JPKI, 0x9000);
    expect(&mut card, "00B08A00000000", 0x6700);
    hanako.card.switches.extended_le = true;
    let mut card = powered(&hanako);
    expect(&mut card, JPKI, 0x9000);
    assert_eq!(expect(&mut card, "00B08A00000000", 0x9000), hanako.certificate(TODAY));
    assert_eq!(expect(&mut card, "00B08A00000200", 0x9000).len(), 512);
}

#[test]
fn short_identifiers_are_refused_where_the_card_file_says_so() {
    let refuses = |change: fn(&mut Person), command: &str| {
        let mut hanako = person("hanako");
        change(&mut hanako);
        let mut card = powered(&hanako);
        expect(&mut card, JPKI, 0x9000);
        send(&mut card, command).1 == 0x6A86
    };
    let sign = format!("802A029720{}00", "07".repeat(32));
    let switches: [fn(&mut Person); 3] = [
        |person| person.card.switches.read_by_short_id = false,
        |person| person.card.switches.verify_by_short_id = false,
        |person| person.card.switches.sign_by_short_id = false,
    ];
    for (row, switch) in switches.into_iter().enumerate() {
        for (column, command) in ["00B08A0000", "00200098", &sign].into_iter().enumerate() {
            assert_eq!(refuses(switch, command), row == column, "switch {row}, {command}");
        }
    }
}

#[test]
fn whether_a_key_named_by_short_identifier_becomes_current_is_a_switch() {
    for moves in [true, false] {
        let mut hanako = person("hanako");
        hanako.card.switches.short_id_moves_current_ef = moves;
        let mut card = powered(&hanako);
        expect(&mut card, JPKI, 0x9000);
        for command in ["00200098", VERIFY_PIN, &format!("802A029720{}00", "07".repeat(32))] {
            expect(&mut card, "00B08A0000", 0x9000);
            send(&mut card, command);
            expect(&mut card, "00B0010010", if moves { 0x6981 } else { 0x9000 });
        }
    }
}
