//! What a card, a person and a transcript tell.

use super::*;

#[test]
fn neither_a_person_nor_a_card_nor_a_transcript_tells_a_secret() {
    let mut hanako = person("hanako");
    hanako.card.pin = Some(sandbox_card::TestSecret::new("7391"));
    let mut card = powered(&hanako);
    expect(&mut card, JPKI, 0x9000);
    expect(&mut card, "00200098 04 37333931", 0x9000);
    expect(&mut card, "00B08A0000", 0x9000);
    let told = format!("{hanako:?} {:?} {card:?} {:?} {}", hanako.card, card.transcript(), card.transcript());
    let printed = hanako.card.printed.as_ref().expect("a card of plastic");
    for secret in ["7391", "37333931", printed.my_number.reveal(), printed.security_code.reveal(), "山田"] {
        assert!(!told.contains(secret), "{secret}");
    }
}

#[test]
fn a_transcript_is_one_line_for_each_command_and_can_begin_anew() {
    let mut card = card("nokori");
    expect(&mut card, JPKI, 0x9000);
    expect(&mut card, "00B08A0000", 0x9000);
    expect(&mut card, WRONG_PIN, 0x63C0);
    expect(&mut card, "00", 0x6700);
    assert_eq!(
        card.transcript().to_string(),
        "00 A4 04 0C  Lc 10  JPKI AP  -> 9000\n\
         00 B0 8A 00  Le 256  -> 256 bytes, 9000\n\
         00 20 00 98  Lc 4  -> 63C0\n\
         not a command  -> 6700\n"
    );
    card.clear_transcript();
    assert!(card.transcript().is_empty());
    assert_eq!(card.failed_verifies(), 1, "the count is the card's, not the transcript's");
}
