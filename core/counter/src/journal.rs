//! What the device did, for the help desk: no patient, no secret.

use serde::{Deserialize, Serialize};

use crate::Method;

/// How many entries are kept; older ones go.
const KEPT: usize = 200;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// The program started.
    Started,
    /// The device was enrolled.
    Enrolled,
    /// The device certificate was renewed.
    Renewed,
    /// Somebody logged in.
    LoggedIn,
    /// An attempt to log in was wrong.
    LogInRefused,
    /// The counter locked.
    Locked,
    /// A check ended with a result.
    Checked,
    /// A result was copied as a whole, or made a file.
    Exported,
    /// A failure was shown.
    Failed,
    /// The device's state and key were deleted.
    Wiped,
}

/// One line of the journal.
///
/// Its types cannot hold a name, a number, a nonce, a certificate, a signature or what a card was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Seconds since 1970-01-01T00:00:00Z, on the device's own clock.
    pub at: i64,
    /// What happened.
    pub event: Event,
    /// The failure's code, if it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
    /// How the person was confirmed, if somebody was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// From the choice of the method to the result or failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milliseconds: Option<u32>,
}

impl Entry {
    pub(crate) fn new(at: i64, event: Event) -> Self {
        Self { at, event, code: None, method: None, milliseconds: None }
    }
}

/// The last entries, oldest first.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Journal(Vec<Entry>);

impl Journal {
    /// A journal that cannot be read is no reason to stop: it starts anew.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        serde_cbor::from_slice(bytes).unwrap_or_default()
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        serde_cbor::to_vec(self).expect("entries are numbers and names")
    }

    pub(crate) fn push(&mut self, entry: Entry) {
        let over = (self.0.len() + 1).saturating_sub(KEPT);
        self.0.drain(..over);
        self.0.push(entry);
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_entries_are_kept_and_survive() {
        let mut journal = Journal::default();
        for at in 0..250 {
            journal.push(Entry { method: Some(Method::Pin), ..Entry::new(at, Event::Checked) });
        }
        assert_eq!(journal.entries().len(), KEPT);
        assert_eq!(journal.entries()[0].at, 50);
        assert_eq!(Journal::read(&journal.write()), journal);
    }

    #[test]
    fn a_journal_that_cannot_be_read_starts_anew() {
        assert_eq!(Journal::read(b"\xff\x00garbage"), Journal::default());
        assert_eq!(Journal::read(b""), Journal::default());
    }
}
