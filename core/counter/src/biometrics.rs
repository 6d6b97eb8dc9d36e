//! Logging in by biometrics: whose key opens the counter, what it signs, and when the passcode is asked all the same.
//!
//! The login key lies in the platform's hardware and signs after a good finger or face only. What is kept here is its
//! public key. Biometrics spare the passcode; they never take its place for good: after wrong passcodes, and every week,
//! it is the passcode that opens.

use crate::{
    LoginKind,
    job::Job,
    journal::{Entry, Event},
    keyring::Unlocked,
    login::delay,
    login_key::{LogInMessage, LoginKey, PUBLIC_KEY},
    render::Painter,
    screen::{BiometricsOffer, BiometricsView, SwitchView},
    state::{For, LogInProblem, Now, Stage, State},
};

/// So many messages are remembered that were withdrawn.
const WITHDRAWN: usize = 4;

impl State {
    /// Whether biometrics are a way to log in on this device at all. Where the passcode seals the device key, nothing
    /// else could open it.
    fn has_biometrics(&self) -> bool {
        self.config.biometrics && self.config.login == LoginKind::Passcode
    }

    /// The key with which somebody may log in now.
    fn login_key_that_serves(&self, now: Now) -> Option<&LoginKey> {
        let key = self
            .login_key
            .as_ref()
            .filter(|key| self.has_biometrics() && !key.is_passcode_due(now.wall.unix_timestamp()))?;
        let verifier = self.device.as_ref()?.verifier.as_ref()?;
        // Somebody guesses the passcode: whoever knows it shows that, before a finger serves again.
        delay(verifier.wrong).is_zero().then_some(key)
    }

    /// Somebody was recognised by the device. Whether its key says so is found out by a job.
    pub(crate) fn log_in_by_biometrics(
        &mut self,
        problem: Option<LogInProblem>,
        signature: Vec<u8>,
        now: Now,
    ) {
        self.stage = Stage::Locked { problem };
        let Some(key) = self.login_key_that_serves(now).cloned().filter(|_| self.pending.is_none()) else {
            return;
        };
        // A finger that was asked for before the app was left opens nothing while nobody looks, and is no other key's.
        if self.withdrawn_messages.iter().any(|message| key.signed(message, &signature)) {
            return;
        }
        // Used up, whatever comes of it.
        let message = core::mem::replace(&mut self.log_in_message, LogInMessage::fresh());
        self.pending = Some(Job::CheckLoginKey { key, message, signature });
        self.stage = Stage::Waiting(For::LoggingIn);
    }

    /// The app left the foreground while somebody may have a finger on the sensor.
    pub(crate) fn withdraw_log_in_message(&mut self) {
        // Whoever leaves more often than that has no prompt open from the first time.
        self.withdrawn_messages.truncate(WITHDRAWN - 1);
        let message = core::mem::replace(&mut self.log_in_message, LogInMessage::fresh());
        self.withdrawn_messages.insert(0, message);
    }

    /// What became of that. A wrong signature is another key's, because a device signs for nobody whom it does not
    /// recognise: the key is forgotten, and no attempt with the passcode is counted for it.
    pub(crate) fn login_key_checked(&mut self, opened: Option<Unlocked>, same_session: bool, now: Now) {
        match opened {
            Some(key) if same_session => self.log_in(key, None, now),
            // Locked in the meantime: right, and still locked.
            Some(_) => self.stage = Stage::Locked { problem: None },
            None => {
                self.note(Entry::new(now.wall.unix_timestamp(), Event::LogInRefused));
                self.stage = Stage::Locked { problem: None };
                self.biometrics_changed();
            }
        }
    }

    /// The login key is good for nothing any more: fingers or faces were added to the device, or all were removed.
    pub(crate) fn biometrics_changed(&mut self) {
        if self.forget_login_key() {
            // It is offered again: whoever used it wants it back.
            self.settings.without_biometrics = false;
            self.unsaved.settings = true;
            if let Stage::Locked { problem } = &mut self.stage {
                *problem = Some(LogInProblem::BiometricsChanged);
            }
        }
    }

    /// Whether there was one.
    fn forget_login_key(&mut self) -> bool {
        let there = self.login_key.take().is_some();
        self.unsaved.login_key |= there;
        there
    }

    /// Whoever switches biometrics on has typed the passcode to get here: a finger makes no way for another one.
    pub(crate) fn enable_biometrics(&mut self, public_key: &[u8; PUBLIC_KEY]) {
        let passcode_at = self.session.as_ref().and_then(|session| session.passcode_at);
        let key = passcode_at.and_then(|at| LoginKey::new(public_key, at));
        if let Some(key) = key.filter(|_| self.has_biometrics()) {
            (self.login_key, self.unsaved.login_key) = (Some(key), true);
            self.settings.without_biometrics = false;
            self.unsaved.settings = true;
        }
    }

    /// Switched off, or not wanted in the first place: then they are not offered again.
    pub(crate) fn disable_biometrics(&mut self) {
        self.forget_login_key();
        self.settings.without_biometrics = true;
        self.unsaved.settings = true;
    }

    /// The passcode was typed, and was right: it is not due for another week.
    pub(crate) fn passcode_typed(&mut self, now: Now) {
        if let Some(key) = &mut self.login_key {
            key.passcode_at = now.wall.unix_timestamp();
            self.unsaved.login_key = true;
        }
    }
}

impl Painter<'_> {
    /// On the log-in screen.
    pub(crate) fn biometrics(&self) -> Option<BiometricsView> {
        self.state.login_key_that_serves(self.now)?;
        Some(BiometricsView {
            label: self.text("button-biometrics"),
            prompt_title: self.text("biometrics-prompt-title"),
            prompt_text: self.text("biometrics-prompt-text"),
            cancel_label: self.text("biometrics-prompt-cancel"),
            message: self.state.log_in_message.as_bytes().to_vec(),
        })
    }

    /// Whether the passcode is asked for although biometrics are switched on.
    pub(crate) fn is_passcode_due(&self) -> bool {
        let key = self.state.login_key.as_ref().filter(|_| self.state.has_biometrics());
        key.is_some_and(|key| key.is_passcode_due(self.now.wall.unix_timestamp()))
    }

    /// After a log in by passcode, until somebody says yes or no.
    pub(crate) fn biometrics_offer(&self) -> Option<BiometricsOffer> {
        let asked = self.state.settings.without_biometrics || self.state.login_key.is_some();
        (self.may_enable_biometrics() && !asked).then(|| BiometricsOffer {
            text: self.text("offer-biometrics"),
            accept_label: self.text("button-offer-accept"),
            decline_label: self.text("button-offer-decline"),
        })
    }

    /// In the settings.
    pub(crate) fn biometrics_switch(&self) -> Option<SwitchView> {
        let on = self.state.login_key.is_some();
        let enabled = on || self.may_enable_biometrics();
        self.state.has_biometrics().then(|| SwitchView {
            label: self.text("label-biometrics"),
            hint: Some(self.text(if enabled { "biometrics-hint" } else { "biometrics-by-passcode" })),
            on,
            enabled,
        })
    }

    fn may_enable_biometrics(&self) -> bool {
        let session = self.state.session.as_ref();
        self.state.has_biometrics() && session.is_some_and(|session| session.passcode_at.is_some())
    }
}
