//! Any thread may call anything at any time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Waker};
use std::thread;
use std::time::Instant;

use counter::{Action, Failure, Link, Method, View};

use crate::phone::{PATIENCE, Phone, failure};

#[test]
fn threads_that_look_do_not_disturb_a_tap() {
    let phone = Phone::new();
    let over = AtomicBool::new(false);
    let screen = thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !over.load(Ordering::SeqCst) {
                    let screen = phone.counter.act(Action::Touch);
                    assert!(screen.made_at <= phone.counter.screen().made_at);
                    thread::yield_now();
                }
            });
        }
        phone.pin("1234");
        let screen = phone.hold(&mut phone.world.card("hanako"));
        over.store(true, Ordering::SeqCst);
        screen
    });
    assert!(matches!(screen.view, View::Result(_)), "{screen:?}");
}

#[test]
fn a_tap_ends_when_another_thread_locks() {
    let phone = Phone::new();
    phone.pin("1234");
    let tap = phone.counter.tap(Link::Direct).expect("a card is awaited");
    tap.next(None);
    thread::scope(|scope| {
        scope.spawn(|| phone.counter.act(Action::Lock));
    });
    let madoguchi::TapStep::Done { screen } = tap.next(Some(secret::SecretBytes::new(vec![0x90, 0x00])))
    else {
        panic!("nothing more goes to the card");
    };
    assert!(matches!(screen.view, View::LogIn(_)), "{screen:?}");
}

#[test]
fn work_that_is_given_up_ends_and_can_be_done_again() {
    let phone = Phone::new();
    let screen = phone.counter.act(Action::Choose(Method::Pin));
    assert!(screen.work, "a challenge is to be fetched");
    {
        // A coroutine that is cancelled drops its future.
        let mut run = Box::pin(phone.counter.run());
        assert!(run.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    let start = Instant::now();
    while !phone.counter.screen().work {
        assert!(start.elapsed() < PATIENCE, "it never ended: {:?}", phone.counter.screen());
        if failure(&phone.counter.screen()).is_some() {
            assert_ne!(failure(&phone.counter.screen()), Some(Failure::WorkerFailed));
            phone.counter.act(Action::Retry);
        }
        thread::yield_now();
    }
    phone.pin("1234");
    let screen = phone.hold(&mut phone.world.card("hanako"));
    assert!(matches!(screen.view, View::Result(_)), "{screen:?}");
}
