//! What the card must answer, as clients of real cards have measured it.

mod conditions;
mod foreign_requests;
mod kinds;
mod master;
mod messaging;
mod properties;
mod read;
mod records;
mod secrets;
mod select;
mod sign;
mod surface;
mod text_input;
mod verify;

use rsa::pkcs1::DecodeRsaPublicKey;
use rsa::{Pkcs1v15Sign, Pss, RsaPublicKey};
use sandbox_card::{CounterAfterVerify, CounterWhenExhausted, Kind, Person, Selected, VirtualCard};
use sha2::{Digest, Sha256};
use time::Date;
use time::macros::date;
use x509_cert::Certificate;
use x509_cert::der::Decode;

const TODAY: Date = date!(2026 - 11 - 23);
const JPKI: &str = "00A4040C0A D392F000260100000001";
const SURFACE: &str = "00A4040C0A D3921000310001010402";
const TEXT_INPUT: &str = "00A4040C0A D3921000310001010408";
const RESIDENT_REGISTER: &str = "00A4040C0A D3921000310001010401";
const COMMON: &str = "00A4040C0A D3921000310001010100";
const ISSUER_DOMAIN: &str = "00A4040C07 A0000001510000";
const VERIFY_PIN: &str = "0020009804 31323334";
const WRONG_PIN: &str = "0020009804 39393939";

fn person(slug: &str) -> Person {
    Person::named(slug).expect("one of the named persons")
}

fn powered(person: &Person) -> VirtualCard {
    let mut card = person.personalise(TODAY);
    card.power_on();
    card
}

fn card(slug: &str) -> VirtualCard {
    powered(&person(slug))
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.replace(' ', "");
    let byte = |pair| u8::from_str_radix(&digits[pair..pair + 2], 16).expect("hexadecimal");
    (0..digits.len()).step_by(2).map(byte).collect()
}

fn send(card: &mut VirtualCard, command: &str) -> (Vec<u8>, u16) {
    let mut response = card.transmit(&bytes(command));
    let status = response.split_off(response.len() - 2);
    (response, u16::from_be_bytes([status[0], status[1]]))
}

#[track_caller]
fn expect(card: &mut VirtualCard, command: &str, status: u16) -> Vec<u8> {
    let (data, answered) = send(card, command);
    assert_eq!(answered, status, "{command}: {answered:04X}");
    data
}

/// SELECT EF, then READ BINARY in steps of 256 until `6B00` or a short answer.
#[track_caller]
fn read_file(card: &mut VirtualCard, id: u16) -> Vec<u8> {
    expect(card, &format!("00A4020C02{id:04X}"), 0x9000);
    let mut file = Vec::new();
    loop {
        let (part, status) = send(card, &format!("00B0{:04X}00", file.len()));
        if status == 0x6B00 {
            return file;
        }
        assert_eq!(status, 0x9000);
        let done = part.len() < 256;
        file.extend(part);
        if done {
            return file;
        }
    }
}

fn key_of(certificate: &[u8]) -> RsaPublicKey {
    let certificate = Certificate::from_der(certificate).expect("strict DER");
    let key = certificate.tbs_certificate.subject_public_key_info.subject_public_key;
    RsaPublicKey::from_pkcs1_der(key.raw_bytes()).expect("an RSA key")
}

/// VERIFY of a reference named by its short identifier.
fn verify(id: u8, value: &str) -> String {
    format!("002000{:02X}{:02X}{}", 0x80 | id, value.len(), hex(value.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02X}"))
}
