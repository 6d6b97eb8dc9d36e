//! `cargo xtask check`: what a reviewer should not have to look for.

use std::process::Command;
use std::time::Instant;

use crate::table::{Row, Table};
use crate::{cargo, graph, links, root, succeed, tools};

type Stage = (&'static str, fn() -> Result<(), String>);

const STAGES: [Stage; 6] = [
    ("fmt", || succeed(cargo().args(["fmt", "--all", "--check"]))),
    ("clippy", || {
        succeed(cargo().args([
            "clippy",
            "--quiet",
            "--workspace",
            "--all-targets",
            "--",
            "--deny",
            "warnings",
        ]))
    }),
    ("docs", || {
        let mut docs = cargo();
        docs.args(["doc", "--quiet", "--workspace", "--no-deps"]);
        succeed(docs.env("RUSTDOCFLAGS", "--deny warnings"))
    }),
    ("links", links::check),
    ("graph", graph::check),
    ("deny", || {
        let mut deny = Command::new(tools::cargo_deny()?);
        deny.current_dir(root()).args(["--log-level", "warn", "check", "bans", "licenses", "sources"]);
        succeed(&mut deny)
    }),
];

pub(crate) fn run() -> Result<(), String> {
    tools::c_compiler()?;
    tools::pcsc_library()?;
    let mut table = Table::default();
    for (name, stage) in STAGES {
        println!("== {name}");
        let start = Instant::now();
        let result = stage();
        if let Err(error) = &result {
            eprintln!("{name}: {error}");
        }
        table.0.push(Row::of(name, start.elapsed(), result.is_ok()));
    }
    println!("\n{table}");
    if table.holds(true) { Ok(()) } else { Err("a check failed".to_owned()) }
}
