//! What is left when each is done.

use interop::Slot;
use jpki::Method;
use myna_card::transport::pcsc::{Sharing, connect_any};

use super::Table;
use super::lab::{Lab, MESSAGE, Wired};
use super::programs::Madoguchi;
use crate::client::{Client, SELECT_JPKI};
use crate::stand::PIN;

/// COMPUTE DIGITAL SIGNATURE over 32 bytes, by the key for user authentication.
const SIGN_SOMETHING: &[u8] = b"\x80\x2A\x02\x97\x20################################\x00";

pub(super) fn measure(lab: &mut Lab, table: &mut Table) {
    table.each("The next program can sign without the PIN", |program| {
        lab.lay(Wired::of("hanako"));
        program.sign(lab, PIN).expect("a signature");
        next_program_signs(lab).to_owned()
    });
    connect_any(Sharing::Exclusive).expect("a card").transport_mut().power_cycle().expect("it is there");
    assert_eq!(next_program_signs(lab), "no");
    table.last()[1] += ", if its caller does not call `power_cycle`";

    table.put(
        "The PIN is in its log, or in what is made for one",
        [
            opensc_logs_the_pin(lab).to_owned(),
            {
                let pin = myna_card::Pin::numeric(PIN).expect("digits");
                let printed = format!("{pin:?}").contains(PIN);
                format!("{}: what `Debug` gives of its `Pin`", if printed { "yes" } else { "no" })
            },
            {
                let pin = secret::Pin::from_digits([1, 2, 3, 4]).expect("digits");
                let method = Method::Pin { pin, last_try: false };
                let text = format!("{method:?}") + &Madoguchi::new().transcript(method);
                let printed = text.contains(PIN);
                format!(
                    "{}: what `Debug` gives of the method, and the transcript of a tap",
                    if printed { "yes" } else { "no" }
                )
            },
        ],
    );
}

fn next_program_signs(lab: &Lab) -> &'static str {
    let client = Client::connect(&lab.daemon, Slot::First);
    assert_eq!(client.say(SELECT_JPKI), "9000");
    match &*client.say(SIGN_SOMETHING) {
        "9000" => "yes",
        "6982" => "no",
        other => panic!("{other}"),
    }
}

/// When it is told to log all that it can.
fn opensc_logs_the_pin(lab: &Lab) -> &'static str {
    let (message, signature) = (lab.daemon.file("message", MESSAGE), lab.daemon.file("signature", ""));
    let program = ["OPENSC_DEBUG=9", "pkcs11-tool", "--login", "--pin", PIN, "--sign", "--id", "01"];
    let how = ["--mechanism", "SHA256-RSA-PKCS", "--input-file", &message, "--output-file", &signature];
    let log = lab.daemon.run("env", &[&program[..], &how].concat()).succeeded().stderr;
    assert!(log.contains("Outgoing APDU"), "it logs");
    if log.contains("04 31 32 33 34") { "yes, with `OPENSC_DEBUG=9`" } else { "no" }
}
