//! What a person, or the device, may do.

use crate::mirrors::words::PublicKey;
use counter::{
    Action, Cues, Era, ExportPolicy, ExposedPin, Language, Lengths, Link, Method, Protection, ReaderInfo,
    ReaderTrouble,
};
use secret::{Passcode, SecretBytes};

#[uniffi::remote(Enum)]
pub enum Action {
    OpenLink(#[uniffi(name = "link")] String),
    Account { account: String, code: SecretBytes },
    Confirm,
    Back,
    Passcode(#[uniffi(name = "passcode")] Passcode),
    Choose(#[uniffi(name = "method")] Method),
    Consent { limit_amount: bool },
    Era(#[uniffi(name = "era")] Era),
    Digit(#[uniffi(name = "digit")] u8),
    Erase,
    Cancel,
    GoOn,
    UseVisual,
    UsePin,
    Retry,
    Next,
    Lock,
    Tick,
    Touch,
    Hidden,
    Reader(#[uniffi(name = "trouble")] ReaderTrouble),
    ReaderInUse(#[uniffi(name = "reader")] Option<ReaderInfo>),
    Settings,
    SetLanguage(#[uniffi(name = "language")] Language),
    SetDefaultMethod(#[uniffi(name = "method")] Option<Method>),
    SetExposedPin(#[uniffi(name = "choice")] ExposedPin),
    EnterReaderKey,
    ReaderKey(#[uniffi(name = "key")] SecretBytes),
    BiometricSignature(#[uniffi(name = "signature")] Vec<u8>),
    BiometricsChanged,
    EnableBiometrics { public_key: PublicKey },
    DisableBiometrics,
    SetSounds(#[uniffi(name = "on")] bool),
    SetVibration(#[uniffi(name = "on")] bool),
    About,
    SetExport(#[uniffi(name = "policy")] ExportPolicy),
    ForgetDevice,
}

#[uniffi::remote(Enum)]
pub enum Language {
    Ja,
    En,
}

#[uniffi::remote(Enum)]
pub enum Method {
    Visual,
    Pin,
}

#[uniffi::remote(Enum)]
pub enum ExposedPin {
    Never,
    DangerAfterWarning,
}

#[uniffi::remote(Enum)]
pub enum Era {
    Meiji,
    Taisho,
    Showa,
    Heisei,
    Reiwa,
}

#[uniffi::remote(Enum)]
pub enum Lengths {
    Short,
    Extended,
}

#[uniffi::remote(Record)]
pub struct Cues {
    pub sound: bool,
    pub vibration: bool,
}

#[uniffi::remote(Enum)]
pub enum Link {
    Direct,
    Bluetooth(#[uniffi(name = "protection")] Protection),
}
