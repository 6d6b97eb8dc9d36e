//! The keys that an institution set in its Bluetooth readers.
//!
//! They are set with the maker's tool, and entered here once; nothing writes a key into a reader. A key belongs to the
//! reader that advertises one name. It opens no more than the link to that reader, so it is there before anybody logs in;
//! it goes when the device is forgotten.

use std::collections::BTreeMap;

use ::reader::{CustomerKey, CustomerKeyError, Kind, Protection};
use secret::SecretBytes;
use serde_bytes::Bytes;
use zeroize::Zeroizing;

/// The keys, by the names of their readers as they are shown.
#[derive(Default)]
pub(crate) struct ReaderKeys(BTreeMap<String, CustomerKey>);

impl ReaderKeys {
    /// What cannot be read is no key: then the reader is not trusted, or its link is an exposed one.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        // Borrowed, so that no copy is left behind.
        let stored: BTreeMap<&str, &Bytes> = serde_cbor::from_slice(bytes).unwrap_or_default();
        let key = |(name, bytes): (&str, &Bytes)| {
            Some((name.to_owned(), CustomerKey::new((**bytes).try_into().ok()?)))
        };
        Self(stored.into_iter().filter_map(key).collect())
    }

    /// Adds those that are stored. What was typed since counts more.
    pub(crate) fn add(&mut self, stored: Option<Zeroizing<Vec<u8>>>) {
        let typed = core::mem::replace(self, stored.map(|bytes| Self::read(&bytes)).unwrap_or_default());
        self.0.extend(typed.0);
    }

    /// As it is stored; `None`: there is nothing to store.
    pub(crate) fn write(&self) -> Option<Zeroizing<Vec<u8>>> {
        if self.0.is_empty() {
            return None;
        }
        let stored: BTreeMap<&str, &Bytes> =
            self.0.iter().map(|(name, key)| (name.as_str(), Bytes::new(key.expose()))).collect();
        // Room for all of it: a buffer that grows leaves its old self behind. The rest of an entry is 5 bytes at most.
        let room = self.0.keys().map(|name| name.len() + 32).sum::<usize>() + 16;
        let mut bytes = Zeroizing::new(Vec::with_capacity(room));
        serde_cbor::to_writer(&mut *bytes, &stored).expect("text and bytes, into memory");
        Some(bytes)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Another copy of the key, for a session.
    pub(crate) fn get(&self, name: &str) -> Option<CustomerKey> {
        self.0.get(name).map(|key| CustomerKey::new(*key.expose()))
    }

    /// Takes what was typed for this reader: a key in the place of the one before, or nothing, which takes away the one
    /// that is there.
    pub(crate) fn take(&mut self, name: &str, typed: &SecretBytes) -> Result<(), KeyProblem> {
        if !typed.is_empty() || !self.has(name) {
            self.0.insert(name.to_owned(), parse(typed)?);
        } else {
            self.0.remove(name);
        }
        Ok(())
    }
}

/// Why what was typed is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyProblem {
    Characters,
    Length,
    /// The factory's, which everybody knows: it would protect nothing.
    Public,
}

fn parse(typed: &SecretBytes) -> Result<CustomerKey, KeyProblem> {
    let key = CustomerKey::parse(typed).map_err(|error| match error {
        CustomerKeyError::NotHexadecimal => KeyProblem::Characters,
        _ => KeyProblem::Length,
    })?;
    let public = Kind::all().iter().any(|kind| kind.protection(Some(&key)) == Protection::FactoryKey);
    if public { Err(KeyProblem::Public) } else { Ok(key) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(keys: &[(&str, [u8; 16])]) -> ReaderKeys {
        ReaderKeys(keys.iter().map(|(name, key)| ((*name).to_owned(), CustomerKey::new(*key))).collect())
    }

    fn told(keys: &ReaderKeys) -> Vec<(&str, [u8; 16])> {
        keys.0.iter().map(|(name, key)| (name.as_str(), *key.expose())).collect()
    }

    #[test]
    fn keys_are_stored_by_the_names_of_their_readers_and_their_buffer_never_grows() {
        let longest = "窓".repeat(40);
        let stored = keys(&[("ACR1255U-J1-000001", [1; 16]), ("", [0xFF; 16]), (&longest, [3; 16])]);
        let bytes = stored.write().expect("keys");
        assert!(bytes.capacity() < 16 + 3 * 32 + 138 + 1, "as much as was asked for, at the most");
        assert_eq!(told(&ReaderKeys::read(&bytes)), told(&stored));
        assert_eq!(ReaderKeys::default().write(), None);
    }

    #[test]
    fn what_cannot_be_read_is_no_key_and_costs_no_other_one() {
        for bytes in [&b""[..], b"\xFF\x00", b"not what it was"] {
            assert!(ReaderKeys::read(bytes).0.is_empty());
        }
        let short: BTreeMap<&str, &Bytes> =
            [("a", Bytes::new(&[7; 16])), ("b", Bytes::new(&[7; 15])), ("c", Bytes::new(&[]))].into();
        let bytes = serde_cbor::to_vec(&short).expect("bytes");
        assert_eq!(told(&ReaderKeys::read(&bytes)), [("a", [7; 16])]);
    }
}
