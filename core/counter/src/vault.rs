//! The state as it is stored: what there is, under which name, in which order.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use serde::{Deserialize, Deserializer, Serialize};
use service::{Endpoint, Enrolled, Trust, messages::DeviceStatus};
use url::Url;
use zeroize::Zeroizing;

use crate::{ExportPolicy, ExposedPin, Failure, Language, Method, Storage, login::Verifier};

/// What the device is, once it is enrolled. Wiped with the device key.
pub(crate) const DEVICE: &str = "device";
/// What the site chose.
pub(crate) const SETTINGS: &str = "settings";
/// The keys of Bluetooth readers: the one secret here that a shell's seal has to protect.
pub(crate) const READER_KEYS: &str = "reader-keys";
/// The public half of the login key. Wiped with the device key.
pub(crate) const LOGIN_KEY: &str = "login-key";
/// What the device did.
pub(crate) const JOURNAL: &str = "journal";

/// The version of [`Device`] that this program writes and reads.
const VERSION: u8 = 1;

/// Enrolment and log in, in one piece: a device without its verifier is one that nobody could keep out of.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Device {
    version: u8,
    /// The origin of the service.
    service: String,
    enrolled: Enrolled,
    /// As the service called it last.
    pub(crate) institution: Option<String>,
    pub(crate) sandbox: bool,
    /// `None` until a passcode was chosen.
    pub(crate) verifier: Option<Verifier>,
}

impl Device {
    pub(crate) fn new(service: &Url, enrolled: Enrolled, institution: Option<String>) -> Self {
        let service = service.origin().ascii_serialization();
        Self { version: VERSION, service, enrolled, institution, sandbox: false, verifier: None }
    }

    /// `None`: not what this version writes.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let device: Self = serde_cbor::from_slice(bytes).ok()?;
        let whole = device.verifier.as_ref().is_none_or(Verifier::is_whole);
        (device.version == VERSION && whole && Url::parse(&device.service).is_ok()).then_some(device)
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        serde_cbor::to_vec(self).expect("text, bytes and numbers")
    }

    /// The service, pinned to the root that enrolment left.
    pub(crate) fn endpoint(&self) -> Option<Endpoint> {
        let url = Url::parse(&self.service).ok()?;
        Some(Endpoint { url, trust: Trust::Root(self.enrolled.root.to_vec()) })
    }

    pub(crate) fn service(&self) -> &str {
        &self.service
    }

    pub(crate) fn enrolled(&self) -> &Enrolled {
        &self.enrolled
    }

    pub(crate) fn renewed(self, enrolled: Enrolled) -> Self {
        Self { enrolled, ..self }
    }

    /// Takes over what the service says of this device. Whether anything is new.
    pub(crate) fn learn(&mut self, status: &DeviceStatus) -> bool {
        let new =
            self.institution.as_ref() != Some(&status.institution.name) || self.sandbox != status.sandbox;
        self.institution = Some(status.institution.name.clone());
        self.sandbox = status.sandbox;
        new
    }
}

/// What the site chose.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Settings {
    /// `None`: as the shell was configured.
    #[serde(default)]
    pub(crate) language: Option<Language>,
    /// The site's usual method.
    #[serde(default)]
    pub(crate) method: Option<Method>,
    /// Over a link that everybody near can read along.
    #[serde(default, deserialize_with = "known_or_safe")]
    pub(crate) exposed_pin: ExposedPin,
    /// What of a result may leave the app.
    #[serde(default, deserialize_with = "known_or_none")]
    pub(crate) export: ExportPolicy,
    /// Biometrics are not wanted: they are not offered.
    #[serde(default)]
    pub(crate) without_biometrics: bool,
    /// Nothing is to be heard.
    #[serde(default)]
    pub(crate) without_sounds: bool,
    /// Nothing is to be felt.
    #[serde(default)]
    pub(crate) without_vibration: bool,
}

/// What this version does not know is taken as the safe choice, and costs no other setting.
fn known_or_safe<'de, D: Deserializer<'de>>(stored: D) -> Result<ExposedPin, D::Error> {
    let stored = serde_cbor::Value::deserialize(stored)?;
    Ok(serde_cbor::value::from_value(stored).unwrap_or_default())
}

/// As [`known_or_safe`]: what a newer version allows is not known to be less than a copy.
fn known_or_none<'de, D: Deserializer<'de>>(stored: D) -> Result<ExportPolicy, D::Error> {
    let stored = serde_cbor::Value::deserialize(stored)?;
    Ok(serde_cbor::value::from_value(stored).unwrap_or(ExportPolicy::None))
}

impl Settings {
    /// Settings that cannot be read are no reason to stop.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        serde_cbor::from_slice(bytes).unwrap_or_default()
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        serde_cbor::to_vec(self).expect("names")
    }
}

/// All that is stored, unread.
pub(crate) struct Stored {
    pub(crate) device: Option<Vec<u8>>,
    pub(crate) settings: Option<Vec<u8>>,
    /// Unread is not none: what could not be read is not written over.
    pub(crate) reader_keys: Result<Option<Zeroizing<Vec<u8>>>, Failure>,
    pub(crate) login_key: Option<Vec<u8>>,
    pub(crate) journal: Option<Vec<u8>>,
}

/// The storage, called off the caller's thread.
///
/// A write that was begun goes on when its caller is gone; so each write gets a number when it is asked for,
/// and one that comes after a newer one is dropped. Otherwise a late write could take a count of wrong
/// attempts back.
#[derive(Clone)]
pub(crate) struct Vault {
    storage: Arc<dyn Storage>,
    asked: Arc<AtomicU64>,
    written: Arc<Mutex<HashMap<&'static str, u64>>>,
}

impl Vault {
    pub(crate) fn new(storage: Arc<dyn Storage>) -> Self {
        Self { storage, asked: Arc::default(), written: Arc::default() }
    }

    /// Synchronous: for opening only. Without the device nothing goes on; what else cannot be read is no reason to stop.
    pub(crate) fn load_now(&self) -> Result<Stored, Failure> {
        let read = |name| self.storage.load(name).ok().flatten();
        Ok(Stored {
            device: self.storage.load(DEVICE)?,
            settings: read(SETTINGS),
            reader_keys: self.load_reader_keys_now(),
            login_key: read(LOGIN_KEY),
            journal: read(JOURNAL),
        })
    }

    fn load_reader_keys_now(&self) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        Ok(self.storage.load(READER_KEYS)?.map(Zeroizing::new))
    }

    pub(crate) async fn load_reader_keys(&self) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        let vault = self.clone();
        tokio::task::spawn_blocking(move || vault.load_reader_keys_now()).await?
    }

    pub(crate) async fn load(&self) -> Result<Stored, Failure> {
        let vault = self.clone();
        tokio::task::spawn_blocking(move || vault.load_now()).await?
    }

    /// The bytes are wiped afterwards.
    pub(crate) async fn store(
        &self,
        name: &'static str,
        bytes: impl Into<Zeroizing<Vec<u8>>>,
    ) -> Result<(), Failure> {
        self.write(name, Some(bytes.into())).await
    }

    pub(crate) async fn delete(&self, name: &'static str) -> Result<(), Failure> {
        self.write(name, None).await
    }

    async fn write(&self, name: &'static str, bytes: Option<Zeroizing<Vec<u8>>>) -> Result<(), Failure> {
        let number = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
        let (storage, written) = (Arc::clone(&self.storage), Arc::clone(&self.written));
        let write = move || {
            let mut written = written.lock().unwrap_or_else(PoisonError::into_inner);
            let last = written.entry(name).or_default();
            if *last > number {
                return Ok(());
            }
            *last = number;
            match bytes {
                Some(bytes) => storage.store(name, &bytes),
                None => storage.delete(name),
            }
        };
        Ok(tokio::task::spawn_blocking(write).await??)
    }
}
