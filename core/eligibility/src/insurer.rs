//! 保険者番号 and 医療機関コード: check digits, and which insurance system a number belongs to.

use serde::{Deserialize, Serialize};

use crate::element::{Text, redacted};

/// 保険者番号, kept as it came.
///
/// Eight digits: 法別 (2), 都道府県 (2), 保険者別 (3), 検証番号 (1). National health insurance (国保) has six,
/// without 法別; the interface pads them with two spaces, other systems with `00`.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InsurerNumber(String);

impl InsurerNumber {
    /// Takes a number as it came.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The number as it came, padding included.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number as it is printed, without padding: six digits for 国保, eight for all others.
    pub fn printed(&self) -> &str {
        let text = self.0.trim();
        match text.strip_prefix("00") {
            Some(rest) if rest.len() == 6 => rest,
            _ => text,
        }
    }

    /// Whether the number has six or eight digits and its 検証番号 fits.
    ///
    /// The rule is Luhn's: it finds every wrong single digit. Leading zeros and padding do not change it.
    pub fn check_digit_holds(&self) -> bool {
        self.law().is_some() && luhn_holds(self.printed())
    }

    /// 法別番号: the first two of eight digits, and 0 for 国保. `None` if this is no insurer's number.
    pub fn law(&self) -> Option<u8> {
        let text = self.printed();
        if !text.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        match text.len() {
            6 => Some(0),
            8 => text[..2].parse().ok(),
            _ => None,
        }
    }

    /// The insurance system, by 法別番号; 国保組合 by the first digit of 保険者別 (3). `None` where it is not known.
    pub fn system(&self) -> Option<Text> {
        let law = self.law()?;
        if law == 0 {
            return Some(if self.printed().as_bytes()[2] == b'3' { NHI_SOCIETY } else { NHI });
        }
        SYSTEMS.iter().find(|(laws, _)| laws.contains(&law)).map(|(_, text)| *text)
    }

    /// Whether this is 後期高齢者医療 (法別 39).
    pub fn is_late_elderly(&self) -> bool {
        self.law() == Some(39)
    }
}

redacted!(InsurerNumber);

const NHI: Text = Text { ja: "国民健康保険", en: "National Health Insurance" };
const NHI_SOCIETY: Text = Text { ja: "国民健康保険組合", en: "National Health Insurance Society" };

const SYSTEMS: &[(&[u8], Text)] = &[
    (&[1], Text { ja: "協会けんぽ", en: "Japan Health Insurance Association" }),
    (&[2], Text { ja: "船員保険", en: "Seamen's Insurance" }),
    (&[3], Text { ja: "日雇（一般）", en: "Day labourers (general)" }),
    (&[4], Text { ja: "日雇（特別）", en: "Day labourers (special)" }),
    (&[6], Text { ja: "組合健保", en: "Health Insurance Society" }),
    (&[7], Text { ja: "自衛官等", en: "Self-Defense Forces" }),
    (&[31], Text { ja: "国家公務員共済", en: "Mutual aid: national public service" }),
    (&[32], Text { ja: "地方公務員等共済", en: "Mutual aid: local public service" }),
    (&[33], Text { ja: "警察共済", en: "Mutual aid: police" }),
    (&[34], Text { ja: "公立学校共済・私学共済", en: "Mutual aid: schools" }),
    (&[39], Text { ja: "後期高齢者医療", en: "Medical care for the late elderly" }),
    (&[63], Text { ja: "特例退職（健保）", en: "Special retired (Health Insurance Society)" }),
    (&[67], Text { ja: "国保（退職者）", en: "National Health Insurance (retired)" }),
    (&[72, 73, 74, 75], Text { ja: "特例退職（共済）", en: "Special retired (mutual aid)" }),
];

/// Whether a ten-digit 医療機関コード carries the check digit that one public source describes (Luhn over the
/// nine digits before it).
///
/// The rule is not official, and a code seen in public does not fit it: a wrong digit is worth a warning,
/// never a refusal. 施術所 have no such code: their 登録記号番号 has no known rule.
pub fn institution_code_check_holds(code: &str) -> bool {
    code.len() == 10 && luhn_holds(code)
}

/// Luhn's rule (ISO/IEC 7812-1 annex B) over ASCII digits, the last one being the check digit.
fn luhn_holds(digits: &str) -> bool {
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return false;
    }
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let value = u32::from(digit - b'0') << (place % 2);
            value / 10 + value % 10
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Published examples first, then numbers of prefecture 99, which does not exist.
    const VALID: &[&str] = &[
        "33120015", "54016027", "01130012", "01990019", "02990018", "06990014", "31990013", "39990015",
        "63990014", "67990010", "990010", "993014", "  990010", "00990010",
    ];

    #[test]
    fn numbers_with_their_check_digit_hold() {
        for number in VALID {
            assert!(InsurerNumber::new(*number).check_digit_holds(), "{number}");
        }
        for code in ["0110113719", "9919900010", "9939900016", "9949900014", "9969900019"] {
            assert!(institution_code_check_holds(code), "{code}");
        }
    }

    #[test]
    fn what_is_no_number_does_not_hold() {
        for text in ["", "0", "0699001", "069900140", "０６９９００１４", "06-99001", "    ", "00000 "]
        {
            assert!(!InsurerNumber::new(text).check_digit_holds(), "{text:?}");
        }
        assert!(!institution_code_check_holds("110113719"));
    }

    #[test]
    fn the_system_follows_from_the_number() {
        let system = |number: &str| InsurerNumber::new(number).system().map(|text| text.ja);
        assert_eq!(system("06990014"), Some("組合健保"));
        assert_eq!(system("39990015"), Some("後期高齢者医療"));
        assert_eq!(system("  990010"), Some("国民健康保険"));
        assert_eq!(system("00990010"), Some("国民健康保険"));
        assert_eq!(system("993014"), Some("国民健康保険組合"));
        assert_eq!(system("74990011"), Some("特例退職（共済）"));
        assert_eq!(system("12990016"), None, "a number of public expense is no insurer");
        assert!(InsurerNumber::new("39990015").is_late_elderly());
    }

    #[test]
    fn padding_is_not_printed() {
        assert_eq!(InsurerNumber::new("  990010").printed(), "990010");
        assert_eq!(InsurerNumber::new("00990010").printed(), "990010");
        assert_eq!(InsurerNumber::new("06990014").printed(), "06990014");
        assert_eq!(InsurerNumber::new("  990010").as_str(), "  990010");
    }

    proptest! {
        #[test]
        fn every_wrong_single_digit_is_found(number in 0_u32..10_000_000, place in 0_usize..8, add in 1_u8..10) {
            let number = (0..10)
                .map(|check| format!("{number:07}{check}"))
                .find(|number| luhn_holds(number))
                .expect("one of ten check digits fits");
            let mut wrong = number.into_bytes();
            wrong[place] = b'0' + (wrong[place] - b'0' + add) % 10;
            let wrong = String::from_utf8(wrong).expect("digits");
            prop_assert!(!luhn_holds(&wrong));
        }

        #[test]
        fn no_text_panics(text in ".{0,12}") {
            let number = InsurerNumber::new(text.clone());
            let _ = (number.printed(), number.system(), number.check_digit_holds());
            let _ = institution_code_check_holds(&text);
        }
    }
}
