//! A tap: what a shell loops over while the card is held.

use jpki::{CardProof, Evidence, Interrupted, IssuerKey, Method as TapMethod, Progress, Step, TapError};
use secret::SecretBytes;

use crate::{
    Counter, Failure, Link, Lost, Screen,
    check::Draft,
    question::Question,
    screen::CueKind,
    state::{For, Now, Reading, Secret, Session, Stage, State, Way},
};

/// So many keys are tried on a record while the card is held, at some tens of microseconds each. A service that names more is
/// wrong, or lies.
const ISSUER_KEYS: usize = 8;

/// One dialogue with one card, from [`Counter::tap`].
///
/// ```text
/// step = tap.next(none)
/// while step is Transmit(command): step = tap.next(transceive(command))
/// ```
///
/// `next` never waits. When the card leaves, call [`Tap::lost`]; dropping the tap means the same. An open tap stops
/// no clock: a PIN that the card has not taken within its minute is forgotten, and a counter that is left alone
/// locks; the next call then says [`TapStep::Done`] and sends nothing more. What may go on
/// with the next tap is decided by `jpki`; this type keeps no rule on tries.
///
/// With a PIN, the service is asked as soon as the card has shown the head of its certificate whether it has the rest from
/// an earlier visit. The question runs beside the shell's loop, on the runtime where [`Counter::run`] was called, so loop on
/// a thread that is not one of that runtime's own. If the answer is there by the time the card has signed, the tap is over
/// then; if it comes later, or is "no", the tap has read on.
pub struct Tap {
    counter: Counter,
    /// `None` when it was lost.
    dialogue: Option<jpki::Tap>,
    /// `None` when the dialogue is over.
    draft: Option<Draft>,
    /// Of which patient.
    number: u64,
    /// Whether the service is to be asked for the certificate.
    asks: bool,
    question: Option<Question>,
}

/// What the shell does next.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "one a card; a box would only be in a shell's way")]
pub enum TapStep {
    /// Send this command APDU to the card, then overwrite your copy of it.
    Transmit(SecretBytes),
    /// The card may be taken away; this is the screen.
    Done(Screen),
}

impl Tap {
    /// `None` starts the dialogue; afterwards the card's answer to the last command, status word included.
    pub fn next(&mut self, answer: Option<&[u8]>) -> TapStep {
        let number = self.number;
        let goes_on = self.counter.with(|state, now| state.tap_goes_on(number, now));
        if self.draft.is_some() && !goes_on {
            return self.drop_dialogue();
        }
        let (Some(tap), true) = (&mut self.dialogue, self.draft.is_some()) else {
            return TapStep::Done(self.counter.screen());
        };
        if self.question.as_ref().and_then(Question::answer) == Some(true) {
            tap.certificate_known();
        }
        match tap.next(answer) {
            Step::Transmit(command) => {
                // The answer first, the time then: what the card said of a PIN is heard even if it comes late.
                let (taken, card) = (tap.secret_taken(), tap.card());
                if self.counter.with(|state, now| state.tap_may_transmit(number, taken, now)) {
                    if let Some(card) = card.filter(|_| self.asks && self.question.is_none()) {
                        let asker = self.counter.with(|state, _| state.asker());
                        self.question = asker.map(|asker| asker.ask(&card, self.counter.changes()));
                    }
                    TapStep::Transmit(command)
                } else {
                    self.drop_dialogue()
                }
            }
            // Status zero: the line broke, the card refused nothing.
            Step::Done(Err(TapError::Unreadable { status: 0, .. })) => {
                self.give_up(Lost::CardGone);
                TapStep::Done(self.counter.screen())
            }
            Step::Done(done) => {
                let (rest, identifiers) = (tap.rest(), tap.takes_short_identifiers());
                let tag = self.question.take().map(|question| question.tag());
                if let Some(draft) = self.draft.take() {
                    self.counter.with(|state, now| {
                        state.tapping = false;
                        state.tried(identifiers);
                        match done {
                            Ok(evidence) => state.read(draft, evidence, (tag, rest), now),
                            Err(error) => state.not_read(error, now),
                        }
                    });
                }
                TapStep::Done(self.counter.screen())
            }
        }
    }

    /// How far the dialogue is, by commands.
    pub fn progress(&self) -> Progress {
        self.dialogue.as_ref().map_or(Progress { done: 0, total: 0 }, jpki::Tap::progress)
    }

    /// Whether the service has the certificate of this card. `None`: it was not asked, or has not answered yet.
    pub fn certificate_known(&self) -> Option<bool> {
        self.question.as_ref()?.answer()
    }

    /// What the card was asked, and its status words: no data. For the help desk.
    pub fn transcript(&self) -> String {
        self.dialogue.as_ref().map(|tap| tap.transcript().to_string()).unwrap_or_default()
    }

    /// The card is gone before the dialogue was over. The screen says what to do.
    pub fn lost(mut self, how: Lost) -> Screen {
        self.give_up(how);
        self.counter.screen()
    }

    /// Cancelled, locked, or too late: nothing more goes to the card, and the PIN goes with the dialogue.
    fn drop_dialogue(&mut self) -> TapStep {
        (self.dialogue, self.draft, self.question) = (None, None, None);
        TapStep::Done(self.counter.screen())
    }

    fn give_up(&mut self, how: Lost) {
        self.question = None;
        if let (Some(tap), Some(draft)) = (self.dialogue.take(), self.draft.take()) {
            self.counter.with(|state, now| {
                if !state.tapping || state.patient_number != self.number {
                    return;
                }
                state.tapping = false;
                state.tried(tap.takes_short_identifiers());
                if let Some(patient) = &mut state.patient {
                    patient.interrupted = Some((tap.lost(), draft));
                    patient.losses = patient.losses.saturating_add(1);
                }
                match how {
                    Lost::CardGone => {
                        state.fail_quietly(Failure::CardLost, now);
                        state.fail_audibly(now);
                        state.await_card(Some(Failure::CardLost));
                    }
                    Lost::Reader(trouble) => state.fail(Failure::from(trouble), Way::Hold, now),
                }
            });
        }
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.give_up(Lost::CardGone);
    }
}

impl core::fmt::Debug for Tap {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Tap").field("progress", &self.progress()).finish_non_exhaustive()
    }
}

impl Counter {
    /// A tap, if a card is awaited and everything is ready for it. `None` otherwise: look at the screen.
    ///
    /// A tap starts only with a challenge that lives for another minute. One that does not is renewed by
    /// [`Counter::run`], silently. Over a link that everybody near can read along, none starts with a PIN, unless staff
    /// were warned for this patient ([`ExposedPin`](crate::ExposedPin)); that holds for the link that is named here,
    /// and for that of the reader in use as well ([`Action::ReaderInUse`](crate::Action::ReaderInUse)).
    pub fn tap(&self, over: Link) -> Option<Tap> {
        self.with(|state, now| {
            let (mut tap, draft, number) = state.start_tap(over, now)?;
            let asks = state.asker().is_some();
            if asks {
                tap.certificate_asked();
                // A card that was lost after its head is known itself, whatever others did.
                if tap.card().is_none() && state.expects_refusal() {
                    tap.without_short_identifiers();
                }
            }
            let (dialogue, draft) = (Some(tap), Some(draft));
            Some(Tap { counter: self.clone(), dialogue, draft, number, asks, question: None })
        })
    }
}

impl Session {
    /// Whose certificates the service has, as it said with the device's status. One of another length is none.
    pub(crate) fn issuer_keys(&self) -> Vec<IssuerKey> {
        let told = self.status.iter().flat_map(|status| &status.issuer_keys);
        told.filter_map(|key| {
            let (id, modulus) = (key.key_id.as_slice().try_into(), key.modulus.as_slice().try_into());
            Some(IssuerKey::new(id.ok()?, modulus.ok()?))
        })
        .take(ISSUER_KEYS)
        .collect()
    }
}

impl State {
    fn start_tap(&mut self, over: Link, now: Now) -> Option<(jpki::Tap, Draft, u64)> {
        self.tick(now);
        if !self.ready(now) || !self.may_tap_over(over, now) {
            return None;
        }
        let party = self.party()?;
        let session = self.session.as_mut()?;
        let patient = self.patient.as_mut()?;
        let interrupted = patient.interrupted.take();
        let secret = patient.secret.take();
        let kept =
            interrupted.as_ref().map(|(_, draft)| draft).filter(|draft| draft.challenge.serves(now.steady));
        let draft = match kept {
            // The same question again: a signature that is already in hand stays good.
            Some(draft) => draft.clone(),
            None => Draft::new(session.challenge.take()?, party, patient.proof_method(), patient.consents),
        };
        patient.taken = false;
        let last_try = patient.last_try;
        let tap = match (interrupted, secret) {
            (Some((interrupted, _)), _) => interrupted.resume(draft.to_sign()),
            (None, Some(Secret::Pin(pin))) => {
                jpki::Tap::new(TapMethod::Pin { pin, last_try }, draft.to_sign())
            }
            (None, Some(Secret::Birth(birth))) => {
                jpki::Tap::new(TapMethod::VisualProven { birth, last_try }, draft.to_sign())
            }
            (None, Some(Secret::None)) => jpki::Tap::new(TapMethod::VisualAttested, draft.to_sign()),
            (None, None) => {
                self.ask(None);
                return None;
            }
        };
        let mut tap = tap;
        if over == Link::Direct {
            tap.lengths(self.config.lengths);
        }
        if patient.reading == Reading::Unknown {
            tap.issuer_keys(session.issuer_keys());
        }
        self.tapping = true;
        self.touched_at = now.steady;
        Some((tap, draft, self.patient_number))
    }

    /// Whether the tap that begins tries its card with no short identifier. The order that follows from it pays where the
    /// service is asked, so elsewhere each card is tried, and tells what the next one may be expected to do.
    fn expects_refusal(&mut self) -> bool {
        self.session.as_mut().is_some_and(|session| session.refusals.begin())
    }

    /// A tap is over, and its card took a short identifier or did not, if it was tried with one.
    fn tried(&mut self, taken: Option<bool>) {
        if let (Some(session), Some(taken)) = (&mut self.session, taken) {
            session.refusals.tried(taken);
        }
    }

    /// Whether the tap with this number is still wanted; if so, it is a sign of life.
    fn tap_goes_on(&mut self, number: u64, now: Now) -> bool {
        self.lock_if_idle(now);
        let wanted = self.tapping && self.patient_number == number;
        if wanted {
            self.touched_at = now.steady;
        }
        wanted
    }

    /// Whether one more command may go to the card, which took the secret or did not.
    fn tap_may_transmit(&mut self, number: u64, taken: bool, now: Now) -> bool {
        if let Some(patient) = self.patient.as_mut().filter(|_| self.patient_number == number) {
            patient.taken = taken;
        }
        self.tick(now);
        self.tapping && self.patient_number == number
    }

    /// The dialogue is over: `jpki` has forgotten the secret.
    fn forgot_secret(&mut self) {
        if let Some(patient) = &mut self.patient {
            (patient.secret_until, patient.losses) = (None, 0);
        }
    }

    /// The card gave what was asked for: its certificates, or the service knows one by its tag or key id. Should it have
    /// forgotten it, the next tap reads the rest.
    fn read(
        &mut self,
        draft: Draft,
        evidence: Evidence,
        (tag, rest): (Option<[u8; 32]>, Option<Interrupted>),
        now: Now,
    ) {
        self.forgot_secret();
        let Some(patient) = &mut self.patient else { return };
        if let CardProof::VisualProven { birth_date, .. } = &evidence.proof {
            // The rest, if there is to be one, is compared again.
            let typed = if rest.is_some() { patient.typed } else { patient.typed.take() };
            let same = typed.is_some_and(|typed| {
                let typed = (typed.year(), u8::from(typed.month()), typed.day());
                typed == (i32::from(birth_date.year), birth_date.month, birth_date.day)
            });
            if !same {
                return self.fail(Failure::BirthDateOfAnotherEra, Way::Ask, now);
            }
        }
        patient.interrupted = rest.map(|rest| (rest, draft.clone()));
        patient.request = Some(draft.request(evidence, tag).into());
        self.stage = Stage::Waiting(For::Checking);
        self.give_cue(CueKind::CardDone, now);
        self.send(now);
    }

    /// The card gave something else.
    fn not_read(&mut self, error: TapError, now: Now) {
        self.forgot_secret();
        let tries_left = match error {
            TapError::PinWrong { tries_left } => Some(tries_left),
            TapError::BirthDateWrong { tries_left } => tries_left,
            _ => None,
        };
        let failure = Failure::from(error);
        let way = match failure {
            Failure::PinLastTry | Failure::BirthDateLastTry => {
                self.fail_quietly(failure, now);
                self.fail_audibly(now);
                self.stage = Stage::LastTry(failure);
                return;
            }
            Failure::PinBlocked
            | Failure::BirthDateBlocked
            | Failure::FaceAuthenticationCard
            | Failure::NoCertificate => Way::None,
            Failure::PinWrong if tries_left == Some(1) => Way::LastTry(Failure::PinLastTry),
            Failure::BirthDateWrong if tries_left == Some(1) => Way::LastTry(Failure::BirthDateLastTry),
            _ => Way::Ask,
        };
        if let Some(patient) = &mut self.patient {
            // The warning was for that one try.
            patient.last_try = false;
        }
        self.fail_with(failure, tries_left, way, now);
    }
}
