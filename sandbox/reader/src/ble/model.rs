//! Which readers there are: what each shows to whoever looks for it.

use serde::{Deserialize, Serialize};

use super::Uuid;

/// A reader one can buy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Model {
    /// ACS ACR1255U-J1. The protocol as in its manual and in two independent implementations.
    #[serde(rename = "ACR1255U-J1")]
    Acr1255uJ1,
    /// A Feitian bR500 of the first generation of UUIDs, as an independent application and the vendor's samples use
    /// them.
    #[serde(rename = "bR500-C4")]
    Br500C4,
    /// The same of the second generation; the vendor's samples alone.
    #[serde(rename = "bR500-C6")]
    Br500C6,
    /// The layout of a `SpringCard` D600: one pipe there, one back, and one for the card's coming and going. What is
    /// not here: the vendor's start-up dialogue and cipher.
    #[serde(rename = "D600")]
    D600,
}

/// What may be done with a characteristic (Bluetooth Core Specification, Vol 3, Part G, §3.3.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Property {
    /// Its value may be read.
    Read,
    /// Its value may be written, and that is acknowledged.
    Write,
    /// Its value may be written without acknowledgement.
    WriteWithoutResponse,
    /// It notifies, once its client characteristic configuration (2902) says so.
    Notify,
}

/// One characteristic of a reader's GATT table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Characteristic {
    /// The service that it belongs to.
    pub service: Uuid,
    /// Its own name.
    pub uuid: Uuid,
    /// What may be done with it.
    pub properties: &'static [Property],
}

/// Battery Service.
const BATTERY_SERVICE: Uuid = Uuid::assigned(0x180F);
/// Device Information Service.
const DEVICE_INFORMATION: Uuid = Uuid::assigned(0x180A);

const READ: &[Property] = &[Property::Read];
/// Clients exist that write in either way.
const WRITE: &[Property] = &[Property::Write, Property::WriteWithoutResponse];
const NOTIFY: &[Property] = &[Property::Notify];

impl Model {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Acr1255uJ1, Self::Br500C4, Self::Br500C6, Self::D600];

    /// Battery Level: one byte.
    pub const BATTERY_LEVEL: Uuid = Uuid::assigned(0x2A19);

    /// The name that it advertises. That the ACS reader's begins so, and Feitian's with `FT_`, is reported; the rest
    /// is our own decision.
    pub const fn advertised_name(self) -> &'static str {
        match self {
            Self::Acr1255uJ1 => "ACR1255U-J1-012345",
            Self::Br500C4 | Self::Br500C6 => "FT_BR500_012345",
            Self::D600 => "D600 [012345]",
        }
    }

    /// The service by which it is recognised.
    pub const fn service(self) -> Uuid {
        match self {
            Self::Acr1255uJ1 => Uuid::new(0x3C4A_FFF0_4783_3DE5_A983_D348_718E_F133),
            Self::Br500C4 => Uuid::new(0x4654_0001_0002_00C4_0000_4654_5341_4645),
            Self::Br500C6 => Uuid::new(0x4654_0001_0002_00C6_0000_4654_5341_4645),
            Self::D600 => Uuid::new(0x6CB5_01B7_96F6_4EEF_ACB1_D753_5F15_3CF0),
        }
    }

    /// Where the host writes.
    pub const fn commands(self) -> Uuid {
        match self {
            Self::Acr1255uJ1 => Uuid::new(0x3C4A_FFF1_4783_3DE5_A983_D348_718E_F133),
            Self::Br500C4 => Uuid::new(0x4654_0002_0002_00C4_0000_4654_5341_4645),
            Self::Br500C6 => Uuid::new(0x4654_0002_0002_00C6_0000_4654_5341_4645),
            Self::D600 => Uuid::new(0x91AC_E9FD_EDD6_40B1_BA77_050A_78CF_9BC0),
        }
    }

    /// Where answers are notified.
    pub const fn answers(self) -> Uuid {
        match self {
            Self::Acr1255uJ1 => Uuid::new(0x3C4A_FFF2_4783_3DE5_A983_D348_718E_F133),
            Self::Br500C4 => Uuid::new(0x4654_0003_0002_00C4_0000_4654_5341_4645),
            Self::Br500C6 => Uuid::new(0x4654_0003_0002_00C6_0000_4654_5341_4645),
            Self::D600 => Uuid::new(0xB4CA_2D75_B855_4C1A_BF40_4A72_AE46_BD5A),
        }
    }

    /// Where the card's coming and going is notified: for most, the same pipe.
    pub const fn notices(self) -> Uuid {
        match self {
            Self::D600 => Uuid::new(0x7C33_4BC2_1812_4C7E_A81D_591F_9293_3C37),
            _ => self.answers(),
        }
    }

    /// What a host finds when it discovers services. Battery and device information are in the ACS manual; for the
    /// others that they have both is our own decision.
    pub fn characteristics(self) -> Vec<Characteristic> {
        let mut table = vec![
            Characteristic { service: self.service(), uuid: self.commands(), properties: WRITE },
            Characteristic { service: self.service(), uuid: self.answers(), properties: NOTIFY },
        ];
        if self.notices() != self.answers() {
            table.push(Characteristic { service: self.service(), uuid: self.notices(), properties: NOTIFY });
        }
        table.push(Characteristic {
            service: BATTERY_SERVICE,
            uuid: Self::BATTERY_LEVEL,
            properties: &[Property::Read, Property::Notify],
        });
        for (number, _) in self.device_information() {
            table.push(Characteristic {
                service: DEVICE_INFORMATION,
                uuid: Uuid::assigned(number),
                properties: READ,
            });
        }
        table
    }

    /// The characteristics of the Device Information Service, in the order of their numbers. The values are our own.
    pub(super) const fn device_information(self) -> [(u16, &'static str); 6] {
        let (model, manufacturer) = match self {
            Self::Acr1255uJ1 => ("ACR1255U-J1", "Advanced Card Systems Ltd."),
            Self::Br500C4 | Self::Br500C6 => ("bR500", "Feitian"),
            Self::D600 => ("D600", "SpringCard"),
        };
        [
            // System ID: eight bytes, here of letters.
            (0x2A23, "SANDBOX0"),
            (0x2A24, model),
            (0x2A25, Self::SERIAL_NUMBER),
            (0x2A26, self.firmware()),
            (0x2A27, "1.00"),
            (0x2A29, manufacturer),
        ]
    }

    /// The serial number of every virtual reader.
    pub const SERIAL_NUMBER: &str = "RR000-012345";

    /// What it says of its firmware.
    pub const fn firmware(self) -> &'static str {
        match self {
            Self::Acr1255uJ1 => "ACR1255U-J1 SWV 3.00",
            _ => "1.00",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_readers_and_no_two_characteristics_share_a_name() {
        let mut services = Vec::new();
        for model in Model::ALL {
            let table = model.characteristics();
            let mut uuids: Vec<_> = table.iter().map(|one| one.uuid).collect();
            uuids.sort_unstable();
            uuids.dedup();
            assert_eq!(uuids.len(), table.len(), "{model:?}");
            services.push(model.service());
        }
        services.sort_unstable();
        services.dedup();
        assert_eq!(services.len(), Model::ALL.len());
    }

    #[test]
    fn feitians_names_spell_the_vendor() {
        for model in [Model::Br500C4, Model::Br500C6] {
            let bytes = model.service().to_bytes();
            assert_eq!((&bytes[..2], bytes[3], bytes[5]), (&b"FT"[..], 0x01, 0x02));
            assert_eq!(&bytes[10..], b"FTSAFE");
        }
    }
}
