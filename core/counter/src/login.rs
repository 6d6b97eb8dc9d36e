//! Logging in: the verifier, the count of wrong attempts, and the growing delay.

use std::time::Duration;

use argon2::{Algorithm, Argon2, Params, Version};
use ring::rand::{SecureRandom, SystemRandom};
use secret::{Passcode, SecretBytes};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use zeroize::Zeroizing;

/// After so many wrong attempts the state is wiped.
pub(crate) const MAX_WRONG: u8 = 10;

/// Argon2id with 19 MiB, two passes, one lane: the first choice of the OWASP Password Storage Cheat Sheet.
const PARAMS: (u32, u32, u32) = (19 * 1024, 2, 1);

/// Length of the salt, in bytes.
const SALT: usize = 16;
/// Length of the hash, in bytes.
const HASH: usize = 32;

/// How long the device waits after so many wrong attempts before it takes another one: our own decision.
///
/// It counts on the steady clock, and starts anew with the process: neither a moved clock nor a restart
/// makes it shorter.
pub(crate) fn delay(wrong: u8) -> Duration {
    Duration::from_secs(match wrong {
        0..=3 => 0,
        4 => 5,
        5 => 15,
        6 => 30,
        7 => 60,
        8 => 5 * 60,
        9.. => 15 * 60,
    })
}

/// What is stored of a passcode: a salted Argon2id hash, and how many attempts were wrong since the last
/// right one. The storage seals it with a hardware key where there is one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Verifier {
    salt: ByteBuf,
    hash: ByteBuf,
    /// Attempts that were begun and not found right.
    pub(crate) wrong: u8,
}

impl Verifier {
    /// Whether it is what [`Self::choose`] makes. A stored one may be damaged.
    pub(crate) fn is_whole(&self) -> bool {
        (self.salt.len(), self.hash.len()) == (SALT, HASH)
    }

    /// Slow by design: call it on a worker thread.
    pub(crate) fn choose(passcode: &Passcode) -> Self {
        let mut salt = vec![0; SALT];
        SystemRandom::new().fill(&mut salt).expect("the operating system gives random bytes");
        let hash = hash(passcode, &salt).to_vec();
        Self { salt: ByteBuf::from(salt), hash: ByteBuf::from(hash), wrong: 0 }
    }

    /// Slow by design: call it on a worker thread, and only when the attempt has been stored as wrong.
    pub(crate) fn matches(&self, passcode: &Passcode) -> bool {
        let typed = SecretBytes::new(hash(passcode, &self.salt).to_vec());
        typed.equals(&self.hash)
    }

    /// How many attempts are left before the wipe.
    pub(crate) fn tries_left(&self) -> u8 {
        MAX_WRONG.saturating_sub(self.wrong)
    }
}

impl core::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Verifier").field("wrong", &self.wrong).finish_non_exhaustive()
    }
}

fn hash(passcode: &Passcode, salt: &[u8]) -> Zeroizing<[u8; HASH]> {
    let (memory, passes, lanes) = PARAMS;
    let params = Params::new(memory, passes, lanes, Some(HASH)).expect("fixed parameters that Argon2 allows");
    let mut out = Zeroizing::new([0; HASH]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passcode.expose().as_bytes(), salt, out.as_mut())
        .expect("a salt of 16 bytes, and a passcode shorter than 4 GiB");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_chosen_passcode_matches() {
        let verifier = Verifier::choose(&Passcode::new("407182".into()));
        assert!(verifier.matches(&Passcode::new("407182".into())));
        assert!(!verifier.matches(&Passcode::new("407183".into())));
        assert!(!verifier.matches(&Passcode::new(String::new())));
    }

    #[test]
    fn two_verifiers_of_one_passcode_have_nothing_in_common() {
        let one = Verifier::choose(&Passcode::new("407182".into()));
        let other = Verifier::choose(&Passcode::new("407182".into()));
        assert_ne!(one.salt, other.salt);
        assert_ne!(one.hash, other.hash);
    }

    #[test]
    fn the_delay_never_shrinks() {
        let delays: Vec<_> = (0..=MAX_WRONG).map(delay).collect();
        assert!(delays.is_sorted());
        assert_eq!(delays[3], Duration::ZERO);
        assert!(delays[4] > Duration::ZERO);
    }
}
