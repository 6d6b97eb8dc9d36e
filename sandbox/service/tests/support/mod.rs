//! A service, enrolled devices and cards for the tests. Each test file uses its part of it.
#![allow(dead_code, reason = "compiled into every test file, and none uses all of it")]

use core::time::Duration;
use std::sync::{Arc, Mutex};

use reqwest::header::CONTENT_TYPE;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sandbox_card::{Person, VirtualCard};
use sandbox_pki::attestation::Attestation;
use sandbox_service::{Activation, Clock, Config, ManualClock, Running, Service};
use service::{
    Binding, Client, Endpoint, Enrolled, Trust,
    device_key::{DeviceKey, DeviceKeyError},
    messages::{CBOR, Challenge, CheckRequest, CheckResponse, Consents, Method, Problem, ProblemCode, Proof},
    paths,
};
use tempfile::TempDir;
use time::{Date, OffsetDateTime};

pub(crate) const CLINIC: &str = "9919900010";
pub(crate) const DENTIST: &str = "9939900016";

/// A running service with two institutions, and a clock that can be moved.
pub(crate) struct Sandbox {
    pub(crate) running: Running,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) state: TempDir,
}

impl Sandbox {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::since(Duration::ZERO, change).await
    }

    /// A service whose clock is behind by so much, so that it may be moved ahead: its clients believe no server
    /// certificate of the future.
    pub(crate) async fn since(ago: Duration, change: impl FnOnce(&mut Config)) -> Self {
        let state = tempfile::tempdir().expect("a temporary folder");
        let clock = Arc::new(ManualClock::new());
        clock.set(clock.now() - i64::try_from(ago.as_secs()).expect("a short time"));
        let mut config = Self::config(&state, &clock);
        change(&mut config);
        let running = Service::start(config).await.expect("the service starts");
        let admin = running.admin();
        admin.add_institution(CLINIC, "試験医院", false).await.expect("added");
        admin.add_institution(DENTIST, "試験歯科", false).await.expect("added");
        Self { running, clock, state }
    }

    fn config(state: &TempDir, clock: &Arc<ManualClock>) -> Config {
        let mut config = Config::new(state.path());
        config.clock = Arc::clone(clock) as Arc<dyn Clock>;
        config.persons = Person::all();
        config
    }

    /// Kills the service and starts it again, on the same folder and port.
    pub(crate) async fn kill_and_restart(self) -> Self {
        self.kill_and_restart_with(|_| {}).await
    }

    /// The same, and something is otherwise than before.
    pub(crate) async fn kill_and_restart_with(self, change: impl FnOnce(&mut Config)) -> Self {
        let Self { running, clock, state } = self;
        let address = running.address();
        running.kill().await;
        let mut config = Self::config(&state, &clock);
        config.listen = address;
        change(&mut config);
        let running = Service::start(config).await.expect("the service starts again");
        Self { running, clock, state }
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        let url = self.running.url().parse().expect("a URL");
        Endpoint { url, trust: Trust::Root(self.running.root_der().to_vec()) }
    }

    pub(crate) async fn activation(&self, institution: &str) -> Activation {
        self.running.admin().add_device(institution, "test").await.expect("added")
    }

    pub(crate) async fn device(&self) -> Device {
        self.device_at(CLINIC).await
    }

    pub(crate) async fn device_at(&self, institution: &str) -> Device {
        self.device_with(institution, SoftKey::default()).await
    }

    /// A device that was enrolled with this key store.
    pub(crate) async fn device_with(&self, institution: &str, key: SoftKey) -> Device {
        let activation = self.activation(institution).await;
        let key = Arc::new(key);
        let client =
            Client::new(self.endpoint(), Arc::clone(&key) as Arc<dyn DeviceKey>).expect("a good endpoint");
        let enrolled =
            client.enroll(&activation.account, activation.code.as_secret()).await.expect("enrolled");
        Device::new(self.endpoint(), institution, activation.account, key, enrolled)
    }

    /// Today at the service, as the day of personalisation.
    pub(crate) fn today(&self) -> Date {
        OffsetDateTime::from_unix_timestamp(self.clock.now()).expect("a time of our age").date()
    }

    pub(crate) fn card(&self, slug: &str) -> Card {
        Card::new(slug, self.today())
    }

    /// A client without a certificate.
    pub(crate) fn anonymous(&self) -> Raw {
        Raw::new(&self.endpoint(), None)
    }
}

/// A device key in memory.
#[derive(Default)]
pub(crate) struct SoftKey {
    pkcs8: Mutex<Option<Vec<u8>>>,
    attests: Option<Change>,
}

/// What is otherwise than in a phone in order.
type Change = Box<dyn Fn(&mut Attestation) + Send + Sync>;

impl SoftKey {
    /// A key store that attests its keys, as a phone's would, under the test root.
    pub(crate) fn attesting(change: impl Fn(&mut Attestation) + Send + Sync + 'static) -> Self {
        Self { pkcs8: Mutex::default(), attests: Some(Box::new(change)) }
    }

    fn pair(&self) -> Result<EcdsaKeyPair, DeviceKeyError> {
        let pkcs8 = self.pkcs8.lock().expect("not poisoned").clone().ok_or(DeviceKeyError::Missing)?;
        Ok(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &pkcs8, &SystemRandom::new())
            .expect("a key"))
    }

    pub(crate) fn pkcs8(&self) -> Vec<u8> {
        self.pkcs8.lock().expect("not poisoned").clone().expect("created")
    }
}

impl DeviceKey for SoftKey {
    fn create(&self, challenge: &[u8]) -> Result<Vec<Vec<u8>>, DeviceKeyError> {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new());
        *self.pkcs8.lock().expect("not poisoned") = Some(pkcs8.expect("random").as_ref().to_vec());
        let Some(change) = &self.attests else { return Ok(Vec::new()) };
        let mut attestation = Attestation::new(challenge, &self.public_key()?);
        change(&mut attestation);
        Ok(attestation.chain())
    }

    fn public_key(&self) -> Result<[u8; 65], DeviceKeyError> {
        Ok(self.pair()?.public_key().as_ref().try_into().expect("65 bytes"))
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, DeviceKeyError> {
        Ok(self.pair()?.sign(&SystemRandom::new(), message).expect("random").as_ref().to_vec())
    }

    fn delete(&self) -> Result<(), DeviceKeyError> {
        *self.pkcs8.lock().expect("not poisoned") = None;
        Ok(())
    }
}

/// An enrolled device: the product's client, and a raw one for what the product's would never send.
pub(crate) struct Device {
    pub(crate) client: Client,
    pub(crate) raw: Raw,
    pub(crate) key: Arc<SoftKey>,
    pub(crate) enrolled: Enrolled,
    pub(crate) account: String,
    pub(crate) institution: String,
    pub(crate) audience: String,
}

impl Device {
    pub(crate) fn new(
        endpoint: Endpoint,
        institution: &str,
        account: String,
        key: Arc<SoftKey>,
        enrolled: Enrolled,
    ) -> Self {
        let raw = Raw::new(&endpoint, Some((&enrolled, &key)));
        let audience = endpoint.audience();
        let client =
            Client::enrolled(endpoint, Arc::clone(&key) as Arc<dyn DeviceKey>, &enrolled).expect("enrolled");
        Self { client, raw, key, enrolled, account, institution: institution.to_owned(), audience }
    }

    /// What the card signs for a fresh check.
    pub(crate) fn binding(&self, challenge: &Challenge, method: Method, card: &Card) -> Binding {
        Binding {
            audience: self.audience.clone(),
            nonce: challenge.nonce.as_slice().try_into().expect("32 bytes"),
            device: self.client.device_thumbprint().expect("enrolled"),
            institution: self.institution.clone(),
            method,
            consents: Consents::default(),
            request_id: random(),
            card: pki::card_digest(&card.certificate),
        }
    }

    /// A PIN check that is right in everything.
    pub(crate) async fn pin_check(&self, card: &mut Card) -> CheckRequest {
        let challenge = self.client.challenge().await.expect("a challenge");
        let binding = self.binding(&challenge, Method::Pin, card);
        let proof = Proof::Pin { signature: card.sign_with_pin(&binding.digest()) };
        request(&challenge, &binding, card, proof)
    }

    /// The tag by which this device names the certificate of a card.
    pub(crate) async fn tag(&self, card: &Card) -> [u8; 32] {
        let status = self.client.device().await.expect("known");
        status.tag_key.expect("certificates are kept").tag(&pki::card_digest(&card.certificate))
    }

    /// Whether the service says that it knows the certificate of a card.
    pub(crate) async fn knows(&self, card: &Card) -> bool {
        self.client.knows_certificate(&self.tag(card).await).await.expect("an answer")
    }

    /// A PIN check as on a repeat visit: right in everything, with the tag in place of the certificate.
    pub(crate) async fn short_check(&self, card: &mut Card) -> CheckRequest {
        let sent = self.pin_check(card).await;
        CheckRequest { certificate: None, certificate_tag: Some(self.tag(card).await.to_vec()), ..sent }
    }

    /// A proven visual check that is right in everything.
    pub(crate) async fn visual_check(&self, card: &mut Card) -> CheckRequest {
        let challenge = self.client.challenge().await.expect("a challenge");
        let binding = self.binding(&challenge, Method::VisualProven, card);
        let proof = card.prove_surface(&binding.digest());
        request(&challenge, &binding, card, proof)
    }

    pub(crate) async fn check(&self, request: &CheckRequest) -> Result<CheckResponse, ProblemCode> {
        let answer = self.raw.post(paths::ELIGIBILITY_CHECKS, CBOR, cbor(request)).await;
        if answer.status == 200 {
            return Ok(serde_cbor::from_slice(&answer.body).expect("an answer"));
        }
        Err(answer.problem().code())
    }
}

pub(crate) fn request(challenge: &Challenge, binding: &Binding, card: &Card, proof: Proof) -> CheckRequest {
    CheckRequest {
        request_id: binding.request_id.to_vec(),
        answer_key: random::<32>().to_vec(),
        challenge: challenge.token.clone(),
        consents: binding.consents,
        certificate: Some(card.certificate.clone()),
        certificate_tag: None,
        proof,
        staff: None,
    }
}

pub(crate) fn cbor(request: &CheckRequest) -> Vec<u8> {
    serde_cbor::to_vec(request).expect("a request becomes CBOR")
}

pub(crate) fn random<const N: usize>() -> [u8; N] {
    use ring::rand::SecureRandom;
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).expect("random");
    bytes
}

/// An HTTP client that sends whatever it is told.
pub(crate) struct Raw {
    http: reqwest::Client,
    origin: String,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn problem(&self) -> Problem {
        assert_eq!(self.headers[CONTENT_TYPE], "application/problem+json", "status {}", self.status);
        let problem: Problem = serde_json::from_slice(&self.body).expect("a problem");
        assert_eq!(problem.status, self.status);
        assert_eq!(self.headers["cache-control"], "no-store");
        problem
    }
}

impl Raw {
    pub(crate) fn new(endpoint: &Endpoint, device: Option<(&Enrolled, &SoftKey)>) -> Self {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls(endpoint, device))
            .no_proxy()
            .build()
            .expect("a client");
        Self { http, origin: endpoint.audience() }
    }

    pub(crate) async fn send(
        &self,
        method: reqwest::Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Answer, reqwest::Error> {
        let mut request = self.http.request(method, format!("{}{path}", self.origin)).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Answer { status, headers, body: response.bytes().await?.to_vec() })
    }

    pub(crate) async fn post(&self, path: &str, media: &str, body: Vec<u8>) -> Answer {
        self.send(reqwest::Method::POST, path, &[("content-type", media)], body).await.expect("an answer")
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(reqwest::Method::GET, path, &[], Vec::new()).await.expect("an answer")
    }
}

/// A TLS client that trusts the service's root.
pub(crate) fn tls(endpoint: &Endpoint, device: Option<(&Enrolled, &SoftKey)>) -> rustls::ClientConfig {
    let Trust::Root(root) = &endpoint.trust else { panic!("tests pin the root") };
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from(root.clone())).expect("a root");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the versions of the provider")
        .with_root_certificates(roots);
    match device {
        None => builder.with_no_client_auth(),
        Some((enrolled, key)) => {
            let chain = enrolled.chain.iter().map(|der| CertificateDer::from(der.to_vec())).collect();
            let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.pkcs8()));
            builder.with_client_auth_cert(chain, key).expect("certificate and key fit")
        }
    }
}

/// A card in the hand of its holder, asked by hand-made APDUs.
pub(crate) struct Card {
    chip: VirtualCard,
    /// EF 000A.
    pub(crate) certificate: Vec<u8>,
    birth: String,
}

impl Card {
    pub(crate) fn new(slug: &str, today: Date) -> Self {
        Self::of(&Person::named(slug).expect("one of the named persons"), today)
    }

    pub(crate) fn of(person: &Person, today: Date) -> Self {
        let slug = person.slug();
        let mut chip = person.personalise(today);
        chip.power_on();
        // The card on which the face is: for two persons it is another's.
        let face = if slug == "chigau" { Person::named("jiro").expect("named") } else { person.clone() };
        Self { chip, certificate: person.certificate(today), birth: era_digits(face.birth_date()) }
    }

    /// Takes the certificate of another card, and keeps its own keys.
    pub(crate) fn with_certificate_of(mut self, other: &Card) -> Self {
        self.certificate.clone_from(&other.certificate);
        self
    }

    fn ask(&mut self, command: &[u8]) -> Vec<u8> {
        let mut answer = self.chip.transmit(command);
        let status = answer.split_off(answer.len() - 2);
        assert_eq!(status, [0x90, 0x00], "the card refuses {:02X?}", &command[..4]);
        answer
    }

    pub(crate) fn sign_with_pin(&mut self, digest: &[u8; 32]) -> Vec<u8> {
        self.ask(b"\x00\xA4\x04\x0C\x0A\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01");
        self.ask(b"\x00\x20\x00\x98\x041234");
        self.ask(&[&b"\x80\x2A\x02\x97\x20"[..], digest, b"\x00"].concat())
    }

    pub(crate) fn prove_surface(&mut self, digest: &[u8; 32]) -> Proof {
        self.ask(b"\x00\xA4\x04\x0C\x0A\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x02");
        let birth = self.birth.clone();
        self.ask(&[&b"\x00\x20\x00\x91\x06"[..], birth.as_bytes()].concat());
        let signature = self.ask(&[&b"\x80\x2A\x02\x00\x20"[..], digest, b"\x00"].concat());
        Proof::VisualProven {
            signature,
            birth_record: self.read(0x01, 547),
            key_certificate: Some(self.read(0x04, 568)),
            key_id: None,
        }
    }

    fn read(&mut self, file: u8, size: usize) -> Vec<u8> {
        self.ask(&[0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, file]);
        let mut content = Vec::new();
        while content.len() < size {
            let [high, low] = u16::try_from(content.len()).expect("small").to_be_bytes();
            content.extend(self.ask(&[0x00, 0xB0, high, low, 0x00]));
        }
        content
    }
}

/// YYMMDD in the era that is printed on the card.
fn era_digits(date: Date) -> String {
    let eras = [("2019-05-01", 2018), ("1989-01-08", 1988), ("1926-12-25", 1925), ("1912-07-30", 1911)];
    let iso = format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day());
    let (_, before) = eras.iter().find(|(first, _)| iso.as_str() >= *first).expect("born since 大正");
    format!("{:02}{:02}{:02}", date.year() - before, u8::from(date.month()), date.day())
}
