//! OpenSC (Debian 12: 0.23) and its driver `jpki`: what it finds, reads and signs.

use interop::{Daemon, Slot, personalised};
use sandbox_card::{Exchange, Selected, VirtualCard};
use sandbox_reader::{Inserted, Interface, Plugged};

use crate::client::personalised_file;

const MESSAGE: &[u8] = b"What the patient agrees to";
/// The PIN of every test card, and the password of 山田花子.
const PIN: &str = "1234";
const PASSWORD: &str = "ABC123";

const INTERFACES: [Interface; 3] = [Interface::Contactless, Interface::Contact, Interface::ContactBare];

/// Holds a person's card to the reader by radio, and puts it in, with either answer to reset.
fn by_each_interface(slug: &str, test: impl Fn(&Daemon, &Inserted<Plugged>)) {
    for interface in INTERFACES {
        // A new daemon sees a card sooner than one that has to see another one leave before.
        let daemon = Daemon::start();
        let inserted = daemon.insert(Slot::First, personalised(slug, interface));
        test(&daemon, &inserted);
    }
}

fn card(inserted: &Inserted<Plugged>) -> VirtualCard {
    inserted.with(|plugged| plugged.card.clone())
}

/// How many commands of this instruction the card was given.
fn count(card: &VirtualCard, instruction: u8) -> usize {
    let is = |exchange: &&Exchange| exchange.header.is_some_and(|[_, ins, _, _]| ins == instruction);
    card.transcript().exchanges().iter().filter(is).count()
}

#[test]
fn the_card_is_a_jpki_card_and_nothing_else() {
    for interface in INTERFACES {
        let daemon = Daemon::start();
        let inserted = daemon.insert(Slot::First, personalised("hanako", interface));
        let ran = daemon.run("opensc-tool", &["--name"]).succeeded();
        assert_eq!(ran.stdout_text().trim(), "jpki", "{interface:?}");

        // All other drivers were asked before, and each was refused.
        let card = card(&inserted);
        let asked: Vec<_> = card.transcript().selected().collect();
        assert!(asked.iter().filter(|selected| **selected == Selected::Foreign).count() > 20);
        for exchange in card.transcript().exchanges() {
            let is_ours = exchange.selected == Some(Selected::Jpki);
            assert_eq!(exchange.status == 0x9000, is_ours, "{exchange}");
        }
        // One answer to reset is in the driver's table; by any other the card is known by SELECT.
        let by_select = asked.contains(&Selected::Jpki);
        assert_eq!(by_select, interface != Interface::ContactBare, "{interface:?}");
    }
}

#[test]
fn another_card_is_no_jpki_card() {
    let daemon = Daemon::start();
    let _inserted = daemon.insert(Slot::First, personalised("suika", Interface::Contactless));
    let ran = daemon.run("opensc-tool", &["--name"]);
    assert!(!ran.stdout_text().contains("jpki"), "{ran:?}");
    let ran = daemon.run("pkcs15-tool", &["--list-pins"]).failed();
    assert!(ran.stderr.contains("Card is invalid or cannot be handled"), "{ran:?}");
}

#[test]
fn all_four_certificates_are_listed() {
    by_each_interface("hanako", |daemon, _| {
        let listed = daemon.run("pkcs15-tool", &["--list-certificates"]).succeeded().stdout_text();
        let labels: Vec<_> = listed.lines().filter(|line| line.starts_with("X.509 Certificate")).collect();
        assert_eq!(
            labels,
            [
                "X.509 Certificate [User Authentication Certificate]",
                "X.509 Certificate [Digital Signature Certificate]",
                "X.509 Certificate [User Authentication Certificate CA]",
                "X.509 Certificate [Digital Signature Certificate CA]",
            ]
        );
        // The serial number of 山田花子; of 署名用電子証明書 none is listed, it cannot be read yet.
        assert!(listed.contains("Encoded serial : 02 04 09900101"), "{listed}");
        assert_eq!(listed.matches("Encoded serial").count(), 3, "{listed}");
    });
}

#[test]
fn the_free_certificates_are_read_byte_for_byte() {
    by_each_interface("hanako", |daemon, inserted| {
        let card = card(inserted);
        for (id, file) in [("1", 0x0A), ("3", 0x0B), ("4", 0x02)] {
            let pem = daemon.run("pkcs15-tool", &["--read-certificate", id]).succeeded().stdout;
            let expected = personalised_file(&card, file, None);
            assert!(expected.len() > 1000);
            assert!(daemon.der(&pem) == expected, "certificate {id}");
        }
    });
}

#[test]
fn the_signature_certificate_is_read_after_its_password_and_not_before() {
    by_each_interface("hanako", |daemon, inserted| {
        let read = ["--read-certificate", "2"];
        let refused = daemon.run("pkcs15-tool", &read).failed();
        // What it says is "EF offset too large" (0.23); what the card said:
        assert!(refused.stderr.contains("Certificate read failed"), "{refused:?}");
        assert_eq!(card(inserted).transcript().exchanges().last().map(|last| last.status), Some(0x6982));

        let with_password = [&read[..], &["--auth-id", "2", "--verify-pin", "--pin", PASSWORD]].concat();
        let pem = daemon.run("pkcs15-tool", &with_password).succeeded().stdout;
        let expected = personalised_file(&card(inserted), 0x01, Some(PASSWORD));
        assert!(expected.len() > 1000);
        assert!(daemon.der(&pem) == expected);
    });
}

/// OpenSC leaves a card with a warm reset, which a My Number card survives verified (reported by one client).
#[test]
fn a_password_stays_verified_for_the_next_program_until_the_card_loses_power() {
    let daemon = Daemon::start();
    let inserted = daemon.insert(Slot::First, personalised("hanako", Interface::Contactless));
    let read = ["--read-certificate", "2"];
    let with_password = [&read[..], &["--auth-id", "2", "--verify-pin", "--pin", PASSWORD]].concat();
    let first = daemon.run("pkcs15-tool", &with_password).succeeded();
    assert_eq!(daemon.run("pkcs15-tool", &read).succeeded().stdout, first.stdout);

    let card = inserted.remove();
    daemon.wait_until(Slot::First, pcsc::State::EMPTY);
    let _inserted = daemon.insert(Slot::First, card);
    let _ = daemon.run("pkcs15-tool", &read).failed();
}

#[test]
fn the_pins_are_listed_with_the_tries_that_are_left() {
    by_each_interface("hanako", |daemon, inserted| assert_eq!(listed_tries(daemon, inserted), [3, 5]));
}

#[test]
fn a_card_with_one_try_left_and_a_blocked_one_are_taken_like_any_other() {
    for (slug, pin_tries) in [("nokori", 1), ("rokku", 0)] {
        let daemon = Daemon::start();
        let inserted = daemon.insert(Slot::First, personalised(slug, Interface::Contactless));
        assert_eq!(listed_tries(&daemon, &inserted)[0], pin_tries, "{slug}");
        let pem = daemon.run("pkcs15-tool", &["--read-certificate", "1"]).succeeded().stdout;
        assert!(daemon.der(&pem) == personalised_file(&card(&inserted), 0x0A, None), "{slug}");
    }
}

/// The tries left for each PIN, as OpenSC lists them; it may cost none.
#[track_caller]
fn listed_tries(daemon: &Daemon, inserted: &Inserted<Plugged>) -> Vec<u8> {
    let before = card(inserted);
    let listed = daemon.run("pkcs15-tool", &["--list-pins"]).succeeded().stdout_text();
    let after = card(inserted);
    assert_eq!(before.pin_tries_left(), after.pin_tries_left());
    assert_eq!(after.failed_verifies(), 0);
    let tries = listed.lines().filter_map(|line| line.trim().strip_prefix("Tries left"));
    tries.map(|tries| tries.trim_start_matches([' ', ':']).parse().expect("a number")).collect()
}

#[test]
fn pkcs15_crypt_signs_with_both_keys() {
    by_each_interface("hanako", |daemon, inserted| {
        let message = daemon.file("message", MESSAGE);
        let hash = daemon.run("openssl", &["dgst", "-sha256", "-binary", &message]).succeeded().stdout;
        let hash = daemon.file("hash", hash);
        for (key, secret, certificate) in [("1", PIN, (0x0A, None)), ("2", PASSWORD, (0x01, Some(PASSWORD)))]
        {
            let arguments =
                ["--sign", "--pkcs1", "--sha-256", "--input", &hash, "--raw", "--key", key, "--pin"];
            let signature =
                daemon.run("pkcs15-crypt", &[&arguments[..], &[secret]].concat()).succeeded().stdout;
            let certificate = personalised_file(&card(inserted), certificate.0, certificate.1);
            assert!(daemon.verifies(&certificate, MESSAGE, &signature), "key {key}");
            assert!(!daemon.verifies(&certificate, b"Something else", &signature), "key {key}");
        }
        assert_eq!(card(inserted).failed_verifies(), 0);
    });
}

#[test]
fn pkcs11_shows_a_token_for_each_pin() {
    by_each_interface("hanako", |daemon, inserted| {
        let slots = daemon.run("pkcs11-tool", &["--list-slots"]).succeeded().stdout_text();
        assert!(slots.contains("JPKI (User Authentication PIN)"), "{slots}");
        assert!(slots.contains("JPKI (Digital Signature PIN)"), "{slots}");

        let objects = daemon.run("pkcs11-tool", &["--list-objects"]).succeeded().stdout_text();
        for label in [
            "User Authentication Certificate",
            "User Authentication Certificate CA",
            "Digital Signature Certificate CA",
        ] {
            assert!(objects.contains(&format!("label:      {label}\n")), "{objects}");
        }
        // It asks for the counters, and tries no PIN.
        assert!(
            card(inserted).transcript().exchanges().iter().all(|exchange| {
                exchange.header != Some([0x00, 0x20, 0x00, 0x80]) || exchange.lc.is_none()
            })
        );
    });
}

#[test]
fn pkcs11_signs_with_the_authentication_key() {
    by_each_interface("hanako", |daemon, inserted| {
        signs_by_pkcs11(daemon, inserted, "0", PIN, "01", (0x0A, None));
    });
}

/// The second token. Its key wants the password again for every signature (`always authenticate`).
#[test]
fn pkcs11_signs_with_the_signature_key() {
    by_each_interface("hanako", |daemon, inserted| {
        signs_by_pkcs11(daemon, inserted, "1", PASSWORD, "02", (0x01, Some(PASSWORD)));
        let verifies = |exchange: &&Exchange| {
            exchange.header == Some([0x00, 0x20, 0x00, 0x80]) && exchange.lc == Some(6)
        };
        assert_eq!(card(inserted).transcript().exchanges().iter().filter(verifies).count(), 2);
    });
}

#[track_caller]
fn signs_by_pkcs11(
    daemon: &Daemon,
    inserted: &Inserted<Plugged>,
    token: &str,
    secret: &str,
    id: &str,
    certificate: (u8, Option<&str>),
) {
    let (message, signature) = (daemon.file("message", MESSAGE), daemon.file("signature", ""));
    let arguments =
        ["--slot-index", token, "--login", "--pin", secret, "--sign", "--mechanism", "SHA256-RSA-PKCS"];
    let files = ["--id", id, "--input-file", &message, "--output-file", &signature];
    let _ = daemon.run("pkcs11-tool", &[&arguments[..], &files].concat()).succeeded();
    let signature = std::fs::read(signature).expect("the program wrote it");
    let certificate = personalised_file(&card(inserted), certificate.0, certificate.1);
    assert!(daemon.verifies(&certificate, MESSAGE, &signature));
    let card = card(inserted);
    assert_eq!((count(&card, 0x2A), card.failed_verifies()), (1, 0));
}

/// Reported for the iPhone through a contactless reader.
#[test]
fn a_phone_is_read_as_the_card_is() {
    let daemon = Daemon::start();
    let inserted = daemon.insert(Slot::First, personalised("rin", Interface::Contactless));
    let pem = daemon.run("pkcs15-tool", &["--read-certificate", "1"]).succeeded().stdout;
    assert!(daemon.der(&pem) == personalised_file(&card(&inserted), 0x0A, None));
    signs_by_pkcs11(&daemon, &inserted, "0", PIN, "01", (0x0A, None));
}
