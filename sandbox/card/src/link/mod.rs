//! How long a tap would take: a model of the card, the radio and the reader, and a clock that only counts.
//!
//! The virtual card answers at once. What a patient feels is the card's own work, the bits in the air and what the
//! reader adds to them, and these follow from the lengths of the commands and responses. So a tap is run with the
//! [`VirtualCard`](crate::VirtualCard), and its [`Transcript`](crate::Transcript) is timed afterwards, in no time:
//!
//! ```
//! use sandbox_card::Person;
//! use sandbox_card::link::{Clock, Link, Pace};
//! use time::macros::date;
//!
//! let hanako = Person::named("hanako").expect("she is one of the named persons");
//! let mut card = hanako.personalise(date!(2026 - 11 - 23));
//! card.power_on();
//! card.transmit(b"\x00\xA4\x04\x0C\x0A\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01");
//! card.transmit(b"\x00\xB0\x8A\x00\x00"); // the first 256 bytes of a certificate
//!
//! let mut clock = Clock::new(Link::PHONE_106, Pace::FAST);
//! for exchange in card.transcript().exchanges() {
//!     clock.pass(exchange.into());
//! }
//! assert_eq!(clock.now().as_millis(), 56);
//! ```
//!
//! # What it is for
//!
//! To compare lists of commands with each other on the same card and link, and to see what a change to a
//! dialogue would cost or save. `cargo xtask bench tap` does that.
//!
//! # What it is not
//!
//! A measurement. The air is computed from ISO/IEC 14443; the figures of the two cards ([`Pace`]) are read off two
//! published logs, each of one device; what a reader adds ([`Reader`]) is computed from its framing, and, for
//! Bluetooth, from a connection that we assume. Bit errors, the search for the card and its activation, the
//! operating system and the person's hand are not in it. Ratios deserve more trust than seconds.

mod air;
mod pace;
mod pair;
mod reader;

#[cfg(test)]
mod published;

use std::time::Duration;

pub use air::{Air, Rate};
pub use pace::Pace;
pub use pair::Pair;
pub use reader::Reader;

/// The way between a program and the card: a reader, and the air between reader and card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// What carries APDUs to the air.
    pub reader: Reader,
    /// The air.
    pub air: Air,
}

impl Link {
    /// A phone's own NFC at 106 kbit/s, where most phones stay (our own inference).
    pub const PHONE_106: Self = Self { reader: Reader::Phone, air: Air::at(Rate::Kbit106) };
    /// A phone that agrees on the fastest rate of the cards whose ATQB is published.
    pub const PHONE_424: Self = Self { reader: Reader::Phone, air: Air::at(Rate::Kbit424) };
    /// A contactless USB reader behind PC/SC.
    pub const USB: Self = Self { reader: Reader::Usb, air: Air::at(Rate::Kbit106) };
    /// An ACS reader (ACR1255U-J1) by Bluetooth LE.
    pub const ACS_BLE: Self = Self { reader: Reader::AcsBle, air: Air::at(Rate::Kbit106) };
    /// A reader that speaks CCID by Bluetooth LE (Feitian bR500).
    pub const CCID_BLE: Self = Self { reader: Reader::CcidBle, air: Air::at(Rate::Kbit106) };

    /// What the way itself takes for a pair, while the card computes for `work`.
    fn time(self, pair: Pair, work: Duration) -> Duration {
        self.air.time(pair) + self.air.waiting(work) + self.reader.time(pair)
    }
}

/// A clock for one card on one link. It stands still between commands and costs no real time.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    link: Link,
    pace: Pace,
    now: Duration,
}

impl Clock {
    /// A clock that shows zero.
    pub fn new(link: Link, pace: Pace) -> Self {
        Self { link, pace, now: Duration::ZERO }
    }

    /// The card answers a command. Gives how long that took.
    pub fn pass(&mut self, pair: Pair) -> Duration {
        let time = self.pace.time(self.link, pair);
        self.now += time;
        time
    }

    /// What the clock shows.
    pub fn now(&self) -> Duration {
        self.now
    }
}
