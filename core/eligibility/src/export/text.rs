//! The text of the clipboard.
//!
//! Headings and labels are those that public receivers look for, of different age, so some care is taken that none
//! of them misreads another one's line: a label stands once in the sections that a receiver takes together, and what
//! no receiver knows (loss, 医療扶助, the kind of 限度額) has a label that none takes for something else.

use super::{Head, TEXT_FORMAT, code, date, ratio};
use crate::{DateText, Eligibility, LimitApplicationCertificate, Record};

/// What receivers of the text call 未就学区分 `1`; their only value.
const PRESCHOOL: &str = "義務教育就学前";

pub(super) fn write(answer: &Eligibility, head: &Head<'_>) -> String {
    let assisted = answer.results.iter().filter(|record| is_assistance(record)).count();
    let several = assisted > 1 || answer.results.len() - assisted > 1;
    // Room for two whole records: a buffer that grows leaves copies behind.
    let mut lines = Lines { text: String::with_capacity(8192), mark: String::new() };
    for (at, record) in answer.results.iter().enumerate() {
        lines.mark = if several { format!("({})", at + 1) } else { String::new() };
        lines.record(answer, record, &date(&head.day()));
    }
    lines.mark.clear();
    lines.line("書式", Some(TEXT_FORMAT));
    lines.text
}

/// 医療扶助: its slots hold other numbers than those of an insurance.
fn is_assistance(record: &Record) -> bool {
    record.insured_card_classification.as_ref().is_some_and(|code| code.as_str() == "A1")
}

struct Lines {
    text: String,
    /// What every label and heading ends with.
    mark: String,
}

impl Lines {
    fn heading(&mut self, heading: &str) {
        self.text.extend([heading, &self.mark, "\r\n"]);
    }

    /// A value cannot end its line or begin another field.
    fn line(&mut self, label: &str, value: Option<&str>) {
        self.text.extend([label, &self.mark, "\t"]);
        let harmless = |c: char| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c };
        self.text.extend(value.unwrap_or_default().chars().map(harmless));
        self.text.push_str("\r\n");
    }

    fn date(&mut self, label: &str, value: Option<&DateText>) {
        self.line(label, value.map(date).as_deref());
    }

    fn record(&mut self, answer: &Eligibility, record: &Record, confirmed: &str) {
        if let Some(number) = &record.reference_number {
            self.line("照会番号", Some(number));
        }
        if let Some(preschool) = &record.preschool_classification {
            let known = preschool.as_str() == "1";
            self.line("未就学区分", Some(if known { PRESCHOOL } else { preschool.as_str() }));
        }
        let kind = if is_assistance(record) { "医療扶助" } else { "医療保険" };
        self.heading(&format!("資格情報({kind})"));
        // The colon is part of the label that receivers look for; where no receiver shall find it, it is not.
        let label = if self.mark.is_empty() { "確認日 : " } else { "確認日" };
        self.line(label, Some(confirmed));
        self.line("資格有効性", answer.qualification_validity.as_ref().map(code).as_deref());
        if is_assistance(record) {
            self.assistance(record);
        } else {
            self.insurance(record);
        }
        self.other_names(record, kind);
        self.elderly(record);
        if let Some(limit) = &record.limit_application_certificate_related_info {
            self.limit(limit);
        }
    }

    fn insurance(&mut self, record: &Record) {
        self.line("保険者番号", record.insurer_number.as_ref().map(crate::InsurerNumber::printed));
        self.line("保険者名", record.insurer_name.as_deref());
        self.line("記号", record.insured_card_symbol.as_deref());
        self.line("番号", record.insured_identification_number.as_deref());
        self.line("枝番", record.insured_branch_number.as_deref());
        self.person(record);
        self.date("有効開始日", record.insured_card_valid_date.as_ref());
        self.date("有効終了日", record.insured_card_expiration_date.as_ref());
        self.date("資格取得年月日", record.qualification_date.as_ref());
        self.line("負担割合", record.insured_partial_contribution_ratio.as_ref().map(ratio).as_deref());
        let family = record.personal_family_classification.as_ref().map(code);
        self.line("本人・家族の別", family.as_deref());
        self.line("被保険者氏名", record.insured_name.as_deref());
        self.date("資格喪失年月日", record.disqualification_date.as_ref());
        self.line("資格喪失事由", record.reason_of_loss.as_ref().map(code).as_deref());
    }

    /// The names of the slots are those on a 医療券. A receiver that takes one record only would overwrite the numbers
    /// of the insurance with these if their labels were the same.
    fn assistance(&mut self, record: &Record) {
        self.line("公費負担者番号", record.insurer_number.as_ref().map(crate::InsurerNumber::printed));
        self.line("福祉事務所名", record.insurer_name.as_deref());
        self.line("受給者番号", record.insured_identification_number.as_deref());
        self.person(record);
        self.date("保護開始年月日", record.qualification_date.as_ref());
    }

    fn person(&mut self, record: &Record) {
        self.line("フリガナ", record.name_kana.as_deref());
        self.line("氏名", record.name.as_deref());
        self.date("生年月日", record.birthdate.as_ref());
        self.line("性別", record.sex1.as_ref().map(code).as_deref());
        self.line("郵便番号", record.post_number.as_deref());
        self.line("住所", record.address.as_deref());
        self.line("証区分", record.insured_card_classification.as_ref().map(code).as_deref());
    }

    /// Also where only 高齢受給者証 follows: a receiver that does not know that one's heading would otherwise take its
    /// dates and ratio for those of the insurance.
    fn other_names(&mut self, record: &Record, kind: &str) {
        let there =
            record.name_of_other.is_some() || record.name_of_other_kana.is_some() || record.sex2.is_some();
        if there || record.elderly_recipient_certificate_info.is_some() {
            self.heading(&format!("裏面記載情報({kind})"));
            self.line("氏名", record.name_of_other.as_deref());
            self.line("氏名カナ", record.name_of_other_kana.as_deref());
            self.line("性別", record.sex2.as_ref().map(code).as_deref());
        }
    }

    fn elderly(&mut self, record: &Record) {
        if let Some(info) = &record.elderly_recipient_certificate_info {
            self.heading("高齢受給者証");
            self.date("有効開始日", info.valid_start_date.as_ref());
            self.date("有効終了日", info.valid_end_date.as_ref());
            self.line("負担割合", info.contribution_ratio.as_ref().map(ratio).as_deref());
        }
    }

    fn limit(&mut self, info: &LimitApplicationCertificate) {
        self.heading("限度額適用認定証");
        self.line("認定証区分", info.classification.as_ref().map(code).as_deref());
        self.line("適用区分", info.classification_flag.as_ref().map(code).as_deref());
        self.date("有効開始年月日", info.valid_start_date.as_ref());
        self.date("有効終了年月日", info.valid_end_date.as_ref());
        self.date("長期入院該当年月日", info.long_term_date.as_ref());
    }
}
