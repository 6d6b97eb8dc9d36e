//! The key that an institution set in its Bluetooth reader.

use std::fmt::Write;
use std::sync::atomic::Ordering;

use ::reader::{Entropy, Kind, Session};
use proptest::prelude::*;
use secret::SecretBytes;

use super::{
    Bench, PASSCODE,
    links::{challenge, digits, reader},
};
use crate::{
    Action, Failure, Language, Method, Protection, ReaderInfo, ReaderKeyView, ReaderLife, ReaderTrouble,
    Screen, StorageError, View,
    vault::{DEVICE, READER_KEYS},
};

const NAME: &str = "ACR1255U-J1-012345";
const OTHER: &str = "ACR1255U-J1-067890";
const TYPED: &str = "C0FFEE00 11223344 55667788 99AABBCC";

fn session(bench: &Bench, name: &str) -> Session {
    let acs = Kind::recognise(Some(NAME), &[]).expect("known by its name");
    bench.counter.reader_session(name, acs, Entropy::from([0; 16]))
}

fn protection(bench: &Bench, name: &str) -> Protection {
    session(bench, name).protection()
}

fn typed(text: &str) -> Action {
    Action::ReaderKey(SecretBytes::new(text.as_bytes().to_vec()))
}

/// Somebody is logged in, and a reader with the factory's key is in use.
fn bench() -> Bench {
    let bench = Bench::logged_in();
    bench.counter.act(Action::ReaderInUse(Some(reader(Protection::FactoryKey))));
    bench
}

fn opened(bench: &Bench) -> ReaderKeyView {
    let screen = bench.counter.act(Action::Settings);
    assert!(screen.button(&Action::EnterReaderKey).is_some(), "{screen:?}");
    view(bench.counter.act(Action::EnterReaderKey))
}

fn view(screen: Screen) -> ReaderKeyView {
    assert!(screen.secure, "a key that is being typed is nobody else's");
    match screen.view {
        View::ReaderKey(view) => view,
        other => panic!("expected the key to be asked for, got {other:?}"),
    }
}

async fn enter(bench: &Bench, text: &str) -> Screen {
    opened(bench);
    let screen = bench.counter.act(typed(text));
    assert!(matches!(screen.view, View::Settings(_)), "taken: {screen:?}");
    bench.counter.run().await;
    bench.counter.act(Action::Back)
}

#[tokio::test]
async fn a_key_that_was_entered_is_kept_over_a_restart_and_removed_again() {
    let bench = bench();
    assert_eq!(protection(&bench, NAME), Protection::FactoryKey);
    let none = opened(&bench);
    assert_eq!((none.problem, none.reader.value.as_str()), (None, NAME));
    bench.counter.act(Action::Back);
    bench.counter.act(Action::Back);

    enter(&bench, TYPED).await;
    assert_eq!(protection(&bench, NAME), Protection::CustomerKey);
    // A reader connects before anybody logs in.
    assert_eq!(protection(&bench.restart(), NAME), Protection::CustomerKey);

    assert_ne!(opened(&bench).kept, none.kept, "it says that there is one");
    let screen = bench.counter.screen();
    let remove = screen.buttons.into_iter().find(|button| matches!(button.action, Action::ReaderKey(_)));
    bench.counter.act(remove.expect("a button that removes it").action);
    bench.counter.run().await;
    assert_eq!(protection(&bench, NAME), Protection::FactoryKey);
    assert!(!bench.drawer.names().contains(&READER_KEYS.to_owned()), "nothing is left of it");
    assert_eq!(protection(&bench.restart(), NAME), Protection::FactoryKey);
}

#[test]
fn what_is_no_key_is_not_taken_and_the_screen_says_why() {
    let bench = bench();
    bench.counter.act(Action::SetLanguage(Language::En));
    opened(&bench);
    for (text, why) in [
        ("", "32 characters"),
        ("   ", "32 characters"),
        ("C0FFEE", "32 characters"),
        ("C0FFEE00112233445566778899AABBCCDD", "32 characters"),
        ("ACR1255U-J1 Auth", "0 to 9 and A to F"),
        // The factory's key, in digits.
        ("41435231323535552D4A312041757468", "public"),
    ] {
        let problem = view(bench.counter.act(typed(text))).problem.expect("it is not taken");
        assert!(problem.contains(why), "{text}: {problem}");
        assert_eq!(protection(&bench, NAME), Protection::FactoryKey, "{text}");
    }
    assert!(matches!(bench.counter.act(typed(TYPED)).view, View::Settings(_)), "then the right one");
    assert_eq!(view(bench.counter.act(Action::EnterReaderKey)).problem, None);
    // A wrong one takes nothing away.
    view(bench.counter.act(typed("C0")));
    bench.counter.act(Action::Back);
    assert_eq!(protection(&bench, NAME), Protection::CustomerKey);
}

#[test]
fn a_reader_without_a_key_of_its_own_is_not_asked_for_one() {
    let bench = Bench::logged_in();
    for none in [None, Some(reader(Protection::Plain))] {
        bench.counter.act(Action::ReaderInUse(none));
        let screen = bench.counter.act(Action::Settings);
        assert!(screen.button(&Action::EnterReaderKey).is_none());
        assert!(matches!(bench.counter.act(Action::EnterReaderKey).view, View::Settings(_)));
        assert!(matches!(bench.counter.act(typed(TYPED)).view, View::Settings(_)));
        bench.counter.act(Action::Back);
    }
    assert_eq!(protection(&bench, NAME), Protection::FactoryKey, "nothing was kept");
}

#[tokio::test]
async fn a_key_belongs_to_the_reader_for_which_it_was_asked() {
    let bench = bench();
    opened(&bench);
    // Another reader while it is typed.
    let other = ReaderInfo { name: "ACR1255U-J1-999999".to_owned(), ..reader(Protection::FactoryKey) };
    let asked = view(bench.counter.act(Action::ReaderInUse(Some(other.clone()))));
    assert_eq!(asked.reader.value, NAME);
    let screen = bench.counter.act(typed(TYPED));
    assert!(!screen.reconnect_reader, "the reader in use has the key that it had");
    assert_eq!(protection(&bench, &other.name), Protection::FactoryKey);
    assert_eq!(protection(&bench, "ACR1255U-J1-01234"), Protection::FactoryKey);
    assert_eq!(protection(&bench, NAME), Protection::CustomerKey);
    // A name is compared as it is shown.
    assert_eq!(protection(&bench, " ACR1255U-J1-\u{202E}012345\n"), Protection::CustomerKey);
    // Each has its own.
    bench.counter.act(Action::EnterReaderKey);
    bench.counter.act(typed("00000000000000000000000000000001"));
    bench.counter.run().await;
    for name in [NAME, &other.name] {
        assert_eq!(protection(&bench.restart(), name), Protection::CustomerKey, "{name}");
    }
    bench.counter.act(Action::EnterReaderKey);
    bench.counter.act(typed(""));
    assert_eq!(protection(&bench, &other.name), Protection::FactoryKey);
    assert_eq!(protection(&bench, NAME), Protection::CustomerKey);
}

#[tokio::test]
async fn after_a_change_the_shell_is_told_to_connect_anew_until_it_does() {
    let bench = bench();
    assert!(!bench.counter.screen().reconnect_reader);
    assert!(enter(&bench, TYPED).await.reconnect_reader);
    session(&bench, "ACR1255U-J1-999999");
    assert!(bench.counter.screen().reconnect_reader, "that was another one");
    assert!(!bench.counter.act(Action::ReaderInUse(None)).reconnect_reader, "not in use");
    assert!(bench.counter.act(Action::ReaderInUse(Some(reader(Protection::FactoryKey)))).reconnect_reader);
    session(&bench, NAME);
    assert!(!bench.counter.screen().reconnect_reader);
    opened(&bench);
    assert!(bench.counter.act(typed("")).reconnect_reader, "taken away");
}

#[test]
fn a_reader_that_refused_its_key_is_asked_again_only_where_somebody_wants_it() {
    let bench = Bench::logged_in();
    bench.counter.act(Action::Choose(Method::Pin));
    digits(&bench, &[1, 2, 3, 4]);
    challenge(&bench);
    let lost = ReaderInfo { life: ReaderLife::Lost, ..reader(Protection::CustomerKey) };
    bench.counter.act(Action::ReaderInUse(Some(lost)));
    for (trouble, asks) in [(ReaderTrouble::TimedOut, false), (ReaderTrouble::NotTrusted, true)] {
        let screen = bench.counter.act(Action::Reader(trouble));
        assert!(!screen.reconnect_reader, "not by itself");
        if asks {
            let View::Failure(view) = &screen.view else { panic!("{screen:?}") };
            assert_eq!(view.failure, Failure::ReaderNotTrusted);
            assert!(view.remedy.contains("設定の「リーダーの鍵」"), "where it is mended: {}", view.remedy);
        }
        assert_eq!(bench.counter.act(Action::Retry).reconnect_reader, asks, "{trouble:?}");
    }
}

#[tokio::test]
async fn the_keys_go_with_the_device() {
    let bench = bench();
    enter(&bench, TYPED).await;
    session(&bench, NAME);
    for action in [Action::Settings, Action::ForgetDevice, Action::Confirm] {
        bench.counter.act(action);
    }
    let screen = bench.counter.run().await;
    assert!(matches!(screen.view, View::SetUp(_)), "{screen:?}");
    assert!(screen.reconnect_reader, "a session with the key is still open");
    assert_eq!(protection(&bench, NAME), Protection::FactoryKey);
    assert_eq!(bench.drawer.names(), ["journal"]);
}

#[tokio::test]
async fn too_many_wrong_attempts_take_the_keys_as_well() {
    let first = bench();
    enter(&first, TYPED).await;
    let kept = first.drawer.files.lock().expect("no test panics with it")[READER_KEYS].clone();
    let bench = Bench::enrolled(crate::login::MAX_WRONG);
    crate::Storage::store(&bench.drawer, READER_KEYS, &kept).expect("a drawer");
    let bench = bench.restart();
    bench.counter.run().await;
    assert_eq!(protection(&bench, NAME), Protection::FactoryKey);
    assert!(!bench.drawer.names().contains(&READER_KEYS.to_owned()));
}

#[tokio::test]
async fn a_key_that_could_not_be_stored_is_told_and_stored_when_asked_again() {
    let bench = bench();
    opened(&bench);
    bench.drawer.fill_up_after(0);
    bench.counter.act(typed(TYPED));
    let screen = bench.counter.run().await;
    let View::Failure(failure) = &screen.view else { panic!("{screen:?}") };
    assert_eq!(failure.failure, Failure::StorageFull);
    bench.drawer.make_room();
    bench.counter.act(Action::Retry);
    let screen = bench.counter.run().await;
    assert!(matches!(screen.view, View::Settings(_)), "{screen:?}");
    assert_eq!(protection(&bench.restart(), NAME), Protection::CustomerKey);

    // Nobody looks at the settings any more: at least the journal has it.
    bench.drawer.fill_up_after(0);
    bench.counter.act(Action::EnterReaderKey);
    bench.counter.act(typed(""));
    bench.counter.act(Action::Back);
    let screen = bench.counter.run().await;
    assert!(matches!(screen.view, View::Choose(_)) && !screen.work, "{screen:?}");
    let last = bench.counter.journal().last().and_then(|entry| entry.code);
    assert_eq!(last, Some(Failure::StorageFull.code()));
}

#[test]
fn the_counter_locks_over_a_key_that_is_being_typed() {
    let bench = bench();
    opened(&bench);
    assert!(matches!(bench.counter.act(Action::Hidden).view, View::LogIn(_)));
    assert!(matches!(bench.counter.act(typed(TYPED)).view, View::LogIn(_)), "too late");
    assert_eq!(protection(&bench, NAME), Protection::FactoryKey);
}

#[tokio::test]
async fn what_could_not_be_read_at_the_start_is_read_later_and_not_written_over_before() {
    let bench = bench();
    enter(&bench, TYPED).await;
    bench.counter.act(Action::Settings);
    bench.counter.act(Action::SetDefaultMethod(Some(Method::Pin)));
    bench.counter.run().await;
    crate::Storage::store(&bench.drawer, DEVICE, &super::device(0).write()).expect("a drawer");
    let before = bench.counter.journal().len();

    bench.drawer.locked.store(true, Ordering::SeqCst);
    let bench = bench.restart();
    let screen = bench.counter.act(Action::SetLanguage(Language::En));
    let View::Failure(failure) = &screen.view else { panic!("{screen:?}") };
    assert_eq!(failure.failure, Failure::StorageInUse);
    bench.counter.run().await;
    bench.drawer.locked.store(false, Ordering::SeqCst);
    bench.counter.run().await;
    bench.counter.act(Action::Retry);
    let screen = bench.counter.run().await;
    assert!(matches!(screen.view, View::LogIn(_)) && screen.language == Language::En, "{screen:?}");
    for bench in [bench.restart(), bench] {
        assert_eq!(protection(&bench, NAME), Protection::CustomerKey);
        let settings = bench.counter.with(|state, _| state.settings.clone());
        assert_eq!((settings.method, settings.language), (Some(Method::Pin), Some(Language::En)));
        assert!(bench.counter.journal().len() > before);
    }
}

/// A restart at which the keys alone cannot be read, and somebody who then enters the key of another reader.
async fn entered_without_those_from_before(error: StorageError) -> (Bench, Screen) {
    let first = bench();
    enter(&first, TYPED).await;
    first.drawer.make_unreadable(Some((READER_KEYS, error)));
    let bench = first.restart().let_in();
    assert_eq!(protection(&bench, NAME), Protection::FactoryKey);
    let other = ReaderInfo { name: OTHER.to_owned(), ..reader(Protection::FactoryKey) };
    bench.counter.act(Action::ReaderInUse(Some(other)));
    opened(&bench);
    bench.counter.act(typed(TYPED));
    let screen = bench.counter.run().await;
    assert_eq!(protection(&bench, OTHER), Protection::CustomerKey);
    (bench, screen)
}

#[tokio::test]
async fn keys_that_alone_could_not_be_read_are_not_written_over() {
    let (bench, screen) = entered_without_those_from_before(StorageError::InUse).await;
    let View::Failure(failure) = &screen.view else { panic!("{screen:?}") };
    assert_eq!(failure.failure, Failure::StorageInUse);
    bench.drawer.make_unreadable(None);
    assert_eq!(protection(&bench.restart(), NAME), Protection::CustomerKey);
    bench.counter.act(Action::Retry);
    let screen = bench.counter.run().await;
    assert!(matches!(screen.view, View::Settings(_)), "{screen:?}");
    for bench in [bench.restart(), bench] {
        for name in [NAME, OTHER] {
            assert_eq!(protection(&bench, name), Protection::CustomerKey, "{name}");
        }
    }
}

#[tokio::test]
async fn keys_that_are_damaged_give_way_to_the_next_one_that_is_entered() {
    let (bench, screen) = entered_without_those_from_before(StorageError::Failed).await;
    assert!(matches!(screen.view, View::Settings(_)), "{screen:?}");
    bench.drawer.make_unreadable(None);
    let bench = bench.restart();
    assert_eq!(protection(&bench, NAME), Protection::FactoryKey);
    assert_eq!(protection(&bench, OTHER), Protection::CustomerKey);
}

#[tokio::test]
async fn settings_that_could_not_be_stored_take_no_unread_key_away() {
    let first = bench();
    enter(&first, TYPED).await;
    first.drawer.make_unreadable(Some((READER_KEYS, StorageError::InUse)));
    let bench = first.restart().let_in();
    bench.counter.act(Action::Settings);
    bench.drawer.fill_up_after(0);
    bench.counter.act(Action::SetDefaultMethod(Some(Method::Pin)));
    let screen = bench.counter.run().await;
    assert!(matches!(screen.view, View::Failure(_)), "{screen:?}");
    bench.drawer.make_room();
    bench.counter.act(Action::Retry);
    bench.counter.run().await;
    bench.drawer.make_unreadable(None);
    assert_eq!(protection(&bench.restart(), NAME), Protection::CustomerKey);
}

proptest! {
    /// Right, wrong or cut short: nothing of it is in a screen, in `Debug`, in the journal or in another file.
    #[test]
    fn nothing_of_a_key_is_shown(key in prop::array::uniform16(any::<u8>()), cut in 0_usize..40) {
        let text = format!("{:032X}", u128::from_be_bytes(key));
        prop_assume!(key.iter().any(|byte| *byte != key[0]));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let bench = bench();
        opened(&bench);
        let mut heap = String::new();
        let mut keep = |screen: Screen| {
            write!(heap, "{screen:?}{screen:#?}{}", screen.to_text()).expect("a string");
        };
        let short = typed(&text[..cut.min(text.len())]);
        let shown = format!("{short:?}");
        keep(bench.counter.act(short));
        bench.counter.act(Action::EnterReaderKey);
        keep(bench.counter.act(typed(&text)));
        keep(runtime.block_on(bench.counter.run()));
        keep(bench.counter.act(Action::EnterReaderKey));
        let session = session(&bench, NAME);
        write!(heap, "{shown}{:?}{:?}{session:?}", bench.counter.journal(), bench.counter).expect("a string");
        let heap = heap.to_uppercase();
        for part in [&text[..8], &text[12..20], &text[24..]] {
            prop_assert!(!heap.contains(part), "{part}");
        }
        let bytes = format!("{}, {}, {}", key[0], key[1], key[2]);
        prop_assert!(!heap.contains(&bytes), "as a list of numbers");
        let files = bench.drawer.files.lock().expect("no test panics with it");
        for (name, bytes) in files.iter().filter(|(name, _)| *name != READER_KEYS) {
            let bare = bytes.windows(16).any(|window| window == key);
            prop_assert!(!bare && !bytes.windows(32).any(|window| window == text.as_bytes()), "{name}");
        }
        prop_assert!(!heap.contains(PASSCODE));
    }
}
