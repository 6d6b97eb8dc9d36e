//! How a device gets its certificate: Enrolment over Secure Transport (RFC 7030).

use std::sync::Arc;

use axum::{
    Extension,
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use service::{
    est::{self, BasicCredentials, CertificationRequest},
    messages::{EnrollmentChallenge, ProblemCode},
};

use crate::{
    Error,
    authority::sha256,
    body::{cbor, pass_over, read_body},
    limits::caller_of,
    peer::Peer,
    problem::Refusal,
    state::Shared,
    store::{Attempt, EnrollmentOutcome, NewCertificate},
};

/// How long a nonce for a certification request lives, in seconds: time for secure hardware to make a key.
const NONCE_LIFE: i64 = 300;

/// `POST /v1/enrollment-challenges`.
pub(crate) async fn challenge(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<Peer>,
    body: Body,
) -> Result<Response, Refusal> {
    count(&shared, &peer)?;
    pass_over(&shared, body).await?;
    let expires_at = shared.now() + NONCE_LIFE;
    Ok(cbor(&EnrollmentChallenge {
        nonce: shared.secrets.enrollment_nonce(expires_at)?.to_vec(),
        expires_at,
    }))
}

/// `GET /.well-known/est/cacerts` (RFC 7030 §4.1).
pub(crate) async fn cacerts(State(shared): State<Arc<Shared>>) -> Result<Response, Refusal> {
    certificates(&[shared.authority.root().to_vec(), shared.authority.device_ca().to_vec()])
}

/// `POST /.well-known/est/simpleenroll` (RFC 7030 §4.2.1), with account and activation code as HTTP Basic
/// credentials (§3.2.3).
///
/// The answer to a wrong account is that to a wrong code, and takes the same time. A device whose answer was lost asks
/// again with the same key.
pub(crate) async fn simpleenroll(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    count(&shared, &peer)?;
    let credentials = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| BasicCredentials::from_header(value).ok())
        .ok_or(ProblemCode::EnrollmentRefused)?;
    let body = read_body(&shared, &headers, body, est::PKCS10).await?;
    let request = certification_request(&body)?;
    let nonce = request.nonce.as_deref().ok_or(ProblemCode::EnrollmentRequestInvalid)?;
    let expires_at =
        shared.secrets.open_enrollment_nonce(nonce).ok_or(ProblemCode::EnrollmentRequestInvalid)?;
    let now = shared.now();
    if expires_at < now {
        return Err(ProblemCode::EnrollmentRequestInvalid.into());
    }
    let matches = |code_mac: &[u8], link_mac: &[u8]| {
        let typed = shared.secrets.code_matches(&credentials.account, &credentials.code, code_mac);
        let scanned = shared.secrets.code_matches(&credentials.account, &credentials.code, link_mac);
        typed | scanned
    };
    let attempt = Attempt {
        account: &credentials.account,
        nonce: (nonce, expires_at),
        now,
        max_tries: shared.policy.code_tries,
        key_hash: &sha256(&request.public_key),
        attestation: &shared.attestation(&request, nonce)?,
    };
    let issue = |device: &str| issue(&shared, device, &request.public_key);
    let outcome = shared.store.enroll(&attempt, matches, issue).await?;
    match outcome {
        EnrollmentOutcome::Accepted(certificate) => {
            tracing::info!("a device was enrolled");
            certificates(&[certificate, shared.authority.device_ca().to_vec()])
        }
        EnrollmentOutcome::Refused => Err(ProblemCode::EnrollmentRefused.into()),
        EnrollmentOutcome::NonceUsed => Err(ProblemCode::EnrollmentRequestInvalid.into()),
        EnrollmentOutcome::AttestationRefused(reason) => {
            // For the operator. The device is not told: who tampers learns nothing by trying.
            tracing::warn!(account = credentials.account, %reason, "an attestation was refused");
            Err(ProblemCode::AttestationRefused.into())
        }
    }
}

/// `POST /.well-known/est/simplereenroll` (RFC 7030 §4.2.2), with the certificate that is to be followed.
///
/// The key stays the one that was enrolled: whoever could use it for a moment cannot move the enrolment to a key of
/// his own. Both certificates hold until the new one is used for the first time, so that a lost answer costs nothing.
///
/// A chain in such a request is passed over: there is no nonce for which it could be. What the service found of the key when
/// it was enrolled stays.
pub(crate) async fn simplereenroll(
    State(shared): State<Arc<Shared>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let caller = shared.caller(&peer).await?;
    count(&shared, &peer)?;
    let body = read_body(&shared, &headers, body, est::PKCS10).await?;
    let request = certification_request(&body)?;
    let key_hash = sha256(&request.public_key);
    if caller.key_hash != key_hash {
        return Err(ProblemCode::EnrollmentRequestInvalid.into());
    }
    let (der, thumbprint, not_after) = issue(&shared, &caller.device, &request.public_key)?;
    let certificate = NewCertificate { thumbprint: &thumbprint, key_hash: &key_hash, not_after };
    shared.store.add_certificate(&caller.device, &certificate, shared.now()).await?;
    certificates(&[der, shared.authority.device_ca().to_vec()])
}

fn count(shared: &Shared, peer: &Peer) -> Result<(), Refusal> {
    shared
        .counters
        .addresses
        .take(caller_of(peer.address), shared.now())
        .map_err(|seconds| Refusal::after(ProblemCode::RateLimited, seconds))
}

/// A request whose key is ECDSA on P-256 and signed it. A point that is not on the curve verifies nothing.
fn certification_request(body: &[u8]) -> Result<CertificationRequest, ProblemCode> {
    let invalid = |_| ProblemCode::EnrollmentRequestInvalid;
    let der = est::from_base64(body).map_err(invalid)?;
    let request = CertificationRequest::from_der(&der).map_err(invalid)?;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, request.public_key)
        .verify(&request.signed, &request.signature)
        .map_err(|_| ProblemCode::EnrollmentRequestInvalid)?;
    Ok(request)
}

fn issue(shared: &Shared, device: &str, public_key: &[u8; 65]) -> Result<(Vec<u8>, [u8; 32], i64), Error> {
    let life = i64::try_from(shared.policy.device_certificate_life.as_secs()).unwrap_or(i64::MAX);
    let certificate = shared.authority.device_certificate(device, public_key, shared.now(), life)?;
    Ok((certificate.der, certificate.thumbprint, certificate.not_after))
}

/// A certs-only answer (RFC 7030 §4.2.3), with the device CA so that the device can check the path, in base64 as RFC 8951 §3 has it.
fn certificates(ders: &[Vec<u8>]) -> Result<Response, Refusal> {
    let message = est::certs_only(ders).map_err(|_| Error::Crypto)?;
    let mut response = est::to_base64(&message).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/pkcs7-mime; smime-type=certs-only"),
    );
    headers.insert("content-transfer-encoding", HeaderValue::from_static("base64"));
    Ok(response)
}
