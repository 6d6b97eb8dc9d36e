//! No script of faults makes more than one failed VERIFY for one entry.

use core::time::Duration;

use bluetooth::Setup;
use proptest::prelude::*;
use sandbox_reader::ble::{Activation, CardEvent, Fault, Layer, Mishap, Place};

use crate::support::{Direct, Entry, assert_unharmed, shell};

fn event() -> impl Strategy<Value = CardEvent> {
    prop_oneof![Just(CardEvent::Arrived), Just(CardEvent::Left), Just(CardEvent::Asleep)]
}

fn time() -> impl Strategy<Value = Duration> {
    (0_u64..40_000).prop_map(Duration::from_millis)
}

/// What can be noticed: a CCID reader that changes a data byte can lie about the counter, so that only its headers are
/// corrupted.
fn mishap(acs: bool) -> impl Strategy<Value = Mishap> {
    let at = 0_usize..if acs { 60 } else { 10 };
    let after = 0_usize..300;
    let corrupt = move |layer| {
        (at.clone(), 1..=u8::MAX).prop_map(move |(at, xor)| Mishap::Corrupt { layer, at, xor, mended: false })
    };
    prop_oneof![
        corrupt(Layer::Frame),
        corrupt(Layer::Message),
        any::<u16>().prop_map(|by| Mishap::Lengthen { by }),
        after.clone().prop_map(|after| Mishap::Stall { after }),
        after.clone().prop_map(|after| Mishap::Drop { after }),
        (after.clone(), time()).prop_map(|(after, time)| Mishap::Pause { after, time }),
        (after, prop::collection::vec(event(), 1..4))
            .prop_map(|(after, events)| Mishap::Interject { after, events }),
        any::<(u8, bool)>().prop_map(|(code, worked)| Mishap::HardwareError { code, worked }),
        any::<(u8, bool)>().prop_map(|(error, worked)| Mishap::Fail { error, worked }),
        any::<bool>().prop_map(|worked| Mishap::CardLeaves { worked }),
        any::<bool>().prop_map(|worked| Mishap::FallAsleep { worked }),
        Just(Mishap::Clear),
        any::<u8>().prop_map(|extra| Mishap::Ragged { extra }),
        any::<[u8; 16]>().prop_map(|block| Mishap::Challenge { block }),
        Just(Mishap::WrongRandomA),
        Just(Mishap::WrongRandomB),
        (0_u8..5, any::<u8>(), time()).prop_map(|(times, multiplier, time)| Mishap::TimeExtension {
            times,
            multiplier,
            time
        }),
    ]
}

fn script(acs: bool) -> impl Strategy<Value = Vec<Fault>> {
    let place =
        prop_oneof![9 => (0_u32..45).prop_map(Place::Answer), 1 => (0_u32..8).prop_map(Place::Notice)];
    let fault = (place, mishap(acs)).prop_map(|(at, mishap)| Fault { at, mishap });
    prop::collection::vec(fault, 0..12)
}

fn setup() -> impl Strategy<Value = (Setup, Vec<Fault>)> {
    let kind = prop::sample::select(Setup::all().to_vec());
    // With a chunk of one byte, a notification of two cannot be told from an answer.
    let chunk = prop::sample::select(vec![2_u8, 3, 7, 20, 64, 244]);
    let switches = any::<[bool; 2]>();
    (kind, chunk, any::<u64>(), switches).prop_flat_map(|((name, setup), chunk, seed, [shaken, active])| {
        let setup = setup.chunks(chunk);
        let mut setup = if shaken { setup.shaken(seed) } else { setup };
        if active {
            setup.reader.activation = Activation::OnArrival;
        }
        (Just(setup), script(name.starts_with("ACS")))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn at_most_one_try_for_each_entry(
        (mut setup, faults) in setup(),
        entry in prop::sample::select(vec![Entry::WrongPin, Entry::WrongPin, Entry::RightPin, Entry::RightBirth]),
    ) {
        setup.reader.faults = faults;
        let mut shell = shell(setup);
        let visited = entry.visit().go(&mut shell);
        assert_unharmed(&mut shell, entry, &visited);
        if visited.evidence().is_some() {
            prop_assert!(Direct::new(entry).is_end_of(&visited));
        }
    }
}
