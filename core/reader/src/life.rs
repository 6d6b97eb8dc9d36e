//! The life of a reader.

/// Where a reader is in its life.
///
/// ```text
/// Discovered ──▶ Connected ──▶ Authenticated ──▶ Polling ◀──▶ Card ◀──▶ Powered
///                    │   (kinds without a key)      ▲▲                      │
///                    └──────────────────────────────┘└──────────────────────┘
///                                                           the card is taken away
///
/// Connected, Authenticated, Polling, Card, Powered ──▶ Asleep ──▶ Lost
/// any but Lost ────────────────────────────────────────────────▶ Lost
/// ```
///
/// `Lost` is the end: the connection is to be closed, and what follows is another [`Session`](crate::Session), when
/// [`Reconnect`](crate::Reconnect) says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Seen in a scan, or known from earlier; not connected.
    Discovered,
    /// Services are discovered and notifications are on.
    Connected,
    /// Reader and app have proven to each other that they know the key. Kinds without a key skip this.
    Authenticated,
    /// The reader looks for a card, and there is none.
    Polling,
    /// A card is there, and has no power as far as we know.
    Card,
    /// The card has answered to its reset: commands may go to it.
    Powered,
    /// The reader said that it goes to sleep. It takes no commands, and closes the connection.
    Asleep,
    /// Over.
    Lost,
}

impl State {
    /// Whether `next` may follow.
    pub fn may_become(self, next: Self) -> bool {
        use State::{Asleep, Authenticated, Card, Connected, Discovered, Lost, Polling, Powered};
        match (self, next) {
            (Lost, _) => false,
            (_, Lost)
            | (Discovered, Connected)
            | (Connected, Authenticated | Polling)
            | (Authenticated | Powered, Polling)
            | (Polling | Powered, Card)
            | (Card, Polling | Powered)
            | (Connected | Authenticated | Polling | Card | Powered, Asleep) => true,
            _ => false,
        }
    }

    /// Whether the reader is ready for requests.
    pub fn is_ready(self) -> bool {
        matches!(self, Self::Polling | Self::Card | Self::Powered)
    }
}

#[cfg(test)]
mod tests {
    use super::State::{self, Asleep, Authenticated, Card, Connected, Discovered, Lost, Polling, Powered};

    const ALL: [State; 8] = [Discovered, Connected, Authenticated, Polling, Card, Powered, Asleep, Lost];

    #[test]
    fn nothing_follows_the_end_and_nothing_becomes_what_it_is() {
        for state in ALL {
            assert!(!Lost.may_become(state));
            assert!(!state.may_become(state));
            assert!(!state.may_become(Discovered));
        }
    }

    #[test]
    fn a_card_is_powered_only_when_it_is_there() {
        let before: Vec<State> = ALL.into_iter().filter(|state| state.may_become(Powered)).collect();
        assert_eq!(before, [Card]);
    }

    #[test]
    fn the_arrows_are_those_of_the_diagram() {
        let arrows =
            |from: State| -> Vec<State> { ALL.into_iter().filter(|to| from.may_become(*to)).collect() };
        assert_eq!(arrows(Discovered), [Connected, Lost]);
        assert_eq!(arrows(Connected), [Authenticated, Polling, Asleep, Lost]);
        assert_eq!(arrows(Authenticated), [Polling, Asleep, Lost]);
        assert_eq!(arrows(Polling), [Card, Asleep, Lost]);
        assert_eq!(arrows(Card), [Polling, Powered, Asleep, Lost]);
        assert_eq!(arrows(Powered), [Polling, Card, Asleep, Lost]);
    }

    #[test]
    fn a_sleeping_reader_does_nothing_more() {
        let after: Vec<State> = ALL.into_iter().filter(|state| Asleep.may_become(*state)).collect();
        assert_eq!(after, [Lost]);
    }
}
