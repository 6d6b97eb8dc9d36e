//! The protocol of the ACS ACR1255U-J1, the reader's side: outer frame, inner message, authentication, session.

mod frame;

use core::time::Duration;

use super::air::Out;
use super::cipher::{BLOCK, Key};
use super::fault::Mishaps;
use super::inside::Inside;
use super::slot::CardStatus;
use super::{CardEvent, CardNotices, Mishap, Model, Options, PollingAnswer, State};
use crate::Icc;

use frame::{DATA_BLOCK, ErrorCode, HARDWARE_ERROR, Message, next_block, send};

const POWER_ON: u8 = 0x62;
const POWER_OFF: u8 = 0x63;
const SLOT_STATUS: u8 = 0x65;
const ESCAPE: u8 = 0x6B;
const APDU: u8 = 0x6F;
const SLOT_STATUS_ANSWER: u8 = 0x81;
const ESCAPE_ANSWER: u8 = 0x83;
const CARD_NOTICE: u8 = 0x50;

/// Bit 3 of the automatic polling settings: a card is activated when it is detected.
const ACTIVATE: u8 = 0x08;
/// The settings that a unit leaves the factory with.
const POLLING_SETTINGS: u8 = 0x8F;

/// A response longer than this is answered with an error: nothing is known of longer ones, and a length has 16 bits.
const LONGEST_RESPONSE: usize = 0xFF00;

/// A command that comes in parts has at most so many bytes: an extended APDU. Our own decision.
const LONGEST_COMMAND: usize = 0x1_0008;

/// One connection, and what stays over connections.
#[derive(Debug)]
pub(super) struct Acs {
    master_key: Key,
    polling_answer: PollingAnswer,
    card_notices: CardNotices,
    /// Bytes of a frame that is not yet whole.
    inbox: Vec<u8>,
    link: Link,
    polling: bool,
    /// The first parts of a command that comes in several.
    command: Vec<u8>,
    /// Non-volatile.
    polling_settings: u8,
    /// `None` is never.
    sleep_delay: Option<Duration>,
}

/// How far authentication has come.
#[derive(Debug)]
enum Link {
    Locked,
    /// The reader's random was given out.
    Challenged([u8; BLOCK]),
    Open(Key),
}

impl Acs {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            master_key: Key::new(options.master_key.0),
            polling_answer: options.polling_answer,
            card_notices: options.card_notices,
            inbox: Vec::new(),
            link: Link::Locked,
            polling: false,
            command: Vec::new(),
            polling_settings: POLLING_SETTINGS,
            sleep_delay: sleep_delay(0x00),
        }
    }

    /// Authentication, polling and half a frame do not outlive a connection.
    pub(super) fn disconnected(&mut self) {
        self.inbox.clear();
        self.link = Link::Locked;
        self.polling = false;
        self.command.clear();
    }

    pub(super) fn sleep_delay(&self) -> Option<Duration> {
        self.sleep_delay
    }

    pub(super) fn waits_for_more(&self) -> bool {
        !self.inbox.is_empty()
    }

    pub(super) fn state(&self) -> State {
        match (&self.link, self.polling) {
            (Link::Locked | Link::Challenged(_), _) => State::Connected,
            (Link::Open(_), false) => State::Authenticated,
            (Link::Open(_), true) => State::Polling,
        }
    }

    /// Takes bytes in, in any cut, and answers every frame that is whole.
    pub(super) fn receive<C: Icc>(&mut self, bytes: &[u8], inside: &mut Inside<'_, C>) {
        self.inbox.extend_from_slice(bytes);
        while let Some(block) = next_block(&mut self.inbox) {
            match block.and_then(|block| self.open(block)) {
                Ok(request) => self.obey(&request, inside),
                Err(code) => self.refuse(code, inside),
            }
            self.tell_of_card(inside);
        }
    }

    /// The rest of a frame does not come.
    pub(super) fn give_up<C: Icc>(&mut self, inside: &mut Inside<'_, C>) {
        self.inbox.clear();
        self.refuse(ErrorCode::Timeout, inside);
    }

    /// A card came or left. It is activated when it is detected, where the settings say so.
    pub(super) fn tell_of_card<C: Icc>(&mut self, inside: &mut Inside<'_, C>) {
        if !self.polling || !inside.heard {
            return;
        }
        if let Some(event) = inside.slot.news() {
            if event == CardEvent::Arrived && self.polling_settings & ACTIVATE != 0 {
                inside.slot.power_on();
            }
            self.notify(event, inside);
        }
    }

    /// Tells the host without being asked.
    pub(super) fn notify<C: Icc>(&mut self, event: CardEvent, inside: &mut Inside<'_, C>) {
        let mishaps = inside.faults.next_notice();
        let notice = self.notice(event);
        inside.out.extend(send(&notice, self.session(), &mishaps));
    }

    /// The message in a block, decrypted where there is a session.
    fn open(&self, mut block: Vec<u8>) -> Result<Message, ErrorCode> {
        if let Some(session) = self.session() {
            if block.is_empty() || !block.len().is_multiple_of(BLOCK) {
                return Err(ErrorCode::ReceiveData);
            }
            session.decrypt(&mut block);
        }
        Message::parse(&block)
    }

    fn session(&self) -> Option<&Key> {
        match &self.link {
            Link::Open(key) => Some(key),
            _ => None,
        }
    }

    fn refuse<C: Icc>(&mut self, code: ErrorCode, inside: &mut Inside<'_, C>) {
        let mishaps = inside.faults.next_answer();
        inside.out.extend(send(&Message::error(code), self.session(), &mishaps));
    }

    fn obey<C: Icc>(&mut self, request: &Message, inside: &mut Inside<'_, C>) {
        let mishaps = inside.faults.next_answer();
        // The answer that opens a session still comes in the clear.
        let session = self.session().cloned();
        if mishaps.contains(&Mishap::CardLeaves { worked: false }) {
            inside.slot.lose();
        }
        let mut answer = if mishaps.hinder_work() {
            Message::failed(inside.slot.status())
        } else {
            self.answer(request, &mishaps, inside)
        };
        for mishap in mishaps.iter() {
            match mishap {
                Mishap::CardLeaves { worked: true } => {
                    inside.slot.lose();
                    if answer.kind == DATA_BLOCK {
                        answer = Message::failed(CardStatus::Absent);
                    }
                }
                Mishap::Fail { .. } => answer = Message::failed(inside.slot.status()),
                Mishap::HardwareError { code, .. } => answer = Message::new(HARDWARE_ERROR, *code, []),
                Mishap::FallAsleep { .. } => {
                    self.notify(CardEvent::Asleep, inside);
                    inside.out.push(Out::FallsAsleep);
                    return;
                }
                _ => {}
            }
        }
        if mishaps.take_the_card() {
            // Told before the command fails for it.
            self.tell_of_card(inside);
        }
        for event in mishaps.interjected() {
            let notice = self.notice(event);
            inside.out.extend(send(&notice, session.as_ref(), &Mishaps::none()));
        }
        inside.out.extend(send(&answer, session.as_ref(), &mishaps));
    }

    fn answer<C: Icc>(
        &mut self,
        request: &Message,
        mishaps: &Mishaps,
        inside: &mut Inside<'_, C>,
    ) -> Message {
        let answer = match (request.kind, &*request.payload) {
            (ESCAPE, [0xE0, 0x00, 0x00, 0x45, 0x00]) if self.session().is_none() => {
                Ok(self.challenge(mishaps, inside))
            }
            (ESCAPE, [0xE0, 0x00, 0x00, 0x46, 0x00, blocks @ ..]) if self.session().is_none() => {
                self.authenticate(blocks, mishaps)
            }
            _ if self.session().is_none() => Err(ErrorCode::Unauthorised),
            (POWER_ON, []) => Ok(match inside.slot.power_on() {
                Some(answer) if !answer.is_empty() => Message::new(DATA_BLOCK, 0x00, answer),
                _ => Message::failed(inside.slot.status()),
            }),
            (POWER_OFF, []) => {
                inside.slot.power_off();
                Ok(Message::new(SLOT_STATUS_ANSWER, inside.slot.status() as u8, []))
            }
            (SLOT_STATUS, []) => Ok(Message::new(SLOT_STATUS_ANSWER, inside.slot.status() as u8, [])),
            (APDU, part) => self.apdu(request.parameter, part, inside),
            (ESCAPE, escape) => self.escape(escape, inside),
            _ => Err(ErrorCode::Command),
        };
        answer.unwrap_or_else(Message::error)
    }

    /// `E0 00 00 45 00`: `R_A`, encrypted.
    fn challenge<C: Icc>(&mut self, mishaps: &Mishaps, inside: &mut Inside<'_, C>) -> Message {
        let mut random = inside.random.block();
        for mishap in mishaps.iter() {
            if let Mishap::Challenge { block } = mishap {
                random = *block;
                self.master_key.decrypt(&mut random);
            }
        }
        self.link = Link::Challenged(random);
        self.master_key.encrypt(&mut random);
        escape_answer([0x45, 0x00], &random)
    }

    /// `E0 00 00 46 00` and *decrypted* `R_B` ‖ `R_A`. The reader encrypts to see them, and gives `R_B` back encrypted. One
    /// chance a challenge. That byte 4 of the answer is 01 after a failure is in manual V1.01 alone.
    fn authenticate(&mut self, blocks: &[u8], mishaps: &Mishaps) -> Result<Message, ErrorCode> {
        let Link::Challenged(mut random_a) = core::mem::replace(&mut self.link, Link::Locked) else {
            return Err(ErrorCode::Unauthorised);
        };
        let mut blocks = <[u8; 2 * BLOCK]>::try_from(blocks).map_err(|_| ErrorCode::ReceiveData)?;
        self.master_key.encrypt(&mut blocks);
        let (random_b, theirs) = blocks.split_at(BLOCK);
        let mut random_b = <[u8; BLOCK]>::try_from(random_b).expect("it was split so");
        if mishaps.contains(&Mishap::WrongRandomA) {
            random_a[0] ^= 0x01;
        }
        if theirs != random_a {
            return Ok(escape_answer([0x46, 0x01], &[]));
        }
        let mut session = [0; BLOCK];
        session[..8].copy_from_slice(&random_a[..8]);
        session[8..].copy_from_slice(&random_b[..8]);
        self.link = Link::Open(Key::new(session));
        if mishaps.contains(&Mishap::WrongRandomB) {
            random_b[0] ^= 0x01;
        }
        self.master_key.encrypt(&mut random_b);
        Ok(escape_answer([0x46, 0x00], &random_b))
    }

    /// The parameter is a chain's, as CCID has it: one implementation sends commands of more than 256 bytes so. That
    /// the parts in between are answered with nothing is our own decision.
    fn apdu<C: Icc>(
        &mut self,
        chain: u8,
        part: &[u8],
        inside: &mut Inside<'_, C>,
    ) -> Result<Message, ErrorCode> {
        match chain {
            0x00 | 0x01 => self.command.clear(),
            0x02 | 0x03 if !self.command.is_empty() && self.command.len() <= LONGEST_COMMAND => {}
            _ => return Err(ErrorCode::Command),
        }
        self.command.extend_from_slice(part);
        if chain == 0x01 || chain == 0x03 {
            return Ok(Message::new(DATA_BLOCK, 0x00, []));
        }
        match inside.slot.transmit(&core::mem::take(&mut self.command)) {
            None => Ok(Message::failed(inside.slot.status())),
            Some(response) if response.len() > LONGEST_RESPONSE => Err(ErrorCode::Undefined),
            Some(response) => Ok(Message::new(DATA_BLOCK, 0x00, response)),
        }
    }

    fn escape<C: Icc>(&mut self, escape: &[u8], inside: &mut Inside<'_, C>) -> Result<Message, ErrorCode> {
        let [0xE0, 0x00, 0x00, code, rest @ ..] = escape else { return Err(ErrorCode::Command) };
        let echo = match self.polling_answer {
            PollingAnswer::Echo => *code,
            PollingAnswer::Zero => 0x00,
        };
        match (*code, rest) {
            (0x40, &[polling @ (0x00 | 0x01)]) => {
                self.polling = polling == 0x01;
                inside.slot.set_field(self.polling);
                Ok(escape_answer([echo, polling], &[]))
            }
            (0x48, &[delay @ 0x00..=0x04]) => {
                self.sleep_delay = sleep_delay(delay);
                Ok(escape_answer([echo, delay], &[]))
            }
            (0x18, [0x00]) => Ok(text_answer(Model::Acr1255uJ1.firmware())),
            // The form of this answer is not known: the firmware's.
            (0x47, [0x00]) => Ok(text_answer(Model::SERIAL_NUMBER)),
            (0x23, [0x00]) => Ok(escape_answer([0x00, 0x01], &[self.polling_settings])),
            (0x23, &[0x01, settings]) => {
                self.polling_settings = settings;
                Ok(escape_answer([0x00, 0x01], &[settings]))
            }
            _ => Err(ErrorCode::Command),
        }
    }

    fn notice(&self, event: CardEvent) -> Message {
        let parameter = match (event, self.card_notices) {
            (CardEvent::Arrived, CardNotices::ThreeIsPresent)
            | (CardEvent::Left, CardNotices::TwoIsPresent) => 0x03,
            (CardEvent::Left, CardNotices::ThreeIsPresent)
            | (CardEvent::Arrived, CardNotices::TwoIsPresent) => 0x02,
            (CardEvent::Asleep, _) => 0x04,
        };
        Message::new(CARD_NOTICE, parameter, [])
    }
}

/// `E0 00 00 48 xx`: 60 s from the factory. That 04 is never is reported by two clients.
fn sleep_delay(setting: u8) -> Option<Duration> {
    let seconds = match setting {
        0x00 => 60,
        0x01 => 90,
        0x02 => 120,
        0x03 => 180,
        _ => return None,
    };
    Some(Duration::from_secs(seconds))
}

fn escape_answer(tail: [u8; 2], data: &[u8]) -> Message {
    Message::new(ESCAPE_ANSWER, 0x00, [&[0xE1, 0x00, 0x00], &tail[..], data].concat())
}

/// `E1 00 00 00`, a length and a text: so one implementation reads the firmware.
fn text_answer(text: &str) -> Message {
    let length = u8::try_from(text.len()).expect("such texts are short");
    escape_answer([0x00, length], text.as_bytes())
}
