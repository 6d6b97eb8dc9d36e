//! `madoguchi` on the command line: the program itself, on a terminal, with a service and a card in other processes.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::{fs, thread};

use interop::{Daemon, Readers, Slot, Turn, eventually, personalised};
use sandbox_card::Person;
use sandbox_reader::{Interface, Plugged};
use tempfile::TempDir;
use time::OffsetDateTime;

use crate::pty::{ENTER, ESCAPE, F3, INTERRUPT, LEAVE, Pty, built};

const PASSWORD: &str = "kanaria-no-uta";
const INSTITUTION: &str = "まどぐち医院";

/// A process of ours that does not outlive its test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A PC of an institution: a home, and the service somewhere else.
struct Office {
    home: TempDir,
    service: Process,
}

impl Office {
    fn new() -> Self {
        Self::with_person(None)
    }

    fn with_person(person: Option<&Path>) -> Self {
        let home = TempDir::with_prefix("madoguchi-cli-").expect("a folder for temporary files");
        let mut up = sandbox(home.path());
        up.args(["up", "--listen", "127.0.0.1:0"]);
        up.args(person.into_iter().flat_map(|person| [Path::new("--person"), person]));
        let mut child = up
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the sandbox");
        let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("its first line");
        assert!(line.contains("https://localhost:"), "the service is not up: {line}");
        // It says more, and must not stop because nobody reads.
        thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
        let office = Self { home, service: Process(child) };
        office.sandbox(&["institution", "add", "--code", "9919900010", "--name", INSTITUTION]);
        office
    }

    /// With a device that is enrolled.
    fn enrolled() -> Self {
        let office = Self::new();
        office.enrol();
        office
    }

    fn sandbox(&self, arguments: &[&str]) -> String {
        let output = sandbox(self.home.path()).args(arguments).output().expect("the sandbox");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// What the administrator hands over, in a file.
    fn activation(&self) -> PathBuf {
        let file = self.home.path().join("activation.txt");
        fs::write(&file, self.sandbox(&["device", "add", "--institution", "9919900010"])).expect("a file");
        file
    }

    fn enrol(&self) {
        let activation = self.activation();
        let mut enrol = self.on_terminal(&format!("enrol < {}", activation.display()));
        enrol.sees(INSTITUTION).sees("登録する").types(ENTER);
        enrol.sees("決めてください").types(PASSWORD).types(ENTER);
        enrol.sees("もう一度入力してください").types(PASSWORD).types(ENTER);
        let ended = enrol.ends();
        assert!(ended.assert_code(0).left().contains("madoguchi login"), "{}", ended.left());
    }

    /// The state folder: the default one, in the home.
    fn state(&self) -> PathBuf {
        self.home.path().join(".local/share/madoguchi")
    }

    /// `madoguchi` with these arguments, which a shell reads, on a terminal.
    fn on_terminal(&self, arguments: &str) -> Pty {
        let program = built("madoguchi");
        Pty::run(self.home.path(), self.home.path(), &format!("exec {} {arguments}", program.display()))
    }

    /// `madoguchi` without any terminal, until it ends.
    fn without_terminal(&self, arguments: &[&str]) -> Output {
        Command::new("setsid")
            .arg("--wait")
            .arg(built("madoguchi"))
            .args(arguments)
            .env_clear()
            .env("HOME", self.home.path())
            .stdin(Stdio::null())
            .output()
            .expect("setsid is installed (apt-get install util-linux)")
    }

    /// Logged in, by a command that asks for it.
    fn logged_in(&self, arguments: &str) -> Pty {
        let mut pty = self.on_terminal(arguments);
        pty.sees("パスワードを入力してください").types(PASSWORD).types(ENTER);
        pty
    }
}

fn sandbox(home: &Path) -> Command {
    let mut command = Command::new(built("madoguchi-sandbox"));
    command.arg("--state").arg(home.join("service")).env_clear();
    command
}

fn card(slug: &str) -> Plugged {
    personalised(slug, Interface::Contact)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_session_serves_patient_after_patient() {
    let office = Office::enrolled();
    let daemon = Daemon::start();
    let mut session = office.logged_in("login");
    session.sees("確認方法を選んで").types("2");
    session.sees("○ ○ ○ ○").types("1234");
    session.sees("カードをかざしてください");
    let hanako = daemon.insert(Slot::First, card("hanako"));
    session.sees("有効").sees("山田　花子").types(ENTER);

    // The next patient never gets what the last one's card says.
    session.sees("確認方法を選んで").types("1");
    session.sees("昭和 __・__・__").types("h021103").sees("入ったままです");
    assert_eq!(hanako.with(|plugged| plugged.card.birth_tries_left()), 10);
    drop(hanako);
    session.sees("カードをかざしてください").types(ESCAPE);
    session.sees("確認方法を選んで").types("2");
    session.sees("○ ○ ○ ○").types("1234").sees("カードをかざしてください");
    let ichiro = daemon.insert(Slot::First, card("ichiro"));
    session.sees("資格確認結果").types("q").sees("取り出してください");
    drop(ichiro);

    let ended = session.ends();
    assert_eq!(ended.assert_code(0).left().trim(), "", "nothing is left on the screen");
}

#[test]
fn one_check_goes_to_a_pipe_and_the_card_lies_in_another_process() {
    let office = Office::enrolled();
    let _daemon = Daemon::start();
    let mut insert = Command::new(built("madoguchi-sandbox"))
        .args(["insert", "hanako", "--vpcd", &Slot::First.vpcd().to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the sandbox");
    let mut change: ChildStdin = insert.stdin.take().expect("piped");
    let mut said = BufReader::new(insert.stdout.take().expect("piped"));
    let _insert = Process(insert);
    let mut says = |text: &str| {
        let mut line = String::new();
        said.read_line(&mut line).expect("it says where the card is");
        assert!(line.contains(text), "{line}");
    };
    says("hanako");

    // A card that lay there before is put in anew.
    let mut check = office.logged_in("check --method visual > result.txt");
    check.sees("昭和 __・__・__").types("550217").sees("入ったままです");
    change.write_all(b"\n").expect("the card is taken out");
    check.sees("カードをかざしてください");
    change.write_all(b"\n").expect("the card is put in");
    check.sees("取り出してください");
    let result = fs::read_to_string(office.home.path().join("result.txt")).expect("the pipe's end");
    assert!(result.contains("✓ 有効") && result.contains("山田　花子"), "{result}");
    change.write_all(b"\n").expect("the card is taken out");
    let ended = check.ends();
    assert!(!ended.assert_code(0).output.contains("花子"), "the pipe was for that");
}

#[test]
fn a_wrong_pin_is_told_and_costs_one_try() {
    let office = Office::enrolled();
    let daemon = Daemon::start();
    let mut check = office.logged_in("check --method pin");
    check.sees("○ ○ ○ ○").types("9999").sees("カードをかざしてください");
    let hanako = daemon.insert(Slot::First, card("hanako"));
    check.sees("コード 301");
    assert_eq!(hanako.with(|plugged| plugged.card.pin_tries_left()), 2);
    check.types(ESCAPE).sees("取り出してください").types(INTERRUPT);
    let ended = check.ends();
    assert!(ended.assert_code(1).left().contains("コード 301"), "{}", ended.left());

    // The card lies there still, and no PIN goes to it before it was taken out.
    let mut check = office.logged_in("check --method pin");
    check.sees("○ ○ ○ ○").types("9998").sees("入ったままです");
    assert_eq!(hanako.with(|plugged| plugged.card.pin_tries_left()), 2);
    let hanako = hanako.remove();
    check.sees("カードをかざしてください");
    let hanako = daemon.insert(Slot::First, hanako);
    let tries = || hanako.with(|plugged| plugged.card.pin_tries_left());

    // Once more wrong, and the last try is asked about first, whoever goes on typing; it goes well.
    check.sees("コード 301").types(ENTER);
    check.sees("あと1回").sees("F3").sees("続ける").types("2345").types(ENTER).types(F3);
    check.sees("○ ○ ○ ○");
    assert_eq!(tries(), 1, "nothing is sent before somebody has thought");
    check.types("1234").sees("有効").types(ENTER).sees("取り出してください");
    assert_eq!(tries(), 3);
    drop(hanako);
    check.ends().assert_code(0);
}

#[test]
fn no_reader_and_no_service_are_told_and_mended_while_the_pin_is_kept() {
    let office = Office::enrolled();
    let turn = Turn::take();
    let mut session = office.on_terminal("login --lang en");
    session.sees("Enter the password").types(PASSWORD).types(ENTER);
    session.sees("How will you confirm").types("2").sees("○ ○ ○ ○").types("1234");
    session.sees("Code 103");
    let daemon = turn.start(Readers::None);
    session.types(ENTER).sees("Code 104");
    let turn = daemon.kill();
    let daemon = turn.start(Readers::Virtual);
    session.types(ENTER).sees("hold your card");
    let hanako = daemon.insert(Slot::First, card("hanako"));
    session.sees("Valid").types("q").sees("take the card out");
    drop(hanako);
    session.ends().assert_code(0);
}

#[test]
fn the_doctor_says_what_is_missing() {
    let office = Office::new();
    let turn = Turn::take();
    let output = office.without_terminal(&["doctor"]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stdout);
    for line in ["✗ PC/SC サービス", "コード 103", "pcscd", "✗ 端末の登録", "madoguchi enrol"]
    {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert!(!office.state().exists(), "looking makes nothing");

    let daemon = turn.start(Readers::Virtual);
    office.enrol();
    let _hanako = daemon.insert(Slot::First, card("hanako"));
    let output = office.without_terminal(&["doctor", "--lang", "en"]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    for line in [
        "✓ PC/SC service",
        "✓ Card reader: Madoguchi Bench 00 00",
        "✓ Card: My Number Card",
        "– Card: no card",
        "✓ Data folder",
        &format!("✓ Registration: {INSTITUTION}"),
        "✓ Device key",
        "✓ Connection to the service: https://localhost:",
        "Nothing is missing.",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }

    // The key is gone, others may look, and the service is away.
    fs::remove_file(office.state().join("device-key")).expect("the key's file");
    let open = Command::new("chmod").arg("755").arg(office.state()).status();
    assert!(open.is_ok_and(|status| status.success()));
    let state = office.state();
    let Office { home, service } = office;
    drop(service);
    let output = Command::new(built("madoguchi"))
        .args(["doctor", "--lang", "en", "--state"])
        .arg(state)
        .output()
        .expect("the doctor");
    drop(home);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stdout);
    for line in ["✗ Data folder", "✗ Device key", "Code 711", "✗ Connection to the service", "Code 501"]
    {
        assert!(said.contains(line), "{line}: {said}");
    }
}

#[test]
fn readers_lists_what_lies_in_them() {
    let office = Office::new();
    let daemon = Daemon::start();
    let _hanako = daemon.insert(Slot::First, card("hanako"));
    let _other = daemon.insert(Slot::Second, card("suika"));
    let output = office.without_terminal(&["readers"]);
    let said = text(&output.stdout);
    assert!(said.contains("Madoguchi Bench 00 00: マイナンバーカード\n"), "{said}");
    assert!(
        said.contains("Madoguchi Bench 00 01: マイナンバーカードではありません (コード 201)\n"),
        "{said}"
    );
}

#[test]
fn what_cannot_work_ends_at_once_and_says_what_to_do() {
    let office = Office::new();
    let daemon = Daemon::start();
    let fails = |arguments: &[&str], code: i32, words: &str| {
        let output = office.without_terminal(arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
    };
    office.enrol();
    fails(&["login"], 1, "ターミナル");
    fails(&["login", "--lang", "en"], 1, "terminal");
    fails(&["login", "--reader", "Gemalto"], 1, "Madoguchi Bench 00 00");
    let enrol = office.on_terminal(&format!("enrol < {}", office.activation().display())).ends();
    assert!(enrol.assert_code(1).left().contains("登録済み"));

    // One copy at a time, so that nobody counts wrong passwords past the other.
    let mut first = office.on_terminal("login");
    first.sees("パスワードを入力してください");
    fails(&["login"], 1, "コード 733");
    fails(&["doctor"], 1, "");
    first.types(LEAVE);
    first.ends().assert_code(1);
    drop(daemon);
}

#[test]
fn a_wrong_password_is_counted_even_by_a_program_that_is_killed() {
    let office = Office::enrolled();
    let mut killed = office.on_terminal("login");
    killed.sees("パスワードを入力してください").types("machigai-password").types(ENTER).sees("あと9回");
    killed.types("machigai-password").types(ENTER).sees("あと8回");
    killed.kill();
    let mut next = office.on_terminal("login");
    next.sees("パスワードを入力してください").types("machigai-password").types(ENTER).sees("あと7回");
    next.types(PASSWORD).types(ENTER).sees("確認方法を選んで").types("q");
    next.ends().assert_code(0);
}

#[test]
fn a_program_that_is_killed_in_the_middle_starts_again() {
    let office = Office::enrolled();
    let daemon = Daemon::start();
    let mut killed = office.logged_in("login");
    killed.sees("確認方法を選んで").types("2").sees("○ ○ ○ ○").types("1234").sees("カードをかざしてください");
    killed.kill();

    let mut stopped = office.logged_in("login");
    stopped.sees("確認方法を選んで").types("2").sees("○ ○ ○ ○").types("1234");
    stopped.sees("カードをかざしてください").signal("-TERM");
    // It was asked, and gives the terminal back.
    assert_eq!(stopped.ends().assert_code(0).left().trim(), "");

    let mut next = office.logged_in("check --method pin");
    next.sees("○ ○ ○ ○").types("1234").sees("カードをかざしてください");
    let hanako = daemon.insert(Slot::First, card("hanako"));
    next.sees("有効").types(ENTER).sees("取り出してください");
    drop(hanako);
    next.ends().assert_code(0);
}

/// The guide's patient, with a PIN and a name that stand nowhere else.
fn canary(folder: &Path) -> PathBuf {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide/patient.toml");
    let mut patient = fs::read_to_string(guide).expect("the guide's example");
    for (from, to) in [("pin = \"4649\"", "pin = \"8046\""), ("窓口　太郎", "金糸雀　啼男")] {
        assert!(patient.contains(from), "{from}");
        patient = patient.replace(from, to);
    }
    let file = folder.join("canary.toml");
    fs::write(&file, patient).expect("written");
    file
}

#[test]
fn secrets_are_nowhere_but_in_the_hands_that_type_them() {
    let daemon = Daemon::start();
    let folder = TempDir::new().expect("a folder for temporary files");
    let file = canary(folder.path());
    let person = Person::from_file(&file).expect("a patient");
    let office = Office::with_person(Some(&file));
    office.enrol();
    let patient = person.personalise(OffsetDateTime::now_utc().date());

    let mut check = office.on_terminal("check --method pin 2> log.txt");
    let process = PathBuf::from("/proc").join(check.process());
    check.sees("パスワードを入力してください").types(PASSWORD).types(ENTER);
    check.sees("○ ○ ○ ○").types("8046").sees("カードをかざしてください");
    let mut told = Vec::new();
    for name in ["cmdline", "environ"] {
        told.extend(fs::read(process.join(name)).expect("a process of ours"));
    }
    let inserted = daemon.insert(Slot::First, Plugged::new(patient, Interface::Contact));
    check.sees("金糸雀").types(ENTER).sees("取り出してください");
    drop(inserted);
    let ended = check.ends();
    assert!(!ended.assert_code(0).left().contains("金糸雀"));
    told.extend(ended.output.as_bytes());

    let mut kept = Vec::new();
    for entry in fs::read_dir(office.state()).expect("the state").flatten() {
        kept.extend(fs::read(entry.path()).expect("a file of the state"));
    }
    fs::File::open(office.home.path().join("log.txt"))
        .and_then(|mut log| log.read_to_end(&mut kept))
        .expect("standard error");
    assert!(kept.len() > 1000, "there is a state to search");
    let holds = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    for secret in [PASSWORD, "8046"] {
        assert!(!holds(&told, secret), "{secret} was shown");
        assert!(!holds(&kept, secret), "{secret} was kept");
    }
    assert!(!holds(&kept, "金糸雀"), "a patient's name was kept");
}

#[test]
fn nothing_of_the_sandbox_is_in_the_program() {
    let holds = |program: &str, bytes: &[u8]| {
        let program = fs::read(built(program)).expect("a program");
        program.windows(bytes.len()).any(|part| part == bytes)
    };
    let name = b"JPKI-SANDBOX";
    assert!(holds("madoguchi-sandbox", name), "the search finds what is there");
    assert!(!holds("madoguchi", name));
    let anchors = sandbox_pki::authentication_anchors().into_iter().chain(sandbox_pki::signature_anchors());
    for anchor in anchors {
        // In the middle of the public key.
        let middle = anchor.len() / 2;
        assert!(!holds("madoguchi", &anchor[middle..middle + 24]));
    }
}

#[test]
fn a_patient_who_takes_the_card_away_holds_it_again() {
    let office = Office::enrolled();
    let daemon = Daemon::start();
    let mut session = office.logged_in("login");
    session
        .sees("確認方法を選んで")
        .types("2")
        .sees("○ ○ ○ ○")
        .types("1234")
        .sees("カードをかざしてください");
    let leaving = interop::Leaving { plugged: card("hanako"), after: 5, obeys: true };
    let inserted = daemon.insert(Slot::First, leaving);
    session.sees("カードが離れました");
    eventually("the card is out", || inserted.is_gone());
    let plugged = inserted.remove().plugged;
    let inserted = daemon.insert(Slot::First, plugged);
    session.sees("有効").types("q").sees("取り出してください");
    assert_eq!(inserted.with(|plugged| plugged.card.failed_verifies()), 0);
    drop(inserted);
    session.ends().assert_code(0);
}

#[test]
fn nothing_is_echoed_after_the_program_was_stopped() {
    let office = Office::enrolled();
    let mut session = office.logged_in("login");
    session.sees("確認方法を選んで").types("2").sees("○ ○ ○ ○");
    // It does not stop where it can say no.
    session.signal("-TSTP");
    session.types("1").sees("● ○ ○ ○");
    session.stopped_while(|terminal| {
        let sane = Command::new("stty").arg("-F").arg(terminal).arg("sane").status();
        assert!(sane.is_ok_and(|status| status.success()), "stty");
        assert!(session.echoes(), "what a command line makes of a terminal");
    });
    session.sees("● ○ ○ ○");
    assert!(!session.echoes());
    session.types(ESCAPE).sees("確認方法を選んで").types("q");
    session.ends().assert_code(0);
}

#[test]
fn a_link_is_pasted_with_its_line_breaks() {
    let office = Office::new();
    let activation = fs::read_to_string(office.activation()).expect("a file");
    let link = activation.split_whitespace().find(|word| word.starts_with("madoguchi:")).expect("a link");
    let (start, end) = link.split_at(link.len() / 2);
    let mut enrol = office.on_terminal("enrol");
    enrol.sees("登録用のリンク").types(&format!("\u{1b}[200~{start}\r{end}\r\u{1b}[201~"));
    enrol.sees(&format!("({})", link.len())).types(ENTER);
    enrol.sees(INSTITUTION).types(ESCAPE).sees("登録用のリンク").types(LEAVE);
    enrol.ends().assert_code(1);
}
