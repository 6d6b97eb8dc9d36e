//! What is printed on a card, in the forms in which its applications hold it.

use time::Date;
use time::macros::date;

use crate::person::{CardFile, Person, Printed, Sex};

/// 住所 where the file of a person without 署名用電子証明書 has none: our own decision.
const NO_ADDRESS: &str = "試験県窓口市試験町";

/// 氏名 with an ideographic space, as the test card has it.
pub(super) fn name(person: &Person) -> String {
    person.name().replace(' ', "\u{3000}")
}

/// 住所.
pub(super) fn address(card: &CardFile) -> &str {
    card.signature.as_ref().map_or(NO_ADDRESS, |signature| &signature.address)
}

/// 性別: `1` 男, `2` 女, `9` 適用不能.
pub(super) fn sex(card: &CardFile) -> u8 {
    match card.sex {
        Sex::Male => b'1',
        Sex::Female => b'2',
        Sex::NotApplicable => b'9',
    }
}

pub(super) fn yyyymmdd(date: Date) -> [u8; 8] {
    let text = format!("{:04}{:02}{:02}", date.year(), u8::from(date.month()), date.day());
    text.as_bytes().try_into().expect("a card file's dates have years of four digits")
}

/// EYYYYMMDD: the digit of the era and the calendar's year, as the test card's certificate has it.
pub(super) fn era_and_date(date: Date) -> String {
    format!("{}{}", era(date).0, String::from_utf8_lossy(&yyyymmdd(date)))
}

/// YYMMDD with the year of the era, as printed on the card.
pub(super) fn birth_digits(date: Date) -> String {
    let year = (date.year() - era(date).1.year() + 1).clamp(0, 99);
    format!("{year:02}{:02}{:02}", u8::from(date.month()), date.day())
}

/// 照合番号B: birth date as printed, year in which the card expires, セキュリティコード.
pub(super) fn number_b(card: &CardFile, printed: &Printed) -> String {
    let birth = birth_digits(card.birth_date);
    format!("{birth}{:04}{}", printed.expires.year(), printed.security_code.reveal())
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
        assert_eq!(era_and_date(date!(1980 - 02 - 17)), "319800217");
    }
}
