//! A Bluetooth reader: GATT in frames, and the hand of the test.

use core::time::Duration;
use std::io::{self, BufRead};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::card::{frame, send};
use super::drawer::{Borrowed, Drawer, Drawers};
use super::opening::{Clock, ReaderOptions, Touch};
use super::{Refusal, json, say};
use crate::ble::{Characteristic, Fault, GattError, Happening, Model, State, Uuid, VirtualReader};

// What a host does, and the same with bit 7 as the answer.
const HAND: u8 = 0x00;
const CONNECT: u8 = 0x01;
const DISCONNECT: u8 = 0x02;
const SUBSCRIBE: u8 = 0x03;
const WRITE: u8 = 0x04;
const READ: u8 = 0x05;
const ANSWER: u8 = 0x80;
// What nobody asked for.
const NOTIFIED: u8 = 0x90;
const DISCONNECTED: u8 = 0x91;
const REFUSED: u8 = 0xFF;

/// Status of an answer; otherwise a [`GattError::code`].
const DONE: u8 = 0x00;

/// What answers the opening.
#[derive(Serialize)]
struct Opened {
    reader: Model,
    name: &'static str,
    service: Uuid,
    characteristics: Vec<Characteristic>,
}

/// What the hand of the test does.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
enum Hand {
    /// Puts a card in; one that lay there goes back into the drawer.
    Insert {
        card: String,
        #[serde(default)]
        interface: Touch,
    },
    /// Takes the card out.
    Remove {},
    /// Lets time pass.
    Advance { ms: u32 },
    /// Changes the battery's level.
    Battery { level: u8 },
    /// Presses the button of a reader that sleeps.
    Wake {},
    /// Lets more go wrong.
    Faults { faults: Vec<Fault> },
    /// Only looks.
    Look {},
}

/// What the hand sees afterwards.
#[derive(Serialize)]
struct Seen {
    state: &'static str,
    now_ms: u64,
    answers: u32,
    notices: u32,
    card: Option<SeenCard>,
}

#[derive(Serialize)]
struct SeenCard {
    name: String,
    pin_tries_left: u8,
    birth_tries_left: u8,
    failed_verifies: u32,
}

/// Serves the connection to its end, or gives why not.
pub(super) fn serve(
    stream: &TcpStream,
    input: &mut (impl BufRead + Send),
    options: ReaderOptions,
    number: u64,
    drawers: &Arc<Drawers>,
) -> io::Result<Option<Refusal>> {
    let model = options.model;
    say(
        stream,
        &Opened {
            reader: model,
            name: model.advertised_name(),
            service: model.service(),
            characteristics: model.characteristics(),
        },
    )?;
    let mut desk = Desk {
        reader: VirtualReader::new(model, options.options),
        drawer: drawers.open(options.drawer, number),
        started: (options.clock == Clock::Wall).then(Instant::now),
        stream,
    };
    // One at a time: who sends faster than it is served waits.
    let (says, hears) = mpsc::sync_channel(0);
    thread::scope(|scope| {
        scope.spawn(move || {
            while let Ok(Some(request)) = frame(input) {
                if says.send(request).is_err() {
                    return;
                }
            }
        });
        // The scope waits for the thread that reads, however this one ends.
        let hears = Hears { requests: hears, stream };
        desk.run(&hears.requests).map(|()| None)
    })
}

/// The one who serves. When it is dropped, nobody reads any more.
struct Hears<'a> {
    requests: Receiver<Vec<u8>>,
    stream: &'a TcpStream,
}

impl Drop for Hears<'_> {
    fn drop(&mut self) {
        // An error says that the other side was quicker.
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

/// A reader on a desk, and the connection of the one who sits there.
struct Desk<'a> {
    // Dropped before the drawer into which its card goes.
    reader: VirtualReader<Borrowed>,
    drawer: Drawer,
    /// When the wall's clock was at zero.
    started: Option<Instant>,
    stream: &'a TcpStream,
}

impl Desk<'_> {
    fn run(&mut self, requests: &Receiver<Vec<u8>>) -> io::Result<()> {
        loop {
            self.catch_up();
            self.tell()?;
            let request = match self.time_left() {
                None => requests.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(left) => requests.recv_timeout(left),
            };
            match request {
                Ok(request) => {
                    self.catch_up();
                    self.tell()?;
                    let answer = self
                        .answer(&request)
                        .unwrap_or_else(|refusal| [&[REFUSED][..], &json(&refusal.to_message())].concat());
                    send(self.stream, &answer)?;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        }
    }

    /// The reader's clock follows that on the wall.
    fn catch_up(&mut self) {
        if let Some(started) = self.started {
            self.reader.advance(started.elapsed().saturating_sub(self.reader.now()));
        }
    }

    /// How long nothing happens by itself.
    fn time_left(&self) -> Option<Duration> {
        let started = self.started?;
        Some(self.reader.due()?.saturating_sub(started.elapsed()))
    }

    /// What has happened, to the other side.
    fn tell(&mut self) -> io::Result<()> {
        while let Some(happening) = self.reader.next_happening() {
            match happening {
                Happening::Notified { characteristic, value } => {
                    let told = [&[NOTIFIED][..], &characteristic.to_bytes(), &value].concat();
                    send(self.stream, &told)?;
                }
                Happening::Disconnected => send(self.stream, &[DISCONNECTED])?,
            }
        }
        Ok(())
    }

    fn answer(&mut self, request: &[u8]) -> Result<Vec<u8>, Refusal> {
        let (&kind, body) = request.split_first().ok_or(Refusal::BadFrame)?;
        let mut value = Vec::new();
        let done = match kind {
            HAND => {
                self.lend_a_hand(serde_json::from_slice(body)?)?;
                return Ok([&[ANSWER | HAND][..], &json(&self.look())].concat());
            }
            CONNECT if body.is_empty() => self.reader.connect(),
            DISCONNECT if body.is_empty() => {
                self.reader.disconnect();
                Ok(())
            }
            SUBSCRIBE => match split(body)? {
                (characteristic, &[on @ (0x00 | 0x01)]) => self.reader.subscribe(characteristic, on == 0x01),
                _ => return Err(Refusal::BadFrame),
            },
            WRITE => {
                let (characteristic, value) = split(body)?;
                self.reader.write(characteristic, value)
            }
            READ => match split(body)? {
                (characteristic, []) => self.reader.read(characteristic).map(|read| value = read),
                _ => return Err(Refusal::BadFrame),
            },
            CONNECT | DISCONNECT => return Err(Refusal::BadFrame),
            _ => return Err(Refusal::UnknownFrame),
        };
        let status = done.map_or_else(GattError::code, |()| DONE);
        Ok([&[ANSWER | kind, status][..], &value].concat())
    }

    fn lend_a_hand(&mut self, hand: Hand) -> Result<(), Refusal> {
        match hand {
            Hand::Insert { card, interface } => {
                // The same card cannot be taken while it lies there. Another stays, if the new one is not to be had.
                if self.reader.card().is_some_and(|there| there.name() == card) {
                    drop(self.reader.remove());
                }
                let card = self.drawer.take(&card, interface.into())?;
                drop(self.reader.insert(card));
            }
            Hand::Remove {} => drop(self.reader.remove()),
            Hand::Advance { .. } if self.started.is_some() => return Err(Refusal::ClockRuns),
            Hand::Advance { ms } => self.reader.advance(Duration::from_millis(ms.into())),
            Hand::Battery { level } => self.reader.set_battery(level),
            Hand::Wake {} => self.reader.wake(),
            Hand::Faults { faults } => self.reader.add_faults(faults),
            Hand::Look {} => {}
        }
        Ok(())
    }

    fn look(&mut self) -> Seen {
        let (answers, notices) = self.reader.sent();
        Seen {
            state: match self.reader.state() {
                State::Asleep => "asleep",
                State::Disconnected => "disconnected",
                State::Connected => "connected",
                State::Authenticated => "authenticated",
                State::Polling => "polling",
                State::CardPresent => "card-present",
                State::Powered => "powered",
            },
            now_ms: u64::try_from(self.reader.now().as_millis()).unwrap_or(u64::MAX),
            answers,
            notices,
            card: self.reader.card().map(|card| SeenCard {
                name: card.name().to_owned(),
                pin_tries_left: card.plugged().card.pin_tries_left(),
                birth_tries_left: card.plugged().card.birth_tries_left(),
                failed_verifies: card.plugged().card.failed_verifies(),
            }),
        }
    }
}

/// A characteristic, and what follows it.
fn split(body: &[u8]) -> Result<(Uuid, &[u8]), Refusal> {
    let (uuid, rest) = body.split_first_chunk().ok_or(Refusal::BadFrame)?;
    Ok((Uuid::from_bytes(*uuid), rest))
}
