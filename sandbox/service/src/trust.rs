//! Options of `up`: which attestations of phones the service believes.

use std::path::{Path, PathBuf};

use clap::Args;
use pki::attestation::{App, Trust};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use sandbox_pki::attestation::{PACKAGE, SIGNER, root};
use serde::Deserialize;

use crate::attest::hex;

#[derive(Args)]
pub(crate) struct TrustOptions {
    /// A root, PEM, of attestations that are believed, in place of the test root; may be given several times.
    #[arg(long = "attestation-root", value_name = "FILE")]
    roots: Vec<PathBuf>,
    /// An app, and the SHA-256 of its signing certificate, in place of the product's with the test signer; may be given
    /// several times.
    #[arg(long = "attestation-app", value_name = "PACKAGE=HEX", value_parser = app)]
    apps: Vec<App>,
    /// A list of revoked attestation keys, in the JSON in which the status list for Android is published. It is read once,
    /// when the service starts.
    #[arg(long = "attestation-revoked", value_name = "FILE")]
    revoked: Option<PathBuf>,
    /// Look at no attestation: devices that send one are enrolled, and attested to nobody.
    #[arg(long, conflicts_with_all = ["roots", "apps", "revoked"])]
    no_attestation: bool,
}

/// A file that is not what the option wants.
pub(crate) struct Unusable(pub(crate) PathBuf);

/// `{"entries": {"serial number, hexadecimal": {"status": "REVOKED"}}}`; only what is not in order has an entry.
#[derive(Deserialize)]
struct StatusList {
    entries: serde_json::Map<String, serde_json::Value>,
}

impl TrustOptions {
    /// What the service is to believe.
    pub(crate) fn trust(self) -> Result<Option<Trust>, Unusable> {
        if self.no_attestation {
            return Ok(None);
        }
        let mut roots = Vec::new();
        for file in &self.roots {
            roots.extend(certificates(file).ok_or_else(|| Unusable(file.clone()))?);
        }
        if roots.is_empty() {
            roots.push(root().to_vec());
        }
        let mut apps = self.apps;
        if apps.is_empty() {
            apps.push(App { package: PACKAGE.to_owned(), signer: SIGNER });
        }
        let revoked = match &self.revoked {
            Some(file) => revoked(file).ok_or_else(|| Unusable(file.clone()))?,
            None => Vec::new(),
        };
        let trust = Trust::new(roots.iter().map(Vec::as_slice), apps, revoked);
        let culprit = || Unusable(self.roots.first().cloned().unwrap_or_default());
        Ok(Some(trust.map_err(|_| culprit())?))
    }
}

fn certificates(file: &Path) -> Option<Vec<Vec<u8>>> {
    let found = CertificateDer::pem_file_iter(file).ok()?;
    let found: Vec<_> = found.map(|der| Some(der.ok()?.to_vec())).collect::<Option<_>>()?;
    (!found.is_empty()).then_some(found)
}

fn revoked(file: &Path) -> Option<Vec<Vec<u8>>> {
    let list: StatusList = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
    // A number of an odd count of digits has lost its leading zero.
    let serial = |text: &String| hex(&format!("{:0>1$}", text, text.len().next_multiple_of(2))).ok();
    list.entries.keys().map(|text| Some(serial(text)?.0)).collect()
}

fn app(text: &str) -> Result<App, &'static str> {
    let (package, signer) = text.split_once('=').ok_or("PACKAGE=HEX is needed")?;
    let signer = hex(signer)?.0.try_into().map_err(|_| "a SHA-256 has 64 hexadecimal digits")?;
    Ok(App { package: package.to_owned(), signer })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_form_of_the_list_is_read() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("status.json");
        let text = r#"{"entries": {"e9903": {"status": "REVOKED", "reason": "KEY_COMPROMISE"},
                                   "00ff": {"status": "SUSPENDED", "expires": "2030-11-13"}}}"#;
        std::fs::write(&file, text).expect("written");
        let mut found = revoked(&file).expect("readable");
        found.sort();
        assert_eq!(found, [vec![0x00, 0xFF], vec![0x0E, 0x99, 0x03]]);
        for wrong in ["", "{}", r#"{"entries": {"xyz": {}}}"#] {
            std::fs::write(&file, wrong).expect("written");
            assert!(revoked(&file).is_none(), "{wrong}");
        }
    }

    #[test]
    fn an_app_is_named_with_its_signer() {
        let digest = "25".repeat(32);
        let found = app(&format!("jp.madoguchi.test={digest}")).expect("right");
        assert_eq!(found, App { package: "jp.madoguchi.test".to_owned(), signer: [0x25; 32] });
        assert!(app("jp.madoguchi.test").is_err() && app("a=25").is_err() && app("a=2").is_err());
    }
}
