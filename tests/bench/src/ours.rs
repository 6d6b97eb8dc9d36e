//! Our taps, on every card that changes their list.

use std::sync::Arc;

use jpki::{CardProof, Evidence, IssuerKey, KeyCertificate, Method, Step, Tap};
use sandbox_card::{Switches, VirtualCard};
use secret::{BirthDigits, Pin};

use crate::{Job, Run, card};

/// Whether the card takes short file identifiers, which rests on one report, and what was expected of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identifiers {
    /// In READ BINARY, VERIFY and COMPUTE DIGITAL SIGNATURE.
    Short,
    /// Nowhere: it refuses one, and from there on everything is selected.
    Selected,
    /// Nowhere, as the cards before it: everything is selected at once. The counter expects it of taps that ask the
    /// service.
    Expected,
}

impl Identifiers {
    fn switch(self, switches: &mut Switches) {
        let short = self == Self::Short;
        switches.read_by_short_id = short;
        switches.verify_by_short_id = short;
        switches.sign_by_short_id = short;
    }

    fn name(self) -> &'static str {
        match self {
            Self::Short => "",
            Self::Selected => ", card without short identifiers",
            Self::Expected => ", card without short identifiers, as expected",
        }
    }

    fn has(self, service: Service) -> bool {
        self != Self::Expected || matches!(service, Service::SaysNo | Service::Knows)
    }

    fn tap(self, method: Method) -> Tap {
        let mut tap = Tap::new(method, to_sign());
        if self == Self::Expected {
            tap.without_short_identifiers();
        }
        tap
    }
}

/// A kind of tap: its name, its job, what it asks of the card, and what the service has of it.
type Kind = (&'static str, Job, fn() -> Method, Service);

/// The service and the certificates, as a tap hears of them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    /// It keeps none.
    NotAsked,
    /// It does not have this one, or its answer is late.
    SaysNo,
    /// It has it, and says so while the card signs, or gives the first piece after the head.
    Knows,
    /// It has that of the key by which the card's issuer signs, and said so with the device's status.
    KnowsIssuer,
}

const KINDS: [Kind; 6] = [
    ("PIN, first visit", Job::Both, pin, Service::NotAsked),
    ("PIN, first visit, service asked", Job::Both, pin, Service::SaysNo),
    ("PIN, repeat visit", Job::Repeat, pin, Service::Knows),
    ("目視 proven", Job::Visual, visual, Service::NotAsked),
    ("目視 proven, issuer's key known", Job::Visual, visual, Service::KnowsIssuer),
    ("目視 attested", Job::Certificate, || Method::VisualAttested, Service::NotAsked),
];

/// COMPUTE DIGITAL SIGNATURE.
const SIGN: u8 = 0x2A;

/// READ BINARY of what follows the head.
const SECOND_PIECE: [u8; 4] = [0x00, 0xB0, 0x01, 0x00];

/// The PIN of every test card.
pub(crate) fn pin() -> Method {
    Method::Pin { pin: Pin::from_digits([1, 2, 3, 4]).expect("digits"), last_try: false }
}

/// 昭和55年2月17日.
pub(crate) fn visual() -> Method {
    Method::VisualProven {
        birth: BirthDigits::from_digits([5, 5, 0, 2, 1, 7]).expect("digits"),
        last_try: false,
    }
}

/// All our runs, as the tables list them.
pub fn ours() -> Vec<Run> {
    [Identifiers::Short, Identifiers::Selected, Identifiers::Expected].into_iter().flat_map(taps).collect()
}

/// Our runs with cards that do, or do not, take short file identifiers.
///
/// # Panics
///
/// If a tap gives no evidence: the card is in order, so the dialogue is not.
pub fn taps(identifiers: Identifiers) -> Vec<Run> {
    let name = |tap: &str| format!("Madoguchi: {tap}{}", identifiers.name());
    let mut runs: Vec<Run> = KINDS
        .into_iter()
        .filter(|(.., service)| identifiers.has(*service))
        .map(|(tap, job, method, service)| {
            let mut card = card(|switches| identifiers.switch(switches));
            play(&mut identifiers.tap(method()), &mut card, service, None);
            Run::new(name(tap), job, card.transcript())
        })
        .collect();
    if identifiers.has(Service::NotAsked) {
        let tap = name("PIN, lost at its last command, resumed");
        runs.push(Run::new(tap, Job::Rest, resumed(identifiers).transcript()));
    }
    runs
}

/// The card after the tap that followed a lost one. That one was lost at its last command: the card carried it out,
/// and the answer did not arrive.
fn resumed(identifiers: Identifiers) -> VirtualCard {
    let mut whole = card(|switches| identifiers.switch(switches));
    play(&mut Tap::new(pin(), to_sign()), &mut whole, Service::NotAsked, None);

    let mut card = card(|switches| identifiers.switch(switches));
    let mut tap = Tap::new(pin(), to_sign());
    play(&mut tap, &mut card, Service::NotAsked, whole.transcript().len().checked_sub(1));
    card.power_off();
    card.power_on();
    card.clear_transcript();
    play(&mut tap.lost().resume(to_sign()), &mut card, Service::NotAsked, None);
    card
}

/// A shell's loop, to the evidence, or until the answer to the command of this number is lost.
pub(crate) fn play(
    tap: &mut Tap,
    card: &mut VirtualCard,
    service: Service,
    lost_at: Option<usize>,
) -> Option<Evidence> {
    match service {
        Service::NotAsked => {}
        Service::SaysNo | Service::Knows => tap.certificate_asked(),
        Service::KnowsIssuer => tap.issuer_keys(vec![issuer_key()]),
    }
    let mut step = tap.next(None);
    let mut number = 0;
    while let Step::Transmit(command) = step {
        let answer = card.transmit(command.expose());
        if lost_at == Some(number) {
            return None;
        }
        number += 1;
        let answered = command.expose()[1] == SIGN || command.expose().starts_with(&SECOND_PIECE);
        if service == Service::Knows && answered {
            tap.certificate_known();
        }
        step = tap.next(Some(&answer));
    }
    let Step::Done(outcome) = step else { unreachable!("it does not transmit") };
    Some(outcome.expect("the card is in order, and the PIN is right"))
}

/// The key in EF 0004 of the card: `7F21 { 5F4E { issuer key id, subject key id, 90 exponent, 91 modulus }, … }`.
fn issuer_key() -> IssuerKey {
    let evidence = play(&mut Tap::new(visual(), to_sign()), &mut card(|_| {}), Service::NotAsked, None);
    let Some(CardProof::VisualProven { key_certificate: KeyCertificate::Whole(file), .. }) =
        evidence.map(|evidence| evidence.proof)
    else {
        unreachable!("nothing is known")
    };
    let (id, modulus) = (file[26..42].try_into(), file[51..307].try_into());
    IssuerKey::new(id.expect("16 bytes"), modulus.expect("256 bytes"))
}

/// Stands in for the binding.
pub(crate) fn to_sign() -> jpki::ToSign {
    Arc::new(|card| *card)
}
