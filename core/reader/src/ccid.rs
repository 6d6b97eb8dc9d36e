//! USB-CCID messages (CCID rev. 1.1) over GATT, as Feitian's readers speak them: no wrapper, no checksum, no
//! encryption; the length in the header says where a message ends. What comes on the interrupt pipe in USB comes
//! between the others. Whether a card's event waits for the end of a message is not known: one that is a notification
//! by itself is understood [amid a message](Ccid::event_amid), too.
//!
//! | offset | size | content |
//! |---|---|---|
//! | 0 | 1 | type |
//! | 1 | 4 | length of what follows the header, little-endian |
//! | 5 | 1 | slot, always `00` |
//! | 6 | 1 | sequence: counted by us, echoed by the reader |
//! | 7 | 3 | command: its own; answer: status, error, chain parameter or another of its own |

use zeroize::{Zeroize, Zeroizing};

use crate::{
    Fault, ReaderError,
    codec::{
        Answers, Bytes, Codec, Command, LONGEST_DATA, Message, Notice, Outcome, Piece, Presence, Reply,
        wiping,
    },
};

const HEADER: usize = 10;

const POWER_ON: u8 = 0x62;
const POWER_OFF: u8 = 0x63;
const SLOT_STATUS: u8 = 0x65;
const ESCAPE: u8 = 0x6B;
const TRANSFER_BLOCK: u8 = 0x6F;

/// One connection.
pub(crate) struct Ccid {
    /// The message that has begun.
    message: Bytes,
    sequence: u8,
    /// The sequence number of the command whose answer has not come yet.
    awaited: Option<u8>,
}

impl Ccid {
    pub(crate) fn new() -> Self {
        Self {
            message: Zeroizing::new(Vec::with_capacity(HEADER + LONGEST_DATA)),
            sequence: 0,
            awaited: None,
        }
    }

    /// How long the message is that begins so; `None` if that cannot be said yet.
    fn length(start: &[u8]) -> Result<Option<usize>, ReaderError> {
        match *start {
            // RDR_to_PC_NotifySlotChange, §6.3.1: a byte for up to four slots.
            [0x50, ..] => Ok(Some(2)),
            // RDR_to_PC_HardwareError, §6.3.2.
            [0x51, ..] => Ok(Some(4)),
            [0x80..=0x83, a, b, c, d, ..] => match usize::try_from(u32::from_le_bytes([a, b, c, d])) {
                Ok(length) if length <= LONGEST_DATA => Ok(Some(HEADER + length)),
                _ => Err(ReaderError::Length),
            },
            [0x80..=0x83, ..] | [] => Ok(None),
            _ => Err(ReaderError::Framing),
        }
    }

    /// A card's event in a notification of its own, while a message is not whole.
    ///
    /// It is taken for no piece of the message: readers fill their notifications, so that one of two bytes could only
    /// be a message's last, and no response APDU ends so (ISO/IEC 7816-4 §5.6: SW1 is `6X` or `9X`). An answer to
    /// reset can, and a piece of a longer answer, and whether all readers fill their notifications is not known: such
    /// an answer is then never whole, and ends at its deadline.
    fn event_amid(&self, bytes: &[u8]) -> Option<Message> {
        let event = self.is_amid_message().then_some(bytes);
        match event {
            Some([0x50, 0x03]) => Some(Message::Notice(Notice::Arrived)),
            Some([0x50, 0x02]) => Some(Message::Notice(Notice::Left)),
            _ => None,
        }
    }

    /// What a whole message says; `None` if nothing, or not to us.
    fn read(awaited: &mut Option<u8>, message: &[u8]) -> Result<Option<Message>, ReaderError> {
        match *message {
            // Of each slot "present" and "changed" (§6.3.1); without the second it is no news.
            [0x50, slots] => Ok(match slots & 0x03 {
                0x03 => Some(Message::Notice(Notice::Arrived)),
                0x02 => Some(Message::Notice(Notice::Left)),
                _ => None,
            }),
            [0x51, ..] => Ok(Some(Message::Notice(Notice::Fault(Fault::Hardware)))),
            // "The reader shall echo slot and sequence" (§6.2): what does not is the answer to nothing of ours.
            [_, _, _, _, _, 0, sequence, _, _, _, ..] if *awaited != Some(sequence) => Ok(None),
            [kind, _, _, _, _, 0, _, status, error, own, ref data @ ..] => {
                let reply = read(kind, status, error, own, data)?;
                if !matches!(reply.outcome, Outcome::MoreTime(_)) {
                    *awaited = None;
                }
                Ok(Some(Message::Reply(reply)))
            }
            _ => Ok(None),
        }
    }
}

fn read(kind: u8, status: u8, error: u8, own: u8, data: &[u8]) -> Result<Reply, ReaderError> {
    let answers = match kind {
        0x80 => Answers::Data,
        0x81 => Answers::Slot,
        0x83 => Answers::Escape,
        _ => return Err(ReaderError::Protocol),
    };
    let card = match status & 0x03 {
        0 => Presence::Active,
        1 => Presence::Inactive,
        2 => Presence::Absent,
        _ => return Err(ReaderError::Protocol),
    };
    let outcome = match status >> 6 {
        0 => Outcome::Done,
        1 => Outcome::Failed(failure(error, card)),
        2 => Outcome::MoreTime(error),
        _ => return Err(ReaderError::Protocol),
    };
    let piece = match own {
        0x00 => Piece::Whole,
        0x01 => Piece::First,
        0x02 => Piece::Last,
        0x03 => Piece::Middle,
        _ => Piece::Unclear,
    };
    Ok(Reply { answers, card, outcome, piece, data: wiping(data) })
}

/// Slot error register, table 6.2-2.
fn failure(error: u8, card: Presence) -> ReaderError {
    match error {
        _ if card == Presence::Absent => ReaderError::CardAbsent,
        // Mute; bad TS, bad TCK, protocol and class of the answer to reset; deactivated protocol.
        0xFE | 0xF5..=0xF8 | 0xF3 => ReaderError::CardMute,
        0xFD | 0xFC => ReaderError::Reader(Fault::CardLine),
        0xFB => ReaderError::Reader(Fault::Hardware),
        0xE0 => ReaderError::Reader(Fault::Busy),
        0x00 => ReaderError::NotSupported,
        0x01..=0x7F => ReaderError::Reader(Fault::Command),
        other => ReaderError::Reader(Fault::Other(other)),
    }
}

impl Codec for Ccid {
    fn hello(&mut self) -> Option<Bytes> {
        None
    }

    fn handshake(&mut self, _: &[u8]) -> Result<Option<Bytes>, ReaderError> {
        Ok(None)
    }

    fn encode(&mut self, command: Command<'_>) -> Bytes {
        self.sequence = self.sequence.wrapping_add(1);
        self.awaited = Some(self.sequence);
        // Power on: the reader chooses the voltage. Transfer: the waiting time is the reader's, and the level
        // parameter asks for the whole APDU at once, or for the next piece of an answer (§6.1.4).
        let (kind, own, data): (u8, [u8; 3], &[u8]) = match command {
            Command::PowerOn => (POWER_ON, [0; 3], &[]),
            Command::PowerOff => (POWER_OFF, [0; 3], &[]),
            Command::SlotStatus => (SLOT_STATUS, [0; 3], &[]),
            Command::Apdu(apdu) => (TRANSFER_BLOCK, [0; 3], apdu),
            Command::More => (TRANSFER_BLOCK, [0x00, 0x10, 0x00], &[]),
            Command::Escape(command) => (ESCAPE, [0; 3], command),
        };
        let [.., d, c, b, a] = data.len().to_be_bytes();
        let mut message = Zeroizing::new(Vec::with_capacity(HEADER + data.len()));
        message.extend([kind, a, b, c, d, 0, self.sequence]);
        message.extend(own);
        message.extend_from_slice(data);
        message
    }

    fn take(&mut self, bytes: &mut &[u8]) -> Result<Option<Message>, ReaderError> {
        if let Some(event) = self.event_amid(bytes) {
            *bytes = &[];
            return Ok(Some(event));
        }
        while let Some((&next, rest)) = bytes.split_first() {
            *bytes = rest;
            self.message.push(next);
            if Self::length(&self.message)? == Some(self.message.len()) {
                let read = Self::read(&mut self.awaited, &self.message);
                self.message.zeroize();
                if let Some(message) = read? {
                    return Ok(Some(message));
                }
            }
        }
        Ok(None)
    }

    fn is_amid_message(&self) -> bool {
        !self.message.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Everything that is said, until it cannot be read any more.
    fn take(ccid: &mut Ccid, mut bytes: &[u8]) -> Result<Vec<Message>, ReaderError> {
        core::iter::from_fn(|| ccid.take(&mut bytes).transpose()).collect()
    }

    fn reply(messages: Result<Vec<Message>, ReaderError>) -> Option<Reply> {
        messages.expect("readable").into_iter().find_map(|message| match message {
            Message::Reply(reply) => Some(reply),
            _ => None,
        })
    }

    fn answer(kind: u8, sequence: u8, own: [u8; 3], data: &[u8]) -> Vec<u8> {
        let length = u32::try_from(data.len()).expect("short").to_le_bytes();
        [&[kind][..], &length, &[0, sequence], &own, data].concat()
    }

    #[test]
    fn commands_are_laid_out_as_in_chapter_6_1() {
        let mut ccid = Ccid::new();
        let apdu = [0x00, 0xB0, 0x8A, 0x00, 0x00];
        assert_eq!(**ccid.encode(Command::PowerOn), [0x62, 0, 0, 0, 0, 0, 1, 0, 0, 0]);
        assert_eq!(ccid.encode(Command::Apdu(&apdu))[..10], [0x6F, 5, 0, 0, 0, 0, 2, 0, 0, 0]);
        assert_eq!(**ccid.encode(Command::More), [0x6F, 0, 0, 0, 0, 0, 3, 0, 0x10, 0]);
        assert_eq!(**ccid.encode(Command::SlotStatus), [0x65, 0, 0, 0, 0, 0, 4, 0, 0, 0]);
        assert_eq!(**ccid.encode(Command::PowerOff), [0x63, 0, 0, 0, 0, 0, 5, 0, 0, 0]);
    }

    #[test]
    fn the_sequence_goes_round() {
        let mut ccid = Ccid::new();
        for _ in 0..255 {
            ccid.encode(Command::SlotStatus);
        }
        assert_eq!(ccid.encode(Command::SlotStatus)[6], 0);
        assert!(reply(take(&mut ccid, &answer(0x81, 0, [0; 3], &[]))).is_some());
    }

    #[test]
    fn an_answer_to_another_sequence_or_slot_is_dropped() {
        let mut ccid = Ccid::new();
        ccid.encode(Command::PowerOn);
        let mut of_another_slot = answer(0x80, 1, [0; 3], &[0x3B]);
        of_another_slot[5] = 1;
        for foreign in [answer(0x80, 2, [0; 3], &[0x3B]), of_another_slot] {
            assert!(reply(take(&mut ccid, &foreign)).is_none());
        }
        assert!(reply(take(&mut ccid, &answer(0x80, 1, [0; 3], &[0x3B]))).is_some());
        // The same answer again is the answer to nothing.
        assert!(reply(take(&mut ccid, &answer(0x80, 1, [0; 3], &[0x3B]))).is_none());
    }

    #[test]
    fn each_error_has_its_meaning() {
        for (error, card, meaning) in [
            (0xFE, 0x42, ReaderError::CardAbsent),
            (0xFE, 0x41, ReaderError::CardMute),
            (0xF7, 0x41, ReaderError::CardMute),
            (0xFD, 0x40, ReaderError::Reader(Fault::CardLine)),
            (0xFB, 0x40, ReaderError::Reader(Fault::Hardware)),
            (0xE0, 0x40, ReaderError::Reader(Fault::Busy)),
            (0x00, 0x40, ReaderError::NotSupported),
            (0x05, 0x40, ReaderError::Reader(Fault::Command)),
            (0xFF, 0x40, ReaderError::Reader(Fault::Other(0xFF))),
        ] {
            let mut ccid = Ccid::new();
            ccid.encode(Command::PowerOn);
            let reply = reply(take(&mut ccid, &answer(0x80, 1, [card, error, 0], &[]))).expect("for us");
            assert_eq!(reply.outcome, Outcome::Failed(meaning), "{error:02X}");
        }
    }

    #[test]
    fn a_length_that_no_message_has_is_refused_before_anything_is_awaited() {
        for length in [513_u32, 0x0001_0000, u32::MAX] {
            let [a, b, c, d] = length.to_le_bytes();
            assert_eq!(take(&mut Ccid::new(), &[0x80, a, b, c, d]).err(), Some(ReaderError::Length));
        }
        assert_eq!(take(&mut Ccid::new(), &[0x42]).err(), Some(ReaderError::Framing));
    }

    proptest! {
        #[test]
        fn it_never_holds_more_than_the_longest_message(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            let mut ccid = Ccid::new();
            let room = ccid.message.capacity();
            let bytes = [&[0x80, 0x00, 0x02, 0x00, 0x00][..], &bytes].concat();
            let _ = take(&mut ccid, &bytes);
            prop_assert!(ccid.message.len() <= HEADER + LONGEST_DATA);
            prop_assert_eq!(ccid.message.capacity(), room);
        }
    }
}
