//! A device key that lies in software: the passcode opens it, and nothing signs while the counter is locked.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use counter::{Action, Config, Counter, Failure, FolderStorage, View};
use desk::{Desk, SoftKey, World};
use secret::Passcode;
use service::device_key::{DeviceKey, DeviceKeyError};
use tempfile::TempDir;

use crate::support::{failure, is_result};

/// What the PC's sealed file does, with the seal in memory: it refuses while it is locked, and remembers that it
/// was asked.
#[derive(Default)]
struct Sealed {
    key: SoftKey,
    seal: Mutex<Seal>,
    asked_while_locked: AtomicUsize,
}

#[derive(Default)]
struct Seal {
    passcode: Option<String>,
    open: bool,
}

impl Sealed {
    fn seal(&self) -> MutexGuard<'_, Seal> {
        self.seal.lock().expect("no test panics with it")
    }

    fn is_open(&self) -> bool {
        self.seal().open
    }

    fn asked_while_locked(&self) -> usize {
        self.asked_while_locked.load(Ordering::SeqCst)
    }
}

impl DeviceKey for Sealed {
    fn create(&self, challenge: &[u8]) -> Result<Vec<Vec<u8>>, DeviceKeyError> {
        *self.seal() = Seal { passcode: None, open: true };
        self.key.create(challenge)
    }

    fn public_key(&self) -> Result<[u8; 65], DeviceKeyError> {
        self.key.public_key()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, DeviceKeyError> {
        if !self.is_open() {
            self.asked_while_locked.fetch_add(1, Ordering::SeqCst);
            return Err(DeviceKeyError::Refused);
        }
        self.key.sign(message)
    }

    fn delete(&self) -> Result<(), DeviceKeyError> {
        *self.seal() = Seal::default();
        self.key.delete()
    }

    fn protect(&self, passcode: &Passcode) -> Result<(), DeviceKeyError> {
        let mut seal = self.seal();
        if !seal.open && seal.passcode.as_deref() != Some(passcode.expose()) {
            return Err(DeviceKeyError::Missing);
        }
        *seal = Seal { passcode: Some(passcode.expose().to_owned()), open: true };
        Ok(())
    }

    fn unlock(&self, passcode: &Passcode) -> Result<(), DeviceKeyError> {
        let mut seal = self.seal();
        match seal.passcode.as_deref() {
            None => Err(DeviceKeyError::Missing),
            Some(right) if right != passcode.expose() => Err(DeviceKeyError::Refused),
            Some(_) => {
                seal.open = true;
                Ok(())
            }
        }
    }

    fn lock(&self) {
        self.seal().open = false;
    }
}

/// A desk with such a key, where somebody has just logged in.
async fn desk() -> (World, Desk, Arc<Sealed>, TempDir) {
    let world = World::start().await.expect("a free port of loopback");
    let activation = world.activation().await.expect("a device slot");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let key = Arc::<Sealed>::default();
    let held: Arc<dyn DeviceKey> = Arc::<Sealed>::clone(&key);
    let desk = Desk::with_key(held, FolderStorage::new(folder.path()), Config::default());
    let screen = desk.enrol(&activation.link.to_text()).await;
    assert!(matches!(screen.view, View::Choose(_)), "{screen:?}");
    (world, desk, key, folder)
}

async fn check(world: &World, desk: &Desk) {
    world.clock().advance(Duration::from_secs(3));
    desk.pin("1234").await;
    let screen = desk.check(&mut world.card("hanako")).await;
    assert!(is_result(&screen), "{screen:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_passcode_opens_the_key_for_as_long_as_somebody_is_logged_in() {
    let (world, desk, key, folder) = desk().await;
    assert_eq!(key.seal().passcode.as_deref(), Some(desk::PASSCODE));
    check(&world, &desk).await;

    let lock: [fn(&Desk) -> counter::Screen; 3] = [
        |desk| desk.counter.act(Action::Lock),
        |desk| desk.counter.act(Action::Hidden),
        |desk| {
            desk.wait(Duration::from_mins(5));
            desk.counter.act(Action::Tick)
        },
    ];
    for lock in lock {
        assert!(key.is_open());
        assert!(matches!(lock(&desk).view, View::LogIn(_)));
        assert!(!key.is_open(), "at once, before any work");
        desk.act(Action::Passcode(Passcode::new("999998".to_owned()))).await;
        assert!(!key.is_open());
        desk.wait(Duration::from_hours(1));
        desk.log_in().await;
        check(&world, &desk).await;
    }

    // The program ends, and starts again: the key opens for the passcode that was chosen then.
    let again = desk.restart(FolderStorage::new(folder.path()), Config::default());
    assert!(!key.is_open());
    again.log_in().await;
    check(&world, &again).await;
    assert_eq!(key.asked_while_locked(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_asks_a_locked_key_to_sign_whenever_the_counter_locks() {
    let (world, desk, key, _folder) = desk().await;
    for moment in 0..60_u32 {
        world.clock().advance(Duration::from_secs(3));
        desk.counter.act(Action::Lock);
        // Somewhere between the passcode and the first answer of the service.
        desk.counter.act(Action::Passcode(Passcode::new(desk::PASSCODE.to_owned())));
        let hide = async |counter: &Counter| {
            while !key.is_open() {
                tokio::task::yield_now().await;
            }
            for _ in 0..moment * moment {
                tokio::task::yield_now().await;
            }
            counter.act(Action::Hidden);
        };
        tokio::join!(desk.counter.run(), hide(&desk.counter));
        assert!(!key.is_open(), "moment {moment}");
        assert_eq!(key.asked_while_locked(), 0, "moment {moment}");
    }
    desk.log_in().await;
    check(&world, &desk).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_does_not_open_with_the_right_passcode_is_told_and_no_attempt_is_lost() {
    let (_world, desk, key, _folder) = desk().await;
    desk.act(Action::Lock).await;
    let chosen = key.seal().passcode.replace("somebody else's".to_owned());
    for _ in 0..12 {
        let screen = desk.log_in().await;
        assert_eq!(failure(&screen), Some(Failure::DeviceKeyRefused), "{screen:?}");
        let screen = desk.act(Action::Retry).await;
        assert!(matches!(&screen.view, View::LogIn(view) if view.tries_left == 10), "{screen:?}");
    }
    key.seal().passcode = None;
    assert_eq!(failure(&desk.log_in().await), Some(Failure::DeviceKeyMissing));
    desk.act(Action::Retry).await;

    key.seal().passcode = chosen;
    let screen = desk.log_in().await;
    assert!(matches!(screen.view, View::Choose(_)), "{screen:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_that_is_given_up_has_its_key_locked_and_deleted_and_can_be_enrolled_anew() {
    let (world, desk, key, _folder) = desk().await;
    desk.act(Action::Settings).await;
    desk.act(Action::ForgetDevice).await;
    let screen = desk.counter.act(Action::Confirm);
    assert!(!key.is_open() && screen.work, "locked at once; deleting takes its time");
    assert!(key.public_key().is_ok());
    desk.settle(screen).await;
    assert_eq!(key.public_key(), Err(DeviceKeyError::Missing));

    let activation = world.activation().await.expect("a device slot");
    let screen = desk.enrol(&activation.link.to_text()).await;
    assert!(matches!(screen.view, View::Choose(_)), "{screen:?}");
    check(&world, &desk).await;
    assert_eq!(key.asked_while_locked(), 0);
}
