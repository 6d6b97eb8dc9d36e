//! Names of GATT services and characteristics.

use core::fmt;

/// A 128-bit UUID (Bluetooth Core Specification, volume 3, part B, §2.5.1).
///
/// ```
/// use reader::Uuid;
///
/// assert_eq!(Uuid::parse("2a19"), Some(Uuid::BATTERY_LEVEL));
/// assert_eq!(Uuid::BATTERY_LEVEL.to_string(), "00002a19-0000-1000-8000-00805f9b34fb");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Uuid(u128);

impl Uuid {
    /// Battery Level, in percent (Battery Service 1.1).
    pub const BATTERY_LEVEL: Self = Self::short(0x2A19);
    /// Serial Number String (Device Information Service 1.1).
    pub const SERIAL_NUMBER: Self = Self::short(0x2A25);
    /// Firmware Revision String (Device Information Service 1.1).
    pub const FIRMWARE_REVISION: Self = Self::short(0x2A26);

    /// The number as it is written, without the hyphens.
    pub const fn new(number: u128) -> Self {
        Self(number)
    }

    /// One of the numbers that the Bluetooth SIG gives out, over its base UUID.
    pub const fn short(number: u16) -> Self {
        Self(0x0000_0000_0000_1000_8000_0080_5F9B_34FB | ((number as u128) << 96))
    }

    /// Reads what platforms write: 32 hexadecimal digits with hyphens at 8, 13, 18 and 23, or four digits.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() == 4 {
            return hexadecimal(text).and_then(|number| u16::try_from(number).ok()).map(Self::short);
        }
        let groups: Vec<&str> = text.split('-').collect();
        let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
        (lengths == [8, 4, 4, 4, 12]).then(|| hexadecimal(&groups.concat()))?.map(Self)
    }
}

/// A sign is no digit, whatever the standard library says.
fn hexadecimal(digits: &str) -> Option<u128> {
    let all = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    all.then(|| u128::from_str_radix(digits, 16).ok())?
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:032x}", self.0);
        let groups = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
        f.write_str(&groups.join("-"))
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_read_as_it_is_written() {
        let uuid = Uuid::new(0x3C4A_FFF0_4783_3DE5_A983_D348_718E_F133);
        assert_eq!(uuid.to_string(), "3c4afff0-4783-3de5-a983-d348718ef133");
        assert_eq!(Uuid::parse(&uuid.to_string()), Some(uuid));
        assert_eq!(Uuid::parse(&uuid.to_string().to_uppercase()), Some(uuid));
    }

    #[test]
    fn what_is_no_uuid_is_refused() {
        for text in [
            "",
            "2a1",
            "+a19",
            "ｘ2a",
            "3c4afff047833de5a983d348718ef133",
            "3c4afff0-4783-3de5-a983-d348718ef13",
            "3c4afff0-47833-de5-a983-d348718ef133",
            "+c4afff0-4783-3de5-a983-d348718ef133",
        ] {
            assert_eq!(Uuid::parse(text), None, "{text}");
        }
    }
}
