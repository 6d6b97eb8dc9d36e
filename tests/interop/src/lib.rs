//! A bench on which programs that others wrote, and the product, meet virtual cards through a real PC/SC service.
//!
//! A test asks for a [`Daemon`]: pcscd with a virtual reader of two slots. It puts a card into a [`Slot`], runs a
//! program ([`run`](Turn::run)) or speaks PC/SC itself, looks at what came out, and at what the card was asked. When the
//! values are dropped, everything is gone: the program, the card, the daemon, and what programs kept on disk.
//!
//! # What it is for
//!
//! A virtual card that only our own code has read proves that we agree with ourselves. Here OpenSC and others decide,
//! and the transport is the one that a PC has.
//!
//! # What it is not
//!
//! Nothing to run on a machine as it is: vsmartcard's virtual reader listens on every address, and pcscd has one fixed
//! folder for its socket. The bench works in a namespace of its own, which `cargo xtask test` makes, and refuses to
//! start anything elsewhere. There is one pcscd at a time: a second test waits for its [`Turn`].
//!
//! # Example
//!
//! ```no_run
//! use interop::{Daemon, Slot, personalised};
//! use sandbox_reader::Interface;
//!
//! let daemon = Daemon::start();
//! let inserted = daemon.insert(Slot::First, personalised("hanako", Interface::Contactless));
//! let ran = daemon.run("opensc-tool", &["--name"]).succeeded();
//! assert_eq!(ran.stdout_text().trim(), "jpki");
//! println!("{}", inserted.with(|plugged| plugged.card.transcript().to_string()));
//! ```
//!
//! Helpers here panic when the bench itself breaks: a test cannot go on then.

mod daemon;
mod leaving;
mod openssl;
mod program;
mod turn;

use std::thread;
use std::time::{Duration, Instant};

use sandbox_card::Person;
use sandbox_reader::{Interface, Plugged};
use time::OffsetDateTime;

pub use daemon::{Daemon, Readers, Slot};
pub use leaving::Leaving;
pub use program::Ran;
pub use turn::{ELSEWHERE, Turn};

/// How long anything on the bench may take. Only what is broken takes so long.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// The card of a named person, as it would be today.
///
/// # Panics
///
/// When nobody has this name.
#[track_caller]
pub fn personalised(slug: &str, interface: Interface) -> Plugged {
    let person = Person::named(slug).unwrap_or_else(|| panic!("{slug} is none of the named persons"));
    Plugged::new(person.personalise(OffsetDateTime::now_utc().date()), interface)
}

/// Waits until the condition holds.
///
/// # Panics
///
/// When it does not hold in good time.
#[track_caller]
pub fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !condition() {
        assert!(Instant::now() < deadline, "not within {} s: {what}", DEADLINE.as_secs());
        thread::sleep(Duration::from_millis(5));
    }
}
