//! The three: each reads the certificate and signs once, after the PIN.

use std::fs;
use std::sync::Arc;

use counter::{Failure, Language};
use desktop::Readers;
use jpki::{CardProof, Evidence, Interrupted, Method, Tap, TapError};
use myna_card::Error;
use myna_card::ap::jpki::{JpkiAp, SignatureScheme};
use myna_card::transport::pcsc::{Sharing, connect_any};
use secret::Pin;

use super::lab::{Lab, MESSAGE};
use crate::stand;

/// What was asked for, or what is told instead to staff or to whoever calls.
pub(super) type Outcome = Result<Vec<u8>, String>;

/// A program that reads 利用者証明用電子証明書 and signs with its key.
pub(super) trait Program {
    /// Reads 利用者証明用電子証明書 (DER) from the card in the first reader.
    fn certificate(&mut self, lab: &Lab) -> Outcome;

    /// A signature over [`MESSAGE`] by its key, with the certificate read on the way where the program likes to.
    fn sign(&mut self, lab: &Lab, pin: &str) -> Outcome;

    /// The signature again, after the card was lost.
    fn again(&mut self, lab: &Lab, pin: &str) -> Outcome {
        self.sign(lab, pin)
    }
}

/// `pkcs11-tool`, which uses OpenSC as any program with a PKCS #11 interface does.
pub(super) struct OpenSc;

impl Program for OpenSc {
    fn certificate(&mut self, lab: &Lab) -> Outcome {
        let ran = lab.daemon.run("pkcs15-tool", &["--read-certificate", "1"]);
        if ran.status.success() { Ok(lab.daemon.der(&ran.stdout)) } else { Err(said(&ran.stderr)) }
    }

    fn sign(&mut self, lab: &Lab, pin: &str) -> Outcome {
        let (message, signature) = (lab.daemon.file("message", MESSAGE), lab.daemon.file("signature", ""));
        let what = ["--login", "--pin", pin, "--sign", "--mechanism", "SHA256-RSA-PKCS", "--id", "01"];
        let files = ["--input-file", &message, "--output-file", &signature];
        let ran = lab.daemon.run("pkcs11-tool", &[&what[..], &files].concat());
        if ran.status.success() {
            Ok(fs::read(&signature).expect("it wrote it"))
        } else {
            Err(said(&ran.stderr))
        }
    }
}

/// The code of PKCS #11, if there is one; otherwise the last line that says something.
pub(super) fn said(stderr: &str) -> String {
    if let Some((_, code)) = stderr.split_once("rv = ") {
        return format!("`{}`", code.split_whitespace().next().unwrap_or_default());
    }
    let mut lines = stderr.lines().map(str::trim).filter(|line| !line.is_empty() && *line != "Aborting.");
    let last = lines.next_back().unwrap_or("nothing");
    format!("“{}”", last.trim_start_matches("error: ").trim_end_matches('.'))
}

/// The crate, used as its front page shows it.
pub(super) struct MynaCard;

impl Program for MynaCard {
    fn certificate(&mut self, _: &Lab) -> Outcome {
        let mut card = connect_any(Sharing::Exclusive).map_err(|error| shortened(&error))?;
        let certificate = JpkiAp::select(&mut card).and_then(|mut jpki| jpki.read_auth_certificate());
        certificate.map(|certificate| certificate.der().to_vec()).map_err(|error| shortened(&error))
    }

    fn sign(&mut self, _: &Lab, pin: &str) -> Outcome {
        let mut card = connect_any(Sharing::Exclusive).map_err(|error| shortened(&error))?;
        let sign = |mut jpki: JpkiAp<'_, _>| {
            jpki.read_auth_certificate()?;
            jpki.verify_auth_pin(&myna_card::Pin::numeric(pin)?)?;
            jpki.sign_with_auth_key(SignatureScheme::Sha256DigestInfo, MESSAGE)
        };
        JpkiAp::select(&mut card).and_then(sign).map_err(|error| shortened(&error))
    }
}

/// The words of its errors, but for the innermost causes.
pub(super) fn shortened(error: &Error) -> String {
    let words = error.to_string();
    let outer: Vec<_> = words.split(": ").take(2).collect();
    format!("“{}”", outer.join(": "))
}

/// The tap of the app, through its own reader side.
pub(super) struct Madoguchi {
    readers: Readers,
    interrupted: Option<Interrupted>,
}

impl Madoguchi {
    pub(super) fn new() -> Self {
        Self { readers: stand::readers(), interrupted: None }
    }

    /// A tap by any method, with the card that lies there.
    pub(super) fn tap(&mut self, method: Method) -> Result<Evidence, String> {
        self.go(Tap::new(method, to_sign()))
    }

    /// What is noted of a tap.
    pub(super) fn transcript(&self, method: Method) -> String {
        let mut tap = Tap::new(method, to_sign());
        let outcome =
            stand::drive(&mut tap, &mut stand::next_card(&self.readers)).expect("the card lies there");
        format!("{}{outcome:?}", tap.transcript())
    }

    fn go(&mut self, mut tap: Tap) -> Result<Evidence, String> {
        let mut card = stand::next_card(&self.readers);
        let Ok(outcome) = stand::drive(&mut tap, &mut card) else {
            self.interrupted = Some(tap.lost());
            return Err(words(Failure::CardLost));
        };
        outcome.map_err(|error| match error {
            TapError::PinWrong { tries_left } => format!("{}, tries left: {tries_left}", words(error.into())),
            error => words(error.into()),
        })
    }
}

impl Program for Madoguchi {
    fn certificate(&mut self, _: &Lab) -> Outcome {
        self.tap(Method::VisualAttested).map(|evidence| evidence.certificate.expect("nobody has it yet"))
    }

    fn sign(&mut self, _: &Lab, pin: &str) -> Outcome {
        let digits: Vec<u8> = pin.bytes().map(|digit| digit - b'0').collect();
        let Ok(digits) = digits.try_into() else { return Err("a PIN has four digits".to_owned()) };
        let pin = Pin::from_digits(digits).expect("digits");
        self.tap(Method::Pin { pin, last_try: false }).map(signature)
    }

    /// What was typed is kept, so that nobody types it again.
    fn again(&mut self, _: &Lab, _: &str) -> Outcome {
        let interrupted = self.interrupted.take().expect("the card was lost");
        self.go(interrupted.resume(to_sign())).map(signature)
    }
}

fn signature(evidence: Evidence) -> Vec<u8> {
    match evidence.proof {
        CardProof::Pin { signature } | CardProof::VisualProven { signature, .. } => signature,
        CardProof::VisualAttested => Vec::new(),
    }
}

/// Stands in for the binding.
fn to_sign() -> jpki::ToSign {
    let hash = myna_card::data::sha256(MESSAGE);
    Arc::new(move |_: &jpki::CardDigest| hash)
}

/// What staff read.
pub(super) fn words(failure: Failure) -> String {
    format!("{} “{}”", failure.code(), failure.cause(Language::En))
}
