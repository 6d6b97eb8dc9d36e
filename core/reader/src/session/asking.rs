//! The life of a session, and what it asks.

use core::time::Duration;

use zeroize::Zeroizing;

use super::{Ask, Asked, Doubt, Escape, Event, Session, What};
use crate::{
    Patience, ReaderError, State,
    codec::{Answers, Bytes, Command},
};

impl Session {
    // The life.

    /// The only way from one state to another.
    pub(super) fn become_state(&mut self, next: State) {
        if self.life.may_become(next) {
            self.life = next;
            self.events.push_back(Event::State(next));
        }
    }

    pub(super) fn begin_life(&mut self, now: Duration) {
        self.become_state(State::Connected);
        match self.codec.as_mut().and_then(|codec| codec.hello()) {
            Some(frame) => self.todo.push_back(Ask::Handshake(frame)),
            None => self.set_up(),
        }
        self.go_on(now);
    }

    /// What a reader is told before it is ready.
    pub(super) fn set_up(&mut self) {
        let sleep = self.sleep.and_then(|delay| self.escape(Escape::Sleep(delay)));
        let polling = self.escape(Escape::StartPolling);
        let looks_by_itself = polling.is_none();
        self.todo.extend([sleep, polling].into_iter().flatten());
        if looks_by_itself {
            self.ready();
        }
    }

    /// A card that lies there already may not be notified: the slot is asked.
    pub(super) fn ready(&mut self) {
        self.become_state(State::Polling);
        self.doubt = Some(Doubt::Presence);
    }

    pub(super) fn say_goodbye(&mut self, now: Duration) {
        self.ending = true;
        if self.life == State::Powered {
            self.todo.push_back(Ask::PowerOff);
        }
        self.todo.extend(self.escape(Escape::StopPolling));
        self.go_on(now);
    }

    /// The session ends with an error.
    pub(super) fn fail(&mut self, error: ReaderError) {
        if self.ending {
            // As was wanted.
            self.end(None);
        } else if self.life != State::Lost {
            self.events.push_back(Event::Failed(error));
            self.end(Some(error));
        }
    }

    /// The session ends.
    pub(super) fn end(&mut self, loss: Option<ReaderError>) {
        if self.life != State::Lost {
            self.loss = loss;
            self.stop();
            self.asleep_until = None;
            self.become_state(State::Lost);
        }
    }

    /// What was awaited has not come.
    pub(super) fn give_up(&mut self) {
        match &self.asked {
            _ if self.asleep_until.is_some() => self.end(Some(ReaderError::Asleep)),
            // What the shell has lost is its card, whatever has become of the reader.
            Some(asked) if asked.by_shell && asked.card_left && !self.ending => {
                self.events.push_back(Event::Failed(ReaderError::CardAbsent));
                self.end(Some(ReaderError::TimedOut));
            }
            _ => self.fail(ReaderError::TimedOut),
        }
    }

    /// Nothing more is said to the reader, nor heard from it.
    fn stop(&mut self) {
        self.codec = None;
        self.out.stop();
        (self.asked, self.wanted, self.doubt, self.frame_until) = (None, None, None, None);
        self.todo.clear();
    }

    pub(super) fn fall_asleep(&mut self, now: Duration) {
        if self.ending {
            return self.end(None);
        }
        if self.wanted.is_some() || self.asked.as_ref().is_some_and(|asked| asked.by_shell) {
            self.events.push_back(Event::Failed(ReaderError::Asleep));
        }
        self.stop();
        self.asleep_until = Some(now.saturating_add(self.patience.asleep));
        self.become_state(State::Asleep);
    }

    // Asking.

    /// Whether the shell may ask something now.
    pub(super) fn may_ask(&self) -> Result<(), ReaderError> {
        match self.life {
            State::Lost => Err(self.loss.unwrap_or(ReaderError::LinkLost)),
            State::Asleep => Err(ReaderError::Asleep),
            State::Discovered | State::Connected | State::Authenticated => Err(ReaderError::NotReady),
            State::Polling | State::Card | State::Powered => {
                let under_way =
                    self.wanted.is_some() || self.asked.as_ref().is_some_and(|asked| asked.by_shell);
                // The answer to one command must not be taken for the answer to the next one.
                let not_taken = self.events.iter().any(Event::is_outcome);
                if self.ending || under_way || not_taken { Err(ReaderError::NotReady) } else { Ok(()) }
            }
        }
    }

    pub(super) fn want(&mut self, ask: Ask, now: Duration) -> Result<(), ReaderError> {
        self.may_ask()?;
        self.can_be_done(&ask)?;
        self.wanted = Some(ask);
        self.go_on(now);
        Ok(())
    }

    /// Whether this reader can do it, and the card is there for it.
    fn can_be_done(&self, ask: &Ask) -> Result<(), ReaderError> {
        let there = match ask {
            Ask::Handshake(_) | Ask::Escape(..) => true,
            Ask::PowerOn => matches!(self.life, State::Card | State::Powered),
            Ask::PowerOff => self.life == State::Powered,
            Ask::Transmit(command) => {
                if !(1..=self.kind.features.longest_command).contains(&command.len()) {
                    return Err(ReaderError::NotSupported);
                }
                self.life == State::Powered
            }
        };
        if there { Ok(()) } else { Err(ReaderError::CardAbsent) }
    }

    pub(super) fn escape(&self, escape: Escape) -> Option<Ask> {
        let features = &self.kind.features;
        let command = match escape {
            Escape::StartPolling => features.polling.map(|(start, _)| start),
            Escape::StopPolling => features.polling.map(|(_, stop)| stop),
            Escape::Sleep(delay) => {
                features.sleep.iter().find(|(is, _)| *is == delay).map(|(_, bytes)| *bytes)
            }
            Escape::Firmware => features.firmware,
            Escape::Serial => features.serial,
        };
        command.map(|command| Ask::Escape(escape, command))
    }

    /// Asks what is next, if nothing is under way.
    ///
    /// A doubt comes first. After an error the slot's status is also what shows that no other answer is still on its
    /// way, because nothing else that is asked then is answered by an `81`.
    pub(super) fn go_on(&mut self, now: Duration) {
        let (None, Some(codec)) = (&self.asked, &mut self.codec) else { return };
        if let Some(doubt) = self.doubt.take() {
            let frame = codec.encode(Command::SlotStatus);
            self.send(frame, What::SlotStatus(doubt), false, now);
        } else if let Some(ask) = self.todo.pop_front() {
            self.ask(ask, false, now);
        } else if self.ending {
            self.end(None);
        } else if let Some(ask) = self.wanted.take() {
            // The card may have left since.
            match self.can_be_done(&ask) {
                Ok(()) => self.ask(ask, true, now),
                Err(error) => self.events.push_back(Event::Failed(error)),
            }
        }
    }

    fn ask(&mut self, ask: Ask, by_shell: bool, now: Duration) {
        let Some(codec) = &mut self.codec else { return };
        let (frame, what) = match ask {
            Ask::Handshake(frame) => (frame, What::Handshake),
            Ask::Escape(escape, command) => (codec.encode(Command::Escape(command)), What::Escape(escape)),
            Ask::PowerOn => (codec.encode(Command::PowerOn), What::PowerOn),
            Ask::PowerOff => (codec.encode(Command::PowerOff), What::PowerOff),
            Ask::Transmit(command) => (codec.encode(Command::Apdu(command.expose())), What::Transmit),
        };
        self.send(frame, what, by_shell, now);
    }

    fn send(&mut self, frame: Bytes, what: What, by_shell: bool, now: Duration) {
        self.out.begin(frame);
        let room = if what == What::Transmit { self.kind.features.longest_answer } else { 0 };
        self.asked = Some(Asked {
            what,
            by_shell,
            deadline: now.saturating_add(self.patience.write),
            longest: now.saturating_add(self.patience.longest),
            card_left: false,
            another_card: false,
            pieces: Zeroizing::new(Vec::with_capacity(room)),
        });
    }

    /// A chunk is written: the next one, or the answer, has its time.
    pub(super) fn wait_for_answer(&mut self, now: Duration) {
        let Some(asked) = &mut self.asked else { return };
        let patience = &self.patience;
        let wait = if self.out.is_given_out() { asked.what.patience(patience) } else { patience.write };
        asked.deadline = now.saturating_add(wait).min(asked.longest);
    }
}

impl What {
    pub(super) fn patience(self, patience: &Patience) -> Duration {
        match self {
            Self::Handshake | Self::Escape(_) | Self::SlotStatus(_) | Self::PowerOff => patience.reader,
            Self::PowerOn => patience.power_on,
            Self::Transmit => patience.command,
        }
    }

    pub(super) fn is_answered_by(self, answers: Answers) -> bool {
        let awaited = match self {
            Self::Handshake | Self::Escape(_) => Answers::Escape,
            Self::SlotStatus(_) | Self::PowerOff => Answers::Slot,
            Self::PowerOn | Self::Transmit => Answers::Data,
        };
        awaited == answers
    }

    pub(super) fn is_with_card(self) -> bool {
        matches!(self, Self::PowerOn | Self::Transmit)
    }
}
