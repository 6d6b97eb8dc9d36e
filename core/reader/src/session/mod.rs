//! One connection's life.

mod machine;
mod outgoing;

use core::{fmt, time::Duration};
use std::collections::VecDeque;

use secret::SecretBytes;
use zeroize::{Zeroize, Zeroizing};

use crate::{
    Battery, ChunkSize, CustomerKey, Fault, Kind, Patience, Protection, Protocol, ReaderError, SleepDelay,
    State, Uuid, WriteType,
    acs::Acs,
    ccid::Ccid,
    codec::{self, Bytes},
};
use outgoing::Outgoing;

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

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy(redacted)")
    }
}

/// One GATT write. There is never another one before [`Session::written`] was called.
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

/// One connection to one reader, from its discovery to its end: bytes and requests in; chunks, events and deadlines
/// out.
///
/// It has no clock: `now` is any steady one, from any beginning. After each call the shell takes what
/// [`next_write`](Self::next_write) and [`next_event`](Self::next_event) give until they give nothing, and sleeps until
/// [`deadline`](Self::deadline) or the next callback; [`turn`](Self::turn) does this for one request of a tap.
///
/// Nothing is ever sent twice. When the session is [lost](State::Lost), close the connection and drop it.
pub struct Session {
    kind: &'static Kind,
    chunk: ChunkSize,
    patience: Patience,
    sleep: Option<SleepDelay>,
    protection: Protection,
    life: State,
    loss: Option<ReaderError>,
    /// `None` when the reader is not to be spoken with any more.
    codec: Option<Box<dyn codec::Codec>>,
    out: Outgoing,
    /// What the reader was asked and has not answered.
    asked: Option<Asked>,
    /// What the session itself will ask.
    todo: VecDeque<Ask>,
    /// What the shell wants to be asked.
    wanted: Option<Ask>,
    /// Something may have happened to the card: the slot is to be asked.
    doubt: Option<Doubt>,
    /// The shell said goodbye.
    ending: bool,
    /// Until when the frame has to be whole that has begun.
    frame_until: Option<Duration>,
    /// Until when a reader that sleeps has to close the connection.
    asleep_until: Option<Duration>,
    events: VecDeque<Event>,
    battery: Option<Battery>,
    firmware: Option<String>,
    serial: Option<String>,
    sleep_delay: Option<SleepDelay>,
}

/// What the reader is to be asked.
enum Ask {
    Handshake(Bytes),
    Escape(Escape, &'static [u8]),
    PowerOn,
    PowerOff,
    Transmit(SecretBytes),
}

/// What an escape command is for. Its bytes are the kind's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escape {
    StartPolling,
    StopPolling,
    Sleep(SleepDelay),
    Firmware,
    Serial,
}

/// What the reader was asked, and has not answered.
struct Asked {
    what: What,
    by_shell: bool,
    deadline: Duration,
    /// The deadline goes no further than this.
    longest: Duration,
    /// What has come of an answer in pieces.
    pieces: Bytes,
}

/// An [`Ask`] without what it carried, which is wiped when it is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Handshake,
    Escape(Escape),
    SlotStatus(Doubt),
    PowerOn,
    PowerOff,
    Transmit,
}

/// Why the slot is to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doubt {
    /// Something may have come.
    Presence,
    /// Something may have gone: if the card has power, it is not the power that we gave it.
    Power,
}

impl Session {
    /// A reader that was discovered. Nothing is sent before it is [`connected`](Self::connected).
    pub fn new(kind: &'static Kind, options: Options) -> Self {
        let Options { customer_key, entropy, chunk, sleep, patience } = options;
        let protection = kind.protection(customer_key.as_ref());
        let codec: Box<dyn codec::Codec> = match kind.protocol {
            Protocol::Acs { factory_key } => {
                let key = customer_key.map_or(Zeroizing::new(factory_key), CustomerKey::into_bytes);
                Box::new(Acs::new(key, entropy.0))
            }
            Protocol::Ccid => Box::new(Ccid::new()),
        };
        Self {
            kind,
            chunk: chunk.unwrap_or(kind.chunk),
            patience,
            sleep,
            protection,
            life: State::Discovered,
            loss: None,
            codec: Some(codec),
            out: Outgoing::new(),
            asked: None,
            todo: VecDeque::new(),
            wanted: None,
            doubt: None,
            ending: false,
            frame_until: None,
            asleep_until: None,
            events: VecDeque::new(),
            battery: None,
            firmware: None,
            serial: None,
            sleep_delay: None,
        }
    }

    // What happens.

    /// Services are discovered, and the notifications are on (their descriptors are written).
    pub fn connected(&mut self, now: Duration) {
        if self.life == State::Discovered {
            self.begin_life(now);
        }
    }

    /// A characteristic notified, or was read.
    pub fn notified(&mut self, characteristic: Uuid, bytes: &[u8], now: Duration) {
        if characteristic == self.kind.notify {
            self.hear(bytes, now);
        } else if matches!(self.life, State::Discovered | State::Lost) {
        } else if characteristic == self.kind.battery {
            if let &[level] = bytes {
                self.tell_battery(Battery::from(level));
            }
        } else if characteristic == Uuid::FIRMWARE_REVISION {
            self.tell_firmware(bytes);
        } else if characteristic == Uuid::SERIAL_NUMBER {
            self.tell_serial(bytes);
        }
    }

    /// The platform has written the last chunk, and takes another one.
    pub fn written(&mut self, now: Duration) {
        if self.out.written() {
            self.wait_for_answer(now);
        }
    }

    /// The connection is closed, by whomever, or could not be made.
    pub fn disconnected(&mut self) {
        if self.life == State::Asleep {
            self.end(Some(ReaderError::Asleep));
        } else {
            self.fail(ReaderError::LinkLost);
        }
    }

    /// Time has passed.
    pub fn tick(&mut self, now: Duration) {
        if self.deadline().is_none_or(|deadline| now < deadline) {
            return;
        }
        match self.asleep_until {
            Some(_) => self.end(Some(ReaderError::Asleep)),
            None => self.fail(ReaderError::TimedOut),
        }
    }

    // What the shell wants. One at a time: the outcome is an event, and is to be taken before the next one.

    /// Gives the card power: [`Event::PoweredOn`]. If it has power already, it is reset.
    pub fn power_on(&mut self, now: Duration) -> Result<(), ReaderError> {
        self.want(Ask::PowerOn, now)
    }

    /// Takes the card's power: [`Event::PoweredOff`]. What was verified is forgotten by the card.
    pub fn power_off(&mut self, now: Duration) -> Result<(), ReaderError> {
        self.want(Ask::PowerOff, now)
    }

    /// Sends a command APDU to the card, once: [`Event::Answer`]. The command is wiped.
    pub fn transmit(&mut self, command: SecretBytes, now: Duration) -> Result<(), ReaderError> {
        self.want(Ask::Transmit(command), now)
    }

    /// Tells the reader when to sleep: [`Event::SleepDelay`].
    pub fn set_sleep_delay(&mut self, delay: SleepDelay, now: Duration) -> Result<(), ReaderError> {
        let ask = self.escape(Escape::Sleep(delay)).ok_or(ReaderError::NotSupported)?;
        self.want(ask, now)
    }

    /// Asks for the firmware's version: [`Event::Firmware`].
    pub fn ask_firmware(&mut self, now: Duration) -> Result<(), ReaderError> {
        let ask = self.escape(Escape::Firmware).ok_or(ReaderError::NotSupported)?;
        self.want(ask, now)
    }

    /// Asks for the serial number: [`Event::Serial`].
    pub fn ask_serial(&mut self, now: Duration) -> Result<(), ReaderError> {
        let ask = self.escape(Escape::Serial).ok_or(ReaderError::NotSupported)?;
        self.want(ask, now)
    }

    /// Takes the card's power, has the reader stop to look for cards, and ends the session.
    pub fn goodbye(&mut self, now: Duration) -> Result<(), ReaderError> {
        self.may_ask()?;
        self.say_goodbye(now);
        Ok(())
    }

    // What comes of it.

    /// The next write. `None` while there is one that is not [`written`](Self::written).
    pub fn next_write(&mut self) -> Option<Write> {
        let bytes = self.out.next(self.chunk)?;
        Some(Write { characteristic: self.kind.write, bytes, write_type: self.kind.write_type })
    }

    /// What has happened, in its order.
    pub fn next_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// The outcome of what the shell asked, if it is there.
    pub(crate) fn take_outcome(&mut self) -> Option<Event> {
        let at = self.events.iter().position(Event::is_outcome)?;
        self.events.remove(at)
    }

    /// When [`tick`](Self::tick) is to be called, if nothing happens before.
    pub fn deadline(&self) -> Option<Duration> {
        let asked = self.asked.as_ref().map(|asked| asked.deadline);
        [asked, self.frame_until, self.asleep_until].into_iter().flatten().min()
    }

    // What is known.

    /// The kind of reader.
    pub fn kind(&self) -> &'static Kind {
        self.kind
    }

    /// Where it is in its life.
    pub fn state(&self) -> State {
        self.life
    }

    /// Why it was lost. `None` while it is not, and after a [`goodbye`](Self::goodbye).
    pub fn loss(&self) -> Option<ReaderError> {
        self.loss
    }

    /// What protects what goes over the link. What it says holds from [`State::is_ready`] on.
    pub fn protection(&self) -> Protection {
        self.protection
    }

    /// Whether a PIN may go over now without everybody near being able to read it.
    pub fn is_confidential(&self) -> bool {
        self.life.is_ready() && self.protection.is_confidential()
    }

    /// The battery's level, as it was said last.
    pub fn battery(&self) -> Option<Battery> {
        self.battery
    }

    /// The firmware's version.
    pub fn firmware(&self) -> Option<&str> {
        self.firmware.as_deref()
    }

    /// The serial number.
    pub fn serial(&self) -> Option<&str> {
        self.serial.as_deref()
    }

    /// The delay that the reader took in this session.
    pub fn sleep_delay(&self) -> Option<SleepDelay> {
        self.sleep_delay
    }
}

/// Kind and state; never what goes over.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("kind", &self.kind.name)
            .field("state", &self.life)
            .field("loss", &self.loss)
            .finish_non_exhaustive()
    }
}
