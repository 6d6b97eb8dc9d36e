//! `madoguchi readers`: the card readers, and what lies in them.

use std::process::ExitCode;

use counter::{Failure, Language, Lost};
use desktop::{CardState, ReaderState, Readers};

use crate::words::{Words, words};
use crate::{Error, say};

/// Lists the readers.
pub(crate) fn list(language: Language) -> Result<ExitCode, Error> {
    let words = words(language);
    let readers = Readers::open().map_err(failed)?;
    let states = readers.list().map_err(failed)?;
    if states.is_empty() {
        return Err(Error::Failed(Failure::NoReader));
    }
    for state in &states {
        say(&format!("{}: {}", state.name, what_lies_there(&readers, state, language, words)));
    }
    Ok(ExitCode::SUCCESS)
}

/// A reader of this name is there, or it is not known yet which are.
pub(crate) fn must_exist(wanted: &str) -> Result<(), Error> {
    let there = Readers::open().and_then(|readers| readers.list()).unwrap_or_default();
    if there.is_empty() || there.iter().any(|state| state.name.contains(wanted)) {
        return Ok(());
    }
    let there = there.into_iter().map(|state| state.name).collect();
    Err(Error::NoSuchReader { wanted: wanted.to_owned(), there })
}

/// What was found in a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    Nothing,
    MyNumberCard,
    /// Another program uses the card. It is not asked: that would take the power from what the other has verified.
    InUse,
}

/// What lies in a reader: a card that nobody uses is asked whether it is a My Number Card.
pub(crate) fn card_in(readers: &Readers, state: &ReaderState) -> Result<Found, Failure> {
    let Some(seen) = state.seen() else { return Ok(Found::Nothing) };
    if state.card == CardState::Silent {
        return Err(Failure::CardSilent);
    }
    if state.in_use {
        return Ok(Found::InUse);
    }
    match readers.is_my_number_card(seen) {
        Ok(true) => Ok(Found::MyNumberCard),
        Ok(false) => Err(Failure::NotMyNumberCard),
        Err(Lost::Reader(trouble)) => Err(trouble.into()),
        Err(_) => Err(Failure::CardLost),
    }
}

fn what_lies_there(readers: &Readers, state: &ReaderState, language: Language, words: &Words) -> String {
    match card_in(readers, state) {
        Ok(Found::Nothing) => words.card_absent.into(),
        Ok(Found::MyNumberCard) => words.card_mine.into(),
        Ok(Found::InUse) => words.card_in_use.into(),
        Err(failure) => format!("{} ({} {})", failure.cause(language), words.code, failure.code()),
    }
}

fn failed(trouble: counter::ReaderTrouble) -> Error {
    Error::Failed(trouble.into())
}
