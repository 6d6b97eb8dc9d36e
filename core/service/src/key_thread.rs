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

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Signs when it is told to, and counts what it makes.
    struct Slow {
        go: Mutex<mpsc::Receiver<()>>,
        made: mpsc::Sender<()>,
    }

    impl DeviceKey for Slow {
        fn create(&self, _: &[u8]) -> Result<Vec<Vec<u8>>, DeviceKeyError> {
            self.made.send(()).map_err(|_| DeviceKeyError::Refused)?;
            Ok(Vec::new())
        }

        fn public_key(&self) -> Result<[u8; 65], DeviceKeyError> {
            Ok([4; 65])
        }

        fn sign(&self, _: &[u8]) -> Result<Vec<u8>, DeviceKeyError> {
            self.go.lock().expect("no panic").recv().map_err(|_| DeviceKeyError::Refused)?;
            Ok(vec![1])
        }

        fn delete(&self) -> Result<(), DeviceKeyError> {
            panic!("a key store that panics")
        }
    }

    const SOON: Duration = Duration::from_millis(20);
    const LATE: Duration = Duration::from_secs(20);

    #[test]
    fn a_call_that_was_given_up_in_the_queue_is_never_made() {
        let (go, wait) = mpsc::channel();
        let (made, count) = mpsc::channel();
        let thread = KeyThread::spawn(Arc::new(Slow { go: Mutex::new(wait), made })).expect("a thread");
        assert_eq!(thread.call_blocking(SOON, |key| key.sign(&[])), Err(DeviceKeyError::TimedOut));
        assert_eq!(thread.call_blocking(SOON, |key| key.create(&[])), Err(DeviceKeyError::TimedOut));
        go.send(()).expect("the thread listens");
        // Everything before it in the queue is done when this answers.
        assert_eq!(thread.call_blocking(LATE, DeviceKey::public_key), Ok([4; 65]));
        assert!(count.try_recv().is_err(), "no key was made");
    }

    #[test]
    fn a_key_store_that_panics_is_one_that_refuses() {
        let (_go, wait) = mpsc::channel();
        let (made, _count) = mpsc::channel();
        let thread = KeyThread::spawn(Arc::new(Slow { go: Mutex::new(wait), made })).expect("a thread");
        for _ in 0..2 {
            assert_eq!(thread.call_blocking(LATE, DeviceKey::delete), Err(DeviceKeyError::Refused));
        }
    }
}
