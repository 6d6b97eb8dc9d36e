//! Which card is a My Number card.

use core::pin::pin;
use core::task::{Context, Poll, Waker};

use iso7816::{CardChannel, Command, Response};
use jpki::is_my_number_card;
use sandbox_card::{Person, VirtualCard};

use crate::support::{RIGHT, card, held};

/// A card on a channel; the first commands after power-on get these words instead of an answer.
struct Line {
    card: VirtualCard,
    lost: Vec<[u8; 2]>,
    sent: Vec<Vec<u8>>,
}

impl CardChannel for Line {
    async fn transmit(&mut self, command: Command) -> Response {
        let command = command.encode().expose().to_vec();
        let answer = match self.lost.pop() {
            Some(word) => word.to_vec(),
            None => self.card.transmit(&command),
        };
        self.sent.push(command);
        Response::parse(&answer).expect("a response APDU")
    }
}

fn ask(card: VirtualCard, lost: &[[u8; 2]]) -> (bool, Line) {
    let mut line = Line { card, lost: lost.to_vec(), sent: Vec::new() };
    let answer = match pin!(is_my_number_card(&mut line)).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("the line answers at once"),
    };
    (answer, line)
}

#[test]
fn a_card_is_recognised_by_its_application_and_no_other_card_is() {
    for person in Person::all() {
        let (answer, line) = ask(held(&person), &[]);
        assert_eq!(answer, person.slug() != "suika", "{}", person.slug());
        assert_eq!(line.sent.len(), 1);
        assert!(
            line.sent[0].starts_with(&[0x00, 0xA4, 0x04, 0x0C, 0x0A]),
            "SELECT by name, no response data"
        );
    }
}

#[test]
fn a_card_that_loses_its_first_command_is_asked_once_more() {
    let (answer, line) = ask(card("hanako"), &[[0x6F, 0x00]]);
    assert_eq!((answer, line.sent.len()), (true, 2));
    let (answer, line) = ask(card("hanako"), &[[0x6F, 0x00], [0x6F, 0x00]]);
    assert_eq!((answer, line.sent.len()), (false, 2), "not for ever");
    for word in [[0x6A, 0x82], [0x69, 0x82], [0x6D, 0x00], [0x6E, 0x00]] {
        let (answer, line) = ask(card("hanako"), &[word]);
        assert_eq!((answer, line.sent.len()), (false, 1));
    }
}

#[test]
fn recognising_a_card_costs_no_try_and_leaves_it_usable() {
    let (_, mut line) = ask(card("nokori"), &[]);
    let select = line.sent[0].clone();
    assert_eq!(line.card.transmit(&select), [0x90, 0x00]);
    let verify = [&[0x00, 0x20, 0x00, 0x98, 0x04][..], &RIGHT.map(|digit| b'0' + digit)].concat();
    assert_eq!(line.card.transmit(&verify), [0x90, 0x00], "its one try is still there");
}
