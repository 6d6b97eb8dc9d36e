//! What may be kept of a dialogue.

use core::fmt;

use crate::{Command, Header, Response, StatusWord};

/// A dialogue without its data: for each command its header and lengths, the status word and the number
/// of bytes that came back.
///
/// Safe to log, to show and to keep: neither command data (a PIN) nor response data (a certificate) ever
/// enters it. Displayed with one line for each exchange:
///
/// ```text
/// → 00 A4 04 0C  Lc 10        ← 9000      0 B  SELECT
/// → 00 B0 8A 00        Le 256 ← 9000    256 B  READ BINARY
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transcript {
    exchanges: Vec<Exchange>,
}

impl Transcript {
    /// Notes that `command` was given out.
    pub fn sent(&mut self, command: &Command) {
        self.exchanges.push(Exchange {
            header: command.header(),
            lc: command.data().len(),
            le: command.le().map(crate::Le::get),
            answer: None,
        });
    }

    /// Notes the response to the command that was given out last.
    pub fn received(&mut self, response: &Response) {
        if let Some(last) = self.exchanges.last_mut() {
            last.answer = Some((response.status(), response.data().len()));
        }
    }

    /// The exchanges in their order.
    pub fn exchanges(&self) -> &[Exchange] {
        &self.exchanges
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.exchanges.iter().try_for_each(|exchange| writeln!(f, "{exchange}"))
    }
}

/// One command and what came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exchange {
    /// CLA, INS, P1 and P2.
    pub header: Header,
    /// The number of bytes of command data.
    pub lc: usize,
    /// The number of bytes expected, if any.
    pub le: Option<u32>,
    /// Status word and number of bytes that came back; `None` if the card was gone.
    pub answer: Option<(StatusWord, usize)>,
}

impl Exchange {
    /// What the command is called in ISO/IEC 7816-4 §11 and, for a signature, 7816-8 §11.
    fn name(&self) -> &'static str {
        match (self.header.ins, self.header.p1) {
            (0x20, _) if self.lc == 0 => "VERIFY (counter)",
            (0x20, _) => "VERIFY",
            (0x2A, _) => "COMPUTE DIGITAL SIGNATURE",
            (0xA4, 0x04) => "SELECT (application)",
            (0xA4, _) => "SELECT (file)",
            (0xB0, _) => "READ BINARY",
            _ => "",
        }
    }
}

impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = |name: &str, number: Option<u64>| {
            number.map_or_else(String::new, |number| format!("{name} {number}"))
        };
        let lc = field("Lc", (self.lc > 0).then_some(self.lc as u64));
        let le = field("Le", self.le.map(u64::from));
        write!(f, "→ {}  {lc:<5} {le:<6} ← ", self.header)?;
        match self.answer {
            Some((status, length)) => write!(f, "{status}  {length:>4} B")?,
            None => f.write_str("(no answer)")?,
        }
        write!(f, "  {}", self.name())
    }
}

#[cfg(test)]
mod tests {
    use secret::SecretBytes;

    use super::*;

    #[test]
    fn a_transcript_has_a_line_for_each_exchange_and_no_data() {
        let verify = Command::new(Header::new(0x00, 0x20, 0x00, 0x98))
            .with_data(SecretBytes::new(b"9876".to_vec()))
            .expect("short");
        let read = Command::new(Header::new(0x00, 0xB0, 0x8A, 0x00)).with_le(crate::Le::SHORT_MAX);
        let mut transcript = Transcript::default();
        transcript.received(&Response::new(vec![], StatusWord::Success));
        transcript.sent(&verify);
        transcript.received(&Response::new(vec![], StatusWord::Counter(2)));
        transcript.sent(&read);
        transcript.received(&Response::new(b"canary".to_vec(), StatusWord::Success));
        transcript.sent(&read);

        assert_eq!(
            transcript.to_string(),
            "→ 00 20 00 98  Lc 4         ← 63C2     0 B  VERIFY\n\
             → 00 B0 8A 00        Le 256 ← 9000     6 B  READ BINARY\n\
             → 00 B0 8A 00        Le 256 ← (no answer)  READ BINARY\n"
        );
        assert!(!format!("{transcript:?}").contains("9876"));
    }
}
