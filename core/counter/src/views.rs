//! The views, one function each.

use eligibility::Era;
use service::messages::VisualForm;

use crate::{
    Action, Failure, Language, LoginKind, Method,
    login::{MAX_WRONG, Verifier},
    render::{Page, Painter},
    screen::{
        Again, BirthDateView, Button, ChoosePasscodeView, ChooseView, DefaultChoice, EraChoice, Fact,
        HoldCardView, LanguageChoice, LastTryView, LogInView, MethodChoice, PinPadView, SetUpView,
        SettingsView, View, Weight,
    },
    state::{BirthProblem, LogInProblem},
    texts::texts,
};

impl Painter<'_> {
    pub(crate) fn by_login(&self, passcode: &'static str, password: &'static str) -> &'static str {
        match self.state.config.login {
            LoginKind::Passcode => passcode,
            LoginKind::Password => password,
        }
    }

    pub(crate) fn set_up(&self) -> View {
        let typed = self.state.config.endpoint.is_some();
        View::SetUp(SetUpView {
            text: self.text(if typed { "set-up-typed" } else { "set-up-link" }),
            typed,
            account_label: self.text("label-account"),
            code_label: self.text("label-code"),
            submit_label: self.text("button-enrol"),
            link_hint: self.text("set-up-link-hint"),
            replacing_hint: self.text("set-up-replacing"),
            footnote: self.text("set-up-footnote"),
        })
    }

    pub(crate) fn about_button(&self) -> Button {
        self.button("button-about", Action::About, Weight::Quiet)
    }

    pub(crate) fn choose_passcode(&self, again: bool, problem: Option<String>) -> View {
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

    pub(crate) fn log_in(&self, told: Option<LogInProblem>) -> View {
        let wrong = told == Some(LogInProblem::Wrong);
        let verifier = self.state.device.as_ref().and_then(|device| device.verifier.as_ref());
        let tries_left = verifier.map_or(MAX_WRONG, Verifier::tries_left);
        let wait_until = Some(self.state.log_in_from).filter(|until| *until > self.now.steady);
        let mut problem = Vec::new();
        if wrong {
            problem.push(self.text("log-in-wrong"));
        }
        if told == Some(LogInProblem::BiometricsChanged) {
            problem.push(self.text("log-in-biometrics-changed"));
        }
        if wrong || wait_until.is_some() {
            problem.push(self.texts.with("log-in-left", [("tries", tries_left.into())]));
        }
        if let Some(until) = wait_until {
            let left = until.saturating_sub(self.now.steady);
            let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
            problem.push(self.texts.with("log-in-wait", [("seconds", seconds.into())]));
        }
        let text = if self.is_passcode_due() {
            "log-in-passcode-due"
        } else {
            self.by_login("log-in-passcode", "log-in-password")
        };
        View::LogIn(LogInView {
            text: self.text(text),
            problem: (!problem.is_empty()).then(|| problem.join("\n")),
            tries_left,
            wait_until,
            digits: self.state.config.login == LoginKind::Passcode,
            submit_label: self.text("button-log-in"),
            biometrics: self.biometrics(),
        })
    }

    pub(crate) fn choose(&self) -> View {
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
            methods: self.state.offered().into_iter().map(choice).collect(),
            consent_label: self.text("consent-limit"),
            limit_amount: self.state.consents.limit_amount,
            footnote: self.text("choose-footnote"),
            offer: self.biometrics_offer(),
        })
    }

    pub(crate) fn birth_date(&self, era: Era, digits: &[u8], problem: Option<BirthProblem>) -> View {
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

    pub(crate) fn pin_pad(&self, typed: u8, problem: Option<Failure>) -> View {
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

    pub(crate) fn hold_card(&self, again: Option<Failure>) -> View {
        let ready = self.state.ready(self.now);
        let to_device = self.state.config.nfc && self.state.reader.is_none();
        let shown = again.is_some_and(|failure| self.shows_fallbacks(failure, &[]));
        let (fallbacks_label, fallbacks) = self.fallbacks(shown);
        View::HoldCard(HoldCardView {
            text: self.text(match (ready && self.reader_is_ready(), to_device) {
                (false, _) => "hold-not-ready",
                (true, true) => "hold-text-nfc",
                (true, false) => "hold-text",
            }),
            hint: self.text("hold-hint"),
            still: self.text("hold-still"),
            stages: ["stage-card", "stage-person", "stage-proof"].map(|name| self.text(name)).into(),
            reader: self.reader_fact(),
            reader_hint: self.reader_hint(),
            ready,
            again: again.map(|failure| Again { failure, text: failure.cause(self.language) }),
            fallbacks_label,
            fallbacks,
        })
    }

    pub(crate) fn last_try(&self, failure: Failure) -> Page {
        let pin = failure == Failure::PinLastTry;
        let method = if pin { Method::Pin } else { Method::Visual };
        let mut buttons = self.other_method(method, Weight::Other);
        let hint = failure.remedy(self.language);
        let hint = match (pin, buttons.is_empty()) {
            (true, false) => self.texts.with("last-try-by-staff", [("text", hint.into())]),
            _ => self.or_switch(hint, &buttons),
        };
        let (fallbacks_label, fallbacks) = self.fallbacks(self.shows_fallbacks(failure, &buttons));
        let text = failure.cause(self.language);
        let view = LastTryView { failure, text, hint, fallbacks_label, fallbacks };
        buttons.push(self.button("button-go-on", Action::GoOn, Weight::Other));
        buttons.push(self.button("button-cancel", Action::Cancel, Weight::Quiet));
        (if pin { "title-last-try" } else { "title-visual" }, View::LastTry(view), buttons)
    }

    /// The button for the other method, if it may be used on this device and over this reader.
    pub(crate) fn other_method(&self, method: Method, weight: Weight) -> Vec<Button> {
        let (other, name, action) = match method {
            Method::Pin => (Method::Visual, "button-use-visual", Action::UseVisual),
            Method::Visual => (Method::Pin, "button-use-pin", Action::UsePin),
        };
        let offered = self.state.patient.is_some() && self.state.offered().contains(&other);
        offered.then(|| self.button(name, action, weight)).into_iter().collect()
    }

    pub(crate) fn settings(&self) -> View {
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
            export: self.export_policy(),
            biometrics: self.biometrics_switch(),
            sounds: self.sounds_switch(),
            vibration: self.vibration_switch(),
            exposed_pin: self.exposed_pin(),
            reader: self.reader_view(),
            facts,
        })
    }
}

fn method_label(method: Method) -> &'static str {
    match method {
        Method::Visual => "method-visual",
        Method::Pin => "method-pin",
    }
}
