//! A result on its way to a receipt computer (レセコン): [text] for the clipboard, and an [XML file](xml).
//!
//! Both say what the record says and nothing else: no [share](crate::share()) that follows from age, no word for
//! what is missing. The text stands in the lines that public receivers of the real app's copied text read, of which
//! no specification is public; the file has the vocabulary of the record, whole. What is known of either, and how
//! well, is in `docs/exports.md`.
//!
//! ```
//! use eligibility::{Code, Eligibility, Record, export};
//! use time::macros::datetime;
//!
//! let answer = Eligibility {
//!     qualification_validity: Some(Code::new("1")),
//!     results: vec![Record { insured_branch_number: Some("00".to_owned()), ..Record::default() }],
//!     ..Eligibility::default()
//! };
//! let head = export::Head {
//!     confirmed_at: datetime!(2026-11-23 05:02:05 UTC),
//!     institution: "9919900010",
//!     check_id: "0123456789abcdef",
//! };
//! let text = export::text(&answer, &head);
//! let text = core::str::from_utf8(text.expose()).expect("UTF-8");
//! assert!(text.starts_with("資格情報(医療保険)\r\n確認日 : \t2026-11-23\r\n"));
//! assert!(text.contains("\r\n枝番\t00\r\n") && text.contains("\r\n負担割合\t\r\n"));
//!
//! let xml = export::xml(&answer, &head);
//! assert!(xml.expose().starts_with(br#"<?xml version="1.0" encoding="Shift_JIS" standalone="no"?>"#));
//! assert_eq!(
//!     export::xml_file_name(&head),
//!     "OQSsiquc01res_face_99199000100123456789abcdef_20261123140205.xml"
//! );
//! ```

mod shift_jis;
mod text;
mod xml;

use secret::SecretBytes;
use time::{OffsetDateTime, macros::offset};

use crate::{Code, CodeTable, DateText, Eligibility, Ratio};

pub(crate) use xml::{Content, Xml};

/// The format of the [text], as its last line names it. It changes whenever a label, an order or the form of a value
/// does; a label that is added at the end of a section changes nothing for a reader by labels.
pub const TEXT_FORMAT: &str = "Madoguchi 1";

/// What a check was, beside what it found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head<'a> {
    /// When the service decided.
    pub confirmed_at: OffsetDateTime,
    /// 医療機関コード or 登録記号番号 of the institution that asked.
    pub institution: &'a str,
    /// The service's name of the check. It tells nothing of the patient.
    pub check_id: &'a str,
}

impl Head<'_> {
    /// In Japan. At the very end of time there is no next day there; any moment is as wrong as another then.
    fn in_japan(&self) -> OffsetDateTime {
        self.confirmed_at.checked_to_offset(offset!(+9)).unwrap_or(self.confirmed_at)
    }

    /// 資格確認日, in Japan.
    fn day(&self) -> DateText {
        DateText::from(self.in_japan().date())
    }

    /// `YYYYMMDDHHMMSS`, in Japan.
    fn stamp(&self) -> String {
        let (hour, minute, second) = self.in_japan().to_hms();
        format!("{}{hour:02}{minute:02}{second:02}", self.day().as_str())
    }
}

/// All records as lines of label, tab and value, in UTF-8 with CRLF: for the clipboard.
///
/// A label stands there whether or not the record has a value for it, so a field that is missing is an empty one.
/// Where there are several records of one kind, every label ends in `(1)`, `(2)`, …: receivers know one record only, and
/// would mix them up.
///
/// The bytes wipe themselves; what was allocated on the way here does not, and neither does the record.
pub fn text(answer: &Eligibility, head: &Head<'_>) -> SecretBytes {
    SecretBytes::new(text::write(answer, head).into_bytes())
}

/// All records as an XML message, as card readers at hospitals leave it for the receipt computer: in `Shift_JIS`
/// (Windows-31J) with CRLF. A character that this encoding does not have is a character reference, so none is lost.
///
/// The bytes wipe themselves; what was allocated on the way here does not, and neither does the record.
pub fn xml(answer: &Eligibility, head: &Head<'_>) -> SecretBytes {
    SecretBytes::new(xml::write(answer, head))
}

/// The name under which receipt computers look for the [XML file](xml): `OQSsiquc01res_face_…_YYYYMMDDHHMMSS.xml`.
///
/// The part in the middle is free in the files that are known, but for the institution's code at its beginning. Here
/// it goes on with the name of the check, because no name may come twice. ASCII letters and digits only.
pub fn xml_file_name(head: &Head<'_>) -> String {
    let safe = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    format!("OQSsiquc01res_face_{}{}_{}.xml", safe(head.institution), safe(head.check_id), head.stamp())
}

/// A date as the text has it: `YYYY-MM-DD` (ISO 8601), which all known receivers read, as they do not all read
/// Japanese years. Eight digits that are no date keep their places; anything else stays as it came.
pub fn date(date: &DateText) -> String {
    let text = date.as_str();
    if text.len() == 8 && text.bytes().all(|digit| digit.is_ascii_digit()) {
        format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..])
    } else {
        text.to_owned()
    }
}

/// A code as the text has it: the Japanese word of its table, or the code where the table does not know it.
pub fn code<T: CodeTable>(code: &Code<T>) -> String {
    code.text().map_or_else(|| code.as_str().to_owned(), |text| text.ja.to_owned())
}

/// A ratio as the text has it: 3割, 25%, or as it came.
pub fn ratio(ratio: &Ratio) -> String {
    match ratio.percent() {
        Some(percent) if percent.is_multiple_of(10) => format!("{}割", percent / 10),
        Some(percent) => format!("{percent}%"),
        None => ratio.as_str().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::tables::Sex;

    #[test]
    fn values_that_nobody_can_read_stay_as_they_came() {
        assert_eq!(date(&DateText::new("19800217")), "1980-02-17");
        assert_eq!(date(&DateText::new("19800000")), "1980-00-00");
        for text in ["", "2024", "２０２４１２０２", "昭和55年"] {
            assert_eq!(date(&DateText::new(text)), text);
        }
        assert_eq!(code(&Code::<Sex>::new("2")), "女");
        assert_eq!(code(&Code::<Sex>::new("7")), "7");
        for (text, shown) in [("010", "1割"), ("025", "25%"), ("100", "10割"), ("1割", "1割"), ("", "")] {
            assert_eq!(ratio(&Ratio::new(text)), shown);
        }
    }

    #[test]
    fn the_stamp_is_the_time_in_japan() {
        let head = |confirmed_at| Head { confirmed_at, institution: "1", check_id: "a" };
        assert_eq!(head(datetime!(2026-03-31 15:00:00 UTC)).stamp(), "20260401000000");
        assert_eq!(head(datetime!(9999-12-31 23:59:59 UTC)).stamp(), "99991231235959");
    }

    #[test]
    fn a_file_name_holds_letters_and_digits_whatever_the_service_says() {
        let head = Head {
            confirmed_at: datetime!(2026-11-23 05:02:05 UTC),
            institution: "../契9919900010",
            check_id: "C-0001 \0/",
        };
        assert_eq!(xml_file_name(&head), "OQSsiquc01res_face_9919900010C0001_20261123140205.xml");
    }
}
