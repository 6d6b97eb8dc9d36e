//! The file, read by a parser that others wrote.

use eligibility::{
    ElderlyRecipientCertificate, Eligibility, Label, LimitApplicationCertificate, MedicalTicket, Record,
    SpecificDiseasesCertificate, export,
};
use proptest::collection::vec;
use proptest::prelude::*;
use quick_xml::encoding::DecodingReader;
use quick_xml::events::Event;
use quick_xml::reader::Reader;
use serde_cbor::Value;

use crate::{answer, head, word};

/// Lists with the name of what stands in them, from the public clients and not from the writer.
const LISTS: [(&str, &str); 3] = [
    ("ResultList", "ResultOfQualificationConfirmation"),
    ("SpecificDiseasesCertificateList", "SpecificDiseasesCertificateInfo"),
    ("PublicExpenseResultList", "MedicalTicketInfo"),
];

/// What holds elements and never text.
const STRUCTURES: [&str; 9] = [
    "XmlMsg",
    "MessageHeader",
    "MessageBody",
    "ResultOfQualificationConfirmation",
    "ElderlyRecipientCertificateInfo",
    "LimitApplicationCertificateRelatedInfo",
    "SpecificDiseasesCertificateInfo",
    "MedicalTicketInfo",
    "QualificationConfirmSearchInfo",
];

/// A message that was read.
pub(crate) struct Message {
    pub(crate) header: Vec<(String, String)>,
    pub(crate) body: Eligibility,
}

/// An element with what is in it, in its order.
struct Element {
    name: String,
    text: String,
    inside: Vec<Element>,
}

pub(crate) fn read(bytes: &[u8]) -> Message {
    let root = tree(bytes);
    assert_eq!(root.name, "XmlMsg");
    let [header, body] = <[Element; 2]>::try_from(root.inside).ok().expect("header and body");
    assert_eq!((header.name.as_str(), body.name.as_str()), ("MessageHeader", "MessageBody"));
    let header = header.inside.into_iter().map(|element| (element.name, element.text)).collect();
    Message { header, body: serde_cbor::value::from_value(value(body)).expect("an answer") }
}

/// As it would lie on the wire.
fn value(element: Element) -> Value {
    let name = element.name.as_str();
    if let Some((_, item)) = LISTS.iter().find(|(list, _)| *list == name) {
        assert!(element.inside.iter().all(|inside| inside.name == *item), "{name}");
        Value::Array(element.inside.into_iter().map(value).collect())
    } else if STRUCTURES.contains(&name) {
        let inside = element.inside.into_iter();
        Value::Map(inside.map(|inside| (word(&inside.name), value(inside))).collect())
    } else {
        assert!(element.inside.is_empty(), "{name}");
        Value::Text(element.text)
    }
}

/// By the encoding that the declaration names.
fn tree(bytes: &[u8]) -> Element {
    let mut reader = Reader::from_reader(DecodingReader::new(bytes));
    let mut open = vec![Element { name: String::new(), text: String::new(), inside: Vec::new() }];
    let mut buffer = Vec::new();
    loop {
        let top = open.last_mut().expect("the document itself");
        match reader.read_event_into(&mut buffer).expect("well-formed") {
            Event::Start(start) => {
                let name = start.name().as_ref().to_owned();
                open.push(Element { name, text: String::new(), inside: Vec::new() });
            }
            Event::Text(text) => top.text += &text.xml10_content(),
            Event::GeneralRef(reference) => {
                let named = match reference.as_ref() {
                    "amp" => Some('&'),
                    "lt" => Some('<'),
                    "gt" => Some('>'),
                    _ => reference.resolve_char_ref().expect("a character"),
                };
                top.text.push(named.expect("a known entity"));
            }
            Event::End(_) => {
                let done = open.pop().expect("it began");
                open.last_mut().expect("the document itself").inside.push(done);
            }
            Event::Eof => break,
            Event::Decl(declared) => {
                let encoding = declared.encoder().expect("an encoding that is known");
                reader.get_mut().set_encoding(encoding);
            }
            other => panic!("nothing else stands in a message: {other:?}"),
        }
        buffer.clear();
    }
    let mut document = open.pop().expect("the document itself");
    assert!(open.is_empty() && document.inside.len() == 1);
    document.inside.remove(0)
}

#[test]
fn the_header_says_when_where_and_how_it_was_confirmed() {
    let message = read(export::xml(&answer("1", &[&[]]), &head()).expose());
    let header: Vec<_> = message.header.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert_eq!(
        header,
        [
            ("ProcessExecutionTime", "20261123140205"),
            ("QualificationConfirmationDate", "20261123"),
            ("MedicalInstitutionCode", "9919900010"),
            ("ArbitraryFileIdentifier", "0123456789abcdef"),
            ("ReferenceClassification", "1"),
            ("SegmentOfResult", "1"),
            ("CharacterCodeIdentifier", "1"),
        ]
    );
}

#[test]
fn what_the_service_says_beside_the_records_is_in_the_file() {
    let mut answer = answer("2", &[&[("Name", "氏名")]]);
    answer.processing_result_code = Some("X1".to_owned());
    answer.processing_result_message = Some("1行目\n2行目 <注意>".to_owned());
    assert!(read(export::xml(&answer, &head()).expose()).body == answer);
}

#[test]
fn a_name_that_shift_jis_does_not_have_comes_back() {
    let answer = answer("1", &[&[("Name", "𠮷田　葛\u{E0100}−¥"), ("InsurerNumber", "  990010")]]);
    assert!(read(export::xml(&answer, &head()).expose()).body == answer);
}

#[test]
fn lines_end_as_receipt_computers_write_them_and_no_value_ends_one() {
    let answer = answer("1", &[&[("Name", "a\nb\rc")]]);
    let xml = export::xml(&answer, &head());
    let bytes = xml.expose();
    assert!(bytes.ends_with(b"</XmlMsg>\r\n"));
    let alone = |at: usize| bytes[at] == b'\n' && bytes[at - 1] != b'\r';
    assert!(!(1..bytes.len()).any(alone));
    assert!(read(bytes).body == answer);
}

/// The elements of `labels` that `chosen` picks, as they would lie on the wire.
fn map(labels: &[Label], chosen: &[(bool, String)]) -> Value {
    let picked = labels.iter().zip(chosen).filter(|(_, (picked, _))| *picked);
    let value = |label: &Label, words: &str| match label.element {
        "ElderlyRecipientCertificateInfo" => map(ElderlyRecipientCertificate::LABELS, chosen),
        "LimitApplicationCertificateRelatedInfo" => map(LimitApplicationCertificate::LABELS, chosen),
        "SpecificDiseasesCertificateList" => {
            Value::Array(vec![map(SpecificDiseasesCertificate::LABELS, chosen); 2])
        }
        "PublicExpenseResultList" => Value::Array(vec![map(MedicalTicket::LABELS, chosen)]),
        "ResultList" => Value::Array(vec![map(Record::LABELS, chosen); 2]),
        _ => word(words),
    };
    Value::Map(picked.map(|(label, (_, words))| (word(label.element), value(label, words))).collect())
}

proptest! {
    /// Every element, whatever text stands in it, if an XML document can hold it.
    #[test]
    fn everything_comes_back(
        chosen in vec((any::<bool>(), "[\t\n\r -\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]{0,6}"), Record::LABELS.len()),
    ) {
        let answer: Eligibility =
            serde_cbor::value::from_value(map(Eligibility::LABELS, &chosen)).expect("an answer");
        prop_assert!(read(export::xml(&answer, &head()).expose()).body == answer);
    }

    #[test]
    fn whatever_the_service_says_the_file_is_well_formed(text in any::<String>(), time in any::<i64>()) {
        let confirmed_at = time::OffsetDateTime::from_unix_timestamp(time % 253_402_300_800)
            .unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
        let head = export::Head { confirmed_at, institution: &text, check_id: &text };
        let answer = answer(&text, &[&[("Name", &text), ("Birthdate", &text)]]);
        read(export::xml(&answer, &head).expose());
        prop_assert!(export::xml_file_name(&head).is_ascii());
    }
}
