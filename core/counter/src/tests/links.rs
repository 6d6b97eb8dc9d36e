//! What may go over the link to a Bluetooth reader.

use std::time::Duration;

use ::reader::{CustomerKey, Entropy, Kind, Options, Session};
use proptest::prelude::*;

use super::{
    Bench,
    taps::{answer, is_verify},
};
use crate::{
    Action, Battery, ExposedPin, Failure, HoldCardView, JournalEvent, Link, Lost, Method, Protection,
    ReaderInfo, ReaderLife, ReaderTrouble, Screen, SleepDelay, Tap, TapStep, View,
    check::Fresh,
    state::{Stage, Way},
    vault::{SETTINGS, Settings},
};

const PROTECTIONS: [Protection; 3] = [Protection::Plain, Protection::FactoryKey, Protection::CustomerKey];

/// A reader with this link, ready for a card.
pub(super) fn reader(protection: Protection) -> ReaderInfo {
    ReaderInfo {
        name: "ACR1255U-J1-012345".to_owned(),
        kind: "ACS ACR1255U-J1".to_owned(),
        protection,
        life: ReaderLife::Polling,
        battery: Some(Battery::Percent(85)),
        firmware: Some("SWV 2.00".to_owned()),
        serial: Some("RR554-000123".to_owned()),
        sleep_delay: Some(SleepDelay::Seconds180),
    }
}

fn uses(bench: &Bench, reader: Option<ReaderInfo>) -> Screen {
    bench.counter.act(Action::ReaderInUse(reader))
}

/// Somebody is logged in at a counter with a reader whose link everybody near can read along.
fn exposed(exposed_pin: ExposedPin) -> Bench {
    let bench = Bench::logged_in();
    set(&bench, exposed_pin);
    uses(&bench, Some(reader(Protection::FactoryKey)));
    bench
}

fn set(bench: &Bench, exposed_pin: ExposedPin) {
    for action in [Action::Settings, Action::SetExposedPin(exposed_pin), Action::Back] {
        bench.counter.act(action);
    }
}

pub(super) fn challenge(bench: &Bench) {
    bench.counter.with(|state, now| {
        let challenge = service::messages::Challenge { nonce: vec![1; 32], token: vec![2], expires_in: 300 };
        if let Some(session) = &mut state.session {
            session.challenge = Fresh::new(challenge, now.steady);
        }
    });
}

pub(super) fn digits(bench: &Bench, digits: &[u8]) -> Screen {
    for digit in digits {
        bench.counter.act(Action::Digit(*digit));
    }
    bench.counter.screen()
}

/// A PIN is typed, at the phone's own NFC, and the card is awaited.
fn awaiting(exposed_pin: ExposedPin) -> Bench {
    let bench = Bench::logged_in();
    set(&bench, exposed_pin);
    bench.counter.act(Action::Choose(Method::Pin));
    digits(&bench, &[1, 2, 3, 4]);
    challenge(&bench);
    bench
}

fn methods(screen: &Screen) -> Vec<Method> {
    match &screen.view {
        View::Choose(view) => view.methods.iter().map(|choice| choice.method).collect(),
        other => panic!("expected the choice, got {other:?}"),
    }
}

fn failure(screen: &Screen) -> Failure {
    match &screen.view {
        View::Failure(view) => view.failure,
        other => panic!("expected a failure, got {other:?}"),
    }
}

fn is_warning(screen: &Screen) -> bool {
    matches!(&screen.view, View::Warning(view) if view.text.contains("盗み見られる"))
}

fn hold_card(screen: Screen) -> HoldCardView {
    match screen.view {
        View::HoldCard(view) => view,
        other => panic!("expected the card to be awaited, got {other:?}"),
    }
}

/// Whether a VERIFY goes out with this tap, with a card that takes everything.
fn sends_pin(tap: &mut Tap) -> bool {
    let mut given = None;
    loop {
        match tap.next(given.as_deref()) {
            TapStep::Done(_) => return false,
            TapStep::Transmit(command) if is_verify(command.expose()) => return true,
            TapStep::Transmit(command) => given = Some(answer(command.expose())),
        }
    }
}

#[test]
fn over_a_link_that_everybody_reads_along_only_the_eye_is_offered_and_one_line_says_why() {
    for protection in PROTECTIONS {
        let bench = Bench::logged_in();
        let screen = uses(&bench, Some(reader(protection)));
        let confidential = protection == Protection::CustomerKey;
        let offered = if confidential { vec![Method::Visual, Method::Pin] } else { vec![Method::Visual] };
        assert_eq!(methods(&screen), offered, "{protection:?}");
        assert_eq!(screen.notices.len(), usize::from(!confidential), "{:?}", screen.notices);
        let chosen = bench.counter.act(Action::Choose(Method::Pin));
        assert_eq!(matches!(chosen.view, View::PinPad(_)), confidential, "{protection:?}");
    }
    let bench = exposed(ExposedPin::Never);
    assert_eq!(methods(&uses(&bench, None)).len(), 2, "the phone's own NFC");
}

#[test]
fn nobody_is_led_back_to_the_pin_after_a_visual_check_that_failed() {
    let bench = exposed(ExposedPin::Never);
    bench.counter.act(Action::Choose(Method::Visual));
    bench.counter.with(|state, now| state.fail(Failure::BirthDateBlocked, Way::None, now));
    let screen = bench.counter.screen();
    assert!(screen.button(&Action::UsePin).is_none());
    let View::Failure(view) = &screen.view else { panic!("{screen:?}") };
    assert!(!view.remedy.contains("暗証番号に切り替え") && view.fallbacks.len() == 4, "{}", view.remedy);
    assert!(matches!(bench.counter.act(Action::UsePin).view, View::Failure(_)), "it is not there");

    let bench = exposed(ExposedPin::DangerAfterWarning);
    bench.counter.act(Action::Choose(Method::Visual));
    bench.counter.with(|state, now| state.fail(Failure::BirthDateBlocked, Way::None, now));
    assert!(bench.counter.screen().button(&Action::UsePin).is_some());
    assert!(is_warning(&bench.counter.act(Action::UsePin)));
}

#[test]
fn a_device_that_may_only_use_the_pin_says_what_to_do() {
    let bench = exposed(ExposedPin::Never);
    bench.counter.with(|state, _| {
        let status = state.session.as_mut().and_then(|session| session.status.as_mut()).expect("logged in");
        status.visual = None;
    });
    let screen = bench.counter.screen();
    assert!(methods(&screen).is_empty() && screen.notices[0].contains("ほかのリーダー"), "{screen:?}");
}

#[test]
fn where_the_site_wants_it_the_warning_stands_before_the_pad_for_each_patient_anew() {
    let bench = exposed(ExposedPin::DangerAfterWarning);
    for _ in 0..2 {
        assert_eq!(methods(&bench.counter.screen()), [Method::Visual, Method::Pin]);
        let screen = bench.counter.act(Action::Choose(Method::Pin));
        assert!(is_warning(&screen) && screen.work, "the challenge is fetched meanwhile");
        assert!(!screen.for_patient, "staff read it");
        assert!(is_warning(&digits(&bench, &[1, 2, 3, 4])), "nothing is typed before");
        assert!(matches!(bench.counter.act(Action::GoOn).view, View::PinPad(view) if view.typed == 0));
        // The same patient is warned once.
        bench.counter.act(Action::UseVisual);
        assert!(matches!(bench.counter.act(Action::UsePin).view, View::PinPad(_)));
        challenge(&bench);
        digits(&bench, &[1, 2, 3, 4]);
        assert!(sends_pin(&mut bench.counter.tap(Link::Direct).expect("warned")));
        bench.counter.act(Action::Cancel);
    }
    bench.counter.act(Action::Choose(Method::Pin));
    assert!(matches!(bench.counter.act(Action::UseVisual).view, View::BirthDate(_)), "or the other way");
    bench.counter.act(Action::Cancel);
    bench.counter.act(Action::Choose(Method::Pin));
    assert!(matches!(bench.counter.act(Action::Cancel).view, View::Choose(_)), "or not at all");
}

#[test]
fn a_reader_that_changes_after_the_pin_was_typed_does_not_get_it() {
    let bench = awaiting(ExposedPin::Never);
    let screen = uses(&bench, Some(reader(Protection::Plain)));
    assert_eq!(failure(&screen), Failure::LinkNotConfidential);
    assert!(screen.button(&Action::UseVisual).is_some());
    assert!(bench.counter.tap(Link::Direct).is_none());
    assert_eq!(failure(&bench.counter.act(Action::Retry)), Failure::LinkNotConfidential, "still the same");
    assert!(bench.counter.tap(Link::Direct).is_none());

    // Another one whose link is confidential: the PIN is still there, for its minute.
    assert!(hold_card(uses(&bench, Some(reader(Protection::CustomerKey)))).ready);
    uses(&bench, Some(reader(Protection::Plain)));
    assert!(hold_card(uses(&bench, None)).ready);
    uses(&bench, Some(reader(Protection::Plain)));
    bench.hands.pass(Duration::from_mins(1));
    assert_eq!(failure(&bench.counter.act(Action::Tick)), Failure::LinkNotConfidential);
    let View::PinPad(pad) = uses(&bench, None).view else { panic!("to be typed again") };
    assert_eq!(pad.typed, 0);
}

#[test]
fn a_reader_that_changes_after_the_pin_was_typed_is_warned_of_where_the_site_wants_that() {
    let bench = awaiting(ExposedPin::DangerAfterWarning);
    assert!(is_warning(&uses(&bench, Some(reader(Protection::Plain)))));
    assert!(bench.counter.tap(Link::Direct).is_none());
    assert!(hold_card(bench.counter.act(Action::GoOn)).ready, "the PIN is still there");
    assert!(sends_pin(&mut bench.counter.tap(Link::Direct).expect("warned")));

    let bench = awaiting(ExposedPin::DangerAfterWarning);
    uses(&bench, Some(reader(Protection::Plain)));
    assert!(hold_card(uses(&bench, None)).ready, "nothing to be warned of any more");
}

#[test]
fn the_rule_holds_even_if_the_screen_were_not_told() {
    let bench = awaiting(ExposedPin::Never);
    bench.counter.with(|state, now| {
        assert!(state.ready(now));
        state.reader = Some(reader(Protection::FactoryKey));
        assert!(!state.ready(now));
    });
    assert!(bench.counter.tap(Link::Direct).is_none());
    assert_eq!(failure(&bench.counter.screen()), Failure::LinkNotConfidential);
}

#[test]
fn a_tap_over_an_exposed_link_gets_no_pin_even_if_no_reader_was_told() {
    for exposed in [Protection::Plain, Protection::FactoryKey] {
        let bench = awaiting(ExposedPin::Never);
        assert!(hold_card(bench.counter.screen()).ready, "nobody said that there is a Bluetooth reader");
        assert!(bench.counter.tap(Link::Bluetooth(exposed)).is_none());
        let screen = bench.counter.screen();
        assert_eq!(failure(&screen), Failure::LinkNotConfidential);
        assert!(screen.button(&Action::UseVisual).is_some());
        bench.counter.act(Action::Retry);
        assert!(bench.counter.tap(Link::Bluetooth(exposed)).is_none(), "again");
        // The PIN is still there for another link.
        bench.counter.act(Action::Retry);
        assert!(sends_pin(&mut bench.counter.tap(Link::Bluetooth(Protection::CustomerKey)).expect("ready")));

        let bench = awaiting(ExposedPin::DangerAfterWarning);
        assert!(bench.counter.tap(Link::Bluetooth(exposed)).is_none());
        assert!(is_warning(&bench.counter.screen()));
        bench.counter.act(Action::GoOn);
        assert!(sends_pin(&mut bench.counter.tap(Link::Bluetooth(exposed)).expect("warned")));
    }
}

#[test]
fn a_tap_that_names_a_safe_link_is_no_way_round_the_reader_in_use() {
    let bench = awaiting(ExposedPin::Never);
    bench.counter.with(|state, _| state.reader = Some(reader(Protection::FactoryKey)));
    assert!(bench.counter.tap(Link::Bluetooth(Protection::CustomerKey)).is_none());
    assert_eq!(failure(&bench.counter.screen()), Failure::LinkNotConfidential);
}

#[test]
fn a_lost_tap_is_not_taken_up_over_an_exposed_link() {
    let bench = awaiting(ExposedPin::Never);
    bench.counter.tap(Link::Direct).expect("ready").lost(Lost::CardGone);
    assert!(bench.counter.tap(Link::Bluetooth(Protection::FactoryKey)).is_none());
    assert_eq!(failure(&bench.counter.screen()), Failure::LinkNotConfidential);
    bench.counter.act(Action::Retry);
    assert!(sends_pin(&mut bench.counter.tap(Link::Direct).expect("the PIN is still there")));
}

#[test]
fn half_a_pin_is_forgotten_when_the_reader_changes() {
    for (setting, warned) in [(ExposedPin::Never, false), (ExposedPin::DangerAfterWarning, true)] {
        let bench = Bench::logged_in();
        set(&bench, setting);
        bench.counter.act(Action::Choose(Method::Pin));
        digits(&bench, &[1, 2]);
        let screen = uses(&bench, Some(reader(Protection::Plain)));
        assert_eq!(is_warning(&screen), warned);
        assert_eq!(screen.wake_at, Some(Duration::from_mins(5)), "there is no PIN that has a minute");
        assert!(matches!(uses(&bench, None).view, View::PinPad(view) if view.typed == 0));
    }
}

#[test]
fn an_open_tap_ends_before_its_pin_could_go_over_the_new_link() {
    for setting in [ExposedPin::Never, ExposedPin::DangerAfterWarning] {
        let bench = awaiting(setting);
        let mut tap = bench.counter.tap(Link::Direct).expect("ready");
        let TapStep::Transmit(select) = tap.next(None) else { panic!("a command") };
        let screen = uses(&bench, Some(reader(Protection::FactoryKey)));
        assert_eq!(is_warning(&screen), setting == ExposedPin::DangerAfterWarning);
        assert!(matches!(tap.next(Some(&answer(select.expose()))), TapStep::Done(_)), "nothing more");
        // The PIN went with the tap.
        assert!(matches!(uses(&bench, None).view, View::PinPad(view) if view.typed == 0));
    }

    // A card that took the PIN has all that it needs.
    let bench = awaiting(ExposedPin::Never);
    let mut tap = bench.counter.tap(Link::Direct).expect("ready");
    let mut given = None;
    loop {
        let TapStep::Transmit(command) = tap.next(given.as_deref()) else { panic!("it is not over yet") };
        if command.expose()[1] == 0x2A {
            break;
        }
        given = Some(answer(command.expose()));
    }
    uses(&bench, Some(reader(Protection::FactoryKey)));
    assert!(matches!(tap.next(Some(&[&[7; 256][..], &[0x90, 0]].concat())), TapStep::Transmit(_)));
    // Lost all the same, the next one would not start.
    assert_eq!(failure(&tap.lost(Lost::CardGone)), Failure::LinkNotConfidential);
}

#[test]
fn a_visual_check_goes_over_any_link() {
    let bench = exposed(ExposedPin::Never);
    bench.counter.act(Action::Choose(Method::Visual));
    digits(&bench, &[3, 5, 0, 4, 1, 2]);
    challenge(&bench);
    for protection in PROTECTIONS {
        assert!(hold_card(uses(&bench, Some(reader(protection)))).ready);
    }
    assert!(bench.counter.tap(Link::Bluetooth(Protection::Plain)).is_some());
}

#[tokio::test]
async fn the_sites_choice_is_kept_and_safe_where_it_was_never_made() {
    let bench = Bench::logged_in();
    let exposed_pin = |bench: &Bench| bench.counter.with(|state, _| state.settings.exposed_pin);
    assert_eq!(exposed_pin(&bench), ExposedPin::Never);
    bench.counter.act(Action::SetExposedPin(ExposedPin::DangerAfterWarning));
    assert_eq!(exposed_pin(&bench), ExposedPin::Never, "only in the settings");
    set(&bench, ExposedPin::DangerAfterWarning);
    bench.counter.run().await;
    assert_eq!(exposed_pin(&bench.restart()), ExposedPin::DangerAfterWarning);
}

#[test]
fn what_this_version_does_not_know_is_taken_as_the_safe_choice_and_costs_no_other_setting() {
    #[derive(serde::Serialize)]
    struct Stored<T> {
        language: &'static str,
        method: &'static str,
        exposed_pin: T,
    }
    fn read<T: serde::Serialize>(exposed_pin: T) -> Settings {
        let stored = Stored { language: "en", method: "pin", exposed_pin };
        Settings::read(&serde_cbor::to_vec(&stored).expect("text"))
    }
    let danger = read("danger-after-warning");
    assert_eq!(danger.exposed_pin, ExposedPin::DangerAfterWarning);
    for safe in [read("never"), read("a choice of a later version"), read("")] {
        assert_eq!(safe, Settings { exposed_pin: ExposedPin::Never, ..danger.clone() });
    }
    assert_eq!(read(7).exposed_pin, ExposedPin::Never);
    assert_eq!(read(true), Settings { exposed_pin: ExposedPin::Never, ..danger.clone() });
    assert_eq!(read(vec!["danger-after-warning"]).exposed_pin, ExposedPin::Never);
    assert_eq!(Settings::read(b"not what it was").exposed_pin, ExposedPin::Never);
    assert_eq!(Settings::read(&danger.write()), danger);
    assert_eq!(SETTINGS, "settings");
}

#[test]
fn a_reader_that_is_back_leads_back_to_the_card() {
    let trouble = [
        (ReaderTrouble::Asleep, ReaderLife::Asleep, true),
        (ReaderTrouble::OutOfReach, ReaderLife::Lost, true),
        (ReaderTrouble::NotTrusted, ReaderLife::Lost, false),
        (ReaderTrouble::TimedOut, ReaderLife::Lost, false),
    ];
    for (trouble, life, by_itself) in trouble {
        for in_tap in [false, true] {
            let bench = awaiting(ExposedPin::Never);
            let with = |life| Some(ReaderInfo { life, ..reader(Protection::CustomerKey) });
            uses(&bench, with(ReaderLife::Card));
            if in_tap {
                bench.counter.tap(Link::Direct).expect("ready").lost(Lost::Reader(trouble));
            } else {
                bench.counter.act(Action::Reader(trouble));
            }
            for life in [life, ReaderLife::Discovered, ReaderLife::Connected, ReaderLife::Authenticated] {
                assert_eq!(failure(&uses(&bench, with(life))), Failure::from(trouble));
            }
            let back = uses(&bench, with(ReaderLife::Polling));
            assert_eq!(matches!(back.view, View::HoldCard(_)), by_itself, "{trouble:?}");
        }
    }
}

#[test]
fn a_reader_that_tells_of_itself_is_no_person() {
    let bench = awaiting(ExposedPin::Never);
    for _ in 0..5 {
        bench.hands.pass(Duration::from_mins(1));
        uses(&bench, Some(reader(Protection::CustomerKey)));
    }
    assert!(matches!(bench.counter.screen().view, View::LogIn(_)), "nobody was there for five minutes");
}

#[test]
fn who_holds_a_card_is_told_to_which_reader_and_staff_what_is_wrong_with_it() {
    let bench = awaiting(ExposedPin::Never);
    let view = hold_card(bench.counter.screen());
    assert_eq!((view.reader, view.reader_hint), (None, None));
    let told = |life, battery| {
        let reader = ReaderInfo { life, battery, ..reader(Protection::CustomerKey) };
        let view = hold_card(uses(&bench, Some(reader)));
        let fact = view.reader.expect("a reader");
        assert_eq!(fact.label, "リーダー");
        (fact.value, view.reader_hint.is_some(), view.text.contains("かざして"))
    };
    let full = Some(Battery::Percent(85));
    let name = "ACR1255U-J1-012345";
    assert_eq!(told(ReaderLife::Polling, full), (format!("{name}・電池 85%"), false, true));
    assert!(!told(ReaderLife::Polling, Some(Battery::Percent(21))).1, "not yet");
    assert_eq!(told(ReaderLife::Card, Some(Battery::Percent(20))), (format!("{name}・電池 20%"), true, true));
    assert_eq!(told(ReaderLife::Powered, Some(Battery::Unclear(255))), (name.to_owned(), false, true));
    assert_eq!(told(ReaderLife::Polling, None), (name.to_owned(), false, true));
    assert!(told(ReaderLife::Card, full).1, "one that lies there is to be taken away first");
    for life in [
        ReaderLife::Discovered,
        ReaderLife::Connected,
        ReaderLife::Authenticated,
        ReaderLife::Asleep,
        ReaderLife::Lost,
    ] {
        assert_eq!(told(life, full), (format!("{name}・電池 85%"), true, false), "{life:?}");
    }

    // Staff are told to charge it while nobody waits.
    let bench = Bench::logged_in();
    let empty = ReaderInfo { battery: Some(Battery::Percent(3)), ..reader(Protection::CustomerKey) };
    assert!(uses(&bench, Some(empty)).notices[0].contains("3%"));
}

#[test]
fn the_settings_show_what_is_known_of_the_reader() {
    let bench = Bench::logged_in();
    let settings = |bench: &Bench| match bench.counter.act(Action::Settings).view {
        View::Settings(view) => view,
        other => panic!("{other:?}"),
    };
    let view = settings(&bench);
    assert_eq!((view.reader, view.exposed_pin), (None, None), "no Bluetooth, no question");
    set(&bench, ExposedPin::DangerAfterWarning);
    assert!(settings(&bench).exposed_pin.is_some(), "what is dangerous is shown, wherever it was chosen");

    uses(&bench, Some(reader(Protection::FactoryKey)));
    let facts = settings(&bench).reader.expect("a reader").facts;
    let facts: Vec<_> = facts.into_iter().map(|fact| (fact.label, fact.value)).collect();
    let expected = [
        ("名前", "ACR1255U-J1-012345"),
        ("機種", "ACS ACR1255U-J1"),
        ("状態", "カードを待っています"),
        ("通信", "公開されている工場出荷時の鍵で暗号化（盗み見られるおそれがあります）"),
        ("鍵", "入っていません（工場出荷時の鍵を使います）"),
        ("電池", "85%"),
        ("ファームウェア", "SWV 2.00"),
        ("製造番号", "RR554-000123"),
        ("休止", "180秒使わないと休止"),
    ];
    assert_eq!(facts, expected.map(|(label, value)| (label.to_owned(), value.to_owned())));

    let sparing = ReaderInfo {
        battery: None,
        firmware: None,
        serial: None,
        sleep_delay: None,
        ..reader(Protection::Plain)
    };
    uses(&bench, Some(sparing));
    assert_eq!(settings(&bench).reader.expect("a reader").facts.len(), 4);
}

#[test]
fn what_a_session_knows_is_what_the_screens_show() {
    let acs = Kind::recognise(Some("ACR1255U-J1-012345"), &[]).expect("known");
    let mut session = Session::new(acs, Options::new(Entropy::from([7; 16])));
    session.notified(acs.battery, &[64], Duration::ZERO);
    let info = ReaderInfo::of("ACR1255U-J1-012345", &session);
    assert_eq!(info.protection, Protection::FactoryKey);
    assert_eq!((info.life, info.battery), (ReaderLife::Discovered, Some(Battery::Percent(64))));
    assert_eq!((info.firmware, info.serial, info.sleep_delay), (None, None, None));
    let mut options = Options::new(Entropy::from([7; 16]));
    options.customer_key = Some(CustomerKey::new([9; 16]));
    assert_eq!(ReaderInfo::of("", &Session::new(acs, options)).protection, Protection::CustomerKey);
}

#[test]
fn a_name_from_the_air_is_only_text_and_not_long() {
    let bench = awaiting(ExposedPin::Never);
    let name = format!("\x1b[2JACR\u{202E}1255\n\u{200B}{}", "x".repeat(500));
    let odd = ReaderInfo {
        name,
        firmware: Some("\u{7}\u{2066}".to_owned()),
        serial: Some(" a\u{0}b ".to_owned()),
        battery: None,
        ..reader(Protection::CustomerKey)
    };
    let screen = uses(&bench, Some(odd));
    assert_eq!(hold_card(screen).reader.expect("a reader").value, format!("[2JACR1255{}", "x".repeat(30)));
    bench.counter.with(|state, _| {
        let reader = state.reader.as_ref().expect("a reader");
        assert_eq!((reader.firmware.as_deref(), reader.serial.as_deref()), (None, Some("ab")));
    });
    let nameless = ReaderInfo { name: "\n".to_owned(), battery: None, ..reader(Protection::CustomerKey) };
    assert_eq!(hold_card(uses(&bench, Some(nameless))).reader.expect("a reader").value, "ACS ACR1255U-J1");
}

#[test]
fn a_pin_that_was_kept_back_is_in_the_journal_and_the_reader_is_not() {
    let bench = awaiting(ExposedPin::Never);
    uses(&bench, Some(reader(Protection::Plain)));
    let journal = bench.counter.journal();
    let last = journal.last().expect("an entry");
    assert_eq!((last.event, last.code), (JournalEvent::Failed, Some(112)));
    assert!(!format!("{journal:?}").contains("ACR1255"));
}

/// One thing that happens.
#[derive(Debug, Clone, Copy)]
enum Happening {
    Uses(Option<Protection>),
    Sets(ExposedPin),
    Acts(u8),
    /// Choose the PIN, as far as that goes, and type it.
    Types,
    Passes(u8),
    /// Over this link, whatever reader was said to be in use.
    Starts(Option<Protection>),
    /// So many commands, to a card that takes everything.
    Goes(u8),
    Loses(bool),
}

fn happening() -> impl Strategy<Value = Happening> {
    let link = || prop::option::weighted(0.75, prop::sample::select(&PROTECTIONS[..]));
    prop_oneof![
        4 => link().prop_map(Happening::Uses),
        1 => prop_oneof![Just(ExposedPin::Never), Just(ExposedPin::DangerAfterWarning)]
            .prop_map(Happening::Sets),
        4 => (0_u8..14).prop_map(Happening::Acts),
        4 => Just(Happening::Types),
        1 => (0_u8..70).prop_map(Happening::Passes),
        4 => link().prop_map(Happening::Starts),
        4 => (1_u8..14).prop_map(Happening::Goes),
        1 => any::<bool>().prop_map(Happening::Loses),
    ]
}

fn action(number: u8) -> Action {
    match number {
        0 | 1 => Action::GoOn,
        2 => Action::Confirm,
        3 => Action::UsePin,
        4 => Action::UseVisual,
        5 | 6 => Action::Retry,
        7 => Action::Cancel,
        8 => Action::Back,
        9 => Action::Next,
        10 => Action::Choose(Method::Pin),
        11 => Action::Reader(ReaderTrouble::OutOfReach),
        12 => Action::Reader(ReaderTrouble::Asleep),
        _ => Action::Lock,
    }
}

/// What the rule says, by what went in and what was seen, and not by what the counter keeps.
#[derive(Default)]
struct Rule {
    exposed: bool,
    danger: bool,
    warned: bool,
}

impl Rule {
    fn sees(&mut self, screen: &Screen) {
        if matches!(screen.view, View::Choose(_) | View::LogIn(_)) {
            self.warned = false;
        }
    }

    fn allows(&self) -> bool {
        !self.exposed || (self.danger && self.warned)
    }

    /// Whether a tap may, that names this link.
    fn allows_over(&self, link: Option<Protection>) -> bool {
        let exposed = self.exposed || is_exposed(link);
        !exposed || (self.danger && self.warned)
    }
}

fn is_exposed(link: Option<Protection>) -> bool {
    link.is_some_and(|link| link != Protection::CustomerKey)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_pin_goes_over_a_link_that_everybody_reads_along_without_a_warning(
        happenings in prop::collection::vec(happening(), 1..32),
    ) {
        let mut bench = Bench::logged_in();
        let mut rule = Rule::default();
        let mut tap: Option<Tap> = None;
        let mut over = None;
        let mut given: Option<Vec<u8>> = None;
        for happening in happenings {
            match happening {
                Happening::Uses(link) => {
                    rule.exposed = is_exposed(link);
                    uses(&bench, link.map(reader));
                }
                Happening::Sets(setting) => {
                    if matches!(bench.counter.act(Action::Settings).view, View::Settings(_)) {
                        bench.counter.act(Action::SetExposedPin(setting));
                        bench.counter.act(Action::Back);
                        rule.danger = setting == ExposedPin::DangerAfterWarning;
                    }
                }
                Happening::Acts(number) => {
                    let action = action(number);
                    let warning = is_warning(&bench.counter.screen());
                    rule.warned |= warning && matches!(action, Action::GoOn | Action::Confirm);
                    bench.counter.act(action);
                }
                Happening::Types => {
                    bench.counter.act(Action::Choose(Method::Pin));
                    digits(&bench, &[1, 2, 3, 4]);
                }
                Happening::Passes(seconds) => bench.hands.pass(Duration::from_secs(seconds.into())),
                Happening::Starts(link) => {
                    challenge(&bench);
                    let pin = bench.counter.with(|state, _| {
                        state.patient.as_ref().is_some_and(|patient| patient.method == Method::Pin)
                    });
                    if let Some(started) = bench.counter.tap(link.map_or(Link::Direct, Link::Bluetooth)) {
                        prop_assert!(!pin || rule.allows_over(link), "a tap with the PIN began");
                        (tap, over, given) = (Some(started), link, None);
                    }
                }
                Happening::Goes(commands) => for _ in 0..commands {
                    match tap.as_mut().map(|tap| tap.next(given.as_deref())) {
                        Some(TapStep::Transmit(command)) => {
                            let crosses = is_verify(command.expose());
                            prop_assert!(!crosses || rule.allows_over(over), "the PIN crossed");
                            given = Some(answer(command.expose()));
                        }
                        _ => { tap = None; }
                    }
                },
                Happening::Loses(gone) => if let Some(tap) = tap.take() {
                    let how = if gone { Lost::CardGone } else { Lost::Reader(ReaderTrouble::OutOfReach) };
                    tap.lost(how);
                },
            }
            let screen = bench.counter.screen();
            rule.sees(&screen);
            if matches!(screen.view, View::PinPad(_)) {
                prop_assert!(rule.allows(), "nobody is asked for what may not go: {}", screen.to_text());
            }
            if matches!(screen.view, View::LogIn(_) | View::Waiting(_)) {
                // Locked, or read to the end: the next counter.
                tap = None;
                bench = Bench::logged_in();
                rule = Rule::default();
            }
        }
    }
}

#[test]
fn every_stage_of_a_pin_is_looked_at() {
    // Stages in which a PIN may be typed or wait; the rest leads through one of them.
    let bench = Bench::logged_in();
    bench.counter.act(Action::Choose(Method::Pin));
    bench.counter.with(|state, _| state.stage = Stage::LastTry(Failure::PinLastTry));
    uses(&bench, Some(reader(Protection::Plain)));
    assert_eq!(failure(&bench.counter.act(Action::GoOn)), Failure::LinkNotConfidential);
}
