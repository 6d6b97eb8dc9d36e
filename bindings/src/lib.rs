//! What a shell in Kotlin or Swift sees of the counter: the only crate with UniFFI.
//!
//! | crosses as | what |
//! |---|---|
//! | an object with methods | [`Counter`], [`Tap`], [`ReaderSession`], [`ReaderKind`] |
//! | data | screens, actions, what a reader is and says: the types of `counter`, mirrored one to one |
//! | a port, which the shell implements | [`DeviceKey`], [`Storage`], [`LogSink`] |
//!
//! The documentation of the mirrored types is that of `counter`, in one place; here stand their names and fields, and a
//! field or variant that is missing does not compile. Two names differ, because every shell has its own: `View` is `Page`,
//! `Button` is `ScreenButton`.
//!
//! * Whatever crossed is wiped when it is freed: [`WIPING`]. What the other side keeps is its own affair: a JVM moves and
//!   copies arrays as it likes, so that a shell overwrites an array after use and knows that this is no promise. Secrets
//!   that are typed cross as digits or byte arrays, never as strings, which nobody can overwrite.
//! * An exception of a shell in a port is a typed failure; a panic is an exception in the shell. Neither ends the process.
//! * No call waits for a network, a key or a disk, but [`Counter::run`], which is asynchronous, and the constructor, which
//!   reads a few kilobytes.
//! * A reader's and a card's bytes go over in whole chunks and whole APDUs. `cargo xtask bench calls` says what a call costs.

mod clock;
mod config;
mod counter;
mod export;
mod log;
mod mirrors;
mod ports;
mod reader_kind;
mod reader_session;
mod runtime;
mod tap;

pub use crate::{
    config::{Config, OpenError, ServiceAddress, ServiceRoot},
    counter::Counter,
    export::Export,
    log::{LogError, LogLevel, LogSink, log_to},
    mirrors::{KnownFailure, known_failures},
    ports::{DeviceKey, DeviceKeyError, Storage, StorageError},
    reader_kind::{ReaderKind, is_reader_candidate, reader_kinds, recognise_reader},
    reader_session::{GattWrite, ReaderError, ReaderSession, Turn, reconnect_after},
    tap::{Tap, TapStep},
};

#[cfg(not(panic = "unwind"))]
compile_error!("a panic has to become an exception of the shell: this library needs `panic = \"unwind\"`");

uniffi::setup_scaffolding!();

/// The allocator of the library: it wipes what is freed. What crosses does so in buffers that are UniFFI's, with a PIN's
/// digits, a passcode, a card's command or a whole record in them, and nobody else could wipe those.
#[global_allocator]
pub static WIPING: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);
