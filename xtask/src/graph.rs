//! What must never reach the app: the sandbox with its test roots, and a second RSA.
//!
//! `deny.toml` looks at a banned crate's direct dependents only; this looks at all that an app would link.

use std::fs;

use crate::{cargo, root};

/// Crates that neither `core` nor a shell nor the bindings may depend on, near or far, outside its tests.
const FOREIGN: [&str; 2] = ["madoguchi-sandbox-", "rsa "];

pub(crate) fn check() -> Result<(), String> {
    let core = root().join("core");
    let entries = fs::read_dir(&core).map_err(|error| format!("{}: {error}", core.display()))?;
    let folders = entries
        .flatten()
        .map(|entry| entry.path())
        .chain(["bindings", "desktop"].map(|shell| root().join(shell)));
    let mut found = Vec::new();
    for folder in folders {
        let mut tree = cargo();
        tree.args(["tree", "--quiet", "--edges", "normal,build", "--prefix", "none", "--manifest-path"]);
        let output = tree.arg(folder.join("Cargo.toml")).output().map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(format!("cargo tree: {}", String::from_utf8_lossy(&output.stderr)));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let foreign = text.lines().filter(|line| FOREIGN.iter().any(|name| line.starts_with(name)));
        found
            .extend(foreign.map(|line| {
                format!("{} → {line}", folder.strip_prefix(root()).unwrap_or(&folder).display())
            }));
    }
    if found.is_empty() { Ok(()) } else { Err(format!("in the app's graph:\n  {}", found.join("\n  "))) }
}
