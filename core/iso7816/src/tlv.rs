//! BER-TLV data objects.

use core::fmt;

/// A BER-TLV data object (ISO/IEC 7816-4 §6.3): a tag and a value.
///
/// Lengths are read in any definite form of one to five bytes, minimal or not: the My Number card writes
/// `82 00 9F` where DER wants `81 9F`. They are written in the shortest form.
///
/// ```
/// use iso7816::{Tag, Tlv};
///
/// let file = [0xFF, 0x10, 0x82, 0x00, 0x07, 0xDF, 0x11, 0x04, b'1', b'9', b'8', b'0'];
/// let (record, rest) = Tlv::parse(&file).expect("a data object");
/// assert_eq!(record.tag, Tag::of(&[0xFF, 0x10]));
/// assert_eq!(record.child(Tag::of(&[0xDF, 0x11])).expect("well-formed"), Some(&b"1980"[..]));
/// assert!(rest.is_empty());
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tlv<'a> {
    /// What it is.
    pub tag: Tag,
    /// The value; in a constructed object, more objects.
    pub value: &'a [u8],
}

impl<'a> Tlv<'a> {
    /// Reads the first object; returns it and the bytes behind it.
    pub fn parse(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), MalformedTlv> {
        let header = TlvHeader::parse(bytes)?;
        let (value, rest) = bytes[header.length..].split_at_checked(header.value).ok_or(MalformedTlv)?;
        Ok((Self { tag: header.tag, value }, rest))
    }

    /// The objects inside this one, in order. Ends after the first malformed one.
    pub fn children(&self) -> impl Iterator<Item = Result<Tlv<'a>, MalformedTlv>> + use<'a> {
        let mut rest = self.value;
        core::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let next = Tlv::parse(rest);
            rest = next.map_or(&[], |(_, rest)| rest);
            Some(next.map(|(object, _)| object))
        })
    }

    /// The value of the first object with this tag inside this one.
    pub fn child(&self, tag: Tag) -> Result<Option<&'a [u8]>, MalformedTlv> {
        for object in self.children() {
            let object = object?;
            if object.tag == tag {
                return Ok(Some(object.value));
            }
        }
        Ok(None)
    }

    /// The object with the shortest length field.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.tag.as_bytes().to_vec();
        let length = self.value.len().to_be_bytes();
        let zeros = length.iter().take_while(|byte| **byte == 0).count();
        let length = &length[zeros..];
        match *length {
            [] => bytes.push(0),
            [byte @ ..0x80] => bytes.push(byte),
            _ => {
                #[expect(clippy::cast_possible_truncation, reason = "a usize has at most eight bytes")]
                bytes.push(0x80 | length.len() as u8);
                bytes.extend_from_slice(length);
            }
        }
        bytes.extend_from_slice(self.value);
        bytes
    }
}

/// Tag and number of bytes: the value may be a birth date.
impl fmt::Debug for Tlv<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tlv({}, {} B)", self.tag, self.value.len())
    }
}

/// Tag and length of an object whose value need not be there yet: the head of a file tells its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TlvHeader {
    /// What it is.
    pub tag: Tag,
    /// Number of bytes of tag and length together.
    pub length: usize,
    /// Number of bytes of the value.
    pub value: usize,
}

impl TlvHeader {
    /// Reads tag and length at the start of `bytes`.
    pub fn parse(bytes: &[u8]) -> Result<Self, MalformedTlv> {
        let (tag, rest) = Tag::parse(bytes)?;
        let (&first, rest) = rest.split_first().ok_or(MalformedTlv)?;
        let more = match first {
            0x00..=0x7F => &[first][..],
            // 80, the indefinite length, is not for cards (ISO/IEC 7816-4 §6.3).
            0x81..=0x84 => rest.get(..usize::from(first & 0x7F)).ok_or(MalformedTlv)?,
            _ => return Err(MalformedTlv),
        };
        let value =
            more.iter().try_fold(0_usize, |sum, byte| sum.checked_mul(0x100)?.checked_add((*byte).into()));
        let length = tag.as_bytes().len() + if first < 0x80 { 1 } else { 1 + more.len() };
        Ok(Self { tag, length, value: value.ok_or(MalformedTlv)? })
    }

    /// Number of bytes of the whole object.
    pub fn total(&self) -> usize {
        self.length.saturating_add(self.value)
    }
}

/// A tag of one to three bytes, such as `91`, `7F21`, `5F4E` or `FF20`.
///
/// Kept as its bytes: the card's `FF10` and `DF11` use two bytes for numbers below 31, which X.690 would
/// have in one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tag {
    bytes: [u8; 3],
    length: u8,
}

impl Tag {
    /// A tag that stands in a program.
    ///
    /// # Panics
    ///
    /// If `bytes` are not exactly one tag; in a constant, when it is compiled.
    pub const fn of(bytes: &[u8]) -> Self {
        let Some(length) = Self::measure(bytes) else { panic!("not a tag") };
        assert!(length == bytes.len(), "more than a tag");
        Self::copied(bytes, length)
    }

    /// Reads the tag at the start of `bytes`; returns it and the bytes behind it.
    pub fn parse(bytes: &[u8]) -> Result<(Self, &[u8]), MalformedTlv> {
        let length = Self::measure(bytes).ok_or(MalformedTlv)?;
        Ok((Self::copied(bytes, length), &bytes[length..]))
    }

    /// The bytes of the tag.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length.into()]
    }

    /// How many bytes the tag at the start has: bits 5 to 1 all set mean that more follow, and in those
    /// bit 8 means the same (ISO/IEC 7816-4 §6.3). `00` is padding, not a tag.
    const fn measure(bytes: &[u8]) -> Option<usize> {
        match *bytes {
            [] | [0, ..] => None,
            [first, ..] if first & 0x1F != 0x1F => Some(1),
            [_, 0x00..=0x7F, ..] => Some(2),
            [_, _, 0x00..=0x7F, ..] => Some(3),
            _ => None,
        }
    }

    const fn copied(from: &[u8], length: usize) -> Self {
        let mut bytes = [0; 3];
        let mut index = 0;
        while index < length {
            bytes[index] = from[index];
            index += 1;
        }
        #[expect(clippy::cast_possible_truncation, reason = "measure() gives 1 to 3")]
        Self { bytes, length: length as u8 }
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tag({self})")
    }
}

/// Bytes that are no BER-TLV data object, or end before it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a BER-TLV data object")]
pub struct MalformedTlv;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_lengths_of_the_card_are_read() {
        // FF40 82 009F { DF41 04 …, DF42 10 …, DF43 82 0080 … } of 券面事項入力補助AP, values made up.
        let mut file = vec![0xFF, 0x40, 0x82, 0x00, 0x9F, 0xDF, 0x41, 0x04, 1, 3, 0x0E, 1, 0xDF, 0x42, 0x10];
        file.extend([7; 16]);
        file.extend([0xDF, 0x43, 0x82, 0x00, 0x80]);
        file.extend([9; 128]);
        file.truncate(5 + 0x9F);
        let header = TlvHeader::parse(&file[..5]).expect("the head is enough");
        assert_eq!((header.length, header.value, header.total()), (5, 0x9F, 164));

        let (object, rest) = Tlv::parse(&file).expect("a data object");
        assert_eq!(object.child(Tag::of(&[0xDF, 0x43])).expect("well-formed").map(<[u8]>::len), Some(128));
        assert_eq!(object.child(Tag::of(&[0xDF, 0x44])), Ok(None));
        assert_eq!(object.children().count(), 3);
        assert!(rest.is_empty());
    }

    #[test]
    fn tags_have_one_to_three_bytes() {
        for tag in [&[0x91][..], &[0x7F, 0x21], &[0x5F, 0x4E], &[0xFF, 0x20], &[0xDF, 0x81, 0x02]] {
            assert_eq!(Tag::parse(tag).map(|(tag, _)| tag.as_bytes().to_vec()), Ok(tag.to_vec()));
        }
        for tag in [&[][..], &[0x00], &[0xFF], &[0xDF, 0x81], &[0xDF, 0x81, 0x82, 0x03]] {
            assert_eq!(Tag::parse(tag), Err(MalformedTlv));
        }
        assert_eq!(Tag::of(&[0xFF, 0x20]).to_string(), "FF20");
    }

    #[test]
    fn indefinite_endless_and_cut_lengths_are_refused() {
        for bytes in [
            &[0x30, 0x80, 0x00, 0x00][..],
            &[0x30, 0x85, 0, 0, 0, 0, 0],
            &[0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF],
            &[0x30, 0x82, 0x01],
            &[0x30, 0x02, 0x01],
            &[0x30],
        ] {
            assert_eq!(Tlv::parse(bytes), Err(MalformedTlv), "{bytes:02X?}");
        }
    }

    #[test]
    fn what_follows_a_malformed_object_is_not_read() {
        let object = Tlv { tag: Tag::of(&[0x30]), value: &[0x04, 0x00, 0x04, 0x05, 0x04, 0x00] };
        assert_eq!(object.children().map(|child| child.is_ok()).collect::<Vec<_>>(), [true, false]);
    }

    fn tag() -> impl Strategy<Value = Tag> {
        let bytes =
            prop_oneof![
                (1_u8.., Just(None), Just(None)).prop_map(|(first, a, b)| (first, a, b)),
                (any::<u8>(), (0..0x80_u8).prop_map(Some), Just(None)).prop_map(|(f, a, b)| (f | 0x1F, a, b)),
                (any::<u8>(), (0x80_u8..).prop_map(Some), (0..0x80_u8).prop_map(Some))
                    .prop_map(|(f, a, b)| (f | 0x1F, a, b)),
            ];
        bytes.prop_filter_map("one byte must not announce more", |(first, second, third)| {
            let bytes: Vec<u8> = [Some(first), second, third].into_iter().flatten().collect();
            Tag::parse(&bytes).ok().filter(|(_, rest)| rest.is_empty()).map(|(tag, _)| tag)
        })
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_parsed_again(
            tag in tag(),
            length in prop_oneof![0_usize..300, 65_530..65_540_usize],
            rest in prop::collection::vec(any::<u8>(), 0..4),
        ) {
            let value = vec![0xA5; length];
            let object = Tlv { tag, value: &value };
            let bytes = [object.encode(), rest.clone()].concat();
            prop_assert_eq!(Tlv::parse(&bytes), Ok((object, &rest[..])));
        }

        #[test]
        fn a_longer_form_of_the_length_means_the_same(tag in tag(), length in 0_u8..=255, bytes in 1_u8..=4) {
            let value = vec![0x5A; length.into()];
            let mut file = tag.as_bytes().to_vec();
            file.push(0x80 | bytes);
            file.extend(std::iter::repeat_n(0, usize::from(bytes) - 1));
            file.push(length);
            file.extend(&value);
            prop_assert_eq!(Tlv::parse(&file), Ok((Tlv { tag, value: &value }, &[][..])));
        }

        #[test]
        fn no_input_panics(bytes in prop::collection::vec(prop_oneof![any::<u8>(), 0x7D_u8..0x88], 0..40)) {
            if let Ok((object, _)) = Tlv::parse(&bytes) {
                object.children().for_each(drop);
            }
        }
    }
}
