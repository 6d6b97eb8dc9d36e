//! Requests that are not as they should be, devices that may not ask, and a network on a bad day.

mod support;

use core::time::Duration;
use std::sync::Arc;

use sandbox_service::Fault;
use service::{
    device_key::DeviceKey,
    messages::{CBOR, MAX_BODY, Notice, ProblemCode},
    paths,
};
use support::{CLINIC, Device, Raw, Sandbox, SoftKey, cbor};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test]
async fn everything_but_enrolment_needs_a_device() {
    let sandbox = Sandbox::start().await;
    let raw = sandbox.anonymous();
    assert_eq!(raw.get(paths::DEVICE).await.problem().code(), ProblemCode::DeviceUnknown);
    for path in [paths::CHALLENGES, paths::ELIGIBILITY_CHECKS, paths::SIMPLEREENROLL] {
        assert_eq!(
            raw.post(path, CBOR, Vec::new()).await.problem().code(),
            ProblemCode::DeviceUnknown,
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_certificate_of_another_device_ca_does_not_even_connect() {
    let (sandbox, elsewhere) = (Sandbox::start().await, Sandbox::start().await);
    let stranger = elsewhere.device().await;
    let raw = Raw::new(&sandbox.endpoint(), Some((&stranger.enrolled, &stranger.key)));
    assert!(raw.send(reqwest::Method::GET, paths::DEVICE, &[], Vec::new()).await.is_err());
}

#[tokio::test]
async fn what_http_has_words_for_is_a_problem_too() {
    let sandbox = Sandbox::start().await;
    let device = sandbox.device().await;
    let not_found = device.raw.get("/v1/patients?name=canary").await.problem();
    assert_eq!((not_found.status, not_found.kind.as_str()), (404, "about:blank"));
    assert_eq!(device.raw.get(paths::CHALLENGES).await.problem().status, 405);
    assert_eq!(device.raw.post(paths::DEVICE, CBOR, Vec::new()).await.problem().status, 405);
    let json = device.raw.post(paths::ELIGIBILITY_CHECKS, "application/json", b"{}".to_vec()).await;
    assert_eq!(json.problem().status, 415);
    let typed = device.raw.post(paths::ELIGIBILITY_CHECKS, "Application/CBOR; x=1", b"\xA0".to_vec()).await;
    assert_eq!(typed.problem().code(), ProblemCode::MalformedRequest, "a parameter does no harm");
}

#[tokio::test]
async fn a_malformed_body_is_refused_and_consumes_nothing() {
    let sandbox = Sandbox::with(|config| config.limits.device.burst = 1000).await;
    let device = sandbox.device().await;
    let mut card = sandbox.card("hanako");
    let good = device.pin_check(&mut card).await;
    let body = cbor(&good);
    let mut bodies: Vec<Vec<u8>> = (0..body.len()).step_by(37).map(|end| body[..end].to_vec()).collect();
    bodies.push([&body[..], b"\0"].concat());
    bodies.push(vec![0x9F; MAX_BODY]);
    bodies.push(vec![0x81; MAX_BODY]);
    bodies.push(b"\xBB\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF".to_vec());
    bodies.push(b"\x5B\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF".to_vec());
    let mut short = good.clone();
    short.request_id.pop();
    bodies.push(cbor(&short));
    let mut short = good.clone();
    short.answer_key.clear();
    bodies.push(cbor(&short));
    let mut long = good.clone();
    long.staff = Some("x".repeat(65));
    bodies.push(cbor(&long));
    for (number, body) in bodies.into_iter().enumerate() {
        let answer = device.raw.post(paths::ELIGIBILITY_CHECKS, CBOR, body).await;
        assert_eq!(answer.problem().code(), ProblemCode::MalformedRequest, "body {number}");
    }
    let mut changed = cbor(&good);
    for at in (0..changed.len()).step_by(53) {
        changed[at] ^= 0x20;
        let answer = device.raw.post(paths::ELIGIBILITY_CHECKS, CBOR, changed.clone()).await;
        assert_ne!(answer.status, 500, "byte {at}");
        changed[at] ^= 0x20;
    }
}

#[tokio::test]
async fn too_much_is_refused_whether_announced_or_not() {
    let sandbox = Sandbox::start().await;
    let device = sandbox.device().await;
    // Also where no body is needed.
    for path in [paths::ELIGIBILITY_CHECKS, paths::CHALLENGES, paths::ENROLLMENT_CHALLENGES] {
        let announced = device.raw.post(path, CBOR, vec![0; MAX_BODY + 1]).await;
        assert_eq!(announced.problem().code(), ProblemCode::TooLarge, "{path}");
    }

    let mut stream = connect(&sandbox, &device).await;
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: localhost\r\ncontent-type: {CBOR}\r\ntransfer-encoding: chunked\r\n\r\n",
        paths::ELIGIBILITY_CHECKS
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    let chunk = [&b"1000\r\n"[..], &[0; 0x1000], b"\r\n"].concat();
    for _ in 0..5 {
        // The service may close before it has read all.
        if stream.write_all(&chunk).await.is_err() {
            break;
        }
    }
    let mut answer = vec![0; 12];
    stream.read_exact(&mut answer).await.expect("an answer");
    assert_eq!(answer, b"HTTP/1.1 413");
}

#[tokio::test]
async fn the_slow_are_cut_off() {
    let sandbox = Sandbox::with(|config| {
        config.limits.handshake = Duration::from_millis(100);
        config.limits.head = Duration::from_millis(100);
        config.limits.request = Duration::from_millis(100);
    })
    .await;
    let mut silent = tokio::net::TcpStream::connect(sandbox.running.address()).await.expect("connected");
    assert_eq!(silent.read(&mut [0; 16]).await.expect("closed well"), 0, "no handshake");

    // Enrolment needs no device, and a device could not shake hands in so short a time on a slow machine.
    let sandbox = Sandbox::with(|config| {
        config.limits.head = Duration::from_millis(100);
        config.limits.request = Duration::from_millis(100);
    })
    .await;
    let device = sandbox.device().await;
    let mut stream = connect(&sandbox, &device).await;
    stream.write_all(b"GET / HTTP/1.1\r\nhost:").await.expect("sent");
    let mut rest = Vec::new();
    // However it is closed, it is closed.
    let _ = stream.read_to_end(&mut rest).await;
    assert!(!rest.starts_with(b"HTTP/1.1 200"));

    let mut stream = connect(&sandbox, &device).await;
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: localhost\r\ncontent-type: {CBOR}\r\ncontent-length: 100\r\n\r\nabc",
        paths::ELIGIBILITY_CHECKS
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    let mut answer = vec![0; 12];
    stream.read_exact(&mut answer).await.expect("an answer");
    assert_eq!(answer, b"HTTP/1.1 503", "the device may ask again");
}

#[tokio::test]
async fn no_more_connections_than_allowed_are_served_at_a_time() {
    let sandbox = Sandbox::with(|config| config.limits.connections = 1).await;
    let activation = sandbox.activation(CLINIC).await;
    let key = Arc::new(SoftKey::default());
    let client = service::Client::new(sandbox.endpoint(), Arc::clone(&key) as _).expect("a good endpoint");
    let enrolled = client.enroll(&activation.account, activation.code.as_secret()).await.expect("enrolled");
    let device = Device::new(sandbox.endpoint(), CLINIC, activation.account, key, enrolled);
    let mut waiting = core::pin::pin!(connect(&sandbox, &device));
    let early = tokio::time::timeout(Duration::from_millis(50), waiting.as_mut()).await;
    assert!(early.is_err(), "the client that enrolled still has its connection");
    drop(client);
    waiting.await;
}

/// A TLS connection of the device, to be written by hand.
async fn connect(
    sandbox: &Sandbox,
    device: &Device,
) -> tokio_rustls::client::TlsStream<tokio::net::TcpStream> {
    let config = support::tls(&sandbox.endpoint(), Some((&device.enrolled, &device.key)));
    let stream = tokio::net::TcpStream::connect(sandbox.running.address()).await.expect("connected");
    let name = rustls::pki_types::ServerName::try_from("localhost").expect("a name");
    tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, stream).await.expect("a handshake")
}

#[tokio::test]
async fn a_device_may_ask_ten_times_at_once_and_thirty_times_a_minute() {
    let sandbox = Sandbox::start().await;
    let device = sandbox.device().await;
    let neighbour = sandbox.device().await;
    for _ in 0..10 {
        device.client.challenge().await.expect("within the burst");
    }
    let refused = device.client.challenge().await.err();
    let limited =
        |after| service::Error::Refused { code: ProblemCode::RateLimited, retry_after: Some(after) };
    assert_eq!(refused, Some(limited(3)));
    neighbour.client.challenge().await.expect("another device is not touched");
    device.client.device().await.expect("its status is free");
    sandbox.clock.advance(Duration::from_secs(3));
    device.client.challenge().await.expect("allowed again");
    assert!(device.client.challenge().await.is_err());
}

#[tokio::test]
async fn suspending_revoking_and_resuming_hold_from_the_next_request_on() {
    let sandbox = Sandbox::start().await;
    let device = sandbox.device().await;
    let admin = sandbox.running.admin();
    let mut card = sandbox.card("hanako");
    let prepared = device.pin_check(&mut card).await;
    let code = |result: Result<_, service::Error>| match result {
        Err(service::Error::Refused { code, .. }) => Some(code),
        _ => None,
    };

    admin.suspend(&device.account).await.expect("suspended");
    assert_eq!(device.check(&prepared).await.err(), Some(ProblemCode::DeviceSuspended));
    assert_eq!(code(device.client.challenge().await.map(drop)), Some(ProblemCode::DeviceSuspended));
    assert_eq!(code(device.client.reenroll().await.map(drop)), Some(ProblemCode::DeviceSuspended));
    admin.resume(&device.account).await.expect("resumed");
    device.check(&prepared).await.expect("as if nothing had been");

    admin.revoke(&device.account).await.expect("revoked");
    assert_eq!(device.check(&prepared).await.err(), Some(ProblemCode::DeviceRevoked), "a stored answer too");
    assert!(matches!(admin.resume(&device.account).await, Err(sandbox_service::Error::DeviceRevoked)));
    assert!(matches!(admin.suspend("S0").await, Err(sandbox_service::Error::DeviceUnknown)));
}

#[tokio::test]
async fn a_notice_reaches_every_device() {
    let sandbox = Sandbox::start().await;
    let device = sandbox.device().await;
    let notice =
        Notice { ja: "本日22時から停止します".to_owned(), en: "Down from 22:00 today".to_owned() };
    sandbox.running.admin().set_notices(std::slice::from_ref(&notice)).await.expect("set");
    assert_eq!(device.client.device().await.expect("known").notices, [notice]);
    sandbox.running.admin().set_notices(&[]).await.expect("cleared");
    assert!(device.client.device().await.expect("known").notices.is_empty());
}

#[tokio::test]
async fn faults_strike_as_often_as_they_are_told() {
    let sandbox = Sandbox::start().await;
    let device = sandbox.device().await;
    let faults = sandbox.running.faults();
    faults.add(paths::CHALLENGES, Fault::Refuse(ProblemCode::Unavailable, Some(7)), 2);
    faults.add(paths::CHALLENGES, Fault::Delay(Duration::from_millis(1)), 1);
    let refused = service::Error::Refused { code: ProblemCode::Unavailable, retry_after: Some(7) };
    assert_eq!(device.client.challenge().await.err(), Some(refused.clone()));
    device.client.device().await.expect("other paths are not touched");
    assert_eq!(device.client.challenge().await.err(), Some(refused));
    device.client.challenge().await.expect("late, and well");
    assert_eq!(faults.struck(), 3);
    faults.add(paths::DEVICE, Fault::DropBefore, 100);
    assert!(device.client.device().await.is_err());
    faults.clear();
    device.client.device().await.expect("all is well");
}

#[tokio::test]
async fn both_versions_of_http_are_spoken_and_of_tls_1_3_alone() {
    let sandbox = Sandbox::start().await;
    // reqwest has rustls with TLS 1.2, which the house itself does not ask for. Without a device, so that nothing but
    // the version can be refused.
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        for alpn in [&b"h2"[..], b"http/1.1"] {
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let mut roots = rustls::RootCertStore::empty();
            roots.add(rustls::pki_types::CertificateDer::from(sandbox.running.root_der())).expect("a root");
            let mut config = rustls::ClientConfig::builder_with_provider(provider)
                .with_protocol_versions(&[version])
                .expect("known")
                .with_root_certificates(roots)
                .with_no_client_auth();
            config.alpn_protocols = vec![alpn.to_vec()];
            let http =
                reqwest::Client::builder().tls_backend_preconfigured(config).build().expect("a client");
            let url = format!("{}/.well-known/est/cacerts", sandbox.running.url());
            let answer = http.get(url).send().await;
            if version.version == rustls::ProtocolVersion::TLSv1_2 {
                assert!(answer.expect_err("no handshake").is_connect());
                continue;
            }
            let response = answer.expect("an answer");
            assert_eq!(response.status(), 200);
            let spoken = if alpn == b"h2" { reqwest::Version::HTTP_2 } else { reqwest::Version::HTTP_11 };
            assert_eq!(response.version(), spoken);
        }
    }
}

#[tokio::test]
async fn a_key_that_is_not_the_certificates_does_not_connect() {
    let sandbox = Sandbox::start().await;
    let device = sandbox.device().await;
    let other = Arc::new(SoftKey::default());
    other.create(&[]).expect("made");
    let client = service::Client::enrolled(sandbox.endpoint(), other, &device.enrolled).expect("built");
    assert!(client.device().await.is_err());
    assert_eq!(device.institution, CLINIC);
}
