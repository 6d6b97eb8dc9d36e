//! What the screens say, in both languages. The patient is fictitious.

use eligibility::{
    Code, DateText, ElderlyRecipientCertificate, Eligibility, InsurerNumber, LimitApplicationCertificate,
    Ratio, Record,
};
use secret::SecretBytes;
use service::messages::CheckResponse;
use time::macros::datetime;

use super::{
    Bench,
    biometrics::{Finger, on_a_phone},
};
use crate::{
    Action, Battery, ExposedPin, Failure, Language, Line, Method, Protection, ReaderInfo, ReaderLife,
    ReaderTrouble, ResultView, Tone, View,
    state::{Stage, Way},
};

/// 組合健保, insured herself.
pub(super) fn record() -> Record {
    Record {
        insured_card_classification: Some(Code::new("01")),
        insurer_number: Some(InsurerNumber::new("06990014")),
        insurer_name: Some("見本健康保険組合".to_owned()),
        insured_card_symbol: Some("１２３４".to_owned()),
        insured_identification_number: Some("５６７８".to_owned()),
        insured_branch_number: Some("01".to_owned()),
        personal_family_classification: Some(Code::new("1")),
        name: Some("見本　花子".to_owned()),
        name_kana: Some("ﾐﾎﾝ ﾊﾅｺ".to_owned()),
        sex1: Some(Code::new("2")),
        birthdate: Some(DateText::new("19600412")),
        qualification_date: Some(DateText::new("20240401")),
        insured_card_valid_date: Some(DateText::new("20240401")),
        insured_card_expiration_date: Some(DateText::new("20270331")),
        ..Record::default()
    }
}

pub(super) fn response(validity: &str, results: Vec<Record>) -> CheckResponse {
    CheckResponse {
        check_id: "C-0001".to_owned(),
        checked_at: datetime!(2026-11-23 00:12 UTC).unix_timestamp(),
        certificate_not_after: datetime!(2029-04-12 14:59:59 UTC).unix_timestamp(),
        certificate_expired_since: None,
        danger_attested_visual: false,
        eligibility: Eligibility {
            qualification_validity: Some(Code::new(validity)),
            results,
            ..Eligibility::default()
        },
    }
}

pub(super) fn show(bench: &Bench, response: CheckResponse) {
    bench.counter.with(|state, now| {
        state.stage =
            Stage::Result { response: Box::new(response), method: Method::Pin, shown_at: now.steady };
    });
}

/// A result of the fictitious patient is on the screen.
pub(super) fn show_result(bench: &Bench, validity: &str) {
    show(bench, response(validity, vec![record()]));
}

fn result(response: CheckResponse) -> ResultView {
    let bench = Bench::logged_in();
    show(&bench, response);
    match bench.counter.screen().view {
        View::Result(view) => *view,
        other => panic!("{other:?}"),
    }
}

fn line<'a>(view: &'a ResultView, label: &str) -> Option<&'a Line> {
    let mut lines = view.records[0].sections.iter().flat_map(|section| &section.lines);
    lines.find(|line| line.label == label)
}

/// Every main screen, in one language, as a terminal would show it.
fn album(language: Language) -> String {
    let mut pages = Vec::new();
    let mut page = |bench: &Bench| pages.push(bench.counter.screen().to_text());
    let bench = Bench::new();
    bench.counter.act(Action::SetLanguage(language));
    page(&bench);
    bench.counter.act(Action::OpenLink(
        "madoguchi://enrol?service=https://localhost:8443&account=W0000001&secret=AAAAAAAAAAAAAAAAAAAAAA\
         &root=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&institution=%E8%A6%8B%E6%9C%AC%E6%95%B4%E9%AA%A8%E9%99%A2"
            .to_owned(),
    ));
    page(&bench);
    let bench = Bench::enrolled(4);
    bench.counter.act(Action::SetLanguage(language));
    page(&bench);
    bench.counter.with(|state, _| state.stage = Stage::ChoosePasscode { first: None, problem: None });
    page(&bench);

    let bench = Bench::logged_in();
    bench.counter.act(Action::SetLanguage(language));
    bench.counter.act(Action::SetDefaultMethod(None));
    bench.counter.act(Action::Settings);
    bench.counter.act(Action::SetDefaultMethod(Some(Method::Visual)));
    page(&bench);
    bench.counter.act(Action::Back);
    page(&bench);
    bench.counter.act(Action::Choose(Method::Visual));
    for digit in [3, 5, 0, 4, 1] {
        bench.counter.act(Action::Digit(digit));
    }
    page(&bench);
    bench.counter.act(Action::UsePin);
    bench.counter.act(Action::Digit(1));
    page(&bench);
    for digit in [2, 3, 4] {
        bench.counter.act(Action::Digit(digit));
    }
    page(&bench);
    bench.counter.act(Action::Reader(ReaderTrouble::NoReader));
    page(&bench);
    bench.counter.with(|state, _| state.stage = Stage::LastTry(Failure::PinLastTry));
    page(&bench);
    bench.counter.with(|state, now| state.fail_with(Failure::PinWrong, Some(2), Way::Ask, now));
    page(&bench);
    bench.counter.with(|state, now| state.fail(Failure::CertificateExpired, Way::None, now));
    page(&bench);
    show_result(&bench, "1");
    page(&bench);
    let mut ended = response("3", vec![record()]);
    ended.eligibility.results[0].disqualification_date = Some(DateText::new("20261031"));
    ended.eligibility.results[0].reason_of_loss = Some(Code::new("03"));
    ended.certificate_not_after = datetime!(2027-01-10 14:59:59 UTC).unix_timestamp();
    show(&bench, ended);
    page(&bench);
    bench.counter.act(Action::Lock);
    bench.counter.act(Action::ForgetDevice);
    page(&bench);

    // With a Bluetooth reader that has the factory's key.
    let bench = Bench::logged_in();
    bench.counter.act(Action::SetLanguage(language));
    let reader = super::links::reader(Protection::FactoryKey);
    bench.counter.act(Action::ReaderInUse(Some(reader.clone())));
    page(&bench);
    bench.counter.act(Action::Settings);
    bench.counter.act(Action::SetExposedPin(ExposedPin::DangerAfterWarning));
    page(&bench);
    bench.counter.act(Action::EnterReaderKey);
    bench.counter.act(Action::ReaderKey(SecretBytes::new(b"00112233".to_vec())));
    page(&bench);
    bench.counter.act(Action::Back);
    bench.counter.act(Action::Back);
    bench.counter.act(Action::Choose(Method::Pin));
    page(&bench);
    bench.counter.act(Action::GoOn);
    for digit in [1, 2, 3, 4] {
        bench.counter.act(Action::Digit(digit));
    }
    let asleep =
        ReaderInfo { life: ReaderLife::Asleep, battery: Some(Battery::Percent(15)), ..reader.clone() };
    bench.counter.act(Action::ReaderInUse(Some(asleep)));
    page(&bench);
    let bench = Bench::logged_in();
    bench.counter.act(Action::SetLanguage(language));
    bench.counter.act(Action::Choose(Method::Pin));
    bench.counter.act(Action::ReaderInUse(Some(reader)));
    page(&bench);

    // A phone: biometrics, what is heard and felt, and what this is.
    let bench = on_a_phone(Bench::logged_in());
    bench.counter.act(Action::SetLanguage(language));
    page(&bench);
    bench.counter.act(Finger::new().enable());
    bench.counter.act(Action::Settings);
    page(&bench);
    bench.counter.act(Action::About);
    page(&bench);
    bench.counter.act(Action::Lock);
    page(&bench);
    bench.counter.act(Action::BiometricsChanged);
    page(&bench);
    pages.join("\n")
}

#[test]
fn the_screens_in_japanese() {
    insta::assert_snapshot!("album-ja", album(Language::Ja));
}

#[test]
fn the_screens_in_english() {
    insta::assert_snapshot!("album-en", album(Language::En));
}

#[test]
fn validity_is_told_by_word_symbol_and_tone() {
    let told: Vec<_> = ["1", "2", "3", "4", "5", "6", "9"]
        .into_iter()
        .map(|code| result(response(code, Vec::new())))
        .map(|view| (view.validity.word, view.validity.symbol, view.validity.tone, view.fallbacks.len()))
        .collect();
    let expected = [
        ("有効", "✓", Tone::Good, 0),
        ("無効", "✕", Tone::Bad, 4),
        ("無効（新しい資格あり）", "↻", Tone::Changed, 4),
        ("該当資格なし", "–", Tone::Neutral, 4),
        ("複数該当", "≡", Tone::Several, 0),
        ("有効（未登録）", "✓", Tone::Neutral, 0),
        ("コード 9（この版にない区分）", "?", Tone::Neutral, 4),
    ];
    let expected =
        expected.map(|(word, symbol, tone, ways)| (word.to_owned(), symbol.to_owned(), tone, ways));
    assert_eq!(told, expected);
}

#[test]
fn lines_stand_in_the_order_that_receipt_programs_know() {
    let view = result(response("1", vec![record()]));
    let labels: Vec<_> = view.records[0].sections[0].lines.iter().map(|line| line.label.as_str()).collect();
    assert_eq!(
        labels,
        [
            "確認日",
            "保険者番号",
            "保険者名称",
            "記号",
            "番号",
            "枝番",
            "フリガナ",
            "氏名",
            "生年月日",
            "性別",
            "証区分",
            "有効開始年月日",
            "有効終了年月日",
            "資格取得年月日",
            "一部負担金割合",
            "本人・家族の別",
        ]
    );
}

#[test]
fn a_share_that_the_insurer_gave_is_shown_as_it_is() {
    let mut record = record();
    record.insurer_number = Some(InsurerNumber::new("39990015"));
    for (ratio, word) in [("010", "1割"), ("020", "2割"), ("030", "3割"), ("15%", "15%")] {
        record.insured_partial_contribution_ratio = Some(Ratio::new(ratio));
        let view = result(response("1", vec![record.clone()]));
        let line = line(&view, "一部負担金割合").expect("a share");
        assert_eq!(
            (line.value.as_str(), line.note.is_none(), line.copy.as_deref()),
            (word, true, Some(word))
        );
    }
}

#[test]
fn a_share_that_belongs_there_and_is_missing_is_told() {
    let mut late_elderly = record();
    late_elderly.insurer_number = Some(InsurerNumber::new("39990015"));
    let mut seventy_two = record();
    seventy_two.birthdate = Some(DateText::new("19540412"));
    let mut without_ratio = seventy_two.clone();
    without_ratio.elderly_recipient_certificate_info = Some(ElderlyRecipientCertificate {
        valid_start_date: Some(DateText::new("20260801")),
        valid_end_date: Some(DateText::new("20270731")),
        ..ElderlyRecipientCertificate::default()
    });
    for record in [late_elderly, seventy_two, without_ratio] {
        let view = result(response("1", vec![record]));
        let line = line(&view, "一部負担金割合").expect("a share belongs there");
        assert_eq!(line.value, "未登録・要確認");
        assert!(line.attention && line.copy.is_none());
    }
}

#[test]
fn a_share_by_law_names_its_source_and_is_not_copied() {
    let view = result(response("1", vec![record()]));
    let line = line(&view, "一部負担金割合").expect("a share");
    assert_eq!((line.value.as_str(), line.note.as_deref(), &line.copy), ("3割", Some("年齢から"), &None));
    // Nothing is derived for an insurance that is over.
    assert!(self::line(&result(response("2", vec![record()])), "一部負担金割合").is_none());
}

#[test]
fn a_name_that_could_not_be_carried_is_marked_and_has_its_kana() {
    let mut record = record();
    record.name = Some("見本　太●".to_owned());
    let view = result(response("1", vec![record]));
    assert!(view.records[0].name_note.is_some());
    assert_eq!(view.records[0].kana.as_deref(), Some("ミホン　ハナコ"));
}

#[test]
fn several_results_are_all_shown_and_none_is_chosen() {
    let mut assistance = record();
    assistance.insured_card_classification = Some(Code::new("A1"));
    let view = result(response("5", vec![record(), assistance]));
    let headings: Vec<_> = view.records.iter().filter_map(|record| record.heading.as_deref()).collect();
    assert_eq!(headings, ["資格 1（医療保険）", "資格 2（医療扶助）"]);
    assert!(view.advice.is_some());
}

#[test]
fn a_certificate_that_ends_soon_or_has_ended_is_told() {
    let mut soon = response("1", Vec::new());
    soon.certificate_not_after = datetime!(2027-01-10 14:59:59 UTC).unix_timestamp();
    soon.eligibility.processing_result_message = Some("とどいた言葉".to_owned());
    let notices = result(soon).notices;
    assert!(notices[0].contains("令和9年1月10日"), "{notices:?}");
    assert_eq!(notices[1], "とどいた言葉");

    let mut told = response("1", Vec::new());
    told.certificate_not_after = datetime!(2027-01-10 14:59:59 UTC).unix_timestamp();
    told.eligibility.processing_result_message = Some("電子証明書の有効期限が近づいています。".to_owned());
    assert_eq!(result(told).notices, ["電子証明書の有効期限が近づいています。"], "once is enough");

    let mut ended = response("1", Vec::new());
    ended.certificate_expired_since = Some(datetime!(2026-11-01 00:00 UTC).unix_timestamp());
    assert!(result(ended).notices[0].contains("令和8年11月1日"));
    assert!(result(response("1", Vec::new())).notices.is_empty());
}

#[test]
fn a_limit_is_shown_where_it_was_given() {
    let mut record = record();
    record.limit_application_certificate_related_info = Some(LimitApplicationCertificate {
        classification_flag: Some(Code::new("A03")),
        valid_start_date: Some(DateText::new("20260801")),
        ..LimitApplicationCertificate::default()
    });
    let view = result(response("1", vec![record]));
    assert_eq!(line(&view, "適用区分").map(|line| line.value.as_str()), Some("ウ"));
}

#[test]
fn a_result_is_cleared_when_nobody_touches_it() {
    use std::time::Duration;
    let bench = Bench::logged_in();
    show_result(&bench, "1");
    bench.hands.pass(Duration::from_secs(50));
    let screen = bench.counter.act(Action::Touch);
    assert_eq!(screen.wake_at, Some(Duration::from_secs(110)));
    bench.hands.pass(Duration::from_secs(59));
    let View::Result(view) = bench.counter.screen().view else { panic!("touched") };
    assert_eq!(view.clear_text, "1秒で消去");
    bench.hands.pass(Duration::from_secs(1));
    assert!(matches!(bench.counter.act(Action::Tick).view, View::Choose(_)));

    show_result(&bench, "1");
    for _ in 0..6 {
        bench.hands.pass(Duration::from_secs(30));
        bench.counter.act(Action::Touch);
    }
    assert!(matches!(bench.counter.screen().view, View::Choose(_)), "three minutes, touched or not");

    show_result(&bench, "1");
    assert!(matches!(bench.counter.act(Action::Hidden).view, View::LogIn(_)));
}

#[test]
fn a_clock_that_is_wrong_is_told_with_what_to_do() {
    let bench = Bench::logged_in();
    assert!(bench.counter.screen().notices.is_empty());
    bench.counter.with(|state, _| {
        let status = state.session.as_mut().and_then(|session| session.status.as_mut()).expect("logged in");
        status.now -= 2 * 3600;
    });
    let notices = bench.counter.screen().notices;
    assert!(notices[0].contains("120分") && notices[0].contains("合わせて"), "{notices:?}");
}

#[test]
fn a_time_that_nobody_can_mean_is_shown_and_stops_nothing() {
    let end = datetime!(9999-12-31 23:59:59 UTC).unix_timestamp();
    for time in [i64::MIN, i64::MIN + 1, -1, end - 3600, end, end + 1, i64::MAX - 1, i64::MAX] {
        let mut response = response("1", vec![record()]);
        (response.checked_at, response.certificate_not_after) = (time, time);
        result(response.clone());
        response.certificate_expired_since = Some(time);
        result(response);

        let bench = Bench::logged_in();
        bench.counter.with(|state, _| {
            let status =
                state.session.as_mut().and_then(|session| session.status.as_mut()).expect("logged in");
            (status.now, status.renew_at) = (time, time);
        });
        bench.hands.pass(std::time::Duration::from_mins(4));
        assert_eq!(bench.counter.screen().notices.len(), 1, "the clocks do not agree: {time}");
        bench.counter.act(Action::Choose(Method::Visual));
        for digit in [3, 5, 0, 4, 1, 2] {
            bench.counter.act(Action::Digit(digit));
        }
        bench.counter.screen();
    }
}
