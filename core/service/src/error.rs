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
    /// For a check this needs no second tap: the request id makes sure that it counts once.
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

    /// What a failed exchange means. The TLS error is what counts; where it stands depends on the HTTP version.
    pub(crate) fn from_exchange(error: &reqwest::Error) -> Self {
        match tls_error(error) {
            Some(rustls::Error::Other(other)) => {
                other.0.downcast_ref::<DeviceKeyError>().map_or(Self::Untrusted, |key| Self::DeviceKey(*key))
            }
            // While connecting the server has not shown yet who it is. After that, it is the service who speaks:
            // a server of TLS 1.3 looks at the client certificate when the client has verified the server's.
            Some(rustls::Error::AlertReceived(alert)) if !error.is_connect() && is_about_us(*alert) => {
                Self::CertificateRefused
            }
            Some(_) if error.is_connect() => Self::Untrusted,
            _ if error.is_timeout() => Self::TimedOut,
            _ => Self::Unreachable,
        }
    }
}

/// Whether an alert speaks of the client's certificate (RFC 8446 §6.2).
fn is_about_us(alert: Alert) -> bool {
    matches!(
        alert,
        Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateExpired
            | Alert::CertificateUnknown
            | Alert::UnknownCA
            | Alert::AccessDenied
            | Alert::CertificateRequired
            // Our own signature did not fit: the key in the store is not the certificate's.
            | Alert::DecryptError
    )
}

/// The error of rustls at the bottom of a failed exchange.
fn tls_error(error: &reqwest::Error) -> Option<&rustls::Error> {
    let mut next: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(error) = next {
        if let Some(tls) = error.downcast_ref() {
            return Some(tls);
        }
        // An io::Error does not tell its inner error as its source, and h2 does not tell its io::Error.
        let io = error.downcast_ref::<io::Error>().or_else(|| error.downcast_ref::<h2::Error>()?.get_io());
        next = match io.and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}
