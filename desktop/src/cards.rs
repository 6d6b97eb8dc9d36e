//! The thread that waits for cards, so that keys go on working meanwhile.

use std::collections::BTreeSet;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use counter::{Action, Counter, Link, ReaderTrouble};
use desktop::{CardState, Readers, Stop, Waiting, run_tap};

use crate::event::{CardNews, Event};
use crate::page::CardAside;

/// Where cards come from.
pub(crate) trait Slot: Send + 'static {
    /// What lies in each reader that cards are taken from.
    fn look(&mut self) -> Result<Vec<Place>, ReaderTrouble>;

    /// Waits for a card and lends it to the counter, which holds the screen afterwards. A card in a reader that may not
    /// be asked is let be.
    fn tap(
        &mut self,
        counter: &Counter,
        stop: &Stop,
        tell: &dyn Fn(CardAside),
        may: &dyn Fn(&str) -> bool,
    ) -> Lent;
}

/// A reader, by its name, and what lies in it.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) reader: String,
    pub(crate) card: CardState,
}

/// How the waiting for a card ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lent {
    /// The counter has heard of it, or it was stopped.
    Done,
    /// A card came from a reader that may not be asked. Nothing was sent to it.
    NotAsked,
}

/// The readers of this PC.
pub(crate) struct PcSc {
    readers: Option<Readers>,
    only: Option<String>,
}

impl PcSc {
    /// Readers whose names contain this text, or all. The service is looked for when a card is awaited.
    pub(crate) fn new(only: Option<String>) -> Self {
        Self { readers: None, only }
    }

    fn readers(&mut self) -> Result<&Readers, ReaderTrouble> {
        match &mut self.readers {
            Some(readers) => Ok(readers),
            none => Ok(none.insert(Readers::open()?.only(self.only.clone()))),
        }
    }
}

impl Slot for PcSc {
    fn look(&mut self) -> Result<Vec<Place>, ReaderTrouble> {
        let only = self.only.clone();
        let wanted = |name: &str| only.as_ref().is_none_or(|part| name.contains(part));
        let states = self.readers()?.list()?.into_iter().filter(|state| wanted(&state.name));
        Ok(states.map(|state| Place { reader: state.name, card: state.card }).collect())
    }

    fn tap(
        &mut self,
        counter: &Counter,
        stop: &Stop,
        tell: &dyn Fn(CardAside),
        may: &dyn Fn(&str) -> bool,
    ) -> Lent {
        let waiting = |waiting| {
            tell(match waiting {
                Waiting::ForCard => CardAside::Awaited,
                Waiting::ForOneCardOnly => CardAside::Several,
            });
        };
        match self.readers().and_then(|readers| readers.next_card(stop, waiting)) {
            Ok(Some(card)) if !may(card.reader()) => return Lent::NotAsked,
            Ok(Some(mut card)) => {
                if let Some(tap) = counter.tap(Link::Direct) {
                    tell(CardAside::Reading);
                    run_tap(tap, &mut card);
                }
            }
            Ok(None) => {}
            Err(_) if stop.is_stopped() => {}
            Err(trouble) => {
                tracing::info!(?trouble, "no card can be awaited");
                counter.act(Action::Reader(trouble));
            }
        }
        Lent::Done
    }
}

/// The readers that were seen empty since the last patient was served, or since the program started. Only a card in
/// one of these came after that: any other may be the last patient's, whatever happened to the service, to the reader
/// or to our looks meanwhile. So what is not known counts as left in.
#[derive(Debug, Default)]
struct Emptied(BTreeSet<String>);

impl Emptied {
    fn note(&mut self, places: &[Place]) {
        let empty = places.iter().filter(|place| place.card == CardState::Absent);
        self.0.extend(empty.map(|place| place.reader.clone()));
    }

    fn has(&self, reader: &str) -> bool {
        self.0.contains(reader)
    }

    /// Whether a card lies there that may be the last patient's and could be read. What another program has for
    /// itself, and what is silent, hinders nobody: should it become readable, its reader may still not be asked.
    fn is_left_in(&self, places: &[Place]) -> bool {
        places.iter().any(|place| place.card == CardState::Present && !self.has(&place.reader))
    }

    /// Whether another look can tell something new.
    fn is_open(&self, looked: Result<&[Place], &ReaderTrouble>) -> bool {
        looked.map_or(true, |places| places.is_empty() || places.iter().any(|place| !self.has(&place.reader)))
    }
}

/// What the thread is told to do, one after another.
enum Order {
    Tap(Stop),
    /// The cards that lie there are those of a patient who is served.
    NextPatient,
    /// Wait until no such card is left.
    Empty(Stop),
}

/// The shell's end of the thread.
pub(crate) struct Cards {
    orders: Option<Sender<Order>>,
    ended: Receiver<()>,
    /// The order that is being carried out.
    under_way: Option<Stop>,
}

/// How often to look whether a card was taken out. Nobody takes one out and puts another in between two looks.
const LOOK: Duration = Duration::from_millis(200);
/// So long a service or a reader may take to start before it is told that it is missing.
const BLIND: Duration = Duration::from_secs(1);
/// So long at most the end waits for a card that is being let go.
const LET_GO: Duration = Duration::from_secs(6);

impl Cards {
    pub(crate) fn new(slot: impl Slot, counter: Counter, news: Sender<Event>) -> std::io::Result<Self> {
        let (orders, queue) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        let work = move || {
            work(slot, &counter, &queue, &news);
            drop(counter);
            // In a panic it is dropped as well.
            drop::<Sender<()>>(end);
        };
        thread::Builder::new().name("cards".into()).spawn(work)?;
        Ok(Self { orders: Some(orders), ended, under_way: None })
    }

    /// A card is awaited, if it is not already.
    pub(crate) fn tap(&mut self) {
        if self.under_way.is_none() {
            let stop = Stop::default();
            self.order(Order::Tap(stop.clone()));
            self.under_way = Some(stop);
        }
    }

    /// Tells when the cards of the last patient are gone.
    pub(crate) fn empty(&mut self) {
        if self.under_way.is_none() {
            let stop = Stop::default();
            self.order(Order::Empty(stop.clone()));
            self.under_way = Some(stop);
        }
    }

    /// The patient is served: a card that lies there now is not the next one's.
    pub(crate) fn next_patient(&mut self) {
        self.order(Order::NextPatient);
    }

    /// No card is awaited any more. A tap that is open is the counter's to end.
    pub(crate) fn stop(&self) {
        if let Some(stop) = &self.under_way {
            stop.stop();
        }
    }

    /// Whether something is being waited for.
    pub(crate) fn busy(&self) -> bool {
        self.under_way.is_some()
    }

    /// The thread said that it is done.
    pub(crate) fn done(&mut self) {
        self.under_way = None;
    }

    fn order(&self, order: Order) {
        if let Some(orders) = &self.orders {
            // It fails only if the thread panicked; then cards are not read any more, which one sees.
            let _ = orders.send(order);
        }
    }
}

impl Drop for Cards {
    /// A card that is held is let go before the program ends: whoever ends first leaves it powered.
    fn drop(&mut self) {
        self.stop();
        self.orders = None;
        let _ = self.ended.recv_timeout(LET_GO);
    }
}

fn work(mut slot: impl Slot, counter: &Counter, orders: &Receiver<Order>, news: &Sender<Event>) {
    let tell = |news_of_card| {
        // The shell that does not listen any more has ended.
        let _ = news.send(Event::Card(news_of_card));
    };
    let aside = |aside| tell(CardNews::Aside(aside));
    // A card that lies there when the program starts is nobody's whom the program knows.
    let mut emptied = Emptied::default();
    loop {
        // Between two orders it is watched as well: while one types the next PIN, cards change hands.
        let Some(order) = watch(&mut slot, &mut emptied, orders) else { return };
        match order {
            Order::NextPatient => emptied = Emptied::default(),
            Order::Tap(stop) => {
                while wait_until_gone(&mut slot, &mut emptied, &stop, || aside(CardAside::LastOne)) {
                    aside(CardAside::Awaited);
                    match slot.tap(counter, &stop, &aside, &|reader| emptied.has(reader)) {
                        Lent::Done => break,
                        Lent::NotAsked => thread::sleep(LOOK),
                    }
                }
                tell(CardNews::Done);
            }
            Order::Empty(stop) => {
                wait_until_gone(&mut slot, &mut emptied, &stop, || {});
                tell(CardNews::Done);
            }
        }
    }
}

/// Looks which readers come to be empty until there is an order. `None`: there will be none any more.
fn watch(slot: &mut impl Slot, emptied: &mut Emptied, orders: &Receiver<Order>) -> Option<Order> {
    loop {
        let looked = slot.look();
        if let Ok(places) = &looked {
            emptied.note(places);
        }
        if !emptied.is_open(looked.as_deref()) {
            return orders.recv().ok();
        }
        match orders.recv_timeout(LOOK) {
            Ok(order) => return Some(order),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return None,
        }
    }
}

/// Waits until no card is left in that may be the last patient's. `false` if it was stopped.
///
/// If one cannot look, or sees no reader, a little later one may. Otherwise nothing is waited for: whoever awaits a card
/// next says what is wrong, and asks no reader that was not seen empty.
fn wait_until_gone(slot: &mut impl Slot, emptied: &mut Emptied, stop: &Stop, say: impl FnOnce()) -> bool {
    let mut say = Some(say);
    let blind_until = Instant::now() + BLIND;
    while !stop.is_stopped() {
        let places = slot.look().unwrap_or_default();
        emptied.note(&places);
        if !emptied.is_left_in(&places) && (!places.is_empty() || Instant::now() >= blind_until) {
            return true;
        }
        if let Some(say) = say.take_if(|_| !places.is_empty()) {
            say();
        }
        thread::sleep(LOOK);
    }
    false
}
