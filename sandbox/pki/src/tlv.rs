//! Writing BER: the sandbox has its own, so that a mistake of the product's reader does not cancel out here.

/// A TLV with the shortest length, as DER has it (X.690 §10.1). Tags of one or two bytes.
///
/// # Panics
///
/// Where the value is longer than 65,535 bytes: nothing on a card is.
pub fn der(tag: u16, value: &[u8]) -> Vec<u8> {
    let length = value.len();
    let mut tlv = tag_bytes(tag);
    if length >= 0x80 {
        tlv.push(if length > 0xFF { 0x82 } else { 0x81 });
    }
    if length > 0xFF {
        tlv.push(u8::try_from(length >> 8).expect("values on a card are shorter than 64 KiB"));
    }
    tlv.push(u8::try_from(length & 0xFF).expect("masked to eight bits"));
    tlv.extend_from_slice(value);
    tlv
}

/// A TLV whose length takes two bytes however short it is (`82 00 9F`): the card's files have it so.
///
/// # Panics
///
/// Where the value is longer than 65,535 bytes: nothing on a card is.
pub fn wide(tag: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(value.len()).expect("values on a card are shorter than 64 KiB");
    let mut tlv = tag_bytes(tag);
    tlv.push(0x82);
    tlv.extend_from_slice(&length.to_be_bytes());
    tlv.extend_from_slice(value);
    tlv
}

/// An OBJECT IDENTIFIER (X.690 §8.19).
///
/// # Panics
///
/// Where there are fewer than two arcs.
pub fn object_identifier(arcs: &[u64]) -> Vec<u8> {
    let [first, second, rest @ ..] = arcs else { panic!("an object identifier has two arcs or more") };
    let mut value = Vec::new();
    for arc in core::iter::once(first * 40 + second).chain(rest.iter().copied()) {
        let groups = (64 - arc.leading_zeros()).div_ceil(7).max(1);
        for group in (0..groups).rev() {
            let low = u8::try_from((arc >> (7 * group)) & 0x7F).expect("masked to seven bits");
            value.push(if group == 0 { low } else { low | 0x80 });
        }
    }
    der(0x06, &value)
}

/// A SEQUENCE of what is given, already encoded.
pub fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    der(0x30, &parts.concat())
}

/// A non-negative INTEGER (X.690 §8.3).
pub fn integer(value: u64) -> Vec<u8> {
    let mut bytes = unsigned(value);
    if bytes[0] & 0x80 != 0 {
        bytes.insert(0, 0);
    }
    der(0x02, &bytes)
}

/// The shortest big-endian form, at least one byte.
pub(crate) fn unsigned(value: u64) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let leading = bytes.iter().take_while(|byte| **byte == 0).count().min(7);
    bytes[leading..].to_vec()
}

fn tag_bytes(tag: u16) -> Vec<u8> {
    let bytes = tag.to_be_bytes();
    if bytes[0] == 0 { vec![bytes[1]] } else { bytes.to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_policy_has_the_bytes_of_a_test_card() {
        // Reported from a J-LIS test card.
        assert_eq!(
            object_identifier(crate::oid::AUTHENTICATION_POLICY),
            [0x06, 0x0B, 0x2A, 0x83, 0x08, 0x8C, 0x9B, 0x55, 0x08, 0x05, 0x01, 0x00, 0x1E]
        );
    }

    #[test]
    fn lengths_are_the_shortest_or_wide() {
        assert_eq!(der(0x04, &[0; 0x7F])[..2], [0x04, 0x7F]);
        assert_eq!(der(0x04, &[0; 0x80])[..3], [0x04, 0x81, 0x80]);
        assert_eq!(der(0xDF21, &[0; 0x100])[..5], [0xDF, 0x21, 0x82, 0x01, 0x00]);
        assert_eq!(wide(0xDF42, &[7])[..], [0xDF, 0x42, 0x82, 0x00, 0x01, 0x07]);
    }

    #[test]
    fn integers_stay_positive() {
        assert_eq!(integer(0x80), [0x02, 0x02, 0x00, 0x80]);
        assert_eq!(integer(0), [0x02, 0x01, 0x00]);
        assert_eq!(integer(0x0990_0101), [0x02, 0x04, 0x09, 0x90, 0x01, 0x01]);
    }
}
