//! What travels between a device and the service, as CBOR (RFC 8949).
//!
//! Maps have text keys in `snake_case`; byte strings are CBOR byte strings; times are seconds since
//! 1970-01-01T00:00:00Z. A reader ignores keys that it does not know. Nothing here appears in a URL, a
//! header or a log.

use eligibility::Eligibility;
use serde::{Deserialize, Serialize};

pub use crate::problem::{PROBLEM_JSON, Problem, ProblemCode};
pub use crate::tag::TagKey;

/// `application/cbor` (RFC 8949 §9.5).
pub const CBOR: &str = "application/cbor";

/// The largest request body that the service reads, in bytes.
pub const MAX_BODY: usize = 16 * 1024;

/// How long a challenge lives, in seconds.
pub const CHALLENGE_LIFE: u32 = 120;

/// Answer of `POST /v1/enrollment-challenges`: a nonce for one certification request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrollmentChallenge {
    /// To be carried, unchanged, in the request's attribute.
    #[serde(with = "serde_bytes")]
    pub nonce: Vec<u8>,
    /// After this it is refused.
    pub expires_at: i64,
}

/// Answer of `GET /v1/device`: what this device may do today.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceStatus {
    /// The institution to which the device belongs.
    pub institution: Institution,
    /// Whether the patient's PIN may be used.
    pub pin: bool,
    /// The form of 目視確認 that this device may use, if any.
    pub visual: Option<VisualForm>,
    /// When the device certificate should be renewed (two thirds of its life).
    pub renew_at: i64,
    /// The service's clock: a device that is far off says so to its user.
    pub now: i64,
    /// What the operator wants staff to read.
    pub notices: Vec<Notice>,
    /// Whether this is a sandbox: every screen says so.
    pub sandbox: bool,
    /// The institution's key for tags of certificates. `None`: the service keeps none, and there is nothing to ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag_key: Option<TagKey>,
    /// Whose certificates, EF 0004 of 券面事項確認AP, the service has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub issuer_keys: Vec<IssuerKey>,
}

/// A key that signs EF 0001 of 券面事項確認AP, RSA-2048 with the exponent 65537.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuerKey {
    /// The subject key id in EF 0004, 16 bytes.
    #[serde(with = "serde_bytes")]
    pub key_id: Vec<u8>,
    /// 256 bytes.
    #[serde(with = "serde_bytes")]
    pub modulus: Vec<u8>,
}

/// A clinic, pharmacy or 施術所.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Institution {
    /// 医療機関コード (10 digits) or 登録記号番号.
    pub code: String,
    /// The name that staff know it by.
    pub name: String,
}

/// A message of the operator to staff, in both languages of the product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

/// How the person was confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// The patient typed the 4-digit PIN.
    Pin,
    /// Staff compared face and card, and the card proved that it is there.
    VisualProven,
    /// Staff compared face and card; only the device says so.
    VisualAttested,
}

/// The two forms of 目視確認.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VisualForm {
    /// 券面事項確認AP is opened with the birth date and signs.
    Proven,
    /// The device's word. Granted by the service alone, never the default.
    Attested,
}

/// What the patient agreed to, beyond the check itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consents {
    /// 限度額適用認定証 information may be given to this institution.
    pub limit_amount: bool,
}

/// Answer of `POST /v1/challenges`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// 32 bytes, part of the binding.
    #[serde(with = "serde_bytes")]
    pub nonce: Vec<u8>,
    /// The service's own proof that it gave this nonce to this device; opaque to the device.
    #[serde(with = "serde_bytes")]
    pub token: Vec<u8>,
    /// Life left when the service answered, in seconds: the device counts with its own steady clock.
    pub expires_in: u32,
}

/// Body of `POST /v1/known-certificates`: whether the service has a certificate from an earlier check at this
/// institution.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateQuestion {
    /// [`TagKey::tag`].
    #[serde(with = "serde_bytes")]
    pub tag: Vec<u8>,
}

impl core::fmt::Debug for CertificateQuestion {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("CertificateQuestion(redacted)")
    }
}

/// Answer of `POST /v1/known-certificates`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateAnswer {
    /// It has it. Whether it still has it when the check comes is not promised.
    pub known: bool,
}

/// Body of `POST /v1/eligibility-checks`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckRequest {
    /// 16 random bytes: the same check asked again carries the same id.
    #[serde(with = "serde_bytes")]
    pub request_id: Vec<u8>,
    /// 32 random bytes that seal the stored answer; the service never stores them.
    #[serde(with = "serde_bytes")]
    pub answer_key: Vec<u8>,
    /// [`Challenge::token`].
    #[serde(with = "serde_bytes")]
    pub challenge: Vec<u8>,
    /// What the patient agreed to.
    pub consents: Consents,
    /// 利用者証明用電子証明書, DER, as it lies in EF 000A. `None` where [`Self::certificate_tag`] names it.
    #[serde(default, with = "serde_bytes", skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Vec<u8>>,
    /// In place of the certificate: [`TagKey::tag`] of one that the service has. With [`Proof::Pin`] only.
    #[serde(default, with = "serde_bytes", skip_serializing_if = "Option::is_none")]
    pub certificate_tag: Option<Vec<u8>>,
    /// How the person was confirmed, and what the card gave for it.
    pub proof: Proof,
    /// An opaque reference to the staff member who acted, if the institution wants one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staff: Option<String>,
}

impl core::fmt::Debug for CheckRequest {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("CheckRequest").field("method", &self.proof.method()).finish_non_exhaustive()
    }
}

/// What the card gave. All signatures are RSASSA-PKCS1-v1_5 with SHA-256 over the binding.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// By key 0017 of the JPKI AP, after VERIFY 0018.
    Pin {
        /// 256 bytes.
        #[serde(with = "serde_bytes")]
        signature: Vec<u8>,
    },
    /// By the PIN-less key of 券面事項確認AP, opened with the birth date.
    VisualProven {
        /// 256 bytes.
        #[serde(with = "serde_bytes")]
        signature: Vec<u8>,
        /// EF 0001 of 券面事項確認AP: birth date, the key that signed, the issuer's signature.
        #[serde(with = "serde_bytes")]
        birth_record: Vec<u8>,
        /// EF 0004 of 券面事項確認AP: the card-verifiable certificate of the key that signed EF 0001. `None` where
        /// `key_id` names it.
        #[serde(default, with = "serde_bytes", skip_serializing_if = "Option::is_none")]
        key_certificate: Option<Vec<u8>>,
        /// In place of EF 0004: [`IssuerKey::key_id`] of a key whose certificate the service has.
        #[serde(default, with = "serde_bytes", skip_serializing_if = "Option::is_none")]
        key_id: Option<Vec<u8>>,
    },
    /// Nothing but the certificate.
    VisualAttested,
}

impl Proof {
    /// The method that this proof belongs to.
    pub fn method(&self) -> Method {
        match self {
            Self::Pin { .. } => Method::Pin,
            Self::VisualProven { .. } => Method::VisualProven,
            Self::VisualAttested => Method::VisualAttested,
        }
    }
}

impl core::fmt::Debug for Proof {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Proof({:?})", self.method())
    }
}

/// Answer of `POST /v1/eligibility-checks`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckResponse {
    /// The service's name for this check, for the help desk. Tells nothing about the patient.
    pub check_id: String,
    /// When the service decided.
    pub checked_at: i64,
    /// Last second of the card's certificate.
    pub certificate_not_after: i64,
    /// Set where the certificate is out of date and the service's grace still holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_expired_since: Option<i64>,
    /// Whether no card proved anything ([`Proof::VisualAttested`]): whoever keeps this answer keeps that with it.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub danger_attested_visual: bool,
    /// The insurance record, as the eligibility system gave it.
    pub eligibility: Eligibility,
}

impl core::fmt::Debug for CheckResponse {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("CheckResponse").field("check_id", &self.check_id).finish_non_exhaustive()
    }
}
