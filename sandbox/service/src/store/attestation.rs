//! Attestation chains that were verified.

use sqlx::{Sqlite, Transaction};

use super::Store;
use crate::{Error, attestation::Assurance};

/// A chain, with all that it was verified by but the operator's lists.
#[derive(Debug, Clone)]
pub(crate) struct Attestation {
    pub(crate) public_key: [u8; 65],
    pub(crate) challenge: Vec<u8>,
    /// DER, first certificate first.
    pub(crate) chain: Vec<Vec<u8>>,
    pub(crate) verified_at: i64,
    /// What came of it.
    pub(crate) assurance: Assurance,
}

type Row = (Vec<u8>, Vec<u8>, Vec<u8>, i64, Option<String>);

impl Store {
    /// What is known of a device's key.
    pub(crate) async fn attestation(&self, device: &str) -> Result<Option<Attestation>, Error> {
        let row: Option<Row> = sqlx::query_as(
            "SELECT public_key, challenge, chain, verified_at, level FROM attestation WHERE device = ?1",
        )
        .bind(device)
        .fetch_optional(&self.read)
        .await?;
        let Some((public_key, challenge, chain, verified_at, level)) = row else { return Ok(None) };
        let chain: Vec<serde_bytes::ByteBuf> =
            serde_cbor::from_slice(&chain).map_err(|_| Error::DatabaseDamaged)?;
        Ok(Some(Attestation {
            public_key: public_key.try_into().map_err(|_| Error::DatabaseDamaged)?,
            challenge,
            chain: chain.into_iter().map(serde_bytes::ByteBuf::into_vec).collect(),
            verified_at,
            assurance: Assurance::parse(level.as_deref())?,
        }))
    }

    /// The ids of the devices of which something is known.
    pub(crate) async fn attested_devices(&self) -> Result<Vec<String>, Error> {
        let rows: Vec<(String,)> =
            sqlx::query_as("SELECT device FROM attestation").fetch_all(&self.read).await?;
        Ok(rows.into_iter().map(|(device,)| device).collect())
    }

    pub(crate) async fn set_assurance(&self, device: &str, assurance: Assurance) -> Result<(), Error> {
        let level = assurance.is_attested().then(|| assurance.as_str());
        sqlx::query("UPDATE attestation SET level = ?2 WHERE device = ?1")
            .bind(device)
            .bind(level)
            .execute(&self.write)
            .await?;
        Ok(())
    }
}

/// Remembers a chain that was verified, with the certificate that comes of it.
pub(super) async fn remember(
    transaction: &mut Transaction<'static, Sqlite>,
    device: &str,
    attestation: &Attestation,
) -> Result<(), Error> {
    let chain: Vec<&serde_bytes::Bytes> =
        attestation.chain.iter().map(|der| serde_bytes::Bytes::new(der)).collect();
    let assurance = attestation.assurance;
    sqlx::query(
        "INSERT OR REPLACE INTO attestation (device, public_key, challenge, chain, verified_at, level)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )
    .bind(device)
    .bind(&attestation.public_key[..])
    .bind(&attestation.challenge)
    .bind(serde_cbor::to_vec(&chain).map_err(|_| Error::Crypto)?)
    .bind(attestation.verified_at)
    .bind(assurance.is_attested().then(|| assurance.as_str()))
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
