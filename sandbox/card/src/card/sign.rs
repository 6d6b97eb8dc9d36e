//! COMPUTE DIGITAL SIGNATURE (ISO/IEC 7816-8 §11, in the forms of this card), INTERNAL AUTHENTICATE and GET
//! CHALLENGE (ISO/IEC 7816-4 §11.5.2 and §11.5.3).

use rsa::rand_core::{OsRng, RngCore};
use sha2::{Digest, Sha256};

use super::apdu::{Command, status};
use super::contents::{File, Usage};
use super::{Answer, VirtualCard};

impl VirtualCard {
    /// `80 2A P1 P2`: P1 says what the data are and how they are padded, P2 names the key. No MSE is needed.
    pub(super) fn compute_digital_signature(&mut self, command: &Command<'_>) -> Answer {
        if command.p1 > 0x05 {
            return Err(status::WRONG_PARAMETERS);
        }
        let id = match command.p2 {
            // The PIN-less keys of the 券面 applications. Others have none; their status word is our own decision.
            0x00 => self.applet().and_then(|applet| applet.default_key).ok_or(status::WRONG_PARAMETERS)?,
            p2 => self.named_by_p2(p2, self.switches.sign_by_short_id)?,
        };
        let File::Key { key, after, usage } = self.file(id)? else { return Err(status::WRONG_FILE_KIND) };
        // Whether the key of 共通カードAP signs in this way was not measured: our own decision.
        if *usage != Usage::Signature {
            return Err(status::CONDITIONS);
        }
        if after.is_some_and(|reference| !self.is_verified(reference)) {
            return Err(status::NOT_VERIFIED);
        }
        // Signatures have 256 bytes; a Le below that is refused, since no card was seen to send 61xx or 6Cxx.
        if command.data.is_empty() || command.le.is_none_or(|le| le < 256) {
            return Err(status::WRONG_LENGTH);
        }
        let message_digest = || Sha256::digest(command.data).into();
        let digest = || <[u8; 32]>::try_from(command.data).map_err(|_| status::CONDITIONS);
        let signature = match command.p1 {
            0x00 => key.sign_raw(command.data).ok_or(status::WRONG_LENGTH)?,
            0x01 => {
                let digest: [u8; 32] = message_digest();
                key.sign_raw(&digest).ok_or(status::WRONG_LENGTH)?
            }
            0x02 => key.sign_digest(&digest()?),
            0x03 => key.sign_digest(&message_digest()),
            0x04 => key.sign_digest_pss(&digest()?),
            _ => key.sign_digest_pss(&message_digest()),
        };
        self.moves_current_ef(command.p2, id);
        Ok(signature.into())
    }

    /// `00 88 00 99`: RSASSA-PKCS1-v1_5 with SHA-256 over 1 to 255 bytes, without a PIN. Only 共通カードAP has a key
    /// for it; any other refuses with `6982` where there is a PIN before it, verified or not, and with `6985`
    /// where there is none.
    pub(super) fn internal_authenticate(&mut self, command: &Command<'_>) -> Answer {
        if command.p1 != 0x00 {
            return Err(status::WRONG_PARAMETERS);
        }
        let id = self.named_by_p2(command.p2, true)?;
        let key = match self.file(id)? {
            File::Key { key, usage: Usage::Authentication, .. } => key,
            File::Key { after: Some(_), .. } => return Err(status::NOT_VERIFIED),
            File::Key { .. } => return Err(status::CONDITIONS),
            _ => return Err(status::WRONG_FILE_KIND),
        };
        if command.data.is_empty() || command.data.len() > 255 || command.le.is_none_or(|le| le < 256) {
            return Err(status::WRONG_LENGTH);
        }
        let signature = key.sign_digest(&Sha256::digest(command.data).into());
        self.moves_current_ef(command.p2, id);
        Ok(signature.into())
    }
}

/// GET CHALLENGE: 1 to 256 random bytes.
pub(super) fn get_challenge(command: &Command<'_>) -> Answer {
    if [command.p1, command.p2] != [0, 0] {
        return Err(status::WRONG_PARAMETERS);
    }
    let Some(le) = command.le.filter(|_| command.data.is_empty()) else { return Err(status::WRONG_LENGTH) };
    if command.extended {
        return Err(status::CONDITIONS);
    }
    let mut challenge = vec![0; le];
    OsRng.fill_bytes(&mut challenge);
    Ok(challenge.into())
}
