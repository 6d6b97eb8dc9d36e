//! Reads a TOML table field by field, and knows for each where it stands.

use core::ops::Range;

use time::{Date, Month};
use toml::de::{DeTable, DeValue};

use super::error::{Misfit, Problem};

/// One table of a person's file.
pub(super) struct Table<'t, 'i> {
    text: &'t str,
    /// Path of the table, empty for the file itself.
    path: String,
    fields: &'t DeTable<'i>,
    /// Where the table begins.
    start: usize,
}

/// A field that is there.
pub(super) struct Field<'t, 'i> {
    text: &'t str,
    path: String,
    value: &'t DeValue<'i>,
    span: Range<usize>,
}

impl<'t, 'i> Table<'t, 'i> {
    /// The file itself.
    pub(super) fn whole(text: &'t str, fields: &'t DeTable<'i>) -> Self {
        Self { text, path: String::new(), fields, start: 0 }
    }

    /// Refuses every other name. Asked before any field is read: a name that is spelt wrong is better called
    /// unknown than the right one missing.
    pub(super) fn holds_only(self, names: &[&str]) -> Result<Self, Misfit> {
        for name in self.fields.keys() {
            if !names.contains(&name.get_ref().as_ref()) {
                return Err(Misfit {
                    line: line(self.text, name.span().start),
                    field: self.path(name.get_ref()),
                    problem: Problem::Unknown,
                });
            }
        }
        Ok(self)
    }

    pub(super) fn optional(&self, name: &str) -> Option<Field<'t, 'i>> {
        let value = self.fields.get(name)?;
        Some(Field { text: self.text, path: self.path(name), value: value.get_ref(), span: value.span() })
    }

    pub(super) fn required(&self, name: &str) -> Result<Field<'t, 'i>, Misfit> {
        self.optional(name).ok_or_else(|| Misfit {
            line: line(self.text, self.start),
            field: self.path(name),
            problem: Problem::Missing,
        })
    }

    /// Says of each of these fields why the card cannot have it.
    pub(super) fn refuse(&self, names: &[&str], problem: Problem) -> Result<(), Misfit> {
        match names.iter().find_map(|name| self.optional(name)) {
            Some(field) => Err(field.misfit(problem)),
            None => Ok(()),
        }
    }

    fn path(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}

impl<'t, 'i> Field<'t, 'i> {
    pub(super) fn misfit(&self, problem: Problem) -> Misfit {
        Misfit { line: self.line(), field: self.path.clone(), problem }
    }

    pub(super) fn line(&self) -> usize {
        line(self.text, self.span.start)
    }

    pub(super) fn table(&self) -> Result<Table<'t, 'i>, Misfit> {
        let DeValue::Table(fields) = self.value else { return Err(self.misfit(Problem::Type("a table"))) };
        Ok(Table { text: self.text, path: self.path.clone(), fields, start: self.span.start })
    }

    pub(super) fn string(&self) -> Result<String, Misfit> {
        match self.value {
            DeValue::String(text) => Ok(text.to_string()),
            _ => Err(self.misfit(Problem::Type("text in quotation marks"))),
        }
    }

    /// Text of at most so many characters.
    pub(super) fn text(&self, most: usize) -> Result<String, Misfit> {
        let text = self.string()?;
        if text.chars().count() > most { Err(self.misfit(Problem::TooLong(most))) } else { Ok(text) }
    }

    pub(super) fn boolean(&self) -> Result<bool, Misfit> {
        self.value.as_bool().ok_or_else(|| self.misfit(Problem::Type("true or false")))
    }

    pub(super) fn integer(&self, from: i32, to: i32) -> Result<i32, Misfit> {
        let value = self.value.as_integer().ok_or_else(|| self.misfit(Problem::Type("a whole number")))?;
        i32::from_str_radix(value.as_str(), value.radix())
            .ok()
            .filter(|value| (from..=to).contains(value))
            .ok_or_else(|| self.misfit(Problem::Range(from, to)))
    }

    /// An integer from 0 or 1 to a limit.
    pub(super) fn small(&self, from: u8, to: u8) -> Result<u8, Misfit> {
        let value = self.integer(from.into(), to.into())?;
        u8::try_from(value).map_err(|_| self.misfit(Problem::Range(from.into(), to.into())))
    }

    pub(super) fn date(&self) -> Result<Date, Misfit> {
        let DeValue::Datetime(value) = self.value else {
            return Err(self.misfit(Problem::Type("a date such as 1980-02-17, without quotation marks")));
        };
        value
            .date
            .and_then(|date| {
                let month = Month::try_from(date.month).ok()?;
                Date::from_calendar_date(date.year.into(), month, date.day).ok()
            })
            .ok_or_else(|| self.misfit(Problem::Date))
    }

    /// Exactly so many decimal digits.
    pub(super) fn digits(&self, count: usize) -> Result<String, Misfit> {
        self.string()
            .ok()
            .filter(|text| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit()))
            .ok_or_else(|| self.misfit(Problem::Digits(count)))
    }

    /// One of some words, and what it stands for.
    pub(super) fn word<T: Copy>(&self, words: &[(&str, T)], list: &'static str) -> Result<T, Misfit> {
        let text = self.string()?;
        words
            .iter()
            .find(|(word, _)| *word == text)
            .map(|(_, value)| *value)
            .ok_or_else(|| self.misfit(Problem::Word(list)))
    }
}

/// The line of a byte offset, counted from 1.
pub(super) fn line(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}
