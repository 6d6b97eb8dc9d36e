//! The service's own certificates: root, TLS server, device CA. All keys are ECDSA on P-256.

use std::net::IpAddr;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PublicKeyData, SanType, SerialNumber,
    SignatureAlgorithm,
};
use ring::digest::{SHA256, digest};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use time::OffsetDateTime;

use crate::{Error, folder::Folder, secrets};

const DAY: i64 = 24 * 60 * 60;
const CA_LIFE: i64 = 20 * 365 * DAY;
const SERVER_LIFE: i64 = 397 * DAY;
/// Clocks of devices differ from ours: certificates begin a little earlier than they are made.
const BACKDATED: i64 = DAY;

/// Root and device CA, with their keys.
pub(crate) struct Authority {
    root: Ca,
    devices: Ca,
}

struct Ca {
    der: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
    not_before: i64,
}

/// A device certificate, just made.
pub(crate) struct DeviceCertificate {
    pub(crate) der: Vec<u8>,
    /// SHA-256 of the DER: the service knows a device by it.
    pub(crate) thumbprint: [u8; 32],
    pub(crate) not_after: i64,
}

/// Chain and key of the TLS server.
pub(crate) struct ServerIdentity {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
}

impl Authority {
    /// Reads keys and certificates, and makes what is not there yet.
    ///
    /// The key is written before its certificate: a process killed in between finds the key and makes the
    /// certificate anew; a certificate without its key is damage.
    pub(crate) fn open(folder: &Folder, now: i64) -> Result<Self, Error> {
        let root = Ca::open(folder, "root", "Madoguchi sandbox root", None, now)?;
        let devices = Ca::open(folder, "devices", "Madoguchi sandbox device CA", Some(&root), now)?;
        if now < root.not_before || now < devices.not_before || now > root.not_before + CA_LIFE {
            return Err(Error::ClockOutside { now: time(now)? });
        }
        Ok(Self { root, devices })
    }

    pub(crate) fn root(&self) -> &CertificateDer<'static> {
        &self.root.der
    }

    pub(crate) fn device_ca(&self) -> &CertificateDer<'static> {
        &self.devices.der
    }

    /// A certificate for the server, made at each start: it is never stored, so a changed name or a certificate
    /// out of date cannot be. Devices trust the root.
    pub(crate) fn server_identity(&self, host: &str, now: i64) -> Result<ServerIdentity, Error> {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).map_err(|_| Error::Crypto)?;
        params.subject_alt_names.push(SanType::IpAddress(IpAddr::from([127, 0, 0, 1])));
        let public = match host.trim_start_matches('[').trim_end_matches(']').parse() {
            Ok(address) => SanType::IpAddress(address),
            Err(_) => SanType::DnsName(host.try_into().map_err(|_| Error::PublicUrlInvalid)?),
        };
        if !params.subject_alt_names.contains(&public) {
            params.subject_alt_names.push(public);
        }
        params.distinguished_name.push(DnType::CommonName, "Madoguchi sandbox");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        params.serial_number = Some(serial()?);
        (params.not_before, params.not_after) = (time(now - BACKDATED)?, time(now + SERVER_LIFE)?);
        let key = new_key()?;
        let leaf = params.signed_by(&key, &self.root.issuer).map_err(|_| Error::Crypto)?;
        Ok(ServerIdentity {
            chain: vec![leaf.der().clone(), self.root.der.clone()],
            key: PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        })
    }

    /// A client certificate that names the device by its opaque id and tells nothing about the institution.
    pub(crate) fn device_certificate(
        &self,
        device: &str,
        public_key: &[u8; 65],
        now: i64,
        life: i64,
    ) -> Result<DeviceCertificate, Error> {
        let mut params = CertificateParams::default();
        let uri = format!("urn:madoguchi:device:{device}");
        params.subject_alt_names = vec![SanType::URI(uri.try_into().map_err(|_| Error::Crypto)?)];
        params.distinguished_name.push(DnType::CommonName, device);
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        params.serial_number = Some(serial()?);
        let not_after = now + life;
        (params.not_before, params.not_after) = (time(now - BACKDATED)?, time(not_after)?);
        let certificate =
            params.signed_by(&P256Point(public_key), &self.devices.issuer).map_err(|_| Error::Crypto)?;
        let der = certificate.der().to_vec();
        Ok(DeviceCertificate { thumbprint: sha256(&der), der, not_after })
    }
}

impl Ca {
    fn open(
        folder: &Folder,
        name: &str,
        common_name: &str,
        parent: Option<&Ca>,
        now: i64,
    ) -> Result<Self, Error> {
        let (key_file, der_file) = match name {
            "root" => ("root.key", "root.der"),
            _ => ("devices.key", "devices.der"),
        };
        let stored = folder.read(der_file)?;
        let key = match (folder.read(key_file)?, &stored) {
            (Some(pkcs8), _) => KeyPair::try_from(pkcs8).map_err(|_| Error::KeyDamaged(key_file))?,
            (None, Some(_)) => return Err(Error::KeyDamaged(key_file)),
            (None, None) => {
                let key = new_key()?;
                folder.write(key_file, &key.serialize_der())?;
                key
            }
        };
        if let Some(der) = stored {
            return Self::stored(der, common_name, key).ok_or(Error::KeyDamaged(der_file));
        }
        let not_before = now - BACKDATED;
        let mut params = ca_params(common_name);
        params.serial_number = Some(serial()?);
        (params.not_before, params.not_after) = (time(not_before)?, time(not_before + CA_LIFE)?);
        let certified = match parent {
            None => CertifiedIssuer::self_signed(params.clone(), &key),
            Some(parent) => CertifiedIssuer::signed_by(params.clone(), &key, &parent.issuer),
        }
        .map_err(|_| Error::Crypto)?;
        let der = certified.der().clone();
        folder.write(der_file, &der)?;
        Ok(Self { der, issuer: Issuer::new(params, key), not_before })
    }

    /// The certificate as it was made, if it is one and its key is the one at hand.
    fn stored(der: Vec<u8>, common_name: &str, key: KeyPair) -> Option<Self> {
        use der::{Decode, Encode};
        let parsed = x509_cert::Certificate::from_der(&der).ok()?;
        let tbs = &parsed.tbs_certificate;
        let spki = tbs.subject_public_key_info.to_der().ok()?;
        let not_before = tbs.validity.not_before.to_unix_duration().as_secs();
        (spki == key.subject_public_key_info()).then(|| Self {
            der: CertificateDer::from(der),
            issuer: Issuer::new(ca_params(common_name), key),
            not_before: i64::try_from(not_before).unwrap_or(i64::MAX),
        })
    }
}

/// What of a CA is the same whenever it is read again.
fn ca_params(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::OrganizationName, "Madoguchi sandbox");
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.use_authority_key_identifier_extension = true;
    params
}

/// A device's public key, uncompressed, as its request carried it.
struct P256Point<'a>(&'a [u8; 65]);

impl PublicKeyData for P256Point<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    digest(&SHA256, bytes).as_ref().try_into().expect("SHA-256 gives 32 bytes")
}

pub(crate) fn time(seconds: i64) -> Result<OffsetDateTime, Error> {
    OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| Error::Crypto)
}

fn new_key() -> Result<KeyPair, Error> {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(|_| Error::Crypto)
}

/// 16 random bytes, positive (RFC 5280 §4.1.2.2).
fn serial() -> Result<SerialNumber, Error> {
    let mut bytes = secrets::random::<16>()?;
    bytes[0] = bytes[0] & 0x7F | 0x40;
    Ok(SerialNumber::from_slice(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_790_000_000;

    #[test]
    fn what_was_made_once_is_the_same_after_a_restart() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::open(root.path()).expect("opened");
        let first = Authority::open(&folder, NOW).expect("made");
        let second = Authority::open(&folder, NOW + 1000).expect("read");
        assert_eq!(first.root(), second.root());
        assert_eq!(first.device_ca(), second.device_ca());
    }

    #[test]
    fn a_process_killed_between_key_and_certificate_goes_on() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::open(root.path()).expect("opened");
        Authority::open(&folder, NOW).expect("made");
        std::fs::remove_file(root.path().join("devices.der")).expect("as if killed before it was written");
        Authority::open(&folder, NOW).expect("made again");
    }

    #[test]
    fn a_missing_or_foreign_key_is_damage() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::open(root.path()).expect("opened");
        Authority::open(&folder, NOW).expect("made");
        std::fs::copy(root.path().join("devices.key"), root.path().join("root.key")).expect("copied");
        assert!(matches!(Authority::open(&folder, NOW), Err(Error::KeyDamaged("root.der"))));
        std::fs::remove_file(root.path().join("root.key")).expect("removed");
        assert!(matches!(Authority::open(&folder, NOW), Err(Error::KeyDamaged("root.key"))));
    }

    #[test]
    fn a_clock_before_the_own_certificates_is_wrong() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::open(root.path()).expect("opened");
        Authority::open(&folder, NOW).expect("made");
        assert!(matches!(Authority::open(&folder, NOW - 2 * DAY), Err(Error::ClockOutside { .. })));
    }
}
