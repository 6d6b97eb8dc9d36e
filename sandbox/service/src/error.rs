//! Why the service did not start, or the administrator's command was not carried out.

use std::{io, net::SocketAddr, path::PathBuf};

/// What went wrong, and by [`remedy`](Error::remedy) what to do.
///
/// What a device did wrong is never here: that is a problem (RFC 9457) in an answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The state folder or a file in it cannot be written or read.
    #[error("the state folder {} cannot be used: {}", path.display(), in_words(*kind))]
    StateFolder {
        /// The folder.
        path: PathBuf,
        /// What the operating system said.
        kind: io::ErrorKind,
    },
    /// No service has used the folder.
    #[error("{} is not the state folder of a service", path.display())]
    StateMissing {
        /// The folder.
        path: PathBuf,
    },
    /// No space is left where the state folder lies.
    #[error("no space is left for the state folder")]
    DiskFull,
    /// The state folder, or where it should be made, takes no writing.
    #[error("the state folder is read-only")]
    ReadOnly,
    /// Another service works on the same state folder.
    #[error("another service already works on the state folder {}", path.display())]
    StateInUse {
        /// The folder.
        path: PathBuf,
    },
    /// `service.db` is no database or is damaged.
    #[error("the database service.db is damaged")]
    DatabaseDamaged,
    /// `service.db` was written by a newer version.
    #[error("the database service.db is of version {found}, newer than this program")]
    DatabaseNewer {
        /// The version found.
        found: i64,
    },
    /// Another process held the database for too long.
    #[error("the database service.db is busy")]
    DatabaseBusy,
    /// The database failed in another way.
    #[error("the database failed: {0}")]
    Database(#[source] sqlx::Error),
    /// A key or certificate of the service is missing or unreadable.
    #[error("the file {0} of the state folder is damaged or missing")]
    KeyDamaged(&'static str),
    /// The cryptographic library failed to make a key or a certificate.
    #[error("a key or certificate could not be made")]
    Crypto,
    /// The address is taken.
    #[error("{0} is already in use")]
    AddressInUse(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {kind}")]
    AddressUnusable {
        /// The address.
        address: SocketAddr,
        /// What the operating system said.
        kind: io::ErrorKind,
    },
    /// The public URL is no https origin.
    #[error("the public URL must be https://HOST or https://HOST:PORT")]
    PublicUrlInvalid,
    /// The clock is before the time at which this state was last written.
    #[error("the clock is wrong: it says {now}, but the service was already at work at {last}")]
    ClockBehind {
        /// What the clock says.
        now: time::OffsetDateTime,
        /// The last time the service wrote.
        last: time::OffsetDateTime,
    },
    /// The clock stands outside the life of the service's own certificates.
    #[error("the clock is wrong: it says {now}, and the service's own certificates are not valid then")]
    ClockOutside {
        /// What the clock says.
        now: time::OffsetDateTime,
    },
    /// The file of a person cannot be used.
    #[error("the [service] half of person {person}: {source}")]
    Person {
        /// Name of the file without its ending.
        person: String,
        /// What is wrong.
        source: crate::PersonError,
    },
    /// Two persons hold the same certificate.
    #[error("the persons {0} and {1} hold the same certificate")]
    PersonsClash(String, String),
    /// The institution's code is taken.
    #[error("an institution with this code is there already")]
    InstitutionExists,
    /// No institution has this code.
    #[error("no institution has this code")]
    InstitutionUnknown,
    /// A code must be short and of digits and letters.
    #[error("a 医療機関コード has 10 digits; a 登録記号番号 has at most 20 letters and digits")]
    InstitutionCodeInvalid,
    /// A name is a line of text.
    #[error("the institution's name must be one line of 1 to 60 characters")]
    InstitutionNameInvalid,
    /// What a device is, is a line of text.
    #[error("the device's platform must be one line of at most 60 characters")]
    PlatformInvalid,
    /// No device has this account.
    #[error("no device has this account")]
    DeviceUnknown,
    /// What is revoked stays revoked.
    #[error("the device is revoked")]
    DeviceRevoked,
}

impl Error {
    /// What the reader of the message can do.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::StateFolder { .. } => "choose a folder that you own with --state, or mend its permissions",
            Self::StateMissing { .. } => {
                "name the folder of the service with --state; a new one is made by: madoguchi-sandbox up"
            }
            Self::DiskFull => "free some space, or choose a folder on another disk with --state",
            Self::ReadOnly => "choose a writable folder with --state, or mend its permissions",
            Self::StateInUse { .. } => "stop the other service, or choose another folder with --state",
            Self::DatabaseDamaged => {
                "put a copy of the folder back, or start with a new folder (all devices must be enrolled again)"
            }
            Self::DatabaseNewer { .. } => "use the newer program, or a new folder with --state",
            Self::DatabaseBusy => "try again; if it stays so, stop other programs that use the folder",
            Self::Database(_) => {
                "look at the message; a new folder with --state helps where nothing else does"
            }
            Self::KeyDamaged(_) => {
                "put the file back from a copy, or start with a new folder (all devices must be enrolled again)"
            }
            Self::Crypto => "try again; if it stays so, report it",
            Self::AddressInUse(_) => {
                "another service runs there: stop it, or listen elsewhere with --listen 127.0.0.1:PORT"
            }
            Self::AddressUnusable { .. } => {
                "listen on an address of this machine, for example 127.0.0.1:8443"
            }
            Self::PublicUrlInvalid => {
                "give the scheme https, the host and if needed the port, and nothing else"
            }
            Self::ClockBehind { .. } | Self::ClockOutside { .. } => {
                "set the clock of this machine, then start again"
            }
            Self::Person { .. } => "mend the file; the named persons under sandbox/persons show how it looks",
            Self::PersonsClash(..) => "give one of them another serial number in [card.certificate]",
            Self::InstitutionExists => "use it, or choose another code",
            Self::InstitutionUnknown => {
                "add it first: madoguchi-sandbox institution add --state FOLDER --code CODE --name NAME"
            }
            Self::InstitutionCodeInvalid => "for trying out, use 9919900010: prefecture 99 does not exist",
            Self::InstitutionNameInvalid => "give the name that staff know it by",
            Self::PlatformInvalid => "give a word for the list, such as phone, tablet or PC",
            Self::DeviceUnknown => "see the accounts: madoguchi-sandbox device list",
            Self::DeviceRevoked => "add a new device: madoguchi-sandbox device add",
        }
    }

    pub(crate) fn folder(path: &std::path::Path, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                Self::DiskFull
            }
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            kind => Self::StateFolder { path: path.to_owned(), kind },
        }
    }
}

/// What an error of the operating system means for a folder.
fn in_words(kind: io::ErrorKind) -> String {
    match kind {
        io::ErrorKind::NotFound => "the folder in which it should be made does not exist".to_owned(),
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => "a file has this name".to_owned(),
        kind => kind.to_string(),
    }
}

/// Extended result codes of SQLite carry the primary one in their low byte (sqlite.org/rescode.html).
impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let code = error
            .as_database_error()
            .and_then(|error| error.code().and_then(|code| code.parse::<u32>().ok()))
            .map(|code| code & 0xFF);
        match code {
            Some(5 | 6) => Self::DatabaseBusy,
            Some(8) => Self::ReadOnly,
            Some(11 | 26) => Self::DatabaseDamaged,
            Some(13) => Self::DiskFull,
            _ => Self::Database(error),
        }
    }
}
