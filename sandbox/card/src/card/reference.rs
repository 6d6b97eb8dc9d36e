//! PINs, the password and the 照合番号, with their counters.

use crate::person::{BIRTH_TRIES, PIN_TRIES, TestSecret, is_signature_password};

/// What VERIFY compares with. It outlives power-off.
#[derive(Clone)]
pub(super) struct Reference {
    /// `None` where none was ever set: such a reference is blocked.
    value: Option<TestSecret>,
    rule: Rule,
    tries_left: u8,
    /// Tries are not counted.
    unlimited: bool,
}

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
        Self { value: Some(value.clone()), rule, tries_left, unlimited: false }
    }

    /// A reference that was never set: `63C0`, then `6984`.
    pub(super) fn absent(rule: Rule) -> Self {
        Self { value: None, rule, tries_left: 0, unlimited: false }
    }

    pub(super) fn printed(value: &str, tries_left: u8, unlimited: bool) -> Self {
        Self { value: Some(TestSecret::new(value)), rule: Rule::Printed, tries_left, unlimited }
    }

    pub(super) fn tries_left(&self) -> u8 {
        self.tries_left
    }

    /// `63Cx`, also where nothing is left (measured on one reference); `6300` where tries are not counted.
    pub(super) fn counter(&self) -> u16 {
        if self.unlimited { 0x6300 } else { 0x63C0 | u16::from(self.tries_left.min(0xF)) }
    }

    /// Compares. A right value gives all tries back; a wrong one costs a try, whatever its length: that
    /// length does not protect a try is our own decision.
    pub(super) fn verify(&mut self, given: &[u8]) -> Verified {
        let Some(value) = &self.value else { return Verified::Blocked };
        if self.tries_left == 0 && !self.unlimited {
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
