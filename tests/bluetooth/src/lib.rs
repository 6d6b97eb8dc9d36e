//! A shell's side of a Bluetooth reader, without Bluetooth and without a clock on the wall.
//!
//! [`Shell`] does what the Bluetooth part of an app does: it scans, connects, switches notifications on, writes one
//! chunk after another, hands over what is notified, looks at deadlines, and connects again when a reader was lost.
//! On the other side is a [`VirtualReader`](sandbox_reader::ble::VirtualReader) with a virtual card in it, which was
//! written apart from the codecs that it meets here. Time is the reader's: it passes when nothing else happens, so
//! that an answer that takes fifteen seconds takes none.
//!
//! [`Visit`] is one entry of a PIN or birth date, with as many taps as it takes, by the rules of `jpki`;
//! [`Shell::hold`] is the same at a whole [`Desk`](desk::Desk).
//!
//! What it is not: a rule. What comes of an error is decided by `reader`, `jpki` and `counter`; a shell only loops.
//!
//! ```
//! use bluetooth::{Setup, Shell, Visit};
//! use jpki::Method;
//! use sandbox_card::Person;
//! use secret::Pin;
//!
//! let hanako = Person::named("hanako").expect("she is one of the named persons");
//! let today = time::macros::date!(2026 - 11 - 23);
//! let mut shell = Shell::new(Setup::acs());
//! shell.insert(hanako.personalise(today));
//!
//! let pin = Pin::from_digits([1, 2, 3, 4]).expect("four digits");
//! let visit = Visit::new(Method::Pin { pin, last_try: false }).go(&mut shell);
//! assert!(visit.evidence().is_some());
//! assert_eq!(shell.card().plugged.card.failed_verifies(), 0);
//! ```

mod setup;
mod shell;
mod visit;
mod watched;

pub use setup::Setup;
pub use shell::{Given, Shell};
pub use visit::{End, Visit, Visited};
pub use watched::Watched;
