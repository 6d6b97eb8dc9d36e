//! Each failure code has a scenario that reaches it, and the screen tells it.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use counter::{
    Action, Config, Failure, FolderStorage, Link, Lost, Method, Protection, ReaderTrouble, Screen, Storage,
    StorageError, TapStep,
};
use desk::{Desk, SoftKey, World};
use eligibility::Era;
use sandbox_card::{Person, VirtualCard};
use sandbox_service::{Activation, Fault};
use secret::SecretBytes;
use service::device_key::{DeviceKey, DeviceKeyError};
use service::messages::ProblemCode;
use service::{Endpoint, EnrolmentLink, Trust};

use crate::links::reader;
use crate::support::{Scene, failure};

type Scenario = Pin<Box<dyn Future<Output = BTreeSet<u16>> + Send>>;

/// The scenarios, with the code that each is about.
fn scenarios() -> Vec<(Failure, Scenario)> {
    let mut all: Vec<(Failure, Scenario)> = vec![
        (Failure::CardLost, Box::pin(lost(Lost::CardGone))),
        (Failure::ReaderFailed, Box::pin(lost(Lost::Reader(ReaderTrouble::Failed)))),
        (Failure::ReaderServiceMissing, Box::pin(no_tap(ReaderTrouble::ServiceMissing))),
        (Failure::NoReader, Box::pin(no_tap(ReaderTrouble::NoReader))),
        (Failure::ReaderInUse, Box::pin(no_tap(ReaderTrouble::InUse))),
        (Failure::ReaderUnplugged, Box::pin(lost(Lost::Reader(ReaderTrouble::Unplugged)))),
        (Failure::CardSilent, Box::pin(no_tap(ReaderTrouble::CardSilent))),
        (Failure::ReaderTimedOut, Box::pin(lost(Lost::Reader(ReaderTrouble::TimedOut)))),
        (Failure::ReaderNotTrusted, Box::pin(no_tap(ReaderTrouble::NotTrusted))),
        (Failure::ReaderAsleep, Box::pin(lost(Lost::Reader(ReaderTrouble::Asleep)))),
        (Failure::ReaderOutOfReach, Box::pin(lost(Lost::Reader(ReaderTrouble::OutOfReach)))),
        (Failure::NfcOff, Box::pin(no_tap(ReaderTrouble::NfcOff))),
        (Failure::BluetoothOff, Box::pin(no_tap(ReaderTrouble::BluetoothOff))),
        (Failure::BluetoothNotAllowed, Box::pin(no_tap(ReaderTrouble::BluetoothNotAllowed))),
        (Failure::LinkNotConfidential, Box::pin(exposed_reader())),
        (Failure::NotMyNumberCard, Box::pin(by_pin("suika", "1234"))),
        (Failure::SmartphoneCard, Box::pin(by_sight("rin"))),
        (Failure::CertificateNeedsPin, Box::pin(by_pin("andoro", "1234"))),
        (Failure::NoCertificate, Box::pin(no_certificate())),
        (
            Failure::CardUnreadable,
            Box::pin(odd_card(|command| is_head(command).then_some(vec![0x42, 0x90, 0x00]))),
        ),
        (Failure::AnotherCard, Box::pin(another_card())),
        (Failure::BirthDateOfAnotherEra, Box::pin(another_era())),
        (Failure::CardSignatureInvalid, Box::pin(bent(|command| command[1] == 0x2A, Method::Pin))),
        (Failure::CardRecordUntrusted, Box::pin(bent(is_birth_record, Method::Visual))),
        (Failure::CardRecordMismatch, Box::pin(by_sight("chigau"))),
        (Failure::CardChanged, Box::pin(by_sight("futago"))),
        (Failure::PinWrong, Box::pin(by_pin("hanako", "0000"))),
        (Failure::PinLastTry, Box::pin(by_pin("nokori", "1234"))),
        (Failure::PinBlocked, Box::pin(by_pin("rokku", "1234"))),
        (Failure::FaceAuthenticationCard, Box::pin(by_pin("kaori", "1234"))),
        (Failure::AskAgain, Box::pin(lost_twice())),
        (Failure::SecretForgotten, Box::pin(forgotten())),
        (Failure::BirthDateWrong, Box::pin(wrong_birth_date(10))),
        (Failure::BirthDateLastTry, Box::pin(wrong_birth_date(1))),
        (Failure::BirthDateBlocked, Box::pin(wrong_birth_date(0))),
        (Failure::CertificateRevoked, Box::pin(by_pin("mihoko", "1234"))),
        (Failure::CertificateExpired, Box::pin(by_pin("mukashi", "1234"))),
        (Failure::CertificateNotYetValid, Box::pin(not_yet_valid())),
        (Failure::Unreachable, Box::pin(fault("/v1/challenges", Fault::DropBefore))),
        (Failure::TimedOut, Box::pin(fault("/v1/eligibility-checks", Fault::Delay(Duration::from_mins(1))))),
        (Failure::ServerUntrusted, Box::pin(another_root())),
        (Failure::AnswerUnreadable, Box::pin(fault("/v1/eligibility-checks", Fault::Garble))),
        (Failure::ChallengeExpired, Box::pin(slow_person())),
        (Failure::CertificateNeeded, Box::pin(forgotten_certificate())),
        (Failure::EnrollmentRefused, Box::pin(wrong_code())),
        (Failure::EnrollmentRequestRefused, Box::pin(refused_enrolment())),
        (Failure::LinkInvalid, Box::pin(link("https://www.example.invalid/"))),
        (Failure::ServiceAddressInvalid, Box::pin(typed("https://localhost/a/path", "S1", b"123456789012"))),
        (Failure::CredentialsMalformed, Box::pin(typed("https://localhost:1/", "a:colon", b"123456789012"))),
        (Failure::DeviceSuspended, Box::pin(stopped(true))),
        (Failure::DeviceRevoked, Box::pin(stopped(false))),
        (Failure::DeviceCertificateRefused, Box::pin(foreign_key())),
        (Failure::DeviceCertificateExpired, Box::pin(after_a_hundred_days())),
        (Failure::DeviceKeyMissing, Box::pin(bad_key(DeviceKeyError::Missing))),
        (Failure::DeviceKeyRefused, Box::pin(bad_key(DeviceKeyError::Refused))),
        (Failure::DeviceKeyTimedOut, Box::pin(bad_key(DeviceKeyError::TimedOut))),
        (Failure::DeviceKeyDamaged, Box::pin(key_at_log_in(DeviceKeyError::Damaged))),
        (Failure::DeviceKeyNewer, Box::pin(key_at_log_in(DeviceKeyError::Newer))),
        (Failure::DeviceNotAttested, Box::pin(crate::attested::unlocked_phone())),
        (Failure::TooManyAttempts, Box::pin(ten_attempts())),
        (Failure::StorageReadOnly, Box::pin(bad_storage(StorageError::ReadOnly))),
        (Failure::StorageFull, Box::pin(bad_storage(StorageError::Full))),
        (Failure::StorageInUse, Box::pin(bad_storage(StorageError::InUse))),
        (Failure::StorageFailed, Box::pin(bad_storage(StorageError::Failed))),
        (Failure::StateUnreadable, Box::pin(damaged_state())),
        (Failure::WorkerFailed, Box::pin(panicking_key())),
    ];
    // What the service would say of cards and requests that no person of ours has: `sandbox/service` tests their
    // causes, this tests the telling.
    let refusals = [
        (Failure::CertificateWrongKind, ProblemCode::CardCertificateWrongKind),
        (Failure::CertificateUntrusted, ProblemCode::CardCertificateUntrusted),
        (Failure::CertificateMalformed, ProblemCode::CardCertificateMalformed),
        (Failure::RevocationUnavailable, ProblemCode::RevocationUnavailable),
        (Failure::RateLimited, ProblemCode::RateLimited),
        (Failure::ServiceUnavailable, ProblemCode::Unavailable),
        (Failure::ServiceFailed, ProblemCode::Internal),
        (Failure::ChallengeUsed, ProblemCode::ChallengeUsed),
        (Failure::ChallengeInvalid, ProblemCode::ChallengeInvalid),
        (Failure::RequestConflict, ProblemCode::RequestConflict),
        (Failure::StillWorking, ProblemCode::RequestInProgress),
        (Failure::RequestRefused, ProblemCode::MalformedRequest),
        (Failure::RequestTooLarge, ProblemCode::TooLarge),
        (Failure::MethodNotAllowed, ProblemCode::MethodNotAllowed),
        (Failure::DeviceUnknown, ProblemCode::DeviceUnknown),
        (Failure::RefusalUnknown, ProblemCode::Unknown),
    ];
    all.extend(refusals.map(|(failure, code)| -> (Failure, Scenario) {
        (failure, Box::pin(fault("/v1/eligibility-checks", Fault::Refuse(code, None))))
    }));
    all
}

#[test]
fn every_code_has_a_scenario() {
    let covered: BTreeSet<Failure> = scenarios().into_iter().map(|(failure, _)| failure).collect();
    let all: BTreeSet<Failure> = Failure::ALL.iter().copied().collect();
    assert_eq!(covered, all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_scenario_reaches_its_code() {
    let mut running = tokio::task::JoinSet::new();
    for (failure, scenario) in scenarios() {
        running.spawn(async move { (failure, scenario.await) });
    }
    let mut missed = Vec::new();
    while let Some(done) = running.join_next().await {
        let (failure, told) = done.expect("a scenario runs to its end");
        if !told.contains(&failure.code()) {
            missed.push((failure, told));
        }
    }
    assert!(missed.is_empty(), "{missed:?}");
}

/// What the screen tells and what the journal keeps.
pub(crate) fn told(desk: &Desk, screen: &Screen) -> BTreeSet<u16> {
    let journal = desk.counter.journal().into_iter().filter_map(|entry| entry.code);
    journal.chain(failure(screen).map(Failure::code)).collect()
}

async fn by_pin(slug: &'static str, digits: &'static str) -> BTreeSet<u16> {
    let scene = Scene::new().await;
    let screen = scene.check_by_pin(&mut scene.card(slug), digits).await;
    told(&scene.desk, &screen)
}

async fn by_sight(slug: &'static str) -> BTreeSet<u16> {
    let scene = Scene::new().await;
    let screen = scene.check_by_sight(&mut scene.card(slug), slug).await;
    told(&scene.desk, &screen)
}

async fn lost(how: Lost) -> BTreeSet<u16> {
    let scene = Scene::new().await;
    scene.desk.pin("1234").await;
    let mut tap = scene.desk.counter.tap(Link::Direct).expect("a card is awaited");
    assert!(matches!(tap.next(None), TapStep::Transmit(_)));
    let screen = tap.lost(how);
    told(&scene.desk, &screen)
}

/// The card is awaited, and the reader cannot be used.
async fn no_tap(trouble: ReaderTrouble) -> BTreeSet<u16> {
    let scene = Scene::new().await;
    scene.desk.pin("1234").await;
    let screen = scene.desk.act(Action::Reader(trouble)).await;
    told(&scene.desk, &screen)
}

/// READ BINARY of the head of EF 000A.
fn is_head(command: &[u8]) -> bool {
    command.starts_with(&[0x00, 0xB0, 0x8A]) || command.starts_with(&[0x00, 0xB0, 0x00, 0x00])
}

/// READ BINARY of EF 0001 of 券面事項確認AP.
fn is_birth_record(command: &[u8]) -> bool {
    command.starts_with(&[0x00, 0xB0, 0x81])
}

/// A card that answers some commands in its own way.
async fn odd_card(answer: fn(&[u8]) -> Option<Vec<u8>>) -> BTreeSet<u16> {
    let scene = Scene::new().await;
    scene.desk.pin("1234").await;
    let mut card = scene.card("hanako");
    card.power_on();
    let held = scene.desk.hold_what(|command| answer(command).or_else(|| Some(card.transmit(command))));
    told(&scene.desk, &held.screen)
}

/// A card with one bit wrong in what it answers to one command.
async fn bent(at: fn(&[u8]) -> bool, method: Method) -> BTreeSet<u16> {
    let scene = Scene::new().await;
    match method {
        Method::Pin => scene.desk.pin("1234").await,
        Method::Visual => scene.desk.visual(scene.world.person("hanako").printed_birth_date()).await,
    };
    let mut card = scene.card("hanako");
    card.power_on();
    scene.desk.hold_what(|command| {
        let mut answer = card.transmit(command);
        if at(command) && answer.len() > 100 {
            answer[100] ^= 0x01;
        }
        Some(answer)
    });
    let screen = scene.desk.counter.run().await;
    told(&scene.desk, &screen)
}

/// A PIN is typed at the device's own NFC, and then a reader is in use that has the factory's key.
async fn exposed_reader() -> BTreeSet<u16> {
    let scene = Scene::new().await;
    let mut card = scene.card("hanako");
    scene.desk.pin("1234").await;
    scene.desk.act(Action::ReaderInUse(Some(reader(Protection::FactoryKey)))).await;
    let held = scene.desk.hold(&mut card);
    assert_eq!(held.commands, 0, "no tap begins");
    told(&scene.desk, &held.screen)
}

async fn another_card() -> BTreeSet<u16> {
    let scene = Scene::new().await;
    scene.desk.pin("1234").await;
    scene.desk.hold_for(&mut scene.card("hanako"), 3);
    let screen = scene.desk.hold(&mut scene.card("jiro")).screen;
    told(&scene.desk, &screen)
}

/// 昭和20年8月15日 typed as 平成20年8月15日: the same six digits.
async fn another_era() -> BTreeSet<u16> {
    let scene = Scene::new().await;
    scene.desk.act(Action::Choose(Method::Visual)).await;
    scene.desk.act(Action::Era(Era::Heisei)).await;
    scene.desk.type_digits("200815").await;
    let screen = scene.desk.check(&mut scene.card("ume")).await;
    told(&scene.desk, &screen)
}

/// Lost at VERIFY, and lost at VERIFY again.
async fn lost_twice() -> BTreeSet<u16> {
    let scene = Scene::new().await;
    let mut card = scene.card("hanako");
    scene.desk.pin("1234").await;
    scene.desk.hold_for(&mut card, 3);
    scene.desk.hold_for(&mut card, 3);
    let screen = scene.desk.hold(&mut card).screen;
    assert_eq!(card.failed_verifies(), 0);
    told(&scene.desk, &screen)
}

async fn forgotten() -> BTreeSet<u16> {
    let scene = Scene::new().await;
    scene.desk.pin("1234").await;
    scene.desk.wait(Duration::from_secs(61));
    let screen = scene.desk.act(Action::Tick).await;
    told(&scene.desk, &screen)
}

async fn wrong_birth_date(tries: u8) -> BTreeSet<u16> {
    let scene = Scene::new().await;
    let mut person = scene.world.person("hanako").clone();
    person.card.birth_tries_left = tries;
    let mut card = today(&person);
    scene.desk.visual(scene.world.person("jiro").printed_birth_date()).await;
    let screen = scene.desk.hold(&mut card).screen;
    told(&scene.desk, &screen)
}

async fn not_yet_valid() -> BTreeSet<u16> {
    let mut person = Person::named("hanako").expect("a named person");
    person.card.certificate.as_mut().expect("a certificate").valid_from_days = 5;
    let scene = Scene::with(vec![person], counter::Language::Ja).await;
    let screen = scene.check_by_pin(&mut scene.card("hanako"), "1234").await;
    told(&scene.desk, &screen)
}

fn today(person: &Person) -> VirtualCard {
    person.personalise(time::OffsetDateTime::now_utc().date())
}

async fn fault(path: &'static str, fault: Fault) -> BTreeSet<u16> {
    let scene = Scene::new().await;
    scene.world.service().faults().add(path, fault, 20);
    let screen = scene.check_by_pin(&mut scene.card("hanako"), "1234").await;
    told(&scene.desk, &screen)
}

/// The service knew the certificate while the card was held, and does not any more.
async fn forgotten_certificate() -> BTreeSet<u16> {
    let scene = Scene::remembering().await;
    let mut card = scene.card("hanako");
    scene.check_by_pin(&mut card, "1234").await;
    scene.desk.act(Action::Next).await;
    let other = scene.world.activation().await.expect("a device slot");
    scene.desk.pin("1234").await;
    let held = scene.desk.hold_slowly(&mut card, usize::MAX);
    scene.world.service().admin().revoke(&other.account).await.expect("ended");
    let screen = scene.desk.settle(held.screen).await;
    told(&scene.desk, &screen)
}

async fn slow_person() -> BTreeSet<u16> {
    let scene = Scene::new().await;
    scene.desk.pin("1234").await;
    scene.world.clock().advance(Duration::from_secs(121));
    let screen = scene.desk.check(&mut scene.card("hanako")).await;
    told(&scene.desk, &screen)
}

/// A desk that belongs to nobody yet.
fn fresh(endpoint: Option<Endpoint>) -> (Desk, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = Config { endpoint, ..Config::default() };
    (Desk::new(FolderStorage::new(folder.path()), config), folder)
}

async fn link(text: &'static str) -> BTreeSet<u16> {
    let (desk, _folder) = fresh(None);
    let screen = desk.act(Action::OpenLink(text.to_owned())).await;
    told(&desk, &screen)
}

async fn typed(url: &'static str, account: &'static str, code: &'static [u8]) -> BTreeSet<u16> {
    let url = url.parse().expect("a URL");
    let (desk, _folder) = fresh(Some(Endpoint { url, trust: Trust::Fingerprint([0; 32]) }));
    type_account(&desk, account, code).await
}

async fn type_account(desk: &Desk, account: &str, code: &[u8]) -> BTreeSet<u16> {
    let code = SecretBytes::new(code.to_vec());
    let screen = desk.act(Action::Account { account: account.to_owned(), code }).await;
    told(desk, &screen)
}

async fn activated() -> (World, Activation) {
    let world = World::start().await.expect("a free port of loopback");
    let activation = world.activation().await.expect("a device slot");
    (world, activation)
}

async fn wrong_code() -> BTreeSet<u16> {
    let (world, activation) = activated().await;
    let root = world.service().root_der().to_vec();
    let url = world.service().url().parse().expect("a URL");
    let (desk, _folder) = fresh(Some(Endpoint { url, trust: Trust::Root(root) }));
    let right = activation.code.as_secret().expose();
    let wrong: Vec<u8> = right.iter().map(|digit| if *digit == b'0' { b'1' } else { b'0' }).collect();
    type_account(&desk, &activation.account, &wrong).await
}

async fn refused_enrolment() -> BTreeSet<u16> {
    let (world, activation) = activated().await;
    let refusal = Fault::Refuse(ProblemCode::EnrollmentRequestInvalid, None);
    world.service().faults().add("/.well-known/est/simpleenroll", refusal, 1);
    let (desk, _folder) = fresh(None);
    let screen = desk.enrol(&activation.link.to_text()).await;
    told(&desk, &screen)
}

/// A link to the right place with the fingerprint of another root.
async fn another_root() -> BTreeSet<u16> {
    let (_world, activation) = activated().await;
    let EnrolmentLink { service, account, institution, .. } = activation.link;
    let link = EnrolmentLink::new(service, account, [7; 16], [7; 32], institution);
    let (desk, _folder) = fresh(None);
    let screen = desk.enrol(&link.to_text()).await;
    told(&desk, &screen)
}

async fn stopped(for_a_while: bool) -> BTreeSet<u16> {
    let scene = Scene::new().await;
    let admin = scene.world.service().admin();
    let account = admin.devices().await.expect("a list")[0].account.clone();
    if for_a_while {
        admin.suspend(&account).await.expect("a device");
    } else {
        admin.revoke(&account).await.expect("a device");
    }
    let screen = scene.check_by_pin(&mut scene.card("hanako"), "1234").await;
    told(&scene.desk, &screen)
}

async fn no_certificate() -> BTreeSet<u16> {
    let mut person = Person::named("hanako").expect("a named person");
    person.card.certificate = None;
    let scene = Scene::with(vec![person], counter::Language::Ja).await;
    let screen = scene.check_by_pin(&mut scene.card("hanako"), "1234").await;
    told(&scene.desk, &screen)
}

async fn after_a_hundred_days() -> BTreeSet<u16> {
    let scene = Scene::new().await;
    scene.desk.act(Action::Lock).await;
    scene.world.clock().advance(Duration::from_hours(100 * 24));
    let screen = scene.desk.log_in().await;
    told(&scene.desk, &screen)
}

/// Key store and certificate were taken from two devices.
async fn foreign_key() -> BTreeSet<u16> {
    let Scene { world: _world, desk, folder, .. } = Scene::new().await;
    drop(desk);
    let key = SoftKey::default();
    key.create(&[]).expect("a key in memory");
    let desk = Desk::with_key(Arc::new(key), FolderStorage::new(folder.path()), Config::default());
    let mut screen = desk.log_in().await;
    // If the connection ends before the request is on its way, the HTTP client tells of a broken one and keeps the
    // alert to itself: whoever tries again, as the screen says, gets to know.
    for _ in 0..10 {
        if failure(&screen) == Some(Failure::Unreachable) {
            screen = desk.act(Action::Retry).await;
        }
    }
    told(&desk, &screen)
}

/// A key store that makes keys and signs with none.
struct BadKey(DeviceKeyError);

impl DeviceKey for BadKey {
    fn create(&self, _challenge: &[u8]) -> Result<Vec<Vec<u8>>, DeviceKeyError> {
        Err(self.0)
    }

    fn public_key(&self) -> Result<[u8; 65], DeviceKeyError> {
        Err(self.0)
    }

    fn sign(&self, _message: &[u8]) -> Result<Vec<u8>, DeviceKeyError> {
        Err(self.0)
    }

    fn delete(&self) -> Result<(), DeviceKeyError> {
        panic!("a key store that panics")
    }
}

async fn bad_key(error: DeviceKeyError) -> BTreeSet<u16> {
    let (_world, activation) = activated().await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let desk = Desk::with_key(Arc::new(BadKey(error)), FolderStorage::new(folder.path()), Config::default());
    let screen = desk.enrol(&activation.link.to_text()).await;
    told(&desk, &screen)
}

/// An enrolled device, and a key that does not open at the next log in.
async fn key_at_log_in(error: DeviceKeyError) -> BTreeSet<u16> {
    let Scene { world: _world, desk, folder, .. } = Scene::new().await;
    drop(desk);
    let key = Arc::new(BadKey(error));
    let desk = Desk::with_key(key, FolderStorage::new(folder.path()), Config::default());
    let screen = desk.log_in().await;
    told(&desk, &screen)
}

/// The app starts on an enrolled device whose key store panics when the device is to be forgotten.
async fn panicking_key() -> BTreeSet<u16> {
    let Scene { world: _world, desk, folder, .. } = Scene::new().await;
    drop(desk);
    let key = Arc::new(BadKey(DeviceKeyError::Refused));
    let desk = Desk::with_key(key, FolderStorage::new(folder.path()), Config::default());
    let mut screen = desk.log_in().await;
    for action in [Action::Settings, Action::ForgetDevice, Action::Confirm] {
        screen = desk.act(action).await;
    }
    told(&desk, &screen)
}

async fn ten_attempts() -> BTreeSet<u16> {
    let scene = Scene::new().await;
    let mut screen = scene.desk.act(Action::Lock).await;
    for _ in 0..10 {
        scene.desk.wait(Duration::from_hours(1));
        scene.desk.act(Action::Tick).await;
        screen = scene.desk.act(Action::Passcode(secret::Passcode::new("999998".to_owned()))).await;
    }
    told(&scene.desk, &screen)
}

/// A storage that loads nothing and stores nothing.
struct BadStorage(StorageError);

impl Storage for BadStorage {
    fn load(&self, _name: &str) -> Result<Option<Vec<u8>>, StorageError> {
        Ok(None)
    }

    fn store(&self, _name: &str, _bytes: &[u8]) -> Result<(), StorageError> {
        Err(self.0)
    }

    fn delete(&self, _name: &str) -> Result<(), StorageError> {
        Err(self.0)
    }
}

async fn bad_storage(error: StorageError) -> BTreeSet<u16> {
    let (_world, activation) = activated().await;
    let desk = Desk::new(BadStorage(error), Config::default());
    let screen = desk.enrol(&activation.link.to_text()).await;
    told(&desk, &screen)
}

async fn damaged_state() -> BTreeSet<u16> {
    let Scene { desk, folder, .. } = Scene::new().await;
    for file in std::fs::read_dir(folder.path()).expect("a folder").flatten() {
        if file.path().is_file() {
            std::fs::write(file.path(), b"not what it was").expect("a file");
        }
    }
    let desk = desk.restart(FolderStorage::new(folder.path()), Config::default());
    told(&desk, &desk.counter.screen())
}
