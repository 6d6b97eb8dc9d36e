//! The dialogues, step by step.

use iso7816::{CardChannel, StatusWord, TlvHeader};
use ring::digest::{SHA256, digest};

use crate::{
    BirthDate, CardProof, Evidence, KeyCertificate, TapError, ToSign,
    card::{Card, Form, Key},
    consts::{self, Application, File},
    error::Refused,
    memory::{Identifiers, Kind, Service, Signature, Tries},
};

/// The dialogue of the method that the notes are about, from the start or after a loss.
pub(crate) async fn run(
    mut card: Card<impl CardChannel + Send>,
    to_sign: ToSign,
) -> Result<Evidence, TapError> {
    card.choose_form();
    let method = card.notes.lock().method;
    match method {
        Kind::Pin => card.pin(&to_sign).await,
        Kind::VisualProven => card.visual_proven(&to_sign).await,
        Kind::VisualAttested => card.visual_attested().await,
    }
}

impl<C: CardChannel + Send> Card<C> {
    /// SELECT JPKI AP · head of EF 000A · counter of 0018 · VERIFY · signature by 0017 · rest of EF 000A, unless
    /// the service has it. That rest may come right after its head.
    async fn pin(&mut self, to_sign: &ToSign) -> Result<Evidence, TapError> {
        self.select_jpki().await?;
        let to_sign = to_sign(&self.read_head().await?);
        if self.reads_in_place() {
            self.read_certificate_unless_known().await?;
        }
        let signature = if let Some(signature) = self.signature_over(&to_sign) {
            let mut notes = self.notes.lock();
            notes.progress.fewer(3);
            notes.taken = true;
            signature
        } else {
            self.present(Reference::Pin).await?;
            self.notes.lock().skip_known_pieces();
            self.sign_and_note(&AUTHENTICATION_KEY, to_sign).await?
        };
        let certificate = self.read_certificate_unless_known().await?;
        Ok(Evidence { certificate, proof: CardProof::Pin { signature } })
    }

    /// Whether the certificate is read before the PIN: EF 000A is current now and may not be later.
    ///
    /// Where the service is asked, its answer may save more than one SELECT. But a card that has just refused a short
    /// identifier has cost a command already, and does not cost another one.
    fn reads_in_place(&self) -> bool {
        let notes = self.notes.lock();
        match notes.service {
            // A card that refuses an extended Le does so before it is sent a PIN.
            Service::NotAsked => self.form == Form::SelectFile || notes.reads_long(),
            Service::Asked | Service::Knows => notes.identifiers == Identifiers::Refused,
        }
    }

    /// SELECT JPKI AP · EF 000A · SELECT 券面事項確認AP · counter of 0011 · VERIFY · EF 0001 · signature by
    /// the key that needs no PIN · EF 0004, unless the service has it.
    async fn visual_proven(&mut self, to_sign: &ToSign) -> Result<Evidence, TapError> {
        self.select_jpki().await?;
        let to_sign = to_sign(&self.read_head().await?);
        let certificate = self.read_certificate().await?;
        self.select_visual().await?;

        let known = self.notes.lock().birth_record.clone();
        let birth_record = if let Some(record) = known {
            let mut notes = self.notes.lock();
            notes.progress.fewer(2 + 3);
            notes.taken = true;
            record
        } else {
            self.present(Reference::BirthDate).await?;
            let record = self.read_object(consts::BIRTH_RECORD).await?;
            self.notes.lock().birth_record = Some(record.clone());
            record
        };
        let birth_date = BirthDate::from_record(&birth_record).ok_or(NOT_WHAT_IT_SHOULD_BE)?;
        let known_key = self.notes.lock().leave_key_certificate_out(&birth_record);

        let signature = if let Some(signature) = self.signature_over(&to_sign) {
            self.notes.lock().progress.fewer(1);
            signature
        } else {
            self.sign_and_note(&VISUAL_KEY, to_sign).await?
        };
        let key_certificate = match known_key {
            Some(id) => KeyCertificate::Known(id),
            None => KeyCertificate::Whole(self.read_object(consts::KEY_CERTIFICATE).await?),
        };
        let proof = CardProof::VisualProven { signature, birth_record, key_certificate, birth_date };
        Ok(Evidence { certificate: Some(certificate), proof })
    }

    /// SELECT JPKI AP · EF 000A · label in EF 0006: a phone shows no face to compare.
    async fn visual_attested(&mut self) -> Result<Evidence, TapError> {
        self.select_jpki().await?;
        self.read_head().await?;
        let certificate = self.read_certificate().await?;
        if self.is_smartphone().await {
            return Err(TapError::SmartphoneCard);
        }
        Ok(Evidence { certificate: Some(certificate), proof: CardProof::VisualAttested })
    }

    /// The first command after power-on: once more, if the card loses that one.
    async fn select_jpki(&mut self) -> Result<(), TapError> {
        let mut selected = self.select(&consts::JPKI_AP).await;
        if selected.is_err_and(|refused| consts::is_first_command_lost(refused.status)) {
            self.detour();
            selected = self.select(&consts::JPKI_AP).await;
        }
        selected.map_err(|refused| {
            if consts::is_unknown_application(refused.status) {
                TapError::NotMyNumberCard
            } else {
                refused.into()
            }
        })
    }

    /// A phone has no face, and other cards with a JPKI AP have none that we know.
    async fn select_visual(&mut self) -> Result<(), TapError> {
        let Err(refused) = self.select(&consts::VISUAL_AP).await else { return Ok(()) };
        if self.select(&consts::JPKI_AP).await.is_ok() && self.is_smartphone().await {
            Err(TapError::SmartphoneCard)
        } else if consts::is_unknown_application(refused.status) {
            Err(TapError::NotMyNumberCard)
        } else {
            Err(refused.into())
        }
    }

    /// The head of the certificate, which names the card: after a loss it must be the same one.
    async fn read_head(&mut self) -> Result<crate::CardDigest, TapError> {
        let read = self.read_start(consts::AUTHENTICATION_CERTIFICATE, consts::HEAD_LENGTH).await;
        let head = read.map_err(|refused| match refused.status {
            status if consts::is_behind_pin(status) => TapError::CertificateNeedsPin,
            status if consts::is_missing_file(status) => TapError::NoCertificate,
            _ => refused.into(),
        })?;
        if head.is_empty() {
            return Err(TapError::NoCertificate);
        }
        let total = certificate_length(&head).ok_or(NOT_WHAT_IT_SHOULD_BE)?;
        let card = digest(&SHA256, &head).as_ref().try_into().expect("SHA-256 has 32 bytes");

        let mut notes = self.notes.lock();
        if notes.certificate.is_empty() {
            notes.certificate = head;
        } else if !notes.certificate.starts_with(&head) {
            return Err(TapError::AnotherCard);
        }
        notes.card = Some(card);
        let missing = total - notes.certificate.len();
        notes.expect_certificate(missing);
        Ok(card)
    }

    /// What is still missing of EF 000A.
    async fn read_certificate(&mut self) -> Result<Vec<u8>, TapError> {
        loop {
            match self.certificate()? {
                Certificate::Whole(certificate) => return Ok(certificate),
                Certificate::Part { length, total } => self.read_next_piece(length, total).await?,
            }
        }
    }

    /// The same, and `None` as soon as the service is known to have it. A certificate that is whole by then is
    /// given all the same: it serves even a service that has forgotten it.
    async fn read_certificate_unless_known(&mut self) -> Result<Option<Vec<u8>>, TapError> {
        loop {
            match self.certificate()? {
                Certificate::Whole(certificate) => return Ok(Some(certificate)),
                Certificate::Part { length, total } => {
                    if self.is_known() {
                        return Ok(None);
                    }
                    self.read_next_piece(length, total).await?;
                }
            }
        }
    }

    fn is_known(&self) -> bool {
        let mut notes = self.notes.lock();
        notes.skip_known_pieces();
        notes.service == Service::Knows
    }

    /// EF 000A as far as it was read.
    fn certificate(&self) -> Result<Certificate, TapError> {
        let notes = self.notes.lock();
        let length = notes.certificate.len();
        let total = certificate_length(&notes.certificate).ok_or(NOT_WHAT_IT_SHOULD_BE)?;
        Ok(if length < total {
            Certificate::Part { length, total }
        } else {
            Certificate::Whole(notes.certificate.clone())
        })
    }

    async fn read_next_piece(&mut self, length: usize, total: usize) -> Result<(), TapError> {
        let piece = self.read_on(consts::AUTHENTICATION_CERTIFICATE, length, total).await?;
        self.notes.lock().add_piece(piece);
        Ok(())
    }

    /// A file that is one BER-TLV object.
    async fn read_object(&mut self, file: File) -> Result<Vec<u8>, TapError> {
        let mut object = self.read_start(file, consts::PIECE_LENGTH).await?;
        let total = TlvHeader::parse(&object).map_err(|_| NOT_WHAT_IT_SHOULD_BE)?.total();
        if total > consts::MAX_FILE_LENGTH {
            return Err(NOT_WHAT_IT_SHOULD_BE);
        }
        object.truncate(total);
        self.notes.lock().expect_rest(2, total - object.len());
        while object.len() < total {
            object.extend(self.read_on(file, object.len(), total).await?);
        }
        Ok(object)
    }

    fn signature_over(&self, to_sign: &[u8; 32]) -> Option<Vec<u8>> {
        self.notes.lock().signature_over(to_sign)
    }

    async fn sign_and_note(&mut self, key: &Key, to_sign: [u8; 32]) -> Result<Vec<u8>, TapError> {
        let signature = self.sign(key, &to_sign).await?;
        self.notes.lock().signature = Some(Signature { over: to_sign, bytes: signature.clone() });
        Ok(signature)
    }

    /// Reads the counter, and if the rules on tries allow it (see the crate's front page), sends what was
    /// typed: once.
    async fn present(&mut self, reference: Reference) -> Result<(), TapError> {
        let tries = self.tries(reference).await?;
        let unanswered = self.notes.lock().unanswered;
        match (unanswered, tries) {
            // A counter that showed a number before has a limit, so that `6300` can only be its end.
            (_, Tries::Blocked) | (Some(_), Tries::Left(0)) | (Some(Tries::Left(_)), Tries::NotShown) => {
                return Err(reference.wrong(Some(0)));
            }
            (None, Tries::Left(0)) => return Err(self.none_left(reference).await),
            (Some(Tries::Left(before)), Tries::Left(now)) if now < before => {
                return Err(reference.wrong(Some(now)));
            }
            // The answer was lost, and nothing tells whether it was "wrong".
            (Some(Tries::NotShown), _) => return Err(TapError::AskAgain),
            _ => {}
        }
        if tries == Tries::Left(1) && !self.notes.lock().last_try {
            return Err(reference.last_try());
        }

        let digits = self.notes.lock().digits_to_send(tries).ok_or(TapError::AskAgain)?;
        match self.verify(reference.file(), &digits).await {
            StatusWord::Success => {
                let mut notes = self.notes.lock();
                (notes.unanswered, notes.taken) = (None, true);
                Ok(())
            }
            StatusWord::Counter(left) => Err(reference.wrong(Some(left))),
            // Wrong, without a number: one fewer than before.
            StatusWord::NoInformation => Err(reference.wrong(match tries {
                Tries::Left(before) => Some(before.saturating_sub(1)),
                Tries::NotShown | Tries::Blocked => None,
            })),
            status if consts::is_blocked(status) => Err(reference.wrong(Some(0))),
            status => Err(Refused { ins: consts::VERIFY, status }.into()),
        }
    }

    /// The counter. A reference that is verified may answer `9000` and hide it: then the status, which a warm
    /// reset of the card had kept, is cleared by selecting another application, or the issuer domain on a phone
    /// that has no other. Not to send VERIFY would let anyone in after the patient before; to send it
    /// without knowing the count is against the rules. So a card that still answers `9000` is unreadable.
    async fn tries(&mut self, reference: Reference) -> Result<Tries, TapError> {
        let mut status = self.counter(reference.file()).await?;
        if consts::is_hidden_counter(status) {
            let (own, other) = reference.applications();
            self.notes.lock().progress.more(3);
            if self.select(other).await.is_err() {
                self.detour();
                // A refusal shows in the next answer.
                let _ = self.select(&consts::ISSUER_DOMAIN).await;
            }
            self.select(own).await?;
            status = self.counter(reference.file()).await?;
        }
        match status {
            StatusWord::Counter(left) => Ok(Tries::Left(left)),
            StatusWord::NoInformation => Ok(reference.not_shown()),
            status if consts::is_blocked(status) => Ok(Tries::Blocked),
            status => Err(Refused { ins: consts::VERIFY, status }.into()),
        }
    }

    /// The counter stands at none: a card without PIN, or a blocked one?
    async fn none_left(&mut self, reference: Reference) -> TapError {
        if reference == Reference::Pin {
            let present = self.read_start(consts::CERTIFICATES_PRESENT, 3).await;
            if present.is_ok_and(|present| present == consts::FACE_AUTHENTICATION_CARD) {
                return TapError::FaceAuthenticationCard;
            }
        }
        reference.wrong(Some(0))
    }

    /// By the label of the JPKI AP, which must be selected.
    async fn is_smartphone(&mut self) -> bool {
        self.read_start(consts::TOKEN_INFORMATION, consts::LABEL_LENGTH).await.is_ok_and(|label| {
            label.starts_with(consts::LABEL_ANDROID) || label.starts_with(consts::LABEL_IPHONE)
        })
    }
}

const AUTHENTICATION_KEY: Key =
    Key { file: consts::AUTHENTICATION_KEY, p2: consts::by_short_identifier(consts::AUTHENTICATION_KEY) };

const VISUAL_KEY: Key = Key { file: consts::VISUAL_KEY, p2: consts::DEFAULT_KEY };

/// The card gave data, and it is not what it should be.
const NOT_WHAT_IT_SHOULD_BE: TapError = TapError::Unreadable { ins: consts::READ_BINARY, status: 0x9000 };

/// What there is of EF 000A.
enum Certificate {
    Whole(Vec<u8>),
    /// So many bytes of so many.
    Part {
        length: usize,
        total: usize,
    },
}

/// What VERIFY compares with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reference {
    Pin,
    BirthDate,
}

impl Reference {
    fn file(self) -> File {
        match self {
            Self::Pin => consts::AUTHENTICATION_PIN,
            Self::BirthDate => consts::BIRTH_DATE_REFERENCE,
        }
    }

    /// Its own application, and another one.
    fn applications(self) -> (&'static Application, &'static Application) {
        match self {
            Self::Pin => (&consts::JPKI_AP, &consts::VISUAL_AP),
            Self::BirthDate => (&consts::VISUAL_AP, &consts::JPKI_AP),
        }
    }

    fn last_try(self) -> TapError {
        match self {
            Self::Pin => TapError::PinLastTry,
            Self::BirthDate => TapError::BirthDateLastTry,
        }
    }

    /// A counter of `6300`. A PIN always has a limit, so of the two readings, "without limit" and "none left",
    /// only the second can be meant. A birth date may have no limit.
    fn not_shown(self) -> Tries {
        match self {
            Self::Pin => Tries::Blocked,
            Self::BirthDate => Tries::NotShown,
        }
    }

    /// Wrong, with so many tries left. None left is "blocked", whether it is so since now or before.
    ///
    /// `None`: the card shows no count, neither before nor after. For a PIN that is as good as none.
    fn wrong(self, left: Option<u8>) -> TapError {
        match (self, left) {
            (Self::Pin, None | Some(0)) => TapError::PinBlocked,
            (Self::Pin, Some(tries_left)) => TapError::PinWrong { tries_left },
            (Self::BirthDate, Some(0)) => TapError::BirthDateBlocked,
            (Self::BirthDate, tries_left) => TapError::BirthDateWrong { tries_left },
        }
    }
}

/// The length of a DER certificate from its head `30 82 hi lo`, if it is one that this card could hold.
fn certificate_length(head: &[u8]) -> Option<usize> {
    let &[0x30, 0x82, high, low, ..] = head else { return None };
    let total = 4 + usize::from(u16::from_be_bytes([high, low]));
    let whole_head = head.len() >= consts::HEAD_LENGTH;
    (whole_head && (consts::HEAD_LENGTH..=consts::MAX_FILE_LENGTH).contains(&total)).then_some(total)
}
