//! The PC shell: card readers by PC/SC, and `madoguchi` on the command line.
//!
//! A shell asks the platform, draws the [`Screen`](counter::Screen) and sends [`Action`](counter::Action)s; it has no
//! rule. What the platform gives on a PC is PC/SC: pcscd on Linux, the resource manager of Windows, PCSC.framework
//! on macOS. [`Readers`] finds a card, [`Card`] is the hold on it for one tap, and [`run_tap`] lends it to the counter:
//!
//! ```no_run
//! use counter::{Action, Counter, Link, Screen};
//! use desktop::{Readers, Stop, run_tap};
//!
//! /// The screen says that a card is awaited.
//! fn hold_card(counter: &Counter, readers: &Readers, stop: &Stop) -> Screen {
//!     match readers.next_card(stop, |waiting| println!("{waiting:?}")) {
//!         Ok(Some(mut card)) => match counter.tap(Link::Direct) {
//!             Some(tap) => run_tap(tap, &mut card).screen,
//!             None => counter.screen(),
//!         },
//!         // Another thread said that no card is awaited any more.
//!         Ok(None) => counter.screen(),
//!         Err(trouble) => counter.act(Action::Reader(trouble)),
//!     }
//! }
//! ```
//!
//! # What is promised of a card
//!
//! * A card is held for a tap and no longer: not while somebody types.
//! * While it is held no other program can speak with it, and when it is let go its power is taken, because a mere
//!   reset is reported to leave a PIN verified.
//! * A command goes to it once. Where an answer does not come, it is the tap's next dialogue that finds out.
//! * Nobody waits for ever: each command has its time, and what PC/SC cannot cancel is left to a thread of its own.
//! * A card is recognised by what it answers to SELECT. Of its answer to reset nothing is read but whether it is one.
//!
//! The reasons are in the decision record 0007, one hold on a card.
//!
//! # What this crate is not for
//!
//! It does not know the card: dialogues and the rules on tries are `jpki`'s, which card is whose the counter's. It is
//! not for readers with a key pad of their own, and it sends a reader nothing but what is for the card.

mod reader;
mod tap;

pub use reader::{Card, CardState, Patience, ReaderState, Readers, Seen, Stop, Waiting};
pub use tap::{Tapped, run_tap};
