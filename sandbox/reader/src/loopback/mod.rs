//! Virtual cards and Bluetooth readers for tests in other languages, on loopback.
//!
//! [`Loopback::start`] listens; whoever connects says in one line of JSON what it wants: a card, to which it speaks
//! in vpcd's framing with the sides changed, or a Bluetooth reader, to which it speaks in GATT writes and
//! notifications and whose faults, clock and card it holds in its hand. `docs/sandbox-interface.md` describes every
//! byte, and a test plays the examples of that page against this code.
//!
//! It serves nobody but this machine: an address that is not loopback is refused.

mod card;
mod drawer;
mod error;
mod opening;
mod reader;

use core::fmt;
use std::collections::HashMap;
use std::io::{self, BufReader, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use sandbox_card::Person;
use serde::Serialize;
use time::Date;

use drawer::Drawers;
pub use error::{Error, Refusal};
use opening::Opening;

/// Where the interface listens when nobody says otherwise: the port after vpcd's second reader.
pub const LOOPBACK_PORT: u16 = 35965;

/// How many may be connected at a time.
const CONNECTIONS: usize = 64;

/// How long a connection may take to say what it wants.
const UNTIL_OPENED: Duration = Duration::from_secs(10);

/// The interface, while it listens. Dropping it ends every connection.
pub struct Loopback {
    address: SocketAddr,
    shared: Arc<Shared>,
    /// `None` once it was joined.
    thread: Option<JoinHandle<()>>,
}

impl Loopback {
    /// Listens at this address, port 0 for any free one, and offers cards of these persons as of that day.
    pub fn start(listen: SocketAddr, persons: Vec<Person>, today: Date) -> Result<Self, Error> {
        if !listen.ip().is_loopback() {
            return Err(Error::NotLoopback(listen));
        }
        let unavailable = |error: io::Error| Error::unavailable(listen, error.kind());
        let listener = TcpListener::bind(listen).map_err(unavailable)?;
        let address = listener.local_addr().map_err(unavailable)?;
        let shared = Arc::new(Shared {
            stopped: AtomicBool::new(false),
            streams: Mutex::default(),
            drawers: Drawers::new(persons, today),
        });
        let accepting = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("loopback".to_owned())
            .spawn(move || accept(&listener, &accepting))
            .map_err(unavailable)?;
        Ok(Self { address, shared, thread: Some(thread) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl fmt::Debug for Loopback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loopback").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // Wakes the one who accepts.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        for stream in self.shared.streams().values() {
            // An error says that the other side was quicker.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

struct Shared {
    stopped: AtomicBool,
    /// Every open connection, by a number.
    streams: Mutex<HashMap<u64, TcpStream>>,
    drawers: Arc<Drawers>,
}

impl Shared {
    fn streams(&self) -> MutexGuard<'_, HashMap<u64, TcpStream>> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for (number, stream) in (0..).zip(listener.incoming()) {
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        // One that failed while it waited, or that finds no room: the next may do better.
        let Ok(stream) = stream else { continue };
        let _ = welcome(stream, number, shared);
    }
}

fn welcome(stream: TcpStream, number: u64, shared: &Arc<Shared>) -> io::Result<()> {
    // Without it every answer waits some 40 ms for a delayed acknowledgement.
    stream.set_nodelay(true)?;
    let Some(place) = Place::take(number, stream.try_clone()?, shared) else {
        return say(&stream, &Refusal::TooManyConnections.to_message());
    };
    thread::Builder::new().name("loopback connection".to_owned()).spawn(move || {
        // However it ends, there is nobody to tell.
        let _ = serve(&stream, number, &place.shared.drawers);
    })?;
    Ok(())
}

/// A place among those who are connected. Dropping it closes the connection, whatever became of it.
struct Place {
    number: u64,
    shared: Arc<Shared>,
}

impl Place {
    /// `None` when all places are taken.
    fn take(number: u64, stream: TcpStream, shared: &Arc<Shared>) -> Option<Self> {
        let mut streams = shared.streams();
        if streams.len() >= CONNECTIONS {
            return None;
        }
        streams.insert(number, stream);
        Some(Self { number, shared: Arc::clone(shared) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(stream) = self.shared.streams().remove(&self.number) {
            // An error says that the other side was quicker.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

/// One connection, from its first line to its end.
fn serve(stream: &TcpStream, number: u64, drawers: &Arc<Drawers>) -> io::Result<()> {
    let mut input = BufReader::new(stream.try_clone()?);
    stream.set_read_timeout(Some(UNTIL_OPENED))?;
    let opening = Opening::read(&mut input)?;
    stream.set_read_timeout(None)?;
    let refused = match opening {
        Ok(Opening::Card(options)) => card::serve(stream, &mut input, options, number, drawers)?,
        Ok(Opening::Reader(options)) => reader::serve(stream, &mut input, options, number, drawers)?,
        Err(refusal) => Some(refusal),
    };
    match refused {
        Some(refusal) => say(stream, &refusal.to_message()),
        None => Ok(()),
    }
}

/// Answers the first line with a line.
fn say(mut stream: &TcpStream, message: &impl Serialize) -> io::Result<()> {
    let mut line = json(message);
    line.push(b'\n');
    stream.write_all(&line)
}

fn json(message: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(message).expect("our own messages have text keys only")
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use time::macros::date;

    use super::*;

    #[test]
    fn a_thread_that_panics_leaves_its_place_and_hangs_up() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let mut client = TcpStream::connect(listener.local_addr().expect("it is bound")).expect("it listens");
        let (stream, _) = listener.accept().expect("somebody connects");
        let shared = Arc::new(Shared {
            stopped: AtomicBool::new(false),
            streams: Mutex::default(),
            drawers: Drawers::new(Vec::new(), date!(2026 - 11 - 23)),
        });
        let place = Place::take(7, stream.try_clone().expect("a second handle"), &shared).expect("room");
        let thread = thread::spawn(move || {
            let _place = place;
            panic!("a mistake of ours");
        });
        assert!(thread.join().is_err());
        assert!(shared.streams().is_empty());
        assert_eq!(client.read(&mut [0]).expect("it hangs up"), 0);
        drop(stream);
    }
}
