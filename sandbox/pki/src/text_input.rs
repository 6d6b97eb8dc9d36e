//! The files of 券面事項入力補助AP, as they lie on the card: 個人番号 and 基本4情報 as text, and what vouches for them.
//!
//! Layouts and sizes are reported by one client (`myna-card`) from a J-LIS test card, and so is what the
//! signatures cover: RSASSA-PKCS1-v1_5 with SHA-256 over all whole TLVs that stand before the signature.

use sha2::{Digest, Sha256};

use crate::card_verifiable::{Anchor, Holder, key_id, public_key};
use crate::{SharedKey, tlv};

/// 基本4情報, for EF 0002.
#[derive(Clone, Debug)]
pub struct Attributes<'a> {
    /// 氏名, family and given name with an ideographic space (U+3000) between them.
    pub name: &'a str,
    /// 住所.
    pub address: &'a str,
    /// YYYYMMDD.
    pub birth_date: &'a [u8; 8],
    /// `1` 男, `2` 女, `9` 適用不能.
    pub sex: u8,
}

/// The trust anchor for [`key_certificate`].
pub fn anchor() -> Anchor {
    Holder::TextInputAnchor.anchor()
}

/// EF 0001, 個人番号 of 12 digits: 17 bytes, the last two of them filler.
///
/// # Panics
///
/// Where the number is longer than 64 KiB.
pub fn my_number(number: &str) -> Vec<u8> {
    [tlv::der(0xFF10, number.as_bytes()), vec![0xFF; 2]].concat()
}

/// EF 0002, 基本4情報. Lengths are the shortest here, as on the test card, where they fit into one byte.
///
/// # Panics
///
/// Where name and address together are longer than 64 KiB.
pub fn attributes(attributes: &Attributes<'_>) -> Vec<u8> {
    let fields = fields(attributes);
    let length = fields.iter().map(Vec::len).sum::<usize>() + 3 + 8;
    // Where each field begins, counted from the start of the file: FF20, its length, and the table itself.
    let mut offset = tlv::der(0xFF20, &vec![0; length]).len() - length + 3 + 8;
    let mut table = Vec::with_capacity(8);
    for field in &fields {
        table.extend_from_slice(&u16::try_from(offset).expect("a file is shorter than 64 KiB").to_be_bytes());
        offset += field.len();
    }
    tlv::der(0xFF20, &[tlv::der(0xDF21, &table), fields.concat()].concat())
}

/// EF 0003: digests of EF 0001 and EF 0002, and the issuer's signature over them. 336 bytes.
///
/// The first digest covers the whole file with its filler, the second the fields without the table before
/// them.
///
/// # Panics
///
/// Where number, name or address is longer than 64 KiB.
pub fn integrity(number: &str, attributes: &Attributes<'_>) -> Vec<u8> {
    let digests = [
        tlv::der(0xDF31, &Sha256::digest(my_number(number))),
        tlv::der(0xDF32, &Sha256::digest(fields(attributes).concat())),
    ];
    signed(0xFF30, &digests.concat(), 0xDF33)
}

/// EF 0004: the card-verifiable certificate of the key that signs EF 0003 and EF 0007, 568 bytes.
pub fn key_certificate() -> Vec<u8> {
    Holder::TextInputAnchor.certificate_for(Holder::TextInputIssuer)
}

/// EF 0005, AP基本情報: 164 bytes. What DF43 is for is not public: 32 bytes and 96 of filler, all of them filler
/// here.
pub fn basic_information() -> Vec<u8> {
    let parts = [
        tlv::der(0xDF41, &[0x01, 0x03, 0x0E, 0x01]),
        tlv::der(0xDF42, &key_id(*b"9000034", *b"001", 0x00)),
        tlv::wide(0xDF43, &[&[0x00; 32][..], &[0xFF; 96]].concat()),
    ];
    tlv::wide(0xFF40, &parts.concat())
}

/// EF 0006: the public key to which a terminal encrypts a session key, 269 bytes.
pub fn messaging_key() -> Vec<u8> {
    tlv::wide(0xA1, &public_key(SharedKey::TextInputMessaging.key()))
}

/// EF 0007: the public half of key 0013, and the issuer's signature over it. 536 bytes.
pub fn signed_key() -> Vec<u8> {
    let key = tlv::wide(0xDF51, &public_key(SharedKey::TextInputSignature.key()));
    signed(0xFF50, &key, 0xDF52)
}

fn fields(attributes: &Attributes<'_>) -> [Vec<u8>; 4] {
    [
        tlv::der(0xDF22, attributes.name.as_bytes()),
        tlv::der(0xDF23, attributes.address.as_bytes()),
        tlv::der(0xDF24, attributes.birth_date),
        tlv::der(0xDF25, &[attributes.sex]),
    ]
}

/// A file that ends with the issuer's signature over what stands before it.
fn signed(file: u16, parts: &[u8], signature: u16) -> Vec<u8> {
    let made = Holder::TextInputIssuer.key().issue_sha256(parts);
    tlv::wide(file, &[parts, &tlv::wide(signature, &made)].concat())
}

#[cfg(test)]
mod tests {
    use rsa::pkcs1::DecodeRsaPublicKey;
    use rsa::{Pkcs1v15Sign, RsaPublicKey};

    use super::*;

    /// As many characters as the test card's holder has.
    const HANAKO: Attributes<'_> = Attributes {
        name: "山田　花子",
        address: "試験県窓口市試験町南１２－７－２０２",
        birth_date: b"19800217",
        sex: b'2',
    };

    #[test]
    fn files_have_the_sizes_of_a_test_card() {
        assert_eq!(my_number("993041043374"), *b"\xFF\x10\x0C993041043374\xFF\xFF");
        assert_eq!(integrity("993041043374", &HANAKO).len(), 336);
        assert_eq!(key_certificate().len(), 568);
        assert_eq!(basic_information().len(), 164);
        assert_eq!(messaging_key().len(), 269);
        assert_eq!(signed_key().len(), 536);
    }

    #[test]
    fn the_attributes_begin_as_on_a_test_card_and_tell_where_each_is() {
        let file = attributes(&HANAKO);
        assert_eq!(file.len(), 104);
        assert_eq!(file[..14], *b"\xFF\x20\x65\xDF\x21\x08\x00\x0E\x00\x20\x00\x59\x00\x64");
        for length in [1, 40, 42, 43, 44, 80, 200] {
            let address = "長".repeat(length);
            let file = attributes(&Attributes { address: &address, ..HANAKO });
            let table = file.windows(3).position(|tlv| tlv == [0xDF, 0x21, 0x08]).expect("a table") + 3;
            for (field, offset) in file[table..table + 8].chunks(2).enumerate() {
                let offset = usize::from(u16::from_be_bytes([offset[0], offset[1]]));
                assert_eq!(file[offset..][..2], [0xDF, 0x22 + u8::try_from(field).expect("four fields")]);
            }
        }
    }

    #[test]
    fn the_issuer_signs_what_stands_before_its_signature() {
        let verify = |message: &[u8], signature: &[u8]| {
            let key = Holder::TextInputIssuer.key().public_key();
            let key = RsaPublicKey::from_pkcs1_der(key).expect("a public key");
            key.verify(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message), signature)
        };
        let integrity = integrity("993041043374", &HANAKO);
        assert_eq!(verify(&integrity[5..75], &integrity[80..]), Ok(()));
        assert_eq!(integrity[8..40], *Sha256::digest(my_number("993041043374")));
        assert_eq!(integrity[43..75], *Sha256::digest(&attributes(&HANAKO)[14..]));
        let key = signed_key();
        assert_eq!(verify(&key[5..275], &key[280..]), Ok(()));
    }
}
