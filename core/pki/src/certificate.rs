//! One certificate, read strictly.

use der::asn1::ObjectIdentifier;
use der::oid::AssociatedOid;
use der::{Decode, Encode};
use time::OffsetDateTime;
use x509_cert::certificate::Version;
use x509_cert::name::Name;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::time::Time;

use crate::{Error, PublicKey};

/// rsaEncryption (RFC 3279 §2.3.1).
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// sha256WithRSAEncryption (RFC 4055 §5).
const SHA256_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");

/// An X.509 v3 certificate whose DER is exactly what it was read from. Nothing of it is trusted yet.
pub(crate) struct Certificate {
    parsed: x509_cert::Certificate,
    /// DER of tbsCertificate: what the issuer signed.
    tbs: Vec<u8>,
}

/// What an issuer signed.
pub(crate) struct Signed<'a> {
    /// DER of tbsCertificate.
    pub(crate) message: &'a [u8],
    /// `None` where the algorithm inside is not the one outside (RFC 5280 §4.1.1.2).
    pub(crate) algorithm: Option<&'a AlgorithmIdentifierOwned>,
    /// `None` where it is no whole number of bytes.
    pub(crate) signature: Option<&'a [u8]>,
}

impl Certificate {
    /// Reads exactly one certificate: strict DER, nothing behind it, a positive number (RFC 5280 §4.1.2.2), no
    /// extension twice (§4.2).
    pub(crate) fn parse(der: &[u8]) -> Result<Self, Error> {
        let parsed = x509_cert::Certificate::from_der(der).map_err(|_| Error::Malformed)?;
        // Written again it must be the same: so no value was encoded in a second way, and what is
        // hashed below is what was signed.
        if parsed.to_der().ok().as_deref() != Some(der) {
            return Err(Error::Malformed);
        }
        if parsed.tbs_certificate.version != Version::V3 {
            return Err(Error::NotVersion3);
        }
        // A negative number would share its bytes with a positive one.
        if parsed.tbs_certificate.serial_number.as_bytes().first().is_none_or(|first| *first >= 0x80) {
            return Err(Error::Malformed);
        }
        let tbs = parsed.tbs_certificate.to_der().map_err(|_| Error::Malformed)?;
        let certificate = Self { parsed, tbs };
        let mut oids: Vec<_> = certificate.extensions().map(|(oid, _)| oid).collect();
        oids.sort_unstable();
        if oids.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(Error::Malformed);
        }
        Ok(certificate)
    }

    pub(crate) fn issuer(&self) -> &Name {
        &self.parsed.tbs_certificate.issuer
    }

    pub(crate) fn subject(&self) -> &Name {
        &self.parsed.tbs_certificate.subject
    }

    /// serialNumber, big-endian, without the zero that keeps it positive.
    pub(crate) fn serial(&self) -> &[u8] {
        match self.parsed.tbs_certificate.serial_number.as_bytes() {
            [0, rest @ ..] if !rest.is_empty() => rest,
            serial => serial,
        }
    }

    pub(crate) fn not_before(&self) -> Result<OffsetDateTime, Error> {
        instant(self.parsed.tbs_certificate.validity.not_before)
    }

    pub(crate) fn not_after(&self) -> Result<OffsetDateTime, Error> {
        instant(self.parsed.tbs_certificate.validity.not_after)
    }

    /// The identifiers of all extensions, and whether each is critical.
    pub(crate) fn extensions(&self) -> impl Iterator<Item = (ObjectIdentifier, bool)> {
        let extensions = self.parsed.tbs_certificate.extensions.iter().flatten();
        extensions.map(|extension| (extension.extn_id, extension.critical))
    }

    /// An extension, if it is there.
    pub(crate) fn extension<'a, T: Decode<'a> + AssociatedOid>(&'a self) -> Result<Option<T>, Error> {
        let found = self.parsed.tbs_certificate.get::<T>().map_err(|_| Error::Malformed)?;
        Ok(found.map(|(_, extension)| extension))
    }

    /// The value of an extension that has no type of its own here.
    pub(crate) fn extension_value(&self, oid: ObjectIdentifier) -> Option<&[u8]> {
        let mut extensions = self.parsed.tbs_certificate.extensions.iter().flatten();
        extensions.find(|extension| extension.extn_id == oid).map(|found| found.extn_value.as_bytes())
    }

    /// The certified key, of whatever kind.
    pub(crate) fn subject_public_key_info(&self) -> &SubjectPublicKeyInfoOwned {
        &self.parsed.tbs_certificate.subject_public_key_info
    }

    /// The same, DER: what a root is pinned by.
    pub(crate) fn public_key_info(&self) -> Result<Vec<u8>, Error> {
        self.subject_public_key_info().to_der().map_err(|_| Error::Malformed)
    }

    /// What the issuer signed, how, and the signature.
    pub(crate) fn signature(&self) -> Signed<'_> {
        let inner = &self.parsed.tbs_certificate.signature;
        Signed {
            message: &self.tbs,
            algorithm: (*inner == self.parsed.signature_algorithm).then_some(inner),
            signature: self.parsed.signature.as_bytes(),
        }
    }

    /// Whether the certificate says, inside and outside of what is signed, sha256WithRSAEncryption.
    pub(crate) fn algorithm(&self) -> Result<(), Error> {
        let inner = &self.parsed.tbs_certificate.signature;
        if is(inner, SHA256_WITH_RSA) && *inner == self.parsed.signature_algorithm {
            Ok(())
        } else {
            Err(Error::AlgorithmRefused)
        }
    }

    /// The certified key, if it is RSA-2048 with exponent 65537.
    pub(crate) fn public_key(&self) -> Result<PublicKey, Error> {
        let info = &self.parsed.tbs_certificate.subject_public_key_info;
        if !is(&info.algorithm, RSA_ENCRYPTION) {
            return Err(Error::KeyRefused);
        }
        PublicKey::from_pkcs1_der(info.subject_public_key.as_bytes().ok_or(Error::KeyRefused)?)
    }

    /// Whether `issuer` signed this certificate.
    pub(crate) fn signed_by(&self, issuer: &PublicKey) -> Result<(), Error> {
        let signature = self.parsed.signature.as_bytes().ok_or(Error::IssuerSignatureInvalid)?;
        issuer.verify(&self.tbs, signature).map_err(|_| Error::IssuerSignatureInvalid)
    }
}

/// The identifier, with the NULL that both identifiers above carry.
fn is(algorithm: &AlgorithmIdentifierOwned, oid: ObjectIdentifier) -> bool {
    algorithm.oid == oid && algorithm.parameters.as_ref().is_some_and(der::Any::is_null)
}

fn instant(time: Time) -> Result<OffsetDateTime, Error> {
    i64::try_from(time.to_unix_duration().as_secs())
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .ok_or(Error::Malformed)
}
