//! What a reader tells about itself.

/// The battery, by one byte of the Battery Level characteristic.
///
/// The ACS manual knows three classes, by voltage, and does not say whether the byte is one of them or a percentage.
/// The characteristic is defined as a percentage, so that 0 to 100 is taken as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Battery {
    /// 0 to 100 percent.
    Percent(u8),
    /// Another byte, which no percentage is.
    Unclear(u8),
}

impl From<u8> for Battery {
    fn from(level: u8) -> Self {
        if level <= 100 { Self::Percent(level) } else { Self::Unclear(level) }
    }
}

/// A short text of printable ASCII; `None` if it is none.
///
/// It is shown to staff and may be logged, so that nothing else gets through.
pub(crate) fn text(bytes: &[u8]) -> Option<String> {
    let text = core::str::from_utf8(bytes).ok()?.trim_matches(['\0', ' ']);
    let printable = text.bytes().all(|byte| (0x20..=0x7E).contains(&byte));
    (printable && (1..=64).contains(&text.len())).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_above_100_is_no_percentage() {
        assert_eq!(Battery::from(0), Battery::Percent(0));
        assert_eq!(Battery::from(100), Battery::Percent(100));
        assert_eq!(Battery::from(101), Battery::Unclear(101));
        assert_eq!(Battery::from(0xFF), Battery::Unclear(0xFF));
    }

    #[test]
    fn only_short_printable_texts_are_shown() {
        assert_eq!(text(b"ACR1255U-J1 SWV 2.00\0\0").as_deref(), Some("ACR1255U-J1 SWV 2.00"));
        for bytes in [&b""[..], b"\0\0", b"a\x1b[31m", b"a\nb", &[0x41; 65], "窓".as_bytes(), &[0xFF]] {
            assert_eq!(text(bytes), None);
        }
    }
}
