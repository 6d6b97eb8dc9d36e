//! The message within a frame: "similar to CCID", with a header of seven bytes.
//!
//! | offset | size | content |
//! |---|---|---|
//! | 0 | 1 | type |
//! | 1 | 2 | length of what follows the header, big-endian (CCID: four bytes, little-endian) |
//! | 3 | 1 | slot, always `00` |
//! | 4 | 1 | sequence: everybody sends `00`; whether it is echoed is not known, so that it is not looked at |
//! | 5 | 1 | parameter, status of the slot, or error |
//! | 6 | 1 | exclusive-or of all other bytes, padding excluded |

use zeroize::Zeroizing;

use super::frame::checksum;
use crate::{
    Fault, ReaderError,
    codec::{
        Answers, Bytes, Command, LONGEST_DATA, Message, Notice, Outcome, Piece, Presence, Reply, wiping,
    },
};

/// The length of the header.
pub(super) const HEADER: usize = 7;

const POWER_ON: u8 = 0x62;
const POWER_OFF: u8 = 0x63;
const SLOT_STATUS: u8 = 0x65;
const ESCAPE: u8 = 0x6B;
const APDU: u8 = 0x6F;

/// Lays out a command, with room to be padded.
pub(super) fn encode(command: Command<'_>) -> Bytes {
    let (kind, payload): (u8, &[u8]) = match command {
        Command::PowerOn => (POWER_ON, &[]),
        Command::PowerOff => (POWER_OFF, &[]),
        Command::SlotStatus => (SLOT_STATUS, &[]),
        Command::Apdu(apdu) => (APDU, apdu),
        // 10h, "continue the response", is what another model of the maker has. Pieces are never announced here, so
        // that this is never asked.
        Command::More => (APDU, &[]),
        Command::Escape(command) => (ESCAPE, command),
    };
    let [.., high, low] = payload.len().to_be_bytes();
    let mut message = Zeroizing::new(Vec::with_capacity((HEADER + payload.len()).next_multiple_of(16)));
    message.extend([kind, high, low, 0, 0, 0, 0]);
    message.extend_from_slice(payload);
    message[6] = checksum(&message);
    message
}

/// A message whose length and checksum fit. What comes after its length is padding.
pub(super) struct Parsed<'a> {
    kind: u8,
    parameter: u8,
    payload: &'a [u8],
}

/// Finds the message in a data block.
pub(super) fn parse(block: &[u8]) -> Result<Parsed<'_>, ReaderError> {
    let (&[kind, high, low, slot, _sequence, parameter, _], rest) =
        block.split_first_chunk::<HEADER>().ok_or(ReaderError::Length)?;
    let length = usize::from(u16::from_be_bytes([high, low]));
    let payload = rest.get(..length).filter(|_| length <= LONGEST_DATA).ok_or(ReaderError::Length)?;
    if checksum(&block[..HEADER + length]) != 0 {
        return Err(ReaderError::Checksum);
    }
    if slot != 0 {
        return Err(ReaderError::Protocol);
    }
    Ok(Parsed { kind, parameter, payload })
}

impl Parsed<'_> {
    /// Whether it is a card notification or an error: what may come in the clear at any time.
    pub(super) fn is_unasked(&self) -> bool {
        matches!(self.kind, 0x50 | 0x51)
    }

    /// What it says. `None`: nothing.
    pub(super) fn read(&self) -> Result<Option<Message>, ReaderError> {
        let reply = |answers| {
            let outcome = self.outcome(answers)?;
            let (piece, data) = (Piece::Whole, wiping(self.payload));
            Ok(Some(Message::Reply(Reply { answers, card: self.presence(), outcome, piece, data })))
        };
        match self.kind {
            0x80 => reply(Answers::Data),
            0x81 => reply(Answers::Slot),
            0x83 => reply(Answers::Escape),
            0x50 => Ok(Some(Message::Notice(self.notice()))),
            0x51 => Ok(fault(self.parameter).map(Message::Fault)),
            _ => Err(ReaderError::Protocol),
        }
    }

    fn outcome(&self, answers: Answers) -> Result<Outcome, ReaderError> {
        match (answers, self.parameter) {
            // "Response begins with E1": every source.
            (Answers::Escape, _) if self.payload.first() != Some(&0xE1) => Err(ReaderError::Protocol),
            // It says in its payload what came of it, and the manual shows it with "absent" as the status.
            (Answers::Escape, _) | (_, 0x00) | (Answers::Slot, 0x01 | 0x02) => Ok(Outcome::Done),
            // Bit 6 as in CCID; one client takes it so. Nothing says why.
            (_, status) if status & 0x40 != 0 => Ok(Outcome::Failed(match self.presence() {
                Presence::Absent => ReaderError::CardAbsent,
                Presence::Active | Presence::Inactive => ReaderError::CardMute,
            })),
            // How an answer in several pieces would come is not known. It is not taken for a whole one.
            _ => Err(ReaderError::Protocol),
        }
    }

    fn presence(&self) -> Presence {
        match self.parameter & 0x03 {
            0 => Presence::Active,
            1 => Presence::Inactive,
            _ => Presence::Absent,
        }
    }

    /// `02` and `03` the other way round is what the manual V1.01 prints. Two other sources and CCID's own bits agree
    /// on this; and the slot is asked afterwards in either case. Another value is taken for a change.
    fn notice(&self) -> Notice {
        match self.parameter {
            0x03 => Notice::Arrived,
            0x04 => Notice::Asleep,
            _ => Notice::Left,
        }
    }
}

/// The codes of `51h`. The manual also calls it an acknowledgement, which `00` then is.
fn fault(code: u8) -> Option<Fault> {
    Some(match code {
        0x00 => return None,
        0x01 => Fault::Checksum,
        0x02 => Fault::Timeout,
        0x03 => Fault::Command,
        0x04 => Fault::Unauthorised,
        0x05 => Fault::Undefined,
        0x06 => Fault::Data,
        0x07 => Fault::TooManyAttempts,
        other => Fault::Other(other),
    })
}
