//! Bluetooth readers, sans-I/O.
//!
//! A tablet reaches a My Number Card through a reader that is a GATT peripheral. This crate is what stands between
//! the two: bytes notified go in; chunks to write, events, answers and deadlines come out. A [`Session`] is one
//! connection, and the same for every [`Kind`]; behind it are two protocols, that of the ACS ACR1255U-J1 and
//! USB-CCID messages over GATT. What is known of the readers, how certain it is, and what is not known, stands in
//! `docs/readers.md`.
//!
//! * A reader has a life: [`State`].
//! * One request at a time, and nothing is ever sent twice: a VERIFY that was sent twice costs two tries.
//! * What cannot be believed ends the session with a [`ReaderError`], and the connection is to be closed. A message
//!   does not say to which request it is the answer, so that there is nothing to begin again with.
//! * What comes in is bounded, wherever a length lies; what does not come ends at a [deadline](Patience).
//! * Commands and answers are wiped.
//! * With the factory's key, or none, the link is not [confidential](Protection): the counter decides whether a PIN
//!   may go over it.
//!
//! It is not a Bluetooth stack: scanning, connecting, permissions, MTU and the queue of GATT operations are the
//! shell's. It knows no APDU and no rule on tries. It writes no key and no lasting setting into a reader.
//!
//! ```
//! use core::time::Duration;
//! use reader::{Entropy, Event, Kind, Options, Session, State, Turn};
//! use secret::SecretBytes;
//!
//! let kind = Kind::recognise(
//!     Some("FT_0123"),
//!     &[reader::Uuid::parse("46540001-0002-00c4-0000-465453414645").expect("a UUID")],
//! ).expect("Feitian");
//! let random = [7; 16]; // from the platform's generator
//! let mut session = Session::new(kind, Options::new(Entropy::from(random)));
//! let now = Duration::ZERO;
//!
//! // Services are discovered, notifications are on: the session asks what lies in the slot.
//! session.connected(now);
//! let question = session.next_write().expect("a question");
//! assert_eq!(question.bytes.expose(), [0x65, 0, 0, 0, 0, 0, 1, 0, 0, 0]);
//! session.written(now);
//!
//! // A card, without power. The answer comes in two notifications.
//! session.notified(kind.notify, &[0x81, 0, 0, 0, 0, 0], now);
//! session.notified(kind.notify, &[1, 0x01, 0, 0], now);
//! assert_eq!(session.state(), State::Card);
//!
//! // Power, then commands: the shell writes and waits, until there is an outcome.
//! session.power_on(now).expect("a card is there");
//! let Turn::Write(power_on) = session.turn() else { panic!("something to write") };
//! assert_eq!(power_on.bytes.expose()[0], 0x62);
//! session.written(now);
//! let Turn::Wait(Some(_)) = session.turn() else { panic!("a deadline") };
//! session.notified(kind.notify, &[0x80, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0x3B, 0x00], now);
//! let Turn::PoweredOn(answer_to_reset) = session.turn() else { panic!("power") };
//! assert_eq!(answer_to_reset, [0x3B, 0x00]);
//!
//! let select = SecretBytes::new(vec![0x00, 0xA4, 0x04, 0x0C, 0x01, 0xD3]);
//! session.transmit(select, now).expect("powered");
//! # assert!(!session.is_confidential());
//! ```

mod acs;
mod ccid;
mod codec;
mod device;
mod error;
mod key;
mod kind;
mod life;
mod patience;
mod reconnect;
mod session;
mod turn;
mod uuid;

pub use device::Battery;
pub use error::{Fault, ReaderError};
pub use key::{CustomerKey, CustomerKeyError, Protection};
pub use kind::{ChunkSize, Features, Kind, Protocol, SleepDelay, WriteType};
pub use life::State;
pub use patience::Patience;
pub use reconnect::Reconnect;
pub use session::{Entropy, Event, Options, Session, Write};
pub use turn::Turn;
pub use uuid::Uuid;
