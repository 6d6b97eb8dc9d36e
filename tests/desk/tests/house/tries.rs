//! The rules on tries, with a card that is lost wherever it can be lost.

use counter::{Action, Failure, Lost, ReaderTrouble, View};
use desk::Held;
use proptest::prelude::*;
use sandbox_card::VirtualCard;

use crate::support::{Scene, failure, is_result};

const WRONG: &str = "0000";
const RIGHT: &str = "1234";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_that_is_lost_once_anywhere_still_leads_to_the_result() {
    let scene = Scene::new().await;
    for sight in [false, true] {
        for commands in 0.. {
            let mut card = scene.card("hanako");
            scene.breathe();
            if sight {
                scene.desk.visual(scene.world.person("hanako").printed_birth_date()).await;
            } else {
                scene.desk.pin(RIGHT).await;
            }
            let Held { screen, .. } = scene.desk.hold_for(&mut card, commands);
            if screen.work {
                break; // The card was not lost: the dialogue is shorter.
            }
            assert_eq!(failure(&screen), Some(Failure::CardLost), "after {commands}: {screen:?}");
            let screen = scene.desk.check(&mut card).await;
            assert!(is_result(&screen), "after {commands}: {screen:?}");
            assert_eq!(card.failed_verifies(), 0);
            scene.world.clock().advance(std::time::Duration::from_hours(1));
            scene.desk.act(Action::Next).await;
        }
        scene.desk.act(Action::Cancel).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_pin_costs_one_try_wherever_the_card_is_lost() {
    let scene = Scene::new().await;
    for commands in 0.. {
        let mut card = scene.card("hanako");
        scene.breathe();
        scene.desk.pin(WRONG).await;
        let Held { screen, .. } = scene.desk.hold_for(&mut card, commands);
        let lost = failure(&screen) == Some(Failure::CardLost);
        let screen = if lost { scene.desk.check(&mut card).await } else { screen };
        assert_eq!(failure(&screen), Some(Failure::PinWrong), "after {commands}: {screen:?}");
        assert_eq!((card.failed_verifies(), card.pin_tries_left()), (1, 2), "after {commands}");
        scene.desk.act(Action::Next).await;
        if !lost {
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_stops_anywhere_costs_no_more_than_a_card_that_is_lost() {
    const STOPS: [(ReaderTrouble, Failure); 3] = [
        (ReaderTrouble::Failed, Failure::ReaderFailed),
        (ReaderTrouble::Unplugged, Failure::ReaderUnplugged),
        (ReaderTrouble::TimedOut, Failure::ReaderTimedOut),
    ];
    let scene = Scene::new().await;
    for (digits, wrong) in [(RIGHT, 0), (WRONG, 1)] {
        for commands in 0.. {
            let (trouble, told) = STOPS[commands % STOPS.len()];
            let mut card = scene.card("hanako");
            scene.breathe();
            scene.desk.pin(digits).await;
            let Held { screen, .. } = scene.desk.hold_until(&mut card, commands, Lost::Reader(trouble));
            let stopped = failure(&screen) == Some(told);
            if stopped {
                // The reader is still away when somebody tries again, and then it is back.
                scene.desk.act(Action::Retry).await;
                scene.desk.act(Action::Reader(ReaderTrouble::NoReader)).await;
                scene.desk.act(Action::Retry).await;
                let screen = scene.desk.check(&mut card).await;
                let end = if wrong > 0 { failure(&screen) } else { None };
                assert_eq!(end, (wrong > 0).then_some(Failure::PinWrong), "after {commands}: {screen:?}");
                assert!(wrong > 0 || is_result(&screen), "after {commands}: {screen:?}");
            } else {
                scene.desk.settle(screen).await;
            }
            assert_eq!(card.failed_verifies(), wrong, "after {commands}");
            scene.world.clock().advance(std::time::Duration::from_hours(1));
            scene.desk.act(Action::Next).await;
            if !stopped {
                break; // The dialogue is shorter.
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_card_after_a_loss_is_never_shown_the_pin() {
    let scene = Scene::new().await;
    for commands in 2..10 {
        let (mut hers, mut his) = (scene.card("hanako"), scene.card("jiro"));
        scene.breathe();
        scene.desk.pin(WRONG).await;
        let held = scene.desk.hold_for(&mut hers, commands);
        if failure(&held.screen) != Some(Failure::CardLost) {
            break;
        }
        let screen = scene.desk.check(&mut his).await;
        assert_eq!(failure(&screen), Some(Failure::AnotherCard), "after {commands}");
        assert_eq!(his.failed_verifies(), 0);
        // The PIN is forgotten: it has to be typed again.
        let screen = scene.desk.act(Action::Retry).await;
        assert!(matches!(&screen.view, View::PinPad(pad) if pad.typed == 0), "{screen:?}");
        scene.desk.act(Action::Cancel).await;
    }
}

/// One entry of the PIN or of a birth date, and a card that is lost at these places, then held until the end. A slow card
/// gives the service the time to say what it knows.
async fn enter(
    scene: &Scene,
    card: &mut VirtualCard,
    secret: Secret,
    losses: &[usize],
    slow: bool,
) -> Option<Failure> {
    scene.breathe();
    let slow = slow && matches!(secret, Secret::Pin(_));
    match secret {
        Secret::Pin(digits) => scene.desk.pin(digits).await,
        Secret::Birth(slug) => scene.desk.visual(scene.world.person(slug).printed_birth_date()).await,
    };
    for commands in losses {
        let screen = hold(scene, card, *commands, slow).screen;
        if failure(&screen) != Some(Failure::CardLost) {
            return failure(&screen);
        }
    }
    failure(&hold(scene, card, usize::MAX, slow).screen)
}

fn hold(scene: &Scene, card: &mut VirtualCard, commands: usize, slow: bool) -> Held {
    if slow { scene.desk.hold_slowly(card, commands) } else { scene.desk.hold_for(card, commands) }
}

#[derive(Debug, Clone, Copy)]
enum Secret {
    Pin(&'static str),
    Birth(&'static str),
}

#[test]
fn no_entry_makes_more_than_one_failed_verify() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime");
    // Hanako was here before: with a slow card, a tap with her PIN is a short one.
    let scene = runtime.block_on(async {
        let scene = Scene::remembering().await;
        let screen = scene.check_by_pin(&mut scene.card("hanako"), RIGHT).await;
        assert!(is_result(&screen), "{screen:?}");
        scene.desk.act(Action::Next).await;
        scene
    });
    let losses = proptest::collection::vec(0_usize..20, 0..4);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(128));
    let held = runner.run(&(losses, any::<[bool; 3]>(), 0_u8..=3), |(losses, [pin, right, slow], tries)| {
        let mut person = scene.world.person("hanako").clone();
        person.card.pin_tries_left = tries;
        person.card.birth_tries_left = tries;
        let mut card = person.personalise(time::OffsetDateTime::now_utc().date());
        let secret = match (pin, right) {
            (true, true) => Secret::Pin(RIGHT),
            (true, false) => Secret::Pin(WRONG),
            (false, true) => Secret::Birth("hanako"),
            (false, false) => Secret::Birth("jiro"),
        };
        let end = runtime.block_on(async {
            let end = enter(&scene, &mut card, secret, &losses, slow).await;
            scene.desk.act(Action::Cancel).await;
            scene.desk.act(Action::Next).await;
            end
        });
        prop_assert!(card.failed_verifies() <= 1, "{losses:?}");
        if right {
            prop_assert_eq!(card.failed_verifies(), 0);
        }
        if tries <= 1 {
            // Nobody was asked whether to go on with the last try.
            prop_assert_eq!(card.failed_verifies(), 0);
            prop_assert_eq!((card.pin_tries_left(), card.birth_tries_left()), (tries, tries));
            let told: &[Failure] = match (pin, tries) {
                (true, 0) => &[Failure::PinBlocked],
                (true, _) => &[Failure::PinLastTry],
                // The card shows no count where none is left: if the answer to VERIFY is lost, nobody knows.
                (false, 0) => &[Failure::BirthDateBlocked, Failure::AskAgain],
                (false, _) => &[Failure::BirthDateLastTry],
            };
            prop_assert!(end.is_some_and(|end| told.contains(&end)), "{end:?}");
        }
        Ok(())
    });
    held.expect("at most one failed VERIFY for each entry");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pin_is_forgotten_after_a_minute() {
    let scene = Scene::new().await;
    let mut card = scene.card("hanako");
    scene.desk.pin(WRONG).await;
    scene.desk.wait(std::time::Duration::from_secs(61));
    let screen = scene.desk.act(Action::Tick).await;
    assert!(matches!(&screen.view, View::PinPad(pad) if pad.typed == 0), "{screen:?}");
    assert_eq!(scene.desk.hold(&mut card).commands, 0);
    assert_eq!(card.failed_verifies(), 0);
}
