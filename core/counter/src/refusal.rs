//! Which failure an error of the card, the service, the key store or the storage is.

use std::time::Duration;

use jpki::TapError;
use service::{Error, device_key::DeviceKeyError, messages::ProblemCode};

use crate::{Failure, ReaderTrouble, StorageError};

/// A failure, with how long the service asked to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) failure: Failure,
    pub(crate) retry_after: Option<Duration>,
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self { failure, retry_after: None }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let retry_after = match &error {
            Error::Refused { retry_after: Some(seconds), .. } => Some(Duration::from_secs((*seconds).into())),
            _ => None,
        };
        Self { failure: error.into(), retry_after }
    }
}

impl From<ReaderTrouble> for Failure {
    fn from(trouble: ReaderTrouble) -> Self {
        match trouble {
            ReaderTrouble::Failed => Failure::ReaderFailed,
            ReaderTrouble::ServiceMissing => Failure::ReaderServiceMissing,
            ReaderTrouble::NoReader => Failure::NoReader,
            ReaderTrouble::InUse => Failure::ReaderInUse,
            ReaderTrouble::Unplugged => Failure::ReaderUnplugged,
            ReaderTrouble::CardSilent => Failure::CardSilent,
            ReaderTrouble::TimedOut => Failure::ReaderTimedOut,
            ReaderTrouble::NotTrusted => Failure::ReaderNotTrusted,
            ReaderTrouble::Asleep => Failure::ReaderAsleep,
            ReaderTrouble::OutOfReach => Failure::ReaderOutOfReach,
            ReaderTrouble::NfcOff => Failure::NfcOff,
            ReaderTrouble::BluetoothOff => Failure::BluetoothOff,
            ReaderTrouble::BluetoothNotAllowed => Failure::BluetoothNotAllowed,
        }
    }
}

impl From<TapError> for Failure {
    fn from(error: TapError) -> Self {
        match error {
            TapError::NoCertificate => Failure::NoCertificate,
            TapError::NotMyNumberCard => Failure::NotMyNumberCard,
            TapError::SmartphoneCard => Failure::SmartphoneCard,
            TapError::CertificateNeedsPin => Failure::CertificateNeedsPin,
            TapError::FaceAuthenticationCard => Failure::FaceAuthenticationCard,
            TapError::PinWrong { .. } => Failure::PinWrong,
            TapError::PinLastTry => Failure::PinLastTry,
            TapError::PinBlocked => Failure::PinBlocked,
            TapError::BirthDateWrong { .. } => Failure::BirthDateWrong,
            TapError::BirthDateLastTry => Failure::BirthDateLastTry,
            TapError::BirthDateBlocked => Failure::BirthDateBlocked,
            TapError::AnotherCard => Failure::AnotherCard,
            TapError::AskAgain => Failure::AskAgain,
            // An outcome of a newer `jpki` that has no code of its own yet is an answer that is not understood.
            _ => Failure::CardUnreadable,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Unreachable => Failure::Unreachable,
            Error::TimedOut => Failure::TimedOut,
            Error::Untrusted => Failure::ServerUntrusted,
            Error::Refused { code, .. } => code.into(),
            Error::DeviceKey(error) => error.into(),
            Error::CertificateRefused => Failure::DeviceCertificateRefused,
            Error::EndpointInvalid | Error::TrustInvalid => Failure::ServiceAddressInvalid,
            Error::EnrolledInvalid => Failure::StateUnreadable,
            Error::CredentialsInvalid => Failure::CredentialsMalformed,
            _ => Failure::AnswerUnreadable,
        }
    }
}

impl From<ProblemCode> for Failure {
    fn from(code: ProblemCode) -> Self {
        match code {
            ProblemCode::MalformedRequest => Failure::RequestRefused,
            ProblemCode::TooLarge => Failure::RequestTooLarge,
            ProblemCode::EnrollmentRefused => Failure::EnrollmentRefused,
            ProblemCode::EnrollmentRequestInvalid => Failure::EnrollmentRequestRefused,
            ProblemCode::AttestationRefused => Failure::DeviceNotAttested,
            ProblemCode::DeviceUnknown => Failure::DeviceUnknown,
            ProblemCode::DeviceCertificateExpired => Failure::DeviceCertificateExpired,
            ProblemCode::DeviceSuspended => Failure::DeviceSuspended,
            ProblemCode::DeviceRevoked => Failure::DeviceRevoked,
            ProblemCode::MethodNotAllowed => Failure::MethodNotAllowed,
            ProblemCode::ChallengeExpired => Failure::ChallengeExpired,
            ProblemCode::ChallengeUsed => Failure::ChallengeUsed,
            ProblemCode::ChallengeInvalid => Failure::ChallengeInvalid,
            ProblemCode::RequestConflict => Failure::RequestConflict,
            ProblemCode::RequestInProgress => Failure::StillWorking,
            ProblemCode::CardCertificateMalformed => Failure::CertificateMalformed,
            ProblemCode::CardCertificateUntrusted => Failure::CertificateUntrusted,
            ProblemCode::CardCertificateWrongKind => Failure::CertificateWrongKind,
            ProblemCode::CardCertificateExpired => Failure::CertificateExpired,
            ProblemCode::CardCertificateNotYetValid => Failure::CertificateNotYetValid,
            ProblemCode::CardCertificateRevoked => Failure::CertificateRevoked,
            ProblemCode::RevocationUnavailable => Failure::RevocationUnavailable,
            ProblemCode::CardCertificateNeeded => Failure::CertificateNeeded,
            ProblemCode::CardSignatureInvalid => Failure::CardSignatureInvalid,
            ProblemCode::CardRecordUntrusted => Failure::CardRecordUntrusted,
            ProblemCode::CardRecordMismatch => Failure::CardRecordMismatch,
            ProblemCode::CardChanged => Failure::CardChanged,
            ProblemCode::RateLimited => Failure::RateLimited,
            ProblemCode::Unavailable => Failure::ServiceUnavailable,
            ProblemCode::Internal => Failure::ServiceFailed,
            _ => Failure::RefusalUnknown,
        }
    }
}

impl From<DeviceKeyError> for Failure {
    fn from(error: DeviceKeyError) -> Self {
        match error {
            DeviceKeyError::Missing => Failure::DeviceKeyMissing,
            DeviceKeyError::TimedOut => Failure::DeviceKeyTimedOut,
            DeviceKeyError::Damaged => Failure::DeviceKeyDamaged,
            DeviceKeyError::Newer => Failure::DeviceKeyNewer,
            _ => Failure::DeviceKeyRefused,
        }
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::ReadOnly => Failure::StorageReadOnly,
            StorageError::Full => Failure::StorageFull,
            StorageError::InUse => Failure::StorageInUse,
            StorageError::Failed => Failure::StorageFailed,
        }
    }
}

/// A worker that was stopped, or a port that panicked, in the middle of its work.
impl From<tokio::task::JoinError> for Failure {
    fn from(_: tokio::task::JoinError) -> Self {
        Failure::WorkerFailed
    }
}
