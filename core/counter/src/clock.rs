//! The two clocks of a device.

use std::time::{Duration, Instant};

use time::OffsetDateTime;

/// The port to the device's clocks.
///
/// Whatever protects something (a growing delay, a lock, a PIN's life) counts on the steady clock alone: a
/// person who moves the wall clock shortens nothing.
pub trait Clock: Send + Sync + 'static {
    /// The wall clock. It may be wrong; it is only shown and compared.
    fn now(&self) -> OffsetDateTime;

    /// Time since some fixed moment; never runs backwards and cannot be set. It may start anew with the
    /// process.
    ///
    /// It must count the time in which the device sleeps (`CLOCK_BOOTTIME`, `elapsedRealtime`,
    /// `mach_continuous_time`): a PIN does not live longer in a closed laptop. Where it does not, the counter sees
    /// that the wall clock ran ahead by as long as it takes to lock when idle, and locks.
    fn steady(&self) -> Duration;
}

/// The clocks of the operating system, as the standard library has them: whether the steady one counts sleep
/// depends on the system.
#[derive(Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// The steady clock starts here.
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }

    fn steady(&self) -> Duration {
        self.start.elapsed()
    }
}
