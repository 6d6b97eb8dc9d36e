//! The virtual Bluetooth readers, and the interface on loopback that offers them.

mod acs;
mod acs_air;
mod acs_faults;
mod acs_host;
mod ccid;
mod ccid_host;
mod vectors;

use std::time::Duration;

use sandbox_reader::Icc;
use sandbox_reader::ble::{Fault, Happening, Mishap, Place, Uuid, VirtualReader};

/// A card that says what happened to it, and answers a command with the same bytes and `9000`.
#[derive(Debug, Default)]
pub(crate) struct Echo {
    pub(crate) commands: Vec<Vec<u8>>,
    pub(crate) powered: bool,
    /// Says nothing when it gets power.
    pub(crate) mute: bool,
}

pub(crate) const ATR: &[u8] = b"\x3B\x88\x80\x01\x00\x00\x05\xE0\xB3\x81\xA1\x00\x7F";

impl Icc for Echo {
    fn power_on(&mut self) -> Vec<u8> {
        self.powered = true;
        if self.mute { Vec::new() } else { ATR.to_vec() }
    }

    fn power_off(&mut self) {
        self.powered = false;
    }

    fn reset(&mut self) -> Vec<u8> {
        ATR.to_vec()
    }

    fn transmit(&mut self, command: &[u8]) -> Vec<u8> {
        assert!(self.powered, "a reader does not ask a card without power");
        self.commands.push(command.to_vec());
        [command, b"\x90\x00"].concat()
    }
}

/// What has reached the host, and whether the link is gone.
pub(crate) fn heard<C: Icc>(reader: &mut VirtualReader<C>) -> (Vec<(Uuid, Vec<u8>)>, bool) {
    let mut values = Vec::new();
    let mut gone = false;
    while let Some(happening) = reader.next_happening() {
        assert!(!gone, "nothing comes after the end");
        match happening {
            Happening::Notified { characteristic, value } => values.push((characteristic, value)),
            Happening::Disconnected => gone = true,
        }
    }
    (values, gone)
}

pub(crate) fn at_answer(number: u32, mishap: Mishap) -> Fault {
    Fault { at: Place::Answer(number), mishap }
}

pub(crate) const fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}

pub(crate) fn unhex(digits: &str) -> Vec<u8> {
    let digits: Vec<u8> = digits.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    digits
        .chunks(2)
        .map(|pair| {
            let pair = core::str::from_utf8(pair).expect("digits are ASCII");
            u8::from_str_radix(pair, 16).expect("they are hexadecimal")
        })
        .collect()
}
