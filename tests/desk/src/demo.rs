//! The whole way, on this machine: `cargo xtask demo`.
//!
//! It starts the service, adds an institution, enrols a device by its link, logs in, and makes three checks: with
//! the PIN, by 目視確認, and with a wrong PIN. Everything is real but the card, whose work takes no time.

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use clap::{Parser, ValueEnum};
use counter::{Action, Config, FolderStorage, Language, Screen, View};
use desk::{Desk, INSTITUTION, World};
use sandbox_card::{Person, PersonError, VirtualCard};

/// A patient's check, three times: with the PIN, by 目視確認, and with a wrong PIN.
#[derive(Parser)]
#[command(name = "cargo xtask demo")]
struct Arguments {
    /// Whose card: a named person, or a file of one's own (docs/guide)
    #[arg(long, default_value = "hanako", value_name = "NAME|FILE")]
    card: String,
    /// List the named persons
    #[arg(long)]
    list_cards: bool,
    /// The language of the screens
    #[arg(long, value_enum, default_value = "ja")]
    lang: Lang,
}

#[derive(Clone, Copy, ValueEnum)]
enum Lang {
    Ja,
    En,
}

/// Why there is nothing to show.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("there is no card `{0}`: --list-cards names them, or give a file that ends in .toml")]
    NoSuchCard(String),
    #[error(transparent)]
    Person(#[from] PersonError),
    #[error("{0}\n{remedy}", remedy = .0.remedy())]
    Service(#[from] sandbox_service::Error),
    #[error("no temporary folder: {0}\nset TMPDIR to a folder that can be written to")]
    Folder(#[from] std::io::Error),
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.list_cards {
        list();
        return ExitCode::SUCCESS;
    }
    match show(&arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            eprintln!("{failed}");
            ExitCode::FAILURE
        }
    }
}

fn list() {
    for person in Person::all() {
        println!("{:<10} {}  {} / {}", person.slug(), person.name(), person.note().ja, person.note().en);
    }
}

async fn show(arguments: &Arguments) -> Result<(), Failed> {
    let language = match arguments.lang {
        Lang::Ja => Language::Ja,
        Lang::En => Language::En,
    };
    let mut persons = Person::all();
    let person = match Person::named(&arguments.card) {
        Some(person) => person,
        None if Path::new(&arguments.card).extension().is_some_and(|ending| ending == "toml") => {
            let person = Person::from_file(&arguments.card)?;
            // The person of the file, even where a named one bears the same name.
            persons.retain(|other| other.slug() != person.slug());
            persons.push(person.clone());
            person
        }
        None => return Err(Failed::NoSuchCard(arguments.card.clone())),
    };

    let folder = tempfile::tempdir()?;
    let start = Instant::now();
    let world = World::with(persons).await?;
    println!("service    {}  ({} ms)", world.service().url(), start.elapsed().as_millis());
    let activation = world.activation().await?;
    println!("device     {} {}, account {}", INSTITUTION.0, INSTITUTION.1, activation.account);

    let start = Instant::now();
    let desk = Desk::new(FolderStorage::new(folder.path()), Config { language, ..Config::default() });
    let screen = desk.enrol(&activation.link.to_text()).await;
    println!("enrolled and logged in  ({} ms)\n{}", start.elapsed().as_millis(), framed(&screen));

    let mut card = world.card(person.slug());
    println!("card       {}  {} / {}\n", person.slug(), person.note().ja, person.note().en);

    println!("== 1. PIN");
    let digits = person.card.pin.as_ref().map_or("1234", |pin| pin.reveal());
    desk.pin(digits).await;
    check(&desk, &mut card).await;

    println!("== 2. 目視確認 / visual check");
    desk.act(Action::Next).await;
    let screen = desk.visual(person.printed_birth_date()).await;
    let warned = matches!(screen.view, View::Warning(_));
    if warned {
        println!("{}", framed(&screen));
    }
    if !warned || person.card.printed.as_ref().is_some_and(|printed| printed.photo) {
        if warned {
            desk.act(Action::GoOn).await;
        }
        check(&desk, &mut card).await;
    } else {
        println!("A card without a photo: staff stop here, and ask for the PIN.\n");
        desk.act(Action::Cancel).await;
    }

    println!("== 3. PIN, wrong");
    desk.act(Action::Next).await;
    desk.pin(if digits == "0000" { "1111" } else { "0000" }).await;
    check(&desk, &mut card).await;
    world.shut_down().await;
    Ok(())
}

/// Holds the card, shows what it was asked, lets the service decide, and shows the screen.
async fn check(desk: &Desk, card: &mut VirtualCard) {
    let held = desk.hold(card);
    print!("{}", held.transcript);
    println!("card       {} commands, {} ms", held.commands, held.took.as_millis());
    let start = Instant::now();
    let mut screen = held.screen;
    if screen.work {
        screen = desk.settle(screen).await;
        println!("service    {} ms", start.elapsed().as_millis());
    }
    println!("{}", framed(&screen));
}

/// A screen, set off from the rest.
fn framed(screen: &Screen) -> String {
    let mut text = String::from("┌──\n");
    for line in screen.to_text().lines() {
        text.push_str(format!("│ {line}").trim_end());
        text.push('\n');
    }
    text.push_str("└──\n");
    text
}
