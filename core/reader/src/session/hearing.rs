//! What a session hears, and what follows from it.

use core::{mem, ops::RangeInclusive, time::Duration};

use secret::SecretBytes;

use super::{Ask, Asked, Doubt, Escape, Event, Session, What};
use crate::{
    Battery, Fault, ReaderError, State, Uuid,
    codec::{Command, Message, Notice, Outcome, Piece, Presence, Reply},
    device,
};

/// An answer to reset has a first character and at most 32 more (ISO/IEC 7816-3 §8.2.1); one alone says nothing.
const ANSWER_TO_RESET: RangeInclusive<usize> = 2..=33;
/// SW1 and SW2: less than that is no response (ISO/IEC 7816-4 §5.2).
const STATUS_WORD: usize = 2;

impl Session {
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
            // A card's event may have come amid a message, which has no more time for that.
            self.frame_until = self.frame_until.filter(|_| self.is_amid_message());
        }
        self.go_on(now);
    }

    fn is_amid_message(&self) -> bool {
        self.codec.as_ref().is_some_and(|codec| codec.is_amid_message())
    }

    fn understand(&mut self, message: Message, now: Duration) {
        match message {
            Message::Notice(Notice::Asleep) => self.fall_asleep(now),
            Message::Notice(Notice::Arrived) if !self.is_another_card() => self.doubt(Doubt::Presence),
            Message::Notice(Notice::Arrived) => self.card_changed(now),
            Message::Notice(Notice::Left) => self.card_left(now),
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

    /// Whether a card that arrives is another one than that which has power: an arrival is "present, and changed" (CCID
    /// rev. 1.1 §6.3.1), so that one notification can be a swap.
    ///
    /// Before the answer to power on it is the one that gets power: notifications keep their order, so that what was
    /// on its way is heard by then; and if it was a swap all the same, no command has gone to the card before.
    fn is_another_card(&self) -> bool {
        let gets_power = self.asked.as_ref().is_some_and(|asked| asked.what == What::PowerOn);
        self.life == State::Powered && !gets_power
    }

    /// The command that is out may have gone to the card that has arrived, where a reader gives power by itself and its
    /// notification was still on its way. Its answer is awaited, so that it is taken for no other command's, and not
    /// handed over; no command goes after it.
    fn card_changed(&mut self, now: Duration) {
        self.card_left(now);
        if let Some(asked) = self.asked.as_mut().filter(|asked| asked.what == What::Transmit) {
            asked.another_card = true;
        }
    }

    fn card_left(&mut self, now: Duration) {
        self.doubt(Doubt::Power);
        self.hurry(now);
        self.hold_back();
    }

    /// What has not gone out of a command was for the card that has left. Half a command ends the session: it is not
    /// known what the reader would take the next one for.
    fn hold_back(&mut self) {
        let is_command = |asked: &Asked| asked.what == What::Transmit && asked.pieces.is_empty();
        if self.out.is_given_out() || !self.asked.as_ref().is_some_and(is_command) {
            return;
        }
        let has_begun = !self.out.is_untouched();
        self.out.stop();
        self.asked = None;
        self.events.push_back(Event::Failed(ReaderError::CardAbsent));
        if has_begun {
            self.end(Some(ReaderError::CardAbsent));
        }
    }

    /// The card has left while it was working: not much can come any more.
    fn hurry(&mut self, now: Duration) {
        if let Some(asked) = self.asked.as_mut().filter(|asked| asked.what.is_with_card()) {
            asked.card_left = true;
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
            Outcome::Done if asked.another_card => self.failed(&asked, ReaderError::CardAbsent),
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
            What::Escape(escape) => self.escaped(&asked, escape, &reply.data),
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

    /// An ACS reader answers `E1`, three bytes, and a byte that is a length or what was set; a text follows. Three
    /// sources print three different bytes there, so that nothing of it is compared.
    fn escaped(&mut self, asked: &Asked, escape: Escape, data: &[u8]) {
        let text = || data.get(5..).and_then(device::text);
        let told = match escape {
            Escape::StartPolling => return self.ready(),
            Escape::StopPolling => return,
            Escape::Sleep(delay) => {
                self.sleep_delay = Some(delay);
                Some(Event::SleepDelay(delay))
            }
            Escape::Firmware => text().map(|version| self.firmware_is(version)),
            Escape::Serial => text().map(|number| self.serial_is(number)),
        };
        match told {
            Some(event) => self.tell(event),
            None => self.failed(asked, ReaderError::NotSupported),
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

    /// A value of the battery or of the device information service.
    pub(super) fn read_characteristic(&mut self, characteristic: Uuid, value: &[u8]) {
        let told = if characteristic == self.kind.battery {
            value.first().filter(|_| value.len() == 1).map(|level| {
                let battery = Battery::from(*level);
                self.battery = Some(battery);
                Event::Battery(battery)
            })
        } else if characteristic == Uuid::FIRMWARE_REVISION {
            device::text(value).map(|version| self.firmware_is(version))
        } else if characteristic == Uuid::SERIAL_NUMBER {
            device::text(value).map(|number| self.serial_is(number))
        } else {
            None
        };
        if let Some(event) = told {
            self.tell(event);
        }
    }

    fn firmware_is(&mut self, version: String) -> Event {
        self.firmware = Some(version.clone());
        Event::Firmware(version)
    }

    fn serial_is(&mut self, number: String) -> Event {
        self.serial = Some(number.clone());
        Event::Serial(number)
    }
}
