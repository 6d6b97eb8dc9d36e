//! Revocation: the seam to whoever knows it.

use core::future::Future;

use time::OffsetDateTime;

use crate::Verified;

/// Where a service looks up whether a certificate is revoked.
///
/// J-LIS answers OCSP and gives CRLs to certified operators only, so a service brings what it has: a table, a
/// CRL file, an OCSP client, an operator's adapter. A source keeps its own rules on the age of an answer, and
/// never makes [`Good`](RevocationStatus::Good) of a doubt: what it could not learn is
/// [`Unavailable`](RevocationStatus::Unavailable).
pub trait RevocationSource: Send + Sync {
    /// The status of a certificate, by generation and serial number.
    fn status(&self, certificate: &Verified) -> impl Future<Output = RevocationStatus> + Send;
}

/// What a source knows of a certificate (RFC 6960 §2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationStatus {
    /// Not revoked.
    Good {
        /// The instant for which this is known.
        this_update: OffsetDateTime,
        /// After this the answer is worth nothing, if the source says so.
        next_update: Option<OffsetDateTime>,
    },
    /// 失効.
    Revoked {
        /// Since when.
        since: OffsetDateTime,
    },
    /// The source answers for this CA and does not know the certificate.
    Unknown,
    /// The source did not answer.
    Unavailable,
}
