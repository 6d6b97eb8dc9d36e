//! The threads on which the network is awaited.

use std::sync::OnceLock;

use tokio::runtime::{Builder, Handle, Runtime};

/// rustls signs synchronously, on the thread that makes the handshake, and a key store may take seconds: one thread can
/// hang in it, and the other one goes on.
const THREADS: usize = 2;

/// The runtime of this process, made when it is first wanted.
///
/// It is ours and not UniFFI's (`async_runtime = "tokio"`), which polls on the thread that asks, so that a signature could
/// block a phone's main thread.
pub(crate) fn runtime() -> std::io::Result<Handle> {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime.handle().clone());
    }
    let made = Builder::new_multi_thread()
        .worker_threads(THREADS)
        .thread_name("madoguchi")
        .enable_time()
        .enable_io()
        .build()?;
    // Another thread may have been first; then ours is dropped, and nothing ran on it.
    Ok(RUNTIME.get_or_init(|| made).handle().clone())
}
