//! Secrets: a PIN, a passcode, a key's bytes.
//!
//! What lives in these types is wiped when it is dropped, cannot be cloned, compared in variable time or
//! printed: `Debug` shows the type's name and nothing else. A function that takes one of them by value
//! ends its life; one that takes a reference borrows it for a moment.
//!
//! This crate is not a vault: it cannot wipe what a caller copied before, what the compiler spilled to
//! the stack, or what a garbage-collected shell keeps in its strings.
//!
//! ```
//! use secret::Pin;
//!
//! let pin = Pin::from_digits([1, 2, 3, 4]).expect("four decimal digits");
//! assert_eq!(format!("{pin:?}"), "Pin(redacted)");
//! assert_eq!(pin.as_ascii(), b"1234");
//! ```

mod digits;

pub use digits::{BirthDigits, DigitPad, NotADigit, Pin};

use core::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Bytes that must not be seen: a key, an answer key, the text of a passcode on its way to a hash.
pub struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    /// Takes the bytes over; the vector's buffer is wiped when this value is dropped.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Lends the bytes to the one function that needs them.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The number of bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Compares in a time that depends on the lengths only.
    pub fn equals(&self, other: &[u8]) -> bool {
        self.0.as_slice().ct_eq(other).into()
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretBytes(redacted)")
    }
}

/// The passcode (phone, tablet) or password (PC) with which staff log in.
pub struct Passcode(Zeroizing<String>);

impl Passcode {
    /// Takes the text over; its buffer is wiped when this value is dropped.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Lends the text to the one function that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Passcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passcode(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        let bytes = SecretBytes::new(b"canary".to_vec());
        let passcode = Passcode::new("canary".to_owned());
        assert!(!format!("{bytes:?} {bytes:#?} {passcode:?} {passcode:#?}").contains("canary"));
    }

    #[test]
    fn equality_is_by_content_and_length() {
        let bytes = SecretBytes::new(vec![1, 2, 3]);
        assert!(bytes.equals(&[1, 2, 3]));
        assert!(!bytes.equals(&[1, 2, 4]));
        assert!(!bytes.equals(&[1, 2]));
        assert_eq!(bytes.len(), 3);
        assert!(!bytes.is_empty());
    }
}
