//! Secure messaging of 券面事項入力補助AP, of which `myna-card` is the only public client.

use myna_card::ap::text::{Attributes, TextAp, ef};
use myna_card::sm::SEED_LEN;
use myna_card::{Error, Pin};

use super::{Bench, CODE_A, CODE_B, PIN, pin, refused};

/// Of every session here. A terminal takes a new one each time.
const SEED: [u8; SEED_LEN] = *b"a seed that nobody has to guess.";

#[test]
fn number_and_attributes_are_read_under_encryption_as_in_the_clear() {
    let bench = Bench::with("hanako");
    let mut client = Bench::connect();
    let mut text = TextAp::select(&mut client).expect("券面事項入力補助AP");
    text.verify_pin(&pin(PIN)).expect("her PIN, in the clear");
    let clear = [ef::MY_NUMBER, ef::ATTRIBUTES].map(|file| text.read_ef(file).expect("after the PIN"));
    let physical = text.read_my_number_file().expect("after the PIN");

    bench.inserted.with(|plugged| plugged.card.clear_transcript());
    let mut session = text.open_secure_session(&SEED).expect("after the PIN");
    let secret = [ef::MY_NUMBER, ef::ATTRIBUTES].map(|file| session.read_ef(file).expect("in the session"));
    assert!(secret == clear);
    assert!(session.read_ef_physical(ef::MY_NUMBER).expect("in the session") == physical);
    let attributes = Attributes::parse(&secret[1]).expect("EF 0002");
    assert_eq!(attributes.split_name(), Some(("山田", "花子")));
    assert_eq!((session.counter(), session.is_broken()), (7, false));

    // Nothing of it went over the line as it is.
    let line = bench.card().transcript().to_string();
    assert!(line.contains("80 AE"), "{line}");
    assert!(line.lines().filter(|said| said.contains("08 B0")).count() == 3, "{line}");
}

#[test]
fn a_secret_presented_in_a_session_counts_as_in_the_clear() {
    let bench = Bench::with("hanako");
    let mut client = Bench::connect();
    let mut text = TextAp::select(&mut client).expect("券面事項入力補助AP");
    text.verify_pin(&pin(PIN)).expect("her PIN, in the clear");
    let mut session = text.open_secure_session(&SEED).expect("after the PIN");
    session.verify(ef::CODE_A, &pin(CODE_A)).expect("her number");
    session.verify(ef::CODE_B, &pin(CODE_B)).expect("her 照合番号B");
    let wrong = session.verify(ef::CODE_A, &Pin::numeric("993041043375").expect("digits"));
    assert!(matches!(wrong, Err(Error::PinIncorrect { retries: Some(9) })), "{wrong:?}");
    // 0012 is blocked from issuance; a refusal of the application does not end the session.
    let blocked = session.verify(0x0012, &pin("1234"));
    assert!(matches!(blocked, Err(Error::PinBlocked)), "{blocked:?}");
    session.verify(ef::CODE_A, &pin(CODE_A)).expect("her number");
    assert!(session.counter() == 6 && !session.is_broken());
    assert_eq!(bench.card().failed_verifies(), 1);
}

#[test]
fn a_session_needs_the_pin_and_only_the_pin() {
    let _bench = Bench::with("hanako");
    let mut client = Bench::connect();
    let mut text = TextAp::select(&mut client).expect("券面事項入力補助AP");
    // The key that it is delivered to is behind the PIN or a 照合番号.
    assert_eq!(refused(text.open_secure_session(&SEED).map(drop)), 0x6982);
    text.verify_code_a(&pin(CODE_A)).expect("her number");
    assert_eq!(refused(text.open_secure_session(&SEED).map(drop)), 0x6982, "照合番号A is not enough");
    text.verify_pin(&pin(PIN)).expect("her PIN");
    text.open_secure_session(&SEED).expect("after the PIN");
}

#[test]
fn a_session_ends_when_an_application_is_selected() {
    let _bench = Bench::with("hanako");
    let mut client = Bench::connect();
    let mut text = TextAp::select(&mut client).expect("券面事項入力補助AP");
    text.verify_pin(&pin(PIN)).expect("her PIN");
    let mut session = text.open_secure_session(&SEED).expect("after the PIN");
    session.read_ef(ef::MY_NUMBER).expect("in the session");
    session.card().select_df(&myna_card::ap::text::DF).expect("the same application");
    assert!(session.read_ef(ef::MY_NUMBER).is_err());
    assert!(session.is_broken());
    // Selected again it is what it was: the PIN is still verified, and a new session can be opened.
    let mut text = TextAp::select(&mut client).expect("券面事項入力補助AP");
    let mut session = text.open_secure_session(&SEED).expect("the PIN is still verified");
    session.read_ef(ef::ATTRIBUTES).expect("in the session");
}
