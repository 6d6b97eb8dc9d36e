//! The administrator's commands. They work on the state folder, whether the service runs or not.

use core::fmt;
use std::{path::Path, sync::Arc};

use ring::rand::{SecureRandom, SystemRandom};
use service::{
    ActivationCode, EnrolmentLink,
    messages::{Institution, Notice},
};

use crate::{
    Clock, Device, DeviceState, Error, Policy,
    authority::{Authority, sha256},
    folder::Folder,
    secrets::{Secrets, hex, random},
    state::Shared,
    store::{NewDevice, Store},
};

/// What the administrator of the portal does: institutions, devices, notices.
pub struct Admin {
    store: Store,
    secrets: Arc<Secrets>,
    root: [u8; 32],
    clock: Arc<dyn Clock>,
    policy: Policy,
}

/// An added device: what the administrator hands to whoever sets it up. All of it but the account is secret.
pub struct Activation {
    /// The account.
    pub account: String,
    /// Twelve digits, for typing.
    pub code: ActivationCode,
    /// The link, for scanning.
    pub link: EnrolmentLink,
    /// When code and link end, in seconds.
    pub expires_at: i64,
}

impl fmt::Debug for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Activation").field("account", &self.account).finish_non_exhaustive()
    }
}

/// What lies in a state folder, opened.
pub(crate) struct Open {
    pub(crate) folder: Folder,
    pub(crate) store: Store,
    pub(crate) secrets: Secrets,
    pub(crate) authority: Authority,
}

impl Open {
    pub(crate) async fn state(path: &Path, now: i64) -> Result<Self, Error> {
        let folder = Folder::open(path)?;
        let authority = Authority::open(&folder, now)?;
        let secrets = Secrets::open(&folder)?;
        let store = Store::open(&folder).await?;
        Ok(Self { folder, store, secrets, authority })
    }
}

impl Admin {
    /// On the state folder of a service. Where there is none, that is an error: a folder that was misspelt must not
    /// become another service, with keys of its own.
    pub async fn open(state: &Path, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        if !Store::is_in(state) {
            return Err(Error::StateMissing { path: state.to_owned() });
        }
        Self::open_or_create(state, clock).await
    }

    /// On a state folder, which is made where it is missing.
    pub async fn open_or_create(state: &Path, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let Open { store, secrets, authority, .. } = Open::state(state, clock.now()).await?;
        store.check_clock(clock.now()).await?;
        let root = sha256(authority.root());
        Ok(Self { store, secrets: Arc::new(secrets), root, clock, policy: Policy::default() })
    }

    pub(crate) fn of(shared: &Shared) -> Self {
        Self {
            store: shared.store.clone(),
            secrets: Arc::clone(&shared.secrets),
            root: sha256(shared.authority.root()),
            clock: Arc::clone(&shared.clock),
            policy: shared.policy.clone(),
        }
    }

    /// Adds an institution. `danger_attested_visual` lets its attested devices use 目視確認 with nothing but their
    /// word for it.
    pub async fn add_institution(
        &self,
        code: &str,
        name: &str,
        danger_attested_visual: bool,
    ) -> Result<(), Error> {
        let well_formed =
            (1..=20).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let named = !name.trim().is_empty() && is_short_line(name);
        if !well_formed {
            return Err(Error::InstitutionCodeInvalid);
        }
        if !named {
            return Err(Error::InstitutionNameInvalid);
        }
        self.store.add_institution(code, name.trim(), danger_attested_visual, self.clock.now()).await
    }

    /// All institutions.
    pub async fn institutions(&self) -> Result<Vec<Institution>, Error> {
        self.store.institutions().await
    }

    /// Adds a device slot and makes its activation code. The code is shown once and kept only as a MAC.
    pub async fn add_device(&self, institution: &str, platform: &str) -> Result<Activation, Error> {
        if !is_short_line(platform) {
            return Err(Error::PlatformInvalid);
        }
        let institution = self.store.institution(institution).await?.ok_or(Error::InstitutionUnknown)?;
        self.add(institution, platform, None).await
    }

    /// Adds a device slot for a device that takes the place of this one: it gets its institution and what was written for
    /// it. The old one works until the new one does, and ends with that.
    ///
    /// In place of one that was itself to take a place, and was never used, the new one takes that place.
    pub async fn replace_device(&self, account: &str) -> Result<Activation, Error> {
        let devices = self.store.devices().await?;
        let find = |account: &str| {
            devices.iter().find(|device| device.account == account).ok_or(Error::DeviceUnknown)
        };
        if find(account)?.state == DeviceState::Revoked {
            return Err(Error::DeviceRevoked);
        }
        let old = find(&self.store.place_of(account).await?)?;
        let institution = self.store.institution(&old.institution).await?.ok_or(Error::InstitutionUnknown)?;
        self.add(institution, &old.platform, Some(old)).await
    }

    async fn add(
        &self,
        institution: Institution,
        platform: &str,
        old: Option<&Device>,
    ) -> Result<Activation, Error> {
        let account = format!("S{}", digits::<8>()?);
        let code = digits::<12>()?;
        let origin = url::Url::parse(&self.store.origin().await?).map_err(|_| Error::DatabaseDamaged)?;
        let link = EnrolmentLink::new(origin, account.clone(), random()?, self.root, institution.name);
        let link = match old {
            Some(old) => {
                // What was written for it says more to a person; where a link has no room for that, the account must do.
                let link = link.replacing(format!("{} ({})", old.platform, old.account).trim().to_owned());
                let fits = !old.platform.is_empty() && link.to_text().len() <= EnrolmentLink::MAX;
                if fits { link } else { link.replacing(old.account.clone()) }
            }
            None => link,
        };
        let code_life = i64::try_from(self.policy.code_life.as_secs()).unwrap_or(i64::MAX);
        let expires_at = self.clock.now().saturating_add(code_life);
        let device = NewDevice {
            id: &hex(&random::<16>()?),
            institution: &institution.code,
            account: &account,
            platform,
            code_mac: &self.secrets.code_mac(&account, code.as_bytes()),
            link_mac: &self.secrets.code_mac(&account, link.secret.expose()),
            code_expires_at: expires_at,
            replaces: old.map(|old| old.account.as_str()),
        };
        self.store.add_device(&device, self.clock.now()).await?;
        let code = ActivationCode::parse(&code).map_err(|_| Error::Crypto)?;
        Ok(Activation { account, code, link, expires_at })
    }

    /// All devices, oldest first.
    pub async fn devices(&self) -> Result<Vec<Device>, Error> {
        self.store.devices().await
    }

    /// Stops a device from its next request on, until it is resumed.
    pub async fn suspend(&self, account: &str) -> Result<(), Error> {
        self.store.set_device_state(account, DeviceState::Suspended).await
    }

    /// Lets a suspended device work again.
    pub async fn resume(&self, account: &str) -> Result<(), Error> {
        self.store.set_device_state(account, DeviceState::Active).await
    }

    /// Ends a device for good.
    pub async fn revoke(&self, account: &str) -> Result<(), Error> {
        self.store.set_device_state(account, DeviceState::Revoked).await
    }

    /// What staff read on every device; an empty list takes the notices away.
    pub async fn set_notices(&self, notices: &[Notice]) -> Result<(), Error> {
        self.store.set_notices(notices).await
    }
}

impl fmt::Debug for Admin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Admin")
    }
}

/// Whether a text fits into a line of a list, and does nothing to the terminal that shows it.
fn is_short_line(text: &str) -> bool {
    text.chars().count() <= 60 && !text.chars().any(char::is_control)
}

/// Random decimal digits, each as likely as the others: bytes from 250 on are thrown away.
fn digits<const N: usize>() -> Result<String, Error> {
    let source = SystemRandom::new();
    let mut text = String::with_capacity(N);
    while text.len() < N {
        let mut byte = [0];
        source.fill(&mut byte).map_err(|_| Error::Crypto)?;
        if byte[0] < 250 {
            text.push(char::from(b'0' + byte[0] % 10));
        }
    }
    Ok(text)
}
