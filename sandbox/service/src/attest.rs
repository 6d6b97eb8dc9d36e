//! `madoguchi-sandbox attest`: what a phone's key store would give out with a new key, for tests in other languages.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use clap::{
    Args, ValueEnum,
    builder::{PossibleValuesParser, TypedValueParser},
};
use sandbox_pki::attestation::{Attestation, Level, Wrong};

use crate::say;

#[derive(Args)]
pub(crate) struct Attest {
    /// What the key is to be bound to, in hexadecimal: the nonce of the service.
    #[arg(long, value_name = "HEX", value_parser = hex)]
    challenge: Bytes,
    /// The key on P-256, 04 and both coordinates, in hexadecimal.
    #[arg(long, value_name = "HEX", value_parser = point)]
    key: [u8; 65],
    /// Where the key is said to lie.
    #[arg(long, value_enum, default_value = "trusted-environment")]
    level: Place,
    /// One thing that is wrong with phone, key or chain.
    #[arg(long, value_name = "WHAT", value_parser = wrongs())]
    wrong: Option<Wrong>,
}

/// Where a key lies.
#[derive(Clone, Copy, ValueEnum)]
enum Place {
    /// In a trusted execution environment.
    TrustedEnvironment,
    /// In a chip of its own.
    StrongBox,
}

/// Bytes of an argument; of a `Vec` clap would make several arguments.
#[derive(Clone)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

/// Prints the chain as PEM (RFC 7468), first certificate first.
pub(crate) fn attest(options: &Attest) {
    let mut attestation = Attestation::new(&options.challenge.0, &options.key).at(match options.level {
        Place::TrustedEnvironment => Level::TrustedEnvironment,
        Place::StrongBox => Level::StrongBox,
    });
    if let Some(wrong) = options.wrong {
        attestation.wrong(wrong);
    }
    for der in attestation.chain() {
        say("-----BEGIN CERTIFICATE-----");
        for line in STANDARD.encode(der).as_bytes().chunks(64) {
            say(core::str::from_utf8(line).expect("base64 is ASCII"));
        }
        say("-----END CERTIFICATE-----");
    }
}

pub(crate) fn hex(text: &str) -> Result<Bytes, &'static str> {
    let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let byte = |pair: &[u8]| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    };
    let bytes: Option<_> = text.as_bytes().chunks(2).map(byte).collect();
    bytes.map(Bytes).ok_or("pairs of hexadecimal digits are needed, without spaces")
}

fn point(text: &str) -> Result<[u8; 65], &'static str> {
    let point: Option<[u8; 65]> = hex(text)?.0.try_into().ok();
    point.filter(|point| point[0] == 0x04).ok_or("04 and two coordinates are needed: 65 bytes")
}

fn wrongs() -> impl TypedValueParser<Value = Wrong> {
    let find = |name: String| Wrong::ALL.iter().find(|wrong| wrong.name() == name).copied();
    PossibleValuesParser::new(Wrong::ALL.iter().map(|wrong| wrong.name()))
        .map(move |name| find(name).expect("one of the names"))
}
