//! What a check proves, and what is refused.

mod support;

use core::time::Duration;

use eligibility::{Code, DateText, Validity};
use serde_cbor::Value;
use service::{
    Binding,
    messages::{CBOR, CheckRequest, Method, ProblemCode, Proof},
};
use support::{CLINIC, Card, DENTIST, Device, Sandbox, random, request};

#[tokio::test]
async fn a_pin_check_gives_the_record() {
    let sandbox = Sandbox::start().await;
    let device = sandbox.device().await;
    let mut card = sandbox.card("hanako");
    let request = device.pin_check(&mut card).await;
    let response = device.client.check(&request).await.expect("answered");
    assert_eq!(response.eligibility.validity(), Some(Validity::Valid));
    let record = &response.eligibility.results[0];
    assert_eq!(record.name.as_deref(), Some("山田　花子"));
    assert_eq!(record.birthdate.as_ref().map(DateText::as_str), Some("19800217"));
    assert_eq!(response.certificate_expired_since, None);
    assert_eq!(response.eligibility.processing_result_message, None);
    let (now, then) = (response.checked_at, response.certificate_not_after);
    assert!((1_175..1_185).contains(&((then - now) / 86_400)));
}

#[tokio::test]
async fn limit_information_comes_with_consent_only() {
    let sandbox = Sandbox::start().await;
    let device = sandbox.device().await;
    let mut card = sandbox.card("hanako");
    for consent in [false, true] {
        let challenge = device.client.challenge().await.expect("a challenge");
        let mut binding = device.binding(&challenge, Method::Pin, &card);
        binding.consents.limit_amount = consent;
        let proof = Proof::Pin { signature: card.sign_with_pin(&binding.digest()) };
        let response = device.check(&request(&challenge, &binding, &card, proof)).await.expect("answered");
        let record = &response.eligibility.results[0];
        assert_eq!(record.limit_application_certificate_related_info.is_some(), consent);
        let flag = record.limit_application_certificate_related_cons_flg.as_ref().map(Code::as_str);
        assert_eq!(flag, Some(if consent { "1" } else { "0" }));
    }
}

/// What the card signs, as an array that this test lays out by itself (`docs/protocol.md` §6).
fn elements(binding: &Binding) -> Vec<Value> {
    let text = |text: &str| Value::Text(text.to_owned());
    let (method, form) = match binding.method {
        Method::Pin => ("pin", Value::Null),
        Method::VisualProven => ("visual", text("proven")),
        Method::VisualAttested => ("visual", text("attested")),
    };
    let consents = if binding.consents.limit_amount { vec![text("limit-amount")] } else { Vec::new() };
    vec![
        text("madoguchi-eligibility-check/1"),
        text(&binding.audience),
        Value::Bytes(binding.nonce.to_vec()),
        Value::Bytes(binding.device.to_vec()),
        text(&binding.institution),
        text(method),
        form,
        Value::Array(consents),
        text("RS256"),
        Value::Bytes(binding.request_id.to_vec()),
        Value::Bytes(binding.card.to_vec()),
    ]
}

/// A check of this method in which the card signs these elements, changed.
async fn signing(
    device: &Device,
    card: &mut Card,
    method: Method,
    change: impl FnOnce(&mut Vec<Value>),
) -> CheckRequest {
    let challenge = device.client.challenge().await.expect("a challenge");
    let binding = device.binding(&challenge, method, card);
    let mut signed = elements(&binding);
    change(&mut signed);
    let message = serde_cbor::to_vec(&Value::Array(signed)).expect("plain data");
    let digest = ring::digest::digest(&ring::digest::SHA256, &message);
    let digest = digest.as_ref().try_into().expect("32 bytes");
    let proof = match method {
        Method::Pin => Proof::Pin { signature: card.sign_with_pin(digest) },
        _ => card.prove_surface(digest),
    };
    request(&challenge, &binding, card, proof)
}

/// One element of what is signed: its number, the method, what becomes of it.
type Signed = (usize, Method, Value);

/// The card signs one thing, the service expects another. Each row changes one element of what is signed, and the
/// request stays as it is.
#[tokio::test]
async fn each_element_of_the_binding_counts() {
    let sandbox = Sandbox::with(|config| config.limits.device.burst = 50).await;
    let device = sandbox.device().await;
    let mut card = sandbox.card("hanako");
    for method in [Method::Pin, Method::VisualProven] {
        let sent = signing(&device, &mut card, method, |_| {}).await;
        device.check(&sent).await.expect("the array of this test is that of the service");
    }
    let text = |text: &str| Value::Text(text.to_owned());
    let bytes = |length| Value::Bytes(random::<32>()[..length].to_vec());
    let (pin, proven) = (Method::Pin, Method::VisualProven);
    let rows: [Signed; 20] = [
        (0, pin, text("madoguchi-eligibility-check/2")),
        (1, pin, text(&format!("{}1", device.audience))),
        (1, pin, text(&format!("{}/", device.audience))),
        (2, pin, bytes(32)),
        (3, pin, bytes(32)),
        (4, pin, text(DENTIST)),
        (5, pin, text("visual")),
        (5, proven, text("pin")),
        (6, pin, text("proven")),
        (6, pin, text("attested")),
        (6, proven, text("attested")),
        (6, proven, Value::Null),
        (7, pin, Value::Array(vec![text("limit-amount")])),
        (7, proven, Value::Array(vec![text("limit-amount")])),
        (7, pin, Value::Null),
        (8, pin, text("PS256")),
        (9, pin, bytes(16)),
        (10, pin, bytes(32)),
        (10, proven, bytes(32)),
        (10, pin, Value::Null),
    ];
    let covered: std::collections::BTreeSet<usize> = rows.iter().map(|(element, ..)| *element).collect();
    assert!(covered.into_iter().eq(0..11), "every element has its row");
    for (element, method, other) in rows {
        let told = format!("{element} {method:?} {other:?}");
        let sent = signing(&device, &mut card, method, |signed| {
            assert_ne!(signed[element], other, "{told}");
            signed[element] = other;
        })
        .await;
        assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::CardSignatureInvalid), "{told}");
    }
    // None less, none more, and in their order.
    let shapes: [fn(&mut Vec<Value>); 3] =
        [|signed| drop(signed.pop()), |signed| signed.push(Value::Null), |signed| signed.swap(9, 10)];
    for change in shapes {
        let sent = signing(&device, &mut card, pin, change).await;
        assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::CardSignatureInvalid));
    }
}

/// What a request can be changed into.
struct Others {
    /// A request id that was answered.
    answered: Vec<u8>,
    /// The token of another challenge of this device.
    challenge: Vec<u8>,
    /// The token of a challenge of another device.
    foreign_challenge: Vec<u8>,
    /// The certificate of another card.
    certificate: Option<Vec<u8>>,
    /// What another card proves by its surface.
    surface: Proof,
}

/// The element of the binding with which the request disagrees, the method, the change, and its refusal.
type Sent = (usize, Method, fn(&mut CheckRequest, Others), ProblemCode);

/// The signature is right for what the card was told; the request says something else. Elements 0, 1, 4 and 8 do not
/// travel; how 3 and 4 follow from who sends is the test after this one.
#[tokio::test]
async fn each_part_of_the_request_has_its_own_refusal() {
    let sandbox = Sandbox::with(|config| config.limits.device.burst = 50).await;
    let device = sandbox.device().await;
    let neighbour = sandbox.device().await;
    let mut card = sandbox.card("hanako");
    let mut jiro = sandbox.card("jiro");
    let answered = device.pin_check(&mut card).await;
    device.check(&answered).await.expect("answered");

    let (pin, proven) = (Method::Pin, Method::VisualProven);
    let rows: [Sent; 12] = [
        (2, pin, |sent, others| sent.challenge = others.challenge, ProblemCode::CardSignatureInvalid),
        (2, pin, |sent, others| sent.challenge = others.foreign_challenge, ProblemCode::ChallengeInvalid),
        (2, pin, |sent, _| sent.challenge[20] ^= 1, ProblemCode::ChallengeInvalid),
        (5, pin, |sent, _| sent.proof = Proof::VisualAttested, ProblemCode::MethodNotAllowed),
        (
            5,
            pin,
            |sent, others| {
                let Proof::Pin { signature: by_pin } = &sent.proof else { unreachable!("a PIN check") };
                let mut proof = others.surface;
                let Proof::VisualProven { signature, .. } = &mut proof else {
                    unreachable!("by its surface")
                };
                signature.clone_from(by_pin);
                sent.proof = proof;
            },
            ProblemCode::CardSignatureInvalid,
        ),
        (
            5,
            proven,
            |sent, _| {
                let Proof::VisualProven { signature, .. } = &sent.proof else {
                    unreachable!("by its surface")
                };
                sent.proof = Proof::Pin { signature: signature.clone() };
            },
            ProblemCode::CardSignatureInvalid,
        ),
        (6, proven, |sent, _| sent.proof = Proof::VisualAttested, ProblemCode::MethodNotAllowed),
        (7, pin, |sent, _| sent.consents.limit_amount = true, ProblemCode::CardSignatureInvalid),
        (9, pin, |sent, _| sent.request_id[0] ^= 1, ProblemCode::CardSignatureInvalid),
        (9, pin, |sent, others| sent.request_id = others.answered, ProblemCode::RequestConflict),
        (10, pin, |sent, others| sent.certificate = others.certificate, ProblemCode::CardSignatureInvalid),
        (10, proven, |sent, others| sent.certificate = others.certificate, ProblemCode::CardSignatureInvalid),
    ];
    for (row, (element, method, change, expected)) in rows.into_iter().enumerate() {
        let others = Others {
            answered: answered.request_id.clone(),
            challenge: device.client.challenge().await.expect("a challenge").token,
            foreign_challenge: neighbour.client.challenge().await.expect("a challenge").token,
            certificate: Some(jiro.certificate.clone()),
            surface: jiro.prove_surface(&[7; 32]),
        };
        let mut sent = signing(&device, &mut card, method, |_| {}).await;
        change(&mut sent, others);
        assert_eq!(device.check(&sent).await.err(), Some(expected), "row {row}, element {element}");
    }
}

#[tokio::test]
async fn a_request_serves_the_device_that_asked_for_it() {
    let sandbox = Sandbox::start().await;
    let device = sandbox.device().await;
    let mut card = sandbox.card("hanako");
    let sent = device.pin_check(&mut card).await;
    for other in [sandbox.device().await, sandbox.device_at(DENTIST).await] {
        assert_eq!(other.check(&sent).await.err(), Some(ProblemCode::ChallengeInvalid));
    }
    device.check(&sent).await.expect("nothing was used up by others");
}

/// The neighbour has a challenge of its own, and a signature that the card made for somebody else.
#[tokio::test]
async fn a_signature_made_for_another_device_or_institution_serves_nobody_else() {
    let sandbox = Sandbox::start().await;
    let device = sandbox.device().await;
    let mut card = sandbox.card("hanako");
    for thief in [sandbox.device().await, sandbox.device_at(DENTIST).await] {
        let challenge = thief.client.challenge().await.expect("a challenge");
        let mut binding = thief.binding(&challenge, Method::Pin, &card);
        binding.device = device.client.device_thumbprint().expect("enrolled");
        binding.institution = CLINIC.to_owned();
        let proof = Proof::Pin { signature: card.sign_with_pin(&binding.digest()) };
        let refused = thief.check(&request(&challenge, &binding, &card, proof)).await;
        assert_eq!(refused.err(), Some(ProblemCode::CardSignatureInvalid));
    }
}

#[tokio::test]
async fn a_challenge_lives_for_two_minutes_and_serves_once() {
    let sandbox = Sandbox::start().await;
    let device = sandbox.device().await;
    let mut card = sandbox.card("hanako");

    let late = device.pin_check(&mut card).await;
    sandbox.clock.advance(Duration::from_secs(121));
    assert_eq!(device.check(&late).await.err(), Some(ProblemCode::ChallengeExpired));

    let challenge = device.client.challenge().await.expect("a challenge");
    assert_eq!(challenge.expires_in, 120);
    sandbox.clock.advance(Duration::from_secs(119));
    let binding = device.binding(&challenge, Method::Pin, &card);
    let proof = Proof::Pin { signature: card.sign_with_pin(&binding.digest()) };
    device.check(&request(&challenge, &binding, &card, proof)).await.expect("in time");

    let binding = device.binding(&challenge, Method::Pin, &card);
    let proof = Proof::Pin { signature: card.sign_with_pin(&binding.digest()) };
    let again = device.check(&request(&challenge, &binding, &card, proof)).await;
    assert_eq!(again.err(), Some(ProblemCode::ChallengeUsed));

    let mut forged = device.pin_check(&mut card).await;
    forged.challenge[0] ^= 0x40;
    assert_eq!(device.check(&forged).await.err(), Some(ProblemCode::ChallengeInvalid));
}

#[tokio::test]
async fn a_failed_check_burns_its_nonce() {
    let sandbox = Sandbox::start().await;
    let device = sandbox.device().await;
    let mut card = sandbox.card("hanako");
    let good = device.pin_check(&mut card).await;
    let mut bad = good.clone();
    bad.request_id = random::<16>().to_vec();
    assert_eq!(device.check(&bad).await.err(), Some(ProblemCode::CardSignatureInvalid));
    assert_eq!(device.check(&good).await.err(), Some(ProblemCode::ChallengeUsed));
}

/// A request like `device`'s, for a certificate of the test's own making.
async fn with_certificate(device: &Device, card: &mut Card, certificate: Vec<u8>) -> Option<ProblemCode> {
    card.certificate = certificate;
    let sent = device.pin_check(card).await;
    device.check(&sent).await.err()
}

#[tokio::test]
async fn certificates_are_refused_each_for_its_own_reason() {
    use sandbox_pki::{Authority, CertificateSpec, TestKey, oid};
    use time::macros::datetime;

    let sandbox = Sandbox::with(|config| config.limits.device.burst = 50).await;
    let device = sandbox.device().await;
    let mut card = sandbox.card("hanako");
    let key = TestKey::generate();
    let (from, until) = (datetime!(2026-01-01 0:00 UTC), datetime!(2031-02-17 14:59:59 UTC));
    let spec = |authority| {
        CertificateSpec::authentication(authority, 0x0990_0999, "0000000000000099001003A", &key, from, until)
    };
    let good = card.certificate.clone();

    let trailing = [&good[..], b"\0"].concat();
    assert_eq!(
        with_certificate(&device, &mut card, trailing).await,
        Some(ProblemCode::CardCertificateMalformed)
    );
    assert_eq!(
        with_certificate(&device, &mut card, Vec::new()).await,
        Some(ProblemCode::CardCertificateMalformed)
    );
    let impostor = spec(Authority::Impostor).issue();
    assert_eq!(
        with_certificate(&device, &mut card, impostor).await,
        Some(ProblemCode::CardCertificateUntrusted)
    );
    let mut changed = good.clone();
    let last = changed.len() - 1;
    changed[last] ^= 1;
    assert_eq!(
        with_certificate(&device, &mut card, changed).await,
        Some(ProblemCode::CardCertificateUntrusted)
    );
    let mut no_usage = spec(Authority::Authentication3);
    no_usage.remove(oid::KEY_USAGE);
    assert_eq!(
        with_certificate(&device, &mut card, no_usage.issue()).await,
        Some(ProblemCode::CardCertificateWrongKind)
    );
    let early = CertificateSpec::authentication(
        Authority::Authentication3,
        0x0990_0999,
        "0000000000000099001003A",
        &key,
        datetime!(2032-01-01 0:00 UTC),
        datetime!(2033-01-01 0:00 UTC),
    );
    assert_eq!(
        with_certificate(&device, &mut card, early.issue()).await,
        Some(ProblemCode::CardCertificateNotYetValid)
    );
    // A genuine certificate of somebody else, without that person's card.
    assert_eq!(
        with_certificate(&device, &mut card, spec(Authority::Authentication3).issue()).await,
        Some(ProblemCode::CardSignatureInvalid)
    );
}

#[tokio::test]
async fn being_out_of_date_and_being_revoked_are_told_apart() {
    let sandbox = Sandbox::start().await;
    let device = sandbox.device().await;

    let mut within = sandbox.card("kire");
    let response = device.check(&device.pin_check(&mut within).await).await.expect("within the grace");
    let since = response.certificate_expired_since.expect("out of date");
    assert!((39..=41).contains(&((sandbox_now(&sandbox) - since) / 86_400)));
    assert!(response.eligibility.processing_result_message.is_some());

    let mut beyond = sandbox.card("mukashi");
    let sent = device.pin_check(&mut beyond).await;
    assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::CardCertificateExpired));

    let mut revoked = sandbox.card("mihoko");
    let sent = device.pin_check(&mut revoked).await;
    assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::CardCertificateRevoked));

    // Revoked beats out of date: a card that was made long ago.
    let mut revoked = Card::new("mihoko", sandbox.today() - time::Duration::days(1_400));
    let sent = device.pin_check(&mut revoked).await;
    assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::CardCertificateRevoked));
}

fn sandbox_now(sandbox: &Sandbox) -> i64 {
    use sandbox_service::Clock;
    sandbox.clock.now()
}

#[tokio::test]
async fn a_certificate_that_soon_ends_is_told_on_success() {
    let sandbox = Sandbox::start().await;
    let device = sandbox.device().await;
    // Her certificate lives for 1,180 days from the day on which the card is made.
    let mut card = Card::new("hanako", sandbox.today() - time::Duration::days(1_120));
    let response = device.check(&device.pin_check(&mut card).await).await.expect("answered");
    assert_eq!(response.certificate_expired_since, None);
    let message = response.eligibility.processing_result_message.expect("a notice");
    assert!(message.contains("有効期限"), "{message}");
}

#[tokio::test]
async fn every_validity_has_its_person() {
    let sandbox = Sandbox::with(|config| config.limits.device.burst = 50).await;
    let device = sandbox.device().await;
    let rows = [
        ("jiro", Validity::Valid, 1),
        ("take", Validity::Valid, 1),
        ("ichiro", Validity::Invalid, 1),
        ("natsuko", Validity::InvalidNewerExists, 1),
        ("nashio", Validity::NotFound, 0),
        ("fuku", Validity::Several, 2),
    ];
    for (slug, validity, results) in rows {
        let mut card = sandbox.card(slug);
        let response = device.check(&device.pin_check(&mut card).await).await.expect("answered");
        assert_eq!(response.eligibility.validity(), Some(validity), "{slug}");
        assert_eq!(response.eligibility.results.len(), results, "{slug}");
    }
}

#[tokio::test]
async fn one_certificate_is_checked_ten_times_an_hour_over_all_devices() {
    let sandbox = Sandbox::start().await;
    let devices = [sandbox.device().await, sandbox.device_at(DENTIST).await];
    let mut card = sandbox.card("hanako");
    for number in 0..10 {
        let device = &devices[number % 2];
        device.check(&device.pin_check(&mut card).await).await.expect("within the limit");
    }
    let sent = devices[0].pin_check(&mut card).await;
    let answer = devices[0].raw.post(service::paths::ELIGIBILITY_CHECKS, CBOR, support::cbor(&sent)).await;
    assert_eq!(answer.problem().code(), ProblemCode::RateLimited);
    let after: u64 = answer.headers["retry-after"].to_str().expect("text").parse().expect("seconds");
    assert!((300..=361).contains(&after), "{after}");
    sandbox.clock.advance(Duration::from_secs(after));
    devices[0].check(&sent).await.expect("the same request, without another tap");
}
