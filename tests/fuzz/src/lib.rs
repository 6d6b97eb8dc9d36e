//! Fuzz targets: bytes from outside go in, and nothing may panic or hold that must not.
//!
//! | target | what reads the bytes |
//! |---|---|
//! | [`acs`], [`ccid`](TARGETS) | a [`Session`](reader::Session) in any state, with requests in between: a script of what happens |
//! | `command`, `response`, `tlv` | [`iso7816`] |
//! | `dialogue` | a [`Tap`](jpki::Tap), whatever its card answers |
//! | `certificate`, `record` | [`pki::verify()`], [`BirthRecord`](pki::BirthRecord) |
//! | `attestation` | [`pki::attestation::verify`]: a chain, and what stands in one that is signed well |
//! | `messages` | CBOR and JSON that device and service send each other |
//! | `link`, `est` | what enrols a device |
//! | `loopback` | the virtual card and the virtual readers on loopback, over a socket |
//!
//! `tests/targets.rs` runs each for some seconds; `cargo xtask fuzz TARGET [SECONDS]` as long as one likes. A run
//! begins with the files of its corpus (`tests/__fuzz__/TARGET/corpus`), then come bytes without sense, then
//! [examples with changes](Changes). The corpus is what [`Target::examples`] gives, valid all of it and made from the
//! vectors and cards of this repository (`cargo run -p madoguchi-fuzz` writes it), and whatever input found a
//! mistake: a file that is put there stays.
//!
//! A failure is printed with its input, made small, and with `BOLERO_RANDOM_SEED`, which brings it back.
//!
//! [`acs`]: TARGETS

mod apdu;
mod attestation;
mod certificate;
mod change;
mod dialogue;
mod enrolment;
mod loopback;
mod messages;
mod script;
mod session;
mod vectors;

pub use change::{Change, Changes};

/// Something that reads bytes.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// What it is called.
    pub name: &'static str,
    /// Lets it read, and panics if it does what it must not.
    pub run: fn(&[u8]),
    /// What is valid.
    pub examples: fn() -> Vec<Example>,
}

/// A valid input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The name of its file.
    pub name: String,
    /// The input.
    pub bytes: Vec<u8>,
}

impl Example {
    fn new(name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self { name: name.to_owned(), bytes: bytes.into() }
    }
}

/// All targets.
pub const TARGETS: [Target; 13] = [
    Target { name: "acs", run: session::acs, examples: session::acs_examples },
    Target { name: "ccid", run: session::ccid, examples: session::ccid_examples },
    Target { name: "command", run: apdu::command, examples: apdu::command_examples },
    Target { name: "response", run: apdu::response, examples: apdu::response_examples },
    Target { name: "tlv", run: apdu::tlv, examples: apdu::tlv_examples },
    Target { name: "dialogue", run: dialogue::run, examples: dialogue::examples },
    Target {
        name: "certificate",
        run: certificate::certificate,
        examples: certificate::certificate_examples,
    },
    Target { name: "record", run: certificate::record, examples: certificate::record_examples },
    Target { name: "attestation", run: attestation::run, examples: attestation::examples },
    Target { name: "messages", run: messages::run, examples: messages::examples },
    Target { name: "link", run: enrolment::link, examples: enrolment::link_examples },
    Target { name: "est", run: enrolment::est, examples: enrolment::est_examples },
    Target { name: "loopback", run: loopback::run, examples: loopback::examples },
];

/// Where the corpus of a target lies.
pub fn corpus(target: &Target) -> std::path::PathBuf {
    let tests = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    tests.join("__fuzz__").join(target.name).join("corpus")
}
