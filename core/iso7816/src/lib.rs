//! ISO/IEC 7816-4: how one talks to a chip card. Clauses are those of the edition of 2020.
//!
//! A [`Command`] goes in, a [`Response`] comes out; what is inside is often [BER-TLV](Tlv). The types know
//! their exact encodings in both directions, keep what they do not know, and never panic on what a card
//! or a reader sends. A command may carry a PIN: it wipes itself, and `Debug` shows its header and lengths.
//!
//! [`CardChannel`] is all that a dialogue needs of the world, and [`Transcript`] is what may be kept of
//! a dialogue afterwards: directions, headers, lengths and status words, never data.
//!
//! This crate is not about any particular card, knows no file and no application, and moves no bytes:
//! logical channels, secure messaging and command chaining are not here because nothing here needs them.
//!
//! ```
//! use iso7816::{Command, Header, Le, Response, StatusWord};
//!
//! // READ BINARY: the first 256 bytes of the current elementary file (ISO/IEC 7816-4 §11.3.3).
//! let read = Command::new(Header::new(0x00, 0xB0, 0x00, 0x00)).with_le(Le::SHORT_MAX);
//! assert_eq!(read.encode().expose(), [0x00, 0xB0, 0x00, 0x00, 0x00]);
//!
//! let answer = Response::parse(&[0x30, 0x82, 0x90, 0x00]).expect("two bytes and a status word");
//! assert_eq!(answer.status(), StatusWord::Success);
//! assert_eq!(answer.data(), [0x30, 0x82]);
//! ```

mod channel;
mod command;
mod response;
mod status;
mod tlv;
mod transcript;

pub use channel::CardChannel;
pub use command::{Command, Header, Le, MalformedCommand, TooLong};
pub use response::{MalformedResponse, Response};
pub use status::StatusWord;
pub use tlv::{MalformedTlv, Tag, Tlv, TlvHeader};
pub use transcript::{Exchange, Transcript};
