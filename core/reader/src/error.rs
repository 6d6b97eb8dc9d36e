//! What can go wrong between an app and a card.

/// Why a reader gave no answer, or none that can be believed. Nothing in here comes from a card.
///
/// What ends a session leaves it in [`State::Lost`](crate::State::Lost): the connection is to be closed. After bytes
/// that make no sense nobody knows where the next frame begins or to which request the next answer belongs, so that
/// there is no way back but a new connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ReaderError {
    /// A check byte does not fit what it stands for. Ends the session.
    #[error("what the reader sent does not fit its checksum")]
    Checksum,
    /// Bytes that are not the beginning, or not the end, of a frame. Ends the session.
    #[error("what the reader sent is no frame")]
    Framing,
    /// A length that no message has. Ends the session.
    #[error("what the reader sent says an impossible length")]
    Length,
    /// A message that is whole and does not belong here: an answer to nothing that was asked. Ends the session.
    #[error("the reader answered what was not asked")]
    Protocol,
    /// The reader does not accept our key. Ends the session.
    #[error("the reader does not accept the key")]
    AuthenticationRefused,
    /// The reader did not prove that it knows the key. Ends the session.
    #[error("the reader does not know the key")]
    WrongKey,
    /// The reader accepts no more authentications for now. How it is brought back is not known. Ends the session.
    #[error("the reader was given a wrong key too often")]
    TooManyAttempts,
    /// The reader says what it could not do. Ends the session if it cannot do without.
    #[error("the reader reports: {0}")]
    Reader(#[from] Fault),
    /// No answer, or only a part of it, before the deadline. Ends the session.
    #[error("the reader did not answer in time")]
    TimedOut,
    /// A card is there and does not answer, or not in a way that the reader or we can read.
    #[error("the card does not answer")]
    CardMute,
    /// There is no card, or not the one any more that was powered. Ends the session if half a command was out.
    #[error("the card is not there")]
    CardAbsent,
    /// The Bluetooth connection is gone. Ends the session.
    #[error("the connection to the reader is lost")]
    LinkLost,
    /// The reader went to sleep. Ends the session.
    #[error("the reader sleeps")]
    Asleep,
    /// This kind of reader cannot do it: nothing was sent.
    #[error("this reader cannot do that")]
    NotSupported,
    /// Not now: another request is under way, its outcome was not taken yet, or the reader is not ready. Nothing
    /// was sent.
    #[error("the reader is not ready for that")]
    NotReady,
}

/// What a reader itself reports: `51h` of the ACS protocol, the error byte of CCID (rev. 1.1 §6.2.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Our frame did not fit its checksum (ACS `01`).
    #[error("checksum")]
    Checksum,
    /// The reader waited for the card, or for the rest of our frame, in vain (ACS `02`).
    #[error("timeout")]
    Timeout,
    /// A command that the reader does not know (ACS `03`), or a field in it (CCID `01` to `7F`).
    #[error("command")]
    Command,
    /// A command that needs an authentication (ACS `04`).
    #[error("unauthorised")]
    Unauthorised,
    /// The manual calls it "undefined" (ACS `05`).
    #[error("undefined")]
    Undefined,
    /// The data of a command (ACS `06`).
    #[error("data")]
    Data,
    /// Too many failed authentications (ACS `07`; reported by one client, not in the manual).
    #[error("too many attempts")]
    TooManyAttempts,
    /// The slot is busy (CCID `E0`).
    #[error("busy")]
    Busy,
    /// Parity or overrun between reader and card (CCID `FD`, `FC`).
    #[error("the line to the card")]
    CardLine,
    /// The reader's hardware (CCID `FB` and its hardware-error message).
    #[error("hardware")]
    Hardware,
    /// A code without a meaning that is known.
    #[error("code {0:02X}h")]
    Other(u8),
}
