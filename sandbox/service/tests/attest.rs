//! `madoguchi-sandbox attest`: chains for tests in other languages.

use std::process::{Command, Output};

use pki::attestation::{App, Attested, Expected, SecurityLevel, Trust, verify};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use sandbox_pki::attestation::{PACKAGE, SIGNER, Wrong, root};
use time::OffsetDateTime;

const CHALLENGE: [u8; 32] = [0xA5; 32];

fn point() -> [u8; 65] {
    let (random, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_ASN1_SIGNING);
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("random");
    let key = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).expect("a key");
    key.public_key().as_ref().try_into().expect("65 bytes")
}

fn hex(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

fn attest(arguments: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_madoguchi-sandbox"));
    program.arg("attest").args(arguments).output().expect("the program runs")
}

#[test]
fn the_chain_is_printed_as_a_key_store_would_give_it_out() {
    let point = point();
    let (challenge, key) = (hex(&CHALLENGE), hex(&point).to_uppercase());
    let app = App { package: PACKAGE.to_owned(), signer: SIGNER };
    let trust = Trust::new([root()], vec![app], []).expect("a root");
    let verdict = |more: &[&str]| {
        let output = attest(&[&["--challenge", &challenge, "--key", &key][..], more].concat());
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&output.stdout)
            .map(|der| der.expect("a certificate").to_vec())
            .collect();
        let expected = Expected { challenge: &CHALLENGE, public_key: &point };
        verify(&chain, &expected, &trust, OffsetDateTime::now_utc())
    };
    assert_eq!(verdict(&[]), Ok(Attested { level: SecurityLevel::TrustedEnvironment }));
    assert_eq!(verdict(&["--level", "strong-box"]), Ok(Attested { level: SecurityLevel::StrongBox }));
    for wrong in Wrong::ALL {
        assert!(verdict(&["--wrong", wrong.name()]).is_err(), "{}", wrong.name());
    }
}

#[test]
fn what_is_no_key_and_no_challenge_is_told() {
    let point = hex(&point());
    for (challenge, key) in
        [("xyz", point.as_str()), ("a", &point), ("a5 a5", &point), ("a5", "04"), ("a5", &point[2..])]
    {
        let output = attest(&["--challenge", challenge, "--key", key]);
        assert!(!output.status.success() && output.stdout.is_empty(), "{output:?}");
        assert!(!output.stderr.is_empty());
    }
    let output = attest(&["--challenge", "a5", "--key", &point, "--wrong", "everything"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("unlocked"), "what there is, is listed");
}
