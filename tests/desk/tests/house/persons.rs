//! Every named person once with the PIN and once by 目視確認.

use std::fmt::Write as _;

use counter::{Action, Language, Screen, View};
use sandbox_card::Person;

use crate::support::Scene;

/// What a screen says, without what changes from day to day.
fn outline(screen: &Screen) -> String {
    let mut text = String::new();
    match &screen.view {
        View::Result(result) => {
            let _ = write!(text, "{} {}", result.validity.symbol, result.validity.word);
            for record in &result.records {
                let lines = record.sections.iter().flat_map(|section| &section.lines);
                let share = lines.filter(|line| line.label.contains("割合") || line.label.contains("share"));
                let _ = write!(text, "\n    {}", record.name);
                share.for_each(|line| {
                    let _ = write!(text, "  {} {}", line.value, line.note.as_deref().unwrap_or_default());
                });
                if let Some(note) = &record.name_note {
                    let _ = write!(text, "\n    {note}");
                }
            }
            let _ = write!(
                text,
                "\n    notices: {}, other ways: {}",
                result.notices.len(),
                result.fallbacks.len()
            );
        }
        View::Failure(failure) => {
            let _ = write!(text, "{} {}\n    {}", failure.code, failure.cause, failure.remedy);
            if let Some(tries) = &failure.tries {
                let _ = write!(text, "\n    {tries}");
            }
        }
        View::LastTry(last) => {
            let _ = write!(text, "{} {}", last.failure.code(), last.text);
        }
        View::Warning(warning) => {
            let _ = write!(text, "! {}\n    {}", warning.text, warning.hint);
        }
        other => panic!("a check ends with a result or a failure, not with {other:?}"),
    }
    let buttons: Vec<&str> = screen.buttons.iter().map(|button| button.label.as_str()).collect();
    let _ = write!(text, "\n    [{}]", buttons.join("] ["));
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_person_gets_the_answer_that_is_theirs() {
    for (language, name) in [(Language::Ja, "persons.ja"), (Language::En, "persons.en")] {
        let scene = Scene::with(Person::all(), language).await;
        let mut told = String::new();
        for person in Person::all() {
            let slug = person.slug();
            let pin = person.card.pin.as_ref().map_or("1234", |pin| pin.reveal()).to_owned();
            let by_pin = scene.check_by_pin(&mut scene.card(slug), &pin).await;
            let _ = writeln!(told, "{slug}\n  PIN  {}", outline(&by_pin));
            scene.desk.act(Action::Next).await;
            let by_sight = scene.check_by_sight(&mut scene.card(slug), slug).await;
            let _ = writeln!(told, "  目視 {}", outline(&by_sight));
            scene.desk.act(Action::Cancel).await;
            scene.desk.act(Action::Next).await;
        }
        insta::assert_snapshot!(name, told);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_one_patient_to_the_next_result_staff_touch_the_screen_at_most_three_times() {
    let scene = Scene::new().await;
    scene.check_by_pin(&mut scene.card("hanako"), "1234").await;
    // 次の患者 and B; the digits are the patient's.
    scene.desk.act(Action::Next).await;
    let screen = scene.check_by_pin(&mut scene.card("jiro"), "1234").await;
    assert!(matches!(screen.view, View::Result(_)), "{screen:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_pin_that_failed_one_touch_leads_to_sight_for_the_same_patient() {
    let scene = Scene::new().await;
    let mut card = scene.card("hanako");
    scene.check_by_pin(&mut card, "0000").await;
    assert_eq!(card.failed_verifies(), 1);
    let screen = scene.desk.act(Action::UseVisual).await;
    assert!(matches!(screen.view, View::BirthDate(_)), "{screen:?}");
    scene.desk.type_birth(scene.world.person("hanako").printed_birth_date()).await;
    let screen = scene.desk.check(&mut card).await;
    assert!(matches!(screen.view, View::Result(_)), "{screen:?}");
    assert_eq!(card.failed_verifies(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_limit_of_payment_is_told_only_with_consent() {
    let scene = Scene::new().await;
    let mut limit = Vec::new();
    for consent in [false, true] {
        scene.desk.act(Action::Consent { limit_amount: consent }).await;
        let screen = scene.check_by_pin(&mut scene.card("hanako"), "1234").await;
        limit.push(screen.to_text().contains("限度額適用認定証"));
        let next = scene.desk.act(Action::Next).await;
        assert!(matches!(&next.view, View::Choose(choose) if !choose.limit_amount), "consent is per patient");
    }
    assert_eq!(limit, [false, true]);
}
