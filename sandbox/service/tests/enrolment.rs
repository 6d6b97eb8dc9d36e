//! How a device gets its certificate, and how it does not.

mod support;

use core::time::Duration;
use std::sync::Arc;

use sandbox_service::{Activation, DeviceState, Fault, Rate};
use service::{
    Client, Endpoint, Trust,
    device_key::DeviceKey,
    est::{self, BasicCredentials, UnsignedRequest},
    messages::{EnrollmentChallenge, ProblemCode},
    paths,
};
use support::{Answer, CLINIC, Device, Raw, Sandbox, SoftKey};

/// A request for a certificate, by hand.
async fn certification_request(raw: &Raw, key: &SoftKey) -> Vec<u8> {
    let answer = raw.post(paths::ENROLLMENT_CHALLENGES, "application/cbor", Vec::new()).await;
    let challenge: EnrollmentChallenge = serde_cbor::from_slice(&answer.body).expect("a challenge");
    key.create(&challenge.nonce).expect("made");
    sign(UnsignedRequest::new(&key.public_key().expect("there"), &challenge.nonce, &[]).expect("built"), key)
}

fn sign(request: UnsignedRequest, key: &SoftKey) -> Vec<u8> {
    let signature = key.sign(request.to_be_signed()).expect("signed");
    request.with_signature(&signature).expect("built")
}

async fn enrol(raw: &Raw, account: &str, code: &[u8], request: &[u8]) -> Answer {
    let credentials = BasicCredentials::new(account, code).expect("well formed").to_header();
    let headers = [("content-type", est::PKCS10), ("authorization", credentials.as_str())];
    let body = est::to_base64(request).into_bytes();
    raw.send(reqwest::Method::POST, paths::SIMPLEENROLL, &headers, body).await.expect("an answer")
}

/// Tries a code with a request that is right.
async fn try_code(raw: &Raw, account: &str, code: &[u8]) -> Answer {
    let key = SoftKey::default();
    let request = certification_request(raw, &key).await;
    enrol(raw, account, code, &request).await
}

async fn generous() -> Sandbox {
    Sandbox::with(|config| config.limits.address.burst = 100).await
}

/// A device that was enrolled in place of this one, and not used yet.
async fn successor(sandbox: &Sandbox, account: &str) -> Device {
    let activation = sandbox.running.admin().replace_device(account).await.expect("a device");
    enrol_with(sandbox, activation).await
}

async fn enrol_with(sandbox: &Sandbox, activation: Activation) -> Device {
    let key = Arc::new(SoftKey::default());
    let client =
        Client::new(sandbox.endpoint(), Arc::clone(&key) as Arc<dyn DeviceKey>).expect("a good endpoint");
    let enrolled = client.enroll(&activation.account, activation.code.as_secret()).await.expect("enrolled");
    Device::new(sandbox.endpoint(), CLINIC, activation.account, key, enrolled)
}

/// Why the service refuses this device.
async fn refusal(device: &Device) -> ProblemCode {
    device.raw.get(paths::DEVICE).await.problem().code()
}

async fn state(sandbox: &Sandbox, account: &str) -> DeviceState {
    let devices = sandbox.running.admin().devices().await.expect("listed");
    devices.into_iter().find(|device| device.account == account).expect("added").state
}

#[tokio::test]
async fn a_link_enrols_a_device_that_knows_nothing_but_the_link() {
    let sandbox = generous().await;
    let activation = sandbox.activation(CLINIC).await;
    let link = service::EnrolmentLink::parse(&activation.link.to_text()).expect("a link");
    assert_eq!(link.institution, "試験医院");
    let key = Arc::new(SoftKey::default());
    let client =
        Client::new(link.endpoint(), Arc::clone(&key) as Arc<dyn DeviceKey>).expect("a good endpoint");
    let enrolled = client.enroll(&link.account, &link.secret).await.expect("enrolled");
    assert_eq!(enrolled.root.as_slice(), sandbox.running.root_der());
    let device = Device::new(sandbox.endpoint(), CLINIC, activation.account, key, enrolled);
    let status = device.client.device().await.expect("known");
    assert_eq!((status.institution.code.as_str(), status.institution.name.as_str()), (CLINIC, "試験医院"));
    // Two thirds of ninety days.
    assert_eq!((status.renew_at - status.now) / 86_400, 60);

    // The code of the same device is used up with the link.
    let answer = try_code(&sandbox.anonymous(), &link.account, activation.code.as_secret().expose()).await;
    assert_eq!(answer.problem().code(), ProblemCode::EnrollmentRefused);
}

#[tokio::test]
async fn a_link_with_another_root_trusts_nobody() {
    let sandbox = generous().await;
    let activation = sandbox.activation(CLINIC).await;
    let endpoint = Endpoint { url: activation.link.service.clone(), trust: Trust::Fingerprint([7; 32]) };
    let client = Client::new(endpoint, Arc::new(SoftKey::default())).expect("a good endpoint");
    let refused = client.enroll(&activation.account, activation.code.as_secret()).await;
    assert_eq!(refused.err(), Some(service::Error::Untrusted));
}

#[tokio::test]
async fn the_certificate_says_what_it_must_and_nothing_more() {
    use der::{Decode, asn1::ObjectIdentifier};
    use x509_cert::ext::pkix::{ExtendedKeyUsage, SubjectAltName, name::GeneralName};

    let sandbox = generous().await;
    let device = sandbox.device().await;
    let der = device.enrolled.chain[0].as_slice();
    let certificate = x509_cert::Certificate::from_der(der).expect("a certificate").tbs_certificate;
    let (_, names) = certificate.get::<SubjectAltName>().expect("readable").expect("there");
    let [GeneralName::UniformResourceIdentifier(uri)] = names.0.as_slice() else { panic!("one URI") };
    assert!(uri.as_str().starts_with("urn:madoguchi:device:"));
    let (_, usage) = certificate.get::<ExtendedKeyUsage>().expect("readable").expect("there");
    assert_eq!(usage.0, [ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2")]);
    let text = String::from_utf8_lossy(der);
    for name in [CLINIC, "試験医院", device.account.as_str()] {
        assert!(!text.contains(name), "{name}");
    }
}

#[tokio::test]
async fn a_wrong_account_and_a_wrong_code_get_the_same_answer() {
    let sandbox = generous().await;
    let raw = sandbox.anonymous();
    let activation = sandbox.activation(CLINIC).await;
    let wrong_code = try_code(&raw, &activation.account, b"000000000000").await;
    let wrong_account = try_code(&raw, "S00000000", activation.code.as_secret().expose()).await;
    assert_eq!(wrong_code.status, 401);
    assert_eq!(wrong_code.problem(), wrong_account.problem());
    assert_eq!(wrong_code.headers["www-authenticate"], wrong_account.headers["www-authenticate"]);
    let plain = |answer: &Answer| {
        let mut names: Vec<_> = answer.headers.keys().cloned().collect();
        names.sort_by_key(|name| name.as_str().to_owned());
        names
    };
    assert_eq!(plain(&wrong_code), plain(&wrong_account));
    let code = activation.code.as_secret().expose();
    assert_eq!(try_code(&raw, &activation.account, code).await.status, 200, "one wrong try does no harm");
    let again = try_code(&raw, &activation.account, code).await;
    assert_eq!(again.problem(), wrong_code.problem(), "a code serves once");
}

#[tokio::test]
async fn five_wrong_tries_end_a_code() {
    let sandbox = generous().await;
    let raw = sandbox.anonymous();
    let spared = sandbox.activation(CLINIC).await;
    let activation = sandbox.activation(CLINIC).await;
    for _ in 0..5 {
        let answer = try_code(&raw, &activation.account, b"000000000000").await;
        assert_eq!(answer.problem().code(), ProblemCode::EnrollmentRefused);
    }
    let right = try_code(&raw, &activation.account, activation.code.as_secret().expose()).await;
    assert_eq!(right.problem().code(), ProblemCode::EnrollmentRefused);
    let by_link = try_code(&raw, &activation.account, activation.link.secret.expose()).await;
    assert_eq!(by_link.problem().code(), ProblemCode::EnrollmentRefused);
    assert_eq!(try_code(&raw, &spared.account, spared.code.as_secret().expose()).await.status, 200);
}

#[tokio::test]
async fn a_code_lives_for_a_day() {
    let sandbox = generous().await;
    let raw = sandbox.anonymous();
    let (in_time, late) = (sandbox.activation(CLINIC).await, sandbox.activation(CLINIC).await);
    sandbox.clock.advance(Duration::from_hours(24));
    assert_eq!(try_code(&raw, &in_time.account, in_time.code.as_secret().expose()).await.status, 200);
    sandbox.clock.advance(Duration::from_secs(1));
    let answer = try_code(&raw, &late.account, late.code.as_secret().expose()).await;
    assert_eq!(answer.problem().code(), ProblemCode::EnrollmentRefused);
}

#[tokio::test]
async fn a_stopped_device_is_not_enrolled() {
    let sandbox = generous().await;
    let raw = sandbox.anonymous();
    let activation = sandbox.activation(CLINIC).await;
    let admin = sandbox.running.admin();
    admin.suspend(&activation.account).await.expect("suspended");
    let code = activation.code.as_secret().expose();
    assert_eq!(try_code(&raw, &activation.account, code).await.status, 401);
    admin.resume(&activation.account).await.expect("resumed");
    assert_eq!(admin.devices().await.expect("listed")[0].state, DeviceState::Waiting);
    assert_eq!(try_code(&raw, &activation.account, code).await.status, 200);
}

#[tokio::test]
async fn a_request_that_does_not_hold_is_refused_and_costs_no_try() {
    let sandbox = generous().await;
    let raw = sandbox.anonymous();
    let activation = sandbox.activation(CLINIC).await;
    let code = activation.code.as_secret().expose();
    let key = SoftKey::default();

    let mut forged = certification_request(&raw, &key).await;
    let last = forged.len() - 1;
    forged[last] ^= 1;
    let public_key = key.public_key().expect("there");
    let nonce_of_nobody = sign(UnsignedRequest::new(&public_key, &[7; 32], &[]).expect("built"), &key);
    key.create(&[]).expect("another key");
    let signed_by_another = {
        let answer = raw.post(paths::ENROLLMENT_CHALLENGES, "application/cbor", Vec::new()).await;
        let challenge: EnrollmentChallenge = serde_cbor::from_slice(&answer.body).expect("a challenge");
        sign(UnsignedRequest::new(&public_key, &challenge.nonce, &[]).expect("built"), &key)
    };
    let mut off_the_curve = public_key;
    off_the_curve[40] ^= 1;
    let off_the_curve = sign(UnsignedRequest::new(&off_the_curve, &[7; 32], &[]).expect("built"), &key);
    let rows = [
        ("signature", forged),
        ("nonce of nobody", nonce_of_nobody),
        ("signed by another key", signed_by_another),
        ("no point of the curve", off_the_curve),
        ("no request", b"hello".to_vec()),
        ("nothing", Vec::new()),
    ];
    for (name, request) in rows {
        let answer = enrol(&raw, &activation.account, code, &request).await;
        assert_eq!(answer.problem().code(), ProblemCode::EnrollmentRequestInvalid, "{name}");
    }

    let expired = certification_request(&raw, &key).await;
    sandbox.clock.advance(Duration::from_secs(301));
    let answer = enrol(&raw, &activation.account, code, &expired).await;
    assert_eq!(answer.problem().code(), ProblemCode::EnrollmentRequestInvalid, "nonce out of date");

    let request = certification_request(&raw, &key).await;
    assert_eq!(enrol(&raw, &activation.account, b"000000000000", &request).await.status, 401);
    let again = enrol(&raw, &activation.account, code, &request).await;
    assert_eq!(again.problem().code(), ProblemCode::EnrollmentRequestInvalid, "a nonce serves once");
    assert_eq!(try_code(&raw, &activation.account, code).await.status, 200);
}

#[tokio::test]
async fn a_key_of_another_kind_refusal() {
    let sandbox = generous().await;
    let raw = sandbox.anonymous();
    let activation = sandbox.activation(CLINIC).await;
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).expect("made");
    let request = rcgen::CertificateParams::default().serialize_request(&key).expect("built");
    let answer = enrol(&raw, &activation.account, activation.code.as_secret().expose(), request.der()).await;
    assert_eq!(answer.problem().code(), ProblemCode::EnrollmentRequestInvalid);
}

#[tokio::test]
async fn without_credentials_nobody_is_enrolled() {
    let sandbox = generous().await;
    let raw = sandbox.anonymous();
    for header in ["", "Bearer abc", "Basic !", "Basic bm9jb2xvbg=="] {
        let headers = [("content-type", est::PKCS10), ("authorization", header)];
        let answer = raw.send(reqwest::Method::POST, paths::SIMPLEENROLL, &headers, b"AA==".to_vec()).await;
        assert_eq!(answer.expect("an answer").problem().code(), ProblemCode::EnrollmentRefused, "{header}");
    }
}

#[tokio::test]
async fn an_address_may_not_try_for_ever() {
    let sandbox = Sandbox::with(|config| {
        config.limits.address = Rate { burst: 6, count: 60, per: Duration::from_hours(1) };
    })
    .await;
    let raw = sandbox.anonymous();
    for _ in 0..3 {
        assert_eq!(try_code(&raw, "S00000000", b"000000000000").await.status, 401);
    }
    let answer = raw.post(paths::ENROLLMENT_CHALLENGES, "application/cbor", Vec::new()).await;
    assert_eq!(answer.problem().code(), ProblemCode::RateLimited);
    assert!(answer.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn the_old_certificate_ends_with_the_first_use_of_the_new_one() {
    let sandbox = generous().await;
    let old = sandbox.device().await;
    let enrolled = old.client.reenroll().await.expect("renewed");
    assert_ne!(enrolled.chain[0], old.enrolled.chain[0]);
    old.client.device().await.expect("the old one holds until then");
    let new = Device::new(sandbox.endpoint(), CLINIC, old.account.clone(), Arc::clone(&old.key), enrolled);
    new.client.device().await.expect("the new one holds");
    let refused = old.client.device().await.err();
    assert_eq!(
        refused,
        Some(service::Error::Refused { code: ProblemCode::DeviceUnknown, retry_after: None })
    );
    new.client.device().await.expect("and goes on");
}

#[tokio::test]
async fn a_device_certificate_ends_after_ninety_days_and_is_told_so() {
    let sandbox = generous().await;
    let device = sandbox.device().await;
    device.raw.get(paths::DEVICE).await;
    sandbox.clock.advance(Duration::from_hours(24 * 90 + 1));
    let late = Raw::new(&sandbox.endpoint(), Some((&device.enrolled, &device.key)));
    let expired = ProblemCode::DeviceCertificateExpired;
    assert_eq!(late.get(paths::DEVICE).await.problem().code(), expired);
    assert_eq!(late.post(paths::SIMPLEREENROLL, est::PKCS10, Vec::new()).await.problem().code(), expired);
    // What the administrator did is told all the same.
    sandbox.running.admin().revoke(&device.account).await.expect("revoked");
    assert_eq!(late.get(paths::DEVICE).await.problem().code(), ProblemCode::DeviceRevoked);
}

#[tokio::test]
async fn a_renewal_keeps_the_key() {
    let sandbox = generous().await;
    let device = sandbox.device().await;
    let renewal = |key: &SoftKey| {
        let point = key.public_key().expect("there");
        est::to_base64(&sign(
            UnsignedRequest::renewing(&point, &device.enrolled.chain[0]).expect("built"),
            key,
        ))
    };
    let other = SoftKey::default();
    other.create(&[]).expect("made");
    let body = renewal(&other).into_bytes();
    let answer = device.raw.post(paths::SIMPLEREENROLL, est::PKCS10, body).await;
    assert_eq!(answer.problem().code(), ProblemCode::EnrollmentRequestInvalid);
    let body = renewal(&device.key).into_bytes();
    assert_eq!(device.raw.post(paths::SIMPLEREENROLL, est::PKCS10, body).await.status, 200);
}

#[tokio::test]
async fn a_lost_answer_does_not_spend_the_code() {
    let sandbox = generous().await;
    let activation = sandbox.activation(CLINIC).await;
    let (account, code) = (&activation.account, activation.code.as_secret());
    let key = Arc::new(SoftKey::default());
    // As after a restart: another client each time.
    let client = |key: &Arc<SoftKey>| {
        Client::new(sandbox.endpoint(), Arc::clone(key) as Arc<dyn DeviceKey>).expect("a good endpoint")
    };
    let refused = Some(service::Error::Refused { code: ProblemCode::EnrollmentRefused, retry_after: None });

    sandbox.running.faults().add(paths::SIMPLEENROLL, Fault::DropAfter, 2);
    let lost = client(&key).enroll(account, code).await.expect_err("the answer was lost");
    assert!(lost.retryable());
    client(&key).enroll_again(account, &activation.link.secret).await.expect_err("lost again");
    assert_eq!(sandbox.running.faults().struck(), 2);
    let thief = Arc::new(SoftKey::default());
    assert_eq!(client(&thief).enroll(account, code).await.err(), refused, "the code is bound to the key");
    let enrolled = client(&key).enroll_again(account, code).await.expect("the third certificate");

    let device = Device::new(sandbox.endpoint(), CLINIC, account.clone(), Arc::clone(&key), enrolled);
    device.client.device().await.expect("known");
    let spent = client(&key).enroll_again(account, code).await;
    assert_eq!(spent.err(), refused, "with its first use the certificate has arrived");
}

#[tokio::test]
async fn a_code_that_was_used_ends_with_its_day_and_its_tries() {
    let sandbox = generous().await;
    let raw = sandbox.anonymous();
    let key = SoftKey::default();
    key.create(&[]).expect("made");
    let again = async |account: &str, code: &[u8]| {
        let answer = raw.post(paths::ENROLLMENT_CHALLENGES, "application/cbor", Vec::new()).await;
        let challenge: EnrollmentChallenge = serde_cbor::from_slice(&answer.body).expect("a challenge");
        let request = UnsignedRequest::new(&key.public_key().expect("there"), &challenge.nonce, &[]);
        enrol(&raw, account, code, &sign(request.expect("built"), &key)).await.status
    };
    let tried = sandbox.activation(CLINIC).await;
    let code = tried.code.as_secret().expose();
    assert_eq!(again(&tried.account, code).await, 200);
    for _ in 0..5 {
        assert_eq!(again(&tried.account, b"000000000000").await, 401);
    }
    assert_eq!(again(&tried.account, code).await, 401, "dead");

    let kept = sandbox.activation(CLINIC).await;
    let code = kept.code.as_secret().expose();
    assert_eq!(again(&kept.account, code).await, 200);
    sandbox.clock.advance(Duration::from_hours(24));
    assert_eq!(again(&kept.account, code).await, 200);
    sandbox.clock.advance(Duration::from_secs(1));
    assert_eq!(again(&kept.account, code).await, 401, "after a day");
}

#[tokio::test]
async fn root_and_device_ca_can_be_fetched() {
    let sandbox = generous().await;
    let answer = sandbox.anonymous().get("/.well-known/est/cacerts").await;
    assert_eq!(answer.status, 200);
    let message = est::from_base64(&answer.body).expect("base64");
    let certificates = est::read_certs_only(&message).expect("certificates");
    assert_eq!(certificates.len(), 2);
    assert!(certificates.iter().any(|der| der == sandbox.running.root_der()));
}

#[tokio::test]
async fn a_device_that_takes_the_place_of_another_ends_it_with_its_first_request() {
    let sandbox = generous().await;
    let old = sandbox.device().await;
    let admin = sandbox.running.admin();
    let activation = admin.replace_device(&old.account).await.expect("a device");
    let link = service::EnrolmentLink::parse(&activation.link.to_text()).expect("a link");
    assert_eq!(link.replaces.as_deref().map(|name| name.contains(&old.account)), Some(true));

    let key = Arc::new(SoftKey::default());
    let client =
        Client::new(link.endpoint(), Arc::clone(&key) as Arc<dyn DeviceKey>).expect("a good endpoint");
    let enrolled = client.enroll(&link.account, &link.secret).await.expect("enrolled");
    old.client.device().await.expect("the answer to the new one may have been lost");

    let new = Device::new(sandbox.endpoint(), CLINIC, activation.account, key, enrolled);
    let status = new.client.device().await.expect("known");
    assert_eq!(status.institution.code, CLINIC);
    let refused = old.client.device().await.expect_err("it is over");
    assert!(
        matches!(refused, service::Error::Refused { code: ProblemCode::DeviceRevoked, .. }),
        "{refused:?}"
    );
    new.client.device().await.expect("and the new one goes on");
    assert!(matches!(admin.replace_device(&old.account).await, Err(sandbox_service::Error::DeviceRevoked)));
    assert!(matches!(admin.replace_device("S00000000").await, Err(sandbox_service::Error::DeviceUnknown)));
}

#[tokio::test]
async fn of_two_codes_for_one_place_the_last_one_serves() {
    let sandbox = generous().await;
    let old = sandbox.device().await;
    let admin = sandbox.running.admin();
    let first = admin.replace_device(&old.account).await.expect("a device");
    let second = admin.replace_device(&old.account).await.expect("a device");
    let answer = try_code(&sandbox.anonymous(), &first.account, first.code.as_secret().expose()).await;
    assert_eq!(answer.problem().code(), ProblemCode::EnrollmentRefused);
    let answer = try_code(&sandbox.anonymous(), &second.account, second.code.as_secret().expose()).await;
    assert_eq!(answer.status, 200);
    old.client.device().await.expect("nobody has used a certificate of the second one");
}

#[tokio::test]
async fn a_new_device_that_is_stopped_before_its_first_use_ends_nothing() {
    let sandbox = generous().await;
    let admin = sandbox.running.admin();
    let old = sandbox.device().await;
    let revoked = successor(&sandbox, &old.account).await;
    admin.revoke(&revoked.account).await.expect("revoked");
    assert_eq!(refusal(&revoked).await, ProblemCode::DeviceRevoked);
    old.client.device().await.expect("the stranger ended nothing");

    let suspended = successor(&sandbox, &old.account).await;
    admin.suspend(&suspended.account).await.expect("suspended");
    assert_eq!(refusal(&suspended).await, ProblemCode::DeviceSuspended);
    old.client.device().await.expect("nor did this one");
    admin.resume(&suspended.account).await.expect("resumed");
    suspended.client.device().await.expect("this is its first use");
    assert_eq!(refusal(&old).await, ProblemCode::DeviceRevoked);
}

#[tokio::test]
async fn a_new_device_whose_certificate_ran_out_before_its_first_use_ends_nothing() {
    let sandbox = generous().await;
    let old = sandbox.activation(CLINIC).await.account;
    let late = successor(&sandbox, &old).await;
    sandbox.clock.advance(Duration::from_hours(24 * 90 + 1));
    assert_eq!(refusal(&late).await, ProblemCode::DeviceCertificateExpired);
    assert_eq!(state(&sandbox, &old).await, DeviceState::Waiting);
}

#[tokio::test]
async fn a_second_code_for_one_place_ends_whoever_came_with_the_first_one() {
    let sandbox = generous().await;
    let admin = sandbox.running.admin();
    let old = sandbox.device().await;
    let enrolled = successor(&sandbox, &old.account).await;
    let stopped = successor(&sandbox, &old.account).await;
    assert_eq!(refusal(&enrolled).await, ProblemCode::DeviceRevoked);
    admin.suspend(&stopped.account).await.expect("suspended");
    let last = successor(&sandbox, &old.account).await;
    let resumed = admin.resume(&stopped.account).await;
    assert!(matches!(resumed, Err(sandbox_service::Error::DeviceRevoked)), "{resumed:?}");
    old.client.device().await.expect("none of them was used");
    last.client.device().await.expect("the last one serves");
    assert_eq!(refusal(&old).await, ProblemCode::DeviceRevoked);
}

#[tokio::test]
async fn with_its_first_use_a_device_is_the_only_one_in_its_place() {
    let sandbox = generous().await;
    let old = sandbox.device().await;
    let first = successor(&sandbox, &old.account).await;
    let second = successor(&sandbox, &old.account).await;
    // As a service left it that ended only codes nobody had used.
    let file = sandbox.state.path().join("service.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
    let database = sqlx::SqlitePool::connect_with(options).await.expect("opened beside the service");
    let revived = sqlx::query("UPDATE device SET state = 'active' WHERE account = ?1");
    revived.bind(&first.account).execute(&database).await.expect("written");
    database.close().await;
    second.client.device().await.expect("its first use");
    for ended in [&old, &first] {
        assert_eq!(refusal(ended).await, ProblemCode::DeviceRevoked);
    }
    second.client.device().await.expect("and goes on");
}

#[tokio::test]
async fn whoever_takes_the_place_of_a_device_that_nobody_used_takes_that_of_its_predecessor() {
    let sandbox = generous().await;
    let admin = sandbox.running.admin();
    let old = sandbox.device().await;
    let unopened = admin.replace_device(&old.account).await.expect("a device");
    let enrolled = admin.replace_device(&unopened.account).await.expect("a device");
    assert!(enrolled.link.replaces.as_ref().is_some_and(|name| name.contains(&old.account)), "it is told");
    let answer = try_code(&sandbox.anonymous(), &unopened.account, unopened.code.as_secret().expose()).await;
    assert_eq!(answer.problem().code(), ProblemCode::EnrollmentRefused, "its link may be lost");
    let enrolled = enrol_with(&sandbox, enrolled).await;
    let last = successor(&sandbox, &enrolled.account).await;
    old.client.device().await.expect("until the last one is used");
    last.client.device().await.expect("its first use");
    for ended in [&old, &enrolled] {
        assert_eq!(refusal(ended).await, ProblemCode::DeviceRevoked);
    }
    // Once it was used, a device is replaced as any other is.
    let next = successor(&sandbox, &last.account).await;
    next.client.device().await.expect("its first use");
    assert_eq!(refusal(&last).await, ProblemCode::DeviceRevoked);
}

#[tokio::test]
async fn a_link_that_replaces_a_device_is_never_too_long_to_be_opened() {
    let sandbox = generous().await;
    let admin = sandbox.running.admin();
    let longest = "窓".repeat(60);
    admin.add_institution("LONGEST", &longest, false).await.expect("a name that may be given");
    for (platform, called) in [(longest.as_str(), ""), ("受付", "受付 ("), ("", "")] {
        let old = admin.add_device("LONGEST", platform).await.expect("a device").account;
        let link = admin.replace_device(&old).await.expect("a device").link;
        let link = service::EnrolmentLink::parse(&link.to_text()).expect("it can be opened");
        let replaces = link.replaces.expect("it is told");
        assert!(replaces.starts_with(called) && replaces.contains(&old), "{replaces}");
    }
}
