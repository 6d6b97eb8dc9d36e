//! What cannot work, and needs neither a reader nor a terminal to find out.

use std::path::Path;
use std::process::{Command, Stdio};

/// Exit code, and what was said to the person.
fn madoguchi(home: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_madoguchi"))
        .args(arguments)
        .env("HOME", home)
        .env("LOCALAPPDATA", home)
        .env_remove("XDG_DATA_HOME")
        .stdin(Stdio::null())
        .output()
        .expect("the program that cargo built");
    assert!(output.stdout.is_empty(), "what went wrong goes to standard error");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn an_order_that_is_not_understood_names_the_right_ones() {
    let home = tempfile::tempdir().expect("a folder");
    for (arguments, words) in [
        (&["check"][..], "--method"),
        (&["check", "--method", "face"], "visual"),
        // Neither PIN nor password is ever an argument.
        (&["check", "--method", "pin", "1234"], "1234"),
        (&["login", "--password", "a secret"], "--password"),
        (&["--lang", "fr", "doctor"], "ja"),
    ] {
        let (code, said) = madoguchi(home.path(), arguments);
        assert_eq!(code, Some(2), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
}

#[test]
fn a_device_that_is_not_enrolled_says_how_to_enrol_it() {
    let home = tempfile::tempdir().expect("a folder");
    for arguments in [&["login"][..], &["check", "--method", "pin"]] {
        let (code, said) = madoguchi(home.path(), arguments);
        assert_eq!(code, Some(1), "{arguments:?}: {said}");
        assert!(said.contains("madoguchi enrol"), "{arguments:?}: {said}");
    }
    let (code, said) = madoguchi(home.path(), &["enrol"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("登録用のリンク"), "{said}");
}

#[test]
fn a_place_that_cannot_hold_the_state_has_its_code() {
    let home = tempfile::tempdir().expect("a folder");
    let file = home.path().join("a-file");
    std::fs::write(&file, b"").expect("the folder is writable");
    let state = file.join("state");
    let (code, said) =
        madoguchi(home.path(), &["--lang", "en", "login", "--state", &state.to_string_lossy()]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("Code 734"), "{said}");
}
