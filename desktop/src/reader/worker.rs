//! The thread that speaks with a card.
//!
//! `SCardTransmit` cannot be cancelled, `SCardConnect` and `SCardBeginTransaction` wait for another program as long
//! as it pleases (measured with pcsc-lite 1.9.9), and a context whose call waits blocks every other call on it. So a
//! hold on a card has a thread and a context of its own. It is given up by closing its channels, and ends by itself
//! when PC/SC gives it back.

use std::ffi::CString;
use std::sync::mpsc::{Receiver, SendError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use counter::{Lost, ReaderTrouble};
use pcsc::{Context, Disposition, Error, MAX_BUFFER_SIZE_EXTENDED, Protocols, Scope, ShareMode};
use secret::SecretBytes;

use super::fault::Fault;
use super::state::{CardState, look_at};

/// So often it is looked whether something changed that PC/SC does not tell of.
const POLL: Duration = Duration::from_millis(40);

/// What the thread says.
pub(super) enum Said {
    /// Another program has the reader; waiting for it.
    Busy,
    /// The card is held.
    Held,
    /// The card's answer.
    Answer(Vec<u8>),
    /// No answer came, and it is looked why: this takes up to the time for troubles.
    Broken,
    /// The card is lost, or was not got.
    Lost(Lost),
}

/// What the thread is to do.
pub(super) struct Hold {
    pub(super) reader: CString,
    /// Give up getting the card then.
    pub(super) until: Instant,
    /// So long a service or a reader may be away before it is gone.
    pub(super) trouble: Duration,
    pub(super) commands: Receiver<SecretBytes>,
    pub(super) said: Sender<Said>,
}

impl Hold {
    /// Takes hold of the card, sends it what comes, and lets it go.
    pub(super) fn run(self) {
        let lost = match self.hold() {
            Ok(parting) => parting.lost,
            Err(End::Lost(lost)) => Some(lost),
            Err(End::Unheard) => None,
        };
        if let Some(lost) = lost {
            // Whoever asked may be gone; then there is nobody to tell.
            let _ = self.said.send(Said::Lost(lost));
        }
    }

    fn hold(&self) -> Result<Parting, End> {
        let context = Context::establish(Scope::User).map_err(before_tap)?;
        let (mut card, mode) = self.connect(&context)?;
        let (parting, left) = if mode == ShareMode::Exclusive {
            let parting = self.converse(&card);
            (parting, parting.disposition)
        } else {
            let _ = self.said.send(Said::Busy);
            let parting = match card.transaction() {
                Ok(transaction) => {
                    let parting = self.converse(&transaction);
                    // While nobody else can have it. It fails where the card is gone, and with it what it knew.
                    let _ = transaction.end(parting.disposition).map_err(drop);
                    parting
                }
                Err(error) => Parting::untouched(Some(Fault::from(error).before_tap())),
            };
            (parting, Disposition::LeaveCard)
        };
        // The same: without a card there is nothing to take the power of.
        let _ = card.disconnect(left).map_err(drop);
        Ok(parting)
    }

    /// Exclusively, or else shared, to wait for a transaction: some programs are connected all the time.
    fn connect(&self, context: &Context) -> Result<(pcsc::Card, ShareMode), End> {
        loop {
            for mode in [ShareMode::Exclusive, ShareMode::Shared] {
                match context.connect(&self.reader, mode, Protocols::T0 | Protocols::T1) {
                    Ok(card) => return Ok((card, mode)),
                    Err(Error::SharingViolation) if Instant::now() < self.until => {
                        self.said.send(Said::Busy)?;
                    }
                    Err(error) => return Err(before_tap(error)),
                }
            }
            thread::sleep(POLL);
        }
    }

    /// Sends what comes until nothing more does.
    fn converse(&self, card: &pcsc::Card) -> Parting {
        if self.said.send(Said::Held).is_err() {
            return Parting::untouched(None);
        }
        // Big enough for any answer: a command whose answer does not fit was executed all the same, and to
        // ask again would be to send it twice.
        let mut buffer = vec![0; MAX_BUFFER_SIZE_EXTENDED];
        let mut parting = Parting::untouched(None);
        while let Ok(command) = self.commands.recv() {
            parting.disposition = Disposition::UnpowerCard;
            let answer = card.transmit(command.expose(), &mut buffer);
            drop(command);
            parting.lost = match answer {
                // Without a status word it is no answer (pcscd with vpcd, when a card is pulled out while it works).
                Ok(answer) if answer.len() < 2 => return self.look_why(),
                Ok(answer) => {
                    let _ = self.said.send(Said::Answer(answer.to_vec()));
                    continue;
                }
                Err(error) => Fault::from(error).in_tap(),
            };
            return if parting.lost.is_some() { parting } else { self.look_why() };
        }
        parting
    }

    /// No answer came. Is it the service, the reader or the card?
    ///
    /// A reader says late that a card is gone (pcscd with vpcd up to 0.4 s), and a service that starts again has its
    /// readers after a moment, so it takes a while to be sure. A card that is there and does not answer is at the
    /// edge of the field: it has to be held again, too.
    ///
    /// It is looked before the card is let go, because only of a card that is there the power may be taken: after an
    /// attempt on one that is gone, pcscd 1.9.9 was seen not to notice the next card.
    fn look_why(&self) -> Parting {
        let _ = self.said.send(Said::Broken);
        let until = Instant::now() + self.trouble;
        loop {
            let last_look = Instant::now() >= until;
            let seen = Context::establish(Scope::User).and_then(|context| look_at(&context, &self.reader, 0));
            let lost = match seen {
                Ok(Some(state)) if state.card == CardState::Absent => Lost::CardGone,
                _ if !last_look => {
                    thread::sleep(POLL);
                    continue;
                }
                Ok(Some(_)) => {
                    return Parting { lost: Some(Lost::CardGone), disposition: Disposition::UnpowerCard };
                }
                Ok(None) => ReaderTrouble::Unplugged.into(),
                // Windows ends its service with the last reader.
                Err(_) if cfg!(windows) => ReaderTrouble::Unplugged.into(),
                Err(error) => Fault::from(error).trouble().into(),
            };
            return Parting::untouched(Some(lost));
        }
    }
}

/// How a hold ends.
#[derive(Clone, Copy)]
struct Parting {
    /// How the card was lost, if it was.
    lost: Option<Lost>,
    /// How it is let go: without power, if a command went to it and it is still there.
    disposition: Disposition,
}

impl Parting {
    /// From a card to which nothing went, or which is gone.
    fn untouched(lost: Option<Lost>) -> Self {
        Self { lost, disposition: Disposition::LeaveCard }
    }
}

/// Why there was no hold.
enum End {
    Lost(Lost),
    /// Whoever asked has given up.
    Unheard,
}

impl From<SendError<Said>> for End {
    fn from(_: SendError<Said>) -> Self {
        Self::Unheard
    }
}

fn before_tap(error: Error) -> End {
    End::Lost(Fault::from(error).before_tap())
}
