//! What the guide shows works as it is written there.

use std::fs;
use std::path::Path;

use counter::Language;
use sandbox_card::Person;

use crate::support::{Scene, is_result};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_patient_of_ones_own_is_one_file() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide/patient.toml");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("my-own.toml");
    fs::copy(guide, &file).expect("the guide's example");
    let person = Person::from_file(&file).expect("a person");
    let mut persons = Person::all();
    persons.push(person);

    let scene = Scene::with(persons, Language::Ja).await;
    let screen = scene.check_by_pin(&mut scene.card("my-own"), "4649").await;
    assert!(is_result(&screen) && screen.to_text().contains("窓口　太郎"), "{screen:?}");
    assert!(folder.path().join("keys/my-own.pem").exists(), "the card will be the same next time");
}

#[test]
fn a_mistake_in_a_card_file_is_told_with_its_line_and_its_remedy() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("broken.toml");
    fs::write(
        &file,
        "name = \"窓口 太郎\"\nnote = { ja = \"\", en = \"\" }\n\n[card]\nkind = \"my-nunber-card\"\n",
    )
    .expect("a file");
    let told = Person::from_file(&file).expect_err("a mistake").to_string();
    assert!(told.contains("broken.toml:5: card.kind"), "{told}");
}
