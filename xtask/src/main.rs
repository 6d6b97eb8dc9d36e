//! The one door to every command that a developer or CI runs: `cargo xtask`.
//!
//! Only the standard library is used here, so that the door opens in a second.

mod cargo_tests;
mod check;
mod graph;
mod links;
mod suites;
mod table;
mod tools;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const HELP: &str = "\
cargo xtask COMMAND

  demo [ARGS]   the whole way on this machine: service, enrolment, log in, three checks
                (--help shows its arguments: --card NAME, --list-cards, --lang en, …)
  test          everything that this machine can run, and a table of what ran
  check         fmt, clippy, docs, links, the app's graph, deny
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next();
    let rest: Vec<String> = arguments.collect();
    let done = match command.as_deref() {
        Some("demo") => demo(&rest),
        Some("test") => suites::run(),
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
    // The caller's folder stays the current one: `--card my-own.toml` is a path as typed.
    let mut command = Command::new(cargo().get_program());
    command.args(["run", "--quiet", "--manifest-path"]).arg(root().join("Cargo.toml"));
    command.args(["--package", "madoguchi-desk", "--bin", "madoguchi-demo", "--"]).args(arguments);
    succeed(&mut command)
}
