//! Virtual readers: where a virtual card lies when programs look for it through PC/SC.
//!
//! [`insert`] puts whatever answers as a card ([`Icc`]) into a reader of `pcscd` through *vpcd*, the virtual
//! reader of the vsmartcard project (Debian: `vsmartcard-vpcd`). From then on every PC/SC program of the machine
//! sees a reader with a card in it: OpenSC, and the product itself. The value that comes back is the card in the
//! reader: look at it with [`Inserted::with`], take it out with [`Inserted::remove`].
//!
//! # What it is for
//!
//! Tests and demos in which the card lies behind a real PC/SC service. [`Plugged`] is a
//! [`VirtualCard`](sandbox_card::VirtualCard) with contacts or without ([`Interface`]). A test that wants a card which
//! is slow, garbled or silent writes its own [`Icc`] around it.
//!
//! # What it is not
//!
//! Not a reader: there is no timing, no radio, no ISO/IEC 7816-3 and no limit of an APDU's length but that of the
//! frame. No card is recognised here, and nothing in the product depends on this crate. vpcd listens on *every*
//! address of the machine: run it in a network namespace of its own, or behind a firewall.
//!
//! # The protocol
//!
//! vpcd listens, the card connects. Each message is a length of two bytes, big-endian, and as many bytes. A message
//! of one byte is a word to the card: `00` power off, `01` power on, `02` reset, none of which is answered, or `04`,
//! to be answered with the ATR *at any time*, powered or not, for this is how vpcd sees that the card is still
//! there. A card that it finds new in its reader pcscd gives power at once ([`insert`] relies on that). Anything else is a command APDU, to be answered with a response APDU. To take a card out is to close the
//! connection (vsmartcard, `virtualsmartcard/doc`).
//!
//! # Bluetooth, and other languages
//!
//! [`ble`] has readers of another kind: whole ones, that a host meets as GATT peripherals, with a protocol, a life of
//! their own, and everything that can go wrong with them. They hold the same cards. [`loopback`] offers cards and
//! Bluetooth readers to tests that are not written in Rust.
//!
//! # Example
//!
//! ```no_run
//! use sandbox_card::Person;
//! use sandbox_reader::{Interface, Plugged, VPCD_PORT, insert};
//! use time::macros::date;
//!
//! # fn main() -> Result<(), sandbox_reader::Error> {
//! let hanako = Person::named("hanako").expect("she is one of the named persons");
//! let card = Plugged::new(hanako.personalise(date!(2026 - 11 - 23)), Interface::Contactless);
//! let inserted = insert(([127, 0, 0, 1], VPCD_PORT).into(), card)?;
//!
//! // Programs of others use the card; afterwards:
//! println!("{}", inserted.with(|plugged| plugged.card.transcript().to_string()));
//! let card = inserted.remove().card;
//! assert_eq!(card.pin_tries_left(), 3);
//! # Ok(())
//! # }
//! ```

pub mod ble;
mod error;
mod icc;
pub mod loopback;
mod vpcd;

pub use error::Error;
pub use icc::{Icc, Interface, Plugged};
pub use vpcd::{Inserted, VPCD_PORT, insert};
