//! The façade.

use std::sync::{Arc, Mutex, PoisonError};

use jpki::Lengths;
use service::{Endpoint, device_key::DeviceKey, messages::Consents};
use tokio::{runtime::Handle, sync::watch};

use crate::{
    Action, Clock, JournalEntry, Language, Screen, Storage,
    job::{Outcome, Tools},
    journal::{Entry, Event, Journal},
    keyring::Keyring,
    login_key::LogInMessage,
    reader_keys::ReaderKeys,
    render::render,
    settle::Ticket,
    state::{LastCue, Now, Stage, State, Unsaved},
    vault::{Settings, Vault},
};

/// What the shell knows before anything is stored.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// The service for account and code that are typed; with a link it is not needed.
    pub endpoint: Option<Endpoint>,
    /// Whom staff call: name and number, as they are to be shown.
    pub help_desk: Option<String>,
    /// The language until somebody chooses another one.
    pub language: Language,
    /// How staff log in on this kind of device.
    pub login: LoginKind,
    /// Whether this device recognises fingers or faces so that a key in its hardware can depend on it (on Android a Class 3
    /// sensor). It counts only with [`LoginKind::Passcode`]: a password seals the device key of a PC, and nothing else
    /// opens that.
    pub biometrics: bool,
    /// Whether a card is held to this device itself where no Bluetooth reader is in use.
    pub nfc: bool,
    /// How this device can draw attention.
    pub cues: Cues,
    /// What this device's own way to a card can carry: its NFC, or a reader at a cable. Over a Bluetooth reader
    /// ([`Link::Bluetooth`](crate::Link::Bluetooth)) it does not count: no maker says how a long answer comes there, so it is always short.
    ///
    /// A shell may set [`Lengths::Extended`] where the whole way says so: on Android `IsoDep.isExtendedLengthApduSupported`;
    /// at a cable the reader's CCID descriptor, `dwFeatures` with the extended APDU level (USB CCID 1.1 §5.1). Whether the
    /// card does, it says by taking it. Leave it short where time is not measured: it wins little, and a reader that
    /// drops a long answer costs the patient a second tap (`docs/adr/0010-extended-length.md`).
    pub lengths: Lengths,
}

/// How a device can draw the attention of whoever does not look at it. The settings turn each off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cues {
    /// By sounds.
    pub sound: bool,
    /// By vibration.
    pub vibration: bool,
}

/// How staff log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LoginKind {
    /// Six digits or more, on a phone or tablet.
    #[default]
    Passcode,
    /// Ten characters or more, on a PC.
    Password,
}

/// What the platform gives.
#[derive(Clone)]
pub struct Ports {
    /// The device's own key.
    pub key: Arc<dyn DeviceKey>,
    /// Where the state is kept, sealed where there is hardware for it.
    pub storage: Arc<dyn Storage>,
    /// The clocks.
    pub clock: Arc<dyn Clock>,
}

/// The counter: it holds the state, takes [`Action`]s and gives [`Screen`]s.
///
/// A clone is another handle to the same counter. Any handle may be used from any thread; no lock is held while
/// something is awaited.
#[derive(Clone)]
pub struct Counter {
    inner: Arc<Inner>,
}

struct Inner {
    state: Mutex<State>,
    /// Wakes `run` when what it does may not matter any more.
    changes: watch::Sender<()>,
    tools: Tools,
}

impl Counter {
    /// Opens the counter on what is stored. It reads a few kilobytes, synchronously; what goes wrong with that
    /// becomes a screen.
    pub fn open(config: Config, ports: Ports) -> Self {
        let tools =
            Tools { key: Keyring::new(ports.key), vault: Vault::new(ports.storage), clock: ports.clock };
        let now = Now { steady: tools.clock.steady(), wall: tools.clock.now() };
        let mut state = State {
            config,
            settings: Settings::default(),
            device: None,
            reader: None,
            reader_keys: ReaderKeys::default(),
            reader_keys_unread: false,
            reconnect: None,
            session: None,
            patient: None,
            consents: Consents::default(),
            stage: Stage::SetUp,
            pending: None,
            running: false,
            tapping: false,
            session_number: 0,
            patient_number: 0,
            touched_at: now.steady,
            wall_ahead: now.wall_ahead(),
            log_in_from: now.steady,
            login_key: None,
            log_in_message: LogInMessage::fresh(),
            withdrawn_messages: Vec::new(),
            last_cue: LastCue::default(),
            journal: Journal::default(),
            unsaved: Unsaved::default(),
            runtime: None,
        };
        state.journal.push(Entry::new(now.wall.unix_timestamp(), Event::Started));
        let stored = tools.vault.load_now();
        state.loaded(stored, now);
        Self { inner: Arc::new(Inner { state: Mutex::new(state), changes: watch::Sender::new(()), tools }) }
    }

    /// Does what the action says and gives the next screen.
    ///
    /// Quick: it hashes nothing and neither reads nor writes. Where [`Screen::work`] is set, call
    /// [`Counter::run`].
    pub fn act(&self, action: Action) -> Screen {
        self.with(|state, now| {
            state.step(action, now);
            render(state, now)
        })
    }

    /// The screen as it is now.
    pub fn screen(&self) -> Screen {
        self.with(|state, now| {
            state.tick(now);
            render(state, now)
        })
    }

    /// Does what is to be done (network, Argon2id, storage, key store) and gives the screen that comes of it.
    ///
    /// To be awaited in a tokio runtime with time and I/O, whenever [`Screen::work`] is set; other actions and
    /// taps may go on meanwhile. One call at a time does the work, including what comes up while it runs; another
    /// one returns at once. Dropping the future is allowed: what it was doing ends with a failure that can be
    /// tried again.
    ///
    /// The runtime is remembered: while a card works, [`Tap::next`](crate::Tap::next) may ask the service something
    /// there, and does not wait for it.
    pub async fn run(&self) -> Screen {
        if let Ok(runtime) = Handle::try_current() {
            self.with(|state, _| state.runtime = Some(runtime));
        }
        if let Some(mut flight) = Flight::start(self) {
            flight.go().await;
        }
        self.screen()
    }

    /// What this device did, oldest first, for the help desk. It tells nothing of any patient.
    pub fn journal(&self) -> Vec<JournalEntry> {
        self.with(|state, _| state.journal.entries().to_vec())
    }

    /// The service that this device is enrolled with, and whom it trusts there: for a shell that looks whether it can be
    /// reached.
    pub fn endpoint(&self) -> Option<Endpoint> {
        self.with(|state, _| state.device.as_ref()?.endpoint())
    }

    /// Woken when another session or another patient begins.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.inner.changes.subscribe()
    }

    /// Every access to the state. The lock is held for this call only; nothing in it waits.
    pub(crate) fn with<T>(&self, change: impl FnOnce(&mut State, Now) -> T) -> T {
        let clock = &self.inner.tools.clock;
        let now = Now { steady: clock.steady(), wall: clock.now() };
        // A panic in the middle of a change would be a defect; a counter that goes on serves better than one
        // that is dead until a restart.
        let mut state = self.inner.state.lock().unwrap_or_else(PoisonError::into_inner);
        let numbers = (state.session_number, state.patient_number);
        let done = change(&mut state, now);
        if numbers != (state.session_number, state.patient_number) {
            self.inner.changes.send_replace(());
        }
        done
    }
}

impl core::fmt::Debug for Counter {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Counter")
    }
}

/// The one call of `run` that works. Dropped before it has landed, it leaves the counter usable.
struct Flight<'a> {
    counter: &'a Counter,
    landed: bool,
}

impl<'a> Flight<'a> {
    fn start(counter: &'a Counter) -> Option<Self> {
        let free = counter.with(|state, now| {
            state.tick(now);
            let free = state.work(now);
            state.running |= free;
            free
        });
        // Made outside of the lock: dropping it takes the lock.
        free.then(|| Self { counter, landed: false })
    }

    async fn go(&mut self) {
        loop {
            let mut changes = self.counter.changes();
            let next = self.counter.with(|state, now| {
                state.tick(now);
                let job = state.take_job(now);
                state.running = job.is_some();
                job.map(|job| (state.ticket(job.scope()), job))
            });
            let Some((ticket, job)) = next else { break };
            let work = job.perform(self.counter.inner.tools.clone());
            let outcome: Option<Outcome> = tokio::select! {
                outcome = work => Some(outcome),
                () = self.outlived(ticket, &mut changes) => None,
            };
            if let Some(outcome) = outcome {
                self.counter.with(|state, now| state.settle(outcome, ticket, now));
            }
        }
        self.landed = true;
    }

    /// Returns when nobody waits for the answer any more: then the connection goes as well.
    async fn outlived(&self, ticket: Ticket, changes: &mut watch::Receiver<()>) {
        while self.counter.with(|state, _| state.matters(ticket)) {
            if changes.changed().await.is_err() {
                core::future::pending::<()>().await;
            }
        }
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        if !self.landed {
            self.counter.with(State::given_up);
        }
    }
}
