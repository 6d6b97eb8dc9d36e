//! Programs that the commands need: found, installed where we may, or named with the way to install them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{cargo, namespace, succeed};

/// The version that `check` was written for.
const CARGO_DENY: &str = "0.20.2";

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
fn cache() -> PathBuf {
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
