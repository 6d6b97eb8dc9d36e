//! How a tap ends when it gives no evidence.

use iso7816::StatusWord;

/// Why a tap ended without evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TapError {
    /// The card has no JPKI application; or, for a visual check, no face.
    #[error("no My Number card")]
    NotMyNumberCard,
    /// The My Number card of a smartphone whose certificate is free to read, where the method needs the card
    /// itself. An Android phone asks the PIN first: [`TapError::CertificateNeedsPin`].
    #[error("a smartphone's card")]
    SmartphoneCard,
    /// The card holds no 利用者証明用電子証明書: an old 住基カード, or a My Number card for which none was issued.
    #[error("no certificate for user authentication")]
    NoCertificate,
    /// The card or phone asks the PIN before it shows its certificate, as an Android phone does.
    #[error("asks the PIN before the certificate")]
    CertificateNeedsPin,
    /// 顔認証マイナンバーカード: it has no PIN. Use a visual method.
    #[error("face authentication card: no PIN")]
    FaceAuthenticationCard,
    /// The PIN was wrong.
    #[error("PIN wrong")]
    PinWrong {
        /// At least one: a wrong PIN that took the last try is [`TapError::PinBlocked`].
        tries_left: u8,
    },
    /// One try is left, and it was not used. Tell the patient, and tap again with `last_try`.
    #[error("one try left")]
    PinLastTry,
    /// No try is left, before this tap or since.
    #[error("PIN blocked")]
    PinBlocked,
    /// The birth date does not fit the card.
    #[error("birth date wrong")]
    BirthDateWrong {
        /// At least one, or `None`: the card shows no count (`6300`). A wrong birth date that took the last
        /// try is [`TapError::BirthDateBlocked`].
        tries_left: Option<u8>,
    },
    /// One try is left for the birth date, and it was not used.
    #[error("one try left for the birth date")]
    BirthDateLastTry,
    /// No try is left for the birth date, before this tap or since.
    #[error("birth date blocked")]
    BirthDateBlocked,
    /// After a loss, another card than before. The PIN or birth date was forgotten, unsent to this card.
    #[error("another card than before the loss")]
    AnotherCard,
    /// The PIN or birth date may not be sent again without being typed again: it was sent twice, or the
    /// answer to it was lost and the card shows no count by which to tell whether it was wrong.
    #[error("secret forgotten")]
    AskAgain,
    /// The card answered what no dialogue expects.
    #[error("unexpected answer")]
    Unreadable {
        /// The instruction byte of the command; zero if there was none.
        ins: u8,
        /// The status word. `9000` if the data was not what it should be. Zero if there was no status word:
        /// then the line broke rather than the card refused, and [`crate::Tap::lost`] may go on.
        status: u16,
    },
    /// [`crate::Tap::next`] was called after the tap was done.
    #[error("the tap is over")]
    Over,
}

/// A command that was not answered as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) ins: u8,
    pub(crate) status: StatusWord,
}

impl From<Refused> for TapError {
    fn from(Refused { ins, status }: Refused) -> Self {
        Self::Unreadable { ins, status: status.into() }
    }
}
