//! Secure messaging of 券面事項入力補助AP, with a terminal of the test's own.

use aes::Aes128;
use cbc::cipher::block_padding::Iso7816;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use rsa::Oaep;
use rsa::rand_core::OsRng;

use super::*;

const SEED: [u8; 32] = *b"a seed, of which half is the key";

struct Terminal {
    counter: u128,
}

impl Terminal {
    fn vector(&self) -> [u8; 16] {
        let mut block = self.counter.to_be_bytes();
        cbc::Encryptor::<Aes128>::new(SEED[..16].try_into().expect("a key"), &[0; 16].into())
            .encrypt_block((&mut block).into());
        block
    }

    /// `86 length 01 encrypted`.
    fn seal(&self, data: &[u8]) -> String {
        let key = SEED[..16].try_into().expect("a key");
        let encryptor = cbc::Encryptor::<Aes128>::new(key, &self.vector().into());
        let encrypted = encryptor.encrypt_padded_vec::<Iso7816>(data);
        format!("86{:02X}01{}", encrypted.len() + 1, hex(&encrypted))
    }

    /// Gives a command with one data object, and counts it.
    fn give(&mut self, card: &mut VirtualCard, header: &str, object: &str) -> u16 {
        let status = send(card, &format!("{header}{:02X}{object}", object.len() / 2)).1;
        self.counter += 1;
        status
    }

    fn verify(&mut self, card: &mut VirtualCard, id: u8, value: &str) -> u16 {
        let object = self.seal(value.as_bytes());
        self.give(card, &format!("082000{:02X}", 0x80 | id), &object)
    }

    fn select(&mut self, card: &mut VirtualCard, id: u16) -> u16 {
        let object = self.seal(&id.to_be_bytes());
        self.give(card, "08A4020C", &object)
    }

    /// READ BINARY of so many bytes, 0 for all, and what it was beneath the encryption.
    fn read(&mut self, card: &mut VirtualCard, length: u16) -> Vec<u8> {
        let object = expect(card, &format!("08B00000 000005 960300{length:04X} 0000"), 0x9000);
        let length_of_length = usize::from(object[1]).saturating_sub(0x80);
        assert_eq!((object[0], object[2 + length_of_length]), (0x86, 0x01));
        let key = SEED[..16].try_into().expect("a key");
        let decryptor = cbc::Decryptor::<Aes128>::new(key, &self.vector().into());
        self.counter += 1;
        decryptor.decrypt_padded_vec::<Iso7816>(&object[3 + length_of_length..]).expect("the same counter")
    }
}

fn encrypted(message: &[u8]) -> String {
    let key = sandbox_pki::SharedKey::TextInputMessaging.key().public_key();
    let key = RsaPublicKey::from_pkcs1_der(key).expect("an RSA key");
    hex(&key.encrypt(&mut OsRng, Oaep::new::<Sha256>(), message).expect("it is short"))
}

fn session_key() -> String {
    format!("80AE0000000100{}", encrypted(&[&[0xA0, 0x22, 0x80, 0x20][..], &SEED].concat()))
}

fn open() -> (VirtualCard, Terminal) {
    let mut card = card("hanako");
    expect(&mut card, TEXT_INPUT, 0x9000);
    expect(&mut card, &verify(0x11, "1234"), 0x9000);
    expect(&mut card, &session_key(), 0x9000);
    (card, Terminal { counter: 1 })
}

#[test]
fn a_session_begins_after_the_pin_in_clear_and_not_after_number_a() {
    let mut card = card("hanako");
    expect(&mut card, TEXT_INPUT, 0x9000);
    expect(&mut card, &session_key(), 0x6982);
    expect(&mut card, &verify(0x14, "993041043374"), 0x9000);
    expect(&mut card, &session_key(), 0x6982);
    expect(&mut card, "08B0000000", 0x69FC);
    expect(&mut card, &verify(0x11, "1234"), 0x9000);
    expect(&mut card, &session_key(), 0x9000);
}

#[test]
fn what_is_no_session_key_has_its_words() {
    let mut card = card("hanako");
    expect(&mut card, TEXT_INPUT, 0x9000);
    expect(&mut card, &verify(0x11, "1234"), 0x9000);
    for message in [&b"\xA0\x22\x81\x20"[..], b"\xA0\x22\x80\x1F", b"", b"\xA0\x24\x80\x20\x00\x00"] {
        let message = encrypted(&[message, &SEED].concat());
        expect(&mut card, &format!("80AE0000000100{message}"), 0x6A80);
    }
    let short = encrypted(&[&[0xA0, 0x22, 0x80, 0x20][..], &SEED[..31]].concat());
    expect(&mut card, &format!("80AE0000000100{short}"), 0x6A80);
    expect(&mut card, &format!("80AE0000000100{}", "FF".repeat(256)), 0x6F00);
    expect(&mut card, &format!("80AE0000000100{}", "01".repeat(256)), 0x6A80);
    expect(&mut card, "80AE000001AA", 0x6A80);
    expect(&mut card, &session_key().replace("80AE0000", "80AE0100"), 0x6A86);
    expect(&mut card, "08B0000000", 0x69FC);
}

#[test]
fn number_a_and_what_it_opens_travel_encrypted() {
    let (mut card, mut terminal) = open();
    assert_eq!(terminal.verify(&mut card, 0x14, "993041043374"), 0x9000);
    assert_eq!(terminal.select(&mut card, 0x0001), 0x9000);
    assert_eq!(terminal.read(&mut card, 0), b"\xFF\x10\x0C993041043374\xFF\xFF");
    assert_eq!(terminal.read(&mut card, 3), b"\xFF\x10\x0C");
    assert_eq!(terminal.select(&mut card, 0x0004), 0x9000);
    assert_eq!(terminal.read(&mut card, 0), sandbox_pki::text_input::key_certificate());
}

#[test]
fn a_command_that_is_refused_counts_and_one_in_clear_does_not() {
    let (mut card, mut terminal) = open();
    assert_eq!(terminal.verify(&mut card, 0x12, "1234"), 0x6984);
    assert_eq!(terminal.verify(&mut card, 0x14, "000000000000"), 0x63C9);
    expect(&mut card, "00A4020C020005", 0x9000);
    expect(&mut card, "00B0000004", 0x9000);
    assert_eq!(terminal.select(&mut card, 0x0077), 0x6A82);
    assert_eq!(terminal.verify(&mut card, 0x14, "993041043374"), 0x9000);
    assert_eq!(card.failed_verifies(), 1);
}

#[test]
fn what_cannot_be_opened_ends_the_session_and_costs_no_try() {
    let object = Terminal { counter: 1 }.seal(b"993041043374");
    let twice = format!("{object}{object}");
    for (header, object, status) in [
        ("08200094", Terminal { counter: 2 }.seal(b"993041043374"), 0x6988),
        ("08200094", object.replacen("8611", "9611", 1), 0x6988),
        ("08200094", object.replacen("861101", "861102", 1), 0x6988),
        ("08200094", twice, 0x6988),
        ("08200094", "86020100".to_owned(), 0x6988),
        ("08200094", "9603000000".to_owned(), 0x6988),
        ("0C200094", object.clone(), 0x6987),
    ] {
        let (mut card, mut terminal) = open();
        assert_eq!(terminal.give(&mut card, header, &object), status, "{header} {object}");
        assert_eq!(terminal.verify(&mut card, 0x14, "993041043374"), 0x69FC);
        expect(&mut card, "08B0000000", 0x69FC);
        expect(&mut card, "00200094", 0x63CA);
        expect(&mut card, &session_key(), 0x9000);
    }
    let (mut card, mut terminal) = open();
    let long_form = object.replacen("8611", "868111", 1);
    assert_eq!(terminal.give(&mut card, "08200094", &long_form), 0x9000);
}

#[test]
fn selecting_an_application_a_reset_and_power_off_end_it() {
    let ends: [fn(&mut VirtualCard); 4] = [
        |card| drop(send(card, TEXT_INPUT)),
        |card| drop(send(card, JPKI)),
        VirtualCard::reset,
        |card| {
            card.power_off();
            card.power_on();
        },
    ];
    for end in ends {
        let (mut card, mut terminal) = open();
        end(&mut card);
        expect(&mut card, TEXT_INPUT, 0x9000);
        assert_eq!(terminal.verify(&mut card, 0x14, "993041043374"), 0x69FC);
        assert_eq!(terminal.select(&mut card, 0x0001), 0x6882);
    }
    let (mut card, _) = open();
    expect(&mut card, "08840000 0196", 0x6882);
}
