//! `cargo xtask test`: runs all that this machine can run, and ends with one table.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::table::{Row, Table};
use crate::{cargo, root, tools};

/// The suites of Rust tests: a row of the table for all packages of one folder.
const SUITES: [(&str, &str); 4] =
    [("core", "core"), ("sandbox", "sandbox"), ("end to end", "tests"), ("xtask", "xtask")];

pub(crate) fn run() -> Result<(), String> {
    tools::c_compiler()?;
    let mut table = Table::default();
    let mut build = cargo();
    build.args(["test", "--workspace", "--no-run", "--quiet"]);
    stage(&mut table, "build", || crate::succeed(&mut build));
    if table.holds(false) {
        rust(&mut table)?;
        stage(&mut table, "demo", demo);
    }
    println!("\n{table}");
    println!("{}", by_hand()?);
    let strict = std::env::var_os("CI").is_some_and(|ci| ci == "true");
    if table.holds(strict) {
        Ok(())
    } else {
        Err("a suite failed, or was not run where it must be".to_owned())
    }
}

fn stage(table: &mut Table, name: &str, work: impl FnOnce() -> Result<(), String>) {
    println!("== {name}");
    let start = Instant::now();
    let result = work();
    if let Err(error) = &result {
        eprintln!("{name}: {error}");
    }
    table.0.push(Row::of(name, start.elapsed(), &result));
}

/// All Rust tests in one run of cargo (one set of features, one build), told apart by package.
fn rust(table: &mut Table) -> Result<(), String> {
    let mut rows: Vec<Row> = SUITES
        .iter()
        .map(|(name, _)| Row {
            name: (*name).to_owned(),
            passed: 0,
            failed: 0,
            time: Duration::ZERO,
            not_run: Some("no test of it was found".to_owned()),
        })
        .collect();
    let owners = owners();
    let (reader, writer) = std::io::pipe().map_err(|error| format!("no pipe: {error}"))?;
    let also = writer.try_clone().map_err(|error| format!("no pipe: {error}"))?;
    let mut tests = cargo();
    tests.args(["test", "--workspace", "--no-fail-fast"]).stdin(Stdio::null()).stdout(writer).stderr(also);
    let mut child = tests.spawn().map_err(|error| format!("cargo could not be started: {error}"))?;
    drop(tests); // and with it our ends of the pipe: reading ends when cargo does
    let mut current = None;
    let mut last = Instant::now();
    for line in BufReader::new(reader).lines() {
        let line = line.map_err(|error| format!("cargo's output could not be read: {error}"))?;
        println!("{line}");
        if let Some(name) = target(&line) {
            current = owners.get(&name).copied();
            last = Instant::now();
        }
        if let (Some((passed, failed)), Some(suite)) = (result(&line), current) {
            let row = &mut rows[suite];
            row.passed += passed;
            row.failed += failed;
            row.time += last.elapsed();
            row.not_run = None;
            last = Instant::now();
        }
    }
    let status = child.wait().map_err(|error| format!("cargo: {error}"))?;
    let counted: u32 = rows.iter().map(|row| row.failed).sum();
    table.0.append(&mut rows);
    if !status.success() && counted == 0 {
        // A test binary that died says no result: that is a failure too.
        table.0.push(Row {
            name: "cargo test".to_owned(),
            passed: 0,
            failed: 1,
            time: Duration::ZERO,
            not_run: None,
        });
    }
    Ok(())
}

/// The crate or test file whose tests begin at this line of cargo's output.
fn target(line: &str) -> Option<String> {
    let line = line.trim_start();
    if let Some(name) = line.strip_prefix("Doc-tests ") {
        return Some(name.replace('-', "_"));
    }
    // Running unittests src/lib.rs (target/debug/deps/pki-0123456789abcdef)
    let binary = line.strip_prefix("Running ")?.rsplit_once('(')?.1.trim_end_matches(')');
    let file = std::path::Path::new(binary).file_name()?.to_str()?;
    Some(file.rsplit_once('-')?.0.to_owned())
}

/// Which suite (by its place in [`SUITES`]) each crate and each integration test belongs to.
fn owners() -> HashMap<String, usize> {
    let mut owners = HashMap::new();
    for (suite, (_, folder)) in SUITES.iter().enumerate() {
        let folder = root().join(folder);
        for package in std::iter::once(folder.clone()).chain(entries(&folder)) {
            let manifest = std::fs::read_to_string(package.join("Cargo.toml")).unwrap_or_default();
            let named = manifest.lines().filter_map(|line| line.strip_prefix("name = "));
            let crates = named.map(|name| name.trim_matches('"').replace('-', "_"));
            let tests = entries(&package.join("tests"))
                .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()));
            owners.extend(crates.chain(tests).map(|name| (name, suite)));
        }
    }
    owners
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

/// Passed and failed of a line such as `test result: ok. 12 passed; 0 failed; …`.
fn result(line: &str) -> Option<(u32, u32)> {
    let counts = line.strip_prefix("test result: ")?;
    let number = |word: &str| {
        let part = counts.split([';', '.']).find(|part| part.trim_end().ends_with(word))?;
        part.split_whitespace().next()?.parse().ok()
    };
    Some((number("passed")?, number("failed")?))
}

/// The main job, run as the README tells it.
fn demo() -> Result<(), String> {
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "madoguchi-desk", "--bin", "madoguchi-demo"]);
    crate::succeed(&mut command)
}

/// What no machine of ours can run, and when a person last did.
fn by_hand() -> Result<String, String> {
    let path = root().join("tests/by-hand.md");
    std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::{owners, result, target};

    #[test]
    fn every_crate_belongs_to_a_suite() {
        let owners = owners();
        assert_eq!(owners.get("secret"), Some(&0));
        assert_eq!(owners.get("madoguchi_sandbox_card"), Some(&1));
        assert_eq!(owners.get("xtask"), Some(&3));
    }

    #[test]
    fn cargo_s_lines_are_understood() {
        let line = "     Running unittests src/lib.rs (target/debug/deps/pki-0123456789abcdef)";
        assert_eq!(target(line).as_deref(), Some("pki"));
        assert_eq!(target("   Doc-tests secret").as_deref(), Some("secret"));
        assert_eq!(target("   Compiling ring v0.17.14"), None);
        assert_eq!(result("test result: FAILED. 12 passed; 3 failed; 0 ignored; 0 measured"), Some((12, 3)));
        assert_eq!(result("test one ... ok"), None);
    }
}
