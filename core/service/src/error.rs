//! Why the service could not be asked, or what it refused.

use std::error::Error as StdError;
use std::io;

use rustls::AlertDescription as Alert;

use crate::device_key::DeviceKeyError;
use crate::messages::ProblemCode;

/// Why a call to the service gave no answer. No text of this type holds anything that came over the line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No connection, or it was lost before the whole answer was there.
    ///
    /// In rare cases this stands for [`Self::CertificateRefused`]: TLS 1.3 lets a client begin before the server has
    /// seen its certificate, and if the server's alert is read before the request is on its way, the HTTP client tells
    /// of a closed connection and keeps the reason to itself. Whoever asks again gets to know; nothing was sent.
    #[error("no connection to the service")]
    Unreachable,
    /// Connecting or answering took longer than [`Timeouts`](crate::Timeouts) allow.
    #[error("the service did not answer in time")]
    TimedOut,
    /// Another root, another name, out of date, or no TLS 1.3 at all. Never bypassed.
    #[error("the server is not the service that this device trusts")]
    Untrusted,
    /// The service ended the TLS connection because of the device certificate (RFC 8446 §6.2): out of date, or of
    /// no use any more. The device must be enrolled anew.
    #[error("the service does not accept the device certificate")]
    CertificateRefused,
    /// Not the status, media type, size or content that belongs to this call.
    #[error("the service's answer could not be read")]
    AnswerUnreadable,
    /// The service answered with a problem (RFC 9457).
    #[error("the service refused: {code:?}")]
    Refused {
        /// Why.
        code: ProblemCode,
        /// Seconds after which asking again makes sense.
        retry_after: Option<u32>,
    },
    /// The device key did not serve.
    #[error(transparent)]
    DeviceKey(#[from] DeviceKeyError),
    /// Not an `https` URL of scheme, host and port alone.
    #[error("the endpoint is no https URL or holds more than an origin")]
    EndpointInvalid,
    /// The root that was to be trusted is no certificate.
    #[error("the service's root is no certificate")]
    TrustInvalid,
    /// There is no device certificate, or the root kept at enrolment is not the one to be trusted.
    #[error("what was kept of the enrolment is not whole")]
    EnrolledInvalid,
    /// A text that no service gives out as account or activation code: nothing was sent.
    #[error("not an account or not an activation code")]
    CredentialsInvalid,
}

impl Error {
    /// Whether the very same request, sent once more a little later, may be answered.
    ///
    /// For a check this needs no second tap: the request id makes sure that it counts once, and a service stores
    /// none of these refusals as its decision.
    pub fn retryable(&self) -> bool {
        match self {
            Self::Unreachable | Self::TimedOut => true,
            Self::Refused { code, .. } => matches!(
                code,
                ProblemCode::RequestInProgress
                    | ProblemCode::RevocationUnavailable
                    | ProblemCode::RateLimited
                    | ProblemCode::Unavailable
                    | ProblemCode::Internal
            ),
            _ => false,
        }
    }

    /// What a failed exchange means.
    pub(crate) fn from_exchange(error: &reqwest::Error) -> Self {
        let tls = causes(error).find_map(|cause| cause.downcast_ref::<rustls::Error>());
        // While connecting the server has not shown yet who it is, so that its alerts say nothing about us. After
        // that it is the service who speaks: in TLS 1.3 it sees the client certificate last of all.
        if !error.is_connect() && causes(error).any(is_about_our_certificate) {
            return Self::CertificateRefused;
        }
        match tls {
            Some(rustls::Error::Other(other)) => {
                other.0.downcast_ref::<DeviceKeyError>().map_or(Self::Untrusted, |key| Self::DeviceKey(*key))
            }
            Some(_) if error.is_connect() => Self::Untrusted,
            _ if error.is_timeout() => Self::TimedOut,
            _ => Self::Unreachable,
        }
    }
}

/// The causes of a failed exchange, outermost first. An [`io::Error`] does not tell the error in it as its source.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    core::iter::successors(error.source(), |&error| {
        let within = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        within.map(|inner| inner as &(dyn StdError + 'static)).or_else(|| error.source())
    })
}

/// Whether a cause is an alert that speaks of the client's certificate (RFC 8446 §6.2).
///
/// Compared by text, because h2 keeps nothing else of an error of the connection under it.
fn is_about_our_certificate(cause: &(dyn StdError + 'static)) -> bool {
    const ALERTS: [Alert; 9] = [
        Alert::BadCertificate,
        Alert::UnsupportedCertificate,
        Alert::CertificateRevoked,
        Alert::CertificateExpired,
        Alert::CertificateUnknown,
        Alert::UnknownCA,
        Alert::AccessDenied,
        // The certificate, or the proof of its key, carries a wrong signature.
        Alert::DecryptError,
        Alert::CertificateRequired,
    ];
    let text = cause.to_string();
    ALERTS.iter().any(|alert| rustls::Error::AlertReceived(*alert).to_string() == text)
}
