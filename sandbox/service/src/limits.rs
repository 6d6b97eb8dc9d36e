//! Counting requests.

use core::hash::Hash;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use crate::config::Rate;

/// The generic cell rate algorithm (ITU-T I.371 §A): per key, one number says when the next request would
/// be due if all came evenly. Kept in memory; a restart forgives.
#[derive(Debug)]
pub(crate) struct Limiter<K> {
    rate: Rate,
    due: Mutex<HashMap<K, i64>>,
}

/// How many keys are kept before those that are idle are dropped.
const SWEEP_AT: usize = 10_000;

impl<K: Eq + Hash> Limiter<K> {
    pub(crate) fn new(rate: Rate) -> Self {
        Self { rate, due: Mutex::new(HashMap::new()) }
    }

    /// Counts a request at `now` (seconds), or says after how many seconds to ask again.
    pub(crate) fn take(&self, key: K, now: i64) -> Result<(), u32> {
        let now = now.saturating_mul(1000);
        let step =
            i64::try_from(self.rate.per.as_millis()).unwrap_or(i64::MAX) / i64::from(self.rate.count.max(1));
        let room = step.saturating_mul(i64::from(self.rate.burst.max(1)));
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        if due.len() >= SWEEP_AT {
            due.retain(|_, at| *at > now);
        }
        let at = due.entry(key).or_insert(now);
        // Further ahead than a burst can get: the clock was set back, and nobody is locked out for that.
        let from = if *at > now.saturating_add(room) { now } else { now.max(*at) };
        let next = from.saturating_add(step);
        let over = next - now - room;
        if over > 0 {
            return Err(u32::try_from(over.div_euclid(1000) + 1).unwrap_or(u32::MAX));
        }
        *at = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::*;

    #[test]
    fn a_burst_passes_and_then_requests_come_at_the_rate() {
        let limiter = Limiter::new(Rate { burst: 10, count: 30, per: Duration::from_mins(1) });
        for _ in 0..10 {
            assert_eq!(limiter.take("a", 1000), Ok(()));
        }
        assert_eq!(limiter.take("a", 1000), Err(3));
        assert_eq!(limiter.take("b", 1000), Ok(()), "another caller is not touched");
        assert_eq!(limiter.take("a", 1002), Ok(()));
        assert!(limiter.take("a", 1002).is_err());
        for _ in 0..10 {
            assert_eq!(limiter.take("a", 1100), Ok(()));
        }
        assert!(limiter.take("a", 1100).is_err());
    }

    #[test]
    fn a_clock_set_back_does_not_lock_out() {
        let limiter = Limiter::new(Rate { burst: 2, count: 2, per: Duration::from_mins(1) });
        assert_eq!(limiter.take("a", 1_000_000), Ok(()));
        assert_eq!(limiter.take("a", 10), Ok(()));
    }
}
