//! The commands of the card, in the form that the card takes.

use iso7816::{CardChannel, Command, Header, Le, Response, StatusWord};
use secret::SecretBytes;

use crate::{
    consts::{
        self, Application, COMPUTE_DIGITAL_SIGNATURE, File, READ_BINARY, SELECT, VERIFY, by_short_identifier,
        carries_data,
    },
    error::Refused,
    memory::{Identifiers, Notes},
};

/// A card on its channel, and what is known of it in this tap.
pub(crate) struct Card<C> {
    channel: C,
    pub(crate) notes: Notes,
    pub(crate) form: Form,
    /// The current elementary file as far as our own commands set it. Whether VERIFY and COMPUTE DIGITAL
    /// SIGNATURE by short identifier move it is not known, so a READ BINARY may find that it has moved.
    current: Option<File>,
}

/// How files, PINs and keys are named. A card that refuses a short identifier is not asked with another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// In P1 or P2 of the command: one command fewer each time.
    ShortIdentifier,
    /// SELECT, then P2 = 80.
    SelectFile,
}

/// A private key of the card.
pub(crate) struct Key {
    pub(crate) file: File,
    /// P2 with which it signs without being selected.
    pub(crate) p2: u8,
}

impl<C: CardChannel + Send> Card<C> {
    pub(crate) fn new(channel: C, notes: Notes) -> Self {
        Self { channel, notes, form: Form::ShortIdentifier, current: None }
    }

    /// Where short identifiers are doubted, none is tried: to be called before the first command.
    pub(crate) fn choose_form(&mut self) {
        if self.notes.lock().identifiers == Identifiers::Doubted {
            self.form = Form::SelectFile;
        }
    }

    /// [`select`] on this card.
    pub(crate) async fn select(&mut self, application: &Application) -> Result<(), Refused> {
        self.current = None;
        let response = self.channel.transmit(select(application)).await;
        expect_success(SELECT, &response)
    }

    /// SELECT by file identifier (ISO/IEC 7816-4 §11.2.2), no response data. It is never in the plan.
    async fn select_file(&mut self, file: File) -> Result<(), Refused> {
        self.detour();
        let header = Header::new(0x00, SELECT, consts::BY_FILE_IDENTIFIER, consts::NO_RESPONSE_DATA);
        let response = self.transmit(header, Some(&file.id.to_be_bytes()), None).await;
        expect_success(SELECT, &response)?;
        self.current = Some(file);
        Ok(())
    }

    /// READ BINARY (ISO/IEC 7816-4 §11.3.3) of the first `length` bytes, or fewer if the file is shorter.
    ///
    /// Any refusal of the short identifier changes the form, and the answer to the selected file counts.
    pub(crate) async fn read_start(&mut self, file: File, length: usize) -> Result<Vec<u8>, Refused> {
        if self.form == Form::ShortIdentifier {
            let response = self.read_binary(by_short_identifier(file), 0, length).await;
            if carries_data(response.status()) {
                self.current = Some(file);
                self.notes.lock().identifiers = Identifiers::Taken;
                return at_most(length, response);
            }
            self.short_identifier_refused();
        }
        self.select_file(file).await?;
        let response = self.read_binary(0, 0, length).await;
        let data = at_most(length, response)?;
        self.notes.lock().answered_to_selected();
        Ok(data)
    }

    /// READ BINARY of what follows in a file of `total` bytes, from `offset`: all of it, where way and card can carry
    /// it, and a piece otherwise. It may be nothing, once, if the card then refuses what the way can carry.
    pub(crate) async fn read_on(
        &mut self,
        file: File,
        offset: usize,
        total: usize,
    ) -> Result<Vec<u8>, Refused> {
        if total - offset > consts::PIECE_LENGTH && self.notes.lock().reads_long() {
            self.read_rest(file, offset, total - offset).await
        } else {
            self.read_piece(file, offset, total).await
        }
    }

    /// READ BINARY with an extended Le (ISO/IEC 7816-4 §5.2), of so many bytes.
    ///
    /// Whatever a card answers that does not take it: what came of the data is kept, the rest is read in pieces.
    async fn read_rest(&mut self, file: File, offset: usize, length: usize) -> Result<Vec<u8>, Refused> {
        if self.current != Some(file) {
            self.select_file(file).await?;
        }
        self.notes.lock().long_read_given_out();
        let [.., p1, p2] = offset.to_be_bytes();
        let response = self.read_binary(p1, p2, length).await;
        let data = at_most(length, response).unwrap_or_default();
        self.notes.lock().long_read_answered(length - data.len());
        Ok(data)
    }

    /// READ BINARY of the next piece of a file of `total` bytes, from `offset`. If the file is no longer the
    /// current one, it is selected.
    async fn read_piece(&mut self, file: File, offset: usize, total: usize) -> Result<Vec<u8>, Refused> {
        let length = (total - offset).min(consts::PIECE_LENGTH);
        // At most 4,096, so bit 8 of P1 is clear: an offset, not a short identifier.
        let [.., p1, p2] = offset.to_be_bytes();
        if self.current == Some(file) {
            let response = self.read_binary(p1, p2, length).await;
            if carries_data(response.status()) {
                return exactly(length, response);
            }
            self.detour();
        }
        self.select_file(file).await?;
        let response = self.read_binary(p1, p2, length).await;
        exactly(length, response)
    }

    /// VERIFY without data (ISO/IEC 7816-4 §11.6.6): asks for the counter and costs nothing.
    pub(crate) async fn counter(&mut self, reference: File) -> Result<StatusWord, Refused> {
        if self.form == Form::ShortIdentifier {
            let response = self.transmit(verify(by_short_identifier(reference)), None, None).await;
            if consts::is_counter(response.status()) {
                return Ok(response.status());
            }
            self.short_identifier_refused();
        }
        self.select_file(reference).await?;
        let response = self.transmit(verify(consts::CURRENT), None, None).await;
        match response.status() {
            status if consts::is_counter(status) => {
                self.notes.lock().answered_to_selected();
                Ok(status)
            }
            status => Err(Refused { ins: VERIFY, status }),
        }
    }

    /// VERIFY (ISO/IEC 7816-4 §11.6.6), once, in the form in which the counter of the same reference was
    /// read just before.
    pub(crate) async fn verify(&mut self, reference: File, digits: &SecretBytes) -> StatusWord {
        let p2 = match self.form {
            Form::ShortIdentifier => by_short_identifier(reference),
            Form::SelectFile => consts::CURRENT,
        };
        self.transmit(verify(p2), Some(digits.expose()), None).await.status()
    }

    /// COMPUTE DIGITAL SIGNATURE as the card has it: RSASSA-PKCS1-v1_5 of a SHA-256 hash.
    ///
    /// A signature costs no try. So a card that refuses it in the first form, with whatever word, is asked once
    /// more with its key selected.
    pub(crate) async fn sign(&mut self, key: &Key, hash: &[u8; 32]) -> Result<Vec<u8>, Refused> {
        let digest_info = [&consts::SHA256_DIGEST_INFO[..], hash].concat();
        let refused = |status| Refused { ins: COMPUTE_DIGITAL_SIGNATURE, status };
        // A default key is named by no short identifier.
        if self.form == Form::ShortIdentifier || key.p2 == consts::DEFAULT_KEY {
            let response = self.sign_with(key.p2, &digest_info).await;
            if response.status() == StatusWord::Success {
                return signature(response).map_err(refused);
            }
            self.detour();
        }
        self.select_file(key.file).await?;
        let response = self.sign_with(consts::CURRENT, &digest_info).await;
        signature(response).map_err(refused)
    }

    /// A command that was not in the plan.
    pub(crate) fn detour(&mut self) {
        self.notes.lock().progress.more(1);
    }

    fn short_identifier_refused(&mut self) {
        self.detour();
        self.form = Form::SelectFile;
    }

    async fn sign_with(&mut self, p2: u8, digest_info: &[u8]) -> Response {
        let le = Some(Le::SHORT_MAX);
        let (cla, p1) = (consts::PROPRIETARY, consts::DIGEST_INFO);
        self.transmit(Header::new(cla, COMPUTE_DIGITAL_SIGNATURE, p1, p2), Some(digest_info), le).await
    }

    async fn read_binary(&mut self, p1: u8, p2: u8, length: usize) -> Response {
        self.transmit(Header::new(0x00, READ_BINARY, p1, p2), None, Le::new(length)).await
    }

    async fn transmit(&mut self, header: Header, data: Option<&[u8]>, le: Option<Le>) -> Response {
        let mut command = Command::new(header);
        if let Some(le) = le {
            command = command.with_le(le);
        }
        if let Some(data) = data {
            command = with_data(command, data);
        }
        self.channel.transmit(command).await
    }
}

/// SELECT by AID (ISO/IEC 7816-4 §11.2.2), no response data.
pub(crate) fn select(application: &Application) -> Command {
    let header = Header::new(0x00, SELECT, consts::BY_NAME, consts::NO_RESPONSE_DATA);
    with_data(Command::new(header), application.aid)
}

fn with_data(command: Command, data: &[u8]) -> Command {
    command.with_data(SecretBytes::new(data.to_vec())).expect("an AID, a PIN or a hash is short")
}

fn verify(p2: u8) -> Header {
    Header::new(0x00, VERIFY, 0x00, p2)
}

fn expect_success(ins: u8, response: &Response) -> Result<(), Refused> {
    match response.status() {
        StatusWord::Success => Ok(()),
        status => Err(Refused { ins, status }),
    }
}

fn at_most(length: usize, response: Response) -> Result<Vec<u8>, Refused> {
    let status = response.status();
    if carries_data(status) && response.data().len() <= length {
        Ok(response.into_data())
    } else {
        Err(Refused { ins: READ_BINARY, status })
    }
}

fn exactly(length: usize, response: Response) -> Result<Vec<u8>, Refused> {
    let status = response.status();
    at_most(length, response).and_then(|data| {
        if data.len() == length { Ok(data) } else { Err(Refused { ins: READ_BINARY, status }) }
    })
}

fn signature(response: Response) -> Result<Vec<u8>, StatusWord> {
    match response.status() {
        StatusWord::Success if response.data().len() == consts::SIGNATURE_LENGTH => Ok(response.into_data()),
        status => Err(status),
    }
}
