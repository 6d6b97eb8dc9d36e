//! Institutions, their devices, and the devices' certificates.

use service::messages::Institution;
use sqlx::{Sqlite, SqliteExecutor, Transaction};

use super::{Store, known, remember_time};
use crate::{Error, attestation::Assurance};

/// What the administrator sees of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// The account with which it is or was enrolled.
    pub account: String,
    /// The institution's code.
    pub institution: String,
    /// What the administrator wrote for it.
    pub platform: String,
    /// Whether it may be used.
    pub state: DeviceState,
    /// What the service knows of where its key lies. The device is not told.
    pub assurance: Assurance,
    /// When its newest certificate ends, in seconds.
    pub certificate_not_after: Option<i64>,
}

/// Whether a device may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeviceState {
    /// Added; nobody has used its activation code.
    Waiting,
    /// Enrolled.
    Active,
    /// Stopped for now.
    Suspended,
    /// Ended for good.
    Revoked,
}

impl DeviceState {
    /// The state as the database and the command line write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
        }
    }

    fn parse(text: &str) -> Result<Self, Error> {
        [Self::Waiting, Self::Active, Self::Suspended, Self::Revoked]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(Error::DatabaseDamaged)
    }
}

/// The device behind a request, as its row stands now.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) device: String,
    pub(crate) state: DeviceState,
    pub(crate) assurance: Assurance,
    pub(crate) institution: Institution,
    /// The operator's policy for this institution.
    pub(crate) danger_attested_visual: bool,
    pub(crate) thumbprint: [u8; 32],
    /// SHA-256 of the certified key.
    pub(crate) key_hash: Vec<u8>,
    pub(crate) certificate_issued_at: i64,
    pub(crate) certificate_not_after: i64,
    certificate_number: i64,
    first_use: bool,
}

impl Caller {
    /// Whether it is enrolled, and its certificate in date.
    pub(crate) fn serves(&self, now: i64) -> bool {
        self.state == DeviceState::Active && now <= self.certificate_not_after
    }
}

/// A device to be added.
pub(crate) struct NewDevice<'a> {
    pub(crate) id: &'a str,
    pub(crate) institution: &'a str,
    pub(crate) account: &'a str,
    pub(crate) platform: &'a str,
    pub(crate) code_mac: &'a [u8],
    pub(crate) link_mac: &'a [u8],
    pub(crate) code_expires_at: i64,
    /// The account of the device whose place it takes, if it takes one.
    pub(crate) replaces: Option<&'a str>,
}

type CallerRow = (String, String, Option<String>, String, String, bool, i64, Vec<u8>, bool, i64, i64);

type DeviceRow = (String, String, String, String, Option<String>, Option<i64>);

impl Store {
    pub(crate) async fn add_institution(
        &self,
        code: &str,
        name: &str,
        danger_attested_visual: bool,
        now: i64,
    ) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        let added = sqlx::query(
            "INSERT INTO institution (code, name, danger_attested_visual, created_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO NOTHING",
        )
        .bind(code)
        .bind(name)
        .bind(danger_attested_visual)
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        if added.rows_affected() == 0 {
            return Err(Error::InstitutionExists);
        }
        remember_time(&mut transaction, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    pub(crate) async fn institution(&self, code: &str) -> Result<Option<Institution>, Error> {
        let row: Option<(String,)> = sqlx::query_as("SELECT name FROM institution WHERE code = ?1")
            .bind(code)
            .fetch_optional(&self.read)
            .await?;
        Ok(row.map(|(name,)| Institution { code: code.to_owned(), name }))
    }

    pub(crate) async fn institutions(&self) -> Result<Vec<Institution>, Error> {
        let rows: Vec<(String, String)> =
            sqlx::query_as("SELECT code, name FROM institution ORDER BY code").fetch_all(&self.read).await?;
        Ok(rows.into_iter().map(|(code, name)| Institution { code, name }).collect())
    }

    pub(crate) async fn add_device(&self, device: &NewDevice<'_>, now: i64) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        sqlx::query(
            "INSERT INTO device
                 (id, institution, account, platform, state, code_mac, link_mac, code_expires_at, created_at, replaces)
             VALUES (?1, ?2, ?3, ?4, 'waiting', ?5, ?6, ?7, ?8,
                     (SELECT id FROM device WHERE account = ?9))",
        )
        .bind(device.id)
        .bind(device.institution)
        .bind(device.account)
        .bind(device.platform)
        .bind(device.code_mac)
        .bind(device.link_mac)
        .bind(device.code_expires_at)
        .bind(now)
        .bind(device.replaces)
        .execute(&mut *transaction)
        .await?;
        // Of several that were to take one place, the last one does.
        end_rivals(&mut transaction, device.id).await?;
        remember_time(&mut transaction, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    pub(crate) async fn devices(&self) -> Result<Vec<Device>, Error> {
        let rows: Vec<DeviceRow> = sqlx::query_as(
            "SELECT account, institution, platform, state,
                    (SELECT level FROM attestation a WHERE a.device = d.id),
                    (SELECT max(not_after) FROM device_certificate c WHERE c.device = d.id AND NOT c.retired)
             FROM device d ORDER BY created_at, account",
        )
        .fetch_all(&self.read)
        .await?;
        rows.into_iter()
            .map(|(account, institution, platform, state, level, certificate_not_after)| {
                let state = DeviceState::parse(&state)?;
                let assurance = Assurance::parse(level.as_deref())?;
                Ok(Device { account, institution, platform, state, assurance, certificate_not_after })
            })
            .collect()
    }

    /// The account of the device that ends when this one is replaced: itself, or as long as nobody has used it, the one
    /// whose place it was to take.
    pub(crate) async fn place_of(&self, account: &str) -> Result<String, Error> {
        let place: Option<(String,)> = sqlx::query_as(
            "SELECT place.account FROM device d JOIN device place ON place.id = CASE
                 WHEN d.replaces IS NULL OR EXISTS (SELECT 1 FROM device_certificate WHERE device = d.id AND used)
                 THEN d.id ELSE d.replaces END
             WHERE d.account = ?1",
        )
        .bind(account)
        .fetch_optional(&self.read)
        .await?;
        place.map(|(account,)| account).ok_or(Error::DeviceUnknown)
    }

    /// Suspends, resumes or revokes. What is revoked stays so; resuming a device that nobody has enrolled lets
    /// its code live again.
    pub(crate) async fn set_device_state(&self, account: &str, to: DeviceState) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        let row: Option<(String, String, String)> =
            sqlx::query_as("SELECT id, state, institution FROM device WHERE account = ?1")
                .bind(account)
                .fetch_optional(&mut *transaction)
                .await?;
        let (id, state, institution) = row.ok_or(Error::DeviceUnknown)?;
        if DeviceState::parse(&state)? == DeviceState::Revoked && to != DeviceState::Revoked {
            return Err(Error::DeviceRevoked);
        }
        if to == DeviceState::Revoked {
            end(&mut transaction, &id, &institution).await?;
            transaction.commit().await?;
            return Ok(());
        }
        sqlx::query(
            "UPDATE device SET state = CASE
                 WHEN ?2 = 'active' AND NOT EXISTS (SELECT 1 FROM device_certificate WHERE device = ?1) THEN 'waiting'
                 ELSE ?2 END
             WHERE id = ?1",
        )
        .bind(id)
        .bind(to.as_str())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The device to which a certificate belongs. Its row is read for every request, so that what an
    /// administrator did holds from the next request on.
    ///
    /// The first use of a certificate ends all earlier ones of its device, the code with which it was enrolled, and the
    /// device whose place it takes: not before, because until then its answer may have been lost. Being refused is no use.
    pub(crate) async fn caller(&self, thumbprint: &[u8; 32], now: i64) -> Result<Option<Caller>, Error> {
        match look_up(&self.read, thumbprint).await? {
            Some(caller) if caller.first_use && caller.serves(now) => self.first_use(thumbprint, now).await,
            caller => Ok(caller),
        }
    }

    /// Looks once more, within the transaction: somebody may have stopped the device just now, and then it ends nothing.
    async fn first_use(&self, thumbprint: &[u8; 32], now: i64) -> Result<Option<Caller>, Error> {
        let mut transaction = self.begin().await?;
        let found = look_up(&mut *transaction, thumbprint).await?;
        let Some(caller) = found.as_ref().filter(|caller| caller.serves(now)) else { return Ok(found) };
        sqlx::query("UPDATE device_certificate SET used = 1 WHERE number = ?1")
            .bind(caller.certificate_number)
            .execute(&mut *transaction)
            .await?;
        sqlx::query("UPDATE device_certificate SET retired = 1 WHERE device = ?1 AND number < ?2")
            .bind(&caller.device)
            .bind(caller.certificate_number)
            .execute(&mut *transaction)
            .await?;
        sqlx::query("UPDATE device SET code_mac = NULL, link_mac = NULL WHERE id = ?1")
            .bind(&caller.device)
            .execute(&mut *transaction)
            .await?;
        let replaced: Option<(String, String)> = sqlx::query_as(
            "SELECT old.id, old.institution FROM device new JOIN device old ON old.id = new.replaces
             WHERE new.id = ?1 AND old.state <> 'revoked'",
        )
        .bind(&caller.device)
        .fetch_optional(&mut *transaction)
        .await?;
        if let Some((id, institution)) = replaced {
            end(&mut transaction, &id, &institution).await?;
        }
        end_rivals(&mut transaction, &caller.device).await?;
        transaction.commit().await?;
        Ok(found)
    }
}

/// A device by its certificate, as its row stands now.
async fn look_up(database: impl SqliteExecutor<'_>, thumbprint: &[u8; 32]) -> Result<Option<Caller>, Error> {
    let row: Option<CallerRow> = sqlx::query_as(
        "SELECT d.id, d.state, a.level, i.code, i.name, i.danger_attested_visual,
                c.number, c.key_hash, c.used, c.issued_at, c.not_after
         FROM device_certificate c JOIN device d ON d.id = c.device JOIN institution i ON i.code = d.institution
              LEFT JOIN attestation a ON a.device = d.id
         WHERE c.thumbprint = ?1 AND NOT c.retired",
    )
    .bind(&thumbprint[..])
    .fetch_optional(database)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let (device, state, level, code, name, danger, number, key_hash, used, issued_at, not_after) = row;
    Ok(Some(Caller {
        device,
        state: DeviceState::parse(&state)?,
        assurance: Assurance::parse(level.as_deref())?,
        institution: Institution { code, name },
        danger_attested_visual: danger,
        thumbprint: *thumbprint,
        key_hash,
        certificate_issued_at: issued_at,
        certificate_not_after: not_after,
        certificate_number: number,
        first_use: !used,
    }))
}

/// Ends all others that were to take the same place as this one, enrolled or not.
async fn end_rivals(transaction: &mut Transaction<'static, Sqlite>, device: &str) -> Result<(), Error> {
    let rivals: Vec<(String, String)> = sqlx::query_as(
        "SELECT rival.id, rival.institution FROM device this JOIN device rival ON rival.replaces = this.replaces
         WHERE this.id = ?1 AND rival.id <> this.id AND rival.state <> 'revoked'",
    )
    .bind(device)
    .fetch_all(&mut **transaction)
    .await?;
    for (id, institution) in rivals {
        end(transaction, &id, &institution).await?;
    }
    Ok(())
}

/// Ends a device for good.
///
/// It may be in strange hands, and it knew the institution's key for tags: the institution gets another one, and its
/// certificates come back by themselves, each with its next visit.
async fn end(
    transaction: &mut Transaction<'static, Sqlite>,
    id: &str,
    institution: &str,
) -> Result<(), Error> {
    known::start_anew(transaction, institution).await?;
    sqlx::query("UPDATE device SET state = 'revoked' WHERE id = ?1")
        .bind(id)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
