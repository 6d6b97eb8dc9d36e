//! A Bluetooth reader, driven through what is exported.

use std::sync::Arc;
use std::time::Duration;

use counter::{
    Action, Battery, ExposedPin, Failure, Link, Lost, Method, Protection, ReaderLife, ReaderTrouble, View,
};
use madoguchi::{
    Counter, ReaderError, ReaderSession, TapStep, Turn, is_reader_candidate, reader_kinds, recognise_reader,
};
use reader::Uuid;
use sandbox_card::VirtualCard;
use sandbox_reader::ble::{self, Happening, Model, Options, VirtualReader};
use sandbox_reader::{Interface, Plugged};
use secret::SecretBytes;

use crate::phone::{Phone, failure, wait};

/// A reader on the counter, and the shell's connection to it. Time is the reader's.
struct Bluetooth {
    reader: VirtualReader<Plugged>,
    session: Arc<ReaderSession>,
}

fn ours(uuid: ble::Uuid) -> Uuid {
    Uuid::new(u128::from_be_bytes(uuid.to_bytes()))
}

impl Bluetooth {
    fn connect(counter: &Counter, model: Model, card: VirtualCard) -> Self {
        let name = model.advertised_name();
        let services: Vec<Uuid> = model.characteristics().iter().map(|one| ours(one.service)).collect();
        assert!(is_reader_candidate(Some(name.to_owned()), Vec::new()));
        let kind = recognise_reader(Some(name.to_owned()), services).expect("a kind that is supported");
        let session = counter.reader_session(name.to_owned(), &kind).expect("random numbers");
        let mut reader = VirtualReader::new(model, Options::default());
        reader.insert(Plugged::new(card, Interface::Contactless));
        let mut link = Self { reader, session };
        link.reader.connect().expect("it advertises");
        for uuid in [kind.notify(), kind.battery()] {
            let theirs = link.theirs(uuid);
            link.reader.subscribe(theirs, true).expect("it notifies");
        }
        link.session.connected(link.reader.now());
        for uuid in [kind.battery()].into_iter().chain(kind.information()) {
            let value = link.reader.read(link.theirs(uuid)).expect("it can be read");
            link.session.notified(uuid, SecretBytes::new(value), link.reader.now());
        }
        link
    }

    fn theirs(&self, uuid: Uuid) -> ble::Uuid {
        let table = self.reader.model().characteristics();
        table.iter().map(|one| one.uuid).find(|one| ours(*one) == uuid).expect("a characteristic")
    }

    /// Goes on until there is an outcome, or nothing more happens by itself.
    fn turn(&mut self) -> Turn {
        self.turn_until(|_| false)
    }

    fn turn_until(&mut self, holds: impl Fn(&ReaderSession) -> bool) -> Turn {
        loop {
            match self.session.turn() {
                Turn::Write { write } => {
                    let theirs = self.theirs(write.characteristic);
                    self.reader.write(theirs, write.bytes.expose()).expect("it takes the chunk");
                    self.session.written(self.reader.now());
                }
                Turn::Wait { until } => {
                    if holds(&self.session) || !self.step(until) {
                        return Turn::Wait { until };
                    }
                }
                outcome => return outcome,
            }
        }
    }

    /// `false`: nothing happens by itself.
    fn step(&mut self, until: Option<Duration>) -> bool {
        match self.reader.next_happening() {
            Some(Happening::Notified { characteristic, value }) => {
                self.session.notified(ours(characteristic), SecretBytes::new(value), self.reader.now());
            }
            Some(Happening::Disconnected) => self.session.disconnected(),
            None => {
                let Some(due) = [self.reader.due(), until].into_iter().flatten().min() else { return false };
                self.reader.advance(due.saturating_sub(self.reader.now()));
                self.session.tick(self.reader.now());
            }
        }
        true
    }

    /// Waits for the card, and gives it power.
    fn power_on(&mut self) -> Turn {
        self.turn_until(|session| session.life() == ReaderLife::Card);
        assert_eq!(self.session.life(), ReaderLife::Card);
        self.session.power_on(self.reader.now()).expect("a card is there");
        self.turn()
    }
}

#[test]
fn a_check_over_a_reader_gives_the_record() {
    let phone = Phone::new();
    let mut link = Bluetooth::connect(&phone.counter, Model::Acr1255uJ1, phone.world.card("hanako"));
    assert!(matches!(link.power_on(), Turn::PoweredOn { .. }));
    let info = link.session.info();
    assert_eq!((info.life, info.protection), (ReaderLife::Powered, Protection::FactoryKey));
    assert!(matches!(info.battery, Some(Battery::Percent(_))), "{info:?}");
    assert_eq!(link.session.link(), Link::Bluetooth(Protection::FactoryKey));

    // The site wants the PIN over it, with a warning.
    phone.act(Action::ReaderInUse(Some(info)));
    phone.act(Action::Settings);
    phone.act(Action::SetExposedPin(ExposedPin::DangerAfterWarning));
    phone.act(Action::Back);
    let screen = phone.act(Action::Choose(Method::Pin));
    assert!(matches!(screen.view, View::Warning(_)), "{screen:?}");
    phone.act(Action::GoOn);
    for digit in [1, 2, 3, 4] {
        phone.act(Action::Digit(digit));
    }
    let tap = phone.counter.tap(link.session.link()).expect("a card is awaited");
    let mut step = tap.next(None);
    let screen = loop {
        match step {
            TapStep::Done { screen } => break screen,
            TapStep::Transmit { command } => {
                link.session.transmit(command, link.reader.now()).expect("powered");
                let Turn::Answer { answer } = link.turn() else { panic!("the card answers") };
                step = tap.next(Some(answer));
            }
        }
    };
    let screen = if screen.work { wait(phone.counter.run()) } else { screen };
    assert!(matches!(screen.view, View::Result(_)), "{screen:?}");
}

#[test]
fn no_pin_goes_over_a_reader_that_everybody_can_read_along() {
    let phone = Phone::new();
    let link = Bluetooth::connect(&phone.counter, Model::Acr1255uJ1, phone.world.card("hanako"));
    phone.pin("1234");
    // Nobody told the counter of the reader: the tap's own link decides.
    assert!(phone.counter.tap(link.session.link()).is_none());
    assert_eq!(failure(&phone.counter.screen()), Some(Failure::LinkNotConfidential));
}

#[test]
fn a_lost_link_is_said_once_and_connected_to_again() {
    let phone = Phone::new();
    let mut link = Bluetooth::connect(&phone.counter, Model::Acr1255uJ1, phone.world.card("hanako"));
    assert!(matches!(link.power_on(), Turn::PoweredOn { .. }));
    link.session
        .transmit(SecretBytes::new(vec![0x00, 0xB0, 0x00, 0x00, 0x00]), link.reader.now())
        .expect("powered");
    link.session.disconnected();
    let Turn::Lost { how, before_tap } = link.session.turn() else { panic!("it is lost") };
    assert_eq!(how, Lost::Reader(ReaderTrouble::OutOfReach));
    assert_eq!(before_tap, Some(ReaderTrouble::OutOfReach));
    assert!(matches!(link.session.turn(), Turn::Wait { until: None }));
    assert_eq!(link.session.info().life, ReaderLife::Lost);
    assert_eq!(link.session.reconnect_after(0), Some(Duration::from_millis(500)));
    let gone = Err(ReaderError::Gone { how, before_tap });
    assert_eq!(link.session.power_on(link.reader.now()), gone);
}

#[test]
fn what_a_reader_cannot_do_is_said_before_anything_is_sent() {
    let phone = Phone::new();
    let name = || Some("FT_0123".to_owned());
    assert!(recognise_reader(name(), Vec::new()).is_none(), "several kinds have such a name");
    assert!(is_reader_candidate(name(), Vec::new()));
    assert!(!is_reader_candidate(Some("Headset".to_owned()), Vec::new()));
    for kind in reader_kinds() {
        let found = recognise_reader(None, vec![kind.service()]).expect("by its service");
        assert_eq!(found.service(), kind.service());
        let session = phone.counter.reader_session(kind.name(), &kind).expect("random numbers");
        assert_eq!(session.power_on(Duration::ZERO), Err(ReaderError::NotReady), "not connected");
    }
}
