//! What the card refuses, in which words, and when it forgets. By a client of our own, and by OpenSC.

use interop::{Daemon, Slot, personalised};
use pcsc::Disposition;
use sandbox_reader::{Inserted, Interface, Plugged};

use crate::client::{Client, SELECT_JPKI, SELECT_SURFACE};

/// The ids of the JPKI AP.
const SIGNATURE_CERTIFICATE: u8 = 0x01;
const AUTHENTICATION_KEY: u8 = 0x17;
const PIN: u8 = 0x18;
const SIGNATURE_KEY: u8 = 0x1A;
const PASSWORD: u8 = 0x1B;

const READ: &[u8] = b"\x00\xB0\x00\x00\x00";

/// The card of 山田花子 in the first slot, its JPKI AP selected.
fn hanako() -> (Daemon, Inserted<Plugged>, Client) {
    let daemon = Daemon::start();
    let inserted = daemon.insert(Slot::First, personalised("hanako", Interface::Contactless));
    let client = Client::connect(&daemon, Slot::First);
    assert_eq!(client.say(SELECT_JPKI), "9000");
    (daemon, inserted, client)
}

#[test]
fn a_wrong_pin_is_counted_down_and_then_refused() {
    let (_daemon, inserted, client) = hanako();
    client.select_ef(PIN);
    let words: Vec<_> = (0..4).map(|_| client.verify("9999")).collect();
    assert_eq!(words, ["63C2", "63C1", "63C0", "6984"]);
    // The right one comes too late.
    assert_eq!(client.verify("1234"), "6984");
    assert_eq!(client.counter(), "63C0");
    assert_eq!(inserted.with(|plugged| plugged.card.failed_verifies()), 3);
}

#[test]
fn a_wrong_password_is_counted_down_and_then_refused() {
    let (_daemon, _inserted, client) = hanako();
    client.select_ef(PASSWORD);
    let words: Vec<_> = (0..6).map(|_| client.verify("WRONG9")).collect();
    assert_eq!(words, ["63C4", "63C3", "63C2", "63C1", "63C0", "6984"]);
    // The other counter is another counter.
    client.select_ef(PIN);
    assert_eq!(client.counter(), "63C3");
}

#[test]
fn the_right_pin_gives_all_tries_back() {
    let (_daemon, _inserted, client) = hanako();
    client.select_ef(PIN);
    assert_eq!(client.verify("9999"), "63C2");
    assert_eq!(client.verify("1234"), "9000");
    assert_eq!(client.verify("9999"), "63C2");
}

#[test]
fn opensc_counts_down_as_well_and_takes_the_blocked_card() {
    let daemon = Daemon::start();
    let inserted = daemon.insert(Slot::First, personalised("hanako", Interface::Contact));
    let mut said = Vec::new();
    for tries_left in [2, 1, 0, 0] {
        let verify = ["--verify-pin", "--auth-id", "1", "--pin", "9999", "--list-pins"];
        said.push(daemon.run("pkcs15-tool", &verify).failed().stderr);
        assert_eq!(inserted.with(|plugged| plugged.card.pin_tries_left()), tries_left);
    }
    assert!(said[0].contains("PIN code or key incorrect"), "{}", said[0]);
    assert!(said[3].contains("Reference data not usable"), "{}", said[3]);
    assert_eq!(inserted.with(|plugged| plugged.card.failed_verifies()), 3);

    let listed = daemon.run("pkcs15-tool", &["--list-pins"]).succeeded().stdout_text();
    assert!(listed.contains("Tries left     : 0"), "{listed}");
    let _ = daemon.run("pkcs15-tool", &["--read-certificate", "1"]).succeeded();
    let message = daemon.file("message", "What the patient agrees to");
    let sign = [
        "--login",
        "--pin",
        "1234",
        "--sign",
        "--mechanism",
        "SHA256-RSA-PKCS",
        "--id",
        "01",
        "-i",
        &message,
    ];
    let _ = daemon.run("pkcs11-tool", &sign).failed();
}

#[test]
fn the_signature_certificate_is_closed_before_its_password_and_the_pin_does_not_open_it() {
    let (_daemon, _inserted, client) = hanako();
    client.select_ef(SIGNATURE_CERTIFICATE);
    assert_eq!(client.say(READ), "6982");
    client.select_ef(PIN);
    assert_eq!(client.verify("1234"), "9000");
    client.select_ef(SIGNATURE_CERTIFICATE);
    assert_eq!(client.say(READ), "6982");
    client.select_ef(PASSWORD);
    assert_eq!(client.verify("ABC123"), "9000");
    client.select_ef(SIGNATURE_CERTIFICATE);
    let answer = client.try_send(READ).expect("the card is there");
    assert_eq!((answer.data.len(), answer.status), (256, 0x9000));
}

#[test]
fn a_key_signs_after_its_own_pin_only() {
    let (_daemon, _inserted, client) = hanako();
    for key in [AUTHENTICATION_KEY, SIGNATURE_KEY] {
        client.select_ef(key);
        assert_eq!(client.sign(), "6982", "{key:02X}");
    }
    client.select_ef(PIN);
    assert_eq!(client.verify("1234"), "9000");
    client.select_ef(SIGNATURE_KEY);
    assert_eq!(client.sign(), "6982");
    client.select_ef(AUTHENTICATION_KEY);
    assert_eq!(client.sign(), "9000");
}

#[test]
fn keys_and_pins_are_never_read() {
    let (_daemon, _inserted, client) = hanako();
    for id in [AUTHENTICATION_KEY, PIN, SIGNATURE_KEY, PASSWORD] {
        client.select_ef(id);
        assert_eq!(client.say(READ), "6981", "{id:02X}");
    }
}

#[test]
fn power_off_forgets_the_pin() {
    let (_daemon, _inserted, mut client) = hanako();
    client.select_ef(PIN);
    assert_eq!(client.verify("1234"), "9000");
    client.reconnect(Disposition::UnpowerCard);
    assert_eq!(client.say(SELECT_JPKI), "9000");
    client.select_ef(AUTHENTICATION_KEY);
    assert_eq!(client.sign(), "6982");
}

/// Reported by one client, measured on a card: this is why the product takes the power away after a tap.
#[test]
fn a_warm_reset_does_not_forget_the_pin() {
    let (_daemon, _inserted, mut client) = hanako();
    client.select_ef(PIN);
    assert_eq!(client.verify("1234"), "9000");
    client.reconnect(Disposition::ResetCard);
    // Nothing is selected any more (our own decision).
    assert_eq!(client.say(b"\x00\xA4\x02\x0C\x02\x00\x17"), "6A82");
    assert_eq!(client.say(SELECT_JPKI), "9000");
    client.select_ef(AUTHENTICATION_KEY);
    assert_eq!(client.sign(), "9000");
}

#[test]
fn the_same_application_again_keeps_the_pin_and_another_one_forgets_it() {
    let (_daemon, _inserted, client) = hanako();
    client.select_ef(PIN);
    assert_eq!(client.verify("1234"), "9000");
    assert_eq!(client.say(SELECT_JPKI), "9000");
    client.select_ef(AUTHENTICATION_KEY);
    assert_eq!(client.sign(), "9000");
    // One that is not there changes nothing.
    assert_eq!(client.say(b"\x00\xA4\x04\x0C\x06\xD2\x76\x00\x01\x24\x01"), "6A82");
    client.select_ef(AUTHENTICATION_KEY);
    assert_eq!(client.sign(), "9000");

    assert_eq!(client.say(SELECT_SURFACE), "9000");
    assert_eq!(client.say(SELECT_JPKI), "9000");
    client.select_ef(AUTHENTICATION_KEY);
    assert_eq!(client.sign(), "6982");
}
