//! What the time and the state ask for: what is forgotten when, and what is to be done next.

use std::{sync::Arc, time::Duration};

use crate::{
    Failure,
    check::{Fresh, Party},
    job::Job,
    state::{For, Now, Stage, State, Way},
};

/// Nobody touched the counter for so long: it locks.
const IDLE: Duration = Duration::from_mins(5);
/// Nobody touched a result for so long: it is cleared.
const RESULT_IDLE: Duration = Duration::from_mins(1);
/// A result is cleared after so long, touched or not.
const RESULT_LIFE: Duration = Duration::from_mins(3);
/// What the service says of this device is asked again after so long.
const STATUS_LIFE: Duration = Duration::from_mins(15);

impl State {
    /// Time goes by.
    pub(crate) fn tick(&mut self, now: Now) {
        self.lock_if_idle(now);
        if self.clear_at().is_some_and(|at| now.steady >= at) {
            self.next_patient();
        }
        if self.forget_at().is_some_and(|at| now.steady >= at) {
            self.fail_quietly(Failure::SecretForgotten, now);
            self.ask(Some(Failure::SecretForgotten));
        }
        self.mind_link(now);
    }

    /// Locks when nobody touched the counter, or when it slept, for so long. A tap that is open changes nothing
    /// about that: its commands count as touches, and one that stands still holds nothing up.
    ///
    /// A wall clock that runs ahead of the steady one shows that the device slept and that its steady clock did not
    /// count that, or that somebody set it: both are a reason to lock.
    pub(crate) fn lock_if_idle(&mut self, now: Now) {
        let ahead = now.wall_ahead();
        let slept = ahead.saturating_sub(core::mem::replace(&mut self.wall_ahead, ahead)) >= IDLE;
        if self.session.is_some() && (slept || now.steady >= self.touched_at + IDLE) {
            self.lock(now);
        }
    }

    /// When the PIN or birth date, whole or in part, is forgotten, wherever it is.
    fn forget_at(&self) -> Option<Duration> {
        let patient = self.patient.as_ref()?;
        patient.secret_until.filter(|_| !(self.tapping && patient.taken))
    }

    /// When the result on the screen is cleared.
    pub(crate) fn clear_at(&self) -> Option<Duration> {
        match &self.stage {
            Stage::Result { shown_at, .. } => {
                let idle = self.touched_at.max(*shown_at) + RESULT_IDLE;
                Some(idle.min(*shown_at + RESULT_LIFE))
            }
            _ => None,
        }
    }

    /// The next moment at which something changes by itself.
    pub(crate) fn wake_at(&self, now: Now) -> Option<Duration> {
        let lock = self.session.is_some().then(|| self.touched_at + IDLE);
        let button = match &self.stage {
            Stage::Locked { .. } => Some(self.log_in_from),
            Stage::ConfirmForget { yes_from, .. } => Some(*yes_from),
            Stage::Failed(failed) => failed.retry_from,
            _ => None,
        };
        let challenge = self.serving(now).map(Fresh::serves_until).filter(|_| !self.tapping);
        let moments = [lock, self.clear_at(), button, self.forget_at(), challenge];
        moments.into_iter().flatten().filter(|at| *at > now.steady).min()
    }

    /// The challenge with which a tap may start now, or goes on.
    fn serving(&self, now: Now) -> Option<&Fresh> {
        let drafted = self.patient.as_ref()?.interrupted.as_ref().map(|(_, draft)| &draft.challenge);
        let kept = self.session.as_ref()?.challenge.as_ref();
        [drafted, kept].into_iter().flatten().find(|challenge| challenge.serves(now.steady))
    }

    /// Whether a tap can start.
    pub(crate) fn ready(&self, now: Now) -> bool {
        let awaited = matches!(self.stage, Stage::HoldCard { .. }) && !self.tapping;
        awaited && self.link_serves() && self.serving(now).is_some()
    }

    /// Who signs for whom.
    pub(crate) fn party(&self) -> Option<Party> {
        let session = self.session.as_ref()?;
        Some(Party {
            audience: self.device.as_ref()?.endpoint()?.audience(),
            device: session.client.as_ref()?.device_thumbprint()?,
            institution: session.status.as_ref()?.institution.code.clone(),
        })
    }

    /// What there is to do now, without doing it.
    fn job(&self, now: Now) -> Option<Job> {
        if let Some(session) = &self.session {
            let Some(client) = &session.client else {
                let connecting = matches!(self.stage, Stage::Waiting(For::Connecting));
                return self.device.clone().filter(|_| connecting).map(Job::Connect).or_else(|| self.chore());
            };
            if self.needs_challenge(now) {
                return Some(Job::Challenge(Arc::clone(client)));
            }
            if matches!(self.stage, Stage::Choose) {
                if now.steady >= session.status_tried_at + STATUS_LIFE {
                    return Some(Job::Status(Arc::clone(client)));
                }
                let due = session.status.as_ref().is_some_and(|status| status.now >= status.renew_at);
                // A challenge belongs to the certificate for which it was given: none is to outlive it.
                let free = session.challenge.as_ref().is_none_or(|challenge| !challenge.serves(now.steady));
                if let Some(device) = self.device.clone().filter(|_| due && free && !session.renewal_tried) {
                    return Some(Job::Renew(Arc::clone(client), device));
                }
            }
        }
        self.chore()
    }

    /// What is to be stored, in its own time.
    fn chore(&self) -> Option<Job> {
        let unread = match &self.stage {
            Stage::Failed(failed) => matches!(failed.way, Way::Load),
            stage => matches!(stage, Stage::Waiting(For::Loading)),
        };
        if unread {
            // It would be written over what is there.
            return None;
        }
        if self.unsaved.device && self.device.is_some() {
            return self.device.clone().map(Job::KeepDevice);
        }
        if self.unsaved.settings {
            return Some(Job::KeepSettings(self.settings.clone()));
        }
        if self.unsaved.login_key {
            return Some(Job::KeepLoginKey(self.login_key.clone()));
        }
        if self.unsaved.reader_keys && self.reader_keys_unread {
            return Some(Job::LoadReaderKeys);
        }
        if self.unsaved.reader_keys {
            return Some(Job::KeepReaderKeys(self.reader_keys.write()));
        }
        self.unsaved.journal.then(|| Job::KeepJournal(self.journal.clone()))
    }

    fn needs_challenge(&self, now: Now) -> bool {
        let Some(session) = &self.session else { return false };
        let soon = match self.stage {
            Stage::HoldCard { .. } => true,
            Stage::Exposed
            | Stage::PinPad { .. }
            | Stage::BirthDate { .. }
            | Stage::NoPhoto
            | Stage::LastTry(_) => !session.challenge_failed,
            _ => false,
        };
        soon && self.patient.is_some() && !self.tapping && self.serving(now).is_none()
    }

    /// Whether `Counter::run` has something to do.
    pub(crate) fn work(&self, now: Now) -> bool {
        !self.running && (self.pending.is_some() || self.job(now).is_some())
    }

    /// The next thing to do, taken.
    pub(crate) fn take_job(&mut self, now: Now) -> Option<Job> {
        let job = self.pending.take().or_else(|| self.job(now))?;
        // What changes from here on is stored the next time.
        match job {
            Job::KeepDevice(_) => self.unsaved.device = false,
            Job::KeepSettings(_) => self.unsaved.settings = false,
            Job::KeepReaderKeys(_) => self.unsaved.reader_keys = false,
            Job::KeepLoginKey(_) => self.unsaved.login_key = false,
            Job::KeepJournal(_) => self.unsaved.journal = false,
            _ => {}
        }
        Some(job)
    }
}
