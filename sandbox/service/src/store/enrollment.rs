//! Activation codes, and the certificates that come of them.

use pki::attestation::AttestationError;
use sqlx::{Sqlite, Transaction};

use super::{Store, attestation, remember_time, requests::use_nonce};
use crate::{Error, attestation::Verdict};

/// Somebody tries an activation code.
pub(crate) struct Attempt<'a> {
    pub(crate) account: &'a str,
    /// The nonce of the request, and when it ends.
    pub(crate) nonce: (&'a [u8], i64),
    pub(crate) now: i64,
    /// How many wrong tries a code bears.
    pub(crate) max_tries: u32,
    /// SHA-256 of the key that is to be certified.
    pub(crate) key_hash: &'a [u8; 32],
    /// What the service found of the attestation chain.
    pub(crate) attestation: &'a Verdict,
}

/// What became of an activation code.
#[derive(Debug)]
pub(crate) enum EnrollmentOutcome {
    /// It was right, and is good for this key alone now. The certificate, DER.
    Accepted(Vec<u8>),
    /// Wrong account, wrong, used, dead or expired code, or one that was used for another key: nobody is told which.
    Refused,
    /// The nonce was used before.
    NonceUsed,
    /// The code was right, and is good for another try: the chain that came with it does not hold.
    AttestationRefused(AttestationError),
}

/// A device certificate to be remembered.
pub(crate) struct NewCertificate<'a> {
    pub(crate) thumbprint: &'a [u8; 32],
    /// SHA-256 of the certified key.
    pub(crate) key_hash: &'a [u8; 32],
    pub(crate) not_after: i64,
}

/// Id of the device, MAC of its code, MAC of its link's secret.
type Codes = (String, Option<Vec<u8>>, Option<Vec<u8>>);

impl Store {
    /// Uses the nonce up, tries the activation code, and on success binds the code to the key and remembers the
    /// certificate that `issue` makes for the device's id: one transaction.
    ///
    /// The code ends with the first use of a certificate ([`Store::caller`]). Until then the answer may have been
    /// lost, and the code may be tried again with the same key.
    ///
    /// A wrong account takes the same steps and the same writes to the disk as a wrong code.
    pub(crate) async fn enroll(
        &self,
        attempt: &Attempt<'_>,
        code_matches: impl Fn(&[u8], &[u8]) -> bool,
        issue: impl FnOnce(&str) -> Result<(Vec<u8>, [u8; 32], i64), Error>,
    ) -> Result<EnrollmentOutcome, Error> {
        let mut transaction = self.begin().await?;
        if !use_nonce(&mut transaction, attempt.nonce, attempt.now).await? {
            return Ok(EnrollmentOutcome::NonceUsed);
        }
        let row: Option<Codes> = sqlx::query_as(
            "SELECT id, code_mac, link_mac FROM device d
             WHERE account = ?1 AND state IN ('waiting', 'active') AND code_expires_at >= ?2 AND wrong_tries < ?3
               AND NOT EXISTS (SELECT 1 FROM device_certificate c WHERE c.device = d.id AND c.key_hash <> ?4)",
        )
        .bind(attempt.account)
        .bind(attempt.now)
        .bind(attempt.max_tries)
        .bind(&attempt.key_hash[..])
        .fetch_optional(&mut *transaction)
        .await?;
        let (id, code_mac, link_mac) = match row {
            Some((id, Some(code), Some(link))) => (Some(id), code, link),
            _ => (None, vec![0; 32], vec![0; 32]),
        };
        let matches = code_matches(&code_mac, &link_mac);
        let Some(id) = id.filter(|_| matches) else {
            sqlx::query("UPDATE device SET wrong_tries = wrong_tries + 1 WHERE account = ?1")
                .bind(attempt.account)
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
            return Ok(EnrollmentOutcome::Refused);
        };
        // Told only to whoever has the code.
        if let Verdict::Refused(reason) = attempt.attestation {
            transaction.commit().await?;
            return Ok(EnrollmentOutcome::AttestationRefused(*reason));
        }
        let (der, thumbprint, not_after) = issue(&id)?;
        sqlx::query("UPDATE device SET state = 'active' WHERE id = ?1")
            .bind(&id)
            .execute(&mut *transaction)
            .await?;
        let certificate = NewCertificate { thumbprint: &thumbprint, key_hash: attempt.key_hash, not_after };
        insert_certificate(&mut transaction, &id, &certificate, attempt.now).await?;
        if let Verdict::Attested(attested) = attempt.attestation {
            attestation::remember(&mut transaction, &id, attested).await?;
        }
        transaction.commit().await?;
        Ok(EnrollmentOutcome::Accepted(der))
    }

    /// Remembers one more certificate of an enrolled device.
    pub(crate) async fn add_certificate(
        &self,
        device: &str,
        certificate: &NewCertificate<'_>,
        now: i64,
    ) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        insert_certificate(&mut transaction, device, certificate, now).await?;
        transaction.commit().await?;
        Ok(())
    }
}

async fn insert_certificate(
    transaction: &mut Transaction<'static, Sqlite>,
    device: &str,
    certificate: &NewCertificate<'_>,
    now: i64,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO device_certificate (thumbprint, device, key_hash, issued_at, not_after)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )
    .bind(&certificate.thumbprint[..])
    .bind(device)
    .bind(&certificate.key_hash[..])
    .bind(now)
    .bind(certificate.not_after)
    .execute(&mut **transaction)
    .await?;
    remember_time(transaction, now).await
}
