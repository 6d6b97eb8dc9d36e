//! The result: what the service says of a patient, as staff read it.

use core::fmt;
use std::time::Duration;

use eligibility::{
    Code, CodeTable, DateText, Label, LimitApplicationCertificate, MedicalTicket, Ratio, Record, Share,
    ShareSource, SpecificDiseasesCertificate, Text, Validity, Wareki, full_width_kana, has_unmappable,
    japan_date, share,
};
use service::messages::CheckResponse;
use time::{Date, OffsetDateTime, UtcOffset};

use crate::{
    Language, Method,
    failure::fallbacks,
    texts::{Texts, texts},
};

/// A result in words. Its `Debug` shows nothing of the patient.
#[derive(Clone, PartialEq, Eq)]
pub struct ResultView {
    /// Whether the insurance is valid: word, symbol and tone together.
    pub validity: ValidityView,
    /// When and how it was confirmed: 令和8年11月23日 9:12・暗証番号.
    pub confirmed: String,
    /// What to do about it.
    pub advice: Option<String>,
    /// The official other ways, where this result does not tell what is valid.
    pub fallbacks: Vec<String>,
    /// About the card's certificate, and what the service said along with the result, as it came.
    pub notices: Vec<String>,
    /// One or several records; staff choose, the counter does not.
    pub records: Vec<RecordView>,
    /// The service's name of this check, for the help desk.
    pub check_id: String,
    /// When the result is cleared if nobody touches the screen, on the steady clock.
    pub clear_at: Duration,
    /// That it clears itself: 58秒で消去.
    pub clear_text: String,
}

impl fmt::Debug for ResultView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResultView").field("check_id", &self.check_id).finish_non_exhaustive()
    }
}

/// The state of the insurance, never by colour alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidityView {
    /// 有効, 無効, ….
    pub word: String,
    /// ✓ ✕ ↻ – ≡ ?
    pub symbol: String,
    /// Which colour goes with it.
    pub tone: Tone,
}

/// What a colour says beside a word and a symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tone {
    /// 有効: green.
    Good,
    /// 無効: red.
    Bad,
    /// 無効（新しい資格あり）: amber.
    Changed,
    /// 複数該当: blue.
    Several,
    /// 該当資格なし, 有効（未登録）, and what is not known: grey.
    Neutral,
}

/// One record in words.
#[derive(Clone, PartialEq, Eq)]
pub struct RecordView {
    /// Which one, where there are several.
    pub heading: Option<String>,
    /// To be readable from a metre.
    pub name: String,
    /// Above the name.
    pub kana: Option<String>,
    /// That the name holds ●, a character that could not be carried.
    pub name_note: Option<String>,
    /// Birth date, age and sex.
    pub born: Option<String>,
    /// The rest, in the order in which receipt programs know it.
    pub sections: Vec<Section>,
}

impl fmt::Debug for RecordView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordView(redacted)")
    }
}

/// Lines that belong together.
#[derive(Clone, PartialEq, Eq)]
pub struct Section {
    /// What they are about.
    pub heading: String,
    /// The lines.
    pub lines: Vec<Line>,
}

/// A label with its value.
#[derive(Clone, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub label: String,
    /// What it says.
    pub value: String,
    /// From what it was derived, or what to take care of.
    pub note: Option<String>,
    /// Whether it may be copied: it stands in the record as it is.
    pub copyable: bool,
    /// Whether staff must look at it: something belongs here and is missing.
    pub attention: bool,
}

/// How many days before its end a certificate is told to be renewed: three months, as the face readers at
/// hospitals do it.
const RENEWAL_DAYS: i64 = 92;

/// The language, with what needs it.
struct Words {
    language: Language,
    texts: &'static Texts,
    /// The day of the check in Japan.
    day: Date,
}

/// Puts a response into words.
pub(crate) fn result_view(
    response: &CheckResponse,
    method: Method,
    language: Language,
    clear_at: Duration,
    now: Duration,
) -> ResultView {
    let texts = texts(language);
    let checked_at = time_of(response.checked_at);
    let words = Words { language, texts, day: japan_date(checked_at) };
    let eligibility = &response.eligibility;
    let validity = eligibility.validity();
    let several = eligibility.results.len() > 1;
    let records = eligibility.results.iter().enumerate();
    let records = records.map(|(at, record)| words.record(record, several.then_some(at + 1), validity));
    let left = clear_at.saturating_sub(now).as_secs();
    ResultView {
        validity: words.validity(eligibility.qualification_validity.as_ref().map(Code::as_str), validity),
        confirmed: words.confirmed(checked_at, method),
        advice: words.advice(validity, eligibility.results.first()),
        fallbacks: match validity {
            Some(Validity::Valid | Validity::ValidUnregistered | Validity::Several) => Vec::new(),
            _ => fallbacks(language),
        },
        notices: words.notices(response, checked_at),
        records: records.collect(),
        check_id: response.check_id.clone(),
        clear_at,
        clear_text: texts.with("result-clears", [("seconds", left.into())]),
    }
}

/// A time that the service cannot have meant becomes 1970: shown, and plainly wrong.
fn time_of(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

impl Words {
    fn text(&self, text: Text) -> String {
        match self.language {
            Language::Ja => text.ja,
            Language::En => text.en,
        }
        .to_owned()
    }

    fn label(&self, labels: &[Label], element: &str) -> String {
        let label = labels.iter().find(|label| label.element == element);
        label.map_or_else(|| element.to_owned(), |label| self.text(label.text))
    }

    /// Japanese years as on the card; in English the date as in English, with the Japanese one for comparing.
    fn date(&self, date: Date) -> String {
        let wareki = Wareki::from_date(date).map(|wareki| wareki.to_string());
        match (self.language, wareki) {
            (Language::Ja, Some(wareki)) => wareki,
            (Language::En, Some(wareki)) => format!("{date} ({wareki})"),
            (_, None) => date.to_string(),
        }
    }

    /// What is no date is shown as it came.
    fn date_text(&self, text: &DateText) -> String {
        text.date().map_or_else(|| text.as_str().to_owned(), |date| self.date(date))
    }

    /// What the table does not know is shown as it came.
    fn code<T: CodeTable>(&self, code: &Code<T>) -> String {
        match code.text() {
            Some(text) => self.text(text),
            None => self.texts.with("code-unknown", [("code", code.as_str().into())]),
        }
    }

    fn percent(&self, percent: u8) -> String {
        match self.language {
            Language::Ja if percent.is_multiple_of(10) => format!("{}割", percent / 10),
            _ => format!("{percent}%"),
        }
    }

    fn ratio(&self, ratio: &Ratio) -> String {
        ratio.percent().map_or_else(|| ratio.as_str().to_owned(), |percent| self.percent(percent))
    }

    fn confirmed(&self, at: OffsetDateTime, method: Method) -> String {
        let japan = UtcOffset::from_hms(9, 0, 0).expect("nine hours is an offset");
        let local = at.to_offset(japan);
        let time = format!("{}:{:02}", local.hour(), local.minute());
        let method = self.texts.text(match method {
            Method::Pin => "method-pin-short",
            Method::Visual => "method-visual-short",
        });
        let date = self.date(self.day);
        self.texts.with(
            "result-confirmed",
            [("date", date.into()), ("time", time.into()), ("method", method.into())],
        )
    }

    fn validity(&self, code: Option<&str>, validity: Option<Validity>) -> ValidityView {
        let (symbol, tone) = match validity {
            Some(Validity::Valid) => ("✓", Tone::Good),
            Some(Validity::Invalid) => ("✕", Tone::Bad),
            Some(Validity::InvalidNewerExists) => ("↻", Tone::Changed),
            Some(Validity::NotFound) => ("–", Tone::Neutral),
            Some(Validity::Several) => ("≡", Tone::Several),
            Some(Validity::ValidUnregistered) => ("✓", Tone::Neutral),
            _ => ("?", Tone::Neutral),
        };
        let word = match code {
            Some(code) => self.code(&Code::<eligibility::tables::QualificationValidity>::new(code)),
            None => self.texts.text("not-registered"),
        };
        ValidityView { word, symbol: symbol.to_owned(), tone }
    }

    fn advice(&self, validity: Option<Validity>, record: Option<&Record>) -> Option<String> {
        let ended =
            record.and_then(|record| record.disqualification_date.as_ref()).map(|date| self.date_text(date));
        let ended = |with: &str, without: &str| match ended {
            Some(date) => self.texts.with(with, [("date", date.into())]),
            None => self.texts.text(without),
        };
        Some(match validity? {
            // Nothing is advised on a code that this version does not know.
            Validity::Invalid => ended("advice-invalid-since", "advice-invalid"),
            Validity::InvalidNewerExists => ended("advice-newer-since", "advice-newer"),
            Validity::NotFound => self.texts.text("advice-not-found"),
            Validity::Several => self.texts.text("advice-several"),
            Validity::ValidUnregistered => self.texts.text("advice-unregistered"),
            _ => return None,
        })
    }

    fn notices(&self, response: &CheckResponse, checked_at: OffsetDateTime) -> Vec<String> {
        let mut notices = Vec::new();
        let not_after = time_of(response.certificate_not_after);
        if let Some(since) = response.certificate_expired_since {
            let date = self.date(japan_date(time_of(since)));
            notices.push(self.texts.with("certificate-expired", [("date", date.into())]));
        } else if (not_after - checked_at).whole_days() <= RENEWAL_DAYS {
            let date = self.date(japan_date(not_after));
            notices.push(self.texts.with("certificate-expires", [("date", date.into())]));
        }
        let code = response.eligibility.processing_result_code.as_deref();
        if let Some(message) = response.eligibility.processing_result_message.as_deref() {
            notices.push(match code {
                Some(code) => format!("{message} ({code})"),
                None => message.to_owned(),
            });
        }
        notices
    }

    fn record(&self, record: &Record, number: Option<usize>, validity: Option<Validity>) -> RecordView {
        let assistance =
            record.insured_card_classification.as_ref().is_some_and(|code| code.as_str() == "A1");
        let kind = self.texts.text(if assistance { "kind-assistance" } else { "kind-insurance" });
        let name = record.name.clone().unwrap_or_else(|| self.texts.text("not-registered"));
        let mut sections = vec![
            self.top(record),
            self.qualification(record, validity),
            self.other_names(record),
            self.elderly(record),
            self.limit(record.limit_application_certificate_related_info.as_ref()),
        ];
        sections.extend(record.specific_diseases_certificate_list.iter().map(|info| self.disease(info)));
        sections.extend(record.public_expense_result_list.iter().map(|ticket| self.ticket(ticket)));
        sections.retain(|section| !section.lines.is_empty());
        RecordView {
            heading: number.map(|number| {
                self.texts.with("record-heading", [("number", number.into()), ("kind", kind.into())])
            }),
            name_note: has_unmappable(&name).then(|| self.texts.text("name-unmappable")),
            name,
            kana: record.name_kana.as_deref().map(full_width_kana),
            born: self.born(record),
            sections,
        }
    }

    fn born(&self, record: &Record) -> Option<String> {
        let text = record.birthdate.as_ref()?;
        let date = self.date_text(text);
        let sex = record.sex1.as_ref().map(|sex| self.code(sex)).unwrap_or_default();
        let age = text.date().and_then(|birth| age(birth, self.day));
        Some(match age {
            Some(age) => self
                .texts
                .with("born-with-age", [("date", date.into()), ("age", age.into()), ("sex", sex.into())]),
            None => self.texts.with("born", [("date", date.into()), ("sex", sex.into())]),
        })
    }

    fn section(&self, heading: &str, lines: impl IntoIterator<Item = Option<Line>>) -> Section {
        Section { heading: self.texts.text(heading), lines: lines.into_iter().flatten().collect() }
    }

    fn line(&self, element: &str, value: Option<String>) -> Option<Line> {
        let value = value.filter(|value| !value.trim().is_empty())?;
        let label = self.label(Record::LABELS, element);
        Some(Line { label, value, note: None, copyable: true, attention: false })
    }

    fn top(&self, record: &Record) -> Section {
        let code = |code: &Code<_>| self.code(code);
        self.section(
            "section-top",
            [
                self.line("ReferenceNumber", record.reference_number.clone()),
                self.line("PreschoolClassification", record.preschool_classification.as_ref().map(code)),
            ],
        )
    }

    /// The lines in the order of the text that the real app copies, reported by receivers of that text; what it
    /// does not have (loss, address) stands where it belongs by its meaning.
    fn qualification(&self, record: &Record, validity: Option<Validity>) -> Section {
        let date = |text: &Option<DateText>| text.as_ref().map(|text| self.date_text(text));
        let insurer = record.insurer_number.as_ref().map(|number| number.printed().to_owned());
        let confirmed = Line {
            label: self.texts.text("label-confirmed-on"),
            value: self.date(self.day),
            note: None,
            copyable: true,
            attention: false,
        };
        let mut name = self.line("Name", record.name.clone());
        if let Some(name) = &mut name {
            name.note = has_unmappable(&name.value).then(|| self.texts.text("name-unmappable"));
        }
        let lines = [
            Some(confirmed),
            self.line("InsurerNumber", insurer),
            self.line("InsurerName", record.insurer_name.clone()),
            self.line("InsuredCardSymbol", record.insured_card_symbol.clone()),
            self.line("InsuredIdentificationNumber", record.insured_identification_number.clone()),
            self.line("InsuredBranchNumber", record.insured_branch_number.clone()),
            self.line("NameKana", record.name_kana.as_deref().map(full_width_kana)),
            name,
            self.line("Birthdate", date(&record.birthdate)),
            self.line("Sex1", record.sex1.as_ref().map(|code| self.code(code))),
            self.line(
                "InsuredCardClassification",
                record.insured_card_classification.as_ref().map(|code| self.code(code)),
            ),
            self.line("InsuredCardValidDate", date(&record.insured_card_valid_date)),
            self.line("InsuredCardExpirationDate", date(&record.insured_card_expiration_date)),
            self.line("QualificationDate", date(&record.qualification_date)),
            self.line("DisqualificationDate", date(&record.disqualification_date)),
            self.line("ReasonOfLoss", record.reason_of_loss.as_ref().map(|code| self.code(code))),
            self.share(record, validity),
            self.line(
                "PersonalFamilyClassification",
                record.personal_family_classification.as_ref().map(|code| self.code(code)),
            ),
            self.line("InsuredName", record.insured_name.clone()),
            self.line("PostNumber", record.post_number.clone()),
            self.line("Address", record.address.clone()),
        ];
        self.section("section-qualification", lines)
    }

    /// What the insurer gave, as it came; else what the law says, with its source; else that it is not known.
    fn share(&self, record: &Record, validity: Option<Validity>) -> Option<Line> {
        const ELEMENT: &str = "InsuredPartialContributionRatio";
        if let Some(ratio) = &record.insured_partial_contribution_ratio {
            return self.line(ELEMENT, Some(self.ratio(ratio)));
        }
        let valid =
            matches!(validity, Some(Validity::Valid | Validity::Several | Validity::ValidUnregistered));
        let pays_by_age = !matches!(
            record.insured_card_classification.as_ref().map(Code::as_str),
            // 特別療養費支給対象者 pay everything first; 医療扶助 says what is paid on its ticket.
            Some("05" | "A1")
        );
        if !valid || !pays_by_age {
            return None;
        }
        let label = self.label(Record::LABELS, ELEMENT);
        Some(match share(record, self.day) {
            Share::Known { percent, source } => Line {
                label,
                value: self.percent(percent),
                note: Some(self.texts.text(match source {
                    ShareSource::Record => "share-from-record",
                    ShareSource::ElderlyCertificate => "share-from-elderly",
                    ShareSource::Preschool => "share-from-preschool",
                    ShareSource::Age => "share-from-age",
                })),
                copyable: false,
                attention: false,
            },
            Share::Unknown => self.missing(label),
        })
    }

    fn missing(&self, label: String) -> Line {
        let value = self.texts.text("missing-check");
        Line { label, value, note: None, copyable: false, attention: true }
    }

    fn other_names(&self, record: &Record) -> Section {
        self.section(
            "section-other-names",
            [
                self.line("NameOfOther", record.name_of_other.clone()),
                self.line("NameOfOtherKana", record.name_of_other_kana.as_deref().map(full_width_kana)),
                self.line("Sex2", record.sex2.as_ref().map(|code| self.code(code))),
            ],
        )
    }

    fn elderly(&self, record: &Record) -> Section {
        let Some(info) = &record.elderly_recipient_certificate_info else {
            return self.section("section-elderly", []);
        };
        let labels = eligibility::ElderlyRecipientCertificate::LABELS;
        let ratio = "ElderlyRecipientContributionRatio";
        let share = match &info.contribution_ratio {
            Some(given) => self.inner(labels, ratio, Some(self.ratio(given))),
            None => Some(self.missing(self.label(labels, ratio))),
        };
        self.section(
            "section-elderly",
            [
                self.inner_date(labels, "ElderlyRecipientValidStartDate", info.valid_start_date.as_ref()),
                self.inner_date(labels, "ElderlyRecipientValidEndDate", info.valid_end_date.as_ref()),
                share,
            ],
        )
    }

    fn limit(&self, info: Option<&LimitApplicationCertificate>) -> Section {
        let Some(info) = info else { return self.section("section-limit", []) };
        let labels = LimitApplicationCertificate::LABELS;
        let name = |part: &str| format!("LimitApplicationCertificate{part}");
        self.section(
            "section-limit",
            [
                self.inner(
                    labels,
                    &name("Classification"),
                    info.classification.as_ref().map(|code| self.code(code)),
                ),
                self.inner(
                    labels,
                    &name("ClassificationFlag"),
                    info.classification_flag.as_ref().map(|code| self.code(code)),
                ),
                self.inner_date(labels, &name("ValidStartDate"), info.valid_start_date.as_ref()),
                self.inner_date(labels, &name("ValidEndDate"), info.valid_end_date.as_ref()),
                self.inner_date(labels, &name("LongTermDate"), info.long_term_date.as_ref()),
            ],
        )
    }

    fn disease(&self, info: &SpecificDiseasesCertificate) -> Section {
        let labels = SpecificDiseasesCertificate::LABELS;
        let disease = info.disease_category.as_ref().map(|code| self.code(code));
        let pay =
            info.self_pay.as_ref().map(|yen| self.texts.with("yen-a-month", [("yen", yen.as_str().into())]));
        self.section(
            "section-disease",
            [
                self.inner(labels, "SpecificDiseasesDiseaseCategory", disease),
                self.inner_date(labels, "SpecificDiseasesValidStartDate", info.valid_start_date.as_ref()),
                self.inner_date(labels, "SpecificDiseasesValidEndDate", info.valid_end_date.as_ref()),
                self.inner(labels, "SpecificDiseasesSelfPay", pay),
            ],
        )
    }

    /// The head of a ticket; the whole of it goes to the receipt computer, not on a screen.
    fn ticket(&self, ticket: &MedicalTicket) -> Section {
        let labels = MedicalTicket::LABELS;
        let kind = ticket.ticket_type.as_ref().map(|code| self.code(code));
        let month = ticket.medical_treatment_month.clone();
        self.section(
            "section-ticket",
            [
                self.inner(labels, "TicketType", kind),
                self.inner_date(labels, "MedicalTicketValidDate", ticket.medical_ticket_valid_date.as_ref()),
                self.inner_date(
                    labels,
                    "MedicalTicketExpirationDate",
                    ticket.medical_ticket_expiration_date.as_ref(),
                ),
                self.inner(labels, "IssueNumber", ticket.issue_number.clone()),
                self.inner(labels, "MedicalTreatmentMonth", month),
            ],
        )
    }

    fn inner(&self, labels: &[Label], element: &str, value: Option<String>) -> Option<Line> {
        let value = value.filter(|value| !value.trim().is_empty())?;
        Some(Line { label: self.label(labels, element), value, note: None, copyable: true, attention: false })
    }

    fn inner_date(&self, labels: &[Label], element: &str, date: Option<&DateText>) -> Option<Line> {
        self.inner(labels, element, date.map(|date| self.date_text(date)))
    }
}

/// Years on the day, as people count them. `None` before birth.
fn age(birth: Date, day: Date) -> Option<u32> {
    let had_birthday = (day.month() as u8, day.day()) >= (birth.month() as u8, birth.day());
    u32::try_from(day.year() - birth.year() - i32::from(!had_birthday)).ok()
}
