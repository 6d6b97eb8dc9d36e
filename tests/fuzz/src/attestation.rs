//! What a phone sends of its key: a chain, and the description of the key in it.

use std::sync::OnceLock;

use pki::attestation::{App, Expected, Trust, verify};
use sandbox_pki::attestation::{Attestation, PACKAGE, SIGNER, root};
use time::macros::datetime;

use crate::Example;
use crate::script::{Script, counted};

const NOW: time::OffsetDateTime = datetime!(2026-11-23 9:00 +9);

/// As in the vectors.
const CHALLENGE: [u8; 32] = {
    let mut challenge = [0; 32];
    let mut place = 0;
    while place < 32 {
        challenge[place as usize] = place;
        place += 1;
    }
    challenge
};

/// OpenSSL encoded and signed it.
const FIRST: &[u8] =
    include_bytes!("../../../core/pki/tests/vectors/attestation/trusted-environment-400.der");

/// The first byte says what follows: certificates with their lengths, or a `KeyDescription` that is signed here, so that
/// a reader gets to see it.
pub(crate) fn run(bytes: &[u8]) {
    match bytes.split_first() {
        Some((0, rest)) => chain(rest),
        Some((_, rest)) => description(rest),
        None => {}
    }
}

fn chain(bytes: &[u8]) {
    let mut script = Script::new(bytes);
    let chain: Vec<&[u8]> = (0..9).map(|_| script.counted()).filter(|der| !der.is_empty()).collect();
    if verify(&chain, &Expected { challenge: &CHALLENGE, public_key: key() }, trust(), NOW).is_ok() {
        assert!(chain == kept(), "what the batch's key did not sign was believed");
    }
    if let Some(first) = chain.first() {
        let _ = Trust::new([*first], vec![], [first.to_vec()]);
    }
}

fn description(bytes: &[u8]) {
    let signed = Attestation::new(&CHALLENGE, key()).chain_with(bytes.to_vec());
    if verify(&signed, &Expected { challenge: &CHALLENGE, public_key: key() }, trust(), NOW).is_ok() {
        // Whatever is passed over, this must stand there.
        for part in [&CHALLENGE[..], PACKAGE.as_bytes(), &SIGNER] {
            assert!(bytes.windows(part.len()).any(|window| window == part), "believed without a reason");
        }
    }
}

fn trust() -> &'static Trust {
    static TRUST: OnceLock<Trust> = OnceLock::new();
    TRUST.get_or_init(|| {
        let app = App { package: PACKAGE.to_owned(), signer: SIGNER };
        Trust::new([root()], vec![app], []).expect("the test root")
    })
}

/// The key in [`FIRST`]: it stands behind the identifier of its curve, in a BIT STRING.
fn key() -> &'static [u8; 65] {
    let curve = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00];
    let place = FIRST.windows(curve.len()).position(|bytes| bytes == curve).expect("a key on P-256");
    FIRST[place + curve.len()..].first_chunk().expect("65 bytes")
}

fn kept() -> &'static [Vec<u8>] {
    static KEPT: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    KEPT.get_or_init(|| {
        let mut chain = Attestation::new(&CHALLENGE, key()).chain();
        chain[0] = FIRST.to_vec();
        chain
    })
}

pub(crate) fn examples() -> Vec<Example> {
    let chain: Vec<u8> = kept().iter().flat_map(|der| counted(der)).collect();
    let described = Attestation::new(&CHALLENGE, key()).description();
    vec![
        Example::new("chain", [&[0][..], &chain].concat()),
        Example::new("description", [&[1][..], &described].concat()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_are_believed() {
        let expected = Expected { challenge: &CHALLENGE, public_key: key() };
        assert!(verify(kept(), &expected, trust(), NOW).is_ok());
        let described = Attestation::new(&CHALLENGE, key()).description();
        let signed = Attestation::new(&CHALLENGE, key()).chain_with(described);
        assert!(verify(&signed, &expected, trust(), NOW).is_ok());
        for example in examples() {
            run(&example.bytes);
        }
    }
}
