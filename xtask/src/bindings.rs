//! `cargo xtask bindings`: the library for shells, and what Kotlin and Swift need to call it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use crate::{cargo, root, succeed, target};

/// What cargo is told to build the library as a phone gets it. By `rustc`, because with the other kind of library in the
/// same package cargo leaves the optimisation of the whole away, silently.
pub(crate) const PHONE: [&str; 8] =
    ["rustc", "--profile", "phone", "--package", "madoguchi-bindings", "--lib", "--crate-type", "cdylib"];

/// What was made: a shell's build takes it from here. None of it is ever committed.
pub(crate) struct Bindings {
    /// The library for this machine. It has its symbols: from a stripped one nothing can be generated.
    pub(crate) library: PathBuf,
    /// The root of the Kotlin sources.
    pub(crate) kotlin: PathBuf,
    /// The Swift source, the C header and its module map.
    pub(crate) swift: PathBuf,
}

pub(crate) fn run() -> Result<(), String> {
    let Bindings { library, kotlin, swift } = generate()?;
    println!("library  {}\nKotlin   {}\nSwift    {}", library.display(), kotlin.display(), swift.display());
    Ok(())
}

/// Builds the library, and generates both languages anew.
pub(crate) fn generate() -> Result<Bindings, String> {
    // In one call, so that both are built with the same features of UniFFI.
    succeed(cargo().args([
        "build",
        "--quiet",
        "--package",
        "madoguchi-bindings",
        "--package",
        "madoguchi-bindgen",
    ]))?;
    let built = target().join("debug");
    let name = format!("{}madoguchi{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let folder = target().join("bindings");
    let made =
        Bindings { library: built.join(name), kotlin: folder.join("kotlin"), swift: folder.join("swift") };
    let generator = built.join(format!("madoguchi-bindgen{}", std::env::consts::EXE_SUFFIX));
    let fresh = folder.join(format!("fresh-{}", std::process::id()));
    for (language, folder) in [("kotlin", &made.kotlin), ("swift", &made.swift)] {
        let fresh = fresh.join(language);
        let mut generate = Command::new(&generator);
        // It finds the crate's uniffi.toml through cargo's metadata, of the workspace in which it runs.
        generate.current_dir(root().join("bindings"));
        generate.args(["generate", "--no-format", "--language", language, "--out-dir"]).arg(&fresh);
        succeed(generate.arg(&made.library))?;
        renew(&fresh, folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    fs::remove_dir_all(&fresh).map_err(|error| format!("{}: {error}", fresh.display()))?;
    Ok(made)
}

/// Makes one folder as the other one is. What is the same stays untouched, so that nothing is compiled for it again: a
/// compiler takes minutes. What is there no more goes, so that it is not compiled along.
fn renew(fresh: &Path, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !fresh.join(entry.file_name()).exists() {
            if entry.file_type()?.is_dir() {
                fs::remove_dir_all(entry.path())?;
            } else {
                fs::remove_file(entry.path())?;
            }
        }
    }
    for entry in fs::read_dir(fresh)? {
        let entry = entry?;
        let (from, to) = (entry.path(), folder.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            renew(&from, &to)?;
        } else if fs::read(&to).ok() != Some(fs::read(&from)?) {
            // In one step: somebody may be compiling it.
            fs::rename(&from, &to)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::renew;

    #[test]
    fn a_folder_becomes_the_fresh_one_and_what_is_the_same_is_left_alone() {
        let place = std::env::temp_dir().join(format!("madoguchi-renew-{}", std::process::id()));
        let (fresh, folder) = (place.join("fresh"), place.join("folder"));
        for (file, text) in [("fresh/jp/same", "1"), ("fresh/jp/other", "2"), ("fresh/new", "3")] {
            write(&place.join(file), text);
        }
        for (file, text) in [("jp/same", "1"), ("jp/other", "0"), ("jp/old", "4"), ("older/file", "5")] {
            write(&folder.join(file), text);
        }
        let made = fs::metadata(folder.join("jp/same")).and_then(|same| same.modified()).expect("a time");
        renew(&fresh, &folder).expect("renewed");
        let read = |file: &str| fs::read_to_string(folder.join(file)).ok();
        let text = |text: &str| Some(text.to_owned());
        assert_eq!((read("jp/same"), read("jp/other"), read("new")), (text("1"), text("2"), text("3")));
        assert_eq!((read("jp/old"), read("older/file")), (None, None));
        let now = fs::metadata(folder.join("jp/same")).and_then(|same| same.modified()).expect("a time");
        assert_eq!(now, made);
        assert!(fresh.join("jp/same").exists(), "it was not moved");
        fs::remove_dir_all(place).expect("our own folder");
    }

    fn write(file: &std::path::Path, text: &str) {
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, text).expect("a file");
    }
}
