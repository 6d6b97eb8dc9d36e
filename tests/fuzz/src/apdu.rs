//! APDUs and BER-TLV.

use iso7816::{Command, Response, Tlv, TlvHeader};
use secret::SecretBytes;

use crate::Example;

/// No object of a card lies deeper.
const DEEPEST: u8 = 16;

pub(crate) fn command(bytes: &[u8]) {
    if let Ok(command) = Command::parse(bytes) {
        let encoded = command.encode();
        let again = Command::parse(encoded.expose()).expect("it was encoded");
        assert_eq!(again.header(), command.header());
        assert_eq!((again.data(), again.le()), (command.data(), command.le()));
        // Header and lengths are shown; data, which may be a PIN, are not.
        let nothing = SecretBytes::new(vec![0; command.data().len()]);
        let shown = format!("{command:?}");
        let of_another = command.with_data(nothing).expect("as long as before");
        assert_eq!(format!("{of_another:?}"), shown);
    }
}

pub(crate) fn response(bytes: &[u8]) {
    if let Ok(response) = Response::parse(bytes) {
        assert_eq!(response.encode(), bytes);
        assert_eq!(response.data().len() + 2, bytes.len());
        assert_eq!(u16::from(response.status()).to_be_bytes(), bytes[bytes.len() - 2..]);
    }
}

pub(crate) fn tlv(bytes: &[u8]) {
    let header = TlvHeader::parse(bytes);
    let Ok((object, rest)) = Tlv::parse(bytes) else { return };
    let header = header.expect("an object has a header");
    assert_eq!((header.tag, header.value), (object.tag, object.value.len()));
    assert_eq!(header.total() + rest.len(), bytes.len());
    let encoded = object.encode();
    assert!(encoded.len() <= header.total(), "written in the shortest form");
    assert_eq!(Tlv::parse(&encoded).map(|(again, rest)| (again == object, rest.len())), Ok((true, 0)));
    descend(&object, 0);
}

fn descend(object: &Tlv<'_>, depth: u8) {
    let within = object.children().filter_map(Result::ok).map(|child| child.value.len() + 2).sum::<usize>();
    assert!(within <= object.value.len());
    for child in object.children().filter_map(Result::ok) {
        assert!(object.child(child.tag).map_or(true, |found| found.is_some()));
        if depth < DEEPEST {
            descend(&child, depth + 1);
        }
    }
}

pub(crate) fn command_examples() -> Vec<Example> {
    [
        ("select", &b"\x00\xA4\x04\x0C\x0A\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01"[..]),
        ("read", b"\x00\xB0\x8A\x00\x00"),
        ("counter", b"\x00\x20\x00\x98"),
        ("verify", b"\x00\x20\x00\x98\x041234"),
        ("sign", b"\x80\x2A\x00\x97\x0401\x05\x00\x00"),
        ("extended", b"\x00\xB0\x8A\x00\x00\x00\x00"),
        ("extended-data", b"\x80\x2A\x00\x97\x00\x00\x03abc\x00\x00"),
    ]
    .map(|(name, bytes)| Example::new(name, bytes))
    .to_vec()
}

pub(crate) fn response_examples() -> Vec<Example> {
    [("success", &b"\x90\x00"[..]), ("tries", b"\x63\xC3"), ("data", b"\x30\x82\x06\x2B\x90\x00")]
        .map(|(name, bytes)| Example::new(name, bytes))
        .to_vec()
}

/// Files of a card.
pub(crate) fn tlv_examples() -> Vec<Example> {
    vec![
        Example::new("birth-record", crate::certificate::birth_record()),
        Example::new("key-certificate", sandbox_pki::surface::key_certificate()),
        Example::new("certificate", crate::certificate::hanako()),
        Example::new("nested", b"\x7F\x21\x0A\x5F\x4E\x02\xAB\xCD\x5F\x37\x02\x01\x02".to_vec()),
        Example::new("long-length", b"\xFF\x10\x82\x00\x04\xDF\x11\x01\x31".to_vec()),
    ]
}
