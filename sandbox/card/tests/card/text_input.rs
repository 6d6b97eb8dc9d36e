//! 券面事項入力補助AP: what its files say, and what vouches for them.

use super::*;

/// The values of the TLVs inside of a file's one TLV. The reader of BER that these files need is small:
/// tags of two bytes, lengths of one, two or three.
fn fields(file: &[u8]) -> Vec<(u16, Vec<u8>)> {
    let (_, value, _) = tlv(file);
    let (mut rest, mut fields) = (value, Vec::new());
    while !rest.is_empty() {
        let (tag, value, behind) = tlv(rest);
        fields.push((tag, value.to_vec()));
        rest = behind;
    }
    fields
}

fn tlv(bytes: &[u8]) -> (u16, &[u8], &[u8]) {
    let two = usize::from(bytes[0] & 0x1F == 0x1F);
    let tag = bytes[..=two].iter().fold(0, |tag, byte| tag << 8 | u16::from(*byte));
    let bytes = &bytes[1 + two..];
    let more = usize::from(bytes[0]).saturating_sub(0x80);
    let length = match more {
        0 => usize::from(bytes[0]),
        more => bytes[1..=more].iter().fold(0, |length, byte| length << 8 | usize::from(*byte)),
    };
    let (value, behind) = bytes[1 + more..].split_at(length);
    (tag, value, behind)
}

/// A public key as `90` and `91`.
fn public_key(value: &[u8]) -> RsaPublicKey {
    let (tag, exponent, rest) = tlv(value);
    assert_eq!((tag, exponent), (0x90, &[1, 0, 1][..]));
    let (tag, modulus, rest) = tlv(rest);
    assert_eq!((tag, modulus.len(), rest.len()), (0x91, 256, 0));
    RsaPublicKey::new(rsa::BigUint::from_bytes_be(modulus), 65537_u32.into()).expect("an RSA key")
}

fn check(key: &RsaPublicKey, message: &[u8], signature: &[u8]) {
    key.verify(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message), signature).expect("it signed this");
}

fn opened(slug: &str) -> VirtualCard {
    let mut card = card(slug);
    expect(&mut card, TEXT_INPUT, 0x9000);
    expect(&mut card, &verify(0x11, "1234"), 0x9000);
    card
}

#[test]
fn number_and_attributes_are_the_persons() {
    let mut card = opened("hanako");
    assert_eq!(read_file(&mut card, 0x0001), b"\xFF\x10\x0C993041043374\xFF\xFF");
    let attributes = read_file(&mut card, 0x0002);
    let fields = fields(&attributes);
    assert_eq!(fields[0], (0xDF21, attributes[6..14].to_vec()));
    let texts: Vec<_> = fields[1..].iter().map(|(_, text)| String::from_utf8_lossy(text)).collect();
    assert_eq!(texts, ["山田　花子", "試験県窓口市試験町1丁目", "19800217", "2"]);
    for ((tag, _), offset) in fields[1..].iter().zip(attributes[6..14].chunks(2)) {
        let at = usize::from(u16::from_be_bytes([offset[0], offset[1]]));
        assert_eq!(attributes[at..at + 2], tag.to_be_bytes());
    }
}

#[test]
fn digests_certificate_and_signatures_hang_together() {
    let mut card = opened("hanako");
    let certificate = read_file(&mut card, 0x0004);
    let [(0x5F4E, body), (0x5F37, by_anchor)] = &fields(&certificate)[..] else { panic!("two parts") };
    let anchor = sandbox_pki::text_input::anchor();
    assert_eq!(body[..16], anchor.key_id);
    let anchor = RsaPublicKey::from_pkcs1_der(&anchor.public_key).expect("an RSA key");
    check(&anchor, body, by_anchor);
    let issuer = public_key(&body[32..]);

    let integrity = read_file(&mut card, 0x0003);
    let number = read_file(&mut card, 0x0001);
    let attributes = read_file(&mut card, 0x0002);
    let parts = fields(&integrity);
    assert_eq!(parts[0].1[..], Sha256::digest(number)[..], "with its filler");
    assert_eq!(parts[1].1[..], Sha256::digest(&attributes[14..])[..], "without its table");
    check(&issuer, &integrity[5..75], &parts[2].1);

    let signed_key = read_file(&mut card, 0x0007);
    let parts = fields(&signed_key);
    check(&issuer, &signed_key[5..275], &parts[1].1);
    let digest = Sha256::digest(b"a challenge");
    let signature = expect(&mut card, &format!("802A020020{}00", hex(&digest)), 0x9000);
    check(&public_key(&parts[0].1), b"a challenge", &signature);

    let messaging = read_file(&mut card, 0x0006);
    assert_eq!((messaging.len(), tlv(&messaging).0), (269, 0xA1));
    assert_ne!(public_key(tlv(&messaging).1), public_key(&parts[0].1));
}

#[test]
fn numbers_a_and_b_open_different_files() {
    let opens = |id, value| {
        let mut card = card("hanako");
        expect(&mut card, TEXT_INPUT, 0x9000);
        expect(&mut card, &verify(id, value), 0x9000);
        ["81", "82", "83"].map(|file| send(&mut card, &format!("00B0{file}0004")).1)
    };
    assert_eq!(opens(0x14, "993041043374"), [0x9000, 0x6982, 0x9000], "照合番号A");
    assert_eq!(opens(0x15, "55021720311663"), [0x6982, 0x9000, 0x9000], "照合番号B");
    assert_eq!(opens(0x11, "1234"), [0x9000, 0x9000, 0x9000], "PIN");
}

#[test]
fn reference_0012_is_blocked_from_issuance() {
    let mut card = opened("hanako");
    expect(&mut card, "00200092", 0x63C0);
    expect(&mut card, &verify(0x12, "1234"), 0x6984);
    expect(&mut card, "00240192 04 35363738", 0x6982);
    assert_eq!(card.failed_verifies(), 0);
}

#[test]
fn free_files_have_the_bytes_of_a_test_card_where_they_are_no_key() {
    let mut card = card("ume");
    expect(&mut card, TEXT_INPUT, 0x9000);
    let basic = read_file(&mut card, 0x0005);
    assert_eq!(basic.len(), 164);
    assert_eq!(basic[..12], bytes("FF40 82009F DF4104 01030E01")[..]);
    assert_eq!(basic[34..36], bytes("0080")[..], "a length that is not minimal");
    assert_eq!(read_file(&mut card, 0x0008), [0xFF; 16]);
    assert_eq!(read_file(&mut card, 0x0004).len(), 568);
}

#[test]
fn it_is_the_text_of_the_face_under_the_pin_of_the_card() {
    let mut chigau = person("chigau");
    chigau.card.pin = Some(sandbox_card::TestSecret::new("7391"));
    let mut card = powered(&chigau);
    expect(&mut card, TEXT_INPUT, 0x9000);
    expect(&mut card, &verify(0x11, "7391"), 0x9000);
    let mut jiro = opened("jiro");
    for file in [0x0001, 0x0002, 0x0003] {
        assert_eq!(read_file(&mut card, file), read_file(&mut jiro, file));
    }
}

#[test]
fn every_named_person_with_a_face_of_their_own_has_these_files() {
    let others_face = ["futago", "chigau"];
    for person in Person::all().into_iter().filter(|person| !others_face.contains(&person.slug())) {
        let Some(printed) = &person.card.printed else { continue };
        let mut card = powered(&person);
        expect(&mut card, TEXT_INPUT, 0x9000);
        expect(&mut card, &verify(0x14, printed.my_number.reveal()), 0x9000);
        assert_eq!(read_file(&mut card, 0x0001)[3..15], *printed.my_number.reveal().as_bytes());
        let date = person.birth_date();
        let era = match date {
            date if date < date!(1989 - 01 - 08) => 1925,
            date if date < date!(2019 - 05 - 01) => 1988,
            _ => 2018,
        };
        let (month, day) = (u8::from(date.month()), date.day());
        let (expires, code) = (printed.expires.year(), printed.security_code.reveal());
        let number_b = format!("{:02}{month:02}{day:02}{expires}{code}", date.year() - era);
        expect(&mut card, &verify(0x15, &number_b), 0x9000);
        let attributes = fields(&read_file(&mut card, 0x0002));
        assert_eq!(attributes[1].1, person.name().replace(' ', "　").into_bytes());
        assert!(!attributes[2].1.is_empty(), "{person:?} lives somewhere");
        assert_eq!(attributes[3].1, format!("{}{month:02}{day:02}", date.year()).into_bytes());
    }
}
