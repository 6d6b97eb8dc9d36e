//! The clocks of a phone.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use counter::{Clock, SystemClock};
use time::OffsetDateTime;

/// The system's clocks. Its steady one does not count the time in which the device sleeps, neither on Android
/// (`CLOCK_MONOTONIC`) nor on iOS: the shell says how long that was.
#[derive(Default)]
pub(crate) struct DeviceClock {
    system: SystemClock,
    /// In nanoseconds: enough for five centuries.
    slept: AtomicU64,
}

impl DeviceClock {
    /// The device slept for so long.
    pub(crate) fn slept(&self, how_long: Duration) {
        let nanoseconds = u64::try_from(how_long.as_nanos()).unwrap_or(u64::MAX);
        let longer = |slept: u64| Some(slept.saturating_add(nanoseconds));
        // It never fails: there is always a sum.
        let _ = self.slept.fetch_update(Ordering::SeqCst, Ordering::SeqCst, longer);
    }
}

impl Clock for DeviceClock {
    fn now(&self) -> OffsetDateTime {
        self.system.now()
    }

    fn steady(&self) -> Duration {
        let slept = Duration::from_nanos(self.slept.load(Ordering::SeqCst));
        self.system.steady().saturating_add(slept)
    }
}
