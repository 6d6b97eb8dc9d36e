//! COMPUTE DIGITAL SIGNATURE, and the commands beside it.

use super::*;

const DIGEST_INFO: &str = "3031300D060960864801650304020105000420";

/// A signature of 256 bytes over what the command carries, by the key that P2 names.
fn sign(card: &mut VirtualCard, p1: u8, p2: u8, data: &str) -> (Vec<u8>, u16) {
    send(card, &format!("802A{p1:02X}{p2:02X}{:02X}{data}00", data.len() / 2))
}

#[test]
fn every_form_of_p1_verifies_with_the_key_of_the_certificate() {
    let hanako = person("hanako");
    let key = key_of(&hanako.certificate(TODAY));
    let mut card = powered(&hanako);
    expect(&mut card, JPKI, 0x9000);
    expect(&mut card, VERIFY_PIN, 0x9000);
    let message = b"what a message says";
    let digest = Sha256::digest(message);
    let data = hex(&digest);
    let pkcs1 = || Pkcs1v15Sign::new::<Sha256>();

    let (signature, _) = sign(&mut card, 0x00, 0x97, &format!("{DIGEST_INFO}{data}"));
    key.verify(pkcs1(), &digest, &signature).expect("P1 = 00: DigestInfo, verbatim");
    let (signature, _) = sign(&mut card, 0x01, 0x97, &hex(message));
    key.verify(Pkcs1v15Sign::new_unprefixed(), &digest, &signature).expect("P1 = 01: bare digest");
    let (signature, _) = sign(&mut card, 0x02, 0x97, &data);
    key.verify(pkcs1(), &digest, &signature).expect("P1 = 02: digest");
    let (signature, _) = sign(&mut card, 0x03, 0x97, &hex(message));
    key.verify(pkcs1(), &digest, &signature).expect("P1 = 03: message");
    let (signature, _) = sign(&mut card, 0x04, 0x97, &data);
    key.verify(Pss::new::<Sha256>(), &digest, &signature).expect("P1 = 04: digest, PSS");
    let (signature, _) = sign(&mut card, 0x05, 0x97, &hex(message));
    key.verify(Pss::new::<Sha256>(), &digest, &signature).expect("P1 = 05: message, PSS");
}

#[test]
fn the_key_is_the_current_file_or_named() {
    let mut card = card("hanako");
    expect(&mut card, JPKI, 0x9000);
    expect(&mut card, VERIFY_PIN, 0x9000);
    let data = "07".repeat(32);
    expect(&mut card, "00A4020C020018", 0x9000);
    assert_eq!(sign(&mut card, 2, 0x80, &data).1, 0x6981, "the PIN's file is current");
    expect(&mut card, "00A4020C020017", 0x9000);
    assert_eq!(sign(&mut card, 2, 0x80, &data).1, 0x9000);
    assert_eq!(sign(&mut card, 2, 0x97, &data).1, 0x9000);
    assert_eq!(sign(&mut card, 2, 0x9A, &data).1, 0x6982, "another key, another password");
    assert_eq!(sign(&mut card, 2, 0x8A, &data).1, 0x6981);
    assert_eq!(sign(&mut card, 2, 0x83, &data).1, 0x6A82);
    assert_eq!(sign(&mut card, 2, 0x00, &data).1, 0x6A86);
    expect(&mut card, "0020009B06414243313233", 0x9000);
    assert_eq!(sign(&mut card, 2, 0x9A, &data).1, 0x9000);
}

#[test]
fn lengths_keep_their_rules() {
    let mut card = card("hanako");
    expect(&mut card, JPKI, 0x9000);
    expect(&mut card, VERIFY_PIN, 0x9000);
    assert_eq!(sign(&mut card, 0, 0x97, &"07".repeat(245)).1, 0x9000);
    assert_eq!(sign(&mut card, 0, 0x97, &"07".repeat(246)).1, 0x6700);
    assert_eq!(sign(&mut card, 0, 0x97, "07").1, 0x9000);
    for p1 in [2, 4] {
        assert_eq!(sign(&mut card, p1, 0x97, &"07".repeat(31)).1, 0x6985);
        assert_eq!(sign(&mut card, p1, 0x97, &"07".repeat(33)).1, 0x6985);
    }
    assert_eq!(sign(&mut card, 6, 0x97, &"07".repeat(32)).1, 0x6A86);
    expect(&mut card, &format!("802A029720{}", "07".repeat(32)), 0x6700);
    expect(&mut card, &format!("802A029720{}80", "07".repeat(32)), 0x6700);
    expect(&mut card, "802A0297", 0x6700);
}

#[test]
fn challenges_are_fresh_and_short() {
    let mut card = card("hanako");
    let first = expect(&mut card, "0084000020", 0x9000);
    assert_eq!(first.len(), 32);
    assert_ne!(expect(&mut card, "0084000020", 0x9000), first);
    assert_eq!(expect(&mut card, "0084000000", 0x9000).len(), 256);
    expect(&mut card, "00840000000020", 0x6985);
    expect(&mut card, "00840000", 0x6700);
    expect(&mut card, "0084010020", 0x6A86);
}
