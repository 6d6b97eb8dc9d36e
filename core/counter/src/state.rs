//! Where the counter stands.

use std::{sync::Arc, time::Duration};

use eligibility::{Era, japan_date};
use secret::{BirthDigits, DigitPad, Passcode, Pin};
use service::{
    Client, EnrolmentLink,
    messages::{CheckRequest, CheckResponse, Consents, DeviceStatus, Method as ProofMethod, VisualForm},
};
use time::{Date, OffsetDateTime};
use tokio::runtime::Handle;
use zeroize::Zeroizing;

use crate::{
    Config, Failure, Language, Method, ReaderInfo,
    check::{Draft, Fresh},
    job::{Enrolment, Job},
    journal::{Entry, Event, Journal},
    keyring::Unlocked,
    login_key::{LogInMessage, LoginKey},
    passcode::Weakness,
    reader_keys::{KeyProblem, ReaderKeys},
    refusal::Refusal,
    refusals::Refusals,
    screen::CueKind,
    vault::{Device, LOGIN_KEY, READER_KEYS, SETTINGS, Settings},
};

/// A PIN or birth date is forgotten after so long.
pub(crate) const SECRET_LIFE: Duration = Duration::from_mins(1);
/// Asked to wait longer, a person may try again after so long all the same: our own decision.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// The two clocks, read at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Now {
    pub(crate) steady: Duration,
    pub(crate) wall: OffsetDateTime,
}

impl Now {
    /// How far the wall clock is ahead of the steady one. Only how it changes says something.
    pub(crate) fn wall_ahead(self) -> time::Duration {
        let steady = time::Duration::try_from(self.steady).unwrap_or(time::Duration::MAX);
        (self.wall - OffsetDateTime::UNIX_EPOCH).saturating_sub(steady)
    }
}

/// Everything that the counter knows.
pub(crate) struct State {
    pub(crate) config: Config,
    pub(crate) settings: Settings,
    pub(crate) device: Option<Device>,
    /// The Bluetooth reader in use; `None`: there is none in between.
    pub(crate) reader: Option<ReaderInfo>,
    pub(crate) reader_keys: ReaderKeys,
    /// There may be more than these: what is stored could not be read.
    pub(crate) reader_keys_unread: bool,
    /// The reader to which a new session is due: its key was changed, or somebody asked for another try.
    pub(crate) reconnect: Option<String>,
    /// Only while somebody is logged in.
    pub(crate) session: Option<Session>,
    /// Only while a patient is being checked.
    pub(crate) patient: Option<Patient>,
    /// What the patient agrees to, before there is a patient.
    pub(crate) consents: Consents,
    pub(crate) stage: Stage,
    /// What an action asked for.
    pub(crate) pending: Option<Job>,
    /// Whether somebody is in `Counter::run`.
    pub(crate) running: bool,
    /// Whether a tap is on the way.
    pub(crate) tapping: bool,
    /// Counts log ins and locks: what was begun in another session comes too late.
    pub(crate) session_number: u64,
    /// Counts patients and changes of method: what was begun for another one comes too late.
    pub(crate) patient_number: u64,
    pub(crate) touched_at: Duration,
    /// How far the wall clock was ahead of the steady one when the state was last looked at.
    pub(crate) wall_ahead: time::Duration,
    /// Before this no attempt to log in is taken.
    pub(crate) log_in_from: Duration,
    /// Whose signature logs in, where biometrics are switched on.
    pub(crate) login_key: Option<LoginKey>,
    /// What it is to sign for the next log in.
    pub(crate) log_in_message: LogInMessage,
    /// What it was to sign when the app left the foreground, as often as that has come since the counter locked.
    pub(crate) withdrawn_messages: Vec<LogInMessage>,
    pub(crate) last_cue: LastCue,
    pub(crate) journal: Journal,
    pub(crate) unsaved: Unsaved,
    /// Where `Counter::run` was called last: a question that is asked beside it runs there.
    pub(crate) runtime: Option<Handle>,
}

/// The last cue that was due.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LastCue {
    /// How many there were.
    pub(crate) number: u64,
    /// What, and when.
    pub(crate) given: Option<(CueKind, Duration)>,
}

/// What is to be stored when there is time.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools, reason = "one a name in the storage")]
pub(crate) struct Unsaved {
    pub(crate) journal: bool,
    pub(crate) settings: bool,
    pub(crate) device: bool,
    pub(crate) reader_keys: bool,
    pub(crate) login_key: bool,
}

impl Unsaved {
    /// What could not be stored is to be stored again.
    pub(crate) fn again(&mut self, name: &str) {
        self.settings |= name == SETTINGS;
        self.reader_keys |= name == READER_KEYS;
        self.login_key |= name == LOGIN_KEY;
    }
}

/// Somebody is logged in.
pub(crate) struct Session {
    /// Dropping it locks the device key.
    _key: Unlocked,
    /// When the passcode was typed for it, in seconds, on the wall clock. `None`: biometrics took its place.
    pub(crate) passcode_at: Option<i64>,
    /// Dropping it ends the TLS session.
    pub(crate) client: Option<Arc<Client>>,
    pub(crate) status: Option<DeviceStatus>,
    /// When `status` was learned: its clock counts from here.
    pub(crate) status_at: Duration,
    /// When the service was last asked for it, whatever came of that.
    pub(crate) status_tried_at: Duration,
    pub(crate) challenge: Option<Fresh>,
    /// The last question for a challenge failed; asked again when the card is awaited.
    pub(crate) challenge_failed: bool,
    pub(crate) renewal_tried: bool,
    /// Of short file identifiers, by the cards of this log in.
    pub(crate) refusals: Refusals,
}

impl Session {
    pub(crate) fn new(key: Unlocked, passcode_at: Option<i64>) -> Self {
        Self {
            _key: key,
            passcode_at,
            client: None,
            status: None,
            status_at: Duration::ZERO,
            status_tried_at: Duration::ZERO,
            challenge: None,
            challenge_failed: false,
            renewal_tried: false,
            refusals: Refusals::default(),
        }
    }
}

/// The person at the counter, as far as the device knows them: a method, and for a minute a secret.
pub(crate) struct Patient {
    pub(crate) method: Method,
    pub(crate) form: Option<VisualForm>,
    pub(crate) consents: Consents,
    pub(crate) began_at: Duration,
    pub(crate) secret: Option<Secret>,
    /// When the secret is forgotten, wherever it is by then; and what stands for it, where only the rest of a
    /// certificate is missing: the signature.
    pub(crate) secret_until: Option<Duration>,
    /// The birth date that staff typed, to be compared with that in the chip.
    pub(crate) typed: Option<Date>,
    /// Told that one try is left, the person went on.
    pub(crate) last_try: bool,
    /// Warned that everybody near can read the PIN along, staff went on.
    pub(crate) warned: bool,
    /// The tap that is open has no more use for the secret: it may end in its own time.
    pub(crate) taken: bool,
    pub(crate) reading: Reading,
    /// Taps that were lost or could not begin, in a row.
    pub(crate) losses: u8,
    /// What a lost tap left, with what it was signing.
    pub(crate) interrupted: Option<(jpki::Interrupted, Draft)>,
    /// Sent, not answered: kept until it is, so that nobody taps twice.
    pub(crate) request: Option<Arc<CheckRequest>>,
}

/// How much a tap reads of the certificates: of the card, and of the key of its issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// What the service does not know.
    Unknown,
    /// All of it, whatever the service says it knows: a check that named one of them was refused.
    Whole,
}

/// What opens the card.
pub(crate) enum Secret {
    Pin(Pin),
    Birth(BirthDigits),
    /// 目視確認 as the device attests it needs none.
    None,
}

impl Patient {
    pub(crate) fn proof_method(&self) -> ProofMethod {
        match (self.method, self.form) {
            (Method::Pin, _) => ProofMethod::Pin,
            (Method::Visual, Some(VisualForm::Attested)) => ProofMethod::VisualAttested,
            (Method::Visual, _) => ProofMethod::VisualProven,
        }
    }
}

/// The screen, with what belongs to it alone.
pub(crate) enum Stage {
    SetUp,
    ConfirmLink(EnrolmentLink),
    ChoosePasscode {
        first: Option<Passcode>,
        problem: Option<Weakness>,
    },
    Locked {
        problem: Option<LogInProblem>,
    },
    Choose,
    BirthDate {
        era: Era,
        digits: Zeroizing<Vec<u8>>,
        problem: Option<BirthProblem>,
    },
    /// A child under five may have a card without a photo.
    NoPhoto,
    /// The PIN would go over a link that everybody near can read along: the warning before.
    Exposed,
    PinPad {
        pad: DigitPad<4>,
        problem: Option<Failure>,
    },
    HoldCard {
        again: Option<Failure>,
    },
    LastTry(Failure),
    Waiting(For),
    Result {
        response: Box<CheckResponse>,
        method: Method,
        shown_at: Duration,
    },
    Failed(Failed),
    Settings,
    /// What this app is; back leads from where it was opened.
    About {
        from: Box<Stage>,
    },
    /// The key of a reader is entered.
    ReaderKey {
        /// Its name: the one that was in use when this was opened.
        reader: String,
        problem: Option<KeyProblem>,
    },
    /// Ending the registration must be confirmed; no leads back.
    ConfirmForget {
        from: Box<Stage>,
        /// Before this, yes is not taken.
        yes_from: Duration,
    },
}

/// Why nobody is logged in yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogInProblem {
    /// The passcode was wrong.
    Wrong,
    /// Biometrics are good for nothing any more.
    BiometricsChanged,
}

/// What was wrong with a birth date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BirthProblem {
    NoSuchDay,
    Future,
    Forgotten,
}

/// What is awaited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum For {
    Enrolling,
    SavingPasscode,
    LoggingIn,
    Connecting,
    Checking,
    /// Because of this, if it was not asked for.
    Wiping(Option<Failure>),
    Loading,
}

/// A failure on the screen.
pub(crate) struct Failed {
    pub(crate) failure: Failure,
    pub(crate) tries_left: Option<u8>,
    /// Before this, Retry is not taken: the service asked for it.
    pub(crate) retry_from: Option<Duration>,
    pub(crate) way: Way,
}

/// Where Retry leads.
pub(crate) enum Way {
    /// Nowhere: the next patient, or nothing.
    None,
    /// The PIN or the birth date once more.
    Ask,
    /// The warning that one try is left.
    LastTry(Failure),
    /// The card once more, with what is known.
    Hold,
    /// The same request once more.
    Send,
    /// The service once more.
    Connect,
    SetUp,
    Enrol(Arc<Enrolment>),
    /// Storing the enrolment once more: the code is spent.
    Keep,
    ChoosePasscode,
    LogIn,
    /// Storing what has this name once more.
    Settings(&'static str),
    Load,
    Wipe(Option<Failure>),
}

impl State {
    pub(crate) fn language(&self) -> Language {
        self.settings.language.unwrap_or(self.config.language)
    }

    pub(crate) fn status(&self) -> Option<&DeviceStatus> {
        self.session.as_ref()?.status.as_ref()
    }

    /// The methods that this device may use, the site's default first.
    pub(crate) fn methods(&self) -> Vec<Method> {
        let Some(status) = self.status() else { return Vec::new() };
        let mut methods = Vec::new();
        methods.extend(status.visual.map(|_| Method::Visual));
        methods.extend(status.pin.then_some(Method::Pin));
        if self.settings.method == Some(Method::Pin) {
            methods.reverse();
        }
        methods
    }

    /// The day in Japan, by the service's clock: the device's own may be wrong.
    pub(crate) fn today(&self, now: Now) -> Date {
        let from_service = || {
            let session = self.session.as_ref()?;
            let then = OffsetDateTime::from_unix_timestamp(session.status.as_ref()?.now).ok()?;
            let since = now.steady.saturating_sub(session.status_at);
            then.checked_add(since.try_into().ok()?)
        };
        japan_date(from_service().unwrap_or(now.wall))
    }

    /// Ends the session: no key is used, no TLS session is left, nothing of a patient is kept.
    pub(crate) fn lock(&mut self, now: Now) {
        if self.session.take().is_some() {
            self.note(Entry::new(now.wall.unix_timestamp(), Event::Locked));
        }
        self.session_number += 1;
        self.drop_patient();
        // What was signed for an earlier log in serves for none after it.
        self.log_in_message = LogInMessage::fresh();
        self.stage = Stage::Locked { problem: None };
    }

    /// Forgets the patient: whatever is on its way for them comes too late.
    pub(crate) fn drop_patient(&mut self) {
        self.patient = None;
        self.consents = Consents::default();
        self.patient_number += 1;
        self.tapping = false;
        self.pending = None;
    }

    /// Back to the choice of the method, with the site's default.
    pub(crate) fn next_patient(&mut self) {
        self.drop_patient();
        self.stage = Stage::Choose;
    }

    /// Shows the screen on which the patient's secret is typed, or the card is awaited.
    pub(crate) fn ask(&mut self, problem: Option<Failure>) {
        let Some(patient) = &mut self.patient else { return self.next_patient() };
        (patient.secret, patient.secret_until, patient.typed) = (None, None, None);
        (patient.interrupted, patient.request, patient.losses) = (None, None, 0);
        self.patient_number += 1;
        self.tapping = false;
        self.stage = match patient.proof_method() {
            ProofMethod::Pin => Stage::PinPad { pad: DigitPad::new(), problem },
            ProofMethod::VisualProven => Stage::BirthDate {
                era: Era::Showa,
                digits: Zeroizing::new(Vec::with_capacity(6)),
                problem: problem.map(|_| BirthProblem::Forgotten),
            },
            ProofMethod::VisualAttested => {
                patient.secret = Some(Secret::None);
                Stage::HoldCard { again: None }
            }
        };
    }

    /// All digits are there.
    pub(crate) fn hold(&mut self, secret: Secret, now: Now) {
        if let Some(patient) = &mut self.patient {
            patient.secret = Some(secret);
            patient.secret_until = Some(now.steady + SECRET_LIFE);
        }
        self.await_card(None);
    }

    pub(crate) fn await_card(&mut self, again: Option<Failure>) {
        if let Some(session) = &mut self.session {
            session.challenge_failed = false;
        }
        self.stage = Stage::HoldCard { again };
    }

    /// Writes into the journal.
    pub(crate) fn note(&mut self, entry: Entry) {
        self.journal.push(entry);
        self.unsaved.journal = true;
    }

    /// Writes a failure into the journal and leaves the screen.
    pub(crate) fn fail_quietly(&mut self, failure: Failure, now: Now) {
        let entry = self.entry(Event::Failed, now);
        self.note(Entry { code: Some(failure.code()), ..entry });
    }

    /// A check did not go on: whoever holds a card hears it.
    pub(crate) fn fail_audibly(&mut self, now: Now) {
        if self.patient.is_some() {
            self.give_cue(CueKind::Failure, now);
        }
    }

    /// An entry with the patient's method and time, if there is a patient.
    pub(crate) fn entry(&self, event: Event, now: Now) -> Entry {
        let mut entry = Entry::new(now.wall.unix_timestamp(), event);
        if let Some(patient) = &self.patient {
            entry.method = Some(patient.method);
            let took = now.steady.saturating_sub(patient.began_at).as_millis();
            entry.milliseconds = Some(u32::try_from(took).unwrap_or(u32::MAX));
        }
        entry
    }

    /// Shows a failure, or a refusal with the time that the service asked for.
    pub(crate) fn fail(&mut self, refusal: impl Into<Refusal>, way: Way, now: Now) {
        let Refusal { failure, retry_after } = refusal.into();
        self.fail_quietly(failure, now);
        self.fail_audibly(now);
        let retry_from = retry_after.map(|wait| now.steady + wait.min(LONGEST_WAIT));
        self.stage = Stage::Failed(Failed { failure, tries_left: None, retry_from, way });
    }

    pub(crate) fn fail_with(&mut self, failure: Failure, tries_left: Option<u8>, way: Way, now: Now) {
        self.fail_quietly(failure, now);
        self.fail_audibly(now);
        self.stage = Stage::Failed(Failed { failure, tries_left, retry_from: None, way });
    }
}
