//! The examples of `docs/sandbox-interface.md`, byte for byte.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use sandbox_card::Person;
use sandbox_reader::loopback::Loopback;
use time::macros::date;

const PAGE: &str = include_str!("../../../docs/sandbox-interface.md");

/// The examples: blocks of the kind `session`.
fn examples() -> Vec<Vec<&'static str>> {
    let mut blocks = Vec::new();
    let mut lines = PAGE.lines();
    while let Some(line) = lines.next() {
        if line == "```session" {
            blocks.push(lines.by_ref().take_while(|line| *line != "```").collect());
        }
    }
    blocks
}

/// Hexadecimal digits, then perhaps JSON, which goes as it is. A line of JSON alone ends as lines do.
fn bytes(written: &str) -> Vec<u8> {
    let (digits, json) = written.split_at(written.find('{').unwrap_or(written.len()));
    let digits: Vec<u8> = digits.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pair = |pair: &[u8]| u8::from_str_radix(core::str::from_utf8(pair).expect("ASCII"), 16);
    let mut bytes: Vec<u8> = digits.chunks(2).map(|digits| pair(digits).expect("two digits")).collect();
    bytes.extend_from_slice(json.as_bytes());
    if digits.is_empty() && json.ends_with('}') {
        bytes.push(b'\n');
    }
    bytes
}

#[test]
fn every_example_of_the_page_happens_as_it_is_written() {
    let loopback = Loopback::start(([127, 0, 0, 1], 0).into(), Person::all(), date!(2026 - 11 - 23))
        .expect("loopback has a free port");
    let examples = examples();
    assert!(examples.len() >= 3, "the page has its examples");
    for example in examples {
        let stream = TcpStream::connect(loopback.address()).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a deadline for the test");
        let mut input = BufReader::new(stream.try_clone().expect("a second handle"));
        for line in example {
            let written = line.split_once('#').map_or(line, |(written, _)| written).trim();
            if let Some(said) = written.strip_prefix('>') {
                (&stream).write_all(&bytes(said.trim())).expect("it listens");
            } else if let Some(expected) = written.strip_prefix('<') {
                // `…` stands for the rest of a line.
                let (expected, whole) = match expected.trim().strip_suffix('…') {
                    Some(beginning) => (bytes(beginning), false),
                    None => (bytes(expected.trim()), true),
                };
                let mut heard = Vec::new();
                if expected.first() == Some(&b'{') {
                    input.read_until(b'\n', &mut heard).expect("it answers");
                    if !whole {
                        heard.truncate(expected.len());
                    }
                } else {
                    heard.resize(expected.len(), 0);
                    input.read_exact(&mut heard).expect("it answers");
                }
                assert_eq!(
                    String::from_utf8_lossy(&heard),
                    String::from_utf8_lossy(&expected),
                    "{heard:02X?} instead of {line}"
                );
            } else {
                assert!(written.is_empty(), "every line says who speaks: {line}");
            }
        }
        // Nothing more was said.
        stream.shutdown(std::net::Shutdown::Write).expect("it listens");
        let mut rest = Vec::new();
        input.read_to_end(&mut rest).expect("it hangs up");
        assert_eq!(rest, [0_u8; 0]);
    }
}

/// The forms of a mishap: the first cells of the table, with 1 for every number.
#[test]
fn every_mishap_of_the_page_is_understood() {
    use sandbox_reader::ble::Fault;

    let section = PAGE.split("## 4. ").nth(1).expect("there is such a section");
    let forms: Vec<_> = section
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .take_while(|form| form.starts_with(['{', '"']))
        .collect();
    assert_eq!(forms.len(), 16, "{forms:?}");
    for form in forms {
        let mishap = form.replace(":n", ":1").replace('…', &"5A".repeat(16));
        for place in ["answer", "notice"] {
            let fault = format!(r#"{{"at":{{"{place}":7}},"mishap":{mishap}}}"#);
            serde_json::from_str::<Fault>(&fault).expect(form);
        }
    }
}

#[test]
fn the_page_names_every_refusal_model_and_port() {
    use sandbox_reader::ble::Model;
    use sandbox_reader::loopback::{LOOPBACK_PORT, Refusal};

    let refusals = [
        Refusal::LineTooLong,
        Refusal::Malformed(String::new()),
        Refusal::NoSuchPerson,
        Refusal::CardInUse,
        Refusal::TooManyConnections,
        Refusal::UnknownFrame,
        Refusal::BadFrame,
        Refusal::ClockRuns,
    ];
    for refusal in refusals {
        assert!(PAGE.contains(&format!("`{}`", refusal.code())), "{}", refusal.code());
    }
    for model in Model::ALL {
        for uuid in [model.service(), model.commands(), model.answers(), model.notices()] {
            assert!(PAGE.contains(&uuid.to_string()), "{model:?}: {uuid}");
        }
        assert!(PAGE.contains(model.advertised_name()), "{model:?}");
    }
    assert!(PAGE.contains(&LOOPBACK_PORT.to_string()));
}
