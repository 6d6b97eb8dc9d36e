//! The key of a reader, and what it is worth.

use core::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The 16 bytes of an ACS reader's Customer Master Key, as they were set with the vendor's tool.
///
/// It comes from the platform's key store. Nothing here writes a key into a reader.
pub struct CustomerKey(Zeroizing<[u8; 16]>);

impl CustomerKey {
    /// Takes the bytes over; they are wiped when this value is dropped.
    pub fn new(bytes: [u8; 16]) -> Self {
        Self(Zeroizing::new(bytes))
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
