//! Telling a My Number card from any other, for lists of readers.

use iso7816::{CardChannel, StatusWord};

use crate::{card::select, consts};

/// Whether the card has the JPKI application: a My Number card, or a phone that holds one.
///
/// One SELECT, and a second one where the card loses its first command (see the front page). It costs no try, and
/// reads nothing. By its answer to reset no card is recognised: there are several, and a reader makes up the one of
/// a contactless card.
///
/// The application is selected afterwards. So this is for a card that no other program is using: with another
/// application, a verified PIN is left behind.
pub async fn is_my_number_card(channel: &mut impl CardChannel) -> bool {
    let mut status = channel.transmit(select(&consts::JPKI_AP)).await.status();
    if consts::is_first_command_lost(status) {
        status = channel.transmit(select(&consts::JPKI_AP)).await.status();
    }
    status == StatusWord::Success
}
