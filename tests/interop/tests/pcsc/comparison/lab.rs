//! A reader with a card at whose line is listened, and what was said on it.

use interop::{Daemon, Slot, eventually};
use pcsc::{Context, ReaderState, Scope, State};
use sandbox_card::{Person, VirtualCard};
use sandbox_reader::{Icc, Inserted, Interface};
use time::OffsetDateTime;

/// What the card signs, whoever asks it.
pub(super) const MESSAGE: &[u8] = b"What the patient agrees to";

/// INS of ISO/IEC 7816-4 §5.4.2, and COMPUTE DIGITAL SIGNATURE as the card has it.
pub(super) const VERIFY: u8 = 0x20;
pub(super) const SIGN: u8 = 0x2A;
pub(super) const SELECT: u8 = 0xA4;
pub(super) const READ: u8 = 0xB0;

/// The reader, in which there is mostly a card.
pub(super) struct Lab {
    // The card goes before the daemon does.
    inserted: Option<Inserted<Wired>>,
    /// How many cards had come and gone when it was put in.
    events: u32,
    pub(super) daemon: Daemon,
}

impl Lab {
    pub(super) fn new(card: Wired) -> Self {
        let mut lab = Self { inserted: None, events: 0, daemon: Daemon::start() };
        lab.put_in(card);
        lab
    }

    /// Another card takes the place of the one that lies there, unseen by the reader.
    pub(super) fn lay(&self, mut card: Wired) {
        card.card.power_on();
        self.inserted().with(|inserted| *inserted = card);
    }

    /// Another card is put in, where one lies or has left.
    pub(super) fn change(&mut self, card: Wired) {
        self.take_out();
        self.put_in(card);
    }

    /// A card is put in, where none lies.
    pub(super) fn put_in(&mut self, card: Wired) {
        self.inserted = Some(self.daemon.insert(Slot::First, card));
        self.events = look(Slot::First).event_count();
    }

    /// The card is taken out.
    ///
    /// A program that resets a card which has left makes its reader empty before pcscd (1.9) has looked again, and a card
    /// that is put in that soon stays unseen: measured.
    pub(super) fn take_out(&mut self) {
        self.inserted = None;
        eventually("the reader has noticed", || {
            let now = look(Slot::First);
            now.event_state().contains(State::EMPTY) && now.event_count() != self.events
        });
    }

    /// The card that lies there, or has left, is held again.
    pub(super) fn hold_again(&mut self) {
        let (card, certificate) =
            self.inserted().with(|inserted| (inserted.card.clone(), inserted.certificate.clone()));
        self.change(Wired::new(card, certificate));
    }

    /// The card, as it is now.
    pub(super) fn card(&self) -> VirtualCard {
        self.inserted().with(|inserted| inserted.card.clone())
    }

    /// What was said since the card is there.
    pub(super) fn line(&self) -> Vec<Exchange> {
        self.inserted().with(|inserted| inserted.line.clone())
    }

    /// How many commands came to the card that lies there, if one does, and to another one.
    pub(super) fn heard(&self, other: &Inserted<Wired>) -> [usize; 2] {
        let heard = |inserted: &Inserted<Wired>| inserted.with(|inserted| inserted.line.len());
        [self.inserted.as_ref().map_or(0, heard), heard(other)]
    }

    /// 利用者証明用電子証明書, as the card was personalised with it.
    pub(super) fn certificate(&self) -> Vec<u8> {
        self.inserted().with(|inserted| inserted.certificate.clone())
    }

    /// Whether openssl takes this for a signature over [`MESSAGE`] by the card's key for user authentication.
    pub(super) fn verifies(&self, signature: &[u8]) -> bool {
        self.daemon.verifies(&self.certificate(), MESSAGE, signature)
    }

    fn inserted(&self) -> &Inserted<Wired> {
        self.inserted.as_ref().expect("a card is in the reader")
    }
}

/// What PC/SC says of a slot, without touching what lies in it.
pub(super) fn look(slot: Slot) -> ReaderState {
    let context = Context::establish(Scope::User).expect("pcscd runs");
    let mut states = [ReaderState::new(slot.reader(), State::UNAWARE)];
    context.get_status_change(None, &mut states).expect("it says at once what it knows");
    let [state] = states;
    state
}

/// What is answered instead of the card: nothing (`None`), these bytes, or none, for the card leaves.
type Instead = Box<dyn FnMut(&Exchange, &mut VirtualCard) -> Option<Vec<u8>> + Send>;

/// A card at whose line is listened.
pub(super) struct Wired {
    card: VirtualCard,
    certificate: Vec<u8>,
    answer_to_reset: Vec<u8>,
    instead: Instead,
    /// All bytes, which are those of persons who do not exist.
    line: Vec<Exchange>,
    application: Application,
    current: u8,
}

impl Wired {
    /// The card of one of the named persons, as new.
    pub(super) fn of(slug: &str) -> Self {
        let person = Person::named(slug).expect("one of the named persons");
        let today = OffsetDateTime::now_utc().date();
        Self::new(person.personalise(today), person.certificate(today))
    }

    fn new(card: VirtualCard, certificate: Vec<u8>) -> Self {
        Self {
            card,
            certificate,
            answer_to_reset: Interface::Contactless.answer_to_reset().to_vec(),
            instead: Box::new(|_, _| None),
            line: Vec::new(),
            application: Application::Other,
            current: 0,
        }
    }

    pub(super) fn with_answer_to_reset(self, answer_to_reset: &[u8]) -> Self {
        Self { answer_to_reset: answer_to_reset.to_vec(), ..self }
    }

    /// The exchange that this is given has no answer yet.
    pub(super) fn but(
        self,
        instead: impl FnMut(&Exchange, &mut VirtualCard) -> Option<Vec<u8>> + Send + 'static,
    ) -> Self {
        Self { instead: Box::new(instead), ..self }
    }

    /// The file that a command is about: the current one, or that which it names.
    fn file(&self, command: &[u8]) -> (Application, u8) {
        let named = match *command {
            [_, SELECT, 0x02, _, 2, _, id] => Some(id),
            _ => short_id(command),
        };
        (self.application, named.unwrap_or(self.current))
    }
}

impl Icc for Wired {
    fn power_on(&mut self) -> Vec<u8> {
        (self.application, self.current) = (Application::Other, 0);
        self.card.power_on();
        self.answer_to_reset.clone()
    }

    fn power_off(&mut self) {
        self.card.power_off();
    }

    fn reset(&mut self) -> Vec<u8> {
        (self.application, self.current) = (Application::Other, 0);
        self.card.reset();
        self.answer_to_reset.clone()
    }

    fn transmit(&mut self, command: &[u8]) -> Vec<u8> {
        let mut exchange =
            Exchange { command: command.to_vec(), file: self.file(command), answer: Vec::new() };
        let answer = (self.instead)(&exchange, &mut self.card);
        exchange.answer = answer.unwrap_or_else(|| self.card.transmit(command));
        if exchange.succeeded() {
            if let Some(application) = exchange.application() {
                (self.application, self.current) = (application, 0);
            } else if exchange.is(SELECT) || exchange.is(READ) {
                self.current = exchange.file.1;
            }
        }
        let answer = exchange.answer.clone();
        self.line.push(exchange);
        answer
    }
}

/// The short file identifier in P1 or P2, if the command has one.
pub(super) fn short_id(command: &[u8]) -> Option<u8> {
    let parameter = match *command {
        [_, READ, p1, ..] => p1,
        [_, VERIFY | SIGN, _, p2, ..] => p2,
        _ => return None,
    };
    (parameter > 0x80).then_some(parameter & 0x1F)
}

/// A command, and its answer; an empty one is none.
#[derive(Clone)]
pub(super) struct Exchange {
    pub(super) command: Vec<u8>,
    pub(super) file: (Application, u8),
    pub(super) answer: Vec<u8>,
}

/// Where a file lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Application {
    Jpki,
    Surface,
    TextInput,
    /// Others, of this card or of none.
    Other,
}

impl Exchange {
    pub(super) fn is(&self, ins: u8) -> bool {
        self.command.get(1) == Some(&ins)
    }

    pub(super) fn succeeded(&self) -> bool {
        self.answer.ends_with(&[0x90, 0x00])
    }

    /// VERIFY with a value; without one it asks for the counter.
    pub(super) fn presents(&self) -> bool {
        self.is(VERIFY) && self.command.len() > 5
    }

    /// Whether it asks for this application, or is said to it.
    pub(super) fn concerns(&self, application: Application) -> bool {
        self.file.0 == application || self.application() == Some(application)
    }

    /// Whether it reads this file from its first byte on.
    pub(super) fn begins(&self, file: (Application, u8)) -> bool {
        let [_, READ, p1, p2, ..] = self.command[..] else { return false };
        self.file == file && (p1 == 0 || p1 > 0x80) && p2 == 0
    }

    /// The application that a SELECT by name asks for.
    pub(super) fn application(&self) -> Option<Application> {
        let [_, SELECT, 0x04, _, length, ref rest @ ..] = self.command[..] else { return None };
        Some(match rest.get(..length.into()) {
            Some(b"\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01") => Application::Jpki,
            Some(b"\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x02") => Application::Surface,
            Some(b"\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x08") => Application::TextInput,
            _ => Application::Other,
        })
    }
}

/// How many times a secret was sent.
pub(super) fn presented(line: &[Exchange]) -> usize {
    line.iter().filter(|exchange| exchange.presents()).count()
}
