//! How long a tap would take: ours, and those of other programs, on the same card and by the same model.
//!
//! `cargo xtask bench tap` runs the dialogues of this product and programs that others wrote (OpenSC, the crate
//! `myna-card`) with the virtual card, has the card note what it was asked, and times what it noted with
//! [`sandbox_card::link`]. The table goes to the terminal; with `--update` it is written into the documentation, between
//! markers ([`update`]).
//!
//! # What the numbers are
//!
//! Modelled, all of them. No card, no phone and no reader was at hand. APDUs and bytes are counted; seconds follow
//! from them by the model, whose front page says what it rests on. What is compared is therefore lists of
//! commands, and the ratio to the [`Job::shortest`] list is the number to trust most.
//!
//! # What it is not for
//!
//! Real time: how quick this software itself is. A program's start, its wait for a reader and its own computing are
//! not counted for anybody. It is not a judgement of the other programs either: they serve every card there is, and
//! look for theirs; most of their commands are that search.
//!
//! # The card
//!
//! [`card`] is 山田 花子's with a certificate of 1,590 bytes, as on the J-LIS test card, on which the
//! published lists were counted; her own has 1,556, which would flatter us by 1 %.

mod extended;
mod job;
mod others;
mod ours;
mod report;
mod table;
pub mod update;

pub use extended::Extended;
pub use job::Job;
pub use others::others;
pub use ours::{Identifiers, ours, taps};
pub use report::{counts, tables, times};
pub use table::Table;

use std::time::Duration;

use sandbox_card::link::{Clock, Link, Pace, Pair};
use sandbox_card::{Person, Switches, Transcript, VirtualCard};
use time::{Date, macros::date};

/// The day on which the cards were made. It changes no length.
const TODAY: Date = date!(2026 - 11 - 23);

/// Bytes of 利用者証明用電子証明書 on the J-LIS test card.
const CERTIFICATE: usize = 1_590;

/// The links of the tables, by name.
pub const LINKS: [(&str, Link); 5] = [
    ("phone 106", Link::PHONE_106),
    ("phone 424", Link::PHONE_424),
    ("USB", Link::USB),
    ("ACS BLE", Link::ACS_BLE),
    ("CCID BLE", Link::CCID_BLE),
];

/// The cards of the tables, by name.
pub const PACES: [(&str, Pace); 2] = [("fast", Pace::FAST), ("slow", Pace::SLOW)];

/// What a program asked of the card for one job.
#[derive(Clone, Debug)]
pub struct Run {
    /// The program, and what it was told to do.
    pub name: String,
    /// What it is compared with.
    pub job: Job,
    /// What it asked.
    pub pairs: Vec<Pair>,
}

impl Run {
    fn new(name: impl Into<String>, job: Job, transcript: &Transcript) -> Self {
        let pairs = transcript.exchanges().iter().map(Pair::from).collect();
        Self { name: name.into(), job, pairs }
    }

    /// Bytes of all commands, and of all responses.
    pub fn bytes(&self) -> (usize, usize) {
        (self.pairs.iter().map(|pair| pair.command).sum(), self.pairs.iter().map(|pair| pair.response).sum())
    }

    /// How long it takes by the model.
    pub fn time(&self, link: Link, pace: Pace) -> Duration {
        time(&self.pairs, link, pace)
    }

    /// Its time by that of the shortest list for the same job, where one is published.
    pub fn ratio(&self, link: Link, pace: Pace) -> Option<f64> {
        let shortest = time(self.job.shortest()?, link, pace);
        Some(self.time(link, pace).as_secs_f64() / shortest.as_secs_f64())
    }
}

/// How long a list takes by the model.
fn time(pairs: &[Pair], link: Link, pace: Pace) -> Duration {
    let mut clock = Clock::new(link, pace);
    for pair in pairs {
        clock.pass(*pair);
    }
    clock.now()
}

/// The person of the bench.
fn person(change: impl FnOnce(&mut Switches)) -> Person {
    let mut hanako = Person::named("hanako").expect("she is one of the named persons");
    let short = hanako.certificate(TODAY).len();
    let certificate = hanako.card.certificate.as_mut().expect("she has one");
    certificate.subject_cn.push_str(&"0".repeat(CERTIFICATE - short));
    change(&mut hanako.card.switches);
    hanako
}

/// The card of the bench, in the field of a reader.
pub fn card(change: impl FnOnce(&mut Switches)) -> VirtualCard {
    let mut card = person(change).personalise(TODAY);
    card.power_on();
    card
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_certificate_is_as_long_as_that_of_the_test_card() {
        assert_eq!(person(|_| {}).certificate(TODAY).len(), CERTIFICATE);
    }
}
