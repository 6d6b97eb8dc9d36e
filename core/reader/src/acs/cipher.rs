//! AES-128-CBC as the ACS protocol uses it: whole blocks, and an initialisation vector of zeros each time.

use aes::{
    Aes128,
    cipher::{Array, BlockModeDecrypt, BlockModeEncrypt, KeyIvInit},
};

const BLOCK: usize = 16;
const ZERO_IV: [u8; BLOCK] = [0; BLOCK];

/// Encrypts whole blocks in place. What is left over stays as it is.
pub(super) fn encrypt(key: &[u8; 16], data: &mut [u8]) {
    let (blocks, _) = Array::slice_as_chunks_mut(data);
    cbc::Encryptor::<Aes128>::new(key.into(), &ZERO_IV.into()).encrypt_blocks(blocks);
}

/// Decrypts whole blocks in place. What is left over stays as it is.
pub(super) fn decrypt(key: &[u8; 16], data: &mut [u8]) {
    let (blocks, _) = Array::slice_as_chunks_mut(data);
    cbc::Decryptor::<Aes128>::new(key.into(), &ZERO_IV.into()).decrypt_blocks(blocks);
}

/// Fills up with `FF` to whole blocks.
pub(super) fn pad(data: &mut Vec<u8>) {
    data.resize(data.len().next_multiple_of(BLOCK), 0xFF);
}

/// Whether `data` can be what came out of [`encrypt`].
pub(super) fn is_whole_blocks(data: &[u8]) -> bool {
    !data.is_empty() && data.len().is_multiple_of(BLOCK)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NIST SP 800-38A, F.2.1, begins with another initialisation vector: over its first block exclusive-or that
    /// vector, ours gives the same.
    #[test]
    fn it_is_cbc_with_aes_128() {
        let key = 0x2b7e_1516_28ae_d2a6_abf7_1588_09cf_4f3c_u128.to_be_bytes();
        let iv = 0x0001_0203_0405_0607_0809_0a0b_0c0d_0e0f_u128;
        let first = (0x6bc1_bee2_2e40_9f96_e93d_7e11_7393_172a_u128 ^ iv).to_be_bytes();
        let second = 0xae2d_8a57_1e03_ac9c_9eb7_6fac_45af_8e51_u128.to_be_bytes();
        let plain = [first, second].concat();
        let mut data = plain.clone();
        encrypt(&key, &mut data);
        let expected = [
            0x7649_abac_8119_b246_cee9_8e9b_12e9_197d_u128.to_be_bytes(),
            0x5086_cb9b_5072_19ee_95db_113a_9176_78b2_u128.to_be_bytes(),
        ];
        assert_eq!(data, expected.concat());
        decrypt(&key, &mut data);
        assert_eq!(data, plain);
    }

    #[test]
    fn only_what_is_missing_is_filled_up() {
        for (length, padded) in [(0, 0), (1, 16), (15, 16), (16, 16), (17, 32)] {
            let mut data = vec![0; length];
            pad(&mut data);
            assert_eq!(data.len(), padded);
            assert!(data[length..].iter().all(|byte| *byte == 0xFF));
        }
    }
}
