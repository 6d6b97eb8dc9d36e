//! The reader as a GATT peripheral, with a clock that only the test moves.

use core::fmt;
use core::time::Duration;
use std::collections::{BTreeSet, VecDeque};

use super::air::{Air, Landing, Out};
use super::codec::Codec;
use super::fault::{Fault, Faults};
use super::inside::Inside;
use super::random::Random;
use super::slot::{CardStatus, Slot};
use super::{Model, Options, Property, SwapNotices, Uuid};
use crate::Icc;

/// How long the reader waits for the rest of a frame. Our own decision.
const PATIENCE: Duration = Duration::from_secs(2);

/// The life of a reader, from one to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Switched off, by itself: only a finger on its button ([`VirtualReader::wake`]) brings it back.
    Asleep,
    /// It advertises.
    Disconnected,
    /// Connected. A CCID reader needs neither authentication nor polling and goes on to the card from here.
    Connected,
    /// ACS: there is a session, and it does not look for cards.
    Authenticated,
    /// ACS: it looks for cards, and there is none.
    Polling,
    /// A card is there, without power.
    CardPresent,
    /// The card has power.
    Powered,
}

/// What a host learns without asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// A characteristic notified a value.
    Notified {
        /// Which.
        characteristic: Uuid,
        /// At most a chunk.
        value: Vec<u8>,
    },
    /// The link went down from the other side: the reader sleeps, or is out of reach.
    Disconnected,
}

/// Why GATT refused something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum GattError {
    /// No such characteristic (ATT 01).
    #[error("there is no such characteristic")]
    InvalidHandle,
    /// The characteristic cannot be read (ATT 02).
    #[error("the characteristic cannot be read")]
    ReadNotPermitted,
    /// The characteristic cannot be written (ATT 03).
    #[error("the characteristic cannot be written")]
    WriteNotPermitted,
    /// The characteristic does not notify (ATT 06).
    #[error("the characteristic does not notify")]
    RequestNotSupported,
    /// The value is longer than a chunk (ATT 0D).
    #[error("the value is longer than a chunk")]
    InvalidAttributeValueLength,
    /// The reader sleeps, or is connected already: it does not advertise.
    #[error("the reader does not advertise")]
    NotAdvertising,
    /// There is no link.
    #[error("there is no link")]
    NotConnected,
}

impl GattError {
    /// The ATT error code (Bluetooth Core Specification, Vol 3, Part F, §3.4.1.1), or one of two of our own above
    /// them.
    pub const fn code(self) -> u8 {
        match self {
            Self::InvalidHandle => 0x01,
            Self::ReadNotPermitted => 0x02,
            Self::WriteNotPermitted => 0x03,
            Self::RequestNotSupported => 0x06,
            Self::InvalidAttributeValueLength => 0x0D,
            Self::NotAdvertising => 0xFE,
            Self::NotConnected => 0xFF,
        }
    }
}

/// A Bluetooth LE reader with room for one card.
///
/// Everything is a call that returns at once. What the reader has to say is fetched with
/// [`next_happening`](Self::next_happening); what it will say later waits for [`advance`](Self::advance).
pub struct VirtualReader<C> {
    model: Model,
    now: Duration,
    link: Link,
    /// The characteristics that may notify.
    subscribed: BTreeSet<Uuid>,
    slot: Slot<C>,
    codec: Codec,
    faults: Faults,
    swap_notices: SwapNotices,
    random: Random,
    air: Air,
    arrived: VecDeque<Happening>,
    battery: u8,
    /// When the host last wrote, or a card came or went.
    busy: Duration,
    /// Since when the rest of a frame has been waited for.
    waiting: Option<Duration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    Asleep,
    Down,
    Up,
}

impl<C: Icc> VirtualReader<C> {
    /// A reader that was just switched on, without a card.
    pub fn new(model: Model, options: Options) -> Self {
        Self {
            model,
            now: Duration::ZERO,
            link: Link::Down,
            subscribed: BTreeSet::new(),
            slot: Slot::new(),
            codec: Codec::new(model, &options),
            random: Random::new(options.seed, 2),
            air: Air::new(model, &options),
            swap_notices: options.swap_notices,
            faults: Faults::new(options.faults),
            arrived: VecDeque::new(),
            battery: 100,
            busy: Duration::ZERO,
            waiting: None,
        }
    }

    /// Which reader it is.
    pub fn model(&self) -> Model {
        self.model
    }

    /// Where it is in its life.
    pub fn state(&self) -> State {
        match self.link {
            Link::Asleep => State::Asleep,
            Link::Down => State::Disconnected,
            Link::Up => match self.slot.status() {
                CardStatus::Absent => self.codec.state(),
                CardStatus::Inactive => State::CardPresent,
                CardStatus::Active => State::Powered,
            },
        }
    }

    /// A host connects.
    pub fn connect(&mut self) -> Result<(), GattError> {
        if self.link != Link::Down {
            return Err(GattError::NotAdvertising);
        }
        self.link = Link::Up;
        self.busy = self.now;
        self.codec.connected(&mut self.slot);
        Ok(())
    }

    /// The host goes. What was still to be said is lost.
    pub fn disconnect(&mut self) {
        if self.link == Link::Up {
            self.go_down(Link::Down);
            self.arrived.clear();
        }
    }

    /// The host switches notifications on or off (the descriptor 2902). What is notified before is lost.
    pub fn subscribe(&mut self, characteristic: Uuid, on: bool) -> Result<(), GattError> {
        self.permit(characteristic, &[Property::Notify], GattError::RequestNotSupported)?;
        if on {
            self.subscribed.insert(characteristic);
        } else {
            self.subscribed.remove(&characteristic);
        }
        self.work(|_, _| {});
        Ok(())
    }

    /// The host writes. What the reader has to say to it comes afterwards.
    pub fn write(&mut self, characteristic: Uuid, value: &[u8]) -> Result<(), GattError> {
        let either = [Property::Write, Property::WriteWithoutResponse];
        self.permit(characteristic, &either, GattError::WriteNotPermitted)?;
        if value.len() > self.air.chunk() {
            return Err(GattError::InvalidAttributeValueLength);
        }
        self.busy = self.now;
        self.work(|codec, inside| codec.receive(value, inside));
        self.waiting = (self.link == Link::Up && self.codec.waits_for_more()).then_some(self.now);
        Ok(())
    }

    /// The host reads.
    pub fn read(&self, characteristic: Uuid) -> Result<Vec<u8>, GattError> {
        self.permit(characteristic, &[Property::Read], GattError::ReadNotPermitted)?;
        if characteristic == Model::BATTERY_LEVEL {
            return Ok(vec![self.battery]);
        }
        let information = self.model.device_information();
        let value = information.iter().find(|(number, _)| Uuid::assigned(*number) == characteristic);
        value.map(|(_, value)| value.as_bytes().to_vec()).ok_or(GattError::InvalidHandle)
    }

    /// The next that has reached the host by now.
    pub fn next_happening(&mut self) -> Option<Happening> {
        self.arrived.pop_front()
    }

    /// Puts a card in, and gives back the one that lay there.
    pub fn insert(&mut self, card: C) -> Option<C> {
        let before = match self.swap_notices {
            SwapNotices::Two => self.remove(),
            SwapNotices::One => self.slot.remove(),
        };
        self.slot.insert(card);
        self.busy = self.now;
        self.work(|_, _| {});
        before
    }

    /// Takes the card out, also one that had left by a [`Mishap`](super::Mishap).
    pub fn remove(&mut self) -> Option<C> {
        let card = self.slot.remove()?;
        self.busy = self.now;
        self.work(|_, _| {});
        Some(card)
    }

    /// A look at the card.
    pub fn card(&mut self) -> Option<&mut C> {
        self.slot.card()
    }

    /// The battery has another level. GATT says percent; what the ACS reader sends is not known.
    pub fn set_battery(&mut self, level: u8) {
        if core::mem::replace(&mut self.battery, level) != level {
            self.work(|_, inside| inside.out.push(Out::Battery(level)));
        }
    }

    /// A finger on the button of a reader that sleeps.
    pub fn wake(&mut self) {
        if self.link == Link::Asleep {
            self.link = Link::Down;
        }
    }

    /// More goes wrong.
    pub fn add_faults(&mut self, faults: impl IntoIterator<Item = Fault>) {
        self.faults.add(faults);
    }

    /// How many answers and how many notices the reader has sent: the next [`Place`](super::Place) of each.
    pub fn sent(&self) -> (u32, u32) {
        (self.faults.answers, self.faults.notices)
    }

    /// The time since the reader was made.
    pub fn now(&self) -> Duration {
        self.now
    }

    /// When something happens next, if nobody does anything.
    pub fn due(&self) -> Option<Duration> {
        if self.link != Link::Up {
            return None;
        }
        let sleep = self.codec.sleep_delay().map(|delay| self.busy.saturating_add(delay));
        let patience = self.waiting.map(|since| since.saturating_add(PATIENCE));
        [self.air.due(), sleep, patience].into_iter().flatten().min()
    }

    /// Time passes.
    pub fn advance(&mut self, by: Duration) {
        let until = self.now.saturating_add(by);
        while let Some(due) = self.due().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            if self.air.due().is_none_or(|landing| landing > self.now) {
                self.lose_patience();
            }
            self.land();
        }
        self.now = until;
    }

    /// What nobody wrote or pressed makes happen.
    fn lose_patience(&mut self) {
        if self.waiting.is_some_and(|since| since.saturating_add(PATIENCE) <= self.now) {
            self.waiting = None;
            self.work(Codec::give_up);
        } else {
            // Once: what is on its way to the host must not be outrun by a second good night.
            self.busy = Duration::MAX;
            self.work(Codec::fall_asleep);
        }
    }

    fn permit(&self, characteristic: Uuid, any: &[Property], otherwise: GattError) -> Result<(), GattError> {
        if self.link != Link::Up {
            return Err(GattError::NotConnected);
        }
        let table = self.model.characteristics();
        let found = table.iter().find(|one| one.uuid == characteristic).ok_or(GattError::InvalidHandle)?;
        if found.properties.iter().any(|property| any.contains(property)) { Ok(()) } else { Err(otherwise) }
    }

    /// Lets the protocol work, tells of the card, and sends what there is to send.
    fn work(&mut self, work: impl FnOnce(&mut Codec, &mut Inside<'_, C>)) {
        if self.link != Link::Up {
            return;
        }
        let mut inside = Inside {
            slot: &mut self.slot,
            faults: &mut self.faults,
            random: &mut self.random,
            heard: self.subscribed.contains(&self.model.notices()),
            out: Vec::new(),
        };
        work(&mut self.codec, &mut inside);
        self.codec.tell_of_card(&mut inside);
        let out = inside.out;
        self.air.send(self.now, out);
        self.land();
    }

    /// What is due reaches the host.
    fn land(&mut self) {
        while let Some(landing) = self.air.next(self.now) {
            match landing {
                Landing::Notified { characteristic, value } => {
                    if self.subscribed.contains(&characteristic) {
                        self.arrived.push_back(Happening::Notified { characteristic, value });
                    }
                }
                Landing::LinkDropped => self.go_down(Link::Down),
                Landing::FellAsleep => self.go_down(Link::Asleep),
            }
            if self.link != Link::Up {
                self.arrived.push_back(Happening::Disconnected);
            }
        }
    }

    fn go_down(&mut self, link: Link) {
        self.link = link;
        self.subscribed.clear();
        self.waiting = None;
        self.air.clear();
        self.codec.disconnected();
        self.slot.set_field(false);
    }
}

impl<C> fmt::Debug for VirtualReader<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VirtualReader")
            .field("model", &self.model)
            .field("link", &self.link)
            .finish_non_exhaustive()
    }
}
