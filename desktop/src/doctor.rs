//! `madoguchi doctor`: what is missing on this PC, and what to do about it.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use counter::{Failure, FolderStorage, Language, Storage, StorageError, View};
use desktop::Readers;
use service::device_key::{DeviceKey, DeviceKeyError};
use service::{Client, Endpoint};
use time::OffsetDateTime;
use time::macros::{datetime, format_description, offset};
use tokio::runtime::Runtime;

use crate::readers::Found;
use crate::sealed_key::{NAME, SealedKey, SealedKeyError};
use crate::words::{Words, words};
use crate::{folder, readers, say};

/// Looks at everything, says one line about each, and what to do where something is wrong. The exit code is zero if
/// nothing is missing.
pub(crate) fn look(folder: &Path, reader: Option<&str>, language: Language, runtime: &Runtime) -> ExitCode {
    let mut report = Report { language, words: words(language), wrong: false };
    report.readers(reader);
    report.clock();
    let endpoint = report.state(folder);
    report.connection(endpoint, runtime);
    say(if report.wrong { report.words.not_well } else { report.words.all_well });
    if report.wrong { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

struct Report {
    language: Language,
    words: &'static Words,
    wrong: bool,
}

impl Report {
    fn bad(&mut self, what: &str, detail: &str, remedies: &[&str]) {
        self.wrong = true;
        line('✗', what, detail);
        for remedy in remedies {
            say(&format!("    {remedy}"));
        }
    }

    fn failure(&mut self, what: &str, failure: Failure) {
        self.failure_with(what, failure, &[]);
    }

    fn failure_with(&mut self, what: &str, failure: Failure, more: &[&str]) {
        let remedy = failure.remedy(self.language);
        let detail = format!("{} ({} {})", failure.cause(self.language), self.words.code, failure.code());
        self.bad(what, &detail, &[&[remedy.as_str()], more].concat());
    }

    fn readers(&mut self, only: Option<&str>) {
        let words = self.words;
        let (readers, states) = match Readers::open().and_then(|readers| Ok((readers.list()?, readers))) {
            Ok((states, readers)) => (readers, states),
            Err(trouble) => {
                self.failure_with(words.service, trouble.into(), &[words.service_remedy]);
                return;
            }
        };
        good(words.service, "");
        let wanted = |name: &str| only.is_none_or(|part| name.contains(part));
        let states: Vec<_> = states.into_iter().filter(|state| wanted(&state.name)).collect();
        if states.is_empty() {
            self.failure(words.reader, Failure::NoReader);
        }
        for state in &states {
            good(words.reader, &state.name);
            match readers::card_in(&readers, state) {
                Ok(Found::MyNumberCard) => good(words.card, words.card_mine),
                // A card belongs there only while a patient is served.
                Ok(Found::Nothing) => open(words.card, words.card_absent),
                Ok(Found::InUse) => open(words.card, words.card_in_use),
                // The service lists readers and does not let this user have a card.
                Err(failure @ Failure::ReaderServiceMissing) => {
                    self.failure_with(words.card, failure, &[words.service_remedy]);
                }
                Err(failure) => self.failure(words.card, failure),
            }
        }
    }

    /// The service's clock is known only to who is logged in, and the counter compares then; here it is for a person
    /// to compare.
    fn clock(&mut self) {
        let words = self.words;
        let now = OffsetDateTime::now_utc().to_offset(offset!(+9));
        let format = format_description!("[year]-[month]-[day] [hour]:[minute] JST");
        let text = now.format(&format).unwrap_or_default();
        // No program of this year ran before it.
        if now < datetime!(2026-01-01 0:00 +9) {
            self.bad(words.clock, &text, &[words.clock_wrong]);
        } else {
            open(words.clock, &text);
        }
    }

    fn state(&mut self, folder: &Path) -> Option<Endpoint> {
        let words = self.words;
        let shown = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned()).display().to_string();
        if !folder.exists() {
            open(words.folder, &format!("{shown}: {}", words.folder_later));
            self.bad(words.enrolment, words.not_yet, &[words.not_enrolled]);
            return None;
        }
        if let Err(error) = try_to_write(folder) {
            self.failure(words.folder, error.into());
            return None;
        }
        if folder::is_private(folder) {
            good(words.folder, &shown);
        } else {
            self.bad(words.folder, &shown, &[words.folder_open]);
        }
        let counter = crate::open(folder, None);
        let screen = counter.screen();
        match &screen.view {
            View::SetUp(_) => {
                self.bad(words.enrolment, words.not_yet, &[words.not_enrolled]);
                return None;
            }
            View::Failure(view) => {
                self.failure(words.enrolment, view.failure);
                return None;
            }
            _ => good(words.enrolment, screen.institution.as_deref().unwrap_or_default()),
        }
        let endpoint = counter.endpoint();
        // The folder belongs to one at a time.
        drop(counter);
        self.key(folder);
        endpoint
    }

    fn key(&mut self, folder: &Path) {
        let words = self.words;
        let file = folder.join(NAME);
        match SealedKey::file(&FolderStorage::new(folder)) {
            Ok(Some(_)) if folder::is_private(&file) => good(words.key, words.key_sealed),
            Ok(Some(_)) => self.bad(words.key, &file.display().to_string(), &[words.folder_open]),
            Ok(None) => self.failure(words.key, Failure::DeviceKeyMissing),
            Err(SealedKeyError::Storage(error)) => self.failure(words.key, error.into()),
            Err(error) => self.failure(words.key, DeviceKeyError::from(error).into()),
        }
    }

    fn connection(&mut self, endpoint: Option<Endpoint>, runtime: &Runtime) {
        let words = self.words;
        let Some(endpoint) = endpoint else { return open(words.connection, words.not_yet) };
        let shown = endpoint.audience();
        let asked = runtime.block_on(async { Client::new(endpoint, Arc::new(NoKey))?.device().await });
        match asked {
            // Without our certificate the service has nothing to say to us: that it says so is enough.
            Ok(_) | Err(service::Error::Refused { .. }) => good(words.connection, &shown),
            Err(error) => self.failure(words.connection, error.into()),
        }
    }
}

fn good(what: &str, detail: &str) {
    line('✓', what, detail);
}

/// Neither good nor bad.
fn open(what: &str, detail: &str) {
    line('–', what, detail);
}

fn line(mark: char, what: &str, detail: &str) {
    say(format!("{mark} {what}: {detail}").trim_end_matches([' ', ':']));
}

/// Whether something can be kept in the folder, and nobody else has it.
fn try_to_write(folder: &Path) -> Result<(), StorageError> {
    const NAME: &str = "doctor";
    let storage = FolderStorage::new(folder);
    storage.store(NAME, b"")?;
    storage.delete(NAME)
}

/// The connection is made without a certificate, so that it needs no log in.
struct NoKey;

impl DeviceKey for NoKey {
    fn create(&self, _: &[u8]) -> Result<Vec<Vec<u8>>, DeviceKeyError> {
        Err(DeviceKeyError::Missing)
    }

    fn public_key(&self) -> Result<[u8; 65], DeviceKeyError> {
        Err(DeviceKeyError::Missing)
    }

    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, DeviceKeyError> {
        Err(DeviceKeyError::Missing)
    }

    fn delete(&self) -> Result<(), DeviceKeyError> {
        Ok(())
    }
}
