//! Messages, links and codes: what is written is read again, and nothing that comes in panics.

use eligibility::Eligibility;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use service::est::{self, BasicCredentials, CertificationRequest};
use service::messages::{
    CertificateAnswer, CertificateQuestion, Challenge, CheckRequest, CheckResponse, Consents, DeviceStatus,
    EnrollmentChallenge, Institution, IssuerKey, Notice, Problem, Proof, TagKey, VisualForm,
};
use service::{ActivationCode, ActivationCodeError, EnrolmentLink, LinkError, Trust};

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..300)
}

fn proof() -> impl Strategy<Value = Proof> {
    prop_oneof![
        bytes().prop_map(|signature| Proof::Pin { signature }),
        (bytes(), bytes(), option::of(bytes()), option::of(bytes())).prop_map(
            |(signature, birth_record, key_certificate, key_id)| {
                Proof::VisualProven { signature, birth_record, key_certificate, key_id }
            },
        ),
        Just(Proof::VisualAttested),
    ]
}

prop_compose! {
    fn request()(
        request_id in bytes(), answer_key in bytes(), challenge in bytes(), limit_amount: bool,
        certificate in option::of(bytes()), certificate_tag in option::of(bytes()), proof in proof(),
        staff in option::of(".*"),
    ) -> CheckRequest {
        let consents = Consents { limit_amount };
        CheckRequest {
            request_id, answer_key, challenge, consents, certificate, certificate_tag, proof, staff,
        }
    }
}

prop_compose! {
    fn status()(
        code in ".*", name in ".*", pin: bool,
        visual in option::of(prop_oneof![Just(VisualForm::Proven), Just(VisualForm::Attested)]),
        renew_at: i64, now: i64, notices in vec((".*", ".*"), 0..3), sandbox: bool,
        tag_key in option::of(any::<[u8; 32]>()), keys in vec((bytes(), bytes()), 0..3),
    ) -> DeviceStatus {
        let notices = notices.into_iter().map(|(ja, en)| Notice { ja, en }).collect();
        let institution = Institution { code, name };
        let tag_key = tag_key.map(TagKey::new);
        let issuer_keys =
            keys.into_iter().map(|(key_id, modulus)| IssuerKey { key_id, modulus }).collect();
        DeviceStatus { institution, pin, visual, renew_at, now, notices, sandbox, tag_key, issuer_keys }
    }
}

prop_compose! {
    fn response()(
        check_id in ".*", checked_at: i64, certificate_not_after: i64,
        certificate_expired_since in option::of(any::<i64>()), danger_attested_visual: bool,
    ) -> CheckResponse {
        CheckResponse {
            check_id,
            checked_at,
            certificate_not_after,
            certificate_expired_since,
            danger_attested_visual,
            eligibility: Eligibility::default(),
        }
    }
}

/// A message of each kind with every key in it, as CBOR values.
pub(crate) fn one_of_each() -> Vec<serde_cbor::Value> {
    fn value(message: impl serde::Serialize) -> serde_cbor::Value {
        serde_cbor::value::to_value(message).expect("plain data")
    }
    let proofs = [
        Proof::Pin { signature: vec![] },
        Proof::VisualProven {
            signature: vec![],
            birth_record: vec![],
            key_certificate: Some(vec![]),
            key_id: Some(vec![]),
        },
        Proof::VisualAttested,
    ];
    let request = |proof| CheckRequest {
        request_id: vec![],
        answer_key: vec![],
        challenge: vec![],
        consents: Consents::default(),
        certificate: Some(vec![]),
        certificate_tag: Some(vec![]),
        proof,
        staff: Some(String::new()),
    };
    let status = DeviceStatus {
        institution: Institution { code: String::new(), name: String::new() },
        pin: true,
        visual: Some(VisualForm::Proven),
        renew_at: 0,
        now: 0,
        notices: vec![Notice { ja: String::new(), en: String::new() }],
        sandbox: true,
        tag_key: Some(TagKey::new([0; 32])),
        issuer_keys: vec![IssuerKey { key_id: vec![], modulus: vec![] }],
    };
    let response = CheckResponse {
        check_id: String::new(),
        checked_at: 0,
        certificate_not_after: 0,
        certificate_expired_since: Some(0),
        danger_attested_visual: true,
        eligibility: Eligibility::default(),
    };
    let mut all: Vec<_> = proofs.into_iter().map(|proof| value(request(proof))).collect();
    all.push(value(status));
    all.push(value(response));
    all.push(value(Challenge { nonce: vec![], token: vec![], expires_in: 0 }));
    all.push(value(EnrollmentChallenge { nonce: vec![], expires_at: 0 }));
    all.push(value(CertificateQuestion { tag: vec![] }));
    all.push(value(CertificateAnswer { known: true }));
    all
}

fn survives<T: serde::Serialize + serde::de::DeserializeOwned + PartialEq>(message: &T) -> bool {
    let cbor = serde_cbor::to_vec(message).expect("plain data");
    serde_cbor::from_slice::<T>(&cbor).is_ok_and(|read| read == *message)
}

/// Whether one of the decoders takes it matters not; that all of them come back does.
fn decode(bytes: &[u8]) {
    let _ = serde_cbor::from_slice::<Challenge>(bytes);
    let _ = serde_cbor::from_slice::<EnrollmentChallenge>(bytes);
    let _ = serde_cbor::from_slice::<DeviceStatus>(bytes);
    let _ = serde_cbor::from_slice::<CheckRequest>(bytes);
    let _ = serde_cbor::from_slice::<CheckResponse>(bytes);
    let _ = serde_cbor::from_slice::<CertificateQuestion>(bytes);
    let _ = serde_cbor::from_slice::<CertificateAnswer>(bytes);
    let _ = serde_json::from_slice::<Problem>(bytes);
    let _ = CertificationRequest::from_der(bytes);
    let _ = est::read_certs_only(bytes);
    let _ = est::public_key_of(bytes);
    let _ = est::from_base64(bytes);
    if let Ok(text) = core::str::from_utf8(bytes) {
        let _ = BasicCredentials::from_header(text);
        let _ = EnrolmentLink::parse(text);
        let _ = ActivationCode::parse(text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn messages_survive_cbor(
        request in request(), status in status(), response in response(), nonce in bytes(), token in bytes(),
        expires_in: u32, expires_at: i64, known: bool,
    ) {
        prop_assert!(survives(&request));
        prop_assert!(survives(&status));
        prop_assert!(survives(&response));
        let challenge = Challenge { nonce: nonce.clone(), token, expires_in };
        prop_assert!(survives(&challenge));
        let challenge = EnrollmentChallenge { nonce: nonce.clone(), expires_at };
        prop_assert!(survives(&challenge));
        let question = CertificateQuestion { tag: nonce };
        prop_assert!(survives(&question));
        let answer = CertificateAnswer { known };
        prop_assert!(survives(&answer));
    }

    #[test]
    fn no_bytes_panic_a_decoder(bytes in bytes()) {
        decode(&bytes);
    }

    #[test]
    fn a_message_with_some_bytes_changed_panics_no_decoder(
        request in request(), changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut cbor = serde_cbor::to_vec(&request).expect("plain data");
        for (at, byte) in changes {
            let at = at.index(cbor.len());
            cbor[at] = byte;
        }
        decode(&cbor);
    }

    #[test]
    fn a_certification_request_with_some_bytes_changed_panics_no_decoder(
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..6), cut in 0..40usize,
    ) {
        let point = [4; 65];
        let unsigned = est::UnsignedRequest::new(&point, &[1; 32], &[vec![2; 20]]).expect("a request");
        let mut der = unsigned.with_signature(&[3; 70]).expect("a request");
        for (at, byte) in changes {
            let at = at.index(der.len());
            der[at] = byte;
        }
        der.truncate(der.len() - cut);
        decode(&der);
    }

    #[test]
    fn links_survive_their_text(
        host in "[a-z]{1,10}(\\.[a-z]{1,10}){0,2}", port in option::of(1024..=u16::MAX),
        account in "[A-Za-z0-9._-]{1,64}", secret: [u8; 16], root: [u8; 32],
        institution in "[^\\p{C}\\p{Z}][^\\p{C}\\p{Zl}\\p{Zp}]{0,40}",
        replaces in option::of("[^\\p{C}\\p{Z}][^\\p{C}\\p{Zl}\\p{Zp}]{0,20}"),
    ) {
        let port = port.map_or(String::new(), |port| format!(":{port}"));
        let service = url::Url::parse(&format!("https://{host}{port}")).expect("a URL");
        let link = EnrolmentLink::new(service.clone(), account.clone(), secret, root, institution.clone());
        let link = match &replaces {
            Some(device) => link.replacing(device.clone()),
            None => link,
        };
        let text = link.to_text();
        prop_assert!(text.is_ascii() && text.starts_with("madoguchi://enrol?service=https"));
        prop_assume!(text.len() <= EnrolmentLink::MAX);
        let read = EnrolmentLink::parse(&text).expect("a link");
        prop_assert_eq!(&read.service, &service);
        prop_assert_eq!(&read.account, &account);
        prop_assert_eq!(&read.institution, &institution);
        prop_assert_eq!(&read.replaces, &replaces);
        prop_assert!(read.secret.equals(link.secret.expose()));
        prop_assert_eq!(read.endpoint().trust, Trust::Fingerprint(root));
        let secret = core::str::from_utf8(link.secret.expose()).expect("ASCII");
        let shown = format!("{read:?}");
        prop_assert!(!shown.contains(secret));
    }

    #[test]
    fn an_activation_code_survives_its_groups_and_full_width_typing(digits in vec(0..10u8, 12)) {
        let ascii: String = digits.iter().map(|digit| char::from(b'0' + digit)).collect();
        let wide: String =
            digits.iter().map(|digit| char::from_u32(u32::from('０') + u32::from(*digit)).expect("a digit")).collect();
        let code = ActivationCode::parse(&ascii).expect("a code");
        prop_assert_eq!(code.as_secret().expose(), ascii.as_bytes());
        for typed in [code.grouped().to_string(), code.grouped().replace(' ', "－"), wide] {
            let read = ActivationCode::parse(&typed).expect("a code");
            prop_assert!(read.as_secret().equals(ascii.as_bytes()));
        }
    }
}

#[test]
fn activation_codes_are_grouped_by_four_and_never_printed() {
    let code = ActivationCode::parse("　１２３４ー５６７８‐9012 ").expect("a code");
    assert_eq!(code.grouped().as_str(), "1234 5678 9012");
    assert_eq!(format!("{code:?}"), "ActivationCode(redacted)");
}

#[test]
fn what_is_no_activation_code_is_told_apart() {
    for typed in ["", "1234 5678 901", "1234 5678 9012 3", "----"] {
        assert_eq!(ActivationCode::parse(typed).err(), Some(ActivationCodeError::Length), "{typed}");
    }
    for typed in ["1234 5678 901x", "1234.5678.9012", "一二三四"] {
        assert_eq!(ActivationCode::parse(typed).err(), Some(ActivationCodeError::NotADigit), "{typed}");
    }
}

const LINK: &str = "madoguchi://enrol?service=https%3A%2F%2Fservice.invalid%3A8443&account=W0000001\
    &secret=AAECAwQFBgcICQoLDA0ODw&root=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8&institution=%E8%A9%A6%E9%A8%93";

#[test]
fn a_link_is_read_field_by_field() {
    let link = EnrolmentLink::parse(LINK).expect("a link");
    assert_eq!(link.service.as_str(), "https://service.invalid:8443/");
    assert_eq!(link.account, "W0000001");
    assert_eq!(link.secret.expose(), b"AAECAwQFBgcICQoLDA0ODw", "as it stands in the link");
    assert_eq!(link.root, core::array::from_fn(|at| u8::try_from(at).expect("0 to 31")));
    assert_eq!(link.institution, "試験");
    assert_eq!(link.to_text().as_str(), LINK);
    let more = format!("{LINK}&later=1");
    assert!(EnrolmentLink::parse(&more).is_ok(), "fields of later versions are passed over");
}

#[test]
fn each_fault_of_a_link_is_told_by_its_field() {
    let with = |from: &str, to: &str| EnrolmentLink::parse(&LINK.replace(from, to)).err();
    assert_eq!(with("madoguchi://enrol", "https://enrol"), Some(LinkError::NotALink));
    assert_eq!(with("//enrol", "//other"), Some(LinkError::NotALink));
    assert_eq!(with("enrol?", "enrol/deeper?"), Some(LinkError::NotALink));
    assert_eq!(with("W0000001", &"W".repeat(EnrolmentLink::MAX)), Some(LinkError::NotALink));
    assert_eq!(EnrolmentLink::parse("").err(), Some(LinkError::NotALink));
    for field in ["service", "account", "secret", "root", "institution"] {
        let key = format!("{field}=");
        assert_eq!(with(&key, "other="), Some(LinkError::Missing(field)));
        assert_eq!(with("enrol?", &format!("enrol?{key}x&")), Some(LinkError::Repeated(field)));
    }
    assert_eq!(with("https%3A", "http%3A"), Some(LinkError::Invalid("service")));
    assert_eq!(with("%3A8443", "%2Fpath"), Some(LinkError::Invalid("service")));
    assert_eq!(with("W0000001", "a%3Ab"), Some(LinkError::Invalid("account")));
    assert_eq!(with("secret=AA", "secret="), Some(LinkError::Invalid("secret")));
    assert_eq!(with("secret=AA", "secret=A!"), Some(LinkError::Invalid("secret")));
    assert_eq!(with("ODw&root", "ODx&root"), Some(LinkError::Invalid("secret")), "bits that must be zero");
    assert_eq!(with("root=AA", "root=AAAA"), Some(LinkError::Invalid("root")));
    assert_eq!(with("%E8%A9%A6%E9%A8%93", "%0A"), Some(LinkError::Invalid("institution")));
    for unseen in ["%E2%80%AE", "%E2%80%8B", "%E2%80%A8", "%C2%AD", "%EF%BB%BF"] {
        assert_eq!(with("%E8%A9%A6%E9%A8%93", unseen), Some(LinkError::Invalid("institution")), "{unseen}");
    }
    assert_eq!(with("%E8%A9%A6%E9%A8%93", &"x".repeat(101)), Some(LinkError::Invalid("institution")));
    assert_eq!(with("enrol?", "enrol?replaces=&"), Some(LinkError::Invalid("replaces")));
    assert_eq!(with("enrol?", "enrol?replaces=a&replaces=b&"), Some(LinkError::Repeated("replaces")));
}
