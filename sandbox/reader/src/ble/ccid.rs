//! USB-CCID messages as they are (CCID rev. 1.1), over a pair of characteristics: the reader's side.

use core::time::Duration;

use super::air::{Out, Pipe};
use super::inside::Inside;
use super::slot::CardStatus;
use super::{Activation, CardEvent, Mishap, Model};
use crate::Icc;

/// Type, length, slot, sequence, and three bytes of the message's own.
const HEAD: usize = 10;

const POWER_ON: u8 = 0x62;
const POWER_OFF: u8 = 0x63;
const SLOT_STATUS: u8 = 0x65;
const ESCAPE: u8 = 0x6B;
const TRANSFER: u8 = 0x6F;
const GET_PARAMETERS: u8 = 0x6C;
const RESET_PARAMETERS: u8 = 0x6D;
const SET_PARAMETERS: u8 = 0x61;
const DATA_BLOCK: u8 = 0x80;
const SLOT_STATUS_ANSWER: u8 = 0x81;
const PARAMETERS: u8 = 0x82;
const ESCAPE_ANSWER: u8 = 0x83;
const HARDWARE_ERROR: u8 = 0x51;

/// bmCommandStatus.
const FAILED: u8 = 0x40;
const TIME_EXTENSION: u8 = 0x80;

/// dwMaxCCIDMessageLength of the bR500 on USB, without its header. What it is by radio is not known.
const LONGEST_BLOCK: usize = 516 - HEAD;

/// A length beyond this is not waited for, and no further part of such a command is taken. Our own decision.
const LONGEST_MESSAGE: usize = 0x1_0000;

/// bError (table 6.2-2): what a slot says without a card, or without an answer.
const MUTE: u8 = 0xFE;
/// No such command.
const NOT_SUPPORTED: u8 = 0x00;
/// Otherwise, which byte of the message is bad.
const BAD_LENGTH: u8 = 0x01;
const BAD_SLOT: u8 = 0x05;
const BAD_LEVEL: u8 = 0x08;

/// wLevelParameter and bChainParameter: whole, begins, ends, continues, and the other side's turn.
const WHOLE: u8 = 0x00;
const BEGINS: u8 = 0x01;
const ENDS: u8 = 0x02;
const CONTINUES: u8 = 0x03;
const GO_ON: u8 = 0x10;

/// One connection.
#[derive(Debug)]
pub(super) struct Ccid {
    model: Model,
    activation: Activation,
    /// Bytes of a message that is not yet whole.
    inbox: Vec<u8>,
    /// The first parts of a command that comes in several.
    command: Vec<u8>,
    /// The parts of a response that are still to be asked for.
    response: Vec<u8>,
    /// The vendor's escape `A5 5A 80 31` ends that the reader switches itself off.
    stays_awake: bool,
}

#[derive(Debug)]
struct Answer {
    kind: u8,
    /// bmCommandStatus.
    command_status: u8,
    error: u8,
    chain: u8,
    data: Vec<u8>,
}

impl Answer {
    fn new(kind: u8, data: Vec<u8>) -> Self {
        Self { kind, command_status: 0x00, error: 0x00, chain: 0x00, data }
    }

    fn failed(kind: u8, error: u8) -> Self {
        Self { kind, command_status: FAILED, error, chain: 0x00, data: Vec::new() }
    }

    /// `RDR_to_PC` messages echo slot and sequence (§6.2).
    fn to_bytes(&self, slot: u8, sequence: u8, status: CardStatus, length: usize) -> Vec<u8> {
        let length = u32::try_from(length).expect("no answer is that long");
        let mut bytes = vec![self.kind];
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(&[
            slot,
            sequence,
            self.command_status | status as u8,
            self.error,
            self.chain,
        ]);
        bytes.extend_from_slice(&self.data);
        bytes
    }
}

impl Ccid {
    pub(super) fn new(model: Model, activation: Activation) -> Self {
        Self {
            model,
            activation,
            inbox: Vec::new(),
            command: Vec::new(),
            response: Vec::new(),
            stays_awake: false,
        }
    }

    pub(super) fn disconnected(&mut self) {
        *self = Self::new(self.model, self.activation);
    }

    /// The vendor says two to three minutes.
    pub(super) fn sleep_delay(&self) -> Option<Duration> {
        (!self.stays_awake).then_some(Duration::from_secs(150))
    }

    pub(super) fn waits_for_more(&self) -> bool {
        !self.inbox.is_empty()
    }

    /// The rest of a message does not come: it is forgotten.
    pub(super) fn give_up(&mut self) {
        self.inbox.clear();
    }

    /// A card came or left. `RDR_to_PC_NotifySlotChange` (§6.3.1), as two bytes.
    pub(super) fn tell_of_card<C: Icc>(&self, inside: &mut Inside<'_, C>) {
        if !inside.heard {
            return;
        }
        let Some(event) = inside.slot.news() else { return };
        if event == CardEvent::Arrived && self.activation == Activation::OnArrival {
            inside.slot.power_on();
        }
        let mut notice = self.notice(event);
        let mishaps = inside.faults.next_notice();
        mishaps.corrupt(None, &mut notice, |_| {});
        inside.out.extend(mishaps.part(Pipe::Notices, &notice, None));
    }

    /// Takes bytes in, in any cut, and answers every message that is whole.
    pub(super) fn receive<C: Icc>(&mut self, bytes: &[u8], inside: &mut Inside<'_, C>) {
        self.inbox.extend_from_slice(bytes);
        while let Some(&[kind, a, b, c, d, slot, sequence, _, level, level_high]) =
            self.inbox.first_chunk::<HEAD>()
        {
            let length = usize::try_from(u32::from_le_bytes([a, b, c, d])).unwrap_or(usize::MAX);
            if length > LONGEST_MESSAGE {
                self.inbox.clear();
                self.obey(kind, Err(BAD_LENGTH), slot, sequence, inside);
                return;
            }
            if self.inbox.len() < HEAD + length {
                return;
            }
            let message: Vec<u8> = self.inbox.drain(..HEAD + length).collect();
            let level = u16::from_le_bytes([level, level_high]);
            let request = if slot == 0 { Ok((level, &message[HEAD..])) } else { Err(BAD_SLOT) };
            self.obey(kind, request, slot, sequence, inside);
            self.tell_of_card(inside);
        }
    }

    /// `request` is wLevelParameter and data, or which byte of the message was bad.
    fn obey<C: Icc>(
        &mut self,
        kind: u8,
        request: Result<(u16, &[u8]), u8>,
        slot: u8,
        sequence: u8,
        inside: &mut Inside<'_, C>,
    ) {
        let mishaps = inside.faults.next_answer();
        if mishaps.contains(&Mishap::CardLeaves { worked: false }) {
            inside.slot.lose();
        }
        let mut answer = if mishaps.hinder_work() {
            Answer::failed(answer_to(kind), MUTE)
        } else {
            request
                .and_then(|(level, data)| self.answer(kind, level, data, inside))
                .unwrap_or_else(|error| Answer::failed(answer_to(kind), error))
        };
        for mishap in mishaps.iter() {
            match mishap {
                Mishap::CardLeaves { worked: true } => {
                    inside.slot.lose();
                    if answer.kind == DATA_BLOCK {
                        answer = Answer::failed(DATA_BLOCK, MUTE);
                    }
                }
                Mishap::Fail { error, .. } => answer = Answer::failed(answer_to(kind), *error),
                Mishap::HardwareError { code, .. } => {
                    let error = vec![HARDWARE_ERROR, slot, sequence, *code];
                    inside.out.push(Out::Packet(Pipe::Notices, error));
                    return;
                }
                Mishap::FallAsleep { .. } => {
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
        let status = inside.slot.status();
        for mishap in mishaps.iter() {
            if let Mishap::TimeExtension { times, multiplier, time } = *mishap {
                let extension = Answer {
                    command_status: TIME_EXTENSION,
                    error: multiplier,
                    ..Answer::new(answer.kind, Vec::new())
                };
                for _ in 0..times {
                    let message = extension.to_bytes(slot, sequence, status, 0);
                    inside.out.extend([Out::Stream(Pipe::Answers, message), Out::Pause(time)]);
                }
            }
        }
        let mut message = answer.to_bytes(slot, sequence, status, mishaps.lengthened(answer.data.len()));
        mishaps.corrupt(None, &mut message, |_| {});
        inside.out.extend(mishaps.part(Pipe::Answers, &message, Some(&|event| self.notice(event))));
    }

    fn answer<C: Icc>(
        &mut self,
        kind: u8,
        level: u16,
        data: &[u8],
        inside: &mut Inside<'_, C>,
    ) -> Result<Answer, u8> {
        match (kind, data) {
            (POWER_ON, []) => {
                let answer = inside.slot.power_on().filter(|answer| !answer.is_empty()).ok_or(MUTE)?;
                Ok(Answer::new(DATA_BLOCK, answer))
            }
            (POWER_OFF, []) => {
                inside.slot.power_off();
                Ok(Answer::new(SLOT_STATUS_ANSWER, Vec::new()))
            }
            (SLOT_STATUS, []) => Ok(Answer::new(SLOT_STATUS_ANSWER, Vec::new())),
            (POWER_ON | POWER_OFF | SLOT_STATUS, _) => Err(BAD_LENGTH),
            (TRANSFER, part) => self.transfer(level, part, inside),
            // The form of these answers is not known.
            (ESCAPE, [0xA5, 0x5A, 0x80, choice @ (0x30 | 0x31)]) => {
                self.stays_awake = *choice == 0x31;
                Ok(Answer::new(ESCAPE_ANSWER, Vec::new()))
            }
            _ => Err(NOT_SUPPORTED),
        }
    }

    /// `PC_to_RDR_XfrBlock` at the level of extended APDUs (§6.1.4).
    fn transfer<C: Icc>(
        &mut self,
        level: u16,
        part: &[u8],
        inside: &mut Inside<'_, C>,
    ) -> Result<Answer, u8> {
        let level = u8::try_from(level).map_err(|_| BAD_LEVEL)?;
        match level {
            GO_ON if part.is_empty() && !self.response.is_empty() => return Ok(self.next_part(false)),
            WHOLE | BEGINS => self.command.clear(),
            CONTINUES | ENDS if !self.command.is_empty() && self.command.len() <= LONGEST_MESSAGE => {}
            _ => return Err(BAD_LEVEL),
        }
        self.command.extend_from_slice(part);
        self.response.clear();
        if matches!(level, BEGINS | CONTINUES) {
            return Ok(Answer { chain: GO_ON, ..Answer::new(DATA_BLOCK, Vec::new()) });
        }
        self.response = inside.slot.transmit(&core::mem::take(&mut self.command)).ok_or(MUTE)?;
        Ok(self.next_part(true))
    }

    fn next_part(&mut self, first: bool) -> Answer {
        let length = self.response.len().min(LONGEST_BLOCK);
        let part = self.response.drain(..length).collect();
        let chain = match (first, self.response.is_empty()) {
            (true, true) => WHOLE,
            (true, false) => BEGINS,
            (false, false) => CONTINUES,
            (false, true) => ENDS,
        };
        Answer { chain, ..Answer::new(DATA_BLOCK, part) }
    }

    /// Bit 0 of the second byte: present, bit 1: changed. `SpringCard`'s status begins with the number of slots.
    fn notice(&self, event: CardEvent) -> Vec<u8> {
        let first = if self.model == Model::D600 { 0x01 } else { 0x50 };
        let second = match event {
            CardEvent::Arrived => 0x03,
            CardEvent::Left => 0x02,
            CardEvent::Asleep => 0x04,
        };
        vec![first, second]
    }
}

/// Which message answers (table 6.1-1), also where the command fails.
fn answer_to(kind: u8) -> u8 {
    match kind {
        POWER_ON | TRANSFER => DATA_BLOCK,
        ESCAPE => ESCAPE_ANSWER,
        GET_PARAMETERS | RESET_PARAMETERS | SET_PARAMETERS => PARAMETERS,
        _ => SLOT_STATUS_ANSWER,
    }
}
