//! The XML message.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::{Head, shift_jis};
use crate::{
    Code, CodeTable, DateText, Eligibility, InsurerNumber, MedicalTicket, Ratio, Record,
    SpecificDiseasesCertificate,
};

pub(super) fn write(answer: &Eligibility, head: &Head<'_>) -> Vec<u8> {
    let mut out = Xml::new();
    out.open("XmlMsg");
    out.open("MessageHeader");
    out.text("ProcessExecutionTime", &head.stamp());
    out.text("QualificationConfirmationDate", head.day().as_str());
    out.text("MedicalInstitutionCode", head.institution);
    out.text("ArbitraryFileIdentifier", head.check_id);
    // OQSCD002 照会区分: by My Number Card. OQSCD003 処理結果区分: processed. OQSCD005 文字コード識別: Shift_JIS.
    out.text("ReferenceClassification", "1");
    out.text("SegmentOfResult", "1");
    out.text("CharacterCodeIdentifier", "1");
    out.close("MessageHeader");
    answer.write("MessageBody", &mut out);
    out.close("XmlMsg");
    out.finish()
}

/// What an element holds: text, or elements. What is absent is no element.
pub(crate) trait Content {
    /// Writes the element with this name.
    fn write(&self, name: &'static str, out: &mut Xml);
}

impl<T: Content> Content for Option<T> {
    fn write(&self, name: &'static str, out: &mut Xml) {
        if let Some(content) = self {
            content.write(name, out);
        }
    }
}

impl<T: Item> Content for Vec<T> {
    fn write(&self, name: &'static str, out: &mut Xml) {
        if !self.is_empty() {
            out.open(name);
            for item in self {
                item.write(T::NAME, out);
            }
            out.close(name);
        }
    }
}

/// What stands in a list, each in an element of its own.
pub(crate) trait Item: Content {
    const NAME: &'static str;
}

impl Item for Record {
    const NAME: &'static str = "ResultOfQualificationConfirmation";
}

impl Item for SpecificDiseasesCertificate {
    const NAME: &'static str = "SpecificDiseasesCertificateInfo";
}

impl Item for MedicalTicket {
    const NAME: &'static str = "MedicalTicketInfo";
}

impl Content for String {
    fn write(&self, name: &'static str, out: &mut Xml) {
        out.text(name, self);
    }
}

impl Content for DateText {
    fn write(&self, name: &'static str, out: &mut Xml) {
        out.text(name, self.as_str());
    }
}

impl Content for Ratio {
    fn write(&self, name: &'static str, out: &mut Xml) {
        out.text(name, self.as_str());
    }
}

/// Padding included, as the interface has it.
impl Content for InsurerNumber {
    fn write(&self, name: &'static str, out: &mut Xml) {
        out.text(name, self.as_str());
    }
}

impl<T: CodeTable> Content for Code<T> {
    fn write(&self, name: &'static str, out: &mut Xml) {
        out.text(name, self.as_str());
    }
}

/// A message that is being written.
pub(crate) struct Xml(Writer<Vec<u8>>);

impl Xml {
    fn new() -> Self {
        // Room for two whole records: a buffer that grows leaves copies behind.
        let mut xml = Self(Writer::new_with_indent(Vec::with_capacity(16_384), b'\t', 1));
        xml.event(Event::Decl(BytesDecl::new("1.0", Some(shift_jis::NAME), Some("no"))));
        xml
    }

    pub(crate) fn open(&mut self, name: &'static str) {
        self.event(Event::Start(BytesStart::new(name)));
    }

    pub(crate) fn close(&mut self, name: &'static str) {
        self.event(Event::End(BytesEnd::new(name)));
    }

    fn text(&mut self, name: &'static str, text: &str) {
        self.open(name);
        self.event(Event::Text(BytesText::from_escaped(shift_jis::escape(text))));
        self.close(name);
    }

    fn event(&mut self, event: Event<'_>) {
        self.0.write_event(event).expect("a vector takes everything");
    }

    fn finish(self) -> Vec<u8> {
        let text = String::from_utf8(self.0.into_inner()).expect("made of text");
        // A line ends here between elements only: within a text it is a character reference.
        shift_jis::encode(&(text.replace('\n', "\r\n") + "\r\n"))
    }
}
