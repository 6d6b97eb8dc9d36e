//! `madoguchi-sandbox`: the service of the sandbox, its administrator's commands, and its cards.

mod attest;
mod hand;
mod insert;
mod readers;
mod trust;

use std::{error::Error as _, io::Write as _, net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc};

use clap::{Args, Parser, Subcommand};
use eligibility::institution_code_check_holds;
use sandbox_card::Person;
use sandbox_service::{Activation, Admin, Config, Error, Policy, Service};
use service::messages::Notice;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// The sandbox of Madoguchi: a service that knows invented persons only.
#[derive(Parser)]
#[command(name = "madoguchi-sandbox", version)]
struct Cli {
    /// The folder that holds database, keys and certificates; `up` and `institution add` make it where it is missing.
    #[arg(long, global = true, default_value = "madoguchi-sandbox-state")]
    state: PathBuf,
    /// So many seconds later than this machine's clock says, as after `advance` of `up --hand`: for tests.
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 0)]
    ahead: u32,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the service until it is stopped with Ctrl-C.
    Up(Up),
    /// Institutions: clinics, pharmacies, 施術所.
    #[command(subcommand)]
    Institution(InstitutionCommand),
    /// Devices and their activation codes.
    #[command(subcommand)]
    Device(DeviceCommand),
    /// What staff read on every device.
    #[command(subcommand)]
    Notice(NoticeCommand),
    /// List the persons whose cards the service knows.
    Persons,
    /// Put a card into a virtual PC/SC reader until it is stopped with Ctrl-C.
    Insert(insert::Insert),
    /// Offer virtual cards and Bluetooth readers on loopback, for tests, until it is stopped with Ctrl-C.
    Readers(readers::Readers),
    /// Print the attestation chain of a phone's key, under the test root, as PEM: for tests.
    Attest(attest::Attest),
}

#[derive(Args)]
struct Up {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:8443")]
    listen: SocketAddr,
    /// The origin by which devices reach the service [default: https://localhost:PORT].
    #[arg(long)]
    public_url: Option<String>,
    /// The file of a person of your own; may be given several times.
    #[arg(long = "person", value_name = "FILE")]
    persons: Vec<PathBuf>,
    /// For how many months after a check a certificate is kept for the next visit; 0 keeps none.
    #[arg(long, value_name = "MONTHS", default_value_t = Policy::default().known_months)]
    known_months: u8,
    /// Take lines of JSON on standard input that make things go wrong and move the clock: for tests.
    #[arg(long)]
    hand: bool,
    #[command(flatten)]
    trust: trust::TrustOptions,
}

#[derive(Subcommand)]
enum InstitutionCommand {
    /// Add an institution.
    Add {
        /// 医療機関コード (10 digits) or 登録記号番号; 9919900010 belongs to nobody.
        #[arg(long)]
        code: String,
        /// The name that staff know it by.
        #[arg(long)]
        name: String,
        /// Let attested devices do 目視確認 without any proof by the card.
        #[arg(long)]
        danger_attested_visual: bool,
    },
    /// List the institutions.
    List,
}

#[derive(Subcommand)]
enum DeviceCommand {
    /// Add a device: prints account, activation code and link, once.
    Add {
        /// The institution's code.
        #[arg(long)]
        institution: String,
        /// What it is, for the list: phone, tablet, PC.
        #[arg(long, default_value = "")]
        platform: String,
    },
    /// Add a device that takes the place of another one: prints account, activation code and link, once. The other one
    /// works until the new one does, and ends with that.
    Replace {
        /// The account of the other one.
        account: String,
    },
    /// List the devices.
    List,
    /// Stop a device from its next request on.
    Suspend {
        /// Its account.
        account: String,
    },
    /// Let a suspended device work again.
    Resume {
        /// Its account.
        account: String,
    },
    /// End a device for good: lost, stolen, thrown away.
    Revoke {
        /// Its account.
        account: String,
    },
}

#[derive(Subcommand)]
enum NoticeCommand {
    /// Replace the notice.
    Set {
        /// Japanese.
        #[arg(long)]
        ja: String,
        /// English.
        #[arg(long)]
        en: String,
    },
    /// Take the notice away.
    Clear,
}

/// What ends the program, in words for the one who typed the command.
enum Failure {
    Service(Error),
    /// Says its remedy itself.
    Person(sandbox_card::PersonError),
    NoSuchPerson(String),
    /// The file of an option is not what it should be.
    Unusable(PathBuf),
    Reader(sandbox_reader::Error),
    Loopback(sandbox_reader::loopback::Error),
    Signal(std::io::Error),
}

impl Failure {
    /// Says on standard error what happened, and what to do.
    fn tell(&self) {
        match self {
            Self::Service(error) => {
                eprintln!("error: {error}");
                let mut source = error.source();
                while let Some(cause) = source {
                    eprintln!("cause: {cause}");
                    source = cause.source();
                }
                eprintln!("remedy: {}", error.remedy());
            }
            Self::Person(error) => eprintln!("error: {error}"),
            Self::NoSuchPerson(name) => {
                eprintln!("error: その名前の人はいません / there is no person of this name: {name}");
                eprintln!(
                    "remedy: 一覧は madoguchi-sandbox persons、自作のファイルは .toml で終わる名前で / see \
                     madoguchi-sandbox persons, or give a file that ends in .toml"
                );
            }
            Self::Unusable(path) => {
                let path = path.display();
                eprintln!("error: ファイルを使えません / this file cannot be used: {path}");
                eprintln!("remedy: オプションの説明は / see madoguchi-sandbox up --help");
            }
            Self::Reader(error) => {
                eprintln!("error: {error}");
                eprintln!("remedy: {}", error.remedy());
            }
            Self::Loopback(error) => {
                eprintln!("error: {error}");
                eprintln!("remedy: {}", error.remedy());
            }
            Self::Signal(error) => eprintln!("error: signals cannot be caught: {error}"),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Service(error)
    }
}

impl From<sandbox_card::PersonError> for Failure {
    fn from(error: sandbox_card::PersonError) -> Self {
        Self::Person(error)
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info,sqlx=warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.tell();
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        Command::Up(options) => return up(cli.state, options, hand::MovedClock::ahead(cli.ahead)).await,
        Command::Insert(options) => {
            let stopped = stop_signal().map_err(Failure::Signal)?;
            return insert::insert(options, stopped).await;
        }
        Command::Readers(options) => {
            let stopped = stop_signal().map_err(Failure::Signal)?;
            return readers::readers(options, stopped).await;
        }
        Command::Attest(options) => {
            attest::attest(&options);
            return Ok(());
        }
        Command::Persons => {
            for person in Person::all() {
                say(&format!(
                    "{:<10} {}  {} / {}",
                    person.slug(),
                    person.name(),
                    person.note().ja,
                    person.note().en
                ));
            }
            return Ok(());
        }
        _ => {}
    }
    let clock = Arc::new(hand::MovedClock::ahead(cli.ahead));
    let admin = match cli.command {
        Command::Institution(InstitutionCommand::Add { .. }) => {
            Admin::open_or_create(&cli.state, clock).await?
        }
        _ => Admin::open(&cli.state, clock).await?,
    };
    match cli.command {
        Command::Up(_) | Command::Insert(_) | Command::Readers(_) | Command::Attest(_) | Command::Persons => {
        }
        Command::Institution(command) => institution(&admin, command).await?,
        Command::Device(command) => device(&admin, command).await?,
        Command::Notice(NoticeCommand::Set { ja, en }) => admin.set_notices(&[Notice { ja, en }]).await?,
        Command::Notice(NoticeCommand::Clear) => admin.set_notices(&[]).await?,
    }
    Ok(())
}

async fn up(state: PathBuf, options: Up, clock: hand::MovedClock) -> Result<(), Failure> {
    let mut config = Config::new(&state);
    config.listen = options.listen;
    config.public_url = options.public_url;
    config.policy.known_months = options.known_months;
    config.attestation = options.trust.trust().map_err(|trust::Unusable(file)| Failure::Unusable(file))?;
    config.persons = Person::all();
    for file in options.persons {
        config.persons.push(Person::from_file(file)?);
    }
    let clock = Arc::new(clock);
    config.clock = clock.clone();
    let stopped = stop_signal().map_err(Failure::Signal)?;
    let running = Service::start(config).await?;
    say(&format!("サンドボックスのサービスを開始しました / the sandbox service is up: {}", running.url()));
    if running.admin().institutions().await?.is_empty() {
        say("次に / next:");
        let state = state.display();
        say(&format!(
            "  madoguchi-sandbox institution add --state {state} --code 9919900010 --name 試験医院"
        ));
        say(&format!("  madoguchi-sandbox device add --state {state} --institution 9919900010"));
    }
    let mut hand = options.hand.then(hand::lines);
    tokio::pin!(stopped);
    loop {
        tokio::select! {
            () = &mut stopped => break,
            Some(line) = async { hand.as_mut()?.recv().await }, if hand.is_some() => {
                say(&hand::act(&line, running.faults(), &clock));
            }
            else => {}
        }
    }
    say("停止します / stopping");
    running.shutdown().await;
    Ok(())
}

/// A line for whoever reads. Nothing ends because nobody reads any more (`| head`, a closed window).
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Ends with Ctrl-C, or with SIGTERM where there is one. Caught before the service starts, so that none is missed.
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    Ok(async move {
        #[cfg(unix)]
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    })
}

async fn institution(admin: &Admin, command: InstitutionCommand) -> Result<(), Error> {
    match command {
        InstitutionCommand::Add { code, name, danger_attested_visual } => {
            admin.add_institution(&code, &name, danger_attested_visual).await?;
            let has_ten_digits = code.len() == 10 && code.bytes().all(|digit| digit.is_ascii_digit());
            if has_ten_digits && !institution_code_check_holds(&code) {
                eprintln!(
                    "警告: 検査数字が合いません。コードを確かめてください / warning: the check digit of {code} does not hold"
                );
            }
            say(&format!("{code}  {name}"));
        }
        InstitutionCommand::List => {
            for institution in admin.institutions().await? {
                say(&format!("{}  {}", institution.code, institution.name));
            }
        }
    }
    Ok(())
}

async fn device(admin: &Admin, command: DeviceCommand) -> Result<(), Error> {
    match command {
        DeviceCommand::Add { institution, platform } => {
            tell_activation(&admin.add_device(&institution, &platform).await?);
        }
        DeviceCommand::Replace { account } => tell_activation(&admin.replace_device(&account).await?),
        DeviceCommand::List => {
            for device in admin.devices().await? {
                let until = device.certificate_not_after.map_or_else(|| "-".to_owned(), instant);
                say(&format!(
                    "{}  {}  {:<9}  {:<19}  {}  {}",
                    device.account,
                    device.institution,
                    device.state.as_str(),
                    device.assurance.as_str(),
                    until,
                    device.platform
                ));
            }
        }
        DeviceCommand::Suspend { account } => admin.suspend(&account).await?,
        DeviceCommand::Resume { account } => admin.resume(&account).await?,
        DeviceCommand::Revoke { account } => admin.revoke(&account).await?,
    }
    Ok(())
}

/// What the administrator hands over, once.
fn tell_activation(activation: &Activation) {
    say(&format!("アカウント / account:           {}", activation.account));
    say(&format!("アクティベーションコード / code: {}", *activation.code.grouped()));
    say(&format!("リンク / link:                  {}", *activation.link.to_text()));
    say(&format!("有効期限 / valid until:         {}", instant(activation.expires_at)));
    say("コードかリンクのどちらかを1回だけ使えます。/ Use either the code or the link, once.");
}

fn instant(seconds: i64) -> String {
    let instant = OffsetDateTime::from_unix_timestamp(seconds).ok();
    instant.and_then(|instant| instant.format(&Rfc3339).ok()).unwrap_or_else(|| "-".to_owned())
}
