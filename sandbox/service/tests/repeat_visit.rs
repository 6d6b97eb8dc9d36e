//! The repeat visit: a check that names its certificate by a tag, and what the service keeps for it.

mod support;

use core::time::Duration;

use sandbox_card::Person;
use service::{
    messages::{CBOR, CertificateQuestion, CheckRequest, Method, ProblemCode, Proof, TagKey},
    paths,
};
use support::{CLINIC, Card, DENTIST, Device, Sandbox, cbor, random, request};

const DAY: Duration = Duration::from_hours(24);

async fn prepared() -> (Sandbox, Device, Card) {
    let sandbox = Sandbox::start().await;
    let device = sandbox.device().await;
    let card = sandbox.card("hanako");
    (sandbox, device, card)
}

/// A first visit: the certificate comes whole.
async fn visit(device: &Device, card: &mut Card) {
    device.check(&device.pin_check(card).await).await.expect("answered");
}

#[tokio::test]
async fn a_certificate_that_came_whole_serves_the_next_visit_by_its_tag() {
    let (_sandbox, device, mut card) = prepared().await;
    assert!(!device.knows(&card).await);
    let needed = device.check(&device.short_check(&mut card).await).await;
    assert_eq!(needed.err(), Some(ProblemCode::CardCertificateNeeded));

    let sent = device.pin_check(&mut card).await;
    let first = device.check(&sent).await.expect("answered");
    assert!(device.knows(&card).await);
    for _ in 0..2 {
        let sent = device.short_check(&mut card).await;
        assert!(cbor(&sent).len() < 600, "the certificate did not travel");
        let again = device.check(&sent).await.expect("answered");
        assert_eq!(again.eligibility, first.eligibility);
        assert_eq!(again.certificate_not_after, first.certificate_not_after);
    }
}

#[tokio::test]
async fn only_an_accepted_check_with_pin_leaves_its_certificate() {
    let sandbox = Sandbox::start().await;
    let device = sandbox.device().await;

    let mut card = sandbox.card("hanako");
    device.check(&device.visual_check(&mut card).await).await.expect("answered");
    assert!(!device.knows(&card).await, "目視確認 says less about whose certificate it is");

    let mut refused = device.pin_check(&mut card).await;
    refused.consents.limit_amount = true;
    assert_eq!(device.check(&refused).await.err(), Some(ProblemCode::CardSignatureInvalid));
    assert!(!device.knows(&card).await, "anybody can read a certificate");

    for slug in ["mihoko", "mukashi"] {
        let mut card = sandbox.card(slug);
        device.check(&device.pin_check(&mut card).await).await.expect_err("revoked, or out of date");
        assert!(!device.knows(&card).await, "{slug}");
    }

    // 該当資格なし is an answer.
    let mut card = sandbox.card("nashio");
    visit(&device, &mut card).await;
    assert!(device.knows(&card).await);
}

#[tokio::test]
async fn a_tag_stands_for_a_certificate_with_a_pin_and_instead_of_it() {
    let (_sandbox, device, mut card) = prepared().await;
    visit(&device, &mut card).await;
    let tag = Some(device.tag(&card).await.to_vec());

    let short = device.short_check(&mut card).await;
    let proven = device.visual_check(&mut card).await;
    let both = CheckRequest { certificate: Some(card.certificate.clone()), ..short.clone() };
    let neither = CheckRequest { certificate_tag: None, ..short.clone() };
    let long = CheckRequest {
        certificate_tag: Some([&tag.clone().expect("a tag")[..], &[0]].concat()),
        ..short.clone()
    };
    let seen = CheckRequest { certificate: None, certificate_tag: tag.clone(), ..proven.clone() };
    let word = CheckRequest { proof: Proof::VisualAttested, ..seen.clone() };
    for (number, sent) in [both, neither, long, seen, word].iter().enumerate() {
        assert_eq!(device.check(sent).await.err(), Some(ProblemCode::MalformedRequest), "{number}");
    }
    // None of them used anything up.
    device.check(&short).await.expect("answered");
    device.check(&proven).await.expect("answered");
}

/// A request that shows the head of somebody else, or of a forgery, and whose certificate the service has.
async fn in_the_name_of(device: &Device, known: &Card, hand: &mut Card) -> CheckRequest {
    let challenge = device.client.challenge().await.expect("a challenge");
    let binding = device.binding(&challenge, Method::Pin, known);
    let proof = Proof::Pin { signature: hand.sign_with_pin(&binding.digest()) };
    let sent = request(&challenge, &binding, known, proof);
    CheckRequest { certificate: None, certificate_tag: Some(device.tag(known).await.to_vec()), ..sent }
}

#[tokio::test]
async fn ones_own_card_with_the_head_of_another_one_does_not_pass() {
    let (sandbox, device, mut hanako) = prepared().await;
    visit(&device, &mut hanako).await;
    let mut jiro = sandbox.card("jiro");
    visit(&device, &mut jiro).await;
    // Jiro's card, and a program between it and the device that gives Hanako's head: the card signs over it.
    let sent = in_the_name_of(&device, &hanako, &mut jiro).await;
    assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::CardSignatureInvalid));
    // Jiro's head was shown, and Hanako's certificate is named.
    let mut sent = device.short_check(&mut jiro).await;
    sent.certificate_tag = Some(device.tag(&hanako).await.to_vec());
    assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::CardSignatureInvalid));
}

#[tokio::test]
async fn a_forged_certificate_with_a_known_head_neither_passes_nor_takes_the_place_of_the_right_one() {
    let (sandbox, device, mut hanako) = prepared().await;
    visit(&device, &mut hanako).await;
    // Hanako's head, and behind it a key that somebody else has.
    let mut hand = sandbox.card("jiro");
    let mut forged = hanako.certificate[..256].to_vec();
    forged.extend(&hand.certificate[256..]);
    forged.resize(hanako.certificate.len(), 0);
    hand.certificate = forged;
    assert_eq!(device.tag(&hand).await, device.tag(&hanako).await);

    let sent = in_the_name_of(&device, &hanako, &mut hand).await;
    assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::CardSignatureInvalid));
    let whole = device.pin_check(&mut hand).await;
    let refused = device.check(&whole).await.expect_err("no CA signed that");
    assert!(
        matches!(refused, ProblemCode::CardCertificateMalformed | ProblemCode::CardCertificateUntrusted),
        "{refused:?}"
    );
    device.check(&device.short_check(&mut hanako).await).await.expect("hers is still there");
}

/// Hanako, and somebody whose certificate has her serial number, names and dates, and another key under another CA.
/// The names are somewhat longer than hers, so that the key begins behind the head.
fn namesakes() -> [Person; 2] {
    let [mut hanako, mut jiro] = ["hanako", "jiro"].map(|slug| Person::named(slug).expect("named"));
    let certificate = hanako.card.certificate.as_mut().expect("a certificate");
    certificate.subject_cn.push_str("000");
    jiro.card.certificate = Some(certificate.clone());
    let generation = &mut jiro.card.certificate.as_mut().expect("a certificate").ca_generation;
    assert_eq!(core::mem::replace(generation, 2), 3);
    [hanako, jiro]
}

#[tokio::test]
async fn the_same_serial_number_under_another_ca_is_another_certificate() {
    let (sandbox, device, _) = prepared().await;
    let [mut hanako, mut namesake] = namesakes().map(|person| Card::of(&person, sandbox.today()));
    // The CAs have one name, so all that is different stands behind the head.
    assert_eq!(hanako.certificate[..256], namesake.certificate[..256]);
    assert_ne!(hanako.certificate, namesake.certificate);
    assert_eq!(device.tag(&hanako).await, device.tag(&namesake).await);

    visit(&device, &mut hanako).await;
    let sent = device.short_check(&mut namesake).await;
    assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::CardSignatureInvalid));
    // With the certificate whole they are two persons, each with their own record; the last one is kept.
    let answer = device.check(&device.pin_check(&mut namesake).await).await.expect("answered");
    assert!(answer.eligibility.results.is_empty(), "no insurer knows the namesake");
    device.check(&device.short_check(&mut namesake).await).await.expect("the namesake's is kept now");
    let sent = device.short_check(&mut hanako).await;
    assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::CardSignatureInvalid));
    visit(&device, &mut hanako).await;
    let answer = device.check(&device.short_check(&mut hanako).await).await.expect("answered");
    assert_eq!(answer.eligibility.results.len(), 1);
}

#[tokio::test]
async fn a_certificate_revoked_between_two_visits_is_refused() {
    // The list does not have her yet.
    let before = Sandbox::with(|config| config.persons.retain(|person| person.slug() != "mihoko")).await;
    let device = before.device().await;
    let mut card = before.card("mihoko");
    visit(&device, &mut card).await;
    device.check(&device.short_check(&mut card).await).await.expect("good by then");

    let _after = before.kill_and_restart().await;
    assert!(device.knows(&card).await);
    let sent = device.short_check(&mut card).await;
    assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::CardCertificateRevoked));
}

#[tokio::test]
async fn a_certificate_that_ran_out_between_two_visits_is_refused() {
    let sandbox = Sandbox::since(150 * DAY, |config| {
        config.policy.known_months = 60;
        config.policy.device_certificate_life = 1_000 * DAY;
    })
    .await;
    let device = sandbox.device().await;
    // Her certificate lives for 1,180 days from the day on which the card is made; the grace is three months.
    let mut card = Card::new("hanako", sandbox.today() - time::Duration::days(1_175));
    visit(&device, &mut card).await;
    sandbox.clock.advance(80 * DAY);
    let answer = device.check(&device.short_check(&mut card).await).await.expect("within the grace");
    assert!(answer.certificate_expired_since.is_some());

    sandbox.clock.advance(20 * DAY);
    assert!(device.knows(&card).await);
    let sent = device.short_check(&mut card).await;
    assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::CardCertificateExpired));
}

#[tokio::test]
async fn what_one_institution_knows_is_a_miss_at_another() {
    let (sandbox, device, mut card) = prepared().await;
    visit(&device, &mut card).await;
    let other = sandbox.device_at(DENTIST).await;
    assert_ne!(device.tag(&card).await, other.tag(&card).await);
    assert!(!other.knows(&card).await);
    // Even with the tag of the other institution, should somebody have got hold of it.
    let foreign = device.tag(&card).await;
    assert!(!other.client.knows_certificate(&foreign).await.expect("an answer"));
    for tag in [foreign, other.tag(&card).await] {
        let mut sent = other.short_check(&mut card).await;
        sent.certificate_tag = Some(tag.to_vec());
        assert_eq!(other.check(&sent).await.err(), Some(ProblemCode::CardCertificateNeeded));
    }
    // A neighbour at the same counter has the same key, and so the same patients.
    let neighbour = sandbox.device().await;
    assert!(neighbour.knows(&card).await);
    neighbour.check(&neighbour.short_check(&mut card).await).await.expect("answered");
}

#[tokio::test]
async fn a_certificate_is_forgotten_after_the_months_that_the_operator_sets() {
    let sandbox = Sandbox::since(200 * DAY, |config| {
        config.policy.known_months = 2;
        config.policy.device_certificate_life = 1_000 * DAY;
    })
    .await;
    let device = sandbox.device().await;
    let mut card = sandbox.card("hanako");
    visit(&device, &mut card).await;
    // Each accepted visit counts anew.
    for _ in 0..2 {
        sandbox.clock.advance(58 * DAY);
        device.check(&device.short_check(&mut card).await).await.expect("within two months");
    }
    // A refused one does not, nor does a question.
    sandbox.clock.advance(30 * DAY);
    let mut refused = device.short_check(&mut card).await;
    refused.consents.limit_amount = true;
    assert_eq!(device.check(&refused).await.err(), Some(ProblemCode::CardSignatureInvalid));
    assert!(device.knows(&card).await);
    sandbox.clock.advance(32 * DAY);
    assert!(!device.knows(&card).await);
    let sent = device.short_check(&mut card).await;
    assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::CardCertificateNeeded));

    // It is gone from the disk as well, at the latest with the next start: no policy brings it back.
    let sandbox = sandbox.kill_and_restart_with(|config| config.policy.known_months = 2).await;
    let _sandbox = sandbox.kill_and_restart_with(|config| config.policy.known_months = 60).await;
    assert!(!device.knows(&card).await);
}

#[tokio::test]
async fn an_operator_who_keeps_nothing_gives_no_key_and_knows_nobody() {
    let (sandbox, device, mut card) = prepared().await;
    let tag = device.tag(&card).await;
    visit(&device, &mut card).await;
    let _sandbox = sandbox.kill_and_restart_with(|config| config.policy.known_months = 0).await;
    assert_eq!(device.client.device().await.expect("known").tag_key, None);
    assert!(!device.client.knows_certificate(&tag).await.expect("an answer"));
    visit(&device, &mut card).await;
    let mut sent = device.pin_check(&mut card).await;
    (sent.certificate, sent.certificate_tag) = (None, Some(tag.to_vec()));
    assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::CardCertificateNeeded));
}

#[tokio::test]
async fn when_a_device_is_ended_its_institution_starts_anew() {
    let (sandbox, device, mut card) = prepared().await;
    let lost = sandbox.device().await;
    let other = sandbox.device_at(DENTIST).await;
    visit(&device, &mut card).await;
    visit(&other, &mut card).await;
    let old = device.tag(&card).await;

    // Stopped for now: nothing is forgotten yet.
    sandbox.running.admin().suspend(&lost.account).await.expect("stopped");
    assert!(device.knows(&card).await);
    let asked = lost.client.knows_certificate(&old).await;
    let refused = service::Error::Refused { code: ProblemCode::DeviceSuspended, retry_after: None };
    assert_eq!(asked, Err(refused));

    sandbox.running.admin().revoke(&lost.account).await.expect("ended");
    assert_ne!(device.tag(&card).await, old, "the key that it knew is worth nothing");
    assert!(!device.knows(&card).await);
    assert!(!device.client.knows_certificate(&old).await.expect("an answer"));
    assert!(other.knows(&card).await, "it was no business of another institution");
    visit(&device, &mut card).await;
    assert!(device.knows(&card).await);
    assert!(!device.client.knows_certificate(&old).await.expect("an answer"));
}

/// The device reads the rest of the certificate then, and needs neither PIN nor signature for it.
#[tokio::test]
async fn a_certificate_that_is_needed_after_all_comes_with_the_same_signature() {
    let (_sandbox, device, mut card) = prepared().await;
    let sent = device.short_check(&mut card).await;
    for _ in 0..2 {
        assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::CardCertificateNeeded));
    }
    let whole = CheckRequest { certificate: Some(card.certificate.clone()), certificate_tag: None, ..sent };
    let answer = device.check(&whole).await.expect("the same id, nonce and signature");
    assert!(device.check(&whole).await.expect("once") == answer);
}

#[tokio::test]
async fn a_check_by_tag_counts_once_as_any_other() {
    let (sandbox, device, mut card) = prepared().await;
    visit(&device, &mut card).await;
    let sent = device.short_check(&mut card).await;
    let answer = device.check(&sent).await.expect("answered");
    let sandbox = sandbox.kill_and_restart().await;
    assert!(device.check(&sent).await.expect("answered again") == answer);
    let whole =
        CheckRequest { certificate: Some(card.certificate.clone()), certificate_tag: None, ..sent.clone() };
    assert_eq!(device.check(&whole).await.err(), Some(ProblemCode::RequestConflict));
    // The answer is there even where the certificate is not.
    let lost = sandbox.device().await;
    sandbox.running.admin().revoke(&lost.account).await.expect("ended");
    assert!(device.check(&sent).await.expect("answered again") == answer);
}

#[tokio::test]
async fn a_check_that_began_and_whose_certificate_was_forgotten_since_serves_nobody() {
    let sandbox = Sandbox::with(|config| config.limits.certificate.burst = 1).await;
    let device = sandbox.device().await;
    let mut card = sandbox.card("hanako");
    visit(&device, &mut card).await;
    let sent = device.short_check(&mut card).await;
    assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::RateLimited), "begun, and not decided");
    let lost = sandbox.device().await;
    sandbox.running.admin().revoke(&lost.account).await.expect("ended");
    assert_eq!(device.check(&sent).await.err(), Some(ProblemCode::CardCertificateNeeded));
    let whole = CheckRequest { certificate: Some(card.certificate.clone()), certificate_tag: None, ..sent };
    assert_eq!(device.check(&whole).await.err(), Some(ProblemCode::RequestConflict));
}

#[tokio::test]
async fn questions_are_limited_and_read_with_care() {
    let (sandbox, device, _) = prepared().await;
    let ask = |body| device.raw.post(paths::KNOWN_CERTIFICATES, CBOR, body);
    let question = |tag: &[u8]| {
        serde_cbor::to_vec(&CertificateQuestion { tag: tag.to_vec() }).expect("a question becomes CBOR")
    };
    for body in [Vec::new(), b"\xA0".to_vec(), question(&[7; 31]), question(&[7; 33])] {
        assert_eq!(ask(body).await.problem().code(), ProblemCode::MalformedRequest);
    }
    for _ in 4..10 {
        assert_eq!(ask(question(&[7; 32])).await.status, 200);
    }
    assert_eq!(ask(question(&[7; 32])).await.problem().code(), ProblemCode::RateLimited);
    device.client.challenge().await.expect("challenges are counted apart");
    let neighbour = sandbox.device().await;
    neighbour.client.knows_certificate(&[7; 32]).await.expect("so are other devices");
    let stranger = sandbox.anonymous();
    let refused = stranger.post(paths::KNOWN_CERTIFICATES, CBOR, question(&[7; 32])).await;
    assert_eq!(refused.problem().code(), ProblemCode::DeviceUnknown);
}

#[tokio::test]
async fn the_database_shows_no_certificate_no_tag_and_not_who_was_where() {
    let (sandbox, device, mut card) = prepared().await;
    let other = sandbox.device_at(DENTIST).await;
    visit(&device, &mut card).await;
    visit(&other, &mut card).await;
    device.check(&device.short_check(&mut card).await).await.expect("answered");
    let tags = [device.tag(&card).await, other.tag(&card).await];
    let state = sandbox.state;
    sandbox.running.shutdown().await;
    let database = std::fs::read(state.path().join("service.db")).expect("readable");
    let holds = |needle: &[u8]| database.windows(needle.len()).any(|window| window == needle);
    assert!(holds(CLINIC.as_bytes()), "this is where it would be");
    for piece in card.certificate.chunks(32).filter(|piece| piece.len() == 32) {
        assert!(!holds(piece));
    }
    assert!(tags.iter().all(|tag| !holds(tag)));
}

/// What the protocol document tells a device to compute.
#[tokio::test]
async fn the_key_is_the_institutions_own_and_stays_the_same() {
    let (sandbox, device, _) = prepared().await;
    let key = async |device: &Device| device.client.device().await.expect("known").tag_key.expect("a key");
    let neighbour = sandbox.device().await;
    let other = sandbox.device_at(DENTIST).await;
    let first = key(&device).await;
    assert!(first == key(&neighbour).await && first != key(&other).await);
    assert!(first != TagKey::new([0; 32]) && first.tag(&random()) != [0; 32]);
    let _sandbox = sandbox.kill_and_restart().await;
    assert!(first == key(&device).await);
}
