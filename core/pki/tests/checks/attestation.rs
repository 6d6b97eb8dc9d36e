//! Android Key Attestation: a right chain gives its level, and each thing that is wrong is refused in its own words.

use std::sync::LazyLock;

use pki::attestation::{App, AttestationError as Error, Attested, Expected, SecurityLevel, Trust, verify};
use proptest::prelude::*;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use sandbox_pki::attestation::{
    Attestation, Level, PACKAGE, SIGNER, Wrong, application, root, root_of_trust, tag,
};
use sandbox_pki::tlv;
use time::Duration;
use time::macros::datetime;

use crate::NOW;

const CHALLENGE: &[u8] = b"a nonce of the service, 32 bytes";

/// A device key.
fn key() -> &'static [u8; 65] {
    static KEY: LazyLock<[u8; 65]> = LazyLock::new(|| {
        let (random, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_ASN1_SIGNING);
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("random");
        let key = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).expect("a key");
        key.public_key().as_ref().try_into().expect("a point of P-256")
    });
    &KEY
}

fn app(package: &str, signer: [u8; 32]) -> App {
    App { package: package.to_owned(), signer }
}

fn trust_with(apps: Vec<App>, revoked: Vec<Vec<u8>>) -> Trust {
    Trust::new([root()], apps, revoked).expect("a certificate")
}

fn trust() -> Trust {
    trust_with(vec![app(PACKAGE, SIGNER)], vec![])
}

fn right() -> Attestation {
    Attestation::new(CHALLENGE, key())
}

fn check(chain: &[Vec<u8>]) -> Result<Attested, Error> {
    verify(chain, &Expected { challenge: CHALLENGE, public_key: key() }, &trust(), NOW)
}

#[test]
fn a_key_in_secure_hardware_is_attested_with_its_level() {
    for (level, expected) in [
        (Level::TrustedEnvironment, SecurityLevel::TrustedEnvironment),
        (Level::StrongBox, SecurityLevel::StrongBox),
    ] {
        assert_eq!(check(&right().at(level).chain()), Ok(Attested { level: expected }));
    }
    // A key in a chip, of which only the environment beside Android speaks, is worth that much.
    let mut mixed = right();
    mixed.key_in = Level::StrongBox;
    assert_eq!(check(&mixed.chain()), Ok(Attested { level: SecurityLevel::TrustedEnvironment }));
}

#[test]
fn what_is_wrong_is_refused_in_its_own_words() {
    for wrong in Wrong::ALL {
        let expected = match wrong {
            Wrong::Root => Error::RootUnknown,
            Wrong::Signature => Error::SignatureInvalid,
            Wrong::Issuer => Error::NamesDiffer,
            Wrong::NotCa | Wrong::TooLong => Error::NotCa,
            Wrong::Lengthened => Error::ChainLengthened,
            Wrong::CriticalExtension => Error::CriticalExtensionUnknown,
            Wrong::Expired => Error::Expired,
            Wrong::NotYetValid => Error::NotYetValid,
            Wrong::Undescribed => Error::DescriptionMissing,
            Wrong::OldVersion => Error::VersionRefused,
            Wrong::Challenge => Error::ChallengeDiffers,
            Wrong::SoftwareKey | Wrong::SoftwareWord => Error::Software,
            Wrong::Unlocked => Error::Unlocked,
            Wrong::SelfSigned | Wrong::Unverified => Error::BootNotVerified,
            Wrong::BootByWord => Error::BootStateMissing,
            Wrong::Imported => Error::OriginRefused,
            Wrong::Purpose | Wrong::Digest => Error::PurposeRefused,
            Wrong::PersonRequired => Error::PersonRequired,
            Wrong::NoApp | Wrong::App | Wrong::SharedApp => Error::AppUnknown,
            Wrong::Signer | Wrong::SecondSigner => Error::AppSignerUnknown,
            other => panic!("{other:?} has no row"),
        };
        let mut attestation = right();
        attestation.wrong(*wrong);
        assert_eq!(check(&attestation.chain()), Err(expected), "{}", wrong.name());
    }
}

#[test]
fn another_key_or_another_challenge_is_refused() {
    let chain = right().chain();
    let mut other = *key();
    other[64] ^= 1;
    let expected = |challenge, public_key| {
        verify(&chain, &Expected { challenge, public_key }, &trust(), NOW).map(|attested| attested.level)
    };
    assert_eq!(expected(CHALLENGE, &other), Err(Error::KeyDiffers));
    for challenge in [&CHALLENGE[..31], b"", &[CHALLENGE, b"!"].concat()] {
        assert_eq!(expected(challenge, key()), Err(Error::ChallengeDiffers));
    }
}

#[test]
fn only_pinned_roots_are_roots() {
    let nobody = Trust::new([], vec![app(PACKAGE, SIGNER)], vec![]).expect("nobody is trusted");
    let expected = Expected { challenge: CHALLENGE, public_key: key() };
    assert_eq!(verify(&right().chain(), &expected, &nobody, NOW), Err(Error::RootUnknown));
    for wrong in [&root()[..100], b"", &[root(), &[0]].concat()] {
        assert_eq!(Trust::new([wrong], vec![], vec![]).map(|_| ()), Err(Error::Malformed));
    }
    // A chain that ends before its root is not one; the intermediate is nobody's root.
    assert_eq!(check(&right().chain()[..3]), Err(Error::RootUnknown));
}

#[test]
fn a_revoked_certificate_anywhere_ends_the_trust() {
    let expected = Expected { challenge: CHALLENGE, public_key: key() };
    // Root, intermediate, batch; the first certificate; with zeros before the number, as INTEGER has them.
    for serial in [vec![0x0E, 0x99, 0x01], vec![0x0E, 0x99, 0x02], vec![0, 0x0E, 0x99, 0x03], vec![1]] {
        let trust = trust_with(vec![app(PACKAGE, SIGNER)], vec![vec![7], serial]);
        assert_eq!(verify(&right().chain(), &expected, &trust, NOW), Err(Error::Revoked));
    }
    let trust = trust_with(vec![app(PACKAGE, SIGNER)], vec![vec![0x0E, 0x99], vec![0x99, 0x03], vec![]]);
    assert!(verify(&right().chain(), &expected, &trust, NOW).is_ok());
}

#[test]
fn the_dates_in_the_middle_count_and_those_at_the_ends_do_not() {
    let chain = right().chain();
    let at = |now| verify(&chain, &Expected { challenge: CHALLENGE, public_key: key() }, &trust(), now);
    // The files are valid from 2020 to 2049; the first certificate of a phone ends in 2048.
    let (first, last) = (datetime!(2020-01-01 0:00 UTC), datetime!(2049-12-31 23:59:59 UTC));
    assert_eq!(at(first - Duration::SECOND), Err(Error::NotYetValid));
    assert!(at(first).is_ok());
    assert!(at(last + Duration::milliseconds(999)).is_ok());
    assert_eq!(at(last + Duration::SECOND), Err(Error::Expired));
}

#[test]
fn an_app_is_its_name_and_its_signer() {
    let verdict = |apps: Vec<App>, packages: &[&str], signers: &[&[u8]]| {
        let mut attestation = right();
        attestation.set_software(tag::APPLICATION_ID, application(packages, signers));
        let expected = Expected { challenge: CHALLENGE, public_key: key() };
        verify(&attestation.chain(), &expected, &trust_with(apps, vec![]), NOW).map(|attested| attested.level)
    };
    let other = [0x22; 32];
    let two = || vec![app(PACKAGE, SIGNER), app("jp.madoguchi.test", other)];
    assert!(verdict(two(), &["jp.madoguchi.test"], &[&other]).is_ok());
    assert_eq!(verdict(two(), &["jp.madoguchi.test"], &[&SIGNER]), Err(Error::AppSignerUnknown));
    assert_eq!(verdict(two(), &["jp.madoguchi.test", PACKAGE], &[&SIGNER]), Err(Error::AppSignerUnknown));
    assert_eq!(verdict(two(), &["jp.madoguchi"], &[&SIGNER]), Err(Error::AppUnknown));
    assert_eq!(verdict(two(), &[], &[&SIGNER]), Err(Error::AppUnknown));
    assert_eq!(verdict(two(), &[PACKAGE], &[]), Err(Error::AppSignerUnknown));
    assert_eq!(verdict(two(), &[PACKAGE], &[&SIGNER[..31]]), Err(Error::AppSignerUnknown));
    assert_eq!(verdict(vec![], &[PACKAGE], &[&SIGNER]), Err(Error::AppUnknown));
    // A key that was signed for by two of ours in turn.
    let rotated = vec![app(PACKAGE, SIGNER), app(PACKAGE, other)];
    assert!(verdict(rotated, &[PACKAGE], &[&SIGNER, &other]).is_ok());
}

#[test]
fn keymaster_3_names_no_curve_and_another_curve_is_refused() {
    let mut attestation = right();
    attestation.remove_hardware(tag::EC_CURVE);
    assert!(check(&attestation.chain()).is_ok());
    attestation.set_hardware(tag::EC_CURVE, tlv::integer(2));
    assert_eq!(check(&attestation.chain()), Err(Error::PurposeRefused));
    attestation.set_hardware(tag::EC_CURVE, tlv::integer(1)).set_hardware(tag::ALGORITHM, tlv::integer(1));
    assert_eq!(check(&attestation.chain()), Err(Error::PurposeRefused));
}

#[test]
fn an_unlocked_phone_is_told_so_whatever_else_it_says() {
    let mut attestation = right();
    attestation.set_hardware(tag::ROOT_OF_TRUST, root_of_trust(false, 2));
    assert_eq!(check(&attestation.chain()), Err(Error::Unlocked));
    attestation.set_hardware(tag::ROOT_OF_TRUST, root_of_trust(true, 3));
    assert_eq!(check(&attestation.chain()), Err(Error::BootNotVerified));
}

#[test]
fn a_level_that_nobody_defined_is_malformed_whatever_the_other_one_is() {
    let levels = |attested_by: u8, key_in: u8| {
        let mut description = right().description();
        let found = description.windows(3).enumerate().filter(|(_, bytes)| *bytes == [0x0A, 0x01, 0x01]);
        let [first, second] = found.map(|(place, _)| place + 2).collect::<Vec<_>>()[..] else {
            panic!("two levels")
        };
        (description[first], description[second]) = (attested_by, key_in);
        check(&right().chain_with(description))
    };
    assert!(levels(2, 2).is_ok());
    for (attested_by, key_in) in [(3, 1), (1, 3), (3, 2), (3, 3), (0x7F, 2)] {
        assert_eq!(levels(attested_by, key_in), Err(Error::DescriptionMalformed), "{attested_by}, {key_in}");
    }
}

#[test]
fn a_list_that_is_none_is_malformed() {
    let mut attestation = right();
    attestation.set_hardware(tag::ORIGIN, vec![0x04, 0x00]);
    assert_eq!(check(&attestation.chain()), Err(Error::DescriptionMalformed));
}

#[test]
fn a_change_that_nobody_signed_breaks_the_signature_first() {
    let mut chain = right().chain();
    let place = chain[0].windows(3).position(|bytes| bytes == [0x0A, 0x01, 0x01]).expect("the level");
    chain[0][place + 2] = 3;
    assert_eq!(check(&chain), Err(Error::SignatureInvalid));
}

#[test]
fn a_chain_of_no_length_or_in_another_order_is_refused() {
    let chain = right().chain();
    for wrong in [&[][..], &chain[3..], &vec![chain[1].clone(); 9]] {
        assert_eq!(check(wrong), Err(Error::ChainLength));
    }
    let [first, batch, intermediate, root] = &chain[..] else { panic!("four certificates") };
    let order = |certificates: [&Vec<u8>; 4]| check(&certificates.map(Clone::clone));
    assert_eq!(order([root, intermediate, batch, first]), Err(Error::RootUnknown));
    // RSA above ECDSA: a key of one kind, a signature of the other.
    assert_eq!(order([first, intermediate, batch, root]), Err(Error::AlgorithmRefused));
    assert_eq!(check(&[first.clone(), root.clone()]), Err(Error::AlgorithmRefused));
    assert_eq!(check(&[first.clone(), intermediate.clone(), root.clone()]), Err(Error::SignatureInvalid));
    for malformed in [vec![], vec![0x30, 0x00], batch[..100].to_vec(), [&batch[..], &[0]].concat()] {
        assert_eq!(order([first, &malformed, intermediate, root]), Err(Error::Malformed));
    }
}

/// Chains whose first certificate OpenSSL encoded and signed; `sandbox/attestation` holds the rest, and the texts.
#[test]
fn what_another_encoder_wrote_is_read() {
    let rows: [(&[u8], SecurityLevel); 3] = [
        (
            include_bytes!("../vectors/attestation/trusted-environment-400.der"),
            SecurityLevel::TrustedEnvironment,
        ),
        (include_bytes!("../vectors/attestation/strong-box-3.der"), SecurityLevel::StrongBox),
        (
            include_bytes!("../vectors/attestation/trusted-environment-2.der"),
            SecurityLevel::TrustedEnvironment,
        ),
    ];
    let challenge: [u8; 32] = core::array::from_fn(|place| u8::try_from(place).expect("small"));
    for (first, level) in rows {
        // The point stands behind the curve's identifier, in a BIT STRING.
        let curve = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00];
        let place = first.windows(11).position(|bytes| bytes == curve).expect("a key on P-256") + 11;
        let public_key = first[place..place + 65].try_into().expect("65 bytes");
        let expected = Expected { challenge: &challenge, public_key };
        let mut chain = right().chain();
        chain[0] = first.to_vec();
        assert_eq!(verify(&chain, &expected, &trust(), NOW), Ok(Attested { level }));
    }
}

proptest! {
    #[test]
    fn no_changed_chain_is_believed(which in 0_usize..4, place in any::<prop::sample::Index>(), flip in 1_u8..) {
        static CHAIN: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| right().chain());
        let mut chain = CHAIN.clone();
        let place = place.index(chain[which].len());
        chain[which][place] ^= flip;
        prop_assert!(check(&chain).is_err());
    }
}
