//! One check: the challenge, what the card is to sign, and the request that asks for the record.

use std::{sync::Arc, time::Duration};

use jpki::{CardProof, Evidence, KeyCertificate, ToSign};
use ring::rand::{SecureRandom, SystemRandom};
use service::{
    Binding,
    messages::{Challenge, CheckRequest, Consents, Method, Proof},
};
use zeroize::Zeroizing;

/// A tap starts only with a challenge that has so long to live.
pub(crate) const NEEDED: Duration = Duration::from_mins(1);

/// A challenge with the end of its life on the steady clock of this device.
#[derive(Clone)]
pub(crate) struct Fresh {
    nonce: [u8; 32],
    token: Vec<u8>,
    until: Duration,
}

impl Fresh {
    /// `asked_at`: when the question was sent. Counting from there can only end the challenge too early.
    /// `None`: the nonce is not 32 bytes.
    pub(crate) fn new(challenge: Challenge, asked_at: Duration) -> Option<Self> {
        let nonce = challenge.nonce.try_into().ok()?;
        let until = asked_at.saturating_add(Duration::from_secs(challenge.expires_in.into()));
        Some(Self { nonce, token: challenge.token, until })
    }

    /// Whether a tap may start with it.
    pub(crate) fn serves(&self, now: Duration) -> bool {
        self.until > now.saturating_add(NEEDED)
    }

    /// The first moment at which [`Self::serves`] is false.
    pub(crate) fn serves_until(&self) -> Duration {
        self.until.saturating_sub(NEEDED)
    }
}

/// What one signature of the card will stand for, with the keys of the request that carries it.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) challenge: Fresh,
    binding: Binding,
    answer_key: Zeroizing<[u8; 32]>,
}

/// The parts of the binding that do not change from tap to tap.
#[derive(Clone)]
pub(crate) struct Party {
    pub(crate) audience: String,
    pub(crate) device: [u8; 32],
    pub(crate) institution: String,
}

impl Draft {
    pub(crate) fn new(challenge: Fresh, party: Party, method: Method, consents: Consents) -> Self {
        let binding = Binding {
            audience: party.audience,
            nonce: challenge.nonce,
            device: party.device,
            institution: party.institution,
            method,
            consents,
            request_id: *random::<16>(),
            card: [0; 32],
        };
        Self { challenge, binding, answer_key: random() }
    }

    /// The digest for the card whose head has this digest.
    pub(crate) fn to_sign(&self) -> ToSign {
        let binding = self.binding.clone();
        Arc::new(move |card| Binding { card: *card, ..binding.clone() }.digest())
    }

    /// The request that carries what the card gave; where the service knows the certificate, its tag.
    pub(crate) fn request(self, evidence: Evidence, tag: Option<[u8; 32]>) -> CheckRequest {
        let certificate_tag = tag.filter(|_| evidence.certificate.is_none()).map(|tag| tag.to_vec());
        CheckRequest {
            request_id: self.binding.request_id.to_vec(),
            answer_key: self.answer_key.to_vec(),
            challenge: self.challenge.token,
            consents: self.binding.consents,
            certificate: evidence.certificate,
            certificate_tag,
            proof: match evidence.proof {
                CardProof::Pin { signature } => Proof::Pin { signature },
                CardProof::VisualProven { signature, birth_record, key_certificate, .. } => {
                    let (key_certificate, key_id) = match key_certificate {
                        KeyCertificate::Whole(certificate) => (Some(certificate), None),
                        KeyCertificate::Known(id) => (None, Some(id.to_vec())),
                    };
                    Proof::VisualProven { signature, birth_record, key_certificate, key_id }
                }
                CardProof::VisualAttested => Proof::VisualAttested,
            },
            staff: None,
        }
    }
}

fn random<const N: usize>() -> Zeroizing<[u8; N]> {
    let mut bytes = Zeroizing::new([0; N]);
    SystemRandom::new().fill(bytes.as_mut()).expect("the operating system gives random bytes");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh(expires_in: u32) -> Fresh {
        let challenge = Challenge { nonce: vec![7; 32], token: vec![1, 2, 3], expires_in };
        Fresh::new(challenge, Duration::from_secs(100)).expect("32 bytes")
    }

    fn draft() -> Draft {
        let party = Party { audience: "https://localhost".into(), device: [1; 32], institution: "9".into() };
        Draft::new(fresh(120), party, Method::Pin, Consents::default())
    }

    #[test]
    fn a_tap_starts_only_with_a_minute_left() {
        let fresh = fresh(120);
        assert!(fresh.serves(Duration::from_secs(160) - Duration::from_millis(1)));
        assert!(!fresh.serves(Duration::from_secs(160)));
        assert_eq!(fresh.serves_until(), Duration::from_secs(160));
        let short = Challenge { nonce: vec![7; 31], token: Vec::new(), expires_in: 120 };
        assert!(Fresh::new(short, Duration::ZERO).is_none());
    }

    #[test]
    fn every_draft_has_keys_of_its_own_and_every_card_its_own_digest() {
        let (one, other) = (draft(), draft());
        assert_ne!(one.binding.request_id, other.binding.request_id);
        assert_ne!(one.answer_key, other.answer_key);
        assert_ne!(one.to_sign()(&[1; 32]), one.to_sign()(&[2; 32]));
        assert_ne!(one.to_sign()(&[1; 32]), other.to_sign()(&[1; 32]));
    }

    #[test]
    fn the_request_carries_what_was_signed() {
        let draft = draft();
        let id = draft.binding.request_id;
        let evidence =
            |certificate| Evidence { certificate, proof: CardProof::Pin { signature: vec![9; 256] } };
        let known = draft.clone().request(evidence(None), Some([7; 32]));
        assert_eq!((known.certificate, known.certificate_tag), (None, Some(vec![7; 32])));
        let request = draft.request(evidence(Some(vec![0x30])), Some([7; 32]));
        assert_eq!((request.certificate, request.certificate_tag), (Some(vec![0x30]), None));
        assert_eq!(known.request_id, id);
        assert_eq!(request.request_id, id);
        assert_eq!(request.challenge, [1, 2, 3]);
        assert_eq!(request.answer_key.len(), 32);
        assert_eq!(request.proof.method(), Method::Pin);
    }
}
