//! From where the counter stands to what is drawn.

use std::time::Duration;

use service::messages::VisualForm;

use crate::{
    Action, Failure, Language, Method, Screen,
    result_words::result_view,
    screen::{Button, ConfirmLinkView, Fact, Step, StepState, View, WaitingView, WarningView, Weight},
    state::{For, Now, Stage, State},
    texts::{Texts, texts},
};

/// A device whose clock is off by more says so.
const CLOCK_SLACK: u64 = 5 * 60;

/// The screen of this moment.
pub(crate) fn render(state: &State, now: Now) -> Screen {
    let painter = Painter { state, now, language: state.language(), texts: texts(state.language()) };
    let (title, view, buttons) = painter.page(&state.stage);
    let for_patient = match &state.stage {
        Stage::PinPad { .. } | Stage::HoldCard { .. } => true,
        Stage::LastTry(failure) => *failure == Failure::PinLastTry,
        _ => false,
    };
    let secure = matches!(
        state.stage,
        Stage::PinPad { .. }
            | Stage::BirthDate { .. }
            | Stage::Result { .. }
            | Stage::ChoosePasscode { .. }
            | Stage::ReaderKey { .. }
    );
    Screen {
        title: painter.texts.text(title),
        view,
        buttons,
        institution: painter.institution(),
        steps: painter.steps(),
        notices: painter.notices(),
        sandbox: painter.sandbox().then(|| painter.texts.text("sandbox")),
        language: painter.language,
        for_patient,
        secure: secure || matches!(state.stage, Stage::Locked { .. }),
        work: state.work(now),
        reconnect_reader: state.reconnects(),
        cue: painter.cue(),
        made_at: now.steady,
        wake_at: state.wake_at(now),
    }
}

/// The state, with the words to tell it.
pub(crate) struct Painter<'a> {
    pub(crate) state: &'a State,
    pub(crate) now: Now,
    pub(crate) language: Language,
    pub(crate) texts: &'static Texts,
}

/// Title, view and buttons.
pub(crate) type Page = (&'static str, View, Vec<Button>);

impl Painter<'_> {
    pub(crate) fn text(&self, name: &str) -> String {
        self.texts.text(name)
    }

    pub(crate) fn button(&self, name: &str, action: Action, weight: Weight) -> Button {
        Button { label: self.text(name), action, weight, enabled_at: None }
    }

    /// A button that does nothing before this moment.
    pub(crate) fn button_from(&self, from: Duration, name: &str, action: Action, weight: Weight) -> Button {
        let enabled_at = (from > self.now.steady).then_some(from);
        Button { enabled_at, ..self.button(name, action, weight) }
    }

    pub(crate) fn fact(&self, label: &str, value: &str) -> Fact {
        Fact { label: self.text(label), value: value.to_owned() }
    }

    fn page(&self, stage: &Stage) -> Page {
        match stage {
            Stage::SetUp => ("title-set-up", self.set_up(), vec![self.about_button()]),
            Stage::ConfirmLink(link) => {
                let view = ConfirmLinkView {
                    text: self.text("link-question"),
                    institution: self.fact("label-institution", &link.institution),
                    service: self.fact("label-service", &link.service.origin().ascii_serialization()),
                    replaces: link.replaces.as_ref().map(|account| {
                        let value =
                            self.texts.with("replaces-device", [("account", account.as_str().into())]);
                        self.fact("label-replaces", &value)
                    }),
                    footnote: self.text("link-footnote"),
                };
                let buttons = vec![
                    self.button("button-enrol", Action::Confirm, Weight::Main),
                    self.button("button-back", Action::Back, Weight::Quiet),
                ];
                ("title-set-up", View::ConfirmLink(view), buttons)
            }
            Stage::ChoosePasscode { first, problem } => {
                let again = first.is_some();
                let view = self.choose_passcode(again, problem.map(|weakness| self.text(weakness.text())));
                let back = again.then(|| self.button("button-back", Action::Back, Weight::Quiet));
                (self.by_login("title-passcode", "title-password"), view, back.into_iter().collect())
            }
            Stage::Locked { problem } => {
                let forget = self.by_login("button-passcode-forgotten", "button-password-forgotten");
                let forget = self.button(forget, Action::ForgetDevice, Weight::Quiet);
                ("title-log-in", self.log_in(*problem), vec![forget, self.about_button()])
            }
            Stage::Choose => {
                let buttons = vec![
                    self.button("button-settings", Action::Settings, Weight::Quiet),
                    self.button("button-lock", Action::Lock, Weight::Quiet),
                ];
                ("title-choose", self.choose(), buttons)
            }
            Stage::BirthDate { era, digits, problem } => {
                let mut buttons = self.other_method(Method::Visual, Weight::Other);
                buttons.push(self.button("button-cancel", Action::Cancel, Weight::Quiet));
                ("title-visual", self.birth_date(*era, digits, *problem), buttons)
            }
            Stage::NoPhoto => {
                let mut buttons = self.other_method(Method::Visual, Weight::Main);
                let hint = self.or_switch(self.text("no-photo-hint"), &buttons);
                let (fallbacks_label, fallbacks) = self.fallbacks(true);
                let view = WarningView { text: self.text("no-photo"), hint, fallbacks_label, fallbacks };
                buttons.push(self.button("button-has-photo", Action::GoOn, Weight::Other));
                buttons.push(self.button("button-cancel", Action::Cancel, Weight::Quiet));
                ("title-visual", View::Warning(view), buttons)
            }
            Stage::Exposed => self.exposed(),
            Stage::PinPad { pad, problem } => {
                let mut buttons = self.other_method(Method::Pin, Weight::Other);
                buttons.push(self.button("button-cancel", Action::Cancel, Weight::Quiet));
                let typed = u8::try_from(pad.len()).unwrap_or(4);
                ("title-pin-pad", self.pin_pad(typed, *problem), buttons)
            }
            Stage::HoldCard { again } => {
                let mut buttons = Vec::new();
                let typed = self.state.patient.as_ref().and_then(|patient| patient.secret_until);
                buttons.extend(typed.map(|_| self.button("button-type-again", Action::Back, Weight::Other)));
                buttons.push(self.button("button-cancel", Action::Cancel, Weight::Quiet));
                ("title-hold", self.hold_card(*again), buttons)
            }
            Stage::LastTry(failure) => self.last_try(*failure),
            Stage::Waiting(what) => {
                let cancel = matches!(what, For::Checking)
                    .then(|| self.button("button-cancel", Action::Cancel, Weight::Quiet));
                let view = WaitingView { text: self.text(waiting_text(*what)) };
                ("title-waiting", View::Waiting(view), cancel.into_iter().collect())
            }
            Stage::Result { response, method, .. } => {
                let clear_at = self.state.clear_at().unwrap_or(self.now.steady);
                let policy = self.state.settings.export;
                let view = result_view(response, *method, self.language, policy, clear_at, self.now.steady);
                let next = self.button("button-next", Action::Next, Weight::Main);
                ("title-result", View::Result(Box::new(view)), vec![next])
            }
            Stage::Failed(failed) => self.failed(failed),
            Stage::Settings => {
                let mut buttons = vec![self.button("button-done", Action::Back, Weight::Main)];
                buttons.extend(self.reader_key_button());
                buttons.push(self.about_button());
                buttons.push(self.button("button-forget-device", Action::ForgetDevice, Weight::Quiet));
                ("title-settings", self.settings(), buttons)
            }
            Stage::About { .. } => self.about(),
            Stage::ReaderKey { reader, problem } => self.reader_key(reader, *problem),
            Stage::ConfirmForget { yes_from, .. } => {
                let (fallbacks_label, fallbacks) = self.fallbacks(false);
                let (text, hint) = (self.text("forget"), self.text("forget-hint"));
                let view = WarningView { text, hint, fallbacks_label, fallbacks };
                let buttons = vec![
                    self.button("button-back", Action::Back, Weight::Main),
                    self.button_from(*yes_from, "button-forget-now", Action::Confirm, Weight::Other),
                ];
                ("title-forget", View::Warning(view), buttons)
            }
        }
    }

    pub(crate) fn institution(&self) -> Option<String> {
        let told = self.state.status().map(|status| status.institution.name.clone());
        told.or_else(|| self.state.device.as_ref()?.institution.clone())
    }

    fn sandbox(&self) -> bool {
        let device = self.state.device.as_ref().is_some_and(|device| device.sandbox);
        self.state.status().map_or(device, |status| status.sandbox)
    }

    /// Where a check stands, for the staff's side of a wide screen.
    fn steps(&self) -> Vec<Step> {
        let (at, typing) = match &self.state.stage {
            Stage::Choose => (0, true),
            Stage::BirthDate { .. }
            | Stage::NoPhoto
            | Stage::Exposed
            | Stage::PinPad { .. }
            | Stage::LastTry(_) => (1, true),
            Stage::HoldCard { .. } => (2, self.types()),
            Stage::Waiting(For::Checking) => (3, self.types()),
            Stage::Result { .. } => (3, true),
            _ => return Vec::new(),
        };
        let method = match &self.state.stage {
            Stage::Result { method, .. } => Some(*method),
            _ => self.state.patient.as_ref().map(|patient| patient.method),
        };
        let typed = match method {
            Some(Method::Visual) => "step-birth-date",
            Some(Method::Pin) => "step-pin",
            None => "step-confirm",
        };
        let names = ["step-choose", typed, "step-hold", "step-result"];
        let steps = names.into_iter().enumerate().filter(|(step, _)| typing || *step != 1);
        let state = |step: usize| match step.cmp(&at) {
            core::cmp::Ordering::Less => StepState::Done,
            core::cmp::Ordering::Equal => StepState::Now,
            core::cmp::Ordering::Greater => StepState::Later,
        };
        steps.map(|(step, name)| Step { label: self.text(name), state: state(step) }).collect()
    }

    /// Whether something is typed before the card is held.
    fn types(&self) -> bool {
        let form = self.state.patient.as_ref().map(|patient| (patient.method, patient.form));
        form != Some((Method::Visual, Some(VisualForm::Attested)))
    }

    /// Only on the screens between patients: nobody reads them with a patient in front.
    fn notices(&self) -> Vec<String> {
        let Some(status) = self.state.status().filter(|_| matches!(self.state.stage, Stage::Choose)) else {
            return Vec::new();
        };
        let mut notices: Vec<String> = status
            .notices
            .iter()
            .map(|notice| match self.language {
                Language::Ja => notice.ja.clone(),
                Language::En => notice.en.clone(),
            })
            .collect();
        let asked = self.state.session.as_ref().map_or(self.now.steady, |session| session.status_at);
        let since = i64::try_from(self.now.steady.saturating_sub(asked).as_secs()).unwrap_or(i64::MAX);
        let service = status.now.saturating_add(since);
        let off = self.now.wall.unix_timestamp().saturating_sub(service).unsigned_abs();
        if off > CLOCK_SLACK {
            notices.push(self.texts.with("clock-wrong", [("minutes", (off / 60).into())]));
        }
        notices.extend(self.reader_notices());
        notices
    }
}

fn waiting_text(what: For) -> &'static str {
    match what {
        For::Enrolling => "waiting-enrolling",
        For::SavingPasscode => "waiting-saving",
        For::LoggingIn => "waiting-logging-in",
        For::Connecting => "waiting-connecting",
        For::Checking => "waiting-checking",
        For::Wiping(_) => "waiting-wiping",
        For::Loading => "waiting-loading",
    }
}
