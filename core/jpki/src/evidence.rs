//! What a tap brings home.

use core::fmt;

use iso7816::{Tag, Tlv};

/// What the card gave. Nothing in it has been verified.
///
/// A certificate's serial number stands for a person: `Debug` shows lengths only.
pub struct Evidence {
    /// EF 000A: the 利用者証明用電子証明書, DER. `None` where the rest was not read because the service has it
    /// ([`crate::Tap::certificate_known`]); only a PIN's evidence may be so.
    pub certificate: Option<Vec<u8>>,
    /// What proves that the card was there.
    pub proof: CardProof,
}

impl Evidence {
    /// Whether a certificate was not read because the service has it.
    pub(crate) fn leaves_out(&self) -> bool {
        let key =
            matches!(self.proof, CardProof::VisualProven { key_certificate: KeyCertificate::Known(_), .. });
        key || self.certificate.is_none()
    }
}

impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let proof = match self.proof {
            CardProof::Pin { .. } => "Pin",
            CardProof::VisualProven { .. } => "VisualProven",
            CardProof::VisualAttested => "VisualAttested",
        };
        match &self.certificate {
            Some(certificate) => write!(f, "Evidence(certificate {} B, {proof})", certificate.len()),
            None => write!(f, "Evidence(certificate known, {proof})"),
        }
    }
}

/// What proves that the card was there.
pub enum CardProof {
    /// After [`crate::Method::Pin`].
    Pin {
        /// RSASSA-PKCS1-v1_5 with SHA-256 by the key of the certificate.
        signature: Vec<u8>,
    },
    /// After [`crate::Method::VisualProven`].
    VisualProven {
        /// RSASSA-PKCS1-v1_5 with SHA-256 by the key of 券面事項確認AP.
        signature: Vec<u8>,
        /// EF 0001: birth date, the key of the application, the issuer's signature over both.
        birth_record: Vec<u8>,
        /// EF 0004: the issuer's key as a card-verifiable certificate.
        key_certificate: KeyCertificate,
        /// The birth date in EF 0001.
        birth_date: BirthDate,
    },
    /// After [`crate::Method::VisualAttested`]: nothing does.
    VisualAttested,
}

/// The certificate of the key that signed EF 0001.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyCertificate {
    /// EF 0004, whole.
    Whole(Vec<u8>),
    /// It was not read because the service has it: the id of the [`crate::IssuerKey`] that fits.
    Known([u8; 16]),
}

/// A date of birth as the card's record has it, YYYYMMDD of the Gregorian calendar.
///
/// Month and day may be zero: whether the register's "unknown" is written so is not documented, and to
/// let it pass is our own decision. Personal: `Debug` shows nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BirthDate {
    /// Four digits.
    pub year: u16,
    /// 1 to 12, or 0.
    pub month: u8,
    /// 1 to 31, or 0.
    pub day: u8,
}

impl BirthDate {
    /// From EF 0001 of 券面事項確認AP: `FF10 { DF11 YYYYMMDD, … }`.
    pub(crate) fn from_record(record: &[u8]) -> Option<Self> {
        const RECORD: Tag = Tag::of(&[0xFF, 0x10]);
        const BIRTH_DATE: Tag = Tag::of(&[0xDF, 0x11]);
        let (record, _) = Tlv::parse(record).ok()?;
        if record.tag != RECORD {
            return None;
        }
        let digits: &[u8; 8] = record.child(BIRTH_DATE).ok()??.try_into().ok()?;
        let number = |digits: &[u8]| {
            digits.iter().try_fold(0_u16, |number, digit| {
                digit.is_ascii_digit().then(|| number * 10 + u16::from(digit - b'0'))
            })
        };
        let (year, month, day) = (number(&digits[..4])?, number(&digits[4..6])?, number(&digits[6..])?);
        let within = |number: u16, most| u8::try_from(number).ok().filter(|number| *number <= most);
        Some(Self { year, month: within(month, 12)?, day: within(day, 31)? })
    }
}

impl fmt::Debug for BirthDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BirthDate(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(date: &[u8]) -> Vec<u8> {
        let date = Tlv { tag: Tag::of(&[0xDF, 0x11]), value: date }.encode();
        Tlv { tag: Tag::of(&[0xFF, 0x10]), value: &date }.encode()
    }

    #[test]
    fn the_birth_date_is_read_from_the_record() {
        let date = BirthDate::from_record(&record(b"19800217"));
        assert!(date == Some(BirthDate { year: 1980, month: 2, day: 17 }));
        assert!(BirthDate::from_record(&record(b"19400000")).is_some());
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for date in [&b"1980021"[..], b"198002170", b"1980021x", b"19801317", b"19800232", b""] {
            assert!(BirthDate::from_record(&record(date)).is_none());
        }
        assert!(BirthDate::from_record(&[]).is_none());
        assert!(BirthDate::from_record(&Tlv { tag: Tag::of(&[0xFF, 0x10]), value: &[] }.encode()).is_none());
        let other_tag = Tlv { tag: Tag::of(&[0xFF, 0x20]), value: &record(b"19800217")[3..] };
        assert!(BirthDate::from_record(&other_tag.encode()).is_none());
    }

    #[test]
    fn debug_shows_nothing_personal() {
        let birth_date = BirthDate { year: 1980, month: 2, day: 17 };
        let proof = CardProof::VisualProven {
            signature: vec![],
            birth_record: b"canary".to_vec(),
            key_certificate: KeyCertificate::Known([0; 16]),
            birth_date,
        };
        let evidence = Evidence { certificate: Some(b"canary".to_vec()), proof };
        assert_eq!(format!("{evidence:?}"), "Evidence(certificate 6 B, VisualProven)");
        let evidence =
            Evidence { certificate: None, proof: CardProof::Pin { signature: b"canary".to_vec() } };
        assert_eq!(format!("{evidence:?}"), "Evidence(certificate known, Pin)");
        assert!(!format!("{birth_date:?}").contains("1980"));
    }
}
