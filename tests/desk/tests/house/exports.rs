//! What a result gives to the receipt computer, from the service's answer on.

use std::collections::BTreeSet;

use counter::{Action, ExportKind, ExportPolicy, Language, View};
use desk::INSTITUTION;
use sandbox_card::Person;

use crate::support::{Scene, is_result};

async fn allow_files(scene: &Scene) {
    for action in [Action::Settings, Action::SetExport(ExportPolicy::CopyAndFile), Action::Back] {
        scene.desk.act(action).await;
    }
}

fn holds(bytes: &[u8], what: &str) -> bool {
    bytes.windows(what.len()).any(|window| window == what.as_bytes())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_persons_result_gives_what_it_offers_and_no_file_name_comes_twice() {
    let scene = Scene::with(Person::all(), Language::Ja).await;
    allow_files(&scene).await;
    let mut names = BTreeSet::new();
    let (mut copies, mut files) = (0, 0);
    for person in Person::all() {
        let slug = person.slug();
        let pin = person.card.pin.as_ref().map_or("1234", |pin| pin.reveal()).to_owned();
        let screen = scene.check_by_pin(&mut scene.card(slug), &pin).await;
        let View::Result(view) = &screen.view else {
            scene.desk.act(Action::Cancel).await;
            scene.desk.act(Action::Next).await;
            continue;
        };
        for kind in [ExportKind::Copy, ExportKind::File] {
            let offered = view.exports.iter().any(|choice| choice.kind == kind);
            let export = scene.desk.counter.export(kind);
            assert_eq!(export.is_some(), offered, "{slug} {kind:?}");
            let Some(export) = export else { continue };
            let bytes = export.bytes.expose();
            if kind == ExportKind::Copy {
                copies += 1;
                assert!(view.records.iter().all(|record| holds(bytes, &record.name)), "{slug}");
            } else {
                files += 1;
                assert!(holds(bytes, &view.check_id) && holds(bytes, INSTITUTION.0), "{slug}");
                assert!(names.insert(export.file_name.expect("a file has a name")), "{slug}");
            }
        }
        scene.desk.act(Action::Next).await;
    }
    assert!(copies > 10 && files > copies, "{copies} copies, {files} files");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_patient_did_not_agree_to_is_in_no_export() {
    let scene = Scene::new().await;
    allow_files(&scene).await;
    for consent in [false, true] {
        scene.desk.act(Action::Consent { limit_amount: consent }).await;
        let screen = scene.check_by_pin(&mut scene.card("hanako"), "1234").await;
        assert!(is_result(&screen), "{screen:?}");
        let copy = scene.desk.counter.export(ExportKind::Copy).expect("offered");
        let file = scene.desk.counter.export(ExportKind::File).expect("offered");
        assert_eq!(holds(copy.bytes.expose(), "適用区分"), consent);
        assert_eq!(holds(file.bytes.expose(), "LimitApplicationCertificateClassification"), consent);
        scene.desk.act(Action::Next).await;
    }
}
