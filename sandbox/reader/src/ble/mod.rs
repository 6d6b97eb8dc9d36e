//! Virtual Bluetooth LE readers: GATT writes in, notifications out.
//!
//! A [`VirtualReader`] holds a card ([`Icc`](crate::Icc)) and speaks as the reader of a [`Model`] would over GATT: it
//! is connected, subscribed to, written to; it notifies in pieces of at most a chunk, sleeps when nobody asks for
//! anything, and can be reconnected. It is written from the same documents as the product's codec and apart from it:
//! a mistake made once does not cancel itself out.
//!
//! # The life of a reader
//!
//! [`State`], from one to the next; a link that goes down leads back to `Disconnected` from everywhere, sleep to
//! `Asleep`. As the factory has set it, an ACS reader gives a card power when it arrives: it goes on to `Powered` at
//! once.
//!
//! ```text
//! Asleep ──wake──► Disconnected ──connect──► Connected ──authentication──► Authenticated ──start polling──► Polling
//!                                               │                                                             │
//!                                               └───────────────(CCID: a card)──► CardPresent ◄────(a card)───┘
//!                                                                                 │ power on ▲
//!                                                                                 ▼          │ power off
//!                                                                                 Powered ───┘
//! ```
//!
//! # What can go wrong
//!
//! A [`Fault`] is data: a [`Place`] among the frames that the reader sends, and a [`Mishap`], most of them with a
//! position in bytes, so that a test can put each one everywhere. [`Options::seed`] makes every split, merge and
//! delay come again. Time passes only when somebody says so ([`VirtualReader::advance`]).
//!
//! # How sure is it?
//!
//! No reader was touched. The ACS protocol is in a manual (V1.01, pages of V1.07) that contradicts itself, and in two
//! independent implementations; where those disagree there is a switch in [`Options`]. Feitian's readers speak plain
//! USB-CCID messages, as one independent application shows. What nobody has published (what a failed command is
//! answered with, how long the reader waits for the rest of a frame, longer chunks) is our own decision and is called
//! so where it is made.
//!
//! # Example
//!
//! ```
//! use sandbox_card::Person;
//! use sandbox_reader::ble::{Happening, Model, Options, State, VirtualReader};
//! use sandbox_reader::{Interface, Plugged};
//! use time::macros::date;
//!
//! let hanako = Person::named("hanako").expect("she is one of the named persons");
//! let model = Model::Br500C4;
//! let mut reader = VirtualReader::new(model, Options::default());
//! reader.connect()?;
//! reader.subscribe(model.answers(), true)?;
//! reader.insert(Plugged::new(hanako.personalise(date!(2026 - 11 - 23)), Interface::Contactless));
//!
//! // RDR_to_PC_NotifySlotChange: a card arrived.
//! let arrived = Happening::Notified { characteristic: model.answers(), value: vec![0x50, 0x03] };
//! assert_eq!(reader.next_happening(), Some(arrived));
//!
//! // PC_to_RDR_IccPowerOn, and the answer to reset in two pieces.
//! reader.write(model.commands(), b"\x62\x00\x00\x00\x00\x00\x07\x00\x00\x00")?;
//! assert_eq!(reader.state(), State::Powered);
//! for expected in [
//!     &b"\x80\x0D\x00\x00\x00\x00\x07\x00\x00\x00\x3B\x88\x80\x01\x00\x00\x05\xE0\xB3\x81"[..],
//!     &b"\xA1\x00\x7F"[..],
//! ] {
//!     let piece = Happening::Notified { characteristic: model.answers(), value: expected.to_vec() };
//!     assert_eq!(reader.next_happening(), Some(piece));
//! }
//! # Ok::<(), sandbox_reader::ble::GattError>(())
//! ```

mod acs;
mod air;
mod ccid;
mod cipher;
mod codec;
mod fault;
mod inside;
mod model;
mod options;
mod random;
mod reader;
mod slot;
mod uuid;

pub use fault::{CardEvent, Fault, Layer, Mishap, Place};
pub use model::{Characteristic, Model, Property};
pub use options::{Activation, CardNotices, Chunk, Cuts, MasterKey, Options, PollingAnswer, SwapNotices};
pub use reader::{GattError, Happening, State, VirtualReader};
pub use uuid::Uuid;
