//! What lies between reader and host: bytes are cut into notifications, each with its time.

use core::time::Duration;
use std::collections::VecDeque;

use super::random::Random;
use super::{Cuts, Model, Options, Uuid};

/// What a reader sends, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Out {
    /// Bytes that may be cut anywhere, and share a notification with what is before and after.
    Stream(Pipe, Vec<u8>),
    /// A notification of its own, where it fits into one.
    Packet(Pipe, Vec<u8>),
    /// The battery's level.
    Battery(u8),
    /// Nothing, for a while.
    Pause(Duration),
    /// The link drops.
    LinkDrops,
    /// The reader falls asleep, and the link with it.
    FallsAsleep,
}

/// Which of the characteristics that notify; with most readers, both are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pipe {
    Answers,
    Notices,
}

/// What reaches the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Landing {
    Notified { characteristic: Uuid, value: Vec<u8> },
    LinkDropped,
    FellAsleep,
}

/// Under way to the host.
#[derive(Debug)]
pub(super) struct Air {
    model: Model,
    chunk: usize,
    cuts: Cuts,
    delay: Duration,
    random: Random,
    under_way: VecDeque<Flight>,
    /// Nothing overtakes.
    last: Duration,
}

#[derive(Debug)]
struct Flight {
    due: Duration,
    landing: Landing,
    /// Whether bytes that follow may be added.
    open: bool,
}

impl Air {
    pub(super) fn new(model: Model, options: &Options) -> Self {
        Self {
            model,
            chunk: options.chunk.get(),
            cuts: options.cuts,
            delay: options.delay,
            random: Random::new(options.seed, 1),
            under_way: VecDeque::new(),
            last: Duration::ZERO,
        }
    }

    /// Sends, at this time or as soon as what was sent before has gone.
    pub(super) fn send(&mut self, now: Duration, parts: impl IntoIterator<Item = Out>) {
        self.last = self.last.max(now);
        for part in parts {
            match part {
                Out::Stream(pipe, bytes) => self.cut(self.uuid(pipe), &bytes),
                Out::Packet(pipe, bytes) => {
                    for piece in bytes.chunks(self.chunk) {
                        self.notify(self.uuid(pipe), piece.to_vec(), false);
                    }
                }
                Out::Battery(level) => self.notify(Model::BATTERY_LEVEL, vec![level], false),
                Out::Pause(time) => {
                    self.last = self.last.saturating_add(time);
                    self.close();
                }
                Out::LinkDrops => self.fly(Landing::LinkDropped, false),
                Out::FallsAsleep => self.fly(Landing::FellAsleep, false),
            }
        }
    }

    /// What has arrived by now, in order.
    pub(super) fn next(&mut self, now: Duration) -> Option<Landing> {
        self.under_way.pop_front_if(|flight| flight.due <= now).map(|flight| flight.landing)
    }

    /// When something arrives next.
    pub(super) fn due(&self) -> Option<Duration> {
        self.under_way.front().map(|flight| flight.due)
    }

    /// The longest value of a write or notification.
    pub(super) fn chunk(&self) -> usize {
        self.chunk
    }

    /// The link is gone, and all that was under way.
    pub(super) fn clear(&mut self) {
        self.under_way.clear();
        self.last = Duration::ZERO;
    }

    fn uuid(&self, pipe: Pipe) -> Uuid {
        match pipe {
            Pipe::Answers => self.model.answers(),
            Pipe::Notices => self.model.notices(),
        }
    }

    fn cut(&mut self, characteristic: Uuid, mut bytes: &[u8]) {
        if self.cuts == Cuts::Random && !bytes.is_empty() && self.random.coin() {
            let merged = self.fill_up(characteristic, bytes);
            bytes = &bytes[merged..];
        }
        while !bytes.is_empty() {
            let most = match self.cuts {
                Cuts::Full => self.chunk,
                Cuts::Random => self.random.one_to(self.chunk),
            };
            // A CCID reader's slot change is two bytes by themselves: no part of an answer may look like one.
            let most = if matches!(bytes.get(..most), Some([0x50, 0x02 | 0x03])) { 1 } else { most };
            let (piece, rest) = bytes.split_at(most.min(bytes.len()));
            self.notify(characteristic, piece.to_vec(), true);
            bytes = rest;
        }
        if self.cuts == Cuts::Full {
            self.close();
        }
    }

    /// Adds to the last notification, if it is still to come and has room. Gives how many bytes found place.
    fn fill_up(&mut self, of: Uuid, bytes: &[u8]) -> usize {
        match self.under_way.back_mut() {
            Some(Flight { landing: Landing::Notified { characteristic, value }, open: true, .. })
                if *characteristic == of =>
            {
                let room = self.chunk.saturating_sub(value.len()).min(bytes.len());
                value.extend_from_slice(&bytes[..room]);
                room
            }
            _ => 0,
        }
    }

    fn notify(&mut self, characteristic: Uuid, value: Vec<u8>, open: bool) {
        self.fly(Landing::Notified { characteristic, value }, open);
    }

    fn fly(&mut self, landing: Landing, open: bool) {
        self.last = self.last.saturating_add(self.random.delay(self.delay));
        self.under_way.push_back(Flight { due: self.last, landing, open });
    }

    fn close(&mut self) {
        if let Some(flight) = self.under_way.back_mut() {
            flight.open = false;
        }
    }
}
