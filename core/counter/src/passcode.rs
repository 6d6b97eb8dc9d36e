//! Which passcodes are too easy to choose.

use secret::Passcode;
use time::{Date, Month};
use zeroize::Zeroizing;

use crate::LoginKind;

/// The shortest passcode, in digits.
const SHORTEST_PASSCODE: usize = 6;
/// The shortest password, in characters.
const SHORTEST_PASSWORD: usize = 10;
/// The longest of either: Argon2id takes more, a person does not.
const LONGEST: usize = 128;

/// Patterns of the keypad that people take for random; what is computed below is not listed.
const KEYPAD: [&str; 16] = [
    "112233", "123321", "123654", "147258", "147852", "159357", "159753", "258369", "258456", "321654",
    "357159", "369258", "456123", "741852", "789456", "102030",
];

/// Words that people build passwords on.
const WORDS: [&str; 5] = ["password", "passw0rd", "madoguchi", "qwerty", "12345678"];

/// Why a passcode or password was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weakness {
    TooShort,
    TooLong,
    NotDigits,
    TooSimple,
    /// A date: the first thing that somebody who knows the owner tries.
    Date,
    /// The second time it was typed otherwise.
    NotTheSame,
}

impl Weakness {
    /// The name of its text.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::TooShort => "weak-too-short",
            Self::TooLong => "weak-too-long",
            Self::NotDigits => "weak-not-digits",
            Self::TooSimple => "weak-too-simple",
            Self::Date => "weak-date",
            Self::NotTheSame => "weak-not-the-same",
        }
    }
}

/// Whether this may be chosen. Only asked when it is chosen: whoever logs in types what was chosen.
pub(crate) fn judge(passcode: &Passcode, kind: LoginKind) -> Result<(), Weakness> {
    match kind {
        LoginKind::Passcode => judge_digits(passcode.expose()),
        LoginKind::Password => judge_password(passcode.expose()),
    }
}

fn judge_digits(text: &str) -> Result<(), Weakness> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Weakness::NotDigits);
    }
    if text.len() < SHORTEST_PASSCODE {
        return Err(Weakness::TooShort);
    }
    if text.len() > LONGEST {
        return Err(Weakness::TooLong);
    }
    if repeats(text.as_bytes()) || runs(text.as_bytes()) || KEYPAD.contains(&text) {
        return Err(Weakness::TooSimple);
    }
    if is_date(text) { Err(Weakness::Date) } else { Ok(()) }
}

fn judge_password(text: &str) -> Result<(), Weakness> {
    let length = text.chars().count();
    if length < SHORTEST_PASSWORD {
        return Err(Weakness::TooShort);
    }
    if length > LONGEST {
        return Err(Weakness::TooLong);
    }
    let lower = Zeroizing::new(text.to_lowercase());
    let on_a_word = |word: &str| lower.contains(word) && length - word.len() < 6;
    if repeats(text.as_bytes()) || runs(text.as_bytes()) || WORDS.into_iter().any(on_a_word) {
        return Err(Weakness::TooSimple);
    }
    Ok(())
}

/// The same piece again and again: `777777`, `121212`, `abcabcabcabc`.
fn repeats(text: &[u8]) -> bool {
    (1..=text.len() / 2).any(|period| text.iter().zip(&text[period..]).all(|(a, b)| a == b))
}

/// Steps of one size: `123456`, `987654`, `246802`, `abcdefghij`. Digits wrap around.
fn runs(text: &[u8]) -> bool {
    let digits = text.iter().all(u8::is_ascii_digit);
    let step = |pair: &[u8]| {
        let step = i16::from(pair[1]) - i16::from(pair[0]);
        if digits { step.rem_euclid(10) } else { step }
    };
    let mut steps = text.windows(2).map(step);
    let first = steps.next();
    steps.all(|step| Some(step) == first)
}

/// YYMMDD, YYYYMM or YYYYMMDD between 1900 and 2099.
fn is_date(digits: &str) -> bool {
    let number = |from: usize, to: usize| digits.get(from..to).and_then(|part| part.parse::<u16>().ok());
    let day = |year: u16, month: Option<u16>, day: Option<u16>| {
        let month = month.and_then(|month| Month::try_from(u8::try_from(month).ok()?).ok());
        let day = day.and_then(|day| u8::try_from(day).ok());
        (1900..2100).contains(&year)
            && month
                .zip(day)
                .is_some_and(|(month, day)| Date::from_calendar_date(i32::from(year), month, day).is_ok())
    };
    match digits.len() {
        6 => {
            let short = number(0, 2).unwrap_or_default();
            day(1900 + short, number(2, 4), number(4, 6))
                || day(2000 + short, number(2, 4), number(4, 6))
                || day(number(0, 4).unwrap_or_default(), number(4, 6), Some(1))
        }
        8 => day(number(0, 4).unwrap_or_default(), number(4, 6), number(6, 8)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Result<(), Weakness> {
        judge(&Passcode::new(text.into()), LoginKind::Passcode)
    }

    fn word(text: &str) -> Result<(), Weakness> {
        judge(&Passcode::new(text.into()), LoginKind::Password)
    }

    #[test]
    fn a_passcode_has_six_digits_or_more() {
        assert_eq!(code(""), Err(Weakness::TooShort));
        assert_eq!(code("40718"), Err(Weakness::TooShort));
        assert_eq!(code("40718a"), Err(Weakness::NotDigits));
        assert_eq!(code("４０７１８２"), Err(Weakness::NotDigits));
        assert_eq!(code("407182"), Ok(()));
        assert_eq!(code("40718265"), Ok(()));
        assert_eq!(code(&"40718".repeat(30)), Err(Weakness::TooLong));
    }

    #[test]
    fn a_trivial_passcode_is_refused() {
        for simple in ["000000", "121212", "123123", "123456", "890123", "987654", "246802", "159753"] {
            assert_eq!(code(simple), Err(Weakness::TooSimple), "{simple}");
        }
        for date in ["850412", "000229", "19850412", "20261123", "198504", "200012"] {
            assert_eq!(code(date), Err(Weakness::Date), "{date}");
        }
        for good in ["851332", "19851332", "18991231", "739154"] {
            assert_eq!(code(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn a_password_has_ten_characters_or_more_and_is_no_pattern() {
        assert_eq!(word("kuruma9ix"), Err(Weakness::TooShort));
        assert_eq!(word("kuruma9ixo"), Ok(()));
        assert_eq!(word("うけつけのひみつのことば"), Ok(()));
        for simple in ["aaaaaaaaaa", "abababababab", "abcdefghijk", "0123456789", "Password12", "madoguchi-1"]
        {
            assert_eq!(word(simple), Err(Weakness::TooSimple), "{simple}");
        }
    }
}
