//! 券面事項入力補助AP: 個人番号 and 基本4情報 as text.

use std::collections::BTreeMap;

use sandbox_pki::SharedKey;
use sandbox_pki::text_input::{self, Attributes};

use super::printed::{address, name, number_b, sex, yyyymmdd};
use super::{Applet, Application, File, other_pin};
use crate::card::reference::{Reference, Rule};
use crate::person::{Person, TestSecret};

/// References and key. 照合番号 A and B have other ids in 券面事項確認AP.
pub(in crate::card) const PIN: u8 = 0x11;
/// Blocked from issuance (measured on several cards); what it guarded is not known.
const BLOCKED: u8 = 0x12;
const KEY: u8 = 0x13;
const NUMBER_A: u8 = 0x14;
const NUMBER_B: u8 = 0x15;

/// `None` where nothing is printed: a phone has no face.
///
/// It is the text of the face, and so it belongs to whoever is on the face; the PIN is that of the card in
/// hand. Both are our own decision, for cards that are not in the world.
pub(super) fn applet(person: &Person) -> Option<Applet> {
    let owner = person.surface();
    let printed = owner.card.printed.as_ref()?;
    let number = printed.my_number.reveal();
    let attributes = Attributes {
        name: &name(owner),
        address: address(&owner.card),
        birth_date: &yyyymmdd(owner.card.birth_date),
        sex: sex(&owner.card),
    };
    // The counter of 0012 is `63C0` (measured), and so these have no other at their end: our own decision.
    let printed_reference =
        |value: &TestSecret| File::Reference(Reference::new(value, Rule::Printed, Rule::Printed.limit()));
    let files = BTreeMap::from([
        (0x01, File::after(text_input::my_number(number), &[PIN, NUMBER_A])),
        // Not 照合番号A: it opens the number alone.
        (0x02, File::after(text_input::attributes(&attributes), &[PIN, NUMBER_B])),
        (0x03, File::after(text_input::integrity(number, &attributes), &[PIN, NUMBER_A, NUMBER_B])),
        (0x04, File::free(text_input::key_certificate())),
        (0x05, File::free(text_input::basic_information())),
        (0x06, File::after(text_input::messaging_key(), &[PIN, NUMBER_A, NUMBER_B])),
        (0x07, File::after(text_input::signed_key(), &[PIN, NUMBER_A, NUMBER_B])),
        (0x08, File::free(vec![0xFF; 16])),
        (PIN, other_pin(&person.card)),
        (BLOCKED, File::Reference(Reference::absent(Rule::Pin))),
        (KEY, File::signing_key(SharedKey::TextInputSignature.key(), None)),
        (NUMBER_A, printed_reference(&printed.my_number)),
        (NUMBER_B, printed_reference(&TestSecret::new(&number_b(&owner.card, printed)))),
    ]);
    Some(Applet { application: Application::TextInput, files, default_key: Some(KEY) })
}
