//! Certificates of issuers' keys: a 目視確認 that names EF 0004 by its key id, and what the service keeps for it.

mod support;

use core::time::Duration;

use sandbox_pki::{TestKey, surface};
use service::messages::{CheckRequest, IssuerKey, ProblemCode, Proof};
use support::{Card, DENTIST, Device, Sandbox, cbor};

const DAY: Duration = Duration::from_hours(24);

async fn prepared() -> (Sandbox, Device, Card) {
    let sandbox = Sandbox::start().await;
    let device = sandbox.device().await;
    let card = sandbox.card("hanako");
    (sandbox, device, card)
}

/// A first 目視確認: EF 0004 comes whole.
async fn visit(device: &Device, card: &mut Card) {
    device.check(&device.visual_check(card).await).await.expect("answered");
}

/// What the service tells its devices.
async fn told(device: &Device) -> Vec<IssuerKey> {
    device.client.device().await.expect("known").issuer_keys
}

/// The id of the one key that signs the records of all test cards.
fn key_id() -> Vec<u8> {
    surface::key_certificate()[26..42].to_vec()
}

/// A 目視確認 that is right in everything, with the key id in place of EF 0004.
async fn short_check(device: &Device, card: &mut Card) -> CheckRequest {
    named(&device.visual_check(card).await)
}

fn named(sent: &CheckRequest) -> CheckRequest {
    change(sent, |_, certificate, id| (*certificate, *id) = (None, Some(key_id())))
}

fn change(
    sent: &CheckRequest,
    how: impl FnOnce(&mut Vec<u8>, &mut Option<Vec<u8>>, &mut Option<Vec<u8>>),
) -> CheckRequest {
    let mut sent = sent.clone();
    let Proof::VisualProven { birth_record, key_certificate, key_id, .. } = &mut sent.proof else {
        panic!("a visual check");
    };
    how(birth_record, key_certificate, key_id);
    sent
}

#[tokio::test]
async fn a_key_certificate_that_came_whole_serves_every_card_of_that_key_at_every_institution() {
    let (sandbox, device, mut hanako) = prepared().await;
    assert_eq!(told(&device).await, []);
    visit(&device, &mut hanako).await;
    let modulus = surface::key_certificate()[51..307].to_vec();
    let expected = [IssuerKey { key_id: key_id(), modulus }];
    assert_eq!(told(&device).await, expected);

    let other = sandbox.device_at(DENTIST).await;
    assert_eq!(told(&other).await, expected);
    for device in [&device, &other] {
        for slug in ["hanako", "jiro"] {
            let mut card = sandbox.card(slug);
            let sent = short_check(device, &mut card).await;
            let whole = device.visual_check(&mut card).await;
            assert!(cbor(&sent).len() + 500 < cbor(&whole).len(), "EF 0004 did not travel");
            let answer = device.check(&sent).await.expect("answered");
            assert_eq!(answer.eligibility.results.len(), 1);
        }
    }
    assert_eq!(told(&device).await, expected, "once");
}

#[tokio::test]
async fn a_key_certificate_that_is_needed_after_all_comes_with_the_same_signature() {
    let (_sandbox, device, mut card) = prepared().await;
    let whole = device.visual_check(&mut card).await;
    for _ in 0..2 {
        let needed = device.check(&named(&whole)).await;
        assert_eq!(needed.err(), Some(ProblemCode::CardCertificateNeeded));
    }
    let answer = device.check(&whole).await.expect("the same id, nonce and signature");
    assert!(device.check(&whole).await.expect("once") == answer);
    assert_eq!(device.check(&named(&whole)).await.err(), Some(ProblemCode::RequestConflict));
}

#[tokio::test]
async fn only_an_answered_check_leaves_its_key_certificate() {
    let sandbox = Sandbox::with(|config| config.limits.device.burst = 50).await;
    let device = sandbox.device().await;
    let mut card = sandbox.card("hanako");
    let stranger = TestKey::generate();

    let mut unsigned = device.visual_check(&mut card).await;
    unsigned.consents.limit_amount = true;
    let foreign = change(&device.visual_check(&mut card).await, |record, certificate, _| {
        *record = surface::birth_record_signed_by(b"19800217", &stranger, &stranger);
        *certificate = Some(surface::key_certificate_signed_by(&stranger));
    });
    let self_made = change(&device.visual_check(&mut card).await, |record, _, _| {
        *record = surface::birth_record_signed_by(b"19800217", &stranger, &stranger);
    });
    for (name, sent, problem) in [
        ("a signature over something else", unsigned, ProblemCode::CardSignatureInvalid),
        ("a certificate of nobody's", foreign, ProblemCode::CardRecordUntrusted),
        ("a record of nobody's", self_made, ProblemCode::CardRecordUntrusted),
    ] {
        assert_eq!(device.check(&sent).await.err(), Some(problem), "{name}");
        assert_eq!(told(&device).await, [], "{name}");
    }
    for (slug, problem) in [
        ("chigau", ProblemCode::CardRecordMismatch),
        ("mihoko", ProblemCode::CardCertificateRevoked),
        ("mukashi", ProblemCode::CardCertificateExpired),
    ] {
        let sent = device.visual_check(&mut sandbox.card(slug)).await;
        assert_eq!(device.check(&sent).await.err(), Some(problem), "{slug}");
        assert_eq!(told(&device).await, [], "{slug}");
    }
    device.check(&device.pin_check(&mut card).await).await.expect("answered");
    assert_eq!(told(&device).await, [], "a PIN brings none");
}

#[tokio::test]
async fn a_record_that_another_key_signed_does_not_pass_under_a_known_id() {
    let (_sandbox, device, mut card) = prepared().await;
    visit(&device, &mut card).await;
    let stranger = TestKey::generate();
    let forged = change(&device.visual_check(&mut card).await, |record, _, _| {
        *record = surface::birth_record_signed_by(b"19800217", &stranger, &stranger);
    });
    // The one that is kept does not fit. Whole, it is refused for good.
    assert_eq!(device.check(&named(&forged)).await.err(), Some(ProblemCode::CardCertificateNeeded));
    assert_eq!(device.check(&forged).await.err(), Some(ProblemCode::CardRecordUntrusted));

    // The issuer's record, and a signature that its card did not make.
    let mut sent = short_check(&device, &mut card).await;
    sent.consents.limit_amount = true;
    assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::CardSignatureInvalid));
    let sent = change(&device.visual_check(&mut card).await, |_, certificate, id| {
        (*certificate, *id) = (None, Some(vec![0; 16]));
    });
    assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::CardCertificateNeeded));
}

/// Whether an issuer ever has two keys under one id is not known. Cards of both are served; each first one of the other key
/// is asked for EF 0004.
#[tokio::test]
async fn two_keys_under_one_id_replace_each_other_and_cost_nobody_an_answer() {
    let (_sandbox, device, mut hanako) = prepared().await;
    let second = TestKey::generate();
    let certified = surface::key_certificate_for(&second);
    let by_second = |sent: &CheckRequest| {
        change(sent, |record, certificate, _| {
            *record = surface::birth_record_signed_again(record, &second);
            *certificate = Some(certified.clone());
        })
    };
    for _ in 0..2 {
        let whole = device.visual_check(&mut hanako).await;
        device.check(&whole).await.expect("answered");
        assert_eq!(told(&device).await.len(), 1);
        let sent = device.visual_check(&mut hanako).await;
        let sent = by_second(&sent);
        assert_eq!(device.check(&named(&sent)).await.err(), Some(ProblemCode::CardCertificateNeeded));
        device.check(&sent).await.expect("answered");
        assert_eq!(told(&device).await[0].modulus, certified[51..307]);
        let sent = device.visual_check(&mut hanako).await;
        device.check(&named(&by_second(&sent))).await.expect("its certificate is kept now");
    }
}

/// As if the issuer's anchor had been taken out, or somebody had written into the database.
#[tokio::test]
async fn what_is_kept_is_checked_against_its_anchor_every_time() {
    let (sandbox, device, mut card) = prepared().await;
    visit(&device, &mut card).await;
    let stranger = TestKey::generate();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(sandbox.state.path().join("service.db"));
    let pool = sqlx::SqlitePool::connect_with(options).await.expect("opened beside the service");
    sqlx::query("UPDATE key_certificate SET certificate = ?1")
        .bind(surface::key_certificate_signed_by(&stranger))
        .execute(&pool)
        .await
        .expect("written");
    pool.close().await;

    assert_eq!(told(&device).await, []);
    let whole = device.visual_check(&mut card).await;
    assert_eq!(device.check(&named(&whole)).await.err(), Some(ProblemCode::CardCertificateNeeded));
    device.check(&whole).await.expect("answered, and the right one is kept again");
    let sent = short_check(&device, &mut card).await;
    device.check(&sent).await.expect("answered");
}

#[tokio::test]
async fn a_key_id_stands_for_ef_0004_and_instead_of_it() {
    let (_sandbox, device, mut card) = prepared().await;
    visit(&device, &mut card).await;
    let whole = device.visual_check(&mut card).await;
    let both = change(&whole, |_, _, id| *id = Some(key_id()));
    let neither = change(&whole, |_, certificate, _| *certificate = None);
    let long = change(&whole, |_, certificate, id| {
        (*certificate, *id) = (None, Some([&key_id()[..], &[0]].concat()));
    });
    for (number, sent) in [both, neither, long].iter().enumerate() {
        assert_eq!(device.check(sent).await.err(), Some(ProblemCode::MalformedRequest), "{number}");
    }
    // None of them used anything up.
    device.check(&whole).await.expect("answered");
}

#[tokio::test]
async fn what_nobody_needs_is_forgotten_and_an_operator_who_keeps_nothing_keeps_no_keys() {
    let sandbox = Sandbox::since(200 * DAY, |config| {
        config.policy.known_months = 2;
        config.policy.device_certificate_life = 1_000 * DAY;
    })
    .await;
    let device = sandbox.device().await;
    let mut card = sandbox.card("hanako");
    visit(&device, &mut card).await;
    for _ in 0..2 {
        sandbox.clock.advance(58 * DAY);
        let sent = short_check(&device, &mut card).await;
        device.check(&sent).await.expect("used within two months");
    }
    let sandbox = sandbox.kill_and_restart_with(|config| config.policy.known_months = 0).await;
    assert_eq!(told(&device).await, []);
    let sent = short_check(&device, &mut card).await;
    assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::CardCertificateNeeded));
    visit(&device, &mut card).await;

    let sandbox = sandbox.kill_and_restart_with(|config| config.policy.known_months = 2).await;
    sandbox.clock.advance(63 * DAY);
    assert_eq!(told(&device).await, []);
    let sent = short_check(&device, &mut card).await;
    assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::CardCertificateNeeded));
}
