//! Any bytes, at any time.

use core::time::Duration;

use proptest::prelude::*;
use reader::{Event, Kind, Options, SleepDelay, State};
use secret::SecretBytes;

use crate::bench::{ACS, Bench, FEITIAN, Vectors, kind, options};

/// What may happen to a session.
#[derive(Debug, Clone)]
enum Happening {
    Connected,
    /// The next thing that the reader of the vectors says.
    Said,
    /// The same with a byte changed.
    Garbled(prop::sample::Index, u8),
    /// A part of it.
    Begun(prop::sample::Index),
    AnyBytes(Vec<u8>),
    /// A frame that is whole, with this in it.
    Framed(Vec<u8>),
    Battery(u8),
    Write,
    Written,
    Wait(u16),
    Deadline,
    PowerOn,
    PowerOff,
    Transmit(usize),
    Firmware,
    NeverSleep,
    Goodbye,
    Disconnected,
}

/// A message of the ACS protocol, by its own rules.
fn message(kind: u8, [_, parameter, _]: [u8; 3], payload: &[u8]) -> Vec<u8> {
    let [.., high, low] = payload.len().to_be_bytes();
    let mut message = [&[kind, high, low, 0, 0, parameter, 0], payload].concat();
    message[6] = message.iter().fold(0, |sum, byte| sum ^ byte);
    message
}

/// What makes it whole for this kind of reader.
fn frame(kind: &Kind, content: &[u8]) -> Vec<u8> {
    let (low, high) = (content.len().to_le_bytes()[0], content.len().to_le_bytes()[1]);
    if kind.service == crate::bench::kind(ACS).service {
        let sum = content.iter().fold(low ^ high, |sum, byte| sum ^ byte);
        [&[0x05, high, low], content, &[sum, 0x0A]].concat()
    } else {
        // The sequence is one of the first few.
        let kind = content[0] & 0x03 | 0x80;
        [&[kind, low, high, 0, 0, 0, content[0] >> 4, content[0] & 0xC2, low, 0], content].concat()
    }
}

fn happening() -> impl Strategy<Value = Happening> {
    use Happening::*;
    prop_oneof![
        1 => Just(Connected),
        12 => Just(Said),
        1 => (any::<prop::sample::Index>(), 1..=u8::MAX).prop_map(|(at, change)| Garbled(at, change)),
        1 => any::<prop::sample::Index>().prop_map(Begun),
        1 => prop::collection::vec(any::<u8>(), 0..300).prop_map(AnyBytes),
        1 => prop::collection::vec(any::<u8>(), 1..100).prop_map(Framed),
        // A message of the ACS protocol in the clear, or the header of one of CCID.
        2 => (0x80..0x84_u8, any::<[u8; 3]>(), prop::collection::vec(any::<u8>(), 0..60))
            .prop_map(|(kind, own, payload)| Framed(message(kind, own, &payload))),
        2 => (0x50..0x52_u8, 0..8_u8).prop_map(|(kind, own)| Framed(message(kind, [own; 3], &[]))),
        1 => any::<u8>().prop_map(Battery),
        12 => Just(Write),
        12 => Just(Written),
        1 => any::<u16>().prop_map(Wait),
        1 => Just(Deadline),
        2 => Just(PowerOn),
        1 => Just(PowerOff),
        4 => (0_usize..300).prop_map(Transmit),
        1 => Just(Firmware),
        1 => Just(NeverSleep),
        1 => Just(Goodbye),
        1 => Just(Disconnected),
    ]
}

fn any_kind() -> impl Strategy<Value = &'static Kind> {
    prop_oneof![Just(kind(ACS)), Just(kind(FEITIAN))]
}

/// Goes through it, and looks that nothing happens that must not.
fn run(kind: &'static Kind, ready: bool, happenings: Vec<Happening>) {
    let vectors = if kind.service == crate::bench::kind(ACS).service {
        let mut vectors = Vectors::acs();
        vectors.steps.retain(|step| !step.what.starts_with("sleep delay"));
        vectors
    } else {
        Vectors::ccid()
    };
    let bench = if ready { Bench::powered(&vectors, kind) } else { Bench::new(kind, options()) };
    let said: Vec<&[u8]> =
        vectors.steps.iter().filter(|step| !step.by_host).map(|step| &step.frame[..]).collect();
    let mut next = said.iter().cycle().skip(if ready { 5 } else { 0 });
    let Bench { session, mut now, .. } = bench;
    let mut session = session;
    let mut state = session.state();
    let mut outcomes_due = 0_usize;
    let mut in_flight = false;
    for happening in happenings {
        match happening {
            Happening::Connected => session.connected(now),
            Happening::Said => session.notified(kind.notify, next.next().expect("a cycle"), now),
            Happening::Garbled(at, change) => {
                let mut frame = next.next().expect("a cycle").to_vec();
                let at = at.index(frame.len());
                frame[at] ^= change;
                session.notified(kind.notify, &frame, now);
            }
            Happening::Begun(end) => {
                let frame = next.next().expect("a cycle");
                session.notified(kind.notify, &frame[..end.index(frame.len())], now);
            }
            Happening::AnyBytes(bytes) => session.notified(kind.notify, &bytes, now),
            Happening::Framed(content) => session.notified(kind.notify, &frame(kind, &content), now),
            Happening::Battery(level) => session.notified(kind.battery, &[level], now),
            Happening::Write => {
                if let Some(write) = session.next_write() {
                    assert!(!in_flight, "one at a time");
                    assert!((1..=kind.chunk.get()).contains(&write.bytes.len()));
                    in_flight = true;
                }
            }
            Happening::Written => {
                session.written(now);
                in_flight = false;
            }
            Happening::Wait(milliseconds) => {
                now += Duration::from_millis(milliseconds.into());
                session.tick(now);
            }
            Happening::Deadline => {
                if let Some(deadline) = session.deadline() {
                    now = now.max(deadline);
                    session.tick(now);
                }
            }
            Happening::PowerOn => outcomes_due += usize::from(session.power_on(now).is_ok()),
            Happening::PowerOff => outcomes_due += usize::from(session.power_off(now).is_ok()),
            Happening::Transmit(length) => {
                let command = SecretBytes::new(vec![0; length]);
                outcomes_due += usize::from(session.transmit(command, now).is_ok());
            }
            Happening::Firmware => outcomes_due += usize::from(session.ask_firmware(now).is_ok()),
            Happening::NeverSleep => {
                outcomes_due += usize::from(session.set_sleep_delay(SleepDelay::Never, now).is_ok());
            }
            Happening::Goodbye => {
                let _ = session.goodbye(now);
            }
            Happening::Disconnected => session.disconnected(),
        }
        while let Some(event) = session.next_event() {
            match event {
                Event::State(to) => {
                    assert!(state.may_become(to), "{state:?} → {to:?}");
                    state = to;
                }
                Event::PoweredOn(_)
                | Event::PoweredOff
                | Event::Answer(_)
                | Event::Firmware(_)
                | Event::SleepDelay(_) => {
                    assert!(outcomes_due > 0, "an outcome of nothing");
                    outcomes_due -= 1;
                }
                Event::Failed(_) => outcomes_due = outcomes_due.saturating_sub(1),
                _ => {}
            }
        }
        assert!(outcomes_due <= 1, "one at a time");
        assert_eq!(state, session.state());
        if state == State::Lost {
            assert!(session.next_write().is_none());
            assert_eq!(session.deadline(), None);
            assert_eq!(outcomes_due, 0, "an outcome that never came");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics_and_every_life_is_a_legal_one(
        kind in any_kind(),
        ready in any::<bool>(),
        happenings in prop::collection::vec(happening(), 0..80),
    ) {
        run(kind, ready, happenings);
    }
}

proptest! {
    #[test]
    fn a_stream_says_the_same_however_it_is_cut(sizes in prop::collection::vec(1_usize..=300, 1..30)) {
        let cut = |stream: &[u8], sizes: &mut dyn Iterator<Item = &usize>| {
            let (mut pieces, mut rest) = (Vec::new(), stream);
            while !rest.is_empty() {
                let (piece, after) = rest.split_at(rest.len().min(*sizes.next().expect("a cycle")));
                pieces.push(piece.to_vec());
                rest = after;
            }
            pieces
        };
        let never = || Options { sleep: Some(SleepDelay::Never), ..options() };
        for (kind, vectors, begin) in [
            (kind(ACS), Vectors::acs(), &never as &dyn Fn() -> Options),
            (kind(FEITIAN), Vectors::ccid(), &options),
        ] {
            let mut whole = Bench::new(kind, begin());
            whole.play(&vectors, &mut |stream| vec![stream.to_vec()]);
            let mut sizes = sizes.iter().cycle();
            let mut in_pieces = Bench::new(kind, begin());
            in_pieces.play(&vectors, &mut |stream| cut(stream, &mut sizes));
            prop_assert_eq!(whole.told, in_pieces.told);
        }
    }
}
