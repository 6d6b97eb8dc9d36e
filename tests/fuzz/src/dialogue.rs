//! A tap, whatever its card answers.

use std::sync::{Arc, OnceLock};

use jpki::{Evidence, Lengths, Method, Step, Tap, TapError};
use sandbox_card::{Person, VirtualCard};
use secret::{BirthDigits, Pin};
use time::macros::date;

use crate::Example;
use crate::script::{Script, counted};

/// No tap is longer, whatever is answered: a certificate's length has two bytes, and is read in pieces of 256.
const LONGEST: usize = 300;

/// Hanako's card, as new.
pub(crate) fn hanako() -> VirtualCard {
    static CARD: OnceLock<VirtualCard> = OnceLock::new();
    CARD.get_or_init(|| {
        let person = Person::named("hanako").expect("she is one of the named persons");
        person.personalise(date!(2026 - 11 - 23))
    })
    .clone()
}

/// In the number of the method: the way to the card carries extended length.
const EXTENDED: u8 = 0x08;

/// The method, then the card's answers. An empty one is a card that is lost, and held again.
pub(crate) fn run(bytes: &[u8]) {
    let mut script = Script::new(bytes);
    let to_sign: jpki::ToSign = Arc::new(|card| *card);
    let which = script.number();
    let mut tap = Tap::new(method(which), Arc::clone(&to_sign));
    tap.lengths(lengths(which));
    let (mut verifies, mut begun, mut failed) = (0, 1, 0);
    let (mut step, mut length) = (tap.next(None), 0);
    loop {
        let Step::Transmit(command) = step else {
            assert!(matches!(tap.next(None), Step::Done(Err(TapError::Over))));
            return;
        };
        let is_verify = command.expose()[1] == 0x20 && command.len() > 5;
        verifies += usize::from(is_verify);
        assert!(
            lengths(which) == Lengths::Extended || !is_extended(command.expose()),
            "nothing carries this"
        );
        if script.is_over() {
            return;
        }
        let answer = script.counted();
        if answer.is_empty() {
            (begun, length) = (begun + 1, 0);
            tap = tap.lost().resume(Arc::clone(&to_sign));
            tap.lengths(lengths(which));
            step = tap.next(None);
        } else {
            failed += usize::from(is_verify && matches!(answer, [.., 0x63, _]));
            step = tap.next(Some(answer));
        }
        assert!(failed <= 1, "a PIN that was refused was sent again");
        assert!(verifies <= begun.min(2), "a PIN was sent too often");
        length += 1;
        assert!(length <= LONGEST, "this has no end");
    }
}

/// What Hanako's card gives for a 目視確認.
pub(crate) fn evidence() -> Evidence {
    let mut card = hanako();
    card.power_on();
    let mut tap = Tap::new(method(1), Arc::new(|card| *card));
    let mut step = tap.next(None);
    loop {
        step = match step {
            Step::Transmit(command) => tap.next(Some(&card.transmit(command.expose()))),
            Step::Done(evidence) => return evidence.expect("the birth date is right"),
        };
    }
}

fn lengths(which: u8) -> Lengths {
    if which & EXTENDED == 0 { Lengths::Short } else { Lengths::Extended }
}

/// Lc or Le of more than one byte begins with a zero (ISO/IEC 7816-4 §5.1).
fn is_extended(command: &[u8]) -> bool {
    command.len() > 5 && command[4] == 0
}

fn method(which: u8) -> Method {
    let last_try = which & 0x04 != 0;
    match which & 0x03 {
        0 => Method::Pin { pin: Pin::from_digits([1, 2, 3, 4]).expect("digits"), last_try },
        1 => Method::VisualProven {
            birth: BirthDigits::from_digits([5, 5, 0, 2, 1, 7]).expect("digits"),
            last_try,
        },
        _ => Method::VisualAttested,
    }
}

pub(crate) fn examples() -> Vec<Example> {
    let mut examples = Vec::new();
    let methods = [
        (0, "pin"),
        (1, "proven"),
        (2, "attested"),
        (EXTENDED, "pin-extended"),
        (EXTENDED | 1, "proven-extended"),
    ];
    for (which, name) in methods {
        let (mut whole, mut lost) = (vec![which], vec![which]);
        let mut card = hanako();
        card.power_on();
        let mut tap = Tap::new(method(which), Arc::new(|card| *card));
        tap.lengths(lengths(which));
        let mut step = tap.next(None);
        while let Step::Transmit(command) = step {
            let answer = card.transmit(command.expose());
            whole.extend(counted(&answer));
            if lost.len() < 600 {
                lost.extend(counted(&answer));
            }
            step = tap.next(Some(&answer));
        }
        // Lost after some commands, and begun again.
        lost.extend([0, 0]);
        lost.extend(&whole[1..]);
        examples.push(Example::new(name, whole));
        examples.push(Example::new(&format!("{name}-lost"), lost));
    }
    examples
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_end_with_evidence() {
        for example in examples().iter().filter(|example| !example.name.ends_with("lost")) {
            let mut script = Script::new(&example.bytes);
            let which = script.number();
            let mut tap = Tap::new(method(which), Arc::new(|card| *card));
            tap.lengths(lengths(which));
            let (mut step, mut extended) = (tap.next(None), false);
            while let Step::Transmit(command) = step {
                extended |= is_extended(command.expose());
                step = tap.next(Some(script.counted()));
            }
            assert!(matches!(step, Step::Done(Ok(_))), "{}: {step:?}", example.name);
            assert_eq!(extended, lengths(which) == Lengths::Extended, "{}", example.name);
        }
    }
}
