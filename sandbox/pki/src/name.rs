//! Distinguished names: written once as data, used as certificate names and inside extensions.

use rcgen::{DistinguishedName, DnType, DnValue};

use crate::{oid, tlv};

/// An X.501 name: relative names of one attribute each, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name(Vec<(&'static [u64], Text)>);

/// How a name's text is encoded. `PrintableString` for ASCII and `UTF8String` for Japanese; for the card's CN,
/// `UTF8String` is what a test card has.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Text {
    Printable(String),
    Utf8(String),
}

impl Name {
    /// `C=JP`, where every name of the profile begins.
    pub(crate) fn japan() -> Self {
        Self(Vec::new()).printable(oid::COUNTRY, "JP")
    }

    pub(crate) fn printable(mut self, attribute: &'static [u64], text: &str) -> Self {
        self.0.push((attribute, Text::Printable(text.to_owned())));
        self
    }

    pub(crate) fn utf8(mut self, attribute: &'static [u64], text: &str) -> Self {
        self.0.push((attribute, Text::Utf8(text.to_owned())));
        self
    }

    /// DER of `Name` (RFC 5280 §4.1.2.4).
    pub(crate) fn der(&self) -> Vec<u8> {
        let names: Vec<u8> = self
            .0
            .iter()
            .flat_map(|(attribute, text)| {
                let text = match text {
                    Text::Printable(text) => tlv::der(0x13, text.as_bytes()),
                    Text::Utf8(text) => tlv::der(0x0C, text.as_bytes()),
                };
                tlv::der(0x31, &tlv::sequence(&[&tlv::object_identifier(attribute), &text]))
            })
            .collect();
        tlv::der(0x30, &names)
    }

    /// `GeneralName` of kind directoryName (RFC 5280 §4.2.1.6). The tag is explicit, since `Name` is a CHOICE.
    pub(crate) fn directory_name(&self) -> Vec<u8> {
        tlv::der(0xA4, &self.der())
    }

    /// The same name for rcgen.
    ///
    /// rcgen holds one value for each `DnType`, while the names of J-LIS hold OU and L twice: the second one
    /// goes in as a custom type with the same arcs.
    pub(crate) fn rcgen(&self) -> DistinguishedName {
        let mut name = DistinguishedName::new();
        for (attribute, text) in &self.0 {
            let known = match *attribute {
                oid::ORGANIZATIONAL_UNIT => DnType::OrganizationalUnitName,
                oid::LOCALITY => DnType::LocalityName,
                other => DnType::CustomDnType(other.to_vec()),
            };
            let kind =
                if name.get(&known).is_some() { DnType::CustomDnType(attribute.to_vec()) } else { known };
            let value = match text {
                Text::Printable(text) => DnValue::PrintableString(
                    text.as_str().try_into().expect("names of the profile are printable ASCII"),
                ),
                Text::Utf8(text) => DnValue::Utf8String(text.clone()),
            };
            name.push(kind, value);
        }
        name
    }
}
