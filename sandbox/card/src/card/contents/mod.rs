//! What is written on a card when it is made: applications, files, keys, the references that guard them, and
//! the objects of the master level.

mod common;
mod jpki;
mod master;
mod printed;
mod surface;
mod text_input;

use std::collections::BTreeMap;
use std::sync::Arc;

use sandbox_pki::TestKey;
use time::Date;

pub(super) use self::jpki::AUTHENTICATION_PIN;
pub(crate) use self::jpki::authentication_certificate;
pub(super) use self::master::CONTACT_ATR;
pub(super) use self::surface::BIRTH_DATE;
pub(super) use self::text_input::PIN as TEXT_INPUT_PIN;
use super::reference::{Reference, Rule};
use crate::person::{CardFile, Kind, PIN_TRIES, Person};

/// What a card holds from the day on which it is made. Only references change afterwards.
pub(super) struct Contents {
    /// In the order in which a truncated name finds them.
    pub(super) applets: Vec<Applet>,
    /// The objects of the master level by their tags (ISO/IEC 7816-4 §8.3).
    pub(super) objects: BTreeMap<u16, Vec<u8>>,
}

/// An application of the card.
pub(super) struct Applet {
    pub(super) application: Application,
    /// Elementary files by the low byte of their id, which is their short identifier as well.
    pub(super) files: BTreeMap<u8, File>,
    /// The key that COMPUTE DIGITAL SIGNATURE uses where P2 = 00.
    pub(super) default_key: Option<u8>,
}

/// The applications of a My Number card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Application {
    /// 公的個人認証AP.
    Jpki,
    /// 券面事項確認AP.
    Surface,
    /// 券面事項入力補助AP.
    TextInput,
    /// 住基AP.
    ResidentRegister,
    /// 共通カードAP.
    Common,
}

impl Application {
    /// In the order in which a truncated name finds them: our own decision.
    pub(super) const ALL: [Self; 5] =
        [Self::Jpki, Self::Surface, Self::TextInput, Self::ResidentRegister, Self::Common];

    /// Its name, as public clients of all kinds have it.
    pub(super) fn aid(self) -> &'static [u8] {
        match self {
            Self::Jpki => b"\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01",
            Self::Surface => b"\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x02",
            Self::TextInput => b"\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x08",
            Self::ResidentRegister => b"\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x01",
            Self::Common => b"\xD3\x92\x10\x00\x31\x00\x01\x01\x01\x00",
        }
    }
}

/// An elementary file.
pub(super) enum File {
    /// Data, and what has to be verified before they can be read.
    Data { content: Vec<u8>, read: Access },
    /// Records, which anybody may read: in both applications that have them.
    Records(Vec<Vec<u8>>),
    /// A private key, the reference that has to be verified before it serves, and whom it serves.
    Key { key: Arc<TestKey>, after: Option<u8>, usage: Usage },
    /// A PIN or 照合番号, as it is when the card is made. What becomes of it is the card's state.
    Reference(Reference),
    /// It can be selected and nothing else.
    Closed,
}

/// Who may read a file.
pub(super) enum Access {
    Free,
    /// After any one of these references.
    After(&'static [u8]),
    Never,
}

/// Which command a key serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Usage {
    /// COMPUTE DIGITAL SIGNATURE.
    Signature,
    /// INTERNAL AUTHENTICATE.
    Authentication,
}

impl Contents {
    /// A person's card as it would be on that day.
    ///
    /// A phone has the JPKI AP alone. What else is on a card goes by what is printed on it.
    pub(super) fn new(person: &Person, today: Date) -> Self {
        if person.card.kind == Kind::Other {
            return Self { applets: Vec::new(), objects: BTreeMap::new() };
        }
        let mut applets = vec![jpki::applet(person, today)];
        applets.extend(surface::applet(person));
        applets.extend(text_input::applet(person));
        applets.extend(common::resident_register(person));
        applets.extend(common::common(person));
        Self { applets, objects: master::objects(person) }
    }

    /// The references of a new card, with the tries that its file leaves.
    pub(super) fn references(&self) -> BTreeMap<(Application, u8), Reference> {
        let of = |applet: &Applet| {
            let application = applet.application;
            let reference = move |(id, file): (&u8, &File)| match file {
                File::Reference(reference) => Some(((application, *id), reference.clone())),
                _ => None,
            };
            applet.files.iter().filter_map(reference).collect::<Vec<_>>()
        };
        self.applets.iter().flat_map(of).collect()
    }
}

impl File {
    fn free(content: Vec<u8>) -> Self {
        Self::Data { content, read: Access::Free }
    }

    fn after(content: Vec<u8>, references: &'static [u8]) -> Self {
        Self::Data { content, read: Access::After(references) }
    }

    fn never() -> Self {
        Self::Data { content: Vec::new(), read: Access::Never }
    }

    fn signing_key(key: &Arc<TestKey>, after: Option<u8>) -> Self {
        Self::Key { key: key.clone(), after, usage: Usage::Signature }
    }
}

/// One of the 4-digit PINs beside that of 利用者証明用電子証明書. All have the same digits, and all their tries: our
/// own decision, and what most holders choose. Where the card's file has no PIN, as on a 顔認証 card, these
/// are not set either.
fn other_pin(card: &CardFile) -> File {
    File::Reference(match &card.pin {
        Some(pin) => Reference::new(pin, Rule::Pin, PIN_TRIES),
        None => Reference::absent(Rule::Pin),
    })
}
