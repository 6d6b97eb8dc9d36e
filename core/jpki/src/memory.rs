//! What a dialogue knows, kept where a loss of the card leaves it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use secret::{BirthDigits, Pin, SecretBytes};

use crate::{CardDigest, IssuerKey, Lengths, Method, Progress, consts};

/// Shared by a [`crate::Tap`] and the dialogue that it drives; a lock is held for one statement.
#[derive(Clone)]
pub(crate) struct Notes(Arc<Mutex<Memory>>);

impl Notes {
    pub(crate) fn new(method: Method) -> Self {
        Self(Arc::new(Mutex::new(Memory::new(method))))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Memory> {
        // Nothing panics while it holds the lock, and if it did, every statement leaves a whole memory.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Everything that may go on in the next tap.
///
/// Invariant: `secret` was sent `verifies` times, at most twice; it is gone after the second time and when
/// a dialogue has ended. A broken line is no end of the dialogue: it keeps the secret for
/// [`crate::Interrupted::resume`]. `unanswered` is there from the moment a VERIFY is given out until its answer is in.
pub(crate) struct Memory {
    pub(crate) method: Kind,
    pub(crate) progress: Progress,
    /// EF 000A from its start: empty, or at least the head.
    pub(crate) certificate: Vec<u8>,
    /// The digest of that head.
    pub(crate) card: Option<CardDigest>,
    pub(crate) service: Service,
    /// Whose certificates the service has.
    pub(crate) issuer_keys: Vec<IssuerKey>,
    /// Pieces of the certificate that `progress` counts and the card has not given.
    unread: u8,
    pub(crate) identifiers: Identifiers,
    /// What the way to the card can carry.
    pub(crate) lengths: Lengths,
    /// This card has refused an extended Le, or was lost while it was asked with one.
    short_only: bool,
    secret: Option<Secret>,
    /// The patient or staff were told that one try is left.
    pub(crate) last_try: bool,
    verifies: u8,
    /// The counter before a VERIFY whose answer is not known.
    pub(crate) unanswered: Option<Tries>,
    /// This tap has no more use for the secret.
    pub(crate) taken: bool,
    pub(crate) signature: Option<Signature>,
    pub(crate) birth_record: Option<Vec<u8>>,
}

impl Memory {
    fn new(method: Method) -> Self {
        let (method, secret, last_try) = match method {
            Method::Pin { pin, last_try } => (Kind::Pin, Some(Secret::Pin(pin)), last_try),
            Method::VisualProven { birth, last_try } => {
                (Kind::VisualProven, Some(Secret::BirthDate(birth)), last_try)
            }
            Method::VisualAttested => (Kind::VisualAttested, None, false),
        };
        Self {
            method,
            progress: Progress { done: 0, total: method.commands() },
            certificate: Vec::new(),
            card: None,
            service: Service::NotAsked,
            issuer_keys: Vec::new(),
            unread: 0,
            identifiers: Identifiers::Untried,
            lengths: Lengths::Short,
            short_only: false,
            secret,
            last_try,
            verifies: 0,
            unanswered: None,
            taken: false,
            signature: None,
            birth_record: None,
        }
    }

    /// A new tap goes on with what is here. What the service knows and the way can carry is said anew.
    pub(crate) fn begin(&mut self) {
        self.progress = Progress { done: 0, total: self.method.commands() };
        (self.service, self.unread, self.taken) = (Service::NotAsked, 0, false);
        self.issuer_keys.clear();
        self.lengths = Lengths::Short;
        // A card that refused them does not meet them again.
        self.identifiers = match self.identifiers {
            Identifiers::Untried | Identifiers::Taken => Identifiers::Untried,
            Identifiers::Refused | Identifiers::Doubted => Identifiers::Doubted,
        };
    }

    /// A card answered to a file that was selected where a short identifier did not do, or was not tried.
    pub(crate) fn answered_to_selected(&mut self) {
        if self.identifiers != Identifiers::Doubted {
            self.identifiers = Identifiers::Refused;
        }
    }

    /// Whether the rest of a file is read at once.
    pub(crate) fn reads_long(&self) -> bool {
        self.lengths == Lengths::Extended && !self.short_only
    }

    /// A read with an extended Le is given out. Until it has answered, this card counts as one that refuses it: so
    /// neither a refusal nor a loss is met twice.
    pub(crate) fn long_read_given_out(&mut self) {
        self.short_only = true;
    }

    /// It brought all but so many bytes.
    pub(crate) fn long_read_answered(&mut self, missing: usize) {
        self.short_only = missing > 0;
        let pieces = self.pieces(missing);
        self.unread = self.unread.saturating_add(pieces);
        self.progress.more(pieces.into());
    }

    /// How many commands it takes to read so many bytes.
    fn pieces(&self, missing: usize) -> u8 {
        let at_once = missing > consts::PIECE_LENGTH && self.reads_long();
        let pieces = if at_once { 1 } else { missing.div_ceil(consts::PIECE_LENGTH) };
        u8::try_from(pieces).unwrap_or(u8::MAX)
    }

    /// The start of a file for which so many commands were planned is there, and so many bytes are missing.
    pub(crate) fn expect_rest(&mut self, planned: u8, missing: usize) {
        let pieces = self.pieces(missing);
        self.progress.fewer(planned);
        self.progress.more(pieces.into());
    }

    /// The id of the key that signed this record, if the service has the certificate of that key.
    pub(crate) fn leave_key_certificate_out(&mut self, birth_record: &[u8]) -> Option<[u8; 16]> {
        let id = self.issuer_keys.iter().find(|key| key.signed(birth_record))?.id();
        self.progress.fewer(KEY_CERTIFICATE_COMMANDS);
        Some(id)
    }

    /// The head is there, and so many bytes of the certificate are missing.
    pub(crate) fn expect_certificate(&mut self, missing: usize) {
        self.unread = self.pieces(missing);
        self.expect_rest(6, missing);
    }

    /// One of them is there.
    pub(crate) fn add_piece(&mut self, piece: Vec<u8>) {
        self.certificate.extend(piece);
        self.unread = self.unread.saturating_sub(1);
    }

    /// If the service has the certificate, the screen counts none of the missing pieces any more.
    pub(crate) fn skip_known_pieces(&mut self) {
        if self.service == Service::Knows {
            self.progress.fewer(core::mem::take(&mut self.unread));
        }
    }

    /// The dialogue has ended: the secret has served, or may not be sent again.
    pub(crate) fn forget_secret(&mut self) {
        self.secret = None;
    }

    /// The digits for a VERIFY that is about to be given out, the counter standing at `before`. `None` if
    /// they may not be sent (again).
    pub(crate) fn digits_to_send(&mut self, before: Tries) -> Option<SecretBytes> {
        let digits = match self.secret.as_ref()? {
            Secret::Pin(pin) => pin.as_ascii().to_vec(),
            Secret::BirthDate(birth) => birth.as_ascii().to_vec(),
        };
        self.verifies += 1;
        self.unanswered = Some(before);
        if self.verifies == MAX_VERIFIES {
            self.secret = None;
        }
        Some(SecretBytes::new(digits))
    }

    /// The signature, if it is one over `hash`: after a loss there may be a new challenge.
    pub(crate) fn signature_over(&self, hash: &[u8; 32]) -> Option<Vec<u8>> {
        self.signature.as_ref().filter(|signature| signature.over == *hash).map(|made| made.bytes.clone())
    }
}

/// What is heard of the service in this tap, about the certificate of this card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    /// It is not asked, so the certificate is needed whole.
    NotAsked,
    /// It is asked whether it has the certificate.
    Asked,
    /// It has it: what is missing need not be read.
    Knows,
}

/// Whether the card takes short file identifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Identifiers {
    /// That is seen when one is tried.
    Untried,
    /// None is tried: so it was said, or the card refused one in a tap before.
    Doubted,
    /// It took one in this tap.
    Taken,
    /// It refused one in this tap, and answered to the file selected.
    Refused,
}

/// How often the same digits may be sent to a card, over all taps: once, and once more after a loss.
const MAX_VERIFIES: u8 = 2;

/// EF 0004 has 568 bytes.
const KEY_CERTIFICATE_COMMANDS: u8 = 3;

enum Secret {
    Pin(Pin),
    BirthDate(BirthDigits),
}

/// A signature and the hash that it is over.
pub(crate) struct Signature {
    pub(crate) over: [u8; 32],
    pub(crate) bytes: Vec<u8>,
}

/// What the counter of a reference says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tries {
    /// `63Cx`.
    Left(u8),
    /// `6300` of a birth date: a counter without limit, as one report reads it, or none left, as our virtual
    /// card shows it. In both readings one VERIFY does no harm.
    NotShown,
    /// `6983` or `6984`, and `6300` of a PIN.
    Blocked,
}

/// A [`Method`] without its secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Pin,
    VisualProven,
    VisualAttested,
}

impl Kind {
    /// How many commands it takes with short identifiers, and files of the sizes known: seven pieces of
    /// certificate, three of each other file.
    fn commands(self) -> u8 {
        match self {
            // SELECT, certificate, counter, VERIFY, signature.
            Self::Pin => 1 + 7 + 3,
            // SELECT, certificate, SELECT, counter, VERIFY, EF 0001, signature, EF 0004.
            Self::VisualProven => 1 + 7 + 1 + 2 + 3 + 1 + KEY_CERTIFICATE_COMMANDS,
            // SELECT, certificate, label.
            Self::VisualAttested => 1 + 7 + 1,
        }
    }
}
