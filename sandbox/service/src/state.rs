//! What all requests share.

use core::fmt;
use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use pki::attestation::Trust;
use service::messages::ProblemCode;

use crate::{
    Clock, Faults, Policy,
    authority::Authority,
    config::Limits,
    limits::Limiter,
    peer::Peer,
    persons::Persons,
    problem::Refusal,
    secrets::Secrets,
    store::{Caller, DeviceState, Store},
    tasks::Tasks,
    verify::CardTrust,
};

/// One per running service.
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) secrets: Arc<Secrets>,
    pub(crate) authority: Authority,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) policy: Policy,
    pub(crate) limits: Limits,
    pub(crate) counters: Counters,
    /// The origin by which devices know the service.
    pub(crate) audience: String,
    pub(crate) cards: CardTrust,
    /// Which attestations of device keys are believed; with `None` none is looked at.
    pub(crate) attestation: Option<Trust>,
    pub(crate) persons: Persons,
    pub(crate) faults: Arc<Faults>,
    pub(crate) checks: InProgress,
    /// Checks go on when their connection is gone: the answer is stored for the one who asks again.
    pub(crate) tasks: Tasks,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("audience", &self.audience).finish_non_exhaustive()
    }
}

/// What is counted, and for whom.
#[derive(Debug)]
pub(crate) struct Counters {
    pub(crate) challenges: Limiter<String>,
    pub(crate) checks: Limiter<String>,
    pub(crate) questions: Limiter<String>,
    pub(crate) certificates: Limiter<Vec<u8>>,
    pub(crate) addresses: Limiter<IpAddr>,
}

impl Counters {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            challenges: Limiter::new(limits.device),
            checks: Limiter::new(limits.device),
            questions: Limiter::new(limits.device),
            certificates: Limiter::new(limits.certificate),
            addresses: Limiter::new(limits.address),
        }
    }
}

impl Shared {
    pub(crate) fn now(&self) -> i64 {
        self.clock.now()
    }

    /// The device that sends this request, if it may send any. Its row is read every time.
    pub(crate) async fn caller(&self, peer: &Peer) -> Result<Caller, Refusal> {
        let now = self.now();
        let thumbprint = peer.certificate.ok_or(ProblemCode::DeviceUnknown)?;
        let caller = self.store.caller(&thumbprint, now).await?.ok_or(ProblemCode::DeviceUnknown)?;
        match caller.state {
            DeviceState::Active if caller.serves(now) => Ok(caller),
            DeviceState::Active => Err(ProblemCode::DeviceCertificateExpired.into()),
            DeviceState::Suspended => Err(ProblemCode::DeviceSuspended.into()),
            DeviceState::Revoked => Err(ProblemCode::DeviceRevoked.into()),
            DeviceState::Waiting => Err(ProblemCode::DeviceUnknown.into()),
        }
    }
}

/// The checks that this process works on, with the hash of each one's body.
#[derive(Debug, Default)]
pub(crate) struct InProgress(Arc<Mutex<HashMap<Key, [u8; 32]>>>);

type Key = (String, [u8; 16]);

impl InProgress {
    /// Takes the check for oneself until the guard is dropped.
    pub(crate) fn enter(&self, device: &str, id: [u8; 16], body: [u8; 32]) -> Result<Working, ProblemCode> {
        let key = (device.to_owned(), id);
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key.clone()) {
            Entry::Occupied(other) if *other.get() != body => Err(ProblemCode::RequestConflict),
            Entry::Occupied(_) => Err(ProblemCode::RequestInProgress),
            Entry::Vacant(place) => {
                place.insert(body);
                Ok(Working { all: Arc::clone(&self.0), key })
            }
        }
    }
}

/// Held while a check is worked on.
#[derive(Debug)]
pub(crate) struct Working {
    all: Arc<Mutex<HashMap<Key, [u8; 32]>>>,
    key: Key,
}

impl Drop for Working {
    fn drop(&mut self) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_worked_on_by_one_at_a_time() {
        let checks = InProgress::default();
        let working = checks.enter("a", [1; 16], [7; 32]).expect("free");
        assert_eq!(checks.enter("a", [1; 16], [7; 32]).err(), Some(ProblemCode::RequestInProgress));
        assert_eq!(checks.enter("a", [1; 16], [8; 32]).err(), Some(ProblemCode::RequestConflict));
        checks.enter("a", [2; 16], [7; 32]).expect("another check");
        checks.enter("b", [1; 16], [7; 32]).expect("another device");
        drop(working);
        checks.enter("a", [1; 16], [8; 32]).expect("free again");
    }
}
