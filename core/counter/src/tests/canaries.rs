//! What must not be found where it does not belong.

use std::fmt::Write;

use super::{Bench, PASSCODE, passcode, screens};
use crate::{Action, Method, Screen, state::Stage};

/// Searches text and bytes: a canary may hide in either.
fn contains(heap: &[u8], needle: &str) -> bool {
    heap.windows(needle.len()).any(|window| window == needle.as_bytes())
}

#[tokio::test]
async fn no_pin_and_no_passcode_in_any_screen_state_file_or_debug() {
    // Digits that stand in no text, number or date of the product.
    const PIN: [u8; 4] = [8, 7, 3, 9];
    let pin = "8739";
    let mut heap = String::new();
    let mut keep = |screen: &Screen| {
        write!(heap, "{screen:?}{screen:#?}{}", screen.to_text()).expect("a string");
    };
    let bench = Bench::enrolled(0);
    keep(&bench.attempt("9182734655").await);
    keep(&bench.attempt(PASSCODE).await);
    let bench = Bench::logged_in();
    keep(&bench.counter.act(Action::Choose(Method::Pin)));
    for digit in PIN {
        keep(&bench.counter.act(Action::Digit(digit)));
    }
    keep(&bench.counter.run().await);
    write!(heap, "{:?}{:?}", bench.counter.journal(), bench.counter).expect("a string");
    write!(heap, "{:?}", Action::Passcode(passcode(PASSCODE))).expect("a string");
    let mut heap = heap.into_bytes();
    heap.extend(bench.drawer.bytes());
    for canary in [pin, PASSCODE, "9182734655"] {
        assert!(!contains(&heap, canary), "{canary} was found");
    }
}

#[tokio::test]
async fn nothing_of_a_patient_in_debug_journal_or_state_files() {
    let bench = Bench::logged_in();
    bench.counter.with(|state, now| {
        let response = screens::response("1", vec![screens::record()]);
        state.stage =
            Stage::Result { response: Box::new(response), method: Method::Pin, shown_at: now.steady };
    });
    let screen = bench.counter.screen();
    assert!(screen.to_text().contains("見本　花子"), "the screen itself shows it");
    let mut heap = format!("{screen:?} {screen:#?} {:?}", bench.counter.journal()).into_bytes();
    bench.counter.run().await;
    heap.extend(bench.drawer.bytes());
    for canary in ["花子", "ハナコ", "５６７８", "06990014", "昭和35年"] {
        assert!(!contains(&heap, canary), "{canary} was found");
    }

    let screen = bench.counter.act(Action::Next);
    assert!(!screen.to_text().contains("花子"));
    bench.counter.act(Action::Choose(Method::Visual));
    for digit in [5, 5, 0, 2, 1] {
        bench.counter.act(Action::Digit(digit));
    }
    let screen = bench.counter.screen();
    assert!(screen.to_text().contains("55・02・1"), "staff see what they type");
    assert!(!format!("{screen:?}{screen:#?}").contains("55・02"));
}
