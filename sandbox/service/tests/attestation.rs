//! Attestation: what the service believes of a device's key, and what it lets such a device do.

mod support;

use core::time::Duration;
use std::sync::Arc;

use pki::attestation::{App, Trust};
use sandbox_pki::attestation::{Attestation, Level, PACKAGE, SIGNER, Wrong, root};
use sandbox_service::{Assurance, Clock as _, DeviceState, Fault};
use service::{
    ActivationCode, Client,
    device_key::DeviceKey,
    est::{self, BasicCredentials, UnsignedRequest},
    messages::{CheckRequest, CheckResponse, EnrollmentChallenge, Method, ProblemCode, Proof, VisualForm},
    paths,
};
use support::{CLINIC, Card, Device, Sandbox, SoftKey, request};
use time::OffsetDateTime;

/// An institution whose operator lets attested devices do 目視確認 on their word.
const TRUSTING: &str = "9949900014";

async fn generous() -> Sandbox {
    let sandbox = Sandbox::with(|config| config.limits.address.burst = 200).await;
    sandbox.running.admin().add_institution(TRUSTING, "試験薬局", true).await.expect("added");
    sandbox
}

fn right(_: &mut Attestation) {}

/// What the operator sees of a device's key.
async fn assurance(sandbox: &Sandbox, account: &str) -> Assurance {
    let devices = sandbox.running.admin().devices().await.expect("listed");
    devices.into_iter().find(|device| device.account == account).expect("added").assurance
}

fn client(sandbox: &Sandbox, key: &Arc<SoftKey>) -> Client {
    Client::new(sandbox.endpoint(), Arc::clone(key) as Arc<dyn DeviceKey>).expect("a good endpoint")
}

fn refused(code: ProblemCode) -> service::Error {
    service::Error::Refused { code, retry_after: None }
}

/// The operator's beliefs, with these numbers revoked and this app.
fn trust(revoked: &[&[u8]], package: &str) -> Trust {
    let app = App { package: package.to_owned(), signer: SIGNER };
    Trust::new([root()], vec![app], revoked.iter().map(|serial| serial.to_vec())).expect("a root")
}

/// A 目視確認 for which the card proves nothing.
async fn attested_check(device: &Device, card: &Card) -> CheckRequest {
    let challenge = device.client.challenge().await.expect("a challenge");
    let binding = device.binding(&challenge, Method::VisualAttested, card);
    request(&challenge, &binding, card, Proof::VisualAttested)
}

async fn check_attested(device: &Device, card: &Card) -> Result<CheckResponse, ProblemCode> {
    device.check(&attested_check(device, card).await).await
}

#[tokio::test]
async fn the_service_finds_out_where_a_key_lies_and_tells_its_operator() {
    let sandbox = generous().await;
    let phone = sandbox.device_with(CLINIC, SoftKey::attesting(right)).await;
    let chip = sandbox
        .device_with(
            CLINIC,
            SoftKey::attesting(|attestation| *attestation = attestation.clone().at(Level::StrongBox)),
        )
        .await;
    let computer = sandbox.device().await;
    assert_eq!(assurance(&sandbox, &phone.account).await, Assurance::TrustedEnvironment);
    assert_eq!(assurance(&sandbox, &chip.account).await, Assurance::StrongBox);
    assert_eq!(assurance(&sandbox, &computer.account).await, Assurance::Software);
    // The device is told nothing of it.
    for device in [&phone, &computer] {
        let answer = device.raw.get(paths::DEVICE).await;
        let text = String::from_utf8_lossy(&answer.body);
        assert!(!text.contains("assurance") && !text.contains("trusted") && !text.contains("attested"));
    }
}

#[tokio::test]
async fn a_chain_that_does_not_hold_is_refused_and_spends_nothing() {
    let sandbox = generous().await;
    let activation = sandbox.activation(CLINIC).await;
    let (account, code) = (&activation.account, activation.code.as_secret());
    for wrong in Wrong::ALL {
        let key = Arc::new(SoftKey::attesting(|attestation| {
            attestation.wrong(*wrong);
        }));
        let answer = client(&sandbox, &key).enroll(account, code).await.err();
        assert_eq!(answer, Some(refused(ProblemCode::AttestationRefused)), "{}", wrong.name());
    }
    let devices = sandbox.running.admin().devices().await.expect("listed");
    assert_eq!((devices[0].state, devices[0].certificate_not_after), (DeviceState::Waiting, None));

    // Nothing is bound to a key yet: the same code enrols another phone, or none that attests.
    let key = Arc::new(SoftKey::attesting(right));
    client(&sandbox, &key).enroll(account, code).await.expect("enrolled");
    assert_eq!(assurance(&sandbox, account).await, Assurance::TrustedEnvironment);
}

#[tokio::test]
async fn whoever_has_no_code_learns_nothing_of_a_chain() {
    let sandbox = generous().await;
    let activation = sandbox.activation(CLINIC).await;
    let wrong_code = ActivationCode::parse("000000000000").expect("twelve digits");
    for key in [
        SoftKey::attesting(right),
        SoftKey::attesting(|attestation| {
            attestation.wrong(Wrong::Unlocked);
        }),
    ] {
        let answer =
            client(&sandbox, &Arc::new(key)).enroll(&activation.account, wrong_code.as_secret()).await.err();
        assert_eq!(answer, Some(refused(ProblemCode::EnrollmentRefused)));
    }
}

#[tokio::test]
async fn a_chain_serves_for_its_own_key_and_nonce_alone() {
    let sandbox = generous().await;
    let raw = sandbox.anonymous();
    let activation = sandbox.activation(CLINIC).await;
    let credentials = BasicCredentials::new(&activation.account, activation.code.as_secret().expose());
    let credentials = credentials.expect("well formed").to_header();
    let key = SoftKey::attesting(right);
    let old_chain = key.create(&[7; 32]).expect("a key of an earlier day");
    let other_chain = SoftKey::attesting(right).create(&[7; 32]).expect("another phone's");
    let enrol = async |chain: MakeChain<'_>| {
        let answer = raw.post(paths::ENROLLMENT_CHALLENGES, "application/cbor", Vec::new()).await;
        let challenge: EnrollmentChallenge = serde_cbor::from_slice(&answer.body).expect("a challenge");
        let point = key.public_key().expect("there");
        let chain = chain(&point, &challenge.nonce);
        let unsigned = UnsignedRequest::new(&point, &challenge.nonce, &chain).expect("built");
        let signature = key.sign(unsigned.to_be_signed()).expect("signed");
        let der = unsigned.with_signature(&signature).expect("built");
        let headers = [("content-type", est::PKCS10), ("authorization", credentials.as_str())];
        let body = est::to_base64(&der).into_bytes();
        raw.send(reqwest::Method::POST, paths::SIMPLEENROLL, &headers, body).await.expect("an answer")
    };
    for chain in [&old_chain, &other_chain, &vec![vec![]], &vec![b"no certificate".to_vec(); 9]] {
        let answer = enrol(&|_, _| chain.clone()).await;
        assert_eq!((answer.status, answer.problem().code()), (403, ProblemCode::AttestationRefused));
    }
    let other_key = |point: &[u8; 65], nonce: &[u8]| {
        let mut other = *point;
        other[64] ^= 1;
        Attestation::new(nonce, &other).chain()
    };
    assert_eq!(enrol(&other_key).await.problem().code(), ProblemCode::AttestationRefused);
    let half = |point: &[u8; 65], nonce: &[u8]| Attestation::new(&nonce[..16], point).chain();
    assert_eq!(enrol(&half).await.problem().code(), ProblemCode::AttestationRefused);
    let whole = |point: &[u8; 65], nonce: &[u8]| Attestation::new(nonce, point).chain();
    assert_eq!(enrol(&whole).await.status, 200);
}

/// A chain for this key and this nonce, or for another.
type MakeChain<'a> = &'a dyn Fn(&[u8; 65], &[u8]) -> Vec<Vec<u8>>;

#[tokio::test]
async fn what_was_found_stays_when_the_answer_was_lost() {
    let sandbox = generous().await;
    let activation = sandbox.activation(TRUSTING).await;
    let (account, code) = (&activation.account, activation.code.as_secret());
    let key = Arc::new(SoftKey::attesting(right));
    sandbox.running.faults().add(paths::SIMPLEENROLL, Fault::DropAfter, 1);
    client(&sandbox, &key).enroll(account, code).await.expect_err("the answer was lost");
    let enrolled = client(&sandbox, &key).enroll_again(account, code).await.expect("without a chain");
    assert_eq!(assurance(&sandbox, account).await, Assurance::TrustedEnvironment);
    let device = Device::new(sandbox.endpoint(), TRUSTING, account.clone(), key, enrolled);
    assert_eq!(device.client.device().await.expect("known").visual, Some(VisualForm::Attested));
}

#[tokio::test]
async fn a_renewal_claims_nothing() {
    let sandbox = generous().await;
    let device = sandbox.device_with(TRUSTING, SoftKey::attesting(right)).await;
    let computer = sandbox.device_at(TRUSTING).await;
    for device in [&device, &computer] {
        // A renewal with a chain, as a device would send it that wants to be more than it is.
        let point = device.key.public_key().expect("there");
        let chain = Attestation::new(&[7; 32], &point).at(Level::StrongBox).chain();
        let unsigned = UnsignedRequest::new(&point, &[7; 32], &chain).expect("built");
        let signature = device.key.sign(unsigned.to_be_signed()).expect("signed");
        let body = est::to_base64(&unsigned.with_signature(&signature).expect("built")).into_bytes();
        assert_eq!(device.raw.post(paths::SIMPLEREENROLL, est::PKCS10, body).await.status, 200);
    }
    assert_eq!(assurance(&sandbox, &device.account).await, Assurance::TrustedEnvironment);
    assert_eq!(assurance(&sandbox, &computer.account).await, Assurance::Software);
}

#[tokio::test]
async fn a_verdict_that_somebody_wrote_into_the_database_does_not_outlive_the_next_start() {
    let sandbox = generous().await;
    let device = sandbox.device_with(TRUSTING, SoftKey::attesting(right)).await;
    let pool = database(&sandbox).await;
    sqlx::query("UPDATE attestation SET level = 'strong-box'").execute(&pool).await.expect("written");
    pool.close().await;
    assert_eq!(assurance(&sandbox, &device.account).await, Assurance::StrongBox);
    let sandbox = sandbox.kill_and_restart().await;
    assert_eq!(assurance(&sandbox, &device.account).await, Assurance::TrustedEnvironment);
}

#[tokio::test]
async fn the_operators_lists_hold_from_the_next_start_on() {
    let sandbox = generous().await;
    let device = sandbox.device_with(TRUSTING, SoftKey::attesting(right)).await;
    let card = sandbox.card("hanako");
    check_attested(&device, &card).await.expect("attested");
    let sandbox = sandbox
        .kill_and_restart_with(|config| config.attestation = Some(trust(&[&[0x0E, 0x99, 0x03]], PACKAGE)))
        .await;
    assert_eq!(assurance(&sandbox, &device.account).await, Assurance::Software, "its batch was revoked");
    assert_eq!(device.client.device().await.expect("known").visual, Some(VisualForm::Proven));
    assert_eq!(check_attested(&device, &card).await.err(), Some(ProblemCode::MethodNotAllowed));
    let sandbox = sandbox
        .kill_and_restart_with(|config| config.attestation = Some(trust(&[], "jp.madoguchi.other")))
        .await;
    assert_eq!(assurance(&sandbox, &device.account).await, Assurance::Software, "its app was taken off");
    let sandbox = sandbox.kill_and_restart_with(|config| config.attestation = None).await;
    assert_eq!(assurance(&sandbox, &device.account).await, Assurance::Software, "nobody looks");
    let sandbox = sandbox.kill_and_restart().await;
    assert_eq!(assurance(&sandbox, &device.account).await, Assurance::TrustedEnvironment);
    check_attested(&device, &card).await.expect("attested");
}

#[tokio::test]
async fn what_was_valid_when_it_was_looked_at_stays_so() {
    const DAY: Duration = Duration::from_hours(24);
    let sandbox = Sandbox::since(DAY * 80, |_| {}).await;
    let now = OffsetDateTime::from_unix_timestamp(sandbox.clock.now()).expect("a time of our age");
    // As remote provisioning does it: a phone gets another certificate for its batch every few weeks.
    let some_weeks = move |attestation: &mut Attestation| {
        *attestation = attestation.clone().under_a_batch_of(now - DAY, now + DAY * 30);
    };
    let device = sandbox.device_with(CLINIC, SoftKey::attesting(some_weeks)).await;
    sandbox.clock.advance(DAY * 70);
    device.client.reenroll().await.expect("renewed");
    let sandbox = sandbox.kill_and_restart().await;
    assert_eq!(assurance(&sandbox, &device.account).await, Assurance::TrustedEnvironment);
    let late = Arc::new(SoftKey::attesting(some_weeks));
    let activation = sandbox.activation(CLINIC).await;
    let answer = client(&sandbox, &late).enroll(&activation.account, activation.code.as_secret()).await.err();
    assert_eq!(answer, Some(refused(ProblemCode::AttestationRefused)), "too late for a new key");
}

#[tokio::test]
async fn an_operator_who_looks_at_none_refuses_none_and_believes_none() {
    let sandbox = Sandbox::with(|config| config.attestation = None).await;
    sandbox.running.admin().add_institution(TRUSTING, "試験薬局", true).await.expect("added");
    let device = sandbox.device_with(
        TRUSTING,
        SoftKey::attesting(|attestation| {
            attestation.wrong(Wrong::Root);
        }),
    );
    let device = device.await;
    assert_eq!(assurance(&sandbox, &device.account).await, Assurance::Software);
    assert_eq!(device.client.device().await.expect("known").visual, Some(VisualForm::Proven));
}

#[tokio::test]
async fn the_attested_form_needs_the_operators_policy_and_an_attested_key() {
    let sandbox = generous().await;
    let card = sandbox.card("hanako");
    let attested = || SoftKey::attesting(right);
    let rows = [
        (sandbox.device_with(TRUSTING, attested()).await, VisualForm::Attested),
        (sandbox.device_at(TRUSTING).await, VisualForm::Proven),
        (sandbox.device_with(CLINIC, attested()).await, VisualForm::Proven),
        (sandbox.device().await, VisualForm::Proven),
    ];
    for (device, form) in &rows {
        let status = device.client.device().await.expect("known");
        assert_eq!((status.pin, status.visual, status.sandbox), (true, Some(*form), true));
        let answer = check_attested(device, &card).await;
        match form {
            VisualForm::Attested => assert!(answer.expect("answered").danger_attested_visual),
            VisualForm::Proven => assert_eq!(answer.err(), Some(ProblemCode::MethodNotAllowed)),
        }
    }
    // Whoever may do without a proof may bring one, and its answer says nothing of danger.
    let (device, _) = &rows[0];
    let mut card = sandbox.card("hanako");
    let proven = device.visual_check(&mut card).await;
    assert!(!device.check(&proven).await.expect("answered").danger_attested_visual);
    let by_pin = device.pin_check(&mut card).await;
    assert!(!device.check(&by_pin).await.expect("answered").danger_attested_visual);
}

#[tokio::test]
async fn a_check_on_a_devices_word_is_written_down_as_one() {
    let sandbox = generous().await;
    let device = sandbox.device_with(TRUSTING, SoftKey::attesting(right)).await;
    let mut card = sandbox.card("hanako");
    check_attested(&device, &card).await.expect("answered");
    let by_pin = device.pin_check(&mut card).await;
    device.check(&by_pin).await.expect("answered");
    let computer = sandbox.device_at(TRUSTING).await;
    check_attested(&computer, &card).await.expect_err("refused");
    let pool = database(&sandbox).await;
    let rows: Vec<(String, String, String)> =
        sqlx::query_as("SELECT method, assurance, outcome FROM audit ORDER BY number")
            .fetch_all(&pool)
            .await
            .expect("readable");
    pool.close().await;
    let row = |method: &str, assurance: &str, outcome: &str| {
        (method.to_owned(), assurance.to_owned(), outcome.to_owned())
    };
    assert_eq!(
        rows,
        [
            row("danger-visual-attested", "trusted-environment", "answered"),
            row("pin", "trusted-environment", "answered"),
            row("danger-visual-attested", "software", "method-not-allowed"),
        ]
    );
}

#[tokio::test]
async fn a_check_on_a_devices_word_is_never_short_and_shortens_none() {
    let sandbox = generous().await;
    let device = sandbox.device_with(TRUSTING, SoftKey::attesting(right)).await;
    let mut card = sandbox.card("hanako");
    check_attested(&device, &card).await.expect("answered");
    assert!(!device.knows(&card).await, "it is not kept for the next visit");

    let by_pin = device.pin_check(&mut card).await;
    device.check(&by_pin).await.expect("answered");
    assert!(device.knows(&card).await, "the card proved itself");
    let mut sent = attested_check(&device, &card).await;
    sent.certificate_tag = Some(device.tag(&card).await.to_vec());
    assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::MalformedRequest), "both");
    sent.certificate = None;
    assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::MalformedRequest), "a tag alone");
}

async fn database(sandbox: &Sandbox) -> sqlx::SqlitePool {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(sandbox.state.path().join("service.db"));
    sqlx::SqlitePool::connect_with(options).await.expect("opened beside the service")
}
