//! The protocol document says what the code does.

use std::collections::BTreeSet;

use serde_json::Value;
use service::messages::{MAX_BODY, Problem, ProblemCode};
use service::{MAX_ANSWER, binding, est, paths};

const DOCUMENT: &str = include_str!("../../../../docs/protocol.md");

/// The cells of the table row that starts with this code.
fn row(code: &str) -> Option<Vec<&'static str>> {
    let start = format!("| `{code}` |");
    let line = DOCUMENT.lines().find(|line| line.starts_with(&start))?;
    Some(line.split('|').map(str::trim).collect())
}

#[test]
fn every_problem_has_its_row_and_every_row_its_problem() {
    for code in ProblemCode::ALL.iter().filter(|code| **code != ProblemCode::Unknown) {
        let row = row(code.as_str()).unwrap_or_else(|| panic!("{} is in the table", code.as_str()));
        assert_eq!(row[2], code.status().to_string(), "{}", code.as_str());
    }
    let told = DOCUMENT.split_once("## 8. Problems").expect("the section").1;
    let rows = told.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, ProblemCode::ALL.len() - 1);
    let example = told.lines().find(|line| line.starts_with("{\"type\"")).expect("an example");
    let example: Problem = serde_json::from_str(example).expect("JSON");
    assert_eq!(example, Problem::new(ProblemCode::ChallengeExpired));
}

#[test]
fn the_worked_example_is_the_first_vector() {
    let vectors: Value =
        serde_json::from_str(include_str!("../vectors/binding.json")).expect("a vector file");
    let case = &vectors["cases"][0];
    let example = DOCUMENT.split_once("### Example").expect("the example").1;
    let mut offset = 0;
    for element in case["message"].as_array().expect("elements") {
        let hex = element[1].as_str().expect("a text");
        let start = format!("| {offset} |");
        let line = example.lines().find(|line| line.starts_with(&start)).expect("a row for each element");
        let bytes: String =
            line.split('|').nth(2).expect("bytes").chars().filter(char::is_ascii_hexdigit).collect();
        assert_eq!(bytes, hex, "{line}");
        offset += hex.len() / 2;
    }
    assert!(example.contains(&format!("{offset} bytes:")));
    assert!(example.contains(case["digest"].as_str().expect("a text")));
}

#[test]
fn the_tag_of_the_example_is_the_first_vector() {
    let vectors: Value = serde_json::from_str(include_str!("../vectors/tag.json")).expect("a vector file");
    let case = &vectors["cases"][0];
    let example = DOCUMENT.split_once("### 5.5 Tags").expect("the section").1;
    for (name, field) in [("key", "key"), ("`card`", "card"), ("tag", "tag")] {
        let start = format!("| {name} |");
        let line = example.lines().find(|line| line.starts_with(&start)).expect("a row");
        assert!(line.contains(case[field].as_str().expect("a text")), "{line}");
    }
}

#[test]
fn names_and_numbers_are_those_of_the_code() {
    for path in [
        paths::ENROLLMENT_CHALLENGES,
        paths::SIMPLEENROLL,
        paths::SIMPLEREENROLL,
        paths::DEVICE,
        paths::CHALLENGES,
        paths::KNOWN_CERTIFICATES,
        paths::ELIGIBILITY_CHECKS,
    ] {
        assert!(DOCUMENT.contains(&format!("{path}` |")), "{path}");
    }
    for oid in [est::NONCE, est::ATTESTATION] {
        let hex: Vec<String> = oid.iter().map(|byte| format!("{byte:02X}")).collect();
        assert!(DOCUMENT.contains(&format!("06 14 {}", hex.join(" "))));
    }
    for text in [binding::PROTOCOL, binding::ALGORITHM, est::PKCS10, est::PKCS7] {
        assert!(DOCUMENT.contains(&format!("`{text}`")), "{text}");
    }
    assert_eq!((MAX_BODY, MAX_ANSWER), (16_384, 65_536));
    assert!(DOCUMENT.contains("16,384 bytes") && DOCUMENT.contains("65,536"));
}

#[test]
fn every_key_of_every_message_is_in_a_table() {
    let mut keys = BTreeSet::new();
    for message in crate::formats::one_of_each() {
        collect(&message, &mut keys);
    }
    assert!(keys.len() > 25, "{keys:?}");
    for key in keys {
        let named = [format!("`{key}`"), format!("\"{key}\":")];
        assert!(named.iter().any(|name| DOCUMENT.contains(name)), "{key} is in the document");
    }
}

fn collect(value: &serde_cbor::Value, keys: &mut BTreeSet<String>) {
    match value {
        serde_cbor::Value::Map(map) => {
            for (key, value) in map {
                if let serde_cbor::Value::Text(key) = key {
                    keys.insert(key.clone());
                }
                collect(value, keys);
            }
        }
        serde_cbor::Value::Array(items) => items.iter().for_each(|item| collect(item, keys)),
        _ => {}
    }
}
