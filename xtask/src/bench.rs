//! `cargo xtask bench`: what things cost.

use std::process::Command;

use crate::{android, bindings, cargo, namespace, root, succeed, target, tools};

const HELP: &str = "\
cargo xtask bench tap [--update]

  how long a tap would take by the link model: ours, and those of other programs on the same card;
  --update writes the tables into README.md and docs/numbers.md

cargo xtask bench calls

  what a call from the Android app into the core costs, beside the fastest APDU
";

pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    match arguments.split_first() {
        Some((what, rest)) if what == "tap" => tap(rest),
        Some((what, [])) if what == "calls" => calls(),
        _ => Err(format!("what is to be benched?\n\n{HELP}")),
    }
}

/// In a namespace with a real pcscd, where other programs can be run; our own taps anywhere.
fn tap(arguments: &[String]) -> Result<(), String> {
    tools::c_compiler()?;
    tools::pcsc_library()?;
    let bench = tools::pcsc_bench();
    let mut build = cargo();
    succeed(build.args([
        "build",
        "--quiet",
        "--package",
        "madoguchi-bench",
        "--bin",
        "madoguchi-bench-tap",
    ]))?;
    let program = target().join("debug").join("madoguchi-bench-tap");
    let mut tap = match bench {
        Ok(()) => namespace::inside(program),
        Err(why) => {
            eprintln!("{why}");
            Command::new(program)
        }
    };
    succeed(tap.args(arguments))
}

/// The library as an app has it, called by a program that has what the app is compiled with.
fn calls() -> Result<(), String> {
    let classpath = android::classpath()?;
    succeed(cargo().args(bindings::PHONE).arg("--quiet"))?;
    let mut java = Command::new("java");
    java.arg("--class-path").arg(classpath);
    java.arg(format!("-Djna.library.path={}", target().join("phone").display()));
    succeed(java.arg(root().join("android/bindings/bench/Calls.java")))
}
