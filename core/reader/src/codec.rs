//! What the two protocols have in common, as a session sees it.

use zeroize::Zeroizing;

use crate::{Fault, ReaderError};

/// Bytes that wipe themselves. Their room is taken at once: a growing vector would leave copies behind.
pub(crate) type Bytes = Zeroizing<Vec<u8>>;

/// The most data that one message carries: the USB side of the ACS reader declares so much for a block, and a short
/// response APDU has 258 bytes.
pub(crate) const LONGEST_DATA: usize = 512;

/// One protocol, from the first message of a connection on.
pub(crate) trait Codec: Send {
    /// The first message of an authentication; `None` if there is none to be done.
    fn hello(&mut self) -> Option<Bytes>;

    /// Takes the reader's part of an authentication, and gives our next one; `None` when it is done.
    fn handshake(&mut self, data: &[u8]) -> Result<Option<Bytes>, ReaderError>;

    /// The frame that says `command`.
    fn encode(&mut self, command: Command<'_>) -> Bytes;

    /// Takes bytes from the front of a notification, as many as one message needs, and gives the message if it is
    /// whole. It is called until it gives none; after an error nothing more can be read.
    fn take(&mut self, bytes: &mut &[u8]) -> Result<Option<Message>, ReaderError>;

    /// Whether the beginning of a message is there and its end is not.
    fn is_amid_message(&self) -> bool;
}

/// What a reader is asked.
#[derive(Clone, Copy)]
pub(crate) enum Command<'a> {
    PowerOn,
    PowerOff,
    SlotStatus,
    Apdu(&'a [u8]),
    /// The next piece of an answer.
    More,
    Escape(&'a [u8]),
}

/// What a reader says.
pub(crate) enum Message {
    Reply(Reply),
    /// Without having been asked.
    Notice(Notice),
    /// An error, in the place of an answer where one is awaited.
    Fault(Fault),
}

/// An answer.
pub(crate) struct Reply {
    pub(crate) answers: Answers,
    pub(crate) card: Presence,
    pub(crate) outcome: Outcome,
    pub(crate) piece: Piece,
    pub(crate) data: Bytes,
}

/// To which commands a message can be the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answers {
    /// `80`: to power on and to an APDU.
    Data,
    /// `81`: to power off and to the question for the slot's status.
    Slot,
    /// `83`: to an escape.
    Escape,
}

/// What is in the slot (CCID rev. 1.1 §6.2.6, bmICCStatus).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    Active,
    Inactive,
    Absent,
}

/// What came of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    Failed(ReaderError),
    /// The answer comes later: so many times as long as an answer takes.
    MoreTime(u8),
}

/// Which part of an answer this is (CCID rev. 1.1 §6.2.1, bChainParameter).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece {
    Whole,
    First,
    Middle,
    Last,
    /// A value that asks for something else, or means nothing.
    Unclear,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notice {
    Arrived,
    Left,
    Asleep,
    Fault(Fault),
}

/// `bytes`, and room for nothing more.
pub(crate) fn wiping(bytes: &[u8]) -> Bytes {
    Zeroizing::new(bytes.to_vec())
}
