//! What a protocol reaches of the reader around it.

use super::air::Out;
use super::fault::Faults;
use super::random::Random;
use super::slot::Slot;

/// The reader, as one of its protocols sees it for the length of a call.
pub(super) struct Inside<'a, C> {
    pub(super) slot: &'a mut Slot<C>,
    pub(super) faults: &'a mut Faults,
    pub(super) random: &'a mut Random,
    /// Whether anybody listens to notices. News of the card is kept until then.
    pub(super) heard: bool,
    /// What is sent, in order.
    pub(super) out: Vec<Out>,
}
