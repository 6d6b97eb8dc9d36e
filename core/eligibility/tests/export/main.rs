//! The exports, as others read them.

mod golden;
mod receivers;
mod xml;

use eligibility::{Eligibility, Record, export::Head};
use serde_cbor::Value;
use time::macros::datetime;

/// The check of every test.
fn head() -> Head<'static> {
    Head {
        confirmed_at: datetime!(2026-11-23 05:02:05 UTC),
        institution: "9919900010",
        check_id: "0123456789abcdef",
    }
}

/// An answer from elements by their names, as they lie on the wire.
fn answer(validity: &str, records: &[&[(&str, &str)]]) -> Eligibility {
    let map = |elements: &[(&str, &str)]| {
        let elements = elements.iter();
        Value::Map(elements.map(|(name, text)| (word(name), word(text))).collect())
    };
    let records: Vec<Record> = records
        .iter()
        .map(|record| serde_cbor::value::from_value(map(record)).expect("elements of a record"))
        .collect();
    let mut answer: Eligibility = serde_cbor::value::from_value(map(&[("QualificationValidity", validity)]))
        .expect("elements of an answer");
    answer.results = records;
    answer
}

fn word(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn text(answer: &Eligibility) -> String {
    let text = eligibility::export::text(answer, &head());
    String::from_utf8(text.expose().to_vec()).expect("UTF-8")
}
