//! A tap, as a shell loops over it.

use std::sync::{Mutex, PoisonError};

use counter::{Lost, Progress, Screen};
use secret::SecretBytes;

/// One dialogue with one card, from `Counter.tap`.
///
/// ```text
/// step = tap.next(null)
/// while step is Transmit: step = tap.next(transceive(step.command)), then overwrite the command and the answer
/// ```
///
/// `next` never waits. When the card leaves, call `lost`. Close it when it is over: an open tap that is dropped by a
/// collector counts as lost only then.
#[derive(uniffi::Object)]
pub struct Tap {
    counter: counter::Counter,
    /// `None` when it was lost.
    tap: Mutex<Option<counter::Tap>>,
}

/// What the shell does next.
#[derive(Debug, uniffi::Enum)]
#[allow(clippy::large_enum_variant, reason = "one a card, and written into a buffer at once")]
pub enum TapStep {
    /// Send this command APDU to the card, then overwrite it.
    Transmit {
        /// The command.
        command: SecretBytes,
    },
    /// The card may be taken away.
    Done {
        /// What to show now.
        screen: Screen,
    },
}

impl Tap {
    pub(crate) fn new(counter: counter::Counter, tap: counter::Tap) -> Self {
        Self { counter, tap: Mutex::new(Some(tap)) }
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut Option<counter::Tap>) -> T) -> T {
        use_it(&mut self.tap.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[uniffi::export]
impl Tap {
    /// Null starts the dialogue; afterwards the card's answer to the last command, status word included.
    pub fn next(&self, answer: Option<SecretBytes>) -> TapStep {
        let step = self.with(|tap| {
            let answer = answer.as_ref().map(SecretBytes::expose);
            tap.as_mut().map(|tap| tap.next(answer))
        });
        match step {
            Some(counter::TapStep::Transmit(command)) => TapStep::Transmit { command },
            Some(counter::TapStep::Done(screen)) => TapStep::Done { screen },
            None => TapStep::Done { screen: self.counter.screen() },
        }
    }

    /// How far the dialogue is, by commands.
    pub fn progress(&self) -> Progress {
        self.with(|tap| tap.as_ref().map_or(Progress { done: 0, total: 0 }, counter::Tap::progress))
    }

    /// The card is gone before the dialogue was over. The screen says what to do.
    pub fn lost(&self, how: Lost) -> Screen {
        match self.with(Option::take) {
            Some(tap) => tap.lost(how),
            None => self.counter.screen(),
        }
    }

    /// What the card was asked, and its status words: no data. For the help desk.
    pub fn transcript(&self) -> String {
        self.with(|tap| tap.as_ref().map(counter::Tap::transcript).unwrap_or_default())
    }
}
