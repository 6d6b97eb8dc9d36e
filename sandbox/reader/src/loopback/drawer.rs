//! Where cards lie when they are in no reader.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sandbox_card::{Person, VirtualCard};
use time::Date;

use super::Refusal;
use crate::{Icc, Interface, Plugged};

/// How long somebody waits for a card that lies elsewhere: who connects anew may be quicker than the end of the
/// connection before.
const PATIENCE: Duration = Duration::from_secs(2);

/// Every drawer of the process.
pub(super) struct Drawers {
    persons: Vec<Person>,
    today: Date,
    /// `None` is a card that lies in a reader. One that is missing was never asked for.
    cards: Mutex<HashMap<(DrawerName, String), Option<VirtualCard>>>,
    put_back: Condvar,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum DrawerName {
    Shared(String),
    /// Of one connection.
    Private(u64),
}

/// The drawer that a connection uses. A private one is emptied in the end.
pub(super) struct Drawer {
    drawers: Arc<Drawers>,
    name: DrawerName,
}

/// A card out of a drawer, into which it goes back.
pub(super) struct Borrowed {
    drawers: Arc<Drawers>,
    place: (DrawerName, String),
    /// `None` while it is put back.
    plugged: Option<Plugged>,
}

impl Drawers {
    pub(super) fn new(persons: Vec<Person>, today: Date) -> Arc<Self> {
        Arc::new(Self { persons, today, cards: Mutex::default(), put_back: Condvar::new() })
    }

    pub(super) fn open(self: &Arc<Self>, shared: Option<String>, connection: u64) -> Drawer {
        let name = shared.map_or(DrawerName::Private(connection), DrawerName::Shared);
        Drawer { drawers: Arc::clone(self), name }
    }

    fn cards(&self) -> MutexGuard<'_, HashMap<(DrawerName, String), Option<VirtualCard>>> {
        self.cards.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drawer {
    /// The card of this person as it was put back, or a new one.
    pub(super) fn take(&self, name: &str, interface: Interface) -> Result<Borrowed, Refusal> {
        let drawers = &self.drawers;
        let person =
            drawers.persons.iter().find(|person| person.slug() == name).ok_or(Refusal::NoSuchPerson)?;
        let place = (self.name.clone(), name.to_owned());
        let in_use = |cards: &mut HashMap<_, _>| matches!(cards.get(&place), Some(None));
        let (mut cards, _) = drawers
            .put_back
            .wait_timeout_while(drawers.cards(), PATIENCE, in_use)
            .unwrap_or_else(PoisonError::into_inner);
        let card = if let Some(there) = cards.get_mut(&place) {
            there.take().ok_or(Refusal::CardInUse)?
        } else {
            cards.insert(place.clone(), None);
            // Others need not wait until it is made.
            drop(cards);
            person.personalise(drawers.today)
        };
        Ok(Borrowed { drawers: Arc::clone(drawers), place, plugged: Some(Plugged::new(card, interface)) })
    }
}

impl Drop for Drawer {
    fn drop(&mut self) {
        if let DrawerName::Private(_) = self.name {
            self.drawers.cards().retain(|(drawer, _), _| *drawer != self.name);
        }
    }
}

impl Borrowed {
    /// Whose card it is.
    pub(super) fn name(&self) -> &str {
        &self.place.1
    }

    pub(super) fn plugged(&mut self) -> &mut Plugged {
        self.plugged.as_mut().expect("it is put back only when it is dropped")
    }
}

impl Icc for Borrowed {
    fn power_on(&mut self) -> Vec<u8> {
        self.plugged().power_on()
    }

    fn power_off(&mut self) {
        self.plugged().power_off();
    }

    fn reset(&mut self) -> Vec<u8> {
        self.plugged().reset()
    }

    fn transmit(&mut self, command: &[u8]) -> Vec<u8> {
        let response = self.plugged().transmit(command);
        // It may lie here for days.
        self.plugged().card.clear_transcript();
        response
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        let Some(mut plugged) = self.plugged.take() else { return };
        plugged.power_off();
        self.drawers.cards().insert(self.place.clone(), Some(plugged.card));
        self.drawers.put_back.notify_all();
    }
}
