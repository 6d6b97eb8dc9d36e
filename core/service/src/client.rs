//! The client.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::redirect;
use rustls::pki_types::CertificateDer;
use secret::SecretBytes;
use serde_bytes::ByteBuf;
use url::Url;

use crate::Error;
use crate::device_key::{DeviceKey, DeviceKeyError};
use crate::est::{self, BasicCredentials, Malformed, PKCS7, PKCS10, UnsignedRequest};
use crate::exchange::Exchange;
use crate::key_thread::KeyThread;
use crate::messages::{
    CertificateAnswer, CertificateQuestion, Challenge, CheckRequest, CheckResponse, DeviceStatus,
    EnrollmentChallenge,
};
use crate::tls::{self, ServiceRoot};

use paths::{
    CHALLENGES, DEVICE, ELIGIBILITY_CHECKS, ENROLLMENT_CHALLENGES, KNOWN_CERTIFICATES, SIMPLEENROLL,
    SIMPLEREENROLL,
};

/// Whom the client trusts: exactly one root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// This certificate, DER.
    Root(Vec<u8>),
    /// The certificate with this SHA-256, which the server sends as part of its chain.
    Fingerprint([u8; 32]),
}

/// Where the service is and whom to trust there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Scheme `https`, host and port; nothing else.
    pub url: Url,
    /// The service's root.
    pub trust: Trust,
}

impl Endpoint {
    /// The audience of the binding: scheme, host and port of the service.
    pub fn audience(&self) -> String {
        self.url.origin().ascii_serialization()
    }
}

/// What enrolment leaves behind; all of it is public.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Enrolled {
    /// Device certificate chain, DER, leaf first.
    pub chain: Vec<ByteBuf>,
    /// The service's root, DER: pinned from now on.
    pub root: ByteBuf,
}

/// How long the client waits. The defaults are for a person who stands at a counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// TCP and TLS, without the signature of the device key. A mobile network answers within a second or
    /// not at all; one retransmitted SYN (RFC 6298: after 1 s, then 2 s) fits in.
    pub connect: Duration,
    /// One exchange from the first byte to the last, connecting included. Longer than any good answer takes
    /// (a service that cannot look up revocation says so within 3 s), shorter than the patience at a counter.
    pub request: Duration,
    /// One signature of the device key. Secure hardware takes some tenths of a second; after this it hangs.
    pub sign: Duration,
    /// Making the device key with its attestation. Nobody holds a card meanwhile.
    pub create: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            request: Duration::from_secs(15),
            sign: Duration::from_secs(5),
            create: Duration::from_secs(30),
        }
    }
}

/// A connection to one service, as one device.
///
/// It follows no redirect, uses no proxy and trusts nothing but the service's root. Connections stay open for
/// the next call and are resumed (RFC 8446 §2.2) without a new signature of the device key; dropping the client
/// drops them and the session tickets. The methods need a tokio runtime with time and I/O.
pub struct Client {
    http: reqwest::Client,
    endpoint: Endpoint,
    key: KeyThread,
    root: Arc<ServiceRoot>,
    /// The device certificate, DER.
    certificate: Option<ByteBuf>,
    timeouts: Timeouts,
}

impl Client {
    /// Without a device certificate: for enrolment only.
    pub fn new(endpoint: Endpoint, key: Arc<dyn DeviceKey>) -> Result<Self, Error> {
        Self::with_timeouts(endpoint, key, None, Timeouts::default())
    }

    /// With the device certificate.
    pub fn enrolled(endpoint: Endpoint, key: Arc<dyn DeviceKey>, enrolled: &Enrolled) -> Result<Self, Error> {
        Self::with_timeouts(endpoint, key, Some(enrolled), Timeouts::default())
    }

    /// With or without the device certificate, and with other timeouts than the default ones.
    pub fn with_timeouts(
        mut endpoint: Endpoint,
        key: Arc<dyn DeviceKey>,
        enrolled: Option<&Enrolled>,
        timeouts: Timeouts,
    ) -> Result<Self, Error> {
        if !is_https_origin(&endpoint.url) {
            return Err(Error::EndpointInvalid);
        }
        let key = KeyThread::spawn(key)?;
        let mut connect = timeouts.connect;
        let mut client_chain = None;
        if let Some(enrolled) = enrolled {
            endpoint.trust = pin(&endpoint.trust, &enrolled.root)?;
            if enrolled.chain.is_empty() {
                return Err(Error::EnrolledInvalid);
            }
            let chain = enrolled.chain.iter().map(|der| CertificateDer::from(der.to_vec())).collect();
            client_chain = Some((chain, key.clone(), timeouts.sign));
            connect += timeouts.sign;
        }
        let (config, root) = tls::config(&endpoint.trust, client_chain)?;
        let http = http(config, connect, timeouts.request);
        let certificate = enrolled.and_then(|enrolled| enrolled.chain.first().cloned());
        Ok(Self { http, endpoint, key, root, certificate, timeouts })
    }

    /// SHA-256 of the device certificate.
    pub fn device_thumbprint(&self) -> Option<[u8; 32]> {
        self.certificate.as_ref().map(|der| crate::sha256(der))
    }

    /// Challenge, key, CSR, EST simpleenroll. `code` is the 12 digits or the link's secret.
    ///
    /// An earlier device key is replaced as soon as the service has given its challenge. If no answer comes, or none
    /// that can be read, go on with [`Self::enroll_again`].
    pub async fn enroll(&self, account: &str, code: &SecretBytes) -> Result<Enrolled, Error> {
        self.enroll_with(account, code, new_key).await
    }

    /// The same enrolment once more, by this client or another one with the same key store.
    ///
    /// When the answer to [`Self::enroll`] was lost, the service may have issued the certificate, and account and
    /// code are good for the key in it alone. So this asks with the key that is there and makes one only where there
    /// is none. It carries no attestation, which would be for another nonce: what the service found of this key the
    /// first time stays.
    pub async fn enroll_again(&self, account: &str, code: &SecretBytes) -> Result<Enrolled, Error> {
        let present_key = |key: &dyn DeviceKey, nonce: &[u8; 32]| match key.public_key() {
            Err(DeviceKeyError::Missing) => new_key(key, nonce),
            present => Ok((Vec::new(), present?)),
        };
        self.enroll_with(account, code, present_key).await
    }

    async fn enroll_with(
        &self,
        account: &str,
        code: &SecretBytes,
        key: impl FnOnce(&dyn DeviceKey, &[u8; 32]) -> Result<KeyToEnroll, DeviceKeyError> + Send + 'static,
    ) -> Result<Enrolled, Error> {
        let credentials =
            BasicCredentials::new(account, code.expose()).map_err(|_| Error::CredentialsInvalid)?;
        let challenge: EnrollmentChallenge = self.post(ENROLLMENT_CHALLENGES).cbor().await?;
        let nonce = sized::<32>(challenge.nonce)?;

        let (attestation, public_key) =
            self.key.call(self.timeouts.create, move |store| key(store, &nonce)).await?;
        let request = self.signed(UnsignedRequest::new(&public_key, &nonce, &attestation)).await?;

        let mut authorization =
            HeaderValue::from_str(&credentials.to_header()).map_err(|_| Error::CredentialsInvalid)?;
        authorization.set_sensitive(true);
        let exchange = self.post(SIMPLEENROLL).header(AUTHORIZATION, authorization);
        self.certified(exchange, &request, &public_key).await
    }

    /// EST simplereenroll with the same key over mTLS.
    pub async fn reenroll(&self) -> Result<Enrolled, Error> {
        let certificate = self.certificate.as_ref().ok_or(Error::EnrolledInvalid)?;
        let public_key = self.key.call(self.timeouts.sign, DeviceKey::public_key).await?;
        let request = self.signed(UnsignedRequest::renewing(&public_key, certificate)).await?;
        self.certified(self.post(SIMPLEREENROLL), &request, &public_key).await
    }

    /// What this device may do today. Also opens the connection, ahead of a tap.
    pub async fn device(&self) -> Result<DeviceStatus, Error> {
        self.exchange(reqwest::Method::GET, DEVICE).cbor().await
    }

    /// A challenge for one check.
    pub async fn challenge(&self) -> Result<Challenge, Error> {
        let challenge: Challenge = self.post(CHALLENGES).cbor().await?;
        let nonce = sized::<32>(challenge.nonce)?.to_vec();
        Ok(Challenge { nonce, ..challenge })
    }

    /// Whether the service has the certificate with this tag from an earlier check at this institution. Dropping the
    /// future ends the question.
    pub async fn knows_certificate(&self, tag: &[u8; 32]) -> Result<bool, Error> {
        let question = CertificateQuestion { tag: tag.to_vec() };
        let answer: CertificateAnswer = self.post(KNOWN_CERTIFICATES).cbor_body(&question).cbor().await?;
        Ok(answer.known)
    }

    /// The check. The same request may be sent again until it is answered: it counts once.
    pub async fn check(&self, request: &CheckRequest) -> Result<CheckResponse, Error> {
        self.post(ELIGIBILITY_CHECKS).cbor_body(request).cbor().await
    }

    fn post(&self, path: &'static str) -> Exchange {
        self.exchange(reqwest::Method::POST, path)
    }

    fn exchange(&self, method: reqwest::Method, path: &'static str) -> Exchange {
        let mut url = self.endpoint.url.clone();
        url.set_path(path);
        Exchange::new(path, self.http.request(method, url))
    }

    /// Has the device key sign a request for a certificate.
    async fn signed(&self, request: Result<UnsignedRequest, Malformed>) -> Result<Vec<u8>, Error> {
        // What does not go into the request came out of the key store.
        let request = request.map_err(|_| DeviceKeyError::Refused)?;
        let message = request.to_be_signed().to_vec();
        let signature = self.key.call(self.timeouts.sign, move |key| key.sign(&message)).await?;
        Ok(request.with_signature(&signature).map_err(|_| DeviceKeyError::Refused)?)
    }

    /// Sends a request for a certificate and takes the answer only if it is ours to use: the certificate holds
    /// our key, and comes from the root under which the server has just been verified.
    async fn certified(
        &self,
        exchange: Exchange,
        request: &[u8],
        public_key: &[u8; 65],
    ) -> Result<Enrolled, Error> {
        let read = |body: &[u8]| est::read_certs_only(&est::from_base64(body)?);
        let body = est::to_base64(request).into_bytes();
        let mut others = exchange.body(PKCS10, body).send(PKCS7, |body| read(body).ok()).await?;
        let root = self.root.known().ok_or(Error::AnswerUnreadable)?;
        let ours = others
            .iter()
            .position(|der| est::public_key_of(der).is_ok_and(|key| key == *public_key))
            .ok_or(Error::AnswerUnreadable)?;
        let leaf = others.swap_remove(ours);
        others.retain(|der| der.as_slice() != root.as_ref());
        if !self.root.issued(&leaf, &others) {
            return Err(Error::Untrusted);
        }
        let chain = core::iter::once(leaf).chain(others).map(ByteBuf::from).collect();
        Ok(Enrolled { chain, root: ByteBuf::from(root.to_vec()) })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("enrolled", &self.certificate.is_some()).finish_non_exhaustive()
    }
}

/// The paths of the protocol.
pub mod paths {
    /// `POST`: a nonce for one certification request.
    pub const ENROLLMENT_CHALLENGES: &str = "/v1/enrollment-challenges";
    /// `POST`: the first certificate (RFC 7030 §4.2.1).
    pub const SIMPLEENROLL: &str = "/.well-known/est/simpleenroll";
    /// `POST`, mTLS: the next certificate (RFC 7030 §4.2.2).
    pub const SIMPLEREENROLL: &str = "/.well-known/est/simplereenroll";
    /// `GET`, mTLS: what this device may do.
    pub const DEVICE: &str = "/v1/device";
    /// `POST`, mTLS: a challenge for one check.
    pub const CHALLENGES: &str = "/v1/challenges";
    /// `POST`, mTLS: whether a certificate is known.
    pub const KNOWN_CERTIFICATES: &str = "/v1/known-certificates";
    /// `POST`, mTLS: the check.
    pub const ELIGIBILITY_CHECKS: &str = "/v1/eligibility-checks";
}

/// HTTP over this TLS, straight to the service: no redirect, no proxy.
fn http(config: rustls::ClientConfig, connect: Duration, request: Duration) -> reqwest::Client {
    reqwest::Client::builder()
        .tls_backend_preconfigured(config)
        .https_only(true)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .connect_timeout(connect)
        .timeout(request)
        .build()
        .expect("the configuration is of the rustls version that reqwest uses")
}

/// The attestation chain, and the point.
type KeyToEnroll = (Vec<Vec<u8>>, [u8; 65]);

fn new_key(key: &dyn DeviceKey, nonce: &[u8; 32]) -> Result<KeyToEnroll, DeviceKeyError> {
    Ok((key.create(nonce)?, key.public_key()?))
}

/// The root of the endpoint, replaced by the one that enrolment found, if they are the same.
fn pin(trust: &Trust, root: &[u8]) -> Result<Trust, Error> {
    let same = match trust {
        Trust::Root(der) => der == root,
        Trust::Fingerprint(print) => crate::sha256(root) == *print,
    };
    same.then(|| Trust::Root(root.to_vec())).ok_or(Error::EnrolledInvalid)
}

/// Bytes of exactly the length that the protocol gives them.
fn sized<const N: usize>(bytes: Vec<u8>) -> Result<[u8; N], Error> {
    bytes.try_into().map_err(|_| Error::AnswerUnreadable)
}

/// Whether a URL is scheme `https`, host and port, and nothing else.
pub(crate) fn is_https_origin(url: &Url) -> bool {
    url.scheme() == "https"
        && url.host_str().is_some_and(|host| !host.is_empty())
        && url.path() == "/"
        && (url.query(), url.fragment(), url.username(), url.password()) == (None, None, "", None)
}
