//! 資格情報: the message body and the record.

use crate::certificates::{
    ElderlyRecipientCertificate, LimitApplicationCertificate, MedicalTicket, SpecificDiseasesCertificate,
};
use crate::code::Code;
use crate::date::DateText;
use crate::element::elements;
use crate::insurer::InsurerNumber;
use crate::ratio::Ratio;
use crate::tables;

elements! {
    /// The body of an answer (`MessageBody`): what was found, how it was processed, and the records.
    ///
    /// One answer may hold several records (複数該当, or medical insurance beside 医療扶助); the counter shows
    /// all of them and chooses none. `ResultList` is an array of records: the XML interface's inner element
    /// `ResultOfQualificationConfirmation` needs no name of its own here.
    pub struct Eligibility {
        "ProcessingResultStatus" processing_result_status: Option<Code<tables::ProcessingResultStatus>>
            = "処理結果状況", "Processing status";
        /// The official list is not public: a code is shown as it is.
        "ProcessingResultCode" processing_result_code: Option<String>
            = "処理結果コード", "Processing code";
        /// Also filled on success, for instance when the card's certificate soon ends: shown as it is.
        "ProcessingResultMessage" processing_result_message: Option<String>
            = "処理結果メッセージ", "Message";
        "QualificationValidity" qualification_validity: Option<Code<tables::QualificationValidity>>
            = "資格有効性", "Validity";
        "PrescriptionIssueSelect" prescription_issue_select: Option<Code<tables::Prescription>>
            = "処方箋発行形態", "Prescription form";
        "ResultList" results: Vec<Record>
            = "資格確認結果", "Results";
    }
}

impl Eligibility {
    /// The typed validity; `None` if it is absent or a code that this version does not know.
    pub fn validity(&self) -> Option<tables::Validity> {
        self.qualification_validity.as_ref().and_then(Code::validity)
    }
}

elements! {
    /// One record (`ResultOfQualificationConfirmation`), all 34 fields of the interface in its order.
    ///
    /// Every element may be absent: insurers forget to load some, and a record with a gap is better than no
    /// record. Nothing is filled in here; what may be derived is told apart from it (see [`crate::share`]).
    pub struct Record {
        "InsuredCardClassification" insured_card_classification: Option<Code<tables::CardClassification>>
            = "証区分", "Kind of qualification";
        "InsurerNumber" insurer_number: Option<InsurerNumber>
            = "保険者番号", "Insurer number";
        "InsuredCardSymbol" insured_card_symbol: Option<String>
            = "記号", "Symbol";
        "InsuredIdentificationNumber" insured_identification_number: Option<String>
            = "番号", "Number";
        "InsuredBranchNumber" insured_branch_number: Option<String>
            = "枝番", "Branch number";
        "PersonalFamilyClassification" personal_family_classification: Option<Code<tables::PersonalFamily>>
            = "本人・家族の別", "Insured person or family";
        "InsuredName" insured_name: Option<String>
            = "被保険者（世帯主）氏名", "Insured person (head of household)";
        "Name" name: Option<String>
            = "氏名", "Name";
        "NameOfOther" name_of_other: Option<String>
            = "氏名（その他）", "Other name";
        /// Half-width katakana; [`crate::full_width_kana`] makes it readable.
        "NameKana" name_kana: Option<String>
            = "フリガナ", "Name in kana";
        "NameOfOtherKana" name_of_other_kana: Option<String>
            = "フリガナ（その他）", "Other name in kana";
        "Sex1" sex1: Option<Code<tables::Sex>>
            = "性別", "Sex";
        /// Only where the special display rule is used: it then stands on the back of a card.
        "Sex2" sex2: Option<Code<tables::Sex>>
            = "性別（裏面）", "Sex (back of the card)";
        "Birthdate" birthdate: Option<DateText>
            = "生年月日", "Date of birth";
        "Address" address: Option<String>
            = "住所", "Address";
        "PostNumber" post_number: Option<String>
            = "郵便番号", "Postal code";
        "QualificationDate" qualification_date: Option<DateText>
            = "資格取得年月日", "Qualified since";
        "DisqualificationDate" disqualification_date: Option<DateText>
            = "資格喪失年月日", "Qualification lost on";
        "InsuredCertificateIssuanceDate" insured_certificate_issuance_date: Option<DateText>
            = "交付年月日", "Issued on";
        "InsuredCardValidDate" insured_card_valid_date: Option<DateText>
            = "有効開始年月日", "Valid from";
        "InsuredCardExpirationDate" insured_card_expiration_date: Option<DateText>
            = "有効終了年月日", "Valid until";
        "InsuredPartialContributionRatio" insured_partial_contribution_ratio: Option<Ratio>
            = "一部負担金割合", "Patient share";
        "PreschoolClassification" preschool_classification: Option<Code<tables::Preschool>>
            = "未就学区分", "Preschool";
        "ReasonOfLoss" reason_of_loss: Option<Code<tables::ReasonOfLoss>>
            = "資格喪失事由", "Reason of loss";
        "InsurerName" insurer_name: Option<String>
            = "保険者名称", "Insurer";
        "ElderlyRecipientCertificateInfo" elderly_recipient_certificate_info: Option<ElderlyRecipientCertificate>
            = "高齢受給者証", "Elderly recipient certificate";
        "LimitApplicationCertificateRelatedConsFlg" limit_application_certificate_related_cons_flg: Option<Code<tables::Consent>>
            = "限度額情報の提供同意", "Consent: limit of payment";
        "LimitApplicationCertificateRelatedConsTime" limit_application_certificate_related_cons_time: Option<String>
            = "限度額情報の提供同意日時", "Time of consent: limit of payment";
        "LimitApplicationCertificateRelatedInfo" limit_application_certificate_related_info: Option<LimitApplicationCertificate>
            = "限度額適用認定証", "Limit of payment";
        "SpecificDiseasesCertificateRelatedConsFlg" specific_diseases_certificate_related_cons_flg: Option<Code<tables::Consent>>
            = "特定疾病情報の提供同意", "Consent: specific diseases";
        "SpecificDiseasesCertificateRelatedConsTime" specific_diseases_certificate_related_cons_time: Option<String>
            = "特定疾病情報の提供同意日時", "Time of consent: specific diseases";
        "SpecificDiseasesCertificateList" specific_diseases_certificate_list: Vec<SpecificDiseasesCertificate>
            = "特定疾病療養受療証", "Specific diseases certificate";
        "PublicExpenseResultList" public_expense_result_list: Vec<MedicalTicket>
            = "医療券・調剤券", "Medical assistance tickets";
        /// Always absent in 資格確認限定型, as all consents to clinical data.
        "SpecificHealthCheckupsInfoConsFlg" specific_health_checkups_info_cons_flg: Option<Code<tables::Consent>>
            = "特定健診情報の閲覧同意", "Consent: health checkups";
        "SpecificHealthCheckupsInfoConsTime" specific_health_checkups_info_cons_time: Option<String>
            = "特定健診情報の閲覧同意日時", "Time of consent: health checkups";
        "SpecificHealthCheckupsInfoAvailableTime" specific_health_checkups_info_available_time: Option<String>
            = "特定健診情報の閲覧有効期限", "Consent until: health checkups";
        "PharmacistsInfoConsFlg" pharmacists_info_cons_flg: Option<Code<tables::Consent>>
            = "薬剤情報の閲覧同意", "Consent: medicines";
        "PharmacistsInfoConsTime" pharmacists_info_cons_time: Option<String>
            = "薬剤情報の閲覧同意日時", "Time of consent: medicines";
        "PharmacistsInfoAvailableTime" pharmacists_info_available_time: Option<String>
            = "薬剤情報の閲覧有効期限", "Consent until: medicines";
        "DiagnosisInfoConsFlg" diagnosis_info_cons_flg: Option<Code<tables::Consent>>
            = "診療情報の閲覧同意", "Consent: treatments";
        "DiagnosisInfoConsTime" diagnosis_info_cons_time: Option<String>
            = "診療情報の閲覧同意日時", "Time of consent: treatments";
        "DiagnosisInfoAvailableTime" diagnosis_info_available_time: Option<String>
            = "診療情報の閲覧有効期限", "Consent until: treatments";
        "OperationInfoConsFlg" operation_info_cons_flg: Option<Code<tables::Consent>>
            = "手術情報の閲覧同意", "Consent: operations";
        "OperationInfoConsTime" operation_info_cons_time: Option<String>
            = "手術情報の閲覧同意日時", "Time of consent: operations";
        "OperationInfoAvailableTime" operation_info_available_time: Option<String>
            = "手術情報の閲覧有効期限", "Consent until: operations";
        /// The institution's own number of the patient, where it registered one.
        "ReferenceNumber" reference_number: Option<String>
            = "照会番号", "Reference number";
        "PrescriptionIssueSelect" prescription_issue_select: Option<Code<tables::Prescription>>
            = "処方箋発行形態", "Prescription form";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::collection::vec;
    use proptest::prelude::*;
    use serde_cbor::Value;

    use super::*;
    use crate::Label;

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    /// The elements of `labels` that `chosen` picks, as they would lie on the wire.
    fn map(labels: &[Label], chosen: &[(bool, String)]) -> Value {
        let picked = labels.iter().zip(chosen).filter(|(_, (picked, _))| *picked);
        let value = |label: &Label, words: &str| match label.element {
            "ElderlyRecipientCertificateInfo" => map(ElderlyRecipientCertificate::LABELS, chosen),
            "LimitApplicationCertificateRelatedInfo" => map(LimitApplicationCertificate::LABELS, chosen),
            "SpecificDiseasesCertificateList" => {
                Value::Array(vec![map(SpecificDiseasesCertificate::LABELS, chosen); 2])
            }
            "PublicExpenseResultList" => Value::Array(vec![map(MedicalTicket::LABELS, chosen)]),
            "ResultList" => Value::Array(vec![map(Record::LABELS, chosen); 2]),
            _ => text(words),
        };
        Value::Map(picked.map(|(label, (_, words))| (text(label.element), value(label, words))).collect())
    }

    proptest! {
        /// Whatever text stands in an element, unknown codes, odd dates and wrong numbers included.
        #[test]
        fn every_element_comes_back_as_it_came(chosen in vec((any::<bool>(), ".{0,6}|[0-9]{1,8}"), Record::LABELS.len())) {
            let wire = map(Eligibility::LABELS, &chosen);
            let bytes = serde_cbor::to_vec(&wire).expect("a value");
            let read: Eligibility = serde_cbor::from_slice(&bytes).expect("an answer");
            let again = serde_cbor::to_vec(&read).expect("an answer");
            prop_assert_eq!(serde_cbor::from_slice::<Value>(&again).expect("a value"), wire);
        }

        #[test]
        fn no_bytes_panic(bytes in vec(any::<u8>(), 0..200)) {
            let _ = serde_cbor::from_slice::<Eligibility>(&bytes);
        }
    }

    #[test]
    fn absent_elements_are_absent_keys() {
        let bytes = serde_cbor::to_vec(&Eligibility::default()).expect("an answer");
        assert_eq!(bytes, [0xA0], "an empty map");
    }

    #[test]
    fn unknown_keys_are_ignored() {
        let wire =
            BTreeMap::from([("QualificationValidity", "3"), ("QualificationConfirmationKey", "later")]);
        let bytes = serde_cbor::to_vec(&wire).expect("a map");
        let read: Eligibility = serde_cbor::from_slice(&bytes).expect("an answer");
        assert_eq!(read.validity(), Some(tables::Validity::InvalidNewerExists));
    }

    #[test]
    fn an_unknown_validity_is_kept_and_has_no_meaning() {
        let read = Eligibility { qualification_validity: Some(Code::new("X")), ..Eligibility::default() };
        assert_eq!(read.validity(), None);
        assert_eq!(read.qualification_validity.as_ref().map(Code::as_str), Some("X"));
    }

    #[test]
    fn debug_shows_nothing_of_the_patient() {
        let record = Record {
            name: Some("canary".to_owned()),
            insurer_number: Some(InsurerNumber::new("canary")),
            birthdate: Some(DateText::new("canary")),
            sex1: Some(Code::new("canary")),
            insured_partial_contribution_ratio: Some(Ratio::new("canary")),
            ..Record::default()
        };
        let parts = format!(
            "{record:?} {:?} {:?} {:?} {:?}",
            record.insurer_number, record.birthdate, record.sex1, record.insured_partial_contribution_ratio
        );
        let answer = Eligibility { results: vec![record], ..Eligibility::default() };
        assert!(!format!("{parts} {answer:?} {answer:#?}").contains("canary"), "{parts}");
    }
}
