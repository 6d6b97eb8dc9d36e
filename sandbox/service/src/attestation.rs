//! What a device's key is worth: the service's own verdict on the attestation chain, and nothing that a device says.

use pki::attestation::{AttestationError, Expected, SecurityLevel, verify};
use service::est::CertificationRequest;

use crate::{Error, authority::time, state::Shared, store::Attestation};

/// What the service knows of where a device's key lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Assurance {
    /// Anywhere: nothing was attested, or the chain is not believed any more.
    Software,
    /// In a trusted execution environment, attested.
    TrustedEnvironment,
    /// In a chip of its own, attested.
    StrongBox,
}

impl Assurance {
    /// As the audit trail and the command line write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Software => "software",
            Self::TrustedEnvironment => "trusted-environment",
            Self::StrongBox => "strong-box",
        }
    }

    /// Whether secure hardware vouches for the key.
    pub fn is_attested(self) -> bool {
        self != Self::Software
    }

    /// From the database, where nothing is [`Self::Software`].
    pub(crate) fn parse(level: Option<&str>) -> Result<Self, Error> {
        match level {
            None => Ok(Self::Software),
            Some("trusted-environment") => Ok(Self::TrustedEnvironment),
            Some("strong-box") => Ok(Self::StrongBox),
            Some(_) => Err(Error::DatabaseDamaged),
        }
    }
}

impl From<SecurityLevel> for Assurance {
    fn from(level: SecurityLevel) -> Self {
        match level {
            SecurityLevel::TrustedEnvironment => Self::TrustedEnvironment,
            SecurityLevel::StrongBox => Self::StrongBox,
            // A level of a newer `pki` that is not known here vouches for nothing.
            _ => Self::Software,
        }
    }
}

/// What came of the chain in a request.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// There is none, or the operator looks at none.
    Nothing,
    /// It holds.
    Attested(Attestation),
    /// It is there, and does not hold.
    Refused(AttestationError),
}

impl Shared {
    /// The verdict on a request that carries this nonce.
    pub(crate) fn attestation(&self, request: &CertificationRequest, nonce: &[u8]) -> Result<Verdict, Error> {
        let Some(trust) = &self.attestation else { return Ok(Verdict::Nothing) };
        if request.attestation.is_empty() {
            return Ok(Verdict::Nothing);
        }
        let now = self.now();
        let expected = Expected { challenge: nonce, public_key: &request.public_key };
        match verify(&request.attestation, &expected, trust, time(now)?) {
            Ok(attested) => Ok(Verdict::Attested(Attestation {
                public_key: request.public_key,
                challenge: nonce.to_vec(),
                chain: request.attestation.clone(),
                verified_at: now,
                assurance: attested.level.into(),
            })),
            Err(reason) => Ok(Verdict::Refused(reason)),
        }
    }

    /// Looks at the attestation of a device again, by the operator's lists as they are now: a key may have been revoked, or
    /// an app taken from the list. The dates are those of the first look.
    async fn look_again(&self, device: &str) -> Result<(), Error> {
        let Some(kept) = self.store.attestation(device).await? else { return Ok(()) };
        let expected = Expected { challenge: &kept.challenge, public_key: &kept.public_key };
        let verdict = match &self.attestation {
            Some(trust) => verify(&kept.chain, &expected, trust, time(kept.verified_at)?).ok(),
            None => None,
        };
        let assurance = verdict.map_or(Assurance::Software, |attested| attested.level.into());
        if assurance != kept.assurance {
            tracing::warn!(
                device,
                from = kept.assurance.as_str(),
                to = assurance.as_str(),
                "another assurance"
            );
            self.store.set_assurance(device, assurance).await?;
        }
        Ok(())
    }

    /// The same for all devices: when the service starts, and reads the lists, its operator may have changed them.
    pub(crate) async fn look_at_all_again(&self) -> Result<(), Error> {
        for device in self.store.attested_devices().await? {
            self.look_again(&device).await?;
        }
        Ok(())
    }
}
