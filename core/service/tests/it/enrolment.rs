//! Enrolment, from the challenge to the certificate.

use std::sync::{Arc, Mutex};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use der::Decode as _;
use secret::SecretBytes;
use service::device_key::{DeviceKey as _, DeviceKeyError};
use service::est::{self, ATTESTATION, BasicCredentials, CertificationRequest, NONCE, PKCS7};
use service::messages::{CBOR, EnrollmentChallenge, Problem, ProblemCode};
use service::{Client, Enrolled, Error, Timeouts, Trust};
use x509_parser::prelude::{FromDer as _, GeneralName, ParsedExtension, X509CertificationRequest};

use crate::pki::{Ca, HangingKey, SoftKey, sha256};
use crate::server::{Act, Seen, Server, ok, refusal};

const CODE: &[u8] = b"123456789012";

fn code() -> SecretBytes {
    SecretBytes::new(CODE.to_vec())
}

/// A service that issues what `issue` makes of a request.
async fn est(ca: &Ca, issue: impl Fn(CertificationRequest) -> Act + Send + 'static) -> Server {
    Server::start(ca, move |seen: &Seen| {
        if seen.line.contains("enrollment-challenges") {
            let challenge = EnrollmentChallenge { nonce: vec![0x5A; 32], expires_at: 1_795_000_000 };
            return ok(CBOR, &serde_cbor::to_vec(&challenge).expect("plain data"));
        }
        let der = STANDARD.decode(&seen.body).expect("base64");
        issue(CertificationRequest::from_der(&der).expect("a request"))
    })
    .await
}

/// Certificates as EST sends them.
fn certificates(chain: &[Vec<u8>]) -> Act {
    let body = est::to_base64(&est::certs_only(chain).expect("certificates"));
    // Line breaks as PEM-minded servers send them.
    let lines: Vec<&str> =
        body.as_bytes().chunks(64).map(|l| core::str::from_utf8(l).expect("ASCII")).collect();
    ok(&format!("{PKCS7}; smime-type=certs-only"), lines.join("\r\n").as_bytes())
}

async fn enrol(server: &Server, trust: Trust, key: Arc<SoftKey>) -> Result<Enrolled, Error> {
    Client::new(server.endpoint(trust), key).expect("a client").enroll("W0000001", &code()).await
}

#[tokio::test]
async fn a_device_is_enrolled_with_account_and_code_and_uses_its_certificate() {
    let ca = Arc::new(Ca::new());
    let issuer = Arc::clone(&ca);
    let server =
        est(&ca, move |request| certificates(&[issuer.der(), issuer.device(request.public_key)])).await;
    let attestation = vec![b"leaf of the platform".to_vec(), vec![0; 300], vec![]];
    let key = Arc::new(SoftKey::attesting(attestation.clone()));

    let trust = Trust::Fingerprint(ca.fingerprint());
    let enrolled = enrol(&server, trust.clone(), Arc::clone(&key)).await.expect("a certificate");

    assert_eq!(enrolled.root.as_slice(), ca.der(), "the root came with the server's chain and is kept");
    assert_eq!(enrolled.chain.len(), 1, "the root is not part of the chain");
    assert_eq!(est::public_key_of(&enrolled.chain[0]), Ok(key.public_key().expect("a key")));
    assert_eq!(*key.challenges.lock().expect("no panic"), [[0x5A; 32]], "the key was made for this nonce");

    let seen = server.seen();
    let lines: Vec<&str> = seen.iter().map(|seen| seen.line.as_str()).collect();
    assert_eq!(
        lines,
        ["POST /v1/enrollment-challenges HTTP/1.1", "POST /.well-known/est/simpleenroll HTTP/1.1"]
    );
    let request = &seen[1];
    assert_eq!(request.header("content-type"), Some("application/pkcs10"));
    assert_eq!(request.header("authorization"), Some("Basic VzAwMDAwMDE6MTIzNDU2Nzg5MDEy"));
    assert!(request.client.is_none());
    read_independently(&STANDARD.decode(&request.body).expect("base64"), &key, &attestation);

    let client = Client::enrolled(server.endpoint(trust), key, &enrolled).expect("a client");
    let _ = client.challenge().await;
    let seen = server.seen();
    assert_eq!(seen[0].client.as_deref(), Some(enrolled.chain[0].as_slice()));
    assert_eq!(client.device_thumbprint(), Some(sha256(&enrolled.chain[0])));
}

/// The request as somebody else's parser sees it.
fn read_independently(der: &[u8], key: &SoftKey, attestation: &[Vec<u8>]) {
    let (rest, request) = X509CertificationRequest::from_der(der).expect("PKCS#10");
    assert!(rest.is_empty());
    request.verify_signature().expect("signed by its own key");
    let info = &request.certification_request_info;
    assert_eq!(info.subject_pki.subject_public_key.data.as_ref(), key.public_key().expect("a key"));
    assert_eq!(info.subject.iter().count(), 0, "the device does not say who it is");
    let attributes: Vec<(&[u8], &[u8])> =
        info.iter_attributes().map(|attribute| (attribute.oid.as_bytes(), attribute.value)).collect();
    let nonce = [&[0x31, 34, 0x04, 32][..], &[0x5A; 32]].concat();
    assert_eq!(attributes[0], (&NONCE[..], nonce.as_slice()), "SET of one OCTET STRING");
    assert_eq!(attributes[1].0, ATTESTATION);
    for evidence in attestation {
        let found = attributes[1].1.windows(evidence.len().max(1)).any(|part| part == evidence);
        assert!(found || evidence.is_empty());
    }
    assert_eq!(attributes.len(), 2);
    let ours = CertificationRequest::from_der(der).expect("our own reader");
    assert_eq!(ours.attestation, attestation);
    assert_eq!(ours.nonce.as_deref(), Some(&[0x5A; 32][..]));
    assert_eq!(ours.signed, info.raw, "the bytes that were signed");
}

#[test]
fn the_object_identifiers_are_those_of_the_uuid() {
    let uuid: u128 = 0x1fe7_86eb_3c01_4c9b_ad60_883b_e730_f800;
    assert_eq!(uuid.to_string(), "42408224923729688704856190363108440064");
    for (oid, last) in [(NONCE, 1), (ATTESTATION, 2)] {
        // X.690 §8.19: 2.25 in one octet, then base 128, high bit set on all but the last octet.
        let mut octets = vec![last, u8::try_from(uuid & 0x7F).expect("7 bits")];
        let mut rest = uuid >> 7;
        while rest > 0 {
            octets.push(u8::try_from(rest & 0x7F).expect("7 bits") | 0x80);
            rest >>= 7;
        }
        octets.push(2 * 40 + 25);
        octets.reverse();
        assert_eq!(oid.as_slice(), octets);
    }
}

#[tokio::test]
async fn a_certificate_for_another_key_is_not_taken() {
    let ca = Arc::new(Ca::new());
    let issuer = Arc::clone(&ca);
    let other = SoftKey::made().public_key().expect("a key");
    let server = est(&ca, move |_| certificates(&[issuer.device(other)])).await;
    let trust = Trust::Root(ca.der());
    assert_eq!(enrol(&server, trust, Arc::default()).await, Err(Error::AnswerUnreadable));
}

#[tokio::test]
async fn a_certificate_of_another_root_is_not_taken() {
    let (ca, other) = (Ca::new(), Ca::new());
    let server =
        est(&ca, move |request| certificates(&[other.device(request.public_key), other.der()])).await;
    let trust = Trust::Fingerprint(ca.fingerprint());
    assert_eq!(enrol(&server, trust, Arc::default()).await, Err(Error::Untrusted));
}

#[tokio::test]
async fn an_answer_that_is_no_list_of_certificates_is_unreadable() {
    for body in [b"".as_slice(), b"!!!", b"MAA=", &[0xFF; 10]] {
        let ca = Ca::new();
        let server = est(&ca, move |_| ok(PKCS7, body)).await;
        let trust = Trust::Root(ca.der());
        assert_eq!(enrol(&server, trust, Arc::default()).await, Err(Error::AnswerUnreadable));
    }
}

#[tokio::test]
async fn a_wrong_code_is_a_refusal() {
    let ca = Ca::new();
    let server = est(&ca, |_| refusal(&Problem::new(ProblemCode::EnrollmentRefused))).await;
    let refused = enrol(&server, Trust::Root(ca.der()), Arc::default()).await;
    assert_eq!(refused, Err(Error::Refused { code: ProblemCode::EnrollmentRefused, retry_after: None }));
}

#[tokio::test]
async fn what_cannot_be_account_or_code_is_not_sent() {
    let ca = Ca::new();
    let server = est(&ca, |_| refusal(&Problem::new(ProblemCode::EnrollmentRefused))).await;
    let key = Arc::new(SoftKey::default());
    let client = Client::new(server.endpoint(Trust::Root(ca.der())), key).expect("a client");
    let empty = SecretBytes::new(vec![]);
    let line_break = SecretBytes::new(b"1234\r\n".to_vec());
    for (account, code) in
        [("", &code()), ("a:b", &code()), ("窓口", &code()), ("a", &empty), ("a", &line_break)]
    {
        assert_eq!(client.enroll(account, code).await, Err(Error::CredentialsInvalid), "{account}");
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_key_store_that_hangs_does_not_stop_the_enrolment_for_ever() {
    let ca = Ca::new();
    let server = est(&ca, |_| refusal(&Problem::new(ProblemCode::EnrollmentRefused))).await;
    let (hanging, _stuck) = HangingKey::new();
    let timeouts = Timeouts { create: core::time::Duration::from_millis(100), ..Timeouts::default() };
    let endpoint = server.endpoint(Trust::Root(ca.der()));
    let client = Client::with_timeouts(endpoint, Arc::new(hanging), None, timeouts).expect("a client");
    let outcome = client.enroll("W0000001", &code()).await;
    assert_eq!(outcome, Err(Error::DeviceKey(DeviceKeyError::TimedOut)));
}

#[tokio::test]
async fn renewal_asks_over_mtls_for_the_same_names_with_the_same_key() {
    let ca = Arc::new(Ca::new());
    let issuer = Arc::clone(&ca);
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let server = est(&ca, move |request| {
        let answer = certificates(&[issuer.device(request.public_key)]);
        log.lock().expect("no panic").push(request);
        answer
    })
    .await;
    let key = Arc::new(SoftKey::made());
    let old = ca.enrolled(&key);
    let port: Arc<SoftKey> = Arc::clone(&key);
    let client = Client::enrolled(server.endpoint(Trust::Root(ca.der())), port, &old).expect("a client");
    let new = client.reenroll().await.expect("a certificate");
    assert_ne!(new.chain, old.chain);
    assert_eq!(new.root, old.root);

    let seen = server.seen();
    assert_eq!(seen[0].line, "POST /.well-known/est/simplereenroll HTTP/1.1");
    assert_eq!(seen[0].client.as_deref(), Some(old.chain[0].as_slice()));
    assert!(seen[0].header("authorization").is_none());
    let request = asked.lock().expect("no panic").remove(0);
    assert_eq!((request.nonce, request.attestation), (None, vec![]));
    assert_eq!(request.public_key, key.public_key().expect("a key"));

    let der = STANDARD.decode(&seen[0].body).expect("base64");
    let (_, request) = X509CertificationRequest::from_der(&der).expect("PKCS#10");
    request.verify_signature().expect("signed by its own key");
    assert_eq!(request.certification_request_info.subject.to_string(), "CN=device 17");
    let mut extensions = request.requested_extensions().expect("an extension request");
    let Some(ParsedExtension::SubjectAlternativeName(names)) = extensions.next() else {
        panic!("the alternative names")
    };
    let uri = "urn:uuid:00000000-0000-4000-8000-000000000017";
    assert_eq!(names.general_names, [GeneralName::URI(uri)]);
    assert!(extensions.next().is_none());
}

#[tokio::test]
async fn renewal_without_a_certificate_is_refused_here() {
    let ca = Ca::new();
    let server = est(&ca, |_| refusal(&Problem::new(ProblemCode::DeviceUnknown))).await;
    let client =
        Client::new(server.endpoint(Trust::Root(ca.der())), Arc::new(SoftKey::made())).expect("a client");
    assert_eq!(client.reenroll().await, Err(Error::EnrolledInvalid));
    assert!(server.seen().is_empty());
}

#[test]
fn a_request_with_an_attribute_of_ours_twice_is_not_read() {
    let key = SoftKey::made();
    let point = key.public_key().expect("a key");
    let request = est::UnsignedRequest::new(&point, &[7; 32], &[]).expect("a request");
    let signature = key.sign(request.to_be_signed()).expect("a signature");
    let der = request.with_signature(&signature).expect("a request");
    let good = CertificationRequest::from_der(&der).expect("as it was written");
    assert_eq!((good.public_key, good.signature), (point, signature));

    // The one attribute, once more, with the lengths around it put right.
    let at = der.windows(20).position(|part| part == NONCE).expect("the attribute") - 4;
    let attribute = &der[at..at + 60];
    let twice = [&[0xA0, 120][..], attribute, attribute].concat();
    let info_body = [&good.signed[3..good.signed.len() - 62], &twice].concat();
    assert_eq!(good.signed[..2], [0x30, 0x81], "a length of one octet");
    let info = [&[0x30, 0x82][..], &u16::try_from(info_body.len()).expect("short").to_be_bytes(), &info_body]
        .concat();
    let tail = &der[4 + good.signed.len() - 1..];
    let tail = if tail[0] == 0x30 { tail } else { &tail[1..] };
    let body = [&info, tail].concat();
    let twice = [&[0x30, 0x82][..], &u16::try_from(body.len()).expect("short").to_be_bytes(), &body].concat();
    assert!(der::asn1::AnyRef::from_der(&twice).is_ok(), "still DER");
    assert!(CertificationRequest::from_der(&twice).is_err());
}

#[test]
fn credentials_survive_their_header() {
    let written = BasicCredentials::new("W0000001", CODE).expect("credentials").to_header();
    let read = BasicCredentials::from_header(&written).expect("credentials");
    assert_eq!((read.account.as_str(), read.code.as_slice()), ("W0000001", CODE));
    assert_eq!(format!("{read:?}"), "BasicCredentials(redacted)");
    for bad in ["", "Basic", "Bearer VzE6MQ==", "Basic !", "Basic VzE=", "Basic VzE6", "Basic OjE="] {
        assert!(BasicCredentials::from_header(bad).is_err(), "{bad}");
    }
}
