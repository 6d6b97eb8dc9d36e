//! The Android app on a host: bindings, resources, Maven, and its tests under Robolectric.
//!
//! What Maven needs is fetched first; compiling and testing then go without a network.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use std::{env, io};

use crate::table::Row;
use crate::{arsc, bindings, cargo, namespace, root, succeed, target, tools};

/// On Windows Maven is a script.
const MAVEN: &str = if cfg!(windows) { "mvn.cmd" } else { "mvn" };

/// `cargo xtask android [ARGUMENTS]`: compiles and tests the app. Arguments are Maven's: `-Dtest=NAME`.
pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    tools::android()?;
    let alone = alone()?;
    prepare()?;
    let mut maven = offline();
    if arguments.iter().all(|argument| argument.starts_with('-')) {
        maven.arg("test");
    }
    build(&alone, maven.args(arguments))
}

/// `cargo xtask screens [--update]`: renders the screens and compares them with those of the documentation, or
/// replaces those.
pub(crate) fn screens(arguments: &[String]) -> Result<(), String> {
    let update = match arguments {
        [] => "false",
        [argument] if argument == "--update" => "true",
        _ => return Err("cargo xtask screens [--update]".to_owned()),
    };
    tools::android()?;
    let alone = alone()?;
    prepare()?;
    let mut maven = offline();
    maven.args(["test", "-Dtest=Screens*Test", "-Dsurefire.failIfNoSpecifiedTests=false"]);
    build(&alone, maven.arg(format!("-Dmadoguchi.screens.update={update}")))
}

/// The suite: how many of its tests passed and failed.
pub(crate) fn test() -> Row {
    let start = Instant::now();
    let mut row = Row::suite("android");
    let reports = folder().join("app/surefire-reports");
    let done = alone().and_then(|alone| {
        // Those of an earlier run tell nothing.
        let _ = fs::remove_dir_all(&reports);
        prepare()?;
        build(&alone, offline().arg("test"))
    });
    let (passed, failed) = counts(&reports);
    row.add(passed, failed, start.elapsed());
    if let Err(error) = done {
        eprintln!("android: {error}");
        // What does not compile has no report.
        row.failed = row.failed.max(1);
    } else if passed == 0 {
        eprintln!("android: no test ran");
        row.failed = 1;
    }
    row
}

/// The bindings compiled for a JVM: the class path of a program that calls the core.
pub(crate) fn classpath() -> Result<String, String> {
    tools::android()?;
    let alone = alone()?;
    bindings::generate()?;
    fetch()?;
    let classes = folder().join("bindings/classes");
    let jars = folder().join("bindings/classpath");
    let mut maven = offline();
    maven.args(["--quiet", "--projects", "bindings", "compile", "dependency:build-classpath"]);
    build(&alone, maven.arg(format!("-Dmdep.outputFile={}", jars.display())))?;
    let between = if cfg!(windows) { ';' } else { ':' };
    Ok(format!("{}{between}{}", classes.display(), read(&jars)?))
}

/// Waits until no other command of this kind works in the folder, and keeps others waiting.
pub(crate) fn alone() -> Result<File, String> {
    let file = folder().join("lock");
    let locked = fs::create_dir_all(folder()).and_then(|()| File::create(&file)).and_then(|lock| {
        lock.lock()?;
        Ok(lock)
    });
    locked.map_err(|error| format!("{}: {error}", file.display()))
}

/// Everything before Maven's own work: the core and its bindings, the sandbox, what Maven fetches, resources.
pub(crate) fn prepare() -> Result<(), String> {
    bindings::generate()?;
    succeed(cargo().args([
        "build",
        "--quiet",
        "--package",
        "madoguchi-sandbox-service",
        "--bin",
        "madoguchi-sandbox",
    ]))?;
    fetch()?;
    resources()
}

/// Maven, in the app's folder.
fn maven(mut maven: Command) -> Command {
    maven.current_dir(project());
    maven.arg(format!("-Dmadoguchi.target={}", target().display()));
    maven
}

/// Maven without a network; where a namespace can be made, without a way to one.
pub(crate) fn offline() -> Command {
    let inside = cfg!(target_os = "linux") && namespace::possible().is_ok();
    let mut maven = maven(if inside { namespace::inside(MAVEN) } else { Command::new(MAVEN) });
    maven.arg("--offline");
    maven
}

/// Maven with a network.
pub(crate) fn online() -> Command {
    maven(Command::new(MAVEN))
}

/// Has Maven compile something. It holds the lock as long as it works: whoever started it may be gone before.
///
/// Kotlin compiles only what changed, by what it remembers of the last time, and what it remembers is wrong when it was
/// cut off in the middle: then it misses names in thousands. So there is a mark while it works, and where an earlier
/// run has left one, everything is compiled anew.
pub(crate) fn build(alone: &File, maven: &mut Command) -> Result<(), String> {
    let lock = alone.try_clone().map_err(|error| format!("the lock: {error}"))?;
    build_in(&folder(), maven.stdin(lock))
}

fn build_in(folder: &Path, maven: &mut Command) -> Result<(), String> {
    const MADE: [&str; 5] =
        ["bindings/kotlin-ic", "bindings/classes", "app/kotlin-ic", "app/classes", "app/test-classes"];
    let mark = folder.join("compiling");
    if mark.exists() {
        println!("the last build was cut off: the app is compiled anew");
        MADE.iter().try_for_each(|made| forget(&folder.join(made)))?;
    }
    write(&mark, b"")?;
    let status = maven.status().map_err(|error| format!("{MAVEN} could not be started: {error}"))?;
    // 1: it worked to its end, and says that something fails. A signal, or a code that tells of one: it did not.
    if matches!(status.code(), Some(0 | 1)) {
        fs::remove_file(&mark).map_err(|error| format!("{}: {error}", mark.display()))?;
    }
    if status.success() { Ok(()) } else { Err(format!("{MAVEN} ended with {status}")) }
}

/// Removes a folder, if there is one.
fn forget(folder: &Path) -> Result<(), String> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(format!("{}: {error}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Fetches all that Maven needs, once for each state of the build files.
fn fetch() -> Result<(), String> {
    let mut state = String::new();
    for pom in ["pom.xml", "bindings/pom.xml", "stand-ins/pom.xml", "app/pom.xml"] {
        state += &read(&project().join(pom))?;
    }
    let (fetched, jars) = (folder().join("fetched"), folder().join("fetched-jars"));
    // Maven's cache is not ours: somebody may have emptied it.
    let there =
        fs::read_to_string(&jars).is_ok_and(|jars| env::split_paths(jars.trim()).all(|jar| jar.exists()));
    if there && fs::read_to_string(&fetched).is_ok_and(|before| before == state) {
        return Ok(());
    }
    println!("fetching what the Android build needs (some 700 MB, once; into Maven's own cache)");
    succeed(online().args(["--quiet", "dependency:go-offline", "dependency:unpack@framework"]))?;
    // What a plugin names as its dependency is fetched only when the plugin starts.
    succeed(online().args(["--quiet", "--non-recursive", "surefire:test", "-DskipTests"]))?;
    // The two large ones, by which it is seen whether they are still there.
    let mut list = online();
    list.args(["--quiet", "--projects", "stand-ins", "dependency:build-classpath"]);
    succeed(list.arg(format!("-Dmdep.outputFile={}", jars.display())))?;
    write(&fetched, state.as_bytes())
}

/// Compiles `res` and the manifest: `resources.apk` for Robolectric, and `R.java`.
fn resources() -> Result<(), String> {
    let code = folder().join("app/generated-sources/r");
    fs::create_dir_all(&code).map_err(|error| format!("{}: {error}", code.display()))?;
    link(&[OsStr::new("--java"), code.as_os_str()], &folder().join("app/resources.apk"))
}

/// Links what the app has besides its code, into this file.
pub(crate) fn link(more: &[&OsStr], linked: &Path) -> Result<(), String> {
    let out = folder().join("app");
    let pom = read(&project().join("pom.xml"))?;
    let property = |name: &str| property(&pom, name).ok_or_else(|| format!("android/pom.xml has no {name}"));
    // As Gradle does: the source says what the app is, the build file how it is called.
    let source = read(&project().join("app/src/main/AndroidManifest.xml"))?;
    let package = format!("<manifest package=\"{}\"", property("madoguchi.applicationId")?);
    let manifest = out.join("AndroidManifest.xml");
    write(&manifest, source.replacen("<manifest", &package, 1).as_bytes())?;

    let compiled = out.join("resources.zip");
    let mut compile = Command::new("aapt2");
    compile.arg("compile").arg("--dir").arg(project().join("app/src/main/res"));
    succeed(compile.arg("-o").arg(&compiled))?;
    let mut link = Command::new("aapt2");
    link.arg("link").arg("-I").arg(framework()?).arg("--manifest").arg(&manifest).arg("--auto-add-overlay");
    for (option, name) in [
        ("--min-sdk-version", "madoguchi.minSdk"),
        ("--target-sdk-version", "madoguchi.targetSdk"),
        ("--version-code", "madoguchi.versionCode"),
    ] {
        link.args([option, property(name)?]);
    }
    link.args(["--version-name", env!("CARGO_PKG_VERSION")]).args(more);
    succeed(link.arg("-o").arg(linked).arg(compiled))
}

/// What `aapt2` links against: the resources of the Android that the tests run.
fn framework() -> Result<PathBuf, String> {
    let folder = folder().join("framework");
    let framework = folder.join("framework.apk");
    if !framework.exists() {
        let plain = folder.join("plain");
        let file = folder.join("resources.arsc");
        let table = fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let table = arsc::plain(&table).ok_or_else(|| format!("{} is no resource table", file.display()))?;
        write(&plain.join("resources.arsc"), &table)?;
        let part = folder.join("framework.part");
        let mut jar = Command::new("jar");
        jar.args(["--create", "--no-compress", "--no-manifest", "--file"]).arg(&part);
        jar.arg("-C").arg(&plain).arg("resources.arsc").arg("-C").arg(&folder).arg("AndroidManifest.xml");
        succeed(&mut jar)?;
        fs::rename(part, &framework).map_err(|error| format!("{}: {error}", framework.display()))?;
    }
    Ok(framework)
}

/// Tests that passed and failed, as Surefire reports them.
fn counts(reports: &Path) -> (u32, u32) {
    let files = fs::read_dir(reports).into_iter().flatten().flatten().map(|entry| entry.path());
    files
        .filter(|file| file.extension().is_some_and(|extension| extension == "xml"))
        .filter_map(|file| suite(&fs::read_to_string(file).ok()?))
        .fold((0, 0), |(passed, failed), (also_passed, also_failed)| {
            (passed + also_passed, failed + also_failed)
        })
}

/// Passed and failed of one report: the attributes of its first element.
fn suite(report: &str) -> Option<(u32, u32)> {
    let element = report.split_once("<testsuite ")?.1.split_once('>')?.0;
    let number = |name: &str| -> Option<u32> {
        element.split_once(&format!(" {name}=\""))?.1.split_once('"')?.0.parse().ok()
    };
    let failed = number("errors")? + number("failures")?;
    Some((number("tests")?.checked_sub(failed + number("skipped")?)?, failed))
}

/// A property of a Maven project.
pub(crate) fn property<'a>(pom: &'a str, name: &str) -> Option<&'a str> {
    Some(pom.split_once(&format!("<{name}>"))?.1.split_once("</")?.0)
}

/// The app's project.
pub(crate) fn project() -> PathBuf {
    root().join("android")
}

/// Where it is built.
pub(crate) fn folder() -> PathBuf {
    target().join("android")
}

fn read(file: &Path) -> Result<String, String> {
    fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}

/// Writes a file and the folders that it needs.
fn write(file: &Path, content: &[u8]) -> Result<(), String> {
    let written = file.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(file, content));
    written.map_err(|error| format!("{}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::{property, suite};

    #[cfg(unix)]
    #[test]
    fn a_build_that_was_cut_off_is_forgotten_and_one_that_failed_is_not() {
        use super::{Command, build_in, fs};

        let folder = std::env::temp_dir().join(format!("madoguchi-build-{}", std::process::id()));
        let kept = folder.join("app/kotlin-ic/caches");
        fs::create_dir_all(&kept).expect("a folder");
        let ended = |how: &str| build_in(&folder, Command::new("sh").args(["-c", how])).is_ok();

        assert!(ended("true"));
        assert!(!ended("exit 1"), "a test failed");
        assert!(ended("true"));
        assert!(kept.exists());
        for cut in ["kill -9 $$", "exit 130"] {
            fs::create_dir_all(&kept).expect("a folder");
            assert!(!ended(cut));
            assert!(kept.exists(), "nothing was looked at yet");
            assert!(ended("true"));
            assert!(!kept.exists(), "{cut}");
        }
        fs::remove_dir_all(folder).expect("our own folder");
    }

    #[test]
    fn a_report_is_counted() {
        let report = "<?xml version=\"1.0\"?>\n<testsuite xmlns:xsi=\"…\" version=\"3.0.2\" name=\"jp.madoguchi.app.StartTest\" \
                      time=\"25.1\" tests=\"7\" errors=\"1\" skipped=\"1\" failures=\"2\">\n  <properties>";
        assert_eq!(suite(report), Some((3, 3)));
        assert_eq!(suite("<testsuite name=\"cut\">"), None);
    }

    #[test]
    fn a_property_is_found() {
        assert_eq!(property("<properties><a.b>28</a.b></properties>", "a.b"), Some("28"));
        assert_eq!(property("<properties/>", "a.b"), None);
    }
}
