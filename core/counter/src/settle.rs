//! What comes of a job.

use service::{
    Error,
    messages::{CheckRequest, CheckResponse, DeviceStatus, Proof},
};

use zeroize::Zeroizing;

use crate::{
    Failure,
    check::Fresh,
    job::{Attempt, Job, Outcome, Scope},
    journal::{Entry, Event, Journal},
    keyring::Unlocked,
    login::{MAX_WRONG, delay},
    login_key::LoginKey,
    reader_keys::ReaderKeys,
    refusal::Refusal,
    state::{For, LogInProblem, Now, Reading, Session, Stage, State, Unsaved, Way},
    vault::{Device, READER_KEYS, Settings, Stored},
};

/// For which session and patient a job was begun.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ticket {
    scope: Scope,
    session: u64,
    patient: u64,
}

impl State {
    pub(crate) fn ticket(&self, scope: Scope) -> Ticket {
        Ticket { scope, session: self.session_number, patient: self.patient_number }
    }

    /// Whether what this ticket was given for still matters.
    pub(crate) fn matters(&self, ticket: Ticket) -> bool {
        let session = ticket.session == self.session_number;
        match ticket.scope {
            Scope::Device => true,
            Scope::Session => session,
            Scope::Patient => session && ticket.patient == self.patient_number,
        }
    }

    /// A job is done.
    pub(crate) fn settle(&mut self, outcome: Outcome, ticket: Ticket, now: Now) {
        if !self.matters(ticket) {
            return;
        }
        let same_session = ticket.session == self.session_number;
        match outcome {
            Outcome::Loaded(loaded) => self.loaded(loaded, now),
            Outcome::Enrolled(device, stored) => {
                self.device = Some(device);
                self.note(Entry::new(now.wall.unix_timestamp(), Event::Enrolled));
                self.kept_enrolled(stored, now);
            }
            Outcome::NotEnrolled(refusal, enrolment) => {
                let again = matches!(
                    refusal.failure,
                    Failure::Unreachable
                        | Failure::TimedOut
                        | Failure::AnswerUnreadable
                        | Failure::ServiceUnavailable
                        | Failure::ServiceFailed
                        | Failure::RateLimited
                        | Failure::DeviceKeyTimedOut
                );
                let way = if again { Way::Enrol(enrolment) } else { Way::SetUp };
                self.fail(refusal, way, now);
            }
            Outcome::KeptEnrolled(stored) => self.kept_enrolled(stored, now),
            Outcome::PasscodeChosen(Ok((device, key))) => {
                self.device = Some(device);
                if same_session {
                    self.log_in(key, Some(now.wall.unix_timestamp()), now);
                } else {
                    self.lock(now);
                }
            }
            Outcome::PasscodeChosen(Err(failure)) => self.fail(failure, Way::ChoosePasscode, now),
            Outcome::LoggedIn(Ok((device, attempt))) => self.logged_in(device, attempt, same_session, now),
            Outcome::LoggedIn(Err(failure)) => {
                // Nothing was checked, so nothing was learned: the attempt does not count.
                let verifier = self.device.as_mut().and_then(|device| device.verifier.as_mut());
                if let Some(verifier) = verifier {
                    verifier.wrong = verifier.wrong.saturating_sub(1);
                }
                self.fail(failure, Way::LogIn, now);
            }
            Outcome::LoginKeyChecked(opened) => self.login_key_checked(opened, same_session, now),
            Outcome::Connected(Ok((client, status))) => {
                if let Some(session) = &mut self.session {
                    session.client = Some(client);
                }
                self.learn(status, now);
                if self.methods().is_empty() {
                    self.fail(Failure::MethodNotAllowed, Way::Connect, now);
                } else {
                    self.stage = Stage::Choose;
                }
            }
            Outcome::Connected(Err(refusal)) => self.refused(refusal, now),
            Outcome::Status(Ok(status)) => self.learn(status, now),
            Outcome::Status(Err(failure)) => {
                if let Some(session) = &mut self.session {
                    session.status_tried_at = now.steady;
                }
                if concerns_the_device(failure) {
                    self.refused(failure, now);
                }
            }
            Outcome::Renewed(renewed) => {
                if let Some(session) = &mut self.session {
                    session.renewal_tried = true;
                }
                match renewed {
                    Ok((client, device)) => {
                        if let Some(session) = self.session.as_mut().filter(|_| same_session) {
                            session.client = Some(client);
                            // A challenge belongs to the device certificate that asked for it.
                            session.challenge = None;
                        }
                        self.device = Some(device);
                        self.note(Entry::new(now.wall.unix_timestamp(), Event::Renewed));
                    }
                    // The old certificate still serves; the next log in tries again.
                    Err(failure) => self.fail_quietly(failure, now),
                }
            }
            Outcome::Challenged(Ok((challenge, asked_at))) => match Fresh::new(challenge, asked_at) {
                Some(fresh) if fresh.serves(now.steady) => {
                    if let Some(session) = &mut self.session {
                        session.challenge = Some(fresh);
                    }
                }
                _ => self.no_challenge(Failure::AnswerUnreadable.into(), now),
            },
            Outcome::Challenged(Err(refusal)) => self.no_challenge(refusal, now),
            Outcome::Checked(Ok(response)) => self.checked(response, now),
            Outcome::Checked(Err(error)) => self.not_checked(error, now),
            Outcome::Wiped(Ok(()), because) => {
                self.device = None;
                self.settings = Settings::default();
                self.forget_reader_keys();
                self.login_key = None;
                self.journal = Journal::default();
                self.log_in_from = now.steady;
                self.note(Entry::new(now.wall.unix_timestamp(), Event::Wiped));
                match because {
                    Some(failure) => self.fail(failure, Way::SetUp, now),
                    None => self.stage = Stage::SetUp,
                }
            }
            Outcome::Wiped(Err(failure), because) => self.fail(failure, Way::Wipe(because), now),
            Outcome::KeptSettings(_, Ok(())) | Outcome::KeptForTheRecord => {}
            Outcome::KeptSettings(name, Err(failure)) => self.not_kept(name, failure, now),
            Outcome::ReaderKeysLoaded(loaded) => self.reader_keys_loaded(loaded, now),
        }
    }

    fn not_kept(&mut self, name: &'static str, failure: Failure, now: Now) {
        if matches!(self.stage, Stage::Settings) {
            self.fail(failure, Way::Settings(name), now);
        } else {
            self.fail_quietly(failure, now);
        }
    }

    /// The second look, before a key is stored. What is damaged then is written over: another look would change nothing.
    fn reader_keys_loaded(&mut self, loaded: Result<Option<Zeroizing<Vec<u8>>>, Failure>, now: Now) {
        match loaded {
            Err(failure) if failure != Failure::StorageFailed => {
                self.unsaved.reader_keys = false;
                self.not_kept(READER_KEYS, failure, now);
            }
            loaded => {
                self.reader_keys.add(loaded.ok().flatten());
                self.reader_keys_unread = false;
            }
        }
    }

    /// What the storage says of this device decides where the counter opens.
    pub(crate) fn loaded(&mut self, loaded: Result<Stored, Failure>, now: Now) {
        let stored = match loaded {
            Ok(stored) => stored,
            Err(failure) => return self.fail(failure, Way::Load, now),
        };
        let settings = match stored.settings {
            Ok(settings) => settings.map(|bytes| Settings::read(&bytes)).unwrap_or_default(),
            Err(_) => Settings::unreadable(),
        };
        // Somebody may have chosen another language meanwhile, to read what is wrong.
        let language = self.settings.language.or(settings.language);
        self.settings = Settings { language, ..settings };
        self.reader_keys_unread = stored.reader_keys.is_err();
        self.reader_keys =
            stored.reader_keys.ok().flatten().map(|bytes| ReaderKeys::read(&bytes)).unwrap_or_default();
        self.login_key = stored.login_key.and_then(|bytes| LoginKey::read(&bytes));
        let journal = stored.journal.map(|bytes| Journal::read(&bytes)).unwrap_or_default();
        for entry in core::mem::replace(&mut self.journal, journal).entries() {
            self.journal.push(*entry);
        }
        match stored.device.map(|bytes| Device::read(&bytes)) {
            None => self.stage = Stage::SetUp,
            Some(None) => self.fail(Failure::StateUnreadable, Way::None, now),
            Some(Some(device)) => {
                let wrong = device.verifier.as_ref().map(|verifier| verifier.wrong);
                self.device = Some(device);
                match wrong {
                    None => self.stage = Stage::ChoosePasscode { first: None, problem: None },
                    Some(wrong) => {
                        // The whole delay starts anew: a restart shortens nothing.
                        self.log_in_from = now.steady + delay(wrong);
                        self.stage = Stage::Locked { problem: None };
                        if wrong >= MAX_WRONG {
                            self.wipe(Some(Failure::TooManyAttempts));
                        }
                    }
                }
            }
        }
    }

    fn kept_enrolled(&mut self, stored: Result<(), Failure>, now: Now) {
        match stored {
            Ok(()) => self.stage = Stage::ChoosePasscode { first: None, problem: None },
            Err(failure) => self.fail(failure, Way::Keep, now),
        }
    }

    fn logged_in(&mut self, device: Device, attempt: Attempt, same_session: bool, now: Now) {
        let wrong = device.verifier.as_ref().map_or(0, |verifier| verifier.wrong);
        self.device = Some(device);
        match attempt {
            Attempt::Right(key) if same_session => {
                self.passcode_typed(now);
                return self.log_in(key, Some(now.wall.unix_timestamp()), now);
            }
            // Locked while the hash was being computed: right, and still locked.
            Attempt::Right(_) => {
                self.stage = Stage::Locked { problem: None };
                return;
            }
            Attempt::KeyRefused(error) => return self.fail(Failure::from(error), Way::LogIn, now),
            Attempt::Wrong => {}
        }
        self.note(Entry::new(now.wall.unix_timestamp(), Event::LogInRefused));
        self.log_in_from = now.steady + delay(wrong);
        self.stage = Stage::Locked { problem: Some(LogInProblem::Wrong) };
        if wrong >= MAX_WRONG {
            self.wipe(Some(Failure::TooManyAttempts));
        }
    }

    /// `passcode_at`: when the passcode was typed, if it was.
    pub(crate) fn log_in(&mut self, key: Unlocked, passcode_at: Option<i64>, now: Now) {
        self.session = Some(Session::new(key, passcode_at));
        self.session_number += 1;
        self.touched_at = now.steady;
        self.log_in_from = now.steady;
        self.note(Entry::new(now.wall.unix_timestamp(), Event::LoggedIn));
        self.stage = Stage::Waiting(For::Connecting);
    }

    fn learn(&mut self, status: DeviceStatus, now: Now) {
        if let Some(device) = &mut self.device {
            self.unsaved.device |= device.learn(&status);
        }
        if let Some(session) = &mut self.session {
            session.status = Some(status);
            (session.status_at, session.status_tried_at) = (now.steady, now.steady);
        }
    }

    /// The service, or this device's own key, does not let it work.
    fn refused(&mut self, refusal: impl Into<Refusal>, now: Now) {
        let refusal = refusal.into();
        if refusal.failure == Failure::DeviceRevoked {
            self.wipe(Some(refusal.failure));
            return;
        }
        self.fail_audibly(now);
        self.drop_patient();
        if let Some(session) = &mut self.session {
            session.client = None;
        }
        self.fail(refusal, Way::Connect, now);
    }

    /// Everything of this device is to go.
    pub(crate) fn wipe(&mut self, because: Option<Failure>) {
        self.session = None;
        self.session_number += 1;
        self.drop_patient();
        self.unsaved = Unsaved::default();
        self.stage = Stage::Waiting(For::Wiping(because));
        self.pending = Some(Job::Wipe(because));
    }

    fn no_challenge(&mut self, refusal: Refusal, now: Now) {
        if concerns_the_device(refusal.failure) {
            self.refused(refusal, now);
        } else if matches!(self.stage, Stage::HoldCard { .. }) {
            self.fail(refusal, Way::Hold, now);
        } else if let Some(session) = &mut self.session {
            // Nobody is disturbed while typing: it is asked again when the card is awaited.
            session.challenge_failed = true;
        }
    }

    fn checked(&mut self, response: Box<CheckResponse>, now: Now) {
        let entry = self.entry(Event::Checked, now);
        self.note(entry);
        let Some(method) = self.patient.as_ref().map(|patient| patient.method) else { return };
        self.drop_patient();
        self.stage = Stage::Result { response, method, shown_at: now.steady };
    }

    fn not_checked(&mut self, error: Error, now: Now) {
        let again = error.retryable();
        let refusal = Refusal::from(error);
        let failure = refusal.failure;
        let request = self.patient.as_ref().and_then(|patient| patient.request.as_deref());
        let short = request.is_some_and(leaves_out);
        if short && failure == Failure::CertificateNeeded {
            return self.read_rest(now);
        }
        let way = match failure {
            _ if concerns_the_device(failure) => return self.refused(refusal, now),
            _ if again => Way::Send,
            // Whether the service has decided is not known: the same request finds out.
            Failure::ServerUntrusted
            | Failure::AnswerUnreadable
            | Failure::DeviceKeyRefused
            | Failure::DeviceKeyTimedOut => Way::Send,
            Failure::ChallengeExpired
            | Failure::ChallengeUsed
            | Failure::ChallengeInvalid
            | Failure::RequestConflict
            | Failure::CardSignatureInvalid
            | Failure::CertificateNeeded
            | Failure::CertificateMalformed => Way::Ask,
            _ => Way::None,
        };
        if let Some(patient) = self.patient.as_mut().filter(|_| !matches!(way, Way::Send)) {
            patient.request = None;
            if short {
                // Whatever was wrong with the certificate that the service has: the card's own decides.
                patient.reading = Reading::Whole;
            }
        }
        self.fail(refusal, way, now);
    }

    /// The service has forgotten the certificate that it knew, and the card is held once more for the rest of it.
    ///
    /// The signature is still good, so neither PIN nor VERIFY is needed, for as long as its challenge serves; as with a
    /// PIN, that is a minute at most.
    fn read_rest(&mut self, now: Now) {
        self.fail_quietly(Failure::CertificateNeeded, now);
        self.fail_audibly(now);
        let Some(patient) = &mut self.patient else { return };
        patient.request = None;
        // The card took the PIN, so a try that was the last one is not any more.
        (patient.reading, patient.last_try) = (Reading::Whole, false);
        let challenge = patient.interrupted.as_ref().map(|(_, draft)| &draft.challenge);
        match challenge.filter(|challenge| challenge.serves(now.steady)).map(Fresh::serves_until) {
            Some(until) => {
                patient.secret_until = Some(until);
                self.await_card(Some(Failure::CertificateNeeded));
            }
            None => self.ask(Some(Failure::CertificateNeeded)),
        }
    }

    /// The shell gave `run` up in the middle of a job.
    pub(crate) fn given_up(&mut self, now: Now) {
        self.running = false;
        match &self.stage {
            Stage::Waiting(For::Enrolling) => self.fail(Failure::TimedOut, Way::SetUp, now),
            Stage::Waiting(For::SavingPasscode) => {
                self.stage = Stage::ChoosePasscode { first: None, problem: None };
            }
            Stage::Waiting(For::LoggingIn) => self.stage = Stage::Locked { problem: None },
            Stage::Waiting(For::Connecting) => self.fail(Failure::TimedOut, Way::Connect, now),
            Stage::Waiting(For::Checking) => self.fail(Failure::TimedOut, Way::Send, now),
            Stage::Waiting(For::Wiping(because)) => self.pending = Some(Job::Wipe(*because)),
            Stage::Waiting(For::Loading) => self.pending = Some(Job::Load),
            _ => {}
        }
    }
}

/// Whether a certificate, of the card or of its issuer's key, is named there and not carried.
fn leaves_out(request: &CheckRequest) -> bool {
    request.certificate_tag.is_some() || matches!(&request.proof, Proof::VisualProven { key_id: Some(_), .. })
}

/// What no other patient and no other method can mend.
fn concerns_the_device(failure: Failure) -> bool {
    matches!(
        failure,
        Failure::DeviceUnknown
            | Failure::DeviceSuspended
            | Failure::DeviceRevoked
            | Failure::DeviceCertificateRefused
            | Failure::DeviceCertificateExpired
            | Failure::DeviceKeyMissing
            | Failure::DeviceKeyDamaged
            | Failure::DeviceKeyNewer
    )
}
