//! READ RECORD (ISO/IEC 7816-4 §11.4.3, in the one form that clients use).

use super::apdu::{Command, status};
use super::contents::File;
use super::{Answer, VirtualCard};

impl VirtualCard {
    /// P1 is the number of a record, counted from 1. P2 ends with `100`, and its upper five bits are a short
    /// identifier, whose EF becomes the current one, or zero for the current EF.
    ///
    /// That several records at once (`101`) answer `6A81`, as JICSAP allows, and that there is no current
    /// record (P1 = 00), are our own decision.
    pub(super) fn read_record(&mut self, command: &Command<'_>) -> Answer {
        let Some(le) = command.le.filter(|_| command.data.is_empty()) else {
            return Err(status::WRONG_LENGTH);
        };
        match command.p2 & 0x07 {
            0x04 => {}
            0x05 => return Err(status::NOT_PROVIDED),
            _ => return Err(status::WRONG_PARAMETERS),
        }
        let id = match command.p2 >> 3 {
            0 => self.current_ef().ok_or(status::NO_CURRENT_EF)?,
            0x1F => return Err(status::WRONG_PARAMETERS),
            id => id,
        };
        let File::Records(records) = self.file(id)? else { return Err(status::WRONG_FILE_KIND) };
        let number = usize::from(command.p1);
        let record = number.checked_sub(1).and_then(|index| records.get(index)).ok_or(status::NO_RECORD)?;
        let data = record[..record.len().min(le)].to_vec();
        if let Some(session) = &mut self.session {
            session.current_ef = Some(id);
        }
        Ok(data.into())
    }
}
