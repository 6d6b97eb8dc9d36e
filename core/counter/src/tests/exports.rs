//! Results on their way to the receipt computer. The patients are fictitious.

use std::time::Duration;

use eligibility::{Code, Record};
use proptest::prelude::*;

use super::{
    Bench,
    screens::{record, response, show, show_result},
};
use crate::{
    Action, ExportKind, ExportPolicy, JournalEvent, Language, Line, Method, ResultView, Storage, View,
    vault::{SETTINGS, Settings},
};

const KINDS: [ExportKind; 2] = [ExportKind::Copy, ExportKind::File];

fn allow(bench: &Bench, policy: ExportPolicy) {
    for action in [Action::Settings, Action::SetExport(policy), Action::Back] {
        bench.counter.act(action);
    }
}

/// A site that allows everything, with this result on its screen.
fn showing(validity: &str, records: Vec<Record>) -> Bench {
    let bench = Bench::logged_in();
    allow(&bench, ExportPolicy::CopyAndFile);
    show(&bench, response(validity, records));
    bench
}

fn view(bench: &Bench) -> ResultView {
    match bench.counter.screen().view {
        View::Result(view) => *view,
        other => panic!("{other:?}"),
    }
}

fn kinds(bench: &Bench) -> Vec<ExportKind> {
    view(bench).exports.iter().map(|choice| choice.kind).collect()
}

fn lines(view: &ResultView) -> impl Iterator<Item = &Line> {
    view.records.iter().flat_map(|record| &record.sections).flat_map(|section| &section.lines)
}

fn copied(bench: &Bench) -> String {
    let export = bench.counter.export(ExportKind::Copy).expect("offered");
    String::from_utf8(export.bytes.expose().to_vec()).expect("UTF-8")
}

#[test]
fn a_site_allows_copies_until_it_chooses_otherwise() {
    let bench = Bench::logged_in();
    for (policy, allowed) in [
        (None, &KINDS[..1]),
        (Some(ExportPolicy::None), &[]),
        (Some(ExportPolicy::CopyAndFile), &KINDS[..]),
        (Some(ExportPolicy::Copy), &KINDS[..1]),
    ] {
        if let Some(policy) = policy {
            allow(&bench, policy);
        }
        show_result(&bench, "1");
        assert_eq!(kinds(&bench), allowed, "{policy:?}");
        for kind in KINDS {
            assert_eq!(bench.counter.export(kind).is_some(), allowed.contains(&kind), "{policy:?} {kind:?}");
        }
        let copies = policy != Some(ExportPolicy::None);
        let shown = view(&bench);
        assert_eq!(shown.copied.is_some(), copies);
        assert_eq!(lines(&shown).any(|line| line.copy.is_some()), copies);
        bench.counter.act(Action::Next);
    }
}

#[tokio::test]
async fn what_the_site_chose_is_kept_and_only_the_settings_change_it() {
    let bench = Bench::logged_in();
    bench.counter.act(Action::SetExport(ExportPolicy::CopyAndFile));
    bench.counter.act(Action::Settings);
    let chosen = |bench: &Bench| match bench.counter.screen().view {
        View::Settings(view) => view.export.choices.iter().find(|choice| choice.chosen).map(|c| c.policy),
        other => panic!("{other:?}"),
    };
    assert_eq!(chosen(&bench), Some(ExportPolicy::Copy), "not where nobody sees it");
    bench.counter.act(Action::SetExport(ExportPolicy::None));
    assert_eq!(chosen(&bench), Some(ExportPolicy::None));
    bench.counter.run().await;
    let kept = bench.drawer.load(SETTINGS).expect("a drawer").expect("settings");
    assert_eq!(Settings::read(&kept).export, ExportPolicy::None);
}

#[test]
fn a_choice_of_a_newer_version_allows_nothing_and_costs_no_other_setting() {
    let stored = std::collections::BTreeMap::from([("export", "to-a-printer"), ("method", "pin")]);
    let read = Settings::read(&serde_cbor::to_vec(&stored).expect("a map"));
    assert_eq!((read.export, read.method), (ExportPolicy::None, Some(Method::Pin)));
}

#[test]
fn the_copy_says_what_the_record_says_and_nothing_that_follows_from_age() {
    let bench = showing("1", vec![record()]);
    let shown = view(&bench);
    let share = lines(&shown).find(|line| line.label == "一部負担金割合").expect("it is shown");
    assert_eq!((share.value.as_str(), share.note.as_deref()), ("3割", Some("年齢から")));
    let text = copied(&bench);
    assert!(text.contains("\r\n確認日 : \t2026-11-23\r\n"), "{text}");
    assert!(text.contains("\r\n負担割合\t\r\n"), "{text}");
    let file = bench.counter.export(ExportKind::File).expect("offered");
    let ratio = b"InsuredPartialContributionRatio";
    assert!(!file.bytes.expose().windows(ratio.len()).any(|window| window == ratio));
}

#[test]
fn the_file_has_the_institution_and_the_check_in_its_name_and_no_patient() {
    let bench = showing("1", vec![record()]);
    let file = bench.counter.export(ExportKind::File).expect("offered");
    assert_eq!(file.file_name.as_deref(), Some("OQSsiquc01res_face_9919900010C0001_20261123091200.xml"));
    assert_eq!(file.media_type, "application/xml");
    let institution = b"<MedicalInstitutionCode>9919900010</MedicalInstitutionCode>";
    assert!(file.bytes.expose().windows(institution.len()).any(|window| window == institution));
    let again = bench.counter.export(ExportKind::File).expect("offered");
    assert!(again.bytes.equals(file.bytes.expose()) && again.file_name == file.file_name);
    assert_eq!(bench.counter.export(ExportKind::Copy).and_then(|copy| copy.file_name), None);
}

#[test]
fn several_records_are_all_exported_in_their_order() {
    let mut other = record();
    other.insured_card_symbol = Some("９８７６".to_owned());
    let bench = showing("5", vec![record(), other]);
    let text = copied(&bench);
    let at = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what} in {text}"));
    assert!(at("記号(1)\t１２３４") < at("記号(2)\t９８７６"));
    let file = bench.counter.export(ExportKind::File).expect("offered");
    let begin = b"<ResultOfQualificationConfirmation>";
    let records = file.bytes.expose().windows(begin.len()).filter(|window| window == begin).count();
    assert_eq!(records, 2);
}

#[test]
fn what_is_not_valid_is_never_copied_as_if_it_were() {
    for (validity, offered) in [
        ("1", &KINDS[..]),
        ("2", &KINDS[1..]),
        ("3", &KINDS[1..]),
        ("5", &KINDS[..]),
        ("6", &KINDS[..]),
        ("9", &KINDS[1..]),
    ] {
        assert_eq!(kinds(&showing(validity, vec![record()])), offered, "{validity}");
    }
    let bench = showing("4", Vec::new());
    assert!(kinds(&bench).is_empty(), "there is nothing to take over");
    assert!(KINDS.iter().all(|kind| bench.counter.export(*kind).is_none()));
}

#[test]
fn a_result_that_is_gone_is_not_exported() {
    let gone = |leave: &dyn Fn(&Bench)| {
        let bench = showing("1", vec![record()]);
        leave(&bench);
        KINDS.iter().all(|kind| bench.counter.export(*kind).is_none())
    };
    assert!(gone(&|bench| drop(bench.counter.act(Action::Next))));
    assert!(gone(&|bench| drop(bench.counter.act(Action::Lock))));
    assert!(gone(&|bench| drop(bench.counter.act(Action::Hidden))));
    // Nobody has looked at the screen since.
    assert!(gone(&|bench| bench.hands.pass(Duration::from_mins(1))));
}

#[test]
fn an_export_is_a_touch_and_leaves_no_patient_in_the_journal() {
    let bench = showing("1", vec![record()]);
    bench.hands.pass(Duration::from_secs(50));
    bench.counter.export(ExportKind::Copy).expect("offered");
    let screen = bench.counter.screen();
    assert_eq!(screen.wake_at, Some(Duration::from_secs(110)));
    assert!(screen.work, "the journal is to be stored");
    let journal = bench.counter.journal();
    let last = journal.last().expect("an entry");
    assert_eq!((last.event, last.method, last.code), (JournalEvent::Exported, Some(Method::Pin), None));
    let before = journal.len();
    bench.counter.act(Action::Next);
    assert!(bench.counter.export(ExportKind::File).is_none());
    assert_eq!(bench.counter.journal().len(), before, "what was refused is no event");
}

#[test]
fn debug_of_an_export_shows_nothing_of_it() {
    let bench = showing("1", vec![record()]);
    for kind in KINDS {
        let export = bench.counter.export(kind).expect("offered");
        let shown = format!("{export:?} {export:#?}");
        assert!(
            !shown.contains("見本") && !shown.contains("9919900010") && !shown.contains("bytes"),
            "{shown}"
        );
    }
}

/// Every line, in either language, as the receipt computer has it.
#[test]
fn a_single_line_is_copied_in_the_form_of_the_export() {
    let mut record = record();
    record.disqualification_date = Some(eligibility::DateText::new("20261031"));
    record.reason_of_loss = Some(Code::new("77"));
    let copies = |language| {
        let bench = showing("2", vec![record.clone()]);
        bench.counter.act(Action::SetLanguage(language));
        let shown = view(&bench);
        lines(&shown).filter_map(|line| line.copy.clone()).collect::<Vec<_>>()
    };
    let ja = copies(Language::Ja);
    assert_eq!(ja, copies(Language::En));
    assert_eq!(
        ja,
        [
            "2026-11-23",
            "06990014",
            "見本健康保険組合",
            "１２３４",
            "５６７８",
            "01",
            "ﾐﾎﾝ ﾊﾅｺ",
            "見本　花子",
            "1960-04-12",
            "女",
            "一般",
            "2024-04-01",
            "2027-03-31",
            "2024-04-01",
            "2026-10-31",
            "77",
            "本人",
        ]
    );
}

proptest! {
    #[test]
    fn whatever_the_service_says_an_export_is_made(text in any::<String>(), time in any::<i64>()) {
        let bench = Bench::logged_in();
        allow(&bench, ExportPolicy::CopyAndFile);
        let mut response = response("1", vec![record()]);
        (response.checked_at, response.check_id) = (time, text.clone());
        response.eligibility.results[0].name = Some(text);
        show(&bench, response);
        for kind in KINDS {
            prop_assert!(bench.counter.export(kind).is_some());
        }
    }
}
