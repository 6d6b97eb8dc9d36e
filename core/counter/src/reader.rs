//! What a shell tells of its card reader.

use ::reader::{Battery, Fault, Protection, ReaderError, Session, SleepDelay, State as ReaderLife};

/// The Bluetooth reader that is in use, as the shell knows it at this moment; see
/// [`Action::ReaderInUse`](crate::Action::ReaderInUse).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderInfo {
    /// The name that it advertises: which one of several stands on the counter.
    pub name: String,
    /// Maker and model.
    pub kind: String,
    /// What its link is worth, once it is up: [`Session::protection`].
    pub protection: Protection,
    /// Where it is in its life.
    pub life: ReaderLife,
    /// The battery, if the reader told.
    pub battery: Option<Battery>,
    /// The firmware's version, if the reader told.
    pub firmware: Option<String>,
    /// The serial number, if the reader told.
    pub serial: Option<String>,
    /// After how long without use it sleeps, if that is known.
    pub sleep_delay: Option<SleepDelay>,
}

impl ReaderInfo {
    /// All that a session knows, with the name under which the reader was found.
    pub fn of(name: &str, session: &Session) -> Self {
        Self {
            name: name.to_owned(),
            kind: session.kind().name.to_owned(),
            protection: session.protection(),
            life: session.state(),
            battery: session.battery(),
            firmware: session.firmware().map(str::to_owned),
            serial: session.serial().map(str::to_owned),
            sleep_delay: session.sleep_delay(),
        }
    }

    /// As it may be shown. Anybody near can advertise a name, and it ends up on staff's screen or terminal: what is
    /// not text to be read is left out, and what is longer than a name is cut.
    pub(crate) fn tidy(self) -> Self {
        let told = |text: Option<String>| text.map(|text| readable(&text)).filter(|text| !text.is_empty());
        Self {
            name: readable(&self.name),
            kind: readable(&self.kind),
            firmware: told(self.firmware),
            serial: told(self.serial),
            ..self
        }
    }
}

/// Characters of a name; a GATT name has at most 248 bytes, those of readers a dozen.
const LONGEST: usize = 40;

pub(crate) fn readable(text: &str) -> String {
    // Marks of direction could turn the words around it; U+200B to U+200F and U+2060 to U+206F have no width.
    let shown = |character: &char| {
        !character.is_control()
            && !matches!(character, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
    };
    text.chars().filter(shown).take(LONGEST).collect::<String>().trim().to_owned()
}

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
    /// A Bluetooth reader and this device do not have the same key: it is another reader, or its key was changed.
    #[error("the reader's key is another one")]
    NotTrusted,
    /// A Bluetooth reader went to sleep.
    #[error("the reader sleeps")]
    Asleep,
    /// The Bluetooth connection to the reader is gone.
    #[error("the reader is out of reach")]
    OutOfReach,
    /// The device reads cards itself, and its NFC is switched off.
    #[error("NFC is switched off")]
    NfcOff,
    /// A Bluetooth reader is to be used, and Bluetooth is switched off.
    #[error("Bluetooth is switched off")]
    BluetoothOff,
    /// A Bluetooth reader is to be used, and the platform does not let this app use Bluetooth.
    #[error("the app may not use Bluetooth")]
    BluetoothNotAllowed,
}

impl ReaderTrouble {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Failed,
        Self::ServiceMissing,
        Self::NoReader,
        Self::InUse,
        Self::Unplugged,
        Self::CardSilent,
        Self::TimedOut,
        Self::NotTrusted,
        Self::Asleep,
        Self::OutOfReach,
        Self::NfcOff,
        Self::BluetoothOff,
        Self::BluetoothNotAllowed,
    ];

    /// What an error of a Bluetooth reader means while no tap is open: for [`Action::Reader`](crate::Action::Reader).
    /// `None`: there is no card, and the next one is awaited.
    pub fn before_tap(error: ReaderError) -> Option<Self> {
        match error {
            ReaderError::CardAbsent => None,
            ReaderError::CardMute => Some(Self::CardSilent),
            error => match Lost::from(error) {
                Lost::CardGone => None,
                Lost::Reader(trouble) => Some(trouble),
            },
        }
    }
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

/// What an error of a Bluetooth reader means in a tap: for [`Tap::lost`](crate::Tap::lost).
impl From<ReaderError> for Lost {
    fn from(error: ReaderError) -> Self {
        Self::Reader(match error {
            // A card that has answered and answers no more was moved.
            ReaderError::CardAbsent | ReaderError::CardMute => return Self::CardGone,
            ReaderError::AuthenticationRefused | ReaderError::WrongKey | ReaderError::TooManyAttempts => {
                ReaderTrouble::NotTrusted
            }
            ReaderError::TimedOut | ReaderError::Reader(Fault::Timeout) => ReaderTrouble::TimedOut,
            ReaderError::LinkLost => ReaderTrouble::OutOfReach,
            ReaderError::Asleep => ReaderTrouble::Asleep,
            // Bytes that make no sense, a reader that reports a fault, and an error of a newer `reader`.
            _ => ReaderTrouble::Failed,
        })
    }
}
