//! `madoguchi-sandbox insert`: a virtual card in a reader of pcscd, by hand.

use std::collections::HashMap;
use std::io::BufRead as _;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::pin;
use std::time::Duration;
use std::{io, thread};

use clap::{Args, ValueEnum};
use sandbox_card::Person;
use sandbox_reader::{Icc, Inserted, Interface, Plugged, VPCD_PORT};
use time::OffsetDateTime;
use tokio::sync::{mpsc, oneshot};
use tokio::time::MissedTickBehavior;

use crate::{Failure, say};

/// How often it is asked whether the reader still holds the card: as often as pcscd asks.
const LOOK: Duration = Duration::from_millis(400);

/// A card, and the reader that it goes into.
#[derive(Args)]
pub(crate) struct Insert {
    /// A named person (see `madoguchi-sandbox persons`), or the file of a person of your own, ending in .toml.
    card: String,
    /// How the card touches its reader: what programs see in the answer to reset.
    #[arg(long, value_enum, default_value_t = Atr::Contactless)]
    atr: Atr,
    /// Where vpcd, the virtual reader, listens.
    #[arg(long, default_value_t = SocketAddr::from(([127, 0, 0, 1], VPCD_PORT)))]
    vpcd: SocketAddr,
    /// Print what the card is asked, never what is said.
    #[arg(long)]
    transcript: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Atr {
    Contact,
    /// Contacts and no historical bytes: the one that OpenSC lists.
    ContactBare,
    Contactless,
}

impl From<Atr> for Interface {
    fn from(atr: Atr) -> Self {
        match atr {
            Atr::Contact => Self::Contact,
            Atr::ContactBare => Self::ContactBare,
            Atr::Contactless => Self::Contactless,
        }
    }
}

/// Puts the card in and leaves it there until `stopped`, or until pcscd ends. Lines on standard input change it;
/// when there are no more, it stays.
pub(crate) async fn insert(options: Insert, stopped: impl Future<Output = ()>) -> Result<(), Failure> {
    let name = options.card.clone();
    let mut desk = Desk { options, drawer: HashMap::new(), name, inserted: None };
    let mut stopped = pin!(stopped);
    tokio::select! {
        () = &mut stopped => return Ok(()),
        put_in = desk.put_in() => put_in?,
    }
    say("Enterで抜き差し、名前で交換します / Enter takes it out and puts it back; a name changes the card");

    let mut lines = lines();
    let mut look = tokio::time::interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = &mut stopped => return Ok(()),
            // No more lines: this branch rests.
            Some(line) = lines.recv() => {
                tokio::select! {
                    () = &mut stopped => return Ok(()),
                    obeyed = desk.obey(line.trim()) => if let Err(failure) = obeyed {
                        failure.tell();
                    },
                }
            }
            _ = look.tick() => desk.still_there()?,
        }
    }
}

/// Lines from standard input, read by a thread: nothing else can be waited for without holding up the end of the
/// program.
fn lines() -> mpsc::UnboundedReceiver<String> {
    let (said, lines) = mpsc::unbounded_channel();
    thread::spawn(move || {
        let mut input = io::stdin().lock();
        let mut line = Vec::new();
        while input.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            if said.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                return;
            }
            line.clear();
        }
    });
    lines
}

/// The reader, and the cards that lie beside it: each keeps its counters and PINs as long as the program runs.
struct Desk {
    options: Insert,
    drawer: HashMap<String, Shown>,
    /// The card that is in the reader, or was in it last.
    name: String,
    inserted: Option<Inserted<Shown>>,
}

impl Desk {
    async fn obey(&mut self, line: &str) -> Result<(), Failure> {
        if !line.is_empty() {
            // A name that nobody has leaves the card where it is.
            self.find(line)?;
            self.take_out();
            line.clone_into(&mut self.name);
            self.put_in().await
        } else if self.inserted.is_some() {
            self.take_out();
            Ok(())
        } else {
            self.put_in().await
        }
    }

    async fn put_in(&mut self) -> Result<(), Failure> {
        let card = self.find(&self.name.clone())?;
        let vpcd = self.options.vpcd;
        let (done, when_done) = oneshot::channel();
        // The reader takes its time, and Ctrl-C is heard meanwhile: nobody waits for a thread of our own then.
        thread::spawn(move || done.send(sandbox_reader::insert(vpcd, card)));
        let inserted = when_done.await.expect("to put a card in does not panic").map_err(Failure::Reader)?;
        self.inserted = Some(inserted);
        say(&format!("カードを入れました / in the reader: {}", self.name));
        Ok(())
    }

    fn take_out(&mut self) {
        let Some(inserted) = self.inserted.take() else { return };
        self.drawer.insert(self.name.clone(), inserted.remove());
        say(&format!("カードを抜きました / taken out: {}", self.name));
    }

    fn still_there(&self) -> Result<(), Failure> {
        if self.inserted.as_ref().is_some_and(Inserted::is_gone) {
            return Err(Failure::Reader(sandbox_reader::Error::HungUp(self.options.vpcd)));
        }
        Ok(())
    }

    /// The card as it was left, or a new one.
    fn find(&mut self, name: &str) -> Result<Shown, Failure> {
        if let Some(card) = self.drawer.get(name) {
            return Ok(card.clone());
        }
        let person = match Person::named(name) {
            Some(person) => person,
            None if Path::new(name).extension().is_some_and(|ending| ending == "toml") => {
                Person::from_file(name)?
            }
            None => return Err(Failure::NoSuchPerson(name.to_owned())),
        };
        let card = person.personalise(OffsetDateTime::now_utc().date());
        let shown = Shown {
            plugged: Plugged::new(card, self.options.atr.into()),
            transcript: self.options.transcript,
        };
        self.drawer.insert(name.to_owned(), shown.clone());
        Ok(shown)
    }
}

/// A card that prints what it is asked, where that is wanted.
#[derive(Clone)]
struct Shown {
    plugged: Plugged,
    transcript: bool,
}

impl Shown {
    fn show(&self, event: &str) {
        if self.transcript {
            say(event);
        }
    }
}

impl Icc for Shown {
    fn power_on(&mut self) -> Vec<u8> {
        self.show("power on");
        self.plugged.power_on()
    }

    fn power_off(&mut self) {
        self.show("power off");
        self.plugged.power_off();
    }

    fn reset(&mut self) -> Vec<u8> {
        self.show("reset");
        self.plugged.reset()
    }

    fn transmit(&mut self, command: &[u8]) -> Vec<u8> {
        let response = self.plugged.transmit(command);
        self.show(self.plugged.card.transcript().to_string().trim_end());
        // It may lie here for days.
        self.plugged.card.clear_transcript();
        response
    }
}
