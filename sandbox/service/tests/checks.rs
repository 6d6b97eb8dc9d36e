//! What a check proves, and what is refused.

mod support;

use core::time::Duration;

use eligibility::{Code, DateText, Validity};
use service::{
    Binding,
    messages::{CBOR, Method, ProblemCode, Proof},
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

type ChangeBinding = fn(&mut Binding);

/// The card signs one thing, the service expects another. Each row changes one element of what is signed.
#[tokio::test]
async fn each_field_of_the_binding_counts() {
    let sandbox = Sandbox::with(|config| config.limits.device.burst = 50).await;
    let device = sandbox.device().await;
    let mut card = sandbox.card("hanako");
    let rows: [(&str, ChangeBinding); 8] = [
        ("audience", |binding| binding.audience.push('1')),
        ("nonce", |binding| binding.nonce[31] ^= 1),
        ("device", |binding| binding.device[0] ^= 1),
        ("institution", |binding| binding.institution = DENTIST.to_owned()),
        ("method", |binding| binding.method = Method::VisualProven),
        ("consents", |binding| binding.consents.limit_amount = true),
        ("request id", |binding| binding.request_id[15] ^= 1),
        ("card", |binding| binding.card[0] ^= 1),
    ];
    for (field, change) in rows {
        let challenge = device.client.challenge().await.expect("a challenge");
        let binding = device.binding(&challenge, Method::Pin, &card);
        let mut signed = binding.clone();
        change(&mut signed);
        let proof = Proof::Pin { signature: card.sign_with_pin(&signed.digest()) };
        let refused = device.check(&request(&challenge, &binding, &card, proof)).await;
        assert_eq!(refused.err(), Some(ProblemCode::CardSignatureInvalid), "{field}");
    }
}

/// The signature is right for what the card was told; what is sent beside it says something else.
#[tokio::test]
async fn each_part_of_the_request_has_its_own_refusal() {
    let sandbox = Sandbox::with(|config| config.limits.device.burst = 50).await;
    let device = sandbox.device().await;
    let neighbour = sandbox.device().await;
    let dentist = sandbox.device_at(DENTIST).await;
    let mut card = sandbox.card("hanako");
    let jiro = sandbox.card("jiro");
    let other_nonce = device.client.challenge().await.expect("a challenge").token;
    let other_device = neighbour.client.challenge().await.expect("a challenge").token;

    let mut sent = device.pin_check(&mut card).await;
    sent.challenge = other_nonce;
    assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::CardSignatureInvalid), "another nonce");

    let mut sent = device.pin_check(&mut card).await;
    sent.challenge = other_device;
    assert_eq!(
        device.check(&sent).await.err(),
        Some(ProblemCode::ChallengeInvalid),
        "a challenge of another device"
    );

    let mut sent = device.pin_check(&mut card).await;
    sent.consents.limit_amount = true;
    assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::CardSignatureInvalid), "consents");

    let mut sent = device.pin_check(&mut card).await;
    sent.request_id = random::<16>().to_vec();
    assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::CardSignatureInvalid), "request id");

    let mut sent = device.pin_check(&mut card).await;
    sent.certificate = jiro.certificate.clone();
    assert_eq!(
        device.check(&sent).await.err(),
        Some(ProblemCode::CardSignatureInvalid),
        "another certificate"
    );

    let mut sent = device.pin_check(&mut card).await;
    sent.proof = Proof::VisualAttested;
    assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::MethodNotAllowed), "no proof at all");

    let sent = device.pin_check(&mut card).await;
    assert_eq!(
        neighbour.check(&sent).await.err(),
        Some(ProblemCode::ChallengeInvalid),
        "sent by another device"
    );
    assert_eq!(
        dentist.check(&sent).await.err(),
        Some(ProblemCode::ChallengeInvalid),
        "by another institution"
    );
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
