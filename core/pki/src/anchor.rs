//! Trust anchors: the CAs whom a service believes.

use core::fmt;

use time::OffsetDateTime;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, BasicConstraints, KeyUsage, SubjectKeyIdentifier};

use crate::certificate::Certificate;
use crate::{Error, PublicKey};

/// The CAs that may issue 利用者証明用電子証明書, each with the number of its generation.
///
/// There is none in this crate: whoever verifies brings them, so that no build can trust a test CA by
/// accident. All generations bear the same name; what tells them apart is the key.
#[derive(Clone)]
pub struct TrustAnchors {
    anchors: Vec<TrustAnchor>,
}

#[derive(Clone)]
pub(crate) struct TrustAnchor {
    pub(crate) generation: u8,
    pub(crate) key_id: Vec<u8>,
    pub(crate) key: PublicKey,
    pub(crate) not_before: OffsetDateTime,
    pub(crate) not_after: OffsetDateTime,
    subject: Vec<u8>,
}

impl TrustAnchors {
    /// From CA certificates in DER, each with its generation.
    ///
    /// Each must be self-signed and a CA certificate of the profile: RSA-2048, sha256WithRSAEncryption,
    /// subjectKeyIdentifier, basicConstraints with CA true, keyUsage with keyCertSign. An anchor that is out
    /// of date is taken: whether it matters is decided for each certificate. No generation may come twice:
    /// generation and serial number name one person only as long as one CA counts the numbers.
    pub fn new<'a>(roots: impl IntoIterator<Item = (u8, &'a [u8])>) -> Result<Self, Error> {
        let mut anchors: Vec<TrustAnchor> = Vec::new();
        for (generation, der) in roots {
            if anchors.iter().any(|anchor| anchor.generation == generation) {
                return Err(Error::AnchorRefused);
            }
            anchors.push(TrustAnchor::parse(generation, der).map_err(|_| Error::AnchorRefused)?);
        }
        Ok(Self { anchors })
    }

    /// The anchors that can have issued `certificate`: the name is theirs, and so is the key id, if the
    /// certificate tells one. The name alone names three CAs, and any stranger.
    pub(crate) fn candidates(&self, certificate: &Certificate) -> Result<Vec<&TrustAnchor>, Error> {
        let issuer = encoded(certificate.issuer())?;
        let key_id =
            certificate.extension::<AuthorityKeyIdentifier>()?.and_then(|authority| authority.key_identifier);
        let fits = |anchor: &&TrustAnchor| {
            anchor.subject == issuer
                && key_id.as_ref().is_none_or(|key_id| key_id.as_bytes() == anchor.key_id)
        };
        let found: Vec<_> = self.anchors.iter().filter(fits).collect();
        if found.is_empty() { Err(Error::IssuerUnknown) } else { Ok(found) }
    }
}

impl TrustAnchor {
    fn parse(generation: u8, der: &[u8]) -> Result<Self, Error> {
        let certificate = Certificate::parse(der)?;
        certificate.algorithm()?;
        let key = certificate.public_key()?;
        certificate.signed_by(&key)?;
        let ca = certificate.extension::<BasicConstraints>()?.is_some_and(|constraints| constraints.ca);
        let signs = certificate.extension::<KeyUsage>()?.is_some_and(|usage| usage.key_cert_sign());
        let key_id = certificate.extension::<SubjectKeyIdentifier>()?.ok_or(Error::AnchorRefused)?;
        if !ca || !signs {
            return Err(Error::AnchorRefused);
        }
        Ok(Self {
            generation,
            key_id: key_id.0.as_bytes().to_vec(),
            key,
            not_before: certificate.not_before()?,
            not_after: certificate.not_after()?,
            subject: encoded(certificate.subject())?,
        })
    }
}

/// Names are compared as bytes: the issuer's own encoding, which the profile repeats in every certificate.
fn encoded(name: &x509_cert::name::Name) -> Result<Vec<u8>, Error> {
    der::Encode::to_der(name).map_err(|_| Error::Malformed)
}

impl fmt::Debug for TrustAnchors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.anchors.iter().map(|anchor| anchor.generation)).finish()
    }
}
