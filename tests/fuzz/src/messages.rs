//! What device and service send each other: CBOR, and JSON where the service refuses.

use core::fmt::Debug;

use eligibility::Eligibility;
use serde::Serialize;
use serde::de::DeserializeOwned;
use service::messages::{
    CertificateAnswer, CertificateQuestion, Challenge, CheckRequest, CheckResponse, Consents, DeviceStatus,
    EnrollmentChallenge, Institution, IssuerKey, Notice, Problem, ProblemCode, Proof, TagKey, VisualForm,
};

use crate::Example;

/// Every message tries to read it: what is one message is hardly another.
pub(crate) fn run(bytes: &[u8]) {
    read::<EnrollmentChallenge>(bytes);
    read::<DeviceStatus>(bytes);
    read::<Challenge>(bytes);
    read::<CertificateQuestion>(bytes);
    read::<CertificateAnswer>(bytes);
    read::<CheckRequest>(bytes);
    read::<CheckResponse>(bytes);
    if let Ok(problem) = serde_json::from_slice::<Problem>(bytes) {
        let written = serde_json::to_vec(&problem).expect("it was JSON");
        assert_eq!(serde_json::from_slice::<Problem>(&written).expect("it was written"), problem);
        let _ = problem.code();
    }
}

/// What can be read is read again as the same, once it was written.
fn read<T: DeserializeOwned + Serialize + PartialEq + Debug>(bytes: &[u8]) {
    let Ok(message) = serde_cbor::from_slice::<T>(bytes) else { return };
    let written = serde_cbor::to_vec(&message).expect("it was CBOR");
    let again: T = serde_cbor::from_slice(&written).expect("it was written");
    assert!(again == message, "{message:?} became {again:?}");
}

pub(crate) fn examples() -> Vec<Example> {
    let record = serde_json::json!({
        "ProcessingResultStatus": "1",
        "QualificationValidity": "1",
        "ResultList": [{
            "InsurerNumber": "06990014",
            "Name": "山田　花子",
            "Birthdate": "19800217",
            "InsuredPartialContributionRatio": "030",
            "SpecificDiseasesCertificateList": [],
        }],
    });
    let eligibility: Eligibility = serde_json::from_value(record).expect("a record");
    let institution =
        Institution { code: "9919900010".to_owned(), name: "まどぐち医院（試験）".to_owned() };
    let device = DeviceStatus {
        institution,
        pin: true,
        visual: Some(VisualForm::Proven),
        renew_at: 1_800_000_000,
        now: 1_795_392_000,
        notices: vec![Notice { ja: "試験".to_owned(), en: "test".to_owned() }],
        sandbox: true,
        tag_key: Some(TagKey::new([0x55; 32])),
        issuer_keys: vec![IssuerKey { key_id: vec![1; 16], modulus: vec![0xC1; 256] }],
    };
    let by_pin = CheckRequest {
        request_id: vec![1; 16],
        answer_key: vec![2; 32],
        challenge: vec![3; 80],
        consents: Consents { limit_amount: true },
        certificate: Some(crate::certificate::hanako()),
        certificate_tag: None,
        proof: Proof::Pin { signature: vec![4; 256] },
        staff: Some("3".to_owned()),
    };
    let known = CheckRequest {
        certificate: None,
        certificate_tag: Some(vec![5; 32]),
        proof: Proof::VisualProven {
            signature: vec![6; 256],
            birth_record: vec![7; 8],
            key_certificate: None,
            key_id: Some(vec![8; 16]),
        },
        ..by_pin.clone()
    };
    let response = CheckResponse {
        check_id: "K7QX-2MDA".to_owned(),
        checked_at: 1_795_392_000,
        certificate_not_after: 1_900_000_000,
        certificate_expired_since: None,
        danger_attested_visual: false,
        eligibility,
    };
    vec![
        cbor("enrollment-challenge", &EnrollmentChallenge { nonce: vec![9; 32], expires_at: 1_795_392_000 }),
        cbor("device-status", &device),
        cbor("challenge", &Challenge { nonce: vec![1; 32], token: vec![2; 80], expires_in: 120 }),
        cbor("certificate-question", &CertificateQuestion { tag: vec![3; 32] }),
        cbor("certificate-answer", &CertificateAnswer { known: true }),
        cbor("check-by-pin", &by_pin),
        cbor("check-known", &known),
        cbor("check-response", &response),
        Example::new(
            "problem",
            serde_json::to_vec(&Problem::new(ProblemCode::ALL[0]).retry_after(30)).expect("JSON"),
        ),
    ]
}

fn cbor(name: &str, message: &impl Serialize) -> Example {
    Example::new(name, serde_cbor::to_vec(message).expect("CBOR"))
}
