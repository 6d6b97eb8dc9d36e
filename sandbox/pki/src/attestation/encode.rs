//! DER that [`tlv`] does not have: tag numbers above 30.

use crate::tlv;

/// `AuthorizationList`: each value under its explicit tag.
pub(super) fn authorizations(list: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let fields: Vec<u8> = list.iter().flat_map(|(tag, value)| explicit(*tag, value)).collect();
    tlv::der(0x30, &fields)
}

pub(super) fn octets(bytes: &[u8]) -> Vec<u8> {
    tlv::der(0x04, bytes)
}

pub(super) fn set(parts: &[&[u8]]) -> Vec<u8> {
    tlv::der(0x31, &parts.concat())
}

pub(super) fn enumerated(value: u8) -> Vec<u8> {
    tlv::der(0x0A, &[value])
}

/// Context-specific and constructed, with the number in base 128 where it does not fit into the first byte (X.690
/// §8.1.2.4).
fn explicit(number: u32, value: &[u8]) -> Vec<u8> {
    let low = |shift: u32| u8::try_from(number >> shift & 0x7F).expect("seven bits");
    let tag = match number {
        0..=30 => vec![0xA0 | low(0)],
        31..=0x7F => vec![0xBF, low(0)],
        _ => vec![0xBF, low(7) | 0x80, low(0)],
    };
    // A tag of one byte, replaced by this one: the length behind it is the same.
    [&tag, &tlv::der(0x30, value)[1..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_have_the_bytes_of_the_standard() {
        assert_eq!(explicit(1, &[7]), [0xA1, 1, 7]);
        assert_eq!(explicit(31, &[7]), [0xBF, 0x1F, 1, 7]);
        assert_eq!(explicit(503, &[7]), [0xBF, 0x83, 0x77, 1, 7]);
        assert_eq!(explicit(704, &[7; 200])[..5], [0xBF, 0x85, 0x40, 0x81, 200]);
    }
}
