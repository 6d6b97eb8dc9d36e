//! What follows from what.

use core::{mem, ops::RangeInclusive, time::Duration};

use secret::SecretBytes;
use zeroize::Zeroizing;

use super::{Ask, Asked, Doubt, Escape, Event, Session, What};
use crate::{
    Battery, Fault, Patience, ReaderError, SleepDelay, State,
    codec::{Answers, Bytes, Command, Message, Notice, Outcome, Piece, Presence, Reply},
    device,
};

/// An answer to reset has a first character and at most 32 more (ISO/IEC 7816-3 §8.2.1); one alone says nothing.
const ANSWER_TO_RESET: RangeInclusive<usize> = 2..=33;
/// SW1 and SW2: less than that is no response (ISO/IEC 7816-4 §5.2).
const STATUS_WORD: usize = 2;

impl Session {
    // The life.

    /// The only way from one state to another.
    fn become_state(&mut self, next: State) {
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
    fn set_up(&mut self) {
        let sleep = self.sleep.and_then(|delay| self.escape(Escape::Sleep(delay)));
        let polling = self.escape(Escape::StartPolling);
        let looks_by_itself = polling.is_none();
        self.todo.extend([sleep, polling].into_iter().flatten());
        if looks_by_itself {
            self.ready();
        }
    }

    /// A card that lies there already may not be notified: the slot is asked.
    fn ready(&mut self) {
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

    /// Nothing more is said to the reader, nor heard from it.
    fn stop(&mut self) {
        self.codec = None;
        self.out.stop();
        (self.asked, self.wanted, self.doubt, self.frame_until) = (None, None, None, None);
        self.todo.clear();
    }

    fn fall_asleep(&mut self, now: Duration) {
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
    fn go_on(&mut self, now: Duration) {
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

    // Hearing.

    pub(super) fn hear(&mut self, mut bytes: &[u8], now: Duration) {
        if self.life == State::Discovered {
            return;
        }
        // The codec is gone when the session is over; what still comes then says nothing.
        while let Some(codec) = &mut self.codec {
            match codec.take(&mut bytes) {
                Ok(Some(message)) => self.understand(message, now),
                Ok(None) => {
                    let until = now.saturating_add(self.patience.frame);
                    self.frame_until = codec.is_amid_message().then(|| self.frame_until.unwrap_or(until));
                    break;
                }
                Err(error) => return self.fail(error),
            }
            self.frame_until = None;
        }
        self.go_on(now);
    }

    fn understand(&mut self, message: Message, now: Duration) {
        match message {
            Message::Notice(Notice::Asleep) => self.fall_asleep(now),
            Message::Notice(Notice::Arrived) => self.doubt(Doubt::Presence),
            Message::Notice(Notice::Left) => {
                self.doubt(Doubt::Power);
                self.hurry(now);
            }
            Message::Notice(Notice::Fault(fault)) => self.tell(Event::Fault(fault)),
            Message::Fault(fault) if self.out.is_untouched() => self.tell(Event::Fault(fault)),
            // Half a frame of ours is with the reader: it is not known what it takes the rest for.
            Message::Fault(fault) if !self.out.is_given_out() => self.fail(fault.into()),
            Message::Reply(_) if !self.out.is_given_out() => self.fail(ReaderError::Protocol),
            Message::Fault(fault) => match self.asked.take() {
                Some(asked) => self.failed(&asked, fault.into()),
                None => self.tell(Event::Fault(fault)),
            },
            Message::Reply(reply) => match self.asked.take() {
                Some(asked) if asked.what.is_answered_by(reply.answers) => self.answered(asked, &reply, now),
                _ => self.fail(ReaderError::Protocol),
            },
        }
    }

    /// Before the reader is ready there is nothing to be asked about: it will be then.
    fn doubt(&mut self, doubt: Doubt) {
        if self.life.is_ready() && self.doubt != Some(Doubt::Power) {
            self.doubt = Some(doubt);
        }
    }

    /// The card has left while it was working: not much can come any more.
    fn hurry(&mut self, now: Duration) {
        if let Some(asked) = self.asked.as_mut().filter(|asked| asked.what.is_with_card()) {
            asked.longest = asked.longest.min(now.saturating_add(self.patience.after_leaving));
            asked.deadline = asked.deadline.min(asked.longest);
        }
    }

    fn answered(&mut self, mut asked: Asked, reply: &Reply, now: Duration) {
        match reply.outcome {
            Outcome::MoreTime(times) => {
                let more = asked.what.patience(&self.patience).saturating_mul(times.max(1).into());
                asked.deadline = now.saturating_add(more).min(asked.longest);
                self.asked = Some(asked);
            }
            Outcome::Failed(error) => match (asked.what, error) {
                // It was the question who is there, and nobody is an answer.
                (What::SlotStatus(doubt), ReaderError::CardAbsent | ReaderError::CardMute) => {
                    self.slot_is(reply.card, doubt);
                }
                _ => self.failed(&asked, error),
            },
            Outcome::Done => self.done(asked, reply, now),
        }
    }

    /// What was asked failed. What the session cannot do without ends it.
    fn failed(&mut self, asked: &Asked, error: ReaderError) {
        match asked.what {
            What::Handshake => {
                return self.fail(match error {
                    ReaderError::Reader(Fault::Unauthorised) => ReaderError::AuthenticationRefused,
                    ReaderError::Reader(Fault::TooManyAttempts) => ReaderError::TooManyAttempts,
                    other => other,
                });
            }
            What::SlotStatus(_) | What::Escape(Escape::StartPolling) => return self.fail(error),
            What::PowerOn | What::PowerOff | What::Transmit => {
                self.become_unpowered();
                self.doubt = Some(Doubt::Power);
            }
            What::Escape(_) => self.doubt = Some(self.doubt.unwrap_or(Doubt::Presence)),
        }
        match error {
            error if asked.by_shell => self.events.push_back(Event::Failed(error)),
            ReaderError::Reader(fault) => self.tell(Event::Fault(fault)),
            _ => {}
        }
    }

    fn done(&mut self, asked: Asked, reply: &Reply, now: Duration) {
        match asked.what {
            What::Handshake => self.shake_hands(&reply.data),
            What::SlotStatus(doubt) => self.slot_is(reply.card, doubt),
            What::Escape(escape) => self.escaped(escape, &reply.data),
            What::PowerOff => {
                self.become_unpowered();
                if asked.by_shell {
                    self.events.push_back(Event::PoweredOff);
                }
            }
            What::PowerOn if ANSWER_TO_RESET.contains(&reply.data.len()) => {
                self.become_state(State::Powered);
                self.events.push_back(Event::PoweredOn(reply.data.to_vec()));
            }
            What::PowerOn => self.failed(&asked, ReaderError::CardMute),
            What::Transmit => self.card_answered(asked, reply, now),
        }
    }

    fn shake_hands(&mut self, data: &[u8]) {
        let Some(codec) = &mut self.codec else { return };
        match codec.handshake(data) {
            Ok(Some(frame)) => self.todo.push_back(Ask::Handshake(frame)),
            Ok(None) => {
                self.become_state(State::Authenticated);
                self.set_up();
            }
            Err(error) => self.fail(error),
        }
    }

    /// One piece of a card's answer, or all of it (CCID rev. 1.1 §6.2.1).
    fn card_answered(&mut self, mut asked: Asked, reply: &Reply, now: Duration) {
        let begun = !asked.pieces.is_empty();
        if asked.pieces.len() + reply.data.len() > self.kind.features.longest_answer {
            return self.fail(ReaderError::Length);
        }
        asked.pieces.extend_from_slice(&reply.data);
        match (reply.piece, begun) {
            (Piece::First, false) | (Piece::Middle, true) if !reply.data.is_empty() => {
                let Some(codec) = &mut self.codec else { return };
                self.out.begin(codec.encode(Command::More));
                asked.deadline = now.saturating_add(self.patience.write).min(asked.longest);
                self.asked = Some(asked);
            }
            (Piece::Whole, false) | (Piece::Last, true) => {
                if asked.pieces.len() >= STATUS_WORD {
                    let answer = SecretBytes::new(mem::take(&mut *asked.pieces));
                    self.events.push_back(Event::Answer(answer));
                } else {
                    self.failed(&asked, ReaderError::CardMute);
                }
            }
            _ => self.fail(ReaderError::Protocol),
        }
    }

    /// How an escape is answered is the reader's own: `E1`, three bytes, and a byte that is a length or what was set.
    /// Three sources print three different bytes there, so that nothing of it is compared.
    fn escaped(&mut self, escape: Escape, data: &[u8]) {
        match escape {
            Escape::StartPolling => self.ready(),
            Escape::StopPolling => {}
            Escape::Sleep(delay) => self.tell_sleep_delay(delay),
            Escape::Firmware => self.tell_firmware(data.get(5..).unwrap_or_default()),
            Escape::Serial => self.tell_serial(data.get(5..).unwrap_or_default()),
        }
    }

    /// What is in the slot, after something may have happened to it.
    fn slot_is(&mut self, card: Presence, doubt: Doubt) {
        match (self.life, card) {
            (State::Polling, Presence::Active | Presence::Inactive) => self.become_state(State::Card),
            // It is as we left it.
            (State::Powered, Presence::Active) if doubt == Doubt::Presence => {}
            (State::Powered, Presence::Active | Presence::Inactive) => self.become_unpowered(),
            (State::Card | State::Powered, Presence::Absent) => self.become_state(State::Polling),
            _ => {}
        }
    }

    fn become_unpowered(&mut self) {
        if self.life == State::Powered {
            self.become_state(State::Card);
        }
    }

    // Telling. What a reader may say as often as it likes takes the place of what it said before.

    fn tell(&mut self, event: Event) {
        let same = mem::discriminant(&event);
        self.events.retain(|other| mem::discriminant(other) != same);
        self.events.push_back(event);
    }

    pub(super) fn tell_battery(&mut self, battery: Battery) {
        self.battery = Some(battery);
        self.tell(Event::Battery(battery));
    }

    pub(super) fn tell_firmware(&mut self, bytes: &[u8]) {
        if let Some(version) = device::text(bytes) {
            self.firmware = Some(version.clone());
            self.tell(Event::Firmware(version));
        }
    }

    pub(super) fn tell_serial(&mut self, bytes: &[u8]) {
        if let Some(number) = device::text(bytes) {
            self.serial = Some(number.clone());
            self.tell(Event::Serial(number));
        }
    }

    fn tell_sleep_delay(&mut self, delay: SleepDelay) {
        self.sleep_delay = Some(delay);
        self.tell(Event::SleepDelay(delay));
    }
}

impl What {
    fn patience(self, patience: &Patience) -> Duration {
        match self {
            Self::Handshake | Self::Escape(_) | Self::SlotStatus(_) | Self::PowerOff => patience.reader,
            Self::PowerOn => patience.power_on,
            Self::Transmit => patience.command,
        }
    }

    fn is_answered_by(self, answers: Answers) -> bool {
        let awaited = match self {
            Self::Handshake | Self::Escape(_) => Answers::Escape,
            Self::SlotStatus(_) | Self::PowerOff => Answers::Slot,
            Self::PowerOn | Self::Transmit => Answers::Data,
        };
        awaited == answers
    }

    fn is_with_card(self) -> bool {
        matches!(self, Self::PowerOn | Self::Transmit)
    }
}
