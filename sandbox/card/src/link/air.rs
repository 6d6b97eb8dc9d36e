//! ISO/IEC 14443-4 over a type B air: how long the bits take.

use std::time::Duration;

use super::Pair;

/// The carrier, fc (ISO/IEC 14443-2 §6): 13.56 MHz. Everything below is counted in its periods.
const CARRIER: u64 = 13_560_000;

/// The subcarrier's period, 1/fs = 16/fc (ISO/IEC 14443-2 §9.2).
const SUBCARRIER_PERIOD: u64 = 16;

/// Characters of a block around its INF: PCB and `CRC_B` (ISO/IEC 14443-4 §7.1); no CID, no NAD.
const BLOCK_OVERHEAD: usize = 3;

/// INF of a block at most. FSC and FSD are 256: so the published ATQBs of the card, and what readers offer.
const INF: usize = 256 - BLOCK_OVERHEAD;

/// Start bit, eight bits, stop bit (ISO/IEC 14443-3 §7.1). The extra guard time between characters is optional
/// and taken as none.
const ETU_PER_CHARACTER: u64 = 10;

/// SOF of 12 to 14 etu, EOF of 10 to 11 etu (ISO/IEC 14443-3 §7.1): 12.5 and 10.5, in half etu.
const HALF_ETU_PER_FRAME: u64 = 25 + 21;

/// The silence before each frame, for two of them. The card's: the least TR0 + TR1, 64/fs + 80/fs. The reader's: the
/// least TR2, ten etu of the initial rate + 32/fs (ISO/IEC 14443-3 §7.1, §7.9.4). 302 µs together, at any rate.
const TURNAROUND: u64 = (64 + 80) * SUBCARRIER_PERIOD + 10 * Rate::Kbit106.etu() + 32 * SUBCARRIER_PERIOD;

/// S(WTX), request and response (ISO/IEC 14443-4 §7.3): WTXM is its INF.
const WAITING_BLOCKS: [usize; 2] = [1, 1];

/// Bits in a second, both ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    /// fc/128: where every card begins.
    Kbit106,
    /// fc/64.
    Kbit212,
    /// fc/32: the fastest of the cards whose ATQB is published.
    Kbit424,
    /// fc/16.
    Kbit847,
}

impl Rate {
    /// Periods of the carrier in an etu.
    const fn etu(self) -> u64 {
        match self {
            Self::Kbit106 => 128,
            Self::Kbit212 => 64,
            Self::Kbit424 => 32,
            Self::Kbit847 => 16,
        }
    }
}

/// The air between a reader and a card: half duplex, block after block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Air {
    /// How fast.
    pub rate: Rate,
    /// Frame waiting time integer of the card's ATQB (ISO/IEC 14443-3 §7.9.4), at most 14: how long a card may be
    /// silent. The published ones have 10 or 13.
    pub fwi: u8,
}

impl Air {
    /// With FWI 10, 309 ms.
    pub const fn at(rate: Rate) -> Self {
        Self { rate, fwi: 10 }
    }

    /// A pair, chained both ways where it needs more than one block: each block but the last is acknowledged by an
    /// R(ACK) (ISO/IEC 14443-4 §7.5).
    pub fn time(self, pair: Pair) -> Duration {
        let (command, response) = (blocks(pair.command), blocks(pair.response));
        let acknowledgements = command.len() + response.len() - 2;
        let frames = [command, response, vec![0; acknowledgements]].concat();
        self.frames(&frames)
    }

    /// What S(WTX) adds where a card is at work for longer than the frame waiting time. That it asks for one more
    /// such time each time (WTXM = 1) is our own decision.
    pub(super) fn waiting(self, work: Duration) -> Duration {
        // ISO/IEC 14443-4 §7.2.
        let frame_waiting_time = periods((256 * 16) << self.fwi.min(14));
        let times = work.as_nanos() / frame_waiting_time.as_nanos();
        self.frames(&WAITING_BLOCKS) * u32::try_from(times).unwrap_or(u32::MAX)
    }

    /// Frames there and back; an even number, for each is answered.
    fn frames(self, infs: &[usize]) -> Duration {
        let characters: usize = infs.iter().map(|inf| BLOCK_OVERHEAD + inf).sum();
        let frames = infs.len() as u64;
        let etu = self.rate.etu();
        let bits = characters as u64 * ETU_PER_CHARACTER * etu + frames * HALF_ETU_PER_FRAME * etu / 2;
        periods(bits + frames / 2 * TURNAROUND)
    }
}

/// How an APDU is cut: the INF of each block.
fn blocks(apdu: usize) -> Vec<usize> {
    let last = apdu - (apdu.saturating_sub(1) / INF) * INF;
    let mut blocks = vec![INF; (apdu - last) / INF];
    blocks.push(last);
    blocks
}

/// Periods of the carrier.
fn periods(periods: u64) -> Duration {
    Duration::from_nanos(periods * 1_000_000_000 / CARRIER)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(rate: Rate, command: usize, response: usize) -> u128 {
        Air::at(rate).time(Pair::new(command, response)).as_micros()
    }

    /// Counted by hand: SELECT of an EF and its status word are blocks of 10 and 5 characters, 150 etu; two SOF and
    /// EOF, 46 etu; 196 × 9.4395 µs + 302 µs.
    #[test]
    fn a_short_pair_is_two_frames() {
        assert_eq!(micros(Rate::Kbit106, 7, 2), 2_152);
    }

    /// By hand: 8, 256, 3 and 8 characters, four frames: 2,842 etu and two turnarounds.
    #[test]
    fn a_full_read_is_chained_and_acknowledged() {
        assert_eq!(micros(Rate::Kbit106, 5, 258), 27_431);
        // The turnarounds stay what they are, the rest is halved.
        assert_eq!(micros(Rate::Kbit212, 5, 258), (27_431 - 604) / 2 + 604);
    }

    #[test]
    fn blocks_are_cut_at_253_bytes() {
        assert_eq!(blocks(2), [2]);
        assert_eq!(blocks(253), [253]);
        assert_eq!(blocks(254), [253, 1]);
        assert_eq!(blocks(506), [253, 253]);
        assert_eq!(blocks(1592), [253, 253, 253, 253, 253, 253, 74]);
        assert_eq!(blocks(0), [0]);
    }

    /// FWI 10 is 309 ms, FWI 13 is 2.47 s. S(WTX) and its answer are four characters each.
    #[test]
    fn a_card_that_works_longer_than_it_may_be_silent_asks_for_more_time() {
        let waiting =
            |fwi, millis| Air { rate: Rate::Kbit106, fwi }.waiting(Duration::from_millis(millis)).as_micros();
        assert_eq!(waiting(10, 309), 0);
        assert_eq!(waiting(10, 310), 126 * 94_395 / 10_000 + 302);
        assert_eq!(waiting(10, 700) / 2, waiting(10, 310));
        assert_eq!(waiting(13, 2_000), 0);
    }
}
