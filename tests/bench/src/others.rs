//! Programs that others wrote, run for real: through PC/SC and a real pcscd, in the namespace of `cargo xtask`.
//!
//! Each gets the card as new, and what it gives is checked before it counts: a certificate that is the card's, a
//! signature that OpenSSL verifies.

use interop::{Daemon, Slot};
use myna_card::ap::jpki::{JpkiAp, SignatureScheme};
use myna_card::transport::pcsc::{Sharing, connect};
use sandbox_reader::{Inserted, Interface, Plugged};

use crate::{Job, Run, TODAY, person};

/// The PIN of every test card.
const PIN: &str = "1234";

const MESSAGE: &[u8] = b"What the card signs for the bench";

/// OpenSC knows a card by asking for every other kind of card first. A site may name the driver instead.
const NAMED_DRIVER: &str = "OPENSC_DRIVER=jpki";

/// Runs them all. Or says why it cannot.
///
/// # Panics
///
/// If a program does not do its job: then the card is not right, or the bench.
pub fn others() -> Result<Vec<Run>, String> {
    if std::env::var_os("MADOGUCHI_NAMESPACE").is_none_or(|inside| inside != "1") {
        return Err("they need a namespace with pcscd: cargo xtask bench tap".to_owned());
    }
    let certificate = person(|_| {}).certificate(TODAY);
    let daemon = Daemon::start();
    let plugged = Plugged::new(person(|_| {}).personalise(TODAY), Interface::Contactless);
    let inserted = daemon.insert(Slot::First, plugged);
    let programs = Programs { daemon: &daemon, inserted: &inserted, certificate: &certificate };
    let opensc = programs.opensc_version();
    Ok(vec![
        programs.myna_card(),
        programs.pkcs15_tool(&opensc),
        programs.pkcs15_crypt(&opensc),
        programs.pkcs11_tool(&opensc, None),
        programs.pkcs11_tool(&opensc, Some(NAMED_DRIVER)),
    ])
}

struct Programs<'a> {
    daemon: &'a Daemon,
    inserted: &'a Inserted<Plugged>,
    certificate: &'a [u8],
}

impl Programs<'_> {
    /// What the card was asked while the program ran.
    fn run(&self, name: String, job: Job, program: impl FnOnce()) -> Run {
        self.inserted.with(|plugged| {
            plugged.card.power_off();
            plugged.card.power_on();
            plugged.card.clear_transcript();
        });
        program();
        self.inserted.with(|plugged| Run::new(name, job, plugged.card.transcript()))
    }

    /// `OpenSC 0.23.0`.
    fn opensc_version(&self) -> String {
        let info = self.daemon.run("opensc-tool", &["--info"]).succeeded().stdout_text();
        info.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
    }

    fn assert_signed(&self, signature: &[u8]) {
        assert!(self.daemon.verifies(self.certificate, MESSAGE, signature), "it verifies");
    }

    /// The crate in the shortest way that it offers. Its front page has the signature checked as well, for which it
    /// reads the certificate a second time. It does not read the counter.
    fn myna_card(&self) -> Run {
        // The version is pinned in the workspace's manifest.
        self.run("myna-card 3.3.4, certificate and signature".to_owned(), Job::Both, || {
            let reader = Slot::First.reader().to_str().expect("ASCII");
            let mut card = connect(reader, Sharing::Exclusive).expect("a card");
            let mut jpki = JpkiAp::select(&mut card).expect("the JPKI AP");
            let certificate = jpki.read_auth_certificate_der().expect("the certificate");
            let pin = myna_card::Pin::numeric(PIN).expect("digits");
            jpki.verify_auth_pin(&pin).expect("the right PIN");
            let signature = jpki.sign_with_auth_key(SignatureScheme::Sha256DigestInfo, MESSAGE);
            assert!(certificate == self.certificate, "it is the card's");
            self.assert_signed(&signature.expect("a signature"));
        })
    }

    fn pkcs15_tool(&self, opensc: &str) -> Run {
        self.run(format!("{opensc}: pkcs15-tool --read-certificate"), Job::Certificate, || {
            let pem = self.daemon.run("pkcs15-tool", &["--read-certificate", "1"]).succeeded().stdout;
            assert!(self.daemon.der(&pem) == self.certificate, "it is the card's");
        })
    }

    fn pkcs15_crypt(&self, opensc: &str) -> Run {
        let message = self.daemon.file("message", MESSAGE);
        let hash = self.daemon.run("openssl", &["dgst", "-sha256", "-binary", &message]).succeeded().stdout;
        let hash = self.daemon.file("hash", hash);
        self.run(format!("{opensc}: pkcs15-crypt --sign"), Job::Signature, || {
            let what = ["--sign", "--pkcs1", "--sha-256", "--raw", "--input", &hash];
            let arguments = [&what[..], &["--key", "1", "--pin", PIN]].concat();
            let signature = self.daemon.run("pkcs15-crypt", &arguments).succeeded().stdout;
            self.assert_signed(&signature);
        })
    }

    /// A signature. It reads certificates on the way, so it is compared with the list that brings both.
    fn pkcs11_tool(&self, opensc: &str, driver: Option<&str>) -> Run {
        let named = driver.map_or("", |_| ", driver named");
        let (message, signature) = (self.daemon.file("message", MESSAGE), self.daemon.file("signature", ""));
        self.run(format!("{opensc}: pkcs11-tool --login --sign{named}"), Job::Both, || {
            let what = ["pkcs11-tool", "--login", "--pin", PIN, "--sign", "--id", "01"];
            let how =
                ["--mechanism", "SHA256-RSA-PKCS", "--input-file", &message, "--output-file", &signature];
            let arguments: Vec<&str> = driver.into_iter().chain(what).chain(how).collect();
            let _ = self.daemon.run("env", &arguments).succeeded();
            self.assert_signed(&std::fs::read(&signature).expect("the program wrote it"));
        })
    }
}
