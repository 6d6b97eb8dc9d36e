//! Any action in any state gives a defined screen.

use std::time::Duration;

use proptest::prelude::*;
use secret::SecretBytes;

use super::{
    Bench, PASSCODE,
    biometrics::{Finger, on_a_phone},
    links::reader,
    passcode,
    screens::show_result,
};
use crate::{
    Action, Era, ExportPolicy, ExposedPin, Language, Link, LogInView, Lost, Method, Protection,
    ReaderTrouble, Screen, Tap, TapStep, View, Weight, check::Fresh, state::Stage,
};

/// One thing that happens.
#[derive(Debug, Clone, Copy)]
enum Happening {
    Acts(usize),
    Runs,
    Passes(u16),
    Challenge,
    StartsTap,
    Answers(u8),
    Loses(usize),
    /// The device recognises somebody, where the screen asks for it.
    Recognises,
    /// Biometrics are switched on, with a key that signs.
    Enables,
}

/// Every kind of action; some twice, with what is taken and what is not.
fn action(number: usize) -> Action {
    let link = "madoguchi://enrol?service=https://127.0.0.1:1&account=W0000001&secret=AAAAAAAAAAAAAAAAAAAAAA\
                &root=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&institution=x";
    match number {
        0 => Action::OpenLink(link.to_owned()),
        1 => Action::OpenLink("https://example.invalid/".to_owned()),
        2 => Action::Account {
            account: "W0000001".to_owned(),
            code: SecretBytes::new(b"1234 5678 9012".to_vec()),
        },
        3 => Action::Account { account: String::new(), code: SecretBytes::new(vec![0xFF]) },
        4 => Action::Confirm,
        5 => Action::Back,
        6 => Action::Passcode(passcode(PASSCODE)),
        7 => Action::Passcode(passcode("999111")),
        8 => Action::Choose(Method::Visual),
        9 => Action::Choose(Method::Pin),
        10 => Action::Consent { limit_amount: true },
        11 => Action::Era(Era::Reiwa),
        12 => Action::Era(Era::Meiji),
        13 => Action::Digit(1),
        14 => Action::Digit(0),
        15 => Action::Digit(255),
        16 => Action::Erase,
        17 => Action::Cancel,
        18 => Action::GoOn,
        19 => Action::UseVisual,
        20 => Action::UsePin,
        21 => Action::Retry,
        22 => Action::Next,
        23 => Action::Lock,
        24 => Action::Tick,
        25 => Action::Touch,
        26 => Action::Hidden,
        27 => Action::Settings,
        28 => Action::SetLanguage(Language::En),
        29 => Action::SetDefaultMethod(Some(Method::Pin)),
        30 => Action::ForgetDevice,
        31 => Action::ReaderInUse(None),
        32 => Action::ReaderInUse(Some(reader(Protection::Plain))),
        33 => Action::ReaderInUse(Some(reader(Protection::CustomerKey))),
        34 => Action::SetExposedPin(ExposedPin::DangerAfterWarning),
        35 => Action::EnterReaderKey,
        36 => Action::ReaderKey(SecretBytes::new(b"C0FFEE00 11223344 55667788 99AABBCC".to_vec())),
        37 => Action::ReaderKey(SecretBytes::new(b"C0FFEE".to_vec())),
        38 => Action::ReaderKey(SecretBytes::new(Vec::new())),
        39 => Action::BiometricSignature(vec![0x30, 0x00]),
        40 => Action::BiometricsChanged,
        41 => Action::EnableBiometrics { public_key: [0x04; 65] },
        42 => Action::DisableBiometrics,
        43 => Action::SetSounds(false),
        44 => Action::SetVibration(false),
        45 => Action::About,
        46 => Action::SetExport(ExportPolicy::CopyAndFile),
        _ => Action::Reader(ReaderTrouble::ALL[number % ReaderTrouble::ALL.len()]),
    }
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        8 => (0_usize..47 + ReaderTrouble::ALL.len()).prop_map(Happening::Acts),
        4 => (13_usize..=14).prop_map(Happening::Acts),
        2 => Just(Happening::Runs),
        1 => (0_u16..400).prop_map(Happening::Passes),
        1 => Just(Happening::Challenge),
        1 => Just(Happening::StartsTap),
        1 => any::<u8>().prop_map(Happening::Answers),
        1 => (0..=ReaderTrouble::ALL.len()).prop_map(Happening::Loses),
        1 => Just(Happening::Recognises),
        1 => Just(Happening::Enables),
    ]
}

/// The states from which it starts.
fn start(number: usize) -> Bench {
    let bench = match number {
        0 => return Bench::new(),
        1 => return Bench::enrolled(3),
        2 => {
            let bench = Bench::enrolled(0);
            bench.counter.with(|state, _| state.stage = Stage::ChoosePasscode { first: None, problem: None });
            return bench;
        }
        3 => return Bench::enrolled(crate::login::MAX_WRONG),
        _ => Bench::logged_in(),
    };
    match number {
        5 => drop(bench.counter.act(Action::Choose(Method::Visual))),
        6 => show_result(&bench, "1"),
        7 | 8 => {
            bench.counter.act(Action::Choose(Method::Pin));
            for digit in [1, 2, 3, 4] {
                bench.counter.act(Action::Digit(digit));
            }
        }
        _ => {}
    }
    if number == 8 {
        challenge(&bench);
    }
    bench
}

fn challenge(bench: &Bench) {
    bench.counter.with(|state, now| {
        let challenge = service::messages::Challenge { nonce: vec![1; 32], token: vec![2], expires_in: 120 };
        if let Some(session) = &mut state.session {
            session.challenge = Fresh::new(challenge, now.steady);
        }
    });
}

/// What holds of every screen.
fn check(bench: &Bench, screen: &Screen) -> Result<(), TestCaseError> {
    prop_assert!(!screen.title.is_empty());
    prop_assert!(screen.buttons.iter().filter(|button| button.weight == Weight::Main).count() <= 1);
    prop_assert!(screen.buttons.iter().all(|button| !button.label.is_empty()));
    prop_assert!(screen.wake_at.is_none_or(|at| at > screen.made_at), "a shell would spin");
    // A name that has no text would stand there as it is.
    let text = screen.to_text();
    prop_assert!(!text.contains("title-") && !text.contains("button-") && !text.contains('{'), "{}", text);
    // Somebody must be able to leave every screen, by a button, a form or by waiting.
    let left_alone = matches!(
        screen.view,
        View::SetUp(_) | View::LogIn(_) | View::ChoosePasscode(_) | View::Choose(_) | View::Waiting(_)
    );
    prop_assert!(left_alone || !screen.buttons.is_empty(), "{}", text);
    // A button that does not work yet works by waiting.
    let late = screen.buttons.iter().filter_map(|button| button.enabled_at).max();
    prop_assert!(late.is_none_or(|at| screen.wake_at.is_some_and(|wake| wake <= at)), "{}", text);
    // Nobody waits for what nobody does.
    let waiting = matches!(screen.view, View::Waiting(_));
    prop_assert!(!waiting || screen.work || bench.counter.with(|state, _| state.running), "{}", text);
    // Whoever is not logged in finds the key locked. Before there is a passcode, it is nobody's.
    let (session, has_passcode) = bench.counter.with(|state, _| {
        let verifier = state.device.as_ref().and_then(|device| device.verifier.as_ref());
        (state.session.as_ref().map(|session| session.passcode_at), verifier.is_some())
    });
    // Biometrics open what needs no passcode: the gate before the key, not the key of this test.
    let open = session.is_some_and(|passcode_at| passcode_at.is_some());
    prop_assert!(!has_passcode || open == bench.safe.is_open(), "{}", text);
    prop_assert!(
        screen.secure || !matches!(screen.view, View::PinPad(_) | View::Result(_) | View::BirthDate(_))
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_action_in_any_state_gives_a_defined_screen(
        from in 0_usize..9,
        happenings in prop::collection::vec(happening(), 1..24),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let _inside = runtime.enter();
        let bench = on_a_phone(start(from));
        let finger = Finger::new();
        let mut tap: Option<Tap> = None;
        for happening in happenings {
            let screen = match happening {
                Happening::Acts(number) => bench.counter.act(action(number)),
                Happening::Runs => {
                    let mut screen = runtime.block_on(bench.counter.run());
                    for _ in 0..8 {
                        if screen.work {
                            screen = runtime.block_on(bench.counter.run());
                        }
                    }
                    prop_assert!(!screen.work, "work without end: {}", screen.to_text());
                    screen
                }
                Happening::Passes(seconds) => {
                    bench.hands.pass(Duration::from_secs(seconds.into()));
                    bench.counter.screen()
                }
                Happening::Challenge => {
                    challenge(&bench);
                    bench.counter.screen()
                }
                Happening::StartsTap => {
                    let ready = matches!(bench.counter.screen().view, View::HoldCard(view) if view.ready);
                    let started = bench.counter.tap(Link::Direct);
                    prop_assert_eq!(started.is_some(), ready);
                    tap = started.or(tap);
                    bench.counter.screen()
                }
                Happening::Answers(byte) => {
                    let answers: [Option<&[u8]>; 4] =
                        [None, Some(&[0x90, 0x00]), Some(&[0x6A, 0x82]), Some(&[0x63])];
                    match tap.as_mut().map(|tap| tap.next(answers[usize::from(byte % 4)])) {
                        Some(TapStep::Done(screen)) => screen,
                        _ => bench.counter.screen(),
                    }
                }
                Happening::Loses(how) => match tap.take() {
                    Some(tap) => {
                        tap.lost(ReaderTrouble::ALL.get(how).map_or(Lost::CardGone, |how| Lost::Reader(*how)))
                    }
                    None => bench.counter.screen(),
                },
                Happening::Enables => bench.counter.act(finger.enable()),
                Happening::Recognises => match bench.counter.screen().view {
                    View::LogIn(LogInView { biometrics: Some(view), .. }) => {
                        bench.counter.act(finger.sign(&view.message))
                    }
                    _ => bench.counter.screen(),
                },
            };
            check(&bench, &screen)?;
        }
    }
}
