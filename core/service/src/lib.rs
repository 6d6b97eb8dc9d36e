//! The Web-service protocol: messages, binding, problems, enrolment, and its client.
//!
//! A device asks a service about a patient's insurance, and the patient's card vouches for the question. This crate
//! has what both ends must agree on to the byte, and the device's end of the line:
//!
//! * [`messages`]: what travels, as CBOR, and [`messages::Problem`], what comes back instead;
//! * [`Binding`]: what the card signs, so that its signature is good for one question only;
//! * [`est`] with [`EnrolmentLink`] and [`ActivationCode`]: how a device gets its certificate;
//! * [`DeviceKey`](device_key::DeviceKey): the port to the key that never leaves the device;
//! * [`Client`]: all of it over TLS 1.3 to the one service that is trusted, with typed [`Error`]s.
//!
//! It is not the place for what a card says (`jpki`), for whether a certificate is to be believed (`pki`, the
//! service's tool), or for what a screen tells staff (`counter`). It holds no trust anchor and no address, keeps
//! nothing, and retries nothing by itself: [`Error::retryable`] says where it makes sense, and the request id
//! makes sure that a check counts once. The protocol document, `docs/protocol.md`, stands on its own.
//!
//! ```
//! use service::messages::{Consents, Method};
//! use service::{Binding, EnrolmentLink};
//!
//! let link = EnrolmentLink::parse(
//!     "madoguchi://enrol?service=https%3A%2F%2Fservice.invalid&account=W0000001\
//!      &secret=AAECAwQFBgcICQoLDA0ODw&root=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8&institution=Test+clinic",
//! )
//! .expect("a link of the administrator");
//!
//! // What a card signs for a check at that service.
//! let binding = Binding {
//!     audience: link.endpoint().audience(),
//!     nonce: [0; 32],
//!     device: [1; 32],
//!     institution: "9919900010".into(),
//!     method: Method::Pin,
//!     consents: Consents::default(),
//!     request_id: [2; 16],
//!     card: [3; 32],
//! };
//! assert_eq!(binding.message()[0], 0x8B, "CBOR: an array of eleven elements");
//!
//! // The same question at another institution is another one.
//! let elsewhere = Binding { institution: "9939900016".into(), ..binding.clone() };
//! assert_ne!(binding.digest(), elsewhere.digest());
//! ```

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
mod tag;
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
