//! The card's side of vpcd's protocol.

use core::fmt;
use std::io::{self, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::{Error, Icc};

/// Where vpcd's first reader listens.
pub const VPCD_PORT: u16 = 35963;

/// How long the reader may take until it looks at a card for the first time. pcscd looks every 0.4 s.
const UNTIL_SEEN: Duration = Duration::from_secs(5);

/// How often a reader may look at a card without giving it power. pcscd (1.9.9) looks twice before it does.
const LOOKS: u8 = 2;

/// As long as two looks of pcscd take: within that time it has found the reader empty.
const UNTIL_EMPTY: Duration = Duration::from_millis(800);

/// ISO/IEC 7816-4 §5.6: wrong length. Our own decision where a response does not fit into a frame.
const WRONG_LENGTH: [u8; 2] = [0x67, 0x00];

/// Puts a card into the virtual reader at this address, and returns once the reader has given it power. PC/SC programs
/// see it from then on.
///
/// # Where another card has just left
///
/// A client that resets a card which has left finds the reader empty before pcscd looks again. A card that is put in
/// before that look was there all along, to pcscd: it gets no power, and PC/SC programs see an empty reader for ever
/// (measured: pcscd 1.9.9, vpcd 3.3). So a card that is looked at three times without getting power is taken out, and put
/// in again when pcscd must have found the reader empty: about 2 s later than otherwise.
pub fn insert<C: Icc + 'static>(vpcd: SocketAddr, card: C) -> Result<Inserted<C>, Error> {
    let card = Arc::new(Mutex::new(card));
    let line = match connect(vpcd, &card, false)? {
        (line, Seen::WithoutPower) => {
            drop(line);
            thread::sleep(UNTIL_EMPTY);
            connect(vpcd, &card, true)?.0
        }
        (line, _) => line,
    };
    Ok(Inserted { card, line })
}

/// Connects the card, and says how the reader has taken notice of it. One that `stays` lies in the reader also without
/// power: a reader may leave that to its clients.
fn connect<C: Icc + 'static>(
    vpcd: SocketAddr,
    card: &Arc<Mutex<C>>,
    stays: bool,
) -> Result<(Line, Seen), Error> {
    let unreachable = |error: io::Error| match error.kind() {
        ErrorKind::ConnectionRefused => Error::NobodyListens(vpcd),
        kind => Error::Unreachable { address: vpcd, kind },
    };
    let stream = TcpStream::connect_timeout(&vpcd, UNTIL_SEEN).map_err(unreachable)?;
    // An answer does not wait until the reader acknowledges the one before.
    stream.set_nodelay(true).map_err(unreachable)?;

    let (say, said) = mpsc::channel();
    let mut session = Session {
        stream: stream.try_clone().map_err(unreachable)?,
        card: Arc::clone(card),
        answer_to_reset: None,
        seen: None,
        looks: 0,
        say,
        stays,
    };
    let thread = thread::Builder::new()
        .name("vpcd".to_owned())
        .spawn(move || {
            // However the connection ends, the card is out of the reader. There is nobody to tell but
            // `Inserted::is_gone`.
            let _ = session.serve();
            session.card().power_off();
        })
        .map_err(unreachable)?;
    // From here on dropping it ends the thread.
    let line = Line { stream, thread: Some(thread) };
    let mut seen = said.recv_timeout(UNTIL_SEEN).map_err(|error| match error {
        RecvTimeoutError::Timeout => Error::NotSeen(vpcd),
        RecvTimeoutError::Disconnected => Error::HungUp(vpcd),
    })?;
    while seen == Seen::Look {
        // One without an answer to reset is out again, and one that takes long to give it was seen all the same.
        let Ok(next) = said.recv_timeout(UNTIL_SEEN) else { break };
        seen = next;
    }
    Ok((line, seen))
}

/// A card that lies in a reader. Dropping it takes the card out.
pub struct Inserted<C> {
    card: Arc<Mutex<C>>,
    line: Line,
}

impl<C: Icc> Inserted<C> {
    /// Looks at the card while it lies there, between two commands. The reader waits meanwhile.
    pub fn with<T>(&self, look: impl FnOnce(&mut C) -> T) -> T {
        look(&mut lock(&self.card))
    }

    /// Whether the reader let go of the card by itself: pcscd was stopped.
    pub fn is_gone(&self) -> bool {
        self.line.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Takes the card out. The reader sees it at once, also while the card is at work on a command; the card comes
    /// back when it has finished that.
    #[allow(clippy::missing_panics_doc)] // It cannot: the thread is joined before.
    #[must_use = "to throw the card away, drop what was inserted"]
    pub fn remove(self) -> C {
        let Self { card, line } = self;
        drop(line);
        Arc::into_inner(card)
            .expect("the thread that shared it has ended")
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C> fmt::Debug for Inserted<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inserted").finish_non_exhaustive()
    }
}

/// The connection and the thread that serves it.
struct Line {
    stream: TcpStream,
    /// `None` once it was joined.
    thread: Option<JoinHandle<()>>,
}

impl Drop for Line {
    fn drop(&mut self) {
        // An error says that the reader was quicker.
        let _ = self.stream.shutdown(Shutdown::Both);
        if let Some(thread) = self.thread.take() {
            // A card that panicked has said so on standard error.
            let _ = thread.join();
        }
    }
}

/// One card's stay in a reader.
struct Session<C> {
    stream: TcpStream,
    card: Arc<Mutex<C>>,
    /// What the card said first; `None` until somebody asked.
    answer_to_reset: Option<Vec<u8>>,
    /// How far the reader has taken notice of the card.
    seen: Option<Seen>,
    looks: u8,
    /// Told of it.
    say: Sender<Seen>,
    /// Whether the card stays when the reader only looks.
    stays: bool,
}

/// What a reader does first with a card.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// It looks whether one is there.
    Look,
    /// It looks again and again, and gives it no power.
    WithoutPower,
    /// It gives it power.
    Power,
}

impl<C: Icc> Session<C> {
    /// Answers what the reader says, until one of the two hangs up.
    fn serve(&mut self) -> io::Result<()> {
        let mut reader = BufReader::new(self.stream.try_clone()?);
        let mut message = Vec::new();
        loop {
            let mut length = [0; 2];
            reader.read_exact(&mut length)?;
            acknowledge(&self.stream)?;
            message.resize(u16::from_be_bytes(length).into(), 0);
            reader.read_exact(&mut message)?;
            if self.notice(&message) == Some(Seen::WithoutPower) && !self.stays {
                return Ok(());
            }
            if let Some(answer) = self.answer(&message) {
                self.say(&answer)?;
            }
        }
    }

    /// What the reader does with the card, as long as that is news.
    fn notice(&mut self, message: &[u8]) -> Option<Seen> {
        let news = match (self.seen, message) {
            // Nothing is news any more; or the power of the card before is taken, which may meet this one.
            (Some(Seen::WithoutPower | Seen::Power), _) | (_, [0x00]) => return None,
            (None, [0x04]) => Seen::Look,
            (Some(Seen::Look), [0x04]) if self.looks < LOOKS => Seen::Look,
            (Some(Seen::Look), [0x04]) => Seen::WithoutPower,
            (None | Some(Seen::Look), _) => Seen::Power,
        };
        if news == Seen::Look {
            self.looks += 1;
        }
        self.seen = Some(news);
        // Nobody listens any more: all the same.
        let _ = self.say.send(news);
        Some(news)
    }

    fn answer(&mut self, message: &[u8]) -> Option<Vec<u8>> {
        match message {
            [0x00] => {
                self.card().power_off();
                None
            }
            [0x01] => {
                let answer = self.card().power_on();
                self.answer_to_reset = Some(answer);
                None
            }
            [0x02] => {
                let answer = self.card().reset();
                self.answer_to_reset = Some(answer);
                None
            }
            // The reader looks whether a card is there. Only a card that has power can say; it keeps saying the same
            // without.
            [0x04] => {
                if self.answer_to_reset.is_none() {
                    let answer = self.card().power_on();
                    self.answer_to_reset = Some(answer);
                }
                self.answer_to_reset.clone()
            }
            command => Some(self.card().transmit(command)),
        }
    }

    /// An empty answer is none, and ends the session: vpcd (3.3) would wait for more for ever and hold up all of pcscd,
    /// measured. To the reader the card has left.
    fn say(&mut self, answer: &[u8]) -> io::Result<()> {
        if answer.is_empty() {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let (length, answer) = match u16::try_from(answer.len()) {
            Ok(length) => (length, answer),
            Err(_) => (2, &WRONG_LENGTH[..]),
        };
        // In one piece, so that it travels as one.
        self.stream.write_all(&[&length.to_be_bytes()[..], answer].concat())
    }

    fn card(&self) -> MutexGuard<'_, C> {
        lock(&self.card)
    }
}

/// Acknowledges what came so far. vpcd (3.3) sends length and message apart and has Nagle's algorithm hold the message
/// until the length is acknowledged: the 40 ms of a delayed acknowledgement with every APDU, measured.
#[cfg(target_os = "linux")]
fn acknowledge(stream: &TcpStream) -> io::Result<()> {
    std::os::linux::net::TcpStreamExt::set_quickack(stream, true)
}

/// Elsewhere there is no way to say so, and it is only slow.
#[cfg(not(target_os = "linux"))]
fn acknowledge(_: &TcpStream) -> io::Result<()> {
    Ok(())
}

/// The reader is told also when the card panicked: `Inserted` holds the connection open.
impl<C> Drop for Session<C> {
    fn drop(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

/// A card that panicked in somebody's hands is still a card.
fn lock<C>(card: &Mutex<C>) -> MutexGuard<'_, C> {
    card.lock().unwrap_or_else(PoisonError::into_inner)
}
