//! The key of a reader, and what it is worth.

use core::fmt;

use secret::SecretBytes;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

/// The 16 bytes of an ACS reader's Customer Master Key, as they were set with the vendor's tool.
///
/// Whoever keeps it gives it to each session. Nothing here writes a key into a reader.
///
/// ```
/// use reader::{CustomerKey, CustomerKeyError};
/// use secret::SecretBytes;
///
/// let typed = |text: &str| SecretBytes::new(text.as_bytes().to_vec());
/// assert!(CustomerKey::parse(&typed("00112233 44556677 8899aabb CCDDEEFF")).is_ok());
/// assert_eq!(CustomerKey::parse(&typed("0011")).err(), Some(CustomerKeyError::Length));
/// ```
pub struct CustomerKey(Zeroizing<[u8; 16]>);

/// Why what was typed is no key. It does not say what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum CustomerKeyError {
    /// Something else than hexadecimal digits and spaces.
    #[error("a key has only hexadecimal digits and spaces")]
    NotHexadecimal,
    /// Fewer or more than 32 digits.
    #[error("a key has 32 hexadecimal digits")]
    Length,
}

impl CustomerKey {
    /// Takes the bytes over; they are wiped when this value is dropped, and this copy of them at once.
    pub fn new(mut bytes: [u8; 16]) -> Self {
        let key = Self(Zeroizing::new(bytes));
        bytes.zeroize();
        key
    }

    /// What a person typed: 32 hexadecimal digits, with spaces anywhere.
    pub fn parse(typed: &SecretBytes) -> Result<Self, CustomerKeyError> {
        let mut key = Self(Zeroizing::default());
        let mut digits = 0;
        for character in typed.expose().iter().filter(|character| **character != b' ') {
            let digit = match character {
                b'0'..=b'9' => character - b'0',
                b'A'..=b'F' => character - b'A' + 10,
                b'a'..=b'f' => character - b'a' + 10,
                _ => return Err(CustomerKeyError::NotHexadecimal),
            };
            let byte = key.0.get_mut(digits / 2).ok_or(CustomerKeyError::Length)?;
            *byte = *byte << 4 | digit;
            digits += 1;
        }
        if digits == 2 * key.0.len() { Ok(key) } else { Err(CustomerKeyError::Length) }
    }

    /// The key itself, for whoever keeps it. Do not copy it into anything that is not wiped.
    pub fn expose(&self) -> &[u8; 16] {
        &self.0
    }

    pub(crate) fn is(&self, other: &[u8; 16]) -> bool {
        self.0.ct_eq(other).into()
    }

    pub(crate) fn into_bytes(self) -> Zeroizing<[u8; 16]> {
        self.0
    }
}

impl fmt::Debug for CustomerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CustomerKey(redacted)")
    }
}

/// What stands between a listener nearby and the commands that go to the card, a PIN among them.
///
/// | | who can read along | who can change what goes over |
/// |---|---|---|
/// | [`Plain`](Self::Plain) | everybody near | everybody who gets between |
/// | [`FactoryKey`](Self::FactoryKey) | everybody near: the key is public | everybody who gets between |
/// | [`CustomerKey`](Self::CustomerKey) | whoever knows the key | see below |
///
/// Under a key of one's own, frames are AES-128-CBC under a session key that needs the customer key to be computed.
/// They carry no MAC, no counter and no fresh initialisation vector: somebody between reader and device can make bytes
/// wrong, can give an earlier frame of the same session again (a wrong VERIFY, and it costs another try), and sees which
/// commands of a session begin alike. So that link is confidential, and not authentic; that the answers are the card's
/// is proven by what the card signs, not by the reader.
///
/// Whether a Bluetooth bond encrypts below that, and how well, differs by device and firmware and is not known here.
/// Our own decision: it counts for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// No encryption of the reader's own.
    Plain,
    /// Encrypted with the key that the vendor prints in its manuals.
    FactoryKey,
    /// Encrypted with a key of the institution's own.
    CustomerKey,
}

impl Protection {
    /// Whether a PIN may go over without everybody near being able to read it.
    pub fn is_confidential(self) -> bool {
        self == Self::CustomerKey
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(typed: &str) -> Result<[u8; 16], CustomerKeyError> {
        CustomerKey::parse(&SecretBytes::new(typed.as_bytes().to_vec())).map(|key| *key.0)
    }

    #[test]
    fn a_key_is_typed_in_either_case_with_spaces_anywhere() {
        let key = 0x0011_2233_4455_6677_8899_AABB_CCDD_EEFF_u128.to_be_bytes();
        for typed in [
            "00112233445566778899AABBCCDDEEFF",
            "00112233445566778899aabbccddeeff",
            " 00 11 22 33  44 55 66 77 88 99 aA bB cC dD eE fF ",
            "0 0112233445566778899AABBCCDDEEF F",
        ] {
            assert_eq!(parse(typed), Ok(key), "{typed:?}");
        }
    }

    #[test]
    fn what_is_no_key_is_said_by_its_kind() {
        for typed in ["", " ", "0", "00112233445566778899aabbccddeef", "00112233445566778899aabbccddeeff0"] {
            assert_eq!(parse(typed), Err(CustomerKeyError::Length), "{typed:?}");
        }
        for typed in [
            "ACR1255U-J1 Auth",
            "+0112233445566778899aabbccddeeff",
            "0x112233445566778899aabbccddeeff",
            "00112233445566778899aabbccddee\tff",
            "00112233445566778899aabbccddee\u{3000}ff",
            "\u{FF10}0112233445566778899aabbccddeeff",
        ] {
            assert_eq!(parse(typed), Err(CustomerKeyError::NotHexadecimal), "{typed:?}");
        }
    }
}
