//! How long one waits.

use core::time::Duration;

/// How long a [`Session`](crate::Session) waits for what. When one of these has passed, the session ends with
/// [`TimedOut`](crate::ReaderError::TimedOut): an answer that came later could be taken for the answer to another
/// request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For the platform to write one chunk.
    pub write: Duration,
    /// For the reader's answer to what needs no card.
    pub reader: Duration,
    /// For a card to answer to its reset.
    pub power_on: Duration,
    /// For a card to answer a command. A signature of the My Number Card was reported to take half a second; the ACS
    /// reader hides a card's requests for more time (ISO/IEC 14443-4 §7.3), so that this has to be long.
    pub command: Duration,
    /// For the answer to what was under way, when the reader says that the card has left.
    pub after_leaving: Duration,
    /// For the rest of a frame, from its first byte on.
    pub frame: Duration,
    /// For one request in all, however often a CCID reader asks for more time.
    pub longest: Duration,
    /// For a reader that goes to sleep to close the connection.
    pub asleep: Duration,
}

/// Our own decision, all of them.
impl Default for Patience {
    fn default() -> Self {
        Self {
            write: Duration::from_secs(5),
            reader: Duration::from_secs(5),
            power_on: Duration::from_secs(10),
            command: Duration::from_secs(15),
            after_leaving: Duration::from_secs(3),
            frame: Duration::from_secs(10),
            longest: Duration::from_mins(1),
            asleep: Duration::from_secs(5),
        }
    }
}
