//! 資格情報: what the service says about a patient's insurance.
//!
//! The vocabulary is that of the XML interface which receipt computers read: [`Eligibility`] is its
//! `MessageBody`, [`Record`] its `ResultOfQualificationConfirmation`, and every element keeps its name on
//! the wire (CBOR) and in the sandbox's person files (TOML). An absent element is an absent key, an unknown
//! key is ignored, and a value stays what it was: an unknown code, a partial date or a wrong number is shown
//! as it came and comes back unchanged.
//!
//! Beside the record stand the rules that a counter needs to read it: [code tables](tables), the check
//! digit of the 保険者番号 ([`InsurerNumber`]), dates in Japanese eras ([`Wareki`]), kana, and the
//! [patient's share](share()), which may answer "unknown"; and the forms in which a receipt computer takes
//! the record over ([`export`]).
//!
//! This crate does not fetch anything, has no clock, and does not decide: several records stay several, a
//! missing ratio stays missing. Everything here is about a patient, so `Debug` shows type names only; it is
//! no vault, though: a record that is dropped is gone, its bytes are not wiped.
//!
//! ```
//! use eligibility::{Code, DateText, Eligibility, InsurerNumber, Record, Share, Validity, Wareki, share};
//! use time::macros::date;
//!
//! let record = Record {
//!     insurer_number: Some(InsurerNumber::new("06990014")),
//!     name_kana: Some("ﾔﾏﾀﾞ ﾊﾅｺ".to_owned()),
//!     birthdate: Some(DateText::new("19800217")),
//!     ..Record::default()
//! };
//! let insurer = record.insurer_number.as_ref().expect("given above");
//! assert!(insurer.check_digit_holds());
//! assert_eq!(insurer.system().map(|text| text.ja), Some("組合健保"));
//! let birth = record.birthdate.as_ref().and_then(DateText::date).expect("a whole date");
//! assert_eq!(Wareki::from_date(birth).expect("after 1873").to_string(), "昭和55年2月17日");
//! assert!(matches!(share(&record, date!(2026 - 11 - 16)), Share::Known { percent: 30, .. }));
//!
//! let answer = Eligibility {
//!     qualification_validity: Some(Code::new("1")),
//!     results: vec![record],
//!     ..Eligibility::default()
//! };
//! assert_eq!(answer.validity(), Some(Validity::Valid));
//! assert_eq!(format!("{answer:?}"), "Eligibility(redacted)");
//! ```

mod certificates;
mod code;
mod date;
mod element;
pub mod export;
mod insurer;
mod name;
mod ratio;
mod record;
mod share;
pub mod tables;
mod wareki;

pub use certificates::{
    ElderlyRecipientCertificate, LimitApplicationCertificate, MedicalTicket, SpecificDiseasesCertificate,
};
pub use code::{Code, CodeTable};
pub use date::{DateText, japan_date};
pub use element::{Label, Text};
pub use insurer::{InsurerNumber, institution_code_check_holds};
pub use name::{UNMAPPABLE, full_width_kana, has_unmappable};
pub use ratio::Ratio;
pub use record::{Eligibility, Record};
pub use share::{Share, ShareSource, share};
pub use tables::Validity;
pub use wareki::{Era, Error, Wareki};
