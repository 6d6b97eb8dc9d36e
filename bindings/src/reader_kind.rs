//! Which Bluetooth devices are readers.

use std::sync::Arc;

use reader::{Kind, Uuid, WriteType};

/// One kind of Bluetooth reader: how it is recognised, and what is read and written where.
///
/// A shell subscribes to `notify`, and to `battery` where the reader offers it; it reads the battery and each of
/// `information` once, where they are offered; and it hands every value, read or notified, to the session.
#[derive(Debug, uniffi::Object)]
pub struct ReaderKind(pub(crate) &'static Kind);

#[uniffi::export]
impl ReaderKind {
    /// Maker and model, as staff know them.
    pub fn name(&self) -> String {
        self.0.name.to_owned()
    }

    /// How the names begin that such readers advertise.
    pub fn name_prefixes(&self) -> Vec<String> {
        self.0.name_prefixes.iter().map(|prefix| (*prefix).to_owned()).collect()
    }

    /// The GATT service: to filter a scan, and to find the characteristics in.
    pub fn service(&self) -> Uuid {
        self.0.service
    }

    /// The characteristic that is written to.
    pub fn write(&self) -> Uuid {
        self.0.write
    }

    /// The characteristic that notifies.
    pub fn notify(&self) -> Uuid {
        self.0.notify
    }

    /// The battery's level.
    pub fn battery(&self) -> Uuid {
        self.0.battery
    }

    /// Characteristics that tell about the device.
    pub fn information(&self) -> Vec<Uuid> {
        self.0.information.to_vec()
    }

    /// How to write where the characteristic offers both ways.
    pub fn write_type(&self) -> WriteType {
        self.0.write_type
    }
}

/// Every kind that is known: what a scan looks for.
#[uniffi::export]
pub fn reader_kinds() -> Vec<Arc<ReaderKind>> {
    Kind::all().iter().map(|kind| Arc::new(ReaderKind(kind))).collect()
}

/// The kind of a device, by the name that it advertises and the services that it advertises or was discovered to have.
/// Null: for a candidate, connect, discover, and ask again.
#[uniffi::export]
pub fn recognise_reader(name: Option<String>, services: Vec<Uuid>) -> Option<Arc<ReaderKind>> {
    Kind::recognise(name.as_deref(), &services).map(|kind| Arc::new(ReaderKind(kind)))
}

/// Whether a device of a scan may be a reader.
#[uniffi::export]
pub fn is_reader_candidate(name: Option<String>, services: Vec<Uuid>) -> bool {
    Kind::is_candidate(name.as_deref(), &services)
}
