//! The kinds of readers, as data.
//!
//! Where a number comes from is said beside it: *two sources* agree, *one source* says so, or *by analogy*: it is
//! our conclusion, and nobody was seen to say it. `docs/readers.md` has the whole table.

use core::fmt;

use crate::{Protection, Uuid, key::CustomerKey};

/// One kind of reader: how it is recognised, what is written where, and which protocol it speaks.
///
/// A shell subscribes to [`notify`](Self::notify), and to [`battery`](Self::battery) where the reader offers it; it
/// reads the battery and each of [`information`](Self::information) once, where they are offered; and it hands every
/// value, read or notified, to [`Session::notified`](crate::Session::notified).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// Maker and model, as staff know them.
    pub name: &'static str,
    /// How the names begin that such readers advertise.
    pub name_prefixes: &'static [&'static str],
    /// The GATT service.
    pub service: Uuid,
    /// The characteristic that is written to.
    pub write: Uuid,
    /// The characteristic that notifies.
    pub notify: Uuid,
    /// The battery's level.
    pub battery: Uuid,
    /// Characteristics that tell about the device.
    pub information: &'static [Uuid],
    /// How to write.
    pub write_type: WriteType,
    /// How much of a frame goes into one write, unless the shell knows better.
    pub chunk: ChunkSize,
    /// What is spoken.
    pub protocol: Protocol,
    /// What it can do beside taking commands to a card.
    pub features: Features,
}

/// How a characteristic is written where it offers both ways; where it offers one, that is the one to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteType {
    /// Write With Response.
    WithResponse,
    /// Write Without Response.
    WithoutResponse,
}

/// The protocol between app and reader.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protocol {
    /// The protocol of the ACS ACR1255U-J1.
    Acs {
        /// The Customer Master Key with which readers leave the factory. It stands in public programs: no secret.
        factory_key: [u8; 16],
    },
    /// USB-CCID messages (CCID rev. 1.1) over GATT.
    Ccid,
}

impl fmt::Debug for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Acs { .. } => "Acs",
            Self::Ccid => "Ccid",
        })
    }
}

/// What a kind of reader can do. Escape commands are what stands in the escape message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Features {
    /// The longest command APDU in bytes.
    pub longest_command: usize,
    /// The longest response APDU in bytes.
    pub longest_answer: usize,
    /// Escape commands to start and to stop looking for cards, for kinds that do not look by themselves.
    pub polling: Option<(&'static [u8], &'static [u8])>,
    /// Escape commands that say after how long without use the reader sleeps.
    pub sleep: &'static [(SleepDelay, &'static [u8])],
    /// Escape command for the firmware's version.
    pub firmware: Option<&'static [u8]>,
    /// Escape command for the serial number.
    pub serial: Option<&'static [u8]>,
}

/// After how long without use a reader goes to sleep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SleepDelay {
    /// After one minute.
    Seconds60,
    /// After a minute and a half.
    Seconds90,
    /// After two minutes.
    Seconds120,
    /// After three minutes. Feitian says "two to three".
    Seconds180,
    /// Not at all: for a reader that hangs on its charger.
    Never,
}

/// How many bytes go into one write: 1 to 244, which is what an MTU of 247 leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChunkSize(u8);

impl ChunkSize {
    /// 20 bytes: what the smallest MTU, 23, leaves (Bluetooth Core Specification, volume 3, part F, §3.2.8).
    pub const SMALLEST_MTU: Self = Self(20);

    /// `None` unless `bytes` is 1 to 244.
    pub fn new(bytes: usize) -> Option<Self> {
        u8::try_from(bytes).ok().filter(|bytes| (1..=244).contains(bytes)).map(Self)
    }

    /// The number of bytes.
    pub fn get(self) -> usize {
        self.0.into()
    }
}

impl Kind {
    /// Every kind that is known.
    pub fn all() -> &'static [Self] {
        &KINDS
    }

    /// The kind of a device, by the name that it advertises and the services that it advertises or was discovered to
    /// have.
    ///
    /// Services decide where there is one that is known; the name decides where it belongs to one kind alone.
    /// Otherwise `None`: for a [candidate](Self::is_candidate), connect, discover, and ask again.
    pub fn recognise(name: Option<&str>, services: &[Uuid]) -> Option<&'static Self> {
        let by_service = KINDS.iter().find(|kind| services.contains(&kind.service));
        by_service.or_else(|| {
            let mut named = KINDS.iter().filter(|kind| kind.is_named(name));
            named.next().filter(|_| named.next().is_none())
        })
    }

    /// Whether a device that was seen in a scan may be a reader of a kind that is known.
    ///
    /// No source says for certain that these readers advertise their service, so that the name is enough.
    pub fn is_candidate(name: Option<&str>, services: &[Uuid]) -> bool {
        KINDS.iter().any(|kind| kind.is_named(name) || services.contains(&kind.service))
    }

    /// What protects a link to such a reader, with this key of the institution's own or without.
    pub fn protection(&self, key: Option<&CustomerKey>) -> Protection {
        match (self.protocol, key) {
            (Protocol::Ccid, _) => Protection::Plain,
            (Protocol::Acs { factory_key }, Some(key)) if !key.is(&factory_key) => Protection::CustomerKey,
            (Protocol::Acs { .. }, _) => Protection::FactoryKey,
        }
    }

    /// The delays that such a reader can be told.
    pub fn sleep_delays(&self) -> impl Iterator<Item = SleepDelay> {
        self.features.sleep.iter().map(|(delay, _)| *delay)
    }

    fn is_named(&self, name: Option<&str>) -> bool {
        name.is_some_and(|name| self.name_prefixes.iter().any(|prefix| name.starts_with(prefix)))
    }
}

static KINDS: [Kind; 4] = [
    Kind {
        name: "ACS ACR1255U-J1",
        // One source; widely seen.
        name_prefixes: &["ACR1255U-J1-"],
        // Two sources; the manual gives the 16-bit parts FFF0 to FFF3.
        service: Uuid::new(0x3C4A_FFF0_4783_3DE5_A983_D348_718E_F133),
        write: Uuid::new(0x3C4A_FFF1_4783_3DE5_A983_D348_718E_F133),
        notify: Uuid::new(0x3C4A_FFF2_4783_3DE5_A983_D348_718E_F133),
        // Two sources that there is one; what byte it sends is not known.
        battery: Uuid::BATTERY_LEVEL,
        information: &[Uuid::FIRMWARE_REVISION, Uuid::SERIAL_NUMBER],
        // One client that works writes so; another one with its platform's default.
        write_type: WriteType::WithoutResponse,
        chunk: ChunkSize::SMALLEST_MTU,
        // Two sources, and the manual's own example comes out right with it.
        protocol: Protocol::Acs { factory_key: *b"ACR1255U-J1 Auth" },
        features: Features {
            // One source: above that, a client splits; what the reader says to the parts is not known.
            longest_command: 256,
            longest_answer: 258,
            // Two sources. Needed after every connection.
            polling: Some((&[0xE0, 0x00, 0x00, 0x40, 0x01], &[0xE0, 0x00, 0x00, 0x40, 0x00])),
            // 00 to 03: one source, the manual. 04: two applications, not the manual.
            sleep: &[
                (SleepDelay::Seconds60, &[0xE0, 0x00, 0x00, 0x48, 0x00]),
                (SleepDelay::Seconds90, &[0xE0, 0x00, 0x00, 0x48, 0x01]),
                (SleepDelay::Seconds120, &[0xE0, 0x00, 0x00, 0x48, 0x02]),
                (SleepDelay::Seconds180, &[0xE0, 0x00, 0x00, 0x48, 0x03]),
                (SleepDelay::Never, &[0xE0, 0x00, 0x00, 0x48, 0x04]),
            ],
            // Two sources.
            firmware: Some(&[0xE0, 0x00, 0x00, 0x18, 0x00]),
            // One source.
            serial: Some(&[0xE0, 0x00, 0x00, 0x47, 0x00]),
        },
    },
    feitian(
        "Feitian bR301BLE, bR500",
        // Two sources: an independent application, and Feitian's readme (the service).
        [
            0x4654_0001_0002_00C4_0000_4654_5341_4645,
            0x4654_0002_0002_00C4_0000_4654_5341_4645,
            0x4654_0003_0002_00C4_0000_4654_5341_4645,
        ],
    ),
    feitian(
        "Feitian, second generation",
        // One source, Feitian's readme, for the service; the characteristics by analogy.
        [
            0x4654_0001_0002_00C6_0000_4654_5341_4645,
            0x4654_0002_0002_00C6_0000_4654_5341_4645,
            0x4654_0003_0002_00C6_0000_4654_5341_4645,
        ],
    ),
    feitian(
        "Feitian, OEM variant",
        // One source, Feitian's readme, for the service; the characteristics by analogy.
        [
            0x4654_0001_0002_00C4_0000_0000_0000_0001,
            0x4654_0002_0002_00C4_0000_0000_0000_0001,
            0x4654_0003_0002_00C4_0000_0000_0000_0001,
        ],
    ),
];

const fn feitian(name: &'static str, [service, write, notify]: [u128; 3]) -> Kind {
    Kind {
        name,
        // Two sources; some old units are reported to have other names.
        name_prefixes: &["FT_"],
        service: Uuid::new(service),
        write: Uuid::new(write),
        notify: Uuid::new(notify),
        // Not known whether there is one.
        battery: Uuid::BATTERY_LEVEL,
        information: &[Uuid::FIRMWARE_REVISION, Uuid::SERIAL_NUMBER],
        // Not known: the way that has its own flow control.
        write_type: WriteType::WithResponse,
        // One source.
        chunk: ChunkSize::SMALLEST_MTU,
        protocol: Protocol::Ccid,
        features: Features {
            // The bR301BLE's longest message on USB is 271 bytes, with a header of 10.
            longest_command: 261,
            longest_answer: 258,
            polling: None,
            // One source, Feitian's manual: off, and on again ("2 to 3 minutes").
            sleep: &[
                (SleepDelay::Seconds180, &[0xA5, 0x5A, 0x80, 0x30]),
                (SleepDelay::Never, &[0xA5, 0x5A, 0x80, 0x31]),
            ],
            firmware: None,
            serial: None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACS: Uuid = Uuid::new(0x3C4A_FFF0_4783_3DE5_A983_D348_718E_F133);
    const FEITIAN_2: Uuid = Uuid::new(0x4654_0001_0002_00C6_0000_4654_5341_4645);

    #[test]
    fn a_service_says_which_kind_it_is_whatever_the_name() {
        for name in [None, Some("FT_0123"), Some("renamed")] {
            assert_eq!(
                Kind::recognise(name, &[Uuid::short(0x180F), ACS]).map(|kind| kind.service),
                Some(ACS)
            );
        }
        let feitian = Kind::recognise(Some("FT_0123"), &[FEITIAN_2]).expect("known");
        assert_eq!(feitian.service, FEITIAN_2);
    }

    #[test]
    fn a_name_is_enough_where_it_belongs_to_one_kind() {
        let acs = Kind::recognise(Some("ACR1255U-J1-012345"), &[]).expect("known");
        assert_eq!(acs.service, ACS);
    }

    #[test]
    fn a_name_of_several_kinds_makes_a_candidate() {
        assert_eq!(Kind::recognise(Some("FT_0123"), &[]), None);
        assert!(Kind::is_candidate(Some("FT_0123"), &[]));
        assert!(Kind::is_candidate(None, &[FEITIAN_2]));
    }

    #[test]
    fn other_devices_are_no_candidates() {
        for name in [None, Some(""), Some("Headset"), Some("ACR39U")] {
            assert!(!Kind::is_candidate(name, &[Uuid::short(0x180F)]));
            assert_eq!(Kind::recognise(name, &[Uuid::short(0x180F)]), None);
        }
    }

    #[test]
    fn no_two_kinds_have_the_same_service_and_no_kind_a_characteristic_twice() {
        for (index, kind) in Kind::all().iter().enumerate() {
            assert!(Kind::all()[..index].iter().all(|other| other.service != kind.service));
            assert_ne!(kind.write, kind.notify);
        }
    }

    #[test]
    fn only_a_key_of_ones_own_makes_a_link_confidential() {
        let acs = Kind::recognise(None, &[ACS]).expect("known");
        let feitian = Kind::recognise(None, &[FEITIAN_2]).expect("known");
        let factory = CustomerKey::new(*b"ACR1255U-J1 Auth");
        let own = CustomerKey::new([0x5A; 16]);
        assert_eq!(acs.protection(None), Protection::FactoryKey);
        assert_eq!(acs.protection(Some(&factory)), Protection::FactoryKey);
        assert_eq!(acs.protection(Some(&own)), Protection::CustomerKey);
        assert_eq!(feitian.protection(Some(&own)), Protection::Plain);
        let confidential = [Protection::Plain, Protection::FactoryKey, Protection::CustomerKey]
            .map(Protection::is_confidential);
        assert_eq!(confidential, [false, false, true]);
    }

    #[test]
    fn a_chunk_has_1_to_244_bytes() {
        assert_eq!(ChunkSize::new(0), None);
        assert_eq!(ChunkSize::new(245), None);
        assert_eq!(ChunkSize::new(1).map(ChunkSize::get), Some(1));
        assert_eq!(ChunkSize::new(244).map(ChunkSize::get), Some(244));
    }
}
