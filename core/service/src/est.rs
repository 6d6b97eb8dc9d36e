//! Enrolment over Secure Transport (RFC 7030): the formats that device and service share.
//!
//! * the certification request (PKCS#10, RFC 2986) with two attributes of our own: [`CertificationRequest`];
//! * the answer, a certs-only CMS message (RFC 7030 §4.2.3, RFC 5652 §5): [`certs_only`], [`read_certs_only`];
//! * bodies in base64 (RFC 7030 §4, RFC 8951 §3): [`to_base64`], [`from_base64`];
//! * account and activation code as HTTP Basic credentials (RFC 7030 §3.2.3, RFC 7617): [`BasicCredentials`].
//!
//! Nothing is verified here: whoever issues a certificate verifies the request's signature and nonce.
//!
//! # The object identifiers
//!
//! The attributes lie under an arc that needs no registration: ITU-T X.667 §7 gives every UUID the arc
//! `2.25.<the UUID as an integer>`. Ours is the UUID `1fe786eb-3c01-4c9b-ad60-883be730f800`, thus
//! `2.25.42408224923729688704856190363108440064`. X.667 has it as one arc of up to 128 bits;
//! `der::oid::ObjectIdentifier` holds arcs of 32 bits only and refuses it. So these identifiers are bytes here,
//! and requests are read by this module, not by `x509_cert::request::CertReq`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use cms::cert::CertificateChoices;
use cms::content_info::ContentInfo;
use cms::signed_data::SignedData;
use der::asn1::{Any, BitString, ObjectIdentifier, OctetString, SetOfVec};
use der::{Decode, Encode, Sequence, Tag, ValueOrd};
use x509_cert::ext::Extension;
use x509_cert::name::Name;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::{Certificate, PkiPath};
use zeroize::Zeroizing;

/// Media type of a certification request (RFC 5967).
pub const PKCS10: &str = "application/pkcs10";

/// Media type of the answer (RFC 7030 §4.2.3); the service adds `; smime-type=certs-only`.
pub const PKCS7: &str = "application/pkcs7-mime";

/// Attribute `2.25.42408224923729688704856190363108440064.1`, an OCTET STRING: the nonce of
/// `POST /v1/enrollment-challenges`. Content octets of the OBJECT IDENTIFIER (X.690 §8.19).
pub const NONCE: [u8; 20] = uuid_arc(1);

/// Attribute `2.25.42408224923729688704856190363108440064.2`, a SEQUENCE OF OCTET STRING: what the platform
/// says about the key, one certificate (DER) in each, leaf first. Left out where the platform says nothing.
pub const ATTESTATION: [u8; 20] = uuid_arc(2);

/// Our UUID under `2.25`, in base 128, and one arc below it.
const fn uuid_arc(last: u8) -> [u8; 20] {
    [
        0x69, 0xBF, 0xE7, 0xC3, 0xBA, 0xE7, 0xC0, 0x8A, 0xB2, 0xB7, 0xAD, 0xB0, 0xA2, 0x87, 0xBE, 0xB9, 0xC3,
        0xF0, 0x00, last,
    ]
}

const ID_EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const SECP256R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const EXTENSION_REQUEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.14");
const SUBJECT_ALT_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.17");

/// What is not of the formats of this module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// Not DER, or not the structure that it should be.
    #[error("the DER structure is not the expected one")]
    Der,
    /// Not an ECDSA key on P-256, or not signed with SHA-256.
    #[error("key or signature algorithm other than ECDSA on P-256 with SHA-256")]
    Algorithm,
    /// An attribute of ours stands there twice, or not as it should be.
    #[error("an attribute of the request is not as it should be")]
    Attribute,
    /// Not base64.
    #[error("the body is not base64")]
    Base64,
    /// Not HTTP Basic credentials of an account and a code.
    #[error("no account and code")]
    Credentials,
}

impl From<der::Error> for Malformed {
    fn from(_: der::Error) -> Self {
        Self::Der
    }
}

/// A certification request as the service reads it. Its signature is **not** verified yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificationRequest {
    /// The certificationRequestInfo, DER: what [`Self::signature`] is over.
    pub signed: Vec<u8>,
    /// The key to be certified, `04 ‖ x ‖ y` (SEC 1 §2.3.3).
    pub public_key: [u8; 65],
    /// ECDSA with SHA-256 by that same key, DER (RFC 3279 §2.2.3).
    pub signature: Vec<u8>,
    /// [`NONCE`], if it is there. simplereenroll has none.
    pub nonce: Option<Vec<u8>>,
    /// [`ATTESTATION`], leaf first; empty if it is not there.
    pub attestation: Vec<Vec<u8>>,
}

impl CertificationRequest {
    /// Reads a request. Attributes that are not ours are passed over.
    pub fn from_der(der: &[u8]) -> Result<Self, Malformed> {
        let request = Signed::from_der(der)?;
        let signed = request.info.to_der()?;
        let info = Info::from_der(&signed)?;
        if info.version != 0 {
            return Err(Malformed::Der);
        }
        if request.algorithm.oid != ECDSA_WITH_SHA256 || request.algorithm.parameters.is_some() {
            return Err(Malformed::Algorithm);
        }
        let signature = request.signature.as_bytes().ok_or(Malformed::Der)?.to_vec();
        let nonce = info.attribute(&NONCE)?.map(Any::decode_as::<OctetString>).transpose();
        let attestation = info.attribute(&ATTESTATION)?.map(Any::decode_as::<Vec<OctetString>>).transpose();
        Ok(Self {
            public_key: p256_point(&info.public_key)?,
            nonce: nonce.map_err(|_| Malformed::Attribute)?.map(OctetString::into_bytes),
            attestation: attestation
                .map_err(|_| Malformed::Attribute)?
                .unwrap_or_default()
                .into_iter()
                .map(OctetString::into_bytes)
                .collect(),
            signed,
            signature,
        })
    }
}

/// A certification request that waits for its signature.
pub struct UnsignedRequest {
    info: Vec<u8>,
}

impl UnsignedRequest {
    /// For simpleenroll: an empty subject, since the service alone knows who the device is.
    pub fn new(public_key: &[u8; 65], nonce: &[u8], attestation: &[Vec<u8>]) -> Result<Self, Malformed> {
        let mut attributes = vec![Attribute::new(&NONCE, &OctetString::new(nonce)?)?];
        if !attestation.is_empty() {
            let chain = attestation.iter().map(|one| OctetString::new(one.as_slice()));
            attributes.push(Attribute::new(&ATTESTATION, &chain.collect::<Result<Vec<_>, _>>()?)?);
        }
        Self::from_parts(public_key, Name::default(), attributes)
    }

    /// For simplereenroll: subject and subjectAltName as in the certificate that is renewed (RFC 7030 §4.2.2).
    pub fn renewing(public_key: &[u8; 65], certificate: &[u8]) -> Result<Self, Malformed> {
        let old = Certificate::from_der(certificate)?.tbs_certificate;
        let names = old.extensions.unwrap_or_default().into_iter().filter(|e| e.extn_id == SUBJECT_ALT_NAME);
        let names: Vec<Extension> = names.collect();
        let attributes = if names.is_empty() {
            Vec::new()
        } else {
            vec![Attribute::new(EXTENSION_REQUEST.as_bytes(), &names)?]
        };
        Self::from_parts(public_key, old.subject, attributes)
    }

    fn from_parts(
        public_key: &[u8; 65],
        subject: Name,
        attributes: Vec<Attribute>,
    ) -> Result<Self, Malformed> {
        let algorithm =
            AlgorithmIdentifierOwned { oid: ID_EC_PUBLIC_KEY, parameters: Some((&SECP256R1).into()) };
        let public_key =
            SubjectPublicKeyInfoOwned { algorithm, subject_public_key: BitString::from_bytes(public_key)? };
        let info = Info { version: 0, subject, public_key, attributes: SetOfVec::try_from(attributes)? };
        Ok(Self { info: info.to_der()? })
    }

    /// What the device key signs.
    pub fn to_be_signed(&self) -> &[u8] {
        &self.info
    }

    /// The request, DER, with the signature over [`Self::to_be_signed`].
    pub fn with_signature(self, signature: &[u8]) -> Result<Vec<u8>, Malformed> {
        let request = Signed {
            info: Any::from_der(&self.info)?,
            algorithm: AlgorithmIdentifierOwned { oid: ECDSA_WITH_SHA256, parameters: None },
            signature: BitString::from_bytes(signature)?,
        };
        Ok(request.to_der()?)
    }
}

/// `CertificationRequest` (RFC 2986 §4.2). The info is kept as it came, since it is what was signed.
#[derive(Sequence)]
struct Signed {
    info: Any,
    algorithm: AlgorithmIdentifierOwned,
    signature: BitString,
}

/// `CertificationRequestInfo` (RFC 2986 §4.1).
#[derive(Sequence)]
struct Info {
    version: u8,
    subject: Name,
    public_key: SubjectPublicKeyInfoOwned,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT")]
    attributes: SetOfVec<Attribute>,
}

impl Info {
    /// The single value of the attribute with this identifier.
    fn attribute(&self, oid: &[u8]) -> Result<Option<&Any>, Malformed> {
        let mut found = self.attributes.iter().filter(|attribute| attribute.is(oid));
        let Some(attribute) = found.next() else { return Ok(None) };
        match (found.next(), attribute.values.get(0), attribute.values.len()) {
            (None, Some(value), 1) => Ok(Some(value)),
            _ => Err(Malformed::Attribute),
        }
    }
}

/// Attribute (RFC 2986 §4.1), with an identifier of any arcs.
#[derive(Sequence, ValueOrd)]
struct Attribute {
    oid: Any,
    values: SetOfVec<Any>,
}

impl Attribute {
    fn new(oid: &[u8], value: &(impl der::Tagged + der::EncodeValue)) -> Result<Self, Malformed> {
        let values = SetOfVec::try_from(vec![Any::encode_from(value)?])?;
        Ok(Self { oid: Any::new(Tag::ObjectIdentifier, oid)?, values })
    }

    fn is(&self, oid: &[u8]) -> bool {
        der::Tagged::tag(&self.oid) == Tag::ObjectIdentifier && self.oid.value() == oid
    }
}

/// The point of an ECDSA key on P-256 (RFC 5480 §2.1.1.1, §2.2).
fn p256_point(key: &SubjectPublicKeyInfoOwned) -> Result<[u8; 65], Malformed> {
    let curve = key.algorithm.parameters.as_ref().and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
    if key.algorithm.oid != ID_EC_PUBLIC_KEY || curve != Some(SECP256R1) {
        return Err(Malformed::Algorithm);
    }
    let point: Option<[u8; 65]> = key.subject_public_key.as_bytes().and_then(|p| p.try_into().ok());
    point.filter(|point| point[0] == 0x04).ok_or(Malformed::Algorithm)
}

/// The point of the P-256 key in a certificate.
pub fn public_key_of(certificate: &[u8]) -> Result<[u8; 65], Malformed> {
    p256_point(&Certificate::from_der(certificate)?.tbs_certificate.subject_public_key_info)
}

/// Packs certificates (DER) as the answer to an enrolment. The order is lost: CMS has a set.
pub fn certs_only(certificates: &[Vec<u8>]) -> Result<Vec<u8>, Malformed> {
    let path: PkiPath =
        certificates.iter().map(|der| Certificate::from_der(der)).collect::<Result<_, _>>()?;
    Ok(ContentInfo::try_from(path)?.to_der()?)
}

/// The certificates (DER) of an answer, in no order.
pub fn read_certs_only(der: &[u8]) -> Result<Vec<Vec<u8>>, Malformed> {
    /// id-signedData (RFC 5652 §5.1).
    const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
    let outer = ContentInfo::from_der(der)?;
    if outer.content_type != SIGNED_DATA {
        return Err(Malformed::Der);
    }
    let inner: SignedData = outer.content.decode_as()?;
    let set = inner.certificates.ok_or(Malformed::Der)?;
    let read = |choice: &CertificateChoices| match choice {
        CertificateChoices::Certificate(certificate) => Ok(certificate.to_der()?),
        CertificateChoices::Other(_) => Err(Malformed::Der),
    };
    set.0.iter().map(read).collect()
}

/// A body as EST sends it.
pub fn to_base64(der: &[u8]) -> String {
    STANDARD.encode(der)
}

/// A body as EST sends it; white space is passed over (RFC 8951 §3.1).
pub fn from_base64(body: &[u8]) -> Result<Vec<u8>, Malformed> {
    let text: Vec<u8> = body.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    STANDARD.decode(text).map_err(|_| Malformed::Base64)
}

/// An account and its activation code (12 digits) or the secret of a link, as `Authorization` carries them.
pub struct BasicCredentials {
    /// 1 to 64 of `A–Z a–z 0–9 . _ -`.
    pub account: String,
    /// Printable ASCII.
    pub code: Zeroizing<Vec<u8>>,
}

impl BasicCredentials {
    /// The longest account.
    pub(crate) const MAX_ACCOUNT: usize = 64;
    /// The longest code.
    const MAX_CODE: usize = 64;

    /// Takes what may be an account and a code.
    pub fn new(account: &str, code: &[u8]) -> Result<Self, Malformed> {
        let fits = is_account(account)
            && !code.is_empty()
            && code.len() <= Self::MAX_CODE
            && code.iter().all(u8::is_ascii_graphic);
        let this = || Self { account: account.to_owned(), code: Zeroizing::new(code.to_vec()) };
        fits.then(this).ok_or(Malformed::Credentials)
    }

    /// Reads the value of an `Authorization` header.
    pub fn from_header(value: &str) -> Result<Self, Malformed> {
        let (scheme, encoded) = value.split_once(' ').ok_or(Malformed::Credentials)?;
        if !scheme.eq_ignore_ascii_case("basic") || encoded.len() > 256 {
            return Err(Malformed::Credentials);
        }
        let text = Zeroizing::new(STANDARD.decode(encoded.trim()).map_err(|_| Malformed::Credentials)?);
        let colon = text.iter().position(|byte| *byte == b':').ok_or(Malformed::Credentials)?;
        let account = core::str::from_utf8(&text[..colon]).map_err(|_| Malformed::Credentials)?;
        Self::new(account, &text[colon + 1..])
    }

    /// The value of an `Authorization` header.
    pub fn to_header(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(Vec::with_capacity(self.account.len() + 1 + self.code.len()));
        text.extend_from_slice(self.account.as_bytes());
        text.push(b':');
        text.extend_from_slice(&self.code);
        let encoded = Zeroizing::new(STANDARD.encode(&*text));
        Zeroizing::new(["Basic ", &encoded].concat())
    }
}

impl core::fmt::Debug for BasicCredentials {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("BasicCredentials(redacted)")
    }
}

/// Whether a text may be an account: no `:`, which ends it in HTTP Basic (RFC 7617 §2), and nothing that
/// two people could type differently.
pub(crate) fn is_account(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=BasicCredentials::MAX_ACCOUNT).contains(&text.len()) && text.bytes().all(allowed)
}
