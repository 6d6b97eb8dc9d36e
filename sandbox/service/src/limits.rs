//! Counting requests.

use core::hash::Hash;
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
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

/// For whom an address is counted. One host has a whole /64 of IPv6 (RFC 4291 §2.5.1) and may change its address
/// in it as it likes (RFC 8981), so the network is counted. An IPv4 address is one, however it is written.
pub(crate) fn caller_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address @ IpAddr::V4(_) => address,
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
    fn a_network_of_one_host_is_one_caller() {
        let caller = |text: &str| caller_of(text.parse().expect("an address"));
        assert_eq!(caller("2001:db8:1:2:3:4:5:6"), caller("2001:db8:1:2:ffff::1"));
        assert_ne!(caller("2001:db8:1:2::1"), caller("2001:db8:1:3::1"));
        assert_ne!(caller("192.0.2.1"), caller("192.0.2.2"));
        assert_eq!(caller("192.0.2.1"), caller("::ffff:192.0.2.1"));
        assert_ne!(caller("::ffff:192.0.2.1"), caller("::ffff:192.0.2.2"));
    }

    #[test]
    fn a_clock_set_back_does_not_lock_out() {
        let limiter = Limiter::new(Rate { burst: 2, count: 2, per: Duration::from_mins(1) });
        assert_eq!(limiter.take("a", 1_000_000), Ok(()));
        assert_eq!(limiter.take("a", 10), Ok(()));
    }
}
