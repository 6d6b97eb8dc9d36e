//! One request of a tap, turn by turn.

use core::time::Duration;

use secret::SecretBytes;

use crate::{Event, ReaderError, Session, Write};

/// What the shell does next while something that it asked is under way.
#[derive(Debug)]
pub enum Turn {
    /// Write this, then call [`Session::written`].
    Write(Write),
    /// Wait for a callback, but not longer than until then; then call [`Session::tick`].
    Wait(Option<Duration>),
    /// The card has power; its answer to reset.
    PoweredOn(Vec<u8>),
    /// The card has no power any more.
    PoweredOff,
    /// The card's answer: for `Tap::next`.
    Answer(SecretBytes),
    /// There is none, and the card or the reader is lost to this tap: for `Tap::lost`. Nothing is sent again.
    Lost(ReaderError),
}

impl Session {
    /// What to do next, until what was asked has an outcome.
    ///
    /// A tap's loop over a Bluetooth reader, with a shell's own `write` and `wait`:
    ///
    /// ```text
    /// session.power_on(now); until(PoweredOn)
    /// step = tap.next(none)
    /// while step is Transmit(command):
    ///     session.transmit(command, now)
    ///     match session.turn():
    ///         Write(chunk)  → write(chunk); session.written(now)
    ///         Wait(until)   → wait(until): session.notified(…, now) or session.tick(now)
    ///         Answer(bytes) → step = tap.next(bytes)
    ///         Lost(error)   → tap.lost(error); end
    /// ```
    ///
    /// Events that are no outcome stay where they are, for [`next_event`](Self::next_event).
    pub fn turn(&mut self) -> Turn {
        let outcome = self.take_outcome().and_then(|event| match event {
            Event::PoweredOn(answer_to_reset) => Some(Turn::PoweredOn(answer_to_reset)),
            Event::PoweredOff => Some(Turn::PoweredOff),
            Event::Answer(answer) => Some(Turn::Answer(answer)),
            Event::Failed(error) => Some(Turn::Lost(error)),
            _ => None,
        });
        outcome.or_else(|| self.next_write().map(Turn::Write)).unwrap_or_else(|| Turn::Wait(self.deadline()))
    }
}
