//! GET DATA: the objects of the master level.

use super::*;

/// A small object, as it comes with a short Le.
fn object(card: &mut VirtualCard, tag: &str) -> Vec<u8> {
    expect(card, &format!("00CA{tag}00"), 0x9000)
}

#[test]
fn small_objects_come_with_a_short_le_and_without_their_tag() {
    let mut card = card("hanako");
    assert_eq!(object(&mut card, "00F0"), b"99001");
    assert_eq!(object(&mut card, "00F2"), b"20310217");
    assert_eq!(object(&mut card, "0042").len(), 16);
    assert_eq!(object(&mut card, "00F7").len(), 16);
    assert_eq!(object(&mut card, "5F51"), bytes("E000FF8131FE4514"));
    let recognition = object(&mut card, "0066");
    assert_eq!(recognition[2..11], bytes("06072A864886FC6B01"));
    assert_eq!((recognition[0], usize::from(recognition[1])), (0x73, recognition.len() - 2));
    let number = object(&mut card, "0045");
    expect(&mut card, COMMON, 0x9000);
    assert_eq!(expect(&mut card, "00B2010C00", 0x9000)[2..17], number);
}

#[test]
fn a_large_object_needs_an_extended_le() {
    let mut card = card("hanako");
    for tag in ["00F8", "7F21"] {
        expect(&mut card, &format!("00CA{tag}00"), 0x6700);
        expect(&mut card, &format!("00CA{tag}00023E"), 0x6700);
        assert_eq!(expect(&mut card, &format!("00CA{tag}00023F"), 0x9000).len(), 575);
        assert_eq!(expect(&mut card, &format!("00CA{tag}000000"), 0x9000).len(), 575);
    }
    expect(&mut card, "00CA00F004", 0x6700);
    expect(&mut card, "00CA00F0", 0x6700);
    expect(&mut card, "00CA00F001AA00", 0x6700);
}

#[test]
fn two_certificates_chain_from_the_anchor_to_one_more_key() {
    let mut card = card("hanako");
    let anchor = sandbox_pki::master::anchor();
    let mut issuer = RsaPublicKey::from_pkcs1_der(&anchor.public_key).expect("an RSA key");
    let mut issuer_id = anchor.key_id.to_vec();
    for (tag, subject) in [("00F8", Some("00F7")), ("7F21", None)] {
        let certificate = expect(&mut card, &format!("00CA{tag}000000"), 0x9000);
        assert_eq!(certificate[..12], bytes("4D0A 4210 5F2010 5F49820109"));
        assert_eq!(certificate[12..17], bytes("5F4E820129"));
        let body = &certificate[17..314];
        assert_eq!(certificate[314..319], bytes("5F37820100"));
        assert_eq!(body[..16], issuer_id);
        issuer
            .verify(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(body), &certificate[319..])
            .expect("signed by the one above");
        issuer_id = body[16..32].to_vec();
        if let Some(subject) = subject {
            assert_eq!(object(&mut card, subject), issuer_id);
        }
        let modulus = rsa::BigUint::from_bytes_be(&body[41..]);
        issuer = RsaPublicKey::new(modulus, 65537_u32.into()).expect("an RSA key");
    }
}

#[test]
fn objects_answer_after_power_on_reset_and_selection_of_the_issuer_domain_and_not_within_an_application() {
    let mut card = card("hanako");
    for application in [JPKI, SURFACE, TEXT_INPUT, RESIDENT_REGISTER, COMMON] {
        expect(&mut card, application, 0x9000);
        expect(&mut card, "00CA00F000", 0x6A88);
        assert_eq!(object(&mut card, "5F51"), bytes("E000FF8131FE4514"), "this one answers anywhere");
        expect(&mut card, ISSUER_DOMAIN, 0x9000);
        assert_eq!(object(&mut card, "00F0"), b"99001");
        expect(&mut card, application, 0x9000);
        card.reset();
        assert_eq!(object(&mut card, "00F0"), b"99001");
    }
}

#[test]
fn there_are_no_other_objects_and_none_on_a_phone() {
    let own = [0x0042, 0x0045, 0x0066, 0x00F0, 0x00F2, 0x00F7, 0x00F8, 0x5F51, 0x7F21];
    let mut hanako = card("hanako");
    let mut rin = card("rin");
    for tag in 0..=0xFFFF_u16 {
        let status = if own.contains(&tag) { 0x9000 } else { 0x6A88 };
        let command = [&[0x00, 0xCA][..], &tag.to_be_bytes(), &[0, 0, 0]].concat();
        let answer = hanako.transmit(&command);
        assert_eq!(answer[answer.len() - 2..], u16::to_be_bytes(status), "{tag:04X}");
        assert_eq!(rin.transmit(&command), [0x6A, 0x88], "{tag:04X}");
    }
}
