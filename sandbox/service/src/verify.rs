//! Whether a card was here: the certificate, the signature over the binding, and for 目視確認 the card's own
//! record.

use pki::{
    Accepted, BirthRecord, Grace, Profile, PublicKey, RevocationSource, SurfaceAnchor, SurfaceKey,
    TrustAnchors, Verified,
};
use service::{
    Binding,
    messages::{CheckRequest, ProblemCode, Proof},
};
use time::OffsetDateTime;

use crate::Error;

/// Whom the service believes about cards: the test PKI, and nobody else.
#[derive(Debug)]
pub(crate) struct CardTrust {
    anchors: TrustAnchors,
    profile: Profile,
    surface: Vec<SurfaceAnchor>,
}

/// A card that was here, and whose certificate may be used.
#[derive(Debug)]
pub(crate) struct CardSeen {
    pub(crate) certificate: Verified,
    pub(crate) accepted: Accepted,
    /// For 目視確認, proven: what the issuer of the card wrote into 券面事項確認AP.
    pub(crate) surface: Option<BirthRecord>,
}

impl CardTrust {
    pub(crate) fn sandbox() -> Result<Self, Error> {
        let roots = sandbox_pki::authentication_anchors();
        let anchors =
            TrustAnchors::new((1..).zip(roots.iter().map(Vec::as_slice))).map_err(|_| Error::Crypto)?;
        let anchor = sandbox_pki::surface::anchor();
        let key = PublicKey::from_pkcs1_der(&anchor.public_key).map_err(|_| Error::Crypto)?;
        let surface = vec![SurfaceAnchor { key_id: anchor.key_id, key }];
        Ok(Self { anchors, profile: Profile::test(), surface })
    }

    /// The certificate by itself: genuine, and of the right kind.
    pub(crate) fn certificate(&self, der: &[u8], now: OffsetDateTime) -> Result<Verified, ProblemCode> {
        pki::verify(der, &self.anchors, &self.profile, now).map_err(problem)
    }

    /// EF 0004 by itself: the key that it certifies.
    pub(crate) fn surface_key(&self, key_certificate: &[u8]) -> Result<SurfaceKey, pki::Error> {
        SurfaceKey::certified(key_certificate, &self.surface)
    }

    /// EF 0001, by the key that this EF 0004 certifies.
    pub(crate) fn birth_record(
        &self,
        birth_record: &[u8],
        key_certificate: &[u8],
    ) -> Result<BirthRecord, pki::Error> {
        BirthRecord::verify(birth_record, key_certificate, &self.surface)
    }

    /// Everything about the card, in this order: the issuer's signatures over the card's record, the card's
    /// signature over the binding, revocation, and being out of date. `key_certificate` is EF 0004, as it came or as
    /// it was kept, and empty where the proof has none.
    pub(crate) async fn card(
        &self,
        certificate: Verified,
        (request, key_certificate): (&CheckRequest, &[u8]),
        binding: &Binding,
        revocation: &impl RevocationSource,
        grace: Grace,
    ) -> Result<CardSeen, ProblemCode> {
        let message = binding.message();
        let surface = match &request.proof {
            Proof::Pin { signature } => {
                certificate.verify_signature(&message, signature).map_err(problem)?;
                None
            }
            Proof::VisualProven { signature, birth_record, .. } => {
                let record = self.birth_record(birth_record, key_certificate).map_err(problem)?;
                record.key().verify(&message, signature).map_err(problem)?;
                Some(record)
            }
            Proof::VisualAttested => None,
        };
        let status = revocation.status(&certificate).await;
        let accepted = certificate.decide(status, grace).map_err(problem)?;
        Ok(CardSeen { certificate, accepted, surface })
    }
}

/// What a device is told of a check that failed.
fn problem(error: pki::Error) -> ProblemCode {
    use pki::Error as E;
    match error {
        E::TooLarge
        | E::Malformed
        | E::NotVersion3
        | E::AlgorithmRefused
        | E::KeyRefused
        | E::CriticalExtensionUnknown => ProblemCode::CardCertificateMalformed,
        // A certificate that its own issuer does not know is as good as one without an issuer.
        E::IssuerUnknown | E::IssuerSignatureInvalid | E::StatusUnknown => {
            ProblemCode::CardCertificateUntrusted
        }
        E::KeyUsageRefused
        | E::CaCertificate
        | E::ExtendedKeyUsageRefused
        | E::SignatureCertificate
        | E::PolicyRefused => ProblemCode::CardCertificateWrongKind,
        E::NotYetValid => ProblemCode::CardCertificateNotYetValid,
        E::Revoked => ProblemCode::CardCertificateRevoked,
        E::Expired => ProblemCode::CardCertificateExpired,
        E::StatusUnavailable => ProblemCode::RevocationUnavailable,
        E::SignatureInvalid => ProblemCode::CardSignatureInvalid,
        E::RecordMalformed | E::RecordUntrusted => ProblemCode::CardRecordUntrusted,
        _ => ProblemCode::Internal,
    }
}
