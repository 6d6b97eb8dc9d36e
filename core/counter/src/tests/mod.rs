//! The counter as a whole, with ports that tests hold in their hands. No service is reachable here, and no card:
//! `tests/desk` has both.

mod about;
mod actions;
mod biometrics;
mod canaries;
mod cues;
mod exports;
mod failures;
mod links;
mod log_in;
mod reader_keys;
mod readers;
mod rules;
mod screens;
mod taps;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
        mpsc,
    },
    time::Duration,
};

use secret::Passcode;
use serde_bytes::ByteBuf;
use service::{
    Client, Endpoint, Enrolled, Trust,
    device_key::{DeviceKey, DeviceKeyError},
    messages::{DeviceStatus, Institution, VisualForm},
};
use time::{OffsetDateTime, macros::datetime};

use crate::{
    Clock, Config, Counter, Ports, Storage, StorageError,
    keyring::Keyring,
    login::Verifier,
    state::{Session, Stage},
    vault::{DEVICE, Device},
};

/// A passcode that no rule refuses.
const PASSCODE: &str = "407182";
/// Nothing listens there.
const NOWHERE: &str = "https://127.0.0.1:1";

fn passcode(text: &str) -> Passcode {
    Passcode::new(text.to_owned())
}

/// A storage that can be looked into, and fails on demand.
#[derive(Clone, Default)]
struct Drawer {
    files: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    /// So many stores succeed; after them, none.
    good: Arc<AtomicUsize>,
    broken: Arc<AtomicBool>,
    stores: Arc<AtomicUsize>,
    /// Nothing can be read.
    locked: Arc<AtomicBool>,
    /// This cannot be read, for this reason.
    unreadable: Arc<Mutex<Option<(&'static str, StorageError)>>>,
    /// Nothing can be deleted.
    stuck: Arc<AtomicBool>,
}

impl Drawer {
    /// From the store after the next `good` ones on, the disk is full.
    fn fill_up_after(&self, good: usize) {
        self.good.store(good, Ordering::SeqCst);
        self.broken.store(true, Ordering::SeqCst);
    }

    /// From now on nothing can be deleted.
    fn stick(&self) {
        self.stuck.store(true, Ordering::SeqCst);
    }

    fn come_loose(&self) {
        self.stuck.store(false, Ordering::SeqCst);
    }

    fn make_room(&self) {
        self.broken.store(false, Ordering::SeqCst);
    }

    /// From now on this cannot be read, or everything can.
    fn make_unreadable(&self, what: Option<(&'static str, StorageError)>) {
        *self.unreadable.lock().expect("no test panics with it") = what;
    }

    fn unreadable(&self) -> Option<(&'static str, StorageError)> {
        *self.unreadable.lock().expect("no test panics with it")
    }

    fn stores(&self) -> usize {
        self.stores.load(Ordering::SeqCst)
    }

    fn device(&self) -> Option<Device> {
        Device::read(self.files.lock().expect("no test panics with it").get(DEVICE)?)
    }

    fn wrong(&self) -> u8 {
        self.device().and_then(|device| device.verifier).expect("a device with a passcode").wrong
    }

    fn names(&self) -> Vec<String> {
        self.files.lock().expect("no test panics with it").keys().cloned().collect()
    }

    fn bytes(&self) -> Vec<u8> {
        self.files.lock().expect("no test panics with it").values().flatten().copied().collect()
    }
}

impl Storage for Drawer {
    fn load(&self, name: &str) -> Result<Option<Vec<u8>>, StorageError> {
        if self.locked.load(Ordering::SeqCst) {
            return Err(StorageError::InUse);
        }
        if let Some((_, error)) = self.unreadable().filter(|(unreadable, _)| *unreadable == name) {
            return Err(error);
        }
        Ok(self.files.lock().expect("no test panics with it").get(name).cloned())
    }

    fn store(&self, name: &str, bytes: &[u8]) -> Result<(), StorageError> {
        if self.broken.load(Ordering::SeqCst) {
            let left = self.good.load(Ordering::SeqCst);
            self.good.store(left.saturating_sub(1), Ordering::SeqCst);
            if left == 0 {
                return Err(StorageError::Full);
            }
        }
        self.stores.fetch_add(1, Ordering::SeqCst);
        self.files.lock().expect("no test panics with it").insert(name.to_owned(), bytes.to_vec());
        Ok(())
    }

    fn delete(&self, name: &str) -> Result<(), StorageError> {
        if self.stuck.load(Ordering::SeqCst) {
            return Err(StorageError::ReadOnly);
        }
        self.files.lock().expect("no test panics with it").remove(name);
        Ok(())
    }
}

/// Clocks that stand still until they are moved.
#[derive(Clone, Default)]
struct Hands {
    steady: Arc<AtomicU64>,
    wall: Arc<AtomicU64>,
}

impl Hands {
    /// Time goes by.
    fn pass(&self, time: Duration) {
        let milliseconds = u64::try_from(time.as_millis()).expect("a short time");
        self.steady.fetch_add(milliseconds, Ordering::SeqCst);
        self.wall.fetch_add(milliseconds, Ordering::SeqCst);
    }

    /// Somebody moves the wall clock.
    fn turn(&self, time: Duration) {
        let milliseconds = u64::try_from(time.as_millis()).expect("a short time");
        self.wall.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

impl Clock for Hands {
    fn now(&self) -> OffsetDateTime {
        datetime!(2026-11-23 00:12 UTC) + Duration::from_millis(self.wall.load(Ordering::SeqCst))
    }

    fn steady(&self) -> Duration {
        Duration::from_millis(self.steady.load(Ordering::SeqCst))
    }
}

/// A key store that remembers what it was told: no test here gets as far as a signature.
#[derive(Clone, Default)]
struct Safe {
    deleted: Arc<AtomicUsize>,
    stuck: Arc<AtomicBool>,
    open: Arc<AtomicBool>,
    /// What the key was protected with.
    protected: Arc<Mutex<Vec<String>>>,
    /// Why it does not open.
    refusal: Arc<Mutex<Option<DeviceKeyError>>>,
    /// Until its other end is dropped, the key does not open.
    jam: Arc<Mutex<Option<mpsc::Receiver<()>>>>,
    unlocks: Arc<AtomicUsize>,
    locks: Arc<AtomicUsize>,
}

impl Safe {
    fn is_open(&self) -> bool {
        self.open.load(Ordering::SeqCst)
    }

    fn protected(&self) -> Vec<String> {
        self.protected.lock().expect("no test panics with it").clone()
    }

    fn refuse(&self, refusal: Option<DeviceKeyError>) {
        *self.refusal.lock().expect("no test panics with it") = refusal;
    }
}

impl DeviceKey for Safe {
    fn create(&self, _: &[u8]) -> Result<Vec<Vec<u8>>, DeviceKeyError> {
        self.open.store(true, Ordering::SeqCst);
        Ok(Vec::new())
    }

    fn public_key(&self) -> Result<[u8; 65], DeviceKeyError> {
        Ok([4; 65])
    }

    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, DeviceKeyError> {
        Err(DeviceKeyError::Refused)
    }

    fn delete(&self) -> Result<(), DeviceKeyError> {
        if self.stuck.load(Ordering::SeqCst) {
            return Err(DeviceKeyError::Refused);
        }
        self.deleted.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    fn protect(&self, passcode: &Passcode) -> Result<(), DeviceKeyError> {
        self.protected.lock().expect("no test panics with it").push(passcode.expose().to_owned());
        self.open.store(true, Ordering::SeqCst);
        Ok(())
    }

    fn unlock(&self, _: &Passcode) -> Result<(), DeviceKeyError> {
        self.unlocks.fetch_add(1, Ordering::SeqCst);
        let jam = self.jam.lock().expect("no test panics with it").take();
        jam.map(|jam| jam.recv());
        if let Some(refusal) = *self.refusal.lock().expect("no test panics with it") {
            return Err(refusal);
        }
        self.open.store(true, Ordering::SeqCst);
        Ok(())
    }

    fn lock(&self) {
        self.locks.fetch_add(1, Ordering::SeqCst);
        self.open.store(false, Ordering::SeqCst);
    }
}

/// A counter with its ports in hand.
struct Bench {
    counter: Counter,
    drawer: Drawer,
    hands: Hands,
    safe: Safe,
}

impl Bench {
    /// A device that belongs to nobody.
    fn new() -> Self {
        Self::with(Drawer::default(), Safe::default())
    }

    /// The app starts on this storage; the steady clock starts anew.
    fn with(drawer: Drawer, safe: Safe) -> Self {
        let hands = Hands::default();
        let config = Config {
            endpoint: Some(endpoint()),
            help_desk: Some("ヘルプデスク 03-0000-0000".to_owned()),
            ..Config::default()
        };
        let ports = Ports {
            key: Arc::new(safe.clone()),
            storage: Arc::new(drawer.clone()),
            clock: Arc::new(hands.clone()),
        };
        Self { counter: Counter::open(config, ports), drawer, hands, safe }
    }

    /// An enrolled device with [`PASSCODE`], and so many wrong attempts.
    fn enrolled(wrong: u8) -> Self {
        let drawer = Drawer::default();
        drawer.store(DEVICE, &device(wrong).write()).expect("a drawer");
        Self::with(drawer, Safe::default())
    }

    /// An enrolled device at which somebody is logged in, as if a service had answered.
    fn logged_in() -> Self {
        Self::enrolled(0).let_in()
    }

    /// Somebody logs in, as if a service had answered.
    fn let_in(self) -> Self {
        let keyring = Keyring::new(Arc::new(self.safe.clone()));
        let key = keyring.open_with(&passcode(PASSCODE)).expect("a key that opens");
        self.counter.with(|state, now| {
            let client = Client::enrolled(endpoint(), keyring, &enrolment());
            let mut session = Session::new(key, Some(now.wall.unix_timestamp()));
            session.client = Some(Arc::new(client.expect("a client")));
            session.status = Some(status(now.wall.unix_timestamp()));
            session.status_at = now.steady;
            state.session = Some(session);
            state.session_number += 1;
            state.touched_at = now.steady;
            state.stage = Stage::Choose;
        });
        self
    }

    fn restart(&self) -> Self {
        Self::with(self.drawer.clone(), self.safe.clone())
    }

    async fn attempt(&self, text: &str) -> crate::Screen {
        self.counter.act(crate::Action::Passcode(passcode(text)));
        self.counter.run().await
    }
}

/// A client of an enrolled device, at another place than nowhere.
pub(crate) fn a_client(at: impl FnOnce(Endpoint) -> Endpoint) -> Client {
    let key = Safe::default();
    key.open.store(true, Ordering::SeqCst);
    Client::enrolled(at(endpoint()), Arc::new(key), &enrolment()).expect("a client")
}

fn device(wrong: u8) -> Device {
    static VERIFIER: LazyLock<Verifier> = LazyLock::new(|| Verifier::choose(&passcode(PASSCODE)));
    let url = NOWHERE.parse().expect("a URL");
    let mut device = Device::new(&url, enrolment(), Some("見本整骨院".to_owned()));
    let mut verifier = VERIFIER.clone();
    verifier.wrong = wrong;
    device.verifier = Some(verifier);
    device
}

fn enrolment() -> Enrolled {
    static ROOT: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let key = rcgen::KeyPair::generate().expect("a key");
        let root = rcgen::CertificateParams::default().self_signed(&key).expect("a certificate");
        root.der().to_vec()
    });
    Enrolled { chain: vec![ByteBuf::from(ROOT.clone())], root: ByteBuf::from(ROOT.clone()) }
}

fn endpoint() -> Endpoint {
    Endpoint { url: NOWHERE.parse().expect("a URL"), trust: Trust::Root(enrolment().root.into_vec()) }
}

fn status(now: i64) -> DeviceStatus {
    DeviceStatus {
        institution: Institution { code: "9919900010".to_owned(), name: "見本整骨院".to_owned() },
        pin: true,
        visual: Some(VisualForm::Proven),
        renew_at: now + 1_000_000,
        now,
        notices: Vec::new(),
        sandbox: true,
        tag_key: None,
        issuer_keys: Vec::new(),
    }
}
