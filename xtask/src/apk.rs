//! `cargo xtask apk`: what can be checked of an Android package without Google's SDK, NDK and a phone. By hand.
//!
//! The package that comes out lacks the native library: it shows that resources, manifest and classes go through the tools
//! that a real build uses, and no more.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{android, succeed, tools};

/// Google's dexer and shrinker, as it is on Maven Central.
const R8: &str = "com.android.tools:r8:9.5.28";

/// The oldest Android that R8 writes for: `minSdk`.
pub(crate) const MIN_API: &str = "28";

/// What protects the throw-away key.
const PASSWORD: &str = "pass:throw-away";

pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    let (native, package) = match arguments {
        [] => (true, true),
        [only] if only == "--native" => (true, false),
        [only] if only == "--package" => (false, true),
        _ => return Err("cargo xtask apk [--native | --package]".to_owned()),
    };
    if package {
        self::package()?;
    }
    if native {
        crate::android_native::check()?;
    }
    Ok(())
}

/// Resources, classes and manifest, put together, signed and verified.
fn package() -> Result<(), String> {
    tools::android()?;
    tools::apk()?;
    let alone = android::alone()?;
    android::prepare()?;
    let work = android::folder().join("apk");
    if work.exists() {
        fs::remove_dir_all(&work).map_err(|error| format!("{}: {error}", work.display()))?;
    }
    let dex = work.join("dex");
    fs::create_dir_all(&dex).map_err(|error| format!("{}: {error}", dex.display()))?;

    libraries(&alone, &work)?;
    let rules = work.join("manifest.pro");
    android::link(&[OsStr::new("--proguard"), rules.as_os_str()], &work.join("resources.apk"))?;
    shrink(&work, &rules, &dex)?;

    // Into the archive that aapt2 made, where the resource table lies uncompressed, as Android wants it.
    let plain = work.join("plain.apk");
    fs::copy(work.join("resources.apk"), &plain).map_err(|error| format!("{}: {error}", plain.display()))?;
    let mut add = Command::new("jar");
    add.args(["--update", "--no-manifest", "--no-compress", "--file"]).arg(&plain);
    succeed(add.arg("-C").arg(&dex).arg("classes.dex"))?;
    let aligned = work.join("aligned.apk");
    succeed(Command::new("zipalign").args(["-p", "-f", "4"]).arg(&plain).arg(&aligned))?;
    succeed(Command::new("zipalign").args(["-c", "-p", "4"]).arg(&aligned))?;
    let signed = sign(&work, &aligned)?;
    succeed(Command::new("aapt2").args(["dump", "badging"]).arg(&signed))?;
    for file in [&dex.join("classes.dex"), &signed] {
        let size = fs::metadata(file).map_err(|error| format!("{}: {error}", file.display()))?.len();
        println!("{:>10} bytes  {}", size, file.display());
    }
    println!("packed, aligned, signed and verified, without the native library: it cannot run");
    Ok(())
}

/// Compiles, and puts together what the app is made of, and what it is compiled against.
fn libraries(alone: &File, work: &Path) -> Result<(), String> {
    let mut compile = android::offline();
    compile.args(["--quiet", "compile", "dependency:copy-dependencies"]);
    compile.args(["-DincludeScope=compile", "-DexcludeGroupIds=jp.madoguchi", "-Dmdep.stripVersion=true"]);
    compile.arg("-DexcludeArtifactIds=android-all-instrumented");
    android::build(alone, compile.arg(format!("-DoutputDirectory={}", work.join("libraries").display())))?;
    let mut fetch = android::online();
    fetch.args(["--quiet", "--non-recursive", "dependency:copy", "-Dmdep.stripVersion=true"]);
    succeed(fetch.arg(format!("-Dartifact={R8}")).arg(format!("-DoutputDirectory={}", work.display())))
}

/// R8, as a release is built: it takes the rules in the tree, and fails where they leave something open.
fn shrink(work: &Path, rules: &Path, dex: &Path) -> Result<(), String> {
    let classes = work.join("classes.jar");
    let mut jar = Command::new("jar");
    jar.args(["--create", "--no-manifest", "--file"]).arg(&classes);
    for module in ["bindings", "app"] {
        jar.arg("-C").arg(android::folder().join(module).join("classes")).arg(".");
    }
    succeed(&mut jar)?;
    let mut r8 = Command::new("java");
    r8.args(["-Xmx3g", "-cp"]).arg(work.join("r8.jar")).arg("com.android.tools.r8.R8");
    r8.args(["--release", "--min-api", MIN_API]).arg("--output").arg(dex);
    r8.arg("--pg-conf").arg(rules).arg("--pg-conf").arg(android::project().join("app/proguard-rules.pro"));
    for library in entries(&work.join("libraries"))? {
        if library.file_name().is_some_and(|name| name == "android-all.jar") {
            r8.arg("--lib").arg(library);
        } else {
            r8.arg(library);
        }
    }
    // That one lacks Java's own classes; FrameworkMembersTest says which of them a phone has.
    succeed(r8.arg("--lib").arg(tools::java_home()?).arg(classes))
}

/// With a key that is forgotten at once.
fn sign(work: &Path, package: &Path) -> Result<PathBuf, String> {
    let keys = work.join("throw-away.p12");
    let mut key = Command::new("keytool");
    key.args([
        "-genkeypair",
        "-alias",
        "throw-away",
        "-keyalg",
        "EC",
        "-groupname",
        "secp256r1",
        "-storetype",
        "PKCS12",
    ]);
    key.args(["-dname", "CN=nobody", "-storepass", PASSWORD.trim_start_matches("pass:"), "-keystore"]);
    succeed(key.arg(&keys))?;
    let signed = work.join("signed.apk");
    let mut sign = Command::new("apksigner");
    sign.args(["sign", "--ks-pass", PASSWORD, "--ks"]).arg(&keys).arg("--out").arg(&signed);
    succeed(sign.arg(package))?;
    fs::remove_file(&keys).map_err(|error| format!("{}: {error}", keys.display()))?;
    succeed(Command::new("apksigner").args(["verify", "--verbose"]).arg(&signed))?;
    Ok(signed)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(entries.flatten().map(|entry| entry.path()).collect())
}
