//! What Bluetooth names services and characteristics by.

use core::fmt;

use serde::{Serialize, Serializer};

/// A UUID (Bluetooth Core Specification, Vol 3, Part B, §2.5.1), written as usual: `3c4afff1-4783-…`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid(u128);

impl Uuid {
    /// From the number that the 32 digits write.
    pub const fn new(number: u128) -> Self {
        Self(number)
    }

    /// From the 16 bits that the Bluetooth SIG gave out, on the Bluetooth Base UUID.
    pub const fn assigned(number: u16) -> Self {
        Self(0x0000_0000_0000_1000_8000_0080_5F9B_34FB | (number as u128) << 96)
    }

    /// In the order in which it is read.
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// The reverse of [`to_bytes`](Self::to_bytes).
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.0;
        let [second, third, fourth] = [80, 64, 48].map(|shift| number >> shift & 0xFFFF);
        write!(
            f,
            "{:08x}-{second:04x}-{third:04x}-{fourth:04x}-{:012x}",
            number >> 96,
            number & 0xFFFF_FFFF_FFFF
        )
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Uuid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_written_as_it_is_read() {
        let battery = Uuid::assigned(0x2A19);
        assert_eq!(battery.to_string(), "00002a19-0000-1000-8000-00805f9b34fb");
        assert_eq!(Uuid::from_bytes(battery.to_bytes()), battery);
        assert_eq!(battery.to_bytes()[..4], [0x00, 0x00, 0x2A, 0x19]);
    }
}
