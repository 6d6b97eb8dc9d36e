//! `madoguchi-sandbox readers`: virtual cards and Bluetooth readers for tests in other languages, on loopback.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use sandbox_card::Person;
use sandbox_reader::loopback::{LOOPBACK_PORT, Loopback};
use time::OffsetDateTime;

use crate::{Failure, say};

/// Where to listen, and whose cards there are.
#[derive(Args)]
pub(crate) struct Readers {
    /// Where to listen: an address of this machine only. Port 0 takes any free one.
    #[arg(long, default_value_t = SocketAddr::from(([127, 0, 0, 1], LOOPBACK_PORT)))]
    listen: SocketAddr,
    /// The file of a person of your own; may be given several times.
    #[arg(long = "person", value_name = "FILE")]
    persons: Vec<PathBuf>,
}

/// Offers cards and readers until `stopped`.
pub(crate) async fn readers(options: Readers, stopped: impl Future<Output = ()>) -> Result<(), Failure> {
    // One's own first: a file called hanako.toml stands in for her.
    let own: Result<Vec<_>, _> = options.persons.iter().map(Person::from_file).collect();
    let persons = [own?, Person::all()].concat();
    let today = OffsetDateTime::now_utc().date();
    let loopback = Loopback::start(options.listen, persons, today).map_err(Failure::Loopback)?;
    say(&format!("仮想リーダーを開始しました / virtual readers listen at {}", loopback.address()));
    stopped.await;
    Ok(())
}
