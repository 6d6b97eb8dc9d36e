//! The hold on one card.

use std::future;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use counter::{Lost, ReaderTrouble};
use iso7816::{CardChannel, Command, Response};
use secret::SecretBytes;

use super::worker::{Hold, Said};
use super::{Patience, ReaderState};

/// A card that is held for one tap: no other program speaks with it.
///
/// It is held exclusively, or, where other programs are connected, shared within a transaction. Dropping it takes the
/// card's power, because a warm reset is reported to keep a verified PIN verified, and returns when that is done.
///
/// A lost card stays lost: what was verified is gone with it, so that nothing here ever connects again by itself.
#[derive(Debug)]
pub struct Card {
    /// `None` when nothing more goes to the card.
    commands: Option<Sender<SecretBytes>>,
    said: Receiver<Said>,
    patience: Patience,
    lost: Option<Lost>,
    reader: String,
}

impl Card {
    /// Takes hold of what lies in the reader.
    pub(super) fn hold(state: &ReaderState, patience: Patience) -> Result<Self, Lost> {
        let (commands, to_card) = mpsc::channel();
        let (say, said) = mpsc::channel();
        let until = Instant::now() + patience.hold;
        let hold = Hold {
            reader: state.seen.reader.clone(),
            until,
            trouble: patience.trouble,
            commands: to_card,
            said: say,
        };
        thread::Builder::new()
            .name("card".to_owned())
            .spawn(|| hold.run())
            .map_err(|_| Lost::Reader(ReaderTrouble::Failed))?;
        let mut card =
            Self { commands: Some(commands), said, patience, lost: None, reader: state.name.clone() };
        // To connect may be what waits for another program.
        let late = if state.in_use { ReaderTrouble::InUse } else { ReaderTrouble::TimedOut };
        match card.listen(until, late) {
            Ok(_) => Ok(card),
            Err(lost) => Err(card.lose(lost)),
        }
    }

    /// Sends a command, once, and waits for the answer: data and status word. The command is wiped.
    ///
    /// After an error the card is lost, and nothing more goes to it.
    pub fn transmit(&mut self, command: SecretBytes) -> Result<Vec<u8>, Lost> {
        if let Some(lost) = self.lost {
            return Err(lost);
        }
        let until = Instant::now() + self.patience.command;
        if let Some(commands) = &self.commands {
            // It fails when the thread has ended, which has said why.
            let _ = commands.send(command);
        }
        self.listen(until, ReaderTrouble::TimedOut).map_err(|lost| self.lose(lost))
    }

    /// The name of the reader that it lies in.
    pub fn reader(&self) -> &str {
        &self.reader
    }

    /// How the card was lost, if it was.
    pub fn lost(&self) -> Option<Lost> {
        self.lost
    }

    /// The answer; for a card that is now held, an empty one.
    fn listen(&self, mut until: Instant, mut late: ReaderTrouble) -> Result<Vec<u8>, Lost> {
        loop {
            match self.said.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(Said::Held) => return Ok(Vec::new()),
                Ok(Said::Answer(answer)) => return Ok(answer),
                Ok(Said::Lost(lost)) => return Err(lost),
                Ok(Said::Busy) => late = ReaderTrouble::InUse,
                Ok(Said::Broken) => until += self.patience.trouble + Duration::from_secs(1),
                Err(RecvTimeoutError::Timeout) => return Err(Lost::Reader(late)),
                Err(RecvTimeoutError::Disconnected) => return Err(Lost::Reader(ReaderTrouble::Failed)),
            }
        }
    }

    fn lose(&mut self, lost: Lost) -> Lost {
        self.commands = None;
        self.lost = Some(lost);
        lost
    }
}

impl Drop for Card {
    fn drop(&mut self) {
        self.commands = None;
        if self.lost.is_some() {
            // The thread has ended, or it waits for PC/SC and cannot be waited for.
            return;
        }
        let until = Instant::now() + self.patience.hold;
        while self.said.recv_timeout(until.saturating_duration_since(Instant::now())).is_ok() {}
    }
}

/// A lost card never answers: the future stays pending. Whoever drives it polls once, and asks
/// [`lost`](Card::lost) why. An answer without a status word is a broken line: the card is lost, too.
impl CardChannel for Card {
    async fn transmit(&mut self, command: Command) -> Response {
        match Card::transmit(self, command.encode()) {
            Ok(answer) => match Response::parse(&answer) {
                Ok(response) => return response,
                Err(_) => self.lose(Lost::CardGone),
            },
            Err(lost) => lost,
        };
        future::pending().await
    }
}
