//! The first line of a connection.

use std::io::{self, BufRead, ErrorKind, Read as _};

use serde::Deserialize;

use super::Refusal;
use crate::Interface;
use crate::ble::{Model, Options};

/// A longer first line is not read.
const LONGEST_LINE: u64 = 65_536;

/// What a connection is for.
#[derive(Debug, Deserialize)]
#[serde(tag = "open", rename_all = "kebab-case")]
pub(super) enum Opening {
    Card(CardOptions),
    Reader(ReaderOptions),
}

/// `{"open":"card", …}`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CardOptions {
    /// Whose.
    pub(super) card: String,
    #[serde(default)]
    pub(super) interface: Touch,
    /// A shared drawer; otherwise the card is as new, and forgotten afterwards.
    pub(super) drawer: Option<String>,
}

/// `{"open":"reader", …}`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReaderOptions {
    pub(super) model: Model,
    #[serde(default)]
    pub(super) options: Options,
    #[serde(default)]
    pub(super) clock: Clock,
    pub(super) drawer: Option<String>,
}

/// [`Interface`], as the line writes it.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Touch {
    Contact,
    ContactBare,
    #[default]
    Contactless,
}

/// Who moves the reader's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Clock {
    /// It goes with that on the wall.
    #[default]
    Wall,
    /// The test.
    Manual,
}

impl From<Touch> for Interface {
    fn from(touch: Touch) -> Self {
        match touch {
            Touch::Contact => Self::Contact,
            Touch::ContactBare => Self::ContactBare,
            Touch::Contactless => Self::Contactless,
        }
    }
}

impl Opening {
    /// Reads the line. An error of the outer kind ends the connection without a word.
    pub(super) fn read(input: &mut impl BufRead) -> io::Result<Result<Self, Refusal>> {
        let mut line = Vec::new();
        input.take(LONGEST_LINE).read_until(b'\n', &mut line)?;
        if line.pop() != Some(b'\n') {
            let whole = u64::try_from(line.len()).is_ok_and(|length| length + 1 < LONGEST_LINE);
            return if whole { Err(ErrorKind::UnexpectedEof.into()) } else { Ok(Err(Refusal::LineTooLong)) };
        }
        Ok(serde_json::from_slice(&line).map_err(Refusal::from))
    }
}
