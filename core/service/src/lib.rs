//! The Web-service protocol: messages, binding, problems, enrolment, and its client.

pub mod binding;
pub mod device_key;
pub mod est;
pub mod messages;

mod client;
mod error;
mod exchange;
mod key_thread;
mod link;
mod problem;
mod tls;

pub use binding::Binding;
pub use client::{Client, Endpoint, Enrolled, Timeouts, Trust, paths};
pub use error::Error;
pub use exchange::MAX_ANSWER;
pub use link::{ActivationCode, ActivationCodeError, EnrolmentLink, LinkError};

/// SHA-256 (FIPS 180-4).
fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    digest.as_ref().try_into().expect("SHA-256 gives 32 bytes")
}

/// CBOR (RFC 8949), in the preferred serialisation: shortest lengths, definite ones (§4.1).
fn to_cbor(message: &impl serde::Serialize) -> Vec<u8> {
    serde_cbor::to_vec(message).expect("texts, bytes and numbers go into a vector without fail")
}
