//! What a shell draws: plain data, texts included.

use core::fmt;
use std::time::Duration;

use eligibility::Era;

use crate::{Action, ExportPolicyView, ExposedPin, Failure, Language, Method, ResultView};

/// One screen, with everything that a shell needs to draw it.
///
/// Where it holds patient data, its `Debug` shows none.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each says another thing to the shell")]
pub struct Screen {
    /// The matter at hand.
    pub view: View,
    /// Short heading of the page.
    pub title: String,
    /// What may be pressed, the filled button first.
    pub buttons: Vec<Button>,
    /// The institution's name, once the device belongs to one.
    pub institution: Option<String>,
    /// The steps of a check, for wide screens; empty outside a check.
    pub steps: Vec<Step>,
    /// What staff should read; also what the service's operator says.
    pub notices: Vec<String>,
    /// Set in a sandbox: to be shown on every screen.
    pub sandbox: Option<String>,
    /// The language of the texts.
    pub language: Language,
    /// Whether the patient reads this screen: large, turned to them.
    pub for_patient: bool,
    /// Whether the screen must not be captured (a PIN pad, a birth date, a result).
    pub secure: bool,
    /// Whether the shell should call [`Counter::run`](crate::Counter::run) now.
    pub work: bool,
    /// What is to be heard and felt, once: when its number is not that of the last one. It is there for a moment only.
    pub cue: Option<Cue>,
    /// Whether the shell should end its session with the Bluetooth reader in use and begin another one with
    /// [`Counter::reader_session`](crate::Counter::reader_session) now: its key is another one, or a person asked for
    /// another try. It stays set until that was called for this reader.
    pub reconnect_reader: bool,
    /// When this screen was made, on the steady clock of the ports.
    pub made_at: Duration,
    /// When the shell should send [`Action::Tick`], on the same clock: wait for the difference.
    pub wake_at: Option<Duration>,
}

impl Screen {
    /// The button of this kind, whatever it is called. `None` if the screen offers no such thing.
    pub fn button(&self, wanted: &Action) -> Option<&Button> {
        let kind = core::mem::discriminant(wanted);
        self.buttons.iter().find(|button| core::mem::discriminant(&button.action) == kind)
    }
}

/// What is to be heard and felt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cue {
    /// Another one for each time.
    pub number: u64,
    /// Which.
    pub kind: CueKind,
    /// Whether it may be heard.
    pub sound: bool,
    /// Whether it may be felt.
    pub vibration: bool,
}

/// What a cue means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CueKind {
    /// The card may be taken away.
    CardDone,
    /// The check did not go on, or the card must be held again.
    Failure,
}

/// Something to press.
#[derive(Debug)]
pub struct Button {
    /// What stands on it: a verb.
    pub label: String,
    /// What it does.
    pub action: Action,
    /// How it looks.
    pub weight: Weight,
    /// Before this, on the steady clock, it does nothing and is drawn so. `None`: it works now.
    pub enabled_at: Option<Duration>,
}

/// How a button looks. A screen has at most one [`Weight::Main`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Filled: the next step.
    Main,
    /// Outlined: another way.
    Other,
    /// Text: leaving.
    Quiet,
}

/// One step of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it is called.
    pub label: String,
    /// Where it stands.
    pub state: StepState,
}

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// Behind us.
    Done,
    /// Now.
    Now,
    /// Still to come.
    Later,
}

/// The matter at hand. A variant is a screen.
#[derive(Debug)]
pub enum View {
    /// The device belongs to no institution yet: type account and code, or open a link.
    SetUp(SetUpView),
    /// An enrolment link was opened: is it the right one?
    ConfirmLink(ConfirmLinkView),
    /// Choose the passcode or password.
    ChoosePasscode(ChoosePasscodeView),
    /// Log in.
    LogIn(LogInView),
    /// Choose how the next person is confirmed.
    Choose(ChooseView),
    /// Staff type the birth date printed on the card.
    BirthDate(BirthDateView),
    /// The patient types the PIN.
    PinPad(PinPadView),
    /// A warning that must be read before it goes on.
    Warning(WarningView),
    /// The card is awaited, or being read.
    HoldCard(HoldCardView),
    /// The service is awaited.
    Waiting(WaitingView),
    /// One try is left: only who is asked goes on.
    LastTry(LastTryView),
    /// The insurance record.
    Result(Box<ResultView>),
    /// Something failed.
    Failure(FailureView),
    /// Settings.
    Settings(SettingsView),
    /// The key of a Bluetooth reader is entered.
    ReaderKey(ReaderKeyView),
    /// What this app is.
    About(AboutView),
}

/// First set-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetUpView {
    /// What to do.
    pub text: String,
    /// Whether account and code can be typed: the service's address is known.
    pub typed: bool,
    /// Label of the account field.
    pub account_label: String,
    /// Label of the code field.
    pub code_label: String,
    /// What stands on the form's own button.
    pub submit_label: String,
    /// How to use a link instead.
    pub link_hint: String,
    /// What to do when this device takes the place of another one.
    pub replacing_hint: String,
    /// What happens on this device.
    pub footnote: String,
}

/// What a link says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmLinkView {
    /// The question.
    pub text: String,
    /// The institution to which the device would belong.
    pub institution: Fact,
    /// The service with which it would speak.
    pub service: Fact,
    /// The device whose place it would take, and what becomes of that one.
    pub replaces: Option<Fact>,
    /// What to do when it is not the right one.
    pub footnote: String,
}

/// A label with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// What it says.
    pub value: String,
}

/// Choosing a passcode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoosePasscodeView {
    /// What to type.
    pub text: String,
    /// What is accepted.
    pub rule: String,
    /// What ten wrong attempts will do: said before.
    pub warning: String,
    /// Why the last one was not taken.
    pub problem: Option<String>,
    /// Whether a digit pad is enough.
    pub digits: bool,
    /// Whether this is the second time, to be sure.
    pub again: bool,
    /// What stands on the form's own button.
    pub submit_label: String,
}

/// Logging in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogInView {
    /// What to type.
    pub text: String,
    /// What was wrong, and what is left.
    pub problem: Option<String>,
    /// Attempts left before the device must be activated anew.
    pub tries_left: u8,
    /// Until when nothing is accepted, on the steady clock.
    pub wait_until: Option<Duration>,
    /// Whether a digit pad is enough.
    pub digits: bool,
    /// What stands on the form's own button.
    pub submit_label: String,
    /// Biometrics in place of it: where they are switched on, and the passcode is not asked all the same.
    pub biometrics: Option<BiometricsView>,
}

/// Logging in by biometrics. The shell asks the platform to recognise somebody, once by itself for each message while the
/// screen is in front, and whenever `label` is pressed; the platform's login key then signs the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BiometricsView {
    /// What stands on the button.
    pub label: String,
    /// Heading of the platform's prompt.
    pub prompt_title: String,
    /// What stands below it.
    pub prompt_text: String,
    /// What stands on the prompt's button that leads to the passcode.
    pub cancel_label: String,
    /// What the login key is to sign, as it is: ECDSA on P-256 with SHA-256, DER. [`Action::BiometricSignature`] takes the
    /// signature, and [`Action::BiometricsChanged`] that the key is not usable any more.
    pub message: Vec<u8>,
}

/// Choosing the method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChooseView {
    /// The question.
    pub text: String,
    /// What this device may use, the site's usual method first. [`Action::Choose`] takes one.
    pub methods: Vec<MethodChoice>,
    /// What the patient may agree to.
    pub consent_label: String,
    /// Whether the patient agreed. [`Action::Consent`] changes it.
    pub limit_amount: bool,
    /// What to remember.
    pub footnote: String,
    /// After a log in by passcode, on a device that could spare it.
    pub offer: Option<BiometricsOffer>,
}

/// The question whether biometrics shall open the counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BiometricsOffer {
    /// What is offered.
    pub text: String,
    /// Yes: the shell makes a login key, and [`Action::EnableBiometrics`] takes its public half.
    pub accept_label: String,
    /// No, also for the next time: [`Action::DisableBiometrics`].
    pub decline_label: String,
}

/// One method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MethodChoice {
    /// Which.
    pub method: Method,
    /// Its name.
    pub label: String,
    /// What staff do.
    pub text: String,
    /// The words "usual method" on the site's default.
    pub usual: Option<String>,
}

/// The birth date, typed by staff.
#[derive(Clone, PartialEq, Eq)]
pub struct BirthDateView {
    /// What to type.
    pub text: String,
    /// Why.
    pub hint: String,
    /// The eras. [`Action::Era`] takes one.
    pub eras: Vec<EraChoice>,
    /// What stands there so far: 35・04・1.
    pub typed: String,
    /// What was wrong, or what to take care of.
    pub problem: Option<String>,
    /// Label of the key that takes a digit back.
    pub erase_label: String,
}

impl fmt::Debug for BirthDateView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BirthDateView(redacted)")
    }
}

/// One era.
#[derive(Clone, PartialEq, Eq)]
pub struct EraChoice {
    /// Which.
    pub era: Era,
    /// Its name.
    pub label: String,
    /// Whether it is the one taken.
    pub chosen: bool,
}

impl fmt::Debug for EraChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EraChoice(redacted)")
    }
}

/// The PIN, typed by the patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinPadView {
    /// What to take care of; the title says what to do.
    pub text: String,
    /// Which PIN it is: small.
    pub hint: String,
    /// How many digits stand there.
    pub typed: u8,
    /// How many there will be.
    pub of: u8,
    /// What was wrong, or what to take care of.
    pub problem: Option<String>,
    /// Label of the key that takes a digit back.
    pub erase_label: String,
}

/// A warning before the card is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WarningView {
    /// What it is about.
    pub text: String,
    /// What to do.
    pub hint: String,
    /// What the other ways are for; set where there are any.
    pub fallbacks_label: Option<String>,
    /// The official other ways, where going on may not be right.
    pub fallbacks: Vec<String>,
}

/// The card is awaited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldCardView {
    /// Hold the card.
    pub text: String,
    /// How it reads best.
    pub hint: String,
    /// What to show while it is being read.
    pub still: String,
    /// What to show while the steps of a tap go on, first to last.
    pub stages: Vec<String>,
    /// Which Bluetooth reader the card is to be held to, with its battery: small. `None` where there is none.
    pub reader: Option<Fact>,
    /// What is to be done about the reader: it sleeps, is being connected to, or its battery is low.
    pub reader_hint: Option<String>,
    /// Whether [`Counter::tap`](crate::Counter::tap) gives a tap now.
    pub ready: bool,
    /// Why the card must be held again.
    pub again: Option<Again>,
    /// What the other ways are for; set where there are any.
    pub fallbacks_label: Option<String>,
    /// The official other ways, for staff, when the card was lost again and again.
    pub fallbacks: Vec<String>,
}

/// Why the card must be held again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Again {
    /// For the help desk.
    pub failure: Failure,
    /// For the person who holds the card.
    pub text: String,
}

/// The service is awaited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingView {
    /// For what.
    pub text: String,
}

/// One try is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastTryView {
    /// Which reference it concerns.
    pub failure: Failure,
    /// What one more mistake would do.
    pub text: String,
    /// What to do when in doubt.
    pub hint: String,
    /// What the other ways are for.
    pub fallbacks_label: Option<String>,
    /// The official other ways, for staff.
    pub fallbacks: Vec<String>,
}

/// A failure: cause, next step, way round, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureView {
    /// Which.
    pub failure: Failure,
    /// Small, for the help desk: コード 301.
    pub code: String,
    /// What happened.
    pub cause: String,
    /// What is left: あと 2 回まちがえると….
    pub tries: Option<String>,
    /// What to do.
    pub remedy: String,
    /// How long the service asked to wait: あと約30秒….
    pub wait: Option<String>,
    /// What the other ways are for; set where there are any.
    pub fallbacks_label: Option<String>,
    /// The official other ways, where a check cannot be done now.
    pub fallbacks: Vec<String>,
    /// Whom to call, as configured.
    pub help_desk: Option<String>,
}

/// Settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsView {
    /// Label of the languages.
    pub language_label: String,
    /// The languages, each in its own words. [`Action::SetLanguage`] takes one.
    pub languages: Vec<LanguageChoice>,
    /// Label of the usual method.
    pub method_label: String,
    /// The methods, none included. [`Action::SetDefaultMethod`] takes one.
    pub methods: Vec<DefaultChoice>,
    /// Whether biometrics open the counter, on a device that has them. On: the shell makes a login key and sends
    /// [`Action::EnableBiometrics`]; off: [`Action::DisableBiometrics`].
    pub biometrics: Option<SwitchView>,
    /// What of a result may leave this app.
    pub export: ExportPolicyView,
    /// Whether cues are heard: [`Action::SetSounds`].
    pub sounds: Option<SwitchView>,
    /// Whether cues are felt: [`Action::SetVibration`].
    pub vibration: Option<SwitchView>,
    /// What is done over a reader's link that everybody near can read along. Set where it matters.
    pub exposed_pin: Option<ExposedPinView>,
    /// The Bluetooth reader in use.
    pub reader: Option<ReaderView>,
    /// What stands here about this device: institution, service.
    pub facts: Vec<Fact>,
}

/// Something that is on or off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwitchView {
    /// What.
    pub label: String,
    /// What to know about it.
    pub hint: Option<String>,
    /// Whether it is on.
    pub on: bool,
    /// Whether it can be changed now.
    pub enabled: bool,
}

/// One language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LanguageChoice {
    /// Which.
    pub language: Language,
    /// Its own name.
    pub label: String,
    /// Whether it is the one taken.
    pub chosen: bool,
}

/// One possible default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultChoice {
    /// Which; none is a choice as well.
    pub method: Option<Method>,
    /// Its name.
    pub label: String,
    /// Whether it is the one taken.
    pub chosen: bool,
}

/// What the site does over a reader's link that everybody near can read along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExposedPinView {
    /// What is asked.
    pub label: String,
    /// The answers, the safe one first. [`Action::SetExposedPin`] takes one.
    pub choices: Vec<ExposedPinChoice>,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExposedPinChoice {
    /// Which.
    pub exposed_pin: ExposedPin,
    /// What it means.
    pub label: String,
    /// Whether it is the one taken.
    pub chosen: bool,
}

/// The Bluetooth reader in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderView {
    /// The heading of this part.
    pub heading: String,
    /// Name, model, state, link; and battery, firmware, serial number and sleep, as far as they are known.
    pub facts: Vec<Fact>,
}

/// The key that was set in a Bluetooth reader with its maker's tool. It is never shown again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderKeyView {
    /// What to type. [`Action::ReaderKey`] takes it.
    pub text: String,
    /// Which reader.
    pub reader: Fact,
    /// Whether a key is on this device already.
    pub kept: Fact,
    /// What is accepted.
    pub rule: String,
    /// Why the last one was not taken.
    pub problem: Option<String>,
    /// Label of the field.
    pub key_label: String,
    /// What stands on the form's own button.
    pub submit_label: String,
    /// What becomes of it.
    pub footnote: String,
}

/// What this app is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AboutView {
    /// Its name.
    pub name: String,
    /// What it does.
    pub text: String,
    /// What whoever uses it must know, the law included.
    pub notes: Vec<String>,
    /// Version, institution, service, help desk.
    pub facts: Vec<Fact>,
    /// Under which licence it is.
    pub licence: String,
    /// Heading of the licences of what it is built from, for a shell that lists them.
    pub licences_label: String,
}
