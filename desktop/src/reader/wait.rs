//! Waiting for a card.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use counter::ReaderTrouble;
use pcsc::{Context, Error, PNP_NOTIFICATION, State};

use super::state::{CardState, ReaderState, Seen};

/// So long at most a waiting thread does not look whether it shall stop. A card is noticed when it comes.
pub(super) const SLICE: Duration = Duration::from_millis(200);

/// Ends the waiting for a card, from any thread. A clone ends the same waiting.
///
/// Use a new one for each wait: what is stopped stays stopped, so that it does not matter which comes first.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// A wait that holds it returns soon (0.2 s).
    pub fn stop(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether it was stopped.
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// What is waited for, to be told to who stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// A card.
    ForCard,
    /// Cards lie in more than one reader, and none is touched: one is to be left, or a reader chosen by name.
    ForOneCardOnly,
}

/// What a look at the readers comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Choice {
    Card(Seen),
    Wait(Waiting),
    Trouble(ReaderTrouble),
}

/// Chooses among the readers whose names contain `only`.
///
/// Of two cards none is chosen: to ask a card whether it is the right one would take hold of a card that another
/// program may use, and to guess may cost somebody a try.
pub(super) fn choose(states: &[ReaderState], only: Option<&str>) -> Choice {
    let wanted = |state: &&ReaderState| only.is_none_or(|part| state.name.contains(part));
    let readers: Vec<_> = states.iter().filter(wanted).collect();
    let mut cards = readers.iter().filter(|state| state.card == CardState::Present);
    let some_are = |card| readers.iter().any(|state| state.card == card);
    match (cards.next(), cards.next()) {
        (Some(_), Some(_)) => Choice::Wait(Waiting::ForOneCardOnly),
        (Some(state), None) => Choice::Card(state.seen.clone()),
        (None, _) if readers.is_empty() => Choice::Trouble(ReaderTrouble::NoReader),
        (None, _) if some_are(CardState::Silent) => Choice::Trouble(ReaderTrouble::CardSilent),
        (None, _) if some_are(CardState::Taken) => Choice::Trouble(ReaderTrouble::InUse),
        (None, _) => Choice::Wait(Waiting::ForCard),
    }
}

/// A trouble counts when it lasts: a reader that starts, a card that is still on its way into it and a service that
/// starts again are none.
#[derive(Default)]
pub(super) struct Lasting(Option<(ReaderTrouble, Instant)>);

impl Lasting {
    /// Whether this trouble, or none, has lasted for so long.
    pub(super) fn lasts(&mut self, trouble: Option<ReaderTrouble>, patience: Duration) -> bool {
        let since = match (self.0, trouble) {
            (_, None) => {
                self.0 = None;
                return false;
            }
            (Some((last, since)), Some(trouble)) if last == trouble => since,
            (_, Some(trouble)) => {
                let now = Instant::now();
                self.0 = Some((trouble, now));
                now
            }
        };
        since.elapsed() >= patience
    }
}

/// Tells of readers that come and go: the pseudo reader `\\?PnP?\Notification`, where the platform has it. Where it
/// has not, as on macOS, they are noticed after a [`SLICE`].
pub(super) struct PlugAndPlay(Option<pcsc::ReaderState>);

impl PlugAndPlay {
    pub(super) fn of(context: &Context) -> Self {
        let mut probe = [pcsc::ReaderState::new(PNP_NOTIFICATION(), State::UNAWARE)];
        let known = match context.get_status_change(Duration::ZERO, &mut probe) {
            Ok(()) | Err(Error::Timeout) => !probe[0].event_state().contains(State::UNKNOWN),
            Err(_) => false,
        };
        let [mut state] = probe;
        state.sync_current_state();
        Self(known.then_some(state))
    }

    /// Waits a slice, or until a reader or a card comes or goes.
    pub(super) fn wait(&mut self, context: &Context, readers: Vec<pcsc::ReaderState>) -> Result<(), Error> {
        let mut states = readers;
        for state in &mut states {
            state.sync_current_state();
        }
        let watches_readers = self.0.is_some();
        states.extend(self.0.take());
        if states.is_empty() {
            std::thread::sleep(SLICE);
            return Ok(());
        }
        let waited = context.get_status_change(SLICE, &mut states);
        if watches_readers && let Some(mut state) = states.pop() {
            state.sync_current_state();
            self.0 = Some(state);
        }
        match waited {
            // A reader went in this moment: the next look says so.
            Ok(()) | Err(Error::Timeout | Error::UnknownReader) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(name: &str, card: CardState) -> ReaderState {
        let seen = Seen { reader: std::ffi::CString::new(name).expect("no zero"), service: 1, count: 1 };
        ReaderState { name: name.to_owned(), card, in_use: false, seen }
    }

    const A: &str = "Maker Contact Reader 00 00";
    const B: &str = "Maker Radio Reader 01 00";

    #[test]
    fn the_reader_with_a_card_is_chosen() {
        for states in [
            vec![reader(A, CardState::Absent), reader(B, CardState::Present)],
            vec![reader(A, CardState::Taken), reader(B, CardState::Present)],
            vec![reader(A, CardState::Silent), reader(B, CardState::Present)],
        ] {
            assert_eq!(choose(&states, None), Choice::Card(states[1].seen.clone()), "{states:?}");
        }
    }

    #[test]
    fn of_two_cards_none_is_chosen_unless_a_reader_is_named() {
        let states = [reader(A, CardState::Present), reader(B, CardState::Present)];
        assert_eq!(choose(&states, None), Choice::Wait(Waiting::ForOneCardOnly));
        assert_eq!(choose(&states, Some("Reader")), Choice::Wait(Waiting::ForOneCardOnly));
        assert_eq!(choose(&states, Some("Radio")), Choice::Card(states[1].seen.clone()));
        assert_eq!(choose(&states, Some("Other")), Choice::Trouble(ReaderTrouble::NoReader));
    }

    #[test]
    fn without_a_card_it_is_told_what_is_there() {
        for (states, expected) in [
            (vec![], Choice::Trouble(ReaderTrouble::NoReader)),
            (vec![reader(A, CardState::Absent)], Choice::Wait(Waiting::ForCard)),
            (
                vec![reader(A, CardState::Absent), reader(B, CardState::Silent)],
                Choice::Trouble(ReaderTrouble::CardSilent),
            ),
            (
                vec![reader(A, CardState::Taken), reader(B, CardState::Absent)],
                Choice::Trouble(ReaderTrouble::InUse),
            ),
        ] {
            assert_eq!(choose(&states, None), expected, "{states:?}");
        }
    }

    #[test]
    fn a_trouble_counts_when_it_lasts() {
        let (short, long) = (Duration::ZERO, Duration::from_hours(1));
        let mut lasting = Lasting::default();
        assert!(!lasting.lasts(None, short));
        assert!(lasting.lasts(Some(ReaderTrouble::NoReader), short));
        assert!(!lasting.lasts(Some(ReaderTrouble::NoReader), long));
        assert!(!lasting.lasts(Some(ReaderTrouble::CardSilent), long), "another trouble starts anew");
    }

    #[test]
    fn what_is_stopped_stays_stopped() {
        let stop = Stop::default();
        stop.clone().stop();
        assert!(stop.is_stopped());
    }
}
