//! The audit trail: who asked, when, how, and what came of it; never about whom.

use sqlx::{Sqlite, Transaction};

use crate::Error;

/// One check, as it is written down.
#[derive(Debug, Clone)]
pub(crate) struct AuditRecord {
    pub(crate) at: i64,
    pub(crate) check_id: String,
    pub(crate) institution: String,
    pub(crate) device: String,
    pub(crate) assurance: &'static str,
    pub(crate) method: &'static str,
    /// The institution's own opaque reference.
    pub(crate) staff: Option<String>,
    /// HMAC of issuer and serial number; absent where the certificate was not read.
    pub(crate) card: Option<Vec<u8>>,
    pub(crate) outcome: &'static str,
    pub(crate) milliseconds: i64,
}

/// Appends a record; where an answer is stored, in the same transaction: none without the other.
pub(super) async fn append(
    transaction: &mut Transaction<'static, Sqlite>,
    record: &AuditRecord,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO audit
             (at, check_id, institution, device, assurance, method, staff, card, outcome, milliseconds)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )
    .bind(record.at)
    .bind(&record.check_id)
    .bind(&record.institution)
    .bind(&record.device)
    .bind(record.assurance)
    .bind(record.method)
    .bind(&record.staff)
    .bind(&record.card)
    .bind(record.outcome)
    .bind(record.milliseconds)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
