//! How each reads the certificate, and cards that are unlike others.

use myna_card::ap::jpki::JpkiAp;
use myna_card::transport::pcsc::{Sharing, connect_any};
use sandbox_card::VirtualCard;

use super::lab::{Application, Exchange, Lab, READ, Wired, short_id};
use super::programs::words;
use super::{Table, commands, outcome};
use crate::stand::{PIN, Scene, failure, readers};

/// 利用者証明用電子証明書.
const CERTIFICATE: (Application, u8) = (Application::Jpki, 0x0A);

/// The other certificates of the JPKI AP.
const OTHERS: [(u8, &str); 3] = [(0x0B, "that of its CA"), (0x02, "that of the other CA"), (0x01, "署名用")];

pub(super) async fn measure(lab: &mut Lab, table: &mut Table, scene: &Scene) {
    table.each("Reads the certificate to sign once", |program| {
        lab.lay(Wired::of("hanako"));
        program.sign(lab, PIN).expect("a signature");
        let line = lab.line();
        // A look at the length alone is no reading.
        let times = |file| {
            let reading = |exchange: &&Exchange| exchange.begins(file) && exchange.answer.len() > 16;
            line.iter().filter(reading).count()
        };
        let own = match times(CERTIFICATE) {
            1 => "once".to_owned(),
            times => format!("{times} times"),
        };
        let others = OTHERS.into_iter().filter(|(id, _)| times((Application::Jpki, *id)) > 0);
        match others.map(|(_, name)| name).collect::<Vec<_>>()[..] {
            [] => own,
            ref others => format!("{own}; also {}", others.join(" and ")),
        }
    });
    for (behaviour, instead) in ODD_CARDS {
        table.each(behaviour, |program| {
            lab.lay(odd_card(instead));
            let came = outcome(lab, &program.sign(lab, PIN));
            format!("{came}, after {}", commands(lab.line().len()))
        });
    }
    for (behaviour, instead) in ODD_CERTIFICATES {
        table.each(behaviour, |program| {
            lab.lay(odd_card(instead));
            let came = match program.certificate(lab) {
                Ok(certificate) if certificate == lab.certificate() => "gives the certificate".to_owned(),
                Ok(other) => format!("gives {} bytes", other.len()),
                Err(said) => said,
            };
            format!("{came}, after {}", commands(lab.line().len()))
        });
    }
    for (behaviour, slug) in [("An iPhone", "rin"), ("An Android phone", "andoro")] {
        table.each(behaviour, |program| {
            lab.lay(Wired::of(slug));
            outcome(lab, &program.sign(lab, PIN))
        });
    }
    // It is the caller who has the certificate read before the PIN.
    let mut client = connect_any(Sharing::Exclusive).expect("a card");
    let mut jpki = JpkiAp::select(&mut client).expect("a phone has it, too");
    jpki.verify_auth_pin(&myna_card::Pin::numeric(PIN).expect("digits")).expect("it is right");
    jpki.read_auth_certificate().expect("after the PIN");
    drop(client);
    table.last()[1] += "; works if the PIN comes first";

    // What a tap brings is judged by the service.
    table.each("A certificate that has been out of date for 200 days", |program| {
        lab.lay(Wired::of("mukashi"));
        outcome(lab, &program.sign(lab, PIN))
    });
    scene.pin(PIN).await;
    let screen = scene.hold(&readers()).await.screen;
    let checked = words(failure(&screen).expect("it is not accepted"));
    table.last()[2] += "; the service's answer is ";
    table.last()[2] += &checked;
}

fn odd_card(instead: Instead) -> Wired {
    let mut kept = Vec::new();
    Wired::of("hanako").but(move |exchange, card| instead(&mut kept, exchange, card))
}

/// What a card answers instead of what it would. It may keep what it likes.
type Instead = fn(&mut Vec<u8>, &Exchange, &mut VirtualCard) -> Option<Vec<u8>>;

const ODD_CARDS: [(&str, Instead); 2] = [
    ("The first command is lost (`6F00`)", |kept, _, _| {
        kept.push(1);
        (kept.len() == 1).then(|| vec![0x6F, 0x00])
    }),
    ("The card takes no short file identifiers", |_, exchange, _| {
        short_id(&exchange.command).map(|_| vec![0x6A, 0x86])
    }),
];

const ODD_CERTIFICATES: [(&str, Instead); 3] = [
    ("No certificate was issued", |_, exchange, _| {
        (exchange.is(READ) && exchange.file == CERTIFICATE).then(|| vec![0x6B, 0x00])
    }),
    ("A certificate that says it is 65,539 bytes long", |_, exchange, card| {
        exchange.begins(CERTIFICATE).then(|| {
            let mut answer = card.transmit(&exchange.command);
            answer[2..4].copy_from_slice(&[0xFF, 0xFF]);
            answer
        })
    }),
    ("A certificate that ends (`6B00`) after 512 bytes", |_, exchange, _| {
        let beyond = exchange.is(READ) && matches!(exchange.command[2], 0x02..=0x7F);
        (beyond && exchange.file == CERTIFICATE).then(|| vec![0x6B, 0x00])
    }),
];
