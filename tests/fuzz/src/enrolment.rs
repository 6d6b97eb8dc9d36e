//! What enrols a device: the link that a person opens, and the formats of EST.

use core::str::from_utf8;

use service::est::{BasicCredentials, CertificationRequest, UnsignedRequest};
use service::{ActivationCode, EnrolmentLink, est};
use url::Url;

use crate::Example;

/// A link, or a code that a person types.
pub(crate) fn link(bytes: &[u8]) {
    let Ok(text) = from_utf8(bytes) else { return };
    if let Ok(link) = EnrolmentLink::parse(text) {
        let written = link.to_text();
        let again = EnrolmentLink::parse(&written).expect("it was written");
        assert_eq!((again.service, again.account, again.root), (link.service, link.account, link.root));
        assert_eq!((again.institution, again.replaces), (link.institution, link.replaces));
        assert!(again.secret.equals(link.secret.expose()));
    }
    if let Ok(code) = ActivationCode::parse(text) {
        let again = ActivationCode::parse(&code.grouped()).expect("it was written");
        assert!(again.as_secret().equals(code.as_secret().expose()));
    }
}

/// A certification request, the certificates that answer it, a body, a header.
pub(crate) fn est(bytes: &[u8]) {
    let _ = CertificationRequest::from_der(bytes);
    let _ = est::public_key_of(bytes);
    if let Ok(certificates) = est::read_certs_only(bytes) {
        let written = est::certs_only(&certificates).expect("they were certificates");
        assert_eq!(est::read_certs_only(&written), Ok(certificates));
    }
    if let Ok(body) = est::from_base64(bytes) {
        assert_eq!(est::from_base64(est::to_base64(&body).as_bytes()), Ok(body));
    }
    if let Ok(credentials) =
        from_utf8(bytes).map_err(drop).and_then(|text| BasicCredentials::from_header(text).map_err(drop))
    {
        let again = BasicCredentials::from_header(&credentials.to_header()).expect("it was written");
        assert_eq!((again.account, again.code), (credentials.account, credentials.code));
    }
}

pub(crate) fn link_examples() -> Vec<Example> {
    let service = Url::parse("https://service.invalid:8443").expect("a URL");
    let new = |account: &str| {
        EnrolmentLink::new(service.clone(), account.to_owned(), [7; 16], [9; 32], "まどぐち医院".to_owned())
    };
    let (link, replacing) = (new("desk-1"), new("desk-2").replacing("受付 (desk-1)".to_owned()));
    vec![
        Example::new("link", link.to_text().as_bytes()),
        Example::new("replacing-link", replacing.to_text().as_bytes()),
        Example::new("code", "1234 5678 9012"),
        Example::new("full-width-code", "１２３４－５６７８－９０１２"),
    ]
}

pub(crate) fn est_examples() -> Vec<Example> {
    let point = core::array::from_fn(|i| if i == 0 { 0x04 } else { 0x42 });
    let request = UnsignedRequest::new(&point, &[1; 32], &[vec![2; 20], vec![3; 20]]).expect("a request");
    let request = request.with_signature(&[0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x02]).expect("DER");
    let chain = sandbox_pki::authentication_anchors();
    let certificates = est::certs_only(&chain[..1]).expect("certificates");
    let credentials = BasicCredentials::new("desk-1", b"123456789012").expect("an account and a code");
    vec![
        Example::new("body", est::to_base64(&certificates[..48])),
        Example::new("request", request),
        Example::new("certificates", certificates),
        Example::new("credentials", credentials.to_header().as_bytes()),
    ]
}
