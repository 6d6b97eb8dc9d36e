//! What extended length brings, and what it costs where a card refuses it.
//!
//! The option is there (`jpki::Tap::lengths`) and off. See `docs/adr/0010-extended-length.md`.

use jpki::{Lengths, Method, Tap};
use sandbox_card::link::{Link, Pace};

use crate::ours::{Service, pin, play, to_sign, visual};
use crate::{Job, LINKS, PACES, Run, Table, card};

/// A tap over a way that carries long answers, by the side of the same tap with short ones.
#[derive(Debug)]
pub struct Extended {
    /// In the table.
    name: &'static str,
    /// As it is by default: short APDUs.
    pub short: Run,
    /// The card takes extended length.
    pub taken: Run,
    /// The card refuses it with `6700`, and the rest is read in pieces after all.
    pub refused: Run,
}

/// What each link would need. That the card takes it is needed on every one.
const NEEDS: [&str; 5] = [
    "a phone that takes it (`isExtendedLengthApduSupported`; iOS was not tried)",
    "the same",
    "a reader with the extended APDU level",
    "the bytes of a long answer, which are not public",
    "a reader that chains by Bluetooth, which no maker states",
];

impl Extended {
    /// The taps of the table.
    pub fn all() -> [Self; 2] {
        [Self::measure("PIN, first visit", Job::Both, pin), Self::measure("目視 proven", Job::Visual, visual)]
    }

    /// Our dialogue, with a card that takes extended length and one that refuses it.
    fn measure(name: &'static str, job: Job, method: fn() -> Method) -> Self {
        let run = |lengths, takes| {
            let mut card = card(|switches| switches.extended_le = takes);
            let mut tap = Tap::new(method(), to_sign());
            tap.lengths(lengths);
            play(&mut tap, &mut card, Service::NotAsked, None);
            Run::new(name, job, card.transcript())
        };
        Self {
            name,
            short: run(Lengths::Short, true),
            taken: run(Lengths::Extended, true),
            refused: run(Lengths::Extended, false),
        }
    }

    /// Whether it is quicker everywhere, once a card takes it.
    pub fn wins_everywhere(&self) -> bool {
        every_combination().all(|(link, pace)| self.taken.time(link, pace) < self.short.time(link, pace))
    }

    /// A row for each tap, link and card.
    pub fn table(all: &[Self]) -> Table {
        let mut table = Table::new([
            "tap",
            "link",
            "card",
            "short",
            "extended",
            "refused",
            "saves",
            "costs",
            "pays if taken by",
            "needs, besides the card",
        ]);
        for extended in all {
            for ((name, link), needs) in LINKS.into_iter().zip(NEEDS) {
                for (card, pace) in PACES {
                    table.row(extended.row((name, link), (card, pace), needs));
                }
            }
        }
        table
    }

    fn row(&self, (name, link): (&str, Link), (card, pace): (&str, Pace), needs: &str) -> [String; 10] {
        let [short, taken, refused] =
            [&self.short, &self.taken, &self.refused].map(|run| run.time(link, pace).as_secs_f64());
        let (saves, costs) = (short - taken, refused - short);
        [
            self.name.to_owned(),
            name.to_owned(),
            card.to_owned(),
            format!("{short:.2} s"),
            format!("{taken:.2} s"),
            format!("{refused:.2} s"),
            format!("{saves:.2} s"),
            format!("{costs:.3} s"),
            format!("{:.0} % of cards", costs / (saves + costs) * 100.0),
            needs.to_owned(),
        ]
    }
}

fn every_combination() -> impl Iterator<Item = (Link, Pace)> {
    LINKS.into_iter().flat_map(|(_, link)| PACES.into_iter().map(move |(_, pace)| (link, pace)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands(extended: &Extended) -> [usize; 3] {
        [&extended.short, &extended.taken, &extended.refused].map(|run| run.pairs.len())
    }

    fn read(run: &Run) -> usize {
        run.pairs.iter().map(|pair| pair.response).sum()
    }

    #[test]
    fn five_commands_fewer_with_the_pin_where_it_is_taken_and_one_more_where_it_is_refused() {
        let [pin, visual] = Extended::all();
        assert_eq!(commands(&pin), [11, 6, 12]);
        assert_eq!(commands(&visual), [18, 11, 19]);
        for extended in [pin, visual] {
            let [short, taken, _] = commands(&extended);
            assert_eq!(read(&extended.short) - (short - taken) * 2, read(&extended.taken));
            assert_eq!(read(&extended.short) + 2, read(&extended.refused));
        }
    }

    /// It is off by default for other reasons than time: see the decision.
    #[test]
    fn the_model_has_it_win_on_every_link() {
        assert!(Extended::all().iter().all(Extended::wins_everywhere));
    }
}
