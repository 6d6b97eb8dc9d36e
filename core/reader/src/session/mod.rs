//! One connection's life.

mod asking;
mod hearing;
mod interface;
mod outgoing;

use core::{fmt, time::Duration};
use std::collections::VecDeque;

use secret::SecretBytes;
use zeroize::Zeroizing;

pub use interface::{Entropy, Event, Options, Write};

use crate::{
    Battery, ChunkSize, CustomerKey, Kind, Patience, Protection, Protocol, ReaderError, SleepDelay, State,
    Uuid,
    acs::Acs,
    ccid::Ccid,
    codec::{self, Bytes},
};
use outgoing::Outgoing;

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
    /// The reader said so while the card was at work.
    card_left: bool,
    /// It also said that a card has arrived: what answers may be that one.
    another_card: bool,
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
    /// Something may have come, where nothing had power.
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
                Box::new(Acs::new(key, entropy.into_bytes()))
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
        } else if self.life != State::Lost {
            self.read_characteristic(characteristic, bytes);
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
        if self.deadline().is_some_and(|deadline| deadline <= now) {
            self.give_up();
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
