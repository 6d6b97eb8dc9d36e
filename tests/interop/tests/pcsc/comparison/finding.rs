//! How each finds the card, and holds it.

use std::sync::{Arc, Mutex};

use desktop::{Stop, Waiting};
use interop::Slot;
use myna_card::ap::jpki::JpkiAp;
use myna_card::transport::pcsc::{Sharing, connect_any};
use pcsc::{Disposition, Protocols, ShareMode, State};
use sandbox_reader::{Inserted, Interface};
use secret::SecretBytes;

use super::lab::{Application, Lab, MESSAGE, SIGN, Wired, look};
use super::programs::shortened;
use super::{Table, commands, outcome};
use crate::client::SELECT_JPKI;
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
    table.put("Two readers, the card in the second", find(lab, &card_in_second));
    lab.put_in(Wired::of("hanako"));
    table.put("Two readers, a card in each", find(lab, &card_in_second));
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

/// Which card each takes when it is told nothing of readers: by what came over the lines of both.
fn find(lab: &Lab, second: &Inserted<Wired>) -> [String; 3] {
    let taken = |take: &mut dyn FnMut()| {
        let before = lab.heard(second);
        take();
        let after = lab.heard(second);
        match [after[0] > before[0], after[1] > before[1]] {
            [true, false] => Some("takes the first".to_owned()),
            [false, true] => Some("finds it".to_owned()),
            [false, false] => None,
            [true, true] => panic!("it asks both"),
        }
    };
    let opensc = taken(&mut || {
        let _ = lab.daemon.run("pkcs15-tool", &["--read-certificate", "1"]).succeeded();
    });

    let mut refused = None;
    let myna_card = taken(&mut || {
        let select = || JpkiAp::select(&mut connect_any(Sharing::Exclusive)?).map(drop);
        refused = select().err().map(|error| shortened(&error));
    });
    let myna_card = match (myna_card, refused) {
        (Some(taken), None) => taken,
        (None, Some(said)) => said,
        other => panic!("{other:?}"),
    };

    let (stop, mut waits) = (Stop::default(), None);
    let madoguchi = taken(&mut || {
        let found = readers().next_card(&stop, |waiting| {
            waits = Some(waiting);
            stop.stop();
        });
        if let Some(mut card) = found.expect("no trouble") {
            card.transmit(SecretBytes::new(SELECT_JPKI.to_vec())).expect("it lies still");
        }
    });
    let madoguchi = match (madoguchi, waits) {
        (Some(taken), None) => taken,
        (None, Some(Waiting::ForOneCardOnly)) => "touches none until one is left".to_owned(),
        other => panic!("{other:?}"),
    };
    [opensc.expect("it read a certificate"), myna_card, madoguchi]
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
