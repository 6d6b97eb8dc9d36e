//! A tap with a card in a reader.

use counter::{Screen, Tap, TapStep};

use crate::Card;

/// What came of a tap.
#[derive(Debug)]
pub struct Tapped {
    /// The screen afterwards.
    pub screen: Screen,
    /// What the card was asked, and its status words: no data. For the help desk.
    pub transcript: String,
}

/// Goes through a tap with a card, until the card may be taken away or is lost.
///
/// It returns at once after the last command; what a screen asks for next (the service) is done while the card lies
/// there. Drop the card then: its power is taken, and other programs may have it.
pub fn run_tap(mut tap: Tap, card: &mut Card) -> Tapped {
    let mut answer: Option<Vec<u8>> = None;
    loop {
        let command = match tap.next(answer.as_deref()) {
            TapStep::Done(screen) => return Tapped { screen, transcript: tap.transcript() },
            TapStep::Transmit(command) => command,
        };
        match card.transmit(command) {
            Ok(bytes) => answer = Some(bytes),
            Err(lost) => {
                let transcript = tap.transcript();
                return Tapped { screen: tap.lost(lost), transcript };
            }
        }
    }
}
