//! Enrolment, from the challenge to the certificate.

use std::sync::{Arc, Mutex};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use secret::SecretBytes;
use service::device_key::{DeviceKey as _, DeviceKeyError};
use service::est::{self, ATTESTATION, BasicCredentials, CertificationRequest, Malformed, NONCE, PKCS7};
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
        if !seen.line.contains("enroll HTTP") {
            return refusal(&Problem::new(ProblemCode::Unavailable));
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
    client.challenge().await.expect_err("this service only enrols");
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
    let identifiers: Vec<&[u8]> = info.iter_attributes().map(|attribute| attribute.oid.as_bytes()).collect();
    assert_eq!(identifiers, [NONCE, ATTESTATION]);
    // SEQUENCE of the OBJECT IDENTIFIER and a SET of one OCTET STRING.
    let nonce = [&[0x30, 58, 0x06, 20][..], &NONCE, &[0x31, 34, 0x04, 32], &[0x5A; 32]].concat();
    assert!(info.raw.windows(nonce.len()).any(|part| part == nonce));
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
async fn an_enrolment_whose_answer_was_lost_goes_on_with_the_same_key() {
    let ca = Arc::new(Ca::new());
    let issuer = Arc::clone(&ca);
    let requests = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&requests);
    let server = est(&ca, move |request| {
        let mut log = log.lock().expect("no panic");
        log.push(request);
        match log.len() {
            1 => Act::Cut(Vec::new()),
            _ => certificates(&[issuer.device(log[log.len() - 1].public_key)]),
        }
    })
    .await;
    let key = Arc::new(SoftKey::attesting(vec![b"leaf of the platform".to_vec()]));
    let again = || {
        let port: Arc<SoftKey> = Arc::clone(&key);
        Client::new(server.endpoint(Trust::Root(ca.der())), port).expect("a client")
    };
    let lost = enrol(&server, Trust::Root(ca.der()), Arc::clone(&key)).await;
    assert_eq!(lost, Err(Error::Unreachable));
    let enrolled = again().enroll_again("W0000001", &code()).await.expect("a certificate");
    assert_eq!(est::public_key_of(&enrolled.chain[0]), key.public_key().map_err(|_| Malformed::Der));
    assert_eq!(key.challenges.lock().expect("no panic").len(), 1, "one key was made");
    {
        let requests = requests.lock().expect("no panic");
        assert_eq!(requests[0].public_key, requests[1].public_key);
        assert_eq!((requests[0].attestation.len(), requests[1].attestation.len()), (1, 0));
    }

    // The first attempt did not come as far as a key.
    key.delete().expect("deleted");
    again().enroll_again("W0000001", &code()).await.expect("a certificate");
    assert_eq!(key.challenges.lock().expect("no panic").len(), 2);
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

/// Tag, length and content (X.690 §8.1), laid out by hand.
fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = content.len();
    match u8::try_from(length).expect("short") {
        short @ 0..=127 => [&[tag, short], content.as_slice()].concat(),
        long => [&[tag, 0x81, long], content.as_slice()].concat(),
    }
}

const EC_PUBLIC_KEY: [u8; 7] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
const PRIME256V1: [u8; 8] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];
const ECDSA_WITH_SHA256: [u8; 8] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02];
const SECP256K1: [u8; 5] = [0x2B, 0x81, 0x04, 0x00, 0x0A];

/// A request laid out by hand.
fn request(version: u8, curve: &[u8], point: &[u8], algorithm: &[u8], attributes: &[&[u8]]) -> Vec<u8> {
    let algorithm_of_key = tlv(0x30, &[&tlv(0x06, &[&EC_PUBLIC_KEY]), &tlv(0x06, &[curve])]);
    let key = tlv(0x30, &[&algorithm_of_key, &tlv(0x03, &[&[0], point])]);
    let (version, subject, attributes) = (tlv(0x02, &[&[version]]), tlv(0x30, &[]), tlv(0xA0, attributes));
    let info = tlv(0x30, &[&version, &subject, &key, &attributes]);
    tlv(0x30, &[&info, &tlv(0x30, &[&tlv(0x06, &[algorithm])]), &tlv(0x03, &[&[0], &[9; 4]])])
}

#[test]
fn a_request_is_read_strictly() {
    let point = [&[4][..], &[7; 64]].concat();
    let nonce = |value: &[u8]| tlv(0x30, &[&tlv(0x06, &[&NONCE]), &tlv(0x31, &[value])]);
    let (one, other) = (nonce(&[0x04, 2, 1, 1]), nonce(&[0x04, 2, 1, 2]));
    let read = |version, curve: &[u8], point: &[u8], algorithm: &[u8], attributes: &[&[u8]]| {
        CertificationRequest::from_der(&request(version, curve, point, algorithm, attributes))
    };
    let good = |attributes: &[&[u8]]| read(0, &PRIME256V1, &point, &ECDSA_WITH_SHA256, attributes);

    let plain = good(&[&one]).expect("a request");
    assert_eq!((plain.public_key.as_slice(), plain.nonce.as_deref()), (point.as_slice(), Some(&[1, 1][..])));
    assert_eq!(good(&[]).expect("a request").nonce, None);
    let foreign = tlv(0x30, &[&tlv(0x06, &[&[0x2A, 0x03, 0x04]]), &tlv(0x31, &[&[0x05, 0x00]])]);
    assert_eq!(good(&[&foreign, &one]).expect("a request").nonce.as_deref(), Some(&[1, 1][..]));

    assert_eq!(good(&[&one, &other]), Err(Malformed::Attribute), "twice");
    assert_eq!(good(&[&nonce(&[0x04, 1, 1, 0x04, 1, 2])]), Err(Malformed::Attribute), "two values");
    assert_eq!(good(&[&nonce(&[])]), Err(Malformed::Attribute), "no value");
    assert_eq!(good(&[&nonce(&[0x02, 1, 1])]), Err(Malformed::Attribute), "an INTEGER");
    assert_eq!(read(1, &PRIME256V1, &point, &ECDSA_WITH_SHA256, &[]), Err(Malformed::Der), "version");
    assert_eq!(read(0, &SECP256K1, &point, &ECDSA_WITH_SHA256, &[]), Err(Malformed::Algorithm), "curve");
    assert_eq!(
        read(0, &PRIME256V1, &point[..64], &ECDSA_WITH_SHA256, &[]),
        Err(Malformed::Algorithm),
        "point"
    );
    assert_eq!(read(0, &PRIME256V1, &[2; 65], &ECDSA_WITH_SHA256, &[]), Err(Malformed::Algorithm), "form");
    assert_eq!(read(0, &PRIME256V1, &point, &EC_PUBLIC_KEY, &[]), Err(Malformed::Algorithm), "signature");
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
