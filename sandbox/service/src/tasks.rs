//! Work that goes on by itself.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::{sync::oneshot, task::JoinSet};

/// All tasks of a service but the listener: checks, and the streams of HTTP/2. They end with the service.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tasks(Arc<Mutex<JoinSet<()>>>);

impl Tasks {
    /// Runs the future to its end, whatever becomes of the one who waits for it.
    pub(crate) fn detach<F>(&self, future: F) -> oneshot::Receiver<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let (send, receive) = oneshot::channel();
        self.spawn(async move {
            // Nobody waits any more where the connection broke: the answer is stored.
            let _ = send.send(future.await);
        });
        receive
    }

    fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(future);
    }

    /// Takes all tasks, to be waited for or ended.
    pub(crate) fn take(&self) -> JoinSet<()> {
        core::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<F> hyper::rt::Executor<F> for Tasks
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, future: F) {
        self.spawn(future);
    }
}
