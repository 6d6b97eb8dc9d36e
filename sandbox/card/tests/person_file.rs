//! A person's file: what it takes to be read, and what is said where it cannot be.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use sandbox_card::{CounterAfterVerify, CounterWhenExhausted, Kind, Person, PersonError, Problem};
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

const CERTIFICATE: &str = r#"[card.certificate]
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
    for days in ["-7301", "7301", "-2147483648", "99999999999"] {
        let field = "card.certificate.valid_from_days";
        assert_said("-640", days, 17, field, &Problem::Range(-7300, 7300));
    }
    for (from, line, field) in
        [("試験 太郎", 1, "name"), ("自分の患者", 2, "note.ja"), ("a patient of my own", 2, "note.en")]
    {
        assert_said(from, &"長".repeat(201), line, field, &Problem::TooLong(200));
    }
    let address = format!(
        "[card.signature]\nserial = 1\npassword = \"ABC123\"\naddress = \"{}\"\n[card.certificate]",
        "長".repeat(201)
    );
    assert_said("[card.certificate]", &address, 16, "card.signature.address", &Problem::TooLong(200));
}

#[test]
fn a_card_without_a_certificate_has_no_pin_and_no_signature() {
    assert_said(CERTIFICATE, "", 11, "card.pin", &Problem::NeedsCertificate);
    let signature = "[card.signature]\nserial = 1\npassword = \"ABC123\"\naddress = \"試験県\"\n";
    let folder = TempDir::new().expect("a temporary folder");
    let without = TARO.replace(CERTIFICATE, "").replace("pin = \"1234\"\n", "");
    let error = Person::from_file(write(folder.path(), &(without.clone() + signature))).expect_err("no days");
    assert!(matches!(error, PersonError::Invalid { problem: Problem::NeedsCertificate, .. }), "{error}");

    with_keys(folder.path());
    let juki = Person::from_file(write(folder.path(), &without)).expect("a good file");
    assert!(juki.card.certificate.is_none() && juki.card.pin.is_none());
    assert!(juki.certificate(date!(2026 - 11 - 23)).is_empty());
}

/// The keys of a named person, for tests in which making new ones would only take time.
fn with_keys(folder: &Path) {
    let keys = folder.join("keys");
    fs::create_dir_all(&keys).expect("a temporary folder takes folders");
    let hanako = Path::new(env!("CARGO_MANIFEST_DIR")).join("../persons/keys/hanako.pem");
    fs::copy(hanako, keys.join("taro.pem")).expect("her keys are there");
}

/// TARO with 署名用電子証明書 and one value replaced by something else.
fn bent() -> impl Strategy<Value = String> {
    let values = prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        (-9000_i32..9000).prop_map(|number| number.to_string()),
        (0_u16..=9999, 1_u8..=12, 1_u8..=31).prop_map(|(y, m, d)| format!("{y:04}-{m:02}-{d:02}")),
        (any::<char>(), 0_usize..300).prop_map(|(c, n)| format!("{:?}", c.to_string().repeat(n))),
        "[0-9]{12}".prop_map(|digits| format!("\"{digits}\"")),
        "\\PC{0,40}",
        Just("[".repeat(10_000)),
        Just("{ a = 1 }".to_owned()),
    ];
    let whole = format!("{TARO}[card.signature]\nserial = 1\npassword = \"ABC123\"\naddress = \"試験県\"\n");
    (any::<prop::sample::Index>(), values).prop_map(move |(line, value)| {
        let lines: Vec<_> = whole.lines().collect();
        let fields: Vec<_> = (0..lines.len()).filter(|line| lines[*line].contains(" = ")).collect();
        let at = fields[line.index(fields.len())];
        let bend = |(number, line): (usize, &&str)| match line.split_once(" = ") {
            Some((name, _)) if number == at => format!("{name} = {value}\n"),
            _ => format!("{line}\n"),
        };
        lines.iter().enumerate().map(bend).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_file_panics_the_sandbox(text in bent()) {
        let folder = TempDir::new().expect("a temporary folder");
        with_keys(folder.path());
        if let Ok(person) = Person::from_file(write(folder.path(), &text)) {
            let today = date!(2026 - 11 - 23);
            let mut card = person.personalise(today);
            card.power_on();
            assert!(person.certificate(today).len() < 4096);
        }
    }
}

#[test]
fn the_longest_texts_and_the_farthest_days_give_a_card() {
    let folder = TempDir::new().expect("a temporary folder");
    with_keys(folder.path());
    let long = "𠮷".repeat(200);
    let text = TARO.replace("試験 太郎", &long).replace("-640", "-7300").replace("1180", "7300")
        + &format!("[card.signature]\nserial = 1\npassword = \"ABC123\"\naddress = \"{long}\"\n");
    let person = Person::from_file(write(folder.path(), &text)).expect("a good file");
    for today in [date!(2026 - 11 - 23), date!(2039 - 12 - 31)] {
        let mut card = person.personalise(today);
        card.power_on();
        assert!((1500..=1600).contains(&person.certificate(today).len()));
    }
}

#[test]
fn a_file_that_is_no_persons_is_not_read_to_its_end() {
    let folder = TempDir::new().expect("a temporary folder");
    let file = write(folder.path(), &"#".repeat(64 * 1024 + 1));
    let error = Person::from_file(&file).expect_err("too long");
    assert!(matches!(&error, PersonError::TooLong { file: named } if *named == file), "{error}");
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
    assert!(matches!(Person::from_file(&file), Err(PersonError::NotText { .. })));
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
        "{TARO}\n[card.switches]\nread_by_short_id = false\nextended_le = true\ncounter_after_verify = \"9000\"\n\
         counter_when_exhausted = \"63C0\"\n"
    );
    let switches = Person::from_file(write(folder.path(), &text)).expect("a good file").card.switches;
    assert!(!switches.read_by_short_id && switches.extended_le && switches.sign_by_short_id);
    assert_eq!(switches.counter_after_verify, CounterAfterVerify::Success);
    assert_eq!(switches.counter_when_exhausted, CounterWhenExhausted::Zero);
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
