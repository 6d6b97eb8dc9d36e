//! Where the log goes: to the phone's own on Android, to a sink of the shell elsewhere.
//!
//! The crates of the core say with `tracing` what they do, and they say nothing of a patient; `tracing` hands it on to
//! `log`. What other crates say there is none of ours, and is left out: a TLS library may print what it likes.

use std::sync::{Arc, PoisonError, RwLock};

use ::log::{Level, LevelFilter, Log, Metadata, Record};

/// The shell's log. It must not call the counter.
#[uniffi::export(foreign)]
pub trait LogSink: Send + Sync + 'static {
    /// One line. No patient, no secret and nothing of a card is in it.
    fn log(&self, level: LogLevel, target: String, message: String) -> Result<(), LogError>;
}

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum LogLevel {
    /// Something is broken.
    Error,
    /// Something did not work.
    Warn,
    /// What happens.
    Info,
}

/// The sink took no line. The line is lost, and nothing else happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum LogError {
    /// Whatever it was.
    #[error("the sink took no line")]
    Failed,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for LogError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed
    }
}

/// Sends the log of this process to a sink, in the place of an earlier one; null: to none. On Android it goes to the
/// phone's own log from the first call on, and the sink gets nothing.
#[uniffi::export]
pub fn log_to(sink: Option<Arc<dyn LogSink>>) {
    *SINK.write().unwrap_or_else(PoisonError::into_inner) = sink;
    // The second time it is set already; in a process with a logger of its own, that one stays.
    if ::log::set_logger(&OURS).is_ok() {
        ::log::set_max_level(LevelFilter::Info);
    }
}

static SINK: RwLock<Option<Arc<dyn LogSink>>> = RwLock::new(None);
static OURS: Ours = Ours;

/// The crates whose lines are safe: each says in its tests what never stands in them.
const SAFE: [&str; 7] = ["counter", "service", "reader", "jpki", "eligibility", "iso7816", "madoguchi"];

struct Ours;

impl Log for Ours {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let from = metadata.target().split("::").next().unwrap_or_default();
        metadata.level() <= Level::Info && SAFE.contains(&from)
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            write(record);
        }
    }

    fn flush(&self) {}
}

#[cfg(target_os = "android")]
fn write(record: &Record<'_>) {
    use std::sync::LazyLock;

    use android_logger::{AndroidLogger, Config};

    static PHONE: LazyLock<AndroidLogger> = LazyLock::new(|| {
        AndroidLogger::new(Config::default().with_max_level(LevelFilter::Info).with_tag("madoguchi"))
    });
    PHONE.log(record);
}

#[cfg(not(target_os = "android"))]
fn write(record: &Record<'_>) {
    let level = match record.level() {
        Level::Error => LogLevel::Error,
        Level::Warn => LogLevel::Warn,
        Level::Info | Level::Debug | Level::Trace => LogLevel::Info,
    };
    // Cloned, so that a sink may change the sink.
    let sink = SINK.read().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(sink) = sink {
        // A line that is not taken is lost.
        let _ = sink.log(level, record.target().to_owned(), record.args().to_string());
    }
}
