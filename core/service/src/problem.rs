//! Refusals (RFC 9457).

use serde::{Deserialize, Serialize};

/// Media type of a refusal (RFC 9457 §6.1).
pub const PROBLEM_JSON: &str = "application/problem+json";

/// What a problem's `type` starts with; the code's text follows.
const PROBLEM_TYPE: &str = "urn:madoguchi:problem:";

/// A refusal as RFC 9457 has it, `application/problem+json`.
///
/// Every member may be missing, as RFC 9457 §3.1 allows; the HTTP status line decides, not `status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// `urn:madoguchi:problem:` and the code.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// HTTP status.
    #[serde(default)]
    pub status: u16,
    /// English, for developers; never shown to staff, never about a patient.
    #[serde(default)]
    pub title: String,
    /// Seconds after which asking again makes sense.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
}

impl Problem {
    /// The refusal with this code, with nothing to wait for.
    pub fn new(code: ProblemCode) -> Self {
        let kind = format!("{PROBLEM_TYPE}{}", code.as_str());
        Self { kind, status: code.status(), title: code.title().to_owned(), retry_after: None }
    }

    /// Says when asking again makes sense.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The code at the end of `type`.
    pub fn code(&self) -> ProblemCode {
        ProblemCode::from_type(&self.kind)
    }
}

/// One table: variant, text, status, title. Whatever is read off a code comes from here.
macro_rules! problem_codes {
    ($($(#[$doc:meta])+ $variant:ident = $text:literal, $status:literal, $title:literal;)+) => {
        /// Why the service refused. The text form (kebab-case) ends the problem's `type`.
        ///
        /// A code that this version does not know is kept as [`ProblemCode::Unknown`] and told as a refusal of
        /// the service.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ProblemCode {
            $($(#[$doc])+ $variant,)+
        }

        impl ProblemCode {
            /// Every code, in the order of the protocol document.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The code as `type` ends with it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The HTTP status that goes with it.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status),+ }
            }

            /// The `title`: English, the same for every problem with this code.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }
        }
    };
}

problem_codes! {
    /// 400: not CBOR, a field is missing or has the wrong length.
    MalformedRequest = "malformed-request", 400, "The request could not be read.";
    /// 413: more than [`MAX_BODY`](crate::messages::MAX_BODY) bytes.
    TooLarge = "too-large", 413, "The request is too large.";
    /// 401: wrong account, wrong activation code, or one that was used with another key: the same answer for all.
    EnrollmentRefused = "enrollment-refused", 401, "Account or activation code is not accepted.";
    /// 400: the certification request does not hold: signature, key, nonce.
    EnrollmentRequestInvalid = "enrollment-request-invalid", 400, "The certification request does not hold.";
    /// 403: account and code are right, and the attestation chain of the key is there and does not hold.
    AttestationRefused = "attestation-refused", 403, "The attestation of the device key does not hold.";
    /// 401: no client certificate, or one that belongs to no device.
    DeviceUnknown = "device-unknown", 401, "The device is not known.";
    /// 401: the device certificate is out of date; the device must be enrolled anew.
    DeviceCertificateExpired = "device-certificate-expired", 401, "The device certificate is out of date.";
    /// 403: stopped by the administrator.
    DeviceSuspended = "device-suspended", 403, "The device is suspended.";
    /// 403: ended; the device must be enrolled anew.
    DeviceRevoked = "device-revoked", 403, "The device's enrolment has ended.";
    /// 403: this device may not use this method or form.
    MethodNotAllowed = "method-not-allowed", 403, "The device may not use this method.";
    /// 409: the challenge's life is over.
    ChallengeExpired = "challenge-expired", 409, "The challenge has expired.";
    /// 409: the challenge was used for another check.
    ChallengeUsed = "challenge-used", 409, "The challenge was used before.";
    /// 422: not a challenge that this service gave to this device.
    ChallengeInvalid = "challenge-invalid", 422, "The challenge is not one for this device.";
    /// 422: the request id was used with another body.
    RequestConflict = "request-conflict", 422, "The request id was used with another body.";
    /// 409: the first request with this id is still being worked on.
    RequestInProgress = "request-in-progress", 409, "The first request with this id is not finished.";
    /// 422: the certificate is not DER, too large, or not of the profile.
    CardCertificateMalformed = "card-certificate-malformed", 422, "The card's certificate could not be read.";
    /// 422: issued by none of the CAs that the service trusts.
    CardCertificateUntrusted = "card-certificate-untrusted", 422, "The card's certificate has no trusted issuer.";
    /// 422: 署名用電子証明書, or any other certificate that is not for user authentication.
    CardCertificateWrongKind = "card-certificate-wrong-kind", 422, "The certificate is not for user authentication.";
    /// 422: out of date beyond the grace.
    CardCertificateExpired = "card-certificate-expired", 422, "The card's certificate is out of date.";
    /// 422: not valid yet.
    CardCertificateNotYetValid = "card-certificate-not-yet-valid", 422, "The card's certificate is not valid yet.";
    /// 422: revoked (失効).
    CardCertificateRevoked = "card-certificate-revoked", 422, "The card's certificate is revoked.";
    /// 409: a tag stands in place of the certificate, or a key id in place of EF 0004, and the service does not have that
    /// one, or not any more. Nothing was written down: the same request may come again with the certificate.
    CardCertificateNeeded = "card-certificate-needed", 409, "The card's certificate is needed whole.";
    /// 503: revocation could not be looked up.
    RevocationUnavailable = "revocation-unavailable", 503, "Revocation could not be looked up.";
    /// 422: the signature does not hold over the binding.
    CardSignatureInvalid = "card-signature-invalid", 422, "The card's signature does not hold.";
    /// 422: EF 0001 or EF 0004 of 券面事項確認AP does not carry the issuer's signature.
    CardRecordUntrusted = "card-record-untrusted", 422, "The card's record has no trusted issuer.";
    /// 422: the birth date on the card is not that of the record.
    CardRecordMismatch = "card-record-mismatch", 422, "The card's record and the insurance record differ.";
    /// 422: the key of 券面事項確認AP is not the one seen before with this certificate.
    CardChanged = "card-changed", 422, "The card is not the one seen before with this certificate.";
    /// 429: too many requests of this device, certificate or address.
    RateLimited = "rate-limited", 429, "Too many requests.";
    /// 503: try again later. Also a body that took too long to come.
    Unavailable = "unavailable", 503, "The service is not available now.";
    /// 500: the service failed.
    Internal = "internal", 500, "The service failed.";
    /// A code of a newer service. Never sent: it stands for what was not understood.
    Unknown = "unknown", 500, "The service refused.";
}

impl ProblemCode {
    /// The code of a problem's `type`; [`Self::Unknown`] for every text that is not one of ours.
    pub(crate) fn from_type(kind: &str) -> Self {
        let text = kind.strip_prefix(PROBLEM_TYPE);
        let known = |code: &&Self| text == Some(code.as_str());
        Self::ALL.iter().find(known).copied().unwrap_or(Self::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_survives_its_text() {
        for code in ProblemCode::ALL {
            let problem = Problem::new(*code);
            assert_eq!(problem.code(), *code);
            assert!((400..=599).contains(&problem.status));
            let json = serde_json::to_vec(&problem).expect("plain data");
            assert_eq!(serde_json::from_slice::<Problem>(&json).expect("as it was written"), problem);
        }
    }

    #[test]
    fn the_text_is_the_name_of_the_variant_in_kebab_case() {
        for code in ProblemCode::ALL {
            let mut kebab = String::new();
            for (at, letter) in format!("{code:?}").char_indices() {
                if letter.is_uppercase() && at > 0 {
                    kebab.push('-');
                }
                kebab.push(letter.to_ascii_lowercase());
            }
            assert_eq!(code.as_str(), kebab);
        }
    }

    #[test]
    fn a_type_that_is_not_ours_is_unknown() {
        for kind in
            ["", "about:blank", "rate-limited", "urn:madoguchi:problem:", "urn:madoguchi:problem:new-thing"]
        {
            assert_eq!(ProblemCode::from_type(kind), ProblemCode::Unknown);
        }
    }

    #[test]
    fn a_problem_without_members_is_read() {
        let problem: Problem = serde_json::from_str("{}").expect("all members are optional");
        assert_eq!(problem.code(), ProblemCode::Unknown);
    }
}
