//! Ports that fail: each ends as a failure with a code, and the phone goes on.

use std::time::Instant;

use counter::{Action, Failure, View};
use madoguchi::{Config, OpenError, ServiceAddress, ServiceRoot};
use sandbox_card::Person;

use crate::phone::{Mood, PATIENCE, Phone, Platform, failure, passcode, wait};

#[test]
fn a_key_store_that_fails_is_a_failure_and_can_be_tried_again() {
    for (mood, expected) in [
        (Mood::Refuses, Failure::DeviceKeyMissing),
        (Mood::Throws, Failure::DeviceKeyRefused),
        (Mood::Panics, Failure::DeviceKeyRefused),
    ] {
        let phone = Phone::out_of_the_box(Person::all());
        phone.ports.key.mood.set(mood);
        assert_eq!(failure(&phone.enrol()), Some(expected), "{mood:?}");
        phone.ports.key.mood.set(Mood::Good);
        phone.act(Action::Back);
        assert!(matches!(phone.enrol().view, View::Choose(_)), "{mood:?}");
    }
}

#[test]
fn a_storage_that_fails_is_a_failure() {
    for (mood, expected) in [
        (Mood::Refuses, Failure::StorageFull),
        (Mood::Throws, Failure::StorageFailed),
        (Mood::Panics, Failure::WorkerFailed),
    ] {
        let phone = Phone::out_of_the_box(Person::all());
        phone.ports.storage.mood.set(mood);
        assert_eq!(failure(&phone.enrol()), Some(expected), "{mood:?}");
    }
}

#[test]
fn a_storage_that_throws_when_the_app_starts_is_a_failure() {
    let phone = Phone::new();
    phone.ports.storage.mood.set(Mood::Throws);
    assert_eq!(failure(&phone.ports.open().screen()), Some(Failure::StorageFailed));
    phone.ports.storage.mood.set(Mood::Good);
    assert!(matches!(phone.ports.open().screen().view, View::LogIn(_)), "nothing was lost");
}

#[test]
fn a_key_store_that_hangs_holds_nobody_up() {
    let phone = Phone::new();
    phone.act(Action::Lock);
    phone.ports.key.mood.set(Mood::Hangs);
    phone.counter.act(passcode());
    std::thread::scope(|scope| {
        let run = scope.spawn(|| wait(phone.counter.run()));
        let start = Instant::now();
        while phone.ports.key.mood.hanging() == 0 {
            assert!(start.elapsed() < PATIENCE && !run.is_finished(), "the key is not asked");
            std::thread::yield_now();
        }
        // Somebody locks meanwhile, and no more than that is waited for.
        let locked = phone.counter.act(Action::Lock);
        assert!(matches!(locked.view, View::LogIn(_)), "{locked:?}");
        let screen = run.join().expect("it returns");
        assert!(matches!(screen.view, View::LogIn(_)), "{screen:?}");
        assert_eq!(phone.ports.key.mood.hanging(), 1, "the store still hangs");
        phone.ports.key.mood.set(Mood::Good);
    });
    assert!(matches!(phone.act(passcode()).view, View::Choose(_)));
}

#[test]
fn a_storage_that_hangs_does_not_hold_up_the_screen() {
    let phone = Phone::new();
    phone.ports.storage.mood.set(Mood::Hangs);
    let settings = phone.counter.act(Action::Settings);
    assert!(matches!(settings.view, View::Settings(_)));
    phone.counter.act(Action::SetLanguage(counter::Language::En));
    std::thread::scope(|scope| {
        let run = scope.spawn(|| wait(phone.counter.run()));
        let start = Instant::now();
        while phone.ports.storage.mood.hanging() == 0 {
            assert!(start.elapsed() < PATIENCE && !run.is_finished(), "nothing is stored");
            std::thread::yield_now();
        }
        let screen = phone.counter.act(Action::Back);
        assert!(matches!(screen.view, View::Choose(_)), "{screen:?}");
        phone.ports.storage.mood.set(Mood::Good);
        run.join().expect("it returns");
    });
}

#[test]
fn a_service_address_that_is_none_opens_no_counter() {
    let ports = std::sync::Arc::<Platform>::default();
    let open = |url: &str, root| {
        let service = Some(ServiceAddress { url: url.to_owned(), root });
        ports.open_with(Config { service, ..Config::default() }).err()
    };
    let root = || ServiceRoot::Fingerprint { sha256: vec![7; 32] };
    assert_eq!(open("nothing", root()), Some(OpenError::ServiceAddress));
    let short = ServiceRoot::Fingerprint { sha256: vec![7; 31] };
    assert_eq!(open("https://service.invalid", short), Some(OpenError::Fingerprint));
    assert_eq!(open("https://service.invalid", root()), None);
}

#[test]
fn a_key_store_that_never_answers_is_a_failure() {
    let phone = Phone::new();
    phone.act(Action::Lock);
    phone.ports.key.mood.set(Mood::Hangs);
    let screen = phone.act(passcode());
    let screen = if failure(&screen).is_some() { screen } else { phone.pin("1234") };
    assert_eq!(failure(&screen), Some(Failure::DeviceKeyTimedOut), "{screen:?}");
    phone.ports.key.mood.set(Mood::Good);
}
