//! What each has asked, and what is left when it is done.

use std::collections::BTreeSet;

use secret::Pin;

use super::lab::{Application, Exchange, Lab, READ, SELECT, SIGN, VERIFY, Wired};
use super::{Rows, commands, outcome};
use crate::client::{Client, SELECT_JPKI};
use crate::stand::{PIN, card};

/// COMPUTE DIGITAL SIGNATURE over 32 bytes, by the key for user authentication.
const SIGN_WITHOUT_A_PIN: &[u8] = b"\x80\x2A\x02\x97\x20################################\x00";

pub(super) fn measure(lab: &mut Lab, rows: &mut Rows) {
    rows.each("the card leaves while it signs, and is held again", |program| {
        lab.lay(Wired::new(card("hanako")).but(|exchange, _| exchange.is(SIGN).then(Vec::new)));
        let said = program.sign(lab, PIN).expect_err("the card has left");
        lab.change(Wired::new(lab.card()));
        let again = outcome(lab, &program.again(lab, PIN));
        format!("{said}; then {again}, in {}", commands(lab.line().len()))
    });
    rows.each("applications of the card that it selects", |program| {
        lab.lay(Wired::new(card("hanako")));
        program.sign(lab, PIN).expect("a signature");
        let line = lab.line();
        let selected: BTreeSet<_> = line.iter().filter(|exchange| exchange.succeeded()).filter_map(Exchange::application).collect();
        format!("{selected:?}")
    });
    rows.each("instructions that it sends", |program| {
        lab.lay(Wired::new(card("hanako")));
        program.sign(lab, PIN).expect("a signature");
        let sent: BTreeSet<_> = lab.line().iter().map(|exchange| exchange.command[1]).collect();
        sent.into_iter().map(|ins| format!("`{ins:02X}`")).collect::<Vec<_>>().join(" ")
    });
    rows.each("afterwards the next program signs without the PIN", |program| {
        lab.lay(Wired::new(card("hanako")));
        program.sign(lab, PIN).expect("a signature");
        let client = Client::connect(&lab.daemon, interop::Slot::First);
        assert_eq!(client.say(SELECT_JPKI), "9000");
        match &*client.say(SIGN_WITHOUT_A_PIN) {
            "9000" => "yes",
            "6982" => "no",
            other => panic!("{other}"),
        }.to_owned()
    });
}
