//! What goes wrong, as data: a test places each mishap where it wants it.

use core::time::Duration;

use serde::Deserialize;

use super::air::{Out, Pipe};
use super::options::{block, milliseconds};

/// One thing that goes wrong, once.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// In what the reader sends.
    pub at: Place,
    /// What.
    pub mishap: Mishap,
}

/// One of the frames that a reader sends, counted from 0 over its whole life, so that nothing goes wrong again after
/// a reconnection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// The answer to a request.
    Answer(u32),
    /// What nobody asked for: the card came or left, the reader falls asleep.
    Notice(u32),
}

/// What goes wrong. Positions count the bytes of a frame (of the ACS outer frame, of a CCID message) from 0; one
/// behind the end does nothing, except that a link drops and a pause begins after the last byte.
///
/// Several mishaps may have one place. What carries `worked` says whether the card had got the command before: the
/// host cannot know, and must not guess.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Mishap {
    /// One byte comes with other bits.
    Corrupt {
        /// In the frame, or inside it.
        layer: Layer,
        /// Which byte.
        at: usize,
        /// Which bits.
        xor: u8,
        /// Whether the checksum of that layer is made to fit afterwards.
        #[serde(default)]
        mended: bool,
    },
    /// The length says so many bytes more than come. The checksum fits what is said.
    Lengthen {
        /// How many.
        by: u16,
    },
    /// The rest of the frame never comes.
    Stall {
        /// After so many bytes.
        after: usize,
    },
    /// The link drops in the middle of the frame.
    Drop {
        /// After so many bytes.
        after: usize,
    },
    /// The reader hesitates.
    Pause {
        /// After so many bytes.
        after: usize,
        /// How long.
        #[serde(rename = "ms", deserialize_with = "milliseconds")]
        time: Duration,
    },
    /// Card notifications that tell nothing true come in between: with CCID at this position, with ACS before the
    /// frame, whose bytes nothing can part.
    Interject {
        /// After so many bytes.
        after: usize,
        /// Which.
        events: Vec<CardEvent>,
    },
    /// Instead of the answer comes a hardware error `51`: ACS with this error code, in the clear; CCID with this
    /// bHardwareErrorCode.
    HardwareError {
        /// Which.
        code: u8,
        /// Whether the command was carried out before.
        worked: bool,
    },
    /// The answer says that the command failed, with this bError; ACS knows only that it failed.
    Fail {
        /// bError, USB CCID rev. 1.1 table 6.2-2.
        error: u8,
        /// Whether the command was carried out before.
        worked: bool,
    },
    /// The card is taken away while the reader works.
    CardLeaves {
        /// Whether the command was carried out before.
        worked: bool,
    },
    /// The reader falls asleep instead of answering.
    FallAsleep {
        /// Whether the command was carried out before.
        worked: bool,
    },
    /// ACS: the answer comes unencrypted though there is a session.
    Clear,
    /// ACS: so many bytes too many follow the encrypted blocks, so that their number is no multiple of 16.
    Ragged {
        /// How many.
        extra: u8,
    },
    /// ACS, first answer of the authentication: the reader sends this block as its encrypted random `R_A`.
    Challenge {
        /// The block as it is sent.
        #[serde(deserialize_with = "block")]
        block: [u8; 16],
    },
    /// ACS, second answer: the reader expects another `R_A` than the one it gave.
    WrongRandomA,
    /// ACS, second answer: the reader gives another `R_B` back than it got.
    WrongRandomB,
    /// CCID: the reader asks for more time before it answers.
    TimeExtension {
        /// How often.
        times: u8,
        /// bError of each: the multiplier.
        multiplier: u8,
        /// How long the reader takes after each.
        #[serde(rename = "ms", deserialize_with = "milliseconds")]
        time: Duration,
    },
}

/// What bytes a [`Mishap::Corrupt`] counts. CCID has one layer: both are the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// The outer frame of the ACS protocol, as it is sent.
    Frame,
    /// The inner message, before it is encrypted.
    Message,
}

/// What a card notification tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CardEvent {
    /// A card is there.
    Arrived,
    /// It is there no more.
    Left,
    /// The reader falls asleep. ACS only; other readers just go.
    Asleep,
}

/// The faults of a reader, and how far it has come.
#[derive(Debug)]
pub(super) struct Faults {
    list: Vec<Fault>,
    pub(super) answers: u32,
    pub(super) notices: u32,
}

impl Faults {
    pub(super) fn new(list: Vec<Fault>) -> Self {
        Self { list, answers: 0, notices: 0 }
    }

    pub(super) fn add(&mut self, faults: impl IntoIterator<Item = Fault>) {
        self.list.extend(faults);
    }

    /// The mishaps of the answer that comes next.
    pub(super) fn next_answer(&mut self) -> Mishaps {
        self.answers += 1;
        self.at(Place::Answer(self.answers - 1))
    }

    /// The mishaps of the notice that comes next.
    pub(super) fn next_notice(&mut self) -> Mishaps {
        self.notices += 1;
        self.at(Place::Notice(self.notices - 1))
    }

    fn at(&self, place: Place) -> Mishaps {
        Mishaps(
            self.list.iter().filter(|fault| fault.at == place).map(|fault| fault.mishap.clone()).collect(),
        )
    }
}

/// What befalls one frame.
#[derive(Clone, Debug)]
pub(super) struct Mishaps(Vec<Mishap>);

impl Mishaps {
    pub(super) const fn none() -> Self {
        Self(Vec::new())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Mishap> {
        self.0.iter()
    }

    pub(super) fn contains(&self, mishap: &Mishap) -> bool {
        self.0.contains(mishap)
    }

    /// Whether the command does not reach what should carry it out.
    pub(super) fn hinder_work(&self) -> bool {
        self.0.iter().any(|mishap| {
            matches!(
                mishap,
                Mishap::HardwareError { worked: false, .. }
                    | Mishap::Fail { worked: false, .. }
                    | Mishap::FallAsleep { worked: false }
            )
        })
    }

    pub(super) fn take_the_card(&self) -> bool {
        self.0.iter().any(|mishap| matches!(mishap, Mishap::CardLeaves { .. }))
    }

    /// Corrupts the bytes of one layer; `mend` makes its checksum fit.
    pub(super) fn corrupt(&self, layer: Option<Layer>, bytes: &mut [u8], mend: fn(&mut [u8])) {
        for mishap in &self.0 {
            if let Mishap::Corrupt { layer: of, at, xor, mended } = *mishap
                && layer.is_none_or(|layer| layer == of)
                && let Some(byte) = bytes.get_mut(at)
            {
                *byte ^= xor;
                if mended {
                    mend(bytes);
                }
            }
        }
    }

    /// How much more than the truth the length says.
    pub(super) fn lengthened(&self, length: usize) -> usize {
        self.0.iter().fold(length, |length, mishap| match mishap {
            Mishap::Lengthen { by } => length + usize::from(*by),
            _ => length,
        })
    }

    /// What is interjected, wherever.
    pub(super) fn interjected(&self) -> impl Iterator<Item = CardEvent> {
        self.0
            .iter()
            .filter_map(|mishap| match mishap {
                Mishap::Interject { events, .. } => Some(events),
                _ => None,
            })
            .flatten()
            .copied()
    }

    /// Parts a frame at the positions where something happens. `interject` makes a notification of a card event, and
    /// is missing where a frame cannot be parted by one.
    pub(super) fn part(
        &self,
        pipe: Pipe,
        frame: &[u8],
        interject: Option<&dyn Fn(CardEvent) -> Vec<u8>>,
    ) -> Vec<Out> {
        let carry = |bytes: &[u8]| match pipe {
            Pipe::Answers => Out::Stream(pipe, bytes.to_vec()),
            Pipe::Notices => Out::Packet(pipe, bytes.to_vec()),
        };
        let mut marks: Vec<(usize, &Mishap)> = self
            .0
            .iter()
            .filter_map(|mishap| match mishap {
                Mishap::Stall { after } | Mishap::Drop { after } | Mishap::Pause { after, .. } => {
                    Some((*after, mishap))
                }
                Mishap::Interject { after, .. } if interject.is_some() => Some((*after, mishap)),
                _ => None,
            })
            .collect();
        marks.sort_by_key(|(position, _)| *position);

        let mut parts = Vec::new();
        let mut sent = 0;
        for (position, mishap) in marks {
            let position = position.min(frame.len());
            parts.push(carry(&frame[sent..position]));
            sent = position;
            match mishap {
                Mishap::Drop { .. } => {
                    parts.push(Out::LinkDrops);
                    return parts;
                }
                Mishap::Stall { .. } => return parts,
                Mishap::Pause { time, .. } => parts.push(Out::Pause(*time)),
                Mishap::Interject { events, .. } => {
                    let notices =
                        interject.into_iter().flat_map(|make| events.iter().map(|event| make(*event)));
                    parts.extend(notices.map(|notice| Out::Packet(Pipe::Notices, notice)));
                }
                _ => {}
            }
        }
        parts.push(carry(&frame[sent..]));
        parts
    }
}
