//! How a virtual reader is set up.

use core::fmt;
use core::time::Duration;

use serde::{Deserialize, Deserializer, de::Error as _};

use super::Fault;

/// What differs from one virtual reader to another. The same options and the same calls give the same bytes.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Where splits, delays and the reader's randoms come from.
    pub seed: u64,
    /// The longest value of a write or of a notification, `ATT_MTU` − 3.
    pub chunk: Chunk,
    /// How answers are cut into notifications.
    pub cuts: Cuts,
    /// Each notification comes up to so much later than the one before it, by the seed.
    #[serde(rename = "delay_ms", deserialize_with = "milliseconds")]
    pub delay: Duration,
    /// The key for authentication; ACS only.
    pub master_key: MasterKey,
    /// What start and stop of polling are answered with; ACS only.
    pub polling_answer: PollingAnswer,
    /// What a card's coming and going are notified as; ACS only.
    pub card_notices: CardNotices,
    /// When a card gets power; CCID only. An ACS reader has a setting for it (escape `23`).
    pub activation: Activation,
    /// How the host hears that a card lies where another one lay.
    pub swap_notices: SwapNotices,
    /// What goes wrong, and where.
    pub faults: Vec<Fault>,
}

/// The longest value of a write or notification, in bytes: 1 to 244.
///
/// Bluetooth has at least 20 (`ATT_MTU` 23). Less is for tests that want every byte to come alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "u8")]
pub struct Chunk(u8);

/// How answers are cut into notifications.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cuts {
    /// Each answer by itself, each notification as long as may be: what readers are reported to do.
    #[default]
    Full,
    /// Anywhere, by the seed. What is sent together may share a notification.
    Random,
}

/// The answer to the escape commands that start and stop polling, and set the sleep delay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PollingAnswer {
    /// `E1 00 00 40 01`: manual V1.07. That the sleep delay does likewise is our own decision.
    #[default]
    Echo,
    /// `E1 00 00 00 01`: manual V1.01.
    Zero,
}

/// The parameter of the card notification `50`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CardNotices {
    /// 03 arrived, 02 left: one implementation, a sister product's manual, and CCID.
    #[default]
    ThreeIsPresent,
    /// 02 arrived, 03 left: manual V1.01, probably a misprint.
    TwoIsPresent,
}

/// When a CCID reader gives a card power.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// When the host asks for it.
    #[default]
    OnRequest,
    /// When it arrives, too: "automatic activation on inserting" (USB CCID rev. 1.1, table 5.1-1, dwFeatures 04h),
    /// which the readers of this maker declare on USB. What they do by radio is not known.
    OnArrival,
}

/// What a card that takes another one's place is notified as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SwapNotices {
    /// One left, and one arrived.
    #[default]
    Two,
    /// One arrived: the reader looks at times only, and says "present, and changed" (USB CCID rev. 1.1 §6.3.1).
    One,
}

/// The Customer Master Key of an ACS reader.
#[derive(Clone, PartialEq, Eq)]
pub struct MasterKey(pub(super) [u8; 16]);

impl Chunk {
    /// `None` outside 1 to 244.
    pub const fn new(bytes: u8) -> Option<Self> {
        if matches!(bytes, 1..=244) { Some(Self(bytes)) } else { None }
    }

    /// In bytes.
    pub const fn get(self) -> usize {
        self.0 as usize
    }
}

impl Default for Chunk {
    /// 20, into which every known implementation cuts.
    fn default() -> Self {
        Self(20)
    }
}

impl TryFrom<u8> for Chunk {
    type Error = &'static str;

    fn try_from(bytes: u8) -> Result<Self, Self::Error> {
        Self::new(bytes).ok_or("a chunk has 1 to 244 bytes")
    }
}

impl MasterKey {
    /// The key that every unit leaves the factory with.
    pub const FACTORY: Self = Self(*b"ACR1255U-J1 Auth");

    /// A key that a customer has set.
    pub const fn new(key: [u8; 16]) -> Self {
        Self(key)
    }
}

impl Default for MasterKey {
    fn default() -> Self {
        Self::FACTORY
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::FACTORY { "MasterKey::FACTORY" } else { "MasterKey(..)" })
    }
}

impl<'de> Deserialize<'de> for MasterKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        block(deserializer).map(Self)
    }
}

/// 16 bytes in 32 hexadecimal digits.
pub(super) fn block<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 16], D::Error> {
    let digits = String::deserialize(deserializer)?;
    let number = (digits.len() == 32 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
        .then(|| u128::from_str_radix(&digits, 16));
    match number {
        Some(Ok(number)) => Ok(number.to_be_bytes()),
        _ => Err(D::Error::custom("32 hexadecimal digits are wanted")),
    }
}

/// A number of milliseconds.
pub(super) fn milliseconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u32::deserialize(deserializer).map(|number| Duration::from_millis(number.into()))
}
