//! The protocol of the ACS ACR1255U-J1: [frame], [message], [handshake] and a session that is
//! encrypted with [AES-128-CBC](cipher).
//!
//! No message says to which request it is the answer, so that there is one request at a time; unasked ones may come
//! between a request and its answer.

mod cipher;
mod frame;
mod handshake;
#[cfg(test)]
mod manual;
mod message;

use zeroize::Zeroizing;

use crate::{
    ReaderError,
    codec::{Bytes, Codec, Command, Message},
};
use frame::{Block, Unframer};
use handshake::{Handshake, Next};

/// One connection.
pub(crate) struct Acs {
    frames: Unframer,
    /// `None` when it is done: the keys are wiped.
    handshake: Option<Handshake>,
    /// The session's key, after the authentication.
    key: Option<Zeroizing<[u8; 16]>>,
}

impl Acs {
    pub(crate) fn new(master_key: Zeroizing<[u8; 16]>, random: Zeroizing<[u8; 16]>) -> Self {
        Self { frames: Unframer::new(), handshake: Some(Handshake::new(master_key, random)), key: None }
    }

    /// The message in a data block; `None` if it says nothing.
    ///
    /// After the authentication, blocks are encrypted; but errors, and perhaps notifications, come in the clear. Those
    /// are believed, as they say nothing that is not asked about. An answer in the clear is not.
    fn read(key: Option<&[u8; 16]>, mut block: Block<'_>) -> Result<Option<Message>, ReaderError> {
        let Some(key) = key else { return message::parse(&block)?.read() };
        let in_the_clear = match message::parse(&block) {
            Ok(message) if message.is_unasked() => Some(message.read()),
            _ => None,
        };
        if !cipher::is_whole_blocks(&block) {
            return in_the_clear.unwrap_or(Err(ReaderError::Framing));
        }
        cipher::decrypt(key, block.data_mut());
        match message::parse(&block) {
            Ok(message) => message.read(),
            Err(error) => in_the_clear.unwrap_or(Err(error)),
        }
    }
}

impl Codec for Acs {
    fn hello(&mut self) -> Option<Bytes> {
        Some(self.encode(Command::Escape(&handshake::CHALLENGE)))
    }

    fn handshake(&mut self, data: &[u8]) -> Result<Option<Bytes>, ReaderError> {
        let handshake = self.handshake.as_mut().ok_or(ReaderError::Protocol)?;
        match handshake.next(data)? {
            Next::Send(command) => Ok(Some(self.encode(Command::Escape(&command)))),
            Next::Done(key) => {
                (self.key, self.handshake) = (Some(key), None);
                Ok(None)
            }
        }
    }

    fn encode(&mut self, command: Command<'_>) -> Bytes {
        let mut message = message::encode(command);
        if let Some(key) = &self.key {
            cipher::pad(&mut message);
            cipher::encrypt(key, &mut message);
        }
        frame::wrap(&message)
    }

    fn take(&mut self, bytes: &mut &[u8]) -> Result<Option<Message>, ReaderError> {
        loop {
            let Some(block) = self.frames.take(bytes)? else { return Ok(None) };
            if let Some(message) = Self::read(self.key.as_deref(), block)? {
                return Ok(Some(message));
            }
        }
    }

    fn is_amid_message(&self) -> bool {
        self.frames.is_amid_frame()
    }
}
