//! The place in a reader where a card lies.

use super::CardEvent;
use crate::Icc;

/// A card, whether it lies in the reader, and what the host knows of it.
#[derive(Debug)]
pub(super) struct Slot<C> {
    card: Option<C>,
    lies: Lies,
    /// Whether the reader looks for cards.
    field: bool,
    /// Whether the host was told that there is a card.
    told: bool,
    /// Whether that was another card than the one that lies there.
    changed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lies {
    /// Out of reach.
    Beside,
    /// Within reach, without power.
    There,
    Active,
}

/// bmICCStatus (USB CCID rev. 1.1 §6.2.6), which the ACS protocol has as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CardStatus {
    Active = 0x00,
    Inactive = 0x01,
    Absent = 0x02,
}

impl<C: Icc> Slot<C> {
    pub(super) fn new() -> Self {
        Self { card: None, lies: Lies::Beside, field: false, told: false, changed: false }
    }

    /// Puts a card in, where there is none.
    pub(super) fn insert(&mut self, card: C) {
        self.card = Some(card);
        self.lies = Lies::There;
        self.changed = self.told;
    }

    /// Gives the card back, also one that had left by a fault.
    pub(super) fn remove(&mut self) -> Option<C> {
        self.lose();
        self.card.take()
    }

    /// The card leaves by a fault. It can still be looked at, or removed.
    pub(super) fn lose(&mut self) {
        self.power_off();
        self.lies = Lies::Beside;
    }

    pub(super) fn card(&mut self) -> Option<&mut C> {
        self.card.as_mut()
    }

    /// Switches the field on or off. Without a field there is no card, and what the host was told is void.
    pub(super) fn set_field(&mut self, on: bool) {
        if !on {
            self.power_off();
            self.told = false;
        }
        self.field = on;
    }

    pub(super) fn status(&self) -> CardStatus {
        match self.lies {
            Lies::There if self.field => CardStatus::Inactive,
            Lies::Active => CardStatus::Active,
            _ => CardStatus::Absent,
        }
    }

    /// What the host has to be told, once.
    pub(super) fn news(&mut self) -> Option<CardEvent> {
        let present = self.status() != CardStatus::Absent;
        let told = core::mem::replace(&mut self.told, present);
        let changed = core::mem::take(&mut self.changed);
        (present != told || (present && changed)).then_some(if present {
            CardEvent::Arrived
        } else {
            CardEvent::Left
        })
    }

    /// The answer to reset; `None` without a card, empty from one that says nothing, which loses its power again.
    pub(super) fn power_on(&mut self) -> Option<Vec<u8>> {
        let card = self.card.as_mut().filter(|_| self.field && self.lies != Lies::Beside)?;
        let answer = card.power_on();
        self.lies = Lies::Active;
        if answer.is_empty() {
            self.power_off();
        }
        Some(answer)
    }

    pub(super) fn power_off(&mut self) {
        if self.lies == Lies::Active {
            self.lies = Lies::There;
            if let Some(card) = &mut self.card {
                card.power_off();
            }
        }
    }

    /// The response; `None` where no card is active, or it does not answer.
    pub(super) fn transmit(&mut self, command: &[u8]) -> Option<Vec<u8>> {
        let card = self.card.as_mut().filter(|_| self.lies == Lies::Active)?;
        Some(card.transmit(command)).filter(|response| !response.is_empty())
    }
}
