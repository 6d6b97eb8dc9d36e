//! What crosses in another form: secrets as bytes, a failure as its code, a UUID as text.

use counter::{Failure, Progress};
use reader::Uuid;
use secret::{Passcode, SecretBytes};

uniffi::custom_type!(SecretBytes, Vec<u8>, {
    remote,
    lower: |bytes| bytes.expose().to_vec(),
    try_lift: |bytes| Ok(SecretBytes::new(bytes)),
});

// In UTF-8. What is none is a passcode that nobody has chosen.
uniffi::custom_type!(Passcode, Vec<u8>, {
    remote,
    lower: |passcode| passcode.expose().as_bytes().to_vec(),
    try_lift: |bytes| Ok(Passcode::new(String::from_utf8_lossy(&bytes).into_owned())),
});

/// A public key on P-256, uncompressed.
pub(crate) type PublicKey = [u8; 65];

uniffi::custom_type!(PublicKey, Vec<u8>, {
    remote,
    lower: |point| point.to_vec(),
    try_lift: |bytes| bytes.try_into().map_err(|_| NoPublicKey.into()),
});

// The number that staff read to the help desk. A shell needs no more of a failure: its words are on the screen.
uniffi::custom_type!(Failure, u16, {
    remote,
    lower: |failure| failure.code(),
    try_lift: |code| known(code).ok_or(NoFailure.into()),
});

uniffi::custom_type!(Uuid, String, {
    remote,
    lower: |uuid| uuid.to_string(),
    try_lift: |text| Uuid::parse(&text).ok_or(NoUuid.into()),
});

#[uniffi::remote(Record)]
pub struct Progress {
    pub done: u8,
    pub total: u8,
}

#[derive(Debug, thiserror::Error)]
#[error("no failure has this code")]
struct NoFailure;

#[derive(Debug, thiserror::Error)]
#[error("not a UUID")]
struct NoUuid;

#[derive(Debug, thiserror::Error)]
#[error("a public key on P-256 has 65 bytes")]
struct NoPublicKey;

fn known(code: u16) -> Option<Failure> {
    Failure::ALL.iter().copied().find(|failure| failure.code() == code)
}

/// A failure that there can be: for tests, which reach each of them.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct KnownFailure {
    /// Its code.
    pub failure: Failure,
    /// Its name in the core.
    pub name: String,
}

/// Every failure that there can be.
#[uniffi::export]
pub fn known_failures() -> Vec<KnownFailure> {
    Failure::ALL
        .iter()
        .map(|failure| KnownFailure { failure: *failure, name: format!("{failure:?}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use uniffi::FfiConverter;

    use super::*;
    use crate::UniFfiTag;

    fn crosses<T: FfiConverter<UniFfiTag>>(value: T) -> Result<T, ()> {
        let mut bytes = Vec::new();
        T::write(value, &mut bytes);
        read(&bytes)
    }

    fn read<T: FfiConverter<UniFfiTag>>(bytes: &[u8]) -> Result<T, ()> {
        T::try_read(&mut &*bytes).map_err(drop)
    }

    #[test]
    fn a_failure_crosses_as_its_code() {
        for failure in Failure::ALL {
            assert_eq!(crosses(*failure), Ok(*failure));
        }
        assert_eq!(known_failures().len(), Failure::ALL.len());
        assert_eq!(read::<Failure>(&[0, 0]), Err(()));
    }

    #[test]
    fn secrets_cross_as_bytes() {
        let secret = crosses(SecretBytes::new(vec![0, 0xFF])).expect("bytes");
        assert_eq!(secret.expose(), [0, 0xFF]);
        let passcode = crosses(Passcode::new("まどぐち407182".to_owned())).expect("text");
        assert_eq!(passcode.expose(), "まどぐち407182");
    }

    #[test]
    fn a_passcode_that_is_no_text_is_another_one() {
        let passcode = read::<Passcode>(&[0, 0, 0, 2, b'4', 0xFF]).expect("any bytes");
        assert_eq!(passcode.expose(), "4\u{FFFD}");
    }

    #[test]
    fn a_uuid_crosses_as_text() {
        assert_eq!(crosses(Uuid::BATTERY_LEVEL), Ok(Uuid::BATTERY_LEVEL));
        assert_eq!(read::<Uuid>(&[0, 0, 0, 1, b'x']), Err(()));
    }

    #[test]
    fn a_public_key_has_its_length() {
        assert_eq!(crosses::<PublicKey>([4; 65]), Ok([4; 65]));
        assert_eq!(read::<PublicKey>(&[0, 0, 0, 1, 4]), Err(()));
    }

    #[test]
    fn what_is_cut_off_is_an_error() {
        assert!(read::<counter::Action>(&[0, 0]).is_err());
        assert!(read::<counter::Action>(&[0, 0, 0, 200]).is_err());
        assert!(read::<SecretBytes>(&[0, 0, 1, 0, 1]).is_err());
    }
}
