//! Both codecs: a session in any state, with a virtual reader at the other end, and with what no reader says.

mod examples;
mod steps;

use core::time::Duration;

use bluetooth::Watched;
use reader::{ChunkSize, Entropy, Event, Kind, Options, ReaderError, Session, SleepDelay, State, Uuid};
use sandbox_reader::ble::{
    self, CardEvent, Chunk, Cuts, Fault, Happening, Layer, Mishap, Model, Place, VirtualReader,
};
use sandbox_reader::{Interface, Plugged};
use secret::SecretBytes;

use crate::script::Script;
use steps::{
    BATTERY, CONNECT, DEADLINE, DISCONNECTED, FIRMWARE, FLOWS, GOODBYE, HAPPENS, INSERT, POWER_OFF, POWER_ON,
    REMOVE, SAYS, SAYS_AGAIN, SAYS_CHANGED, SAYS_NOTHING, SAYS_PART, SERIAL, SLEEP, STEPS, SWALLOWS, TELLS,
    TRANSMIT, WAIT, WRITTEN,
};

pub(crate) use examples::{acs_examples, ccid_examples};

/// What may happen by itself before a script goes on.
const FLOW: usize = 400;

pub(crate) fn acs(bytes: &[u8]) {
    play(Model::Acr1255uJ1, bytes);
}

pub(crate) fn ccid(bytes: &[u8]) {
    play(Model::Br500C4, bytes);
}

fn play(model: Model, bytes: &[u8]) {
    let mut script = Script::new(bytes);
    let mut scene = Scene::new(model, &mut script);
    while let Some(step) = script.step() {
        scene.step(step % STEPS, &mut script);
        scene.look();
    }
}

/// A session, and the reader.
struct Scene {
    model: Model,
    chunk: ChunkSize,
    reader: VirtualReader<Watched>,
    session: Session,
    state: State,
    /// Commands that a session accepted.
    given: Vec<Vec<u8>>,
    /// Whether the reader is the virtual one alone: then a card is told what was given, once.
    honest: bool,
    /// Requests that were accepted, and outcomes.
    asked: usize,
    told: usize,
    last: Vec<u8>,
}

impl Scene {
    fn new(model: Model, script: &mut Script<'_>) -> Self {
        let size = 1 + script.number() % 244;
        let cuts = if script.number() & 1 == 0 { Cuts::Full } else { Cuts::Random };
        let chunk = ChunkSize::new(size.into()).expect("1 to 244");
        let options =
            ble::Options { chunk: Chunk::new(size).expect("1 to 244"), cuts, ..ble::Options::default() };
        Self {
            model,
            chunk,
            reader: VirtualReader::new(model, options),
            session: session(model, chunk),
            state: State::Discovered,
            given: Vec::new(),
            honest: true,
            asked: 0,
            told: 0,
            last: Vec::new(),
        }
    }

    fn step(&mut self, step: u8, script: &mut Script<'_>) {
        let now = self.reader.now();
        match step {
            FLOWS => {
                for _ in 0..FLOW {
                    if !self.happens() {
                        break;
                    }
                    self.look();
                }
            }
            HAPPENS => _ = self.happens(),
            POWER_ON => self.asks(|session| session.power_on(now)),
            POWER_OFF => self.asks(|session| session.power_off(now)),
            TRANSMIT => {
                let command = script.counted();
                let before = self.asked;
                self.asks(|session| session.transmit(SecretBytes::new(command.to_vec()), now));
                if self.asked > before {
                    self.given.push(command.to_vec());
                }
            }
            SAYS => {
                let bytes = script.counted();
                self.says(bytes);
            }
            SAYS_CHANGED => {
                let (at, change) = (usize::from(script.number()), script.number());
                if let Some(mut value) = self.next_value() {
                    let at = at % value.len().max(1);
                    value.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= change);
                    self.says(&value);
                }
            }
            SAYS_PART => {
                let end = usize::from(script.number());
                if let Some(value) = self.next_value() {
                    self.says(&value[..end.min(value.len())]);
                }
            }
            SAYS_NOTHING => drop(self.next_value()),
            SAYS_AGAIN => {
                let last = core::mem::take(&mut self.last);
                self.says(&last);
            }
            SWALLOWS => {
                self.honest = false;
                while self.session.next_write().is_some() {
                    self.session.written(now);
                }
            }
            WRITTEN => self.session.written(now),
            WAIT => {
                self.reader.advance(Duration::from_millis(u64::from(script.long_number()) * 4));
                self.session.tick(self.reader.now());
            }
            DEADLINE => {
                if let Some(deadline) = self.session.deadline() {
                    self.reader.advance(deadline.saturating_sub(now));
                    self.session.tick(self.reader.now());
                }
            }
            DISCONNECTED => {
                self.reader.disconnect();
                self.session.disconnected();
            }
            CONNECT => self.connect(),
            BATTERY => self.session.notified(Uuid::BATTERY_LEVEL, &[script.number()], now),
            TELLS => self.session.notified(Uuid::SERIAL_NUMBER, script.counted(), now),
            FIRMWARE => self.asks(|session| session.ask_firmware(now)),
            SERIAL => self.asks(|session| session.ask_serial(now)),
            SLEEP => {
                let delays = [SleepDelay::Never, SleepDelay::Seconds60, SleepDelay::Seconds180];
                let delay = delays[usize::from(script.number()) % delays.len()];
                self.asks(|session| session.set_sleep_delay(delay, now));
            }
            GOODBYE => self.asks(|session| session.goodbye(now)),
            INSERT => {
                let card = crate::dialogue::hanako();
                // What another card was told does not count; the last command may still be on its way.
                self.given.drain(..self.given.len().saturating_sub(1));
                drop(self.reader.insert(Watched::new(Plugged::new(card, Interface::Contactless))));
            }
            REMOVE => drop(self.reader.remove()),
            _ => {
                let (answers, notices) = self.reader.sent();
                let place = script.number();
                let at = if place & 0x80 == 0 {
                    Place::Answer(answers + u32::from(place & 0x0F))
                } else {
                    Place::Notice(notices + u32::from(place & 0x0F))
                };
                let mishap = mishap(script);
                self.reader.add_faults([Fault { at, mishap }]);
            }
        }
    }

    /// What happens next by itself, without any time: a write, a notification, the end of the link.
    fn happens(&mut self) -> bool {
        let now = self.reader.now();
        if let Some(write) = self.session.next_write() {
            assert!((1..=self.chunk.get()).contains(&write.bytes.len()));
            assert!(self.session.next_write().is_none(), "one at a time");
            // A reader that is gone takes nothing.
            let _ = self.reader.write(self.model.commands(), write.bytes.expose());
            self.session.written(now);
            return true;
        }
        match self.reader.next_happening() {
            Some(Happening::Notified { characteristic, value }) => {
                self.last.clone_from(&value);
                self.session.notified(ours(characteristic), &value, now);
                true
            }
            Some(Happening::Disconnected) => {
                self.session.disconnected();
                true
            }
            None => false,
        }
    }

    /// What the reader would have said next.
    fn next_value(&mut self) -> Option<Vec<u8>> {
        match self.reader.next_happening()? {
            Happening::Notified { value, .. } => Some(value),
            Happening::Disconnected => {
                self.session.disconnected();
                None
            }
        }
    }

    fn says(&mut self, bytes: &[u8]) {
        self.honest = false;
        self.session.notified(self.session.kind().notify, bytes, self.reader.now());
    }

    fn asks(&mut self, ask: impl FnOnce(&mut Session) -> Result<(), ReaderError>) {
        if ask(&mut self.session).is_ok() {
            self.asked += 1;
        }
    }

    fn connect(&mut self) {
        if self.session.state() == State::Lost {
            self.session = session(self.model, self.chunk);
            self.state = State::Discovered;
            (self.asked, self.told) = (0, 0);
            self.reader.wake();
        }
        if self.reader.connect().is_ok() {
            self.reader.subscribe(self.model.answers(), true).expect("it notifies");
        }
        self.session.connected(self.reader.now());
    }

    /// What holds at any time.
    fn look(&mut self) {
        while let Some(event) = self.session.next_event() {
            match event {
                Event::State(next) => {
                    assert!(self.state.may_become(next), "{:?} became {next:?}", self.state);
                    self.state = next;
                }
                Event::PoweredOn(_) | Event::PoweredOff | Event::Answer(_) => self.told += 1,
                _ => {}
            }
        }
        assert_eq!(self.state, self.session.state());
        assert!(self.told <= self.asked, "more outcomes than questions");
        if self.state == State::Lost {
            assert!(self.session.next_write().is_none());
            assert_eq!(self.session.deadline(), None);
            self.reader.disconnect();
        }
        let Some(card) = self.reader.card() else { return };
        let mut given = self.given.iter();
        let once = card.commands.iter().all(|told| given.any(|command| command == told));
        assert!(once || !self.honest, "a card was told what was not given, or twice");
        // Whatever was said, nobody but the script types a PIN.
        let verifies = |commands: &[Vec<u8>]| commands.iter().filter(|command| is_verify(command)).count();
        assert!(verifies(&card.commands) <= verifies(&self.given), "a VERIFY too many");
    }
}

fn is_verify(command: &[u8]) -> bool {
    matches!(command, [0x00, 0x20, 0x00, _, _, _, ..])
}

fn mishap(script: &mut Script<'_>) -> Mishap {
    let (kind, a, b) = (script.number(), script.number(), script.number());
    let after = usize::from(a);
    match kind % 12 {
        0 => Mishap::Corrupt { layer: Layer::Frame, at: after, xor: b, mended: kind & 0x80 != 0 },
        1 => Mishap::Corrupt { layer: Layer::Message, at: after, xor: b, mended: kind & 0x80 != 0 },
        2 => Mishap::Lengthen { by: u16::from_be_bytes([a, b]) },
        3 => Mishap::Stall { after },
        4 => Mishap::Drop { after },
        5 => Mishap::Pause { after, time: Duration::from_millis(u64::from(b) * 100) },
        6 => {
            let events = [CardEvent::Arrived, CardEvent::Left, CardEvent::Asleep];
            Mishap::Interject { after, events: vec![events[usize::from(b) % events.len()]] }
        }
        7 => Mishap::HardwareError { code: a, worked: b & 1 == 1 },
        8 => Mishap::Fail { error: a, worked: b & 1 == 1 },
        9 => Mishap::CardLeaves { worked: b & 1 == 1 },
        10 => Mishap::FallAsleep { worked: b & 1 == 1 },
        _ => Mishap::TimeExtension { times: a % 8, multiplier: b, time: Duration::from_secs(2) },
    }
}

/// A session that draws what the vectors' host drew.
fn session(model: Model, chunk: ChunkSize) -> Session {
    let kind = Kind::recognise(None, &[ours(model.service())]).expect("a kind that is supported");
    let entropy = core::array::from_fn(|i| 0x10 + u8::try_from(i).expect("less than 16"));
    Session::new(kind, Options { chunk: Some(chunk), ..Options::new(Entropy::from(entropy)) })
}

fn ours(uuid: ble::Uuid) -> Uuid {
    Uuid::new(u128::from_be_bytes(uuid.to_bytes()))
}
