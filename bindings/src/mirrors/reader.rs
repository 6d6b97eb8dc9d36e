//! What a reader is, and what is wrong with it.

use counter::{Battery, Lost, Protection, ReaderInfo, ReaderLife, ReaderTrouble, SleepDelay};
use reader::WriteType;

#[uniffi::remote(Record)]
pub struct ReaderInfo {
    pub name: String,
    pub kind: String,
    pub protection: Protection,
    pub life: ReaderLife,
    pub battery: Option<Battery>,
    pub firmware: Option<String>,
    pub serial: Option<String>,
    pub sleep_delay: Option<SleepDelay>,
}

#[uniffi::remote(Enum)]
pub enum Protection {
    Plain,
    FactoryKey,
    CustomerKey,
}

#[uniffi::remote(Enum)]
pub enum ReaderLife {
    Discovered,
    Connected,
    Authenticated,
    Polling,
    Card,
    Powered,
    Asleep,
    Lost,
}

#[uniffi::remote(Enum)]
pub enum Battery {
    Percent(#[uniffi(name = "percent")] u8),
    Unclear(#[uniffi(name = "level")] u8),
}

#[uniffi::remote(Enum)]
pub enum SleepDelay {
    Seconds60,
    Seconds90,
    Seconds120,
    Seconds180,
    Never,
}

#[uniffi::remote(Enum)]
pub enum WriteType {
    WithResponse,
    WithoutResponse,
}

#[uniffi::remote(Enum)]
pub enum ReaderTrouble {
    Failed,
    ServiceMissing,
    NoReader,
    InUse,
    Unplugged,
    CardSilent,
    TimedOut,
    NotTrusted,
    Asleep,
    OutOfReach,
    NfcOff,
    BluetoothOff,
    BluetoothNotAllowed,
}

#[uniffi::remote(Enum)]
pub enum Lost {
    CardGone,
    Reader(#[uniffi(name = "trouble")] ReaderTrouble),
}
