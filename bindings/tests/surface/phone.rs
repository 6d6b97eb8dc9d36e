//! What these tests share: a phone, with a key store and a storage that can be told to misbehave.

use std::collections::HashMap;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use counter::{Action, Failure, Link, Lost, Method, Screen, View};
use desk::{SoftKey, World};
use madoguchi::{Config, Counter, DeviceKey, DeviceKeyError, OpenError, Storage, StorageError, TapStep};
use sandbox_card::{Person, VirtualCard};
use secret::{Passcode, SecretBytes};
use service::device_key::DeviceKey as _;
use tokio::runtime::Runtime;

/// Longer than anything here takes, on a machine with other things to do.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A service, and a phone that was enrolled with it.
pub(crate) struct Phone {
    pub(crate) counter: Arc<Counter>,
    pub(crate) ports: Arc<Platform>,
    pub(crate) world: World,
    /// The service's; nothing of the phone runs in it.
    pub(crate) runtime: Runtime,
}

impl Phone {
    /// A phone where somebody has just logged in.
    pub(crate) fn new() -> Self {
        Self::with(Person::all())
    }

    pub(crate) fn with(persons: Vec<Person>) -> Self {
        let phone = Self::out_of_the_box(persons);
        let screen = phone.enrol();
        assert!(matches!(screen.view, View::Choose(_)), "{screen:?}");
        phone
    }

    pub(crate) fn out_of_the_box(persons: Vec<Person>) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let world = runtime.block_on(World::with(persons)).expect("a free port of loopback");
        let ports = Arc::<Platform>::default();
        Self { counter: ports.open(), ports, world, runtime }
    }

    /// Opens the link, says yes, chooses the passcode and logs in, as far as it goes.
    pub(crate) fn enrol(&self) -> Screen {
        let activation = self.runtime.block_on(self.world.activation()).expect("a device slot");
        self.act(Action::OpenLink(activation.link.to_text().to_string()));
        let mut screen = self.act(Action::Confirm);
        while matches!(screen.view, View::ChoosePasscode(_)) {
            screen = self.act(passcode());
        }
        if matches!(screen.view, View::LogIn(_)) { self.act(passcode()) } else { screen }
    }

    /// Does something, and then the work that comes of it, as a shell does.
    pub(crate) fn act(&self, action: Action) -> Screen {
        let mut screen = self.counter.act(action);
        while screen.work {
            screen = wait(self.counter.run());
        }
        screen
    }

    /// A patient chooses the PIN and types it.
    pub(crate) fn pin(&self, digits: &str) -> Screen {
        self.world.clock().advance(Duration::from_secs(3));
        let mut screen = self.act(Action::Choose(Method::Pin));
        for digit in digits.bytes() {
            screen = self.act(Action::Digit(digit - b'0'));
        }
        screen
    }

    /// Holds a card, and lets the service decide.
    pub(crate) fn hold(&self, card: &mut VirtualCard) -> Screen {
        self.hold_for(card, usize::MAX)
    }

    /// Holds a card, and takes it away after so many commands.
    pub(crate) fn hold_for(&self, card: &mut VirtualCard, commands: usize) -> Screen {
        let tap = self.counter.tap(Link::Direct).expect("a card is awaited");
        card.power_on();
        let mut step = tap.next(None);
        let mut answered = 0;
        let screen = loop {
            match step {
                TapStep::Done { screen } => break screen,
                TapStep::Transmit { .. } if answered == commands => break tap.lost(Lost::CardGone),
                TapStep::Transmit { command } => {
                    answered += 1;
                    step = tap.next(Some(SecretBytes::new(card.transmit(command.expose()))));
                }
            }
        };
        card.power_off();
        if screen.work { wait(self.counter.run()) } else { screen }
    }
}

pub(crate) fn passcode() -> Action {
    Action::Passcode(Passcode::new(desk::PASSCODE.to_owned()))
}

/// The failure that a screen tells of.
pub(crate) fn failure(screen: &Screen) -> Option<Failure> {
    match &screen.view {
        View::Failure(view) => Some(view.failure),
        View::HoldCard(view) => view.again.as_ref().map(|again| again.failure),
        _ => None,
    }
}

/// Awaits as a shell does: on a thread that knows of no runtime.
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park_timeout(PATIENCE),
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// How a port behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Mood {
    #[default]
    Good,
    /// Says that there is no key, or no room.
    Refuses,
    /// As a shell that throws what it should not: UniFFI turns that into the port's own error.
    Throws,
    Panics,
    /// Until it is of another mood.
    Hangs,
}

/// The platform's side: key store and storage.
#[derive(Default)]
pub(crate) struct Platform {
    pub(crate) key: KeyStore,
    pub(crate) storage: Memory,
}

impl Platform {
    /// The app starts.
    pub(crate) fn open(self: &Arc<Self>) -> Arc<Counter> {
        self.open_with(Config::default()).expect("a counter")
    }

    pub(crate) fn open_with(self: &Arc<Self>, config: Config) -> Result<Arc<Counter>, OpenError> {
        let (key, storage) = (Arc::new(KeyPort(Arc::clone(self))), Arc::new(StoragePort(Arc::clone(self))));
        Counter::new(config, key, storage)
    }
}

/// A mood that can be changed while somebody hangs in it.
#[derive(Default)]
pub(crate) struct Moody {
    mood: Mutex<Mood>,
    changed: Condvar,
    /// How many hang.
    hanging: Mutex<usize>,
}

impl Moody {
    pub(crate) fn set(&self, mood: Mood) {
        *self.mood.lock().expect("nobody panics with it") = mood;
        self.changed.notify_all();
    }

    pub(crate) fn hanging(&self) -> usize {
        *self.hanging.lock().expect("nobody panics with it")
    }

    /// The mood; one that hangs is waited out.
    fn settled(&self) -> Mood {
        let mut mood = self.mood.lock().expect("nobody panics with it");
        if *mood == Mood::Hangs {
            *self.hanging.lock().expect("nobody panics with it") += 1;
            let waited = self.changed.wait_timeout_while(mood, PATIENCE, |mood| *mood == Mood::Hangs);
            mood = waited.expect("nobody panics with it").0;
            *self.hanging.lock().expect("nobody panics with it") -= 1;
        }
        *mood
    }

    /// `Err`: the mood in which it fails.
    fn feel(&self) -> Result<(), Mood> {
        match self.settled() {
            Mood::Good | Mood::Hangs => Ok(()),
            Mood::Panics => panic!("a port that panics"),
            mood => Err(mood),
        }
    }
}

#[derive(Default)]
pub(crate) struct KeyStore {
    pub(crate) mood: Moody,
    key: SoftKey,
}

struct KeyPort(Arc<Platform>);

impl KeyPort {
    fn store(&self) -> Result<&SoftKey, DeviceKeyError> {
        match self.0.key.mood.feel() {
            Ok(()) => Ok(&self.0.key.key),
            Err(Mood::Throws) => Err(uniffi::UnexpectedUniFFICallbackError::new("canary").into()),
            Err(_) => Err(DeviceKeyError::Missing),
        }
    }
}

impl DeviceKey for KeyPort {
    fn create(&self, challenge: Vec<u8>) -> Result<Vec<Vec<u8>>, DeviceKeyError> {
        self.store()?.create(&challenge).map_err(|_| DeviceKeyError::Refused)
    }

    fn public_key(&self) -> Result<Vec<u8>, DeviceKeyError> {
        self.store()?.public_key().map(Vec::from).map_err(|_| DeviceKeyError::Missing)
    }

    fn sign(&self, message: Vec<u8>) -> Result<Vec<u8>, DeviceKeyError> {
        self.store()?.sign(&message).map_err(|_| DeviceKeyError::Missing)
    }

    fn delete(&self) -> Result<(), DeviceKeyError> {
        self.store()?.delete().map_err(|_| DeviceKeyError::Refused)
    }
}

#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) mood: Moody,
    kept: Mutex<HashMap<String, Vec<u8>>>,
}

struct StoragePort(Arc<Platform>);

impl StoragePort {
    fn with<T>(&self, use_it: impl FnOnce(&mut HashMap<String, Vec<u8>>) -> T) -> Result<T, StorageError> {
        match self.0.storage.mood.feel() {
            Ok(()) => Ok(use_it(&mut self.0.storage.kept.lock().expect("nobody panics with it"))),
            Err(Mood::Throws) => Err(uniffi::UnexpectedUniFFICallbackError::new("canary").into()),
            Err(_) => Err(StorageError::Full),
        }
    }
}

impl Storage for StoragePort {
    fn load(&self, name: String) -> Result<Option<Vec<u8>>, StorageError> {
        self.with(|kept| kept.get(&name).cloned())
    }

    fn store(&self, name: String, bytes: Vec<u8>) -> Result<(), StorageError> {
        self.with(|kept| drop(kept.insert(name, bytes)))
    }

    fn delete(&self, name: String) -> Result<(), StorageError> {
        self.with(|kept| drop(kept.remove(&name)))
    }
}
