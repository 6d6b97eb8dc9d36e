//! The counter: the app without a screen.
//!
//! [`Counter`] holds what a counter at a clinic's reception knows, and is all that a shell talks to. A shell
//! asks its platform (NFC, Bluetooth, keys, storage), draws the [`Screen`] and sends [`Action`]s; it contains no
//! rule. Three calls do everything:
//!
//! * [`Counter::act`] takes an [`Action`] and gives the next [`Screen`], at once.
//! * [`Counter::run`] does what takes time, whenever [`Screen::work`] is set.
//! * [`Counter::tap`] gives the dialogue with the card that is awaited; the shell carries its commands.
//!
//! A [`Screen`] is data with all texts in it, in Japanese or English. Everything that can go wrong is a
//! [`Failure`] with a code, one cause, a next step and the official way round.
//!
//! What is kept here and nowhere else: a patient's PIN for a minute at most; a result until it is cleared; the
//! staff's passcode as a salted hash; a journal without any patient. What is decided elsewhere: which card and
//! which try (`jpki`), what a request means (`service`), what a record says (`eligibility`).
//!
//! This crate is not a shell: it opens no reader, draws nothing, and has no key of its own. It reaches the
//! world through three ports, [`Ports`].
//!
//! ```
//! use std::sync::Arc;
//!
//! use counter::{Action, Config, Counter, FolderStorage, Language, Ports, SystemClock, View};
//! # use service::device_key::{DeviceKey, DeviceKeyError};
//! # struct PlatformKey;
//! # impl DeviceKey for PlatformKey {
//! #     fn create(&self, _: &[u8]) -> Result<Vec<Vec<u8>>, DeviceKeyError> { Err(DeviceKeyError::Refused) }
//! #     fn public_key(&self) -> Result<[u8; 65], DeviceKeyError> { Err(DeviceKeyError::Missing) }
//! #     fn sign(&self, _: &[u8]) -> Result<Vec<u8>, DeviceKeyError> { Err(DeviceKeyError::Missing) }
//! #     fn delete(&self) -> Result<(), DeviceKeyError> { Ok(()) }
//! # }
//!
//! let folder = std::env::temp_dir().join(format!("madoguchi-example-{}", std::process::id()));
//! let ports = Ports {
//!     key: Arc::new(PlatformKey),
//!     storage: Arc::new(FolderStorage::new(&folder)),
//!     clock: Arc::new(SystemClock::new()),
//! };
//! let counter = Counter::open(Config::default(), ports);
//!
//! // A new device belongs to nobody yet.
//! let screen = counter.screen();
//! assert!(matches!(screen.view, View::SetUp(_)));
//! assert_eq!(screen.title, "端末の登録");
//!
//! // What is not an enrolment link is a failure with a code and a remedy, in the chosen language.
//! counter.act(Action::SetLanguage(Language::En));
//! let screen = counter.act(Action::OpenLink("https://example.invalid/".to_owned()));
//! let View::Failure(failure) = &screen.view else { panic!("{screen:?}") };
//! assert_eq!(failure.code, "Code 703");
//! assert_eq!(failure.cause, "This is not a registration link");
//! # std::fs::remove_dir_all(folder).expect("the example's folder");
//! ```

mod about;
mod action;
mod biometrics;
mod check;
mod clock;
mod counter;
mod cue;
mod export;
mod exporting;
mod failed;
mod failure;
mod job;
mod journal;
mod keyring;
mod link;
mod login;
mod login_key;
mod passcode;
mod plain;
mod question;
mod reader;
mod reader_keys;
mod reader_session;
mod reader_words;
mod record_words;
mod refusal;
mod refusals;
mod render;
mod result_view;
mod result_words;
mod schedule;
mod screen;
mod settle;
mod state;
mod step;
mod storage;
mod tap;
#[cfg(test)]
mod tests;
mod texts;
mod vault;
mod views;

pub use crate::reader::{Lost, ReaderInfo, ReaderTrouble};
pub use ::reader::{Battery, Protection, SleepDelay, State as ReaderLife};
pub use action::{Action, ExposedPin, Language, Method};
pub use clock::{Clock, SystemClock};
pub use counter::{Config, Counter, Cues, LoginKind, Ports};
pub use eligibility::Era;
pub use export::{Export, ExportChoice, ExportKind, ExportPolicy, ExportPolicyChoice, ExportPolicyView};
pub use failure::{Failure, OtherWays};
pub use journal::{Entry as JournalEntry, Event as JournalEvent};
pub use jpki::{Lengths, Progress};
pub use link::Link;
pub use result_view::{Line, RecordView, ResultView, Section, Tone, ValidityView};
pub use screen::{
    AboutView, Again, BiometricsOffer, BiometricsView, BirthDateView, Button, ChoosePasscodeView, ChooseView,
    ConfirmLinkView, Cue, CueKind, DefaultChoice, EraChoice, ExposedPinChoice, ExposedPinView, Fact,
    FailureView, HoldCardView, LanguageChoice, LastTryView, LogInView, MethodChoice, PinPadView,
    ReaderKeyView, ReaderView, Screen, SetUpView, SettingsView, Step, StepState, SwitchView, View,
    WaitingView, WarningView, Weight,
};
pub use storage::{FolderStorage, Storage, StorageError};
pub use tap::{Tap, TapStep};
