//! The sessions with Bluetooth readers: which key they get, and when another one is due.

use ::reader::{CustomerKey, Entropy, Kind, Options, Protection, Session};
use secret::SecretBytes;

use crate::{
    Counter,
    reader::readable,
    reader_keys::ReaderKeys,
    state::{Stage, State},
};

impl Counter {
    /// A session with the Bluetooth reader that advertises this name, with the customer key that was entered for it in
    /// the settings; without one, with the factory's. Each connection is a new session.
    ///
    /// When [`Screen::reconnect_reader`](crate::Screen::reconnect_reader) is set, end the session with the reader in
    /// use and begin another one so.
    pub fn reader_session(&self, name: &str, kind: &'static Kind, entropy: Entropy) -> Session {
        let customer_key = self.with(|state, _| state.key_for_session(&readable(name)));
        Session::new(kind, Options { customer_key, ..Options::new(entropy) })
    }
}

impl State {
    fn key_for_session(&mut self, name: &str) -> Option<CustomerKey> {
        self.reconnect.take_if(|due| due == name);
        self.reader_keys.get(name)
    }

    /// The name of the reader in use, if it is one in which a key of one's own can be set.
    pub(crate) fn takes_key(&self) -> Option<&str> {
        let reader = self.reader.as_ref()?;
        (reader.protection != Protection::Plain).then_some(&reader.name)
    }

    /// Opens the screen for the key of the reader in use.
    pub(crate) fn ask_for_reader_key(&mut self) {
        self.stage = match self.takes_key() {
            Some(reader) => Stage::ReaderKey { reader: reader.to_owned(), problem: None },
            None => Stage::Settings,
        };
    }

    /// What was typed for this reader: a key, or nothing, which takes the key away.
    pub(crate) fn take_reader_key(&mut self, reader: String, typed: &SecretBytes) {
        if let Err(problem) = self.reader_keys.take(&reader, typed) {
            self.stage = Stage::ReaderKey { reader, problem: Some(problem) };
            return;
        }
        self.unsaved.reader_keys = true;
        self.reconnect = Some(reader);
        self.stage = Stage::Settings;
    }

    /// The keys go with the device, and the session with the reader in use.
    pub(crate) fn forget_reader_keys(&mut self) {
        let used = self.takes_key().filter(|reader| self.reader_keys.has(reader)).map(str::to_owned);
        self.reconnect = used.or(self.reconnect.take());
        self.reader_keys = ReaderKeys::default();
        self.reader_keys_unread = false;
    }

    /// Somebody asks for another try with a reader that refused its key: by itself, none is made.
    pub(crate) fn try_reader_again(&mut self) {
        self.reconnect = self.reader.as_ref().map(|reader| reader.name.clone());
    }

    /// Whether the shell should begin a new session with the reader in use.
    pub(crate) fn reconnects(&self) -> bool {
        self.reader.as_ref().is_some_and(|reader| self.reconnect.as_ref() == Some(&reader.name))
    }
}
