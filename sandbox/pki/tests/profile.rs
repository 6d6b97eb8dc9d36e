//! The certificates against the profile of J-LIS, read by a library that had no part in writing them.

use der::asn1::{ObjectIdentifier, Utf8StringRef};
use der::{Decode, Encode};
use rsa::Pkcs1v15Sign;
use rsa::pkcs1::DecodeRsaPublicKey;
use sandbox_pki::{
    Authority, CertificateSpec, Extension, Flaw, Hash, HolderAttributes, TestKey, oid, surface,
};
use sha2::{Digest, Sha256, Sha384};
use time::macros::datetime;
use x509_cert::Certificate;
use x509_cert::ext::Extension as Ext;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{
    AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, BasicConstraints, CertificatePolicies,
    CrlDistributionPoints, ExtendedKeyUsage, IssuerAltName, KeyUsage, KeyUsages, SubjectAltName,
    SubjectKeyIdentifier,
};

const AUTHENTICATION: [Authority; 3] =
    [Authority::Authentication1, Authority::Authentication2, Authority::Authentication3];

fn spec(key: &TestKey) -> CertificateSpec {
    CertificateSpec::authentication(
        Authority::Authentication3,
        0x0990_0101,
        "W883SB831M5PWR99001003A",
        key,
        datetime!(2025-02-21 0:00 UTC),
        datetime!(2030-02-17 14:59:59 UTC),
    )
}

fn signature_spec(key: &TestKey) -> CertificateSpec {
    let holder = HolderAttributes {
        name: "山田　花子",
        birth_date: "319800217",
        sex: "2",
        address: "試験県窓口市試験町1丁目",
    };
    CertificateSpec::signature(
        0x0880_0101,
        "202602170900000001399001003A",
        &holder,
        key,
        datetime!(2025-02-21 0:00 UTC),
        datetime!(2030-02-17 14:59:59 UTC),
    )
}

fn read(der: &[u8]) -> Certificate {
    Certificate::from_der(der).expect("strict DER, nothing behind it")
}

fn find<'a>(certificate: &'a Certificate, arcs: &[u64]) -> Option<&'a Ext> {
    let id = arcs.iter().map(u64::to_string).collect::<Vec<_>>().join(".");
    let id = ObjectIdentifier::new(&id).expect("an identifier");
    certificate.tbs_certificate.extensions.as_ref()?.iter().find(|extension| extension.extn_id == id)
}

fn extension<'a, T: Decode<'a>>(certificate: &'a Certificate, arcs: &[u64], critical: bool) -> T {
    let extension = find(certificate, arcs).expect("the profile has this extension");
    assert_eq!(extension.critical, critical, "criticality of {arcs:?}");
    T::from_der(extension.extn_value.as_bytes()).expect("well formed")
}

fn verified_by(certificate: &Certificate, authority: Authority) -> bool {
    let issuer = read(&authority.certificate());
    let key = issuer.tbs_certificate.subject_public_key_info.subject_public_key;
    let key = rsa::RsaPublicKey::from_pkcs1_der(key.raw_bytes()).expect("an RSA key");
    let signed = certificate.tbs_certificate.to_der().expect("what was read can be written");
    key.verify(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(signed), certificate.signature.raw_bytes())
        .is_ok()
}

#[test]
fn the_authentication_certificate_has_every_field_of_the_profile() {
    let key = TestKey::generate();
    let der = spec(&key).issue();
    let certificate = read(&der);
    let tbs = &certificate.tbs_certificate;

    assert_eq!(der[..2], [0x30, 0x82], "OpenSC takes the size from bytes 2 and 3");
    assert!((1500..=1600).contains(&der.len()), "{} bytes", der.len());
    assert_eq!(tbs.serial_number.as_bytes(), [0x09, 0x90, 0x01, 0x01]);
    assert_eq!(
        tbs.issuer.to_string(),
        "OU=Madoguchi Sandbox,OU=JPKI for user authentication,O=JPKI-SANDBOX,C=JP"
    );
    assert_eq!(tbs.subject.to_string(), "CN=W883SB831M5PWR99001003A,C=JP");
    assert!(tbs.subject.0[1].0.get(0).expect("CN").value.decode_as::<Utf8StringRef<'_>>().is_ok());
    assert_eq!(tbs.validity.not_after.to_date_time().to_string(), "2030-02-17T14:59:59Z");
    assert!(matches!(tbs.validity.not_before, x509_cert::time::Time::UtcTime(_)));
    assert_eq!(certificate.signature_algorithm.oid.to_string(), "1.2.840.113549.1.1.11");
    assert_eq!(tbs.subject_public_key_info.algorithm.oid.to_string(), "1.2.840.113549.1.1.1");
    assert_eq!(tbs.subject_public_key_info.subject_public_key.raw_bytes(), key.public_key());

    assert_eq!(
        extension::<KeyUsage>(&certificate, oid::KEY_USAGE, true),
        KeyUsage(KeyUsages::DigitalSignature.into())
    );
    let usage = extension::<ExtendedKeyUsage>(&certificate, oid::EXTENDED_KEY_USAGE, false);
    assert_eq!(usage.0.iter().map(ToString::to_string).collect::<Vec<_>>(), ["1.3.6.1.5.5.7.3.2"]);
    let policies = extension::<CertificatePolicies>(&certificate, oid::CERTIFICATE_POLICIES, true);
    assert_eq!(policies.0.len(), 1);
    assert_eq!(policies.0[0].policy_identifier.to_string(), "1.2.392.200149.8.5.1.0.30");
    let qualifiers = policies.0[0].policy_qualifiers.as_ref().expect("a CPS URL");
    assert_eq!(qualifiers[0].policy_qualifier_id.to_string(), "1.3.6.1.5.5.7.2.1");
    let alternative = extension::<IssuerAltName>(&certificate, oid::ISSUER_ALT_NAME, false);
    assert!(matches!(&alternative.0[..], [GeneralName::DirectoryName(name)]
        if name.to_string().contains("O=公的個人認証サービス")));
    let points = extension::<CrlDistributionPoints>(&certificate, oid::CRL_DISTRIBUTION_POINTS, false);
    let Some(DistributionPointName::FullName(names)) = &points.0[0].distribution_point else {
        panic!("the distribution point has a full name")
    };
    assert!(matches!(&names[..], [GeneralName::DirectoryName(name)]
        if name.to_string().contains("OU=CRL Distribution Points")));
    let access = extension::<AuthorityInfoAccessSyntax>(&certificate, oid::AUTHORITY_INFO_ACCESS, false);
    assert!(matches!(&access.0[0].access_location, GeneralName::UniformResourceIdentifier(url)
        if url.as_str().ends_with(".invalid")));
    let authority = extension::<AuthorityKeyIdentifier>(&certificate, oid::AUTHORITY_KEY_IDENTIFIER, false);
    let issuer = read(&Authority::Authentication3.certificate());
    let issuer_key = extension::<SubjectKeyIdentifier>(&issuer, oid::SUBJECT_KEY_IDENTIFIER, false);
    assert_eq!(authority.key_identifier, Some(issuer_key.0));
    assert_eq!(authority.authority_cert_serial_number, Some(issuer.tbs_certificate.serial_number.clone()));
    assert!(matches!(&authority.authority_cert_issuer.expect("the issuer's name")[..],
        [GeneralName::DirectoryName(name)] if *name == issuer.tbs_certificate.subject));
    extension::<SubjectKeyIdentifier>(&certificate, oid::SUBJECT_KEY_IDENTIFIER, false);
    assert!(find(&certificate, oid::BASIC_CONSTRAINTS).is_none());
}

#[test]
fn the_authorities_have_the_profile_of_a_ca() {
    for authority in AUTHENTICATION.into_iter().chain([Authority::Signature, Authority::Impostor]) {
        let der = authority.certificate();
        let certificate = read(&der);
        assert_eq!(der[..2], [0x30, 0x82]);
        assert!(verified_by(&certificate, authority), "{authority:?} is self-signed");
        let usage = extension::<KeyUsage>(&certificate, oid::KEY_USAGE, true);
        assert_eq!(usage.0, KeyUsages::KeyCertSign | KeyUsages::CRLSign);
        let alternative = extension::<SubjectAltName>(&certificate, oid::SUBJECT_ALT_NAME, false);
        assert!(matches!(&alternative.0[..], [GeneralName::DirectoryName(_)]));
        let constraints = extension::<BasicConstraints>(&certificate, oid::BASIC_CONSTRAINTS, true);
        assert_eq!(constraints, BasicConstraints { ca: true, path_len_constraint: None });
        extension::<CrlDistributionPoints>(&certificate, oid::CRL_DISTRIBUTION_POINTS, false);
        let _: SubjectKeyIdentifier = extension(&certificate, oid::SUBJECT_KEY_IDENTIFIER, false);
    }
}

#[test]
fn three_generations_share_a_name_and_nothing_else() {
    let anchors: Vec<_> = sandbox_pki::authentication_anchors().iter().map(|der| read(der)).collect();
    for (left, right) in [(0, 1), (0, 2), (1, 2)] {
        let (left, right) = (&anchors[left].tbs_certificate, &anchors[right].tbs_certificate);
        assert_eq!(left.subject, right.subject);
        assert_ne!(left.serial_number, right.serial_number);
        assert_ne!(left.subject_public_key_info, right.subject_public_key_info);
        assert_ne!(left.validity, right.validity);
    }
    let years = anchors.iter().map(|certificate| certificate.tbs_certificate.validity);
    let years =
        years.map(|years| (years.not_before.to_date_time().year(), years.not_after.to_date_time().year()));
    assert_eq!(years.collect::<Vec<_>>(), [(2015, 2025), (2019, 2029), (2023, 2033)]);
}

#[test]
fn only_the_generation_that_signed_verifies() {
    let key = TestKey::generate();
    let certificate = read(&spec(&key).issue());
    assert_eq!(AUTHENTICATION.map(|authority| verified_by(&certificate, authority)), [false, false, true]);
    let forged = read(&CertificateSpec { signed_by: Authority::Impostor, ..spec(&key) }.issue());
    assert_eq!(forged.tbs_certificate, certificate.tbs_certificate, "nothing but the signature tells");
    assert_eq!(AUTHENTICATION.map(|authority| verified_by(&forged, authority)), [false; 3]);
}

#[test]
fn the_same_spec_gives_the_same_bytes() {
    let key = TestKey::generate();
    assert_eq!(spec(&key).issue(), spec(&key).issue());
}

#[test]
fn the_signature_certificate_is_of_another_kind() {
    let der = signature_spec(&TestKey::generate()).issue();
    let certificate = read(&der);
    assert!((1600..=1900).contains(&der.len()), "{} bytes", der.len());
    assert!(verified_by(&certificate, Authority::Signature));
    let usage = extension::<KeyUsage>(&certificate, oid::KEY_USAGE, true);
    assert_eq!(usage.0, KeyUsages::DigitalSignature | KeyUsages::NonRepudiation);
    let policies = extension::<CertificatePolicies>(&certificate, oid::CERTIFICATE_POLICIES, true);
    assert_eq!(policies.0[0].policy_identifier.to_string(), "1.2.392.200149.8.5.1.0.20");
    let names = extension::<SubjectAltName>(&certificate, oid::SUBJECT_ALT_NAME, false);
    let attributes: Vec<_> = names
        .0
        .iter()
        .map(|name| match name {
            GeneralName::OtherName(other) => other.type_id.to_string(),
            _ => panic!("only otherName"),
        })
        .collect();
    let arc = "1.2.392.200149.8.5.5";
    assert_eq!(attributes, [1, 4, 3, 5, 2, 6].map(|last| format!("{arc}.{last}")));
    assert!(find(&certificate, oid::EXTENDED_KEY_USAGE).is_none());
    assert!(find(&certificate, oid::AUTHORITY_INFO_ACCESS).is_none());
}

#[test]
fn wrong_certificates_are_wrong_in_what_was_asked_and_nothing_else() {
    let key = TestKey::generate();

    let mut without = spec(&key);
    without.remove(oid::KEY_USAGE);
    assert!(find(&read(&without.issue()), oid::KEY_USAGE).is_none());

    let mut policy = spec(&key);
    policy.replace(Extension::policy(oid::SIGNATURE_POLICY));
    let policy = read(&policy.issue());
    let policies = extension::<CertificatePolicies>(&policy, oid::CERTIFICATE_POLICIES, true);
    assert_eq!(policies.0[0].policy_identifier.to_string(), "1.2.392.200149.8.5.1.0.20");

    let mut unknown = spec(&key);
    unknown.replace(Extension::new(&[1, 3, 6, 1, 4, 1, 99_999, 1], true, vec![0x05, 0x00]));
    assert!(find(&read(&unknown.issue()), &[1, 3, 6, 1, 4, 1, 99_999, 1]).expect("added").critical);

    let sha384 = read(&CertificateSpec { hash: Hash::Sha384, ..spec(&key) }.issue());
    assert_eq!(sha384.signature_algorithm.oid.to_string(), "1.2.840.113549.1.1.12");
    let issuer = read(&Authority::Authentication3.certificate());
    let issuer_key = issuer.tbs_certificate.subject_public_key_info.subject_public_key;
    let issuer_key = rsa::RsaPublicKey::from_pkcs1_der(issuer_key.raw_bytes()).expect("an RSA key");
    let signed = Sha384::digest(sha384.tbs_certificate.to_der().expect("encodes"));
    issuer_key
        .verify(Pkcs1v15Sign::new::<Sha384>(), &signed, sha384.signature.raw_bytes())
        .expect("a good signature of the wrong kind");

    let short = read(&spec(&TestKey::generate_with(1024)).issue());
    assert_eq!(short.tbs_certificate.subject_public_key_info.subject_public_key.raw_bytes().len(), 140);
}

#[test]
fn a_flaw_is_in_the_writing_and_the_signature_holds() {
    let key = TestKey::generate();
    let flawed = |flaw| read(&CertificateSpec { flaw: Some(flaw), ..spec(&key) }.issue());
    let right = read(&spec(&key).issue());
    for flaw in [Flaw::Version1, Flaw::Sha1, Flaw::OuterSha1, Flaw::NoParameters] {
        let certificate = flawed(flaw);
        assert!(verified_by(&certificate, Authority::Authentication3), "{flaw:?}");
        assert_eq!(certificate.tbs_certificate.subject, right.tbs_certificate.subject);
        assert_eq!(certificate.tbs_certificate.extensions, right.tbs_certificate.extensions);
    }
    assert_eq!(flawed(Flaw::Version1).tbs_certificate.version, x509_cert::Version::V1);

    let algorithms = |flaw| {
        let certificate = flawed(flaw);
        let (inner, outer) = (certificate.tbs_certificate.signature, certificate.signature_algorithm);
        assert_eq!(inner.parameters.is_some(), outer.parameters.is_some());
        (inner.oid.to_string(), outer.oid.to_string(), inner.parameters.is_some())
    };
    let (sha1, sha256) = ("1.2.840.113549.1.1.5".to_owned(), "1.2.840.113549.1.1.11".to_owned());
    assert_eq!(algorithms(Flaw::Sha1), (sha1.clone(), sha1.clone(), true));
    assert_eq!(algorithms(Flaw::OuterSha1), (sha256.clone(), sha1, true));
    assert_eq!(algorithms(Flaw::NoParameters), (sha256.clone(), sha256, false));
}

/// The host of every URL in some DER: text from `http` or `ldap` on, as long as the byte before it says.
fn hosts(der: &[u8]) -> Vec<String> {
    let is_url = |at: &usize| {
        let word = der[*at..].first_chunk::<4>();
        word.is_some_and(|word| word.eq_ignore_ascii_case(b"http") || word.eq_ignore_ascii_case(b"ldap"))
    };
    let host = |at: usize| {
        let url = &der[at..at + usize::from(der[at - 1])];
        let url = core::str::from_utf8(url).expect("a URL is ASCII");
        let (_, behind) = url.split_once("://").expect("a URL names a host");
        behind.split(['/', ':']).next().unwrap_or_default().to_owned()
    };
    (1..der.len()).filter(is_url).map(host).collect()
}

#[test]
fn no_url_leads_out_of_the_sandbox() {
    let key = TestKey::generate();
    let issuers = AUTHENTICATION.into_iter().chain([Authority::Impostor]);
    let mut people: Vec<_> = issuers
        .map(|issuer| CertificateSpec { issuer, signed_by: issuer, ..spec(&key) }.issue())
        .chain([signature_spec(&key).issue()])
        .collect();
    assert!(people.iter().all(|der| !hosts(der).is_empty()), "the profile has a URL in each");
    let authorities = AUTHENTICATION.into_iter().chain([Authority::Signature, Authority::Impostor]);
    people.extend(authorities.map(Authority::certificate));
    people.push(surface::key_certificate());
    for der in &people {
        for host in hosts(der) {
            assert!(host.ends_with(".invalid") || host == "localhost" || host == "127.0.0.1", "{host}");
        }
    }
}
