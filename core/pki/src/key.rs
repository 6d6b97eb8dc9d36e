//! The one kind of key that the profile knows.

use core::fmt;

use der::asn1::UintRef;
use der::{Decode, Reader as _, SliceReader};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};

use crate::Error;

/// Exponent 65537, big-endian.
const EXPONENT: [u8; 3] = [0x01, 0x00, 0x01];

/// An RSA-2048 public key with exponent 65537: of a CA, of a certificate, of a card's AP.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    modulus: [u8; 256],
}

impl PublicKey {
    /// From `RSAPublicKey` (RFC 8017 §A.1.1), DER, as subjectPublicKey holds it.
    pub fn from_pkcs1_der(der: &[u8]) -> Result<Self, Error> {
        let mut reader = SliceReader::new(der).map_err(|_| Error::KeyRefused)?;
        let (modulus, exponent) = reader
            .sequence(|inner| Ok((UintRef::decode(inner)?, UintRef::decode(inner)?)))
            .map_err(|_| Error::KeyRefused)?;
        if !reader.is_finished() {
            return Err(Error::KeyRefused);
        }
        Self::from_components(modulus.as_bytes(), exponent.as_bytes())
    }

    /// From modulus and exponent, big-endian, without leading zeros.
    pub(crate) fn from_components(modulus: &[u8], exponent: &[u8]) -> Result<Self, Error> {
        let modulus: [u8; 256] = modulus.try_into().map_err(|_| Error::KeyRefused)?;
        // 2048 bits mean that the first one is set; an even modulus is no product of two odd primes.
        if modulus[0] < 0x80 || modulus[255].is_multiple_of(2) || exponent != EXPONENT {
            return Err(Error::KeyRefused);
        }
        Ok(Self { modulus })
    }

    /// The modulus, big-endian: what tells this key from another.
    pub fn modulus(&self) -> &[u8; 256] {
        &self.modulus
    }

    /// SHA-256 of the modulus: for remembering a key without keeping it.
    pub fn thumbprint(&self) -> [u8; 32] {
        crate::sha256(&self.modulus)
    }

    /// Verifies RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2.2) over `message`: the encoded message is built
    /// anew and compared, so one signature is right and all others are wrong. `DigestInfo` without NULL,
    /// PSS, and bytes hidden in the padding are refused.
    ///
    /// `message` is what was hashed, not the hash. The card is given a hash (it signs 32 bytes that the
    /// device computed); whoever verifies must have the bytes behind it, and should, because only then is it
    /// known what was signed.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        RsaPublicKeyComponents { n: &self.modulus[..], e: &EXPONENT[..] }
            .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            .map_err(|_| Error::SignatureInvalid)
    }
}

/// A card's key tells the card.
impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicKey(RSA-2048, redacted)")
    }
}
