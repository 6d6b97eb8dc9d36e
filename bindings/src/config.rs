//! What the shell knows before anything is stored.

use counter::{Cues, Language, Lengths, LoginKind};
use service::{Endpoint, Trust};
use url::Url;

/// What the shell knows before anything is stored. How staff log in is not among it: by a passcode, as on every phone and
/// tablet.
#[derive(Debug, Clone, Default, uniffi::Record)]
pub struct Config {
    /// The service for account and code that are typed; with a link it is not needed.
    pub service: Option<ServiceAddress>,
    /// Whom staff call: name and number, as they are to be shown.
    pub help_desk: Option<String>,
    /// The language until somebody chooses another one.
    pub language: Language,
    /// What this device's own NFC can carry. Short is right unless it was measured.
    pub lengths: Lengths,
    /// Whether this device recognises fingers or faces so that a key in its hardware can depend on it (on Android a Class
    /// 3 sensor).
    pub biometrics: bool,
    /// Whether a card is held to this device itself where no Bluetooth reader is in use.
    pub nfc: bool,
    /// How this device can draw attention.
    pub cues: Cues,
}

/// Where a service is, and whom to trust there.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ServiceAddress {
    /// `https://`, host and port; nothing else.
    pub url: String,
    /// The service's root.
    pub root: ServiceRoot,
}

/// The one root under which a service is trusted.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum ServiceRoot {
    /// This certificate.
    Certificate {
        /// DER.
        der: Vec<u8>,
    },
    /// The certificate with this hash, which the server sends in its chain.
    Fingerprint {
        /// SHA-256, 32 bytes.
        sha256: Vec<u8>,
    },
}

/// Why there is no counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum OpenError {
    /// The address of the service is none.
    #[error("the service's address is not a URL")]
    ServiceAddress,
    /// The fingerprint of the service's root has not 32 bytes.
    #[error("a fingerprint has 32 bytes")]
    Fingerprint,
    /// The system gives no threads.
    #[error("the system gives no threads")]
    Threads,
}

impl TryFrom<Config> for counter::Config {
    type Error = OpenError;

    fn try_from(config: Config) -> Result<Self, OpenError> {
        let Config { service, help_desk, language, lengths, biometrics, nfc, cues } = config;
        let endpoint = service.map(Endpoint::try_from).transpose()?;
        let login = LoginKind::Passcode;
        Ok(Self { endpoint, help_desk, language, login, lengths, biometrics, nfc, cues })
    }
}

impl TryFrom<ServiceAddress> for Endpoint {
    type Error = OpenError;

    fn try_from(address: ServiceAddress) -> Result<Self, OpenError> {
        let url = Url::parse(&address.url).map_err(|_| OpenError::ServiceAddress)?;
        let trust = match address.root {
            ServiceRoot::Certificate { der } => Trust::Root(der),
            ServiceRoot::Fingerprint { sha256 } => {
                Trust::Fingerprint(sha256.try_into().map_err(|_| OpenError::Fingerprint)?)
            }
        };
        Ok(Self { url, trust })
    }
}
