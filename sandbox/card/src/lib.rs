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
//! filler, keys that nothing compares between cards are the same on all of them ([`sandbox_pki::SharedKey`]),
//! and no number can belong to anybody. It does not do 特定機関認証 (command 80 A2), whose protocol is not
//! public, has no FCI, and cannot be unblocked. It does not protect its keys.
//!
//! # What is on it
//!
//! | | files | commands of its own |
//! |---|---|---|
//! | 公的個人認証AP (JPKI AP) | both certificates and those of their CAs, token information | COMPUTE DIGITAL SIGNATURE with both keys, CHANGE REFERENCE DATA |
//! | 券面事項確認AP | the face as images, the birth date alone, 個人番号 as an image | COMPUTE DIGITAL SIGNATURE without a PIN |
//! | 券面事項入力補助AP | 個人番号 and 基本4情報 as text, what vouches for them | the same, CHANGE REFERENCE DATA, secure messaging |
//! | 住基AP | a key reference | CHANGE KEY |
//! | 共通カードAP | 製造番号, 市区町村コード, 有効期限 as a record | READ RECORD, INTERNAL AUTHENTICATE, CHANGE KEY |
//! | master level | nine data objects, two card-verifiable certificates among them | GET DATA |
//!
//! A phone has the JPKI AP alone, and a card that is no My Number card ([`Kind::Other`]) has nothing. A 顔認証
//! card has everything, and none of its PINs is set. That phones have no master level, and that all 4-digit
//! PINs of a card have the same digits, are our own decisions. The product selects two of the five
//! applications and never 券面事項入力補助AP; the [`Transcript`] shows what was asked for.
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
pub mod link;
mod person;
mod transcript;

pub use card::VirtualCard;
pub use person::{
    CardFile, CertificateFile, CounterAfterVerify, CounterWhenExhausted, Kind, Note, Person, PersonError,
    Printed, Problem, Sex, SignatureFile, Switches, TestSecret,
};
pub use transcript::{Exchange, Selected, Transcript};
