//! AES-128 in CBC mode with an initialisation vector of zeros, for every frame anew.

use core::fmt;

use cbc::cipher::{BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};

/// AES-128 works on so many bytes.
pub(super) const BLOCK: usize = 16;

const IV: [u8; BLOCK] = [0; BLOCK];

/// A key, for authentication or for a session.
#[derive(Clone)]
pub(super) struct Key([u8; BLOCK]);

impl Key {
    pub(super) const fn new(key: [u8; BLOCK]) -> Self {
        Self(key)
    }

    /// Whole blocks only; what is left over stays as it is.
    pub(super) fn encrypt(&self, data: &mut [u8]) {
        let mut cbc = cbc::Encryptor::<aes::Aes128>::new(&self.0.into(), &IV.into());
        for block in data.chunks_exact_mut(BLOCK) {
            cbc.encrypt_block(block.try_into().expect("a block has 16 bytes"));
        }
    }

    /// The reverse of [`encrypt`](Self::encrypt).
    pub(super) fn decrypt(&self, data: &mut [u8]) {
        let mut cbc = cbc::Decryptor::<aes::Aes128>::new(&self.0.into(), &IV.into());
        for block in data.chunks_exact_mut(BLOCK) {
            cbc.decrypt_block(block.try_into().expect("a block has 16 bytes"));
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}
