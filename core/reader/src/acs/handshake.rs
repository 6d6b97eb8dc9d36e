//! Mutual authentication, in the clear: who knows the Customer Master Key.
//!
//! 1. `E0 00 00 45 00` → `E1 00 00 45 00` and the encryption of 16 random bytes of the reader's (R<sub>A</sub>).
//! 2. `E0 00 00 46 00` and the *decryption* of R<sub>B</sub> ‖ R<sub>A</sub>, with R<sub>B</sub> ours → `E1 00 00 46 00`
//!    and the encryption of R<sub>B</sub>. Yes, decryption: the reader encrypts to get the values back. It is CBC over
//!    both halves, so that the second one is not what ECB would give.
//! 3. The session key is the first half of R<sub>A</sub> and the first half of R<sub>B</sub>.
//!
//! Two sources agree on steps, order, CBC and the initialisation vector of zeros.

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::cipher;
use crate::{ReaderError, codec::Bytes};

type Key = Zeroizing<[u8; 16]>;

/// Asks the reader for its random bytes.
pub(super) const CHALLENGE: [u8; 5] = [0xE0, 0x00, 0x00, 0x45, 0x00];
const RESPONSE: [u8; 5] = [0xE0, 0x00, 0x00, 0x46, 0x00];

/// Our side of it.
pub(super) struct Handshake {
    key: Key,
    /// R<sub>B</sub>.
    ours: Key,
    /// R<sub>A</sub>, once the reader has said it.
    theirs: Option<Key>,
}

/// What comes next.
pub(super) enum Next {
    /// An escape command.
    Send(Bytes),
    /// The key of this session.
    Done(Key),
}

impl Handshake {
    pub(super) fn new(key: Key, ours: Key) -> Self {
        Self { key, ours, theirs: None }
    }

    /// Takes the payload of the reader's next escape answer.
    pub(super) fn next(&mut self, payload: &[u8]) -> Result<Next, ReaderError> {
        match self.theirs.take() {
            None => self.respond(payload),
            Some(theirs) => self.finish(payload, &theirs),
        }
    }

    fn respond(&mut self, payload: &[u8]) -> Result<Next, ReaderError> {
        let mut theirs = read(payload, 0x45)?;
        cipher::decrypt(&self.key, &mut *theirs);
        let mut command = Zeroizing::new(Vec::with_capacity(RESPONSE.len() + 32));
        command.extend(RESPONSE);
        command.extend_from_slice(&*self.ours);
        command.extend_from_slice(&*theirs);
        cipher::decrypt(&self.key, &mut command[RESPONSE.len()..]);
        self.theirs = Some(theirs);
        Ok(Next::Send(command))
    }

    fn finish(&self, payload: &[u8], theirs: &[u8; 16]) -> Result<Next, ReaderError> {
        let mut proof = read(payload, 0x46)?;
        cipher::decrypt(&self.key, &mut *proof);
        if !bool::from(proof.ct_eq(&*self.ours)) {
            return Err(ReaderError::WrongKey);
        }
        let mut session = Zeroizing::new([0; 16]);
        session[..8].copy_from_slice(&theirs[..8]);
        session[8..].copy_from_slice(&self.ours[..8]);
        Ok(Next::Done(session))
    }
}

/// The 16 bytes of an answer. A fifth byte that is not `00` presumably says that it failed (one source: the manual).
fn read(payload: &[u8], step: u8) -> Result<Key, ReaderError> {
    match *payload {
        [0xE1, 0x00, 0x00, is, 0x00, ref bytes @ ..] if is == step => {
            bytes.try_into().map(Zeroizing::new).map_err(|_| ReaderError::Protocol)
        }
        [0xE1, 0x00, 0x00, is, _, ..] if is == step => Err(ReaderError::AuthenticationRefused),
        _ => Err(ReaderError::Protocol),
    }
}
