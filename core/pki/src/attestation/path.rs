//! The chain from an attested key to a pinned root (RFC 5280 §6, as far as a chain of a phone needs it).

use der::asn1::ObjectIdentifier;
use der::oid::AssociatedOid;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, UnparsedPublicKey, VerificationAlgorithm,
};
use time::OffsetDateTime;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use super::{AttestationError as Error, KEY_DESCRIPTION, Trust};
use crate::certificate::Certificate;

/// Chains have three to five certificates (by the reference verifier), one more with a key that attests.
const MAX_CHAIN: usize = 8;

const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const SHA256_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const SHA384_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12");
const ID_EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const SECP256R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const SECP384R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ECDSA_WITH_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");

/// Verifies the chain from its root down to its first certificate, and gives that.
pub(super) fn verify(
    chain: &[impl AsRef<[u8]>],
    trust: &Trust,
    now: OffsetDateTime,
) -> Result<Certificate, Error> {
    if !(2..=MAX_CHAIN).contains(&chain.len()) {
        return Err(Error::ChainLength);
    }
    let chain = chain.iter().map(|der| Certificate::parse(der.as_ref()));
    let mut chain: Vec<Certificate> = chain.collect::<Result<_, _>>().map_err(|_| Error::Malformed)?;
    let root = chain.last().expect("two certificates and more");
    if !trust.roots.contains(&root.public_key_info().map_err(|_| Error::Malformed)?) {
        return Err(Error::RootUnknown);
    }
    if chain.iter().skip(1).any(|issuer| issuer.extension_value(KEY_DESCRIPTION).is_some()) {
        return Err(Error::ChainLengthened);
    }
    for (place, certificate) in chain.iter().enumerate().rev() {
        // The root signed itself: trust lies in its key, and this makes sure that the rest of it is the root's too.
        let issuer = chain.get(place + 1).unwrap_or(certificate);
        signed_by(certificate, issuer)?;
        if certificate.issuer() != issuer.subject() {
            return Err(Error::NamesDiffer);
        }
        if place > 0 {
            issues(certificate, place)?;
        }
        understood(certificate)?;
        if place > 0 && place + 1 < chain.len() {
            in_date(certificate, now)?;
        }
        if trust.revoked.contains(certificate.serial()) {
            return Err(Error::Revoked);
        }
    }
    Ok(chain.swap_remove(0))
}

/// The point of a certified key on P-256.
pub(super) fn p256_point(certificate: &Certificate) -> Option<&[u8; 65]> {
    let key = certificate.subject_public_key_info();
    let point = key.subject_public_key.as_bytes()?;
    (curve(key) == Some(SECP256R1)).then(|| point.try_into().ok()).flatten()
}

fn signed_by(certificate: &Certificate, issuer: &Certificate) -> Result<(), Error> {
    let key = issuer.subject_public_key_info();
    let signed = certificate.signature();
    let algorithm = algorithm(signed.algorithm, key).ok_or(Error::AlgorithmRefused)?;
    let key = key.subject_public_key.as_bytes().ok_or(Error::AlgorithmRefused)?;
    let signature = signed.signature.ok_or(Error::SignatureInvalid)?;
    UnparsedPublicKey::new(algorithm, key)
        .verify(signed.message, signature)
        .map_err(|_| Error::SignatureInvalid)
}

/// Parameters are NULL with RSA (RFC 4055 §5) and absent with ECDSA (RFC 5758 §3.2).
fn algorithm(
    signature: Option<&AlgorithmIdentifierOwned>,
    key: &SubjectPublicKeyInfoOwned,
) -> Option<&'static dyn VerificationAlgorithm> {
    let signature = signature?;
    let parameters = signature.parameters.as_ref();
    match (signature.oid, curve(key)) {
        (ECDSA_WITH_SHA256, Some(SECP256R1)) if parameters.is_none() => Some(&ECDSA_P256_SHA256_ASN1),
        (ECDSA_WITH_SHA384, Some(SECP256R1)) if parameters.is_none() => Some(&ECDSA_P256_SHA384_ASN1),
        (ECDSA_WITH_SHA256, Some(SECP384R1)) if parameters.is_none() => Some(&ECDSA_P384_SHA256_ASN1),
        (ECDSA_WITH_SHA384, Some(SECP384R1)) if parameters.is_none() => Some(&ECDSA_P384_SHA384_ASN1),
        (SHA256_WITH_RSA | SHA384_WITH_RSA, None)
            if key.algorithm.oid == RSA_ENCRYPTION && parameters.is_some_and(der::Any::is_null) =>
        {
            let sha256 = signature.oid == SHA256_WITH_RSA;
            Some(if sha256 { &RSA_PKCS1_2048_8192_SHA256 } else { &RSA_PKCS1_2048_8192_SHA384 })
        }
        _ => None,
    }
}

/// The named curve of an EC key (RFC 5480 §2.1.1).
fn curve(key: &SubjectPublicKeyInfoOwned) -> Option<ObjectIdentifier> {
    let parameters = key.algorithm.parameters.as_ref().filter(|_| key.algorithm.oid == ID_EC_PUBLIC_KEY);
    parameters.and_then(|curve| curve.decode_as().ok())
}

/// Whether a certificate may stand `place` steps above the first one: a CA, for signing certificates, and with not more
/// CAs below it than it allows (RFC 5280 §4.2.1.9, §4.2.1.3).
fn issues(certificate: &Certificate, place: usize) -> Result<(), Error> {
    let malformed = |_| Error::Malformed;
    let constraints = certificate.extension::<BasicConstraints>().map_err(malformed)?.ok_or(Error::NotCa)?;
    let usage = certificate.extension::<KeyUsage>().map_err(malformed)?;
    let far_enough = constraints.path_len_constraint.is_none_or(|most| place - 1 <= usize::from(most));
    let signs = usage.is_none_or(|usage| usage.key_cert_sign());
    if constraints.ca && far_enough && signs { Ok(()) } else { Err(Error::NotCa) }
}

fn understood(certificate: &Certificate) -> Result<(), Error> {
    let known = [BasicConstraints::OID, KeyUsage::OID, KEY_DESCRIPTION];
    let unknown = certificate.extensions().any(|(oid, critical)| critical && !known.contains(&oid));
    if unknown { Err(Error::CriticalExtensionUnknown) } else { Ok(()) }
}

fn in_date(certificate: &Certificate, now: OffsetDateTime) -> Result<(), Error> {
    let malformed = |_| Error::Malformed;
    if now < certificate.not_before().map_err(malformed)? {
        return Err(Error::NotYetValid);
    }
    // The last second is valid to its end, as in `Verified`.
    if now.unix_timestamp() > certificate.not_after().map_err(malformed)?.unix_timestamp() {
        return Err(Error::Expired);
    }
    Ok(())
}
