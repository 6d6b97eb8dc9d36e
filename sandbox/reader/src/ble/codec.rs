//! The two protocols behind one face.

use core::time::Duration;

use super::acs::Acs;
use super::air::Out;
use super::ccid::Ccid;
use super::inside::Inside;
use super::slot::Slot;
use super::{CardEvent, Model, Options, State};
use crate::Icc;

#[derive(Debug)]
pub(super) enum Codec {
    Acs(Acs),
    Ccid(Ccid),
}

impl Codec {
    pub(super) fn new(model: Model, options: &Options) -> Self {
        match model {
            Model::Acr1255uJ1 => Self::Acs(Acs::new(options)),
            Model::Br500C4 | Model::Br500C6 | Model::D600 => Self::Ccid(Ccid::new(model, options.activation)),
        }
    }

    /// A connection begins. A CCID reader looks for cards at once, an ACS reader when it is told to.
    pub(super) fn connected<C: Icc>(&self, slot: &mut Slot<C>) {
        slot.set_field(matches!(self, Self::Ccid(_)));
    }

    pub(super) fn disconnected(&mut self) {
        match self {
            Self::Acs(acs) => acs.disconnected(),
            Self::Ccid(ccid) => ccid.disconnected(),
        }
    }

    /// How far the connection has come, but for the card.
    pub(super) fn state(&self) -> State {
        match self {
            Self::Acs(acs) => acs.state(),
            Self::Ccid(_) => State::Connected,
        }
    }

    pub(super) fn sleep_delay(&self) -> Option<Duration> {
        match self {
            Self::Acs(acs) => acs.sleep_delay(),
            Self::Ccid(ccid) => ccid.sleep_delay(),
        }
    }

    /// Whether the rest of a frame is still to come.
    pub(super) fn waits_for_more(&self) -> bool {
        match self {
            Self::Acs(acs) => acs.waits_for_more(),
            Self::Ccid(ccid) => ccid.waits_for_more(),
        }
    }

    pub(super) fn receive<C: Icc>(&mut self, bytes: &[u8], inside: &mut Inside<'_, C>) {
        match self {
            Self::Acs(acs) => acs.receive(bytes, inside),
            Self::Ccid(ccid) => ccid.receive(bytes, inside),
        }
    }

    /// The rest of a frame did not come in time.
    pub(super) fn give_up<C: Icc>(&mut self, inside: &mut Inside<'_, C>) {
        match self {
            Self::Acs(acs) => acs.give_up(inside),
            Self::Ccid(ccid) => ccid.give_up(),
        }
    }

    /// Notifies that a card came or left, if one did.
    pub(super) fn tell_of_card<C: Icc>(&mut self, inside: &mut Inside<'_, C>) {
        match self {
            Self::Acs(acs) => acs.tell_of_card(inside),
            Self::Ccid(ccid) => ccid.tell_of_card(inside),
        }
    }

    /// Nobody has asked for anything for long: the reader says so, where its protocol has a word for it, and goes.
    pub(super) fn fall_asleep<C: Icc>(&mut self, inside: &mut Inside<'_, C>) {
        if let Self::Acs(acs) = self {
            acs.notify(CardEvent::Asleep, inside);
        }
        inside.out.push(Out::FallsAsleep);
    }
}
