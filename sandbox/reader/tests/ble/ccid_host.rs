//! A small host for CCID over Bluetooth LE, for these tests only.

use std::collections::VecDeque;

use sandbox_reader::Icc;
use sandbox_reader::ble::{Model, Options, VirtualReader};

use crate::heard;

/// What the host makes of what it hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// A message from the reader.
    Message(Message),
    /// Two bytes of a slot change.
    SlotChange([u8; 2]),
    /// `RDR_to_PC_HardwareError`.
    HardwareError([u8; 4]),
    /// The message is not whole, or nothing came.
    Nothing,
    /// The link is gone.
    Gone,
}

/// A bulk-in message (USB CCID rev. 1.1 §6.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) kind: u8,
    pub(crate) slot: u8,
    pub(crate) sequence: u8,
    pub(crate) status: u8,
    pub(crate) error: u8,
    pub(crate) chain: u8,
    pub(crate) data: Vec<u8>,
}

/// The host's side of one reader.
pub(crate) struct Host<C> {
    pub(crate) reader: VirtualReader<C>,
    pub(crate) stream: Vec<u8>,
    /// Slot changes and hardware errors, in the order in which they came.
    pub(crate) notices: VecDeque<Vec<u8>>,
    pub(crate) gone: bool,
    pub(crate) sequence: u8,
}

impl<C: Icc> Host<C> {
    pub(crate) fn connected(model: Model, options: Options) -> Self {
        let mut host = Self {
            reader: VirtualReader::new(model, options),
            stream: Vec::new(),
            notices: VecDeque::new(),
            gone: false,
            sequence: 0,
        };
        host.connect();
        host
    }

    /// With a card that has been heard of and has power.
    pub(crate) fn powered(model: Model, options: Options, card: C) -> Self {
        let mut host = Self::connected(model, options);
        host.reader.insert(card);
        host.listen();
        assert_eq!(host.notices.pop_front().map(|notice| notice[1]), Some(0x03));
        let Heard::Message(on) = host.ask(0x62, 0, &[]) else { panic!("it is answered") };
        assert_eq!((on.kind, on.status, on.error), (0x80, 0x00, 0x00));
        host
    }

    pub(crate) fn connect(&mut self) {
        let model = self.reader.model();
        self.reader.connect().expect("it advertises");
        self.reader.subscribe(model.answers(), true).expect("the link is up");
        self.reader.subscribe(model.notices(), true).expect("the link is up");
        self.stream.clear();
        self.gone = false;
    }

    /// Sends a request with the next sequence number and gives what comes back first.
    pub(crate) fn ask(&mut self, kind: u8, level: u16, data: &[u8]) -> Heard {
        self.send(kind, level, data);
        self.hear()
    }

    pub(crate) fn send(&mut self, kind: u8, level: u16, data: &[u8]) {
        self.sequence = self.sequence.wrapping_add(1);
        self.write(&request(kind, 0, self.sequence, level, data));
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(20) {
            if self.reader.write(self.reader.model().commands(), chunk).is_err() {
                break;
            }
        }
    }

    /// Takes in what has arrived, and gives the first of it: notices before messages.
    pub(crate) fn hear(&mut self) -> Heard {
        self.listen();
        if let Some(notice) = self.notices.pop_front() {
            return match notice[..] {
                [first, second] => Heard::SlotChange([first, second]),
                _ => Heard::HardwareError(notice.try_into().expect("it has four bytes")),
            };
        }
        let length = match self.stream[..] {
            [_, a, b, c, d, ..] => usize::try_from(u32::from_le_bytes([a, b, c, d])).expect("64 bits"),
            _ => usize::MAX - 10,
        };
        if self.stream.len() < length + 10 {
            return if self.gone { Heard::Gone } else { Heard::Nothing };
        }
        let message: Vec<u8> = self.stream.drain(..length + 10).collect();
        Heard::Message(Message {
            kind: message[0],
            slot: message[5],
            sequence: message[6],
            status: message[7],
            error: message[8],
            chain: message[9],
            data: message[10..].to_vec(),
        })
    }

    pub(crate) fn listen(&mut self) {
        let model = self.reader.model();
        let (values, gone) = heard(&mut self.reader);
        self.gone |= gone;
        for (characteristic, value) in values {
            let alone = matches!(value[..], [0x50 | 0x01, 0x02 | 0x03] | [0x51, _, _, _]);
            if characteristic == model.notices() && alone {
                self.notices.push_back(value);
            } else if characteristic == model.answers() {
                self.stream.extend_from_slice(&value);
            }
        }
    }
}

pub(crate) fn request(kind: u8, slot: u8, sequence: u8, level: u16, data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind];
    bytes.extend_from_slice(&u32::try_from(data.len()).expect("it fits").to_le_bytes());
    bytes.extend_from_slice(&[slot, sequence, 0x00]);
    bytes.extend_from_slice(&level.to_le_bytes());
    bytes.extend_from_slice(data);
    bytes
}
