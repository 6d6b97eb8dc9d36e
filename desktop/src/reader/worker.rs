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
    /// Takes hold of the card, sends it what comes, and lets it go without power.
    pub(super) fn run(self) {
        let lost = match self.hold() {
            Ok(()) | Err(End::Unheard) => return,
            Err(End::Lost(lost)) => lost,
            Err(End::Broken) => {
                let _ = self.said.send(Said::Broken);
                self.look_why()
            }
        };
        // Whoever asked may be gone; then there is nobody to tell.
        let _ = self.said.send(Said::Lost(lost));
    }

    fn hold(&self) -> Result<(), End> {
        let context = Context::establish(Scope::User).map_err(before_tap)?;
        let (mut card, mode) = self.connect(&context)?;
        let (spoken, left) = if mode == ShareMode::Exclusive {
            (self.converse(&card), Disposition::UnpowerCard)
        } else {
            self.said.send(Said::Busy)?;
            let transaction = card.transaction().map_err(before_tap)?;
            let spoken = self.converse(&transaction);
            // While nobody else can have it. It fails where the card is gone, and with it what it knew.
            let ended = transaction.end(Disposition::UnpowerCard).map_err(drop);
            (spoken, if ended.is_ok() { Disposition::LeaveCard } else { Disposition::UnpowerCard })
        };
        // The same: without a card there is nothing to take the power of.
        let _ = card.disconnect(left).map_err(drop);
        spoken
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
    fn converse(&self, card: &pcsc::Card) -> Result<(), End> {
        self.said.send(Said::Held)?;
        // Big enough for any answer: a command whose answer does not fit was executed all the same, and to
        // ask again would be to send it twice.
        let mut buffer = vec![0; MAX_BUFFER_SIZE_EXTENDED];
        while let Ok(command) = self.commands.recv() {
            let answer = card.transmit(command.expose(), &mut buffer);
            drop(command);
            match answer {
                Ok(answer) => self.said.send(Said::Answer(answer.to_vec()))?,
                Err(error) => return Err(Fault::from(error).in_tap().map_or(End::Broken, End::Lost)),
            }
        }
        Ok(())
    }

    /// No answer came. Is it the service, the reader or the card?
    ///
    /// A reader says late that a card is gone (pcscd with vpcd up to 0.4 s), and a service that starts again has its
    /// readers after a moment, so it takes a while to be sure. A card that is there and does not answer is at the
    /// edge of the field: it has to be held again, too.
    fn look_why(&self) -> Lost {
        let until = Instant::now() + self.trouble;
        loop {
            let last_look = Instant::now() >= until;
            match Context::establish(Scope::User).and_then(|context| look_at(&context, &self.reader, 0)) {
                Ok(Some(state)) if last_look || state.card == CardState::Absent => return Lost::CardGone,
                Ok(None) if last_look => return Lost::Reader(ReaderTrouble::Unplugged),
                // Windows ends its service with the last reader.
                Err(_) if last_look && cfg!(windows) => return Lost::Reader(ReaderTrouble::Unplugged),
                Err(error) if last_look => return Lost::Reader(Fault::from(error).trouble()),
                _ => thread::sleep(POLL),
            }
        }
    }
}

/// Why a hold ended early.
enum End {
    Lost(Lost),
    /// In the middle of a tap, and it is not clear why.
    Broken,
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
