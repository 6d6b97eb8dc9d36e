//! 公的個人認証AP: two key pairs with their certificates.

use std::collections::BTreeMap;

use sandbox_pki::{Authority, CertificateSpec, HolderAttributes};
use time::macros::time;
use time::{Date, Duration, OffsetDateTime, Time};

use super::printed::{era_and_date, name, sex, yyyymmdd};
use super::{Applet, Application, File};
use crate::card::reference::{Reference, Rule};
use crate::person::{CardFile, Kind, Person};

/// Keys and references.
const AUTHENTICATION_KEY: u8 = 0x17;
pub(in crate::card) const AUTHENTICATION_PIN: u8 = 0x18;
const SIGNATURE_KEY: u8 = 0x1A;
const PASSWORD: u8 = 0x1B;

pub(super) fn applet(person: &Person, today: Date) -> Applet {
    let card = &person.card;
    // Without a certificate its file is there and empty: READ BINARY answers `6B00`, EF 0008 says `00`. What a
    // card answers whose holder has none was not measured: our own decision.
    let certificate = authentication_certificate(person, today).unwrap_or_default();
    // On the Android phone the certificate needs the PIN: myna special-cases it (jpki/myna issue 6).
    let certificate = match card.kind {
        Kind::AndroidPhone => File::after(certificate, &[AUTHENTICATION_PIN]),
        _ => File::free(certificate),
    };
    let has = |present: bool| if present { 0x8F } else { 0x00 };
    let presence = vec![has(card.signature.is_some()), has(card.certificate.is_some()), 0x00];
    let signature = signature_certificate(person, today).unwrap_or_default();
    let generation = card.certificate.as_ref().map_or(3, |certificate| certificate.ca_generation);
    let authority = Authority::authentication(generation).unwrap_or(Authority::Authentication3);

    let mut files = BTreeMap::from([
        (0x01, File::after(signature, &[PASSWORD])),
        (0x02, File::free(Authority::Signature.certificate())),
        (0x06, File::free(token_information(card.kind))),
        (0x08, File::free(presence)),
        (0x09, File::never()),
        (0x0A, certificate),
        (0x0B, File::free(authority.certificate())),
        // The key of the terminals' CA, for 特定機関認証.
        (0x16, File::Closed),
        (AUTHENTICATION_KEY, File::signing_key(person.keys().authentication(), Some(AUTHENTICATION_PIN))),
        (AUTHENTICATION_PIN, File::Reference(pin(card))),
        (SIGNATURE_KEY, File::signing_key(person.keys().signature(), Some(PASSWORD))),
        (PASSWORD, File::Reference(password(card))),
    ]);
    // These exist on the card; what they hold and who may read them is unknown. Nobody may here, our own
    // decision.
    for unknown in [0x05, 0x10, 0x19, 0x1C, 0x1E] {
        files.insert(unknown, File::never());
    }
    Applet { application: Application::Jpki, files, default_key: None }
}

fn pin(card: &CardFile) -> Reference {
    match &card.pin {
        Some(pin) => Reference::new(pin, Rule::Pin, card.pin_tries_left),
        None => Reference::absent(Rule::Pin),
    }
}

fn password(card: &CardFile) -> Reference {
    match &card.signature {
        Some(signature) => Reference::new(&signature.password, Rule::Password, Rule::Password.limit()),
        None => Reference::absent(Rule::Password),
    }
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
    let holder = HolderAttributes {
        name: &name(person),
        birth_date: &era_and_date(card.birth_date),
        sex: &char::from(sex(card)).to_string(),
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
