//! Exactly once: which checks were asked for, and what was answered.

use super::{AuditRecord, KeySeen, Remember, Store, audit, key_certificates, known, remember_time};
use crate::Error;

/// What is known of a request id.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// It was done: the sealed answer.
    Answered(Vec<u8>),
    /// It was begun, its nonce consumed, and it has no answer: somebody works on it, or the process died at it.
    Unfinished,
    /// The id came with another body before.
    OtherBody,
}

/// What beginning a request came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Begun {
    /// The nonce is consumed; nobody else gets this answer for this nonce or this id.
    Granted,
    /// The nonce was used for another check.
    NonceUsed,
    /// The id was begun by somebody else in between.
    Before,
}

/// How long a used nonce is remembered after its life, in seconds: longer than a clock is likely to be set back.
const NONCE_MEMORY: i64 = 24 * 60 * 60;

impl Store {
    /// What is known of this request id.
    pub(crate) async fn find_request(
        &self,
        device: &str,
        id: &[u8],
        body_hash: &[u8],
        forget_before: i64,
    ) -> Result<Option<Found>, Error> {
        let row: Option<(Vec<u8>, Option<Vec<u8>>)> =
            sqlx::query_as("SELECT body_hash, answer FROM request WHERE device = ?1 AND id = ?2 AND at > ?3")
                .bind(device)
                .bind(id)
                .bind(forget_before)
                .fetch_optional(&self.read)
                .await?;
        Ok(row.map(|(hash, answer)| match answer {
            _ if hash != body_hash => Found::OtherBody,
            Some(answer) => Found::Answered(answer),
            None => Found::Unfinished,
        }))
    }

    /// Begins the request and consumes the nonce: one transaction, and the keys of the two tables make it happen
    /// once, whoever else tries.
    pub(crate) async fn begin_request(
        &self,
        device: &str,
        id: &[u8],
        body_hash: &[u8],
        nonce: (&[u8], i64),
        now: i64,
        forget_before: i64,
    ) -> Result<Begun, Error> {
        let mut transaction = self.begin().await?;
        sqlx::query("DELETE FROM request WHERE at <= ?1")
            .bind(forget_before)
            .execute(&mut *transaction)
            .await?;
        let begun = sqlx::query(
            "INSERT INTO request (device, id, body_hash, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        )
        .bind(device)
        .bind(id)
        .bind(body_hash)
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        if begun.rows_affected() == 0 {
            transaction.rollback().await?;
            return Ok(Begun::Before);
        }
        if !use_nonce(&mut transaction, nonce, now).await? {
            transaction.rollback().await?;
            return Ok(Begun::NonceUsed);
        }
        transaction.commit().await?;
        Ok(Begun::Granted)
    }

    /// Stores the sealed answer, the audit record, and what is remembered of the certificates, together.
    ///
    /// Those of cards that were not used after `known_since` are forgotten.
    pub(crate) async fn finish_request(
        &self,
        id: &[u8],
        answer: &[u8],
        record: &AuditRecord,
        (certificate, key): (Option<&Remember>, Option<&KeySeen>),
        known_since: i64,
    ) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        sqlx::query("UPDATE request SET answer = ?3 WHERE device = ?1 AND id = ?2 AND answer IS NULL")
            .bind(&record.device)
            .bind(id)
            .bind(answer)
            .execute(&mut *transaction)
            .await?;
        if let Some(key) = key {
            key_certificates::remember(&mut transaction, key, record.at).await?;
        }
        known::remember(&mut transaction, &record.institution, certificate, known_since, record.at).await?;
        audit::append(&mut transaction, record).await?;
        remember_time(&mut transaction, record.at).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Writes the audit record of a request that stays unfinished.
    pub(crate) async fn leave_request(&self, record: &AuditRecord) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        audit::append(&mut transaction, record).await?;
        remember_time(&mut transaction, record.at).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The hash of the key remembered for this card; `key_hash` is remembered if there was none.
    pub(crate) async fn surface_key(&self, card: &[u8], key_hash: &[u8]) -> Result<Vec<u8>, Error> {
        let mut transaction = self.begin().await?;
        sqlx::query("INSERT INTO surface_key (card, key_hash) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
            .bind(card)
            .bind(key_hash)
            .execute(&mut *transaction)
            .await?;
        let (remembered,): (Vec<u8>,) = sqlx::query_as("SELECT key_hash FROM surface_key WHERE card = ?1")
            .bind(card)
            .fetch_one(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(remembered)
    }
}

/// Uses a nonce up. `false`: it was used before.
pub(super) async fn use_nonce(
    transaction: &mut sqlx::Transaction<'static, sqlx::Sqlite>,
    (nonce, expires_at): (&[u8], i64),
    now: i64,
) -> Result<bool, Error> {
    sqlx::query("DELETE FROM used_nonce WHERE expires_at < ?1")
        .bind(now - NONCE_MEMORY)
        .execute(&mut **transaction)
        .await?;
    let used =
        sqlx::query("INSERT INTO used_nonce (nonce, expires_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
            .bind(nonce)
            .bind(expires_at)
            .execute(&mut **transaction)
            .await?;
    Ok(used.rows_affected() == 1)
}
