//! A wrong byte that nobody on the way can notice: CCID has no checksum, and with ACS the checksums were made to fit.
//!
//! What comes of it is a typed end, or evidence; evidence that is not the card's is for the service to refuse (`desk.rs`).
//! The card loses nothing in any case. With two such bytes it might: a reader that lies about the counter of tries is
//! not seen through by anybody.

use bluetooth::{End, Setup};
use jpki::TapError;
use sandbox_reader::ble::{Layer, Mishap, Model};

use crate::support::{Direct, Entry, befall};

fn lies(setup: &Setup, at: usize) -> Vec<Mishap> {
    let acs = setup.model == Model::Acr1255uJ1;
    let lie = |layer, xor| Mishap::Corrupt { layer, at, xor, mended: true };
    // In the outer frame it is a wrong byte of the cipher's: a block of nonsense.
    let frame = acs.then(|| lie(Layer::Frame, 0x40));
    [0x01, 0xF3].map(|xor| lie(Layer::Message, xor)).into_iter().chain(frame).collect()
}

#[test]
fn a_wrong_byte_that_fits_costs_no_try() {
    for entry in [Entry::WrongPin, Entry::RightPin] {
        let direct = Direct::new(entry);
        for setup in [Setup::acs(), Setup::feitian()] {
            for (answer, length) in direct.frames(&setup).into_iter().enumerate() {
                // Every byte of a short answer, and the head and the end of a long one.
                let bytes = (0..length).filter(|at| *at < 16 || length - at < 6);
                for mishap in bytes.flat_map(|at| lies(&setup, at)) {
                    let visited = befall(&setup, entry, answer, &mishap);
                    let typed = match visited.end {
                        End::Evidence(_) => entry == Entry::RightPin,
                        End::Tap(error) => error != TapError::Over,
                        End::Reader(_) | End::Tired => false,
                    };
                    assert!(typed, "answer {answer}, {mishap:?}: {visited:?}");
                    assert!(visited.losses.len() <= 1, "answer {answer}, {mishap:?}: {visited:?}");
                }
            }
        }
    }
}
