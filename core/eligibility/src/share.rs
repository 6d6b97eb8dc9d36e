//! The patient's share: what the record says, and where the law's share may be told instead.
//!
//! The record's own words come first. Where it has none, the share of the law is derived for those whose
//! share follows from age alone, and told with its source; it is never written into a field of the record
//! and never exported, because a receipt computer that shows its own share in place of the insurer's is a
//! known cause of wrong charges. For 後期高齢者医療 and for ages 70 to 74 the share depends on income:
//! nothing is derived, and the screen says 未登録・要確認.

use time::{Date, Month};

use crate::element::redacted;
use crate::ratio::Ratio;
use crate::record::Record;

/// The patient's share on a day.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Share {
    /// So many percent.
    Known {
        /// 10 is 1割.
        percent: u8,
        /// Whose word it is.
        source: ShareSource,
    },
    /// 未登録・要確認: the record does not say, and nothing may be derived.
    Unknown,
}

redacted!(Share);

/// Whose word a share is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ShareSource {
    /// 一部負担金割合 of the record.
    Record,
    /// 高齢受給者証 of the record, valid on the day.
    ElderlyCertificate,
    /// 未就学区分 of the record, and the law's 2割.
    Preschool,
    /// 年齢から: the law's share for the age on the day. Not the insurer's word.
    Age,
}

impl ShareSource {
    /// Whether the share is ours, from the law, and not a ratio that the insurer gave.
    pub fn is_derived(self) -> bool {
        matches!(self, Self::Preschool | Self::Age)
    }
}

/// The patient's share by `record` on the day `on` (in Japan). Whether the qualification is valid at all is
/// another question, and not asked here.
///
/// 1. 後期高齢者医療 (法別 39): 一部負担金割合 of the record, else unknown.
/// 2. 高齢受給者証 that is valid on the day: its ratio, else unknown.
/// 3. 一部負担金割合, if an insurer of another system gave one all the same (our own decision: its word
///    beats ours).
/// 4. 特別療養費支給対象者 (`05`), who pay everything at the counter, and 医療扶助 (`A1`): unknown (our own
///    decision).
/// 5. 未就学区分: 2割.
/// 6. By age, where birth date and insurance system are known: to the 31 March after the sixth birthday 2割,
///    from then to the age of 高齢受給者 3割, unknown above.
pub fn share(record: &Record, on: Date) -> Share {
    let insurer = record.insurer_number.as_ref();
    let ratio = record.insured_partial_contribution_ratio.as_ref().and_then(Ratio::percent);
    let given = ratio.map_or(Share::Unknown, |percent| Share::Known { percent, source: ShareSource::Record });
    if insurer.is_some_and(crate::InsurerNumber::is_late_elderly) {
        return given;
    }
    if let Some(certificate) = &record.elderly_recipient_certificate_info {
        let day = |text: &Option<crate::DateText>| text.as_ref().and_then(crate::DateText::date);
        let start = day(&certificate.valid_start_date);
        let end = day(&certificate.valid_end_date);
        if start.is_some_and(|start| start <= on) && end.is_some_and(|end| on <= end) {
            return match certificate.contribution_ratio.as_ref().and_then(Ratio::percent) {
                Some(percent) => Share::Known { percent, source: ShareSource::ElderlyCertificate },
                None => Share::Unknown,
            };
        }
    }
    if ratio.is_some() {
        return given;
    }
    let classification = record.insured_card_classification.as_ref().map(crate::Code::as_str);
    if matches!(classification, Some("05" | "A1")) {
        return Share::Unknown;
    }
    if record.preschool_classification.as_ref().is_some_and(|code| code.as_str() == "1") {
        return Share::Known { percent: 20, source: ShareSource::Preschool };
    }
    match record.birthdate.as_ref().and_then(crate::DateText::date) {
        Some(birth) if insurer.is_some_and(|insurer| insurer.system().is_some()) => share_by_age(birth, on),
        _ => Share::Unknown,
    }
}

/// The law's share for somebody whose insurer is not 後期高齢者医療.
fn share_by_age(birth: Date, on: Date) -> Share {
    let by_age = |percent| Share::Known { percent, source: ShareSource::Age };
    if on < birth {
        return Share::Unknown;
    }
    match (school_begins(birth), elderly_begins(birth)) {
        (Some(school), _) if on < school => by_age(20),
        (Some(_), Some(elderly)) if on < elderly => by_age(30),
        _ => Share::Unknown,
    }
}

/// The first day after 未就学: 1 April after the day on which the child reaches six.
fn school_begins(birth: Date) -> Option<Date> {
    let six = reaches(birth, 6)?;
    let year = if six.month() <= Month::March { six.year() } else { six.year() + 1 };
    Date::from_calendar_date(year, Month::April, 1).ok()
}

/// The first day as 高齢受給者: the first of the month after the one in which the person reaches 70, so the
/// birthday itself for somebody born on the first of a month.
fn elderly_begins(birth: Date) -> Option<Date> {
    let seventy = reaches(birth, 70)?;
    let last = seventy.month().length(seventy.year());
    seventy.replace_day(last).ok()?.next_day()
}

/// The day on which a person reaches an age: the day before the birthday (年齢計算ニ関スル法律). Born on
/// 29 February, it is 28 February in every year.
fn reaches(birth: Date, age: i32) -> Option<Date> {
    let year = birth.year() + age;
    Date::from_calendar_date(year, birth.month(), birth.day())
        .or_else(|_| Date::from_calendar_date(year, Month::March, 1))
        .ok()?
        .previous_day()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::date;

    use super::*;
    use crate::{Code, DateText, ElderlyRecipientCertificate, InsurerNumber};

    fn born(birth: Date) -> Record {
        Record {
            insurer_number: Some(InsurerNumber::new("06990014")),
            birthdate: Some(DateText::from(birth)),
            ..Record::default()
        }
    }

    fn known(percent: u8, source: ShareSource) -> Share {
        Share::Known { percent, source }
    }

    fn certificate(start: &str, end: &str, ratio: Option<&str>) -> ElderlyRecipientCertificate {
        ElderlyRecipientCertificate {
            valid_start_date: Some(DateText::new(start)),
            valid_end_date: Some(DateText::new(end)),
            contribution_ratio: ratio.map(Ratio::new),
            ..ElderlyRecipientCertificate::default()
        }
    }

    #[track_caller]
    fn assert_share(record: &Record, on: Date, expected: Share) {
        assert!(share(record, on) == expected, "on {on}");
    }

    #[test]
    fn late_elderly_have_what_the_record_says_and_nothing_else() {
        let mut record = born(date!(1940 - 01 - 01));
        record.insurer_number = Some(InsurerNumber::new("39990015"));
        let on = date!(2026 - 11 - 16);
        assert_share(&record, on, Share::Unknown);
        for (text, percent) in [("010", 10), ("020", 20), ("030", 30)] {
            record.insured_partial_contribution_ratio = Some(Ratio::new(text));
            assert_share(&record, on, known(percent, ShareSource::Record));
        }
        for text in ["", "1", "10", "999", "1割", "-10", "+10"] {
            record.insured_partial_contribution_ratio = Some(Ratio::new(text));
            assert_share(&record, on, Share::Unknown);
        }
    }

    #[test]
    fn a_certificate_counts_only_while_it_is_valid() {
        let mut record = born(date!(1954 - 06 - 15));
        record.elderly_recipient_certificate_info = Some(certificate("20260801", "20270731", Some("020")));
        assert_share(&record, date!(2026 - 07 - 31), Share::Unknown);
        assert_share(&record, date!(2026 - 08 - 01), known(20, ShareSource::ElderlyCertificate));
        assert_share(&record, date!(2027 - 07 - 31), known(20, ShareSource::ElderlyCertificate));
        assert_share(&record, date!(2027 - 08 - 01), Share::Unknown);
    }

    #[test]
    fn a_certificate_without_ratio_or_readable_dates_gives_nothing() {
        let mut record = born(date!(1954 - 06 - 15));
        let on = date!(2026 - 11 - 16);
        record.elderly_recipient_certificate_info = Some(certificate("20260801", "20270731", None));
        assert_share(&record, on, Share::Unknown);
        record.elderly_recipient_certificate_info = Some(certificate("20260800", "20270731", Some("020")));
        assert_share(&record, on, Share::Unknown);
    }

    #[test]
    fn ages_70_to_74_are_never_derived() {
        let record = born(date!(1954 - 06 - 15));
        assert_share(&record, date!(2024 - 06 - 30), known(30, ShareSource::Age));
        assert_share(&record, date!(2024 - 07 - 01), Share::Unknown);
        assert_share(&record, date!(2029 - 06 - 14), Share::Unknown);
        assert_share(&record, date!(2029 - 06 - 15), Share::Unknown);
    }

    #[test]
    fn born_on_the_first_one_is_elderly_in_the_same_month() {
        assert_share(&born(date!(1954 - 06 - 01)), date!(2024 - 05 - 31), known(30, ShareSource::Age));
        assert_share(&born(date!(1954 - 06 - 01)), date!(2024 - 06 - 01), Share::Unknown);
        assert_share(&born(date!(1954 - 06 - 02)), date!(2024 - 06 - 30), known(30, ShareSource::Age));
        assert_share(&born(date!(1954 - 12 - 31)), date!(2025 - 01 - 01), Share::Unknown);
        assert_share(&born(date!(1956 - 02 - 29)), date!(2026 - 02 - 28), known(30, ShareSource::Age));
        assert_share(&born(date!(1956 - 02 - 29)), date!(2026 - 03 - 01), Share::Unknown);
    }

    #[test]
    fn preschool_ends_with_the_school_year_and_the_first_of_april_belongs_to_the_earlier_one() {
        let record = born(date!(2020 - 04 - 02));
        assert_share(&record, date!(2027 - 03 - 31), known(20, ShareSource::Age));
        assert_share(&record, date!(2027 - 04 - 01), known(30, ShareSource::Age));
        let record = born(date!(2020 - 04 - 01));
        assert_share(&record, date!(2026 - 03 - 31), known(20, ShareSource::Age));
        assert_share(&record, date!(2026 - 04 - 01), known(30, ShareSource::Age));
    }

    #[test]
    fn the_records_own_words_beat_the_age() {
        let mut record = born(date!(2000 - 01 - 01));
        let on = date!(2026 - 11 - 16);
        record.preschool_classification = Some(Code::new("1"));
        assert_share(&record, on, known(20, ShareSource::Preschool));
        record.insured_partial_contribution_ratio = Some(Ratio::new("010"));
        assert_share(&record, on, known(10, ShareSource::Record));
    }

    #[test]
    fn nothing_is_derived_where_the_law_does_not_follow_from_age() {
        let on = date!(2026 - 11 - 16);
        let adult = born(date!(1980 - 02 - 17));
        assert_share(&adult, on, known(30, ShareSource::Age));
        for classification in ["05", "A1"] {
            let insured_card_classification = Some(Code::new(classification));
            let mut record = Record { insured_card_classification, ..adult.clone() };
            assert_share(&record, on, Share::Unknown);
            record.preschool_classification = Some(Code::new("1"));
            assert_share(&record, on, Share::Unknown);
        }
        for number in [None, Some(InsurerNumber::new("12990016")), Some(InsurerNumber::new("x"))] {
            assert_share(&Record { insurer_number: number, ..adult.clone() }, on, Share::Unknown);
        }
        for birth in [None, Some(DateText::new("19800200"))] {
            assert_share(&Record { birthdate: birth, ..adult.clone() }, on, Share::Unknown);
        }
        assert_share(&adult, date!(1980 - 02 - 16), Share::Unknown);
    }

    proptest! {
        #[test]
        fn without_the_insurers_word_nobody_of_70_or_more_has_a_share(birth in 0_i32..40_000, age in 0_i32..50) {
            let birth = date!(1850 - 01 - 01) + time::Duration::days(birth.into());
            let elderly = elderly_begins(birth).expect("a day of this era");
            let on = elderly + time::Duration::days(i64::from(age) * 365);
            prop_assert!(share(&born(birth), on) == Share::Unknown);
            prop_assert!(share(&born(birth), elderly - time::Duration::DAY) == known(30, ShareSource::Age));
        }
    }
}
