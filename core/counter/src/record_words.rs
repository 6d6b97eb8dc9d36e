//! One insurance record in words.

use eligibility::{
    Code, DateText, ElderlyRecipientCertificate, Label, LimitApplicationCertificate, MedicalTicket, Record,
    Share, ShareSource, SpecificDiseasesCertificate, Validity, full_width_kana, has_unmappable, share,
};
use time::Date;

use crate::{Line, RecordView, Section, result_words::Words};

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
        let labels = ElderlyRecipientCertificate::LABELS;
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
pub(crate) fn age(birth: Date, day: Date) -> Option<u32> {
    let had_birthday = (day.month() as u8, day.day()) >= (birth.month() as u8, birth.day());
    u32::try_from(day.year() - birth.year() - i32::from(!had_birthday)).ok()
}
