//! Numbers that look random and come again.

use core::time::Duration;

/// `SplitMix64` (Steele, Lea, Flood, "Fast splittable pseudorandom number generators"): small, and good enough to
/// cut bytes. Nothing here is a secret.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    /// Each `purpose` has a sequence of its own, so that more of one leaves the others as they are.
    pub(super) fn new(seed: u64, purpose: u64) -> Self {
        let mut random = Self(seed);
        Self(random.next() ^ purpose)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    /// One of 1 to `most`; `most` is at least one.
    pub(super) fn one_to(&mut self, most: usize) -> usize {
        let most = u64::try_from(most).expect("no length has more than 64 bits");
        usize::try_from(self.next() % most).expect("it is less than a length") + 1
    }

    /// Zero to `most`.
    pub(super) fn delay(&mut self, most: Duration) -> Duration {
        let most = u64::try_from(most.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(self.next() % most.saturating_add(1))
    }

    /// Heads or tails.
    pub(super) fn coin(&mut self) -> bool {
        self.next() & 1 == 1
    }

    /// A block for authentication.
    pub(super) fn block(&mut self) -> [u8; 16] {
        (u128::from(self.next()) << 64 | u128::from(self.next())).to_be_bytes()
    }
}
