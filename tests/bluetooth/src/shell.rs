//! The loop of a shell, over virtual time.

use core::time::Duration;

use counter::{Action, Counter, Link, Lost, ReaderInfo, ReaderTrouble, Screen};
use desk::{Desk, Held};
use reader::{
    CustomerKey, Entropy, Event, Kind, Options, ReaderError, Reconnect, Session, State, Turn, Uuid,
};
use sandbox_card::VirtualCard;
use sandbox_reader::ble::{self, GattError, Happening, VirtualReader};
use sandbox_reader::{Interface, Plugged};
use secret::SecretBytes;

use crate::{Setup, Watched};

/// More things than this do not happen between two answers, whatever the size of a chunk.
const MOST_STEPS: u32 = 100_000;

/// How long the shell looks for a card before somebody puts it in again.
const FOR_A_CARD: Duration = Duration::from_secs(3);

/// One reader, and the shell that uses it.
pub struct Shell {
    setup: Setup,
    /// The reader, for the hands of a test: its battery, its button, its faults.
    pub reader: VirtualReader<Watched>,
    /// Who knows the reader's key, if that is not the setup.
    counter: Option<Counter>,
    session: Session,
    /// How many sessions there have been.
    sessions: u32,
    /// How many of them, the last ones in a row, never became ready.
    failures: u32,
    /// A chunk was written, and the session does not know yet.
    unsaid: bool,
    states: Vec<State>,
    commands: Vec<Given>,
    steps: u32,
}

/// A command that a session accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The command. A PIN may be among them: these are test cards.
    pub command: Vec<u8>,
    /// Whether there was an answer.
    pub answered: bool,
}

impl Shell {
    /// A shell that has just found the reader, without a connection.
    ///
    /// # Panics
    ///
    /// If the app does not recognise it.
    pub fn new(setup: Setup) -> Self {
        let reader = VirtualReader::new(setup.model, setup.reader.clone());
        let session = session(&setup, None, 0);
        Self {
            setup,
            reader,
            counter: None,
            session,
            sessions: 0,
            failures: 0,
            unsaid: false,
            states: vec![State::Discovered],
            commands: Vec::new(),
            steps: 0,
        }
    }

    /// From the next connection on, sessions are this counter's, with the key that staff entered.
    pub fn ask_for_sessions(&mut self, counter: &Counter) {
        self.counter = Some(counter.clone());
    }

    /// Puts a card on the reader, in the place of the one that lay there.
    pub fn insert(&mut self, card: VirtualCard) -> Option<VirtualCard> {
        let before = self.reader.insert(Watched::new(Plugged::new(card, Interface::Contactless)));
        before.map(|watched| watched.plugged.card)
    }

    /// The card.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub fn card(&mut self) -> &mut Watched {
        self.reader.card().expect("a card")
    }

    /// The session.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The states that the sessions went through.
    pub fn states(&self) -> &[State] {
        &self.states
    }

    /// Every command that a session accepted.
    pub fn commands(&self) -> &[Given] {
        &self.commands
    }

    /// What the counter is told of the reader.
    pub fn info(&self) -> ReaderInfo {
        ReaderInfo::of(self.setup.model.advertised_name(), &self.session)
    }

    // The connection.

    /// Connects with a new session, and waits until the reader is ready.
    ///
    /// # Panics
    ///
    /// If the reader has not got what its kind should have.
    pub fn connect(&mut self) -> Result<(), ReaderError> {
        self.sessions += 1;
        self.session = session(&self.setup, self.counter.as_ref(), self.sessions);
        self.states.push(State::Discovered);
        self.unsaid = false;
        match self.discover() {
            Ok(()) => {}
            Err(GattError::NotAdvertising | GattError::NotConnected) => self.session.disconnected(),
            Err(error) => panic!("the app takes it for a reader that it is not: {error}"),
        }
        self.until(Duration::MAX, |session| session.state().is_ready());
        if self.session.state().is_ready() {
            self.failures = 0;
            return Ok(());
        }
        self.failures += 1;
        Err(self.session.loss().unwrap_or(ReaderError::LinkLost))
    }

    /// Notifications on, then what is read once.
    fn discover(&mut self) -> Result<(), GattError> {
        self.reader.connect()?;
        let kind = self.session.kind();
        for characteristic in [kind.notify, kind.battery] {
            self.reader.subscribe(theirs(&self.reader, characteristic), true)?;
        }
        self.session.connected(self.reader.now());
        for characteristic in [kind.battery].iter().chain(kind.information) {
            let value = self.reader.read(theirs(&self.reader, *characteristic))?;
            self.session.notified(*characteristic, &value, self.reader.now());
        }
        Ok(())
    }

    /// Sees to it that there is a connection: by itself where [`Reconnect`] says so, with a finger on the button of a
    /// reader that sleeps. An error is where somebody has to do something.
    pub fn stay_connected(&mut self) -> Result<(), ReaderError> {
        if self.sessions == 0 && self.connect().is_ok() {
            return Ok(());
        }
        // What the reader still has to say may be that it goes.
        self.idle(Duration::ZERO);
        for _ in 0..8 {
            if self.session.state().is_ready() {
                return Ok(());
            }
            self.until(Duration::MAX, |session| session.state() == State::Lost);
            let loss = self.session.loss();
            let before = self.failures.saturating_sub(1);
            let Some(pause) = Reconnect::default().after(loss, before) else {
                return Err(loss.unwrap_or(ReaderError::LinkLost));
            };
            self.idle(pause);
            if self.failures > 0 {
                self.reader.wake();
            }
            if self.connect().is_ok() {
                return Ok(());
            }
        }
        Err(self.session.loss().unwrap_or(ReaderError::LinkLost))
    }

    /// Lets time pass, in which whatever happens happens.
    pub fn idle(&mut self, time: Duration) {
        let until = self.reader.now().saturating_add(time);
        self.until(until, |_| false);
    }

    /// Waits until a card on the reader is noticed. Where none is, the patient holds it there again.
    pub fn await_card(&mut self) {
        let there = |session: &Session| matches!(session.state(), State::Card | State::Powered);
        for again in [true, false] {
            let until = self.reader.now().saturating_add(FOR_A_CARD);
            self.until(until, |session| there(session) || session.state() == State::Lost);
            if there(&self.session) {
                return;
            }
            if let Some(card) = again.then(|| self.reader.remove()).flatten() {
                self.idle(Duration::from_millis(200));
                drop(self.reader.insert(card));
            }
        }
    }

    /// Waits for a card, and gives it power.
    ///
    /// # Panics
    ///
    /// If the session gives something else for it.
    pub fn power_on(&mut self) -> Result<Vec<u8>, ReaderError> {
        self.await_card();
        self.session.power_on(self.reader.now())?;
        match self.turn()? {
            Turn::PoweredOn(answer_to_reset) => Ok(answer_to_reset),
            other => panic!("asked for power, and there is {other:?}"),
        }
    }

    /// Takes the card's power. What comes of it changes nothing any more.
    pub fn power_off(&mut self) {
        if self.session.power_off(self.reader.now()).is_ok() {
            let _ = self.turn();
        }
    }

    /// One command to the card.
    ///
    /// # Panics
    ///
    /// If the session gives something else than an answer for it.
    pub fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, ReaderError> {
        self.session.transmit(SecretBytes::new(command.to_vec()), self.reader.now())?;
        self.commands.push(Given { command: command.to_vec(), answered: false });
        match self.turn()? {
            Turn::Answer(answer) => {
                self.commands.last_mut().expect("it was given").answered = true;
                Ok(answer.expose().to_vec())
            }
            other => panic!("asked the card, and there is {other:?}"),
        }
    }

    /// Asks the reader something that is answered by an event, such as its firmware.
    pub fn ask(
        &mut self,
        question: impl FnOnce(&mut Session, Duration) -> Result<(), ReaderError>,
    ) -> Result<(), ReaderError> {
        question(&mut self.session, self.reader.now())?;
        self.idle(Duration::from_secs(1));
        Ok(())
    }

    /// A whole tap at the desk: power, the dialogue, and no power again. A reader that cannot be used is told to the
    /// counter.
    pub async fn hold(&mut self, desk: &Desk) -> Held {
        self.reconnect_if_asked(desk);
        let powered = self.stay_connected().and_then(|()| self.power_on());
        desk.act(Action::ReaderInUse(Some(self.info()))).await;
        if let Some(trouble) = powered.err().and_then(ReaderTrouble::before_tap) {
            let screen = desk.act(Action::Reader(trouble)).await;
            return Held { screen, transcript: String::new(), commands: 0, took: Duration::ZERO };
        }
        let held =
            desk.hold_over(Link::of(&self.session), |command| self.transmit(command).map_err(Lost::from));
        self.power_off();
        desk.act(Action::ReaderInUse(Some(self.info()))).await;
        held
    }

    /// Between two patients: begins a new session if the screen asks for one, and tells the counter of the reader.
    pub async fn attend(&mut self, desk: &Desk) -> Screen {
        self.reconnect_if_asked(desk);
        desk.act(Action::ReaderInUse(Some(self.info()))).await
    }

    fn reconnect_if_asked(&mut self, desk: &Desk) {
        if desk.counter.screen().reconnect_reader {
            self.reader.disconnect();
            // What came of it is in the session.
            let _ = self.connect();
        }
    }

    // The loop.

    /// Goes on until what was asked has an outcome.
    fn turn(&mut self) -> Result<Turn, ReaderError> {
        self.steps = 0;
        loop {
            match self.session.turn() {
                Turn::Write(write) => self.write(&write),
                Turn::Wait(until) => {
                    let asked = self.step(until.unwrap_or(Duration::MAX));
                    assert!(asked || until.is_some(), "nobody waits for anything");
                }
                Turn::Lost(error) => {
                    self.hang_up();
                    return Err(error);
                }
                outcome => return Ok(outcome),
            }
        }
    }

    /// Goes on until a condition holds, the session is over, or it is so late.
    fn until(&mut self, until: Duration, mut holds: impl FnMut(&Session) -> bool) {
        self.steps = 0;
        loop {
            while let Some(event) = self.session.next_event() {
                if let Event::State(state) = event {
                    let before = self.states.last().copied().unwrap_or(State::Discovered);
                    assert!(before.may_become(state), "{before:?} became {state:?}");
                    self.states.push(state);
                }
            }
            self.hang_up();
            if holds(&self.session) {
                return;
            }
            if let Some(write) = self.session.next_write() {
                self.write(&write);
            } else if !self.step(until) {
                return;
            }
        }
    }

    /// Lets the next thing happen that happens by itself. `false`: none does until then, and it is so late now.
    fn step(&mut self, until: Duration) -> bool {
        self.steps += 1;
        assert!(self.steps < MOST_STEPS, "this has no end");
        if let Some(happening) = self.reader.next_happening() {
            match happening {
                Happening::Notified { characteristic, value } => {
                    self.session.notified(ours(characteristic), &value, self.reader.now());
                }
                Happening::Disconnected => self.session.disconnected(),
            }
            return true;
        }
        if core::mem::take(&mut self.unsaid) {
            self.session.written(self.reader.now());
            return true;
        }
        let next = [self.reader.due(), self.session.deadline()].into_iter().flatten().min();
        let due = next.filter(|due| *due <= until);
        // For ever is not waited for.
        let pass = due.or(Some(until).filter(|until| *until < Duration::MAX));
        self.reader.advance(pass.unwrap_or(Duration::ZERO).saturating_sub(self.reader.now()));
        self.session.tick(self.reader.now());
        due.is_some()
    }

    fn write(&mut self, write: &reader::Write) {
        let characteristic = theirs(&self.reader, write.characteristic);
        let written = self.reader.write(characteristic, write.bytes.expose());
        if !self.setup.write_takes.is_zero() {
            self.reader.advance(self.setup.write_takes);
            self.session.tick(self.reader.now());
        }
        match written {
            Ok(()) if self.setup.late_written => self.unsaid = true,
            // A platform that has lost the link says so by itself.
            Ok(()) | Err(GattError::NotConnected) => self.session.written(self.reader.now()),
            Err(error) => panic!("the reader takes no chunk of {} bytes: {error}", write.bytes.len()),
        }
    }

    /// A session that is over has no connection.
    fn hang_up(&mut self) {
        if self.session.state() == State::Lost {
            self.reader.disconnect();
            self.unsaid = false;
        }
    }
}

/// A session with this reader, as a scan and the discovery of its services show it.
fn session(setup: &Setup, counter: Option<&Counter>, number: u32) -> Session {
    let name = setup.model.advertised_name();
    assert!(Kind::is_candidate(Some(name), &[]), "{name} is not connected to");
    let services: Vec<_> = setup.model.characteristics().iter().map(|one| ours(one.service)).collect();
    let kind = Kind::recognise(Some(name), &services).expect("a kind that is supported");
    // Different in each session, and the same in each run.
    let mut entropy = [0x0A; 16];
    entropy[..4].copy_from_slice(&number.to_be_bytes());
    entropy[8..].copy_from_slice(&setup.reader.seed.to_be_bytes());
    let entropy = Entropy::from(entropy);
    if let Some(counter) = counter {
        return counter.reader_session(name, kind, entropy);
    }
    Session::new(
        kind,
        Options {
            customer_key: setup.key.map(CustomerKey::new),
            chunk: setup.chunk,
            sleep: setup.sleep,
            ..Options::new(entropy)
        },
    )
}

fn ours(uuid: ble::Uuid) -> Uuid {
    Uuid::new(u128::from_be_bytes(uuid.to_bytes()))
}

/// The characteristic of this reader that the app calls so.
fn theirs(reader: &VirtualReader<Watched>, uuid: Uuid) -> ble::Uuid {
    let table = reader.model().characteristics();
    table.iter().map(|one| one.uuid).find(|one| ours(*one) == uuid).expect("a characteristic of this reader")
}
