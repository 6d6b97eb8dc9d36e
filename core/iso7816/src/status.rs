//! Status words.

use core::fmt;

/// SW1 and SW2 of a response (ISO/IEC 7816-4 §5.6). Displayed as four hexadecimal digits.
///
/// Names and meanings are those of the standard, but for two words of one maker that are marked. A word
/// that is not in the list is kept as it is: a `u16` goes in and the same `u16` comes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StatusWord {
    /// `9000`: done.
    Success,
    /// `6282`: the end of the file came before Ne bytes were read.
    EndOfFile,
    /// `6300`: non-volatile memory has changed, no information given. As the answer to a VERIFY without
    /// data: no number of tries is shown.
    NoInformation,
    /// `63C0` to `63CF`: a counter. After VERIFY: the tries that are left.
    Counter(u8),
    /// `66F1`: no session key in this application (one maker's word, reported for the My Number card).
    NoSessionKey,
    /// `6700`: wrong length.
    WrongLength,
    /// `6881`: logical channel not supported.
    LogicalChannelNotSupported,
    /// `6882`: secure messaging not supported.
    SecureMessagingNotSupported,
    /// `6981`: command incompatible with the structure of the file.
    IncompatibleFileStructure,
    /// `6982`: security status not satisfied.
    SecurityStatusNotSatisfied,
    /// `6983`: authentication method blocked.
    AuthenticationMethodBlocked,
    /// `6984`: reference data not usable.
    ReferenceDataNotUsable,
    /// `6985`: conditions of use not satisfied.
    ConditionsNotSatisfied,
    /// `6988`: incorrect data objects of secure messaging.
    IncorrectSecureMessagingObjects,
    /// `69FC`: no session of secure messaging (one maker's word, reported for the My Number card).
    NoSecureMessagingSession,
    /// `6A80`: incorrect parameters in the command data.
    IncorrectData,
    /// `6A82`: file or application not found.
    FileNotFound,
    /// `6A86`: incorrect parameters P1 P2.
    IncorrectParameters,
    /// `6A88`: referenced data or reference data not found.
    ReferencedDataNotFound,
    /// `6B00`: wrong parameters P1 P2. After READ BINARY: the offset is beyond the end of the file.
    WrongParameters,
    /// `6D00`: instruction not supported or invalid.
    InstructionNotSupported,
    /// `6E00`: class not supported.
    ClassNotSupported,
    /// `6F00`: no precise diagnosis.
    NoPreciseDiagnosis,
    /// Any other word. Made by `From<u16>`, so it never holds a word that has a name.
    Other(u16),
}

impl From<u16> for StatusWord {
    fn from(word: u16) -> Self {
        match word {
            0x9000 => Self::Success,
            0x6282 => Self::EndOfFile,
            0x6300 => Self::NoInformation,
            0x63C0..=0x63CF => Self::Counter((word & 0x0F) as u8),
            0x66F1 => Self::NoSessionKey,
            0x6700 => Self::WrongLength,
            0x6881 => Self::LogicalChannelNotSupported,
            0x6882 => Self::SecureMessagingNotSupported,
            0x6981 => Self::IncompatibleFileStructure,
            0x6982 => Self::SecurityStatusNotSatisfied,
            0x6983 => Self::AuthenticationMethodBlocked,
            0x6984 => Self::ReferenceDataNotUsable,
            0x6985 => Self::ConditionsNotSatisfied,
            0x6988 => Self::IncorrectSecureMessagingObjects,
            0x69FC => Self::NoSecureMessagingSession,
            0x6A80 => Self::IncorrectData,
            0x6A82 => Self::FileNotFound,
            0x6A86 => Self::IncorrectParameters,
            0x6A88 => Self::ReferencedDataNotFound,
            0x6B00 => Self::WrongParameters,
            0x6D00 => Self::InstructionNotSupported,
            0x6E00 => Self::ClassNotSupported,
            0x6F00 => Self::NoPreciseDiagnosis,
            other => Self::Other(other),
        }
    }
}

impl From<StatusWord> for u16 {
    fn from(status: StatusWord) -> Self {
        match status {
            StatusWord::Success => 0x9000,
            StatusWord::EndOfFile => 0x6282,
            StatusWord::NoInformation => 0x6300,
            StatusWord::Counter(number) => 0x63C0 | u16::from(number & 0x0F),
            StatusWord::NoSessionKey => 0x66F1,
            StatusWord::WrongLength => 0x6700,
            StatusWord::LogicalChannelNotSupported => 0x6881,
            StatusWord::SecureMessagingNotSupported => 0x6882,
            StatusWord::IncompatibleFileStructure => 0x6981,
            StatusWord::SecurityStatusNotSatisfied => 0x6982,
            StatusWord::AuthenticationMethodBlocked => 0x6983,
            StatusWord::ReferenceDataNotUsable => 0x6984,
            StatusWord::ConditionsNotSatisfied => 0x6985,
            StatusWord::IncorrectSecureMessagingObjects => 0x6988,
            StatusWord::NoSecureMessagingSession => 0x69FC,
            StatusWord::IncorrectData => 0x6A80,
            StatusWord::FileNotFound => 0x6A82,
            StatusWord::IncorrectParameters => 0x6A86,
            StatusWord::ReferencedDataNotFound => 0x6A88,
            StatusWord::WrongParameters => 0x6B00,
            StatusWord::InstructionNotSupported => 0x6D00,
            StatusWord::ClassNotSupported => 0x6E00,
            StatusWord::NoPreciseDiagnosis => 0x6F00,
            StatusWord::Other(word) => word,
        }
    }
}

impl fmt::Display for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}", u16::from(*self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_comes_back_as_it_went() {
        for word in 0..=u16::MAX {
            assert_eq!(u16::from(StatusWord::from(word)), word);
        }
    }

    #[test]
    fn tries_are_the_last_half_byte() {
        assert_eq!(StatusWord::from(0x63C0), StatusWord::Counter(0));
        assert_eq!(StatusWord::from(0x63CA), StatusWord::Counter(10));
        assert_eq!(StatusWord::from(0x63D1), StatusWord::Other(0x63D1));
        assert_eq!(StatusWord::Counter(3).to_string(), "63C3");
    }
}
