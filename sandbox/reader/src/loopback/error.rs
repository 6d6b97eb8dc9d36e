//! What can go wrong on loopback: for whoever starts the interface, and for whoever speaks to it.

use std::io::ErrorKind;
use std::net::SocketAddr;

use serde::Serialize;

/// So many characters of what is malformed are told: it repeats names out of the JSON, which may fill a frame.
const LONGEST_TEXT: usize = 200;

/// Why the interface does not listen, and by [`remedy`](Error::remedy) what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Others could reach it.
    #[error("{0} はループバックではありません / {0} is not a loopback address")]
    NotLoopback(SocketAddr),
    /// Somebody listens there already.
    #[error("{0} は使用中です / {0} is in use")]
    Taken(SocketAddr),
    /// It failed in another way.
    #[error("{address} で待ち受けできません / cannot listen at {address}: {kind}")]
    Unavailable {
        /// Where.
        address: SocketAddr,
        /// What the operating system said.
        kind: ErrorKind,
    },
}

impl Error {
    pub(super) fn unavailable(address: SocketAddr, kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::AddrInUse => Self::Taken(address),
            kind => Self::Unavailable { address, kind },
        }
    }

    /// What the reader of the message can do.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::NotLoopback(_) => {
                "127.0.0.1 か [::1] を指定してください / give an address of 127.0.0.1 or [::1]"
            }
            Self::Taken(_) | Self::Unavailable { .. } => {
                "ポート0で空きポートを使えます / port 0 takes any free port"
            }
        }
    }
}

/// Why the interface does not do what a test asked for. [`code`](Refusal::code) is what the test reads.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The first line does not end within 65,536 bytes.
    #[error("the first line has more than 65536 bytes")]
    LineTooLong,
    /// What should be JSON is not, or not such as is understood here.
    #[error("{0}")]
    Malformed(String),
    /// Nobody has this name.
    #[error("there is no such person; see madoguchi-sandbox persons")]
    NoSuchPerson,
    /// The card lies somewhere else.
    #[error("another connection has this card of this drawer")]
    CardInUse,
    /// Too many connections are open.
    #[error("64 connections are open already")]
    TooManyConnections,
    /// A frame of no known type.
    #[error("no frame begins with this byte")]
    UnknownFrame,
    /// A frame that is too short or too long for its type.
    #[error("a frame of this type has another length")]
    BadFrame,
    /// Time passes by itself.
    #[error("time passes by itself unless the clock is \"manual\"")]
    ClockRuns,
}

impl Refusal {
    /// Its name in the interface, which does not change.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::LineTooLong => "line-too-long",
            Self::Malformed(_) => "malformed",
            Self::NoSuchPerson => "no-such-person",
            Self::CardInUse => "card-in-use",
            Self::TooManyConnections => "too-many-connections",
            Self::UnknownFrame => "unknown-frame",
            Self::BadFrame => "bad-frame",
            Self::ClockRuns => "clock-runs",
        }
    }

    pub(super) fn to_message(&self) -> impl Serialize {
        #[derive(Serialize)]
        struct Message {
            error: &'static str,
            text: String,
        }
        Message { error: self.code(), text: self.to_string() }
    }
}

impl From<serde_json::Error> for Refusal {
    fn from(error: serde_json::Error) -> Self {
        Self::Malformed(error.to_string().chars().take(LONGEST_TEXT).collect())
    }
}
