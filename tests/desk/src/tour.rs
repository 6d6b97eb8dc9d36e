//! The whole way, on this machine: what `cargo xtask demo` shows.
//!
//! It starts the service, adds an institution, enrols a device by its link, logs in, and makes three checks: with
//! the PIN, by 目視確認, and with a wrong PIN. Everything is real but the card, whose work takes no time. Where the
//! card lies is the caller's: in this process, or in a reader.

use std::path::Path;
use std::time::Instant;

use clap::ValueEnum;
use counter::{Action, Config, FolderStorage, Language, Screen, View};
use sandbox_card::{Person, PersonError};

use crate::{Desk, Held, INSTITUTION, World};

/// Whose check, and in which language.
#[derive(clap::Args)]
pub struct Tour {
    /// Whose card: a named person, or a file of one's own (docs/guide)
    #[arg(long, default_value = "hanako", value_name = "NAME|FILE")]
    pub card: String,
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
#[non_exhaustive]
pub enum Failed {
    /// Nobody has this name.
    #[error("there is no card `{0}`: --list-cards names them, or give a file that ends in .toml")]
    NoSuchCard(String),
    /// The file is no person's.
    #[error(transparent)]
    Person(#[from] PersonError),
    /// The service did not start.
    #[error("{0}\n{remedy}", remedy = .0.remedy())]
    Service(#[from] sandbox_service::Error),
    /// The counter's state has no place.
    #[error("no temporary folder: {0}\nset TMPDIR to a folder that can be written to")]
    Folder(#[from] std::io::Error),
    /// The card could not be laid into its reader.
    #[error("{0}")]
    Reader(String),
}

impl Tour {
    /// Shows it. `lay` puts the person's card where it can be held, and gives the hand that holds it.
    pub async fn show<H>(&self, lay: impl FnOnce(&World, &Person) -> Result<H, Failed>) -> Result<(), Failed>
    where
        H: FnMut(&Desk) -> Held,
    {
        if self.list_cards {
            list();
            return Ok(());
        }
        let (person, persons) = self.persons()?;
        let language = match self.lang {
            Lang::Ja => Language::Ja,
            Lang::En => Language::En,
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

        let mut hold = lay(&world, &person)?;
        println!("card       {}  {} / {}\n", person.slug(), person.note().ja, person.note().en);

        println!("== 1. PIN");
        let digits = person.card.pin.as_ref().map_or("1234", |pin| pin.reveal());
        desk.pin(digits).await;
        check(&desk, &mut hold).await;

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
            check(&desk, &mut hold).await;
        } else {
            println!("A card without a photo: staff stop here, and ask for the PIN.\n");
            desk.act(Action::Cancel).await;
        }

        println!("== 3. PIN, wrong");
        desk.act(Action::Next).await;
        desk.pin(if digits == "0000" { "1111" } else { "0000" }).await;
        check(&desk, &mut hold).await;
        world.shut_down().await;
        Ok(())
    }

    /// The person of the tour, and all whom the service knows.
    fn persons(&self) -> Result<(Person, Vec<Person>), Failed> {
        let mut persons = Person::all();
        if let Some(person) = Person::named(&self.card) {
            return Ok((person, persons));
        }
        if Path::new(&self.card).extension().is_none_or(|ending| ending != "toml") {
            return Err(Failed::NoSuchCard(self.card.clone()));
        }
        let person = Person::from_file(&self.card)?;
        // The person of the file, even where a named one bears the same name.
        persons.retain(|other| other.slug() != person.slug());
        persons.push(person.clone());
        Ok((person, persons))
    }
}

fn list() {
    for person in Person::all() {
        println!("{:<10} {}  {} / {}", person.slug(), person.name(), person.note().ja, person.note().en);
    }
}

/// Holds the card, shows what it was asked, lets the service decide, and shows the screen.
async fn check(desk: &Desk, hand: &mut impl FnMut(&Desk) -> Held) {
    let held = hand(desk);
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
