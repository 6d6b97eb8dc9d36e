//! A client that says exactly what a test wants said.

use core::fmt;

use interop::{Daemon, Slot};
use pcsc::{Card, Disposition, Error, Protocols, ShareMode};

pub(crate) const SELECT_JPKI: &[u8] = b"\x00\xA4\x04\x0C\x0A\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01";
pub(crate) const SELECT_SURFACE: &[u8] = b"\x00\xA4\x04\x0C\x0A\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x02";

/// A card in a reader of pcscd, without anything between.
pub(crate) struct Client(Card);

/// What a card answered.
#[derive(PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) data: Vec<u8>,
    pub(crate) status: u16,
}

impl Client {
    pub(crate) fn connect(daemon: &Daemon, slot: Slot) -> Self {
        let card = daemon.context().connect(slot.reader(), ShareMode::Shared, Protocols::ANY);
        Self(card.expect("a card is in the slot"))
    }

    /// A card that leaves in mid-command gives an error, or an answer without a status word (vpcd 3.3): no answer
    /// either way.
    pub(crate) fn try_send(&self, command: &[u8]) -> Result<Answer, Error> {
        let mut buffer = vec![0; pcsc::MAX_BUFFER_SIZE_EXTENDED];
        let response = self.0.transmit(command, &mut buffer)?;
        let (data, status) = response.split_last_chunk::<2>().ok_or(Error::NotTransacted)?;
        Ok(Answer { data: data.to_vec(), status: u16::from_be_bytes(*status) })
    }

    /// The status word alone.
    #[track_caller]
    pub(crate) fn say(&self, command: &[u8]) -> String {
        format!("{:04X}", self.try_send(command).expect("the card is there").status)
    }

    /// SELECT the EF (ISO/IEC 7816-4 §11.2.2), whose id has one byte that is not zero.
    #[track_caller]
    pub(crate) fn select_ef(&self, id: u8) {
        assert_eq!(self.say(&[0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, id]), "9000");
    }

    /// VERIFY of the current EF.
    #[track_caller]
    pub(crate) fn verify(&self, value: &str) -> String {
        let length = u8::try_from(value.len()).expect("a PIN is short");
        self.say(&[&[0x00, 0x20, 0x00, 0x80, length][..], value.as_bytes()].concat())
    }

    /// The counter of the current EF.
    #[track_caller]
    pub(crate) fn counter(&self) -> String {
        self.say(b"\x00\x20\x00\x80")
    }

    /// COMPUTE DIGITAL SIGNATURE with the current EF over what serves as a `DigestInfo`.
    #[track_caller]
    pub(crate) fn sign(&self) -> String {
        self.say(&[&b"\x80\x2A\x00\x80\x33"[..], &[7; 0x33], b"\x00"].concat())
    }

    /// Takes the card's power, or its state, away, and connects again.
    pub(crate) fn reconnect(&mut self, first: Disposition) {
        self.0.reconnect(ShareMode::Shared, Protocols::ANY, first).expect("the card is still there");
    }

    /// Leaves the card, whether it is still there or not.
    pub(crate) fn leave(self, how: Disposition) {
        let _ = self.0.disconnect(how);
    }
}

/// The length alone, and the status word in hexadecimal.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes, {:04X}", self.data.len(), self.status)
    }
}

/// The content of an EF, as the card itself gives it without any reader: what it was personalised with.
pub(crate) fn personalised_file(card: &sandbox_card::VirtualCard, id: u8, password: Option<&str>) -> Vec<u8> {
    // The clone is another card: what is asked here is in no transcript and no counter.
    let mut card = card.clone();
    card.power_on();
    card.transmit(SELECT_JPKI);
    if let Some(password) = password {
        card.transmit(b"\x00\xA4\x02\x0C\x02\x00\x1B");
        let length = u8::try_from(password.len()).expect("a password is short");
        card.transmit(&[&[0x00, 0x20, 0x00, 0x80, length][..], password.as_bytes()].concat());
    }
    card.transmit(&[0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, id]);
    let mut content = Vec::new();
    loop {
        let [high, low] = u16::try_from(content.len()).expect("no file is longer").to_be_bytes();
        let mut part = card.transmit(&[0x00, 0xB0, high, low, 0x00]);
        part.truncate(part.len() - 2);
        if part.is_empty() {
            return content;
        }
        content.append(&mut part);
    }
}
