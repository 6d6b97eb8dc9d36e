//! One insurance record in words.

use eligibility::{
    Code, CodeTable, DateText, ElderlyRecipientCertificate, Label, LimitApplicationCertificate,
    MedicalTicket, Ratio, Record, Share, ShareSource, SpecificDiseasesCertificate, Validity, export,
    full_width_kana, has_unmappable, share,
};
use time::Date;

use crate::{Line, RecordView, Section, result_words::Words};

/// A value of the record: as it is shown, and as it is copied.
struct Told {
    shown: String,
    plain: String,
}

impl Told {
    fn as_it_came(text: &str) -> Self {
        Self { shown: text.to_owned(), plain: text.to_owned() }
    }

    /// Half-width kana, widened to be readable.
    fn kana(text: &str) -> Self {
        Self { shown: full_width_kana(text), plain: text.to_owned() }
    }
}

impl Words {
    pub(crate) fn record(
        &self,
        record: &Record,
        number: Option<usize>,
        validity: Option<Validity>,
    ) -> RecordView {
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

    fn line(&self, element: &str, value: Option<Told>) -> Option<Line> {
        self.inner(Record::LABELS, element, value)
    }

    fn text_line(&self, element: &str, value: Option<&String>) -> Option<Line> {
        self.line(element, value.map(|value| Told::as_it_came(value)))
    }

    fn date_line(&self, element: &str, value: Option<&DateText>) -> Option<Line> {
        self.inner_date(Record::LABELS, element, value)
    }

    fn code_line<T: CodeTable>(&self, element: &str, value: Option<&Code<T>>) -> Option<Line> {
        self.line(element, value.map(|code| self.told_code(code)))
    }

    fn told_code<T: CodeTable>(&self, code: &Code<T>) -> Told {
        Told { shown: self.code(code), plain: export::code(code) }
    }

    fn told_ratio(&self, ratio: &Ratio) -> Told {
        Told { shown: self.ratio(ratio), plain: export::ratio(ratio) }
    }

    fn top(&self, record: &Record) -> Section {
        self.section(
            "section-top",
            [
                self.text_line("ReferenceNumber", record.reference_number.as_ref()),
                self.code_line("PreschoolClassification", record.preschool_classification.as_ref()),
            ],
        )
    }

    /// The lines in the order of the text that the real app copies, reported by receivers of that text; what it
    /// does not have (loss, address) stands where it belongs by its meaning.
    fn qualification(&self, record: &Record, validity: Option<Validity>) -> Section {
        let insurer = record.insurer_number.as_ref().map(|number| Told::as_it_came(number.printed()));
        let confirmed = Line {
            label: self.texts.text("label-confirmed-on"),
            value: self.date(self.day),
            note: None,
            copy: self.copies.then(|| export::date(&DateText::from(self.day))),
            attention: false,
        };
        let mut name = self.text_line("Name", record.name.as_ref());
        if let Some(name) = &mut name {
            name.note = has_unmappable(&name.value).then(|| self.texts.text("name-unmappable"));
        }
        let lines = [
            Some(confirmed),
            self.line("InsurerNumber", insurer),
            self.text_line("InsurerName", record.insurer_name.as_ref()),
            self.text_line("InsuredCardSymbol", record.insured_card_symbol.as_ref()),
            self.text_line("InsuredIdentificationNumber", record.insured_identification_number.as_ref()),
            self.text_line("InsuredBranchNumber", record.insured_branch_number.as_ref()),
            self.line("NameKana", record.name_kana.as_deref().map(Told::kana)),
            name,
            self.date_line("Birthdate", record.birthdate.as_ref()),
            self.code_line("Sex1", record.sex1.as_ref()),
            self.code_line("InsuredCardClassification", record.insured_card_classification.as_ref()),
            self.date_line("InsuredCardValidDate", record.insured_card_valid_date.as_ref()),
            self.date_line("InsuredCardExpirationDate", record.insured_card_expiration_date.as_ref()),
            self.date_line("QualificationDate", record.qualification_date.as_ref()),
            self.date_line("DisqualificationDate", record.disqualification_date.as_ref()),
            self.code_line("ReasonOfLoss", record.reason_of_loss.as_ref()),
            self.share(record, validity),
            self.code_line("PersonalFamilyClassification", record.personal_family_classification.as_ref()),
            self.text_line("InsuredName", record.insured_name.as_ref()),
            self.text_line("PostNumber", record.post_number.as_ref()),
            self.text_line("Address", record.address.as_ref()),
        ];
        self.section("section-qualification", lines)
    }

    /// What the insurer gave, as it came; else what the law says, with its source; else that it is not known.
    fn share(&self, record: &Record, validity: Option<Validity>) -> Option<Line> {
        const ELEMENT: &str = "InsuredPartialContributionRatio";
        if let Some(ratio) = &record.insured_partial_contribution_ratio {
            return self.line(ELEMENT, Some(self.told_ratio(ratio)));
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
                copy: None,
                attention: false,
            },
            Share::Unknown => self.missing(label),
        })
    }

    fn missing(&self, label: String) -> Line {
        let value = self.texts.text("missing-check");
        Line { label, value, note: None, copy: None, attention: true }
    }

    fn other_names(&self, record: &Record) -> Section {
        self.section(
            "section-other-names",
            [
                self.text_line("NameOfOther", record.name_of_other.as_ref()),
                self.line("NameOfOtherKana", record.name_of_other_kana.as_deref().map(Told::kana)),
                self.code_line("Sex2", record.sex2.as_ref()),
            ],
        )
    }

    fn elderly(&self, record: &Record) -> Section {
        let Some(info) = &record.elderly_recipient_certificate_info else {
            return self.section("section-elderly", []);
        };
        let labels = ElderlyRecipientCertificate::LABELS;
        let ratio = "ElderlyRecipientContributionRatio";
        let share = match &info.contribution_ratio {
            Some(given) => self.inner(labels, ratio, Some(self.told_ratio(given))),
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
                    info.classification.as_ref().map(|code| self.told_code(code)),
                ),
                self.inner(
                    labels,
                    &name("ClassificationFlag"),
                    info.classification_flag.as_ref().map(|code| self.told_code(code)),
                ),
                self.inner_date(labels, &name("ValidStartDate"), info.valid_start_date.as_ref()),
                self.inner_date(labels, &name("ValidEndDate"), info.valid_end_date.as_ref()),
                self.inner_date(labels, &name("LongTermDate"), info.long_term_date.as_ref()),
            ],
        )
    }

    fn disease(&self, info: &SpecificDiseasesCertificate) -> Section {
        let labels = SpecificDiseasesCertificate::LABELS;
        let disease = info.disease_category.as_ref().map(|code| self.told_code(code));
        let pay = info.self_pay.as_ref().map(|yen| Told {
            shown: self.texts.with("yen-a-month", [("yen", yen.as_str().into())]),
            plain: yen.clone(),
        });
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
        let kind = ticket.ticket_type.as_ref().map(|code| self.told_code(code));
        let issued = ticket.issue_number.as_deref().map(Told::as_it_came);
        let month = ticket.medical_treatment_month.as_deref().map(Told::as_it_came);
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
                self.inner(labels, "IssueNumber", issued),
                self.inner(labels, "MedicalTreatmentMonth", month),
            ],
        )
    }

    fn inner(&self, labels: &[Label], element: &str, value: Option<Told>) -> Option<Line> {
        let Told { shown: value, plain } = value.filter(|value| !value.shown.trim().is_empty())?;
        let label = self.label(labels, element);
        Some(Line { label, value, note: None, copy: self.copies.then_some(plain), attention: false })
    }

    fn inner_date(&self, labels: &[Label], element: &str, date: Option<&DateText>) -> Option<Line> {
        let told = date.map(|date| Told { shown: self.date_text(date), plain: export::date(date) });
        self.inner(labels, element, told)
    }
}

/// Years on the day, as people count them. `None` before birth.
pub(crate) fn age(birth: Date, day: Date) -> Option<u32> {
    let had_birthday = (day.month() as u8, day.day()) >= (birth.month() as u8, birth.day());
    u32::try_from(day.year() - birth.year() - i32::from(!had_birthday)).ok()
}
