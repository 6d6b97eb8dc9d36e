//! TLS of the service (RFC 8446): TLS 1.3 alone, ring, client certificates of our device CA.

use core::time::Duration;
use std::sync::Arc;

use der::Decode;
use rustls::{
    DigitallySignedStruct, DistinguishedName, PeerIncompatible, RootCertStore, ServerConfig, SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::ring::default_provider,
    pki_types::{CertificateDer, UnixTime},
    server::{
        WebPkiClientVerifier,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
    time_provider::TimeProvider,
    version::TLS13,
};

use crate::{Clock, Error, authority::Authority};

/// The server's side of TLS. A client certificate is optional here, since a device that enrols has none yet;
/// where one is needed, the request is refused.
///
/// No early data (RFC 8446 §8): a replayed request must not even reach a handler.
pub(crate) fn server_config(
    authority: &Authority,
    host: &str,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<ServerConfig>, Error> {
    let provider = Arc::new(default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(authority.device_ca().clone()).map_err(|_| Error::KeyDamaged("devices.der"))?;
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
        .allow_unauthenticated()
        .build()
        .map_err(|_| Error::Crypto)?;
    let identity = authority.server_identity(host, clock.now())?;
    let mut config = ServerConfig::builder_with_details(provider, Arc::new(ServiceTime(Arc::clone(clock))))
        .with_protocol_versions(&[&TLS13])
        .map_err(|_| Error::Crypto)?
        .with_client_cert_verifier(Arc::new(DeviceVerifier(verifier)))
        .with_single_cert(identity.chain, identity.key)
        .map_err(|_| Error::Crypto)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Verifies as `WebPkiClientVerifier` does, except that a certificate out of date is verified as of its last second.
///
/// TLS could only cut such a connection with an alert, which tells staff nothing. So it is let in here, and
/// the request is refused with `device-certificate-expired` by the time that the service itself wrote
/// down.
#[derive(Debug)]
struct DeviceVerifier(Arc<dyn ClientCertVerifier>);

impl ClientCertVerifier for DeviceVerifier {
    fn client_auth_mandatory(&self) -> bool {
        self.0.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.0.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let last_second = x509_cert::Certificate::from_der(end_entity)
            .ok()
            .map(|certificate| certificate.tbs_certificate.validity.not_after.to_unix_duration().as_secs());
        let at = last_second.map_or(now.as_secs(), |last| last.min(now.as_secs()));
        self.0.verify_client_cert(
            end_entity,
            intermediates,
            UnixTime::since_unix_epoch(Duration::from_secs(at)),
        )
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(PeerIncompatible::Tls12NotOffered.into())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

/// The service's clock, as rustls asks for it.
#[derive(Debug)]
struct ServiceTime(Arc<dyn Clock>);

impl TimeProvider for ServiceTime {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.now()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}
