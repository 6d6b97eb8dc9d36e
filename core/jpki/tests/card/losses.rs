//! Cards lost at any point, any number of times.

use jpki::{Evidence, Lengths, Method, Tap, TapError};
use proptest::prelude::*;
use sandbox_card::{CounterAfterVerify, CounterWhenExhausted, Person, Selected, Switches, VirtualCard};

use crate::support::{
    RIGHT, TODAY, WRONG, card, held, is_verify, person, pin, play, play_long, play_told_to, play_until,
    right_birth, to_sign, told, verifies, wrong_birth,
};

/// How a tap is lost.
#[derive(Debug, Clone, Copy)]
struct Loss {
    /// When which command was given out.
    at: At,
    /// The command reached the card; only its answer was lost.
    reached: bool,
    /// The challenge of the tap.
    challenge: u8,
    /// What the loss is to the card.
    power: Power,
    heard: Heard,
}

/// What a tap hears of the service, and of its way to the card.
#[derive(Debug, Clone, Copy, Default)]
struct Heard {
    /// It is asked whether it knows the certificate.
    asked: bool,
    /// It does, and says so while the card works on this command, counted from zero.
    known_at: Option<usize>,
    /// The card is expected to refuse short identifiers.
    untried: bool,
    /// What the way carries, which the shell knows and not the service.
    lengths: Lengths,
}

impl Heard {
    /// A tap that hears it.
    fn by(self, mut tap: Tap) -> Tap {
        tap.lengths(self.lengths);
        if self.asked {
            tap.certificate_asked();
        }
        if self.untried {
            tap.without_short_identifiers();
        }
        tap
    }
}

/// What a loss is to the card.
#[derive(Debug, Clone, Copy)]
enum Power {
    /// It left the field.
    Off,
    /// The reader connected anew, with a warm reset.
    Reset,
    /// Nothing: the reader or the app gave up, and the card stayed where it was.
    Kept,
}

impl Loss {
    /// The card leaves the field at this command, with or without having got it.
    fn at(at: At, reached: bool) -> Self {
        Self::heard(at, reached, Heard::default())
    }

    fn heard(at: At, reached: bool, heard: Heard) -> Self {
        Self { at, reached, challenge: 0, power: Power::Off, heard }
    }
}

#[derive(Debug, Clone, Copy)]
enum At {
    /// Counted from zero.
    Command(usize),
    Verify,
    Signature,
}

impl At {
    fn is(self, number: usize, command: &[u8]) -> bool {
        match self {
            Self::Command(nth) => number == nth,
            Self::Verify => is_verify(command),
            Self::Signature => command[1] == 0x2A,
        }
    }
}

/// One entry of a PIN or birth date over all its taps: each is lost as told, the last one is played to the
/// end. How many VERIFYs were given out comes with the outcome.
fn taps(card: &mut VirtualCard, method: Method, losses: &[Loss]) -> (Result<Evidence, TapError>, usize) {
    taps_heard(card, method, losses, Heard::default())
}

/// The same, and the last tap hears this of the service.
fn taps_heard(
    card: &mut VirtualCard,
    method: Method,
    losses: &[Loss],
    last: Heard,
) -> (Result<Evidence, TapError>, usize) {
    let mut given_out = 0;
    let heard = |number: usize| losses.get(number).map_or(last, |loss| loss.heard);
    let tap = Tap::new(method, to_sign(losses.first().map_or(0, |loss| loss.challenge)));
    let mut tap = heard(0).by(tap);
    for (number, loss) in losses.iter().enumerate() {
        let stop = |number, command: &[u8]| loss.at.is(number, command);
        let known_at = loss.heard.known_at;
        let Some(command) = play_told_to(&mut tap, known_at, stop, |command| card.transmit(command)) else {
            // It was over before it could be lost.
            return (Err(TapError::Over), given_out + given_out_in(&tap));
        };
        if loss.reached {
            card.transmit(&command);
        }
        given_out += given_out_in(&tap);
        match loss.power {
            Power::Off => {
                card.power_off();
                card.power_on();
            }
            Power::Reset => card.reset(),
            Power::Kept => {}
        }
        let next = losses.get(number + 1).map_or(0, |loss| loss.challenge);
        tap = heard(number + 1).by(tap.lost().resume(to_sign(next)));
    }
    let outcome = play_long(&mut tap, last.known_at, |command| card.transmit(command));
    (outcome, given_out + given_out_in(&tap))
}

fn given_out_in(tap: &Tap) -> usize {
    let exchanges = tap.transcript().exchanges().iter();
    exchanges.filter(|exchange| exchange.header.ins == 0x20 && exchange.lc > 0).count()
}

/// Hanako's card with so many tries left.
fn hanako(tries: u8, switches: Switches) -> Person {
    let mut hanako = person("hanako");
    hanako.card.pin_tries_left = tries;
    hanako.card.birth_tries_left = tries;
    hanako.card.switches = switches;
    hanako
}

/// A card whose face counts no tries.
const UNLIMITED: fn() -> Switches = || Switches { unlimited: true, ..Switches::default() };

/// The rules that hold for one entry, wherever cards were lost.
fn rules_hold(card: &VirtualCard, given_out: usize) {
    let (seen, refused) = verifies(card);
    assert!(refused <= 1, "one failed VERIFY per entry at most");
    assert!(seen <= given_out && given_out <= 2, "two VERIFYs per entry at most");
    assert!(card.transcript().selected().all(|asked| matches!(asked, Selected::Jpki | Selected::Surface)));
}

/// Each of so many commands, reaching the card or not, in each order of a tap.
fn every_loss(commands: usize) -> impl Iterator<Item = (usize, bool, Heard)> {
    (0..commands * 8).map(|bits| {
        let heard = Heard { asked: bits & 2 != 0, untried: bits & 4 != 0, ..Heard::default() };
        (bits / 8, bits & 1 != 0, heard)
    })
}

#[test]
fn a_card_lost_at_any_command_goes_on_in_the_next_tap() {
    for method in [|| pin(RIGHT), || right_birth("hanako"), || Method::VisualAttested] {
        for read_by_short_id in [true, false] {
            let switches = Switches { read_by_short_id, ..Switches::default() };
            for (at, reached, heard) in every_loss(23) {
                let mut card = held(&hanako(3, switches));
                let loss = Loss::heard(At::Command(at), reached, heard);
                let (outcome, given_out) = taps_heard(&mut card, method(), &[loss], heard);
                rules_hold(&card, given_out);
                match outcome {
                    Ok(evidence) => {
                        assert_eq!(evidence.certificate, Some(person("hanako").certificate(TODAY)));
                    }
                    Err(error) => assert_eq!(error, TapError::Over, "lost at {at}"),
                }
            }
        }
    }
}

#[test]
fn a_wrong_secret_is_told_by_the_counter_even_if_its_answer_was_lost() {
    let methods: [(fn() -> Method, TapError); 2] = [
        (|| pin(WRONG), TapError::PinWrong { tries_left: 2 }),
        (wrong_birth, TapError::BirthDateWrong { tries_left: Some(2) }),
    ];
    for (method, wrong) in methods {
        for read_by_short_id in [true, false] {
            let switches = Switches { read_by_short_id, ..Switches::default() };
            for (at, reached, heard) in every_loss(14) {
                let mut card = held(&hanako(3, switches));
                let loss = Loss::heard(At::Command(at), reached, heard);
                let (outcome, given_out) = taps_heard(&mut card, method(), &[loss], heard);
                rules_hold(&card, given_out);
                let error = outcome.expect_err("wrong");
                assert!(error == wrong || error == TapError::Over, "{error:?}");
                if error == wrong {
                    assert_eq!(verifies(&card), (1, 1));
                }
            }
        }
    }
}

#[test]
fn a_signature_in_hand_is_not_asked_for_again() {
    let mut card = card("hanako");
    // The sixth command reads on in the certificate, after the signature.
    let (outcome, given_out) = taps(&mut card, pin(RIGHT), &[Loss::at(At::Command(5), false)]);
    outcome.expect("evidence");
    assert_eq!(given_out, 1);
    let signatures = card
        .transcript()
        .exchanges()
        .iter()
        .filter(|seen| seen.header.is_some_and(|[_, ins, ..]| ins == 0x2A));
    assert_eq!(signatures.count(), 1);
    assert_eq!(card.transcript().len(), 5 + 2 + 6);
}

#[test]
fn a_new_challenge_after_a_loss_is_signed_anew() {
    let mut card = card("hanako");
    let mut tap = Tap::new(pin(RIGHT), to_sign(1));
    play_until(&mut tap, 5, |command| card.transmit(command)).expect("not over");
    card.power_off();
    card.power_on();
    play(&mut tap.lost().resume(to_sign(2)), |command| card.transmit(command)).expect("evidence");
    assert_eq!(verifies(&card), (2, 0));
}

#[test]
fn a_birth_date_that_was_right_is_sent_again_even_where_tries_are_not_counted() {
    let loss = |at| [Loss::at(at, true)];
    let mut card = held(&hanako(3, UNLIMITED()));
    let (outcome, _) = taps(&mut card, right_birth("hanako"), &loss(At::Command(12)));
    outcome.expect("evidence");
    assert_eq!(verifies(&card), (2, 0));

    // But not where its answer was lost: it might have been the first wrong one.
    let mut card = held(&hanako(3, UNLIMITED()));
    let (outcome, _) = taps(&mut card, right_birth("hanako"), &loss(At::Verify));
    assert_eq!(outcome.expect_err("unknown"), TapError::AskAgain);
    assert_eq!(verifies(&card), (1, 0));
}

#[test]
fn another_card_after_a_loss_gets_no_secret() {
    for method in [|| pin(RIGHT), || right_birth("hanako"), || Method::VisualAttested] {
        for at in 2..8 {
            let mut first = card("hanako");
            let mut tap = Tap::new(method(), to_sign(0));
            play_until(&mut tap, at, |command| first.transmit(command)).expect("not over");
            let mut other = card("futago");
            let mut tap = tap.lost().resume(to_sign(0));
            let error = play(&mut tap, |command| other.transmit(command)).expect_err("another card");
            assert_eq!(error, TapError::AnotherCard);
            assert_eq!(other.transcript().len(), 2);

            // And the first one does not get it either any more.
            first.power_off();
            first.power_on();
            let before = verifies(&first);
            let _ = play(&mut tap.lost().resume(to_sign(0)), |command| first.transmit(command));
            assert_eq!(verifies(&first), before);
        }
    }
}

fn losses() -> impl Strategy<Value = Vec<Loss>> {
    let at = prop_oneof![(0_usize..23).prop_map(At::Command), Just(At::Verify), Just(At::Signature)];
    let power = prop::sample::select(vec![Power::Off, Power::Reset, Power::Kept]);
    let loss = (at, any::<bool>(), 0_u8..2, power, heard());
    let loss =
        loss.prop_map(|(at, reached, challenge, power, heard)| Loss { at, reached, challenge, power, heard });
    prop::collection::vec(loss, 0..4)
}

/// The service may say what it was not asked: no rule rests on it.
fn heard() -> impl Strategy<Value = Heard> {
    let known_at = prop::option::of(0_usize..23);
    let lengths = prop::sample::select(vec![Lengths::Short, Lengths::Extended]);
    (any::<[bool; 2]>(), known_at, lengths).prop_map(|([asked, untried], known_at, lengths)| Heard {
        asked,
        known_at,
        untried,
        lengths,
    })
}

fn switches() -> impl Strategy<Value = Switches> {
    let after_verify = prop::sample::select(vec![CounterAfterVerify::Tries, CounterAfterVerify::Success]);
    let exhausted = prop::sample::select(vec![CounterWhenExhausted::NotShown, CounterWhenExhausted::Zero]);
    (any::<[bool; 7]>(), after_verify, exhausted).prop_map(
        |(
            [read, verify, sign, moves, sleepy, unlimited, long],
            counter_after_verify,
            counter_when_exhausted,
        )| {
            Switches {
                read_by_short_id: read,
                verify_by_short_id: verify,
                sign_by_short_id: sign,
                short_id_moves_current_ef: moves,
                first_command_6f00: sleepy,
                unlimited,
                extended_le: long,
                counter_after_verify,
                counter_when_exhausted,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_rules_on_tries_hold_wherever_cards_are_lost(
        losses in losses(),
        last in heard(),
        right in any::<bool>(),
        visual in any::<bool>(),
        tries in 1_u8..=3,
        was_told in any::<bool>(),
        switches in switches(),
    ) {
        let method = match (visual, right) {
            (false, true) => pin(RIGHT),
            (false, false) => pin(WRONG),
            (true, true) => right_birth("hanako"),
            (true, false) => wrong_birth(),
        };
        let method = if was_told { told(method) } else { method };
        let counted = !(visual && switches.unlimited);
        let mut card = held(&hanako(tries, switches));
        let (outcome, given_out) = taps_heard(&mut card, method, &losses, last);
        rules_hold(&card, given_out);
        if counted && tries == 1 && !was_told {
            prop_assert_eq!(given_out, 0);
        }
        match outcome {
            Ok(Evidence { certificate, .. }) => {
                prop_assert!(right);
                match certificate {
                    Some(certificate) => prop_assert_eq!(certificate, person("hanako").certificate(TODAY)),
                    None => prop_assert!(!visual && last.known_at.is_some()),
                }
            }
            Err(TapError::PinWrong { tries_left }) => {
                prop_assert!(!right && !visual);
                prop_assert_eq!(tries_left, tries - 1);
            }
            Err(TapError::BirthDateWrong { tries_left }) => {
                prop_assert!(!right && visual);
                prop_assert_eq!(tries_left, counted.then_some(tries - 1));
            }
            Err(TapError::PinBlocked | TapError::BirthDateBlocked) => prop_assert!(!right && tries == 1),
            Err(TapError::PinLastTry | TapError::BirthDateLastTry) => prop_assert!(counted && tries == 1 && !was_told),
            // Sent twice, or sent to a face that shows no count.
            Err(TapError::AskAgain) => prop_assert!(given_out == 2 || (given_out == 1 && !counted)),
            Err(TapError::Over) => {}
            Err(other) => prop_assert!(false, "{:?}", other),
        }
    }
}
