//! All Rust tests in one run of cargo (one set of features, one build), told apart by suite.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::table::Row;
use crate::{cargo, namespace, root, succeed};

/// The suites: a row of the table for all packages below one folder.
const SUITES: [(&str, &str); 10] = [
    ("core", "core/"),
    ("sandbox", "sandbox/"),
    ("bindings", "bindings/"),
    ("desktop", "desktop/"),
    ("end to end", "tests/desk/"),
    ("bluetooth", "tests/bluetooth/"),
    ("fuzz", "tests/fuzz/"),
    ("pc/sc", "tests/interop/"),
    ("bench", "tests/bench/"),
    ("xtask", "xtask/"),
];

/// Which tests to run, and where.
pub(crate) struct Selection {
    /// Packages by name; all where there is none.
    pub(crate) packages: Vec<String>,
    /// Packages that this machine cannot build or run.
    pub(crate) without: Vec<&'static str>,
    /// Whether they run in namespaces of their own.
    pub(crate) inside: bool,
}

impl Selection {
    /// `cargo test` of this selection.
    fn test(&self, mut cargo: Command) -> Command {
        cargo.arg("test");
        for package in &self.packages {
            cargo.args(["--package", package]);
        }
        if self.packages.is_empty() {
            cargo.arg("--workspace");
            cargo.args(self.without.iter().flat_map(|package| ["--exclude", package]));
        }
        cargo
    }
}

/// Which suite (by its place in [`SUITES`]) each test program and each documented crate belongs to: programs by
/// their file name in the build folder, crates by their name.
pub(crate) struct Built(HashMap<String, usize>);

/// The names of the suites.
pub(crate) fn suites() -> impl Iterator<Item = &'static str> {
    SUITES.iter().map(|(name, _)| *name)
}

/// Builds the tests. Cargo says of each program which package it comes from, as it does nowhere later.
pub(crate) fn build(selection: &Selection) -> Result<Built, String> {
    if !selection.packages.is_empty() && selection.inside {
        // `tests/interop` runs programs of other packages. With all packages cargo builds them for their own tests.
        let mut programs = cargo();
        programs.args(["build", "--quiet", "--bins"]);
        succeed(programs.args(["--package", "madoguchi-desktop", "--package", "madoguchi-sandbox-service"]))?;
    }
    let mut build = selection.test(cargo());
    build.args(["--no-run", "--quiet", "--message-format=json-render-diagnostics"]);
    let output = build.stderr(Stdio::inherit()).output().map_err(|error| format!("cargo: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo ended with {}", output.status));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(Built(text.lines().filter_map(artifact).collect()))
}

/// Runs what was built. A row for each suite that has a test.
pub(crate) fn run(built: &Built, selection: &Selection) -> Result<Vec<Row>, String> {
    let mut rows: Vec<Row> = suites().map(Row::suite).collect();
    let (reader, writer) = std::io::pipe().map_err(|error| format!("no pipe: {error}"))?;
    let also = writer.try_clone().map_err(|error| format!("no pipe: {error}"))?;
    let mut tests = if selection.inside { namespace::inside(cargo().get_program()) } else { cargo() };
    tests.current_dir(root());
    tests = selection.test(tests);
    tests.arg("--no-fail-fast").stdin(Stdio::null()).stdout(writer).stderr(also);
    let mut child = tests.spawn().map_err(|error| format!("cargo could not be started: {error}"))?;
    drop(tests); // and with it our ends of the pipe: reading ends when cargo does
    let mut current = None;
    let mut last = Instant::now();
    for line in BufReader::new(reader).lines() {
        let line = line.map_err(|error| format!("cargo's output could not be read: {error}"))?;
        println!("{line}");
        if let Some(name) = program(&line) {
            current = built.0.get(&name).copied();
            last = Instant::now();
        }
        if let (Some((passed, failed)), Some(suite)) = (result(&line), current) {
            rows[suite].add(passed, failed, last.elapsed());
            last = Instant::now();
        }
    }
    rows.retain(|row| row.passed + row.failed > 0);
    let status = child.wait().map_err(|error| format!("cargo: {error}"))?;
    if !status.success() && rows.iter().all(|row| row.failed == 0) {
        // A test program that died says no result: that is a failure too.
        rows.push(Row::of("cargo test", Duration::ZERO, false));
    }
    Ok(rows)
}

/// Program or crate of one of cargo's messages, and its suite.
fn artifact(line: &str) -> Option<(String, usize)> {
    let text = |name: &str| {
        let rest = line.split_once(&format!("\"{name}\":\""))?.1;
        Some(rest.split_once('"')?.0)
    };
    // On Windows the paths in JSON have their separators doubled.
    let path = |name| text(name).map(|path| path.replace("\\\\", "/"));
    let manifest = path("manifest_path")?;
    let root = root().to_string_lossy().replace('\\', "/");
    let folder = manifest.strip_prefix(&root)?.trim_start_matches('/');
    let suite = SUITES.iter().position(|(_, suite)| folder.starts_with(suite))?;
    let name = match path("executable") {
        Some(program) => file_name(&program)?,
        // The first name after the target's kind is the crate's.
        None => line.split_once("\"target\":")?.1.split_once("\"name\":\"")?.1.split_once('"')?.0.to_owned(),
    };
    Some((name, suite))
}

/// The program or documented crate whose tests begin at this line of cargo's output.
fn program(line: &str) -> Option<String> {
    let line = line.trim_start();
    match line.strip_prefix("Doc-tests ") {
        Some(name) => Some(name.replace('-', "_")),
        // Running unittests src/lib.rs (target/debug/deps/pki-0123456789abcdef)
        None => file_name(line.strip_prefix("Running ")?.rsplit_once('(')?.1.trim_end_matches(')')),
    }
}

fn file_name(path: &str) -> Option<String> {
    Some(Path::new(path).file_name()?.to_str()?.to_owned())
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

#[cfg(test)]
mod tests {
    use super::{SUITES, artifact, program, result};
    use crate::root;

    #[test]
    fn programs_belong_to_the_suite_of_their_package() {
        let message = |folder: &str, executable: &str| {
            format!(
                r#"{{"reason":"compiler-artifact","manifest_path":"{}/{folder}/Cargo.toml","target":{{"kind":["lib"],"name":"jpki"}},"executable":{executable}}}"#,
                root().display()
            )
        };
        let program = message("core/jpki", r#""/t/debug/deps/card-0123""#);
        assert_eq!(artifact(&program), Some(("card-0123".to_owned(), 0)));
        assert_eq!(artifact(&message("core/jpki", "null")), Some(("jpki".to_owned(), 0)));
        assert_eq!(artifact(&message("tests/desk", r#""house-1""#)), Some(("house-1".to_owned(), 4)));
        assert_eq!(artifact(r#"{"manifest_path":"/elsewhere/Cargo.toml"}"#), None);
    }

    #[test]
    fn every_package_has_a_suite() {
        let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("the workspace's manifest");
        let members =
            manifest.split_once("members = [").expect("members").1.split_once(']').expect("an end").0;
        for member in members.split('"').skip(1).step_by(2) {
            let folder = format!("{member}/");
            assert!(SUITES.iter().any(|(_, suite)| folder.starts_with(suite)), "{member} has no row");
        }
    }

    #[test]
    fn cargo_s_lines_are_understood() {
        let line = "     Running unittests src/lib.rs (target/debug/deps/pki-0123456789abcdef)";
        assert_eq!(program(line).as_deref(), Some("pki-0123456789abcdef"));
        assert_eq!(program("   Doc-tests secret").as_deref(), Some("secret"));
        assert_eq!(program("   Compiling ring v0.17.14"), None);
        assert_eq!(result("test result: FAILED. 12 passed; 3 failed; 0 ignored; 0 measured"), Some((12, 3)));
        assert_eq!(result("test one ... ok"), None);
    }
}
