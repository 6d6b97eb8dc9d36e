//! How each finds the card, and holds it.

use std::sync::{Arc, Mutex};

use desktop::{Stop, Waiting};
use interop::Slot;
use myna_card::ap::jpki::JpkiAp;
use myna_card::transport::pcsc::{Sharing, connect_any};
use pcsc::{Disposition, Protocols, ShareMode, State};
use sandbox_reader::Interface;

use super::lab::{Application, Lab, SIGN, Wired, state_of};
use super::{Rows, commands, outcome};
use crate::stand::{PIN, card, next_card, readers};

pub(super) fn measure(lab: &mut Lab, rows: &mut Rows) {
    rows.each("asks first for applications that other kinds of cards have", |program| {
        lab.lay(Wired::new(card("hanako")));
        program.sign(lab, PIN).expect("a signature");
        let line = lab.line();
        let asked = line.iter().map_while(|exchange| match exchange.application() {
            Some(Application::Jpki) => None,
            asked => Some(asked),
        });
        match asked.flatten().count() {
            0 => "no".to_owned(),
            many => format!("for {many}"),
        }
    });
    rows.each("an answer to reset that is on no list", |program| {
        lab.change(Wired::new(card("hanako")).with_answer_to_reset(b"\x3B\x85\x80\x01MADO2\x31"));
        outcome(lab, &program.sign(lab, PIN))
    });
    rows.each("a bus pass with the answer to reset of a My Number card", |program| {
        let bus_pass = Wired::new(card("suika"));
        lab.change(bus_pass.with_answer_to_reset(Interface::ContactBare.answer_to_reset()));
        let said = program.sign(lab, PIN).expect_err("no My Number card");
        format!("{said}, after {}", commands(lab.line().len()))
    });
    lab.change(Wired::new(card("hanako")));
    rows.each("connects to the card", |program| {
        let seen = Arc::<Mutex<Option<State>>>::default();
        let look = Arc::clone(&seen);
        lab.lay(Wired::new(card("hanako")).but(move |exchange, _| {
            if exchange.is(SIGN) {
                *look.lock().expect("no panic") = Some(state_of(Slot::First));
            }
            None
        }));
        program.sign(lab, PIN).expect("a signature");
        let seen = seen.lock().expect("no panic").expect("it was asked to sign");
        if seen.contains(State::EXCLUSIVE) { "alone" } else { "shared with other programs" }.to_owned()
    });
    rows.each("another program is connected to it and does nothing", |program| {
        lab.lay(Wired::new(card("hanako")));
        let context = lab.daemon.context();
        let other = context.connect(Slot::First.reader(), ShareMode::Shared, Protocols::ANY);
        let came = outcome(lab, &program.sign(lab, PIN));
        let _ = other.expect("a card").disconnect(Disposition::LeaveCard);
        came
    });

    lab.take_out();
    let card_in_second = lab.daemon.insert(Slot::Second, Wired::new(card("jiro")));
    rows.put("two readers, a card in the second one", find(lab));
    lab.change(Wired::new(card("hanako")));
    rows.put("two readers, a card in each", find(lab));
    drop(card_in_second);
    lab.daemon.wait_until(Slot::Second, State::EMPTY);
}

/// Which card each takes when it is told nothing of readers.
fn find(lab: &Lab) -> [String; 3] {
    let opensc = lab.daemon.run("pkcs15-tool", &["--read-certificate", "1"]);
    let reader = |name: &str| {
        let slots = [(Slot::First, "takes the first"), (Slot::Second, "finds it")];
        let is = |(slot, _): &(Slot, _)| slot.reader().to_str().is_ok_and(|reader| name.contains(reader));
        slots.into_iter().find(is).expect("one of the two").1.to_owned()
    };
    let opensc = reader(&opensc.succeeded().stderr);

    let select = || JpkiAp::select(&mut connect_any(Sharing::Exclusive)?).map(drop);
    let myna_card = match select() {
        Ok(()) => "takes the first".to_owned(),
        Err(error) => format!("“{error}”"),
    };

    let (stop, mut waits) = (Stop::default(), false);
    let tell = |waiting| {
        waits = waiting == Waiting::ForOneCardOnly;
        stop.stop();
    };
    let found = readers().next_card(&stop, tell).expect("no trouble");
    let madoguchi = match (found, waits) {
        (Some(_), _) => "finds it",
        (None, true) => "touches none until one is left",
        (None, false) => "waits for a card",
    };
    [opensc, myna_card, madoguchi.to_owned()]
}
