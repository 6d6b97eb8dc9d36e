//! How each treats the PIN, of whose tries there are three.

use sandbox_card::VirtualCard;
use secret::DigitPad;

use super::Rows;
use super::lab::{Exchange, Lab, VERIFY, Wired, presented};
use super::programs::Program;
use crate::stand::{PIN, card};

const WRONG: &str = "9999";

pub(super) fn measure(lab: &mut Lab, rows: &mut Rows) {
    rows.each("reads the counter before VERIFY", |program| {
        lab.lay(Wired::new(card("hanako")));
        program.sign(lab, PIN).expect("a signature");
        let line = lab.line();
        let first = line.iter().position(Exchange::presents).expect("it presents the PIN");
        let asked = line[..first].iter().any(|exchange| exchange.is(VERIFY));
        if asked { "yes" } else { "no" }.to_owned()
    });
    rows.each("the PIN is wrong", |program| {
        lab.lay(Wired::new(card("hanako")));
        program.sign(lab, WRONG).expect_err("the PIN is wrong")
    });
    rows.each("one try is left, and the PIN is wrong", |program| {
        lab.lay(Wired::new(card("nokori")));
        let said = program.sign(lab, WRONG).expect_err("the PIN is wrong");
        match (presented(&lab.line()), lab.card().pin_tries_left()) {
            (0, 1) => format!("VERIFY is not sent: {said}"),
            (1, 0) => format!("VERIFY is sent, the PIN is blocked: {said}"),
            other => panic!("{other:?}"),
        }
    });
    rows.each("the PIN is blocked", |program| {
        lab.lay(Wired::new(card("rokku")));
        refused(lab, program, PIN)
    });
    rows.each("顔認証マイナンバーカード, which has no PIN", |program| {
        lab.lay(Wired::new(card("kaori")));
        refused(lab, program, PIN)
    });
    // Of the app nobody gets so far: its keys take four digits.
    let mut pad = DigitPad::<4>::new();
    let taken = (1..=6).take_while(|digit| pad.push(*digit).is_ok() && pad.len() == usize::from(*digit)).count();
    assert_eq!(taken, 4);
    rows.each("a PIN of six digits", |program| {
        lab.lay(Wired::new(card("hanako")));
        refused(lab, program, "123456")
    });
    rows.each("the answer to a wrong PIN is lost, and the same is done again", |program| {
        lab.lay(Wired::new(card("hanako")).but(lose_the_answer_to_verify()));
        let _ = program.sign(lab, WRONG).expect_err("the card has left");
        lab.change(Wired::new(lab.card()));
        let said = program.again(lab, WRONG).expect_err("the PIN is wrong");
        format!("{} tries are left of three: {said}", lab.card().pin_tries_left())
    });
    rows.each("the answer to the right PIN is lost, and the same is done with another card", |program| {
        lab.lay(Wired::new(card("hanako")).but(lose_the_answer_to_verify()));
        let _ = program.sign(lab, PIN).expect_err("the card has left");
        lab.change(Wired::new(card("jiro")));
        match (program.again(lab, PIN), presented(&lab.line())) {
            (Ok(_), 1) => "the other card gets the PIN".to_owned(),
            (Err(said), 0) => format!("VERIFY is not sent: {said}"),
            other => panic!("{other:?}"),
        }
    });
}

/// What is said, and whether the card was given something to compare.
fn refused(lab: &Lab, program: &mut dyn Program, pin: &str) -> String {
    let said = program.sign(lab, pin).expect_err("no card takes it");
    let sent = if presented(&lab.line()) == 0 { "VERIFY is not sent" } else { "VERIFY is sent" };
    format!("{sent}: {said}")
}

/// The card does what VERIFY says, and has left before its answer arrives.
fn lose_the_answer_to_verify() -> impl FnMut(&Exchange, &mut VirtualCard) -> Option<Vec<u8>> + Send {
    |exchange, card| {
        exchange.presents().then(|| {
            card.transmit(&exchange.command);
            Vec::new()
        })
    }
}
