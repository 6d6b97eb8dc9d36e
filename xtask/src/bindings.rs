//! `cargo xtask bindings`: the library for shells, and what Kotlin and Swift need to call it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::{cargo, root, succeed, target};

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
    for (language, folder) in [("kotlin", &made.kotlin), ("swift", &made.swift)] {
        // What an earlier version made must not be compiled along.
        if folder.exists() {
            fs::remove_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        let mut generate = Command::new(&generator);
        // It finds the crate's uniffi.toml through cargo's metadata, of the workspace in which it runs.
        generate.current_dir(root().join("bindings"));
        generate.args(["generate", "--no-format", "--language", language, "--out-dir"]).arg(folder);
        succeed(generate.arg(&made.library))?;
    }
    Ok(made)
}
