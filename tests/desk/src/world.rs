//! The world outside: a service on loopback.

use std::sync::Arc;
use std::time::Duration;

use sandbox_card::{Person, VirtualCard};
use sandbox_service::{Activation, Clock as _, Config, Error, ManualClock, Policy, Running, Service};
use tempfile::TempDir;
use time::{Date, OffsetDateTime};

/// The institution of every world: its code passes the check digit and lies in prefecture 99.
pub const INSTITUTION: (&str, &str) = ("9919900010", "まどぐち医院（試験）");

/// A sandbox service with one institution. Its state lies in a folder that goes with it.
pub struct World {
    service: Option<Running>,
    folder: TempDir,
    persons: Vec<Person>,
    clock: Arc<ManualClock>,
    known_months: u8,
}

impl World {
    /// Starts a service that knows the named persons.
    pub async fn start() -> Result<Self, Error> {
        Self::with(Person::all()).await
    }

    /// Starts a service that knows these persons. It keeps no certificates: every visit is a first one, and what a tap
    /// asks of a card does not depend on how quick the service is.
    pub async fn with(persons: Vec<Person>) -> Result<Self, Error> {
        Self::since(Duration::ZERO, persons).await
    }

    /// Starts a service that knows these persons, and keeps certificates for the next visit as a service does.
    pub async fn remembering(persons: Vec<Person>) -> Result<Self, Error> {
        Self::starting(Duration::ZERO, persons, Policy::default().known_months).await
    }

    /// Starts a service whose clock is behind by so much: what it issues was issued then.
    pub async fn since(ago: Duration, persons: Vec<Person>) -> Result<Self, Error> {
        Self::starting(ago, persons, 0).await
    }

    async fn starting(ago: Duration, persons: Vec<Person>, known_months: u8) -> Result<Self, Error> {
        let folder = tempfile::tempdir()
            .map_err(|error| Error::StateFolder { path: std::env::temp_dir(), kind: error.kind() })?;
        let mut world = Self { service: None, folder, persons, clock: Arc::default(), known_months };
        world.clock.set(world.clock.now() - i64::try_from(ago.as_secs()).unwrap_or(i64::MAX));
        world.serve(None).await?;
        let (code, name) = INSTITUTION;
        world.service().admin().add_institution(code, name, false).await?;
        Ok(world)
    }

    /// The service that runs.
    ///
    /// # Panics
    ///
    /// If it was killed and not revived.
    pub fn service(&self) -> &Running {
        self.service.as_ref().expect("the service was not killed")
    }

    /// The service's clock, which tests move.
    pub fn clock(&self) -> &ManualClock {
        &self.clock
    }

    /// A device slot with its link, as the administrator hands it over.
    pub async fn activation(&self) -> Result<Activation, Error> {
        self.service().admin().add_device(INSTITUTION.0, "desk").await
    }

    /// The service's state folder.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The card of one of this world's persons, as it is today.
    pub fn card(&self, slug: &str) -> VirtualCard {
        self.person(slug).personalise(self.today())
    }

    /// One of this world's persons.
    ///
    /// # Panics
    ///
    /// If nobody has this name.
    pub fn person(&self, slug: &str) -> &Person {
        self.persons.iter().find(|person| person.slug() == slug).expect("a person of this world")
    }

    /// Ends the service well.
    pub async fn shut_down(mut self) {
        if let Some(service) = self.service.take() {
            service.shutdown().await;
        }
    }

    /// Ends the service as `kill -9` does.
    pub async fn kill(&mut self) {
        if let Some(service) = self.service.take() {
            service.kill().await;
        }
    }

    /// Starts a service on the same state and the same address again.
    pub async fn revive(&mut self, address: std::net::SocketAddr) -> Result<(), Error> {
        self.serve(Some(address)).await
    }

    async fn serve(&mut self, address: Option<std::net::SocketAddr>) -> Result<(), Error> {
        let mut config = Config::new(self.folder.path());
        config.persons.clone_from(&self.persons);
        config.clock = Arc::<ManualClock>::clone(&self.clock);
        config.policy.known_months = self.known_months;
        if let Some(address) = address {
            config.listen = address;
        }
        self.service = Some(Service::start(config).await?);
        Ok(())
    }

    fn today(&self) -> Date {
        OffsetDateTime::from_unix_timestamp(self.clock.now()).map_or(Date::MIN, OffsetDateTime::date)
    }
}
