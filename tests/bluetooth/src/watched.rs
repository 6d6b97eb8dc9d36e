//! A card that remembers what it was told.

use sandbox_reader::{Icc, Plugged};

/// A virtual card, and every command that reached it.
#[derive(Debug)]
pub struct Watched {
    /// The card.
    pub plugged: Plugged,
    /// The commands, oldest first. A PIN is among them: these are test cards.
    pub commands: Vec<Vec<u8>>,
}

impl Watched {
    /// A card that was told nothing yet.
    pub fn new(plugged: Plugged) -> Self {
        Self { plugged, commands: Vec::new() }
    }
}

impl Icc for Watched {
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
        self.commands.push(command.to_vec());
        self.plugged.transmit(command)
    }
}
