//! What the manual of the ACR1255U-J1 prints, where it cannot be so. Computed again by hand: a check byte is the
//! exclusive-or of the other bytes.

use super::{cipher, message};
use crate::{
    ReaderError,
    codec::{Command, Message, Notice},
};

fn with_check(kind: u8, parameter: u8, check: u8, payload: &[u8]) -> Vec<u8> {
    let [.., high, low] = payload.len().to_be_bytes();
    [&[kind, high, low, 0, 0, parameter, check], payload].concat()
}

fn check(kind: u8, parameter: u8, check: u8, payload: &[u8]) -> Result<(), ReaderError> {
    message::parse(&with_check(kind, parameter, check, payload)).map(|_| ())
}

#[test]
fn v1_01_prints_wrong_checks_for_polling_and_v1_07_the_right_one() {
    let start = [0xE0, 0x00, 0x00, 0x40, 0x01];
    let stop = [0xE0, 0x00, 0x00, 0x40, 0x00];
    for printed in [0xA1, 0xE1] {
        assert_eq!(check(0x6B, 0, printed, &start), Err(ReaderError::Checksum));
        assert_eq!(check(0x6B, 0, printed, &stop), Err(ReaderError::Checksum));
    }
    assert_eq!(message::encode(Command::Escape(&start))[6], 0xCF);
    assert_eq!(message::encode(Command::Escape(&stop))[6], 0xCE);
}

#[test]
fn v1_07_prints_a_check_for_the_answer_of_v1_01() {
    let printed = [0xE1, 0x00, 0x00, 0x40, 0x01];
    assert_eq!(check(0x83, 0, 0x66, &printed), Err(ReaderError::Checksum));
    assert_eq!(check(0x83, 0, 0x66, &[0xE1, 0x00, 0x00, 0x00, 0x01]), Ok(()));
    assert_eq!(check(0x83, 0, 0x26, &printed), Ok(()));
}

#[test]
fn the_answer_to_reset_has_b3_for_its_check_and_not_3b() {
    let answer_to_reset = [0x3B, 0x83, 0x80, 0x01, 0x41, 0x07, 0x00, 0x44];
    assert_eq!(check(0x80, 0, 0x3B, &answer_to_reset), Err(ReaderError::Checksum));
    assert_eq!(check(0x80, 0, 0xB3, &answer_to_reset), Ok(()));
}

#[test]
fn the_status_02_of_the_authentication_messages_is_not_covered_by_their_checks() {
    let payload = [&[0xE1, 0x00, 0x00, 0x45, 0x00][..], &[0x5A; 16]].concat();
    let without_status = 0x83 ^ 0x15 ^ 0xE1 ^ 0x45;
    assert_eq!(check(0x83, 0x02, without_status, &payload), Err(ReaderError::Checksum));
    assert_eq!(check(0x83, 0x02, without_status ^ 0x02, &payload), Ok(()));
}

#[test]
fn v1_01_prints_the_notifications_the_other_way_round() {
    let says = |parameter| {
        let block = with_check(0x50, parameter, 0x50 ^ parameter, &[]);
        match message::parse(&block).expect("valid").read().expect("known") {
            Some(Message::Notice(notice)) => notice,
            _ => panic!("a notification"),
        }
    };
    assert_eq!(says(0x03), Notice::Arrived);
    assert_eq!(says(0x02), Notice::Left);
    assert_eq!(says(0x04), Notice::Asleep);
}

/// The one thing in the example that fits together: its last answer decrypts to this R<sub>B</sub>, and the first block
/// of its 32-byte message encrypts to it. Both blocks were computed with OpenSSL from R<sub>B</sub> and the factory key.
#[test]
fn the_examples_random_number_is_consistent_with_the_factory_key() {
    let key = *b"ACR1255U-J1 Auth";
    let random = 0x1567_4582_433f_fb64_2576_82ac_360b_4889_u128.to_be_bytes();
    let mut last_answer = 0x47d5_5054_f349_d417_b165_4021_9bda_c9b2_u128.to_be_bytes();
    let mut first_block = 0xa681_1791_9f46_07ae_ae4e_948e_0514_e8c8_u128.to_be_bytes();
    cipher::encrypt(&key, &mut first_block);
    assert_eq!(first_block, random);
    cipher::decrypt(&key, &mut last_answer);
    assert_eq!(last_answer, random);
}
