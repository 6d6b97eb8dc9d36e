//! GET DATA (ISO/IEC 7816-4 §11.7.2).

use super::apdu::{Command, status};
use super::contents::CONTACT_ATR;
use super::{Answer, VirtualCard};

impl VirtualCard {
    /// P1 P2 is the object's tag. The objects are those of the master level: they answer while the issuer
    /// domain is selected, as after power-on, and the answer to reset does so anywhere (reports differ between
    /// cards; some give it only within an application).
    ///
    /// An object is given whole. Where Le is less, the card says `6700`, not how much it would be; so an object
    /// of more than 256 bytes needs an extended Le.
    pub(super) fn get_data(&mut self, command: &Command<'_>) -> Answer {
        let Some(le) = command.le.filter(|_| command.data.is_empty()) else {
            return Err(status::WRONG_LENGTH);
        };
        let tag = u16::from_be_bytes([command.p1, command.p2]);
        if self.application().is_some() && tag != CONTACT_ATR {
            return Err(status::NO_OBJECT);
        }
        let object = self.contents.objects.get(&tag).ok_or(status::NO_OBJECT)?;
        if object.len() > le {
            return Err(status::WRONG_LENGTH);
        }
        Ok(object.clone().into())
    }
}
