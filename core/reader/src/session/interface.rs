//! What a session is given, and what it gives.

use core::fmt;

use secret::SecretBytes;
use zeroize::{Zeroize, Zeroizing};

use crate::{
    Battery, ChunkSize, CustomerKey, Fault, Patience, ReaderError, SleepDelay, State, Uuid, WriteType,
};

/// What a session is begun with.
#[derive(Debug)]
pub struct Options {
    /// The key that was set in this reader with the vendor's tool; `None`: the factory's. With a key of one's own the
    /// factory's is never tried.
    pub customer_key: Option<CustomerKey>,
    /// 16 bytes from the platform's random generator, never used before: half of the session's key comes from them.
    pub entropy: Entropy,
    /// How much goes into one write; `None`: what this kind is known to take.
    pub chunk: Option<ChunkSize>,
    /// What the reader is told at the beginning; `None`: it keeps its own.
    pub sleep: Option<SleepDelay>,
    /// How long to wait for what.
    pub patience: Patience,
}

impl Options {
    /// The factory's key, and what is known to work.
    pub fn new(entropy: Entropy) -> Self {
        Self { customer_key: None, entropy, chunk: None, sleep: None, patience: Patience::default() }
    }
}

/// Random bytes that are used for one session, and wiped.
pub struct Entropy(Zeroizing<[u8; 16]>);

impl From<[u8; 16]> for Entropy {
    fn from(mut bytes: [u8; 16]) -> Self {
        let entropy = Self(Zeroizing::new(bytes));
        bytes.zeroize();
        entropy
    }
}

impl Entropy {
    pub(super) fn into_bytes(self) -> Zeroizing<[u8; 16]> {
        self.0
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy(redacted)")
    }
}

/// One GATT write. There is never another one before [`Session::written`](crate::Session::written) was called.
#[derive(Debug)]
pub struct Write {
    /// Where to.
    pub characteristic: Uuid,
    /// What. Wiped when dropped.
    pub bytes: SecretBytes,
    /// How, if the characteristic offers both ways.
    pub write_type: WriteType,
}

/// What a session has to tell.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// The reader is in another state. A card arrives with [`State::Card`], and leaves with [`State::Polling`].
    State(State),
    /// The card has power; this is its answer to reset (ISO/IEC 7816-3 §8).
    PoweredOn(Vec<u8>),
    /// The card has no power any more, as was asked.
    PoweredOff,
    /// The card's answer to the command: data and status word.
    Answer(SecretBytes),
    /// What was asked failed, or the session ended; then [`State::Lost`] follows.
    Failed(ReaderError),
    /// The reader reports an error that belongs to nothing that the shell asked.
    Fault(Fault),
    /// The battery's level.
    Battery(Battery),
    /// The firmware's version.
    Firmware(String),
    /// The reader's serial number.
    Serial(String),
    /// The reader took this delay.
    SleepDelay(SleepDelay),
}

impl Event {
    /// Whether it is the outcome of a request.
    pub(crate) fn is_outcome(&self) -> bool {
        matches!(self, Self::PoweredOn(_) | Self::PoweredOff | Self::Answer(_) | Self::Failed(_))
    }
}
