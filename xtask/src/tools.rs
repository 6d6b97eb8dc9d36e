//! Programs that the commands need: found, installed where we may, or named with the way to install them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{cargo, namespace, succeed};

/// The version that `check` was written for.
const CARGO_DENY: &str = "0.20.2";

/// The Java that the Android build asks for.
const ANDROID_JAVA: u32 = 17;

/// What the bench needs, and the Debian packages that bring it.
const BENCH: [(&str, &str); 8] = [
    ("/usr/sbin/pcscd", "pcscd"),
    ("/usr/lib/pcsc/drivers/serial/libifdvpcd.so", "vsmartcard-vpcd"),
    ("/usr/bin/vicc", "vsmartcard-vpicc"), // other cards
    ("/usr/bin/pkcs11-tool", "opensc"),
    ("/usr/bin/openssl", "openssl"),
    ("/usr/bin/unshare", "util-linux"),
    ("/usr/bin/script", "bsdutils"), // a terminal to type on
    ("/usr/sbin/ip", "iproute2"),
];

/// A C compiler: ring and SQLite bring C sources along. On Windows it comes with the linker that Rust needs.
pub(crate) fn c_compiler() -> Result<(), String> {
    if cfg!(windows) || std::env::var_os("CC").is_some() || found("cc") {
        return Ok(());
    }
    debian("cc", &["gcc", "libc6-dev"])
}

/// What linking against PC/SC needs (`desktop`): libpcsclite on Linux; elsewhere it is part of the system.
pub(crate) fn pcsc_library() -> Result<(), String> {
    let there = || {
        let probe = Command::new("pkg-config").args(["--exists", "libpcsclite"]).status();
        probe.is_ok_and(|status| status.success())
    };
    if !cfg!(target_os = "linux") || std::env::var_os("PCSC_LIB_DIR").is_some() || there() {
        return Ok(());
    }
    debian("libpcsclite", &["pkgconf", "libpcsclite-dev"])
}

/// What `tests/interop` runs: a PC/SC daemon with a virtual reader, and the programs of others.
pub(crate) fn pcsc_bench() -> Result<(), String> {
    if !cfg!(target_os = "linux") {
        return Err("the virtual PC/SC reader (vsmartcard) is set up for Linux only".to_owned());
    }
    for (file, package) in BENCH {
        if !Path::new(file).exists() {
            let packages: Vec<_> = BENCH.iter().map(|(_, package)| *package).collect();
            debian(package, &packages)?;
            break;
        }
    }
    namespace::possible()
}

/// What the Android app is built with on a host, besides what Maven fetches.
pub(crate) fn android() -> Result<(), String> {
    let wanted = [("javac", "openjdk-17-jdk-headless"), ("mvn", "maven"), ("aapt2", "aapt")];
    for (program, package) in wanted {
        if !there(program) {
            debian(program, &[package])?;
        }
    }
    let version =
        Command::new("javac").arg("-version").output().map_err(|error| format!("javac: {error}"))?;
    match java_major(&String::from_utf8_lossy(&version.stdout)) {
        Some(major) if major >= ANDROID_JAVA => Ok(()),
        _ => {
            Err(format!("`javac` is not of Java {ANDROID_JAVA} or newer; JAVA_HOME and PATH say which it is"))
        }
    }
}

/// What packs and signs an Android package, besides what the app is built with.
pub(crate) fn apk() -> Result<(), String> {
    for (program, package) in [("zipalign", "zipalign"), ("apksigner", "apksigner")] {
        if !there(program) {
            debian(program, &[package])?;
        }
    }
    Ok(())
}

/// Debian's `sid` with these packages in a folder of its own, which [`sid`] names: some 2.5 GB.
pub(crate) fn android_root(packages: &str) -> Result<(), String> {
    // The last thing that is written to it.
    let made = sid().join("made-of");
    if std::fs::read_to_string(&made).is_ok_and(|before| before == packages) {
        return Ok(());
    }
    if !there("mmdebstrap") {
        debian("mmdebstrap", &["mmdebstrap"])?;
    }
    println!("making a root of Debian sid in {} (some 2.5 GB, once)", sid().display());
    if sid().exists() {
        std::fs::remove_dir_all(sid()).map_err(|error| format!("{}: {error}", sid().display()))?;
    }
    std::fs::create_dir_all(cache()).map_err(|error| format!("{}: {error}", cache().display()))?;
    let mirror = debian_mirror().ok_or("no Debian mirror is named in /etc/apt")?;
    let source = format!("deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] {mirror} sid main");
    let mut command = Command::new("mmdebstrap");
    // A mirror may lag behind.
    command.args(["--quiet", "--variant=apt", "--aptopt=Acquire::Check-Valid-Until \"false\""]);
    command.arg("--aptopt=APT::Install-Recommends \"false\"").arg(format!("--include={packages}"));
    succeed(command.arg("sid").arg(sid()).arg(source))?;
    std::fs::write(&made, packages).map_err(|error| format!("{}: {error}", made.display()))
}

/// Where that root lies.
pub(crate) fn sid() -> PathBuf {
    cache().join("sid")
}

/// The mirror that this machine itself uses.
fn debian_mirror() -> Option<String> {
    let new = std::fs::read_to_string("/etc/apt/sources.list.d/debian.sources").unwrap_or_default();
    let old = std::fs::read_to_string("/etc/apt/sources.list").unwrap_or_default();
    let named = new.lines().find_map(|line| line.strip_prefix("URIs:"));
    let listed = || {
        old.lines().find_map(|line| line.strip_prefix("deb ")?.split(' ').find(|word| word.contains("://")))
    };
    Some(named.or_else(listed)?.split_whitespace().next()?.to_owned())
}

/// `cargo-deny`, built once into the cache folder.
pub(crate) fn cargo_deny() -> Result<PathBuf, String> {
    let folder = cache().join("cargo-deny").join(CARGO_DENY);
    let program = folder.join("bin").join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    if !program.exists() {
        println!("building cargo-deny {CARGO_DENY} once, into the cache folder");
        let mut install = cargo();
        // Away from the workspace, so that its profile and lock do not reach the tool.
        install.current_dir(std::env::temp_dir());
        install.args(["install", "cargo-deny", "--locked", "--quiet", "--version", CARGO_DENY, "--root"]);
        let by_hand =
            format!("cargo install cargo-deny --locked --version {CARGO_DENY} --root {}", folder.display());
        succeed(install.arg(&folder)).map_err(|error| format!("{error}\nby hand: {by_hand}"))?;
    }
    Ok(program)
}

/// Where big downloads and built tools go: outside the tree, shared by checkouts.
pub(crate) fn cache() -> PathBuf {
    let variable = |name| std::env::var_os(name).map(PathBuf::from);
    variable("MADOGUCHI_CACHE")
        .or_else(|| variable("XDG_CACHE_HOME").map(|folder| folder.join("madoguchi")))
        .or_else(|| variable("HOME").map(|folder| folder.join(".cache/madoguchi")))
        .or_else(|| variable("LOCALAPPDATA").map(|folder| folder.join("madoguchi")))
        .unwrap_or_else(|| std::env::temp_dir().join("madoguchi"))
}

fn found(program: &str) -> bool {
    let quiet = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success())
}

/// Whether there is such a program, whatever it says.
fn there(program: &str) -> bool {
    Command::new(program).arg("--version").stdin(Stdio::null()).output().is_ok()
}

/// The major version in `javac 17.0.15`, or in `javac 1.8.0_392`.
fn java_major(version: &str) -> Option<u32> {
    let version = version.trim().strip_prefix("javac ")?;
    version.strip_prefix("1.").unwrap_or(version).split(['.', '-', '+']).next()?.parse().ok()
}

/// Installs packages as root on Debian, and says so; elsewhere names the command.
fn debian(program: &str, packages: &[&str]) -> Result<(), String> {
    let by_hand = format!("`{program}` is missing. On Debian: apt-get install {}", packages.join(" "));
    let root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout.trim_ascii() == b"0");
    if !root || !Path::new("/etc/debian_version").exists() {
        return Err(by_hand);
    }
    println!("installing {} for `{program}` (root on Debian)", packages.join(", "));
    succeed(Command::new("apt-get").args(["update", "-qq"]))?;
    succeed(Command::new("apt-get").args(["install", "-qq", "-y", "--no-install-recommends"]).args(packages))
        .map_err(|error| format!("{error}\n{by_hand}"))
}

#[cfg(test)]
mod tests {
    use super::java_major;

    #[test]
    fn a_java_says_its_version() {
        assert_eq!(java_major("javac 17.0.15\n"), Some(17));
        assert_eq!(java_major("javac 25-ea"), Some(25));
        assert_eq!(java_major("javac 1.8.0_392"), Some(8));
        assert_eq!(java_major("no java"), None);
    }
}
