//! `cargo xtask test`: runs all that this machine can run, and ends with one table.

use std::time::Instant;

use crate::table::{Row, Table};
use crate::{cargo, cargo_tests, root, succeed, tools};

pub(crate) fn run() -> Result<(), String> {
    let mut table = Table::default();
    let build = || tools::c_compiler().and_then(|()| cargo_tests::build());
    if let Some(built) = stage(&mut table, "build", build) {
        table.0.append(&mut cargo_tests::run(&built)?);
        stage(&mut table, "demo", demo);
    } else {
        let names = cargo_tests::suites().chain(["demo"]);
        table.0.extend(names.map(|name| Row::not_run(name, "the build failed")));
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
