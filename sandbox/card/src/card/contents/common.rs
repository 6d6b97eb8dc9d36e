//! 共通カードAP and 住基AP, whose files hold records (JICSAP IC card specification V1.1 §4.4.1: a tag, a length, a
//! value).

use std::collections::BTreeMap;

use sandbox_pki::{SharedKey, master};
use sha2::{Digest, Sha256};

use super::printed::yyyymmdd;
use super::{Applet, Application, File, Usage, other_pin};
use crate::person::Person;

/// The two are references of their own, changed by CHANGE KEY.
const PIN: u8 = 0x1C;

/// 共通カードAP: 製造番号, 市区町村コード and 有効期限, and the key of the card itself. `None` for a phone.
pub(super) fn common(person: &Person) -> Option<Applet> {
    let expires = yyyymmdd(person.card.printed.as_ref()?.expires);
    let card = [card_number(person).as_bytes(), master::MUNICIPALITY, &expires].concat();
    let files = BTreeMap::from([
        (0x01, File::Records(vec![record(&card)])),
        (0x02, key_reference()),
        (
            0x19,
            File::Key {
                key: SharedKey::CommonAuthentication.key().clone(),
                after: None,
                usage: Usage::Authentication,
            },
        ),
        (PIN, other_pin(&person.card)),
    ]);
    Some(Applet { application: Application::Common, files, default_key: None })
}

/// 住基AP. `None` for a phone.
pub(super) fn resident_register(person: &Person) -> Option<Applet> {
    person.card.printed.as_ref()?;
    let files = BTreeMap::from([(0x02, key_reference()), (PIN, other_pin(&person.card))]);
    Some(Applet { application: Application::ResidentRegister, files, default_key: None })
}

/// 製造番号, 15 digits: `99999` and ten that depend on the name of the person's file. It is free to read, and so
/// it is made of nothing that is not.
pub(super) fn card_number(person: &Person) -> String {
    let digest: [u8; 32] =
        Sha256::new().chain_update("card number of ").chain_update(person.slug()).finalize().into();
    let number = digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte));
    format!("99999{:010}", number % 10_000_000_000)
}

/// EF 0002 of both. That its record has the tag of the other file's is our own decision.
fn key_reference() -> File {
    File::Records(vec![record(&master::key_reference())])
}

fn record(value: &[u8]) -> Vec<u8> {
    sandbox_pki::tlv::der(0x01, value)
}
