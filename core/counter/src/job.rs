//! What takes time: the network, Argon2id, the storage, the key store.

use std::{sync::Arc, time::Duration};

use secret::{Passcode, SecretBytes};
use service::{
    Client, Endpoint, Enrolled, Error,
    device_key::{DeviceKey, DeviceKeyError},
    messages::{Challenge, CheckRequest, CheckResponse, DeviceStatus, ProblemCode},
};
use zeroize::Zeroizing;

use crate::{
    Clock, Failure,
    journal::Journal,
    keyring::{Keyring, Unlocked},
    login::Verifier,
    login_key::{LogInMessage, LoginKey},
    refusal::Refusal,
    vault::{DEVICE, Device, JOURNAL, LOGIN_KEY, READER_KEYS, SETTINGS, Settings, Stored, Vault},
};

/// How often a request that is still being worked on is asked for again, once a second.
const STILL_WORKING: u8 = 5;

/// What enrols a device.
pub(crate) struct Enrolment {
    pub(crate) endpoint: Endpoint,
    pub(crate) account: String,
    pub(crate) code: SecretBytes,
    /// As the link called it.
    pub(crate) institution: Option<String>,
}

/// One thing to do.
pub(crate) enum Job {
    Load,
    Enrol {
        enrolment: Arc<Enrolment>,
        /// The answer to it was lost: with the same key once more.
        again: bool,
    },
    KeepEnrolled(Device),
    ChoosePasscode(Device, Passcode),
    /// The device as it is to be stored before the passcode is checked: the attempt counted as wrong.
    LogIn(Device, Passcode),
    /// Whether this key signed what it was to sign.
    CheckLoginKey {
        key: LoginKey,
        message: LogInMessage,
        signature: Vec<u8>,
    },
    Connect(Device),
    Status(Arc<Client>),
    Renew(Arc<Client>, Device),
    Challenge(Arc<Client>),
    Check(Arc<Client>, Arc<CheckRequest>),
    /// Why, if it was not asked for.
    Wipe(Option<Failure>),
    KeepDevice(Device),
    KeepSettings(Settings),
    /// Those that could not be read when the counter opened.
    LoadReaderKeys,
    /// `None`: there are none left.
    KeepReaderKeys(Option<Zeroizing<Vec<u8>>>),
    /// `None`: there is none any more.
    KeepLoginKey(Option<LoginKey>),
    KeepJournal(Journal),
}

/// For how long the answer matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Always.
    Device,
    /// Until the counter locks.
    Session,
    /// Until another patient, or another method.
    Patient,
}

/// What came of it.
pub(crate) enum Outcome {
    Loaded(Result<Stored, Failure>),
    /// A code is spent once: what it gave is kept even if it could not be stored.
    Enrolled(Device, Result<(), Failure>),
    NotEnrolled(Refusal, Arc<Enrolment>),
    KeptEnrolled(Result<(), Failure>),
    PasscodeChosen(Result<(Device, Unlocked), Failure>),
    /// The device as it is stored now, and what became of the passcode.
    LoggedIn(Result<(Device, Attempt), Failure>),
    /// `None`: it did not.
    LoginKeyChecked(Option<Unlocked>),
    Connected(Result<(Arc<Client>, DeviceStatus), Refusal>),
    Status(Result<DeviceStatus, Failure>),
    Renewed(Result<(Arc<Client>, Device), Failure>),
    Challenged(Result<(Challenge, Duration), Refusal>),
    Checked(Result<Box<CheckResponse>, Error>),
    Wiped(Result<(), Failure>, Option<Failure>),
    ReaderKeysLoaded(Result<Option<Zeroizing<Vec<u8>>>, Failure>),
    /// The settings, or a key that is entered or switched on there: what has this name in the storage.
    KeptSettings(&'static str, Result<(), Failure>),
    /// Without it the counter works as well.
    KeptForTheRecord,
}

/// A passcode that was checked.
pub(crate) enum Attempt {
    Wrong,
    Right(Unlocked),
    /// It is right, and the device key does not open with it.
    KeyRefused(DeviceKeyError),
}

/// The ports, as jobs use them.
#[derive(Clone)]
pub(crate) struct Tools {
    pub(crate) key: Arc<Keyring>,
    pub(crate) vault: Vault,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Tools {
    /// The key, as the client takes it.
    fn signer(&self) -> Arc<dyn DeviceKey> {
        Arc::<Keyring>::clone(&self.key)
    }
}

impl Job {
    pub(crate) fn scope(&self) -> Scope {
        match self {
            Self::Connect(_) | Self::Status(_) | Self::Renew(..) | Self::Challenge(_) => Scope::Session,
            Self::Check(..) => Scope::Patient,
            _ => Scope::Device,
        }
    }

    pub(crate) async fn perform(self, tools: Tools) -> Outcome {
        match self {
            Self::Load => Outcome::Loaded(tools.vault.load().await),
            Self::Enrol { enrolment, again } => enrol(enrolment, again, &tools).await,
            Self::KeepEnrolled(device) => {
                Outcome::KeptEnrolled(tools.vault.store(DEVICE, device.write()).await)
            }
            Self::ChoosePasscode(device, passcode) => {
                Outcome::PasscodeChosen(choose_passcode(device, passcode, &tools).await)
            }
            Self::LogIn(device, passcode) => Outcome::LoggedIn(log_in(device, passcode, &tools).await),
            // The platform guards its own keys, so nothing but the counter's gate is to be opened.
            Self::CheckLoginKey { key, message, signature } => {
                Outcome::LoginKeyChecked(key.signed(&message, &signature).then(|| tools.key.hold()))
            }
            Self::Connect(device) => Outcome::Connected(connect(&device, &tools).await),
            Self::Status(client) => Outcome::Status(client.device().await.map_err(Failure::from)),
            Self::Renew(client, device) => Outcome::Renewed(renew(&client, device, &tools).await),
            Self::Challenge(client) => {
                let asked_at = tools.clock.steady();
                let challenge = client.challenge().await;
                Outcome::Challenged(challenge.map(|challenge| (challenge, asked_at)).map_err(Refusal::from))
            }
            Self::Check(client, request) => Outcome::Checked(check(&client, &request).await),
            Self::Wipe(because) => Outcome::Wiped(wipe(&tools).await, because),
            Self::KeepDevice(device) => {
                keep_device(&device, &tools).await;
                Outcome::KeptForTheRecord
            }
            Self::KeepSettings(settings) => {
                keep(SETTINGS, Some(Zeroizing::new(settings.write())), &tools).await
            }
            Self::LoadReaderKeys => Outcome::ReaderKeysLoaded(tools.vault.load_reader_keys().await),
            Self::KeepReaderKeys(keys) => keep(READER_KEYS, keys, &tools).await,
            Self::KeepLoginKey(key) => {
                keep(LOGIN_KEY, key.map(|key| Zeroizing::new(key.write())), &tools).await
            }
            Self::KeepJournal(journal) => {
                // The journal helps; without it the counter still works.
                if tools.vault.store(JOURNAL, journal.write()).await.is_err() {
                    tracing::warn!("the journal could not be stored");
                }
                Outcome::KeptForTheRecord
            }
        }
    }
}

/// A client of an enrolled device.
fn client(device: &Device, tools: &Tools) -> Result<Arc<Client>, Failure> {
    let endpoint = device.endpoint().ok_or(Failure::StateUnreadable)?;
    Ok(Arc::new(Client::enrolled(endpoint, tools.signer(), device.enrolled())?))
}

/// What the service says of a device. It will say it again.
async fn keep_device(device: &Device, tools: &Tools) {
    if tools.vault.store(DEVICE, device.write()).await.is_err() {
        tracing::warn!("what the service says of this device could not be stored");
    }
}

/// Stored before it is used: the first use ends the code, and the device whose place it takes, and whoever is stopped
/// after that must know what he is.
async fn enrol(enrolment: Arc<Enrolment>, again: bool, tools: &Tools) -> Outcome {
    let endpoint = enrolment.endpoint.clone();
    let url = endpoint.url.clone();
    let enrolled = async {
        let client = Client::new(endpoint, tools.signer())?;
        if again {
            client.enroll_again(&enrolment.account, &enrolment.code).await
        } else {
            client.enroll(&enrolment.account, &enrolment.code).await
        }
    };
    let enrolled: Enrolled = match enrolled.await {
        Ok(enrolled) => enrolled,
        Err(error) => return Outcome::NotEnrolled(error.into(), enrolment),
    };
    let mut device = Device::new(&url, enrolled, enrolment.institution.clone());
    if let Err(failure) = tools.vault.store(DEVICE, device.write()).await {
        return Outcome::Enrolled(device, Err(failure));
    }
    // The name on the log-in screen; without it the device is enrolled all the same.
    if let Ok(client) = client(&device, tools)
        && let Ok(status) = client.device().await
        && device.learn(&status)
    {
        keep_device(&device, tools).await;
    }
    Outcome::Enrolled(device, Ok(()))
}

/// The key is protected before the verifier is stored, and stays unlocked if that fails: then another passcode is
/// chosen.
async fn choose_passcode(
    mut device: Device,
    passcode: Passcode,
    tools: &Tools,
) -> Result<(Device, Unlocked), Failure> {
    // A worker thread goes on when nobody waits for it any more; whether somebody does, this tells.
    let waiting = Arc::new(());
    let waited_for = Arc::downgrade(&waiting);
    let key = Arc::clone(&tools.key);
    let choose = move || {
        let verifier = Verifier::choose(&passcode);
        key.protect_with(&passcode, || waited_for.strong_count() > 0).map(|()| verifier)
    };
    device.verifier = Some(tokio::task::spawn_blocking(choose).await??);
    tools.vault.store(DEVICE, device.write()).await?;
    Ok((device, tools.key.hold()))
}

/// Counted before it is checked, durably: whoever cuts the power in between has used up the attempt.
async fn log_in(mut device: Device, passcode: Passcode, tools: &Tools) -> Result<(Device, Attempt), Failure> {
    tools.vault.store(DEVICE, device.write()).await?;
    let Some(verifier) = device.verifier.clone() else { return Err(Failure::StateUnreadable) };
    let key = Arc::clone(&tools.key);
    let check = move || {
        if !verifier.matches(&passcode) {
            return Attempt::Wrong;
        }
        key.open_with(&passcode).map_or_else(Attempt::KeyRefused, Attempt::Right)
    };
    let attempt = tokio::task::spawn_blocking(check).await?;
    if !matches!(attempt, Attempt::Wrong) {
        if let Some(verifier) = &mut device.verifier {
            verifier.wrong = 0;
        }
        tools.vault.store(DEVICE, device.write()).await?;
    }
    Ok((device, attempt))
}

async fn connect(device: &Device, tools: &Tools) -> Result<(Arc<Client>, DeviceStatus), Refusal> {
    let client = client(device, tools)?;
    let status = client.device().await?;
    Ok((client, status))
}

async fn renew(old: &Client, device: Device, tools: &Tools) -> Result<(Arc<Client>, Device), Failure> {
    let device = device.renewed(old.reenroll().await?);
    tools.vault.store(DEVICE, device.write()).await?;
    Ok((client(&device, tools)?, device))
}

/// The request id makes sure that the check counts once, however often it is asked for.
async fn check(client: &Client, request: &CheckRequest) -> Result<Box<CheckResponse>, Error> {
    let mut left = STILL_WORKING;
    loop {
        match client.check(request).await {
            Err(Error::Refused { code: ProblemCode::RequestInProgress, .. }) if left > 0 => {
                left -= 1;
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            answer => return answer.map(Box::new),
        }
    }
}

/// Stores these bytes, or takes away what is stored.
async fn keep(name: &'static str, bytes: Option<Zeroizing<Vec<u8>>>, tools: &Tools) -> Outcome {
    Outcome::KeptSettings(
        name,
        match bytes {
            Some(bytes) => tools.vault.store(name, bytes).await,
            None => tools.vault.delete(name).await,
        },
    )
}

/// The key first: whatever stops in between, the device cannot speak for the institution any more. Then the other
/// secrets. What says that a wipe is due goes last, so that an interrupted one is taken up again.
async fn wipe(tools: &Tools) -> Result<(), Failure> {
    let key = Arc::clone(&tools.key);
    tokio::task::spawn_blocking(move || key.delete()).await??;
    tools.vault.delete(READER_KEYS).await?;
    tools.vault.delete(LOGIN_KEY).await?;
    tools.vault.delete(JOURNAL).await?;
    tools.vault.delete(SETTINGS).await?;
    tools.vault.delete(DEVICE).await
}
