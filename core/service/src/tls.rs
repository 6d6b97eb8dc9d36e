//! TLS as this protocol wants it: TLS 1.3, one root, the device key as client key.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ResolvesClientCert, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::{CertifiedKey, Signer, SigningKey};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, OtherError, PeerIncompatible, RootCertStore,
    SignatureAlgorithm, SignatureScheme,
};

use crate::key_thread::KeyThread;
use crate::{Error, Trust};

/// The configuration of a client, and where its root can be read once a connection has been made.
///
/// The provider is passed by hand: a process-wide default would be somebody else's choice. TLS 1.2 is off: the
/// service is ours, and in TLS 1.3 the client certificate is not seen on the line.
pub(crate) fn config(
    trust: &Trust,
    client: Option<(Vec<CertificateDer<'static>>, KeyThread, Duration)>,
) -> Result<(ClientConfig, Arc<ServiceRoot>), Error> {
    let provider = Arc::new(ring::default_provider());
    let root = Arc::new(ServiceRoot::new(trust, Arc::clone(&provider))?);
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("ring has the cipher suites of TLS 1.3")
        .dangerous()
        .with_custom_certificate_verifier(Arc::<ServiceRoot>::clone(&root));
    let mut config = match client {
        None => builder.with_no_client_auth(),
        Some((chain, key, patience)) => {
            let key = Arc::new(PortKey { key, patience });
            let certified = Arc::new(CertifiedKey::new(chain, key));
            builder.with_client_cert_resolver(Arc::new(DeviceCertificate(certified)))
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    // A check must not be replayable by whoever recorded it (RFC 8446 §8).
    config.enable_early_data = false;
    Ok((config, root))
}

/// Verifies the server against exactly one root.
///
/// This verifier is a custom one only because of [`Trust::Fingerprint`], where the root is not at hand and comes
/// with the server's chain. Chain, name, validity and key usage are webpki's business in both cases.
pub(crate) struct ServiceRoot {
    trust: Trust,
    provider: Arc<CryptoProvider>,
    /// The root, DER, once it is known.
    known: OnceLock<CertificateDer<'static>>,
}

impl ServiceRoot {
    fn new(trust: &Trust, provider: Arc<CryptoProvider>) -> Result<Self, Error> {
        let known = OnceLock::new();
        if let Trust::Root(der) = trust {
            let root = CertificateDer::from(der.clone());
            store(&root).map_err(|_| Error::TrustInvalid)?;
            known.get_or_init(|| root);
        }
        Ok(Self { trust: trust.clone(), provider, known })
    }

    /// The root under which a server has been verified, or which was given.
    pub(crate) fn known(&self) -> Option<&CertificateDer<'static>> {
        self.known.get()
    }

    /// Whether a device certificate comes from this root, is for TLS clients and is valid now.
    pub(crate) fn issued(&self, leaf: &[u8], others: &[Vec<u8>]) -> bool {
        let Some(root) = self.known() else { return false };
        let Ok(store) = store(root) else { return false };
        let others: Vec<_> = others.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
        WebPkiClientVerifier::builder_with_provider(store.into(), Arc::clone(&self.provider))
            .build()
            .is_ok_and(|it| it.verify_client_cert(&leaf.into(), &others, UnixTime::now()).is_ok())
    }

    /// The one certificate of this handshake that may be the root.
    fn root_of(&self, presented: &[CertificateDer<'_>]) -> Option<CertificateDer<'static>> {
        match &self.trust {
            Trust::Root(_) => self.known.get().cloned(),
            Trust::Fingerprint(print) => {
                presented.iter().find(|der| crate::sha256(der) == *print).map(|der| der.clone().into_owned())
            }
        }
    }
}

impl ServerCertVerifier for ServiceRoot {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let root = self.root_of(intermediates).ok_or(CertificateError::UnknownIssuer)?;
        let roots = Arc::new(store(&root)?);
        let verifier = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&self.provider))
            .build()
            .map_err(|_| CertificateError::UnknownIssuer)?;
        let outcome =
            verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)?;
        self.known.get_or_init(|| root);
        Ok(outcome)
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(PeerIncompatible::ServerDoesNotSupportTls12Or13.into())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

impl fmt::Debug for ServiceRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServiceRoot")
    }
}

/// A store with one root in it.
fn store(root: &CertificateDer<'_>) -> Result<RootCertStore, rustls::Error> {
    let mut store = RootCertStore::empty();
    store.add(root.clone().into_owned())?;
    Ok(store)
}

/// The device certificate, whatever the server hints at: there is only one.
#[derive(Debug)]
struct DeviceCertificate(Arc<CertifiedKey>);

impl ResolvesClientCert for DeviceCertificate {
    fn resolve(&self, _hints: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        schemes.contains(&SCHEME).then(|| Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

const SCHEME: SignatureScheme = SignatureScheme::ECDSA_NISTP256_SHA256;

/// The device key as rustls sees it.
#[derive(Clone)]
struct PortKey {
    key: KeyThread,
    patience: Duration,
}

impl SigningKey for PortKey {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        offered.contains(&SCHEME).then(|| Box::new(self.clone()) as Box<dyn Signer>)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

impl Signer for PortKey {
    /// Blocks the thread that drives the connection, at most as long as the patience lasts.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        let message = message.to_vec();
        let signature = self.key.call_blocking(self.patience, move |key| key.sign(&message));
        signature.map_err(|error| rustls::Error::Other(OtherError(Arc::new(error))))
    }

    fn scheme(&self) -> SignatureScheme {
        SCHEME
    }
}

impl fmt::Debug for PortKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PortKey")
    }
}
