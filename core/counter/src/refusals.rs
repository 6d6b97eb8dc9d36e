//! Whether the next card is expected to refuse short file identifiers.

/// What the cards of one log in did with short file identifiers.
///
/// When a card that was tried with one has refused it, as many taps after it go without a try as tries in a row were refused,
/// at most [`MOST`]; then one is tried again. So an odd card costs the one that follows it, and where all cards refuse,
/// one in eight is tried. Where they take them, every tap is a try and costs nothing. The numbers are in
/// `docs/adr/0011-repeat-visit.md`.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    /// Tries in a row, up to the last one.
    in_a_row: u8,
    /// Taps that still go without a try.
    untried: u8,
}

/// Taps without a try, between two with one.
const MOST: u8 = 7;

impl Refusals {
    /// Whether the tap that begins goes without a try.
    pub(crate) fn begin(&mut self) -> bool {
        let expected = self.untried > 0;
        self.untried = self.untried.saturating_sub(1);
        expected
    }

    /// A card was tried with a short identifier, and took it or not.
    pub(crate) fn tried(&mut self, taken: bool) {
        self.in_a_row = if taken { 0 } else { (self.in_a_row + 1).min(MOST) };
        self.untried = self.in_a_row;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of so many cards, counted from one, are tried, if those for which it is said refuse.
    fn tried(cards: usize, refuses: impl Fn(usize) -> bool) -> Vec<usize> {
        let mut refusals = Refusals::default();
        let tries = (1..=cards).filter(|card| {
            let tried = !refusals.begin();
            if tried {
                refusals.tried(!refuses(*card));
            }
            tried
        });
        tries.collect()
    }

    #[test]
    fn cards_that_take_short_identifiers_are_all_tried() {
        assert_eq!(tried(10, |_| false), (1..=10).collect::<Vec<_>>());
    }

    #[test]
    fn where_all_refuse_one_in_eight_is_tried_in_the_end() {
        assert_eq!(tried(60, |_| true), [1, 3, 6, 10, 15, 21, 28, 36, 44, 52, 60]);
    }

    #[test]
    fn an_odd_card_costs_the_one_that_follows_it() {
        assert_eq!(tried(10, |card| card == 4), [1, 2, 3, 4, 6, 7, 8, 9, 10]);
    }

    #[test]
    fn where_the_last_card_refused_and_all_others_take_them_seven_taps_at_most_go_by_before_short_identifiers_are_tried()
     {
        assert_eq!(
            tried(60, |card| card <= 36),
            [&[1, 3, 6, 10, 15, 21, 28, 36][..], &(44..=60).collect::<Vec<_>>(),].concat()
        );
    }
}
