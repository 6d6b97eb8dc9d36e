//! PINs, the password and the 照合番号, with their counters.

use super::apdu::status;
use crate::person::{
    BIRTH_TRIES, CounterWhenExhausted, PIN_TRIES, Switches, TestSecret, is_signature_password,
};

/// What VERIFY compares with. It outlives power-off.
#[derive(Clone)]
pub(super) struct Reference {
    /// `None` where none was ever set: such a reference is blocked.
    value: Option<TestSecret>,
    rule: Rule,
    tries_left: u8,
    counting: Counting,
}

/// Whether tries are counted, and how it shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counting {
    Yes(CounterWhenExhausted),
    No,
}

/// Every PIN and password has a limit, and shows `63C0` at its end.
const PIN_COUNTING: Counting = Counting::Yes(CounterWhenExhausted::Zero);

/// What a value has to look like, and how many tries it has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// 4 digits, 3 tries.
    Pin,
    /// 署名用パスワード: 6 to 16 of `0-9A-Z`, 5 tries.
    Password,
    /// What is printed on the card: cannot be changed, 10 tries.
    Printed,
}

impl Rule {
    pub(super) fn limit(self) -> u8 {
        match self {
            Self::Pin => PIN_TRIES,
            Self::Password => 5,
            Self::Printed => BIRTH_TRIES,
        }
    }
}

impl Reference {
    pub(super) fn new(value: &TestSecret, rule: Rule, tries_left: u8) -> Self {
        Self { value: Some(value.clone()), rule, tries_left, counting: PIN_COUNTING }
    }

    /// A reference that was never set: `63C0`, then `6984`.
    pub(super) fn absent(rule: Rule) -> Self {
        Self { value: None, rule, tries_left: 0, counting: PIN_COUNTING }
    }

    /// A 照合番号 of 券面事項確認AP, whose counter goes by the card's switches.
    pub(super) fn of_surface(value: &str, tries_left: u8, switches: &Switches) -> Self {
        let counting =
            if switches.unlimited { Counting::No } else { Counting::Yes(switches.counter_when_exhausted) };
        Self { value: Some(TestSecret::new(value)), rule: Rule::Printed, tries_left, counting }
    }

    pub(super) fn tries_left(&self) -> u8 {
        self.tries_left
    }

    /// What the question for the counter is answered: `63Cx`, or `6300` where tries are not counted. Where
    /// none is left it is `63C0` for a PIN (measured on one reference), and as the switch says for a 照合番号.
    pub(super) fn counter(&self) -> u16 {
        match (self.counting, self.tries_left) {
            (Counting::No, _) | (Counting::Yes(CounterWhenExhausted::NotShown), 0) => status::NO_COUNT,
            (Counting::Yes(_), left) => status::COUNTER | u16::from(left.min(0xF)),
        }
    }

    /// What a wrong value is answered: the tries that are left, `63C0` if it took the last one.
    pub(super) fn wrong(&self) -> u16 {
        match self.counting {
            Counting::No => status::NO_COUNT,
            Counting::Yes(_) => status::COUNTER | u16::from(self.tries_left.min(0xF)),
        }
    }

    /// Compares. A right value gives all tries back; a wrong one costs a try, whatever its length: that
    /// length does not protect a try is our own decision.
    pub(super) fn verify(&mut self, given: &[u8]) -> Verified {
        let Some(value) = &self.value else { return Verified::Blocked };
        if self.tries_left == 0 && self.counting != Counting::No {
            return Verified::Blocked;
        }
        if value.reveal().as_bytes() == given {
            self.tries_left = self.rule.limit();
            return Verified::Right;
        }
        self.tries_left = self.tries_left.saturating_sub(1);
        Verified::Wrong
    }

    /// Sets a new value; `false` where it does not fit the rule.
    pub(super) fn change(&mut self, new: &[u8]) -> bool {
        let fits = match self.rule {
            Rule::Pin => new.len() == 4 && new.iter().all(u8::is_ascii_digit),
            Rule::Password => is_signature_password(new),
            Rule::Printed => false,
        };
        if let (true, Ok(new)) = (fits, core::str::from_utf8(new)) {
            self.value = Some(TestSecret::new(new));
        }
        fits
    }

    /// Whether its holder may change it.
    pub(super) fn is_changeable(&self) -> bool {
        self.rule != Rule::Printed
    }
}

/// How a comparison ended.
pub(super) enum Verified {
    Right,
    Wrong,
    Blocked,
}
