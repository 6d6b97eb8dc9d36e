//! What a shell tells of its card reader.

/// What is wrong with the reader, or with what lies in it. A shell learns it from its platform, and says so with
/// [`Action::Reader`](crate::Action::Reader) before a tap and with [`Tap::lost`](crate::Tap::lost) in one.
///
/// Each has a [`Failure`](crate::Failure) of its own, with the words for staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ReaderTrouble {
    /// It failed, and nothing more is known.
    #[error("the reader failed")]
    Failed,
    /// No PC/SC service runs on this PC.
    #[error("no PC/SC service runs")]
    ServiceMissing,
    /// No reader is connected.
    #[error("no reader is connected")]
    NoReader,
    /// Another program holds the reader or the card.
    #[error("another program holds the reader")]
    InUse,
    /// The reader was there and went away.
    #[error("the reader went away")]
    Unplugged,
    /// A card is in the reader and gives no answer to reset (ISO/IEC 7816-3 §8), or one that cannot be read: it is
    /// the wrong way round, dirty, or of another kind.
    #[error("the card gives no answer to reset that can be read")]
    CardSilent,
    /// Reader or card did not answer in time.
    #[error("no answer in time")]
    TimedOut,
}

impl ReaderTrouble {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Failed,
        Self::ServiceMissing,
        Self::NoReader,
        Self::InUse,
        Self::Unplugged,
        Self::CardSilent,
        Self::TimedOut,
    ];
}

/// How a card was lost in the middle of a tap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// It left the field, or was pulled out.
    #[error("the card is gone")]
    CardGone,
    /// It could not be reached any more.
    #[error(transparent)]
    Reader(#[from] ReaderTrouble),
}
