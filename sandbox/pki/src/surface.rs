//! The files of 券面事項確認AP that its issuer signs, as they lie on the card.
//!
//! Layouts and sizes are reported by one client from a J-LIS test card; lengths are not minimal there, and
//! so they are not here. What the signatures cover is told on the front page of this crate.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use crate::{TestKey, tlv};

/// The key that signs EF 0004, and with that the one from which trust in EF 0001 comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SurfaceAnchor {
    /// The issuer key id in EF 0004.
    pub key_id: [u8; 16],
    /// `RSAPublicKey` (RFC 8017 §A.1.1), DER; RSA-2048, e = 65537.
    pub public_key: Vec<u8>,
    /// The same key's modulus, big-endian, 256 bytes.
    pub modulus: Vec<u8>,
}

/// Key ids are ours: real ones are 16 bytes as well, with a number such as 5000023 in them.
const ANCHOR_ID: [u8; 16] = *b"MADOGUCHI-TEST-A";
const ISSUER_ID: [u8; 16] = *b"MADOGUCHI-TEST-I";

/// The trust anchor for EF 0001 and EF 0004 of 券面事項確認AP.
pub fn anchor() -> SurfaceAnchor {
    SurfaceAnchor {
        key_id: ANCHOR_ID,
        public_key: anchor_key().public_key().to_vec(),
        modulus: anchor_key().modulus(),
    }
}

/// EF 0004: the card-verifiable certificate of the issuer key, 568 bytes.
pub fn key_certificate() -> Vec<u8> {
    key_certificate_signed_by(anchor_key())
}

/// EF 0004 signed by a key of one's own: for tests that it is refused.
pub fn key_certificate_signed_by(anchor: &TestKey) -> Vec<u8> {
    let body = [&ANCHOR_ID[..], &ISSUER_ID, &public_key(issuer_key())].concat();
    let signature = anchor.issue_sha256(&body);
    tlv::wide(0x7F21, &[tlv::wide(0x5F4E, &body), tlv::wide(0x5F37, &signature)].concat())
}

/// EF 0001, 生年月日: the birth date (YYYYMMDD) and the card's public key, 547 bytes.
pub fn birth_record(birth_date: &[u8; 8], card_key: &TestKey) -> Vec<u8> {
    birth_record_signed_by(birth_date, card_key, issuer_key())
}

/// EF 0001 signed by a key of one's own: for tests that it is refused.
pub fn birth_record_signed_by(birth_date: &[u8; 8], card_key: &TestKey, issuer: &TestKey) -> Vec<u8> {
    let signed = [tlv::der(0xDF11, birth_date), tlv::wide(0xDF12, &public_key(card_key))].concat();
    let signature = issuer.issue_sha256(&signed);
    tlv::wide(0xFF10, &[signed, tlv::wide(0xDF13, &signature)].concat())
}

/// What is printed on the card, for EF 0002.
#[derive(Clone, Debug)]
pub struct Face<'a> {
    /// YYYYMMDD.
    pub birth_date: &'a [u8; 8],
    /// `1` 男, `2` 女, `9` 適用不能.
    pub sex: u8,
    /// YYYYMMDD.
    pub expires: &'a [u8; 8],
    /// Whether there is a photo. An infant's card has none.
    pub photo: bool,
}

/// EF 0002, 券面事項: 3,070 bytes with a photo, as on the test card.
///
/// The images are filler of the reported sizes, all zero, and no image format: our own decision, since
/// nothing in the product opens them.
///
/// # Panics
///
/// Never: the file has a few kilobytes.
pub fn face(face: &Face<'_>, card_key: &TestKey) -> Vec<u8> {
    let birth = tlv::der(0xDF22, face.birth_date);
    let sex = tlv::der(0xDF23, &[face.sex]);
    let key = tlv::wide(0xDF24, &public_key(card_key));
    let name = tlv::wide(0xDF25, &[0; 169]);
    let address = tlv::wide(0xDF26, &[0; 340]);
    let photo = tlv::wide(0xDF27, &vec![0; if face.photo { 1854 } else { 0 }]);
    let digests = [
        Sha256::digest([&birth[..], &sex, &key].concat()),
        Sha256::digest([&name[..], &address].concat()),
        Sha256::digest(&photo),
    ]
    .concat();
    let signature = tlv::wide(0xDF28, &issuer_key().issue_sha256(&digests));
    let expires = tlv::der(0xDF29, face.expires);
    let security_code = tlv::wide(0xDF2A, &[0; 104]);

    let parts = [birth, sex, key, name, address, photo, signature, expires, security_code];
    // Where each part begins, counted from the start of the file: 5 bytes of FF20 and the table itself.
    let mut offset = 5 + 3 + 18;
    let mut table = Vec::with_capacity(18);
    for part in &parts {
        table.extend_from_slice(&u16::try_from(offset).expect("the file has a few kilobytes").to_be_bytes());
        offset += part.len();
    }
    tlv::wide(0xFF20, &[tlv::der(0xDF21, &table), parts.concat()].concat())
}

/// EF 0003, AP基本情報: 320 bytes. DF35 is filler; what it holds on a real card is not public.
pub fn basic_information() -> Vec<u8> {
    let parts = [
        tlv::der(0xDF31, &[0x06, 0x03, 0x0E, 0x01]),
        tlv::der(0xDF32, &ISSUER_ID),
        tlv::der(0xDF33, &[0]),
        // 市区町村コード: prefecture 99 does not exist.
        tlv::der(0xDF34, b"99001"),
        tlv::wide(0xDF35, &[0xFF; 0x110]),
    ];
    tlv::wide(0xFF30, &parts.concat())
}

/// EF 0005, 個人番号 as an image: 686 bytes. The image is filler, as in [`face`].
pub fn number_image(card_key: &TestKey) -> Vec<u8> {
    let signed = [tlv::wide(0xDF41, &[0; 145]), tlv::wide(0xDF42, &public_key(card_key))].concat();
    let signature = issuer_key().issue_sha256(&signed);
    tlv::wide(0xFF40, &[signed, tlv::wide(0xDF43, &signature)].concat())
}

/// `90 03 010001, 91 82 0100 modulus`.
fn public_key(key: &TestKey) -> Vec<u8> {
    [tlv::der(0x90, &[0x01, 0x00, 0x01]), tlv::wide(0x91, &key.modulus())].concat()
}

fn anchor_key() -> &'static TestKey {
    static KEY: LazyLock<TestKey> = LazyLock::new(|| {
        TestKey::from_pem(include_str!("../keys/surface-anchor.pem")).expect("made by make_keys")
    });
    &KEY
}

fn issuer_key() -> &'static TestKey {
    static KEY: LazyLock<TestKey> = LazyLock::new(|| {
        TestKey::from_pem(include_str!("../keys/surface-issuer.pem")).expect("made by make_keys")
    });
    &KEY
}

#[cfg(test)]
mod tests {
    use rsa::pkcs1::DecodeRsaPublicKey;
    use rsa::{Pkcs1v15Sign, RsaPublicKey};

    use super::*;

    #[test]
    fn files_have_the_sizes_of_a_test_card() {
        let key = TestKey::generate();
        let face_of =
            |photo| face(&Face { birth_date: b"19800217", sex: b'2', expires: b"20350217", photo }, &key);
        assert_eq!(birth_record(b"19800217", &key).len(), 547);
        assert_eq!(birth_record(b"19800217", &key)[..5], [0xFF, 0x10, 0x82, 0x02, 0x1E]);
        assert_eq!(key_certificate().len(), 568);
        assert_eq!(key_certificate()[..10], [0x7F, 0x21, 0x82, 0x02, 0x33, 0x5F, 0x4E, 0x82, 0x01, 0x29]);
        assert_eq!(face_of(true).len(), 3070);
        assert!(face_of(false).len() < 3070);
        assert_eq!(basic_information().len(), 320);
        assert_eq!(number_image(&key).len(), 686);
    }

    #[test]
    fn the_face_tells_where_its_parts_begin_as_on_a_test_card() {
        let face = face(
            &Face { birth_date: b"19800217", sex: b'2', expires: b"20350217", photo: true },
            &TestKey::generate(),
        );
        let offsets: Vec<u16> =
            face[8..26].chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
        assert_eq!(offsets, [0x001A, 0x0025, 0x0029, 0x0137, 0x01E5, 0x033E, 0x0A81, 0x0B86, 0x0B91]);
    }

    #[test]
    fn the_issuer_signs_what_the_front_page_says() {
        let verify = |key: &TestKey, message: &[u8], signature: &[u8]| {
            let key = RsaPublicKey::from_pkcs1_der(key.public_key()).expect("a public key");
            key.verify(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message), signature)
        };
        let certificate = key_certificate();
        assert_eq!(verify(anchor_key(), &certificate[10..307], &certificate[312..]), Ok(()));
        let record = birth_record(b"19800217", &TestKey::generate());
        assert_eq!(verify(issuer_key(), &record[5..286], &record[291..]), Ok(()));
    }
}
