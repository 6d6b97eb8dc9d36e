//! `cargo xtask test`: runs all that this machine can run, and ends with one table.

use std::time::Instant;

use crate::cargo_tests::Selection;
use crate::table::{Row, Table};
use crate::{android, cargo, cargo_tests, root, succeed, tools};

/// All suites, or the tests of some packages only.
pub(crate) fn run(packages: &[String]) -> Result<(), String> {
    tools::c_compiler()?;
    let mut table = Table::default();
    let library = tools::pcsc_library();
    let bench = library.clone().and_then(|()| tools::pcsc_bench());
    let host = if packages.is_empty() { tools::android() } else { Ok(()) };
    let mut selection = Selection { packages: packages.to_vec(), without: Vec::new(), inside: bench.is_ok() };
    selection.without.extend(library.as_ref().err().map(|_| "madoguchi-desktop"));
    if bench.is_err() {
        selection.without.extend(["madoguchi-interop", "madoguchi-bench"]);
    }

    // Asked for by name: it runs, or it says why it cannot.
    for (package, needs) in
        [("madoguchi-desktop", &library), ("madoguchi-interop", &bench), ("madoguchi-bench", &bench)]
    {
        if let (true, Err(why)) = (packages.iter().any(|name| name == package), needs) {
            return Err(format!("{package} cannot be run here: {why}"));
        }
    }

    let mut not_run = "no test of it was found";
    if let Some(built) = stage(&mut table, "build", || cargo_tests::build(&selection)) {
        table.0.append(&mut cargo_tests::run(&built, &selection)?);
        if packages.is_empty() {
            if host.is_ok() {
                println!("== android");
                table.0.push(android::test());
            }
            stage(&mut table, "demo", demo);
            if bench.is_ok() {
                stage(&mut table, "demo pc/sc", || crate::demo(&["--pcsc".to_owned()]));
            }
        }
    } else {
        not_run = "the build failed";
    }
    for (name, needs) in [
        ("desktop", &library),
        ("pc/sc", &bench),
        ("bench", &bench),
        ("android", &host),
        ("demo pc/sc", &bench),
    ] {
        if let Err(why) = needs {
            table.not_run(name, why);
        }
    }
    if packages.is_empty() {
        for name in cargo_tests::suites().chain(["android", "demo", "demo pc/sc"]) {
            table.not_run(name, not_run);
        }
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

/// Does one thing that holds or does not, and notes it.
fn stage<T>(table: &mut Table, name: &str, work: impl FnOnce() -> Result<T, String>) -> Option<T> {
    println!("== {name}");
    let start = Instant::now();
    let result = work();
    if let Err(error) = &result {
        eprintln!("{name}: {error}");
    }
    table.0.push(Row::of(name, start.elapsed(), result.is_ok()));
    result.ok()
}

/// The main job, run as the README tells it.
fn demo() -> Result<(), String> {
    succeed(cargo().args(["run", "--quiet", "--package", "madoguchi-desk", "--bin", "madoguchi-demo"]))
}

/// What no machine of ours can run, and when a person last did.
fn by_hand() -> Result<String, String> {
    let path = root().join("tests/by-hand.md");
    std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
}
