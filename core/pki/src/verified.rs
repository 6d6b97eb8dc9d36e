//! What is known of a certificate once the checks are through, and the decision.

use core::fmt;

use time::macros::offset;
use time::{Date, Month, OffsetDateTime};

use crate::{Error, PublicKey, RevocationStatus};

/// A certificate that passed every check of [`verify`](crate::verify()); it may be out of date.
///
/// Nobody else can make one, so a function that takes it need not ask again.
#[derive(Clone)]
pub struct Verified {
    pub(crate) serial: Vec<u8>,
    pub(crate) generation: u8,
    pub(crate) not_after: OffsetDateTime,
    pub(crate) valid_until: OffsetDateTime,
    pub(crate) checked_at: OffsetDateTime,
    pub(crate) public_key: PublicKey,
}

impl Verified {
    /// serialNumber (発行番号), big-endian. It names a person only together with the generation: the CAs count
    /// each for itself.
    pub fn serial(&self) -> &[u8] {
        &self.serial
    }

    /// The generation of the CA that issued the certificate.
    pub fn generation(&self) -> u8 {
        self.generation
    }

    /// The certificate's last second.
    pub fn not_after(&self) -> OffsetDateTime {
        self.not_after
    }

    /// The last valid second that has passed, of the certificate or of its issuer, whichever came first;
    /// `None` while both are valid. An issuer that is out of date is treated as the certificate is: our own
    /// decision.
    pub fn expired_since(&self) -> Option<OffsetDateTime> {
        // The last second is valid to its end (RFC 5280 §4.1.2.5).
        (self.checked_at.unix_timestamp() > self.valid_until.unix_timestamp()).then_some(self.valid_until)
    }

    /// The instant of the check.
    pub fn checked_at(&self) -> OffsetDateTime {
        self.checked_at
    }

    /// The certified key.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// Verifies the card's signature over the binding: see [`PublicKey::verify`].
    pub fn verify_signature(&self, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        self.public_key.verify(message, signature)
    }

    /// The decision, from the status that was looked up and the service's grace.
    ///
    /// Revoked beats out of date; out of date beyond the grace beats a status that is unknown or could not be
    /// looked up, because trying again would not help.
    pub fn decide(&self, status: RevocationStatus, grace: Grace) -> Result<Accepted, Error> {
        let usable_until = grace.end(self.valid_until);
        match status {
            RevocationStatus::Revoked { .. } => Err(Error::Revoked),
            _ if self.checked_at.unix_timestamp() > usable_until.unix_timestamp() => Err(Error::Expired),
            RevocationStatus::Unknown => Err(Error::StatusUnknown),
            RevocationStatus::Good { next_update: Some(next), .. } if next < self.checked_at => {
                Err(Error::StatusUnavailable)
            }
            RevocationStatus::Good { .. } => {
                Ok(Accepted { expired_since: self.expired_since(), usable_until })
            }
            RevocationStatus::Unavailable => Err(Error::StatusUnavailable),
        }
    }
}

/// The serial number names a person.
impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("generation", &self.generation)
            .field("expired", &self.expired_since().is_some())
            .finish_non_exhaustive()
    }
}

/// A certificate that may be used now. Only [`Verified::decide`] makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    expired_since: Option<OffsetDateTime>,
    usable_until: OffsetDateTime,
}

impl Accepted {
    /// Set where it is accepted by grace only: see [`Verified::expired_since`].
    pub fn expired_since(&self) -> Option<OffsetDateTime> {
        self.expired_since
    }

    /// The last second of the grace.
    pub fn usable_until(&self) -> OffsetDateTime {
        self.usable_until
    }
}

/// For how long a certificate that is out of date may still be used to check eligibility.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grace {
    months: u8,
}

impl Grace {
    /// Not at all.
    pub const NONE: Self = Self::months(0);

    /// Three months, as officially announced for checks of eligibility.
    pub const THREE_MONTHS: Self = Self::months(3);

    /// So many months of the calendar in Japan.
    pub const fn months(months: u8) -> Self {
        Self { months }
    }

    /// The last second of the grace: the same day and hour so many months later, or the month's last day
    /// where there is no such day. A published example: out of date on 10 November, usable to 10 February.
    pub fn end(self, valid_until: OffsetDateTime) -> OffsetDateTime {
        let end = || {
            let local = valid_until.checked_to_offset(offset!(+9))?;
            let month = i32::from(u8::from(local.month())) - 1 + i32::from(self.months);
            let year = local.year() + month.div_euclid(12);
            let month = Month::try_from(u8::try_from(month.rem_euclid(12) + 1).ok()?).ok()?;
            let day = local.day().min(month.length(year));
            let date = Date::from_calendar_date(year, month, day).ok()?;
            local.replace_date(date).checked_to_offset(offset!(UTC))
        };
        // After the year 9999 there is no grace.
        end().unwrap_or(valid_until)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn the_grace_counts_months_of_the_calendar_in_japan() {
        let end = |until| Grace::THREE_MONTHS.end(until);
        assert_eq!(end(datetime!(2025-11-10 14:59:59 UTC)), datetime!(2026-02-10 14:59:59 UTC));
        assert_eq!(end(datetime!(2025-11-30 14:59:59 UTC)), datetime!(2026-02-28 14:59:59 UTC));
        assert_eq!(end(datetime!(2026-01-31 14:59:59 UTC)), datetime!(2026-04-30 14:59:59 UTC));
        assert_eq!(end(datetime!(2026-01-31 15:00:00 UTC)), datetime!(2026-04-30 15:00:00 UTC));
        assert_eq!(Grace::months(14).end(datetime!(2026-01-31 0:00 UTC)), datetime!(2027-03-31 0:00 UTC));
        assert_eq!(Grace::NONE.end(datetime!(2026-01-31 0:00 UTC)), datetime!(2026-01-31 0:00 UTC));
        let last = datetime!(9999-12-31 23:59:59 UTC);
        assert_eq!(end(last), last);
    }
}
