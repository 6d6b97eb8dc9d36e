//! A thread for the device key, so that a key store that hangs blocks nothing but itself.

use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use crate::device_key::{DeviceKey, DeviceKeyError};

/// One thread that makes all calls to the key, one after the other.
///
/// Who waits too long gives up with [`DeviceKeyError::TimedOut`], and a call that was given up before it began is
/// never made: a `create` must not replace a key that somebody has enrolled since. A store that never answers
/// costs this one thread, however often it is asked.
#[derive(Clone)]
pub(crate) struct KeyThread {
    calls: mpsc::Sender<Call>,
}

type Run = Box<dyn FnOnce(&dyn DeviceKey) + Send>;

struct Call {
    deadline: Instant,
    run: Run,
}

impl KeyThread {
    /// The thread ends when the last clone is dropped.
    pub(crate) fn spawn(key: Arc<dyn DeviceKey>) -> Result<Self, DeviceKeyError> {
        let (calls, queue) = mpsc::channel::<Call>();
        let work = move || {
            for call in queue {
                if Instant::now() < call.deadline {
                    (call.run)(&*key);
                }
            }
        };
        thread::Builder::new().name("device-key".into()).spawn(work).map_err(|_| DeviceKeyError::Refused)?;
        Ok(Self { calls })
    }

    /// Waits on this thread: for rustls, which signs synchronously.
    pub(crate) fn call_blocking<T: Send + 'static>(
        &self,
        patience: Duration,
        call: impl FnOnce(&dyn DeviceKey) -> Result<T, DeviceKeyError> + Send + 'static,
    ) -> Result<T, DeviceKeyError> {
        let (reply, answer) = mpsc::sync_channel(1);
        // Nobody listens any more when the patience was over: the result is dropped.
        self.send(patience, move |key| drop(reply.send(call(key))))?;
        answer.recv_timeout(patience).map_err(|error| match error {
            mpsc::RecvTimeoutError::Timeout => DeviceKeyError::TimedOut,
            mpsc::RecvTimeoutError::Disconnected => DeviceKeyError::Refused,
        })?
    }

    /// Waits without blocking the executor.
    pub(crate) async fn call<T: Send + 'static>(
        &self,
        patience: Duration,
        call: impl FnOnce(&dyn DeviceKey) -> Result<T, DeviceKeyError> + Send + 'static,
    ) -> Result<T, DeviceKeyError> {
        let (reply, answer) = tokio::sync::oneshot::channel();
        self.send(patience, move |key| drop(reply.send(call(key))))?;
        match tokio::time::timeout(patience, answer).await {
            Ok(answer) => answer.map_err(|_| DeviceKeyError::Refused)?,
            Err(_) => Err(DeviceKeyError::TimedOut),
        }
    }

    fn send(
        &self,
        patience: Duration,
        run: impl FnOnce(&dyn DeviceKey) + Send + 'static,
    ) -> Result<(), DeviceKeyError> {
        let call = Call { deadline: Instant::now() + patience, run: Box::new(run) };
        // The thread is gone only if a call panicked in the shell's key store.
        self.calls.send(call).map_err(|_| DeviceKeyError::Refused)
    }
}
