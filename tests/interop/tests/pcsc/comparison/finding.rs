//! How each finds the card, and holds it.

use std::sync::{Arc, Mutex};

use desktop::{Stop, Waiting};
use interop::Slot;
use myna_card::ap::jpki::JpkiAp;
use myna_card::transport::pcsc::{Sharing, connect_any};
use pcsc::{Disposition, Protocols, ShareMode, State};
use sandbox_reader::Interface;

use super::lab::{Application, Lab, MESSAGE, SIGN, Wired, look};
use super::programs::shortened;
use super::{Table, commands, outcome};
use crate::pty::{ENTER, Pty};
use crate::stand::{PIN, Scene, readers};

/// The card of 山田花子, with an answer to reset that no list has.
pub(super) fn unheard_of() -> Wired {
    Wired::of("hanako").with_answer_to_reset(b"\x3B\x85\x80\x01MADO2\x31")
}

/// Leaves a card in the first reader whose answer to reset is that of others.
pub(super) async fn measure(lab: &mut Lab, table: &mut Table, scene: &Scene) {
    table.each("An answer to reset that is on no list", |program| {
        lab.lay(unheard_of());
        outcome(lab, &program.sign(lab, PIN))
    });
    let bus_pass = || Wired::of("suika").with_answer_to_reset(Interface::ContactBare.answer_to_reset());
    lab.change(bus_pass());
    table.each("A bus pass with an answer to reset that is on OpenSC's list", |program| {
        lab.lay(bus_pass());
        let said = program.sign(lab, PIN).expect_err("no My Number card");
        format!("{said}, after {}", commands(lab.line().len()))
    });

    lab.take_out();
    let card_in_second = lab.daemon.insert(Slot::Second, Wired::of("jiro"));
    table.put("Two readers, the card in the second", find(lab));
    lab.put_in(Wired::of("hanako"));
    table.put("Two readers, a card in each", find(lab));
    drop(card_in_second);
    lab.daemon.wait_until(Slot::Second, State::EMPTY);

    table.each("Asks first for applications that other kinds of cards have", |program| {
        lab.lay(Wired::of("hanako"));
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
    table.put("Holds the card while the PIN is typed", holds_while_the_pin_is_typed(lab, scene).await);
    table.each("Holds the card while it works", |program| {
        let seen = Arc::<Mutex<Option<State>>>::default();
        let see = Arc::clone(&seen);
        lab.lay(Wired::of("hanako").but(move |exchange, _| {
            if exchange.is(SIGN) {
                *see.lock().expect("no panic") = Some(look(Slot::First).event_state());
            }
            None
        }));
        program.sign(lab, PIN).expect("a signature");
        let seen = seen.lock().expect("no panic").expect("it was asked to sign");
        held(seen).to_owned()
    });
    table.each("Another program is connected to the card and does nothing", |program| {
        lab.lay(Wired::of("hanako"));
        let context = lab.daemon.context();
        let other = context.connect(Slot::First.reader(), ShareMode::Shared, Protocols::ANY);
        let came = outcome(lab, &program.sign(lab, PIN));
        let _ = other.expect("a card").disconnect(Disposition::LeaveCard);
        came
    });
}

/// Which card each takes when it is told nothing of readers.
fn find(lab: &Lab) -> [String; 3] {
    // It tells on standard error which one it uses.
    let opensc = lab.daemon.run("pkcs15-tool", &["--read-certificate", "1"]).succeeded().stderr;
    let uses = |slot: Slot| opensc.contains(slot.reader().to_str().expect("a name in ASCII"));
    let opensc = match (uses(Slot::First), uses(Slot::Second)) {
        (true, false) => "takes the first",
        (false, true) => "finds it",
        _ => panic!("{opensc}"),
    };

    let select = || JpkiAp::select(&mut connect_any(Sharing::Exclusive)?).map(drop);
    let myna_card = select().map_or_else(|error| shortened(&error), |()| "takes the first".to_owned());

    let (stop, mut waits) = (Stop::default(), None);
    let found = readers().next_card(&stop, |waiting| {
        waits = Some(waiting);
        stop.stop();
    });
    let madoguchi = match (found.expect("no trouble"), waits) {
        (Some(_), None) => "finds it",
        (None, Some(Waiting::ForOneCardOnly)) => "touches none until one is left",
        (_, waits) => panic!("{waits:?}"),
    };
    [opensc.to_owned(), myna_card, madoguchi.to_owned()]
}

/// On a terminal, and on the app's keys.
async fn holds_while_the_pin_is_typed(lab: &Lab, scene: &Scene) -> [String; 3] {
    lab.lay(Wired::of("hanako"));
    let message = lab.daemon.file("message", MESSAGE);
    let command = format!(
        "exec pkcs11-tool --login --sign --id 01 --mechanism SHA256-RSA-PKCS --input-file {message} --output-file \
         {message}.signed"
    );
    let mut opensc = Pty::run(lab.daemon.folder(), lab.daemon.folder(), &command);
    opensc.sees("User PIN: ");
    let opensc_holds = held(look(Slot::First).event_state());
    opensc.types(PIN).types(ENTER);
    opensc.ends().assert_code(0);

    scene.pin("123").await;
    let madoguchi_holds = held(look(Slot::First).event_state());
    [opensc_holds, "(asks nobody for it)", madoguchi_holds].map(str::to_owned)
}

fn held(state: State) -> &'static str {
    if state.contains(State::EXCLUSIVE) {
        "yes, alone"
    } else if state.contains(State::INUSE) {
        "yes, shared with others"
    } else {
        "no"
    }
}
