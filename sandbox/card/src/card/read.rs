//! READ BINARY (ISO/IEC 7816-4 §11.3.3).

use super::apdu::{Command, status};
use super::contents::{Access, File};
use super::{Answer, VirtualCard};

impl VirtualCard {
    /// At most Le bytes from an offset of 15 bits into the current EF, or of 8 bits into the EF that a short
    /// identifier names; that EF becomes the current one. Short at the end of the file, with `9000`.
    pub(super) fn read_binary(&mut self, command: &Command<'_>) -> Answer {
        let Some(le) = command.le.filter(|_| command.data.is_empty()) else {
            return Err(status::WRONG_LENGTH);
        };
        if command.extended && !self.switches.extended_le {
            return Err(status::WRONG_LENGTH);
        }
        let (id, offset) = match command.p1 {
            0x81..=0x9E if self.switches.read_by_short_id => (command.p1 & 0x1F, usize::from(command.p2)),
            0x00..=0x7F => {
                let id = self.current_ef().ok_or(status::NO_CURRENT_EF)?;
                (id, u16::from_be_bytes([command.p1, command.p2]).into())
            }
            _ => return Err(status::WRONG_PARAMETERS),
        };
        let File::Data { content, read } = self.file(id)? else { return Err(status::WRONG_FILE_KIND) };
        let allowed = match read {
            Access::Free => true,
            Access::After(references) => references.iter().any(|reference| self.is_verified(*reference)),
            Access::Never => false,
        };
        if !allowed {
            return Err(status::NOT_VERIFIED);
        }
        let rest = content.get(offset..).filter(|rest| !rest.is_empty()).ok_or(status::WRONG_OFFSET)?;
        let data = rest[..rest.len().min(le)].to_vec();
        if let Some(session) = &mut self.session {
            session.current_ef = Some(id);
        }
        Ok(data.into())
    }
}
