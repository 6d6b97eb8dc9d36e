//! People's certificates: right ones as the profile has them, wrong ones as a test needs them.

use rcgen::{
    CertificateParams, CustomExtension, Issuer, PKCS_RSA_SHA256, PKCS_RSA_SHA384, PublicKeyData,
    SerialNumber, SignatureAlgorithm, SigningKey,
};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use crate::name::Name;
use crate::{Authority, TestKey, oid, tlv};

/// A certificate to be issued. The constructors fill it as the profile has it; every field may be changed
/// before [`CertificateSpec::issue`], which makes what it is told to.
#[derive(Clone, Debug)]
pub struct CertificateSpec {
    /// Whose name stands as issuer. The authority key identifier is among the extensions.
    pub issuer: Authority,
    /// Who signs. An impostor signs in the name of another.
    pub signed_by: Authority,
    /// The signature's hash. The profile has SHA-256.
    pub hash: Hash,
    /// serialNumber (発行番号).
    pub serial: u64,
    /// CN of the subject.
    pub subject_cn: String,
    /// L of the subject, twice (都道府県, 市区町村): 署名用 only.
    pub subject_localities: Option<[String; 2]>,
    /// `RSAPublicKey` of the subject, DER.
    pub public_key: Vec<u8>,
    /// First second.
    pub not_before: OffsetDateTime,
    /// Last second: on a real card 14:59:59Z, the end of a birthday in Japan.
    pub not_after: OffsetDateTime,
    /// The extensions, in order.
    pub extensions: Vec<Extension>,
    /// What is wrong with how the certificate is written, if anything. The signature holds all the same.
    pub flaw: Option<Flaw>,
}

/// A certificate that no CA would write. Only for the profile's hash, [`Hash::Sha256`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Version 1: the field `version` is left away (RFC 5280 §4.1.2.1), the extensions are not.
    Version1,
    /// Both algorithm fields say sha1WithRSAEncryption (RFC 3279 §2.2.1). What is signed is SHA-256 still.
    Sha1,
    /// Only signatureAlgorithm, which nobody signed, says sha1WithRSAEncryption (RFC 5280 §4.1.1.2 wants the two
    /// to be the same).
    OuterSha1,
    /// Neither algorithm field has the parameters NULL (RFC 4055 §5 wants them).
    NoParameters,
}

/// An X.509 extension (RFC 5280 §4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// extnID.
    pub oid: &'static [u64],
    /// Whether a reader that does not know it must refuse the certificate.
    pub critical: bool,
    /// DER of what extnValue wraps.
    pub value: Vec<u8>,
}

/// The hash under a certificate's signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// sha256WithRSAEncryption: the profile's.
    Sha256,
    /// sha384WithRSAEncryption: not of the profile, for tests that it is refused.
    Sha384,
}

/// What 署名用電子証明書 tells of its holder. A reader of eligibility has no use for it.
#[derive(Clone, Debug)]
pub struct HolderAttributes<'a> {
    /// 氏名.
    pub name: &'a str,
    /// EYYYYMMDD: era digit and the date as printed in the certificate's own form.
    pub birth_date: &'a str,
    /// 1 男, 2 女, 9 適用不能.
    pub sex: &'a str,
    /// 住所.
    pub address: &'a str,
}

impl CertificateSpec {
    /// 利用者証明用電子証明書. It holds no name and no birth date: its CN is 14 random characters, the
    /// 市区町村コード and `003A`.
    pub fn authentication(
        issuer: Authority,
        serial: u64,
        subject_cn: &str,
        key: &TestKey,
        not_before: OffsetDateTime,
        not_after: OffsetDateTime,
    ) -> Self {
        let extensions = vec![
            // digitalSignature
            Extension::new(oid::KEY_USAGE, true, vec![0x03, 0x02, 0x07, 0x80]),
            Extension::new(
                oid::EXTENDED_KEY_USAGE,
                false,
                tlv::sequence(&[&tlv::object_identifier(oid::CLIENT_AUTH)]),
            ),
            Extension::policy(oid::AUTHENTICATION_POLICY),
            Extension::issuer_alt_name(issuer),
            Extension::person_crl_distribution_point(issuer),
            Extension::ocsp("http://ocspauthnorm.jpki-sandbox.invalid"),
            Extension::authority_key_identifier(issuer),
            Extension::subject_key_identifier(key),
        ];
        Self::plain(issuer, serial, subject_cn, key, not_before, not_after, extensions)
    }

    /// 署名用電子証明書, issued by [`Authority::Signature`]: another CA, another policy, nonRepudiation, no
    /// extKeyUsage, and the holder's four attributes.
    pub fn signature(
        serial: u64,
        subject_cn: &str,
        holder: &HolderAttributes<'_>,
        key: &TestKey,
        not_before: OffsetDateTime,
        not_after: OffsetDateTime,
    ) -> Self {
        let issuer = Authority::Signature;
        let extensions = vec![
            // digitalSignature, nonRepudiation
            Extension::new(oid::KEY_USAGE, true, vec![0x03, 0x02, 0x06, 0xC0]),
            Extension::policy(oid::SIGNATURE_POLICY),
            Extension::new(oid::SUBJECT_ALT_NAME, false, holder.subject_alt_name()),
            Extension::issuer_alt_name(issuer),
            Extension::person_crl_distribution_point(issuer),
            Extension::authority_key_identifier(issuer),
            Extension::subject_key_identifier(key),
        ];
        Self {
            subject_localities: Some([PREFECTURE.to_owned(), CITY.to_owned()]),
            ..Self::plain(issuer, serial, subject_cn, key, not_before, not_after, extensions)
        }
    }

    /// As its issuer would make it, with nothing wrong.
    fn plain(
        issuer: Authority,
        serial: u64,
        subject_cn: &str,
        key: &TestKey,
        not_before: OffsetDateTime,
        not_after: OffsetDateTime,
        extensions: Vec<Extension>,
    ) -> Self {
        Self {
            issuer,
            signed_by: issuer,
            hash: Hash::Sha256,
            serial,
            subject_cn: subject_cn.to_owned(),
            subject_localities: None,
            public_key: key.public_key().to_vec(),
            not_before,
            not_after,
            extensions,
            flaw: None,
        }
    }

    /// Takes an extension out.
    pub fn remove(&mut self, oid: &[u64]) -> &mut Self {
        self.extensions.retain(|extension| extension.oid != oid);
        self
    }

    /// Puts an extension in the place of the one with the same identifier, or at the end.
    pub fn replace(&mut self, extension: Extension) -> &mut Self {
        match self.extensions.iter_mut().find(|present| present.oid == extension.oid) {
            Some(present) => *present = extension,
            None => self.extensions.push(extension),
        }
        self
    }

    /// The certificate, DER. The same spec always gives the same bytes.
    pub fn issue(&self) -> Vec<u8> {
        let mut subject = Name::japan();
        for locality in self.subject_localities.iter().flatten() {
            subject = subject.utf8(oid::LOCALITY, locality);
        }
        Tbs {
            serial: self.serial,
            issuer: &self.issuer.name(),
            subject: &subject.utf8(oid::COMMON_NAME, &self.subject_cn),
            not_before: self.not_before,
            not_after: self.not_after,
            public_key: &self.public_key,
            extensions: &self.extensions,
        }
        .signed_by(self.signed_by.key(), self.hash, self.flaw)
    }
}

/// Prefecture 99 does not exist, and neither do these.
const PREFECTURE: &str = "Shiken-ken";
const CITY: &str = "Madoguchi-shi";

impl Extension {
    /// From its parts.
    pub fn new(oid: &'static [u64], critical: bool, value: Vec<u8>) -> Self {
        Self { oid, critical, value }
    }

    /// certificatePolicies with one policy and the URL of its CPS. Critical in the profile, which makes some
    /// X.509 libraries refuse the certificate.
    pub fn policy(policy: &[u64]) -> Self {
        let cps = tlv::sequence(&[
            &tlv::object_identifier(oid::CPS),
            &tlv::der(0x16, b"http://www.jpki-sandbox.invalid/cps.html"),
        ]);
        let policy = tlv::sequence(&[&tlv::object_identifier(policy), &tlv::sequence(&[&cps])]);
        Self::new(oid::CERTIFICATE_POLICIES, true, tlv::sequence(&[&policy]))
    }

    /// authorityKeyIdentifier with all three of key identifier, issuer and serial number.
    pub fn authority_key_identifier(issuer: Authority) -> Self {
        let value = tlv::sequence(&[
            &tlv::der(0x80, &key_identifier(issuer.key().public_key())),
            &tlv::der(0xA1, &issuer.name().directory_name()),
            &tlv::der(0x82, &tlv::integer(issuer.serial())[2..]),
        ]);
        Self::new(oid::AUTHORITY_KEY_IDENTIFIER, false, value)
    }

    fn subject_key_identifier(key: &TestKey) -> Self {
        Self::new(oid::SUBJECT_KEY_IDENTIFIER, false, tlv::der(0x04, &key_identifier(key.public_key())))
    }

    fn issuer_alt_name(issuer: Authority) -> Self {
        Self::new(oid::ISSUER_ALT_NAME, false, tlv::sequence(&[&issuer.japanese_name().directory_name()]))
    }

    fn person_crl_distribution_point(issuer: Authority) -> Self {
        let name = issuer
            .crl_name()
            .printable(oid::ORGANIZATIONAL_UNIT, PREFECTURE)
            .printable(oid::COMMON_NAME, &format!("{CITY} CRLDP"));
        Self::crl_distribution_point(&name)
    }

    /// cRLDistributionPoints with a directoryName and no URL.
    pub(crate) fn crl_distribution_point(name: &Name) -> Self {
        let point = tlv::sequence(&[&tlv::der(0xA0, &tlv::der(0xA0, &name.directory_name()))]);
        Self::new(oid::CRL_DISTRIBUTION_POINTS, false, tlv::sequence(&[&point]))
    }

    fn ocsp(url: &str) -> Self {
        let access = tlv::sequence(&[&tlv::object_identifier(oid::OCSP), &tlv::der(0x86, url.as_bytes())]);
        Self::new(oid::AUTHORITY_INFO_ACCESS, false, tlv::sequence(&[&access]))
    }
}

impl HolderAttributes<'_> {
    /// otherName values in the order of the profile. Which characters were replaced is told as `0` each: none.
    fn subject_alt_name(&self) -> Vec<u8> {
        let unchanged = |text: &str| "0".repeat(text.chars().count());
        let names: Vec<u8> = [
            (1, self.name.to_owned()),
            (4, self.birth_date.to_owned()),
            (3, self.sex.to_owned()),
            (5, self.address.to_owned()),
            (2, unchanged(self.name)),
            (6, unchanged(self.address)),
        ]
        .into_iter()
        .flat_map(|(attribute, text)| {
            let oid = [oid::HOLDER_ATTRIBUTES, &[attribute]].concat();
            let value = tlv::der(0xA0, &tlv::der(0x0C, text.as_bytes()));
            tlv::der(0xA0, &[tlv::object_identifier(&oid), value].concat())
        })
        .collect();
        tlv::der(0x30, &names)
    }
}

/// The 20 bytes that name a key: the first of its SHA-256 (RFC 7093 §2, method 1). Real ones are as long;
/// how they are made does not matter to a reader (RFC 5280 §4.2.1.2).
pub(crate) fn key_identifier(public_key: &[u8]) -> [u8; 20] {
    let digest: [u8; 32] = Sha256::digest(public_key).into();
    *digest.first_chunk().expect("20 is less than 32")
}

/// What is signed. rcgen writes it; every extension is our own, so that nothing is added or left out.
pub(crate) struct Tbs<'a> {
    pub(crate) serial: u64,
    pub(crate) issuer: &'a Name,
    pub(crate) subject: &'a Name,
    pub(crate) not_before: OffsetDateTime,
    pub(crate) not_after: OffsetDateTime,
    pub(crate) public_key: &'a [u8],
    pub(crate) extensions: &'a [Extension],
}

impl Tbs<'_> {
    pub(crate) fn signed_by(&self, key: &TestKey, hash: Hash, flaw: Option<Flaw>) -> Vec<u8> {
        let mut issuer = CertificateParams::default();
        issuer.distinguished_name = self.issuer.rcgen();

        let mut params = CertificateParams::default();
        params.not_before = self.not_before;
        params.not_after = self.not_after;
        params.serial_number = Some(SerialNumber::from_slice(&tlv::unsigned(self.serial)));
        params.distinguished_name = self.subject.rcgen();
        params.custom_extensions = self
            .extensions
            .iter()
            .map(|extension| {
                let mut custom = CustomExtension::from_oid_content(extension.oid, extension.value.clone());
                custom.set_criticality(extension.critical);
                custom
            })
            .collect();

        let issuer = Issuer::new(issuer, IssuerKey { key, hash });
        let certificate = params
            .signed_by(&SubjectKey(self.public_key), &issuer)
            .expect("name, dates and extensions have an encoding");
        match flaw {
            Some(flaw) => flaw.in_place_of(certificate.der(), key),
            None => certificate.der().to_vec(),
        }
    }
}

impl Flaw {
    /// The certificate with the flaw, and a signature over what it says then.
    fn in_place_of(self, right: &[u8], key: &TestKey) -> Vec<u8> {
        const VERSION_3: &[u8] = &[0xA0, 0x03, 0x02, 0x01, 0x02];
        let algorithm = |last| {
            let oid = tlv::object_identifier(&[1, 2, 840, 113_549, 1, 1, last]);
            tlv::sequence(&[&oid, &[0x05, 0x00]])
        };
        let (sha256, sha1) = (algorithm(11), algorithm(5));
        let bare = tlv::sequence(&[&sha256[2..sha256.len() - 2]]);

        // Certificate and tbsCertificate have four bytes of tag and length each.
        let tbs_length = usize::from(u16::from_be_bytes([right[6], right[7]]));
        let tbs = &right[8..8 + tbs_length];
        let (tbs, outer) = match self {
            Self::Version1 => (replaced(tbs, VERSION_3, &[]), sha256),
            Self::Sha1 => (replaced(tbs, &sha256, &sha1), sha1),
            Self::OuterSha1 => (tbs.to_vec(), sha1),
            Self::NoParameters => (replaced(tbs, &sha256, &bare), bare),
        };
        let tbs = tlv::der(0x30, &tbs);
        let signature = [&[0x00], &key.issue_sha256(&tbs)[..]].concat();
        tlv::sequence(&[&tbs, &outer, &tlv::der(0x03, &signature)])
    }
}

/// The bytes with the first `from` replaced.
fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = bytes.windows(from.len()).position(|window| window == from).expect("the profile has it");
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}

struct IssuerKey<'a> {
    key: &'a TestKey,
    hash: Hash,
}

impl SigningKey for IssuerKey<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(match self.hash {
            Hash::Sha256 => self.key.issue_sha256(message),
            Hash::Sha384 => self.key.issue_sha384(message),
        })
    }
}

impl PublicKeyData for IssuerKey<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.key.public_key()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        match self.hash {
            Hash::Sha256 => &PKCS_RSA_SHA256,
            Hash::Sha384 => &PKCS_RSA_SHA384,
        }
    }
}

struct SubjectKey<'a>(&'a [u8]);

impl PublicKeyData for SubjectKey<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.0
    }

    /// Only its key type is written: rsaEncryption.
    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}
