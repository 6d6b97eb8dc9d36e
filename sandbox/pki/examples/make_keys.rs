//! Makes the test keys that are missing: of the CAs (this crate's `keys/`) and of the named persons.
//!
//! `cargo run -p madoguchi-sandbox-pki --example make_keys`
//!
//! A key that is there stays. This crate compiles its own keys in, so a new one begins as an empty file.

use std::path::Path;
use std::{fs, io};

use sandbox_pki::{CARD_KEYS, TestKey};

const AUTHORITIES: [&str; 7] = [
    "authentication-ca-1",
    "authentication-ca-2",
    "authentication-ca-3",
    "impostor-ca",
    "signature-ca",
    "surface-anchor",
    "surface-issuer",
];

fn main() -> io::Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in AUTHORITIES {
        make(&here.join("keys").join(name).with_extension("pem"), &["CA"])?;
    }
    let persons = here.join("../persons");
    for entry in fs::read_dir(&persons)? {
        let path = entry?.path();
        if let (Some("toml"), Some(slug)) =
            (path.extension().and_then(|extension| extension.to_str()), path.file_stem())
        {
            make(&persons.join("keys").join(slug).with_extension("pem"), &CARD_KEYS)?;
        }
    }
    Ok(())
}

fn make(path: &Path, purposes: &[&str]) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|file| file.len() > 0) {
        return Ok(());
    }
    println!("{}", path.display());
    fs::write(path, TestKey::new_file(purposes))
}
