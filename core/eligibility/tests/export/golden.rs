//! What is exported of every person of the sandbox, byte for byte, and that all of it comes back.

use std::path::{Path, PathBuf};
use std::{env, fs};

use eligibility::{Code, Eligibility, Record, export};
use serde::Deserialize;

use crate::{head, text, xml};

/// `BLESS=1` writes the files anew; the difference is to be looked at.
const BLESS: &str = "BLESS";

/// The `[service]` half of a person's file, as the service takes it.
#[derive(Deserialize)]
struct Half {
    validity: String,
    #[serde(default)]
    results: Vec<Record>,
}

#[derive(Deserialize)]
struct File {
    service: Option<Half>,
}

/// Every person of whom the service knows something.
pub(crate) fn persons() -> Vec<(String, Eligibility)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sandbox/persons");
    let files = fs::read_dir(folder).expect("the persons").map(|file| file.expect("a file").path());
    let mut files: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|e| e == "toml")).collect();
    files.sort();
    let person = |path: &PathBuf| {
        let name = path.file_stem()?.to_str()?.to_owned();
        let file: File = toml::from_str(&fs::read_to_string(path).ok()?).expect("a person");
        let half = file.service?;
        let answer = Eligibility {
            processing_result_status: Some(Code::new("1")),
            qualification_validity: Some(Code::new(half.validity)),
            results: half.results,
            ..Eligibility::default()
        };
        Some((name, answer))
    };
    let persons: Vec<_> = files.iter().filter_map(person).collect();
    assert!(persons.len() > 20, "the persons are there");
    persons
}

fn compare(name: &str, bytes: &[u8]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if env::var_os(BLESS).is_some() {
        fs::write(&path, bytes).expect("a golden file");
    }
    let golden = fs::read(&path).unwrap_or_default();
    assert!(golden == bytes, "{name} is not what it was: look at it with {BLESS}=1 and git diff");
}

#[test]
fn every_persons_exports_are_what_they_were() {
    for (name, answer) in persons() {
        compare(&format!("{name}.txt"), text(&answer).as_bytes());
        compare(&format!("{name}.xml"), export::xml(&answer, &head()).expose());
    }
}

#[test]
fn every_persons_record_comes_back_from_the_file() {
    for (name, answer) in persons() {
        let message = xml::read(export::xml(&answer, &head()).expose());
        assert!(message.body == answer, "{name}");
    }
}

#[test]
fn no_share_is_exported_that_the_insurer_did_not_give() {
    let mut derived = 0;
    for (name, answer) in persons() {
        let given = answer.results.iter().filter(|r| r.insured_partial_contribution_ratio.is_some()).count();
        let elderly = answer.results.iter().filter_map(|r| r.elderly_recipient_certificate_info.as_ref());
        let given = given + elderly.filter(|info| info.contribution_ratio.is_some()).count();
        let text = text(&answer);
        assert_eq!(text.matches('割').count() - text.matches("負担割合").count(), given, "{name}");
        let file = String::from_utf8_lossy(export::xml(&answer, &head()).expose()).into_owned();
        assert_eq!(file.matches("ContributionRatio>").count(), 2 * given, "{name}");
        assert!(!text.contains("要確認") && !text.contains("未登録・"), "{name}");
        let on = eligibility::japan_date(head().confirmed_at);
        let by_law = |record: &Record| matches!(eligibility::share(record, on), eligibility::Share::Known { source, .. } if source.is_derived());
        derived += answer.results.iter().filter(|record| by_law(record)).count();
    }
    assert!(derived > 5, "there are persons whose share follows from their age");
}
