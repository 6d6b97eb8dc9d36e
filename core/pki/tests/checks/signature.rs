//! The card's signature over the binding: one is right, all others are wrong.

use pki::{Error, Verified};
use sandbox_pki::TestKey;

use crate::{card_key, other_key, spec, verify};

const MESSAGE: &[u8] = b"a binding: whatever the service knows of this check";

fn sha256(message: &[u8]) -> [u8; 32] {
    let digest = ring::digest::digest(&ring::digest::SHA256, message);
    digest.as_ref().try_into().expect("SHA-256 gives 32 bytes")
}

fn verified() -> Verified {
    verify(&spec().issue()).expect("a right certificate")
}

/// As the card signs: it is given the digest of the binding and never sees the binding.
fn sign(key: &TestKey, message: &[u8]) -> Vec<u8> {
    key.sign_digest(&sha256(message))
}

#[test]
fn the_cards_signature_holds_over_its_message_only() {
    let signature = sign(card_key(), MESSAGE);
    assert_eq!(verified().verify_signature(MESSAGE, &signature), Ok(()));
    for other in [&b""[..], &MESSAGE[1..], &sha256(MESSAGE)] {
        assert_eq!(verified().verify_signature(other, &signature), Err(Error::SignatureInvalid));
    }
}

#[test]
fn a_signature_of_another_key_does_not_hold() {
    let signature = sign(other_key(), MESSAGE);
    assert_eq!(verified().verify_signature(MESSAGE, &signature), Err(Error::SignatureInvalid));
}

#[test]
fn every_bit_counts() {
    let verified = verified();
    let mut signature = sign(card_key(), MESSAGE);
    for bit in 0..signature.len() * 8 {
        signature[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(verified.verify_signature(MESSAGE, &signature), Err(Error::SignatureInvalid), "bit {bit}");
        signature[bit / 8] ^= 1 << (bit % 8);
    }
    assert_eq!(verified.verify_signature(MESSAGE, &signature), Ok(()));
}

#[test]
fn other_lengths_do_not_hold() {
    let signature = sign(card_key(), MESSAGE);
    let longer = [&signature[..], &[0]].concat();
    let padded = [&[0], &signature[..]].concat();
    for wrong in [&[][..], &signature[..255], &signature[1..], &longer, &padded] {
        assert_eq!(verified().verify_signature(MESSAGE, wrong), Err(Error::SignatureInvalid));
    }
}

#[test]
fn only_the_one_digest_info_holds() {
    let digest = sha256(MESSAGE);
    let prefix = [
        0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
        0x04, 0x20,
    ];
    let raw = |parts: &[&[u8]]| card_key().sign_raw(&parts.concat()).expect("shorter than the key");
    assert_eq!(verified().verify_signature(MESSAGE, &raw(&[&prefix, &digest])), Ok(()));

    // One client sends it without NULL, and a card signs that all the same.
    let without_null = raw(&[&[0x30, 0x2F, 0x30, 0x0B], &prefix[4..15], &[0x04, 0x20], &digest]);
    let bare = raw(&[&digest]);
    let more_behind = raw(&[&prefix, &digest, &[0x00]]);
    let more_inside = raw(&[&[0x30, 0x33], &prefix[2..], &digest, &[0x05, 0x00]]);
    let sha384 = raw(&[&prefix[..14], &[0x02], &prefix[15..], &digest]);
    let twice = sign(card_key(), &digest);
    let pss = card_key().sign_digest_pss(&digest);
    for wrong in [without_null, bare, more_behind, more_inside, sha384, twice, pss] {
        assert_eq!(verified().verify_signature(MESSAGE, &wrong), Err(Error::SignatureInvalid));
    }
}

#[test]
fn a_key_is_remembered_by_its_thumbprint() {
    let key = |key: &TestKey| pki::PublicKey::from_pkcs1_der(key.public_key()).expect("RSA-2048");
    assert_eq!(key(card_key()), *verified().public_key());
    assert_eq!(key(card_key()).thumbprint(), sha256(&card_key().modulus()));
    assert_ne!(key(card_key()).thumbprint(), key(other_key()).thumbprint());
    assert_eq!(format!("{:?}", key(card_key())), "PublicKey(RSA-2048, redacted)");
}
