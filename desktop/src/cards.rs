//! The thread that waits for cards, so that keys go on working meanwhile.

use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use counter::{Action, Counter, ReaderTrouble};
use desktop::{Readers, Seen, Stop, Waiting, run_tap};

use crate::page::CardAside;
use crate::shell::Event;

/// Where cards come from.
pub(crate) trait Slot: Send + 'static {
    /// A card that was seen.
    type Seen: PartialEq;

    /// The cards that lie there now. None where one cannot look.
    fn lying(&mut self) -> Vec<Self::Seen>;

    /// Waits for a card and lends it to the counter, which holds the screen afterwards.
    fn tap(&mut self, counter: &Counter, stop: &Stop, tell: &dyn Fn(CardAside));
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
    type Seen = Seen;

    fn lying(&mut self) -> Vec<Seen> {
        let only = self.only.clone();
        let states = self.readers().and_then(Readers::list).unwrap_or_default();
        let wanted = |name: &str| only.as_ref().is_none_or(|part| name.contains(part));
        states.iter().filter(|state| wanted(&state.name)).filter_map(|state| state.seen().cloned()).collect()
    }

    fn tap(&mut self, counter: &Counter, stop: &Stop, tell: &dyn Fn(CardAside)) {
        let waiting = |waiting| {
            tell(match waiting {
                Waiting::ForCard => CardAside::Awaited,
                Waiting::ForOneCardOnly => CardAside::Several,
            });
        };
        match self.readers().and_then(|readers| readers.next_card(stop, waiting)) {
            Ok(Some(mut card)) => {
                if let Some(tap) = counter.tap() {
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
    }
}

/// What the thread is told to do, one after another.
enum Order {
    Tap(Stop),
    /// The cards that lie there are those of a patient who is served.
    NextPatient,
    /// Wait until none of these is left.
    Empty(Stop),
}

/// The thread's news.
#[derive(Debug)]
pub(crate) enum CardNews {
    /// How the waiting goes.
    Aside(CardAside),
    /// The order was carried out, or stopped.
    Done,
}

/// The shell's end of the thread.
pub(crate) struct Cards {
    orders: Option<Sender<Order>>,
    ended: Receiver<()>,
    /// The order that is being carried out.
    under_way: Option<Stop>,
}

/// How often to look whether a card was taken out.
const LOOK: Duration = Duration::from_millis(200);
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

fn work<S: Slot>(mut slot: S, counter: &Counter, orders: &Receiver<Order>, news: &Sender<Event>) {
    let tell = |news_of_card| {
        // The shell that does not listen any more has ended.
        let _ = news.send(Event::Card(news_of_card));
    };
    let mut served: Vec<S::Seen> = Vec::new();
    for order in orders {
        match order {
            Order::NextPatient => served = slot.lying(),
            Order::Tap(stop) => {
                if wait_until_gone(&mut slot, &mut served, &stop, || {
                    tell(CardNews::Aside(CardAside::LastOne));
                }) {
                    tell(CardNews::Aside(CardAside::Awaited));
                    slot.tap(counter, &stop, &|aside| tell(CardNews::Aside(aside)));
                }
                tell(CardNews::Done);
            }
            Order::Empty(stop) => {
                wait_until_gone(&mut slot, &mut served, &stop, || {});
                tell(CardNews::Done);
            }
        }
    }
}

/// Waits until none of the cards that were served is left. `false` if it was stopped.
fn wait_until_gone<S: Slot>(
    slot: &mut S,
    served: &mut Vec<S::Seen>,
    stop: &Stop,
    say: impl FnOnce(),
) -> bool {
    let mut say = Some(say);
    while !served.is_empty() {
        let lying = slot.lying();
        served.retain(|seen| lying.contains(seen));
        if served.is_empty() {
            break;
        }
        if let Some(say) = say.take() {
            say();
        }
        if stop.is_stopped() {
            return false;
        }
        thread::sleep(LOOK);
    }
    !stop.is_stopped()
}
