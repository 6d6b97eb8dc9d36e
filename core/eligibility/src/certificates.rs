//! The certificates inside a record: 高齢受給者証, 限度額, 特定疾病, 医療券.

use crate::code::Code;
use crate::date::DateText;
use crate::element::elements;
use crate::ratio::Ratio;
use crate::tables;

elements! {
    /// 高齢受給者証, for ages 70 to 74.
    pub struct ElderlyRecipientCertificate {
        "ElderlyRecipientCertificateDate" date: Option<DateText>
            = "交付年月日", "Issued on";
        "ElderlyRecipientValidStartDate" valid_start_date: Option<DateText>
            = "有効開始年月日", "Valid from";
        "ElderlyRecipientValidEndDate" valid_end_date: Option<DateText>
            = "有効終了年月日", "Valid until";
        "ElderlyRecipientContributionRatio" contribution_ratio: Option<Ratio>
            = "一部負担金割合", "Patient share";
    }
}

elements! {
    /// 限度額適用認定証関連情報: given with the patient's consent only.
    pub struct LimitApplicationCertificate {
        "LimitApplicationCertificateClassification" classification: Option<Code<tables::LimitCertificate>>
            = "証区分", "Kind of certificate";
        "LimitApplicationCertificateClassificationFlag" classification_flag: Option<Code<tables::LimitClass>>
            = "適用区分", "Class";
        "LimitApplicationCertificateDate" date: Option<DateText>
            = "交付年月日", "Issued on";
        "LimitApplicationCertificateValidStartDate" valid_start_date: Option<DateText>
            = "有効開始年月日", "Valid from";
        "LimitApplicationCertificateValidEndDate" valid_end_date: Option<DateText>
            = "有効終了年月日", "Valid until";
        "LimitApplicationCertificateLongTermDate" long_term_date: Option<DateText>
            = "長期入院該当年月日", "Long stay in hospital since";
    }
}

elements! {
    /// 特定疾病療養受療証.
    pub struct SpecificDiseasesCertificate {
        "SpecificDiseasesDiseaseCategory" disease_category: Option<Code<tables::DiseaseCategory>>
            = "認定疾病区分", "Disease";
        "SpecificDiseasesCertificateDate" date: Option<DateText>
            = "交付年月日", "Issued on";
        "SpecificDiseasesValidStartDate" valid_start_date: Option<DateText>
            = "有効開始年月日", "Valid from";
        "SpecificDiseasesValidEndDate" valid_end_date: Option<DateText>
            = "有効終了年月日", "Valid until";
        /// Yen a month.
        "SpecificDiseasesSelfPay" self_pay: Option<String>
            = "自己負担限度額", "Limit of payment";
    }
}

elements! {
    /// 医療券・調剤券 of 医療扶助 (生活保護).
    pub struct MedicalTicket {
        "TicketType" ticket_type: Option<Code<tables::TicketType>>
            = "医療券・調剤券別", "Kind of ticket";
        "MedicalTicketValidDate" medical_ticket_valid_date: Option<DateText>
            = "有効開始年月日", "Valid from";
        "MedicalTicketExpirationDate" medical_ticket_expiration_date: Option<DateText>
            = "有効終了年月日", "Valid until";
        "IssueNumber" issue_number: Option<String>
            = "交付番号", "Issue number";
        "MedicalTreatmentMonth" medical_treatment_month: Option<String>
            = "診療年月", "Month of treatment";
        "DesignatedMedicalInstitutionCode" designated_medical_institution_code: Option<String>
            = "指定医療機関コード", "Code of the designated institution";
        "DesignatedMedicalInstitutionFlag" designated_medical_institution_flag: Option<Code<tables::DesignatedInstitution>>
            = "指定医療機関の確認", "Designated institution";
        "DesignatedMedicalInstitutionName" designated_medical_institution_name: Option<String>
            = "指定医療機関名", "Name of the designated institution";
        "PrescriptionIssuerMedicalInstitutionCode" prescription_issuer_medical_institution_code: Option<String>
            = "処方箋発行医療機関コード", "Code of the prescribing institution";
        "PrescriptionIssuerMedicalInstitutionName" prescription_issuer_medical_institution_name: Option<String>
            = "処方箋発行医療機関名", "Name of the prescribing institution";
        "InjuryName1" injury_name1: Option<String>
            = "傷病名1", "Illness 1";
        "InjuryName2" injury_name2: Option<String>
            = "傷病名2", "Illness 2";
        "InjuryName3" injury_name3: Option<String>
            = "傷病名3", "Illness 3";
        "MedicalTreatmentType" medical_treatment_type: Option<Code<tables::TreatmentType>>
            = "診療別", "Kind of treatment";
        /// Yen.
        "SelfPayAmount" self_pay_amount: Option<String>
            = "本人支払額", "Amount to pay";
        "DistrictContactName" district_contact_name: Option<String>
            = "地区担当員名", "District officer";
        "HandlingContactName" handling_contact_name: Option<String>
            = "取扱担当者名", "Handling officer";
        "SingleOrCombinedUse" single_or_combined_use: Option<Code<tables::SingleOrCombined>>
            = "単独・併用別", "Alone or combined";
        "StatusOfSocialInsurance" status_of_social_insurance: Option<Code<tables::SocialInsurance>>
            = "社会保険状況", "Social insurance";
        "ConsistencyFlag" consistency_flag: Option<Code<tables::Consistency>>
            = "社会保険状況の整合性", "Consistency of social insurance";
        /// Spelled so in the interface.
        "StatusOfInfecton" status_of_infection: Option<Code<tables::Infection>>
            = "感染症法第37条の2の該当状況", "Infectious Diseases Act, article 37-2";
        "StatusOfElderlyMedicalCare" status_of_elderly_medical_care: Option<Code<tables::ElderlyCare>>
            = "後期高齢者医療の該当状況", "Medical care for the late elderly";
        "StatusOfPrefecturalExpenses" status_of_prefectural_expenses: Option<Code<tables::PrefecturalExpenses>>
            = "都道府県費の該当状況", "Prefectural expenses";
        "Remarks1" remarks1: Option<String>
            = "備考1", "Remark 1";
        "Remarks2" remarks2: Option<String>
            = "備考2", "Remark 2";
        "Remarks3" remarks3: Option<String>
            = "備考3", "Remark 3";
    }
}
