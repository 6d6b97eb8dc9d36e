//! `madoguchi-sandbox --ahead`: the administrator's commands beside a service whose clock a test moved.

use std::path::Path;
use std::process::{Command, Output};

fn sandbox(state: &Path, arguments: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_madoguchi-sandbox"));
    program.arg("--state").arg(state).args(arguments).output().expect("the program runs")
}

#[test]
fn a_command_reads_the_clock_that_the_service_had() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let state = folder.path().join("state");
    let add = ["institution", "add", "--code", "9919900010", "--name", "まどぐち医院"];
    assert!(sandbox(&state, &add).status.success());
    let device = ["device", "add", "--institution", "9919900010", "--platform", "phone"];
    let ahead = [&device[..], &["--ahead", "7200"]].concat();
    assert!(sandbox(&state, &ahead).status.success());

    let refused = sandbox(&state, &device);
    assert!(!refused.status.success());
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("the clock is wrong"), "{said}");
    assert!(sandbox(&state, &ahead).status.success());
}
