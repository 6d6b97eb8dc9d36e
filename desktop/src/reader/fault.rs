//! What an error of PC/SC means for a check.

use counter::{Lost, ReaderTrouble};
use pcsc::Error;

/// What an error says about service, reader and card. The same error means another thing before a tap and in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The card is not there any more, or is not as it was left: another program reset it, and what it had verified
    /// may be gone.
    CardGone,
    /// The card is there and without power: it did not start, or another program took the power.
    Unpowered,
    /// The card gave no answer to reset, or one that the reader cannot use.
    CardSilent,
    /// Another program has the card.
    InUse,
    /// There is no reader.
    NoReader,
    /// This reader is not there any more.
    Unplugged,
    /// The service is there and does not let this user have its readers or cards (on Linux: polkit).
    NotAllowed,
    /// The service is not there, or not the one that was spoken to.
    ServiceGone,
    /// The time that was asked for has passed.
    Late,
    /// Something between us and the card broke: service, reader or card. One has to look.
    Unclear,
    /// What should not happen.
    Failed,
}

impl Fault {
    /// What it is where no command has gone to a card yet.
    pub(super) fn before_tap(self) -> Lost {
        let trouble = match self {
            Self::CardGone => return Lost::CardGone,
            Self::Unpowered | Self::CardSilent => ReaderTrouble::CardSilent,
            Self::InUse => ReaderTrouble::InUse,
            Self::NoReader => ReaderTrouble::NoReader,
            Self::Unplugged => ReaderTrouble::Unplugged,
            // For us there is none.
            Self::ServiceGone | Self::NotAllowed => ReaderTrouble::ServiceMissing,
            Self::Late => ReaderTrouble::TimedOut,
            Self::Unclear | Self::Failed => ReaderTrouble::Failed,
        };
        Lost::Reader(trouble)
    }

    /// What it is for a tap whose command was answered by it. `None`: look what is still there.
    pub(super) fn in_tap(self) -> Option<Lost> {
        let trouble = match self {
            Self::CardGone | Self::Unpowered | Self::CardSilent => return Some(Lost::CardGone),
            // A reader that goes may take the service with it, and a service that starts again has its readers soon.
            Self::NoReader | Self::Unplugged | Self::ServiceGone | Self::Unclear => return None,
            Self::InUse => ReaderTrouble::InUse,
            Self::NotAllowed => ReaderTrouble::ServiceMissing,
            Self::Late => ReaderTrouble::TimedOut,
            Self::Failed => ReaderTrouble::Failed,
        };
        Some(Lost::Reader(trouble))
    }

    /// Whether the service is to be asked for anew.
    pub(super) fn ends_service(self) -> bool {
        matches!(self, Self::ServiceGone | Self::NotAllowed | Self::Unclear | Self::Failed)
    }

    /// What it is for somebody who waits or looks, and speaks with no card.
    pub(super) fn trouble(self) -> ReaderTrouble {
        match self.before_tap() {
            Lost::Reader(trouble) => trouble,
            Lost::CardGone => ReaderTrouble::Failed,
        }
    }
}

/// Every error that the library knows; codes of the system that it does not know come as
/// [`UnknownError`](Error::UnknownError).
///
/// The meanings are those of Windows' documentation. Where pcsc-lite was seen to do otherwise it is said
/// (measured with pcsc-lite 1.9.9).
impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::NoSmartcard | Error::RemovedCard | Error::ResetCard => Self::CardGone,
            Error::UnpoweredCard => Self::Unpowered,
            // pcsc-lite says `ProtoMismatch` when it cannot read the answer to reset.
            Error::UnresponsiveCard
            | Error::UnsupportedCard
            | Error::CardUnsupported
            | Error::InvalidAtr
            | Error::ProtoMismatch => Self::CardSilent,
            // Busy: with the cards of others.
            Error::SharingViolation | Error::ServerTooBusy => Self::InUse,
            Error::SecurityViolation => Self::NotAllowed,
            Error::NoReadersAvailable => Self::NoReader,
            Error::UnknownReader | Error::ReaderUnavailable => Self::Unplugged,
            // A handle of a service that has started again since is unknown to it.
            Error::NoService | Error::ServiceStopped | Error::Shutdown | Error::InvalidHandle => {
                Self::ServiceGone
            }
            Error::Timeout => Self::Late,
            // pcsc-lite: `NotTransacted` when a card was pulled out, `CommError` when pcscd was killed.
            Error::NotTransacted
            | Error::CommError
            | Error::CommDataLost
            | Error::NotReady
            | Error::UnknownError => Self::Unclear,
            Error::InternalError
            | Error::Cancelled
            | Error::SystemCancelled
            | Error::CancelledByUser
            | Error::InvalidParameter
            | Error::InvalidTarget
            | Error::InvalidValue
            | Error::NoMemory
            | Error::WaitedTooLong
            | Error::InsufficientBuffer
            | Error::PciTooSmall
            | Error::UnknownCard
            | Error::CantDispose
            | Error::ReaderUnsupported
            | Error::DuplicateReader
            | Error::IccInstallation
            | Error::IccCreateorder
            | Error::UnsupportedFeature
            | Error::DirNotFound
            | Error::FileNotFound
            | Error::NoDir
            | Error::NoFile
            | Error::NoAccess
            | Error::WriteTooMany
            | Error::BadSeek
            | Error::InvalidChv
            | Error::UnknownResMng
            | Error::NoSuchCertificate
            | Error::CertificateUnavailable
            | Error::NoKeyContainer
            | Error::WrongChv
            | Error::ChvBlocked
            | Error::Eof
            | Error::CardNotAuthenticated
            | Error::CacheItemNotFound
            | Error::CacheItemStale
            | Error::CacheItemTooBig => Self::Failed,
            #[cfg(target_os = "windows")]
            Error::Unexpected => Self::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ReaderTrouble as Trouble;

    const GONE: Lost = Lost::CardGone;

    const fn trouble(trouble: Trouble) -> Lost {
        Lost::Reader(trouble)
    }

    /// Each error: what it is before a tap, and in it (`None`: one has to look).
    const TABLE: &[(Error, Lost, Option<Lost>)] = &[
        (Error::InternalError, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::Cancelled, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::InvalidHandle, trouble(Trouble::ServiceMissing), None),
        (Error::InvalidParameter, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::InvalidTarget, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::NoMemory, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::WaitedTooLong, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::InsufficientBuffer, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::UnknownReader, trouble(Trouble::Unplugged), None),
        (Error::Timeout, trouble(Trouble::TimedOut), Some(trouble(Trouble::TimedOut))),
        (Error::SharingViolation, trouble(Trouble::InUse), Some(trouble(Trouble::InUse))),
        (Error::NoSmartcard, GONE, Some(GONE)),
        (Error::UnknownCard, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::CantDispose, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::ProtoMismatch, trouble(Trouble::CardSilent), Some(GONE)),
        (Error::NotReady, trouble(Trouble::Failed), None),
        (Error::InvalidValue, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::SystemCancelled, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::CommError, trouble(Trouble::Failed), None),
        (Error::UnknownError, trouble(Trouble::Failed), None),
        (Error::InvalidAtr, trouble(Trouble::CardSilent), Some(GONE)),
        (Error::NotTransacted, trouble(Trouble::Failed), None),
        (Error::ReaderUnavailable, trouble(Trouble::Unplugged), None),
        (Error::Shutdown, trouble(Trouble::ServiceMissing), None),
        (Error::PciTooSmall, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::ReaderUnsupported, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::DuplicateReader, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::CardUnsupported, trouble(Trouble::CardSilent), Some(GONE)),
        (Error::NoService, trouble(Trouble::ServiceMissing), None),
        (Error::ServiceStopped, trouble(Trouble::ServiceMissing), None),
        (Error::IccInstallation, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::IccCreateorder, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::UnsupportedFeature, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::DirNotFound, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::FileNotFound, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::NoDir, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::NoFile, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::NoAccess, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::WriteTooMany, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::BadSeek, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::InvalidChv, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::UnknownResMng, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::NoSuchCertificate, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::CertificateUnavailable, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::NoReadersAvailable, trouble(Trouble::NoReader), None),
        (Error::CommDataLost, trouble(Trouble::Failed), None),
        (Error::NoKeyContainer, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::ServerTooBusy, trouble(Trouble::InUse), Some(trouble(Trouble::InUse))),
        (Error::UnsupportedCard, trouble(Trouble::CardSilent), Some(GONE)),
        (Error::UnresponsiveCard, trouble(Trouble::CardSilent), Some(GONE)),
        (Error::UnpoweredCard, trouble(Trouble::CardSilent), Some(GONE)),
        (Error::ResetCard, GONE, Some(GONE)),
        (Error::RemovedCard, GONE, Some(GONE)),
        (Error::SecurityViolation, trouble(Trouble::ServiceMissing), Some(trouble(Trouble::ServiceMissing))),
        (Error::WrongChv, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::ChvBlocked, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::Eof, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::CancelledByUser, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::CardNotAuthenticated, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::CacheItemNotFound, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::CacheItemStale, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
        (Error::CacheItemTooBig, trouble(Trouble::Failed), Some(trouble(Trouble::Failed))),
    ];

    #[test]
    fn every_error_has_its_meaning_before_a_tap_and_in_it() {
        for &(error, before, within) in TABLE {
            let fault = Fault::from(error);
            assert_eq!(fault.before_tap(), before, "{error:?} before a tap");
            assert_eq!(fault.in_tap(), within, "{error:?} in a tap");
        }
    }

    /// The library's errors stand in two blocks (MSDN, "Smart Card Return Values"), 0x80100001 to 0x80100031 and
    /// 0x80100065 to 0x80100072. `UnsupportedFeature` is 0x80100022 on Windows; pcsc-lite has it as 0x8010001F,
    /// which is `Unexpected` there, and nothing as 0x80100022.
    #[test]
    fn the_table_has_every_error() {
        let mut codes: Vec<u32> = TABLE.iter().map(|(error, ..)| *error as u32).collect();
        codes.sort_unstable();
        let mut all: Vec<u32> = (0x8010_0001..=0x8010_0031).chain(0x8010_0065..=0x8010_0072).collect();
        let not_in_table = if cfg!(windows) { 0x8010_001F } else { 0x8010_0022 };
        all.retain(|code| *code != not_in_table);
        assert_eq!(codes, all);
    }

    /// In a tap a mere reset is a loss: what was verified may be gone, and nothing may be sent as if it were not.
    #[test]
    fn no_loss_is_hidden() {
        assert_eq!(Fault::from(Error::ResetCard).in_tap(), Some(GONE));
        assert_eq!(Fault::from(Error::UnpoweredCard).in_tap(), Some(GONE));
    }
}
