//! What the card signs, and how a certificate is named.

use proptest::prelude::*;
use serde_json::Value;
use service::Binding;
use service::messages::{Consents, Method, TagKey};

use crate::pki::sha256;

fn hex<const N: usize>(value: &Value) -> [u8; N] {
    unhex(value).try_into().expect("the length of the field")
}

fn unhex(value: &Value) -> Vec<u8> {
    let digits = value.as_str().expect("a text");
    let pair = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal");
    (0..digits.len()).step_by(2).map(pair).collect()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

#[test]
fn the_message_is_the_one_laid_out_by_hand() {
    let vectors: Value =
        serde_json::from_str(include_str!("../vectors/binding.json")).expect("a vector file");
    for case in vectors["cases"].as_array().expect("cases") {
        let binding = Binding {
            audience: text(&case["audience"]),
            nonce: hex(&case["nonce"]),
            device: hex(&case["device"]),
            institution: text(&case["institution"]),
            method: match case["method"].as_str().expect("a text") {
                "pin" => Method::Pin,
                "visual-proven" => Method::VisualProven,
                "visual-attested" => Method::VisualAttested,
                other => panic!("no method {other}"),
            },
            consents: Consents { limit_amount: case["limit_amount"].as_bool().expect("a flag") },
            request_id: hex(&case["request_id"]),
            card: hex(&case["card"]),
        };
        let elements = case["message"].as_array().expect("elements");
        let message: Vec<u8> = elements.iter().flat_map(|element| unhex(&element[1])).collect();
        assert_eq!(binding.message(), message, "{}", case["name"]);
        assert_eq!(message.len() as u64, case["length"].as_u64().expect("a number"), "{}", case["name"]);
        assert_eq!(binding.digest(), hex::<32>(&case["digest"]), "{}", case["name"]);
    }
}

#[test]
fn a_tag_is_the_hmac_of_the_cards_digest() {
    let vectors: Value = serde_json::from_str(include_str!("../vectors/tag.json")).expect("a vector file");
    for case in vectors["cases"].as_array().expect("cases") {
        let tag = TagKey::new(hex(&case["key"])).tag(&hex(&case["card"]));
        assert_eq!(tag, hex::<32>(&case["tag"]), "{}", case["name"]);
    }
}

fn method() -> impl Strategy<Value = Method> {
    prop_oneof![Just(Method::Pin), Just(Method::VisualProven), Just(Method::VisualAttested)]
}

prop_compose! {
    fn binding()(
        audience in ".{0,40}",
        nonce: [u8; 32],
        device: [u8; 32],
        institution in ".{0,40}",
        method in method(),
        limit_amount: bool,
        request_id: [u8; 16],
        card: [u8; 32],
    ) -> Binding {
        let consents = Consents { limit_amount };
        Binding { audience, nonce, device, institution, method, consents, request_id, card }
    }
}

/// The binding with one field changed, by its number.
fn changed(binding: &Binding, field: usize, at: usize, bit: u8) -> Binding {
    let mut other = binding.clone();
    let flip = |bytes: &mut [u8]| bytes[at % bytes.len()] ^= 1 << (bit % 8);
    match field {
        0 => other.audience.push('x'),
        1 => flip(&mut other.nonce),
        2 => flip(&mut other.device),
        3 => other.institution.push('0'),
        4 => {
            other.method = match other.method {
                Method::Pin => Method::VisualProven,
                Method::VisualProven => Method::VisualAttested,
                Method::VisualAttested => Method::Pin,
            }
        }
        5 => other.consents.limit_amount ^= true,
        6 => flip(&mut other.request_id),
        7 => flip(&mut other.card),
        _ => unreachable!("eight fields"),
    }
    other
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn each_field_alone_changes_the_digest(
        binding in binding(), field in 0..8usize, at: usize, bit: u8,
    ) {
        prop_assert_ne!(binding.digest(), changed(&binding, field, at, bit).digest());
    }

    #[test]
    fn the_same_binding_has_the_same_message(binding in binding()) {
        prop_assert_eq!(binding.message(), binding.clone().message());
        prop_assert_eq!(binding.digest(), sha256(&binding.message()));
    }

    /// Text may move from one field to the next: lengths keep them apart.
    #[test]
    fn fields_do_not_run_into_each_other(binding in binding(), cut in 0..8usize) {
        let mut other = binding.clone();
        let whole = format!("{}{}", binding.audience, binding.institution);
        let at = whole.char_indices().nth(cut).map_or(whole.len(), |(at, _)| at);
        other.audience = whole[..at].to_owned();
        other.institution = whole[at..].to_owned();
        prop_assume!(other != binding);
        prop_assert_ne!(other.message(), binding.message());
    }
}
