//! A check counts once, whatever happens to its answer.

mod support;

use core::time::Duration;

use sandbox_service::Fault;
use service::{
    messages::{CBOR, CheckResponse, ProblemCode},
    paths,
};
use support::{Card, Device, Sandbox, cbor, random};

async fn prepared() -> (Sandbox, Device, Card) {
    let sandbox = Sandbox::start().await;
    let device = sandbox.device().await;
    let card = sandbox.card("hanako");
    (sandbox, device, card)
}

#[tokio::test]
async fn the_same_request_again_gives_the_same_answer() {
    let (_sandbox, device, mut card) = prepared().await;
    let sent = device.pin_check(&mut card).await;
    let first = device.check(&sent).await.expect("answered");
    let second = device.check(&sent).await.expect("answered again");
    assert!(first == second);
}

#[tokio::test]
async fn a_refusal_is_repeated_too() {
    let (_sandbox, device, mut card) = prepared().await;
    let mut sent = device.pin_check(&mut card).await;
    sent.consents.limit_amount = true;
    for _ in 0..3 {
        assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::CardSignatureInvalid));
    }
}

#[tokio::test]
async fn the_same_id_with_another_body_is_refused() {
    let (_sandbox, device, mut card) = prepared().await;
    let sent = device.pin_check(&mut card).await;
    device.check(&sent).await.expect("answered");
    let mut other = sent.clone();
    other.answer_key = random::<32>().to_vec();
    assert_eq!(device.check(&other).await.err(), Some(ProblemCode::RequestConflict));
    other = device.pin_check(&mut card).await;
    other.request_id.clone_from(&sent.request_id);
    assert_eq!(device.check(&other).await.err(), Some(ProblemCode::RequestConflict));
    device.check(&sent).await.expect("the first stands as it stood");
}

#[tokio::test]
async fn ids_of_two_devices_have_nothing_to_do_with_each_other() {
    let (sandbox, device, mut card) = prepared().await;
    let neighbour = sandbox.device().await;
    let sent = device.pin_check(&mut card).await;
    device.check(&sent).await.expect("answered");
    let mut other = neighbour.pin_check(&mut card).await;
    other.request_id.clone_from(&sent.request_id);
    let refused = neighbour.check(&other).await.err();
    assert_eq!(refused, Some(ProblemCode::CardSignatureInvalid), "looked at by itself, not as a repetition");
}

#[tokio::test]
async fn of_many_at_once_each_is_answered_alike_or_told_to_wait() {
    let (_sandbox, device, mut card) = prepared().await;
    let body = cbor(&device.pin_check(&mut card).await);
    let device = std::sync::Arc::new(device);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (device, body) = (std::sync::Arc::clone(&device), body.clone());
        tasks.spawn(async move { device.raw.post(paths::ELIGIBILITY_CHECKS, CBOR, body).await });
    }
    let mut answers = Vec::new();
    while let Some(answer) = tasks.join_next().await {
        let answer = answer.expect("no panic");
        match answer.status {
            200 => answers.push(serde_cbor::from_slice::<CheckResponse>(&answer.body).expect("an answer")),
            _ => assert_eq!(answer.problem().code(), ProblemCode::RequestInProgress),
        }
    }
    let first = answers.first().expect("one of them does the work");
    assert!(answers.iter().all(|answer| answer == first));
}

#[tokio::test]
async fn an_answer_is_forgotten_after_ten_minutes_and_the_nonce_is_not() {
    let (sandbox, device, mut card) = prepared().await;
    let sent = device.pin_check(&mut card).await;
    device.check(&sent).await.expect("answered");
    sandbox.clock.advance(Duration::from_secs(599));
    device.check(&sent).await.expect("remembered");
    sandbox.clock.advance(Duration::from_secs(2));
    assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::ChallengeExpired));
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_without_a_second_tap() {
    let (sandbox, device, mut card) = prepared().await;
    for fault in [Fault::DropBefore, Fault::DropAfter, Fault::DropDuring] {
        let body = cbor(&device.pin_check(&mut card).await);
        sandbox.running.faults().add(paths::ELIGIBILITY_CHECKS, fault, 1);
        let struck = sandbox.running.faults().struck();
        let headers = [("content-type", CBOR)];
        let lost =
            device.raw.send(reqwest::Method::POST, paths::ELIGIBILITY_CHECKS, &headers, body.clone()).await;
        assert!(lost.is_err(), "{fault:?}");
        assert_eq!(sandbox.running.faults().struck(), struck + 1, "the client did not ask twice");
        let answer = device.raw.post(paths::ELIGIBILITY_CHECKS, CBOR, body).await;
        assert_eq!(answer.status, 200, "{fault:?}");
    }
}

#[tokio::test]
async fn a_stored_answer_survives_a_killed_service() {
    let (sandbox, device, mut card) = prepared().await;
    let sent = device.pin_check(&mut card).await;
    let first = device.check(&sent).await.expect("answered");
    let unused = device.pin_check(&mut card).await;
    let sandbox = sandbox.kill_and_restart().await;
    let device = reconnected(&sandbox, device);
    let second = device.check(&sent).await.expect("answered again");
    assert!(first == second);
    device.check(&unused).await.expect("a challenge needs no memory");
    let mut replayed = device.pin_check(&mut card).await;
    replayed.challenge.clone_from(&sent.challenge);
    assert_eq!(device.check(&replayed).await.err(), Some(ProblemCode::ChallengeUsed));
}

/// The service dies at its work: the nonce is consumed and nothing is answered.
#[tokio::test]
async fn a_check_that_a_killed_service_left_is_finished_when_it_is_asked_for_again() {
    let (sandbox, device, mut card) = prepared().await;
    let sent = device.pin_check(&mut card).await;
    device.check(&sent).await.expect("answered");
    // As if the process had died just before the answer was stored.
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(sandbox.state.path().join("service.db"));
    let pool = sqlx::SqlitePool::connect_with(options).await.expect("opened beside the service");
    let changed = sqlx::query("UPDATE request SET answer = NULL").execute(&pool).await.expect("changed");
    assert_eq!(changed.rows_affected(), 1);
    pool.close().await;

    let sandbox = sandbox.kill_and_restart().await;
    let device = reconnected(&sandbox, device);
    sandbox.clock.advance(Duration::from_secs(200));
    let mut other = sent.clone();
    other.answer_key = random::<32>().to_vec();
    assert_eq!(device.check(&other).await.err(), Some(ProblemCode::RequestConflict));
    let first = device.check(&sent).await.expect("finished, though the challenge has ended since");
    let second = device.check(&sent).await.expect("stored");
    assert!(first == second);
}

/// What the service could not do is told by its own trouble; nothing of it is charged to the patient.
#[tokio::test]
async fn what_passes_is_written_down_and_costs_the_card_nothing() {
    let sandbox = Sandbox::with(|config| config.limits.device.burst = 50).await;
    let (device, mut card) = (sandbox.device().await, sandbox.card("hanako"));
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(sandbox.state.path().join("service.db"));
    let pool = sqlx::SqlitePool::connect_with(options).await.expect("opened beside the service");
    let outcomes = async || -> Vec<String> {
        let rows = sqlx::query_scalar("SELECT outcome FROM audit ORDER BY number").fetch_all(&pool).await;
        rows.expect("the audit trail")
    };
    let sent = device.visual_check(&mut card).await;
    sqlx::query("ALTER TABLE surface_key RENAME TO away").execute(&pool).await.expect("a broken database");
    for _ in 0..12 {
        assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::Internal));
    }
    assert_eq!(outcomes().await, ["internal"; 12]);
    sqlx::query("ALTER TABLE away RENAME TO surface_key").execute(&pool).await.expect("mended");
    device.check(&sent).await.expect("answered, without another tap");
    for _ in 0..9 {
        device.check(&device.pin_check(&mut card).await).await.expect("within the limit");
    }
    let sent = device.pin_check(&mut card).await;
    assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::RateLimited));
    assert_eq!(outcomes().await[12..], [&["answered"; 10][..], &["rate-limited"]].concat());
    pool.close().await;
}

fn reconnected(sandbox: &Sandbox, device: Device) -> Device {
    Device::new(sandbox.endpoint(), &device.institution.clone(), device.account, device.key, device.enrolled)
}

#[tokio::test]
async fn nothing_that_is_stored_tells_a_patient() {
    let (sandbox, device, mut card) = prepared().await;
    let mut sent = device.pin_check(&mut card).await;
    sent.staff = Some("staff-7".to_owned());
    device.check(&sent).await.expect("answered");
    let sent = device.visual_check(&mut card).await;
    device.check(&sent).await.expect("answered");
    let state = sandbox.state;
    sandbox.running.shutdown().await;
    let mut stored = Vec::new();
    for entry in std::fs::read_dir(state.path()).expect("a folder") {
        stored.extend(std::fs::read(entry.expect("an entry").path()).expect("readable"));
    }
    let holds = |needle: &[u8]| stored.windows(needle.len()).any(|window| window == needle);
    assert!(holds(b"staff-7") && holds(b"visual-proven"), "the audit trail is there");
    for canary in ["山田", "ﾔﾏﾀﾞ", "06990014", "19800217", "４５６７"] {
        assert!(!holds(canary.as_bytes()), "{canary}");
    }
    assert!(!holds(&card.certificate[..64]) && !holds(&sent.answer_key) && !holds(&[0x09, 0x90, 0x01, 0x01]));
}
