//! `madoguchi-sandbox insert` against a small vpcd: what is typed, what the reader sees, how it ends.
#![cfg(unix)] // SIGTERM

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};
use std::time::Duration;

const POWER_ON: &[u8] = &[0x01];
const ATR: &[u8] = &[0x04];
const SELECT_JPKI: &[u8] = b"\x00\xA4\x04\x0C\x0A\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01";
const WRONG_PIN: &[u8] = b"\x00\x20\x00\x98\x049999";
const COUNTER: &[u8] = b"\x00\x20\x00\x98";

fn madoguchi_sandbox(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_madoguchi-sandbox"));
    command.arg("insert").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The reader: where a card connects to.
struct Reader(TcpListener);

/// The card that lies in it.
struct Card(TcpStream);

impl Reader {
    fn new() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").expect("loopback has a free port"))
    }

    fn address(&self) -> String {
        self.0.local_addr().expect("it is bound").to_string()
    }

    /// Waits for a card, looks at it, and gives it power.
    fn card(&self) -> Card {
        let stream = self.0.accept().expect("the card connects").0;
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a deadline for the test");
        let mut card = Card(stream);
        card.ask(ATR);
        card.say(POWER_ON);
        assert_eq!(card.ask(SELECT_JPKI), [0x90, 0x00]);
        card
    }
}

impl Card {
    fn say(&mut self, message: &[u8]) {
        let length = u16::try_from(message.len()).expect("it fits into a frame").to_be_bytes();
        self.0.write_all(&[&length[..], message].concat()).expect("the card listens");
    }

    fn ask(&mut self, message: &[u8]) -> Vec<u8> {
        self.say(message);
        let mut length = [0; 2];
        self.0.read_exact(&mut length).expect("the card answers");
        let mut answer = vec![0; u16::from_be_bytes(length).into()];
        self.0.read_exact(&mut answer).expect("the card answers");
        answer
    }

    /// Waits until it is taken out.
    fn leaves(mut self) {
        assert!(matches!(self.0.read(&mut [0]), Ok(0) | Err(_)), "the card is still there");
    }
}

/// The program, which ends with its test.
struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Running {
    fn start(reader: &Reader, arguments: &[&str]) -> Self {
        let address = reader.address();
        let mut child =
            madoguchi_sandbox(&[arguments, &["--vpcd", &address]].concat()).spawn().expect("it is built");
        let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        Self { stdin: child.stdin.take(), stdout, child }
    }

    fn type_line(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().expect("it was not closed");
        stdin.write_all(format!("{line}\n").as_bytes()).expect("the program reads");
    }

    /// Reads until a line with this in it.
    fn says(&mut self, expected: &str) {
        let mut line = String::new();
        while !line.contains(expected) {
            line.clear();
            let length = self.stdout.read_line(&mut line).expect("it writes UTF-8");
            assert!(length > 0, "it ended before it said: {expected}");
        }
    }

    /// Waits for its end: whether it was a good one, and what it said on standard error.
    fn end(mut self) -> (bool, String) {
        drop(self.stdin.take());
        let mut said = String::new();
        let mut stderr = self.child.stderr.take().expect("a pipe");
        stderr.read_to_string(&mut said).expect("it writes UTF-8");
        (self.child.wait().expect("it ends").success(), said)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn each_card_keeps_its_counter_while_it_lies_beside_the_reader() {
    let reader = Reader::new();
    let mut program = Running::start(&reader, &["hanako"]);
    let mut hanako = reader.card();
    assert_eq!(hanako.ask(WRONG_PIN), [0x63, 0xC2]);

    program.type_line("jiro");
    hanako.leaves();
    let mut jiro = reader.card();
    assert_eq!(jiro.ask(COUNTER), [0x63, 0xC3]);
    program.says("jiro");

    // Nobody has this name: the card stays.
    program.type_line("nobody");
    assert_eq!(jiro.ask(COUNTER), [0x63, 0xC3]);

    // Out, and in again.
    program.type_line("");
    jiro.leaves();
    program.type_line("");
    let jiro = reader.card();

    program.type_line("hanako");
    jiro.leaves();
    let mut hanako = reader.card();
    assert_eq!(hanako.ask(COUNTER), [0x63, 0xC2]);
}

#[test]
fn a_card_stays_when_there_is_nothing_to_read_any_more_and_leaves_with_sigterm() {
    let reader = Reader::new();
    let mut program = Running::start(&reader, &["hanako"]);
    let mut card = reader.card();
    drop(program.stdin.take());
    program.says("Enter");
    assert_eq!(card.ask(COUNTER), [0x63, 0xC3]);

    let pid = program.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill is there").success());
    card.leaves();
    assert!(program.end().0);
}

#[test]
fn the_program_ends_when_the_reader_is_gone() {
    let reader = Reader::new();
    let program = Running::start(&reader, &["hanako"]);
    drop(reader.card());
    let (well, said) = program.end();
    assert!(!well);
    assert!(said.contains("remedy: "), "{said}");
}

#[test]
fn what_the_card_was_asked_is_shown_and_not_what_was_said() {
    let reader = Reader::new();
    let mut program = Running::start(&reader, &["hanako", "--transcript", "--atr", "contact"]);
    let mut card = reader.card();
    assert_eq!(card.ask(ATR)[..2], [0x3B, 0xDA]);
    assert_eq!(card.ask(WRONG_PIN), [0x63, 0xC2]);
    program.says("00 20 00 98  Lc 4  -> 63C2");
}

#[test]
fn bad_input_ends_it_with_a_remedy() {
    // Nobody serves tcpmux any more.
    let nobody = "127.0.0.1:1";
    let cases = [
        (["hanako", "--vpcd", nobody], "no virtual reader listens", "remedy: "),
        (["nobody", "--vpcd", nobody], "no person of this name", "remedy: "),
        (["no-such-file.toml", "--vpcd", nobody], "cannot be read", "Check the path"),
        (["hanako", "--vpcd", "everywhere"], "invalid value", "--help"),
        (["hanako", "--atr", "loud"], "invalid value", "possible values"),
    ];
    for (arguments, error, remedy) in cases {
        let Output { status, stdout, stderr } =
            madoguchi_sandbox(&arguments).stdin(Stdio::null()).output().expect("it is built");
        let said = String::from_utf8_lossy(&stderr);
        assert!(!status.success(), "{arguments:?}");
        assert!(said.contains(error) && said.contains(remedy), "{arguments:?}: {said}");
        assert!(stdout.is_empty(), "{arguments:?}");
    }
}
