//! 券面事項確認AP: the card's face, opened by what is printed on it.

use std::collections::BTreeMap;

use sandbox_pki::surface::{self, Face};

use super::printed::{birth_digits, number_b, sex, yyyymmdd};
use super::{Applet, Application, File};
use crate::card::reference::{Reference, Rule};
use crate::person::Person;

/// References and key. 照合番号 A and B have other ids in 券面事項入力補助AP.
pub(in crate::card) const BIRTH_DATE: u8 = 0x11;
const NUMBER_B: u8 = 0x12;
const NUMBER_A: u8 = 0x13;
const KEY: u8 = 0x1A;

/// `None` where nothing is printed: a phone has no face.
///
/// Whoever is on the face, switches and tries are those of the card in hand.
pub(super) fn applet(person: &Person) -> Option<Applet> {
    let owner = person.surface();
    let printed = owner.card.printed.as_ref()?;
    let key = owner.keys().surface();
    let (birth_date, expires) = (yyyymmdd(owner.card.birth_date), yyyymmdd(printed.expires));
    let face =
        Face { birth_date: &birth_date, sex: sex(&owner.card), expires: &expires, photo: printed.photo };
    let reference =
        |value: &str, tries| File::Reference(Reference::of_surface(value, tries, &person.card.switches));
    let all_tries = Rule::Printed.limit();
    let files = BTreeMap::from([
        (0x01, File::after(surface::birth_record(&birth_date, key), &[BIRTH_DATE])),
        (0x02, File::after(surface::face(&face, key), &[NUMBER_B, NUMBER_A])),
        (0x03, File::free(surface::basic_information())),
        (0x04, File::free(surface::key_certificate())),
        (0x05, File::after(surface::number_image(key), &[NUMBER_A])),
        // The access of this one is not reported; free is our own decision.
        (0x06, File::free(vec![0xFF; 16])),
        (BIRTH_DATE, reference(&birth_digits(owner.card.birth_date), person.card.birth_tries_left)),
        (NUMBER_B, reference(&number_b(&owner.card, printed), all_tries)),
        (NUMBER_A, reference(printed.my_number.reveal(), all_tries)),
        (KEY, File::signing_key(key, None)),
    ]);
    Some(Applet { application: Application::Surface, files, default_key: Some(KEY) })
}
