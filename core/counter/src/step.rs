//! What an action does: the rules of the counter.

use std::{sync::Arc, time::Duration};

use eligibility::{Era, Wareki};
use secret::{BirthDigits, DigitPad, Passcode, Pin, SecretBytes};
use service::{ActivationCode, EnrolmentLink};
use zeroize::{Zeroize, Zeroizing};

use crate::{
    Action, Failure, Method, ReaderTrouble,
    job::{Enrolment, Job},
    passcode::{Weakness, judge},
    record_words::age,
    state::{
        BirthProblem, Failed, For, LogInProblem, Now, Patient, Reading, SECRET_LIFE, Secret, Stage, State,
        Way,
    },
};

/// A card of somebody younger may have no photo: one applied for before the first birthday has none, and is
/// valid to the fifth.
const PHOTO_AGE: u32 = 5;
/// While nobody is logged in, a yes to ending the registration is taken only after so long: our own decision.
const SECOND_THOUGHT: Duration = Duration::from_secs(5);

impl State {
    /// Does what the action says, where it makes sense.
    pub(crate) fn step(&mut self, action: Action, now: Now) {
        self.tick(now);
        // What the device does by itself is no sign of a person.
        if !matches!(action, Action::Tick | Action::Hidden | Action::Reader(_) | Action::ReaderInUse(_)) {
            self.touched_at = now.steady;
        }
        match action {
            Action::Tick | Action::Touch => {}
            Action::Hidden => self.hide(now),
            Action::Lock if self.session.is_some() => self.lock(now),
            Action::SetLanguage(language) => {
                self.settings.language = Some(language);
                self.unsaved.settings = true;
            }
            Action::OpenLink(text) => self.open_link(text, now),
            Action::UseVisual => self.switch(Method::Visual),
            Action::UsePin => self.switch(Method::Pin),
            Action::ForgetDevice => self.ask_to_forget(now),
            Action::BiometricsChanged => self.biometrics_changed(),
            Action::Reader(trouble) => self.no_tap(trouble, now),
            Action::ReaderInUse(reader) => self.reader_in_use(reader),
            action => self.step_here(action, now),
        }
        self.mind_link(now);
    }

    /// The app left the foreground: nothing of a patient stays, and the counter locks.
    fn hide(&mut self, now: Now) {
        match &mut self.stage {
            // An attempt on its way is counted; what comes of it finds the counter locked.
            Stage::Waiting(For::LoggingIn | For::SavingPasscode) if self.pending.is_none() => {
                self.session_number += 1;
            }
            Stage::ChoosePasscode { first, problem } => (*first, *problem) = (None, None),
            Stage::Waiting(For::SavingPasscode) => {
                self.pending = None;
                self.stage = Stage::ChoosePasscode { first: None, problem: None };
            }
            Stage::Waiting(For::LoggingIn) => self.lock(now),
            _ if self.session.is_some() => self.lock(now),
            _ => {}
        }
    }

    fn open_link(&mut self, mut text: String, now: Now) {
        let open = match &self.stage {
            Stage::SetUp | Stage::ConfirmLink(_) => true,
            Stage::Failed(failed) => matches!(failed.way, Way::SetUp | Way::Enrol(_)),
            Stage::About { from } => matches!(**from, Stage::SetUp),
            _ => false,
        };
        if open && self.device.is_none() && self.pending.is_none() {
            match EnrolmentLink::parse(&text) {
                Ok(link) => self.stage = Stage::ConfirmLink(link),
                Err(_) => self.fail(Failure::LinkInvalid, Way::SetUp, now),
            }
        }
        text.zeroize();
    }

    /// The other method for the same patient: what they agreed to stays.
    fn switch(&mut self, method: Method) {
        let offered = self.offered().contains(&method);
        let form = self.status().and_then(|status| status.visual);
        // While the service decides, a second check would be one too many.
        let free = !matches!(self.stage, Stage::Waiting(_));
        if let Some(patient) = self.patient.as_mut().filter(|_| offered && free) {
            (patient.method, patient.form, patient.last_try) = (method, form, false);
            self.ask(None);
        }
    }

    /// The card is awaited, and the reader cannot be used. A tap that is open tells of it itself, and what stands on
    /// the screen already is not told again.
    fn no_tap(&mut self, trouble: ReaderTrouble, now: Now) {
        if !matches!(self.stage, Stage::HoldCard { .. }) || self.tapping {
            return;
        }
        if let Some(patient) = &mut self.patient {
            patient.losses = patient.losses.saturating_add(1);
        }
        self.fail(Failure::from(trouble), Way::Hold, now);
    }

    fn ask_to_forget(&mut self, now: Now) {
        let possible = match &self.stage {
            Stage::Locked { .. } | Stage::ChoosePasscode { .. } | Stage::Settings => self.device.is_some(),
            Stage::Failed(failed) => self.device.is_some() || failed.failure == Failure::StateUnreadable,
            _ => false,
        };
        if possible && self.pending.is_none() {
            let from = Box::new(core::mem::replace(&mut self.stage, Stage::SetUp));
            // Anybody can get here while nobody is logged in: then it takes more than two touches in a row.
            let locked = self.session.is_none() && self.device.is_some();
            let wait = if locked { SECOND_THOUGHT } else { Duration::ZERO };
            self.stage = Stage::ConfirmForget { from, yes_from: now.steady + wait };
        }
    }

    fn step_here(&mut self, action: Action, now: Now) {
        match (core::mem::replace(&mut self.stage, Stage::SetUp), action) {
            (Stage::SetUp, Action::Account { account, code }) => self.enrol_typed(&account, &code, now),
            (Stage::ConfirmLink(link), Action::Confirm) => {
                let endpoint = link.endpoint();
                let institution = Some(link.institution);
                self.enrol(Enrolment { endpoint, account: link.account, code: link.secret, institution });
            }
            (Stage::ConfirmLink(_), Action::Back | Action::Cancel) => {}
            (Stage::ChoosePasscode { first, .. }, Action::Passcode(passcode)) => {
                self.choose_passcode(first, passcode);
            }
            (Stage::ChoosePasscode { .. }, Action::Back | Action::Cancel) => {
                self.stage = Stage::ChoosePasscode { first: None, problem: None };
            }
            (Stage::Locked { problem }, Action::Passcode(passcode)) => self.attempt(problem, passcode, now),
            (Stage::Locked { problem }, Action::BiometricSignature(signature)) => {
                self.log_in_by_biometrics(problem, signature, now);
            }
            (here @ (Stage::Choose | Stage::Settings), Action::EnableBiometrics { public_key }) => {
                self.enable_biometrics(&public_key);
                self.stage = here;
            }
            (here @ (Stage::Choose | Stage::Settings), Action::DisableBiometrics) => {
                self.disable_biometrics();
                self.stage = here;
            }
            (from @ (Stage::SetUp | Stage::Locked { .. } | Stage::Settings), Action::About) => {
                self.stage = Stage::About { from: Box::new(from) };
            }
            (Stage::ConfirmForget { yes_from, .. }, Action::Confirm) if now.steady >= yes_from => {
                self.wipe(None);
            }
            (Stage::ConfirmForget { from, .. } | Stage::About { from }, Action::Back | Action::Cancel) => {
                self.stage = *from;
            }
            (Stage::Choose, Action::Choose(method)) => self.choose(method, now),
            (Stage::Choose, Action::Consent { limit_amount }) => {
                self.consents.limit_amount = limit_amount;
                self.stage = Stage::Choose;
            }
            (Stage::Choose, Action::Settings) | (Stage::ReaderKey { .. }, Action::Back | Action::Cancel) => {
                self.stage = Stage::Settings;
            }
            (Stage::Settings, Action::SetDefaultMethod(method)) => {
                self.settings.method = method;
                self.unsaved.settings = true;
                self.stage = Stage::Settings;
            }
            (Stage::Settings, Action::SetExposedPin(exposed_pin)) => {
                self.settings.exposed_pin = exposed_pin;
                self.unsaved.settings = true;
                self.stage = Stage::Settings;
            }
            (Stage::Settings, Action::SetExport(policy)) => {
                (self.settings.export, self.unsaved.settings) = (policy, true);
                self.stage = Stage::Settings;
            }
            (Stage::Settings, Action::SetSounds(on)) => {
                (self.settings.without_sounds, self.unsaved.settings) = (!on, true);
                self.stage = Stage::Settings;
            }
            (Stage::Settings, Action::SetVibration(on)) => {
                (self.settings.without_vibration, self.unsaved.settings) = (!on, true);
                self.stage = Stage::Settings;
            }
            (Stage::Settings, Action::EnterReaderKey) => self.ask_for_reader_key(),
            (Stage::ReaderKey { reader, .. }, Action::ReaderKey(typed)) => {
                self.take_reader_key(reader, &typed);
            }
            (Stage::Settings, Action::Back | Action::Cancel) => self.stage = Stage::Choose,
            (Stage::PinPad { pad, problem }, Action::Digit(digit)) => {
                self.pin_digit(pad, problem, digit, now);
            }
            (Stage::PinPad { mut pad, problem }, Action::Erase) => {
                pad.erase();
                self.stage = Stage::PinPad { pad, problem };
            }
            (Stage::BirthDate { digits, problem, .. }, Action::Era(era)) => {
                self.birth_digits(era, digits, problem, now);
            }
            (Stage::BirthDate { era, mut digits, problem }, Action::Digit(digit)) => {
                if digit <= 9 && digits.len() < 6 {
                    digits.push(digit);
                    self.start_secret(now);
                }
                self.birth_digits(era, digits, problem, now);
            }
            (Stage::BirthDate { era, mut digits, problem }, Action::Erase) => {
                digits.pop();
                self.stage = Stage::BirthDate { era, digits, problem };
            }
            (Stage::NoPhoto, Action::GoOn | Action::Confirm) => self.await_card(None),
            (Stage::Exposed, Action::GoOn | Action::Confirm) => self.go_on_warned(),
            (Stage::NoPhoto | Stage::HoldCard { .. }, Action::Back) => self.ask(None),
            (Stage::LastTry(_), Action::GoOn | Action::Confirm) => {
                if let Some(patient) = &mut self.patient {
                    patient.last_try = true;
                }
                self.ask(None);
            }
            (
                Stage::Exposed | Stage::PinPad { .. } | Stage::BirthDate { .. } | Stage::LastTry(_),
                Action::Cancel | Action::Back | Action::Next,
            )
            | (Stage::NoPhoto | Stage::HoldCard { .. } | Stage::Waiting(For::Checking), Action::Cancel)
            | (Stage::Result { .. }, Action::Next | Action::Cancel | Action::Back | Action::Confirm) => {
                self.next_patient();
            }
            (Stage::Failed(failed), action) => self.after_failure(failed, &action, now),
            (here, _) => self.stage = here,
        }
    }

    fn enrol_typed(&mut self, account: &str, code: &SecretBytes, now: Now) {
        let Some(endpoint) = self.config.endpoint.clone() else {
            return self.fail(Failure::ServiceAddressInvalid, Way::SetUp, now);
        };
        let code = core::str::from_utf8(code.expose()).ok().and_then(|code| ActivationCode::parse(code).ok());
        let Some(code) = code else {
            return self.fail(Failure::CredentialsMalformed, Way::SetUp, now);
        };
        let code = SecretBytes::new(code.as_secret().expose().to_vec());
        let account = account.trim().to_owned();
        self.enrol(Enrolment { endpoint, account, code, institution: None });
    }

    fn enrol(&mut self, enrolment: Enrolment) {
        self.stage = Stage::Waiting(For::Enrolling);
        self.pending = Some(Job::Enrol { enrolment: Arc::new(enrolment), again: false });
    }

    fn choose_passcode(&mut self, first: Option<Passcode>, passcode: Passcode) {
        let mut problem = None;
        let first = match first {
            None => match judge(&passcode, self.config.login) {
                Ok(()) => Some(passcode),
                Err(weakness) => {
                    problem = Some(weakness);
                    None
                }
            },
            Some(first) => {
                let typed = SecretBytes::new(passcode.expose().as_bytes().to_vec());
                if let Some(device) = self.device.clone()
                    && typed.equals(first.expose().as_bytes())
                {
                    self.stage = Stage::Waiting(For::SavingPasscode);
                    self.pending = Some(Job::ChoosePasscode(device, passcode));
                    return;
                }
                problem = Some(Weakness::NotTheSame);
                None
            }
        };
        self.stage = Stage::ChoosePasscode { first, problem };
    }

    /// The attempt counts as wrong from here on; only a right one takes that back.
    fn attempt(&mut self, problem: Option<LogInProblem>, passcode: Passcode, now: Now) {
        self.stage = Stage::Locked { problem };
        if passcode.expose().is_empty() || now.steady < self.log_in_from || self.pending.is_some() {
            return;
        }
        if let Some(device) = &mut self.device
            && let Some(verifier) = &mut device.verifier
        {
            verifier.wrong = verifier.wrong.saturating_add(1);
            self.pending = Some(Job::LogIn(device.clone(), passcode));
            self.stage = Stage::Waiting(For::LoggingIn);
        }
    }

    fn choose(&mut self, method: Method, now: Now) {
        self.stage = Stage::Choose;
        if !self.offered().contains(&method) {
            return;
        }
        if let Some(session) = &mut self.session {
            session.challenge_failed = false;
        }
        self.patient = Some(Patient {
            method,
            form: self.status().and_then(|status| status.visual),
            consents: self.consents,
            began_at: now.steady,
            secret: None,
            secret_until: None,
            typed: None,
            last_try: false,
            warned: false,
            taken: false,
            reading: Reading::Unknown,
            losses: 0,
            interrupted: None,
            request: None,
        });
        self.ask(None);
    }

    /// From the first digit on, a secret has a minute.
    fn start_secret(&mut self, now: Now) {
        if let Some(patient) = &mut self.patient {
            patient.secret_until.get_or_insert(now.steady + SECRET_LIFE);
        }
    }

    fn pin_digit(&mut self, mut pad: DigitPad<4>, problem: Option<Failure>, digit: u8, now: Now) {
        if pad.push(digit).is_ok() {
            self.start_secret(now);
        }
        match pad.take().and_then(|digits| Pin::from_digits(*digits).ok()) {
            Some(pin) => self.hold(Secret::Pin(pin), now),
            None => self.stage = Stage::PinPad { pad, problem },
        }
    }

    fn birth_digits(
        &mut self,
        era: Era,
        digits: Zeroizing<Vec<u8>>,
        problem: Option<BirthProblem>,
        now: Now,
    ) {
        let Ok(six) = <[u8; 6]>::try_from(digits.as_slice()).map(Zeroizing::new) else {
            self.stage = Stage::BirthDate { era, digits, problem };
            return;
        };
        let ascii = Zeroizing::new(six.map(|digit| b'0' + digit));
        let today = self.today(now);
        let typed = Wareki::from_ascii(era, &ascii).map_err(|_| BirthProblem::NoSuchDay);
        let typed =
            typed.and_then(
                |birth| {
                    if birth.date() > today { Err(BirthProblem::Future) } else { Ok(birth.date()) }
                },
            );
        match (typed, BirthDigits::from_digits(*six)) {
            (Ok(birth), Ok(secret)) => {
                if let Some(patient) = &mut self.patient {
                    patient.typed = Some(birth);
                }
                self.hold(Secret::Birth(secret), now);
                if age(birth, today).is_some_and(|years| years < PHOTO_AGE) {
                    self.stage = Stage::NoPhoto;
                }
            }
            (typed, _) => {
                let problem = typed.err().or(Some(BirthProblem::NoSuchDay));
                self.stage = Stage::BirthDate { era, digits: Zeroizing::new(Vec::with_capacity(6)), problem };
            }
        }
    }

    fn after_failure(&mut self, failed: Failed, action: &Action, now: Now) {
        let early = failed.retry_from.is_some_and(|from| now.steady < from);
        match (failed.way, action) {
            (way, Action::Retry) if early => self.stage = Stage::Failed(Failed { way, ..failed }),
            (Way::Ask, Action::Retry) => self.ask(None),
            (Way::LastTry(failure), Action::Retry) => self.stage = Stage::LastTry(failure),
            (Way::Hold, Action::Retry) => {
                if failed.failure == Failure::ReaderNotTrusted {
                    self.try_reader_again();
                }
                self.await_card(None);
            }
            (Way::Send, Action::Retry) => self.send(now),
            (Way::Connect, Action::Retry) => {
                if let Some(session) = &mut self.session {
                    session.client = None;
                }
                self.stage = Stage::Waiting(For::Connecting);
            }
            (Way::SetUp, Action::Retry | Action::Back | Action::Cancel)
            | (Way::Enrol(_), Action::Back | Action::Cancel) => self.stage = Stage::SetUp,
            (Way::Enrol(enrolment), Action::Retry) => {
                self.stage = Stage::Waiting(For::Enrolling);
                self.pending = Some(Job::Enrol { enrolment, again: true });
            }
            (Way::Keep, Action::Retry) => {
                self.stage = Stage::Waiting(For::Enrolling);
                self.pending = self.device.clone().map(Job::KeepEnrolled);
            }
            (Way::ChoosePasscode, Action::Retry | Action::Back) => {
                self.stage = Stage::ChoosePasscode { first: None, problem: None };
            }
            (Way::LogIn, Action::Retry | Action::Back) => self.stage = Stage::Locked { problem: None },
            (Way::Settings(unsaved), Action::Retry | Action::Back) => {
                if matches!(action, Action::Retry) {
                    self.unsaved.again(unsaved);
                }
                self.stage = Stage::Settings;
            }
            (Way::Load, Action::Retry) => {
                self.stage = Stage::Waiting(For::Loading);
                self.pending = Some(Job::Load);
            }
            (Way::Wipe(because), Action::Retry) => self.wipe(because),
            (way, Action::Next | Action::Cancel | Action::Back) if self.has_choice(&way) => {
                self.next_patient();
            }
            (way, _) => self.stage = Stage::Failed(Failed { way, ..failed }),
        }
    }

    /// Whether the next patient can be called from a failure.
    pub(crate) fn has_choice(&self, way: &Way) -> bool {
        let connected = self.session.as_ref().is_some_and(|session| session.client.is_some());
        connected && !matches!(way, Way::Connect)
    }

    /// Sends the request, or sends it once more: the service answers the same request only once anew.
    pub(crate) fn send(&mut self, now: Now) {
        let client = self.session.as_ref().and_then(|session| session.client.clone());
        let request = self.patient.as_ref().and_then(|patient| patient.request.clone());
        match client.zip(request) {
            Some((client, request)) => {
                self.stage = Stage::Waiting(For::Checking);
                self.pending = Some(Job::Check(client, request));
            }
            None => self.fail(Failure::ChallengeExpired, Way::Ask, now),
        }
    }
}
