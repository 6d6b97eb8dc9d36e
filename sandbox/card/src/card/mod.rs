//! The card: its state, and what happens to a command.

mod apdu;
pub(crate) mod contents;
mod messaging;
mod object;
mod read;
mod record;
mod reference;
mod select;
mod sign;
mod verify;

use core::fmt;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use time::Date;

use self::apdu::{Command, status};
use self::contents::{Applet, Application, Contents, File};
use self::messaging::Messaging;
use self::reference::Reference;
use crate::person::{Kind, Person, Switches};
use crate::transcript::{Exchange, Transcript};

/// A card in the hand of its holder. It has no power until [`VirtualCard::power_on`].
///
/// The value is the card: as long as it lives, its counters and PINs persist, whatever happens to its power.
/// A clone is another card with the same contents, for tests that try two ways from one state.
#[derive(Clone)]
pub struct VirtualCard {
    kind: Kind,
    switches: Switches,
    contents: Arc<Contents>,
    /// Not volatile.
    references: BTreeMap<(Application, u8), Reference>,
    failed_verifies: u32,
    /// `None` without power.
    session: Option<Session>,
    transcript: Transcript,
}

/// What is lost with power.
#[derive(Clone, Default)]
struct Session {
    /// The current application; `None` is the issuer domain, where a card begins.
    application: Option<Application>,
    /// The current EF of that application.
    current_ef: Option<u8>,
    /// The application to which the security status belongs, and its verified references.
    verified: Option<(Application, BTreeSet<u8>)>,
    /// Secure messaging with the current application.
    messaging: Option<Messaging>,
    /// Whether anything was selected since the last reset.
    selected: bool,
    /// Whether a command was given since power-on.
    awake: bool,
}

/// What the card answers.
struct Response {
    data: Vec<u8>,
    status: u16,
}

impl From<u16> for Response {
    fn from(status: u16) -> Self {
        Self { data: Vec::new(), status }
    }
}

impl From<Vec<u8>> for Response {
    fn from(data: Vec<u8>) -> Self {
        Self { data, status: status::OK }
    }
}

/// A response, or the status word that refuses the command.
type Answer = Result<Response, u16>;

impl Person {
    /// A card, switched off, as its holder would bring it on that day.
    pub fn personalise(&self, today: Date) -> VirtualCard {
        VirtualCard::new(self, today)
    }

    /// 利用者証明用電子証明書 as it lies in EF 000A, DER; empty where the card has none. The same for the same
    /// day.
    pub fn certificate(&self, today: Date) -> Vec<u8> {
        contents::authentication_certificate(self, today).unwrap_or_default()
    }
}

impl VirtualCard {
    fn new(person: &Person, today: Date) -> Self {
        let contents = Contents::new(person, today);
        Self {
            kind: person.card.kind,
            switches: person.card.switches,
            references: contents.references(),
            contents: contents.into(),
            failed_verifies: 0,
            session: None,
            transcript: Transcript::default(),
        }
    }

    /// Gives the card power, and gives what it says first: the answer to reset that PC/SC shows for a
    /// contactless My Number card (ISO 14443 type B, up to 424 kbit/s). Nothing is selected or verified.
    pub fn power_on(&mut self) -> &'static [u8] {
        self.session = Some(Session::default());
        b"\x3B\x88\x80\x01\x00\x00\x05\xE0\xB3\x81\xA1\x00\x7F"
    }

    /// Takes the power away: the card leaves the field. Counters and PINs stay, all else is lost.
    pub fn power_off(&mut self) {
        self.session = None;
    }

    /// A warm reset. Verified references stay verified (reported by one client); they serve once their
    /// application is selected again. That the reset leaves the application, and ends secure messaging with it,
    /// is our own decision.
    pub fn reset(&mut self) {
        if let Some(session) = &mut self.session {
            session.application = None;
            session.current_ef = None;
            session.messaging = None;
            session.selected = false;
        }
    }

    /// Gives the card a command APDU and gives its response APDU. Bytes that are no command give `6700`.
    /// Without power there is no answer: empty.
    pub fn transmit(&mut self, command: &[u8]) -> Vec<u8> {
        let Some(session) = &mut self.session else { return Vec::new() };
        let sleepy = self.switches.first_command_6f00 && !session.awake;
        session.awake = true;

        let parsed = Command::parse(command);
        let response = match parsed {
            _ if sleepy => status::UNSPECIFIED.into(),
            None => status::WRONG_LENGTH.into(),
            Some(command) => self.answer(command).unwrap_or_else(Response::from),
        };
        self.transcript.push(Exchange {
            header: parsed.map(|command| [command.cla, command.ins, command.p1, command.p2]),
            lc: parsed.map(|command| command.data.len()).filter(|lc| *lc > 0),
            le: parsed.and_then(|command| command.le),
            selected: parsed.and_then(|command| select::asked_for(&command)),
            response: response.data.len(),
            status: response.status,
        });
        let mut bytes = response.data;
        bytes.extend_from_slice(&response.status.to_be_bytes());
        bytes
    }

    /// What the card was asked since it was made or since [`VirtualCard::clear_transcript`].
    pub fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    /// Begins the transcript anew.
    pub fn clear_transcript(&mut self) {
        self.transcript.clear();
    }

    /// How many VERIFYs brought a wrong value, over the life of the card. One to a blocked reference is none.
    pub fn failed_verifies(&self) -> u32 {
        self.failed_verifies
    }

    /// Tries left for the PIN of 利用者証明用電子証明書.
    pub fn pin_tries_left(&self) -> u8 {
        self.tries_left(Application::Jpki, contents::AUTHENTICATION_PIN)
    }

    /// Tries left for the birth date, in 券面事項確認AP.
    pub fn birth_tries_left(&self) -> u8 {
        self.tries_left(Application::Surface, contents::BIRTH_DATE)
    }

    fn tries_left(&self, application: Application, id: u8) -> u8 {
        self.references.get(&(application, id)).map_or(0, Reference::tries_left)
    }

    fn answer(&mut self, command: Command<'_>) -> Answer {
        match command.cla {
            0x00 | 0x80 => {}
            // Basic channel 0 only (ISO/IEC 7816-4 §5.4.1).
            0x01..=0x03 | 0x40..=0x7F | 0x81..=0x83 => return Err(status::NO_CHANNEL),
            0x08 | 0x0C => return self.answer_secured(&command),
            _ => return Err(status::NO_SUCH_CLASS),
        }
        match (command.cla, command.ins) {
            (0x00, 0xA4) => self.select(&command),
            (0x00, 0xB0) => self.read_binary(&command),
            (0x00, 0x20) => self.verify(&command),
            (0x00, 0x24) => self.change_reference_data(&command),
            (0x00, 0x84) => sign::get_challenge(&command),
            (0x00, 0x88) => self.internal_authenticate(&command),
            (0x00, 0xB2) => self.read_record(&command),
            (0x00, 0xCA) => self.get_data(&command),
            (0x80, 0x2A) => self.compute_digital_signature(&command),
            (0x80, 0x32) => self.change_key(&command),
            (0x80, 0xAE) => self.set_session_key(&command),
            // 特定機関認証: the protocol is not public and is not imitated. This is what dummy data get.
            (0x80, 0xA2) if [command.p1, command.p2] == [0x00, 0xC1] => Err(status::WRONG_LENGTH),
            (0x80, 0xA2) => Err(status::WRONG_PARAMETERS),
            // A command of the iPhone, of which only the bytes are reported.
            (0x80, 0xFC) if self.kind == Kind::Iphone => Ok(status::OK.into()),
            (0x80, 0xFC) => Err(status::WRONG_LENGTH),
            (0x00, 0x2A | 0x32 | 0xA2 | 0xAE | 0xFC)
            | (0x80, 0x20 | 0x24 | 0x84 | 0x88 | 0xA4 | 0xB0 | 0xB2 | 0xCA) => Err(status::NO_SUCH_CLASS),
            _ => Err(status::NO_SUCH_INSTRUCTION),
        }
    }

    fn application(&self) -> Option<Application> {
        self.session.as_ref().and_then(|session| session.application)
    }

    fn applet(&self) -> Option<&Applet> {
        let application = self.application()?;
        self.contents.applets.iter().find(|applet| applet.application == application)
    }

    fn current_ef(&self) -> Option<u8> {
        self.session.as_ref().and_then(|session| session.current_ef)
    }

    /// A file of the current application.
    fn file(&self, id: u8) -> Result<&File, u16> {
        self.applet().and_then(|applet| applet.files.get(&id)).ok_or(status::NOT_FOUND)
    }

    /// Which key or reference P2 names: `80` the current EF, `81` to `9E` one by its short identifier.
    fn named_by_p2(&self, p2: u8, by_short_id: bool) -> Result<u8, u16> {
        match p2 {
            0x80 => self.current_ef().ok_or(status::NO_CURRENT_EF),
            0x81..=0x9E if by_short_id => self.file(p2 & 0x1F).map(|_| p2 & 0x1F),
            _ => Err(status::WRONG_PARAMETERS),
        }
    }

    /// A short identifier in P2 makes its EF the current one, where the switch says so.
    fn moves_current_ef(&mut self, p2: u8, id: u8) {
        if let (Some(session), true) =
            (&mut self.session, self.switches.short_id_moves_current_ef && p2 > 0x80)
        {
            session.current_ef = Some(id);
        }
    }

    fn is_verified(&self, id: u8) -> bool {
        let Some(session) = &self.session else { return false };
        session.verified.as_ref().is_some_and(|(application, references)| {
            Some(*application) == session.application && references.contains(&id)
        })
    }
}

/// No PIN, no key, no contents.
impl fmt::Debug for VirtualCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VirtualCard")
            .field("kind", &self.kind)
            .field("powered", &self.session.is_some())
            .field("pin_tries_left", &self.pin_tries_left())
            .field("birth_tries_left", &self.birth_tries_left())
            .finish_non_exhaustive()
    }
}
