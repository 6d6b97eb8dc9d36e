//! 公的個人認証AP, and what outlives a connection.

use myna_card::ap::common::CommonAp;
use myna_card::ap::jpki::{JpkiAp, SignatureScheme, TokenType, token_flag};
use myna_card::ap::juki::JukiAp;
use myna_card::ap::surface::SurfaceAp;
use myna_card::ap::text::TextAp;
use myna_card::certificate::roots::Accept;
use myna_card::mf::tag;
use myna_card::{Certificate, Date, Error, MasterFile, Retries};
use time::OffsetDateTime;

use super::{Bench, PASSWORD, PIN, pin, refused};
use crate::client::personalised_file;

const SCHEMES: [SignatureScheme; 6] = [
    SignatureScheme::Verbatim,
    SignatureScheme::Sha256Bare,
    SignatureScheme::PreHashedDigestInfo,
    SignatureScheme::Sha256DigestInfo,
    SignatureScheme::PreHashedPss,
    SignatureScheme::Sha256Pss,
];

const MESSAGE: &[u8] = b"What the patient agrees to";

fn today() -> Date {
    Date::from_unix_seconds(OffsetDateTime::now_utc().unix_timestamp())
}

#[test]
fn the_token_information_tells_card_and_phones_apart() {
    for (slug, expected) in
        [("hanako", TokenType::Card), ("andoro", TokenType::Android), ("rin", TokenType::IPhone)]
    {
        let _bench = Bench::with(slug);
        let mut client = Bench::connect();
        let mut jpki = JpkiAp::select(&mut client).expect("a JPKI AP");
        assert_eq!(jpki.read_token_type().expect("free to read"), expected);
        let info = jpki.read_token_info().expect("a CK_TOKEN_INFO");
        assert_eq!(info.token_type, expected);
        assert_eq!((info.min_pin_len, info.max_pin_len), (6, 16));
        let flags = token_flag::RNG | token_flag::LOGIN_REQUIRED | token_flag::USER_PIN_INITIALIZED;
        assert_eq!(info.flags, flags | token_flag::TOKEN_INITIALIZED);
    }
}

#[test]
fn a_card_says_which_certificates_it_has() {
    for (slug, sign, auth) in [("hanako", true, true), ("kaori", false, true)] {
        let _bench = Bench::with(slug);
        let mut client = Bench::connect();
        let mut jpki = JpkiAp::select(&mut client).expect("a JPKI AP");
        let present = jpki.read_certificate_availability().expect("three bytes");
        assert_eq!((present.has_sign_certificate(), present.has_auth_certificate()), (sign, auth), "{slug}");
    }
}

#[test]
fn both_certificates_are_read_and_each_is_signed_by_the_ca_beside_it() {
    let bench = Bench::with("hanako");
    let mut client = Bench::connect();
    let mut jpki = JpkiAp::select(&mut client).expect("a JPKI AP");
    assert_eq!(refused(jpki.read_sign_certificate()), 0x6982);
    jpki.verify_sign_pin(&pin(PASSWORD)).expect("her password");

    let auth = [
        jpki.read_auth_certificate().expect("free to read"),
        jpki.read_auth_ca_certificate().expect("free to read"),
    ];
    let sign = [
        jpki.read_sign_certificate().expect("after the password"),
        jpki.read_sign_ca_certificate().expect("free to read"),
    ];
    assert_eq!(auth[0].serial_number(), [0x09, 0x90, 0x01, 0x01]);
    assert_eq!(sign[0].serial_number(), [0x08, 0x80, 0x01, 0x01]);
    for chain in [&auth, &sign] {
        Certificate::verify_chain(chain, today()).expect("signature, names and dates");
        // What comes off a card proves nothing, and no root of J-LIS stands behind ours.
        for accept in [Accept::ProductionOnly, Accept::ProductionAndTest] {
            let refused = chain[0].verify_to_root(today(), accept);
            assert!(matches!(refused, Err(Error::SignatureInvalid(_))), "{refused:?}");
        }
    }
    assert!(auth[0].verify_signature(&sign[1]).is_err(), "each has a CA of its own");

    let card = bench.card();
    assert!(auth[0].der() == personalised_file(&card, 0x0A, None));
    assert!(auth[1].der() == personalised_file(&card, 0x0B, None));
    assert!(sign[0].der() == personalised_file(&card, 0x01, Some(PASSWORD)));
    assert!(sign[1].der() == personalised_file(&card, 0x02, None));
}

#[test]
fn both_keys_sign_by_every_scheme_and_openssl_agrees() {
    let bench = Bench::with("hanako");
    let mut client = Bench::connect();
    let mut jpki = JpkiAp::select(&mut client).expect("a JPKI AP");
    let hash = myna_card::data::sha256(MESSAGE);
    let digest_info = myna_card::data::sha256_digest_info(&hash);
    let data = |scheme| match scheme {
        SignatureScheme::Verbatim => &digest_info[..],
        SignatureScheme::PreHashedDigestInfo | SignatureScheme::PreHashedPss => &hash,
        _ => MESSAGE,
    };
    for scheme in SCHEMES {
        assert_eq!(refused(jpki.sign_with_auth_key(scheme, data(scheme))), 0x6982, "{scheme:?}");
        assert_eq!(refused(jpki.sign_with_sign_key(scheme, data(scheme))), 0x6982, "{scheme:?}");
    }
    jpki.verify_auth_pin(&pin(PIN)).expect("her PIN");
    assert_eq!(refused(jpki.sign_with_sign_key(SignatureScheme::Sha256Pss, MESSAGE)), 0x6982);
    jpki.verify_sign_pin(&pin(PASSWORD)).expect("her password");
    let auth = jpki.read_auth_certificate_der().expect("free to read");
    let sign = jpki.read_sign_certificate_der().expect("after the password");
    for scheme in SCHEMES {
        // It compares with the certificate that it reads from the card.
        let by_auth = jpki.sign_with_auth_key_checked(scheme, data(scheme)).expect("a signature");
        let by_sign = jpki.sign_with_sign_key_checked(scheme, data(scheme)).expect("a signature");
        assert!(verifies(&bench, scheme, &auth, &by_auth), "{scheme:?}");
        assert!(verifies(&bench, scheme, &sign, &by_sign), "{scheme:?}");
        assert!(!verifies(&bench, scheme, &sign, &by_auth), "{scheme:?}");
    }
    // The salt is random (RFC 8017 §9.1.1), and nothing else is.
    for scheme in SCHEMES {
        let twice = [(); 2].map(|()| jpki.sign_with_auth_key(scheme, data(scheme)).expect("a signature"));
        let salted = matches!(scheme, SignatureScheme::PreHashedPss | SignatureScheme::Sha256Pss);
        assert_eq!(twice[0] != twice[1], salted, "{scheme:?}");
    }
}

/// Whether openssl takes this for a signature over [`MESSAGE`], made by that scheme.
#[track_caller]
fn verifies(bench: &Bench, scheme: SignatureScheme, certificate: &[u8], signature: &[u8]) -> bool {
    let daemon = &bench.daemon;
    let certificate = daemon.file("certificate.der", certificate);
    let key = daemon.run("openssl", &["x509", "-inform", "DER", "-in", &certificate, "-noout", "-pubkey"]);
    let key = daemon.file("key.pem", key.succeeded().stdout);
    let signature = daemon.file("signature", signature);
    let message = daemon.file("message", MESSAGE);
    let hash = daemon.file("hash", myna_card::data::sha256(MESSAGE));
    let arguments = match scheme {
        // Without a digest, openssl compares what stands in the block as it is.
        SignatureScheme::Sha256Bare => {
            vec!["pkeyutl", "-verify", "-pubin", "-inkey", &key, "-sigfile", &signature, "-in", &hash]
        }
        SignatureScheme::PreHashedPss | SignatureScheme::Sha256Pss => {
            // A salt as long as the hash: what verifiers expect, and what no client says of the card.
            let options = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"];
            [&["dgst", "-sha256"], &options[..], &["-verify", &key, "-signature", &signature, &message]]
                .concat()
        }
        _ => vec!["dgst", "-sha256", "-verify", &key, "-signature", &signature, &message],
    };
    daemon.run("openssl", &arguments).status.success()
}

#[test]
fn the_counters_are_read_without_a_try_and_count_as_on_a_card() {
    let bench = Bench::with("hanako");
    let mut client = Bench::connect();
    let mut jpki = JpkiAp::select(&mut client).expect("a JPKI AP");
    assert_eq!(jpki.sign_pin_retries().expect("a counter"), Retries::Remaining(5));
    for left in [3, 2, 1] {
        assert_eq!(jpki.auth_pin_retries().expect("a counter"), Retries::Remaining(left));
        let wrong = jpki.verify_auth_pin(&pin("9999"));
        match wrong {
            Err(Error::PinIncorrect { retries }) => assert_eq!(retries, Some(left - 1)),
            Err(Error::PinBlocked) => assert_eq!(left, 1),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(jpki.auth_pin_retries().expect("a counter"), Retries::Blocked);
    assert!(matches!(jpki.verify_auth_pin(&pin(PIN)), Err(Error::PinBlocked)), "right, and too late");
    assert_eq!(jpki.sign_pin_retries().expect("a counter"), Retries::Remaining(5), "it is another one");
    assert_eq!((bench.card().failed_verifies(), bench.card().pin_tries_left()), (3, 0));
}

#[test]
fn pin_and_password_are_changed_and_the_new_ones_stay() {
    let bench = Bench::with("hanako");
    let mut client = Bench::connect();
    let mut jpki = JpkiAp::select(&mut client).expect("a JPKI AP");
    jpki.change_auth_pin(&pin(PIN), &pin("5678")).expect("her PIN");
    jpki.change_sign_pin(&pin(PASSWORD), &pin("XYZ98765")).expect("her password");
    drop(client);

    let bench = bench.put_in_again();
    let mut client = Bench::connect();
    let mut jpki = JpkiAp::select(&mut client).expect("a JPKI AP");
    assert!(matches!(jpki.verify_auth_pin(&pin(PIN)), Err(Error::PinIncorrect { retries: Some(2) })));
    assert!(matches!(jpki.verify_sign_pin(&pin(PASSWORD)), Err(Error::PinIncorrect { retries: Some(4) })));
    jpki.verify_auth_pin(&pin("5678")).expect("her new PIN");
    jpki.verify_sign_pin(&pin("XYZ98765")).expect("her new password");
    assert_eq!(bench.card().failed_verifies(), 2);

    // Who does not know the old one changes nothing.
    assert!(matches!(jpki.change_auth_pin(&pin(PIN), &pin("4321")), Err(Error::PinIncorrect { .. })));
    jpki.verify_auth_pin(&pin("5678")).expect("still her PIN");
}

/// As its author measured: a warm reset, by which PC/SC programs leave, keeps a verified PIN.
#[test]
fn a_verified_pin_outlives_the_connection_until_another_application_is_selected_or_the_power_goes() {
    let _bench = Bench::with("hanako");
    let signs = || {
        let mut client = Bench::connect();
        let mut jpki = JpkiAp::select(&mut client).expect("a JPKI AP");
        jpki.sign_with_auth_key(SignatureScheme::Sha256DigestInfo, MESSAGE).map(drop)
    };
    let verify = || {
        let mut client = Bench::connect();
        let mut jpki = JpkiAp::select(&mut client).expect("a JPKI AP");
        jpki.verify_auth_pin(&pin(PIN)).expect("her PIN");
    };
    assert_eq!(refused(signs()), 0x6982);
    verify();
    signs().expect("verified by the program before");

    MasterFile::select(&mut Bench::connect()).expect("the issuer domain");
    assert_eq!(refused(signs()), 0x6982);

    verify();
    Bench::connect().transport_mut().power_cycle().expect("the card is there");
    assert_eq!(refused(signs()), 0x6982);
}

/// As it says of phones: the certificate of one needs the PIN, that of the other does not.
#[test]
fn a_phone_is_read_as_far_as_it_gives() {
    for (slug, free) in [("andoro", false), ("rin", true)] {
        let _bench = Bench::with(slug);
        let mut client = Bench::connect();
        let mut jpki = JpkiAp::select(&mut client).expect("a JPKI AP");
        if !free {
            assert_eq!(refused(jpki.read_auth_certificate()), 0x6982);
        }
        jpki.verify_auth_pin(&pin(PIN)).expect("the PIN");
        jpki.sign_with_auth_key_checked(SignatureScheme::Sha256DigestInfo, MESSAGE).expect("a signature");
    }
}

#[test]
fn another_card_has_no_application_that_it_knows() {
    let _bench = Bench::with("suika");
    let mut client = Bench::connect();
    assert_eq!(refused(JpkiAp::select(&mut client)), 0x6A82);
    assert_eq!(refused(SurfaceAp::select(&mut client)), 0x6A82);
    assert_eq!(refused(TextAp::select(&mut client)), 0x6A82);
    assert_eq!(refused(CommonAp::select(&mut client)), 0x6A82);
    assert_eq!(refused(JukiAp::select(&mut client)), 0x6A82);
    // An issuer domain is on cards of many kinds; what the My Number card has there, no other has.
    let mut master = MasterFile::select(&mut client).expect("the issuer domain");
    assert_eq!(refused(master.data_object(tag::CARD_IDENTIFICATION)), 0x6A88);
    assert!(master.certificate_chain().expect("absent is no failure").is_empty());
}
