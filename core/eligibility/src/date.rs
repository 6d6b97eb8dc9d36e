//! Dates of the record: eight digits, sometimes fewer than a date.

use serde::{Deserialize, Serialize};
use time::{Date, Month, OffsetDateTime, macros::offset};

use crate::element::redacted;

/// A date as the interface writes it, `YYYYMMDD`, kept as it came.
///
/// Insurers deliver partial dates (month or day `00`) and worse; such a text is no error. It is shown as it
/// is and has no [`date`](DateText::date).
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DateText(String);

impl DateText {
    /// Takes a text as it came.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text as it came.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The date, if the text is eight digits and a day of the Gregorian calendar.
    pub fn date(&self) -> Option<Date> {
        let digits = self.0.as_bytes();
        if digits.len() != 8 || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let number = |range: core::ops::Range<usize>| self.0[range].parse::<u16>().ok();
        let month = Month::try_from(u8::try_from(number(4..6)?).ok()?).ok()?;
        let day = u8::try_from(number(6..8)?).ok()?;
        Date::from_calendar_date(number(0..4)?.into(), month, day).ok()
    }
}

/// Years before 0 or after 9999 have no eight digits; the interface never sees them.
impl From<Date> for DateText {
    fn from(date: Date) -> Self {
        Self(format!("{:04}{:02}{:02}", date.year(), u8::from(date.month()), date.day()))
    }
}

redacted!(DateText);

/// The day in Japan at an instant: what "today" means at every counter, whatever the device's time zone.
pub fn japan_date(now: OffsetDateTime) -> Date {
    // At the very end of time there is no next day in Japan; any day is as wrong as another there.
    now.checked_to_offset(offset!(+9)).unwrap_or(now).date()
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    #[test]
    fn a_whole_date_is_read() {
        assert_eq!(DateText::new("20241202").date(), Some(date!(2024 - 12 - 02)));
        assert_eq!(DateText::from(date!(0812 - 03 - 04)).as_str(), "08120304");
    }

    #[test]
    fn a_partial_or_impossible_date_stays_text() {
        for text in
            ["19800000", "19800200", "20230229", "2024122", "202412021", "", "２０２４１２０２", "2024120a"]
        {
            let date = DateText::new(text);
            assert_eq!(date.date(), None, "{text}");
            assert_eq!(date.as_str(), text);
        }
    }

    #[test]
    fn the_day_changes_at_midnight_in_japan() {
        assert_eq!(japan_date(datetime!(2026-03-31 14:59:59 UTC)), date!(2026 - 03 - 31));
        assert_eq!(japan_date(datetime!(2026-03-31 15:00:00 UTC)), date!(2026 - 04 - 01));
    }
}
