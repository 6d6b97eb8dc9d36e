//! The core for `aarch64-linux-android`, without an NDK: does it type-check, and how large would it be?
//!
//! Android's standard library for Rust is not at hand either, so that of Debian's `rust-src` is built along. Debian's
//! `sid` has compiler, sources and LLVM of one version; it lies in a root of its own in the cache folder. The library
//! that is linked has no C library behind it: it is measured, and never loaded.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::{bindings, root, succeed, target, tools};

/// The most that the core may take of a phone.
const MOST: u64 = 4_000_000;

/// What the root is made of.
const PACKAGES: &str = "rustc,cargo,rust-src,clang,lld,llvm,musl-dev,gcc,libc6-dev,ca-certificates";

const TARGET: &str = "aarch64-linux-android";

/// Runs inside the root. Empty libraries stand for those of Android, under the names by which they are linked; what
/// they would bring stays undefined.
pub(crate) const BUILD: &str = "\
    set -eu
    export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc
    mkdir -p /out/stubs
    cd /out/stubs
    for library in c m dl log; do
        clang --target=aarch64-linux-android28 -fuse-ld=lld -shared -nostdlib \
            -Wl,-soname,lib$library.so -o lib$library.so -x c /dev/null
    done
    for library in unwind gcc; do llvm-ar crs lib$library.a; done
    printf '%s\\n' '#!/bin/sh' \
        'exec clang --target=aarch64-linux-android28 -fuse-ld=lld -nostdlib -L /out/stubs \
            -Wl,--unresolved-symbols=ignore-all -Wl,-z,max-page-size=16384 \"$@\"' >/out/android-clang
    chmod +x /out/android-clang
    export CC_aarch64_linux_android=clang AR_aarch64_linux_android=llvm-ar
    export CFLAGS_aarch64_linux_android='--target=aarch64-linux-android28 -isystem /usr/include/x86_64-linux-musl'
    export CARGO_TARGET_AARCH64_LINUX_ANDROID_LINKER=/out/android-clang CARGO_TARGET_DIR=/out/target
    cd /project
    cargo \"$@\" --quiet --locked -Zbuild-std=std,panic_unwind --target aarch64-linux-android
    llvm-strip -o /out/libmadoguchi.so /out/target/aarch64-linux-android/phone/libmadoguchi.so
    llvm-readelf --program-headers /out/libmadoguchi.so | grep LOAD";

/// Mounts, which vanish with the process, and the root around it.
const ENTER: &str = "\
    set -eu
    mount -t proc proc \"$1/proc\"
    mount --rbind /dev \"$1/dev\"
    mkdir -p \"$1/project\" \"$1/out\" \"$1/root/.cargo\"
    mount --bind \"$2\" \"$1/project\"
    mount -o remount,bind,ro \"$1/project\"
    mount --bind \"$3\" \"$1/out\"
    mount --bind \"$4\" \"$1/root/.cargo\"
    for folder in /etc/ssl/certs /usr/local/share/ca-certificates; do
        if [ -d \"$folder\" ]; then mkdir -p \"$1$folder\" && mount --bind \"$folder\" \"$1$folder\"; fi
    done
    cp /etc/resolv.conf \"$1/etc/resolv.conf\"
    root=$1
    build=$5
    shift 5
    exec chroot \"$root\" sh -c \"$build\" sh \"$@\"";

pub(crate) fn check() -> Result<(), String> {
    tools::android_root(PACKAGES)?;
    let out = target().join("android/native");
    fs::create_dir_all(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    let cargo_home = tools::cache().join("cargo-of-sid");
    fs::create_dir_all(&cargo_home).map_err(|error| format!("{}: {error}", cargo_home.display()))?;
    println!("building the core for {TARGET}, with a standard library of its own (minutes)");
    let mut build = Command::new("unshare");
    build.args(["--mount", "--pid", "--fork", "sh", "-c", ENTER, "sh"]);
    build.arg(tools::sid()).arg(root()).arg(&out).arg(&cargo_home).arg(BUILD);
    succeed(build.args(bindings::PHONE))?;
    measure(&out.join("libmadoguchi.so"))
}

fn measure(library: &Path) -> Result<(), String> {
    let size = fs::metadata(library).map_err(|error| format!("{}: {error}", library.display()))?.len();
    println!("{size:>10} bytes  {} (stripped)", library.display());
    if size <= MOST { Ok(()) } else { Err(format!("the core for a phone is larger than {MOST} bytes")) }
}
