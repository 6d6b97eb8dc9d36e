//! What a reader may do wrong, at every byte.
//!
//! The card never gets a command twice, no answer is ever made up, and what cannot be believed ends in a typed error.

use core::time::Duration;

use reader::{Kind, Patience, ReaderError, State};

use crate::bench::{Bench, SELECT, Vectors, both, secret};

/// A session that has just sent SELECT, and the frame that answers it.
fn selecting(kind: &'static Kind, vectors: &Vectors) -> (Bench, Vec<u8>) {
    let mut bench = Bench::powered(vectors, kind);
    bench.session.transmit(secret(&SELECT), bench.now).expect("powered");
    bench.flush();
    bench.told.clear();
    (bench, vectors.said("9000"))
}

#[test]
fn any_byte_of_an_encrypted_answer_may_be_wrong_and_is_noticed() {
    let [(kind, vectors), _] = both();
    let length = selecting(kind, &vectors).1.len();
    for at in 0..length {
        for change in 1..=u8::MAX {
            let (mut bench, mut frame) = selecting(kind, &vectors);
            frame[at] ^= change;
            bench.hear(&frame);
            if bench.session.state() != State::Lost {
                // A length that says more: it never comes.
                bench.wait_in_vain();
            }
            let news = bench.news();
            assert!(!news.iter().any(|told| told.starts_with("Answer")), "{at} {change:02x}: {news:?}");
            assert_eq!(bench.session.state(), State::Lost, "{at} {change:02x}");
            assert!(bench.session.loss().is_some());
        }
    }
}

/// CCID has no checksum: a wrong byte within the data cannot be noticed. Everywhere else it can.
#[test]
fn any_byte_of_a_ccid_header_may_be_wrong_and_makes_no_other_answer() {
    let [_, (kind, vectors)] = both();
    for at in 0..10 {
        for change in 1..=u8::MAX {
            let (mut bench, mut frame) = selecting(kind, &vectors);
            frame[at] ^= change;
            bench.hear(&frame);
            let answers: Vec<_> =
                bench.news().into_iter().filter(|told| told.starts_with("Answer")).collect();
            // The bytes 7 to 9 hold what nobody looks at: the card is there with or without power.
            assert!(answers.is_empty() || answers == ["Answer(9000)"], "{at} {change:02x}: {answers:?}");
            assert!(answers.is_empty() || at >= 7, "{at} {change:02x}");
        }
    }
}

#[test]
fn an_answer_that_ends_anywhere_is_waited_for_until_its_deadline() {
    for (kind, vectors) in both() {
        let length = selecting(kind, &vectors).1.len();
        for end in 0..length {
            let (mut bench, frame) = selecting(kind, &vectors);
            bench.hear(&frame[..end]);
            assert_eq!(bench.news(), [""; 0]);
            bench.wait_in_vain();
            assert_eq!(bench.news(), ["Failed(TimedOut)", "State(Lost)"]);
        }
    }
}

#[test]
fn a_link_may_be_lost_anywhere() {
    for (kind, vectors) in both() {
        let length = selecting(kind, &vectors).1.len();
        for end in 0..length {
            let (mut bench, frame) = selecting(kind, &vectors);
            bench.hear(&frame[..end]);
            bench.session.disconnected();
            bench.assert_lost(ReaderError::LinkLost);
            // What the platform still delivers says nothing any more.
            bench.hear(&frame[end..]);
            assert_eq!(bench.news(), [""; 0]);
        }
    }
}

#[test]
fn half_a_frame_that_nobody_asked_for_has_a_deadline_too() {
    for (kind, vectors) in both() {
        let mut bench = Bench::powered(&vectors, kind);
        assert_eq!(bench.session.deadline(), None);
        bench.hear(&vectors.said("notification: a card has arrived")[..1]);
        bench.wait_in_vain();
        bench.assert_lost(ReaderError::TimedOut);
    }
}

#[test]
fn a_platform_that_does_not_write_is_not_waited_for_for_ever() {
    for (kind, vectors) in both() {
        let mut bench = Bench::powered(&vectors, kind);
        bench.session.transmit(secret(&SELECT), bench.now).expect("powered");
        bench.session.next_write().expect("a chunk");
        assert_eq!(bench.wait_in_vain(), Patience::default().write);
        bench.assert_lost(ReaderError::TimedOut);
    }
}

#[test]
fn garbage_before_an_answer_ends_the_session_and_the_answer_is_not_guessed() {
    for (kind, vectors) in both() {
        let (mut bench, frame) = selecting(kind, &vectors);
        bench.hear(&[&[0x00], &frame[..]].concat());
        bench.assert_lost(ReaderError::Framing);
    }
}

#[test]
fn a_deadline_that_has_not_come_changes_nothing() {
    for (kind, vectors) in both() {
        let (mut bench, frame) = selecting(kind, &vectors);
        bench.now = bench.session.deadline().expect("a deadline").saturating_sub(Duration::from_nanos(1));
        bench.session.tick(bench.now);
        bench.hear(&frame);
        assert_eq!(bench.news(), ["Answer(9000)"]);
    }
}

#[test]
fn a_reader_that_is_lost_stays_lost() {
    for (kind, vectors) in both() {
        let mut bench = Bench::powered(&vectors, kind);
        bench.session.disconnected();
        bench.news();
        bench.session.connected(bench.now);
        bench.session.disconnected();
        bench.session.written(bench.now);
        bench.hear(&vectors.said("9000"));
        assert_eq!(bench.news(), [""; 0]);
        assert_eq!(bench.session.state(), State::Lost);
    }
}
