//! SELECT (ISO/IEC 7816-4 §11.2.2): applications by name, elementary files by id.

use super::apdu::{Command, status};
use super::contents::Application;
use super::{Answer, VirtualCard};
use crate::transcript::Selected;

/// The `GlobalPlatform` issuer domain, current at power-on (reported by one client).
const ISSUER_DOMAIN: &[u8] = b"\xA0\x00\x00\x01\x51\x00\x00";

/// P1 of SELECT by name.
const BY_NAME: u8 = 0x04;

/// Which application a command asks for; `None` where it is no SELECT by name.
pub(super) fn asked_for(command: &Command<'_>) -> Option<Selected> {
    (command.ins == 0xA4 && command.p1 == BY_NAME).then(|| {
        let begins = |aid: &[u8]| aid.starts_with(command.data);
        match Application::ALL.into_iter().find(|application| begins(application.aid())) {
            Some(Application::Jpki) => Selected::Jpki,
            Some(Application::Surface) => Selected::Surface,
            Some(Application::TextInput) => Selected::TextInput,
            Some(Application::ResidentRegister) => Selected::ResidentRegister,
            Some(Application::Common) => Selected::Common,
            None if begins(ISSUER_DOMAIN) => Selected::IssuerDomain,
            None => Selected::Foreign,
        }
    })
}

impl VirtualCard {
    pub(super) fn select(&mut self, command: &Command<'_>) -> Answer {
        // P2: first or only one, with or without FCI. The FCI of a real card is not public: none is given.
        if !matches!(command.p2, 0x00 | 0x0C) {
            return Err(status::WRONG_PARAMETERS);
        }
        match (command.p1, command.data) {
            (BY_NAME, name @ [_, ..]) if name.len() <= 16 => self.select_application(name),
            (BY_NAME, _) => Err(status::WRONG_LENGTH),
            (0x02, &[high, low]) => self.select_file(u16::from_be_bytes([high, low])),
            (0x02, _) => Err(status::WRONG_LENGTH),
            // `00 A4 00 00`: refused just after a reset, taken later (reported by one client).
            (0x00, []) if self.session.as_ref().is_some_and(|session| session.selected) => {
                Ok(status::OK.into())
            }
            (0x00, []) => Err(status::WRONG_PARAMETERS),
            // The card shows no master file, `3F00` included.
            (0x00, _) => Err(status::NOT_FOUND),
            _ => Err(status::WRONG_PARAMETERS),
        }
    }

    /// By name, which may be truncated. The security status stays where the application is the same as
    /// before, and is lost otherwise. A SELECT that fails changes nothing.
    fn select_application(&mut self, name: &[u8]) -> Answer {
        let mut applications = self.contents.applets.iter().map(|applet| applet.application);
        let application = match applications.find(|application| application.aid().starts_with(name)) {
            Some(application) => Some(application),
            None if ISSUER_DOMAIN.starts_with(name) => None,
            None => return Err(status::NOT_FOUND),
        };
        if let Some(session) = &mut self.session {
            session.application = application;
            session.current_ef = None;
            session.messaging = None;
            session.selected = true;
            let same = |(of, _): &(Application, _)| Some(*of) == application;
            session.verified = session.verified.take().filter(same);
        }
        Ok(status::OK.into())
    }

    fn select_file(&mut self, id: u16) -> Answer {
        // Every id is 00xx; the low byte is the short identifier, too.
        let id = u8::try_from(id).map_err(|_| status::NOT_FOUND)?;
        self.file(id)?;
        if let Some(session) = &mut self.session {
            session.current_ef = Some(id);
            session.selected = true;
        }
        Ok(status::OK.into())
    }
}
