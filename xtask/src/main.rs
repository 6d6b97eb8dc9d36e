//! The one door to every command that a developer or CI runs: `cargo xtask`.
//!
//! Only the standard library is used here, so that the door opens in a second.

mod android;
mod android_native;
mod apk;
mod arsc;
mod bench;
mod bindings;
#[cfg(test)]
mod build_files;
mod cargo_tests;
mod check;
mod graph;
mod links;
mod namespace;
mod suites;
mod table;
mod tools;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const HELP: &str = "\
cargo xtask COMMAND

  demo [ARGS]        the whole way on this machine: service, enrolment, log in, three checks
                     (--help shows its arguments: --card NAME, --list-cards, --lang en, …)
  demo --pcsc [ARGS] the same through a real PC/SC daemon, with the card in another process
  test [PACKAGE…]    everything that this machine can run, and a table of what ran;
                     or the tests of these packages (madoguchi-interop, …)
  bench tap          how long a tap would take by the model, ours and those of other programs
                     (--update writes the tables into the documentation)
  bench calls        what a call from the Android app into the core costs, beside the fastest APDU
  bindings           builds the core's library for shells and generates Kotlin and Swift into target/bindings
  fuzz TARGET [SECONDS]
                     one fuzz target for so long (a minute); without a target: their names
  android [ARGS]     the Android app compiled and tested on this machine, by Maven (-Dtest=NAME: one class)
  screens            the app's screens compared with docs/screens (--update replaces those)
  apk                an Android package without the native library, and that library's size; by hand
                     (--package, --native: one of the two)
  check              fmt, clippy, docs, links, the app's graph, deny
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next();
    let rest: Vec<String> = arguments.collect();
    let done = match command.as_deref() {
        Some("demo") => demo(&rest),
        Some("test") => suites::run(&rest),
        Some("bench") => bench::run(&rest),
        Some("bindings") => bindings::run(),
        Some("fuzz") => fuzz(&rest),
        Some("android") => android::run(&rest),
        Some("apk") => apk::run(&rest),
        Some("screens") => android::screens(&rest),
        Some("check") => check::run(),
        Some("help" | "--help" | "-h") | None => {
            print!("{HELP}");
            Ok(())
        }
        Some(other) => Err(format!("there is no command `{other}`\n\n{HELP}")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

/// The folder of the workspace: the parent of this crate's.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace")
}

/// `cargo` of the toolchain that runs this.
fn cargo() -> Command {
    let mut command =
        Command::new(std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from));
    command.current_dir(root());
    command
}

/// Runs a command and says which it was when it fails.
fn succeed(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{name} ended with {status}")),
        Err(error) => Err(format!("{name} could not be started: {error}")),
    }
}

fn demo(arguments: &[String]) -> Result<(), String> {
    tools::c_compiler()?;
    if arguments.iter().any(|argument| argument == "--pcsc") {
        return demo_pcsc(arguments);
    }
    // The caller's folder stays the current one: `--card my-own.toml` is a path as typed.
    let mut command = Command::new(cargo().get_program());
    command.args(["run", "--quiet", "--manifest-path"]).arg(root().join("Cargo.toml"));
    command.args(["--package", "madoguchi-desk", "--bin", "madoguchi-demo", "--"]).args(arguments);
    succeed(&mut command)
}

/// In a namespace, so that vpcd listens to nobody else; outside of it where somebody said so.
fn demo_pcsc(arguments: &[String]) -> Result<(), String> {
    const PROGRAMS: [(&str, &str); 2] =
        [("madoguchi-sandbox-service", "madoguchi-sandbox"), ("madoguchi-interop", "madoguchi-demo-pcsc")];
    tools::pcsc_library()?;
    let listen_on_all = arguments.iter().any(|argument| argument == "--listen-on-all");
    let namespace = tools::pcsc_bench();
    if let (Err(why), false) = (&namespace, listen_on_all) {
        return Err(format!(
            "{why}\n\
             vpcd would listen on every address of this machine. Where that does no harm, say so: --listen-on-all"
        ));
    }
    let mut build = cargo();
    build.args(["build", "--quiet"]);
    for (package, program) in PROGRAMS {
        build.args(["--package", package, "--bin", program]);
    }
    succeed(&mut build)?;
    let program = target().join("debug").join("madoguchi-demo-pcsc");
    let mut demo = if listen_on_all { Command::new(program) } else { namespace::inside(program) };
    succeed(demo.args(arguments.iter().filter(|argument| *argument != "--pcsc")))
}

/// Half of the time with bytes without sense, half with valid examples that are changed. `tests/fuzz` says more.
fn fuzz(arguments: &[String]) -> Result<(), String> {
    let seconds = arguments.get(1).map_or(Ok(60), |seconds| seconds.parse::<u64>());
    let corpora = std::fs::read_dir(root().join("tests/fuzz/tests/__fuzz__"))
        .map_err(|error| format!("no corpus: {error}"))?;
    let mut targets: Vec<_> =
        corpora.flatten().filter_map(|corpus| corpus.file_name().into_string().ok()).collect();
    targets.sort();
    match (arguments, seconds) {
        ([target] | [target, _], Ok(seconds)) if targets.contains(target) => {
            let mut test = cargo();
            test.args(["test", "--package", "madoguchi-fuzz", "--test", "targets"]);
            test.args(["--", "--nocapture", "--exact", target]);
            succeed(test.env("BOLERO_RANDOM_TEST_TIME_MS", (seconds * 500).to_string()))
        }
        _ => Err(format!("cargo xtask fuzz TARGET [SECONDS], and the targets are: {}", targets.join(", "))),
    }
}

/// Where cargo builds.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}
