//! A card by itself: vpcd's framing, with the test in the place of the reader.

use std::io::{self, BufRead, Read, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use serde::Serialize;

use super::drawer::{Borrowed, Drawers};
use super::opening::CardOptions;
use super::{Refusal, say};
use crate::Icc;

/// ISO/IEC 7816-4 §5.6: wrong length. Our own decision where a response does not fit into a frame.
const WRONG_LENGTH: [u8; 2] = [0x67, 0x00];

/// What answers the opening.
#[derive(Serialize)]
struct Opened<'a> {
    card: &'a str,
}

/// Serves the connection to its end, or gives why not.
pub(super) fn serve(
    stream: &TcpStream,
    input: &mut impl BufRead,
    options: CardOptions,
    number: u64,
    drawers: &Arc<Drawers>,
) -> io::Result<Option<Refusal>> {
    let drawer = drawers.open(options.drawer, number);
    let mut card = match drawer.take(&options.card, options.interface.into()) {
        Ok(card) => card,
        Err(refusal) => return Ok(Some(refusal)),
    };
    say(stream, &Opened { card: card.name() })?;
    let mut answer_to_reset = None;
    while let Some(message) = frame(input)? {
        if let Some(answer) = answer(&mut card, &mut answer_to_reset, &message) {
            let answer = if answer.len() > usize::from(u16::MAX) { &WRONG_LENGTH[..] } else { &answer };
            send(stream, answer)?;
        }
    }
    Ok(None)
}

/// `00` power off, `01` power on, `02` reset: no answer. `04`: the answer to reset, at any time. Anything else is a
/// command APDU.
fn answer(card: &mut Borrowed, answer_to_reset: &mut Option<Vec<u8>>, message: &[u8]) -> Option<Vec<u8>> {
    match message {
        [0x00] => card.power_off(),
        [0x01] => *answer_to_reset = Some(card.power_on()),
        [0x02] => *answer_to_reset = Some(card.reset()),
        [0x04] => return Some(answer_to_reset.get_or_insert_with(|| card.power_on()).clone()),
        command => return Some(card.transmit(command)),
    }
    None
}

/// A length of two bytes, big-endian, and as many bytes. `None` where the other side ended between two frames.
pub(super) fn frame(input: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 2];
    match input.read_exact(&mut length) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let mut message = vec![0; u16::from_be_bytes(length).into()];
    input.read_exact(&mut message)?;
    Ok(Some(message))
}

/// The reverse of [`frame`]. In one piece, so that it travels as one. An error where it does not fit into a frame.
pub(super) fn send(mut stream: &TcpStream, message: &[u8]) -> io::Result<()> {
    let length = u16::try_from(message.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    stream.write_all(&[&length.to_be_bytes()[..], message].concat())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn what_does_not_fit_into_a_frame_is_an_error_and_nothing_is_sent() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let stream = TcpStream::connect(listener.local_addr().expect("it is bound")).expect("it listens");
        let (mut heard, _) = listener.accept().expect("somebody connects");
        let error = send(&stream, &vec![0; 0x1_0000]).expect_err("it does not fit");
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        send(&stream, &vec![0x5A; 0xFFFF]).expect("it fits");
        assert_eq!(frame(&mut heard).expect("a frame"), Some(vec![0x5A; 0xFFFF]));
    }
}
