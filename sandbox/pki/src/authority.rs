//! The CAs, and their own certificates.

use time::OffsetDateTime;
use time::macros::datetime;

use crate::certificate::{Extension, Hash, Tbs, key_identifier};
use crate::key::kept_key;
use crate::name::Name;
use crate::{TestKey, oid, tlv};

/// A CA of the sandbox. All are self-signed, and sign people's certificates directly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Authority {
    /// 利用者証明用 CA, first generation: 2015 to 2025.
    Authentication1,
    /// 利用者証明用 CA, second generation: 2019 to 2029.
    Authentication2,
    /// 利用者証明用 CA, third generation: 2023 to 2033.
    Authentication3,
    /// 署名用 CA, third generation: 2023 to 2033.
    Signature,
    /// A stranger with the name and the years of [`Authority::Authentication3`] and a key of its own. It is
    /// no anchor: for tests that a name proves nothing.
    Impostor,
}

/// The trust anchors for 利用者証明用電子証明書: three CA certificates, DER, oldest first.
pub fn authentication_anchors() -> Vec<Vec<u8>> {
    [Authority::Authentication1, Authority::Authentication2, Authority::Authentication3]
        .map(Authority::certificate)
        .to_vec()
}

/// The trust anchors for 署名用電子証明書, DER. A service that checks eligibility trusts none of them.
pub fn signature_anchors() -> Vec<Vec<u8>> {
    vec![Authority::Signature.certificate()]
}

impl Authority {
    /// The 利用者証明用 CA of generation 1, 2 or 3.
    pub fn authentication(generation: u8) -> Option<Self> {
        match generation {
            1 => Some(Self::Authentication1),
            2 => Some(Self::Authentication2),
            3 => Some(Self::Authentication3),
            _ => None,
        }
    }

    /// The CA's own certificate, DER: EF 000B (利用者証明用) or EF 0002 (署名用) of the JPKI AP.
    pub fn certificate(self) -> Vec<u8> {
        let key = self.key();
        let crl = self.crl_name().utf8(oid::COMMON_NAME, "CRLDP");
        let extensions = vec![
            // keyCertSign, cRLSign
            Extension::new(oid::KEY_USAGE, true, vec![0x03, 0x02, 0x01, 0x06]),
            Extension::new(
                oid::SUBJECT_ALT_NAME,
                false,
                tlv::sequence(&[&self.japanese_name().directory_name()]),
            ),
            Extension::new(oid::BASIC_CONSTRAINTS, true, tlv::sequence(&[&[0x01, 0x01, 0xFF]])),
            Extension::crl_distribution_point(&crl),
            Extension::new(
                oid::SUBJECT_KEY_IDENTIFIER,
                false,
                tlv::der(0x04, &key_identifier(key.public_key())),
            ),
        ];
        let (not_before, not_after) = self.validity();
        Tbs {
            serial: self.serial(),
            issuer: &self.name(),
            subject: &self.name(),
            not_before,
            not_after,
            public_key: key.public_key(),
            extensions: &extensions,
        }
        .signed_by(key, Hash::Sha256, None)
    }

    /// Its serial number, as long as those of the real CAs and none of them.
    pub(crate) fn serial(self) -> u64 {
        match self {
            Self::Authentication1 => 0x01,
            Self::Authentication2 => 0x0199_0002,
            Self::Authentication3 | Self::Impostor => 0x0699_0003,
            Self::Signature => 0x0699_0013,
        }
    }

    /// The days are those of the real CAs, midnight to midnight in Japan.
    fn validity(self) -> (OffsetDateTime, OffsetDateTime) {
        match self {
            Self::Authentication1 => (datetime!(2015-10-19 15:00 UTC), datetime!(2025-10-19 14:59:59 UTC)),
            Self::Authentication2 => (datetime!(2019-09-13 15:00 UTC), datetime!(2029-09-14 14:59:59 UTC)),
            Self::Authentication3 | Self::Signature | Self::Impostor => {
                (datetime!(2023-07-15 15:00 UTC), datetime!(2033-07-15 14:59:59 UTC))
            }
        }
    }

    /// The name, the same in every generation.
    pub(crate) fn name(self) -> Name {
        self.service_name().printable(
            oid::ORGANIZATIONAL_UNIT,
            // The real one ends in J-LIS's own name.
            "Madoguchi Sandbox",
        )
    }

    /// The name of a CRL distribution point, up to where and whose.
    pub(crate) fn crl_name(self) -> Name {
        self.service_name().printable(oid::ORGANIZATIONAL_UNIT, "CRL Distribution Points")
    }

    fn service_name(self) -> Name {
        let unit = match self {
            Self::Signature => "JPKI for digital signature",
            _ => "JPKI for user authentication",
        };
        Name::japan().printable(oid::ORGANIZATION, "JPKI-SANDBOX").printable(oid::ORGANIZATIONAL_UNIT, unit)
    }

    /// subjectAltName of the CA, issuerAltName of those whom it certifies.
    pub(crate) fn japanese_name(self) -> Name {
        let unit = match self {
            Self::Signature => "公的個人認証サービス署名用（試験）",
            _ => "公的個人認証サービス利用者証明用（試験）",
        };
        Name::japan()
            .utf8(oid::ORGANIZATION, "公的個人認証サービス（試験）")
            .utf8(oid::ORGANIZATIONAL_UNIT, unit)
            .utf8(oid::ORGANIZATIONAL_UNIT, "窓口サンドボックス")
    }

    pub(crate) fn key(self) -> &'static TestKey {
        match self {
            Self::Authentication1 => kept_key!("authentication-ca-1"),
            Self::Authentication2 => kept_key!("authentication-ca-2"),
            Self::Authentication3 => kept_key!("authentication-ca-3"),
            Self::Signature => kept_key!("signature-ca"),
            Self::Impostor => kept_key!("impostor-ca"),
        }
    }
}
