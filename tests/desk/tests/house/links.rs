//! What a real card is sent over the link of a Bluetooth reader.

use counter::{
    Action, Battery, ExposedPin, Failure, Lost, Method, Protection, ReaderInfo, ReaderLife, Screen, View,
};
use proptest::prelude::*;
use sandbox_card::VirtualCard;

use crate::support::{Scene, failure, is_result};

const PROTECTIONS: [Protection; 3] = [Protection::Plain, Protection::FactoryKey, Protection::CustomerKey];

/// A reader with this link, with a card in it.
pub(crate) fn reader(protection: Protection) -> ReaderInfo {
    ReaderInfo {
        name: "ACR1255U-J1-012345".to_owned(),
        kind: "ACS ACR1255U-J1".to_owned(),
        protection,
        life: ReaderLife::Powered,
        battery: Some(Battery::Percent(64)),
        firmware: None,
        serial: None,
        sleep_delay: None,
    }
}

async fn uses(scene: &Scene, protection: Option<Protection>) -> Screen {
    scene.desk.act(Action::ReaderInUse(protection.map(reader))).await
}

async fn set(scene: &Scene, exposed_pin: ExposedPin) {
    for action in [Action::Settings, Action::SetExposedPin(exposed_pin), Action::Back] {
        scene.desk.act(action).await;
    }
}

/// VERIFY with four digits: the PIN, and not its counter and not a birth date.
fn is_pin(command: &[u8]) -> bool {
    matches!(command, [0x00, 0x20, 0x00, _, 4, ..])
}

fn is_warning(screen: &Screen) -> bool {
    matches!(screen.view, View::Warning(_))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_by_sight_goes_over_any_link_and_one_by_pin_over_ones_own_key() {
    let scene = Scene::new().await;
    for protection in PROTECTIONS {
        uses(&scene, Some(protection)).await;
        let screen = scene.check_by_sight(&mut scene.card("hanako"), "hanako").await;
        assert!(is_result(&screen), "{protection:?}: {screen:?}");
        scene.desk.act(Action::Next).await;
        let screen = scene.check_by_pin(&mut scene.card("hanako"), "1234").await;
        let confidential = protection == Protection::CustomerKey;
        assert_eq!(is_result(&screen), confidential, "{protection:?}: {screen:?}");
        assert_eq!(matches!(screen.view, View::Choose(_)), !confidential);
        scene.desk.act(Action::Next).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_warning_the_pin_goes_over_the_factorys_key() {
    let scene = Scene::new().await;
    set(&scene, ExposedPin::DangerAfterWarning).await;
    uses(&scene, Some(Protection::FactoryKey)).await;
    for _ in 0..2 {
        scene.breathe();
        let screen = scene.desk.pin("1234").await;
        assert!(is_warning(&screen), "nothing was typed: {screen:?}");
        scene.desk.act(Action::GoOn).await;
        scene.desk.type_digits("1234").await;
        let screen = scene.desk.check(&mut scene.card("hanako")).await;
        assert!(is_result(&screen), "{screen:?}");
        scene.desk.act(Action::Next).await;
    }
}

/// Holds the card, says after so many commands that another reader is in use, and counts the PINs after that.
fn hold_over(scene: &Scene, card: &mut VirtualCard, commands: usize, to: Protection) -> (Screen, usize) {
    let (mut answered, mut pins) = (0, 0);
    card.power_on();
    let held = scene.desk.hold_line(|command| {
        if answered >= commands {
            pins += usize::from(is_pin(command));
        }
        let answer = card.transmit(command);
        answered += 1;
        if answered == commands {
            scene.desk.counter.act(Action::ReaderInUse(Some(reader(to))));
        }
        Ok::<_, Lost>(answer)
    });
    card.power_off();
    (held.screen, pins)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_changes_at_any_command_of_a_tap_gets_no_pin() {
    let scene = Scene::new().await;
    let mut kept_back = 0;
    for commands in 1.. {
        uses(&scene, None).await;
        scene.breathe();
        let mut card = scene.card("hanako");
        scene.desk.pin("1234").await;
        let (screen, pins) = hold_over(&scene, &mut card, commands, Protection::FactoryKey);
        assert_eq!((pins, card.failed_verifies()), (0, 0), "after {commands}");
        if failure(&screen) == Some(Failure::LinkNotConfidential) {
            kept_back += 1;
            // Over the reader from before, typed again, everything goes well.
            let screen = uses(&scene, None).await;
            assert!(matches!(screen.view, View::PinPad(_)), "after {commands}: {screen:?}");
            scene.desk.type_digits("1234").await;
            let screen = scene.desk.check(&mut card).await;
            assert!(is_result(&screen), "after {commands}: {screen:?}");
        } else {
            // The card had the PIN already: its tap ends as it would.
            let screen = scene.desk.settle(screen).await;
            assert!(is_result(&screen), "after {commands}: {screen:?}");
        }
        scene.world.clock().advance(std::time::Duration::from_hours(1));
        scene.desk.act(Action::Next).await;
        if commands > 20 {
            break;
        }
    }
    assert!((3..9).contains(&kept_back), "up to the answer to VERIFY, and not longer: {kept_back}");
}

/// One thing that happens.
#[derive(Debug, Clone, Copy)]
enum Move {
    Uses(Option<Protection>),
    Sets(ExposedPin),
    Act(u8),
    /// Choose the PIN, as far as that goes, and type it: right or wrong.
    Pin(bool),
    /// Hold the card; it is lost after so many commands, and the reader changes after so many.
    Hold(usize, Option<(usize, Protection)>),
}

fn moves() -> impl Strategy<Value = Move> {
    let link = || prop::sample::select(&PROTECTIONS[..]);
    let change = prop::option::of((1_usize..8, link()));
    prop_oneof![
        3 => prop::option::of(link()).prop_map(Move::Uses),
        1 => any::<bool>().prop_map(|danger| {
            Move::Sets(if danger { ExposedPin::DangerAfterWarning } else { ExposedPin::Never })
        }),
        4 => (0_u8..9).prop_map(Move::Act),
        4 => any::<bool>().prop_map(Move::Pin),
        4 => (prop_oneof![Just(usize::MAX), 0_usize..14], change)
            .prop_map(|(commands, change)| Move::Hold(commands, change)),
    ]
}

fn action(number: u8) -> Action {
    match number {
        0 | 1 => Action::GoOn,
        2 => Action::UsePin,
        3 => Action::UseVisual,
        4 | 5 => Action::Retry,
        6 => Action::Cancel,
        7 => Action::Next,
        _ => Action::Choose(Method::Pin),
    }
}

/// The rule, from outside.
#[derive(Default)]
struct Rule {
    exposed: bool,
    danger: bool,
    warned: bool,
}

impl Rule {
    fn uses(&mut self, protection: Option<Protection>) {
        self.exposed = protection.is_some_and(|link| link != Protection::CustomerKey);
    }

    fn allows(&self) -> bool {
        !self.exposed || (self.danger && self.warned)
    }
}

#[test]
fn no_card_sees_a_pin_over_a_link_that_everybody_reads_along_without_a_warning() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let scene = runtime.block_on(Scene::new());
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(64));
    let kept = runner.run(&proptest::collection::vec(moves(), 1..24), |moves| {
        let mut card = scene.card("hanako");
        let mut rule = Rule::default();
        runtime.block_on(async {
            scene.desk.act(Action::Cancel).await;
            scene.desk.act(Action::Next).await;
            uses(&scene, None).await;
            set(&scene, ExposedPin::Never).await;
        });
        for what in moves {
            scene.breathe();
            let pins = runtime.block_on(play(&scene, &mut card, &mut rule, what));
            prop_assert_eq!(pins, 0, "{:?}", what);
            if matches!(scene.desk.counter.screen().view, View::Choose(_)) {
                rule.warned = false;
            }
        }
        scene.world.clock().advance(std::time::Duration::from_hours(1));
        Ok(())
    });
    kept.expect("no PIN crosses");
}

/// How many PINs crossed against the rule.
async fn play(scene: &Scene, card: &mut VirtualCard, rule: &mut Rule, what: Move) -> usize {
    let desk = &scene.desk;
    match what {
        Move::Uses(protection) => {
            rule.uses(protection);
            uses(scene, protection).await;
        }
        Move::Sets(exposed_pin) => {
            if matches!(desk.counter.screen().view, View::Choose(_)) {
                set(scene, exposed_pin).await;
                rule.danger = exposed_pin == ExposedPin::DangerAfterWarning;
            }
        }
        Move::Act(number) => {
            let action = action(number);
            let warned = is_warning(&desk.counter.screen()) && matches!(action, Action::GoOn);
            rule.warned |= warned;
            desk.act(action).await;
        }
        Move::Pin(right) => {
            desk.pin(if right { "1234" } else { "0000" }).await;
        }
        Move::Hold(commands, change) => {
            let (mut answered, mut pins) = (0, 0);
            card.power_on();
            let held = desk.hold_line(|command| {
                pins += usize::from(is_pin(command) && !rule.allows());
                let answer = card.transmit(command);
                answered += 1;
                if let Some((_, protection)) = change.filter(|(at, _)| *at == answered) {
                    rule.uses(Some(protection));
                    desk.counter.act(Action::ReaderInUse(Some(reader(protection))));
                }
                if answered <= commands { Ok(answer) } else { Err(Lost::CardGone) }
            });
            card.power_off();
            desk.settle(held.screen).await;
            return pins;
        }
    }
    0
}
