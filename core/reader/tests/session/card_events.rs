//! A card comes, goes, or is another one than before.

use core::time::Duration;

use reader::{Kind, Options, ReaderError, State};

use crate::bench::{ACS, Bench, READ, SELECT, VERIFY, Vectors, both, chunks, options, secret};

const ARRIVED: &str = "notification: a card has arrived";

/// What answers the question for the slot's status: a card is there, and has power.
fn active(kind: &Kind, vectors: &Vectors, question: &[u8]) -> Vec<u8> {
    if kind.service == crate::bench::kind(ACS).service {
        assert_eq!(question, slot_status(vectors));
        return vectors.frame("present and active");
    }
    assert_eq!(question[0], 0x65);
    vec![0x81, 0, 0, 0, 0, 0, question[6], 0, 0, 0]
}

fn slot_status(vectors: &Vectors) -> Vec<u8> {
    let step = vectors.steps.iter().find(|step| step.what == "slot status").expect("a step");
    step.frame.clone()
}

fn left(vectors: &Vectors) -> Vec<u8> {
    vectors.said("notification: the card has left")
}

#[test]
fn what_is_known_of_the_card_is_asked_for_after_every_notification() {
    let [(kind, vectors), _] = both();
    let mut bench = Bench::before(&vectors, kind, "power on");
    assert_eq!(bench.session.state(), State::Card);
    // The manual V1.01 means "present" by this: the slot has the last word.
    bench.hear(&vectors.frame("notification: left"));
    assert_eq!(bench.session.state(), State::Card);
    assert_eq!(bench.flush(), slot_status(&vectors));
    bench.hear(&vectors.said("present and inactive"));
    assert_eq!(bench.session.state(), State::Card);
    bench.hear(&vectors.frame("notification: arrived"));
    assert_eq!(bench.flush(), slot_status(&vectors));
    bench.hear(&vectors.said("absent"));
    assert_eq!(bench.session.state(), State::Polling);
}

/// `50 03` is "present, and changed": one notification can be a swap, and some readers give power by themselves.
#[test]
fn a_card_that_arrives_where_one_has_power_is_another_one() {
    for (kind, vectors) in both() {
        let mut bench = Bench::powered(&vectors, kind);
        bench.told.clear();
        bench.hear(&vectors.said(ARRIVED));
        let question = bench.flush();
        bench.hear(&active(kind, &vectors, &question));
        assert_eq!(bench.news(), ["State(Card)"]);
        assert_eq!(bench.session.transmit(secret(&VERIFY), bench.now), Err(ReaderError::CardAbsent));
        assert!(bench.flush().is_empty());
        assert_eq!(bench.session.power_on(bench.now), Ok(()));
    }
}

#[test]
fn a_command_that_waits_for_the_slots_status_is_not_sent_to_another_card() {
    for (kind, vectors) in both() {
        let mut bench = Bench::powered(&vectors, kind);
        bench.told.clear();
        bench.hear(&vectors.said(ARRIVED));
        assert_eq!(bench.session.transmit(secret(&VERIFY), bench.now), Ok(()));
        let question = bench.flush();
        bench.hear(&active(kind, &vectors, &question));
        assert_eq!(bench.news(), ["State(Card)", "Failed(CardAbsent)"]);
        assert!(bench.flush().is_empty(), "the command was not sent");
    }
}

/// Once it was told, however often: the answer is the other card's, or no longer of use.
#[test]
fn an_answer_after_the_arrival_of_another_card_is_not_handed_over() {
    for (kind, vectors) in both() {
        let mut bench = Bench::powered(&vectors, kind);
        bench.session.transmit(secret(&VERIFY), bench.now).expect("powered");
        bench.flush();
        bench.told.clear();
        for _ in 0..3 {
            bench.hear(&vectors.said(ARRIVED));
        }
        assert!(bench.flush().is_empty(), "one request at a time");
        assert!(bench.news().is_empty(), "the answer is still to come, and is no other command's");
        bench.hear(&vectors.said("9000"));
        assert_eq!(bench.news(), ["State(Card)", "Failed(CardAbsent)"]);
        let question = bench.flush();
        bench.hear(&active(kind, &vectors, &question));
        assert_eq!(bench.news(), [""; 0]);
        assert_eq!(bench.session.transmit(secret(&READ), bench.now), Err(ReaderError::CardAbsent));
        assert_eq!(bench.session.power_on(bench.now), Ok(()), "the reader is as good as before");
    }
}

/// A card that is taken away at the end of a tap has answered.
#[test]
fn an_answer_after_a_card_has_left_is_its_own() {
    for (kind, vectors) in both() {
        let mut bench = Bench::powered(&vectors, kind);
        bench.session.transmit(secret(&SELECT), bench.now).expect("powered");
        bench.flush();
        bench.told.clear();
        for _ in 0..3 {
            bench.hear(&left(&vectors));
        }
        bench.hear(&vectors.said("9000"));
        assert_eq!(bench.news(), ["Answer(9000)"]);
        // The next command would go to another card.
        let question = bench.flush();
        bench.hear(&active(kind, &vectors, &question));
        assert_eq!(bench.news(), ["State(Card)"]);
        assert_eq!(bench.session.transmit(secret(&READ), bench.now), Err(ReaderError::CardAbsent));
    }
}

/// Notifications keep their order: what was on its way when the card got power is heard before the answer to reset.
#[test]
fn an_arrival_before_the_answer_to_reset_is_that_of_the_card_that_gets_power() {
    for (kind, vectors) in both() {
        let mut bench = Bench::before(&vectors, kind, "power on");
        bench.told.clear();
        bench.session.power_on(bench.now).expect("a card");
        bench.flush();
        bench.hear(&vectors.said(ARRIVED));
        bench.hear(&vectors.said("answer to reset"));
        let question = bench.flush();
        bench.hear(&active(kind, &vectors, &question));
        assert_eq!(bench.session.state(), State::Powered);
        assert!(bench.news().iter().any(|told| told.starts_with("PoweredOn")));
        assert_eq!(bench.session.transmit(secret(&SELECT), bench.now), Ok(()));
        assert!(!bench.flush().is_empty());
    }
}

#[test]
fn a_card_that_left_and_came_back_gets_no_command_before_it_is_powered_anew() {
    for (kind, vectors) in both() {
        let mut bench = Bench::powered(&vectors, kind);
        bench.told.clear();
        bench.hear(&left(&vectors));
        bench.hear(&vectors.said(ARRIVED));
        // Asked for while the slot's status is open.
        assert_eq!(bench.session.transmit(secret(&VERIFY), bench.now), Ok(()));
        // Once for each notification. The reader has given power by itself, and not to what was verified.
        for _ in 0..2 {
            let question = bench.flush();
            bench.hear(&active(kind, &vectors, &question));
        }
        assert_eq!(bench.news(), ["State(Card)", "Failed(CardAbsent)"]);
        assert!(bench.flush().is_empty(), "the command was not sent");
    }
}

#[test]
fn a_card_that_leaves_or_is_another_one_during_a_command_is_not_waited_for_as_long() {
    for (kind, vectors) in both() {
        for notification in [left(&vectors), vectors.said(ARRIVED)] {
            let mut bench = Bench::powered(&vectors, kind);
            bench.session.transmit(secret(&SELECT), bench.now).expect("powered");
            bench.flush();
            bench.hear(&notification);
            bench.told.clear();
            assert_eq!(bench.wait_in_vain(), Duration::from_secs(3));
            // To the tap it is a card that has gone; the reader is connected to anew.
            assert_eq!(bench.news(), ["Failed(CardAbsent)", "State(Lost)"]);
            assert_eq!(bench.session.loss(), Some(ReaderError::TimedOut));
        }
    }
}

#[test]
fn a_command_that_has_not_begun_to_go_out_stays_here_when_its_card_leaves() {
    for (kind, vectors) in both() {
        for notification in [left(&vectors), vectors.said(ARRIVED)] {
            let mut bench = Bench::powered(&vectors, kind);
            bench.session.transmit(secret(&VERIFY), bench.now).expect("powered");
            bench.told.clear();
            bench.hear(&notification);
            assert_eq!(bench.news(), ["Failed(CardAbsent)"]);
            let question = bench.flush();
            bench.hear(&active(kind, &vectors, &question));
            assert_eq!(bench.news(), ["State(Card)"]);
            assert!(bench.flush().is_empty(), "the command was not sent");
        }
    }
}

#[test]
fn the_rest_of_a_command_stays_here_when_its_card_leaves() {
    for (kind, vectors) in both() {
        for notification in [left(&vectors), vectors.said(ARRIVED)] {
            let small = Options { chunk: Some(chunks(18)), ..options() };
            let mut bench = Bench::new(kind, small);
            bench.play_until(&vectors, "VERIFY with 1234", &mut |stream| vec![stream.to_vec()]);
            bench.session.transmit(secret(&VERIFY), bench.now).expect("powered");
            bench.session.next_write().expect("the first of two");
            bench.session.written(bench.now);
            bench.told.clear();
            bench.hear(&notification);
            assert!(bench.session.next_write().is_none());
            assert_eq!(bench.told, ["Failed(CardAbsent)", "State(Lost)"]);
            // The reader has half a command: what it would take the next one for is not known.
            bench.assert_lost(ReaderError::CardAbsent);
        }
    }
}

#[test]
fn a_reader_that_goes_to_sleep_says_so() {
    let [(kind, vectors), _] = both();
    let mut bench = Bench::powered(&vectors, kind);
    bench.session.transmit(secret(&SELECT), bench.now).expect("powered");
    bench.flush();
    bench.told.clear();
    bench.hear(&vectors.frame("notification: asleep"));
    assert_eq!(bench.news(), ["Failed(Asleep)", "State(Asleep)"]);
    assert_eq!(bench.session.power_on(bench.now), Err(ReaderError::Asleep));
    // What it says in its sleep is not listened to.
    bench.hear(&vectors.said("9000"));
    assert!(bench.news().is_empty());
    bench.session.disconnected();
    bench.assert_lost(ReaderError::Asleep);
}

#[test]
fn a_reader_that_sleeps_without_hanging_up_is_hung_up_on() {
    let [(kind, vectors), _] = both();
    let mut bench = Bench::powered(&vectors, kind);
    bench.hear(&vectors.frame("notification: asleep"));
    assert_eq!(bench.wait_in_vain(), Duration::from_secs(5));
    bench.assert_lost(ReaderError::Asleep);
}
