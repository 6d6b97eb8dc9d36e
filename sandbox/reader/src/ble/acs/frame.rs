//! Outer frames and inner messages.

use crate::ble::Mishap;
use crate::ble::air::{Out, Pipe};
use crate::ble::cipher::{BLOCK, Key};
use crate::ble::fault::{Layer, Mishaps};
use crate::ble::slot::CardStatus;

const START: u8 = 0x05;
const STOP: u8 = 0x0A;
/// Start and length; checksum and stop are behind the data.
const FRAME_HEAD: usize = 3;
const FRAME_REST: usize = 5;

/// Type, length, slot, sequence, parameter, checksum.
const MESSAGE_HEAD: usize = 7;
const CHECKSUM_AT: usize = 6;

pub(super) const DATA_BLOCK: u8 = 0x80;
pub(super) const HARDWARE_ERROR: u8 = 0x51;

/// Bit 6 of the parameter of an answer: one implementation takes it for a failure, as in CCID.
const FAILED: u8 = 0x40;

/// Error codes of `51`.
#[derive(Clone, Copy)]
pub(super) enum ErrorCode {
    Checksum = 0x01,
    Timeout = 0x02,
    Command = 0x03,
    Unauthorised = 0x04,
    Undefined = 0x05,
    ReceiveData = 0x06,
}

/// An inner message, but for slot and sequence: both are always zero.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) kind: u8,
    pub(super) parameter: u8,
    pub(super) payload: Vec<u8>,
}

impl Message {
    pub(super) fn new(kind: u8, parameter: u8, payload: impl Into<Vec<u8>>) -> Self {
        Self { kind, parameter, payload: payload.into() }
    }

    pub(super) fn error(code: ErrorCode) -> Self {
        Self::new(HARDWARE_ERROR, code as u8, [])
    }

    /// What comes back where the card did not do its part.
    pub(super) fn failed(status: CardStatus) -> Self {
        Self::new(DATA_BLOCK, FAILED | status as u8, [])
    }

    /// What follows the message, padding, is passed over.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, ErrorCode> {
        let Some((&[kind, high, low, slot, _sequence, parameter, _checksum], rest)) =
            bytes.split_first_chunk::<MESSAGE_HEAD>()
        else {
            return Err(ErrorCode::ReceiveData);
        };
        let length = u16::from_be_bytes([high, low]).into();
        let payload = rest.get(..length).ok_or(ErrorCode::ReceiveData)?;
        if sum(&bytes[..MESSAGE_HEAD + length]) != 0 {
            return Err(ErrorCode::Checksum);
        }
        if slot != 0 {
            return Err(ErrorCode::Command);
        }
        Ok(Self::new(kind, parameter, payload))
    }

    fn to_bytes(&self) -> Vec<u8> {
        let length = u16::try_from(self.payload.len()).expect("no answer is that long");
        let [high, low] = length.to_be_bytes();
        let mut bytes = vec![self.kind, high, low, 0x00, 0x00, self.parameter, 0x00];
        bytes.extend_from_slice(&self.payload);
        mend_message(&mut bytes);
        bytes
    }
}

/// The data of the next frame, when it is whole. What stands before a start byte is noise.
pub(super) fn next_block(inbox: &mut Vec<u8>) -> Option<Result<Vec<u8>, ErrorCode>> {
    let noise = inbox.iter().position(|byte| *byte == START).unwrap_or(inbox.len());
    inbox.drain(..noise);
    let &[_, high, low] = inbox.first_chunk::<FRAME_HEAD>()?;
    let end = FRAME_REST + usize::from(u16::from_be_bytes([high, low]));
    if inbox.len() < end {
        return None;
    }
    let frame: Vec<u8> = inbox.drain(..end).collect();
    let checked = &frame[1..end - 1];
    Some(if frame[end - 1] == STOP && sum(checked) == 0 {
        Ok(frame[FRAME_HEAD..end - 2].to_vec())
    } else {
        Err(ErrorCode::Checksum)
    })
}

/// A message in its frame, and what befalls it on the way out. `51` is never encrypted.
pub(super) fn send(message: &Message, session: Option<&Key>, mishaps: &Mishaps) -> Vec<Out> {
    let mut data = message.to_bytes();
    mishaps.corrupt(Some(Layer::Message), &mut data, mend_message);
    let clear = message.kind == HARDWARE_ERROR || mishaps.contains(&Mishap::Clear);
    if let Some(session) = session.filter(|_| !clear) {
        data.resize(data.len().next_multiple_of(BLOCK), 0xFF);
        session.encrypt(&mut data);
        for mishap in mishaps.iter() {
            if let Mishap::Ragged { extra } = mishap {
                data.resize(data.len() + usize::from(*extra), 0xEE);
            }
        }
    }
    let length = u16::try_from(mishaps.lengthened(data.len())).unwrap_or(u16::MAX);
    let mut frame = vec![START];
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(&data);
    frame.extend_from_slice(&[0x00, STOP]);
    mend_frame(&mut frame);
    mishaps.corrupt(Some(Layer::Frame), &mut frame, mend_frame);
    mishaps.part(Pipe::Answers, &frame, None)
}

/// The exclusive or of bytes: zero over all that a checksum covers, the checksum included.
fn sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum ^ byte)
}

fn mend_message(message: &mut [u8]) {
    message[CHECKSUM_AT] = 0;
    message[CHECKSUM_AT] = sum(message);
}

fn mend_frame(frame: &mut [u8]) {
    let at = frame.len() - 2;
    frame[at] = sum(&frame[1..at]);
}
