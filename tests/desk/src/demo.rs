//! `cargo xtask demo`: the tour, with the card in this process.

use std::process::ExitCode;

use clap::Parser;
use desk::{Desk, Tour};

/// A patient's check, three times: with the PIN, by 目視確認, and with a wrong PIN.
#[derive(Parser)]
#[command(name = "cargo xtask demo")]
struct Arguments {
    #[command(flatten)]
    tour: Tour,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { tour } = Arguments::parse();
    let shown = tour.show(|world, person| {
        let mut card = world.card(person.slug());
        Ok(move |desk: &Desk| desk.hold(&mut card))
    });
    match shown.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            eprintln!("{failed}");
            ExitCode::FAILURE
        }
    }
}
