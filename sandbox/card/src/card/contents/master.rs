//! The objects of the master level, which GET DATA gives while no application is selected.
//!
//! Their tags, and what some of them hold, are reported by one client (`myna-card`). They come without their
//! own tag and length.

use std::collections::BTreeMap;

use sandbox_pki::{master, tlv};

use super::common::card_number;
use super::printed::yyyymmdd;
use crate::person::Person;

/// The answer to reset of the contacts, without its first byte.
pub(in crate::card) const CONTACT_ATR: u16 = 0x5F51;

/// None on a phone, which is no card: our own decision.
pub(super) fn objects(person: &Person) -> BTreeMap<u16, Vec<u8>> {
    let Some(printed) = &person.card.printed else { return BTreeMap::new() };
    BTreeMap::from([
        (0x0042, master::issuer_key_id().to_vec()),
        (0x0045, card_number(person).into_bytes()),
        (0x0066, card_recognition()),
        (0x00F0, master::MUNICIPALITY.to_vec()),
        (0x00F2, yyyymmdd(printed.expires).to_vec()),
        (0x00F7, master::intermediate_key_id().to_vec()),
        (0x00F8, master::upper_certificate()),
        (0x7F21, master::lower_certificate()),
        // That of the test card: T=1, no historical bytes.
        (CONTACT_ATR, vec![0xE0, 0x00, 0xFF, 0x81, 0x31, 0xFE, 0x45, 0x14]),
    ])
}

/// Card Recognition Data (`GlobalPlatform` Card Specification 2.2 §H.2): version 2.2, secure channel protocol
/// 02 with option 15. What a real card says there is not published.
fn card_recognition() -> Vec<u8> {
    let id = |arcs: &[u64]| tlv::object_identifier(&[&[1, 2, 840, 114_283][..], arcs].concat());
    let data = [
        id(&[1]),
        tlv::der(0x60, &id(&[2, 2, 2])),
        tlv::der(0x63, &id(&[3])),
        tlv::der(0x64, &id(&[4, 2, 0x15])),
    ];
    tlv::der(0x73, &data.concat())
}
