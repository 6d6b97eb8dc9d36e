//! How each treats the PIN, of whose tries there are three.

use myna_card::Retries;
use myna_card::ap::jpki::JpkiAp;
use myna_card::transport::pcsc::{Sharing, connect_any};
use sandbox_card::VirtualCard;
use secret::DigitPad;

use super::Table;
use super::lab::{Exchange, Lab, VERIFY, Wired, presented};
use super::programs::Program;
use crate::stand::PIN;

const WRONG: &str = "9999";

pub(super) fn measure(lab: &mut Lab, table: &mut Table) {
    table.each("Reads the counter before VERIFY", |program| {
        lab.lay(Wired::of("hanako"));
        program.sign(lab, PIN).expect("a signature");
        let line = lab.line();
        let first = line.iter().position(Exchange::presents).expect("it presents the PIN");
        let asked = line[..first].iter().any(|exchange| exchange.is(VERIFY));
        if asked { "yes" } else { "no" }.to_owned()
    });
    table.each("The PIN is wrong", |program| {
        lab.lay(Wired::of("hanako"));
        program.sign(lab, WRONG).expect_err("the PIN is wrong")
    });
    table.each("One try is left, and the PIN is wrong", |program| {
        lab.lay(Wired::of("nokori"));
        let said = program.sign(lab, WRONG).expect_err("the PIN is wrong");
        match (presented(&lab.line()), lab.card().pin_tries_left()) {
            (0, 1) => format!("VERIFY is not sent: {said}"),
            (1, 0) => format!("VERIFY is sent, the PIN is blocked: {said}"),
            other => panic!("{other:?}"),
        }
    });
    table.put("Can be asked whether one try is left", can_be_asked(lab));
    table.each("The PIN is blocked", |program| {
        lab.lay(Wired::of("rokku"));
        refused(lab, program, PIN)
    });
    table.each("顔認証マイナンバーカード, which has no PIN", |program| {
        lab.lay(Wired::of("kaori"));
        refused(lab, program, PIN)
    });
    // Of the app nobody gets so far: its keys take four digits.
    let mut pad = DigitPad::<4>::new();
    let taken =
        (1..=6).take_while(|digit| pad.push(*digit).is_ok() && pad.len() == usize::from(*digit)).count();
    assert_eq!(taken, 4);
    table.each("A PIN of six digits", |program| {
        lab.lay(Wired::of("hanako"));
        refused(lab, program, "123456")
    });
    table.each("The answer to a wrong PIN is lost, and the same is done again", |program| {
        lab.lay(Wired::of("hanako").but(leaves_at_verify));
        let _ = program.sign(lab, WRONG).expect_err("the card has left");
        lab.hold_again();
        let said = program.again(lab, WRONG).expect_err("the PIN is wrong");
        match lab.card().pin_tries_left() {
            2 => format!("it cost one try: {said}"),
            1 => format!("it cost two tries: {said}"),
            other => panic!("{other}"),
        }
    });
    table.each("The answer to the right PIN is lost, and the same is done with another card", |program| {
        lab.lay(Wired::of("hanako").but(leaves_at_verify));
        let _ = program.sign(lab, PIN).expect_err("the card has left");
        lab.change(Wired::of("jiro"));
        match (program.again(lab, PIN), presented(&lab.line())) {
            (Ok(_), 1) => "the other card gets the PIN".to_owned(),
            (Err(said), 0) => format!("VERIFY is not sent: {said}"),
            other => panic!("{other:?}"),
        }
    });
}

/// For a caller who wants to know before VERIFY.
fn can_be_asked(lab: &Lab) -> [String; 3] {
    lab.lay(Wired::of("nokori"));
    let slots = lab.daemon.run("pkcs11-tool", &["--list-slots"]).succeeded().stdout_text();
    let flag = if slots.contains("final user PIN try") { "yes, a flag of the token" } else { "no" };
    let mut client = connect_any(Sharing::Exclusive).expect("a card");
    let retries =
        JpkiAp::select(&mut client).and_then(|mut jpki| jpki.auth_pin_retries()).expect("a counter");
    assert_eq!(retries, Retries::Remaining(1));
    assert_eq!(presented(&lab.line()), 0);
    [flag.to_owned(), "yes, by `auth_pin_retries`".to_owned(), "says so unasked".to_owned()]
}

/// What is said, and whether the card was given something to compare.
fn refused(lab: &Lab, program: &mut dyn Program, pin: &str) -> String {
    let said = program.sign(lab, pin).expect_err("no card takes it");
    let sent = if presented(&lab.line()) == 0 { "VERIFY is not sent" } else { "VERIFY is sent" };
    format!("{sent}: {said}")
}

/// The card does what VERIFY says, and has left before its answer arrives.
fn leaves_at_verify(exchange: &Exchange, card: &mut VirtualCard) -> Option<Vec<u8>> {
    exchange.presents().then(|| {
        card.transmit(&exchange.command);
        Vec::new()
    })
}
