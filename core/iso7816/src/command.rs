//! Command APDUs.

use core::fmt;

use secret::SecretBytes;

/// A command APDU (ISO/IEC 7816-4 §5.2): header, command data, number of bytes expected.
///
/// The four cases are what is present:
///
/// | case | command data | response data | here |
/// |---|---|---|---|
/// | 1 | – | – | `Command::new(header)` |
/// | 2 | – | Le | `.with_le(le)` |
/// | 3 | Lc | – | `.with_data(data)` |
/// | 4 | Lc | Le | both |
///
/// Length fields are short where they fit (Lc ≤ 255, Le ≤ 256) and extended otherwise; a command that was
/// parsed keeps the form in which it came. The data may be a PIN, so it is wiped when dropped.
pub struct Command {
    header: Header,
    /// Empty when there is no command data: Lc = 0 cannot be expressed.
    data: SecretBytes,
    le: Option<Le>,
    /// Extended length fields even where short ones would do: asked for, or parsed so.
    extended: bool,
}

impl Command {
    /// A command of case 1: neither command data nor response data.
    pub fn new(header: Header) -> Self {
        Self { header, data: SecretBytes::new(Vec::new()), le: None, extended: false }
    }

    /// The same command with this command data; none if `data` is empty.
    pub fn with_data(self, data: SecretBytes) -> Result<Self, TooLong> {
        if data.len() > 0xFFFF { Err(TooLong) } else { Ok(Self { data, ..self }) }
    }

    /// The same command, expecting at most `le` bytes.
    #[must_use]
    pub fn with_le(self, le: Le) -> Self {
        Self { le: Some(le), ..self }
    }

    /// The same command with extended length fields even where short ones would do, whether the fields are
    /// there already or come later.
    #[must_use]
    pub fn extended(self) -> Self {
        Self { extended: true, ..self }
    }

    /// CLA, INS, P1 and P2.
    pub fn header(&self) -> Header {
        self.header
    }

    /// The command data; empty in cases 1 and 2.
    pub fn data(&self) -> &[u8] {
        self.data.expose()
    }

    /// How many bytes are expected at most; `None` in cases 1 and 3.
    pub fn le(&self) -> Option<Le> {
        self.le
    }

    /// Whether the length fields are extended. In case 1 there are none, and so they are not.
    pub fn is_extended(&self) -> bool {
        let fields = !self.data.is_empty() || self.le.is_some();
        let too_long_for_short = self.data.len() > 0xFF || self.le > Some(Le::SHORT_MAX);
        too_long_for_short || (self.extended && fields)
    }

    /// The command as it goes over the line.
    pub fn encode(&self) -> SecretBytes {
        let Header { cla, ins, p1, p2 } = self.header;
        // The room is taken at once: a growing vector would leave copies of a PIN behind.
        let mut bytes = Vec::with_capacity(4 + 3 + self.data.len() + 3);
        bytes.extend([cla, ins, p1, p2]);
        let extended = self.is_extended();
        if !self.data.is_empty() {
            let [.., high, low] = self.data.len().to_be_bytes();
            if extended {
                bytes.extend([0, high, low]);
            } else {
                bytes.push(low);
            }
            bytes.extend_from_slice(self.data.expose());
        }
        if let Some(le) = self.le {
            // The greatest number of each form is written as zero.
            let [.., high, low] = le.get().to_be_bytes();
            match (extended, self.data.is_empty()) {
                (false, _) => bytes.push(low),
                (true, true) => bytes.extend([0, high, low]),
                (true, false) => bytes.extend([high, low]),
            }
        }
        SecretBytes::new(bytes)
    }

    /// Reads a command as a card reads it (ISO/IEC 7816-4 §5.2, decoding of the length fields).
    pub fn parse(bytes: &[u8]) -> Result<Self, MalformedCommand> {
        let (&[cla, ins, p1, p2], body) = bytes.split_first_chunk().ok_or(MalformedCommand)?;
        let command = Self::new(Header { cla, ins, p1, p2 });
        let short_le = |byte: u8| Le(if byte == 0 { 0x100 } else { byte.into() });
        let extended_le = |bytes: [u8; 2]| match u16::from_be_bytes(bytes) {
            0 => Le(0x1_0000),
            number => Le(number.into()),
        };
        let (extended, data, le) = match *body {
            [] => return Ok(command),
            [le] => (false, &[][..], Some(short_le(le))),
            [0, high, low] => (true, &[][..], Some(extended_le([high, low]))),
            [0, high, low, ref rest @ ..] => {
                let lc = usize::from(u16::from_be_bytes([high, low]));
                let (data, le) = rest.split_at_checked(lc).ok_or(MalformedCommand)?;
                let le = match *le {
                    [] => None,
                    [high, low] => Some(extended_le([high, low])),
                    _ => return Err(MalformedCommand),
                };
                (true, data, le)
            }
            [lc, ref rest @ ..] => {
                let (data, le) = rest.split_at_checked(lc.into()).ok_or(MalformedCommand)?;
                let le = match *le {
                    [] => None,
                    [le] => Some(short_le(le)),
                    _ => return Err(MalformedCommand),
                };
                (false, data, le)
            }
        };
        // A field Lc that says zero is not an encoding of "no command data".
        if data.is_empty() && body.len() != 1 && body.len() != 3 {
            return Err(MalformedCommand);
        }
        Ok(Self { data: SecretBytes::new(data.to_vec()), le, extended, ..command })
    }
}

/// Header and lengths; never the data.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Command({}", self.header)?;
        if !self.data.is_empty() {
            write!(f, ", Lc {}", self.data.len())?;
        }
        if let Some(le) = self.le {
            write!(f, ", Le {}", le.get())?;
        }
        f.write_str(")")
    }
}

impl PartialEq for Command {
    fn eq(&self, other: &Self) -> bool {
        self.header == other.header
            && self.le == other.le
            && self.is_extended() == other.is_extended()
            && self.data.equals(other.data())
    }
}

impl Eq for Command {}

/// Class, instruction and parameter bytes (ISO/IEC 7816-4 §5.4). Displayed as `00 A4 04 0C`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Class byte.
    pub cla: u8,
    /// Instruction byte.
    pub ins: u8,
    /// First parameter byte.
    pub p1: u8,
    /// Second parameter byte.
    pub p2: u8,
}

impl Header {
    /// The four bytes in the order in which they are sent.
    pub const fn new(cla: u8, ins: u8, p1: u8, p2: u8) -> Self {
        Self { cla, ins, p1, p2 }
    }
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cla, ins, p1, p2 } = self;
        write!(f, "{cla:02X} {ins:02X} {p1:02X} {p2:02X}")
    }
}

/// Ne, the greatest number of response bytes that is expected: 1 to 65,536.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Le(u32);

impl Le {
    /// 256, the most that a short length field can say; written `00`.
    pub const SHORT_MAX: Self = Self(0x100);
    /// 65,536, the most that an extended length field can say; written `00 00`.
    pub const EXTENDED_MAX: Self = Self(0x1_0000);

    /// `None` unless `number` is 1 to 65,536.
    pub fn new(number: usize) -> Option<Self> {
        let number = u32::try_from(number).ok()?;
        (1..=Self::EXTENDED_MAX.0).contains(&number).then_some(Self(number))
    }

    /// The number of bytes.
    pub fn get(self) -> u32 {
        self.0
    }
}

/// More than 65,535 bytes of command data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("command data longer than a length field can say")]
pub struct TooLong;

/// Bytes that are no command APDU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a command APDU")]
pub struct MalformedCommand;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn secret(bytes: &[u8]) -> SecretBytes {
        SecretBytes::new(bytes.to_vec())
    }

    #[test]
    fn each_case_has_its_encoding() {
        let header = Header::new(0x00, 0xA4, 0x04, 0x0C);
        let case = |command: Command, bytes: &[u8]| {
            assert_eq!(command.encode().expose(), bytes);
            assert_eq!(Command::parse(bytes), Ok(command));
        };
        let with_data = || Command::new(header).with_data(secret(&[1, 2])).expect("short");
        let le = |number| Le::new(number).expect("in range");

        case(Command::new(header), &[0x00, 0xA4, 0x04, 0x0C]);
        case(Command::new(header).with_le(le(5)), &[0x00, 0xA4, 0x04, 0x0C, 5]);
        case(Command::new(header).with_le(le(256)), &[0x00, 0xA4, 0x04, 0x0C, 0]);
        case(with_data(), &[0x00, 0xA4, 0x04, 0x0C, 2, 1, 2]);
        case(with_data().with_le(le(256)), &[0x00, 0xA4, 0x04, 0x0C, 2, 1, 2, 0]);

        case(Command::new(header).with_le(le(257)), &[0x00, 0xA4, 0x04, 0x0C, 0, 1, 1]);
        case(Command::new(header).with_le(le(65536)), &[0x00, 0xA4, 0x04, 0x0C, 0, 0, 0]);
        case(with_data().extended(), &[0x00, 0xA4, 0x04, 0x0C, 0, 0, 2, 1, 2]);
        case(with_data().with_le(le(65536)), &[0x00, 0xA4, 0x04, 0x0C, 0, 0, 2, 1, 2, 0, 0]);
    }

    #[test]
    fn data_of_256_bytes_needs_an_extended_length() {
        let command = Command::new(Header::new(0x80, 0xA2, 0x00, 0xC1));
        let command = command.with_data(secret(&[7; 256])).expect("fits an extended length");
        assert!(command.is_extended());
        assert_eq!(command.encode().expose()[4..7], [0x00, 0x01, 0x00]);
        assert_eq!(
            Command::new(command.header())
                .with_data(SecretBytes::new(vec![7; 0x1_0000]))
                .expect_err("too long"),
            TooLong
        );
    }

    #[test]
    fn the_form_depends_on_what_is_in_the_command_and_not_on_the_order_of_making() {
        let new = || Command::new(Header::new(0x00, 0xB0, 0x00, 0x00));
        let with = |command: Command, data: &[u8]| command.with_data(secret(data)).expect("fits");
        assert_eq!(with(new().extended(), &[1]), with(new(), &[1]).extended());
        assert_eq!(new().extended().with_le(Le::SHORT_MAX), new().with_le(Le::SHORT_MAX).extended());
        assert!(with(new().extended(), &[1]).is_extended());
        // Without a length field there is none to be extended.
        assert_eq!(new().extended(), new());
        assert_eq!(with(with(new(), &[7; 256]), &[]), new());
        assert!(!with(with(new(), &[7; 256]), &[1]).is_extended());
    }

    #[test]
    fn bytes_that_are_no_command_are_refused() {
        for bytes in [
            &[][..],
            &[0, 0xB0, 0],
            &[0, 0xB0, 0, 0, 0, 1],                // extended Le of one byte
            &[0, 0xB0, 0, 0, 2, 1],                // Lc says more than there is
            &[0, 0xB0, 0, 0, 1, 1, 0, 0],          // two bytes of Le after a short Lc
            &[0, 0xB0, 0, 0, 0, 0, 0, 1],          // extended Lc of zero
            &[0, 0xB0, 0, 0, 0, 0, 0, 1, 1],       // the same with Le
            &[0, 0xB0, 0, 0, 0, 0, 1, 9, 1],       // extended Lc with a short Le
            &[0, 0xB0, 0, 0, 0, 0, 2, 9],          // extended Lc says more than there is
            &[0, 0xB0, 0, 0, 0, 0, 1, 9, 1, 1, 1], // three bytes of Le
        ] {
            assert_eq!(Command::parse(bytes), Err(MalformedCommand), "{bytes:02X?}");
        }
    }

    #[test]
    fn debug_shows_header_and_lengths_only() {
        let verify = Command::new(Header::new(0x00, 0x20, 0x00, 0x98));
        let verify = verify.with_data(secret(b"9876")).expect("short").with_le(Le::SHORT_MAX);
        assert_eq!(format!("{verify:?}"), "Command(00 20 00 98, Lc 4, Le 256)");
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_parsed_again(
            header in any::<[u8; 4]>(),
            byte in any::<u8>(),
            length in prop_oneof![0_usize..300, 65_500_usize..=0xFFFF],
            le in prop::option::of(1_usize..=0x1_0000),
            extended in any::<bool>(),
        ) {
            let [cla, ins, p1, p2] = header;
            let data = vec![byte; length];
            let mut command = Command::new(Header { cla, ins, p1, p2 })
                .with_data(SecretBytes::new(data.clone()))
                .expect("at most 65,535 bytes");
            if let Some(le) = le {
                command = command.with_le(Le::new(le).expect("in range"));
            }
            if extended {
                command = command.extended();
            }
            let parsed = Command::parse(command.encode().expose()).expect("our own encoding");
            prop_assert_eq!(parsed.data(), data);
            prop_assert_eq!(parsed, command);
        }

        #[test]
        fn what_is_parsed_is_encoded_to_the_same_bytes(
            header in any::<[u8; 4]>(),
            // Small numbers in front make valid length fields likely.
            start in prop::collection::vec(0_u8..4, 0..4),
            rest in prop::collection::vec(any::<u8>(), 0..8),
        ) {
            let bytes = [&header[..], &start, &rest].concat();
            if let Ok(command) = Command::parse(&bytes) {
                let encoded = command.encode();
                prop_assert_eq!(encoded.expose(), bytes);
            }
        }
    }
}
