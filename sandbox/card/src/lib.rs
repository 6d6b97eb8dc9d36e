//! A virtual My Number card (マイナンバーカード) that enforces what a real one enforces.
//!
//! A [`Person`] comes from a readable TOML file; [`Person::personalise`] makes the [`VirtualCard`]. The card
//! takes command APDUs and gives response APDUs, and it refuses what a real card refuses: foreign
//! applications, classes and instructions, files before their PIN, PINs after their last try.
//!
//! # What it is for
//!
//! It stands where the patient's card stands, in tests, demos and on a developer's desk. It has its own
//! reading of APDUs and its own writing of TLVs and shares no code with the product, so that a mistake
//! cannot cancel itself out.
//!
//! # What it is not
//!
//! Not a copy of a card: certificates come from a test PKI (`O=JPKI-SANDBOX`), images in 券面事項確認AP are
//! filler, and no number can belong to anybody. It has the JPKI AP and 券面事項確認AP; other applications of
//! the card answer `6A82` as foreign ones do, and the [`Transcript`] shows that they were asked for. It does
//! not do 特定機関認証 (command 80 A2), whose protocol is not public, and it does not protect its keys.
//!
//! # How sure is its behaviour?
//!
//! No real card was touched. What is public comes from clients that others measured on real cards
//! (`myna-card` above all); where they disagree, or were measured once, there is a switch in the card
//! file ([`Switches`]). What nobody has published is our own decision, and is called so where it is made.
//!
//! # Example
//!
//! ```
//! use sandbox_card::Person;
//! use time::macros::date;
//!
//! let hanako = Person::named("hanako").expect("she is one of the named persons");
//! let mut card = hanako.personalise(date!(2026 - 11 - 23));
//! card.power_on();
//!
//! // SELECT the JPKI AP, then ask how many tries the PIN has left.
//! assert_eq!(card.transmit(b"\x00\xA4\x04\x0C\x0A\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01"), [0x90, 0x00]);
//! assert_eq!(card.transmit(b"\x00\x20\x00\x98"), [0x63, 0xC3]);
//!
//! // A key that signs only after its PIN.
//! let sign = [&b"\x80\x2A\x02\x97\x20"[..], &[7; 32], b"\x00"].concat();
//! assert_eq!(card.transmit(&sign), [0x69, 0x82]);
//! assert_eq!(card.transmit(b"\x00\x20\x00\x98\x041234"), [0x90, 0x00]);
//! assert_eq!(card.transmit(&sign).len(), 256 + 2);
//!
//! // What was asked, never what was said.
//! assert!(card.transcript().to_string().ends_with("80 2A 02 97  Lc 32  Le 256  -> 256 bytes, 9000\n"));
//! ```

mod card;
mod person;
mod transcript;

pub use card::VirtualCard;
pub use person::{
    CardFile, CertificateFile, CounterAfterVerify, CounterWhenExhausted, Kind, Note, Person, PersonError,
    Printed, Problem, Sex, SignatureFile, Switches, TestSecret,
};
pub use transcript::{Exchange, Selected, Transcript};
