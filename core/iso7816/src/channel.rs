//! The line to a card, as a dialogue sees it.

use crate::{Command, Response};

/// Takes a command to a card and brings the card's response back.
///
/// A dialogue is an `async fn` over this trait, so that it reads like the specification and needs no
/// thread, runtime or reader. A channel whose card has gone never answers: whoever drives the dialogue
/// drops it. So there is no error here that every step would have to pass on.
///
/// A channel must not send a command twice by itself: a wrong VERIFY sent twice costs two tries.
pub trait CardChannel {
    /// Sends `command` once and waits for the response to it.
    fn transmit(&mut self, command: Command) -> impl Future<Output = Response> + Send;
}
