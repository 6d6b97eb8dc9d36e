//! 券面事項確認AP.

use super::*;

const BIRTH_DATE: &str = "0020009106 353530323137";

#[test]
fn the_birth_date_opens_its_record_and_nothing_else() {
    let mut card = card("hanako");
    expect(&mut card, SURFACE, 0x9000);
    for id in ["81", "82", "85"] {
        expect(&mut card, &format!("00B0{id}0004"), 0x6982);
    }
    expect(&mut card, BIRTH_DATE, 0x9000);
    let record = read_file(&mut card, 0x0001);
    assert_eq!(record.len(), 547);
    assert_eq!(record[..16], *b"\xFF\x10\x82\x02\x1E\xDF\x11\x0819800217");
    expect(&mut card, "00B0820004", 0x6982);
    expect(&mut card, "00B0850004", 0x6982);
    assert_eq!(read_file(&mut card, 0x0003).len(), 320);
    assert_eq!(read_file(&mut card, 0x0004).len(), 568);
    assert_eq!(read_file(&mut card, 0x0006), [0xFF; 16]);
}

#[test]
fn numbers_a_and_b_open_what_they_open_on_a_real_card() {
    let hanako = person("hanako");
    let printed = hanako.card.printed.as_ref().expect("a card of plastic");
    let number_b = format!("5502172031{}", printed.security_code.reveal());
    let mut card = powered(&hanako);
    expect(&mut card, SURFACE, 0x9000);
    expect(&mut card, &format!("002000920E{}", hex(number_b.as_bytes())), 0x9000);
    assert_eq!(read_file(&mut card, 0x0002).len(), 3070);
    expect(&mut card, "00B0850004", 0x6982);
    expect(&mut card, "00B0810004", 0x6982);
    let mut card = powered(&hanako);
    expect(&mut card, SURFACE, 0x9000);
    expect(&mut card, &format!("002000930C{}", hex(printed.my_number.reveal().as_bytes())), 0x9000);
    assert_eq!(read_file(&mut card, 0x0002).len(), 3070);
    assert_eq!(read_file(&mut card, 0x0005).len(), 686);
}

#[test]
fn its_key_signs_without_a_pin_and_the_record_holds_it() {
    let mut card = card("hanako");
    expect(&mut card, SURFACE, 0x9000);
    let digest = Sha256::digest(b"a binding");
    let sign = format!("802A020020{}00", hex(&digest));
    let signature = expect(&mut card, &sign, 0x9000);
    expect(&mut card, BIRTH_DATE, 0x9000);
    let record = read_file(&mut card, 0x0001);
    let modulus = rsa::BigUint::from_bytes_be(&record[30..286]);
    let key = RsaPublicKey::new(modulus, 65537_u32.into()).expect("an RSA key");
    key.verify(Pkcs1v15Sign::new::<Sha256>(), &digest, &signature).expect("the record's key signed");
}

#[test]
fn ten_wrong_birth_dates_block_it() {
    let mut card = card("hanako");
    expect(&mut card, SURFACE, 0x9000);
    for left in (0..10).rev() {
        expect(&mut card, "0020009106 303130313031", 0x63C0 | left);
    }
    expect(&mut card, BIRTH_DATE, 0x6984);
    assert_eq!(card.birth_tries_left(), 0);
}

#[test]
fn a_counter_at_its_end_is_6300_or_63c0_as_the_switch_says_and_verify_is_6984() {
    for (switch, counter) in [(None, 0x6300), (Some(CounterWhenExhausted::Zero), 0x63C0)] {
        let mut hanako = person("hanako");
        if let Some(switch) = switch {
            hanako.card.switches.counter_when_exhausted = switch;
        }
        let mut card = powered(&hanako);
        expect(&mut card, SURFACE, 0x9000);
        for id in ["91", "92", "93"] {
            for left in (0..10).rev() {
                expect(&mut card, &format!("002000{id}06 303130313031"), 0x63C0 | left);
            }
            expect(&mut card, &format!("002000{id}"), counter);
            expect(&mut card, &format!("002000{id}06 303130313031"), 0x6984);
            expect(&mut card, &format!("002000{id}"), counter);
        }
        expect(&mut card, BIRTH_DATE, 0x6984);
        // A PIN shows its zero whatever the switch says.
        expect(&mut card, JPKI, 0x9000);
        for left in [2, 1, 0] {
            expect(&mut card, WRONG_PIN, 0x63C0 | left);
        }
        expect(&mut card, "00200098", 0x63C0);
    }
}

#[test]
fn where_tries_are_not_counted_the_counter_is_6300() {
    let mut hanako = person("hanako");
    hanako.card.switches.unlimited = true;
    let mut card = powered(&hanako);
    expect(&mut card, SURFACE, 0x9000);
    for _ in 0..12 {
        expect(&mut card, "00200091", 0x6300);
        expect(&mut card, "0020009106 303130313031", 0x6300);
    }
    expect(&mut card, BIRTH_DATE, 0x9000);
}

#[test]
fn another_persons_surface_can_be_on_a_card() {
    for (slug, of) in [("futago", "hanako"), ("chigau", "jiro")] {
        let other = person(of);
        let mut theirs = card(of);
        let mut card = card(slug);
        for card in [&mut theirs, &mut card] {
            expect(card, SURFACE, 0x9000);
            let birth = if of == "hanako" { "353530323137" } else { "323130343330" };
            expect(card, &format!("0020009106{birth}"), 0x9000);
        }
        assert_eq!(read_file(&mut card, 0x0001), read_file(&mut theirs, 0x0001));
        expect(&mut card, JPKI, 0x9000);
        assert_eq!(read_file(&mut card, 0x000A), person(slug).certificate(TODAY));
        assert_ne!(person(slug).certificate(TODAY), other.certificate(TODAY));
        assert_eq!(person(slug).birth_date() == other.birth_date(), slug == "futago");
    }
}
