//! `madoguchi`: the counter on the command line of a PC with a card reader.
//!
//! `enrol`, `login` and `check` are three ways into one [`shell`], which draws the screens of the
//! [`counter`] on the terminal and sends it what is typed. It contains no rule: what may be done, what a
//! failure means and when a PIN is forgotten is the counter's. What belongs to a PC alone is here: the
//! [terminal], [cards] that lie in PC/SC readers, and the [device key in a file](sealed_key).
//!
//! No secret is an argument, and none is shown. Nothing of a patient is written outside the terminal's alternate
//! screen, but where `check` was given a pipe on purpose.

mod cards;
mod cli;
mod columns;
mod doctor;
mod editor;
mod entry;
mod event;
mod folder;
mod key_file;
mod keys;
mod page;
mod readers;
mod sealed_key;
mod shell;
mod terminal;
mod words;

use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use clap::Parser as _;
use counter::{
    Action, Config, Counter, Failure, FolderStorage, Language, LoginKind, Ports, Storage, SystemClock,
};
use tokio::runtime::Runtime;
use zeroize::Zeroizing;

use cards::PcSc;
use cli::{Cli, Command};
use entry::{End, Entry};
use event::Event;
use sealed_key::SealedKey;
use shell::Shell;
use terminal::Tty;
use words::{Words, words};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let language = cli.lang.map_or(Language::default(), Language::from);
    let words = words(language);
    terminal::restore_on_panic();
    match run(cli, language, words) {
        Ok(code) => code,
        Err(error) => {
            complain(&error.tell(language, words));
            ExitCode::FAILURE
        }
    }
}

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("there is no home folder")]
    NoHome,
    #[error("there is no terminal")]
    NoTerminal,
    #[error("standard input holds no link")]
    NoLink,
    #[error("no reader has this name")]
    NoSuchReader { wanted: String, there: Vec<String> },
    #[error("the device is not enrolled")]
    NotEnrolled,
    #[error("the device is enrolled already")]
    AlreadyEnrolled,
    /// Left before it was done, with the words for it.
    #[error("left before it was done")]
    Left(&'static str),
    #[error("failure {}", .0.code())]
    Failed(Failure),
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Error {
    /// In words for who typed the command.
    fn tell(&self, language: Language, words: &Words) -> String {
        match self {
            Self::NoHome => words.no_home.into(),
            Self::NoTerminal => words.no_terminal.into(),
            Self::NoLink => words.no_link.into(),
            Self::NoSuchReader { wanted, there } => {
                format!("{}: {wanted}\n  {}", words.no_such_reader, there.join("\n  "))
            }
            Self::NotEnrolled => words.not_enrolled.into(),
            Self::AlreadyEnrolled => words.already_enrolled.into(),
            Self::Left(words) => (*words).into(),
            Self::Failed(failure) => format!(
                "{} ({} {})\n{}",
                failure.cause(language),
                words.code,
                failure.code(),
                failure.remedy(language)
            ),
            Self::Io(error) => error.to_string(),
        }
    }
}

fn run(cli: Cli, language: Language, words: &'static Words) -> Result<ExitCode, Error> {
    let screens = matches!(cli.command, Command::Enrol | Command::Login(_) | Command::Check { .. });
    log(screens, words);
    let folder = cli.state.or_else(folder::data_folder).ok_or(Error::NoHome)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let chosen = cli.lang.map(Language::from);
    let (end, unfinished) = match cli.command {
        Command::Readers => return readers::list(language),
        Command::Doctor(reader) => {
            return Ok(doctor::look(&folder, reader.reader.as_deref(), language, &runtime));
        }
        Command::Enrol => {
            let link = (!io::stdin().is_terminal()).then(link).transpose()?;
            let end = serve(&folder, chosen, None, entry::Command::Enrol { link }, &runtime)?;
            if end == End::Done {
                say(words.enrolled);
            }
            (end, words.enrolment_unfinished)
        }
        Command::Login(reader) => {
            (serve(&folder, chosen, reader.reader, entry::Command::LogIn, &runtime)?, words.not_logged_in)
        }
        Command::Check { method, limit_amount, reader } => {
            let pipe = !io::stdout().is_terminal();
            let command = entry::Command::Check { method: method.into(), limit_amount, pipe };
            (serve(&folder, chosen, reader.reader, command, &runtime)?, words.not_confirmed)
        }
    };
    runtime.shutdown_timeout(Duration::from_secs(1));
    match end {
        End::Done => Ok(ExitCode::SUCCESS),
        End::NotDone(Some(failure)) => Err(Error::Failed(failure)),
        End::NotDone(None) => Err(Error::Left(unfinished)),
        End::NotEnrolled => Err(Error::NotEnrolled),
        End::AlreadyEnrolled => Err(Error::AlreadyEnrolled),
        End::Broken => Err(Error::Failed(Failure::WorkerFailed)),
    }
}

/// Shows screens until the command has come to its end.
fn serve(
    folder: &Path,
    language: Option<Language>,
    reader: Option<String>,
    command: entry::Command,
    runtime: &Runtime,
) -> Result<End, Error> {
    if let Some(wanted) = &reader {
        readers::must_exist(wanted)?;
    }
    let counter = open(folder, language);
    let entry = Entry::new(command);
    // What ends before the first screen needs no terminal.
    if let Some(end) = entry.ends_at_once(&counter) {
        return Ok(end);
    }
    let (sender, events) = event::events();
    let tty = Tty::open().map_err(|_| Error::NoTerminal)?;
    terminal::listen(sender.clone())?;
    leave_on_signals(runtime, sender.clone());
    #[cfg(unix)]
    stay_in_front(runtime, sender.clone());
    let shell =
        Shell::new(counter, runtime.handle().clone(), tty, PcSc::new(reader), entry, (sender, events))?;
    Ok(shell.run()?)
}

/// The counter on this PC. What is wrong with its folder is its first screen.
fn open(folder: &Path, language: Option<Language>) -> Counter {
    let storage: Arc<dyn Storage> = Arc::new(FolderStorage::new(folder));
    let config =
        Config { login: LoginKind::Password, language: language.unwrap_or_default(), ..Config::default() };
    let ports = Ports {
        key: Arc::new(SealedKey::new(Arc::clone(&storage))),
        storage,
        clock: Arc::new(SystemClock::new()),
    };
    let counter = Counter::open(config, ports);
    // Named on the command line, it goes before the one that is kept.
    if let Some(language) = language.filter(|language| counter.screen().language != *language) {
        counter.act(Action::SetLanguage(language));
    }
    counter
}

/// The enrolment link from standard input: the first word that looks like one, so that the administrator's whole
/// message may be piped.
fn link() -> Result<Zeroizing<String>, Error> {
    let mut text = Zeroizing::new(String::with_capacity(LONGEST_MESSAGE));
    io::stdin().take(LONGEST_MESSAGE as u64).read_to_string(&mut text)?;
    let link = text.split_whitespace().find(|word| word.starts_with("madoguchi:"));
    link.map(|link| Zeroizing::new(link.to_owned())).ok_or(Error::NoLink)
}

/// In bytes.
const LONGEST_MESSAGE: usize = 16 * 1024;

/// Whose lines are logged: our own crates, whose events hold names, numbers and times of our own. What a library
/// under them logs at its most talkative may hold what travels.
const LOGGED: [&str; 6] = ["madoguchi", "desktop", "counter", "service", "jpki", "eligibility"];

/// A log on standard error only if `MADOGUCHI_LOG` names a level (`info`, `debug`), and never over a screen.
fn log(screens: bool, words: &Words) {
    let Ok(level) = std::env::var("MADOGUCHI_LOG") else { return };
    if screens && io::stderr().is_terminal() {
        complain(words.log_to_file);
        return;
    }
    let level = level.parse::<tracing::Level>().unwrap_or(tracing::Level::INFO);
    let filter = LOGGED.map(|ours| format!("{ours}={level}")).join(",");
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(io::stderr).init();
}

/// The system asks to end: the terminal is given back, and a card is let go.
fn leave_on_signals(runtime: &Runtime, events: Sender<Event>) {
    runtime.spawn(async move {
        if asked_to_end().await.is_ok() {
            let _ = events.send(Event::Leave);
        }
    });
}

#[cfg(unix)]
async fn asked_to_end() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = hang_up.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

/// A request to stop for a while is refused: whoever takes the terminal meanwhile gives it back with echo, and a PIN
/// would be seen. What cannot be refused (`SIGSTOP`) ends with taking the terminal again.
#[cfg(unix)]
fn stay_in_front(runtime: &Runtime, events: Sender<Event>) {
    use rustix::process::Signal;
    use tokio::signal::unix::{SignalKind, signal};
    let kind = |number: Signal| SignalKind::from_raw(number.as_raw());
    runtime.spawn(async move {
        // The first is taken away from its usual effect by being listened for.
        let (Ok(mut stop), Ok(mut go_on)) = (signal(kind(Signal::TSTP)), signal(kind(Signal::CONT))) else {
            return;
        };
        loop {
            tokio::select! {
                _ = stop.recv() => {}
                _ = go_on.recv() => if events.send(Event::Resumed).is_err() { return },
            }
        }
    });
}

#[cfg(windows)]
async fn asked_to_end() -> io::Result<()> {
    use tokio::signal::windows::{ctrl_close, ctrl_shutdown};
    let (mut close, mut shutdown) = (ctrl_close()?, ctrl_shutdown()?);
    tokio::select! {
        _ = close.recv() => {}
        _ = shutdown.recv() => {}
    }
    Ok(())
}

/// A line for whoever reads. Nothing ends because nobody reads any more.
fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

fn complain(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}
