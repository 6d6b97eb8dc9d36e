//! The three: each reads the certificate and signs once, after the PIN.

use std::fs;
use std::sync::Arc;

use counter::{Failure, Language};
use desktop::{Card, Readers};
use interop::Slot;
use jpki::{CardProof, Interrupted, Method, Step, Tap};
use myna_card::Error;
use myna_card::ap::jpki::{JpkiAp, SignatureScheme};
use myna_card::transport::pcsc::{Sharing, connect};
use secret::Pin;

use super::lab::{Lab, MESSAGE};
use crate::stand;

/// A signature over [`MESSAGE`], or what staff or the calling program are told instead.
pub(super) type Outcome = Result<Vec<u8>, String>;

/// A program that reads 利用者証明用電子証明書 and signs with its key.
pub(super) trait Program {
    /// With the card in the first reader.
    fn sign(&mut self, lab: &Lab, pin: &str) -> Outcome;

    /// Again, after the card was lost.
    fn again(&mut self, lab: &Lab, pin: &str) -> Outcome {
        self.sign(lab, pin)
    }
}

/// `pkcs11-tool`, which uses OpenSC as any program with a PKCS #11 interface does.
pub(super) struct OpenSc;

impl Program for OpenSc {
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
    let lines = stderr.lines().map(str::trim).filter(|line| !line.is_empty() && *line != "Aborting.");
    let last = lines.last().unwrap_or("nothing");
    format!("“{}”", last.trim_start_matches("error: ").trim_end_matches('.'))
}

/// The crate, used as its front page shows it.
pub(super) struct MynaCard;

impl Program for MynaCard {
    fn sign(&mut self, _: &Lab, pin: &str) -> Outcome {
        let sign = || -> Result<Vec<u8>, Error> {
            let reader = Slot::First.reader().to_str().expect("ASCII");
            let mut card = connect(reader, Sharing::Exclusive)?;
            let mut jpki = JpkiAp::select(&mut card)?;
            jpki.read_auth_certificate()?;
            jpki.verify_auth_pin(&myna_card::Pin::numeric(pin)?)?;
            jpki.sign_with_auth_key(SignatureScheme::Sha256DigestInfo, MESSAGE)
        };
        sign().map_err(|error| format!("“{error}”"))
    }
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
    pub(super) fn tap(&mut self, method: Method) -> Outcome {
        self.go(Tap::new(method, to_sign()))
    }

    fn go(&mut self, mut tap: Tap) -> Outcome {
        let mut card: Card = stand::next_card(&self.readers);
        let mut answer = None;
        loop {
            match tap.next(answer.as_deref()) {
                Step::Done(Ok(evidence)) => {
                    return Ok(match evidence.proof {
                        CardProof::Pin { signature } | CardProof::VisualProven { signature, .. } => signature,
                        _ => Vec::new(),
                    });
                }
                Step::Done(Err(error)) => return Err(words(error.into())),
                Step::Transmit(command) => match card.transmit(command) {
                    Ok(bytes) => answer = Some(bytes),
                    Err(_) => {
                        self.interrupted = Some(tap.lost());
                        return Err(words(Failure::CardLost));
                    }
                },
            }
        }
    }
}

impl Program for Madoguchi {
    fn sign(&mut self, _: &Lab, pin: &str) -> Outcome {
        let digits: Vec<u8> = pin.bytes().map(|digit| digit - b'0').collect();
        let Ok(digits) = digits.try_into() else { return Err("a PIN has four digits".to_owned()) };
        let pin = Pin::from_digits(digits).expect("digits");
        self.tap(Method::Pin { pin, last_try: false })
    }

    /// What was typed is kept, so that nobody types it again.
    fn again(&mut self, _: &Lab, _: &str) -> Outcome {
        let interrupted = self.interrupted.take().expect("the card was lost");
        self.go(interrupted.resume(to_sign()))
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
