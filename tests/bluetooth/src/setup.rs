//! Which reader stands on the counter, and how the two sides are set up.

use core::time::Duration;

use reader::{ChunkSize, SleepDelay};
use sandbox_reader::ble::{CardNotices, Chunk, Cuts, MasterKey, Model, Options, PollingAnswer};

/// A reader, and what the shell knows of it.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Which reader.
    pub model: Model,
    /// How it behaves.
    pub reader: Options,
    /// The key of the institution's own that the shell was told; `None`: the factory's.
    pub key: Option<[u8; 16]>,
    /// How much the shell writes at once; `None`: what the kind is known to take.
    pub chunk: Option<ChunkSize>,
    /// What the shell tells the reader about sleeping.
    pub sleep: Option<SleepDelay>,
    /// The platform says that a chunk is written only after it has handed over what the reader notified thereupon.
    /// Platforms promise no order between the two.
    pub late_written: bool,
    /// How long the platform takes to write a chunk.
    pub write_takes: Duration,
}

/// A key that an institution might have set.
const CUSTOMER_KEY: [u8; 16] = *b"\x5A\x01\xC3\x7E\x00\x05\x0A\xFF\x10\x91\x22\x33\x44\x55\x66\x77";

impl Setup {
    /// A reader as it leaves the factory.
    pub fn of(model: Model) -> Self {
        Self {
            model,
            reader: Options::default(),
            key: None,
            chunk: None,
            sleep: None,
            late_written: false,
            write_takes: Duration::ZERO,
        }
    }

    /// An ACS reader with the factory's key.
    pub fn acs() -> Self {
        Self::of(Model::Acr1255uJ1)
    }

    /// An ACS reader with a key of the institution's own, on both sides.
    pub fn acs_with_key() -> Self {
        let mut setup = Self::acs();
        setup.reader.master_key = MasterKey::new(CUSTOMER_KEY);
        setup.key = Some(CUSTOMER_KEY);
        setup
    }

    /// An ACS reader that answers and notifies as the manual V1.01 prints it.
    pub fn acs_by_the_old_manual() -> Self {
        let mut setup = Self::acs();
        setup.reader.polling_answer = PollingAnswer::Zero;
        setup.reader.card_notices = CardNotices::TwoIsPresent;
        setup
    }

    /// A Feitian reader of the first generation.
    pub fn feitian() -> Self {
        Self::of(Model::Br500C4)
    }

    /// A Feitian reader of the second generation.
    pub fn feitian_second() -> Self {
        Self::of(Model::Br500C6)
    }

    /// Every kind that is supported, each with a name for messages.
    pub fn all() -> [(&'static str, Self); 5] {
        [
            ("ACS, factory's key", Self::acs()),
            ("ACS, own key", Self::acs_with_key()),
            ("ACS, by the manual V1.01", Self::acs_by_the_old_manual()),
            ("Feitian", Self::feitian()),
            ("Feitian, second generation", Self::feitian_second()),
        ]
    }

    /// The same with chunks of this size in both directions.
    ///
    /// # Panics
    ///
    /// If no chunk has this size.
    #[must_use]
    pub fn chunks(mut self, bytes: u8) -> Self {
        self.reader.chunk = Chunk::new(bytes).expect("a chunk has 1 to 244 bytes");
        self.chunk = ChunkSize::new(bytes.into());
        self
    }

    /// The same with answers that are cut, merged and delayed by this seed, and a platform that is late by it.
    #[must_use]
    pub fn shaken(mut self, seed: u64) -> Self {
        self.reader.seed = seed;
        self.reader.cuts = Cuts::Random;
        self.reader.delay = Duration::from_millis(seed % 40);
        self.late_written = seed & 1 == 1;
        self
    }
}
