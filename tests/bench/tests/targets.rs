//! What a tap may cost. Counted in commands and in modelled time; how quick this machine is plays no part.

use std::path::Path;

use bench::{Extended, Identifiers, LINKS, PACES, Run, counts, ours, taps, times};

/// The most that a tap may cost.
struct Target {
    tap: &'static str,
    /// Commands, to a card that takes short file identifiers.
    short: usize,
    /// Commands, to one that takes none.
    selected: usize,
    /// Seconds on a phone at 106 kbit/s with short identifiers: a fast and a slow card.
    seconds: Option<[f64; 2]>,
}

/// A row for each tap.
const TARGETS: [Target; 6] = [
    Target { tap: "PIN, first visit", short: 11, selected: 15, seconds: Some([0.83, 2.45]) },
    // One command more without short identifiers: the file is selected twice (ADR 0011).
    Target { tap: "PIN, first visit, service asked", short: 11, selected: 16, seconds: Some([0.83, 2.45]) },
    Target { tap: "PIN, repeat visit", short: 5, selected: 9, seconds: Some([0.61, 1.10]) },
    Target { tap: "目視 proven", short: 18, selected: 23, seconds: None },
    Target { tap: "目視 proven, issuer's key known", short: 15, selected: 19, seconds: None },
    Target { tap: "目視 attested", short: 9, selected: 12, seconds: None },
];

fn run(identifiers: Identifiers, tap: &str) -> Run {
    let begins = format!("Madoguchi: {tap}");
    taps(identifiers).into_iter().find(|run| run.name.starts_with(&begins)).expect("it is among our taps")
}

#[test]
fn each_tap_keeps_to_its_number_of_commands() {
    for target in TARGETS {
        for (identifiers, most) in
            [(Identifiers::Short, target.short), (Identifiers::Selected, target.selected)]
        {
            let commands = run(identifiers, target.tap).pairs.len();
            assert!(commands <= most, "{}, {identifiers:?}: {commands} > {most}", target.tap);
        }
    }
}

#[test]
fn each_tap_keeps_to_its_modelled_time() {
    let (_, phone) = LINKS[0];
    for target in TARGETS {
        for ((name, pace), most) in PACES.into_iter().zip(target.seconds.into_iter().flatten()) {
            let seconds = run(Identifiers::Short, target.tap).time(phone, pace).as_secs_f64();
            assert!(seconds <= most, "{}, {name}: {seconds} > {most}", target.tap);
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

#[test]
fn the_documentation_says_what_our_taps_cost_now() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/numbers.md");
    let page = std::fs::read_to_string(path).expect("docs/numbers.md");
    let ours = ours();
    let extended = Extended::measure(taps(Identifiers::Short).swap_remove(0)).table();
    for table in [counts(&ours), times(&ours, PACES[0].1), times(&ours, PACES[1].1), extended] {
        for line in table.markdown().lines() {
            assert!(page.lines().any(|there| there == line), "cargo xtask bench tap --update: {line}");
        }
    }
}
