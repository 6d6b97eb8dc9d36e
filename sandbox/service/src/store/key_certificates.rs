//! Certificates of the keys that sign EF 0001 of 券面事項確認AP, for all institutions.

use sqlx::{Sqlite, Transaction};

use super::Store;
use crate::Error;

/// The certificate of an issuer's key with which a check was accepted.
pub(crate) struct KeySeen {
    /// The subject key id in it.
    pub(crate) key_id: [u8; 16],
    /// EF 0004.
    pub(crate) certificate: Vec<u8>,
}

impl Store {
    /// The certificate of the key with this id, if a check was accepted with it after `since`.
    pub(crate) async fn key_certificate(
        &self,
        key_id: &[u8; 16],
        since: i64,
    ) -> Result<Option<Vec<u8>>, Error> {
        let row: Option<(Vec<u8>,)> =
            sqlx::query_as("SELECT certificate FROM key_certificate WHERE key_id = ?1 AND seen_at > ?2")
                .bind(&key_id[..])
                .bind(since)
                .fetch_optional(&self.read)
                .await?;
        Ok(row.map(|(certificate,)| certificate))
    }

    /// So many certificates with which checks were accepted after `since`, the last one first.
    pub(crate) async fn key_certificates(&self, since: i64, most: u8) -> Result<Vec<Vec<u8>>, Error> {
        let rows: Vec<(Vec<u8>,)> = sqlx::query_as(
            "SELECT certificate FROM key_certificate WHERE seen_at > ?1 ORDER BY seen_at DESC, key_id LIMIT ?2",
        )
        .bind(since)
        .bind(most)
        .fetch_all(&self.read)
        .await?;
        Ok(rows.into_iter().map(|(certificate,)| certificate).collect())
    }
}

/// Forgets the certificates with which no check was accepted after `since`.
pub(super) async fn forget(transaction: &mut Transaction<'static, Sqlite>, since: i64) -> Result<(), Error> {
    sqlx::query("DELETE FROM key_certificate WHERE seen_at <= ?1")
        .bind(since)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Enters the certificate of a check that was accepted, or notes that it was used.
pub(super) async fn remember(
    transaction: &mut Transaction<'static, Sqlite>,
    key: &KeySeen,
    now: i64,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO key_certificate (key_id, certificate, seen_at) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET certificate = excluded.certificate, seen_at = excluded.seen_at",
    )
    .bind(&key.key_id[..])
    .bind(&key.certificate)
    .bind(now)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
