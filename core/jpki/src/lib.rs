//! The My Number card (マイナンバーカード): what is asked of it, and the tap that asks.
//!
//! A [`Tap`] is one dialogue with one card. It needs no thread, no runtime and no reader: it gives out
//! command APDUs and takes the card's answers in, and at the end there is [`Evidence`] or a [`TapError`].
//!
//! ```
//! use jpki::{Method, Step, Tap, TapError};
//!
//! // What the card would sign: SHA-256 of a binding that names the card by its digest.
//! let to_sign = std::sync::Arc::new(|card: &jpki::CardDigest| *card);
//! let mut tap = Tap::new(Method::VisualAttested, to_sign);
//!
//! // A reader would be here. This one holds a bus pass: every application is unknown to it.
//! let transceive = |_command: &[u8]| vec![0x6A, 0x82];
//!
//! let mut step = tap.next(None);
//! let outcome = loop {
//!     match step {
//!         Step::Transmit(command) => step = tap.next(Some(&transceive(command.expose()))),
//!         Step::Done(outcome) => break outcome,
//!     }
//! };
//! assert_eq!(outcome.expect_err("no My Number card"), TapError::NotMyNumberCard);
//! print!("{}", tap.transcript());
//! ```
//!
//! # The three methods
//!
//! | [`Method`] | what the card is asked | short APDUs |
//! |---|---|---|
//! | `Pin` | certificate; PIN; signature by the 利用者証明用 key | ≤ 11; on a [repeat visit](#the-repeat-visit) 5 |
//! | `VisualProven` | certificate; birth date as 照合番号 of 券面事項確認AP; its record of birth; signature by its key | ≤ 18; where [its issuer's key is known](#the-issuers-key) 15 |
//! | `VisualAttested` | certificate; label, by which a phone is told | ≤ 9 |
//!
//! The numbers are for a certificate of at most 1,792 bytes (those seen have 1,583 to 1,590), and for
//! `VisualProven` a record of 547 and a key certificate of 568 bytes. They rest on *short file
//! identifiers*, and that a real card takes them in READ BINARY, VERIFY and COMPUTE DIGITAL SIGNATURE rests on one
//! report. So a card that refuses one in READ BINARY or in the question for the counter, with whatever word, is
//! asked with SELECT and P2 = 80 from there on, before any VERIFY; where only the signature is refused that
//! way, the key is selected for it. VERIFY itself is never tried in another form: the form in which the
//! counter answered decides. `Pin` then takes at most 15 commands, `VisualProven` 23, `VisualAttested` 12; one fewer each,
//! if it was expected ([`Tap::without_short_identifiers`]) and no service is asked, because nothing is refused.
//!
//! Three habits of some cards cost more, in any combination and once each:
//!
//! | the card | more commands |
//! |---|---|
//! | answers its first command `6F00`: that SELECT is repeated | 1 |
//! | makes a PIN or key current that is named by short identifier, and so refuses to read on in the certificate, which is selected again | `Pin`: 2 |
//! | answers `9000` instead of the counter because a program before left the PIN verified: 券面事項確認AP is selected, the JPKI AP again, and the counter read again; then the file that was current is selected again | `Pin`: 4; on a phone, which has no 券面事項確認AP, 5 with its issuer domain |
//!
//! # The repeat visit
//!
//! Most of what a tap with PIN reads is the certificate, and the service may have it from an earlier visit. So
//! the head alone is read before the signature, and the rest after it. Whoever drives the tap may ask the
//! service as soon as [`Tap::card`] is there, and says [`Tap::certificate_known`] when it has it. Then the tap ends
//! with the signature: SELECT, head, counter, VERIFY, signature, and nothing more. Where the answer comes later,
//! it saves what is left; where it is "no" or never comes, the tap has read on meanwhile, and lost nothing.
//!
//! A card that refuses short identifiers has its file selected for the head, and once more for a rest that is read last.
//! What it costs to be refused is spent only once, so there are three orders:
//!
//! | `Pin`, and the card | the rest is read | not known | known |
//! |---|---|---|---|
//! | takes short identifiers | last | 11 | 5 |
//! | refuses one that it was tried with | after the head, until the service is heard to know it | 15 | 9, and the pieces read until then |
//! | is expected to refuse them ([`Tap::without_short_identifiers`]) | last | 15 | 8 |
//!
//! [`Tap::certificate_asked`] says that somebody is asked. If nobody is, a card that refuses or is expected to is read
//! after the head. [`Tap::takes_short_identifiers`] says what to expect of the next card.
//!
//! A service that knows the certificate and then does not is no reason to ask for the PIN again: [`Tap::rest`] leads to a
//! tap that reads what is missing.
//!
//! # The issuer's key
//!
//! `VisualProven` ends with EF 0004, the certificate of the key that signed the record of birth: three commands. An issuer
//! signs many cards with one key, so a service soon has them all. [`Tap::issuer_keys`] says which; where one of them
//! made the record's signature, the tap ends with the card's own signature, and the evidence names the key. Where none
//! did, it reads on. This is no judgement: a record that fits is checked by the service like any other.
//!
//! # Extended length
//!
//! A READ BINARY with an extended Le (ISO/IEC 7816-4 §5.2) brings all that is missing of a file in one answer. It is
//! off unless [`Tap::lengths`] says that the way to the card carries it: whoever drives the tap knows phone and
//! reader. The card says it by taking it; nothing else that it says comes before its PIN. The head is read by itself all the
//! same: it names the card, and says how long the rest is.
//!
//! | | `Pin` | `VisualProven` | `VisualAttested` |
//! |---|---|---|---|
//! | the card takes it | 6 | 11 | 4 |
//! | it refuses | 12 | 19 | 10 |
//!
//! A card that refuses, with whatever word, or gives less than asked, is read on with short APDUs, to the end of this
//! tap and of those that resume it; what it gave is kept. A tap that is lost while the answer is awaited counts as refused. So
//! the option costs one command at most, or one loss, and no try: the certificate is read before the PIN or after the
//! signature.
//!
//! # Phones, and cards without a certificate
//!
//! A card that shows EF 000A only after the PIN, as an Android phone does, ends every method in
//! [`TapError::CertificateNeedsPin`]. A phone whose certificate is free signs after the PIN as a card does; the
//! two visual methods need a face to compare, and end in [`TapError::SmartphoneCard`]. A card whose EF 000A is not
//! there or empty ends in [`TapError::NoCertificate`].
//!
//! # Tries
//!
//! A PIN has three tries, and only the municipality gives new ones. So:
//!
//! 1. The counter is read before every VERIFY. Where it stands at one and the patient was not told
//!    ([`TapError::PinLastTry`]), or at none, there is no VERIFY. A counter of `6300` shows no number, and a PIN
//!    always has a limit: it is read as none left ([`TapError::PinBlocked`]), for a PIN is never sent with an
//!    unknown count.
//! 2. A VERIFY that was answered is never repeated. Per entry of a PIN there is at most one *failed* VERIFY,
//!    wherever the card is lost.
//! 3. [`Tap::lost`] keeps what is known. [`Interrupted::resume`] compares the head of the certificate: for
//!    another card the PIN is dropped unsent. Then it reads the counter: lower than before the VERIFY whose
//!    answer was lost, and the PIN was wrong; otherwise the same PIN is sent once more. After that, or
//!    where the card shows no count to compare, it ends in [`TapError::AskAgain`].
//! 4. Where the signature is in hand already, the new tap reads what is missing and sends no VERIFY.
//!
//! The same holds for the birth date, the 照合番号 of 券面事項確認AP, with one difference: a counter of `6300` goes on
//! with one VERIFY. One report reads it as "without limit", and our virtual card shows it for "none left". In
//! the first reading the VERIFY costs nothing, in the second the card refuses it
//! ([`TapError::BirthDateBlocked`]).
//!
//! No dialogue ever selects
//! 券面事項入力補助AP, which holds name, address and 個人番号.
//!
//! # What this crate is not for
//!
//! It does not judge what the card gave: certificate, signatures and birth record are verified by the
//! service. It does not know readers, the network, or how long a PIN may be kept: whoever holds a [`Tap`]
//! or an [`Interrupted`] forgets the PIN by dropping it. It does not do 特定機関認証, whose protocol is
//! not public, and it does not read the face photo.

mod card;
pub mod consts;
mod dialogue;
mod error;
mod evidence;
mod issuer;
mod memory;
mod recognise;
mod tap;

pub use error::TapError;
pub use evidence::{BirthDate, CardProof, Evidence, KeyCertificate};
pub use iso7816::Transcript;
pub use issuer::IssuerKey;
pub use recognise::is_my_number_card;
pub use tap::{Interrupted, Progress, Step, Tap};

use std::sync::Arc;

use secret::{BirthDigits, Pin};

/// SHA-256 of the first 256 bytes of EF 000A, by which a binding names the card.
pub type CardDigest = [u8; 32];

/// Computes what the card signs, a SHA-256 hash, from the digest of the card.
///
/// It is called within [`Tap::next`] and must be quick and always give the same hash for the same card.
pub type ToSign = Arc<dyn Fn(&CardDigest) -> [u8; 32] + Send + Sync>;

/// The longest response that the way to a card can carry, phone and reader alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lengths {
    /// 256 bytes: short length fields only.
    #[default]
    Short,
    /// 4,096 bytes or more: extended length fields.
    Extended,
}

/// How the person is confirmed in this tap.
#[derive(Debug)]
pub enum Method {
    /// The patient types the four digits of the 利用者証明用 PIN.
    Pin {
        /// The digits that were typed.
        pin: Pin,
        /// The patient was told that one try is left and goes on.
        last_try: bool,
    },
    /// 目視確認, proven: staff compare face and photo and type the birth date that is printed on the card.
    VisualProven {
        /// YYMMDD in the era printed on the card.
        birth: BirthDigits,
        /// Staff were told that one try is left and go on.
        last_try: bool,
    },
    /// 目視確認, attested: the certificate only. The card proves nothing.
    VisualAttested,
}
