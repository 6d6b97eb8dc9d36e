//! The client against servers that are not as they should be.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use eligibility::Eligibility;
use rcgen::ExtendedKeyUsagePurpose as Eku;
use serde_bytes::ByteBuf;
use service::device_key::DeviceKeyError;
use service::messages::{
    CBOR, CertificateAnswer, CertificateQuestion, Challenge, CheckRequest, CheckResponse, Consents,
    DeviceStatus, Institution, IssuerKey, Notice, Problem, ProblemCode, Proof, TagKey, VisualForm,
};
use service::{Client, Endpoint, Enrolled, Error, MAX_ANSWER, Timeouts, Trust};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::journal::Journal;
use crate::pki::{Ca, HangingKey, SoftKey, sha256};
use crate::server::{Act, Server, Tls, ok, refusal, status};

/// Long enough for a machine under load, where nothing is waited for.
const PATIENT: Timeouts = Timeouts {
    connect: Duration::from_secs(20),
    request: Duration::from_secs(20),
    sign: Duration::from_secs(20),
    create: Duration::from_secs(20),
};

/// Where the waiting itself is tested.
const IMPATIENT: Timeouts = Timeouts {
    connect: Duration::from_millis(100),
    request: Duration::from_millis(100),
    sign: Duration::from_millis(100),
    create: Duration::from_millis(100),
};

fn challenge() -> Challenge {
    Challenge { nonce: vec![0xC7; 32], token: vec![0x70; 64], expires_in: 120 }
}

fn cbor(message: &impl serde::Serialize) -> Act {
    ok(CBOR, &serde_cbor::to_vec(message).expect("plain data"))
}

fn root_of(ca: &Ca) -> Trust {
    Trust::Root(ca.der())
}

/// An enrolled device at this endpoint.
fn device(ca: &Ca, endpoint: Endpoint, timeouts: Timeouts) -> Client {
    let key = SoftKey::made();
    let enrolled = ca.enrolled(&key);
    Client::with_timeouts(endpoint, Arc::new(key), Some(&enrolled), timeouts).expect("a client")
}

/// The outcome of `challenge` when the server answers so.
async fn outcome(act: impl Fn() -> Act + Send + 'static, timeouts: Timeouts) -> Result<Challenge, Error> {
    let ca = Ca::new();
    let server = Server::start(&ca, move |_| act()).await;
    device(&ca, server.endpoint(root_of(&ca)), timeouts).challenge().await
}

/// The outcome of `challenge` without a device certificate, at a server that is met like this.
async fn meet(tls: Tls<'_>, trust: Trust) -> Result<Challenge, Error> {
    let server = Server::start_as(tls, |_| cbor(&challenge())).await;
    let key = Arc::new(SoftKey::made());
    let client = Client::with_timeouts(server.endpoint(trust), key, None, PATIENT).expect("a client");
    let outcome = client.challenge().await;
    assert_eq!(
        server.seen().len(),
        usize::from(outcome.is_ok()),
        "nothing is sent to a server that is not trusted"
    );
    outcome
}

#[tokio::test]
async fn the_service_is_known_by_its_root_or_by_the_fingerprint_of_its_root() {
    let ca = Ca::new();
    for trust in [root_of(&ca), Trust::Fingerprint(ca.fingerprint())] {
        let tls = Tls { identity: ca.server(), clients: &ca, alpn: b"http/1.1" };
        assert_eq!(meet(tls, trust).await, Ok(challenge()));
    }
}

#[tokio::test]
async fn a_server_under_another_root_of_the_same_name_is_not_trusted() {
    let (ours, theirs) = (Ca::new(), Ca::new());
    for trust in [root_of(&ours), Trust::Fingerprint(ours.fingerprint())] {
        let tls = Tls { identity: theirs.server(), clients: &ours, alpn: b"http/1.1" };
        assert_eq!(meet(tls, trust).await, Err(Error::Untrusted));
    }
}

#[tokio::test]
async fn our_root_in_a_chain_that_it_did_not_issue_is_not_trusted() {
    let (ours, theirs) = (Ca::new(), Ca::new());
    let mut identity = theirs.server();
    identity.chain.push(ours.der().into());
    let tls = Tls { identity, clients: &ours, alpn: b"http/1.1" };
    assert_eq!(meet(tls, Trust::Fingerprint(ours.fingerprint())).await, Err(Error::Untrusted));
}

#[tokio::test]
async fn the_fingerprint_of_the_servers_own_certificate_is_no_root() {
    let ca = Ca::new();
    let identity = ca.server();
    let print = sha256(&identity.chain[0]);
    let tls = Tls { identity, clients: &ca, alpn: b"http/1.1" };
    assert_eq!(meet(tls, Trust::Fingerprint(print)).await, Err(Error::Untrusted));
}

#[tokio::test]
async fn a_certificate_for_another_name_or_time_or_use_is_not_trusted() {
    let ca = Ca::new();
    let day = Duration::from_hours(24);
    let (past, future) = (SystemTime::now() - day, SystemTime::now() + day);
    for trust in [root_of(&ca), Trust::Fingerprint(ca.fingerprint())] {
        for identity in [
            ca.server_with("127.0.0.2", future, Eku::ServerAuth),
            ca.server_with("127.0.0.1", past, Eku::ServerAuth),
            ca.server_with("127.0.0.1", future, Eku::ClientAuth),
        ] {
            let tls = Tls { identity, clients: &ca, alpn: b"http/1.1" };
            assert_eq!(meet(tls, trust.clone()).await, Err(Error::Untrusted));
        }
    }
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_not_trusted() {
    let ca = Ca::new();
    let server = Server::start_raw(|mut tcp| async move {
        // Whatever comes of it: the client may be gone already.
        let _ = tcp.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        let _ = tcp.read(&mut [0; 4096]).await;
    })
    .await;
    let client = device(&ca, server.endpoint(root_of(&ca)), PATIENT);
    assert_eq!(client.challenge().await, Err(Error::Untrusted));
}

#[tokio::test]
async fn nobody_at_the_port_is_unreachable() {
    let ca = Ca::new();
    let server = Server::start_raw(|tcp| async move { drop(tcp) }).await;
    let client = device(&ca, server.endpoint(root_of(&ca)), PATIENT);
    assert_eq!(client.challenge().await, Err(Error::Unreachable), "cut before TLS");

    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("https://127.0.0.1:{}", free.local_addr().expect("an address").port());
    drop(free);
    let endpoint = Endpoint { url: url.parse().expect("a URL"), trust: root_of(&ca) };
    assert_eq!(device(&ca, endpoint, PATIENT).challenge().await, Err(Error::Unreachable), "nobody listens");
}

#[tokio::test]
async fn a_line_cut_before_or_within_the_answer_is_unreachable() {
    let Act::Answer(whole) = cbor(&challenge()) else { unreachable!("an answer") };
    for length in [0, 1, 20, whole.len() - 50, whole.len() - 1] {
        let part = whole[..length].to_vec();
        assert_eq!(
            outcome(move || Act::Cut(part.clone()), PATIENT).await,
            Err(Error::Unreachable),
            "{length}"
        );
    }
    assert_eq!(
        outcome(move || Act::Cut(whole.clone()), PATIENT).await,
        Ok(challenge()),
        "cut after the answer"
    );
}

#[tokio::test]
async fn after_a_cut_the_same_request_can_be_sent_again() {
    let ca = Ca::new();
    let mut first = true;
    let script = move |_: &_| if core::mem::take(&mut first) { Act::Cut(vec![]) } else { cbor(&response()) };
    let server = Server::start(&ca, script).await;
    let client = device(&ca, server.endpoint(root_of(&ca)), PATIENT);
    let error = client.check(&request()).await.expect_err("the line was cut");
    assert!(error.retryable());
    assert_eq!(client.check(&request()).await, Ok(response()));
    let seen = server.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].body, seen[1].body, "the same request id, the same body");
}

#[tokio::test]
async fn a_server_that_is_slow_is_timed_out() {
    let Act::Answer(whole) = cbor(&challenge()) else { unreachable!("an answer") };
    for length in [0, 20, whole.len() - 1] {
        let part = whole[..length].to_vec();
        let timeouts = Timeouts { request: IMPATIENT.request, ..PATIENT };
        assert_eq!(
            outcome(move || Act::Stall(part.clone()), timeouts).await,
            Err(Error::TimedOut),
            "{length}"
        );
    }
    let ca = Ca::new();
    let server = Server::start_raw(|tcp| async move {
        std::future::pending::<()>().await;
        drop(tcp);
    })
    .await;
    let timeouts = Timeouts { request: PATIENT.request, ..IMPATIENT };
    let client = device(&ca, server.endpoint(root_of(&ca)), timeouts);
    assert_eq!(client.challenge().await, Err(Error::TimedOut), "no answer to the ClientHello");
}

#[tokio::test]
async fn an_answer_of_another_kind_is_unreadable() {
    const HTML: &str = "content-type: text/html\r\n";
    const PROBLEM: &str = "content-type: application/problem+json\r\n";
    let good = serde_cbor::to_vec(&challenge()).expect("plain data");
    let cases = [
        ("garbage", ok(CBOR, b"\xFF\xFFgarbage")),
        ("nothing", ok(CBOR, b"")),
        ("another message", cbor(&status_of_device())),
        ("a short nonce", cbor(&Challenge { nonce: vec![0; 31], ..challenge() })),
        ("a byte too many", ok(CBOR, &[good.as_slice(), &[0]].concat())),
        ("another media type", ok("text/html", &good)),
        ("a redirect", status("307 x", "location: /elsewhere\r\n", b"")),
        ("another success", status("201 x", "content-type: application/cbor\r\n", &good)),
        ("an error without a problem", status("502 x", HTML, b"<html>")),
        ("a problem that is none", status("500 x", PROBLEM, b"[1, 2")),
    ];
    let ca = Ca::new();
    for (name, act) in cases {
        // Asked a second time the server would have nothing to say.
        let mut once = Some(act);
        let server = Server::start(&ca, move |_| once.take().expect("asked once")).await;
        let client = device(&ca, server.endpoint(root_of(&ca)), PATIENT);
        assert_eq!(client.challenge().await, Err(Error::AnswerUnreadable), "{name}");
        assert_eq!(server.seen().len(), 1, "{name}");
    }
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_not_read_to_its_end() {
    let declared = || ok(CBOR, &vec![0; MAX_ANSWER + 1]);
    assert_eq!(outcome(declared, PATIENT).await, Err(Error::AnswerUnreadable));
    let endless = || {
        let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/cbor\r\ntransfer-encoding: chunked\r\n\r\n";
        let chunk = [b"4000\r\n".as_slice(), &[0; 0x4000], b"\r\n"].concat();
        Act::Stall([head.as_slice(), &chunk.repeat(5)].concat())
    };
    assert_eq!(outcome(endless, PATIENT).await, Err(Error::AnswerUnreadable));
}

#[tokio::test]
async fn a_problem_is_a_refusal_with_its_code() {
    for code in ProblemCode::ALL {
        let problem = Problem::new(*code).retry_after(7);
        let refused = outcome(move || refusal(&problem), PATIENT).await;
        assert_eq!(refused, Err(Error::Refused { code: *code, retry_after: Some(7) }));
    }
    let newer = || {
        let body = br#"{"type":"urn:madoguchi:problem:from-the-future","title":"x","more":[1]}"#;
        status("418 x", "content-type: application/problem+json; charset=utf-8\r\nretry-after: 3\r\n", body)
    };
    let refused = outcome(newer, PATIENT).await;
    assert_eq!(refused, Err(Error::Refused { code: ProblemCode::Unknown, retry_after: Some(3) }));
}

#[tokio::test]
async fn the_server_sees_the_device_certificate_and_nothing_of_the_check_in_line_or_headers() {
    let ca = Ca::new();
    let server = Server::start(&ca, |_| cbor(&response())).await;
    let client = device(&ca, server.endpoint(root_of(&ca)), PATIENT);
    assert_eq!(client.check(&request()).await, Ok(response()));
    let seen = server.seen();
    let seen = seen.first().expect("one request");
    assert_eq!(seen.line, "POST /v1/eligibility-checks HTTP/1.1");
    assert_eq!(seen.header("content-type"), Some(CBOR));
    assert_eq!(seen.client.as_deref().map(sha256), client.device_thumbprint());
    assert_eq!(serde_cbor::from_slice::<CheckRequest>(&seen.body).expect("CBOR"), request());
    let mut names: Vec<_> = seen.headers.lines().filter_map(|line| line.split(':').next()).collect();
    names.sort_unstable();
    assert_eq!(names, ["accept", "content-length", "content-type", "host"]);
}

#[tokio::test]
async fn the_device_key_signs_once_for_several_requests() {
    let ca = Ca::new();
    let server = Server::start(&ca, |seen| {
        if seen.line.contains("device") { cbor(&status_of_device()) } else { cbor(&challenge()) }
    })
    .await;
    let key = Arc::new(SoftKey::made());
    let enrolled = ca.enrolled(&key);
    let port: Arc<SoftKey> = Arc::clone(&key);
    let client = Client::with_timeouts(server.endpoint(root_of(&ca)), port, Some(&enrolled), PATIENT)
        .expect("a client");
    assert_eq!(client.device().await, Ok(status_of_device()));
    // A new signature would fail: the connection is the same.
    service::device_key::DeviceKey::delete(&*key).expect("deleted");
    assert_eq!(client.challenge().await, Ok(challenge()));
}

#[tokio::test]
async fn a_certificate_is_asked_for_by_its_tag_and_nothing_else() {
    for known in [true, false] {
        let ca = Ca::new();
        let server = Server::start(&ca, move |_| cbor(&CertificateAnswer { known })).await;
        let client = device(&ca, server.endpoint(root_of(&ca)), PATIENT);
        assert_eq!(client.knows_certificate(&[7; 32]).await, Ok(known));
        let seen = server.seen();
        assert_eq!(seen[0].line, "POST /v1/known-certificates HTTP/1.1");
        let question: CertificateQuestion = serde_cbor::from_slice(&seen[0].body).expect("a question");
        assert_eq!(question.tag, [7; 32]);
    }
}

#[tokio::test]
async fn a_key_of_another_length_is_an_answer_that_cannot_be_read() {
    let ca = Ca::new();
    let status = serde_cbor::value::to_value(status_of_device()).expect("plain data");
    let serde_cbor::Value::Map(mut status) = status else { panic!("a map") };
    status.insert(serde_cbor::Value::Text("tag_key".into()), serde_cbor::Value::Bytes(vec![1; 31]));
    let server = Server::start(&ca, move |_| cbor(&status)).await;
    let client = device(&ca, server.endpoint(root_of(&ca)), PATIENT);
    assert_eq!(client.device().await, Err(Error::AnswerUnreadable));
}

#[tokio::test]
async fn a_device_certificate_that_the_service_does_not_accept_is_told_as_such() {
    let (ca, other) = (Ca::new(), Ca::new());
    for alpn in [b"h2".as_slice(), b"http/1.1"] {
        let tls = Tls { identity: ca.server(), clients: &other, alpn };
        let server = Server::start_as(tls, |_| cbor(&challenge())).await;
        let client = device(&ca, server.endpoint(root_of(&ca)), PATIENT);
        assert_eq!(client.challenge().await, Err(Error::CertificateRefused), "{alpn:?}");
        assert!(server.seen().is_empty());
    }
}

#[tokio::test]
async fn a_key_store_that_hangs_is_an_error_of_its_own() {
    let ca = Ca::new();
    let server = Server::start(&ca, |_| cbor(&challenge())).await;
    let (hanging, _stuck) = HangingKey::new();
    let enrolled = ca.enrolled(&SoftKey::made());
    let timeouts = Timeouts { sign: IMPATIENT.sign, ..PATIENT };
    let endpoint = server.endpoint(root_of(&ca));
    let client =
        Client::with_timeouts(endpoint, Arc::new(hanging), Some(&enrolled), timeouts).expect("a client");
    for _ in 0..2 {
        assert_eq!(client.challenge().await, Err(Error::DeviceKey(DeviceKeyError::TimedOut)));
    }
}

#[tokio::test]
async fn a_key_that_is_gone_is_an_error_of_its_own() {
    let ca = Ca::new();
    let server = Server::start(&ca, |_| cbor(&challenge())).await;
    let enrolled = ca.enrolled(&SoftKey::made());
    let key = Arc::new(SoftKey::default());
    let client = Client::with_timeouts(server.endpoint(root_of(&ca)), key, Some(&enrolled), PATIENT)
        .expect("a client");
    assert_eq!(client.challenge().await, Err(Error::DeviceKey(DeviceKeyError::Missing)));
}

#[tokio::test]
async fn the_log_holds_names_and_numbers_of_ours_only() {
    Journal::text();
    say_everything().await;
    let text = Journal::text();
    assert!(text.contains("path=\"/v1/eligibility-checks\" status=200 milliseconds="), "{text}");
    assert!(text.contains("code=\"card-changed\""), "{text}");
    assert!(!text.contains("CANARY") && !text.contains("https:"), "{text}");
}

async fn say_everything() {
    let ca = Ca::new();
    let server = Server::start(&ca, |_| cbor(&response())).await;
    let client = device(&ca, server.endpoint(root_of(&ca)), PATIENT);
    client.check(&request()).await.expect("an answer");
    let server = Server::start(&ca, |_| cbor(&status_of_device())).await;
    let client = device(&ca, server.endpoint(root_of(&ca)), PATIENT);
    let status = client.device().await.expect("an answer");
    let server = Server::start(&ca, |_| cbor(&CertificateAnswer { known: true })).await;
    let client = device(&ca, server.endpoint(root_of(&ca)), PATIENT);
    client.knows_certificate(b"CANARY tag of a certificate.....").await.expect("an answer");
    let shown = format!("{status:?}{:?}", request());
    assert!(!shown.contains("CANARY") && !shown.contains("67, 65, 78"), "{shown}");
    let refused = Problem { title: "CANARY in a title".into(), ..Problem::new(ProblemCode::CardChanged) };
    let server = Server::start(&ca, move |_| refusal(&refused)).await;
    let client = device(&ca, server.endpoint(root_of(&ca)), PATIENT);
    client.check(&request()).await.expect_err("refused");
}

#[test]
fn an_endpoint_is_an_https_origin_and_nothing_else() {
    let ca = Ca::new();
    for url in [
        "http://service.invalid",
        "https://service.invalid/v1",
        "https://service.invalid/?x",
        "https://service.invalid/#x",
        "https://me@service.invalid",
        "https://me:you@service.invalid",
        "madoguchi://service.invalid",
    ] {
        let endpoint = Endpoint { url: url.parse().expect("a URL"), trust: root_of(&ca) };
        let made = Client::new(endpoint, Arc::new(SoftKey::default()));
        assert_eq!(made.err(), Some(Error::EndpointInvalid), "{url}");
    }
    let endpoint =
        Endpoint { url: "https://Service.INVALID:443".parse().expect("a URL"), trust: root_of(&ca) };
    assert_eq!(endpoint.audience(), "https://service.invalid");
    let bad = Endpoint { trust: Trust::Root(b"no certificate".to_vec()), ..endpoint };
    assert_eq!(Client::new(bad, Arc::new(SoftKey::default())).err(), Some(Error::TrustInvalid));
}

#[test]
fn what_was_kept_must_fit_what_is_trusted() {
    let (ours, theirs) = (Ca::new(), Ca::new());
    let key = Arc::new(SoftKey::made());
    let kept = ours.enrolled(&key);
    let endpoint = |trust| Endpoint { url: "https://service.invalid".parse().expect("a URL"), trust };
    let made = |trust, kept: &Enrolled| {
        let key: Arc<SoftKey> = Arc::clone(&key);
        Client::enrolled(endpoint(trust), key, kept).map(|client| client.device_thumbprint())
    };
    let print = Some(sha256(&kept.chain[0]));
    assert_eq!(made(Trust::Fingerprint(ours.fingerprint()), &kept), Ok(print));
    assert_eq!(made(root_of(&ours), &kept), Ok(print));
    assert_eq!(made(Trust::Fingerprint(theirs.fingerprint()), &kept), Err(Error::EnrolledInvalid));
    assert_eq!(made(root_of(&theirs), &kept), Err(Error::EnrolledInvalid));
    let empty = Enrolled { chain: vec![], ..kept.clone() };
    assert_eq!(made(root_of(&ours), &empty), Err(Error::EnrolledInvalid));
    let broken = Enrolled { root: ByteBuf::from(b"no certificate".to_vec()), ..kept };
    assert_eq!(made(Trust::Fingerprint(sha256(b"no certificate")), &broken), Err(Error::TrustInvalid));
}

fn status_of_device() -> DeviceStatus {
    DeviceStatus {
        institution: Institution { code: "9919900010".into(), name: "試験診療所".into() },
        pin: true,
        visual: Some(VisualForm::Proven),
        renew_at: 1_800_000_000,
        now: 1_795_000_000,
        notices: vec![Notice { ja: "お知らせ".into(), en: "Notice".into() }],
        sandbox: true,
        tag_key: Some(TagKey::new(*b"CANARY key of an institution....")),
        issuer_keys: vec![IssuerKey { key_id: vec![1; 16], modulus: vec![2; 256] }],
    }
}

fn request() -> CheckRequest {
    CheckRequest {
        request_id: b"CANARY request i".to_vec(),
        answer_key: b"CANARY answer key of 32 bytes...".to_vec(),
        challenge: b"CANARY challenge".to_vec(),
        consents: Consents { limit_amount: true },
        certificate: Some(b"CANARY certificate".to_vec()),
        certificate_tag: Some(b"CANARY tag of a certificate.....".to_vec()),
        proof: Proof::Pin { signature: b"CANARY signature".to_vec() },
        staff: Some("CANARY staff".into()),
    }
}

fn response() -> CheckResponse {
    CheckResponse {
        check_id: "CANARY check".into(),
        checked_at: 1_795_000_001,
        certificate_not_after: 1_900_000_000,
        certificate_expired_since: None,
        danger_attested_visual: false,
        eligibility: Eligibility::default(),
    }
}
