//! Secrets and patient data are nowhere but on the screen.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use counter::{Action, ExportKind, ExportPolicy, Failure, Language, Protection, Screen};
use desk::World;
use ring::digest::{SHA256, digest};
use sandbox_card::Person;
use secret::SecretBytes;
use service::Client;
use service::device_key::DeviceKey;
use tracing_subscriber::fmt::MakeWriter;

use crate::links::reader;
use crate::support::{Scene, failure, is_result};

/// A log that keeps everything, of every crate, at every level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no writer panics").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// The guide's patient, with what must not be found: distinct from everything else in the house.
const PATIENT: [(&str, &str); 5] = [
    ("窓口 太郎", "金糸雀 啼男"),
    ("窓口　太郎", "金糸雀　啼男"),
    ("ﾏﾄﾞｸﾞﾁ ﾀﾛｳ", "ｶﾅﾘﾔ ﾅｷｵ"),
    ("pin = \"4649\"", "pin = \"8046\""),
    ("InsuredIdentificationNumber = \"１２３４\"", "InsuredIdentificationNumber = \"７３１９４２\""),
];

/// What is searched for. Digits only where they are a whole number: four digits are also part of others.
const CANARIES: [&str; 6] = ["金糸雀", "啼男", "ｶﾅﾘﾔ", "カナリヤ", "７３１９４２", "昭和50年11月3日"];
const PIN: &str = "8046";
const WRONG_PIN: &str = "8047";
const DIGITS: [&str; 5] = [PIN, WRONG_PIN, desk::PASSCODE, "501103", "19751103"];

/// The key of a Bluetooth reader, as it was typed and as bytes.
const READER_KEY: (&str, [u8; 16]) = (
    "9f3c1e77d05ba64288e1f09ac4b37d56",
    *b"\x9F\x3C\x1E\x77\xD0\x5B\xA6\x42\x88\xE1\xF0\x9A\xC4\xB3\x7D\x56",
);

fn canary(folder: &Path) -> Person {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide/patient.toml");
    let text = fs::read_to_string(guide).expect("the guide's example");
    let text = PATIENT.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    let file = folder.join("canary.toml");
    fs::write(&file, text).expect("a file");
    Person::from_file(file).expect("a person")
}

fn contains(text: &[u8], what: &[u8]) -> bool {
    text.windows(what.len()).any(|window| window == what)
}

/// Bytes that are no text, in the forms in which a log or a file might hold them.
fn found_bytes(text: &[u8], what: &[u8]) -> bool {
    let hex = what.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    let list = format!("{what:?}");
    let inner = list.trim_matches(['[', ']']);
    contains(text, what)
        || contains(text, hex.as_bytes())
        || contains(text, hex.to_uppercase().as_bytes())
        || contains(text, inner.as_bytes())
}

fn found(text: &[u8]) -> Vec<&'static str> {
    let alone = |what: &str| {
        let digit = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(u8::is_ascii_digit);
        // `elapsed=9.8046e-5`: a point after a digit goes on with a number.
        let fraction = |at: usize| at > 1 && text[at - 1] == b'.' && digit(Some(at - 2));
        text.windows(what.len()).enumerate().any(|(at, window)| {
            let whole = !digit(at.checked_sub(1)) && !fraction(at) && !digit(Some(at + what.len()));
            whole && window == what.as_bytes()
        })
    };
    let words = CANARIES.into_iter().filter(|canary| contains(text, canary.as_bytes()));
    words.chain(DIGITS.into_iter().filter(|digits| alone(digits))).collect()
}

/// Another device of the institution: it gets the same key for tags.
async fn neighbour(scene: &Scene) -> Client {
    let link = scene.world.activation().await.expect("a device slot").link;
    let key: Arc<dyn DeviceKey> = Arc::<desk::SoftKey>::default();
    let client = Client::new(link.endpoint(), Arc::clone(&key)).expect("a good endpoint");
    let enrolled = client.enroll(&link.account, &link.secret).await.expect("enrolled");
    Client::enrolled(link.endpoint(), key, &enrolled).expect("enrolled")
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.push((path.display().to_string(), fs::read(&path).expect("a file")));
        }
    }
    all
}

#[test]
fn the_search_finds_what_is_there() {
    assert_eq!(found("pin=8046, 氏名 金糸雀".as_bytes()), ["金糸雀", "8046"]);
    assert!(found(b"port 38046, id 80461, elapsed=9.8046e-5").is_empty());
    assert_eq!(found(b"typed: 8046. Then"), ["8046"]);
    assert!(found_bytes(b"key=0a0BFF", &[0x0A, 0x0B]) || found_bytes(b"key=0a0bff", &[0x0A, 0x0B]));
    assert!(found_bytes(b"[9, 10, 11]", &[10, 11]) && !found_bytes(b"[9, 10]", &[10, 11]));
}

#[test]
fn no_canary_in_log_journal_debug_or_state() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone());
    // For the whole process: work goes on in threads of the runtime. Other tests of this binary may log as well.
    tracing::subscriber::set_global_default(subscriber.finish()).expect("the only subscriber");

    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let own = tempfile::tempdir().expect("a temporary folder");
        let world = World::remembering(vec![canary(own.path())]).await.expect("a free port of loopback");
        let scene = Scene::at(world, Language::Ja).await;
        let mut seen = String::new();
        let mut look = |screen: &Screen| {
            let _ = writeln!(seen, "{screen:?} {screen:#?}");
        };

        for action in [Action::Settings, Action::SetExport(ExportPolicy::CopyAndFile), Action::Back] {
            look(&scene.desk.act(action).await);
        }
        let typed = || Action::ReaderKey(SecretBytes::new(READER_KEY.0.into()));
        for action in [
            Action::ReaderInUse(Some(reader(Protection::FactoryKey))),
            Action::Settings,
            Action::EnterReaderKey,
            typed(),
            Action::EnterReaderKey,
            Action::Back,
            Action::Back,
            Action::ReaderInUse(None),
        ] {
            look(&scene.desk.act(action).await);
        }
        let mut card = scene.card("canary");
        let screen = scene.check_by_pin(&mut card, WRONG_PIN).await;
        assert_eq!(failure(&screen), Some(Failure::PinWrong));
        look(&screen);
        look(&scene.desk.act(Action::Next).await);
        look(&scene.desk.pin(PIN).await);
        let held = scene.desk.hold_for(&mut card, 5);
        look(&held.screen);
        // What the card says from now on, its signature among it, is nobody's but the service's.
        let mut answers: Vec<Vec<u8>> = Vec::new();
        card.power_on();
        look(
            &scene
                .desk
                .hold_what(|command| {
                    let answer = card.transmit(command);
                    answers.push(answer[..answer.len() - 2].to_vec());
                    Some(answer)
                })
                .screen,
        );
        let screen = scene.desk.counter.run().await;
        assert!(is_result(&screen), "{screen:?}");
        assert!(screen.to_text().contains("金糸雀"), "the screen itself shows it");
        look(&screen);
        // It goes to the receipt computer: who asks for it gets it, and nobody else.
        let exports = [ExportKind::Copy, ExportKind::File].map(|kind| scene.desk.counter.export(kind));
        let exports = exports.map(|export| export.expect("allowed above"));
        assert!(contains(exports[0].bytes.expose(), "金糸雀".as_bytes()));
        let exported = format!("{exports:?} {exports:#?} {:?}", exports.each_ref().map(|e| &e.file_name));
        look(&scene.desk.act(Action::Next).await);
        look(&scene.check_by_sight(&mut card, "canary").await);
        look(&scene.desk.act(Action::Next).await);
        // A repeat visit, which names the certificate by its tag.
        scene.breathe();
        look(&scene.desk.pin(PIN).await);
        let repeat = scene.desk.hold_slowly(&mut card, usize::MAX);
        assert_eq!(repeat.commands, 5);
        look(&scene.desk.settle(repeat.screen).await);
        look(&scene.desk.act(Action::Hidden).await);

        let mut secret: Vec<Vec<u8>> =
            answers.iter().filter(|data| data.len() >= 32).map(|data| data[8..32].to_vec()).collect();
        assert!(secret.len() > 3, "certificate and signature");
        let first = answers.iter().find(|data| data.len() == 256).expect("the head comes first");
        let digest: [u8; 32] = digest(&SHA256, first).as_ref().try_into().expect("SHA-256");
        let neighbour = neighbour(&scene).await;
        let status = neighbour.device().await.expect("known");
        let key = status.tag_key.expect("certificates are kept");
        let tag = key.tag(&digest);
        assert!(neighbour.knows_certificate(&tag).await.expect("an answer"), "this is what was sent");
        let key = serde_cbor::to_vec(&key).expect("bytes")[2..].to_vec();
        secret.extend([digest.to_vec(), tag.to_vec()]);
        secret.push(scene.activation.link.secret.expose().to_vec());
        secret.push(scene.activation.code.as_secret().expose().to_vec());
        let mut places = vec![
            ("Debug of screens".to_owned(), seen.into_bytes()),
            ("Debug and name of exports".to_owned(), exported.into_bytes()),
            ("transcript".to_owned(), (held.transcript + &repeat.transcript).into_bytes()),
            ("the card's transcript".to_owned(), card.transcript().to_string().into_bytes()),
            ("journal".to_owned(), format!("{:?}", scene.desk.counter.journal()).into_bytes()),
            ("activation".to_owned(), format!("{:?}", scene.activation).into_bytes()),
            ("Debug of an action".to_owned(), format!("{:?}", typed()).into_bytes()),
        ];
        let kept = files(scene.folder.path());
        // One file holds the reader's key, and the shell seals what it stores.
        let (keys, kept) =
            kept.into_iter().partition::<Vec<_>, _>(|(place, _)| place.ends_with("reader-keys"));
        assert!(keys.len() == 1 && found_bytes(&keys[0].1, &READER_KEY.1));
        secret.push(READER_KEY.1.to_vec());
        places.extend(kept);
        let logged = log.0.lock().expect("no writer panics").clone();
        assert!(logged.len() > 10_000, "the log was caught");
        places.push(("log".to_owned(), logged));
        assert!(places.iter().all(|(_, bytes)| !found_bytes(bytes, &key)), "the institution's key");
        // The service made that key, and keeps it.
        places.extend(files(scene.world.folder()));
        for (place, bytes) in &places {
            assert_eq!(found(bytes), [""; 0], "{place}");
            assert!(secret.iter().all(|secret| !found_bytes(bytes, secret)), "{place}");
        }
    });
}
