//! What a shell draws.

use std::time::Duration;

use counter::{
    AboutView, Action, Again, BiometricsOffer, BiometricsView, BirthDateView, Button, ChoosePasscodeView,
    ChooseView, ConfirmLinkView, Cue, CueKind, DefaultChoice, Era, EraChoice, ExportPolicyView, ExposedPin,
    ExposedPinChoice, ExposedPinView, Fact, Failure, FailureView, HoldCardView, Language, LanguageChoice,
    LastTryView, LogInView, Method, MethodChoice, PinPadView, ReaderKeyView, ReaderView, ResultView, Screen,
    SetUpView, SettingsView, Step, StepState, SwitchView, View, WaitingView, WarningView, Weight,
};

#[uniffi::remote(Record)]
pub struct Screen {
    pub view: View,
    pub title: String,
    pub buttons: Vec<Button>,
    pub institution: Option<String>,
    pub steps: Vec<Step>,
    pub notices: Vec<String>,
    pub sandbox: Option<String>,
    pub language: Language,
    pub for_patient: bool,
    pub secure: bool,
    pub work: bool,
    pub cue: Option<Cue>,
    pub reconnect_reader: bool,
    pub made_at: Duration,
    pub wake_at: Option<Duration>,
}

#[uniffi::remote(Record)]
pub struct Cue {
    pub number: u64,
    pub kind: CueKind,
    pub sound: bool,
    pub vibration: bool,
}

#[uniffi::remote(Enum)]
pub enum CueKind {
    CardDone,
    Failure,
}

#[uniffi::remote(Record)]
#[uniffi(name = "ScreenButton")]
pub struct Button {
    pub label: String,
    pub action: Action,
    pub weight: Weight,
    pub enabled_at: Option<Duration>,
}

#[uniffi::remote(Enum)]
pub enum Weight {
    Main,
    Other,
    Quiet,
}

#[uniffi::remote(Record)]
pub struct Step {
    pub label: String,
    pub state: StepState,
}

#[uniffi::remote(Enum)]
pub enum StepState {
    Done,
    Now,
    Later,
}

#[uniffi::remote(Enum)]
#[uniffi(name = "Page")]
pub enum View {
    SetUp(#[uniffi(name = "view")] SetUpView),
    ConfirmLink(#[uniffi(name = "view")] ConfirmLinkView),
    ChoosePasscode(#[uniffi(name = "view")] ChoosePasscodeView),
    LogIn(#[uniffi(name = "view")] LogInView),
    Choose(#[uniffi(name = "view")] ChooseView),
    BirthDate(#[uniffi(name = "view")] BirthDateView),
    PinPad(#[uniffi(name = "view")] PinPadView),
    Warning(#[uniffi(name = "view")] WarningView),
    HoldCard(#[uniffi(name = "view")] HoldCardView),
    Waiting(#[uniffi(name = "view")] WaitingView),
    LastTry(#[uniffi(name = "view")] LastTryView),
    Result(#[uniffi(name = "view")] Box<ResultView>),
    Failure(#[uniffi(name = "view")] FailureView),
    Settings(#[uniffi(name = "view")] SettingsView),
    ReaderKey(#[uniffi(name = "view")] ReaderKeyView),
    About(#[uniffi(name = "view")] AboutView),
}

#[uniffi::remote(Record)]
pub struct SetUpView {
    pub text: String,
    pub typed: bool,
    pub account_label: String,
    pub code_label: String,
    pub submit_label: String,
    pub link_hint: String,
    pub replacing_hint: String,
    pub footnote: String,
}

#[uniffi::remote(Record)]
pub struct ConfirmLinkView {
    pub text: String,
    pub institution: Fact,
    pub service: Fact,
    pub replaces: Option<Fact>,
    pub footnote: String,
}

#[uniffi::remote(Record)]
pub struct Fact {
    pub label: String,
    pub value: String,
}

#[uniffi::remote(Record)]
pub struct ChoosePasscodeView {
    pub text: String,
    pub rule: String,
    pub warning: String,
    pub problem: Option<String>,
    pub digits: bool,
    pub again: bool,
    pub submit_label: String,
}

#[uniffi::remote(Record)]
pub struct LogInView {
    pub text: String,
    pub problem: Option<String>,
    pub tries_left: u8,
    pub wait_until: Option<Duration>,
    pub digits: bool,
    pub submit_label: String,
    pub biometrics: Option<BiometricsView>,
}

#[uniffi::remote(Record)]
pub struct BiometricsView {
    pub label: String,
    pub prompt_title: String,
    pub prompt_text: String,
    pub cancel_label: String,
    pub message: Vec<u8>,
}

#[uniffi::remote(Record)]
pub struct ChooseView {
    pub text: String,
    pub methods: Vec<MethodChoice>,
    pub consent_label: String,
    pub limit_amount: bool,
    pub footnote: String,
    pub offer: Option<BiometricsOffer>,
}

#[uniffi::remote(Record)]
pub struct BiometricsOffer {
    pub text: String,
    pub accept_label: String,
    pub decline_label: String,
}

#[uniffi::remote(Record)]
pub struct MethodChoice {
    pub method: Method,
    pub label: String,
    pub text: String,
    pub usual: Option<String>,
}

#[uniffi::remote(Record)]
pub struct BirthDateView {
    pub text: String,
    pub hint: String,
    pub eras: Vec<EraChoice>,
    pub typed: String,
    pub problem: Option<String>,
    pub erase_label: String,
}

#[uniffi::remote(Record)]
pub struct EraChoice {
    pub era: Era,
    pub label: String,
    pub chosen: bool,
}

#[uniffi::remote(Record)]
pub struct PinPadView {
    pub text: String,
    pub hint: String,
    pub typed: u8,
    pub of: u8,
    pub problem: Option<String>,
    pub erase_label: String,
}

#[uniffi::remote(Record)]
pub struct WarningView {
    pub text: String,
    pub hint: String,
    pub fallbacks_label: Option<String>,
    pub fallbacks: Vec<String>,
}

#[uniffi::remote(Record)]
pub struct HoldCardView {
    pub text: String,
    pub hint: String,
    pub still: String,
    pub stages: Vec<String>,
    pub reader: Option<Fact>,
    pub reader_hint: Option<String>,
    pub ready: bool,
    pub again: Option<Again>,
    pub fallbacks_label: Option<String>,
    pub fallbacks: Vec<String>,
}

#[uniffi::remote(Record)]
pub struct Again {
    pub failure: Failure,
    pub text: String,
}

#[uniffi::remote(Record)]
pub struct WaitingView {
    pub text: String,
}

#[uniffi::remote(Record)]
pub struct LastTryView {
    pub failure: Failure,
    pub text: String,
    pub hint: String,
    pub fallbacks_label: Option<String>,
    pub fallbacks: Vec<String>,
}

#[uniffi::remote(Record)]
pub struct FailureView {
    pub failure: Failure,
    pub code: String,
    pub cause: String,
    pub tries: Option<String>,
    pub remedy: String,
    pub wait: Option<String>,
    pub fallbacks_label: Option<String>,
    pub fallbacks: Vec<String>,
    pub help_desk: Option<String>,
}

#[uniffi::remote(Record)]
pub struct SettingsView {
    pub language_label: String,
    pub languages: Vec<LanguageChoice>,
    pub method_label: String,
    pub methods: Vec<DefaultChoice>,
    pub biometrics: Option<SwitchView>,
    pub export: ExportPolicyView,
    pub sounds: Option<SwitchView>,
    pub vibration: Option<SwitchView>,
    pub exposed_pin: Option<ExposedPinView>,
    pub reader: Option<ReaderView>,
    pub facts: Vec<Fact>,
}

#[uniffi::remote(Record)]
pub struct SwitchView {
    pub label: String,
    pub hint: Option<String>,
    pub on: bool,
    pub enabled: bool,
}

#[uniffi::remote(Record)]
pub struct LanguageChoice {
    pub language: Language,
    pub label: String,
    pub chosen: bool,
}

#[uniffi::remote(Record)]
pub struct DefaultChoice {
    pub method: Option<Method>,
    pub label: String,
    pub chosen: bool,
}

#[uniffi::remote(Record)]
pub struct ExposedPinView {
    pub label: String,
    pub choices: Vec<ExposedPinChoice>,
}

#[uniffi::remote(Record)]
pub struct ExposedPinChoice {
    pub exposed_pin: ExposedPin,
    pub label: String,
    pub chosen: bool,
}

#[uniffi::remote(Record)]
pub struct ReaderView {
    pub heading: String,
    pub facts: Vec<Fact>,
}

#[uniffi::remote(Record)]
pub struct ReaderKeyView {
    pub text: String,
    pub reader: Fact,
    pub kept: Fact,
    pub rule: String,
    pub problem: Option<String>,
    pub key_label: String,
    pub submit_label: String,
    pub footnote: String,
}

#[uniffi::remote(Record)]
pub struct AboutView {
    pub name: String,
    pub text: String,
    pub notes: Vec<String>,
    pub facts: Vec<Fact>,
    pub licence: String,
    pub licences_label: String,
}
