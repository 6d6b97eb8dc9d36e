//! What a tap may cost. Counted in commands and in modelled time; how quick this machine is plays no part.

use std::collections::BTreeSet;
use std::path::Path;

use bench::update::PAGES;
use bench::{Identifiers, LINKS, PACES, Run, ours, tables, taps};

/// The most that a tap may cost.
struct Target {
    tap: &'static str,
    /// Commands, to a card that takes short file identifiers.
    short: usize,
    /// Commands, to one that takes none.
    selected: usize,
    /// Commands, to one that takes none, as was expected.
    expected: Option<usize>,
    /// Seconds on a phone at 106 kbit/s with short identifiers: a fast and a slow card.
    seconds: Option<[f64; 2]>,
    /// The same for a card that takes none, as was expected.
    expected_seconds: Option<[f64; 2]>,
}

/// A row for each tap.
const TARGETS: [Target; 6] = [
    Target {
        tap: "PIN, first visit",
        short: 11,
        selected: 15,
        expected: None,
        seconds: Some([0.83, 2.45]),
        expected_seconds: None,
    },
    Target {
        tap: "PIN, first visit, service asked",
        short: 11,
        selected: 15,
        expected: Some(15),
        seconds: Some([0.83, 2.45]),
        expected_seconds: None,
    },
    // Nine is the aim without short identifiers. A card that refuses them unexpectedly gives a piece until the answer is
    // there, which is asked for with the head (ADR 0011).
    Target {
        tap: "PIN, repeat visit",
        short: 5,
        selected: 10,
        expected: Some(8),
        seconds: Some([0.61, 1.10]),
        expected_seconds: Some([0.65, 1.21]),
    },
    Target {
        tap: "目視 proven",
        short: 18,
        selected: 23,
        expected: None,
        seconds: None,
        expected_seconds: None,
    },
    Target {
        tap: "目視 proven, issuer's key known",
        short: 15,
        selected: 19,
        expected: None,
        seconds: None,
        expected_seconds: None,
    },
    Target {
        tap: "目視 attested",
        short: 9,
        selected: 12,
        expected: None,
        seconds: None,
        expected_seconds: None,
    },
];

fn run(identifiers: Identifiers, tap: &str) -> Run {
    let begins = format!("Madoguchi: {tap}");
    taps(identifiers).into_iter().find(|run| run.name.starts_with(&begins)).expect("it is among our taps")
}

#[test]
fn each_tap_keeps_to_its_number_of_commands() {
    for target in TARGETS {
        for (identifiers, most) in [
            (Identifiers::Short, Some(target.short)),
            (Identifiers::Selected, Some(target.selected)),
            (Identifiers::Expected, target.expected),
        ] {
            let Some(most) = most else { continue };
            let commands = run(identifiers, target.tap).pairs.len();
            assert!(commands <= most, "{}, {identifiers:?}: {commands} > {most}", target.tap);
        }
    }
}

#[test]
fn each_tap_keeps_to_its_modelled_time() {
    let (_, phone) = LINKS[0];
    for target in TARGETS {
        for (identifiers, seconds) in
            [(Identifiers::Short, target.seconds), (Identifiers::Expected, target.expected_seconds)]
        {
            for ((name, pace), most) in PACES.into_iter().zip(seconds.into_iter().flatten()) {
                let seconds = run(identifiers, target.tap).time(phone, pace).as_secs_f64();
                assert!(seconds <= most, "{}, {identifiers:?}, {name}: {seconds} > {most}", target.tap);
            }
        }
    }
}

/// On every link, with either card.
#[test]
fn a_first_visit_with_pin_is_as_quick_as_the_shortest_list() {
    let pin = run(Identifiers::Short, "PIN, first visit");
    for (link_name, link) in LINKS {
        for (name, pace) in PACES {
            let ratio = pin.ratio(link, pace).expect("a list is published");
            assert!(ratio <= 1.02, "{link_name}, {name}: {ratio}");
        }
    }
}

/// On every page that the bench writes. Rows of other programs stay as they are: to run them takes a pcscd.
#[test]
fn the_documentation_says_what_our_taps_cost_now() {
    let tables = tables(&ours());
    let mut told = BTreeSet::new();
    for page in PAGES {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(page);
        let text = std::fs::read_to_string(path).expect(page);
        let marked = marked(&text);
        assert!(!marked.is_empty(), "{page} has no table, and need not be written");
        for (name, there) in marked {
            let (_, table) = tables.iter().find(|(table, _)| *table == name).expect(name);
            let ours: Vec<&str> = there.into_iter().filter(|line| is_ours(name, line)).collect();
            let now: Vec<&str> = table.lines().collect();
            assert_eq!(ours, now, "{page}, {name}: cargo xtask bench tap --update");
            told.insert(name.to_owned());
        }
    }
    let all: BTreeSet<String> = tables.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(told, all, "a table that no page shows");
}

/// The tables of a page, by name, each with its lines.
fn marked(page: &str) -> Vec<(&str, Vec<&str>)> {
    let mut lines = page.lines();
    let mut tables = Vec::new();
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("<!-- bench:").and_then(|rest| rest.strip_suffix(" -->")) {
            let end = format!("<!-- /bench:{name} -->");
            let table = lines.by_ref().take_while(|line| *line != end).filter(|line| !line.is_empty());
            tables.push((name, table.collect()));
        }
    }
    tables
}

/// Head, rule, and rows that need no other program.
fn is_ours(table: &str, line: &str) -> bool {
    table == "extended" || ["|  |", "|---", "| Madoguchi: "].iter().any(|start| line.starts_with(start))
}
