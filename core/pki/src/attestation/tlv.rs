//! DER with tag numbers above 30, which `der` 0.7 does not have: ten lines of X.690, for one extension.

/// What is left to be read.
#[derive(Clone, Copy)]
pub(super) struct Der<'a>(pub(super) &'a [u8]);

/// Tags of the universal class (X.680 §8.4) with the bit of constructed ones (X.690 §8.1.2.5).
pub(super) const BOOLEAN: u8 = 0x01;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const NULL: u8 = 0x05;
pub(super) const ENUMERATED: u8 = 0x0A;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

/// The context-specific class, constructed: an explicit tag.
const EXPLICIT: u8 = 0xA0;

impl<'a> Der<'a> {
    pub(super) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The content of the next element, if it has this tag.
    pub(super) fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        if self.byte()? != tag {
            return None;
        }
        let length = self.length()?;
        self.bytes(length)
    }

    /// The content of the next element, if it is an explicit tag, with the tag's number.
    pub(super) fn take_explicit(&mut self) -> Option<(u32, Der<'a>)> {
        let first = self.byte()?;
        if first & 0xE0 != EXPLICIT {
            return None;
        }
        let number = match first & 0x1F {
            0x1F => self.high_tag_number()?,
            low => low.into(),
        };
        let length = self.length()?;
        Some((number, Der(self.bytes(length)?)))
    }

    /// A non-negative INTEGER or ENUMERATED in its shortest form (X.690 §8.3.2).
    pub(super) fn unsigned(&mut self, tag: u8) -> Option<u64> {
        let bytes = match self.take(tag)? {
            [0, rest @ ..] if rest.first().is_some_and(|first| *first >= 0x80) => rest,
            bytes @ ([0] | [1..0x80, ..]) => bytes,
            _ => return None,
        };
        (bytes.len() <= 8).then(|| bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    /// All elements of a content, each read alike.
    pub(super) fn all<T>(mut self, mut read: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut all = Vec::new();
        while !self.is_empty() {
            all.push(read(&mut self)?);
        }
        Some(all)
    }

    /// The last thing there is.
    pub(super) fn end<T>(self, value: T) -> Option<T> {
        self.is_empty().then_some(value)
    }

    fn byte(&mut self) -> Option<u8> {
        self.bytes(1).map(|bytes| bytes[0])
    }

    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(bytes)
    }

    /// The definite form, as short as it can be (X.690 §10.1).
    fn length(&mut self) -> Option<usize> {
        let first = self.byte()?;
        let (count, least) = match first {
            0..=0x7F => return Some(first.into()),
            0x81 => (1, 0x80),
            0x82 => (2, 0x100),
            _ => return None,
        };
        let length = self.bytes(count)?.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
        (length >= least).then_some(length)
    }

    /// Base 128, big-endian, as short as it can be, and above 30 (X.690 §8.1.2.4).
    fn high_tag_number(&mut self) -> Option<u32> {
        let mut number = 0_u32;
        for place in 0..3 {
            let byte = self.byte()?;
            if place == 0 && byte == 0x80 {
                return None;
            }
            number = number << 7 | u32::from(byte & 0x7F);
            if byte < 0x80 {
                return (number > 30).then_some(number);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_above_thirty_are_read() {
        let rows: [(&[u8], Option<u32>); 8] = [
            (&[0xA1, 0x00], Some(1)),
            (&[0xBE, 0x00], Some(30)),
            (&[0xBF, 0x1F, 0x00], Some(31)),
            (&[0xBF, 0x83, 0x77, 0x00], Some(503)),
            (&[0xBF, 0x85, 0x40, 0x00], Some(704)),
            (&[0xBF, 0x1E, 0x00], None),             // a short form is there for it
            (&[0xBF, 0x80, 0x85, 0x40, 0x00], None), // a leading zero
            (&[0xBF, 0xFF, 0xFF, 0xFF, 0x7F, 0x00], None),
        ];
        for (bytes, number) in rows {
            assert_eq!(Der(bytes).take_explicit().map(|(number, _)| number), number, "{bytes:02X?}");
        }
        assert!(Der(&[0x9F, 0x85, 0x40, 0x00]).take_explicit().is_none(), "not constructed");
    }

    #[test]
    fn lengths_and_numbers_have_one_form() {
        let long = [&[0x04, 0x81, 0x80][..], &[7; 0x80]].concat();
        assert_eq!(Der(&long).take(OCTET_STRING), Some(&[7; 0x80][..]));
        for wrong in
            [&[0x04, 0x81, 0x01, 7][..], &[0x04, 0x80, 0, 0], &[0x04, 0x82, 0, 1, 7], &[0x04, 2, 7], &[]]
        {
            assert_eq!(Der(wrong).take(OCTET_STRING), None, "{wrong:02X?}");
        }
        let rows: [(&[u8], Option<u64>); 8] = [
            (&[2, 1, 0], Some(0)),
            (&[2, 1, 0x7F], Some(127)),
            (&[2, 2, 0, 0x80], Some(128)),
            (&[2, 2, 1, 0x90], Some(400)),
            (&[2, 0], None),
            (&[2, 1, 0x80], None), // negative
            (&[2, 2, 0, 1], None),
            (&[2, 9, 1, 0, 0, 0, 0, 0, 0, 0, 0], None),
        ];
        for (bytes, value) in rows {
            assert_eq!(Der(bytes).unsigned(INTEGER), value, "{bytes:02X?}");
        }
    }
}
