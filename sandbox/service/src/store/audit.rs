//! The audit trail: who asked, when, how, and what came of it; never about whom.

use ring::digest::{Context, SHA256};
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

/// Appends a row to the chain, within the transaction that stores the answer.
pub(super) async fn append(
    transaction: &mut Transaction<'static, Sqlite>,
    record: &AuditRecord,
) -> Result<(), Error> {
    let last: Option<(Vec<u8>, Vec<u8>)> = sqlx::query_as(
        "SELECT previous, CAST(at || '|' || check_id || '|' || institution || '|' || device || '|' || assurance || '|'
             || method || '|' || coalesce(staff, '') || '|' || coalesce(hex(card), '') || '|' || outcome || '|'
             || milliseconds AS BLOB)
         FROM audit ORDER BY number DESC LIMIT 1",
    )
    .fetch_optional(&mut **transaction)
    .await?;
    let previous = last.map_or_else(
        || vec![0; 32],
        |(previous, row)| {
            let mut context = Context::new(&SHA256);
            context.update(&previous);
            context.update(&row);
            context.finish().as_ref().to_vec()
        },
    );
    sqlx::query(
        "INSERT INTO audit
             (at, check_id, institution, device, assurance, method, staff, card, outcome, milliseconds, previous)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
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
    .bind(previous)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
