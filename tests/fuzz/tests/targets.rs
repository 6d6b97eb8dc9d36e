//! Every fuzz target for some seconds: `cargo xtask fuzz TARGET [SECONDS]` runs one for longer.

use std::time::Duration;

use fuzz::{Changes, TARGETS, Target};

/// For bytes without sense, unless `BOLERO_RANDOM_TEST_TIME_MS` says otherwise.
const WITHOUT_SENSE: Duration = Duration::from_millis(500);

/// For examples with changes, likewise.
const CHANGED: Duration = Duration::from_secs(2);

/// Longer than whatever comes in one piece, but for bodies.
const LONGEST: usize = 1024;

fn target(name: &str) -> Target {
    TARGETS.into_iter().find(|target| target.name == name).expect("a target")
}

macro_rules! targets {
    ($($name:ident)+) => {
        $(
            #[test]
            fn $name() {
                let target = target(stringify!($name));
                bolero::check!(name = stringify!($name))
                    .with_test_time(WITHOUT_SENSE)
                    .with_max_len(LONGEST)
                    .for_each(|bytes: &[u8]| (target.run)(bytes));
                let examples = (target.examples)();
                bolero::check!(name = concat!(stringify!($name), "/changed"))
                    .with_test_time(CHANGED)
                    .with_type::<Changes>()
                    .for_each(|changes| (target.run)(&changes.of(&examples)));
            }
        )+

        #[test]
        fn every_target_is_run() {
            assert_eq!(TARGETS.map(|target| target.name), [$(stringify!($name)),+]);
        }
    };
}

targets! { acs ccid command response tlv dialogue certificate record attestation messages link est loopback }

#[test]
fn the_corpus_holds_the_examples() {
    for target in TARGETS {
        for example in (target.examples)() {
            let file = fuzz::corpus(&target).join(&example.name);
            let kept = std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            assert!(kept == example.bytes, "{}: run `cargo run -p madoguchi-fuzz`", file.display());
        }
    }
}
