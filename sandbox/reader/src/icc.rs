//! What lies in a reader.

use sandbox_card::VirtualCard;

/// An integrated circuit card, as its reader meets it (ISO/IEC 7816-3, ISO/IEC 14443-4).
///
/// The calls come one at a time, from a thread of the reader's. They may take as long as they like: the reader
/// waits, and so does whoever asks for [`Inserted::with`](crate::Inserted::with).
pub trait Icc: Send {
    /// The card gets power, or loses it and gets it again. Gives the answer to reset. A card without one leaves the
    /// reader: vpcd has no other word for it.
    fn power_on(&mut self) -> Vec<u8>;

    /// The power goes away. Also called when the card leaves the reader.
    fn power_off(&mut self);

    /// A warm reset: the card keeps its power. Gives the answer to reset.
    fn reset(&mut self) -> Vec<u8>;

    /// Gives the card a command APDU and gives its response APDU. With an empty one the card leaves the reader before
    /// its answer arrives.
    fn transmit(&mut self, command: &[u8]) -> Vec<u8>;
}

/// How card and reader touch, which is what a program sees in the answer to reset.
///
/// No program should conclude from it what card it is: a My Number card is what has the JPKI AP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Interface {
    /// By contacts, T=1; one of the answers that public lists give for a My Number card.
    Contact,
    /// By contacts, T=1, no historical bytes. The one answer by which OpenSC knows the card without SELECT; a
    /// 住基カード has it as well.
    ContactBare,
    /// By radio, ISO/IEC 14443 type B, in the form that PC/SC part 3 gives its answers; from public lists.
    Contactless,
}

impl Interface {
    /// The answer to reset.
    pub fn answer_to_reset(self) -> &'static [u8] {
        match self {
            Self::Contact => b"\x3B\xDA\x13\xFF\x81\x31\xFB\x46\x80\x12\x39\x2F\x31\xC1\x73\xC6\x01\xC0\x3B",
            Self::ContactBare => b"\x3B\xE0\x00\xFF\x81\x31\xFE\x45\x14",
            Self::Contactless => b"\x3B\x88\x80\x01\x00\x00\x05\xE0\xB3\x81\xA1\x00\x7F",
        }
    }
}

/// A virtual card, and how it touches its reader.
#[derive(Clone, Debug)]
pub struct Plugged {
    /// The card, whose counters, PINs and transcript stay when it is taken out.
    pub card: VirtualCard,
    /// How it touches its reader.
    pub interface: Interface,
}

impl Plugged {
    /// The card, not yet in any reader.
    pub fn new(card: VirtualCard, interface: Interface) -> Self {
        Self { card, interface }
    }
}

impl Icc for Plugged {
    fn power_on(&mut self) -> Vec<u8> {
        self.card.power_on();
        self.interface.answer_to_reset().to_vec()
    }

    fn power_off(&mut self) {
        self.card.power_off();
    }

    fn reset(&mut self) -> Vec<u8> {
        self.card.reset();
        self.interface.answer_to_reset().to_vec()
    }

    fn transmit(&mut self, command: &[u8]) -> Vec<u8> {
        self.card.transmit(command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// TCK is the exclusive or of all bytes from T0 on (ISO/IEC 7816-3 §8.2.5).
    #[test]
    fn every_answer_to_reset_has_its_check_byte() {
        for interface in [Interface::Contact, Interface::ContactBare, Interface::Contactless] {
            let answer = interface.answer_to_reset();
            assert_eq!(answer[0], 0x3B, "{interface:?}");
            assert_eq!(answer[1..].iter().fold(0, |sum, byte| sum ^ byte), 0, "{interface:?}");
        }
    }

    #[test]
    fn a_card_keeps_its_counter_but_no_verified_pin_when_it_loses_power() {
        let hanako = sandbox_card::Person::named("hanako").expect("she is one of the named persons");
        let card = hanako.personalise(time::macros::date!(2026 - 11 - 23));
        let mut plugged = Plugged::new(card, Interface::Contact);
        assert_eq!(plugged.power_on(), Interface::Contact.answer_to_reset());

        let select = b"\x00\xA4\x04\x0C\x0A\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01";
        let sign = [&b"\x80\x2A\x02\x97\x20"[..], &[7; 32], b"\x00"].concat();
        assert_eq!(plugged.transmit(select), [0x90, 0x00]);
        assert_eq!(plugged.transmit(b"\x00\x20\x00\x98\x049999"), [0x63, 0xC2]);
        assert_eq!(plugged.transmit(b"\x00\x20\x00\x98\x041234"), [0x90, 0x00]);
        assert_eq!(plugged.transmit(b"\x00\x20\x00\x98\x049999"), [0x63, 0xC2]);
        assert_eq!(plugged.transmit(b"\x00\x20\x00\x98\x041234"), [0x90, 0x00]);

        assert_eq!(plugged.reset(), Interface::Contact.answer_to_reset());
        assert_eq!(plugged.transmit(select), [0x90, 0x00]);
        assert_eq!(plugged.transmit(&sign).len(), 256 + 2);

        plugged.power_off();
        plugged.power_on();
        assert_eq!(plugged.transmit(select), [0x90, 0x00]);
        assert_eq!(plugged.transmit(&sign), [0x69, 0x82]);
        assert_eq!(plugged.card.failed_verifies(), 2);
    }
}
