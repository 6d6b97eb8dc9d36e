//! A code of the record: kept as it came, read through its table.

use core::fmt;
use core::marker::PhantomData;

use serde::{Deserialize, Serialize};

use crate::element::Text;

/// A numbered table of codes (OQSCD…).
pub trait CodeTable {
    /// The table's number, three digits.
    const NUMBER: &'static str;

    /// The codes that are known, with their texts.
    const ENTRIES: &'static [(&'static str, Text)];
}

/// One code of table `T`, as it came.
///
/// A code that the table does not know is no error: it survives a round trip, is shown as it is, and has no
/// text. New codes come without notice, and a patient at the counter cannot wait for a new version.
///
/// ```
/// use eligibility::{Code, tables::Sex};
///
/// assert_eq!(Code::<Sex>::new("2").text().map(|text| text.ja), Some("女"));
/// assert_eq!(Code::<Sex>::new("7").text(), None);
/// assert_eq!(Code::<Sex>::new("7").as_str(), "7");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent, bound = "")]
pub struct Code<T> {
    code: String,
    #[serde(skip)]
    table: PhantomData<T>,
}

impl<T: CodeTable> Code<T> {
    /// Takes a code as it came.
    pub fn new(code: impl Into<String>) -> Self {
        Self { code: code.into(), table: PhantomData }
    }

    /// The code as it came.
    pub fn as_str(&self) -> &str {
        &self.code
    }

    /// What the code means, where the table knows it.
    pub fn text(&self) -> Option<Text> {
        T::ENTRIES.iter().find(|(code, _)| *code == self.code).map(|(_, text)| *text)
    }
}

/// Names the table only: a code can tell an illness.
impl<T: CodeTable> fmt::Debug for Code<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code(OQSCD{})", T::NUMBER)
    }
}
