//! A command and its response, as far as time is concerned.

use crate::transcript::Exchange;

/// The lengths of a command-response pair (ISO/IEC 7816-3 §12.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Bytes of the command APDU.
    pub command: usize,
    /// Bytes of the response APDU, the status word included.
    pub response: usize,
    /// Whether the card computed a signature for it.
    pub signs: bool,
}

impl Pair {
    /// A pair in which the card signs nothing.
    pub const fn new(command: usize, response: usize) -> Self {
        Self { command, response, signs: false }
    }

    /// COMPUTE DIGITAL SIGNATURE with an RSA-2048 key: 256 bytes and a status word come back.
    pub const fn signature(command: usize) -> Self {
        Self { command, response: 256 + 2, signs: true }
    }
}

/// A transcript has no bytes, so the length of a command is that of the shortest form of its case (ISO/IEC 7816-4
/// §5.2): an extended command that would have fitted into a short one counts two or three bytes less than it had.
/// Bytes that are no command count as a header.
impl From<&Exchange> for Pair {
    fn from(exchange: &Exchange) -> Self {
        let extended = exchange.lc.is_some_and(|lc| lc > 255) || exchange.le.is_some_and(|le| le > 256);
        let lengths = match (extended, exchange.lc, exchange.le) {
            (_, None, None) => 0,
            (false, lc, le) => lc.map_or(0, |lc| 1 + lc) + le.map_or(0, |_| 1),
            (true, lc, le) => 1 + lc.map_or(0, |lc| 2 + lc) + le.map_or(0, |_| 2),
        };
        // INS 2A, COMPUTE DIGITAL SIGNATURE. A refusal costs no computation.
        let signs = exchange.header.is_some_and(|[_, ins, ..]| ins == 0x2A) && exchange.response > 0;
        Self { command: 4 + lengths, response: exchange.response + 2, signs }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Person;

    /// What the card saw of these bytes.
    fn pair(command: &[u8]) -> Pair {
        let hanako = Person::named("hanako").expect("she is one of the named persons");
        let mut card = hanako.personalise(time::macros::date!(2026 - 11 - 23));
        card.power_on();
        card.transmit(command);
        (&card.transcript().exchanges()[0]).into()
    }

    #[test]
    fn a_transcript_tells_how_long_each_command_was() {
        let long = [&b"\x00\xB0\x00\x00\x00\x01\x00"[..], &[7; 256]].concat();
        let both = [&long[..], &[0x00, 0x00]].concat();
        for command in [
            &b"\x00\x20\x00\x98"[..],
            b"\x00\xB0\x8A\x00\x00",
            b"\x00\xB0\x8A\x00\x00\x02\x00",
            b"\x00\xB0\x8A\x00\x00\x00\x00",
            b"\x00\xA4\x02\x0C\x02\x00\x0A",
            b"\x00\xA4\x02\x0C\x02\x00\x0A\x00",
            &long,
            &both,
        ] {
            assert_eq!(pair(command).command, command.len(), "{command:02X?}");
        }
    }

    #[test]
    fn a_refused_signature_costs_no_computation() {
        let refused = pair(&[&b"\x80\x2A\x02\x97\x20"[..], &[7; 32], b"\x00"].concat());
        assert_eq!(refused, Pair::new(38, 2));
    }
}
