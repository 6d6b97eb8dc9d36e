//! What a 利用者証明用電子証明書 has to look like, as data.

use der::asn1::ObjectIdentifier;

/// The profile that a certificate is checked against (公的個人認証サービス プロファイル仕様書).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Policies of which the certificate must name one.
    pub policies: Vec<ObjectIdentifier>,
    /// Policies of 署名用電子証明書, each with all that lies below it: refused with an error of their own.
    pub signature_policies: Vec<ObjectIdentifier>,
    /// The largest certificate, in bytes.
    pub max_size: usize,
}

impl Profile {
    /// The policies in production.
    pub fn production() -> Self {
        Self::with("1.2.392.200149.8.5.1.3.30", "1.2.392.200149.8.5.1.1")
    }

    /// The policies of the test arc of J-LIS, reported from a test card.
    pub fn test() -> Self {
        Self::with("1.2.392.200149.8.5.1.0.30", "1.2.392.200149.8.5.1.0.20")
    }

    fn with(policy: &str, signature_policy: &str) -> Self {
        Self {
            policies: vec![ObjectIdentifier::new_unwrap(policy)],
            signature_policies: vec![ObjectIdentifier::new_unwrap(signature_policy)],
            // Real ones have 1.6 kB; our own decision.
            max_size: 4096,
        }
    }

    /// Whether a policy says 署名用.
    pub(crate) fn is_signature_policy(&self, policy: ObjectIdentifier) -> bool {
        self.signature_policies.iter().any(|arc| arc.arcs().eq(policy.arcs().take(arc.arcs().count())))
    }
}
