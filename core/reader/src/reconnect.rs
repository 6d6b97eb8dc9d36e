//! When to connect again.

use core::time::Duration;

use crate::ReaderError;

/// When a reader that was lost is connected to again, by itself. The shell owns the clock.
///
/// Nothing that was under way is sent again: what happens to a tap that was lost is decided by the card's dialogue,
/// which reads the counter of tries first. The numbers are our own decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reconnect {
    /// The first pause. Each further one is twice as long.
    pub first: Duration,
    /// The longest pause.
    pub longest: Duration,
    /// The pause when the reader sleeps: its button wakes it, and until then it is not there to be connected to.
    pub asleep: Duration,
}

impl Reconnect {
    /// How long to wait, after a session that ended so ([`Session::loss`](crate::Session::loss)); `None`: until
    /// somebody asks for it.
    ///
    /// `failures` are the sessions in a row, before this one, that ended without having been
    /// [ready](crate::State::is_ready); 0 if this one was ready. A reader that refused the key is left alone, because
    /// it counts the attempts.
    pub fn after(&self, loss: Option<ReaderError>, failures: u32) -> Option<Duration> {
        match loss {
            None
            | Some(
                ReaderError::AuthenticationRefused | ReaderError::WrongKey | ReaderError::TooManyAttempts,
            ) => None,
            Some(ReaderError::Asleep) => Some(self.asleep),
            Some(_) => {
                let factor = 2_u32.saturating_pow(failures);
                Some(self.first.saturating_mul(factor).min(self.longest))
            }
        }
    }
}

/// Half a second, doubled up to 30 s; 5 s for a reader that sleeps.
impl Default for Reconnect {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(500),
            longest: Duration::from_secs(30),
            asleep: Duration::from_secs(5),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_the_longest() {
        let policy = Reconnect::default();
        let pauses: Vec<_> = [0, 1, 2, 5, 6, 31, 32, u32::MAX]
            .map(|failures| policy.after(Some(ReaderError::LinkLost), failures))
            .into_iter()
            .map(|pause| pause.expect("automatic").as_millis())
            .collect();
        assert_eq!(pauses, [500, 1000, 2000, 16_000, 30_000, 30_000, 30_000, 30_000]);
    }

    #[test]
    fn a_reader_that_refused_the_key_is_not_asked_again_by_itself() {
        for loss in [ReaderError::AuthenticationRefused, ReaderError::WrongKey, ReaderError::TooManyAttempts]
        {
            assert_eq!(Reconnect::default().after(Some(loss), 0), None);
        }
    }

    #[test]
    fn what_was_ended_on_purpose_stays_ended() {
        assert_eq!(Reconnect::default().after(None, 0), None);
    }
}
