//! The files of 券面事項確認AP that its issuer signs, as they lie on the card.
//!
//! Layouts and sizes are reported by one client from a J-LIS test card; lengths are not minimal there, and
//! so they are not here. What the signatures cover is told on the front page of this crate.

use sha2::{Digest, Sha256};

use crate::card_verifiable::{Anchor, Holder, key_id, public_key};
use crate::master::MUNICIPALITY;
use crate::{TestKey, tlv};

/// The trust anchor for EF 0001 and EF 0004 of 券面事項確認AP.
pub fn anchor() -> Anchor {
    Holder::SurfaceAnchor.anchor()
}

/// EF 0004: the card-verifiable certificate of the issuer key, 568 bytes.
pub fn key_certificate() -> Vec<u8> {
    Holder::SurfaceAnchor.certificate_for(Holder::SurfaceIssuer)
}

/// EF 0004 for another key of the issuer, under the same id.
pub fn key_certificate_for(issuer: &TestKey) -> Vec<u8> {
    Holder::SurfaceAnchor.certificate_for_key(Holder::SurfaceIssuer, issuer)
}

/// EF 0004 signed by a key of one's own: for tests that it is refused.
pub fn key_certificate_signed_by(anchor: &TestKey) -> Vec<u8> {
    Holder::SurfaceAnchor.certificate_signed_by(Holder::SurfaceIssuer, anchor)
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

/// This EF 0001 with the signature of another issuer's key.
pub fn birth_record_signed_again(record: &[u8], issuer: &TestKey) -> Vec<u8> {
    // After the head of the template, and before the signature with its own.
    let signed = &record[5..record.len() - (5 + 256)];
    let signature = issuer.issue_sha256(signed);
    tlv::wide(0xFF10, &[signed, &tlv::wide(0xDF13, &signature)].concat())
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
    let signature = tlv::wide(0xDF28, &issuer_key().issue_digests(&digests));
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

/// EF 0003, AP基本情報: 320 bytes. DF35 names a key and goes on with 256 bytes of filler; what they hold on a real
/// card is not public.
pub fn basic_information() -> Vec<u8> {
    let parts = [
        tlv::der(0xDF31, &[0x06, 0x03, 0x0E, 0x01]),
        tlv::der(0xDF32, &key_id(*b"9000024", *b"001", 0x00)),
        tlv::der(0xDF33, &[0]),
        tlv::der(0xDF34, MUNICIPALITY),
        tlv::wide(0xDF35, &[&key_id(*b"9900025", *b"001", 0x00)[..], &[0xFF; 256]].concat()),
    ];
    tlv::wide(0xFF30, &parts.concat())
}

/// EF 0005, 個人番号 as an image: 686 bytes. The image is filler, as in [`face`].
pub fn number_image(card_key: &TestKey) -> Vec<u8> {
    let signed = [tlv::wide(0xDF41, &[0; 145]), tlv::wide(0xDF42, &public_key(card_key))].concat();
    let signature = issuer_key().issue_sha256(&signed);
    tlv::wide(0xFF40, &[signed, tlv::wide(0xDF43, &signature)].concat())
}

fn issuer_key() -> &'static TestKey {
    Holder::SurfaceIssuer.key()
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
        assert_eq!(basic_information()[15..31], *b"9000024\x08\x05001\0\0\0\0");
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
        assert_eq!(verify(Holder::SurfaceAnchor.key(), &certificate[10..307], &certificate[312..]), Ok(()));
        let record = birth_record(b"19800217", &TestKey::generate());
        assert_eq!(verify(issuer_key(), &record[5..286], &record[291..]), Ok(()));
        let key = TestKey::generate();
        let image = number_image(&key);
        assert_eq!(verify(issuer_key(), &image[5..425], &image[430..]), Ok(()));

        let file =
            face(&Face { birth_date: b"19800217", sex: b'2', expires: b"20350217", photo: true }, &key);
        let groups = [0x1A..0x137, 0x137..0x33E, 0x33E..0xA81].map(|group| Sha256::digest(&file[group]));
        // A DigestInfo as RFC 8017 §9.2 has it, but with 0x60 bytes of digests.
        let algorithm = b"\x30\x71\x30\x0D\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x60";
        let digest_info = [&algorithm[..], &groups.concat()].concat();
        let issuer = RsaPublicKey::from_pkcs1_der(issuer_key().public_key()).expect("a public key");
        let signature = &file[0xA86..0xB86];
        assert_eq!(issuer.verify(Pkcs1v15Sign::new_unprefixed(), &digest_info, signature), Ok(()));
    }
}
