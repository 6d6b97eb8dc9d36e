//! The kinds of cards, and what each named person brings.

use super::*;

#[test]
fn a_face_authentication_card_has_no_pin_and_no_signature_certificate() {
    let mut card = card("kaori");
    expect(&mut card, JPKI, 0x9000);
    expect(&mut card, "00200098", 0x63C0);
    expect(&mut card, VERIFY_PIN, 0x6984);
    assert_eq!(read_file(&mut card, 0x0008), [0x00, 0x8F, 0x00]);
    assert_eq!(read_file(&mut card, 0x000A), person("kaori").certificate(TODAY));
    expect(&mut card, "0020009B", 0x63C0);
    expect(&mut card, "00B0810004", 0x6982);
    expect(&mut card, SURFACE, 0x9000);
    for (application, id) in [(TEXT_INPUT, 0x11), (RESIDENT_REGISTER, 0x1C), (COMMON, 0x1C)] {
        expect(&mut card, application, 0x9000);
        expect(&mut card, &format!("002000{:02X}", 0x80 | id), 0x63C0);
        expect(&mut card, &verify(id, "1234"), 0x6984);
    }
    expect(&mut card, TEXT_INPUT, 0x9000);
    expect(&mut card, &verify(0x14, "996305553778"), 0x9000);
    assert_eq!(&read_file(&mut card, 0x0001)[3..15], b"996305553778");
    assert_eq!(card.failed_verifies(), 0);
}

#[test]
fn an_android_phone_gives_its_certificate_after_the_pin() {
    let mut card = card("andoro");
    expect(&mut card, JPKI, 0x9000);
    assert_eq!(&read_file(&mut card, 0x0006)[..16], b"JPKIAPGPSETOKEN ");
    expect(&mut card, "00B08A0000", 0x6982);
    expect(&mut card, VERIFY_PIN, 0x9000);
    assert_eq!(read_file(&mut card, 0x000A), person("andoro").certificate(TODAY));
    expect(&mut card, SURFACE, 0x6A82);
}

#[test]
fn an_iphone_gives_its_certificate_freely() {
    let mut card = card("rin");
    expect(&mut card, JPKI, 0x9000);
    assert_eq!(&read_file(&mut card, 0x0006)[..16], b"JPKIAPIOSTOKEN  ");
    assert_eq!(read_file(&mut card, 0x000A), person("rin").certificate(TODAY));
    expect(&mut card, "80FC0000", 0x9000);
    for application in [SURFACE, TEXT_INPUT, RESIDENT_REGISTER, COMMON] {
        expect(&mut card, application, 0x6A82);
    }
}

#[test]
fn another_card_has_none_of_the_applications() {
    let mut card = card("suika");
    for application in [JPKI, SURFACE, TEXT_INPUT, RESIDENT_REGISTER, COMMON] {
        expect(&mut card, application, 0x6A82);
    }
    expect(&mut card, "00200098", 0x6A82);
    assert!(person("suika").certificate(TODAY).is_empty());
}

#[test]
fn a_card_without_a_certificate_has_an_empty_file_and_no_pin() {
    let mut hanako = person("hanako");
    hanako.card.certificate = None;
    hanako.card.pin = None;
    hanako.card.signature = None;
    assert!(hanako.certificate(TODAY).is_empty());
    let mut card = powered(&hanako);
    expect(&mut card, JPKI, 0x9000);
    expect(&mut card, "00B08A0000", 0x6B00);
    expect(&mut card, "00A4020C02000A", 0x9000);
    expect(&mut card, "00B0000000", 0x6B00);
    assert_eq!(read_file(&mut card, 0x0008), [0x00, 0x00, 0x00]);
    expect(&mut card, "00200098", 0x63C0);
    expect(&mut card, VERIFY_PIN, 0x6984);
    expect(&mut card, SURFACE, 0x9000);
}

#[test]
fn an_infants_card_has_no_photo_and_no_signature_certificate() {
    let mut card = card("aoi");
    expect(&mut card, JPKI, 0x9000);
    assert_eq!(read_file(&mut card, 0x0008), [0x00, 0x8F, 0x00]);
    expect(&mut card, "00200098", 0x63C3);
    let aoi = person("aoi");
    let printed = aoi.card.printed.as_ref().expect("a card of plastic");
    expect(&mut card, SURFACE, 0x9000);
    expect(&mut card, &format!("002000930C{}", hex(printed.my_number.reveal().as_bytes())), 0x9000);
    assert_eq!(read_file(&mut card, 0x0002).len(), 3070 - 1854);
}

#[test]
fn a_blocked_pin_and_a_last_try_come_from_the_file() {
    for (slug, counter) in [("rokku", 0x63C0), ("nokori", 0x63C1), ("hanako", 0x63C3)] {
        let mut card = card(slug);
        expect(&mut card, JPKI, 0x9000);
        expect(&mut card, "00200098", counter);
    }
}

#[test]
fn validity_follows_the_day_of_personalisation() {
    for (slug, expired) in [("kire", 40), ("mukashi", 200)] {
        for today in [TODAY, date!(2028 - 02 - 29)] {
            let certificate = person(slug).certificate(today);
            let certificate = Certificate::from_der(&certificate).expect("strict DER");
            let end = certificate.tbs_certificate.validity.not_after.to_date_time();
            let day = today - time::Duration::days(expired);
            let text = format!("{}-{:02}-{:02}T14:59:59Z", day.year(), u8::from(day.month()), day.day());
            assert_eq!(end.to_string(), text);
        }
    }
}

#[test]
fn every_named_person_has_a_card_of_the_right_size_that_never_changes() {
    let persons = Person::all();
    assert_eq!(persons.len(), 24);
    for person in persons {
        let certificate = person.certificate(TODAY);
        assert_eq!(certificate, person.certificate(TODAY));
        if person.card.kind == Kind::Other {
            continue;
        }
        assert!((1500..=1600).contains(&certificate.len()), "{person:?}: {} bytes", certificate.len());
        assert_eq!(certificate[..2], [0x30, 0x82]);
        // mnbcard loses bytes of a file whose low length byte is FD or more.
        assert!(certificate[3] < 0xFD);
        let Some(signature) = &person.card.signature else { continue };
        let mut card = powered(&person);
        expect(&mut card, JPKI, 0x9000);
        expect(&mut card, &verify(0x1B, signature.password.reveal()), 0x9000);
        let certificate = read_file(&mut card, 0x0001);
        assert!((1600..=1900).contains(&certificate.len()), "{person:?}: {} bytes", certificate.len());
        assert_eq!(certificate[..2], [0x30, 0x82]);
        assert!(certificate[3] < 0xFD);
    }
}
