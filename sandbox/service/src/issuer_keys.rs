//! Certificates of the keys with which issuers of cards sign: EF 0004 of 券面事項確認AP, for 目視確認.
//!
//! One enters only with a check that carried it whole and was answered, and is for all institutions: an issuer signs
//! many cards with one key, and its certificate names none of them. It spares a card from being read whole, and nothing
//! else: with one from here the check is made as with one that has just arrived, up to the anchor.

use std::borrow::Cow;

use service::messages::{IssuerKey, ProblemCode, Proof};

use crate::{Error, body::sized, problem::Refusal, state::Shared, store::KeySeen};

/// As many are told to a device.
const TOLD: u8 = 8;

impl Shared {
    /// The keys whose certificates are kept and hold today, for a device's status.
    pub(crate) async fn issuer_keys(&self) -> Result<Vec<IssuerKey>, Error> {
        if self.policy.known_months == 0 {
            return Ok(Vec::new());
        }
        let kept = self.store.key_certificates(self.known_since(self.now()), TOLD).await?;
        let keys = kept.iter().filter_map(|certificate| self.cards.surface_key(certificate).ok());
        Ok(keys
            .map(|key| IssuerKey { key_id: key.key_id.to_vec(), modulus: key.key.modulus().to_vec() })
            .collect())
    }

    /// EF 0004 that a check goes by: as it came, or the one that is kept here under the key id, if it certifies the key
    /// that signed the record. `None`: this proof has none.
    pub(crate) async fn key_certificate<'a>(
        &self,
        proof: &'a Proof,
    ) -> Result<Option<Cow<'a, [u8]>>, Refusal> {
        match proof {
            Proof::VisualProven { key_certificate: Some(whole), key_id: None, .. } => {
                Ok(Some(Cow::Borrowed(whole)))
            }
            Proof::VisualProven { key_certificate: None, key_id: Some(key_id), birth_record, .. } => {
                let kept = self.kept_key_certificate(&sized(key_id)?).await?;
                let fits = |kept: &Vec<u8>| self.cards.birth_record(birth_record, kept).is_ok();
                Ok(Some(Cow::Owned(kept.filter(fits).ok_or(ProblemCode::CardCertificateNeeded)?)))
            }
            Proof::VisualProven { .. } => Err(ProblemCode::MalformedRequest.into()),
            Proof::Pin { .. } | Proof::VisualAttested => Ok(None),
        }
    }

    async fn kept_key_certificate(&self, key_id: &[u8; 16]) -> Result<Option<Vec<u8>>, Error> {
        if self.policy.known_months == 0 {
            return Ok(None);
        }
        self.store.key_certificate(key_id, self.known_since(self.now())).await
    }

    /// What an accepted 目視確認 with this EF 0004 leaves for the next card of the same issuer's key.
    pub(crate) fn remember_key(&self, key_certificate: &[u8]) -> Option<KeySeen> {
        if self.policy.known_months == 0 {
            return None;
        }
        let key_id = self.cards.surface_key(key_certificate).ok()?.key_id;
        Some(KeySeen { key_id, certificate: key_certificate.to_vec() })
    }
}
