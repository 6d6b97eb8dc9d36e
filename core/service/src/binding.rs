//! What the card signs.

use serde::Serialize;
use serde_bytes::Bytes;

use crate::messages::{Consents, Method, VisualForm};

/// Everything that one signature of the card stands for.
///
/// The card signs the SHA-256 of [`Self::message`], a CBOR array in the deterministic encoding of RFC 8949
/// §4.2.1. The service knows or computes every element, so only the signature travels. Two bindings that differ
/// in anything have different messages: CBOR carries the type and length of each element, and there are always
/// eleven of them.
///
/// | # | element | CBOR |
/// |---|---|---|
/// | 0 | [`PROTOCOL`] | text |
/// | 1 | `audience` | text |
/// | 2 | `nonce` | 32 bytes |
/// | 3 | `device` | 32 bytes |
/// | 4 | `institution` | text |
/// | 5 | method: `pin` or `visual` | text |
/// | 6 | form: `proven` or `attested`; null for `pin` | text or null |
/// | 7 | consents that were given, in the order of [`Consents`]' fields | array of text |
/// | 8 | [`ALGORITHM`] | text |
/// | 9 | `request_id` | 16 bytes |
/// | 10 | `card` | 32 bytes |
#[derive(Clone, PartialEq, Eq)]
pub struct Binding {
    /// The service for which the card signs: the ASCII serialisation of its origin (RFC 6454 §6.2), as
    /// [`Endpoint::audience`](crate::Endpoint::audience) gives it.
    pub audience: String,
    /// [`Challenge::nonce`](crate::messages::Challenge::nonce).
    pub nonce: [u8; 32],
    /// SHA-256 of the device certificate's DER.
    pub device: [u8; 32],
    /// 医療機関コード or 登録記号番号 of the institution to which the device belongs.
    pub institution: String,
    /// How the person was confirmed.
    pub method: Method,
    /// What the patient agreed to.
    pub consents: Consents,
    /// [`CheckRequest::request_id`](crate::messages::CheckRequest::request_id).
    pub request_id: [u8; 16],
    /// SHA-256 of the first 256 bytes of EF 000A.
    pub card: [u8; 32],
}

/// The protocol's tag and version, element 0. A signature made for anything else never starts like this.
pub const PROTOCOL: &str = "madoguchi-eligibility-check/1";

/// The only algorithm today, element 8: RSASSA-PKCS1-v1_5 with SHA-256, by its name in RFC 7518 §3.3.
pub const ALGORITHM: &str = "RS256";

impl Binding {
    /// The deterministic CBOR array: what a signature is verified over.
    pub fn message(&self) -> Vec<u8> {
        let (method, form) = match self.method {
            Method::Pin => ("pin", None),
            Method::VisualProven => ("visual", Some(VisualForm::Proven)),
            Method::VisualAttested => ("visual", Some(VisualForm::Attested)),
        };
        let array = Array(
            PROTOCOL,
            &self.audience,
            Bytes::new(&self.nonce),
            Bytes::new(&self.device),
            &self.institution,
            method,
            form,
            names(self.consents),
            ALGORITHM,
            Bytes::new(&self.request_id),
            Bytes::new(&self.card),
        );
        crate::to_cbor(&array)
    }

    /// SHA-256 of [`Self::message`]: what the card is given to sign.
    pub fn digest(&self) -> [u8; 32] {
        crate::sha256(&self.message())
    }
}

impl core::fmt::Debug for Binding {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Binding").field("method", &self.method).finish_non_exhaustive()
    }
}

/// The elements, in their order.
#[derive(Serialize)]
struct Array<'a>(
    &'a str,
    &'a str,
    &'a Bytes,
    &'a Bytes,
    &'a str,
    &'a str,
    Option<VisualForm>,
    Vec<&'static str>,
    &'a str,
    &'a Bytes,
    &'a Bytes,
);

/// The consents that were given, by name.
fn names(consents: Consents) -> Vec<&'static str> {
    let Consents { limit_amount } = consents;
    [(limit_amount, "limit-amount")].iter().filter(|(given, _)| *given).map(|(_, name)| *name).collect()
}
