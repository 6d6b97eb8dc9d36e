//! Secure messaging (ISO/IEC 7816-4 §10) of 券面事項入力補助AP, as one client (`myna-card`) reports it.
//!
//! It keeps secret what is sent and does not protect it: there is no checksum. A terminal encrypts a session
//! key to the public key in EF 0006, after the PIN went in clear; from then on it may give commands with
//! CLA 08. Each has one data object: `86` with an encrypted data field (SELECT, VERIFY), or `96` with the length
//! that it expects (READ BINARY). What comes back is encrypted in an `86` too.

use aes::Aes128;
use cbc::cipher::block_padding::Iso7816;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use sandbox_pki::{SharedKey, tlv};

use super::apdu::{Command, status};
use super::contents::{Application, TEXT_INPUT_PIN};
use super::{Answer, VirtualCard};

/// What terminal and card share until an application is selected.
#[derive(Clone)]
pub(super) struct Messaging {
    key: [u8; 16],
    /// Counts the commands under secure messaging, from 1. A command in clear does not count.
    counter: u128,
}

impl Messaging {
    /// The counter, encrypted: in both directions of one command.
    fn initialisation_vector(&self) -> [u8; 16] {
        let mut block = self.counter.to_be_bytes();
        let mut encryptor = cbc::Encryptor::<Aes128>::new(&self.key.into(), &[0; 16].into());
        encryptor.encrypt_block((&mut block).into());
        block
    }

    fn encrypt(&self, plain: &[u8]) -> Vec<u8> {
        let vector = self.initialisation_vector();
        cbc::Encryptor::<Aes128>::new(&self.key.into(), &vector.into()).encrypt_padded_vec::<Iso7816>(plain)
    }

    fn decrypt(&self, encrypted: &[u8]) -> Option<Vec<u8>> {
        let vector = self.initialisation_vector();
        let decryptor = cbc::Decryptor::<Aes128>::new(&self.key.into(), &vector.into());
        decryptor.decrypt_padded_vec::<Iso7816>(encrypted).ok()
    }

    /// The data field and Le that a command has beneath its secure messaging.
    fn open(&self, command: &Command<'_>) -> Option<(Vec<u8>, Option<usize>)> {
        if command.ins == READ_BINARY {
            let &[0x00, high, low] = only_object(0x96, command.data)? else { return None };
            let le = match u16::from_be_bytes([high, low]) {
                0 => 65_536,
                le => le.into(),
            };
            return Some((Vec::new(), Some(le)));
        }
        let (&0x01, encrypted) = only_object(0x86, command.data)?.split_first()? else { return None };
        Some((self.decrypt(encrypted)?, command.le))
    }
}

const VERIFY: u8 = 0x20;
const SELECT: u8 = 0xA4;
const READ_BINARY: u8 = 0xB0;

impl VirtualCard {
    /// SET SESSION KEY, `80 AE 00 00`: `A0 { 80 seed of 32 bytes }` by RSAES-OAEP. The key is the first half of
    /// the seed.
    ///
    /// The PIN comes first; 照合番号A is not enough. The status words of the other applications are reported,
    /// that of the master level is our own decision.
    pub(super) fn set_session_key(&mut self, command: &Command<'_>) -> Answer {
        match self.application() {
            None => return Err(status::NO_SUCH_INSTRUCTION),
            Some(Application::Surface | Application::Common) => return Err(status::NO_SESSION_KEY),
            Some(Application::TextInput) if self.is_verified(TEXT_INPUT_PIN) => {}
            Some(_) => return Err(status::NOT_VERIFIED),
        }
        if [command.p1, command.p2] != [0, 0] {
            return Err(status::WRONG_PARAMETERS);
        }
        let key = SharedKey::TextInputMessaging.key();
        let modulus = key.modulus();
        if command.data.len() == modulus.len() && command.data >= &modulus[..] {
            return Err(status::UNSPECIFIED);
        }
        let message = key.decrypt_oaep(command.data).ok_or(status::WRONG_DATA)?;
        let [0xA0, 0x22, 0x80, 0x20, seed @ ..] = &message[..] else { return Err(status::WRONG_DATA) };
        let (key, _) = seed.split_first_chunk().filter(|_| seed.len() == 32).ok_or(status::WRONG_DATA)?;
        if let Some(session) = &mut self.session {
            session.messaging = Some(Messaging { key: *key, counter: 1 });
        }
        Ok(status::OK.into())
    }

    /// A command with CLA 08, or 0C with which the header would be protected as well.
    ///
    /// What cannot be opened ends the session. A command that is opened counts, whatever comes of it.
    pub(super) fn answer_secured(&mut self, command: &Command<'_>) -> Answer {
        let Some(messaging) = self.session.as_mut().and_then(|session| session.messaging.as_mut()) else {
            let reads = matches!(command.ins, VERIFY | READ_BINARY);
            return Err(if reads { status::NO_SESSION } else { status::NO_SECURE_MESSAGING });
        };
        // Which commands it has beside these three was not measured: none here, our own decision.
        if !matches!(command.ins, VERIFY | SELECT | READ_BINARY) {
            return Err(status::NO_SECURE_MESSAGING);
        }
        let opened = match command.cla {
            0x08 => messaging.open(command).ok_or(status::WRONG_SECURED_OBJECT),
            _ => Err(status::NO_SECURED_OBJECT),
        };
        let sealing = messaging.clone();
        messaging.counter += 1;
        let (data, le) = opened.inspect_err(|_| {
            if let Some(session) = &mut self.session {
                session.messaging = None;
            }
        })?;
        let mut response =
            self.answer(Command { cla: 0x00, data: &data, le, extended: false, ..*command })?;
        if !response.data.is_empty() {
            let encrypted = sealing.encrypt(&response.data);
            response.data = tlv::der(0x86, &[&[0x01], &encrypted[..]].concat());
        }
        Ok(response)
    }
}

/// The value of a data object, where it has this tag and nothing stands beside it. Its length may be longer
/// than it need be.
fn only_object(tag: u8, data: &[u8]) -> Option<&[u8]> {
    let (length, value) = match *data {
        [first, 0x82, high, low, ref value @ ..] if first == tag => (u16::from_be_bytes([high, low]), value),
        [first, 0x81, length, ref value @ ..] if first == tag => (length.into(), value),
        [first, length @ ..=0x7F, ref value @ ..] if first == tag => (length.into(), value),
        _ => return None,
    };
    (value.len() == usize::from(length)).then_some(value)
}
