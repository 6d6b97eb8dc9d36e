//! One connection to a Bluetooth reader, as a shell drives it.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use counter::{Link, Lost, ReaderInfo, ReaderLife, ReaderTrouble};
use reader::{Entropy, Reconnect, Session, SleepDelay, Uuid, WriteType};
use ring::rand::{SecureRandom, SystemRandom};
use secret::SecretBytes;

use crate::ReaderKind;

/// One connection to one reader, from `Counter.readerSession` to its end.
///
/// It has no clock: `now` is any steady one, from any beginning, the same in every call. After each call the shell does
/// what `turn` says until it says `Wait`, and compares `info` with what it told the counter last.
///
/// ```text
/// services discovered, notifications on: session.connected(now)
/// a card is there (info.life is Card): session.powerOn(now), turns until PoweredOn
/// step = tap.next(null)
/// while step is Transmit:
///     session.transmit(step.command, now)
///     when turn:
///         Write      → write it; then session.written(now)
///         Wait       → session.notified(…, now) when the reader notifies; session.tick(now) when it is so late
///         Answer     → step = tap.next(answer)
///         Lost       → tap.lost(how); end
/// ```
///
/// Nothing is ever sent twice. When `info.life` is `Lost`, close the connection and the session; `reconnectAfter` says when
/// to begin another one.
#[derive(uniffi::Object)]
pub struct ReaderSession {
    name: String,
    session: Mutex<Session>,
}

/// What the shell does next.
#[derive(Debug, uniffi::Enum)]
pub enum Turn {
    /// Write this, then say `written`.
    Write {
        /// What, and where to.
        write: GattWrite,
    },
    /// Wait for a callback, but not longer than until then on the shell's clock; then say `tick`.
    Wait {
        /// Null: as long as it takes.
        until: Option<Duration>,
    },
    /// The card has power.
    PoweredOn {
        /// Its answer to reset.
        answer_to_reset: Vec<u8>,
    },
    /// The card has no power any more.
    PoweredOff,
    /// The card's answer, for `Tap.next`. Overwrite it afterwards.
    Answer {
        /// Data and status word.
        answer: SecretBytes,
    },
    /// What was asked has failed, or the session ended.
    Lost {
        /// In a tap: for `Tap.lost`.
        how: Lost,
        /// Before one: for `Action.Reader`. Null: there is just no card.
        before_tap: Option<ReaderTrouble>,
    },
}

/// One GATT write. There is never another one before `written`.
#[derive(Debug, uniffi::Record)]
pub struct GattWrite {
    /// Where to.
    pub characteristic: Uuid,
    /// What. Overwrite it afterwards.
    pub bytes: SecretBytes,
    /// How, if the characteristic offers both ways.
    pub write_type: WriteType,
}

/// Why a reader was not asked. Nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum ReaderError {
    /// Another request is under way, its outcome was not taken yet, or the reader is not ready.
    #[error("the reader is not ready for that")]
    NotReady,
    /// This kind of reader cannot do it.
    #[error("this reader cannot do that")]
    NotSupported,
    /// The card or the reader is gone. Not `Lost`: in Kotlin that would hide the type of its field.
    #[error("{how}")]
    Gone {
        /// In a tap: for `Tap.lost`.
        how: Lost,
        /// Before one: for `Action.Reader`. Null: there is just no card.
        before_tap: Option<ReaderTrouble>,
    },
}

impl From<reader::ReaderError> for ReaderError {
    fn from(error: reader::ReaderError) -> Self {
        match error {
            reader::ReaderError::NotReady => Self::NotReady,
            reader::ReaderError::NotSupported => Self::NotSupported,
            error => Self::Gone { how: error.into(), before_tap: ReaderTrouble::before_tap(error) },
        }
    }
}

impl From<reader::Turn> for Turn {
    fn from(turn: reader::Turn) -> Self {
        match turn {
            reader::Turn::Write(reader::Write { characteristic, bytes, write_type }) => {
                Self::Write { write: GattWrite { characteristic, bytes, write_type } }
            }
            reader::Turn::Wait(until) => Self::Wait { until },
            reader::Turn::PoweredOn(answer_to_reset) => Self::PoweredOn { answer_to_reset },
            reader::Turn::PoweredOff => Self::PoweredOff,
            reader::Turn::Answer(answer) => Self::Answer { answer },
            reader::Turn::Lost(error) => {
                Self::Lost { how: error.into(), before_tap: ReaderTrouble::before_tap(error) }
            }
        }
    }
}

impl ReaderSession {
    /// `None`: the system gives no random numbers.
    pub(crate) fn begin(counter: &counter::Counter, name: String, kind: &ReaderKind) -> Option<Self> {
        let mut random = [0; 16];
        SystemRandom::new().fill(&mut random).ok()?;
        let session = counter.reader_session(&name, kind.0, Entropy::from(random));
        Some(Self { name, session: Mutex::new(session) })
    }

    fn session(&self) -> MutexGuard<'_, Session> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[uniffi::export]
impl ReaderSession {
    /// Services are discovered, and the notifications are on (their descriptors are written).
    pub fn connected(&self, now: Duration) {
        self.session().connected(now);
    }

    /// A characteristic notified, or was read.
    pub fn notified(&self, characteristic: Uuid, bytes: SecretBytes, now: Duration) {
        self.session().notified(characteristic, bytes.expose(), now);
    }

    /// The platform has written the last chunk, and takes another one.
    pub fn written(&self, now: Duration) {
        self.session().written(now);
    }

    /// The connection is closed, by whomever, or could not be made.
    pub fn disconnected(&self) {
        self.session().disconnected();
    }

    /// Time has passed.
    pub fn tick(&self, now: Duration) {
        self.session().tick(now);
    }

    /// Gives the card power: `PoweredOn`.
    pub fn power_on(&self, now: Duration) -> Result<(), ReaderError> {
        Ok(self.session().power_on(now)?)
    }

    /// Takes the card's power: `PoweredOff`.
    pub fn power_off(&self, now: Duration) -> Result<(), ReaderError> {
        Ok(self.session().power_off(now)?)
    }

    /// Sends a command APDU to the card, once: `Answer`. Overwrite yours afterwards.
    pub fn transmit(&self, command: SecretBytes, now: Duration) -> Result<(), ReaderError> {
        Ok(self.session().transmit(command, now)?)
    }

    /// Tells the reader when to sleep. What it took is in `info`.
    pub fn set_sleep_delay(&self, delay: SleepDelay, now: Duration) -> Result<(), ReaderError> {
        Ok(self.session().set_sleep_delay(delay, now)?)
    }

    /// Asks for the firmware's version. What it says is in `info`.
    pub fn ask_firmware(&self, now: Duration) -> Result<(), ReaderError> {
        Ok(self.session().ask_firmware(now)?)
    }

    /// Asks for the serial number. What it says is in `info`.
    pub fn ask_serial(&self, now: Duration) -> Result<(), ReaderError> {
        Ok(self.session().ask_serial(now)?)
    }

    /// Takes the card's power, has the reader stop to look for cards, and ends the session.
    pub fn goodbye(&self, now: Duration) -> Result<(), ReaderError> {
        Ok(self.session().goodbye(now)?)
    }

    /// What to do next.
    pub fn turn(&self) -> Turn {
        let mut session = self.session();
        let turn = session.turn();
        if matches!(turn, reader::Turn::Write(_) | reader::Turn::Wait(_)) {
            // Then no outcome is among them, and what they tell stands in `info`.
            while session.next_event().is_some() {}
        }
        turn.into()
    }

    /// What the counter is told of the reader: for `Action.ReaderInUse`, whenever it has changed.
    pub fn info(&self) -> ReaderInfo {
        ReaderInfo::of(&self.name, &self.session())
    }

    /// Where the reader is in its life.
    pub fn life(&self) -> ReaderLife {
        self.session().state()
    }

    /// What a tap goes over: for `Counter.tap`.
    pub fn link(&self) -> Link {
        Link::of(&self.session())
    }

    /// When to connect again by itself, after a session that was lost; null: until somebody asks for it. `failures` are
    /// the sessions in a row, before this one, that ended without having been ready; 0 if this one was.
    pub fn reconnect_after(&self, failures: u32) -> Option<Duration> {
        Reconnect::default().after(self.session().loss(), failures)
    }
}

/// When to try again after a connection that could not be made, so that there was no session: `failures` in a row before
/// this one.
#[uniffi::export]
pub fn reconnect_after(failures: u32) -> Option<Duration> {
    Reconnect::default().after(Some(reader::ReaderError::LinkLost), failures)
}
