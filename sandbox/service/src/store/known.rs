//! Certificates of earlier checks, for each institution.

use sqlx::{Sqlite, Transaction};

use super::{Store, key_certificates};
use crate::Error;

/// What an accepted check leaves for the next visit.
pub(crate) enum Remember {
    /// A certificate that came whole, or came whole again.
    Enter {
        /// HMAC of its tag.
        name: Vec<u8>,
        /// Opens with the tag.
        sealed: Vec<u8>,
    },
    /// The one that is kept under this name was used.
    Used {
        /// HMAC of its tag.
        name: Vec<u8>,
    },
}

impl Store {
    /// The institution's key for tags; `fresh` becomes it if there was none.
    pub(crate) async fn tag_key(&self, institution: &str, fresh: &[u8; 32]) -> Result<Vec<u8>, Error> {
        const KEY: &str = "SELECT tag_key FROM institution WHERE code = ?1";
        let row: Option<(Option<Vec<u8>>,)> =
            sqlx::query_as(KEY).bind(institution).fetch_optional(&self.read).await?;
        if let Some((Some(key),)) = row {
            return Ok(key);
        }
        let mut transaction = self.begin().await?;
        sqlx::query("UPDATE institution SET tag_key = ?2 WHERE code = ?1 AND tag_key IS NULL")
            .bind(institution)
            .bind(&fresh[..])
            .execute(&mut *transaction)
            .await?;
        let (key,) = sqlx::query_as(KEY).bind(institution).fetch_one(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(key)
    }

    /// The sealed certificate of this institution and name, if a check was accepted with it after `since`.
    pub(crate) async fn known_certificate(
        &self,
        institution: &str,
        name: &[u8],
        since: i64,
    ) -> Result<Option<Vec<u8>>, Error> {
        let row: Option<(Vec<u8>,)> = sqlx::query_as(
            "SELECT sealed FROM known_certificate WHERE institution = ?1 AND name = ?2 AND seen_at > ?3",
        )
        .bind(institution)
        .bind(name)
        .bind(since)
        .fetch_optional(&self.read)
        .await?;
        Ok(row.map(|(sealed,)| sealed))
    }

    /// Forgets the certificates, of cards and of issuers' keys, with which no check was accepted after `since`.
    pub(crate) async fn forget_certificates(&self, since: i64) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        forget(&mut transaction, since).await?;
        key_certificates::forget(&mut transaction, since).await?;
        transaction.commit().await?;
        Ok(())
    }
}

async fn forget(transaction: &mut Transaction<'static, Sqlite>, since: i64) -> Result<(), Error> {
    sqlx::query("DELETE FROM known_certificate WHERE seen_at <= ?1")
        .bind(since)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Forgets what was not used after `since`, then remembers.
///
/// A certificate that was used and is gone by now stays gone: only one that came whole enters.
pub(super) async fn remember(
    transaction: &mut Transaction<'static, Sqlite>,
    institution: &str,
    certificate: Option<&Remember>,
    since: i64,
    now: i64,
) -> Result<(), Error> {
    forget(transaction, since).await?;
    let query = match certificate {
        None => return Ok(()),
        Some(Remember::Enter { name, sealed }) => sqlx::query(
            "INSERT INTO known_certificate (institution, name, sealed, seen_at) VALUES (?1, ?2, ?4, ?3)
             ON CONFLICT DO UPDATE SET sealed = excluded.sealed, seen_at = excluded.seen_at",
        )
        .bind(institution)
        .bind(name)
        .bind(now)
        .bind(sealed),
        Some(Remember::Used { name }) => {
            sqlx::query("UPDATE known_certificate SET seen_at = ?3 WHERE institution = ?1 AND name = ?2")
                .bind(institution)
                .bind(name)
                .bind(now)
        }
    };
    query.execute(&mut **transaction).await?;
    Ok(())
}

/// An institution starts anew: no certificate, and no key that a device knew.
pub(super) async fn start_anew(
    transaction: &mut Transaction<'static, Sqlite>,
    institution: &str,
) -> Result<(), Error> {
    for sql in [
        "DELETE FROM known_certificate WHERE institution = ?1",
        "UPDATE institution SET tag_key = NULL WHERE code = ?1",
    ] {
        sqlx::query(sql).bind(institution).execute(&mut **transaction).await?;
    }
    Ok(())
}
