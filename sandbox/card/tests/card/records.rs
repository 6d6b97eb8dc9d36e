//! 共通カードAP and 住基AP: READ RECORD and INTERNAL AUTHENTICATE.

use super::*;

#[test]
fn the_cards_own_record_is_read_in_both_ways_that_clients_use() {
    let mut card = card("hanako");
    expect(&mut card, COMMON, 0x9000);
    let record = expect(&mut card, "00B2010C00", 0x9000);
    assert_eq!(record.len(), 30);
    assert_eq!(record[..2], [0x01, 0x1C]);
    assert!(record[2..].iter().all(u8::is_ascii_digit));
    assert_eq!(&record[17..], b"9900120310217", "市区町村コード and 有効期限");
    expect(&mut card, "00A4020C020001", 0x9000);
    assert_eq!(expect(&mut card, "00B2010400", 0x9000), record);
    assert_eq!(expect(&mut card, "00B201041E", 0x9000), record);
    assert_eq!(expect(&mut card, "00B2010402", 0x9000), record[..2]);
}

#[test]
fn the_card_number_is_the_cards_and_stays() {
    let number = |slug: &str| {
        let mut card = card(slug);
        expect(&mut card, COMMON, 0x9000);
        expect(&mut card, "00B2010C00", 0x9000)[2..17].to_vec()
    };
    assert_eq!(number("hanako"), number("hanako"));
    let with_a_face = Person::all().into_iter().filter(|person| person.card.printed.is_some());
    let mut numbers: Vec<_> = with_a_face.map(|person| number(person.slug())).collect();
    numbers.sort();
    let count = numbers.len();
    numbers.dedup();
    assert_eq!(numbers.len(), count);
    let printed = person("hanako").card.printed.expect("a card of plastic");
    let told = String::from_utf8_lossy(&number("hanako")).into_owned();
    assert!(!told.contains(&printed.my_number.reveal()[..6]) && told.starts_with("99999"));
}

#[test]
fn both_applications_hold_the_same_key_reference_of_16_bytes() {
    let mut card = card("hanako");
    let mut reference = |application| {
        expect(&mut card, application, 0x9000);
        expect(&mut card, "00A4020C020002", 0x9000);
        expect(&mut card, "00B2010400", 0x9000)
    };
    let record = reference(COMMON);
    assert_eq!((record.len(), &record[..2]), (18, &[0x01, 0x10][..]));
    assert_eq!(reference(RESIDENT_REGISTER), record);
}

#[test]
fn a_record_that_is_not_there_and_a_form_that_the_card_has_not_have_their_words() {
    let mut card = card("hanako");
    expect(&mut card, "00B2010C00", 0x6A82);
    expect(&mut card, COMMON, 0x9000);
    for (command, status) in [
        ("00B2010400", 0x6986),
        ("00B2020C00", 0x6A83),
        ("00B2000C00", 0x6A83),
        ("00B2FF0C00", 0x6A83),
        ("00B2010D00", 0x6A81),
        ("00B2010800", 0x6A86),
        ("00B201FC00", 0x6A86),
        ("00B2011C00", 0x6A82),
        ("00B201CC00", 0x6981),
        ("00B2010C", 0x6700),
        ("00B2010C01AA00", 0x6700),
    ] {
        expect(&mut card, command, status);
    }
    expect(&mut card, "00B2010C00", 0x9000);
    expect(&mut card, "00B0000000", 0x6981);
}

#[test]
fn the_cards_key_authenticates_without_a_pin_over_1_to_255_bytes() {
    let mut card = card("hanako");
    expect(&mut card, COMMON, 0x9000);
    let key = sandbox_pki::SharedKey::CommonAuthentication.key().public_key();
    let key = RsaPublicKey::from_pkcs1_der(key).expect("an RSA key");
    for length in [1, 16, 255] {
        let challenge = vec![0xA5; length];
        let command = format!("00880099{length:02X}{}00", hex(&challenge));
        let signature = expect(&mut card, &command, 0x9000);
        key.verify(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(&challenge), &signature)
            .expect("it signed");
        assert_eq!(expect(&mut card, &command, 0x9000), signature, "the same for the same");
    }
    expect(&mut card, "00A4020C020019", 0x9000);
    expect(&mut card, "0088008004AABBCCDD00", 0x9000);
}

#[test]
fn internal_authenticate_is_for_that_key_and_keeps_its_lengths() {
    let mut card = card("hanako");
    expect(&mut card, COMMON, 0x9000);
    for (command, status) in [
        ("00880099", 0x6700),
        ("0088009900", 0x6700),
        ("0088009904AABBCCDD", 0x6700),
        ("0088009904AABBCCDD80", 0x6700),
        ("0088019904AABBCCDD00", 0x6A86),
        ("0088000004AABBCCDD00", 0x6A86),
        ("0088009C04AABBCCDD00", 0x6981),
        ("0088008104AABBCCDD00", 0x6981),
        ("0088008304AABBCCDD00", 0x6A82),
        ("0088008004AABBCCDD00", 0x6986),
        // The key is for authentication and signs nothing else.
        ("802A029904AABBCCDD00", 0x6985),
        ("802A020004AABBCCDD00", 0x6A86),
    ] {
        expect(&mut card, command, status);
    }
    let long = format!("0088009900 0100{}0000", "07".repeat(256));
    expect(&mut card, &long, 0x6700);
    expect(&mut card, RESIDENT_REGISTER, 0x9000);
    expect(&mut card, "0088009904AABBCCDD00", 0x6A82);
    expect(&mut card, JPKI, 0x9000);
    expect(&mut card, VERIFY_PIN, 0x9000);
    expect(&mut card, "0088009704AABBCCDD00", 0x6982);
}

#[test]
fn the_transcript_shows_these_commands_without_what_they_carried() {
    let mut card = card("hanako");
    expect(&mut card, "00CA00F800", 0x6700);
    expect(&mut card, COMMON, 0x9000);
    expect(&mut card, "00B2010C00", 0x9000);
    expect(&mut card, "0088009904AABBCCDD00", 0x9000);
    assert_eq!(
        card.transcript().to_string(),
        "00 CA 00 F8  Le 256  -> 6700\n\
         00 A4 04 0C  Lc 10  共通カードAP  -> 9000\n\
         00 B2 01 0C  Le 256  -> 30 bytes, 9000\n\
         00 88 00 99  Lc 4  Le 256  -> 256 bytes, 9000\n"
    );
}
