//! pcscd, and the virtual readers that it drives.

use std::ffi::CStr;
use std::fs;
use std::net::SocketAddr;
use std::ops::Deref;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;

use pcsc::{Context, ReaderState, Scope, State};
use sandbox_reader::{Icc, Inserted, insert};

use crate::{DEADLINE, Turn, eventually};

/// vsmartcard's driver, where Debian puts it.
const DRIVER: &str = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";

/// Where vpcd listens for the first slot; it takes the next port for the second.
///
/// Not vpcd's own 35963: Linux gives ports from 32768 on to whoever connects, and keeps one for a minute after it was
/// left. No pcscd could start in that minute.
const PORT: u16 = 25963;

/// A running pcscd. It ends when it is dropped; if the test panics, its log is shown.
///
/// What can be done without a daemon ([`Turn`]) can be done with one.
#[derive(Debug)]
pub struct Daemon {
    running: Running,
    turn: Turn,
}

/// Which readers pcscd shall have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// None.
    None,
    /// Both [`Slot`]s.
    Virtual,
}

/// One of the two slots of the virtual reader. To PC/SC each is a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The first.
    First,
    /// The second.
    Second,
}

impl Slot {
    /// The name of the reader, as PC/SC programs see it.
    pub fn reader(self) -> &'static CStr {
        match self {
            Self::First => c"Madoguchi Bench 00 00",
            Self::Second => c"Madoguchi Bench 00 01",
        }
    }

    /// Where vpcd waits for a card.
    pub fn vpcd(self) -> SocketAddr {
        let port = match self {
            Self::First => PORT,
            Self::Second => PORT + 1,
        };
        ([127, 0, 0, 1], port).into()
    }
}

impl Daemon {
    /// Waits for the bench, then starts pcscd with the virtual reader.
    #[track_caller]
    pub fn start() -> Self {
        Turn::take().start(Readers::Virtual)
    }

    #[track_caller]
    pub(crate) fn start_in(turn: Turn, readers: Readers) -> Self {
        // A folder: pcscd takes an empty one for no reader, and an empty file for a mistake.
        let config = turn.folder().join("readers");
        fs::create_dir_all(&config).expect("the folder of the test is writable");
        let file = config.join("vpcd");
        match readers {
            Readers::None => drop(fs::remove_file(file)),
            Readers::Virtual => {
                let entry = format!(
                    "FRIENDLYNAME \"Madoguchi Bench\"\nDEVICENAME /dev/null:{PORT:#X}\nLIBPATH {DRIVER}\n\
                     CHANNELID {PORT:#X}\n"
                );
                fs::write(file, entry).expect("the folder of the test is writable");
            }
        }
        let log = turn.folder().join("pcscd.log");
        let stderr = fs::File::create(&log).expect("the folder of the test is writable");
        let stdout = stderr.try_clone().expect("there are file descriptors left");
        let child = Command::new("/usr/sbin/pcscd")
            .arg("--foreground")
            .arg("--config")
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(stderr)
            .spawn()
            .expect("pcscd is installed (apt-get install pcscd vsmartcard-vpcd)");
        let daemon = Self { running: Running { child, log }, turn };
        let expected: &[Slot] = match readers {
            Readers::None => &[],
            Readers::Virtual => &[Slot::First, Slot::Second],
        };
        eventually("pcscd answers", || {
            Context::establish(Scope::User).and_then(|context| context.list_readers_owned()).is_ok_and(
                // There may be others: a namespace does not hide what is plugged in by USB.
                |names| expected.iter().all(|slot| names.iter().any(|name| **name == *slot.reader())),
            )
        });
        daemon
    }

    /// Puts a card into a slot, and returns when PC/SC programs see it.
    ///
    /// # Panics
    ///
    /// When the slot has one already.
    #[track_caller]
    pub fn insert<C: Icc + 'static>(&self, slot: Slot, card: C) -> Inserted<C> {
        let inserted =
            insert(slot.vpcd(), card).unwrap_or_else(|error| panic!("{error}\n{}", error.remedy()));
        self.wait_until(slot, State::PRESENT);
        inserted
    }

    /// Waits until PC/SC programs see the slot in this state, such as [`State::EMPTY`] after a card was taken out.
    ///
    /// # Panics
    ///
    /// When they do not, in good time.
    #[track_caller]
    pub fn wait_until(&self, slot: Slot, state: State) {
        let context = self.context();
        let mut states = [ReaderState::new(slot.reader(), State::UNAWARE)];
        while !states[0].event_state().intersects(state) {
            states[0].sync_current_state();
            context
                .get_status_change(DEADLINE, &mut states)
                .unwrap_or_else(|error| panic!("{:?} is not {state:?}: {error}", slot.reader()));
        }
    }

    /// A connection to this daemon.
    ///
    /// # Panics
    ///
    /// When it is dead.
    #[track_caller]
    pub fn context(&self) -> Context {
        Context::establish(Scope::User).expect("pcscd runs")
    }

    /// Ends pcscd as nobody expects it. To its clients it is as if every reader were pulled out.
    pub fn kill(self) -> Turn {
        let Self { running, turn } = self;
        drop(running);
        turn
    }
}

impl Deref for Daemon {
    type Target = Turn;

    fn deref(&self) -> &Turn {
        &self.turn
    }
}

/// The process.
#[derive(Debug)]
struct Running {
    child: Child,
    log: PathBuf,
}

impl Drop for Running {
    fn drop(&mut self) {
        let ended = self.child.try_wait();
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            if let Ok(Some(status)) = ended {
                eprintln!("pcscd ended by itself: {status}");
            }
            eprintln!("pcscd: {}", fs::read_to_string(&self.log).unwrap_or_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The suites before this one connect a thousand times; the ports that they got stay taken for a minute.
    #[test]
    fn nobody_who_connects_is_given_the_port_of_a_slot() {
        let range =
            fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").expect("Linux tells the range");
        let (first, last) = range.trim().split_once('\t').expect("two numbers");
        let given: std::ops::RangeInclusive<u16> =
            first.parse().expect("a port")..=last.parse().expect("a port");
        for slot in [Slot::First, Slot::Second] {
            assert!(!given.contains(&slot.vpcd().port()), "{slot:?} is at one of {given:?}");
        }
    }
}
