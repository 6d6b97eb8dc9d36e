//! 目視確認: what the card's own record proves, and who may do without.

mod support;

use sandbox_pki::{TestKey, surface};
use service::messages::{Method, ProblemCode, Proof};
use support::{Sandbox, request};

#[tokio::test]
async fn a_visual_check_gives_the_record() {
    let sandbox = Sandbox::start().await;
    let device = sandbox.device().await;
    let mut card = sandbox.card("hanako");
    for _ in 0..2 {
        let request = device.visual_check(&mut card).await;
        let response = device.client.check(&request).await.expect("answered");
        assert_eq!(response.eligibility.results.len(), 1);
    }
}

#[tokio::test]
async fn the_birth_date_on_the_card_must_be_that_of_the_record() {
    let sandbox = Sandbox::start().await;
    let device = sandbox.device().await;
    let mut card = sandbox.card("chigau");
    let sent = device.visual_check(&mut card).await;
    assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::CardRecordMismatch));
    let sent = device.pin_check(&mut card).await;
    device.check(&sent).await.expect("the PIN proves the holder");
}

#[tokio::test]
async fn the_card_of_a_certificate_may_not_change() {
    let sandbox = Sandbox::start().await;
    let device = sandbox.device().await;
    let mut genuine = sandbox.card("hanako");
    let sent = device.visual_check(&mut genuine).await;
    device.check(&sent).await.expect("seen for the first time");

    // Jiro's 券面事項確認AP says another birth date, so it is another refusal; and it leaves no trace.
    let mut other = sandbox.card("jiro").with_certificate_of(&genuine);
    let sent = device.visual_check(&mut other).await;
    assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::CardRecordMismatch));
    let sent = device.visual_check(&mut genuine).await;
    device.check(&sent).await.expect("as before");

    // Futago's certificate was seen with the key of her own card; what lies there now is Hanako's.
    let mut swapped = sandbox.card("futago");
    let sent = device.visual_check(&mut swapped).await;
    assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::CardChanged));
}

#[tokio::test]
async fn a_card_that_no_record_vouched_for_is_not_remembered() {
    let sandbox = Sandbox::start().await;
    let device = sandbox.device().await;
    let mut genuine = sandbox.card("nashio");
    let mut other = sandbox.card("hanako").with_certificate_of(&genuine);
    for card in [&mut other, &mut genuine] {
        let sent = device.visual_check(card).await;
        let response = device.check(&sent).await.expect("no record, whosever card it is");
        assert!(response.eligibility.results.is_empty());
    }
}

/// Changes EF 0001 and EF 0004, with the help of a key that is nobody's.
type ChangeRecords = fn(&mut Vec<u8>, &mut Vec<u8>, &TestKey);

#[tokio::test]
async fn the_records_of_the_card_must_come_from_the_issuer() {
    let sandbox = Sandbox::with(|config| config.limits.device.burst = 50).await;
    let device = sandbox.device().await;
    let mut card = sandbox.card("hanako");
    let stranger = TestKey::generate();
    let rows: [(&str, ChangeRecords); 5] = [
        ("birth record of a stranger", |record, _, key| {
            *record = surface::birth_record_signed_by(b"19800217", key, key);
        }),
        ("key certificate of a stranger", |_, certificate, key| {
            *certificate = surface::key_certificate_signed_by(key);
        }),
        ("another birth date", |record, _, _| record[9] ^= 1),
        ("no birth record", |record, _, _| record.clear()),
        ("bytes behind the key certificate", |_, certificate, _| certificate.push(0)),
    ];
    for (name, change) in rows {
        let mut sent = device.visual_check(&mut card).await;
        let Proof::VisualProven { birth_record, key_certificate: Some(key_certificate), .. } =
            &mut sent.proof
        else {
            panic!("a visual check");
        };
        change(birth_record, key_certificate, &stranger);
        assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::CardRecordUntrusted), "{name}");
    }
    // The signature is the AP's, over something else.
    let challenge = device.client.challenge().await.expect("a challenge");
    let binding = device.binding(&challenge, Method::VisualProven, &card);
    let proof = card.prove_surface(&[7; 32]);
    let refused = device.check(&request(&challenge, &binding, &card, proof)).await;
    assert_eq!(refused.err(), Some(ProblemCode::CardSignatureInvalid));
}
