//! Keys that only the service knows, and what it authenticates with them.

use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hmac,
    rand::{SecureRandom, SystemRandom},
};

use crate::{Error, folder::Folder};

/// Random bytes of the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Error::Crypto)?;
    Ok(bytes)
}

/// One key per purpose, all derived from `service.key` (HMAC-SHA256 of the purpose's name).
pub(crate) struct Secrets {
    challenges: hmac::Key,
    enrollment: LessSafeKey,
    codes: hmac::Key,
    cards: hmac::Key,
    certificate_names: hmac::Key,
    certificate_seals: hmac::Key,
}

const FILE: &str = "service.key";

impl Secrets {
    pub(crate) fn open(folder: &Folder) -> Result<Self, Error> {
        let master = match folder.read(FILE)? {
            Some(bytes) if bytes.len() == 32 => bytes,
            Some(_) => return Err(Error::KeyDamaged(FILE)),
            None => {
                let bytes = random::<32>()?;
                folder.write(FILE, &bytes)?;
                bytes.to_vec()
            }
        };
        let master = hmac::Key::new(hmac::HMAC_SHA256, &master);
        let derive = |purpose: &str| hmac::sign(&master, purpose.as_bytes());
        let mac = |purpose| hmac::Key::new(hmac::HMAC_SHA256, derive(purpose).as_ref());
        let seal = UnboundKey::new(&AES_256_GCM, derive("madoguchi/enrollment-challenge/1").as_ref());
        Ok(Self {
            challenges: mac("madoguchi/challenge/1"),
            enrollment: LessSafeKey::new(seal.map_err(|_| Error::Crypto)?),
            codes: mac("madoguchi/activation-code/1"),
            cards: mac("madoguchi/card/1"),
            certificate_names: mac("madoguchi/known-certificate/name/1"),
            certificate_seals: mac("madoguchi/known-certificate/seal/1"),
        })
    }

    /// A challenge for one device: it needs no storage until it is used.
    pub(crate) fn challenge(&self, device: &str, expires_at: i64) -> Result<Challenge, Error> {
        let nonce = random::<32>()?;
        let mut token = expires_at.to_be_bytes().to_vec();
        token.extend_from_slice(&nonce);
        let tag = hmac::sign(&self.challenges, &challenge_input(device, &token));
        token.extend_from_slice(tag.as_ref());
        Ok(Challenge { nonce, expires_at, token })
    }

    /// The challenge, if this service gave it to this device.
    pub(crate) fn open_challenge(&self, device: &str, token: &[u8]) -> Option<Challenge> {
        let (content, tag) = token.split_at_checked(40)?;
        hmac::verify(&self.challenges, &challenge_input(device, content), tag).ok()?;
        let (expires_at, nonce) = content.split_at(8);
        Some(Challenge {
            expires_at: i64::from_be_bytes(expires_at.try_into().ok()?),
            nonce: nonce.try_into().ok()?,
            token: token.to_vec(),
        })
    }

    /// A nonce for one certification request, 32 bytes: its expiry, sealed, so that nobody else can make one and
    /// none needs to be stored until it is used.
    pub(crate) fn enrollment_nonce(&self, expires_at: i64) -> Result<[u8; 32], Error> {
        let iv = random::<NONCE_LEN>()?;
        let mut expiry = u32::try_from(expires_at).map_err(|_| Error::Crypto)?.to_be_bytes();
        let tag = self
            .enrollment
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(iv), Aad::empty(), &mut expiry)
            .map_err(|_| Error::Crypto)?;
        [&iv[..], &expiry, tag.as_ref()].concat().try_into().map_err(|_| Error::Crypto)
    }

    /// When the nonce ends, if this service gave it.
    pub(crate) fn open_enrollment_nonce(&self, nonce: &[u8]) -> Option<i64> {
        let (iv, sealed) = nonce.split_first_chunk::<NONCE_LEN>()?;
        let mut sealed = sealed.to_vec();
        let opened = self
            .enrollment
            .open_in_place(Nonce::assume_unique_for_key(*iv), Aad::empty(), &mut sealed)
            .ok()?;
        Some(i64::from(u32::from_be_bytes((&*opened).try_into().ok()?)))
    }

    /// What is stored in place of an activation code or a link's secret.
    pub(crate) fn code_mac(&self, account: &str, code: &[u8]) -> Vec<u8> {
        hmac::sign(&self.codes, &code_input(account, code)).as_ref().to_vec()
    }

    /// Whether the code is the one whose MAC was stored. Takes the same time whatever the answer.
    pub(crate) fn code_matches(&self, account: &str, code: &[u8], mac: &[u8]) -> bool {
        hmac::verify(&self.codes, &code_input(account, code), mac).is_ok()
    }

    /// Stands for a card's certificate (issuer and serial number) wherever something is written down about it.
    pub(crate) fn card_pseudonym(&self, generation: u8, serial: &[u8]) -> Vec<u8> {
        let mut input = vec![generation];
        input.extend_from_slice(serial);
        hmac::sign(&self.cards, &input).as_ref().to_vec()
    }

    /// Under which name a certificate with this tag is kept.
    pub(crate) fn certificate_name(&self, tag: &[u8; 32]) -> Vec<u8> {
        hmac::sign(&self.certificate_names, tag).as_ref().to_vec()
    }

    /// Seals a certificate for its institution so that it opens with its tag, which is not kept: AES-256-GCM (NIST SP
    /// 800-38D) under an HMAC of the tag, with a random nonce in front.
    pub(crate) fn seal_certificate(
        &self,
        institution: &str,
        tag: &[u8; 32],
        der: &[u8],
    ) -> Result<Vec<u8>, Error> {
        let nonce = random::<NONCE_LEN>()?;
        let mut sealed = der.to_vec();
        self.certificate_key(tag)?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(institution.as_bytes()),
                &mut sealed,
            )
            .map_err(|_| Error::Crypto)?;
        sealed.splice(0..0, nonce);
        Ok(sealed)
    }

    /// What was sealed, if it was sealed for this institution and this tag.
    pub(crate) fn open_certificate(
        &self,
        institution: &str,
        tag: &[u8; 32],
        sealed: &[u8],
    ) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut opened = sealed.to_vec();
        let opened = self
            .certificate_key(tag)
            .ok()?
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(institution.as_bytes()),
                &mut opened,
            )
            .ok()?;
        Some(opened.to_vec())
    }

    fn certificate_key(&self, tag: &[u8; 32]) -> Result<LessSafeKey, Error> {
        let key = hmac::sign(&self.certificate_seals, tag);
        Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.as_ref()).map_err(|_| Error::Crypto)?))
    }
}

/// An opened or fresh challenge.
pub(crate) struct Challenge {
    pub(crate) nonce: [u8; 32],
    pub(crate) expires_at: i64,
    pub(crate) token: Vec<u8>,
}

fn challenge_input(device: &str, content: &[u8]) -> Vec<u8> {
    // The content has a fixed length, so the two parts cannot run into each other.
    let mut input = content.to_vec();
    input.extend_from_slice(device.as_bytes());
    input
}

fn code_input(account: &str, code: &[u8]) -> Vec<u8> {
    let mut input = account.as_bytes().to_vec();
    input.push(0);
    input.extend_from_slice(code);
    input
}

/// Lower-case hexadecimal, for ids.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use core::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes all");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Secrets {
        let root = tempfile::tempdir().expect("a temporary folder");
        Secrets::open(&Folder::open(root.path()).expect("opened")).expect("made")
    }

    #[test]
    fn a_challenge_opens_for_its_device_only_and_only_unchanged() {
        let secrets = secrets();
        let challenge = secrets.challenge("a", 1000).expect("made");
        let opened = secrets.open_challenge("a", &challenge.token).expect("genuine");
        assert_eq!((opened.nonce, opened.expires_at), (challenge.nonce, 1000));
        assert!(secrets.open_challenge("b", &challenge.token).is_none());
        assert!(super::tests::secrets().open_challenge("a", &challenge.token).is_none());
        for at in 0..challenge.token.len() {
            let mut changed = challenge.token.clone();
            changed[at] ^= 1;
            assert!(secrets.open_challenge("a", &changed).is_none(), "byte {at}");
            assert!(secrets.open_challenge("a", &challenge.token[..at]).is_none(), "length {at}");
        }
    }

    #[test]
    fn a_nonce_for_enrolment_is_not_a_challenge() {
        let secrets = secrets();
        let nonce = secrets.enrollment_nonce(7).expect("made");
        assert_eq!(secrets.open_enrollment_nonce(&nonce), Some(7));
        assert!(secrets.open_challenge("", &nonce).is_none());
        assert_eq!(secrets.open_enrollment_nonce(&nonce[..31]), None);
    }

    #[test]
    fn a_certificate_opens_with_its_tag_for_its_institution_only() {
        let secrets = secrets();
        let der = [0x30; 1590];
        let sealed = secrets.seal_certificate("9919900010", &[7; 32], &der).expect("sealed");
        let open = |secrets: &Secrets, institution, tag, sealed: &[u8]| {
            secrets.open_certificate(institution, &tag, sealed)
        };
        assert_eq!(open(&secrets, "9919900010", [7; 32], &sealed), Some(der.to_vec()));
        assert_eq!(open(&secrets, "9939900016", [7; 32], &sealed), None);
        assert_eq!(open(&secrets, "9919900010", [8; 32], &sealed), None);
        assert_eq!(open(&super::tests::secrets(), "9919900010", [7; 32], &sealed), None);
        assert_eq!(open(&secrets, "9919900010", [7; 32], &sealed[..11]), None);
        assert_ne!(secrets.certificate_name(&[7; 32]), secrets.certificate_name(&[8; 32]));
    }

    #[test]
    fn a_damaged_key_file_is_told() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::open(root.path()).expect("opened");
        folder.write(FILE, b"short").expect("written");
        assert!(matches!(Secrets::open(&folder), Err(Error::KeyDamaged(FILE))));
    }
}
