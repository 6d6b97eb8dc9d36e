//! Card readers, by PC/SC.

mod card;
mod fault;
mod state;
mod wait;
mod worker;

pub use card::Card;
pub use state::{CardState, ReaderState, Seen};
pub use wait::{Stop, Waiting};

use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::task;
use std::time::Duration;

use counter::{Lost, ReaderTrouble};
use pcsc::{Context, Error, Scope};

use fault::Fault;
use state::{Look, look_at};
use wait::{Choice, Lasting, PlugAndPlay, SLICE, choose};

/// The card readers of this PC.
///
/// A service that ends and starts again is found again. Any thread may use it.
#[derive(Debug)]
pub struct Readers {
    service: Mutex<Service>,
    only: Option<String>,
    patience: Patience,
}

/// How long to wait for others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For a card's answer to one command. The longest seen is a signature of half a second; a card may ask its
    /// reader for more time.
    pub command: Duration,
    /// To get hold of a card, when another program uses it.
    pub hold: Duration,
    /// Until a missing service, a missing reader or a silent card is a trouble: it may be about to start.
    pub trouble: Duration,
}

/// 10 s for a command, 5 s to get hold of a card, 1 s until a trouble is one: our own decision.
impl Default for Patience {
    fn default() -> Self {
        Self {
            command: Duration::from_secs(10),
            hold: Duration::from_secs(5),
            trouble: Duration::from_secs(1),
        }
    }
}

impl Readers {
    /// Asks the PC/SC service of this machine. No reader need be there yet.
    pub fn open() -> Result<Self, ReaderTrouble> {
        let readers = Self { service: Mutex::default(), only: None, patience: Patience::default() };
        readers.with_service(|_, _| Ok(()))?;
        Ok(readers)
    }

    /// Waits for cards in those readers only whose names contain this text.
    #[must_use]
    pub fn only(self, name: Option<String>) -> Self {
        Self { only: name, ..self }
    }

    /// Waits as long as this for others.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// All readers, in the order of PC/SC, with what lies in them.
    pub fn list(&self) -> Result<Vec<ReaderState>, ReaderTrouble> {
        self.look().map(|look| look.readers)
    }

    /// Waits for a card and takes hold of it. `None` if it was stopped.
    ///
    /// What is waited for is told at the beginning and when it changes. A card that goes away, and is perhaps
    /// replaced by another, before it is held is waited for anew.
    pub fn next_card(
        &self,
        stop: &Stop,
        mut tell: impl FnMut(Waiting),
    ) -> Result<Option<Card>, ReaderTrouble> {
        let mut lasting = Lasting::default();
        loop {
            let Some(seen) = self.wait(stop, &mut tell, &mut lasting)? else { return Ok(None) };
            let trouble = match self.connect(&seen) {
                Ok(card) => return Ok(Some(card)),
                // It may be on its way in or out. One that stays and cannot be held is as good as silent.
                Err(Lost::CardGone) => ReaderTrouble::CardSilent,
                Err(Lost::Reader(trouble @ (ReaderTrouble::Unplugged | ReaderTrouble::ServiceMissing))) => {
                    trouble
                }
                Err(Lost::Reader(trouble)) => return Err(trouble),
            };
            if lasting.lasts(Some(trouble), self.patience.trouble) {
                return Err(trouble);
            }
            std::thread::sleep(SLICE);
        }
    }

    /// Waits until there is a card, without touching it. `None` if it was stopped.
    pub fn wait_for_card(
        &self,
        stop: &Stop,
        mut tell: impl FnMut(Waiting),
    ) -> Result<Option<Seen>, ReaderTrouble> {
        self.wait(stop, &mut tell, &mut Lasting::default())
    }

    fn wait(
        &self,
        stop: &Stop,
        tell: &mut impl FnMut(Waiting),
        lasting: &mut Lasting,
    ) -> Result<Option<Seen>, ReaderTrouble> {
        let mut told = None;
        // For as long as the service is the same.
        let mut plug_and_play: Option<(u64, PlugAndPlay)> = None;
        while !stop.is_stopped() {
            let (raw, choice) = match self.look() {
                Ok(look) => (look.raw, choose(&look.readers, self.only.as_deref())),
                Err(trouble) => (Vec::new(), Choice::Trouble(trouble)),
            };
            let trouble = match choice {
                Choice::Card(seen) => return Ok(Some(seen)),
                Choice::Trouble(trouble) => Some(trouble),
                Choice::Wait(waiting) => {
                    if told.replace(waiting) != Some(waiting) {
                        tell(waiting);
                    }
                    None
                }
            };
            if lasting.lasts(trouble, self.patience.trouble)
                && let Some(trouble) = trouble
            {
                return Err(trouble);
            }
            let waited = self.with_service(|context, service| {
                let plug_and_play = match &mut plug_and_play {
                    Some((of, plug_and_play)) if *of == service => plug_and_play,
                    other => &mut other.insert((service, PlugAndPlay::of(context))).1,
                };
                plug_and_play.wait(context, raw)
            });
            if waited.is_err() {
                std::thread::sleep(SLICE);
            }
        }
        Ok(None)
    }

    /// Takes hold of a card that was seen, for one tap.
    ///
    /// [`Lost::CardGone`] if it is not there any more or was away since: look anew.
    pub fn connect(&self, seen: &Seen) -> Result<Card, Lost> {
        let state = self.look_again(seen)?;
        let card = Card::hold(&state, self.patience)?;
        // What is held now cannot change any more; it may have changed in between.
        self.look_again(seen)?;
        Ok(card)
    }

    /// Whether a card is a My Number card: it is asked, by SELECT, and let go.
    pub fn is_my_number_card(&self, seen: &Seen) -> Result<bool, Lost> {
        let mut card = self.connect(seen)?;
        let asked = pin!(jpki::is_my_number_card(&mut card))
            .poll(&mut task::Context::from_waker(task::Waker::noop()));
        match asked {
            task::Poll::Ready(is_one) => Ok(is_one),
            task::Poll::Pending => Err(card.lost().unwrap_or(Lost::CardGone)),
        }
    }

    /// The reader, if what lies in it is still what was seen.
    fn look_again(&self, seen: &Seen) -> Result<ReaderState, Lost> {
        match self.with_service(|context, service| look_at(context, &seen.reader, service)) {
            Ok(Some(now)) if now.seen() == Some(seen) => Ok(now),
            Ok(Some(_)) => Err(Lost::CardGone),
            Ok(None) => Err(Lost::Reader(ReaderTrouble::Unplugged)),
            Err(trouble) => Err(Lost::Reader(trouble)),
        }
    }

    fn look(&self) -> Result<Look, ReaderTrouble> {
        self.with_service(Look::at_all)
    }

    /// Speaks with the service; one that does not answer any more is asked for anew the next time.
    fn with_service<T>(
        &self,
        speak: impl FnOnce(&Context, u64) -> Result<T, Error>,
    ) -> Result<T, ReaderTrouble> {
        let (context, number) = self.context().map_err(|error| Fault::from(error).trouble())?;
        speak(&context, number).map_err(|error| {
            let fault = Fault::from(error);
            if fault.ends_service() {
                let mut service = self.service.lock().unwrap_or_else(PoisonError::into_inner);
                if service.number == number {
                    service.context = None;
                }
            }
            fault.trouble()
        })
    }

    fn context(&self) -> Result<(Context, u64), Error> {
        let mut service = self.service.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(context) = &service.context {
            return Ok((context.clone(), service.number));
        }
        let context = Context::establish(Scope::User)?;
        service.context = Some(context.clone());
        service.number += 1;
        Ok((context, service.number))
    }
}

/// The service that is spoken to, and the how many-th it is.
#[derive(Default)]
struct Service {
    context: Option<Context>,
    number: u64,
}

impl core::fmt::Debug for Service {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Service").field("number", &self.number).finish_non_exhaustive()
    }
}
