//! A small host for the ACS protocol, for these tests only.

use cbc::cipher::{BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};
use sandbox_reader::Icc;
use sandbox_reader::ble::{Model, Options, VirtualReader};

use crate::heard;

pub(crate) const MODEL: Model = Model::Acr1255uJ1;
pub(crate) const FACTORY_KEY: [u8; 16] = *b"ACR1255U-J1 Auth";
pub(crate) const AUTH_1: [u8; 5] = [0xE0, 0x00, 0x00, 0x45, 0x00];

/// What the host makes of what it hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// A message: type, parameter, payload.
    Message(u8, u8, Vec<u8>),
    /// No frame begins here.
    BadStart,
    /// The outer checksum or the stop byte is wrong.
    BadFrame,
    /// The data of the frame is no message.
    BadMessage,
    /// The frame is not whole, or nothing came.
    Nothing,
    /// The link is gone.
    Gone,
}

/// The host's side of one reader.
pub(crate) struct Host<C> {
    pub(crate) reader: VirtualReader<C>,
    pub(crate) master_key: [u8; 16],
    pub(crate) session: Option<[u8; 16]>,
    /// Bytes that were notified and not yet looked at.
    pub(crate) stream: Vec<u8>,
    /// Every notification, as it came.
    pub(crate) notified: Vec<Vec<u8>>,
    pub(crate) gone: bool,
    pub(crate) chunk: usize,
}

impl<C: Icc> Host<C> {
    /// A reader, and a host that is connected and listens.
    pub(crate) fn connected(options: Options) -> Self {
        let chunk = options.chunk.get();
        let mut host = Self {
            reader: VirtualReader::new(MODEL, options),
            master_key: FACTORY_KEY,
            session: None,
            stream: Vec::new(),
            notified: Vec::new(),
            gone: false,
            chunk,
        };
        host.connect();
        host
    }

    /// With a session, and the reader polling for a card.
    pub(crate) fn polling(options: Options) -> Self {
        let mut host = Self::connected(options);
        assert!(host.authenticate(), "both have the same key");
        let started = host.ask(0x6B, 0x00, &[0xE0, 0x00, 0x00, 0x40, 0x01]);
        assert!(matches!(started, Heard::Message(0x83, 0x00, _)), "{started:?}");
        host
    }

    /// The same, with a card that has been heard of and has power.
    pub(crate) fn powered(options: Options, card: C) -> Self {
        let mut host = Self::polling(options);
        host.reader.insert(card);
        assert_eq!(host.hear(), Heard::Message(0x50, 0x03, Vec::new()));
        assert!(matches!(host.ask(0x62, 0x00, &[]), Heard::Message(0x80, 0x00, _)));
        host
    }

    pub(crate) fn connect(&mut self) {
        self.reader.connect().expect("it advertises");
        self.reader.subscribe(MODEL.answers(), true).expect("the link is up");
        self.session = None;
        self.stream.clear();
        self.gone = false;
    }

    /// Whether the reader accepted us, and we it.
    pub(crate) fn authenticate(&mut self) -> bool {
        let Heard::Message(0x83, 0x00, first) = self.ask(0x6B, 0x00, &AUTH_1) else { return false };
        let Ok(mut random_a) = <[u8; 16]>::try_from(&first[5..]) else { return false };
        decrypt(&self.master_key, &mut random_a);
        let random_b = *b"sixteen of mine.";
        let mut proof = [random_b, random_a].concat();
        decrypt(&self.master_key, &mut proof);
        let second = [&[0xE0, 0x00, 0x00, 0x46, 0x00][..], &proof].concat();
        let Heard::Message(0x83, 0x00, answer) = self.ask(0x6B, 0x00, &second) else { return false };
        let mut theirs = answer[5..].to_vec();
        decrypt(&self.master_key, &mut theirs);
        if answer[..5] != [0xE1, 0x00, 0x00, 0x46, 0x00] || theirs != random_b {
            return false;
        }
        let mut session = random_a;
        session[8..].copy_from_slice(&random_b[..8]);
        self.session = Some(session);
        true
    }

    /// Sends a request and gives what comes back first.
    pub(crate) fn ask(&mut self, kind: u8, parameter: u8, payload: &[u8]) -> Heard {
        self.send(kind, parameter, payload);
        self.hear()
    }

    pub(crate) fn send(&mut self, kind: u8, parameter: u8, payload: &[u8]) {
        let frame = self.framed(kind, parameter, payload);
        self.write(&frame);
    }

    pub(crate) fn framed(&self, kind: u8, parameter: u8, payload: &[u8]) -> Vec<u8> {
        let mut data = message(kind, parameter, payload);
        if let Some(session) = &self.session {
            data.resize(data.len().next_multiple_of(16), 0xFF);
            encrypt(session, &mut data);
        }
        frame(&data)
    }

    /// Writes bytes in chunks, as long as there is a link.
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(self.chunk) {
            if self.reader.write(MODEL.commands(), chunk).is_err() {
                break;
            }
        }
    }

    /// Takes in what has arrived, and gives the first frame of it.
    pub(crate) fn hear(&mut self) -> Heard {
        self.listen();
        let Some(&first) = self.stream.first() else {
            return if self.gone { Heard::Gone } else { Heard::Nothing };
        };
        if first != 0x05 {
            return Heard::BadStart;
        }
        let length = match self.stream[..] {
            [_, high, low, ..] => usize::from(u16::from_be_bytes([high, low])),
            _ => usize::MAX - 5,
        };
        if self.stream.len() < length + 5 {
            return if self.gone { Heard::Gone } else { Heard::Nothing };
        }
        let frame: Vec<u8> = self.stream.drain(..length + 5).collect();
        if frame[length + 4] != 0x0A || sum(&frame[1..length + 4]) != 0 {
            return Heard::BadFrame;
        }
        self.opened(&frame[3..length + 3])
    }

    /// Takes in what has arrived.
    pub(crate) fn listen(&mut self) {
        let (values, gone) = heard(&mut self.reader);
        for (characteristic, value) in values {
            if characteristic == MODEL.answers() {
                self.stream.extend_from_slice(&value);
                self.notified.push(value);
            }
        }
        self.gone |= gone;
    }

    fn opened(&self, data: &[u8]) -> Heard {
        let mut data = data.to_vec();
        if let Some(session) = self.session.filter(|_| data.len().is_multiple_of(16)) {
            decrypt(&session, &mut data);
        }
        let &[kind, high, low, 0x00, 0x00, parameter, _, ..] = &data[..] else { return Heard::BadMessage };
        let end = 7 + usize::from(u16::from_be_bytes([high, low]));
        if data.len() < end || sum(&data[..end]) != 0 {
            return Heard::BadMessage;
        }
        Heard::Message(kind, parameter, data[7..end].to_vec())
    }
}

pub(crate) fn message(kind: u8, parameter: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).expect("it fits").to_be_bytes();
    let mut bytes = vec![kind, length[0], length[1], 0x00, 0x00, parameter, 0x00];
    bytes.extend_from_slice(payload);
    bytes[6] = sum(&bytes);
    bytes
}

pub(crate) fn frame(data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).expect("it fits").to_be_bytes();
    let checked = [&length[..], data].concat();
    [&[0x05][..], &checked, &[sum(&checked), 0x0A]].concat()
}

fn sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum ^ byte)
}

pub(crate) fn encrypt(key: &[u8; 16], data: &mut [u8]) {
    let mut cbc = cbc::Encryptor::<aes::Aes128>::new(key.into(), &[0; 16].into());
    for block in data.chunks_exact_mut(16) {
        cbc.encrypt_block(block.try_into().expect("a block"));
    }
}

pub(crate) fn decrypt(key: &[u8; 16], data: &mut [u8]) {
    let mut cbc = cbc::Decryptor::<aes::Aes128>::new(key.into(), &[0; 16].into());
    for block in data.chunks_exact_mut(16) {
        cbc.decrypt_block(block.try_into().expect("a block"));
    }
}
