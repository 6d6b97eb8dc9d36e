//! How each reads the certificate, and cards that are unlike others.

use std::fmt::Write as _;

use sandbox_card::VirtualCard;

use super::lab::{Application, Exchange, Lab, READ, SIGN, VERIFY, Wired};
use super::programs::words;
use super::{Rows, commands, outcome};
use crate::stand::{PIN, Scene, card, failure, readers};

/// ISO/IEC 7816-4 §11.8.1.
const GET_RESPONSE: u8 = 0xC0;

/// 利用者証明用電子証明書.
const CERTIFICATE: (Application, u8) = (Application::Jpki, 0x0A);

/// The other certificates of the JPKI AP.
const OTHERS: [(u8, &str); 3] = [(0x0B, "that of its CA"), (0x02, "that of the other CA"), (0x01, "署名用")];

pub(super) async fn measure(lab: &mut Lab, rows: &mut Rows) {
    rows.each("reads the certificate to sign once", |program| {
        lab.lay(Wired::new(card("hanako")));
        program.sign(lab, PIN).expect("a signature");
        let line = lab.line();
        // A look at the length alone is no reading.
        let times = |file| {
            let reading = |exchange: &&Exchange| exchange.begins(file) && exchange.answer.len() > 16;
            line.iter().filter(reading).count()
        };
        let mut cell = match times(CERTIFICATE) {
            1 => "once".to_owned(),
            times => format!("{times} times"),
        };
        for (id, name) in OTHERS {
            if times((Application::Jpki, id)) > 0 {
                write!(cell, "; {name}").expect("memory");
            }
        }
        cell
    });
    for (behaviour, instead) in ODDITIES {
        rows.each(behaviour, |program| {
            let mut kept = Vec::new();
            let odd = move |exchange: &Exchange, card: &mut VirtualCard| instead(&mut kept, exchange, card);
            lab.lay(Wired::new(card("hanako")).but(odd));
            let came = outcome(lab, &program.sign(lab, PIN));
            assert_eq!(lab.card().failed_verifies(), 0);
            format!("{came}, after {}", commands(lab.line().len()))
        });
    }
    for (behaviour, slug) in [("an iPhone", "rin"), ("an Android phone, which wants the PIN first", "andoro")] {
        rows.each(behaviour, |program| {
            lab.lay(Wired::new(card(slug)));
            outcome(lab, &program.sign(lab, PIN))
        });
    }

    // What a tap brings is judged by the service.
    let scene = Scene::new().await;
    scene.pin(PIN).await;
    lab.lay(Wired::new(scene.world.card("mukashi")));
    let screen = scene.hold(&readers()).await.screen;
    let checked = words(failure(&screen).expect("it is not accepted"));
    rows.each("a certificate that is out of date since 200 days", |program| {
        lab.lay(Wired::new(card("mukashi")));
        outcome(lab, &program.sign(lab, PIN))
    });
    rows.last()[2] = checked;
}

/// What a card answers instead of what it would. It may keep what it likes.
type Instead = fn(&mut Vec<u8>, &Exchange, &mut VirtualCard) -> Option<Vec<u8>>;

const ODDITIES: [(&str, Instead); 6] = [
    ("the first command is lost (`6F00`)", |kept, _, _| {
        kept.push(1);
        (kept.len() == 1).then(|| vec![0x6F, 0x00])
    }),
    ("no short file identifiers", |_, exchange, _| {
        let named = matches!(exchange.command[..], [_, READ, 0x81.., ..] | [_, VERIFY | SIGN, _, 0x81.., ..]);
        named.then(|| vec![0x6A, 0x86])
    }),
    ("a signature that has to be fetched (`6100`)", |kept, exchange, card| match exchange.command[1] {
        SIGN => {
            *kept = card.transmit(&exchange.command);
            Some(vec![0x61, 0x00])
        }
        GET_RESPONSE => Some(kept.clone()),
        _ => None,
    }),
    ("no certificate was issued", |_, exchange, _| {
        (exchange.is(READ) && exchange.file == CERTIFICATE).then(|| vec![0x6B, 0x00])
    }),
    ("a certificate that says it is 65,539 bytes long", |_, exchange, card| {
        exchange.begins(CERTIFICATE).then(|| {
            let mut answer = card.transmit(&exchange.command);
            answer[2..4].copy_from_slice(&[0xFF, 0xFF]);
            answer
        })
    }),
    ("a certificate that ends (`6B00`) after 512 bytes", |_, exchange, _| {
        let beyond = exchange.is(READ) && matches!(exchange.command[2], 0x02..=0x7F);
        (beyond && exchange.file == CERTIFICATE).then(|| vec![0x6B, 0x00])
    }),
];
