//! A card that is taken away in the middle of it all.

use sandbox_reader::{Icc, Plugged};

/// A card that leaves the reader at a certain command: the answer never comes, and to PC/SC programs the card was taken
/// out.
///
/// [`Inserted::is_gone`](sandbox_reader::Inserted::is_gone) says when it is out, and
/// [`remove`](sandbox_reader::Inserted::remove) gives it back.
#[derive(Clone, Debug)]
pub struct Leaving {
    /// The card.
    pub plugged: Plugged,
    /// How many commands it answers before.
    pub after: usize,
    /// Whether it does what the last command asks, of which only the answer is lost.
    pub obeys: bool,
}

impl Icc for Leaving {
    fn power_on(&mut self) -> Vec<u8> {
        self.plugged.power_on()
    }

    fn power_off(&mut self) {
        self.plugged.power_off();
    }

    fn reset(&mut self) -> Vec<u8> {
        self.plugged.reset()
    }

    fn transmit(&mut self, command: &[u8]) -> Vec<u8> {
        let Some(after) = self.after.checked_sub(1) else {
            if self.obeys {
                self.plugged.transmit(command);
            }
            return Vec::new();
        };
        self.after = after;
        self.plugged.transmit(command)
    }
}
