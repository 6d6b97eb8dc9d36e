//! A device is written down before it is used: its first use ends the code, and the device whose place it takes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use counter::{Action, Config, Counter, Failure, FolderStorage, Storage, StorageError, View};
use desk::{Desk, PASSCODE, World};
use sandbox_service::{DeviceState, Fault};
use secret::Passcode;
use service::paths;

use crate::support::failure;

/// A storage in which the device can be stored so many times.
struct Narrow {
    folder: FolderStorage,
    room: Arc<AtomicUsize>,
}

impl Storage for Narrow {
    fn load(&self, name: &str) -> Result<Option<Vec<u8>>, StorageError> {
        self.folder.load(name)
    }

    fn store(&self, name: &str, bytes: &[u8]) -> Result<(), StorageError> {
        if name == "device" {
            let room = self.room.load(Ordering::SeqCst).checked_sub(1).ok_or(StorageError::Full)?;
            self.room.store(room, Ordering::SeqCst);
        }
        self.folder.store(name, bytes)
    }

    fn delete(&self, name: &str) -> Result<(), StorageError> {
        self.folder.delete(name)
    }
}

/// A device that was enrolled and used, and the link of the one that takes its place.
async fn replaced(world: &World) -> (String, String) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let old = Desk::new(FolderStorage::new(folder.path()), Config::default());
    let activation = world.activation().await.expect("a device slot");
    let screen = old.enrol(&activation.link.to_text()).await;
    assert!(matches!(screen.view, View::Choose(_)), "{screen:?}");
    let link = world.service().admin().replace_device(&activation.account).await.expect("a device").link;
    (activation.account, link.to_text().to_string())
}

async fn state(world: &World, account: &str) -> DeviceState {
    let devices = world.service().admin().devices().await.expect("a list");
    devices.into_iter().find(|device| device.account == account).expect("added").state
}

/// Says yes to a link, and leaves the work that comes of it to the caller.
async fn confirm(desk: &Desk, link: &str) -> Counter {
    desk.act(Action::OpenLink(link.to_owned())).await;
    assert!(desk.counter.act(Action::Confirm).work);
    desk.counter.clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_that_dies_at_its_first_request_knows_that_it_is_enrolled() {
    let world = World::start().await.expect("a free port of loopback");
    let link = world.activation().await.expect("a device slot").link.to_text();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let desk = Desk::new(FolderStorage::new(folder.path()), Config::default());
    let faults = world.service().faults();
    faults.add(paths::DEVICE, Fault::Delay(Duration::from_hours(1)), 1);
    let counter = confirm(&desk, &link).await;
    let running = tokio::spawn(async move { counter.run().await });
    let deadline = Instant::now() + Duration::from_secs(20);
    while faults.struck() == 0 {
        assert!(Instant::now() < deadline, "it does not ask the service how it is called");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    running.abort();
    running.await.expect_err("it was cut off");
    let desk = desk.restart(FolderStorage::new(folder.path()), Config::default());
    let screen = desk.counter.screen();
    assert!(matches!(screen.view, View::ChoosePasscode(_)), "{screen:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_that_cannot_be_stored_ends_no_other_one() {
    let world = World::start().await.expect("a free port of loopback");
    let (old, link) = replaced(&world).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let room = Arc::<AtomicUsize>::default();
    let storage = Narrow { folder: FolderStorage::new(folder.path()), room: Arc::clone(&room) };
    let new = Desk::new(storage, Config::default());
    assert_eq!(failure(&new.enrol(&link).await), Some(Failure::StorageFull));
    assert_eq!(state(&world, &old).await, DeviceState::Active);
    room.store(100, Ordering::SeqCst);
    let mut screen = new.act(Action::Retry).await;
    assert!(matches!(screen.view, View::ChoosePasscode(_)), "{screen:?}");
    assert_eq!(state(&world, &old).await, DeviceState::Active, "nobody is logged in yet");
    while matches!(screen.view, View::ChoosePasscode(_)) {
        screen = new.act(Action::Passcode(Passcode::new(PASSCODE.to_owned()))).await;
    }
    assert!(matches!(screen.view, View::Choose(_)), "{screen:?}");
    assert_eq!(state(&world, &old).await, DeviceState::Revoked);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_cannot_be_stored_is_no_failure() {
    let world = World::start().await.expect("a free port of loopback");
    let (old, link) = replaced(&world).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let storage = Narrow { folder: FolderStorage::new(folder.path()), room: Arc::new(AtomicUsize::new(1)) };
    let new = Desk::new(storage, Config::default());
    let screen = confirm(&new, &link).await.run().await;
    assert!(matches!(screen.view, View::ChoosePasscode(_)), "{screen:?}");
    assert_eq!(state(&world, &old).await, DeviceState::Revoked, "it has taken its place");
}
