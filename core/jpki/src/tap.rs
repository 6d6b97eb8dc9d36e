//! The tap: a dialogue that is driven by hand.

use core::{
    fmt,
    future::poll_fn,
    pin,
    task::{Context, Poll, Waker},
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use iso7816::{CardChannel, Command, Response, Transcript};
use secret::SecretBytes;

use crate::{
    CardDigest, Evidence, IssuerKey, Lengths, Method, TapError, ToSign,
    card::Card,
    dialogue,
    memory::{Identifiers, Kind, Notes, Service},
};

type Dialogue = pin::Pin<Box<dyn Future<Output = Result<Evidence, TapError>> + Send>>;

/// One dialogue with one card.
///
/// [`Tap::next`] never waits and never blocks. Dropping a tap forgets the PIN; to go on with another tap
/// after the card was lost, take it apart with [`Tap::lost`].
pub struct Tap {
    /// `None` when the tap is over.
    dialogue: Option<Dialogue>,
    line: Line,
    notes: Notes,
    transcript: Transcript,
    /// The instruction byte of the command that is with the card.
    waiting: Option<u8>,
    /// It is over, and something was not read because the service has it.
    leaves_rest: bool,
}

impl Tap {
    /// A dialogue that asks `method` of a card and has it sign what `to_sign` gives for it.
    pub fn new(method: Method, to_sign: ToSign) -> Self {
        Self::with(Notes::new(method), to_sign)
    }

    fn with(notes: Notes, to_sign: ToSign) -> Self {
        let line = Line::default();
        let card = Card::new(line.clone(), notes.clone());
        Self {
            dialogue: Some(Box::pin(dialogue::run(card, to_sign))),
            line,
            notes,
            transcript: Transcript::default(),
            waiting: None,
            leaves_rest: false,
        }
    }

    /// `None` starts the tap; afterwards the card's answer to the last command, data and status word.
    ///
    /// An answer that is no response APDU, one that is missing and one that nobody asked for end the tap
    /// with [`TapError::Unreadable`] and status zero, as if the card had been lost. After [`Step::Done`]
    /// there is only [`TapError::Over`].
    pub fn next(&mut self, answer: Option<&[u8]>) -> Step {
        let Some(dialogue) = &mut self.dialogue else { return Step::Done(Err(TapError::Over)) };
        match (self.waiting.take(), answer.map(Response::parse)) {
            (None, None) => {}
            (Some(_), Some(Ok(response))) => {
                self.transcript.received(&response);
                self.notes.lock().progress.answered();
                self.line.answer(response);
            }
            (waiting, _) => {
                self.dialogue = None;
                let ins = waiting.unwrap_or(0);
                return Step::Done(Err(TapError::Unreadable { ins, status: 0 }));
            }
        }
        if let Poll::Ready(outcome) = dialogue.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            self.dialogue = None;
            self.notes.lock().forget_secret();
            self.leaves_rest = outcome.as_ref().is_ok_and(Evidence::leaves_out);
            return Step::Done(outcome);
        }
        let Some(command) = self.line.take_command() else {
            unreachable!("a dialogue waits for nothing but its card");
        };
        self.waiting = Some(command.header().ins);
        self.transcript.sent(&command);
        Step::Transmit(command.encode())
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        self.notes.lock().progress
    }

    /// The digest of the card, once its head was read: in this tap, or in the one before that was lost.
    pub fn card(&self) -> Option<CardDigest> {
        self.notes.lock().card
    }

    /// The service is, or is going to be, asked whether it has this card's certificate: to be said before the
    /// first [`Tap::next`].
    ///
    /// It changes the order of a tap [`without_short_identifiers`](Tap::without_short_identifiers): the certificate is
    /// read last there as well, for one command more if the service does not have it, and six fewer if it does.
    pub fn certificate_asked(&mut self) {
        let mut notes = self.notes.lock();
        if notes.service == Service::NotAsked {
            notes.service = Service::Asked;
        }
    }

    /// The service has the certificate of the card with this [`Tap::card`]. It may be said at any time; the next
    /// [`Tap::next`] heeds it, and the tap ends as soon as the signature is in hand, whatever is missing of
    /// the certificate.
    ///
    /// Only for a tap with PIN; another one reads all that it needs. It holds for this tap and not for one that
    /// resumes it.
    pub fn certificate_known(&mut self) {
        let mut notes = self.notes.lock();
        if notes.method == Kind::Pin {
            notes.service = Service::Knows;
        }
    }

    /// The card is expected to refuse short file identifiers, as those before it did: to be said before the first
    /// [`Tap::next`]. Files, PINs and keys are then selected at once.
    ///
    /// A card that takes them does not mind, and costs three or four commands more than it had to. It holds for this
    /// tap and for those that resume it.
    pub fn without_short_identifiers(&mut self) {
        let mut notes = self.notes.lock();
        if notes.identifiers == Identifiers::Untried {
            notes.identifiers = Identifiers::Doubted;
        }
    }

    /// Whether the card takes short file identifiers, as it said in this tap. `None`: none was tried, or the card did
    /// not answer to the file selected either.
    pub fn takes_short_identifiers(&self) -> Option<bool> {
        match self.notes.lock().identifiers {
            Identifiers::Untried | Identifiers::Doubted => None,
            Identifiers::Taken => Some(true),
            Identifiers::Refused => Some(false),
        }
    }

    /// What the way to the card can carry: to be said before the first [`Tap::next`].
    ///
    /// It holds for this tap and not for one that resumes it. Whether the card takes it, the card says: see the
    /// [front page](crate#extended-length).
    pub fn lengths(&mut self, lengths: Lengths) {
        self.notes.lock().lengths = lengths;
    }

    /// The keys that sign EF 0001 of 券面事項確認AP and whose certificates the service has: to be said before the
    /// first [`Tap::next`]. Where one of them signed this card's, EF 0004 is not read.
    ///
    /// Only [`Method::VisualProven`] reads it at all. It holds for this tap and not for one that resumes it.
    pub fn issuer_keys(&mut self, keys: Vec<IssuerKey>) {
        self.notes.lock().issuer_keys = keys;
    }

    /// What a next tap goes on with, if this one ended without a certificate that the service had
    /// ([`Tap::certificate_known`], [`Tap::issuer_keys`]) and has forgotten meanwhile: the head to compare, and
    /// the signature. It reads the rest, and sends no VERIFY; the PIN or birth date is gone.
    pub fn rest(&self) -> Option<Interrupted> {
        self.leaves_rest.then(|| Interrupted { notes: self.notes.clone() })
    }

    /// Whether this tap has no more use for the PIN or birth date: VERIFY was answered `9000`, or what comes after
    /// it was in hand already.
    pub fn secret_taken(&self) -> bool {
        self.notes.lock().taken
    }

    /// What was said so far, without data.
    pub fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    /// The card is gone before the tap was done: what may go on in the next tap.
    ///
    /// After [`Step::Done`] of a dialogue the PIN or birth date is forgotten, and a next tap could at most
    /// read what is free.
    pub fn lost(self) -> Interrupted {
        Interrupted { notes: self.notes }
    }
}

/// What comes next in a tap.
#[derive(Debug)]
pub enum Step {
    /// Send this command APDU to the card, once. The bytes are wiped when dropped.
    Transmit(SecretBytes),
    /// The dialogue is over.
    Done(Result<Evidence, TapError>),
}

/// What a lost tap leaves: the PIN or birth date, the card's head, the counter, the signature, bytes read.
///
/// Dropping it forgets the PIN.
pub struct Interrupted {
    notes: Notes,
}

impl Interrupted {
    /// The next tap of the same patient, which goes on where the last one was lost.
    ///
    /// `to_sign` may be for a new challenge: a signature that is in hand is used if it is over the same
    /// hash. Another card ends it with [`TapError::AnotherCard`]; the rules on tries are on the front page.
    pub fn resume(self, to_sign: ToSign) -> Tap {
        self.notes.lock().begin();
        Tap::with(self.notes, to_sign)
    }
}

/// Method and amounts; nothing of the patient.
impl fmt::Debug for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let notes = self.notes.lock();
        write!(f, "Interrupted({:?}, certificate {} B", notes.method, notes.certificate.len())?;
        if notes.signature.is_some() {
            f.write_str(", signature")?;
        }
        f.write_str(")")
    }
}

/// How far a tap is, for the screen: commands answered and commands in all.
///
/// `total` is right for a card like those known. It changes when the certificate turns out to have another
/// size or the card refuses a short identifier; `done` is never more, and as much at the end of a tap that
/// gave evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Commands answered.
    pub done: u8,
    /// Commands in all, as far as is known.
    pub total: u8,
}

impl Progress {
    fn answered(&mut self) {
        self.done = self.done.saturating_add(1);
    }

    pub(crate) fn more(&mut self, commands: usize) {
        self.total = self.total.saturating_add(u8::try_from(commands).unwrap_or(u8::MAX));
    }

    pub(crate) fn fewer(&mut self, commands: u8) {
        self.total = self.total.saturating_sub(commands);
    }
}

/// Where the dialogue leaves a command and finds the response. Both ends are in one thread at a time, and
/// each lock is held for one statement.
#[derive(Clone, Default)]
struct Line(Arc<Mutex<Slot>>);

#[derive(Default)]
enum Slot {
    #[default]
    Empty,
    Command(Command),
    Response(Response),
}

impl Line {
    fn lock(&self) -> MutexGuard<'_, Slot> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_command(&self) -> Option<Command> {
        match core::mem::take(&mut *self.lock()) {
            Slot::Command(command) => Some(command),
            Slot::Empty | Slot::Response(_) => None,
        }
    }

    fn answer(&self, response: Response) {
        *self.lock() = Slot::Response(response);
    }

    fn take_response(&self) -> Poll<Response> {
        let mut slot = self.lock();
        match core::mem::take(&mut *slot) {
            Slot::Response(response) => Poll::Ready(response),
            other => {
                *slot = other;
                Poll::Pending
            }
        }
    }
}

impl CardChannel for Line {
    async fn transmit(&mut self, command: Command) -> Response {
        *self.lock() = Slot::Command(command);
        poll_fn(|_| self.take_response()).await
    }
}
