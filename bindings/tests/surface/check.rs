//! The main job, and what a tap does that is not used as it should be.

use std::time::Duration;

use counter::{Action, Failure, Link, Lost, Method, View};
use madoguchi::TapStep;

use crate::phone::{Phone, failure, passcode};

#[test]
fn a_patient_s_pin_leads_to_the_record() {
    let phone = Phone::new();
    let mut card = phone.world.card("hanako");
    let screen = phone.pin("1234");
    assert!(matches!(&screen.view, View::HoldCard(view) if view.ready), "{screen:?}");
    let screen = phone.hold(&mut card);
    let View::Result(result) = &screen.view else { panic!("{screen:?}") };
    assert_eq!(result.records[0].name, "山田　花子");
    assert!(screen.secure);
    assert_eq!(card.failed_verifies(), 0);
}

#[test]
fn what_staff_see_on_the_card_leads_to_the_record() {
    let phone = Phone::new();
    let birth = phone.world.person("hanako").printed_birth_date();
    phone.act(Action::Choose(Method::Visual));
    phone.act(Action::Era(counter::Era::Showa));
    let digits = [birth.year() - 1925, u8::from(birth.month()).into(), birth.day().into()];
    for digit in digits.iter().flat_map(|pair| [pair / 10, pair % 10]) {
        phone.act(Action::Digit(u8::try_from(digit).expect("a digit")));
    }
    let screen = phone.hold(&mut phone.world.card("hanako"));
    assert!(matches!(screen.view, View::Result(_)), "{screen:?}");
}

#[test]
fn a_card_that_leaves_is_held_again() {
    let phone = Phone::new();
    let mut card = phone.world.card("hanako");
    phone.pin("1234");
    let screen = phone.hold_for(&mut card, 2);
    assert_eq!(failure(&screen), Some(Failure::CardLost));
    let screen = phone.hold(&mut card);
    assert!(matches!(screen.view, View::Result(_)), "{screen:?}");
}

#[test]
fn a_tap_that_is_over_only_says_what_is_on_the_screen() {
    let phone = Phone::new();
    phone.pin("1234");
    let tap = phone.counter.tap(Link::Direct).expect("a card is awaited");
    assert!(matches!(tap.next(None), TapStep::Transmit { .. }));
    assert!(phone.counter.tap(Link::Direct).is_none(), "one tap at a time");
    assert_eq!(failure(&tap.lost(Lost::CardGone)), Some(Failure::CardLost));
    assert_eq!(tap.progress().total, 0);
    assert!(matches!(tap.next(None), TapStep::Done { .. }));
    assert_eq!(failure(&tap.lost(Lost::CardGone)), Some(Failure::CardLost));
}

#[test]
fn a_tap_that_is_dropped_is_lost() {
    let phone = Phone::new();
    phone.pin("1234");
    drop(phone.counter.tap(Link::Direct).expect("a card is awaited"));
    assert_eq!(failure(&phone.counter.screen()), Some(Failure::CardLost));
}

#[test]
fn a_device_that_slept_has_forgotten() {
    let phone = Phone::new();
    phone.pin("1234");
    let screen = phone.hold(&mut phone.world.card("hanako"));
    assert!(screen.wake_at.is_some_and(|due| due > screen.made_at), "a result clears itself");
    phone.counter.slept(Duration::from_mins(1));
    let screen = phone.act(Action::Tick);
    assert!(matches!(screen.view, View::Choose(_)), "{screen:?}");
    // For as long as there is time.
    phone.counter.slept(Duration::MAX);
    phone.counter.slept(Duration::MAX);
    assert!(matches!(phone.act(Action::Tick).view, View::LogIn(_)));
    assert!(matches!(phone.act(passcode()).view, View::Choose(_)));
}
