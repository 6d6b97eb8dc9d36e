//! From where the counter stands to what is drawn.

use eligibility::Era;
use service::messages::VisualForm;

use crate::{
    Action, Failure, Language, LoginKind, Method, Screen,
    login::{MAX_WRONG, Verifier},
    result_view::result_view,
    screen::{
        Again, BirthDateView, Button, ChoosePasscodeView, ChooseView, ConfirmLinkView, DefaultChoice,
        EraChoice, Fact, FailureView, HoldCardView, LanguageChoice, LastTryView, LogInView, MethodChoice,
        PinPadView, SetUpView, SettingsView, Step, StepState, View, WaitingView, WarningView, Weight,
    },
    state::{BirthProblem, Failed, For, Now, Stage, State, Way},
    texts::{Texts, texts},
};

/// A device whose clock is off by more says so.
const CLOCK_SLACK: i64 = 5 * 60;

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
        Stage::PinPad { .. } | Stage::BirthDate { .. } | Stage::Result { .. } | Stage::ChoosePasscode { .. }
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
        made_at: now.steady,
        wake_at: state.wake_at(now),
    }
}

struct Painter<'a> {
    state: &'a State,
    now: Now,
    language: Language,
    texts: &'static Texts,
}

type Page = (&'static str, View, Vec<Button>);

impl Painter<'_> {
    fn text(&self, name: &str) -> String {
        self.texts.text(name)
    }

    fn button(&self, name: &str, action: Action, weight: Weight) -> Button {
        Button { label: self.text(name), action, weight }
    }

    fn fact(&self, label: &str, value: &str) -> Fact {
        Fact { label: self.text(label), value: value.to_owned() }
    }

    fn page(&self, stage: &Stage) -> Page {
        match stage {
            Stage::SetUp => ("title-set-up", self.set_up(), Vec::new()),
            Stage::ConfirmLink(link) => {
                let view = ConfirmLinkView {
                    text: self.text("link-question"),
                    institution: self.fact("label-institution", &link.institution),
                    service: self.fact("label-service", &link.service.origin().ascii_serialization()),
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
            Stage::Locked { wrong } => {
                let forget = self.button("button-forgotten", Action::ForgetDevice, Weight::Quiet);
                ("title-log-in", self.log_in(*wrong), vec![forget])
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
                let view = WarningView { text: self.text("no-photo"), hint: self.text("no-photo-hint") };
                let mut buttons = self.other_method(Method::Visual, Weight::Main);
                buttons.push(self.button("button-has-photo", Action::GoOn, Weight::Other));
                buttons.push(self.button("button-cancel", Action::Cancel, Weight::Quiet));
                ("title-visual", View::Warning(view), buttons)
            }
            Stage::PinPad { pad, problem } => {
                let mut buttons = self.other_method(Method::Pin, Weight::Other);
                buttons.push(self.button("button-cancel", Action::Cancel, Weight::Quiet));
                let typed = u8::try_from(pad.len()).unwrap_or(4);
                ("title-pin", self.pin_pad(typed, *problem), buttons)
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
                let view = result_view(response, *method, self.language, clear_at, self.now.steady);
                let next = self.button("button-next", Action::Next, Weight::Main);
                ("title-result", View::Result(Box::new(view)), vec![next])
            }
            Stage::Failed(failed) => self.failed(failed),
            Stage::Settings => {
                let buttons = vec![
                    self.button("button-done", Action::Back, Weight::Main),
                    self.button("button-forget", Action::ForgetDevice, Weight::Quiet),
                ];
                ("title-settings", self.settings(), buttons)
            }
            Stage::ConfirmForget(_) => {
                let view = WarningView { text: self.text("forget"), hint: self.text("forget-hint") };
                let buttons = vec![
                    self.button("button-back", Action::Back, Weight::Main),
                    self.button("button-forget-now", Action::Confirm, Weight::Other),
                ];
                ("title-forget", View::Warning(view), buttons)
            }
        }
    }

    fn by_login(&self, passcode: &'static str, password: &'static str) -> &'static str {
        match self.state.config.login {
            LoginKind::Passcode => passcode,
            LoginKind::Password => password,
        }
    }

    fn set_up(&self) -> View {
        let typed = self.state.config.endpoint.is_some();
        View::SetUp(SetUpView {
            text: self.text(if typed { "set-up-typed" } else { "set-up-link" }),
            typed,
            account_label: self.text("label-account"),
            code_label: self.text("label-code"),
            submit_label: self.text("button-enrol"),
            link_hint: self.text("set-up-link-hint"),
            footnote: self.text("set-up-footnote"),
        })
    }

    fn choose_passcode(&self, again: bool, problem: Option<String>) -> View {
        let text = if again {
            self.by_login("choose-passcode-again", "choose-password-again")
        } else {
            self.by_login("choose-passcode", "choose-password")
        };
        View::ChoosePasscode(ChoosePasscodeView {
            text: self.text(text),
            rule: self.text(self.by_login("rule-passcode", "rule-password")),
            warning: self.texts.with("wipe-warning", [("tries", MAX_WRONG.into())]),
            problem,
            digits: self.state.config.login == LoginKind::Passcode,
            again,
            submit_label: self.text("button-set"),
        })
    }

    fn log_in(&self, wrong: bool) -> View {
        let verifier = self.state.device.as_ref().and_then(|device| device.verifier.as_ref());
        let tries_left = verifier.map_or(MAX_WRONG, Verifier::tries_left);
        let wait_until = Some(self.state.log_in_from).filter(|until| *until > self.now.steady);
        let mut problem = Vec::new();
        if wrong {
            problem.push(self.text("log-in-wrong"));
        }
        if wrong || wait_until.is_some() {
            problem.push(self.texts.with("log-in-left", [("tries", tries_left.into())]));
        }
        if let Some(until) = wait_until {
            let left = until.saturating_sub(self.now.steady);
            let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
            problem.push(self.texts.with("log-in-wait", [("seconds", seconds.into())]));
        }
        View::LogIn(LogInView {
            text: self.text(self.by_login("log-in-passcode", "log-in-password")),
            problem: (!problem.is_empty()).then(|| problem.join("\n")),
            tries_left,
            wait_until,
            digits: self.state.config.login == LoginKind::Passcode,
            submit_label: self.text("button-log-in"),
        })
    }

    fn choose(&self) -> View {
        let form = self.state.status().and_then(|status| status.visual);
        let choice = |method: Method| MethodChoice {
            method,
            label: self.text(method_label(method)),
            text: self.text(match (method, form) {
                (Method::Pin, _) => "method-pin-text",
                (Method::Visual, Some(VisualForm::Attested)) => "method-attested-text",
                (Method::Visual, _) => "method-visual-text",
            }),
            usual: (self.state.settings.method == Some(method)).then(|| self.text("usual-method")),
        };
        View::Choose(ChooseView {
            text: self.text("choose-method"),
            methods: self.state.methods().into_iter().map(choice).collect(),
            consent_label: self.text("consent-limit"),
            limit_amount: self.state.consents.limit_amount,
            footnote: self.text("choose-footnote"),
        })
    }

    fn birth_date(&self, era: Era, digits: &[u8], problem: Option<BirthProblem>) -> View {
        let eras = Era::ALL.into_iter().filter(|era| *era != Era::Meiji).map(|choice| EraChoice {
            era: choice,
            label: match self.language {
                Language::Ja => choice.text().ja.to_owned(),
                Language::En => choice.text().en.to_owned(),
            },
            chosen: choice == era,
        });
        let pairs = digits.chunks(2).map(|pair| pair.iter().map(|digit| char::from(b'0' + digit)).collect());
        let problem = problem.map(|problem| match problem {
            BirthProblem::NoSuchDay => self.text("birth-no-such-day"),
            BirthProblem::Future => self.text("birth-future"),
            BirthProblem::Forgotten => Failure::SecretForgotten.cause(self.language),
        });
        let last_try = self.state.patient.as_ref().is_some_and(|patient| patient.last_try);
        View::BirthDate(BirthDateView {
            text: self.text("birth-text"),
            hint: self.text("birth-hint"),
            eras: eras.collect(),
            typed: pairs.collect::<Vec<String>>().join("・"),
            problem: problem.or_else(|| last_try.then(|| self.text("birth-last-try"))),
            erase_label: self.text("button-erase"),
        })
    }

    fn pin_pad(&self, typed: u8, problem: Option<Failure>) -> View {
        let last_try = self.state.patient.as_ref().is_some_and(|patient| patient.last_try);
        let problem = problem.map(|failure| failure.cause(self.language));
        View::PinPad(PinPadView {
            text: self.text("pin-text"),
            hint: self.text("pin-hint"),
            typed,
            of: 4,
            problem: problem.or_else(|| last_try.then(|| self.text("pin-last-try"))),
            erase_label: self.text("button-erase"),
        })
    }

    fn hold_card(&self, again: Option<Failure>) -> View {
        let ready = self.state.ready(self.now);
        View::HoldCard(HoldCardView {
            text: self.text(if ready { "hold-text" } else { "hold-not-ready" }),
            hint: self.text("hold-hint"),
            still: self.text("hold-still"),
            stages: ["stage-card", "stage-person", "stage-proof"].map(|name| self.text(name)).into(),
            ready,
            again: again.map(|failure| Again { failure, text: failure.cause(self.language) }),
        })
    }

    fn last_try(&self, failure: Failure) -> Page {
        let pin = failure == Failure::PinLastTry;
        let view =
            LastTryView { failure, text: failure.cause(self.language), hint: failure.remedy(self.language) };
        let method = if pin { Method::Pin } else { Method::Visual };
        let mut buttons = self.other_method(method, Weight::Other);
        buttons.push(self.button("button-go-on", Action::GoOn, Weight::Other));
        buttons.push(self.button("button-cancel", Action::Cancel, Weight::Quiet));
        (if pin { "title-pin" } else { "title-visual" }, View::LastTry(view), buttons)
    }

    /// The button for the other method, if this device may use it.
    fn other_method(&self, method: Method, weight: Weight) -> Vec<Button> {
        let (other, name, action) = match method {
            Method::Pin => (Method::Visual, "button-use-visual", Action::UseVisual),
            Method::Visual => (Method::Pin, "button-use-pin", Action::UsePin),
        };
        let offered = self.state.patient.is_some() && self.state.methods().contains(&other);
        offered.then(|| self.button(name, action, weight)).into_iter().collect()
    }

    fn failed(&self, failed: &Failed) -> Page {
        let failure = failed.failure;
        let code = self.texts.with("code", [("code", failure.code().into())]);
        let tries = failed.tries_left.map(|tries| match failure {
            Failure::BirthDateWrong => self.texts.with("birth-tries-left", [("tries", tries.into())]),
            _ => self.texts.with("pin-tries-left", [("tries", tries.into())]),
        });
        let view = FailureView {
            failure,
            code,
            cause: failure.cause(self.language),
            tries,
            remedy: failure.remedy(self.language),
            fallbacks: failure.fallbacks(self.language),
            help_desk: self.state.config.help_desk.clone(),
        };
        let retry = match failed.way {
            Way::None => None,
            Way::Ask | Way::LastTry(_) if failure == Failure::PinWrong => Some("button-pin-again"),
            Way::Hold => Some("button-hold-again"),
            Way::SetUp | Way::ChoosePasscode | Way::LogIn | Way::Settings => Some("button-back"),
            _ => Some("button-retry"),
        };
        let mut buttons: Vec<Button> =
            retry.map(|name| self.button(name, Action::Retry, Weight::Main)).into_iter().collect();
        if let Some(patient) = self.state.patient.as_ref().filter(|_| other_method_helps(failure)) {
            let weight = if buttons.is_empty() { Weight::Main } else { Weight::Other };
            buttons.extend(self.other_method(patient.method, weight));
        }
        if self.state.has_choice(&failed.way) {
            let weight = if buttons.is_empty() { Weight::Main } else { Weight::Quiet };
            buttons.push(self.button("button-next", Action::Next, weight));
        }
        if must_be_enrolled_anew(failure) {
            let weight = if buttons.is_empty() { Weight::Main } else { Weight::Quiet };
            buttons.push(self.button("button-forget", Action::ForgetDevice, weight));
        }
        ("title-failure", View::Failure(view), buttons)
    }

    fn settings(&self) -> View {
        let chosen = self.state.settings.method;
        let languages = Language::ALL.map(|language| LanguageChoice {
            language,
            label: texts(language).text("language-name"),
            chosen: language == self.language,
        });
        let methods = [None, Some(Method::Visual), Some(Method::Pin)].map(|method| DefaultChoice {
            method,
            label: self.text(method.map_or("no-usual-method", method_label)),
            chosen: method == chosen,
        });
        let mut facts: Vec<Fact> =
            self.institution().iter().map(|name| self.fact("label-institution", name)).collect();
        facts.extend(self.state.device.as_ref().map(|device| self.fact("label-service", device.service())));
        facts.extend(self.state.config.help_desk.as_ref().map(|desk| self.fact("label-help-desk", desk)));
        View::Settings(SettingsView {
            language_label: self.text("label-language"),
            languages: languages.into(),
            method_label: self.text("label-usual-method"),
            methods: methods.into(),
            facts,
        })
    }

    fn institution(&self) -> Option<String> {
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
            Stage::BirthDate { .. } | Stage::NoPhoto | Stage::PinPad { .. } | Stage::LastTry(_) => (1, true),
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
        let off = self.now.wall.unix_timestamp() - status.now.saturating_add(since);
        if off.abs() > CLOCK_SLACK {
            notices.push(self.texts.with("clock-wrong", [("minutes", (off.abs() / 60).into())]));
        }
        notices
    }
}

fn method_label(method: Method) -> &'static str {
    match method {
        Method::Visual => "method-visual",
        Method::Pin => "method-pin",
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

/// Whether the same patient may be confirmed the other way.
fn other_method_helps(failure: Failure) -> bool {
    matches!(
        failure,
        Failure::BirthDateOfAnotherEra
            | Failure::CardRecordUntrusted
            | Failure::CardRecordMismatch
            | Failure::CardChanged
            | Failure::PinWrong
            | Failure::PinBlocked
            | Failure::FaceAuthenticationCard
            | Failure::AskAgain
            | Failure::BirthDateWrong
            | Failure::BirthDateBlocked
            | Failure::MethodNotAllowed
    )
}

/// Whether ending the registration and enrolling anew is what mends it.
fn must_be_enrolled_anew(failure: Failure) -> bool {
    matches!(
        failure,
        Failure::StateUnreadable
            | Failure::DeviceUnknown
            | Failure::DeviceCertificateRefused
            | Failure::DeviceKeyMissing
    )
}
