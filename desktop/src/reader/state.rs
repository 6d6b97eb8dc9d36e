//! One look at the readers.

use std::ffi::{CStr, CString};
use std::time::Duration;

use pcsc::{Context, Error, State};

/// A reader, as it was when it was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderState {
    /// The reader's name, as PC/SC gives it.
    pub name: String,
    /// What lies in it.
    pub card: CardState,
    /// Another program is connected to it.
    pub in_use: bool,
    pub(super) seen: Seen,
}

impl ReaderState {
    /// The card in it, to be [connected](super::Readers::connect) to. `None` if there is none.
    pub fn seen(&self) -> Option<&Seen> {
        (self.card != CardState::Absent).then_some(&self.seen)
    }
}

/// What lies in a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardState {
    /// No card.
    Absent,
    /// A card.
    Present,
    /// A card that another program has for itself alone.
    Taken,
    /// A card, or something else, that gives no answer to reset.
    Silent,
}

/// A card that was seen: this one and no other.
///
/// PC/SC counts how often a card came or went in a reader. If the count is another one, the card was taken out and
/// put back, or it is another card. A service that started again counts anew, so it is part of it which service it
/// was.
///
/// A reader that is unplugged and plugged in again counts anew too. If both happen between two looks, and
/// the count comes to be the same, it is not noticed; the looks are milliseconds apart where a card is taken hold of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub(super) reader: CString,
    pub(super) service: u64,
    pub(super) count: u32,
}

/// One look at all readers, in the order of PC/SC.
#[derive(Default)]
pub(super) struct Look {
    pub(super) readers: Vec<ReaderState>,
    /// The same as PC/SC has it, to wait for what differs from it.
    pub(super) raw: Vec<pcsc::ReaderState>,
}

impl Look {
    /// `service` is which service this is, for [`Seen`].
    pub(super) fn at_all(context: &Context, service: u64) -> Result<Self, Error> {
        // Between the list and the look a reader may come or go; the next look is as good.
        for _ in 0..3 {
            match Self::once(context, service) {
                Err(Error::InsufficientBuffer | Error::UnknownReader) => {}
                result => return result,
            }
        }
        Self::once(context, service)
    }

    fn once(context: &Context, service: u64) -> Result<Self, Error> {
        let mut raw: Vec<_> = context.list_readers_owned()?.into_iter().map(unaware).collect();
        if raw.is_empty() {
            return Ok(Self::default());
        }
        context.get_status_change(Duration::ZERO, &mut raw)?;
        let readers = raw.iter().filter_map(|state| read(state, service)).collect();
        Ok(Self { readers, raw })
    }
}

/// Looks at one reader. `None` if it is not there.
pub(super) fn look_at(context: &Context, reader: &CStr, service: u64) -> Result<Option<ReaderState>, Error> {
    let mut states = [unaware(reader.to_owned())];
    match context.get_status_change(Duration::ZERO, &mut states) {
        Ok(()) => Ok(read(&states[0], service)),
        Err(Error::UnknownReader | Error::ReaderUnavailable | Error::NoReadersAvailable) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whoever knows nothing of a reader is answered at once.
fn unaware(reader: CString) -> pcsc::ReaderState {
    pcsc::ReaderState::new(reader, State::UNAWARE)
}

/// `None` for a reader that is not there any more.
fn read(state: &pcsc::ReaderState, service: u64) -> Option<ReaderState> {
    Some(ReaderState {
        name: state.name().to_string_lossy().into_owned(),
        card: card(state.event_state())?,
        in_use: state.event_state().intersects(State::INUSE | State::EXCLUSIVE),
        seen: Seen { reader: state.name().to_owned(), service, count: state.event_count() },
    })
}

fn card(state: State) -> Option<CardState> {
    if state.intersects(State::UNKNOWN | State::UNAVAILABLE) {
        None
    } else if !state.contains(State::PRESENT) {
        Some(CardState::Absent)
    } else if state.contains(State::MUTE) {
        Some(CardState::Silent)
    } else if state.contains(State::EXCLUSIVE) {
        Some(CardState::Taken)
    } else {
        Some(CardState::Present)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_in_a_reader_is_told_by_its_flags() {
        let changed = State::CHANGED;
        for (state, expected) in [
            (changed | State::EMPTY, Some(CardState::Absent)),
            (State::empty(), Some(CardState::Absent)),
            (changed | State::PRESENT, Some(CardState::Present)),
            (changed | State::PRESENT | State::INUSE, Some(CardState::Present)),
            (changed | State::PRESENT | State::UNPOWERED, Some(CardState::Present)),
            (changed | State::PRESENT | State::EXCLUSIVE, Some(CardState::Taken)),
            (changed | State::PRESENT | State::MUTE, Some(CardState::Silent)),
            (changed | State::UNKNOWN, None),
            (changed | State::UNAVAILABLE | State::PRESENT, None),
        ] {
            assert_eq!(card(state), expected, "{state:?}");
        }
    }
}
