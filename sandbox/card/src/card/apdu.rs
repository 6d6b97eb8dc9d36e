//! Command APDUs as the card reads them (ISO/IEC 7816-4 §5.2), and the status words that it gives.

/// A command of case 1, 2, 3 or 4, short or extended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Command<'a> {
    pub(super) cla: u8,
    pub(super) ins: u8,
    pub(super) p1: u8,
    pub(super) p2: u8,
    /// Empty where there is no data field: Lc = 0 cannot be written.
    pub(super) data: &'a [u8],
    /// Ne: `00` stands for 256, an extended `0000` for 65,536.
    pub(super) le: Option<usize>,
    /// Whether lengths were written in extended form.
    pub(super) extended: bool,
}

impl<'a> Command<'a> {
    /// `None` for bytes that are no command.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (&[cla, ins, p1, p2], body) = bytes.split_first_chunk()?;
        let (data, le, extended) = match *body {
            [] => (&body[..0], None, false),
            [le] => (&body[..0], Some(short_le(le)), false),
            [0, high, low] => (&body[..0], Some(extended_le([high, low])), true),
            [0, high, low, ref rest @ ..] => {
                let (data, le) = rest.split_at_checked(u16::from_be_bytes([high, low]).into())?;
                (data, optional(le, extended_le)?, true)
            }
            [0, _] => return None,
            [lc, ref rest @ ..] => {
                let (data, le) = rest.split_at_checked(lc.into())?;
                (data, optional(le, |[le]| short_le(le))?, false)
            }
        };
        // An extended Lc of 0000 is no Lc at all.
        if extended && data.is_empty() && body.len() > 3 {
            return None;
        }
        Some(Self { cla, ins, p1, p2, data, le, extended })
    }
}

/// What may or may not stand behind the data field, and nothing else.
#[allow(clippy::option_option)] // Neither is an error: not there, or there; anything else is.
fn optional<const N: usize>(rest: &[u8], le: impl Fn([u8; N]) -> usize) -> Option<Option<usize>> {
    if rest.is_empty() { Some(None) } else { rest.try_into().ok().map(|rest| Some(le(rest))) }
}

fn short_le(le: u8) -> usize {
    if le == 0 { 256 } else { le.into() }
}

fn extended_le(le: [u8; 2]) -> usize {
    match u16::from_be_bytes(le) {
        0 => 65_536,
        le => le.into(),
    }
}

/// What the card says at the end of a response. Real cards were never seen to send `61xx` or `6Cxx`, and so
/// this one has neither.
pub(super) mod status {
    /// Success.
    pub(in super::super) const OK: u16 = 0x9000;
    /// VERIFY: wrong, or the counter, without a number.
    pub(in super::super) const NO_COUNT: u16 = 0x6300;
    /// VERIFY: wrong, or the counter, with the tries left in the last half byte.
    pub(in super::super) const COUNTER: u16 = 0x63C0;
    /// Wrong length.
    pub(in super::super) const WRONG_LENGTH: u16 = 0x6700;
    /// SET SESSION KEY where there is no secure messaging.
    pub(in super::super) const NO_SESSION_KEY: u16 = 0x66F1;
    /// Logical channel not supported.
    pub(in super::super) const NO_CHANNEL: u16 = 0x6881;
    /// Secure messaging not supported.
    pub(in super::super) const NO_SECURE_MESSAGING: u16 = 0x6882;
    /// READ BINARY and VERIFY under secure messaging without a session.
    pub(in super::super) const NO_SESSION: u16 = 0x69FC;
    /// The command does not go with this kind of file.
    pub(in super::super) const WRONG_FILE_KIND: u16 = 0x6981;
    /// A reference has to be verified first.
    pub(in super::super) const NOT_VERIFIED: u16 = 0x6982;
    /// The reference is blocked.
    pub(in super::super) const BLOCKED: u16 = 0x6984;
    /// Conditions of use not satisfied.
    pub(in super::super) const CONDITIONS: u16 = 0x6985;
    /// No current EF.
    pub(in super::super) const NO_CURRENT_EF: u16 = 0x6986;
    /// Secure messaging: a data object is missing.
    pub(in super::super) const NO_SECURED_OBJECT: u16 = 0x6987;
    /// Secure messaging: a data object is wrong.
    pub(in super::super) const WRONG_SECURED_OBJECT: u16 = 0x6988;
    /// Wrong data.
    pub(in super::super) const WRONG_DATA: u16 = 0x6A80;
    /// The card does not do this.
    pub(in super::super) const NOT_PROVIDED: u16 = 0x6A81;
    /// File or application not found.
    pub(in super::super) const NOT_FOUND: u16 = 0x6A82;
    /// Record not found.
    pub(in super::super) const NO_RECORD: u16 = 0x6A83;
    /// Wrong P1 or P2.
    pub(in super::super) const WRONG_PARAMETERS: u16 = 0x6A86;
    /// Data object not found.
    pub(in super::super) const NO_OBJECT: u16 = 0x6A88;
    /// Offset beyond the end of the file.
    pub(in super::super) const WRONG_OFFSET: u16 = 0x6B00;
    /// INS unknown.
    pub(in super::super) const NO_SUCH_INSTRUCTION: u16 = 0x6D00;
    /// CLA unknown, or not with this INS.
    pub(in super::super) const NO_SUCH_CLASS: u16 = 0x6E00;
    /// No precise diagnosis.
    pub(in super::super) const UNSPECIFIED: u16 = 0x6F00;
}

#[cfg(test)]
mod tests {
    use super::Command;

    fn body(body: &[u8]) -> Option<(Vec<u8>, Option<usize>, bool)> {
        let bytes = [&[0x00, 0xB0, 0x01, 0x02], body].concat();
        Command::parse(&bytes).map(|command| (command.data.to_vec(), command.le, command.extended))
    }

    #[test]
    fn each_case_has_its_lengths() {
        assert_eq!(body(&[]), Some((vec![], None, false)), "case 1");
        assert_eq!(body(&[0]), Some((vec![], Some(256), false)), "case 2, short");
        assert_eq!(body(&[0, 1, 2]), Some((vec![], Some(0x102), true)), "case 2, extended");
        assert_eq!(body(&[0, 0, 0]), Some((vec![], Some(65_536), true)), "case 2, extended, all");
        assert_eq!(body(&[2, 8, 9]), Some((vec![8, 9], None, false)), "case 3, short");
        assert_eq!(body(&[0, 0, 2, 8, 9]), Some((vec![8, 9], None, true)), "case 3, extended");
        assert_eq!(body(&[2, 8, 9, 7]), Some((vec![8, 9], Some(7), false)), "case 4, short");
        assert_eq!(body(&[0, 0, 1, 8, 0, 7]), Some((vec![8], Some(7), true)), "case 4, extended");
    }

    #[test]
    fn what_is_between_the_cases_is_no_command() {
        for wrong in [&[2, 8][..], &[1, 8, 9, 9], &[0, 1], &[0, 0, 0, 1], &[0, 0, 2, 8], &[0, 0, 1, 8, 0]] {
            assert_eq!(body(wrong), None, "{wrong:02X?}");
        }
        assert_eq!(Command::parse(&[0, 0xA4, 4]), None);
    }
}
