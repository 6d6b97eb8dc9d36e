//! Any action in any state, with real cards and a real service.

use counter::{
    Action, ExportPolicy, ExposedPin, Language, Lost, Method, Protection, ReaderTrouble, Screen, View, Weight,
};
use desk::SoftKey;
use eligibility::Era;
use proptest::prelude::*;
use sandbox_card::VirtualCard;
use secret::{Passcode, SecretBytes};
use service::device_key::DeviceKey;

use crate::links::reader;
use crate::support::{Scene, finger, recognise};

/// One thing that may happen at the counter.
#[derive(Debug, Clone)]
enum Move {
    Act(u8),
    Digit(u8),
    /// A whole PIN: right or wrong.
    Pin(bool),
    /// A whole birth date: hanako's or another.
    Birth(bool),
    LogIn(bool),
    /// A finger is recognised, where the screen asks for one.
    Finger,
    /// Biometrics are switched on.
    Enable,
    /// This card is held, and lost after so many commands: taken away, or because of a reader.
    Hold(u8, usize, usize),
    /// The reader cannot be used.
    Reader(usize),
    Wait(u16),
    /// The work that the screen asks for is not done at once.
    NoWork,
}

fn moves() -> impl Strategy<Value = Move> {
    prop_oneof![
        4 => (0_u8..33).prop_map(Move::Act),
        2 => (0_u8..12).prop_map(Move::Digit),
        3 => any::<bool>().prop_map(Move::Pin),
        2 => any::<bool>().prop_map(Move::Birth),
        2 => any::<bool>().prop_map(Move::LogIn),
        1 => Just(Move::Finger),
        1 => Just(Move::Enable),
        5 => (0_u8..3, prop_oneof![Just(usize::MAX), 0_usize..18], 0..=ReaderTrouble::ALL.len())
            .prop_map(|(card, at, how)| Move::Hold(card, at, how)),
        1 => (0..ReaderTrouble::ALL.len()).prop_map(Move::Reader),
        1 => (0_u16..400).prop_map(Move::Wait),
        1 => Just(Move::NoWork),
    ]
}

fn action(number: u8) -> Action {
    match number {
        0 | 1 => Action::Choose(Method::Pin),
        2 | 3 => Action::Choose(Method::Visual),
        4 => Action::Era(Era::Showa),
        5 => Action::Erase,
        6 => Action::Cancel,
        7 => Action::GoOn,
        8 => Action::UseVisual,
        9 => Action::UsePin,
        10 => Action::Retry,
        11 => Action::Next,
        12 => Action::Back,
        13 => Action::Tick,
        14 => Action::Consent { limit_amount: true },
        15 => Action::Settings,
        16 => Action::SetLanguage(Language::En),
        17 => Action::SetDefaultMethod(Some(Method::Pin)),
        18 => Action::OpenLink("madoguchi://enrol?".to_owned()),
        19 => Action::ReaderInUse(None),
        20 => Action::ReaderInUse(Some(reader(Protection::FactoryKey))),
        21 => Action::SetExposedPin(ExposedPin::DangerAfterWarning),
        22 => Action::SetExport(ExportPolicy::CopyAndFile),
        23 => Action::EnterReaderKey,
        24 => Action::ReaderKey(SecretBytes::new(b"C0FFEE00 11223344 55667788 99AABBCC".to_vec())),
        25 => Action::ReaderKey(SecretBytes::new(Vec::new())),
        26 => Action::BiometricSignature(vec![0x30, 0x00]),
        27 => Action::BiometricsChanged,
        28 => Action::DisableBiometrics,
        29 => Action::SetSounds(false),
        30 => Action::SetVibration(true),
        31 => Action::About,
        _ => Action::Hidden,
    }
}

/// What holds for every screen.
fn look(screen: &Screen) -> Result<(), TestCaseError> {
    prop_assert!(!screen.title.is_empty());
    prop_assert!(screen.buttons.iter().filter(|button| button.weight == Weight::Main).count() <= 1);
    prop_assert!(!screen.to_text().is_empty());
    let shown = format!("{screen:?}");
    prop_assert!(!shown.contains("花子"), "{}", shown);
    if matches!(screen.view, View::Result(_) | View::PinPad(_) | View::BirthDate(_)) {
        prop_assert!(screen.secure);
    }
    Ok(())
}

#[test]
fn any_action_in_any_state_gives_a_defined_screen_and_keeps_the_rules_on_tries() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let scene = runtime.block_on(Scene::on_a_phone());
    let finger = finger();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(48));
    let kept = runner.run(&proptest::collection::vec(moves(), 1..24), |moves| {
        let mut cards = ["hanako", "jiro", "suika"].map(|slug| scene.card(slug));
        // At most one failed VERIFY for each PIN or birth date that was typed to its end.
        let mut entries = 0;
        for what in moves {
            scene.breathe();
            let screen = runtime.block_on(play(&scene, &finger, &mut cards, &mut entries, what));
            look(&screen)?;
            let failed: u32 = cards.iter().map(VirtualCard::failed_verifies).sum();
            prop_assert!(failed <= entries, "{failed} failed of {entries}");
        }
        // Whatever happened, one gets back to the counter: after a lock by the passcode, at once otherwise.
        let screen = runtime.block_on(async {
            scene.desk.act(Action::Lock).await;
            // Somebody may be reading what this app is, in front of the log in.
            scene.desk.act(Action::Back).await;
            scene.desk.wait(std::time::Duration::from_hours(1));
            scene.desk.act(Action::Tick).await;
            scene.desk.log_in().await
        });
        prop_assert!(matches!(screen.view, View::Choose(_)), "{:?}", screen);
        scene.world.clock().advance(std::time::Duration::from_hours(1));
        Ok(())
    });
    kept.expect("every screen is defined");
}

async fn play(
    scene: &Scene,
    finger: &SoftKey,
    cards: &mut [VirtualCard; 3],
    entries: &mut u32,
    what: Move,
) -> Screen {
    let desk = &scene.desk;
    match what {
        Move::Act(number) => desk.act(action(number)).await,
        Move::Digit(digit) => {
            *entries += 1; // it may be the last one
            desk.act(Action::Digit(digit)).await
        }
        Move::Pin(right) => {
            *entries += 1;
            desk.pin(if right { "1234" } else { "0000" }).await
        }
        Move::Birth(right) => {
            *entries += 1;
            desk.visual(scene.world.person(if right { "hanako" } else { "jiro" }).printed_birth_date()).await
        }
        Move::LogIn(right) => {
            let passcode = if right { desk::PASSCODE } else { "999998" };
            desk.act(Action::Passcode(Passcode::new(passcode.to_owned()))).await
        }
        Move::Finger => {
            let screen = desk.counter.screen();
            desk.act(recognise(finger, &screen).unwrap_or(Action::Tick)).await
        }
        Move::Enable => {
            let public_key = finger.public_key().expect("a key");
            desk.act(Action::EnableBiometrics { public_key }).await
        }
        Move::Hold(card, commands, how) => {
            let card = &mut cards[usize::from(card)];
            let lost = ReaderTrouble::ALL.get(how).map_or(Lost::CardGone, |how| Lost::Reader(*how));
            desk.settle(desk.hold_until(card, commands, lost).screen).await
        }
        Move::Reader(which) => desk.act(Action::Reader(ReaderTrouble::ALL[which])).await,
        Move::Wait(seconds) => {
            desk.wait(std::time::Duration::from_secs(seconds.into()));
            desk.act(Action::Tick).await
        }
        Move::NoWork => {
            desk.counter.act(Action::Next);
            desk.counter.act(Action::Choose(Method::Pin))
        }
    }
}
