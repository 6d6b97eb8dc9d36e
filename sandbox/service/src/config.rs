//! How a service is set up: where it listens, whom it knows, and its policy as data.

use core::time::Duration;
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};

use pki::{
    Grace,
    attestation::{App, Trust},
};
use sandbox_card::Person;
use sandbox_pki::attestation::{PACKAGE, SIGNER, root};

use crate::{Clock, SystemClock};

/// Everything that [`Service::start`](crate::Service::start) is told.
#[derive(Debug)]
pub struct Config {
    /// The state folder: database, keys, certificates.
    pub state: PathBuf,
    /// Where to listen. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// The origin by which devices know the service; it is the audience of every binding. `None` is
    /// `https://localhost:PORT`.
    pub public_url: Option<String>,
    /// The persons whose cards and records this sandbox knows.
    pub persons: Vec<Person>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Which attestations of device keys are believed. With `None` no chain is looked at, and no key is worth more than
    /// software.
    pub attestation: Option<Trust>,
    /// How much one caller may ask.
    pub limits: Limits,
    /// What the operator decided.
    pub policy: Policy,
}

impl Config {
    /// A service on a free port of the loopback interface that knows no person, and believes the test root of attestations.
    pub fn new(state: impl Into<PathBuf>) -> Self {
        Self {
            state: state.into(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            public_url: None,
            persons: Vec::new(),
            clock: Arc::new(SystemClock),
            attestation: Some(test_attestations()),
            limits: Limits::default(),
            policy: Policy::default(),
        }
    }
}

/// So many requests in so much time, with a burst.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many at once.
    pub burst: u32,
    /// How many in `per`, in the long run.
    pub count: u32,
    /// The time for `count`.
    pub per: Duration,
}

/// Limits on what callers may ask and on what a connection may cost.
///
/// The numbers are our own decision; no figure of the real service is public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Challenges of one device; apart from them questions for certificates; apart from both, checks.
    pub device: Rate,
    /// Checks with one certificate that came as far as an answer about its holder, over all institutions.
    pub certificate: Rate,
    /// Enrolment requests of one address; of IPv6, of one /64.
    pub address: Rate,
    /// Connections at one time.
    pub connections: usize,
    /// How long a TLS handshake may take.
    pub handshake: Duration,
    /// How long the head of a request may take.
    pub head: Duration,
    /// How long a request may take, body and answer included.
    pub request: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            device: Rate { burst: 10, count: 30, per: Duration::from_mins(1) },
            certificate: Rate { burst: 10, count: 10, per: Duration::from_hours(1) },
            address: Rate { burst: 20, count: 60, per: Duration::from_hours(1) },
            connections: 512,
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(30),
            request: Duration::from_secs(15),
        }
    }
}

/// What the operator of the service decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// For how long after its end a certificate is still accepted.
    pub grace: Grace,
    /// How many months before its end the answer starts to say that it runs out.
    pub expiry_notice_months: u8,
    /// How long an activation code lives.
    pub code_life: Duration,
    /// How many wrong tries end an activation code.
    pub code_tries: u32,
    /// How long a device certificate lives.
    pub device_certificate_life: Duration,
    /// How long a stored answer can be asked for again.
    pub answer_life: Duration,
    /// For how many months after the last accepted check at an institution a certificate is kept for the next visit
    /// there (`docs/protocol.md` §5.4), and that of a card issuer's key for all (§5.6). With 0 none is kept, and devices
    /// get no key to ask with.
    pub known_months: u8,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            grace: Grace::THREE_MONTHS,
            expiry_notice_months: 3,
            code_life: Duration::from_hours(24),
            code_tries: 5,
            device_certificate_life: Duration::from_hours(90 * 24),
            answer_life: Duration::from_mins(10),
            // Our own decision: long enough for those who come twice a year.
            known_months: 6,
        }
    }
}

/// The test root, and the product's app with a signer that nobody is.
fn test_attestations() -> Trust {
    let app = App { package: PACKAGE.to_owned(), signer: SIGNER };
    Trust::new([root()], vec![app], []).expect("the test root is a certificate")
}
