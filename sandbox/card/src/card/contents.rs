//! What is written on a card when it is made: applications, files, keys, and the references that guard them.

use std::collections::BTreeMap;
use std::sync::Arc;

use sandbox_pki::surface::{self, Face};
use sandbox_pki::{Authority, CertificateSpec, HolderAttributes, TestKey};
use time::macros::{date, time};
use time::{Date, Duration, OffsetDateTime, Time};

use super::reference::{Reference, Rule};
use crate::person::{CardFile, Kind, Person, Sex};

/// An application of the card.
pub(super) struct Applet {
    pub(super) application: Application,
    pub(super) aid: &'static [u8],
    /// Elementary files by the low byte of their id, which is their short identifier as well.
    pub(super) files: BTreeMap<u8, File>,
    /// The key that COMPUTE DIGITAL SIGNATURE uses where P2 = 00.
    pub(super) default_key: Option<u8>,
}

/// The applications that this card has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Application {
    Jpki,
    Surface,
}

/// An elementary file.
pub(super) enum File {
    /// Data, and what has to be verified before they can be read.
    Data { content: Vec<u8>, read: Access },
    /// A private key, and the reference that has to be verified before it signs.
    Key { key: Arc<TestKey>, after: Option<u8> },
    /// A PIN or 照合番号; its value and counter are the card's state.
    Reference,
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

/// 公的個人認証AP: all public clients.
pub(super) const JPKI: &[u8] = b"\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01";
/// 券面事項確認AP: myna, myna-card, jsapdu.
pub(super) const SURFACE: &[u8] = b"\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x02";

/// Keys and references of the JPKI AP.
const AUTHENTICATION_KEY: u8 = 0x17;
pub(super) const PIN: u8 = 0x18;
const SIGNATURE_KEY: u8 = 0x1A;
const PASSWORD: u8 = 0x1B;

/// References and key of 券面事項確認AP. 照合番号 A and B have other ids in 券面事項入力補助AP.
pub(super) const BIRTH_DATE: u8 = 0x11;
const NUMBER_B: u8 = 0x12;
const NUMBER_A: u8 = 0x13;
const SURFACE_KEY: u8 = 0x1A;

/// The applications of a person's card as it would be on that day.
pub(super) fn applets(person: &Person, today: Date) -> Vec<Applet> {
    if person.card.kind == Kind::Other {
        return Vec::new();
    }
    let mut applets = vec![jpki_applet(person, today)];
    applets.extend(surface_applet(person.surface()));
    applets
}

fn jpki_applet(person: &Person, today: Date) -> Applet {
    let card = &person.card;
    let data = |content, read| File::Data { content, read };
    // Without a certificate its file is there and empty: READ BINARY answers `6B00`, EF 0008 says `00`. What a
    // card answers whose holder has none was not measured: our own decision.
    //
    // On the Android phone the certificate needs the PIN: myna special-cases it (jpki/myna issue 6).
    let certificate_access = match card.kind {
        Kind::AndroidPhone => Access::After(&[PIN]),
        _ => Access::Free,
    };
    let has = |present: bool| if present { 0x8F } else { 0x00 };
    let presence = vec![has(card.signature.is_some()), has(card.certificate.is_some()), 0x00];
    let signature = signature_certificate(person, today).unwrap_or_default();
    let generation = card.certificate.as_ref().map_or(3, |certificate| certificate.ca_generation);
    let authority = Authority::authentication(generation).unwrap_or(Authority::Authentication3);

    let mut files = BTreeMap::from([
        (0x01, data(signature, Access::After(&[PASSWORD]))),
        (0x02, data(Authority::Signature.certificate(), Access::Free)),
        (0x06, data(token_information(card.kind), Access::Free)),
        (0x08, data(presence, Access::Free)),
        (0x09, data(Vec::new(), Access::Never)),
        (0x0A, data(authentication_certificate(person, today).unwrap_or_default(), certificate_access)),
        (0x0B, data(authority.certificate(), Access::Free)),
        // The key of the terminals' CA, for 特定機関認証.
        (0x16, File::Closed),
        (AUTHENTICATION_KEY, File::Key { key: person.keys().authentication().clone(), after: Some(PIN) }),
        (PIN, File::Reference),
        (SIGNATURE_KEY, File::Key { key: person.keys().signature().clone(), after: Some(PASSWORD) }),
        (PASSWORD, File::Reference),
    ]);
    // These exist on the card; what they hold and who may read them is unknown. Nobody may here, our own
    // decision.
    for unknown in [0x05, 0x10, 0x19, 0x1C, 0x1E] {
        files.insert(unknown, data(Vec::new(), Access::Never));
    }
    Applet { application: Application::Jpki, aid: JPKI, files, default_key: None }
}

/// `None` where nothing is printed: a phone has no 券面事項確認AP.
fn surface_applet(person: &Person) -> Option<Applet> {
    let card = &person.card;
    let printed = card.printed.as_ref()?;
    let key = person.keys().surface();
    let (birth_date, expires) = (yyyymmdd(card.birth_date), yyyymmdd(printed.expires));
    let sex = match card.sex {
        Sex::Male => b'1',
        Sex::Female => b'2',
        Sex::NotApplicable => b'9',
    };
    let face = Face { birth_date: &birth_date, sex, expires: &expires, photo: printed.photo };
    let data = |content, read| File::Data { content, read };
    let files = BTreeMap::from([
        (0x01, data(surface::birth_record(&birth_date, key), Access::After(&[BIRTH_DATE]))),
        (0x02, data(surface::face(&face, key), Access::After(&[NUMBER_B, NUMBER_A]))),
        (0x03, data(surface::basic_information(), Access::Free)),
        (0x04, data(surface::key_certificate(), Access::Free)),
        (0x05, data(surface::number_image(key), Access::After(&[NUMBER_A]))),
        // The access of this one is not reported; free is our own decision.
        (0x06, data(vec![0xFF; 16], Access::Free)),
        (BIRTH_DATE, File::Reference),
        (NUMBER_B, File::Reference),
        (NUMBER_A, File::Reference),
        (SURFACE_KEY, File::Key { key: key.clone(), after: None }),
    ]);
    Some(Applet { application: Application::Surface, aid: SURFACE, files, default_key: Some(SURFACE_KEY) })
}

/// The references of a new card, with the tries that its file leaves.
pub(super) fn references(person: &Person) -> BTreeMap<(Application, u8), Reference> {
    let card = &person.card;
    let mut references = BTreeMap::new();
    if card.kind == Kind::Other {
        return references;
    }
    let pin = match &card.pin {
        Some(pin) => Reference::new(pin, Rule::Pin, card.pin_tries_left),
        None => Reference::absent(Rule::Pin),
    };
    references.insert((Application::Jpki, PIN), pin);
    let password = match &card.signature {
        Some(signature) => Reference::new(&signature.password, Rule::Password, Rule::Password.limit()),
        None => Reference::absent(Rule::Password),
    };
    references.insert((Application::Jpki, PASSWORD), password);

    let owner = &person.surface().card;
    if let Some(printed) = &owner.printed {
        let birth = birth_digits(owner.birth_date);
        let number_b = format!("{birth}{:04}{}", printed.expires.year(), printed.security_code.reveal());
        for (id, value, tries) in [
            // The tries are those of the card in hand, whoever is on its face.
            (BIRTH_DATE, birth.as_str(), card.birth_tries_left),
            (NUMBER_B, number_b.as_str(), Rule::Printed.limit()),
            (NUMBER_A, printed.my_number.reveal(), Rule::Printed.limit()),
        ] {
            let reference = Reference::printed(value, tries, &card.switches);
            references.insert((Application::Surface, id), reference);
        }
    }
    references
}

pub(crate) fn authentication_certificate(person: &Person, today: Date) -> Option<Vec<u8>> {
    let certificate = person.card.certificate.as_ref()?;
    let (not_before, not_after) = validity(&person.card, today)?;
    let spec = CertificateSpec::authentication(
        Authority::authentication(certificate.ca_generation)?,
        certificate.serial.into(),
        &certificate.subject_cn,
        person.keys().authentication(),
        not_before,
        not_after,
    );
    Some(spec.issue())
}

fn signature_certificate(person: &Person, today: Date) -> Option<Vec<u8>> {
    let card = &person.card;
    let signature = card.signature.as_ref()?;
    let (not_before, not_after) = validity(card, today)?;
    let sex = match card.sex {
        Sex::Male => "1",
        Sex::Female => "2",
        Sex::NotApplicable => "9",
    };
    let holder = HolderAttributes {
        name: person.name(),
        // EYYYYMMDD. Whether the year is that of the era is not clear from the public description; the
        // calendar's year is our own decision.
        birth_date: &format!(
            "{}{}",
            era(card.birth_date).0,
            String::from_utf8_lossy(&yyyymmdd(card.birth_date))
        ),
        sex,
        address: &signature.address,
    };
    // Issue time, a sequence of 5 digits, 市区町村コード, 003A.
    let date = String::from_utf8_lossy(&yyyymmdd(not_before.date())).into_owned();
    let cn = format!("{date}090000{:05}99001003A", signature.serial % 100_000);
    let spec = CertificateSpec::signature(
        signature.serial.into(),
        &cn,
        &holder,
        person.keys().signature(),
        not_before,
        not_after,
    );
    Some(spec.issue())
}

/// First and last second of both certificates; `None` beyond the calendar.
fn validity(card: &CardFile, today: Date) -> Option<(OffsetDateTime, OffsetDateTime)> {
    let certificate = card.certificate.as_ref()?;
    let day = |days: i32| today.checked_add(Duration::days(days.into()));
    Some((
        day(certificate.valid_from_days)?.with_time(Time::MIDNIGHT).assume_utc(),
        day(certificate.valid_until_days)?.with_time(time!(14:59:59)).assume_utc(),
    ))
}

/// EF 0006: an image of PKCS #11's `CK_TOKEN_INFO`, 160 bytes, integers big-endian (reported by one client).
fn token_information(kind: Kind) -> Vec<u8> {
    let label: &[u8] = match kind {
        Kind::AndroidPhone => b"JPKIAPGPSETOKEN",
        Kind::Iphone => b"JPKIAPIOSTOKEN",
        _ => b"JPKIAPICCTOKEN2",
    };
    // Padded with spaces: myna-go refuses a label that is padded with NUL.
    let text = |text: &[u8], length| {
        let mut field = text.to_vec();
        field.resize(length, b' ');
        field
    };
    [
        text(label, 32),
        b"00000000000000000000000000000001".to_vec(),
        text(b"SANDBOX", 16),
        b"0000000099990000".to_vec(),
        0x0000_040D_u32.to_be_bytes().to_vec(),
        [1_u32, 0, 1, 0].iter().flat_map(|sessions| sessions.to_be_bytes()).collect(),
        [16_u32, 6].iter().flat_map(|length| length.to_be_bytes()).collect(),
        vec![0xFF; 16],
        b"0301".to_vec(),
        vec![b'9'; 16],
    ]
    .concat()
}

fn yyyymmdd(date: Date) -> [u8; 8] {
    let text = format!("{:04}{:02}{:02}", date.year(), u8::from(date.month()), date.day());
    text.as_bytes().try_into().expect("a card file's dates have years of four digits")
}

/// YYMMDD with the year of the era, as printed on the card.
fn birth_digits(date: Date) -> String {
    let year = (date.year() - era(date).1.year() + 1).clamp(0, 99);
    format!("{year:02}{:02}{:02}", u8::from(date.month()), date.day())
}

/// The digit of the date's era, 1 明治 to 5 令和, and the era's first day.
fn era(date: Date) -> (u8, Date) {
    const ERAS: [(u8, Date); 5] = [
        (5, date!(2019 - 05 - 01)),
        (4, date!(1989 - 01 - 08)),
        (3, date!(1926 - 12 - 25)),
        (2, date!(1912 - 07 - 30)),
        (1, date!(1868 - 01 - 25)),
    ];
    *ERAS.iter().find(|(_, first)| date >= *first).unwrap_or(&ERAS[4])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_birth_date_is_written_in_its_era() {
        assert_eq!(birth_digits(date!(1980 - 02 - 17)), "550217");
        assert_eq!((era(date!(1989 - 01 - 07)).0, &*birth_digits(date!(1989 - 01 - 07))), (3, "640107"));
        assert_eq!((era(date!(1989 - 01 - 08)).0, &*birth_digits(date!(1989 - 01 - 08))), (4, "010108"));
        assert_eq!((era(date!(2019 - 04 - 30)).0, &*birth_digits(date!(2019 - 04 - 30))), (4, "310430"));
        assert_eq!((era(date!(2019 - 05 - 01)).0, &*birth_digits(date!(2019 - 05 - 01))), (5, "010501"));
        assert_eq!((era(date!(1926 - 12 - 24)).0, &*birth_digits(date!(1926 - 12 - 24))), (2, "151224"));
    }
}
