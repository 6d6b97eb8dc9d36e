//! The façade, as a shell holds it.

use std::{sync::Arc, time::Duration};

use counter::{Action, ExportKind, Link, Ports, Screen};
use tokio::{runtime::Handle, task::JoinSet};

use crate::{
    Config, DeviceKey, Export, OpenError, ReaderKind, ReaderSession, Storage, Tap, clock::DeviceClock, ports,
    runtime,
};

/// The counter: it holds the state, takes actions and gives screens. A shell has one, and may use it from any thread.
#[derive(uniffi::Object)]
pub struct Counter {
    core: counter::Counter,
    clock: Arc<DeviceClock>,
    runtime: Handle,
}

#[uniffi::export]
impl Counter {
    /// Opens the counter on what is stored. It reads a few kilobytes, synchronously; what goes wrong with that becomes a
    /// screen.
    #[uniffi::constructor]
    pub fn new(
        config: Config,
        key: Arc<dyn DeviceKey>,
        storage: Arc<dyn Storage>,
    ) -> Result<Arc<Self>, OpenError> {
        let runtime = runtime::runtime().map_err(|_| OpenError::Threads)?;
        let clock = Arc::<DeviceClock>::default();
        let ports = Ports {
            key: Arc::new(ports::Key(key)),
            storage: Arc::new(ports::Store(storage)),
            clock: Arc::<DeviceClock>::clone(&clock),
        };
        let core = counter::Counter::open(config.try_into()?, ports);
        Ok(Arc::new(Self { core, clock, runtime }))
    }

    /// Does what the action says and gives the next screen. Quick: for the main thread. Where `work` is set, call `run`.
    pub fn act(&self, action: Action) -> Screen {
        self.core.act(action)
    }

    /// The screen as it is now.
    pub fn screen(&self) -> Screen {
        self.core.screen()
    }

    /// Does what is to be done (network, Argon2id, storage, key store) and gives the screen that comes of it.
    ///
    /// To be awaited whenever `work` is set; other actions and taps may go on meanwhile. It works on threads of the
    /// library, and may be awaited on the main thread. A coroutine that is cancelled ends the work: with a failure that can
    /// be tried again; until that is done, which takes a moment, another call returns at once.
    pub async fn run(&self) -> Screen {
        let core = self.core.clone();
        // Dropped with this future, and the work with it.
        let mut work = JoinSet::new();
        work.spawn_on(async move { core.run().await }, &self.runtime);
        match work.join_next().await {
            Some(Ok(screen)) => screen,
            // A defect: `run` has left a failure on the screen.
            Some(Err(_)) | None => self.core.screen(),
        }
    }

    /// A tap over this link, if a card is awaited and everything is ready for it. Null otherwise: look at the screen.
    pub fn tap(&self, over: Link) -> Option<Arc<Tap>> {
        let tap = self.core.tap(over)?;
        Some(Arc::new(Tap::new(self.core.clone(), tap)))
    }

    /// A connection to the Bluetooth reader that advertises this name, with the key that was kept for it.
    ///
    /// Null: the system gives no random numbers.
    pub fn reader_session(&self, name: String, kind: &ReaderKind) -> Option<Arc<ReaderSession>> {
        ReaderSession::begin(&self.core, name, kind).map(Arc::new)
    }

    /// The result that is on the screen, for the receipt computer. Null: there is none any more, or the site does not want it.
    /// It counts as a touch: look at the screen afterwards.
    pub fn export(&self, kind: ExportKind) -> Option<Export> {
        self.core.export(kind).map(Export::from)
    }

    /// The device slept for so long: time in which the clock of the core stood still, so that a PIN does not live longer
    /// in a pocket. On Android it is what `elapsedRealtime()` has grown more than `uptimeMillis()`.
    pub fn slept(&self, how_long: Duration) {
        self.clock.slept(how_long);
    }
}
