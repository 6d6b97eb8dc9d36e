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
        card: card(state.event_state(), state.atr())?,
        in_use: state.event_state().intersects(State::INUSE | State::EXCLUSIVE),
        seen: Seen { reader: state.name().to_owned(), service, count: state.event_count() },
    })
}

fn card(state: State, answer_to_reset: &[u8]) -> Option<CardState> {
    if state.intersects(State::UNKNOWN | State::UNAVAILABLE) {
        None
    } else if !state.contains(State::PRESENT) {
        // A reader that is being started says neither: it is not there yet. What is not seen empty is not empty.
        state.contains(State::EMPTY).then_some(CardState::Absent)
    } else if state.contains(State::MUTE) || is_garbled(answer_to_reset) {
        Some(CardState::Silent)
    } else if state.contains(State::EXCLUSIVE) {
        Some(CardState::Taken)
    } else {
        Some(CardState::Present)
    }
}

/// Whether this is no answer to reset (ISO/IEC 7816-3 §8.2): it does not begin like one, or ends before it is
/// over. pcscd makes something of some of them, depending on what lay in its memory before.
///
/// This is all that is ever done with these bytes, and no card is known by them. The check byte TCK is the reader's
/// business: not every reader makes it right for a contactless card. Where there are no bytes there is nothing to
/// judge: connecting will tell.
fn is_garbled(answer_to_reset: &[u8]) -> bool {
    let [ts, t0, rest @ ..] = answer_to_reset else { return !answer_to_reset.is_empty() };
    // TS: direct or inverse convention.
    if !matches!(ts, 0x3B | 0x3F) {
        return true;
    }
    let historical = usize::from(t0 & 0x0F);
    let mut interface = 0; // bytes TA, TB, TC, TD
    let mut announced = t0 >> 4; // which of the next four are there
    while announced != 0 {
        interface += announced.count_ones() as usize;
        // TD comes last of its four, and announces the next.
        announced = match (announced & 0b1000, rest.get(interface - 1)) {
            (0, _) => 0,
            (_, Some(td)) => td >> 4,
            (_, None) => return true,
        };
    }
    rest.len() < interface + historical
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::*;

    /// What each is for: `sandbox/reader` has them from public lists.
    const CONTACTLESS: &[u8] = b"\x3B\x88\x80\x01\x00\x00\x05\xE0\xB3\x81\xA1\x00\x7F";
    const CONTACT: &[u8] = b"\x3B\xDA\x13\xFF\x81\x31\xFB\x46\x80\x12\x39\x2F\x31\xC1\x73\xC6\x01\xC0\x3B";

    #[test]
    fn what_lies_in_a_reader_is_told_by_its_flags() {
        let changed = State::CHANGED;
        for (state, expected) in [
            (changed | State::EMPTY, Some(CardState::Absent)),
            (State::empty(), None),
            (changed, None),
            (changed | State::PRESENT, Some(CardState::Present)),
            (changed | State::PRESENT | State::INUSE, Some(CardState::Present)),
            (changed | State::PRESENT | State::UNPOWERED, Some(CardState::Present)),
            (changed | State::PRESENT | State::EXCLUSIVE, Some(CardState::Taken)),
            (changed | State::PRESENT | State::MUTE, Some(CardState::Silent)),
            (changed | State::UNKNOWN, None),
            (changed | State::UNAVAILABLE | State::PRESENT, None),
        ] {
            for answer in [CONTACT, CONTACTLESS, b"\x3B\x00", b""] {
                assert_eq!(card(state, answer), expected, "{state:?}");
            }
        }
        assert_eq!(card(State::PRESENT, b"\x3B"), Some(CardState::Silent));
    }

    #[test]
    fn what_is_cut_short_or_begins_otherwise_is_no_answer_to_reset() {
        for answer in [CONTACT, CONTACTLESS] {
            assert!(!is_garbled(answer));
            // The check byte may be wrong, or missing.
            let (_, without) = answer.split_last().expect("it has bytes");
            assert!(!is_garbled(without));
            assert!(!is_garbled(&[without, &[0x00]].concat()));
            for length in 1..without.len() {
                assert!(is_garbled(&answer[..length]), "{length}");
            }
            assert!(is_garbled(&[&[0x3C], &answer[1..]].concat()));
        }
        for garbled in [&b"\x00"[..], b"\xFF\xFF\xFF\xFF\xFF\xFF", b"\x3B\x9F", b"\x3B\x80"] {
            assert!(is_garbled(garbled), "{garbled:02X?}");
        }
    }

    /// Cards are known by what they answer. So nothing but this file asks for an answer to reset.
    #[test]
    fn nothing_else_looks_at_an_answer_to_reset() {
        let mut folders = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")];
        let mut files = 0;
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("the sources are there") {
                let path = entry.expect("the sources are there").path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                files += 1;
                let source = fs::read_to_string(&path).expect("the sources are text");
                let asks =
                    ["atr()", "status2", "rgbAtr", "AtrString"].iter().any(|name| source.contains(name));
                assert!(!asks || path.ends_with("reader/state.rs"), "{}", path.display());
            }
        }
        assert!(files > 5);
    }
}
