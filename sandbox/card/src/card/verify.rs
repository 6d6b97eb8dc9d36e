//! VERIFY and CHANGE REFERENCE DATA (ISO/IEC 7816-4 §11.6.6 and §11.6.7, as JICSAP uses them), CHANGE KEY.

use std::collections::BTreeSet;

use super::apdu::{Command, status};
use super::contents::{Application, File};
use super::reference::{Reference, Verified};
use super::{Answer, VirtualCard};
use crate::person::CounterAfterVerify;

impl VirtualCard {
    /// With a value: compares it. Without: tells the tries left, which costs nothing.
    pub(super) fn verify(&mut self, command: &Command<'_>) -> Answer {
        if command.p1 != 0x00 {
            return Err(status::WRONG_PARAMETERS);
        }
        if command.le.is_some() {
            return Err(status::WRONG_LENGTH);
        }
        let key = self.reference_named_by(command.p2)?;
        if command.data.is_empty() {
            let told = match self.switches.counter_after_verify {
                CounterAfterVerify::Success if self.is_verified(key.1) => status::OK,
                _ => self.reference(key)?.counter(),
            };
            return Err(told);
        }
        match self.reference(key)?.verify(command.data) {
            Verified::Right => {
                self.set_verified(key);
                Ok(status::OK.into())
            }
            Verified::Wrong => {
                self.failed_verifies += 1;
                self.clear_verified(key);
                Err(self.reference(key)?.wrong())
            }
            Verified::Blocked => {
                self.clear_verified(key);
                Err(status::BLOCKED)
            }
        }
    }

    /// `00 24 01 80`: a new PIN, after VERIFY of the old one. In the JPKI AP and in 券面事項入力補助AP.
    pub(super) fn change_reference_data(&mut self, command: &Command<'_>) -> Answer {
        self.change(command, 0x01, [Application::Jpki, Application::TextInput])
    }

    /// JICSAP CHANGE KEY, `80 32 00 80`: the same in 共通カードAP and in 住基AP.
    pub(super) fn change_key(&mut self, command: &Command<'_>) -> Answer {
        self.change(command, 0x00, [Application::Common, Application::ResidentRegister])
    }

    fn change(&mut self, command: &Command<'_>, p1: u8, applications: [Application; 2]) -> Answer {
        if command.p1 != p1 {
            return Err(status::WRONG_PARAMETERS);
        }
        if command.data.is_empty() || command.le.is_some() {
            return Err(status::WRONG_LENGTH);
        }
        let key = self.reference_named_by(command.p2)?;
        // What is printed on the card stays, and each application has one of the two commands. That the other
        // one is refused is reported; the status word is our own decision.
        if !applications.contains(&key.0) || !self.reference(key)?.is_changeable() {
            return Err(status::CONDITIONS);
        }
        if !self.is_verified(key.1) {
            return Err(status::NOT_VERIFIED);
        }
        if self.reference(key)?.change(command.data) {
            Ok(status::OK.into())
        } else {
            Err(status::WRONG_DATA)
        }
    }

    /// The reference that P2 names. One that is none answers `6981`: not measured, as for a key.
    fn reference_named_by(&mut self, p2: u8) -> Result<(Application, u8), u16> {
        let id = self.named_by_p2(p2, self.switches.verify_by_short_id)?;
        let File::Reference(_) = self.file(id)? else { return Err(status::WRONG_FILE_KIND) };
        let application = self.application().ok_or(status::NOT_FOUND)?;
        self.moves_current_ef(p2, id);
        Ok((application, id))
    }

    fn reference(&mut self, key: (Application, u8)) -> Result<&mut Reference, u16> {
        self.references.get_mut(&key).ok_or(status::NOT_FOUND)
    }

    fn set_verified(&mut self, (application, id): (Application, u8)) {
        if let Some(session) = &mut self.session {
            match &mut session.verified {
                Some((of, references)) if *of == application => {
                    references.insert(id);
                }
                verified => *verified = Some((application, BTreeSet::from([id]))),
            }
        }
    }

    /// A wrong value takes away what a right one had given. Not measured: our own decision.
    fn clear_verified(&mut self, (application, id): (Application, u8)) {
        if let Some((of, references)) = self.session.as_mut().and_then(|session| session.verified.as_mut())
            && *of == application
        {
            references.remove(&id);
        }
    }
}
