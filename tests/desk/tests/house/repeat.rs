//! The repeat visit, and that nobody waits for the network while a card is held.

use std::time::{Duration, Instant};

use counter::{Action, Failure, Method, Screen, View};
use desk::Held;
use sandbox_card::{Person, Switches, VirtualCard};
use sandbox_service::Fault;
use service::messages::ProblemCode;

use crate::support::{Scene, failure, is_result};

const PIN: &str = "1234";
const QUESTIONS: &str = "/v1/known-certificates";
const CHECKS: &str = "/v1/eligibility-checks";

/// Longer than any tap takes here, and shorter than a request may.
const LATE: Duration = Duration::from_secs(5);

/// A patient types the PIN.
async fn typed(scene: &Scene) {
    scene.breathe();
    scene.desk.pin(PIN).await;
}

/// Hanako was here before.
async fn visited() -> (Scene, VirtualCard) {
    let scene = Scene::remembering().await;
    let mut card = scene.card("hanako");
    visit(&scene, &mut card).await;
    card.clear_transcript();
    (scene, card)
}

async fn visit(scene: &Scene, card: &mut VirtualCard) {
    let screen = scene.check_by_pin(card, PIN).await;
    assert!(is_result(&screen), "{screen:?}");
    scene.desk.act(Action::Next).await;
}

/// How often the card was asked with this instruction and data, since its transcript was cleared.
fn asked(card: &VirtualCard, ins: u8) -> usize {
    let exchanges = card.transcript().exchanges().iter();
    exchanges.filter(|seen| seen.header.is_some_and(|[_, seen, ..]| seen == ins) && seen.lc.is_some()).count()
}

const VERIFY: u8 = 0x20;
const SIGN: u8 = 0x2A;

async fn result_of(scene: &Scene, held: Held) -> Screen {
    let screen = scene.desk.settle(held.screen).await;
    assert!(is_result(&screen), "{screen:?}");
    scene.desk.act(Action::Next).await
}

fn today() -> time::Date {
    time::OffsetDateTime::now_utc().date()
}

/// Hanako's card without short identifiers.
fn selected(scene: &Scene) -> Person {
    without_short_identifiers(scene, "hanako")
}

fn without_short_identifiers(scene: &Scene, slug: &str) -> Person {
    let mut person = scene.world.person(slug).clone();
    person.card.switches = Switches {
        read_by_short_id: false,
        verify_by_short_id: false,
        sign_by_short_id: false,
        ..Switches::default()
    };
    person
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeat_visit_takes_five_commands() {
    let (scene, mut card) = visited().await;
    for _ in 0..2 {
        typed(&scene).await;
        let held = scene.desk.hold_slowly(&mut card, usize::MAX);
        assert_eq!(held.commands, 5);
        insta::assert_snapshot!("known", held.transcript);
        result_of(&scene, held).await;
    }
}

/// One check of somebody who is known, who holds this card: how many commands it took, and which.
async fn known(scene: &Scene, card: &mut VirtualCard) -> (usize, String) {
    typed(scene).await;
    let held = scene.desk.hold_slowly(card, usize::MAX);
    let told = (held.commands, held.transcript.clone());
    result_of(scene, held).await;
    told
}

/// The first card is tried, and found out. After it as many go without a try as were refused in a row.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_short_identifiers_a_repeat_visit_takes_eight_commands_once_that_is_expected() {
    let (scene, mut card) = visited().await;
    let mut other = selected(&scene).personalise(today());
    for commands in [10, 8, 10, 8, 8] {
        let (asked, transcript) = known(&scene, &mut other).await;
        assert_eq!(asked, commands, "{transcript}");
        insta::assert_snapshot!(if asked == 8 { "known-expected" } else { "known-refused" }, transcript);
    }
    // The service takes so many checks of one certificate in an hour.
    scene.world.clock().advance(Duration::from_hours(1));
    // The next one is tried, and takes them, as does the one after it.
    for commands in [5, 5, 10, 8] {
        let card = if commands == 5 { &mut card } else { &mut other };
        let (asked, transcript) = known(&scene, card).await;
        assert_eq!(asked, commands, "{transcript}");
    }
    // Three more than it had to take: it was expected to refuse.
    for commands in [10, 8, 8, 5] {
        let card = if commands == 10 { &mut other } else { &mut card };
        let (asked, transcript) = known(&scene, card).await;
        assert_eq!(asked, commands, "{transcript}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_card_did_before_it_was_lost_is_remembered_for_it_and_for_the_next_one() {
    let (scene, _card) = visited().await;
    let mut card = selected(&scene).personalise(today());
    typed(&scene).await;
    let held = scene.desk.hold_slowly(&mut card, 5);
    assert_eq!(failure(&held.screen), Some(Failure::CardLost));
    let held = scene.desk.hold_slowly(&mut card, usize::MAX);
    assert!(!held.transcript.contains("B0 8A"), "{}", held.transcript);
    result_of(&scene, held).await;
    assert_eq!(known(&scene, &mut card).await.0, 8);
    assert_eq!(known(&scene, &mut card).await.0, 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_in_expects_nothing_of_its_first_card() {
    let (scene, _card) = visited().await;
    let mut card = selected(&scene).personalise(today());
    assert_eq!(known(&scene, &mut card).await.0, 10);
    scene.desk.act(Action::Lock).await;
    scene.desk.log_in().await;
    assert_eq!(known(&scene, &mut card).await.0, 10);
    assert_eq!(known(&scene, &mut card).await.0, 8);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_visit_takes_fifteen_commands_without_short_identifiers_expected_or_not() {
    let scene = Scene::remembering().await;
    let mut transcripts = Vec::new();
    for slug in ["hanako", "jiro"] {
        let mut card = without_short_identifiers(&scene, slug).personalise(today());
        typed(&scene).await;
        let held = scene.desk.hold(&mut card);
        assert_eq!(held.commands, 15, "{}", held.transcript);
        transcripts.push(held.transcript.clone());
        result_of(&scene, held).await;
    }
    assert!(transcripts[0].contains("B0 8A") && !transcripts[1].contains("B0 8A"), "{transcripts:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_known_here_is_known_for_the_pin_alone() {
    let (scene, mut card) = visited().await;
    scene.breathe();
    scene.desk.visual(scene.world.person("hanako").printed_birth_date()).await;
    // A fault that waits for a question meets none.
    scene.world.service().faults().add(QUESTIONS, Fault::DropBefore, 1);
    let held = scene.desk.hold(&mut card);
    assert_eq!(held.commands, 18);
    result_of(&scene, held).await;
    assert_eq!(scene.world.service().faults().struck(), 0);
}

/// The transcript of a tap whose question meets this, and how long the card was held.
async fn tap_with(fault: Fault) -> (String, Duration) {
    let (scene, mut card) = visited().await;
    typed(&scene).await;
    scene.world.service().faults().add(QUESTIONS, fault, 1);
    let held = scene.desk.hold(&mut card);
    let mut screen = scene.desk.settle(held.screen).await;
    // Where the connection broke, the check may meet what is left of it: it is sent again, without another tap.
    for _ in 0..3 {
        if failure(&screen) == Some(Failure::Unreachable) {
            screen = scene.desk.act(Action::Retry).await;
        }
    }
    assert!(is_result(&screen), "{fault:?}: {screen:?}");
    (held.transcript, held.took)
}

/// What a first visit asks the card, as the documentation shows it.
fn whole_reading() -> String {
    let first = include_str!("../../../../core/jpki/tests/card/snapshots/card__dialogues__pin.snap");
    first.splitn(3, "---\n").nth(2).expect("a snapshot").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_answer_is_not_waited_for() {
    let (transcript, took) = tap_with(Fault::Delay(LATE)).await;
    assert_eq!(transcript, whole_reading());
    assert!(took < LATE, "{took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_that_fails_is_a_first_visit() {
    for fault in [
        Fault::DropBefore,
        Fault::DropDuring,
        Fault::DropAfter,
        Fault::Garble,
        Fault::Refuse(ProblemCode::RateLimited, Some(60)),
        Fault::Refuse(ProblemCode::Internal, None),
    ] {
        // An HTTP client asks once more by itself where nothing was sent: then the answer may be there in time.
        let (transcript, _) = tap_with(fault).await;
        let commands = transcript.lines().count();
        assert!((5..=11).contains(&commands), "{fault:?}: {transcript}");
        assert!(whole_reading().starts_with(&transcript), "{fault:?}: {transcript}");
    }
}

/// The challenge, the question and the check are answered after five seconds each. The card notices nothing of that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_card_never_waits_for_a_service_that_answers_after_five_seconds() {
    let (scene, mut card) = visited().await;
    for path in ["/v1/device", "/v1/challenges", QUESTIONS, CHECKS] {
        scene.world.service().faults().add(path, Fault::Delay(LATE), 10);
    }
    scene.desk.act(Action::Choose(Method::Pin)).await;
    let screen = scene.desk.type_digits(PIN).await;
    assert!(matches!(screen.view, View::HoldCard(_)), "the card is asked for when all is ready: {screen:?}");
    // The card signs when the question has reached the service, which does not say a word for five seconds.
    let faults = scene.world.service().faults();
    let before = faults.struck();
    card.power_on();
    let held = scene.desk.hold_line(|command| {
        if command[1] == SIGN {
            tokio::task::block_in_place(|| {
                let start = Instant::now();
                while faults.struck() == before {
                    assert!(start.elapsed() < LATE, "the service is not asked");
                    std::thread::sleep(Duration::from_millis(1));
                }
            });
        }
        Ok(card.transmit(command))
    });
    card.power_off();
    assert_eq!(held.transcript, whole_reading());
    assert!(held.took < LATE, "{:?}", held.took);
    result_of(&scene, held).await;
    assert!(faults.struck() > before + 1, "the check was late as well");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_lost_at_any_command_of_the_shortcut_leads_to_the_result() {
    let (scene, mut card) = visited().await;
    for commands in 0..5 {
        card.clear_transcript();
        typed(&scene).await;
        let held = scene.desk.hold_slowly(&mut card, commands);
        assert_eq!(failure(&held.screen), Some(Failure::CardLost), "after {commands}");
        let held = scene.desk.hold_slowly(&mut card, usize::MAX);
        assert_eq!(held.commands, 5, "after {commands}");
        result_of(&scene, held).await;
        assert!(asked(&card, VERIFY) <= 2 && asked(&card, SIGN) <= 2, "after {commands}");
        assert_eq!(card.failed_verifies(), 0);
        scene.world.clock().advance(Duration::from_hours(1));
    }
}

/// The same without short identifiers, whatever is expected of the card by then.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_without_short_identifiers_that_is_lost_at_any_command_leads_to_the_result() {
    let (scene, _card) = visited().await;
    let mut card = selected(&scene).personalise(today());
    for commands in 0..8 {
        card.clear_transcript();
        typed(&scene).await;
        let held = scene.desk.hold_slowly(&mut card, commands);
        assert_eq!(failure(&held.screen), Some(Failure::CardLost), "after {commands}");
        let held = scene.desk.hold_slowly(&mut card, usize::MAX);
        assert!(held.commands <= 10, "after {commands}: {}", held.transcript);
        result_of(&scene, held).await;
        assert!(asked(&card, VERIFY) <= 2 && asked(&card, SIGN) <= 2, "after {commands}");
        assert_eq!(card.failed_verifies(), 0);
        scene.world.clock().advance(Duration::from_hours(1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signature_in_hand_stays_good_when_the_answer_comes_later() {
    let (scene, mut card) = visited().await;
    typed(&scene).await;
    // The tap reads on, and is lost at that.
    scene.world.service().faults().add(QUESTIONS, Fault::Delay(LATE), 1);
    let held = scene.desk.hold_for(&mut card, 6);
    assert_eq!(failure(&held.screen), Some(Failure::CardLost));
    let held = scene.desk.hold(&mut card);
    result_of(&scene, held).await;
    assert_eq!((asked(&card, VERIFY), asked(&card, SIGN)), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_pin_costs_one_try_on_a_repeat_visit_too() {
    let (scene, mut card) = visited().await;
    for commands in 0..5 {
        let mut person = scene.world.person("hanako").clone();
        person.card.pin_tries_left = 3;
        card = person.personalise(time::OffsetDateTime::now_utc().date());
        scene.breathe();
        scene.desk.pin("0000").await;
        let held = scene.desk.hold_slowly(&mut card, commands);
        let lost = failure(&held.screen) == Some(Failure::CardLost);
        let screen = if lost { scene.desk.check(&mut card).await } else { held.screen };
        assert_eq!(failure(&screen), Some(Failure::PinWrong), "after {commands}");
        assert_eq!((card.failed_verifies(), card.pin_tries_left()), (1, 2), "after {commands}");
        scene.desk.act(Action::Next).await;
    }
    assert_eq!(asked(&card, SIGN), 0);
}

/// A short tap of somebody whose certificate the service forgets before the check.
async fn forgotten_meanwhile() -> (Scene, VirtualCard, Screen) {
    let (scene, mut card) = visited().await;
    let admin = scene.world.service().admin();
    let other = scene.world.activation().await.expect("a device slot");
    typed(&scene).await;
    let held = scene.desk.hold_slowly(&mut card, usize::MAX);
    assert_eq!(held.commands, 5);
    // Another device of the institution is ended: nothing that it could ask for is kept.
    admin.revoke(&other.account).await.expect("ended");
    let screen = scene.desk.settle(held.screen).await;
    (scene, card, screen)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_forgotten_in_between_is_read_without_another_verify() {
    let (scene, mut card, screen) = forgotten_meanwhile().await;
    assert_eq!(failure(&screen), Some(Failure::CertificateNeeded), "{screen:?}");
    assert!(matches!(&screen.view, View::HoldCard(view) if view.ready), "{screen:?}");

    // Lost again, and the signature is still there.
    let held = scene.desk.hold_for(&mut card, 4);
    assert_eq!(failure(&held.screen), Some(Failure::CardLost));
    let held = scene.desk.hold(&mut card);
    // SELECT, the head, and the four pieces that are still missing.
    insta::assert_snapshot!("the-rest-after-a-loss", held.transcript);
    result_of(&scene, held).await;
    assert_eq!((asked(&card, VERIFY), asked(&card, SIGN), card.failed_verifies()), (1, 1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_card_does_not_get_the_rest() {
    let (scene, _, screen) = forgotten_meanwhile().await;
    assert_eq!(failure(&screen), Some(Failure::CertificateNeeded), "{screen:?}");
    let mut other = scene.card("jiro");
    let held = scene.desk.hold(&mut other);
    assert_eq!((failure(&held.screen), held.commands), (Some(Failure::AnotherCard), 2));
    assert_eq!(asked(&other, VERIFY), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_signatures_challenge_is_too_old_the_pin_is_typed_again() {
    let (scene, mut card, screen) = forgotten_meanwhile().await;
    assert!(matches!(screen.view, View::HoldCard(_)), "{screen:?}");
    assert!(screen.wake_at.is_some(), "the shell is told when");
    scene.desk.wait(Duration::from_secs(61));
    let screen = scene.desk.act(Action::Tick).await;
    assert!(matches!(&screen.view, View::PinPad(pad) if pad.typed == 0), "{screen:?}");
    assert_eq!(scene.desk.hold(&mut card).commands, 0);

    // Then the certificate is read whole, and the service is not asked.
    scene.breathe();
    scene.desk.type_digits(PIN).await;
    let held = scene.desk.hold(&mut card);
    assert_eq!(held.transcript, whole_reading());
    result_of(&scene, held).await;
    assert_eq!((asked(&card, VERIFY), card.failed_verifies()), (2, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_says_that_it_knows_and_then_never_does_ends_without_harm() {
    let (scene, mut card) = visited().await;
    let lie = Fault::Refuse(ProblemCode::CardCertificateNeeded, None);
    scene.world.service().faults().add(CHECKS, lie, 3);
    typed(&scene).await;
    let held = scene.desk.hold_slowly(&mut card, usize::MAX);
    assert_eq!(held.commands, 5);
    let screen = scene.desk.settle(held.screen).await;
    assert!(matches!(screen.view, View::HoldCard(_)), "{screen:?}");
    let held = scene.desk.hold(&mut card);
    assert_eq!(held.commands, 8, "whole, whatever the service says");
    // It wants what it has: that is a failure like others, and no circle without a person.
    let screen = scene.desk.settle(held.screen).await;
    assert!(matches!(screen.view, View::Failure(_)), "{screen:?}");
    assert_eq!(failure(&screen), Some(Failure::CertificateNeeded));
    assert_eq!((asked(&card, VERIFY), card.failed_verifies()), (1, 0));
    scene.desk.act(Action::Cancel).await;
    assert_eq!(scene.desk.hold(&mut card).commands, 0, "nothing of the patient is left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_that_does_not_fit_the_signature_is_read_from_the_card_the_next_time() {
    let (scene, mut card) = visited().await;
    scene.world.service().faults().add(CHECKS, Fault::Refuse(ProblemCode::CardSignatureInvalid, None), 1);
    typed(&scene).await;
    let held = scene.desk.hold_slowly(&mut card, usize::MAX);
    assert_eq!(held.commands, 5);
    let screen = scene.desk.settle(held.screen).await;
    assert_eq!(failure(&screen), Some(Failure::CardSignatureInvalid));
    scene.desk.act(Action::Retry).await;
    scene.breathe();
    scene.desk.type_digits(PIN).await;
    let held = scene.desk.hold(&mut card);
    assert_eq!(held.transcript, whole_reading());
    result_of(&scene, held).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_was_lost_is_fetched_again_for_a_repeat_visit_too() {
    let (scene, mut card) = visited().await;
    for fault in [Fault::DropAfter, Fault::DropDuring] {
        typed(&scene).await;
        scene.world.service().faults().add(CHECKS, fault, 1);
        let held = scene.desk.hold_slowly(&mut card, usize::MAX);
        let mut screen = scene.desk.settle(held.screen).await;
        for _ in 0..3 {
            if !is_result(&screen) {
                screen = scene.desk.act(Action::Retry).await;
            }
        }
        assert!(is_result(&screen), "{fault:?}: {screen:?}");
        scene.desk.act(Action::Next).await;
    }
    assert_eq!(card.transcript().len(), 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_log_in_gets_the_key_anew() {
    let (scene, mut card) = visited().await;
    scene.desk.act(Action::Lock).await;
    scene.desk.log_in().await;
    typed(&scene).await;
    let held = scene.desk.hold_slowly(&mut card, usize::MAX);
    assert_eq!(held.commands, 5);
    result_of(&scene, held).await;
}
