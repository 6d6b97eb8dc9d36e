//! The checks of a certificate, one function each, in their order.

use der::asn1::ObjectIdentifier;
use der::oid::AssociatedOid as _;
use time::OffsetDateTime;
use x509_cert::ext::pkix::{BasicConstraints, CertificatePolicies, ExtendedKeyUsage, KeyUsage};

use crate::anchor::{TrustAnchor, TrustAnchors};
use crate::certificate::Certificate;
use crate::verified::Verified;
use crate::{Error, Profile};

/// id-kp-clientAuth (RFC 5280 §4.2.1.12).
const CLIENT_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");

/// Checks a 利用者証明用電子証明書 as it came from the card, at the instant `now`.
///
/// The checks stop at the first failure, with one exception: being out of date is a finding
/// ([`Verified::expired_since`]) and ends nothing, because a revoked certificate has to be told as revoked even
/// when it is out of date, and because the service's grace decides ([`Verified::decide`]).
///
/// A `Verified` certificate is genuine. It proves nothing about who presents it: anybody can read it off a
/// card. That is what [`Verified::verify_signature`] is for.
pub fn verify(
    der: &[u8],
    anchors: &TrustAnchors,
    profile: &Profile,
    now: OffsetDateTime,
) -> Result<Verified, Error> {
    size(der, profile)?;
    let certificate = Certificate::parse(der)?;
    let candidates = candidates(&certificate, anchors, profile)?;
    certificate.algorithm()?;
    let public_key = certificate.public_key()?;
    let issuer = issuer(&certificate, &candidates)?;
    let valid_until = times(&certificate, issuer, now)?;
    critical_extensions(&certificate)?;
    usage(&certificate)?;
    policy(&certificate, profile)?;
    Ok(Verified {
        serial: certificate.serial().to_vec(),
        generation: issuer.generation,
        not_after: certificate.not_after()?,
        valid_until,
        checked_at: now,
        public_key,
    })
}

fn size(der: &[u8], profile: &Profile) -> Result<(), Error> {
    if der.len() > profile.max_size { Err(Error::TooLarge) } else { Ok(()) }
}

/// Anchors by name and key id. A certificate of nobody whom we know that says 署名用 is told so: 署名用 has a
/// CA of its own, and staff who picked the wrong certificate need the right words. It is refused either way.
fn candidates<'a>(
    certificate: &Certificate,
    anchors: &'a TrustAnchors,
    profile: &Profile,
) -> Result<Vec<&'a TrustAnchor>, Error> {
    anchors.candidates(certificate).map_err(|error| match policy(certificate, profile) {
        Err(Error::SignatureCertificate) => Error::SignatureCertificate,
        _ => error,
    })
}

/// The candidate whose key signed the certificate.
fn issuer<'a>(certificate: &Certificate, candidates: &[&'a TrustAnchor]) -> Result<&'a TrustAnchor, Error> {
    let signed = |anchor: &&&TrustAnchor| certificate.signed_by(&anchor.key).is_ok();
    candidates.iter().find(signed).copied().ok_or(Error::IssuerSignatureInvalid)
}

/// RFC 5280 §4.1.2.5, for the certificate and its issuer: gives the last second in which both are valid.
fn times(
    certificate: &Certificate,
    issuer: &TrustAnchor,
    now: OffsetDateTime,
) -> Result<OffsetDateTime, Error> {
    if now < certificate.not_before()? || now < issuer.not_before {
        return Err(Error::NotYetValid);
    }
    Ok(certificate.not_after()?.min(issuer.not_after))
}

/// RFC 5280 §4.2: a critical extension that is not understood refuses the certificate. Understood are those
/// that the next functions read.
fn critical_extensions(certificate: &Certificate) -> Result<(), Error> {
    let understood = [KeyUsage::OID, BasicConstraints::OID, ExtendedKeyUsage::OID, CertificatePolicies::OID];
    if certificate.extensions().all(|(oid, critical)| !critical || understood.contains(&oid)) {
        Ok(())
    } else {
        Err(Error::CriticalExtensionUnknown)
    }
}

/// keyUsage with digitalSignature and without keyCertSign; not a CA; extKeyUsage, if there is one, with
/// clientAuth (RFC 5280 §4.2.1.3, §4.2.1.9, §4.2.1.12).
fn usage(certificate: &Certificate) -> Result<(), Error> {
    match certificate.extension::<KeyUsage>()? {
        Some(usage) if usage.digital_signature() && !usage.key_cert_sign() => {}
        _ => return Err(Error::KeyUsageRefused),
    }
    if certificate.extension::<BasicConstraints>()?.is_some_and(|constraints| constraints.ca) {
        return Err(Error::CaCertificate);
    }
    match certificate.extension::<ExtendedKeyUsage>()? {
        Some(purposes) if !purposes.0.contains(&CLIENT_AUTH) => Err(Error::ExtendedKeyUsageRefused),
        _ => Ok(()),
    }
}

/// certificatePolicies (RFC 5280 §4.2.1.4) names a policy of the profile and none of 署名用.
fn policy(certificate: &Certificate, profile: &Profile) -> Result<(), Error> {
    let policies = certificate.extension::<CertificatePolicies>()?.ok_or(Error::PolicyRefused)?;
    let named = || policies.0.iter().map(|policy| policy.policy_identifier);
    if named().any(|policy| profile.is_signature_policy(policy)) {
        Err(Error::SignatureCertificate)
    } else if named().any(|policy| profile.policies.contains(&policy)) {
        Ok(())
    } else {
        Err(Error::PolicyRefused)
    }
}
