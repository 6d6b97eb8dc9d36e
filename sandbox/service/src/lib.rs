//! The Web service of the sandbox: what stands at the other end of the line when a counter checks a patient's
//! insurance.
//!
//! The real service is not public. This one speaks the protocol of the `madoguchi-service` crate, enforces what
//! a real one would have to, and keeps its state so that it may be killed at any time. It is one process: device
//! CA, enrolment, challenges, checks, and the administrator's commands (the program `madoguchi-sandbox`).
//!
//! # What it is for
//!
//! - [`Service::start`] runs it inside a test or a demo: on a free port, in a folder of its own, with a clock
//!   that can be moved ([`ManualClock`]) and faults on demand ([`Faults`]).
//! - `madoguchi-sandbox up` runs it by itself; `institution add` and `device add` prepare a device.
//! - The persons of `sandbox/persons` are its population: their cards are virtual, and the `[service]` halves of
//!   their files say what their insurers know.
//!
//! # What it is not for
//!
//! It is no service for real patients: it trusts the test PKI alone, its root CA lies unprotected in the state
//! folder, and what it knows about anybody was invented. It has no host of J-LIS, the ministry or a portal
//! anywhere.
//!
//! # How a check is carried out
//!
//! One file tells one step: TLS and the listener (`server`, `tls`), the device behind a request (`state`,
//! `store::devices`), exactly once (`check`, `store::requests`), certificates of earlier visits (`known`), the card
//! (`verify`), revocation and eligibility (`persons`, `eligibility_source`). What is refused, and with which word, is a
//! [`ProblemCode`](service::messages::ProblemCode).
//!
//! # Example
//!
//! ```
//! use sandbox_service::{Config, Service};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), sandbox_service::Error> {
//! let state = tempfile::tempdir().expect("a temporary folder");
//! let running = Service::start(Config::new(state.path())).await?;
//!
//! let admin = running.admin();
//! admin.add_institution("9919900010", "試験医院", false).await?;
//! let activation = admin.add_device("9919900010", "phone").await?;
//!
//! // For whoever types: twelve digits. For whoever scans: a link that also names the root to trust.
//! assert_eq!(activation.code.grouped().len(), 14);
//! assert!(activation.link.to_text().starts_with("madoguchi://enrol?"));
//! running.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod admin;
mod attestation;
mod authority;
mod body;
mod check;
mod clock;
mod config;
mod device;
mod eligibility_source;
mod enrollment;
mod error;
mod faults;
mod folder;
mod issuer_keys;
mod known;
mod limits;
mod peer;
mod persons;
mod problem;
mod router;
mod secrets;
mod server;
mod state;
mod store;
mod tasks;
mod tls;
mod verify;

pub use admin::{Activation, Admin};
pub use attestation::Assurance;
pub use clock::{Clock, ManualClock, SystemClock};
pub use config::{Config, Limits, Policy, Rate};
pub use error::Error;
pub use faults::{Fault, Faults};
pub use persons::PersonError;
pub use server::{Running, Service};
pub use store::{Device, DeviceState};
