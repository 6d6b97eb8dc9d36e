//! 一部負担金割合 as text.

use serde::{Deserialize, Serialize};

use crate::element::redacted;

/// 一部負担金割合 as the interface writes it: three digits, percent; kept as it came.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ratio(String);

impl Ratio {
    /// Takes a ratio as it came.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The ratio as it came.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Percent, 0 to 100; `None` for what is not three digits in this range.
    pub fn percent(&self) -> Option<u8> {
        if self.0.len() != 3 || !self.0.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        self.0.parse().ok().filter(|percent| *percent <= 100)
    }
}

redacted!(Ratio);
