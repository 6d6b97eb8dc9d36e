//! `cargo xtask demo --pcsc`: the tour, with the card in another process and a real PC/SC service in between.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use clap::Parser;
use counter::Action;
use desk::{Desk, Failed, Held, Tour};
use desktop::{Readers, Stop};
use interop::{Daemon, ELSEWHERE, Slot, Turn};
use secret::SecretBytes;

/// A patient's check, three times, through pcscd: with the PIN, by 目視確認, and with a wrong PIN.
#[derive(Parser)]
#[command(name = "cargo xtask demo --pcsc")]
struct Arguments {
    #[command(flatten)]
    tour: Tour,
    /// Use the pcscd of this machine, whose virtual reader (vsmartcard) listens on every address
    #[arg(long)]
    listen_on_all: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if !arguments.listen_on_all && !Turn::possible() {
        eprintln!("{ELSEWHERE}.\nWhere that does no harm, and pcscd runs: --listen-on-all");
        return ExitCode::FAILURE;
    }
    // In the namespace pcscd is ours; elsewhere it is the machine's.
    let daemon = (!arguments.listen_on_all).then(Daemon::start);
    // No card but the virtual one may be asked: a PIN of the demo would cost somebody's own card a try.
    let reader = if arguments.listen_on_all { "Virtual PCD" } else { "Madoguchi Bench" };
    let vpcd = daemon.as_ref().map(|_| Slot::First.vpcd());
    let mut inserted = None;
    let shown = arguments.tour.show(|_, _| {
        let readers = Readers::open()
            .map_err(|trouble| Failed::Reader(format!("{trouble}: `madoguchi doctor` says more")))?
            .only(Some(reader.to_owned()));
        inserted = Some(Inserted::new(&arguments.tour.card, vpcd)?);
        Ok(move |desk: &Desk| hold(desk, &readers))
    });
    let shown = shown.await;
    drop((inserted, daemon));
    match shown {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            eprintln!("{failed}");
            ExitCode::FAILURE
        }
    }
}

/// What a shell does while a card is awaited.
fn hold(desk: &Desk, readers: &Readers) -> Held {
    let card = readers.next_card(&Stop::default(), |waiting| println!("reader     {waiting:?}"));
    let screen = match card {
        Ok(Some(mut card)) => {
            return desk.hold_line(|command| card.transmit(SecretBytes::new(command.to_vec())));
        }
        Ok(None) => desk.counter.screen(),
        Err(trouble) => desk.counter.act(Action::Reader(trouble)),
    };
    Held { screen, transcript: String::new(), commands: 0, took: Duration::ZERO }
}

/// `madoguchi-sandbox insert`: the card, in a process of its own.
struct Inserted(Child);

impl Inserted {
    /// Into the reader at this address, or where vpcd listens by itself.
    fn new(card: &str, vpcd: Option<SocketAddr>) -> Result<Self, Failed> {
        let failed = |what: &str| Failed::Reader(format!("madoguchi-sandbox insert: {what}"));
        let here = std::env::current_exe().map_err(|error| failed(&error.to_string()))?;
        let program: PathBuf = here.with_file_name("madoguchi-sandbox");
        let child = Command::new(program)
            .args(["insert", card])
            .args(vpcd.map(|address| format!("--vpcd={address}")))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| failed(&error.to_string()))?;
        let mut inserted = Self(child);
        // Its first line says that the card is in; what went wrong it tells on standard error itself.
        let stdout = inserted.0.stdout.take().ok_or_else(|| failed("it has no standard output"))?;
        let mut line = String::new();
        match BufReader::new(stdout).read_line(&mut line) {
            Ok(1..) => Ok(inserted),
            _ => Err(failed("the card is not in the reader")),
        }
    }
}

impl Drop for Inserted {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
