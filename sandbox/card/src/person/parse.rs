//! The rules that a person's file keeps.

use time::Date;
use time::macros::date;
use toml::de::DeTable;

use super::error::{Misfit, Problem};
use super::file::{
    CardFile, CertificateFile, CounterAfterVerify, CounterWhenExhausted, Kind, Note, Printed, Sex,
    SignatureFile, Switches, TestSecret,
};
use super::reader::{Field, Table, line};

/// 3 tries for the 4-digit PIN; official.
pub(crate) const PIN_TRIES: u8 = 3;
/// 10 tries for 照合番号A and B are official; for the birth date alone they are our own decision.
pub(crate) const BIRTH_TRIES: u8 = 10;
/// Characters of a name, an address or a note: 署名用電子証明書 holds the first two and has to fit into its file.
const MAX_TEXT: usize = 200;
/// 明治 on a card: 1868-01-25.
const FIRST_DAY: Date = date!(1868 - 01 - 25);

/// A file that was read and found good.
pub(super) struct Parsed {
    pub(super) name: String,
    pub(super) note: Note,
    pub(super) card: CardFile,
    /// Whose 券面事項確認AP is on the card, and the line that says so.
    pub(super) surface_of: Option<(String, usize)>,
    pub(super) service: toml::Table,
}

pub(super) fn parse(text: &str) -> Result<Parsed, Misfit> {
    let syntax = |error: &toml::de::Error| Misfit {
        line: line(text, error.span().map_or(0, |span| span.start)),
        field: "file".to_owned(),
        problem: Problem::Syntax(error.message().lines().next().unwrap_or_default().to_owned()),
    };
    let document = DeTable::parse(text).map_err(|error| syntax(&error))?;
    let file = Table::whole(text, document.get_ref()).holds_only(&["name", "note", "card", "service"])?;
    let note = file.required("note")?.table()?.holds_only(&["ja", "en"])?;
    let (card, surface_of) = parse_card(file.required("card")?.table()?)?;
    // The service has its own rules for its half.
    file.optional("service").map(|service| service.table()).transpose()?;
    let mut whole: toml::Table = text.parse().map_err(|error| syntax(&error))?;
    let service = match whole.remove("service") {
        Some(toml::Value::Table(service)) => service,
        _ => toml::Table::new(),
    };
    Ok(Parsed {
        name: file.required("name")?.text(MAX_TEXT)?,
        note: Note { ja: note.required("ja")?.text(MAX_TEXT)?, en: note.required("en")?.text(MAX_TEXT)? },
        card,
        surface_of,
        service,
    })
}

/// The card, and whose 券面事項確認AP it bears.
fn parse_card(table: Table<'_, '_>) -> Result<(CardFile, Option<(String, usize)>), Misfit> {
    let table = table.holds_only(&[
        "kind",
        "birth_date",
        "sex",
        "expires",
        "security_code",
        "my_number",
        "photo",
        "pin",
        "pin_tries_left",
        "birth_tries_left",
        "surface_of",
        "certificate",
        "signature",
        "switches",
    ])?;
    let kind = table.required("kind")?.word(
        &[
            ("my-number-card", Kind::MyNumberCard),
            ("face-authentication", Kind::FaceAuthentication),
            ("android-phone", Kind::AndroidPhone),
            ("iphone", Kind::Iphone),
            ("other", Kind::Other),
        ],
        "my-number-card, face-authentication, android-phone, iphone, other",
    )?;
    let birth_date = table.required("birth_date")?;
    let sex = table.required("sex")?.word(
        &[("male", Sex::Male), ("female", Sex::Female), ("not-applicable", Sex::NotApplicable)],
        "male, female, not-applicable",
    )?;
    let mut card = CardFile {
        kind,
        birth_date: birth_date.date()?,
        sex,
        printed: None,
        pin: None,
        pin_tries_left: 0,
        birth_tries_left: 0,
        certificate: None,
        signature: None,
        switches: table
            .optional("switches")
            .map_or(Ok(Switches::default()), |field| parse_switches(&field))?,
    };
    if card.birth_date < FIRST_DAY {
        return Err(birth_date.misfit(Problem::Date));
    }

    let mut surface_of = None;
    if matches!(kind, Kind::MyNumberCard | Kind::FaceAuthentication) {
        card.printed = Some(parse_printed(&table)?);
        card.birth_tries_left = table
            .optional("birth_tries_left")
            .map_or(Ok(BIRTH_TRIES), |field| field.small(0, BIRTH_TRIES))?;
        surface_of = table
            .optional("surface_of")
            .map(|field| Ok((field.text(MAX_TEXT)?, field.line())))
            .transpose()?;
    } else {
        let of_surface = ["expires", "security_code", "my_number", "photo", "birth_tries_left", "surface_of"];
        table.refuse(&of_surface, Problem::NotOfThisKind)?;
    }
    card.certificate = match (kind, table.optional("certificate")) {
        (Kind::Other, _) => {
            table.refuse(&["certificate"], Problem::NotOfThisKind)?;
            None
        }
        // One that was issued without, or an old 住基カード.
        (Kind::MyNumberCard, None) => None,
        _ => Some(parse_certificate(&table.required("certificate")?)?),
    };
    let of_certificate = ["pin", "pin_tries_left", "signature"];
    if kind == Kind::MyNumberCard && card.certificate.is_none() {
        table.refuse(&of_certificate, Problem::NeedsCertificate)?;
    } else if matches!(kind, Kind::MyNumberCard | Kind::AndroidPhone | Kind::Iphone) {
        card.pin = Some(TestSecret::new(&table.required("pin")?.digits(4)?));
        card.pin_tries_left =
            table.optional("pin_tries_left").map_or(Ok(PIN_TRIES), |field| field.small(0, PIN_TRIES))?;
        card.signature = table.optional("signature").map(|field| parse_signature(&field)).transpose()?;
    } else {
        table.refuse(&of_certificate, Problem::NotOfThisKind)?;
    }
    Ok((card, surface_of))
}

fn parse_printed(card: &Table<'_, '_>) -> Result<Printed, Misfit> {
    let my_number = card.required("my_number")?;
    let digits = my_number.digits(12)?;
    if check_digit(&digits[..11]) == digits.as_bytes()[11] {
        return Err(my_number.misfit(Problem::CheckDigitRight));
    }
    Ok(Printed {
        expires: card.required("expires")?.date()?,
        security_code: TestSecret::new(&card.required("security_code")?.digits(4)?),
        my_number: TestSecret::new(&digits),
        photo: card.optional("photo").map_or(Ok(true), |field| field.boolean())?,
    })
}

/// The check digit of a 個人番号 (平成26年総務省令第85号 第5条).
fn check_digit(eleven: &str) -> u8 {
    let sum: u32 = eleven
        .bytes()
        .rev()
        .zip((2..=7).chain(2..=6))
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    let digit = match sum % 11 {
        0 | 1 => 0,
        remainder => 11 - remainder,
    };
    b'0' + u8::try_from(digit).expect("one digit")
}

fn parse_certificate(field: &Field<'_, '_>) -> Result<CertificateFile, Misfit> {
    /// Twenty years, four times as long as a certificate lives. A card made today then has dates from this
    /// side of 1970, where its verifier's calendar begins, to 2049, the end of `UTCTime` (RFC 5280 §4.1.2.5).
    const DAYS: i32 = 7_300;
    let table = field.table()?.holds_only(&[
        "serial",
        "subject_cn",
        "ca_generation",
        "valid_from_days",
        "valid_until_days",
    ])?;
    let subject_cn = table.required("subject_cn")?;
    let valid_until_days = table.required("valid_until_days")?;
    let certificate = CertificateFile {
        serial: serial(&table)?,
        subject_cn: subject_cn.string()?,
        ca_generation: table.required("ca_generation")?.small(1, 3)?,
        valid_from_days: table.required("valid_from_days")?.integer(-DAYS, DAYS)?,
        valid_until_days: valid_until_days.integer(-DAYS, DAYS)?,
    };
    if !is_subject_cn(&certificate.subject_cn) {
        return Err(subject_cn.misfit(Problem::SubjectCn));
    }
    if certificate.valid_until_days < certificate.valid_from_days {
        return Err(valid_until_days.misfit(Problem::ValidityEmpty));
    }
    Ok(certificate)
}

/// 14 random characters, the 市区町村コード and `003A`.
fn is_subject_cn(text: &str) -> bool {
    let Some((random, rest)) = text.split_at_checked(14) else { return false };
    random.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        && rest
            .strip_suffix("003A")
            .is_some_and(|code| code.len() == 5 && code.bytes().all(|byte| byte.is_ascii_digit()))
}

fn parse_signature(field: &Field<'_, '_>) -> Result<SignatureFile, Misfit> {
    let table = field.table()?.holds_only(&["serial", "password", "address"])?;
    let password = table.required("password")?;
    let text = password.string()?;
    if !is_signature_password(text.as_bytes()) {
        return Err(password.misfit(Problem::SignaturePassword));
    }
    Ok(SignatureFile {
        serial: serial(&table)?,
        password: TestSecret::new(&text),
        address: table.required("address")?.text(MAX_TEXT)?,
    })
}

/// 6 to 16 of `0-9A-Z`.
pub(crate) fn is_signature_password(text: &[u8]) -> bool {
    (6..=16).contains(&text.len())
        && text.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
}

fn serial(table: &Table<'_, '_>) -> Result<u32, Misfit> {
    let serial = table.required("serial")?.integer(1, i32::MAX)?;
    Ok(serial.unsigned_abs())
}

fn parse_switches(field: &Field<'_, '_>) -> Result<Switches, Misfit> {
    let table = field.table()?.holds_only(&[
        "read_by_short_id",
        "verify_by_short_id",
        "sign_by_short_id",
        "short_id_moves_current_ef",
        "extended_le",
        "counter_after_verify",
        "first_command_6f00",
        "unlimited",
        "counter_when_exhausted",
    ])?;
    let defaults = Switches::default();
    let switch = |name, default| table.optional(name).map_or(Ok(default), |field| field.boolean());
    let after_verify = [("63Cx", CounterAfterVerify::Tries), ("9000", CounterAfterVerify::Success)];
    let exhausted = [("6300", CounterWhenExhausted::NotShown), ("63C0", CounterWhenExhausted::Zero)];
    Ok(Switches {
        read_by_short_id: switch("read_by_short_id", defaults.read_by_short_id)?,
        verify_by_short_id: switch("verify_by_short_id", defaults.verify_by_short_id)?,
        sign_by_short_id: switch("sign_by_short_id", defaults.sign_by_short_id)?,
        short_id_moves_current_ef: switch("short_id_moves_current_ef", defaults.short_id_moves_current_ef)?,
        extended_le: switch("extended_le", defaults.extended_le)?,
        counter_after_verify: table
            .optional("counter_after_verify")
            .map_or(Ok(defaults.counter_after_verify), |field| field.word(&after_verify, "63Cx, 9000"))?,
        first_command_6f00: switch("first_command_6f00", defaults.first_command_6f00)?,
        unlimited: switch("unlimited", defaults.unlimited)?,
        counter_when_exhausted: table
            .optional("counter_when_exhausted")
            .map_or(Ok(defaults.counter_when_exhausted), |field| field.word(&exhausted, "6300, 63C0"))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_digit_is_that_of_the_ordinance() {
        // 1234 5678 9018 is the number printed on public sample cards.
        assert_eq!(check_digit("12345678901"), b'8');
    }
}
