//! The code tables that the record uses.
//!
//! The tables are not published officially. The values are those that several public clients of the
//! interface agree on (OQSCD003–013, 016); 018–026 rest on one client. Japanese texts are shortened where
//! the table's own text is too long for a counter; English texts are ours.

use crate::code::{Code, CodeTable};
use crate::element::Text;

macro_rules! tables {
    ($($(#[$meta:meta])* $name:ident = $number:literal { $($code:literal $ja:literal $en:literal)* })*) => {
        $(
            $(#[$meta])*
            #[doc = concat!("\n\nTable OQSCD", $number, ".")]
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
            pub enum $name {}

            impl CodeTable for $name {
                const NUMBER: &'static str = $number;
                const ENTRIES: &'static [(&'static str, Text)] =
                    &[$(($code, Text { ja: $ja, en: $en }),)*];
            }
        )*
    };
}

tables! {
    /// 処理結果状況: whether the message as a whole was processed.
    ProcessingResultStatus = "004" {
        "1" "正常" "Processed"
        "2" "エラー" "Error"
    }

    /// 資格有効性: see [`Validity`] for the typed view.
    QualificationValidity = "006" {
        "1" "有効" "Valid"
        "2" "無効" "Not valid"
        "3" "無効（新しい資格あり）" "Not valid (a newer qualification exists)"
        "4" "該当資格なし" "No qualification found"
        "5" "複数該当" "Several qualifications found"
        "6" "有効（未登録）" "Valid (not registered)"
    }

    /// 性別.
    Sex = "007" {
        "1" "男" "Male"
        "2" "女" "Female"
        "3" "未設定" "Not set"
    }

    /// 資格喪失事由.
    ReasonOfLoss = "008" {
        "01" "死亡" "Death"
        "02" "生活保護受給開始" "Public assistance began"
        "03" "医療保険等の資格取得" "Joined another insurance"
        "99" "その他" "Other"
    }

    /// 本人・家族の別.
    PersonalFamily = "009" {
        "1" "本人" "Insured person"
        "2" "家族" "Family member"
    }

    /// 被保険者証区分. Some kinds ended on 2024-12-02 and still come for earlier dates.
    CardClassification = "010" {
        "01" "一般" "General"
        "02" "退職" "Retired"
        "03" "短期（一般）" "Short term (general)"
        "04" "短期（退職）" "Short term (retired)"
        "05" "特別療養費支給対象者" "Full payment at the counter, refunded later"
        "06" "特例退職" "Special retired"
        "07" "自衛官" "Self-Defense Forces"
        "A1" "医療扶助" "Medical assistance"
    }

    /// 限度額適用認定証区分.
    LimitCertificate = "011" {
        "01" "限度額適用認定証" "Limit of payment"
        "02" "限度額適用・標準負担額減額認定証" "Limit of payment and reduced meal charge"
        "03" "標準負担額減額認定証" "Reduced meal charge"
    }

    /// 限度額適用区分.
    LimitClass = "012" {
        "A01" "ア" "Category ア"
        "A02" "イ" "Category イ"
        "A03" "ウ" "Category ウ"
        "A04" "エ" "Category エ"
        "A05" "オ" "Category オ"
        "A06" "オ（境）" "Category オ (borderline)"
        "B01" "現役並みⅢ" "Income as of working age III"
        "B02" "現役並みⅡ" "Income as of working age II"
        "B03" "現役並みⅠ" "Income as of working age I"
        "B04" "一般" "General (70 to 74)"
        "B05" "低所得Ⅱ" "Low income II"
        "B06" "低所得Ⅰ" "Low income I"
        "B07" "低所得Ⅰ（老福）" "Low income I (welfare pension)"
        "B08" "低所得Ⅰ（境）" "Low income I (borderline)"
        "B09" "一般Ⅱ" "General II (75 and over)"
        "B10" "一般Ⅰ" "General I (75 and over)"
    }

    /// 特定疾病.
    DiseaseCategory = "013" {
        "1" "人工透析を要する慢性腎不全" "Chronic renal failure on dialysis"
        "2" "先天性血液凝固因子障害（第Ⅷ・第Ⅸ因子）" "Congenital coagulation factor deficiency (VIII, IX)"
        "3" "血液凝固因子製剤起因のHIV感染症" "HIV infection caused by blood products"
    }

    /// 未就学区分: absent for everybody else.
    Preschool = "015" {
        "1" "未就学" "Yes"
    }

    /// 同意区分.
    Consent = "016" {
        "0" "なし" "Not given"
        "1" "あり" "Given"
        "2" "期限切れ" "Expired"
        "3" "取得困難" "Could not be asked"
    }

    /// 処方箋発行形態.
    Prescription = "017" {
        "1" "電子処方箋" "Electronic prescription"
        "2" "紙の処方箋" "Paper prescription"
    }

    /// 医療券・調剤券の別.
    TicketType = "018" {
        "01" "医療券" "Medical ticket"
        "02" "調剤券" "Dispensing ticket"
    }

    /// 診療別.
    TreatmentType = "019" {
        "01" "入院" "Inpatient"
        "02" "入院外" "Outpatient"
        "03" "歯科" "Dental"
        "04" "調剤" "Dispensing"
        "05" "訪問看護" "Visiting nurse"
    }

    /// 単独・併用の別.
    SingleOrCombined = "020" {
        "01" "単独" "Alone"
        "02" "併用" "Combined"
    }

    /// 社会保険の有無.
    SocialInsurance = "021" {
        "01" "あり" "Yes"
        "02" "なし" "No"
    }

    /// 社会保険状況の整合性.
    Consistency = "022" {
        "1" "不整合あり" "Not consistent"
    }

    /// 感染症法第37条の2の該当.
    Infection = "023" {
        "01" "あり" "Yes"
        "02" "なし" "No"
    }

    /// 後期高齢者医療の該当.
    ElderlyCare = "024" {
        "01" "あり" "Yes"
        "02" "なし" "No"
    }

    /// 都道府県費の該当.
    PrefecturalExpenses = "025" {
        "01" "あり" "Yes"
        "02" "なし" "No"
    }

    /// 指定医療機関の確認.
    DesignatedInstitution = "026" {
        "0" "一致" "The same"
        "1" "不一致" "Not the same"
    }
}

/// 資格有効性, typed: what the counter decides on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Validity {
    /// `1` 有効.
    Valid,
    /// `2` 無効.
    Invalid,
    /// `3` 無効（新しい資格あり）.
    InvalidNewerExists,
    /// `4` 該当資格なし.
    NotFound,
    /// `5` 複数該当: software never chooses, staff do.
    Several,
    /// `6` 有効（未登録）: 医療扶助 only.
    ValidUnregistered,
}

impl Code<QualificationValidity> {
    /// The typed view; `None` for a code that this version does not know.
    pub fn validity(&self) -> Option<Validity> {
        match self.as_str() {
            "1" => Some(Validity::Valid),
            "2" => Some(Validity::Invalid),
            "3" => Some(Validity::InvalidNewerExists),
            "4" => Some(Validity::NotFound),
            "5" => Some(Validity::Several),
            "6" => Some(Validity::ValidUnregistered),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_validity_has_a_text_and_a_typed_view() {
        for (code, _) in QualificationValidity::ENTRIES {
            assert!(Code::<QualificationValidity>::new(*code).validity().is_some(), "{code}");
        }
        assert_eq!(Code::<QualificationValidity>::new("9").validity(), None);
    }

    #[test]
    fn codes_are_compared_as_text() {
        assert_eq!(Code::<CardClassification>::new("A1").text().map(|text| text.ja), Some("医療扶助"));
        assert_eq!(Code::<CardClassification>::new("1").text(), None, "01 is not 1");
        assert_eq!(Code::<LimitClass>::new("a01").text(), None);
    }
}
