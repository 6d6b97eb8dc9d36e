//! A person's file: what it takes to be read, and what is said where it cannot be.

use std::fs;
use std::path::{Path, PathBuf};

use sandbox_card::{CounterAfterVerify, Kind, Person, PersonError, Problem};
use tempfile::TempDir;
use time::macros::date;

const TARO: &str = r#"name = "試験 太郎"
note = { ja = "自分の患者", en = "a patient of my own" }

[card]
kind = "my-number-card"
birth_date = 1980-02-17
sex = "male"
expires = 2031-02-17
security_code = "1663"
my_number = "993041043374"
pin = "1234"

[card.certificate]
serial = 0x0990_0199
subject_cn = "W883SB831M5PWR99001003A"
ca_generation = 3
valid_from_days = -640
valid_until_days = 1180
"#;

fn write(folder: &Path, text: &str) -> PathBuf {
    let file = folder.join("taro.toml");
    fs::write(&file, text).expect("a temporary folder takes files");
    file
}

/// What is said about the file with one text replaced by another.
fn said(from: &str, to: &str) -> (usize, String, Problem, String) {
    assert!(TARO.contains(from), "{from}");
    let folder = TempDir::new().expect("a temporary folder");
    let file = write(folder.path(), &TARO.replacen(from, to, 1));
    let error = Person::from_file(&file).expect_err("something is wrong with it");
    assert!(!folder.path().join("keys").exists(), "no keys for a file that is no good");
    let text = error.to_string();
    match error {
        PersonError::Invalid { line, field, problem, file: named } => {
            assert_eq!(named, file);
            (line, field, problem, text)
        }
        other => panic!("{other}"),
    }
}

#[track_caller]
fn assert_said(from: &str, to: &str, line: usize, field: &str, problem: &Problem) {
    let (said_line, said_field, said_problem, text) = said(from, to);
    assert_eq!((said_line, said_field.as_str(), &said_problem), (line, field, problem));
    assert!(text.contains(&format!("taro.toml:{line}: {field}: ")), "{text}");
    assert!(text.ends_with(problem.remedy()), "{text}");
}

#[test]
fn a_file_of_ones_own_gives_a_card_that_stays_the_same() {
    let folder = TempDir::new().expect("a temporary folder");
    let file = write(folder.path(), TARO);
    let taro = Person::from_file(&file).expect("a good file");
    assert_eq!((taro.slug(), taro.name(), &*taro.note().en), ("taro", "試験 太郎", "a patient of my own"));
    assert_eq!(taro.birth_date(), date!(1980 - 02 - 17));
    assert!(taro.service().is_empty());
    let today = date!(2026 - 11 - 23);
    let certificate = taro.certificate(today);
    assert!(folder.path().join("keys/taro.pem").exists());
    let again = Person::from_file(&file).expect("a good file");
    assert_eq!(again.certificate(today), certificate);
    assert_ne!(again.certificate(date!(2026 - 11 - 24)), certificate);
}

#[test]
fn each_wrong_field_is_named_with_its_line_and_a_remedy() {
    assert_said("pin = \"1234\"\n", "", 4, "card.pin", &Problem::Missing);
    assert_said("pin = \"1234\"", "pin = 1234", 11, "card.pin", &Problem::Digits(4));
    assert_said("pin = \"1234\"", "pin = \"12345\"", 11, "card.pin", &Problem::Digits(4));
    assert_said("pin = \"1234\"", "pni = \"1234\"", 11, "card.pni", &Problem::Unknown);
    assert_said("name =", "nickname = \"t\"\nname =", 1, "nickname", &Problem::Unknown);
    assert_said("pin =", "pin_tries_left = 4\npin =", 11, "card.pin_tries_left", &Problem::Range(0, 3));
    assert_said("\"993041043374\"", "\"993041043376\"", 10, "card.my_number", &Problem::CheckDigitRight);
    assert_said("1980-02-17", "1867-02-17", 6, "card.birth_date", &Problem::Date);
    assert_said("WR99001003A", "WR99001004A", 15, "card.certificate.subject_cn", &Problem::SubjectCn);
    assert_said(
        "ca_generation = 3",
        "ca_generation = 4",
        16,
        "card.certificate.ca_generation",
        &Problem::Range(1, 3),
    );
    assert_said("= 1180", "= -641", 18, "card.certificate.valid_until_days", &Problem::ValidityEmpty);
    assert_said("pin =", "surface_of = \"nobody\"\npin =", 11, "card.surface_of", &Problem::NoSuchPerson);
    assert_said("pin =", "surface_of = \"rin\"\npin =", 11, "card.surface_of", &Problem::NoSuchPerson);
    assert_said(
        "pin =",
        "switches.extended_le = 1\npin =",
        11,
        "card.switches.extended_le",
        &Problem::Type("true or false"),
    );
    let kinds = "my-number-card, face-authentication, android-phone, iphone, other";
    assert_said("my-number-card", "credit-card", 5, "card.kind", &Problem::Word(kinds));
    assert_said("\"my-number-card\"", "\"face-authentication\"", 11, "card.pin", &Problem::NotOfThisKind);
    assert_said("\"my-number-card\"", "\"iphone\"", 8, "card.expires", &Problem::NotOfThisKind);
    assert_said("[card]", "[crad]", 4, "crad", &Problem::Unknown);
}

#[test]
fn what_is_no_toml_is_said_with_its_line() {
    for (from, to, expected) in
        [("sex = \"male\"", "sex = male", 7), ("[card]", "[card", 4), ("pin =", "pin = \"1\"\npin =", 12)]
    {
        let (line, field, problem, text) = said(from, to);
        assert_eq!((line, field.as_str()), (expected, "file"), "{text}");
        assert!(matches!(problem, Problem::Syntax(_)));
    }
}

#[test]
fn no_message_quotes_a_secret() {
    for (from, to) in
        [("\"1234\"", "73915"), ("\"1234\"", "\"73915\""), ("\"1663\"", "\"73915\""), ("\"1663\"", "73915")]
    {
        let (.., text) = said(from, to);
        assert!(!text.contains("73915"), "{text}");
    }
}

#[test]
fn a_file_that_is_not_there_or_no_text_is_said_so() {
    let folder = TempDir::new().expect("a temporary folder");
    let error = Person::from_file(folder.path().join("nobody.toml")).expect_err("it is not there");
    assert!(matches!(error, PersonError::Unreadable { .. }));
    assert!(error.to_string().contains("nobody.toml"));
    let file = folder.path().join("taro.toml");
    fs::write(&file, [0xFF, 0xFE, 0x00]).expect("a temporary folder takes files");
    assert!(matches!(Person::from_file(&file), Err(PersonError::Unreadable { .. })));
}

#[test]
fn keys_that_are_none_or_cannot_be_kept_are_said_so() {
    let folder = TempDir::new().expect("a temporary folder");
    let file = write(folder.path(), TARO);
    let keys = folder.path().join("keys");
    fs::write(&keys, "in the way").expect("a temporary folder takes files");
    let error = Person::from_file(&file).expect_err("there is no folder for the keys");
    assert!(matches!(error, PersonError::KeysNotKept { .. } | PersonError::Unreadable { .. }), "{error}");
    fs::remove_file(&keys).expect("it was there");
    fs::create_dir(&keys).expect("a temporary folder takes folders");
    fs::write(keys.join("taro.pem"), "half a ke").expect("a temporary folder takes files");
    let error = Person::from_file(&file).expect_err("this is no key");
    assert!(matches!(error, PersonError::KeysInvalid { .. }));
    assert!(error.to_string().contains("taro.pem"));
}

#[test]
fn switches_are_read_from_the_file() {
    let folder = TempDir::new().expect("a temporary folder");
    let text = format!(
        "{TARO}\n[card.switches]\nread_by_short_id = false\nextended_le = true\ncounter_after_verify = \"9000\"\n"
    );
    let switches = Person::from_file(write(folder.path(), &text)).expect("a good file").card.switches;
    assert!(!switches.read_by_short_id && switches.extended_le && switches.sign_by_short_id);
    assert_eq!(switches.counter_after_verify, CounterAfterVerify::Success);
}

#[test]
fn the_surface_may_be_that_of_a_file_in_the_same_folder() {
    let folder = TempDir::new().expect("a temporary folder");
    let other = TARO.replace("993041043374", "995087103200").replace("1980-02-17", "1990-02-17");
    fs::write(folder.path().join("jiro.toml"), other).expect("a temporary folder takes files");
    let file = write(folder.path(), &TARO.replace("pin =", "surface_of = \"jiro\"\npin ="));
    let mut card = Person::from_file(file).expect("a good file").personalise(date!(2026 - 11 - 23));
    card.power_on();
    card.transmit(b"\x00\xA4\x04\x0C\x0A\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x02");
    assert_eq!(card.transmit(b"\x00\x20\x00\x91\x06020217"), [0x90, 0x00], "平成2年, not the named jiro's");
}

#[test]
fn the_named_persons_are_the_files_in_the_folder() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../persons");
    let mut files: Vec<_> = fs::read_dir(&folder)
        .expect("the folder of persons")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    files.sort();
    let mut named: Vec<_> = Person::all().iter().map(|person| person.slug().to_owned()).collect();
    named.sort();
    assert_eq!(named, files);
    assert!(Person::named("nobody").is_none());
}

#[test]
fn no_two_named_persons_share_a_serial_number() {
    let mut serials: Vec<_> = Person::all()
        .iter()
        .filter_map(|person| person.card.certificate.as_ref())
        .map(|certificate| (certificate.ca_generation, certificate.serial))
        .collect();
    serials.sort_unstable();
    let count = serials.len();
    serials.dedup();
    assert_eq!(serials.len(), count);
    assert!(Person::all().iter().filter(|person| person.card.kind == Kind::Other).count() == 1);
}
