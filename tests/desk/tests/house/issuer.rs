//! 目視確認 of a card whose issuer's key the service knows: EF 0004 is not read.

use std::time::Duration;

use counter::{Action, Failure, Screen, View};
use sandbox_card::VirtualCard;
use sandbox_service::Fault;
use service::messages::ProblemCode;

use crate::support::{Scene, failure, is_result};

const CHECKS: &str = "/v1/eligibility-checks";

async fn typed(scene: &Scene, slug: &str) {
    scene.breathe();
    scene.desk.visual(scene.world.person(slug).printed_birth_date()).await;
}

/// Jiro was here, and staff logged in again: the device knows whose certificate the service has.
async fn known() -> (Scene, VirtualCard) {
    let scene = Scene::remembering().await;
    let mut jiro = scene.card("jiro");
    typed(&scene, "jiro").await;
    let held = scene.desk.hold(&mut jiro);
    assert_eq!(held.commands, 18, "nothing is known yet");
    result(&scene, held.screen).await;
    scene.desk.act(Action::Lock).await;
    scene.desk.log_in().await;
    let hanako = scene.card("hanako");
    (scene, hanako)
}

async fn result(scene: &Scene, screen: Screen) {
    let screen = scene.desk.settle(screen).await;
    assert!(is_result(&screen), "{screen:?}");
    scene.desk.act(Action::Next).await;
}

/// VERIFYs with data that the card saw.
fn verifies(card: &VirtualCard) -> usize {
    let exchanges = card.transcript().exchanges().iter();
    exchanges.filter(|seen| seen.header.is_some_and(|[_, ins, ..]| ins == 0x20) && seen.lc.is_some()).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_takes_fifteen_commands_where_its_issuers_key_is_known() {
    let (scene, mut card) = known().await;
    for _ in 0..2 {
        typed(&scene, "hanako").await;
        let held = scene.desk.hold(&mut card);
        assert_eq!(held.commands, 15, "{}", held.transcript);
        result(&scene, held.screen).await;
    }
    // A PIN reads none of it.
    scene.breathe();
    scene.desk.pin("1234").await;
    assert_eq!(scene.desk.hold(&mut card).commands, 11);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_lost_at_any_command_leads_to_the_result() {
    let (scene, mut card) = known().await;
    for commands in 0..15 {
        card.clear_transcript();
        typed(&scene, "hanako").await;
        let held = scene.desk.hold_for(&mut card, commands);
        assert_eq!(failure(&held.screen), Some(Failure::CardLost), "after {commands}");
        let held = scene.desk.hold(&mut card);
        assert!(held.commands <= 15, "after {commands}: {}", held.transcript);
        result(&scene, held.screen).await;
        assert!(verifies(&card) <= 2, "after {commands}");
        scene.world.clock().advance(Duration::from_mins(10));
        scene.desk.act(Action::Tick).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_certificate_that_is_needed_after_all_is_read_without_another_verify() {
    let (scene, mut card) = known().await;
    let forgotten = Fault::Refuse(ProblemCode::CardCertificateNeeded, None);
    scene.world.service().faults().add(CHECKS, forgotten, 1);
    typed(&scene, "hanako").await;
    let held = scene.desk.hold(&mut card);
    assert_eq!(held.commands, 15);
    let screen = scene.desk.settle(held.screen).await;
    assert_eq!(failure(&screen), Some(Failure::CertificateNeeded), "{screen:?}");
    assert!(matches!(&screen.view, View::HoldCard(view) if view.ready), "{screen:?}");

    // Lost again, and the signature is still there.
    let held = scene.desk.hold_for(&mut card, 4);
    assert_eq!(failure(&held.screen), Some(Failure::CardLost));
    let held = scene.desk.hold(&mut card);
    // SELECT, the head, SELECT, EF 0004.
    assert_eq!(held.commands, 6, "{}", held.transcript);
    result(&scene, held.screen).await;
    assert_eq!(verifies(&card), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_says_that_it_knows_and_then_never_does_ends_without_harm() {
    let (scene, mut card) = known().await;
    let lie = Fault::Refuse(ProblemCode::CardCertificateNeeded, None);
    scene.world.service().faults().add(CHECKS, lie, 2);
    typed(&scene, "hanako").await;
    let held = scene.desk.hold(&mut card);
    scene.desk.settle(held.screen).await;
    let held = scene.desk.hold(&mut card);
    let screen = scene.desk.settle(held.screen).await;
    assert!(matches!(screen.view, View::Failure(_)), "{screen:?}");
    assert_eq!(failure(&screen), Some(Failure::CertificateNeeded));
    assert_eq!(verifies(&card), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_signatures_challenge_is_too_old_the_birth_date_is_typed_again_and_all_is_read() {
    let (scene, mut card) = known().await;
    let forgotten = Fault::Refuse(ProblemCode::CardCertificateNeeded, None);
    scene.world.service().faults().add(CHECKS, forgotten, 1);
    typed(&scene, "hanako").await;
    let held = scene.desk.hold(&mut card);
    scene.desk.settle(held.screen).await;
    scene.desk.wait(Duration::from_secs(61));
    let screen = scene.desk.act(Action::Tick).await;
    assert!(matches!(screen.view, View::BirthDate(_)), "{screen:?}");
    scene.breathe();
    scene.desk.type_birth(scene.world.person("hanako").printed_birth_date()).await;
    let held = scene.desk.hold(&mut card);
    assert_eq!(held.commands, 18, "whole, whatever the service says");
    result(&scene, held.screen).await;
}
