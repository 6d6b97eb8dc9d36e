//! What a person, or the device, may do.

use core::fmt;

use eligibility::Era;
use secret::{Passcode, SecretBytes};

use crate::{ExportPolicy, ReaderInfo, ReaderTrouble};

/// The languages of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// 日本語.
    #[default]
    Ja,
    /// English.
    En,
}

impl Language {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Ja, Self::En];
}

/// How the person is confirmed, as staff choose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// A 目視確認: staff compare face and card. Which form of it is the service's decision.
    Visual,
    /// B: the patient types the four digits.
    Pin,
}

/// What the site does over a reader's link that everybody near can read along
/// ([`Protection::is_confidential`](crate::Protection::is_confidential) is false).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExposedPin {
    /// No PIN goes over it: 目視確認 only.
    #[default]
    Never,
    /// The PIN as well, once staff were warned, for each patient anew.
    DangerAfterWarning,
}

/// One thing that happened at the counter. Any of them may come at any time; where it makes no sense it
/// changes nothing.
///
/// `Debug` shows neither a digit nor a secret.
pub enum Action {
    /// An enrolment link was opened.
    OpenLink(String),
    /// Account and activation code were typed.
    Account {
        /// Account id as the portal shows it.
        account: String,
        /// The activation code.
        code: SecretBytes,
    },
    /// Yes to what the screen asks.
    Confirm,
    /// One screen back.
    Back,
    /// A passcode or password was typed: to choose it, or to log in.
    Passcode(Passcode),
    /// The method for this patient.
    Choose(Method),
    /// What the patient agreed to.
    Consent {
        /// 限度額適用認定証 information may be given.
        limit_amount: bool,
    },
    /// The era printed on the card.
    Era(Era),
    /// One digit of the PIN or of the birth date, 0 to 9.
    Digit(u8),
    /// Takes the last digit back.
    Erase,
    /// Ends what is under way for this patient; nothing of it is kept.
    Cancel,
    /// Goes on after a warning.
    GoOn,
    /// A 目視確認 for the same patient.
    UseVisual,
    /// B the PIN for the same patient.
    UsePin,
    /// Again.
    Retry,
    /// 次の患者.
    Next,
    /// Locks the counter.
    Lock,
    /// The moment that [`Screen::wake_at`](crate::Screen::wake_at) named has come.
    Tick,
    /// A person touched the screen without pressing anything: not idle.
    Touch,
    /// The app left the foreground, or the screen went off.
    Hidden,
    /// The reader cannot be used, and no tap is open. Said while the card is awaited, it is shown with its remedy,
    /// and [`Action::Retry`] awaits the card again with what was typed; said elsewhere, or again, it changes
    /// nothing. In a tap it is [`Tap::lost`](crate::Tap::lost).
    Reader(ReaderTrouble),
    /// Which reader the next tap goes through: said when the app starts, and whenever something about the reader
    /// changes. `None`: the phone's own NFC, or a reader at a cable; no Bluetooth is in between. Not to be changed
    /// while a tap is open: one with a PIN ends if its PIN might go over a link that is not confidential. What a tap
    /// really goes over is said with each ([`Counter::tap`](crate::Counter::tap)).
    ///
    /// A card that lay there before it was awaited is not read: told of it ([`ReaderLife::Card`](crate::ReaderLife)), the
    /// screen says to take it away first. One that arrives is read without saying so.
    ReaderInUse(Option<ReaderInfo>),
    /// Opens the settings.
    Settings,
    /// The language of the screens.
    SetLanguage(Language),
    /// The site's usual method, offered first.
    SetDefaultMethod(Option<Method>),
    /// What the site does over a reader's link that everybody near can read along.
    SetExposedPin(ExposedPin),
    /// What of a result may leave this app.
    SetExport(ExportPolicy),
    /// Opens the screen on which the key of the Bluetooth reader in use is entered.
    EnterReaderKey,
    /// The key that was set in that reader with its maker's tool: 32 hexadecimal digits, spaces anywhere. An empty one
    /// takes the key away that is there.
    ReaderKey(SecretBytes),
    /// The login key signed the log-in screen's message (ECDSA with SHA-256, DER).
    BiometricSignature(Vec<u8>),
    /// The platform made the login key unusable: its set of fingers or faces was changed.
    BiometricsChanged,
    /// Biometrics open the counter from now on. Taken only after a log in by passcode.
    EnableBiometrics {
        /// Of the new login key, uncompressed (SEC 1 §2.3.3: `04 ‖ x ‖ y`).
        public_key: [u8; 65],
    },
    /// Biometrics do not open the counter, and are not offered.
    DisableBiometrics,
    /// Whether cues are heard.
    SetSounds(bool),
    /// Whether cues are felt.
    SetVibration(bool),
    /// What this app is.
    About,
    /// Asks to end this device's registration. Done after [`Action::Confirm`].
    ForgetDevice,
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OpenLink(_) => "OpenLink(redacted)",
            Self::Account { .. } => "Account(redacted)",
            Self::Confirm => "Confirm",
            Self::Back => "Back",
            Self::Passcode(_) => "Passcode(redacted)",
            Self::Choose(Method::Visual) => "Choose(Visual)",
            Self::Choose(Method::Pin) => "Choose(Pin)",
            Self::Consent { limit_amount: false } => "Consent { limit_amount: false }",
            Self::Consent { limit_amount: true } => "Consent { limit_amount: true }",
            Self::Era(_) => "Era(redacted)",
            Self::Digit(_) => "Digit(redacted)",
            Self::Erase => "Erase",
            Self::Cancel => "Cancel",
            Self::GoOn => "GoOn",
            Self::UseVisual => "UseVisual",
            Self::UsePin => "UsePin",
            Self::Retry => "Retry",
            Self::Next => "Next",
            Self::Lock => "Lock",
            Self::Tick => "Tick",
            Self::Touch => "Touch",
            Self::Hidden => "Hidden",
            Self::Reader(trouble) => return write!(f, "Reader({trouble:?})"),
            Self::ReaderInUse(None) => "ReaderInUse(None)",
            Self::ReaderInUse(Some(reader)) => {
                return write!(f, "ReaderInUse({:?}, {:?})", reader.protection, reader.life);
            }
            Self::Settings => "Settings",
            Self::SetLanguage(Language::Ja) => "SetLanguage(Ja)",
            Self::SetLanguage(Language::En) => "SetLanguage(En)",
            Self::SetDefaultMethod(None) => "SetDefaultMethod(None)",
            Self::SetDefaultMethod(Some(Method::Visual)) => "SetDefaultMethod(Visual)",
            Self::SetDefaultMethod(Some(Method::Pin)) => "SetDefaultMethod(Pin)",
            Self::SetExposedPin(ExposedPin::Never) => "SetExposedPin(Never)",
            Self::SetExposedPin(ExposedPin::DangerAfterWarning) => "SetExposedPin(DangerAfterWarning)",
            Self::SetExport(ExportPolicy::None) => "SetExport(None)",
            Self::SetExport(ExportPolicy::Copy) => "SetExport(Copy)",
            Self::SetExport(ExportPolicy::CopyAndFile) => "SetExport(CopyAndFile)",
            Self::EnterReaderKey => "EnterReaderKey",
            Self::ReaderKey(_) => "ReaderKey(redacted)",
            Self::BiometricSignature(_) => "BiometricSignature(redacted)",
            Self::BiometricsChanged => "BiometricsChanged",
            Self::EnableBiometrics { .. } => "EnableBiometrics",
            Self::DisableBiometrics => "DisableBiometrics",
            Self::SetSounds(on) => return write!(f, "SetSounds({on})"),
            Self::SetVibration(on) => return write!(f, "SetVibration({on})"),
            Self::About => "About",
            Self::ForgetDevice => "ForgetDevice",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_digit_and_no_secret() {
        let actions = [
            Action::Digit(7),
            Action::Era(Era::Showa),
            Action::OpenLink("https://canary.invalid/".into()),
            Action::Account { account: "canary".into(), code: SecretBytes::new(b"canary".to_vec()) },
            Action::Passcode(Passcode::new("canary".into())),
            Action::ReaderKey(SecretBytes::new(b"canary".to_vec())),
        ];
        let shown = format!("{actions:?} {actions:#?}");
        assert!(!shown.contains("canary") && !shown.contains('7') && !shown.contains("Showa"), "{shown}");
    }
}
