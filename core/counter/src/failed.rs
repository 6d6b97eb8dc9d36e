//! What a failure offers: the next step, from when on, and the way round.

use service::messages::VisualForm;

use crate::{
    Action, Failure, Method, OtherWays,
    render::{Page, Painter},
    screen::{Button, FailureView, View, Weight},
    state::{Failed, Way},
};

impl Painter<'_> {
    pub(crate) fn failed(&self, failed: &Failed) -> Page {
        let failure = failed.failure;
        let code = self.texts.with("code", [("code", failure.code().into())]);
        let tries = failed.tries_left.map(|tries| match failure {
            Failure::BirthDateWrong => self.texts.with("birth-tries-left", [("tries", tries.into())]),
            _ => self.texts.with("pin-tries-left", [("tries", tries.into())]),
        });
        let helps = |method| other_method_helps(failure, method);
        let patient = self.state.patient.as_ref().filter(|patient| helps(patient.method));
        let weight = if matches!(failed.way, Way::None) { Weight::Main } else { Weight::Other };
        let other = patient.map(|patient| self.other_method(patient.method, weight)).unwrap_or_default();
        let (fallbacks_label, fallbacks) = self.fallbacks(self.shows_fallbacks(failure, &other));
        let view = FailureView {
            failure,
            code,
            cause: failure.cause(self.language),
            tries,
            remedy: self.or_switch(self.remedy(failed), &other),
            wait: self.wait(failed),
            fallbacks_label,
            fallbacks,
            help_desk: self.state.config.help_desk.clone(),
        };
        let from = failed.retry_from.unwrap_or_default();
        let retry = self.retry(failed).map(|name| self.button_from(from, name, Action::Retry, Weight::Main));
        let mut buttons: Vec<Button> = retry.into_iter().chain(other).collect();
        if self.state.has_choice(&failed.way) {
            // Where this patient can still be helped, leaving them is giving up.
            buttons.push(if buttons.is_empty() {
                self.button("button-next", Action::Next, Weight::Main)
            } else {
                self.button("button-cancel", Action::Cancel, Weight::Quiet)
            });
        }
        if must_be_enrolled_anew(failure) {
            let weight = if buttons.is_empty() { Weight::Main } else { Weight::Quiet };
            buttons.push(self.button("button-enrol-anew", Action::ForgetDevice, weight));
        }
        let title = if self.state.session.is_some() { "title-failure" } else { "title-problem" };
        (title, View::Failure(view), buttons)
    }

    /// The sentence that the other method may be used, where a button offers it.
    pub(crate) fn or_switch(&self, text: String, other: &[Button]) -> String {
        match other.first().map(|button| &button.action) {
            Some(Action::UseVisual) => self.texts.with("switch-to-visual", [("text", text.into())]),
            Some(Action::UsePin) => self.texts.with("switch-to-pin", [("text", text.into())]),
            _ => text,
        }
    }

    /// Whether the official other ways are shown with this failure, beside these buttons for the other method.
    pub(crate) fn shows_fallbacks(&self, failure: Failure, other: &[Button]) -> bool {
        let losses = self.state.patient.as_ref().map_or(0, |patient| patient.losses);
        // Without a log in there is no patient who waits.
        self.state.session.is_some()
            && match failure.other_ways() {
                OtherWays::Never => false,
                OtherWays::Repeated => losses > 1,
                OtherWays::Alone => other.is_empty(),
                OtherWays::Always => true,
            }
    }

    /// The official other ways with their label, if they are to be shown.
    pub(crate) fn fallbacks(&self, shown: bool) -> (Option<String>, Vec<String>) {
        let fallbacks = || (Some(self.text("fallbacks")), Failure::fallbacks(self.language));
        if shown { fallbacks() } else { (None, Vec::new()) }
    }

    /// The next step, with what follows from where Retry leads.
    fn remedy(&self, failed: &Failed) -> String {
        let remedy = failed.failure.remedy(self.language);
        let lost =
            matches!(failed.failure, Failure::Unreachable | Failure::TimedOut | Failure::AnswerUnreadable);
        match failed.way {
            Way::Send => self.texts.with("send-again", [("text", remedy.into())]),
            // A run that was given up leads back to the set-up, and the answer to it is lost as well.
            Way::Enrol(_) | Way::SetUp if lost => self.texts.with("enrol-again", [("text", remedy.into())]),
            _ => remedy,
        }
    }

    /// How long the service asked to wait, if it is not over.
    fn wait(&self, failed: &Failed) -> Option<String> {
        let left = failed.retry_from?.checked_sub(self.now.steady).filter(|left| !left.is_zero())?;
        let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
        Some(if seconds < 60 {
            self.texts.with("wait-seconds", [("seconds", seconds.into())])
        } else {
            self.texts.with("wait-minutes", [("minutes", seconds.div_ceil(60).into())])
        })
    }

    /// What stands on the button for Retry: what it does.
    fn retry(&self, failed: &Failed) -> Option<&'static str> {
        let types = self.state.patient.as_ref().is_some_and(|patient| {
            !matches!((patient.method, patient.form), (Method::Visual, Some(VisualForm::Attested)))
        });
        Some(match failed.way {
            Way::None => return None,
            Way::Ask | Way::LastTry(_) if types => "button-enter-again",
            Way::Ask | Way::LastTry(_) | Way::Hold => "button-hold-again",
            Way::Send => "button-send-again",
            Way::Connect => "button-connect-again",
            Way::Enrol(_) => "button-enrol-again",
            Way::SetUp | Way::ChoosePasscode | Way::LogIn | Way::Settings(_) => "button-back",
            Way::Keep | Way::Load | Way::Wipe(_) => "button-retry",
        })
    }
}

/// Whether the same patient may be confirmed the other way than by this method.
fn other_method_helps(failure: Failure, method: Method) -> bool {
    // The iPhone's card has no face that could be opened, and a PIN (reported, not seen).
    let phone = failure == Failure::SmartphoneCard && method == Method::Visual;
    let listed = matches!(
        failure,
        Failure::BirthDateOfAnotherEra
            | Failure::CardRecordUntrusted
            | Failure::CardRecordMismatch
            | Failure::CardChanged
            | Failure::LinkNotConfidential
            | Failure::PinWrong
            | Failure::PinBlocked
            | Failure::FaceAuthenticationCard
            | Failure::AskAgain
            | Failure::BirthDateWrong
            | Failure::BirthDateBlocked
            | Failure::MethodNotAllowed
    );
    phone || listed
}

/// Whether ending the registration and enrolling anew is what mends it.
fn must_be_enrolled_anew(failure: Failure) -> bool {
    matches!(
        failure,
        Failure::StateUnreadable
            | Failure::DeviceUnknown
            | Failure::DeviceCertificateRefused
            | Failure::DeviceCertificateExpired
            | Failure::DeviceKeyMissing
            | Failure::DeviceKeyDamaged
    )
}
