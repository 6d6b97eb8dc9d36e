//! What the shell hears of.

use std::sync::mpsc::{self, Receiver, Sender};

use crate::editor::Pasted;
use crate::keys::Key;
use crate::page::CardAside;

/// From the terminal, the system, the work that is done, and the thread that waits for cards.
#[derive(Debug)]
pub(crate) enum Event {
    Key(Key),
    /// A text was pasted.
    Paste(Pasted),
    /// The process goes on after it was stopped.
    Resumed,
    /// The terminal has another size.
    Redraw,
    /// The work that a screen asked for is done.
    Worked,
    /// A part of the app panicked.
    Broken,
    Card(CardNews),
    /// The terminal is gone, or the system asks to end.
    Leave,
}

/// News from the thread that waits for cards.
#[derive(Debug)]
pub(crate) enum CardNews {
    /// How the waiting goes.
    Aside(CardAside),
    /// The order was carried out, or stopped.
    Done,
}

/// A channel for a shell's events.
pub(crate) fn events() -> (Sender<Event>, Receiver<Event>) {
    mpsc::channel()
}
