//! 和暦: dates in Japanese eras.

use core::fmt;
use core::str::FromStr;

use time::{Date, Month, macros::date};

use crate::element::{Text, redacted};

/// The first day on which Japan used the Gregorian calendar. Dates in 明治 before it are lunar, so they have
/// no place here.
const GREGORIAN_SINCE: Date = date!(1873 - 01 - 01);

/// An era (元号) of a person who can live today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Era {
    /// 明治, from 1868-01-25.
    Meiji,
    /// 大正, from 1912-07-30.
    Taisho,
    /// 昭和, from 1926-12-25.
    Showa,
    /// 平成, from 1989-01-08.
    Heisei,
    /// 令和, from 2019-05-01.
    Reiwa,
}

impl Era {
    /// All eras, the oldest first.
    pub const ALL: [Self; 5] = [Self::Meiji, Self::Taisho, Self::Showa, Self::Heisei, Self::Reiwa];

    /// The era's name.
    pub fn text(self) -> Text {
        match self {
            Self::Meiji => Text { ja: "明治", en: "Meiji" },
            Self::Taisho => Text { ja: "大正", en: "Taisho" },
            Self::Showa => Text { ja: "昭和", en: "Showa" },
            Self::Heisei => Text { ja: "平成", en: "Heisei" },
            Self::Reiwa => Text { ja: "令和", en: "Reiwa" },
        }
    }

    /// The first day.
    pub fn first_day(self) -> Date {
        match self {
            Self::Meiji => date!(1868 - 01 - 25),
            Self::Taisho => date!(1912 - 07 - 30),
            Self::Showa => date!(1926 - 12 - 25),
            Self::Heisei => date!(1989 - 01 - 08),
            Self::Reiwa => date!(2019 - 05 - 01),
        }
    }

    /// The last day, if the era is over.
    ///
    /// 大正 and 昭和 began on the very day that was also the last one of the era before (1912-07-30,
    /// 1926-12-25): documents name such a day in either way.
    pub fn last_day(self) -> Option<Date> {
        match self {
            Self::Meiji => Some(date!(1912 - 07 - 30)),
            Self::Taisho => Some(date!(1926 - 12 - 25)),
            Self::Showa => Some(date!(1989 - 01 - 07)),
            Self::Heisei => Some(date!(2019 - 04 - 30)),
            Self::Reiwa => None,
        }
    }
}

/// A day named by its era: 昭和55年2月17日. It always is a day that exists and lies in its era.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Wareki {
    era: Era,
    date: Date,
}

impl Wareki {
    /// The day of year `year` of an era (1 is 元年), if there is one.
    pub fn new(era: Era, year: u8, month: u8, day: u8) -> Result<Self, Error> {
        let date = (year > 0)
            .then(|| era.first_day().year() + i32::from(year) - 1)
            .zip(Month::try_from(month).ok())
            .and_then(|(year, month)| Date::from_calendar_date(year, month, day).ok())
            .ok_or(Error::NoSuchDay)?;
        let begun = date >= era.first_day() && date >= GREGORIAN_SINCE;
        let over = era.last_day().is_some_and(|last| date > last);
        if begun && !over { Ok(Self { era, date }) } else { Err(Error::NoSuchDay) }
    }

    /// From the six ASCII digits YYMMDD as they are printed on a card and as its 生年月日 reference takes them,
    /// beside the era.
    pub fn from_ascii(era: Era, digits: &[u8; 6]) -> Result<Self, Error> {
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(Error::NoSuchDay);
        }
        let pair = |place: usize| (digits[place] - b'0') * 10 + (digits[place + 1] - b'0');
        Self::new(era, pair(0), pair(2), pair(4))
    }

    /// The day in the latest era that holds it. `None` before 1873-01-01, when dates were lunar.
    pub fn from_date(date: Date) -> Option<Self> {
        if date < GREGORIAN_SINCE {
            return None;
        }
        let era = *Era::ALL.iter().rev().find(|era| era.first_day() <= date)?;
        Some(Self { era, date })
    }

    /// The era.
    pub fn era(self) -> Era {
        self.era
    }

    /// The year of the era; 1 is 元年.
    pub fn year(self) -> i32 {
        self.date.year() - self.era.first_day().year() + 1
    }

    /// The Gregorian date. Ages are computed from this, never from the era.
    pub fn date(self) -> Date {
        self.date
    }
}

redacted!(Wareki);

/// 昭和55年2月17日, 令和元年5月1日.
impl fmt::Display for Wareki {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.era.text().ja)?;
        match self.year() {
            1 => f.write_str("元")?,
            year => write!(f, "{year}")?,
        }
        write!(f, "年{}月{}日", u8::from(self.date.month()), self.date.day())
    }
}

/// Reads what [`Display`](fmt::Display) writes; digits may be full-width, as forms print them.
impl FromStr for Wareki {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (era, rest) = Era::ALL
            .into_iter()
            .find_map(|era| text.strip_prefix(era.text().ja).map(|rest| (era, rest)))
            .ok_or(Error::NotWareki)?;
        let (year, rest) = rest.split_once('年').ok_or(Error::NotWareki)?;
        let (month, rest) = rest.split_once('月').ok_or(Error::NotWareki)?;
        let day = rest.strip_suffix('日').ok_or(Error::NotWareki)?;
        let year = if year == "元" { 1 } else { number(year)? };
        Self::new(era, year, number(month)?, number(day)?)
    }
}

/// One or two digits, ASCII or full-width.
fn number(text: &str) -> Result<u8, Error> {
    let mut value = 0;
    for (place, character) in text.chars().enumerate() {
        let digit = match character {
            '0'..='9' => u32::from(character) - u32::from('0'),
            '０'..='９' => u32::from(character) - u32::from('０'),
            _ => return Err(Error::NotWareki),
        };
        if place > 1 {
            return Err(Error::NotWareki);
        }
        value = value * 10 + digit;
    }
    if text.is_empty() {
        return Err(Error::NotWareki);
    }
    u8::try_from(value).map_err(|_| Error::NotWareki)
}

/// Why a date in an era could not be read. Says nothing of the date itself: it is a birth date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such day in the calendar, or it does not lie in the era.
    #[error("the era has no such day")]
    NoSuchDay,
    /// The text is not written as a date in an era.
    #[error("not a date in a Japanese era")]
    NotWareki,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(date: Date) -> String {
        Wareki::from_date(date).expect("not before 1873").to_string()
    }

    #[test]
    fn eras_change_on_their_first_day() {
        assert_eq!(text(date!(1873 - 01 - 01)), "明治6年1月1日");
        assert_eq!(text(date!(1912 - 07 - 29)), "明治45年7月29日");
        assert_eq!(text(date!(1912 - 07 - 30)), "大正元年7月30日");
        assert_eq!(text(date!(1926 - 12 - 24)), "大正15年12月24日");
        assert_eq!(text(date!(1926 - 12 - 25)), "昭和元年12月25日");
        assert_eq!(text(date!(1989 - 01 - 07)), "昭和64年1月7日");
        assert_eq!(text(date!(1989 - 01 - 08)), "平成元年1月8日");
        assert_eq!(text(date!(2019 - 04 - 30)), "平成31年4月30日");
        assert_eq!(text(date!(2019 - 05 - 01)), "令和元年5月1日");
        assert!(Wareki::from_date(date!(1872 - 12 - 31)).is_none());
    }

    #[test]
    fn a_day_outside_its_era_is_refused() {
        let refused = [
            (Era::Meiji, 5, 12, 2),
            (Era::Meiji, 45, 7, 31),
            (Era::Taisho, 1, 7, 29),
            (Era::Taisho, 15, 12, 26),
            (Era::Showa, 1, 12, 24),
            (Era::Showa, 64, 1, 8),
            (Era::Heisei, 1, 1, 7),
            (Era::Heisei, 31, 5, 1),
            (Era::Reiwa, 1, 4, 30),
            (Era::Showa, 0, 1, 1),
            (Era::Showa, 55, 2, 30),
            (Era::Showa, 55, 13, 1),
            (Era::Showa, 55, 0, 1),
            (Era::Showa, 55, 1, 0),
        ];
        for (era, year, month, day) in refused {
            assert_eq!(
                Wareki::new(era, year, month, day),
                Err(Error::NoSuchDay),
                "{era:?} {year}-{month}-{day}"
            );
        }
    }

    #[test]
    fn the_two_days_that_belong_to_two_eras_are_taken_either_way() {
        for (era, year, month, day) in [(Era::Meiji, 45, 7, 30), (Era::Taisho, 1, 7, 30)] {
            let wareki = Wareki::new(era, year, month, day).expect("a day of both eras");
            assert_eq!(wareki.date(), date!(1912 - 07 - 30));
            assert_eq!(wareki.era(), era);
        }
        for (era, year, month, day) in [(Era::Taisho, 15, 12, 25), (Era::Showa, 1, 12, 25)] {
            let wareki = Wareki::new(era, year, month, day).expect("a day of both eras");
            assert_eq!(wareki.date(), date!(1926 - 12 - 25));
        }
    }

    #[test]
    fn six_digits_and_an_era_are_a_date() {
        let date = |era, digits| Wareki::from_ascii(era, digits).map(Wareki::date);
        assert_eq!(date(Era::Showa, b"550217"), Ok(date!(1980 - 02 - 17)));
        assert_eq!(date(Era::Heisei, b"550217"), Err(Error::NoSuchDay));
        assert_eq!(date(Era::Showa, b"5502a7"), Err(Error::NoSuchDay));
    }

    #[test]
    fn full_width_digits_and_the_number_of_the_first_year_are_read() {
        assert_eq!("昭和５５年２月１７日".parse::<Wareki>().map(Wareki::date), Ok(date!(1980 - 02 - 17)));
        assert_eq!("令和1年5月1日".parse::<Wareki>().map(Wareki::date), Ok(date!(2019 - 05 - 01)));
        for text in
            ["", "昭和", "昭和55", "昭和年2月17日", "昭和055年2月17日", "1980年2月17日", "昭和55年2月17"]
        {
            assert_eq!(text.parse::<Wareki>(), Err(Error::NotWareki), "{text}");
        }
    }

    #[test]
    fn every_day_from_1873_to_2100_comes_back() {
        let mut day = date!(1873 - 01 - 01);
        while day <= date!(2100 - 12 - 31) {
            let wareki = Wareki::from_date(day).expect("not before 1873");
            let again: Wareki = wareki.to_string().parse().expect("what we wrote");
            assert!(again == wareki && again.date() == day, "{day}");
            day = day.next_day().expect("not the last day of time");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(昭和|令和|.{0,2})[0-9０-９元年月日]{0,12}.{0,3}") {
            let _ = text.parse::<Wareki>();
        }
    }
}
