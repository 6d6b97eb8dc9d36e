//! A network and a mount namespace of their own (Linux), where only loopback is up and `/run` is empty.
//!
//! vsmartcard's vpcd listens on every address, and pcscd has one fixed folder for its socket: in here neither
//! reaches, nor disturbs, the machine around it. All tests run in it where it can be made, so that none of them
//! reaches further than loopback either.

use std::ffi::OsStr;
use std::process::Command;

/// Says to whoever runs inside that it is so.
const INSIDE: &str = "MADOGUCHI_NAMESPACE";

/// Prepares the namespaces, then becomes the program that was asked for. Drivers of real readers are covered: a
/// namespace does not hide the USB, and no test may ever meet somebody's own card.
const PREPARE: &str = "\
    mount -t tmpfs tmpfs /run && mkdir -p /run/pcscd && ip link set lo up || exit
    for driver in /usr/lib/pcsc/drivers/*.bundle; do
        if [ -d \"$driver\" ]; then mount -t tmpfs tmpfs \"$driver\" || exit; fi
    done
    exec \"$@\"";

/// A command that runs `program` inside.
pub(crate) fn inside(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("unshare");
    // Whoever is not root is root in here: mounting needs it.
    command.args(["--map-root-user", "--net", "--mount", "sh", "-c", PREPARE, "sh"]);
    command.arg(program).env(INSIDE, "1");
    command
}

/// Whether they can be made on this machine.
pub(crate) fn possible() -> Result<(), String> {
    let tried = inside("true").output();
    match tried {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!(
            "this machine lets nobody make a namespace: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        )),
        Err(error) => Err(format!("unshare could not be started: {error}")),
    }
}
