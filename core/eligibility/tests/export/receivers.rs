//! The text, read by the rules of the two public receivers of the real app's copied text.
//!
//! The rules are written down from what those programs do (`docs/exports.md` names them); nothing here is their code.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::golden::persons;
use crate::{answer, text};

type Fields = BTreeMap<(String, String), String>;

/// By heading and label, as a listener on the clipboard does it: it refuses a text that does not begin as it expects, a
/// field that comes twice, and a text without 確認日.
fn by_heading(text: &str) -> Result<Fields, &'static str> {
    const HEADINGS: [&str; 7] = [
        "資格情報",
        "裏面記載情報",
        "高齢受給者証",
        "資格情報(医療保険)",
        "裏面記載情報(医療保険)",
        "資格情報(医療扶助)",
        "裏面記載情報(医療扶助)",
    ];
    /// Taken from whatever section they stand in.
    const ANYWHERE: [&str; 10] = [
        "確認日 : ",
        "保険者番号",
        "保険者名",
        "記号",
        "番号",
        "枝番",
        "資格取得年月日",
        "本人・家族の別",
        "被保険者氏名",
        "照会番号",
    ];
    /// Taken by section; anywhere else they stop it.
    const IN_SECTION: [(&str, &[&str]); 10] = [
        ("フリガナ", &["資格情報"]),
        ("氏名", &["資格情報", "裏面記載情報"]),
        ("氏名カナ", &["裏面記載情報"]),
        ("生年月日", &["資格情報"]),
        ("性別", &["資格情報", "裏面記載情報"]),
        ("郵便番号", &["資格情報"]),
        ("住所", &["資格情報"]),
        ("証区分", &["資格情報"]),
        ("有効開始日", &["資格情報", "高齢受給者証"]),
        ("有効終了日", &["資格情報", "高齢受給者証"]),
    ];
    if !["資格情報", "照会番号", "未就学区分"].iter().any(|start| text.starts_with(start)) {
        return Err("not for this receiver");
    }
    let mut fields = Fields::new();
    let mut heading = String::new();
    for line in text.split("\r\n") {
        let (label, value) = line.split_once('\t').unwrap_or((line, ""));
        if HEADINGS.contains(&label) {
            label.clone_into(&mut heading);
        } else if ANYWHERE.contains(&label) {
            fields.insert((String::new(), label.to_owned()), value.to_owned());
        } else if label == "未就学区分" && value != "義務教育就学前" {
            return Err("an unexpected value");
        } else if let Some((_, sections)) = IN_SECTION.iter().find(|(known, _)| *known == label) {
            let section = heading.split('(').next().unwrap_or_default();
            if !sections.contains(&section) {
                return Err("a field in an unexpected section");
            }
            // Of 医療扶助 the person is known already.
            let assistance = heading.ends_with("(医療扶助)");
            if assistance && label.starts_with("有効") {
                return Err("a field in an unexpected section");
            }
            let place = (section.to_owned(), label.to_owned());
            if !assistance && fields.insert(place, value.to_owned()).is_some() {
                return Err("a field that comes twice");
            }
        }
    }
    let confirmed = fields.get(&(String::new(), "確認日 : ".to_owned()));
    if confirmed.is_some_and(|day| !day.is_empty()) { Ok(fields) } else { Err("no 確認日") }
}

/// By label alone, as a converter for the phone app's text does it: colons and tabs are blanks, two headings are known,
/// what comes later wins, and six fields must be there.
fn by_label(text: &str) -> Result<Fields, &'static str> {
    let mut fields = Fields::new();
    let mut section = "";
    for line in text.split('\n') {
        let line = line.trim().replace(['\t', ':', '：'], " ");
        if let Some(heading) = ["裏面記載情報", "限度額適用認定証"].into_iter().find(|h| line.contains(h))
        {
            section = heading;
        } else if let Some((label, value)) = line.split_once(' ') {
            fields.insert((section.to_owned(), label.to_owned()), value.trim().to_owned());
        }
    }
    let there = |label: &&str| fields.contains_key(&(String::new(), (*label).to_owned()));
    let needed = ["氏名", "フリガナ", "生年月日", "記号", "番号", "保険者番号"];
    if needed.iter().all(there) { Ok(fields) } else { Err("a field is missing") }
}

#[track_caller]
fn assert_field(fields: &Fields, section: &str, label: &str, value: &str) {
    let found = fields.get(&(section.to_owned(), label.to_owned())).map(String::as_str);
    assert_eq!(found, Some(value), "{section} {label}");
}

const INSURED: [(&str, &str); 10] = [
    ("InsuredCardClassification", "01"),
    ("InsurerNumber", "  990010"),
    ("InsurerName", "試験市"),
    ("InsuredIdentificationNumber", "００１２３"),
    ("Name", "試験　一"),
    ("NameKana", "ｼｹﾝ ﾊｼﾞﾒ"),
    ("Sex1", "1"),
    ("Birthdate", "20190501"),
    ("QualificationDate", "20190501"),
    ("InsuredCardValidDate", "20241202"),
];

fn insured(more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    [&INSURED[..], more].concat()
}

#[test]
fn a_receiver_by_heading_takes_every_person() {
    for (name, answer) in persons() {
        let several = answer.results.len() > 1;
        let taken = by_heading(&text(&answer));
        match taken {
            Ok(fields) => {
                assert_field(&fields, "", "確認日 : ", "2026-11-23");
                let record = answer.results.first().expect("somebody is insured");
                assert_field(&fields, "資格情報", "氏名", record.name.as_deref().unwrap_or_default());
                assert!(!several, "{name}");
            }
            Err(why) => assert!(several || answer.results.is_empty(), "{name}: {why}"),
        }
    }
}

#[test]
fn both_receivers_read_what_the_record_says() {
    let record = insured(&[("InsuredCardSymbol", "試・１"), ("InsuredBranchNumber", "01")]);
    let text = text(&answer("1", &[&record]));
    for (fields, confirmed) in
        [(by_heading(&text).expect("taken"), "確認日 : "), (by_label(&text).expect("taken"), "確認日")]
    {
        let person = if confirmed == "確認日" { "" } else { "資格情報" };
        assert_field(&fields, "", confirmed, "2026-11-23");
        assert_field(&fields, "", "保険者番号", "990010");
        assert_field(&fields, "", "記号", "試・１");
        assert_field(&fields, "", "番号", "００１２３");
        assert_field(&fields, "", "枝番", "01");
        assert_field(&fields, person, "フリガナ", "ｼｹﾝ ﾊｼﾞﾒ");
        assert_field(&fields, person, "生年月日", "2019-05-01");
        assert_field(&fields, person, "性別", "男");
    }
}

#[test]
fn a_record_without_symbol_and_branch_has_empty_fields() {
    let text = text(&answer("1", &[&insured(&[])]));
    assert!(text.contains("\r\n記号\t\r\n") && text.contains("\r\n枝番\t\r\n"), "{text}");
    assert!(text.contains("\r\n負担割合\t\r\n") && text.contains("\r\n有効終了日\t\r\n"), "{text}");
    assert_field(&by_heading(&text).expect("taken"), "", "記号", "");
    // The other receiver wants a symbol; it says so, as it does with the real app's text.
    assert_eq!(by_label(&text), Err("a field is missing"));
}

#[test]
fn no_certificate_is_taken_for_the_insurance() {
    let mut answer =
        answer("1", &[&insured(&[("InsuredCardSymbol", "１"), ("PreschoolClassification", "1")])]);
    let record = &mut answer.results[0];
    record.reference_number = Some("P-17".to_owned());
    record.elderly_recipient_certificate_info = Some(eligibility::ElderlyRecipientCertificate {
        valid_start_date: Some(eligibility::DateText::new("20260801")),
        contribution_ratio: Some(eligibility::Ratio::new("020")),
        ..eligibility::ElderlyRecipientCertificate::default()
    });
    record.limit_application_certificate_related_info = Some(eligibility::LimitApplicationCertificate {
        classification: Some(eligibility::Code::new("01")),
        valid_start_date: Some(eligibility::DateText::new("20260901")),
        ..eligibility::LimitApplicationCertificate::default()
    });
    let text = text(&answer);
    let fields = by_heading(&text).expect("taken");
    assert_field(&fields, "資格情報", "有効開始日", "2024-12-02");
    assert_field(&fields, "高齢受給者証", "有効開始日", "2026-08-01");
    assert_field(&fields, "", "照会番号", "P-17");
    let fields = by_label(&text).expect("taken");
    assert_field(&fields, "", "有効開始日", "2024-12-02");
    assert!(!fields.contains_key(&(String::new(), "負担割合".to_owned())), "the insurer gave none");
    assert_field(&fields, "限度額適用認定証", "有効開始年月日", "2026-09-01");
}

#[test]
fn of_an_insurance_beside_assistance_the_insurance_is_taken() {
    let assistance = insured(&[("InsuredCardClassification", "A1"), ("InsurerNumber", "12990016")]);
    let insurance = insured(&[("InsuredCardSymbol", "１")]);
    let both: [&[_]; 2] = [&insurance, &assistance];
    let text = text(&answer("1", &both));
    let fields = by_heading(&text).expect("taken");
    assert_field(&fields, "", "保険者番号", "990010");
    assert_field(&fields, "", "番号", "００１２３");
    assert_field(&by_label(&text).expect("taken"), "", "保険者番号", "990010");
    assert!(text.contains("\r\n公費負担者番号\t12990016\r\n"), "{text}");
}

#[test]
fn of_several_insurances_none_is_taken_by_a_receiver_of_one() {
    let second = insured(&[("InsuredCardSymbol", "２"), ("InsurerNumber", "06990014")]);
    let first = insured(&[("InsuredCardSymbol", "１"), ("ReferenceNumber", "P-17")]);
    let both: [&[_]; 2] = [&first, &second];
    let text = text(&answer("5", &both));
    assert_eq!(by_heading(&text), Err("no 確認日"));
    assert_eq!(by_label(&text), Err("a field is missing"));
    let first = text.find("保険者番号(1)\t990010").expect("the first one");
    let second = text.find("保険者番号(2)\t06990014").expect("the second one");
    assert!(first < second);
}

#[test]
fn the_last_line_names_the_format() {
    let text = text(&answer("1", &[&INSURED]));
    assert!(text.ends_with("\r\n書式\tMadoguchi 1\r\n"));
}

proptest! {
    #[test]
    fn no_value_makes_a_line_or_a_field(value in any::<String>()) {
        let record = insured(&[]);
        let mut answer = answer("1", &[&record]);
        let lines = text(&answer).lines().count();
        answer.results[0].name = Some(value.clone());
        answer.results[0].address = Some(value.clone());
        answer.results[0].birthdate = Some(eligibility::DateText::new(value));
        let text = text(&answer);
        prop_assert_eq!(text.lines().count(), lines);
        let odd = text.split("\r\n").find(|line| line.matches('\t').count() > 1 || line.contains(['\r', '\n']));
        prop_assert_eq!(odd, None);
    }
}
