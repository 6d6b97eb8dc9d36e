//! What this app is, and a device that takes the place of another one.

use super::Bench;
use crate::{Action, ConfirmLinkView, View};

#[test]
fn it_says_what_it_is_wherever_nobody_is_served_and_leads_back() {
    for (bench, action) in [
        (Bench::new(), Action::Tick),
        (Bench::enrolled(0), Action::Tick),
        (Bench::logged_in(), Action::Settings),
    ] {
        let before = bench.counter.act(action).to_text();
        let screen = bench.counter.act(Action::About);
        let View::About(view) = &screen.view else { panic!("{}", screen.to_text()) };
        assert_eq!(view.facts[0].value, env!("CARGO_PKG_VERSION"));
        assert!(view.notes.iter().any(|note| note.contains("個人番号")));
        assert!(screen.to_text().contains("ヘルプデスク"), "{}", screen.to_text());
        assert_eq!(bench.counter.act(Action::Back).to_text(), before);
    }
}

#[test]
fn with_a_patient_there_it_is_not_in_the_way() {
    let bench = Bench::logged_in();
    bench.counter.act(Action::Choose(crate::Method::Pin));
    assert!(matches!(bench.counter.act(Action::About).view, View::PinPad(_)));
}

const LINK: &str = "madoguchi://enrol?service=https://localhost:8443&account=W0000002&secret=AAAAAAAAAAAAAAAAAAAAAA\
                    &root=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&institution=x";

fn confirm(bench: &Bench, link: &str) -> ConfirmLinkView {
    match bench.counter.act(Action::OpenLink(link.to_owned())).view {
        View::ConfirmLink(view) => view,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_link_that_replaces_a_device_says_which_and_what_becomes_of_it() {
    let bench = Bench::new();
    let View::SetUp(view) = bench.counter.screen().view else { panic!("a new device") };
    assert!(view.replacing_hint.contains("前の端末"));
    let fact = confirm(&bench, &format!("{LINK}&replaces=front+desk+%28W0000001%29")).replaces;
    let value = fact.expect("told").value;
    assert!(value.starts_with("front desk (W0000001)") && value.contains("使えなくなります"), "{value}");
    bench.counter.act(Action::Back);
    assert_eq!(confirm(&bench, LINK).replaces, None);
}

#[test]
fn what_somebody_is_about_to_confirm_is_not_exchanged_under_the_finger() {
    let bench = Bench::new();
    let shown = confirm(&bench, LINK);
    assert_eq!(confirm(&bench, &LINK.replace("institution=x", "institution=y")), shown);
    let screen = bench.counter.act(Action::OpenLink("madoguchi://enrol?".to_owned()));
    assert!(matches!(screen.view, View::ConfirmLink(view) if view == shown));
}

#[test]
fn a_link_is_opened_while_somebody_reads_what_this_is() {
    let bench = Bench::new();
    bench.counter.act(Action::About);
    confirm(&bench, LINK);
}
