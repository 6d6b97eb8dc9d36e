//! Makes the test keys that are missing: of the CAs, the card issuers and every card (this crate's `keys/`) and of the named persons.
//!
//! `cargo run -p madoguchi-sandbox-pki --example make_keys`
//!
//! A key that is there stays. This crate compiles its own keys in, so a new one begins as an empty file.

use std::path::Path;
use std::{fs, io};

use sandbox_pki::{CARD_KEYS, TestKey};

/// Each file of `keys/`, and what its key is.
const KEPT: [(&str, &str); 15] = [
    ("authentication-ca-1", "CA"),
    ("authentication-ca-2", "CA"),
    ("authentication-ca-3", "CA"),
    ("card-common-authentication", "every card's (共通カードAP 0019)"),
    ("card-text-input-messaging", "every card's (券面事項入力補助AP, EF 0006)"),
    ("card-text-input-signature", "every card's (券面事項入力補助AP 0013)"),
    ("impostor-ca", "CA"),
    ("master-anchor", "card issuer (9000020)"),
    ("master-intermediate", "card issuer (9900130)"),
    ("master-leaf", "card issuer (9000050)"),
    ("signature-ca", "CA"),
    ("surface-anchor", "card issuer (9000023)"),
    ("surface-issuer", "card issuer (9900121)"),
    ("text-input-anchor", "card issuer (9000033)"),
    ("text-input-issuer", "card issuer (9900131)"),
];

fn main() -> io::Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, purpose) in KEPT {
        make(&here.join("keys").join(name).with_extension("pem"), &[purpose])?;
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
