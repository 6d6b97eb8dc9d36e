//! What an administrator hands over for a device: the link, or account and code.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secret::SecretBytes;
use url::Url;
use zeroize::Zeroizing;

use crate::est::is_account;
use crate::{Endpoint, Trust};

/// The link that enrols a device, usually shown as a QR code.
///
/// ```text
/// madoguchi://enrol?service=<https origin>&account=<account>&secret=<base64url, 128 bits>
///                  &root=<base64url, SHA-256 of the service's root>&institution=<name>[&replaces=<name>]
/// ```
///
/// The query is `application/x-www-form-urlencoded` in UTF-8; the order of its fields is free, each stands there
/// once, and fields that are not known are passed over. The link is a secret until it has been used.
pub struct EnrolmentLink {
    /// The origin of the service.
    pub service: Url,
    /// The account to which the secret belongs.
    pub account: String,
    /// In place of the activation code: 128 random bits in base64url, as [`Client::enroll`](crate::Client::enroll)
    /// takes it.
    pub secret: SecretBytes,
    /// SHA-256 of the service's root, DER.
    pub root: [u8; 32],
    /// The institution's name, for a person to confirm before anything is sent.
    pub institution: String,
    /// How the administrator calls the device whose place this one is to take, if it is to take one: for the same
    /// person. What becomes of that device the service knows by itself.
    pub replaces: Option<String>,
}

/// Why a text is no enrolment link. Names a field, never what stood in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// Not a URL that starts with `madoguchi://enrol?`, or too long.
    #[error("not an enrolment link")]
    NotALink,
    /// A field is not there.
    #[error("the field {0} is missing")]
    Missing(&'static str),
    /// A field stands there twice.
    #[error("the field {0} stands there twice")]
    Repeated(&'static str),
    /// A field is not of its form.
    #[error("the field {0} is not of its form")]
    Invalid(&'static str),
}

const SERVICE: &str = "service";
const ACCOUNT: &str = "account";
const SECRET: &str = "secret";
const ROOT: &str = "root";
const INSTITUTION: &str = "institution";
const REPLACES: &str = "replaces";

impl EnrolmentLink {
    /// The longest link: what a QR code of moderate size holds.
    pub const MAX: usize = 1024;

    /// Reads a link.
    pub fn parse(text: &str) -> Result<Self, LinkError> {
        let text = text.trim();
        if text.len() > Self::MAX {
            return Err(LinkError::NotALink);
        }
        let url = Url::parse(text).map_err(|_| LinkError::NotALink)?;
        let plain = url.scheme() == "madoguchi"
            && url.host_str() == Some("enrol")
            && matches!(url.path(), "" | "/")
            && (url.port(), url.fragment(), url.username(), url.password()) == (None, None, "", None);
        if !plain {
            return Err(LinkError::NotALink);
        }
        let service = Url::parse(&field(&url, SERVICE)?).map_err(|_| LinkError::Invalid(SERVICE))?;
        if !crate::client::is_https_origin(&service) {
            return Err(LinkError::Invalid(SERVICE));
        }
        let account = field(&url, ACCOUNT)?.to_string();
        if !is_account(&account) {
            return Err(LinkError::Invalid(ACCOUNT));
        }
        let secret = field(&url, SECRET)?;
        let _: Zeroizing<[u8; 16]> = Zeroizing::new(decode(SECRET, &secret)?);
        let replaces = url.query_pairs().any(|(key, _)| key == REPLACES);
        Ok(Self {
            service,
            account,
            secret: SecretBytes::new(secret.as_bytes().to_vec()),
            root: decode(ROOT, &field(&url, ROOT)?)?,
            institution: name(&url, INSTITUTION)?,
            replaces: replaces.then(|| name(&url, REPLACES)).transpose()?,
        })
    }

    /// A link with a secret of its own, for whoever issues it.
    pub fn new(service: Url, account: String, secret: [u8; 16], root: [u8; 32], institution: String) -> Self {
        let secret = Zeroizing::new(secret);
        let secret = SecretBytes::new(URL_SAFE_NO_PAD.encode(secret.as_slice()).into_bytes());
        Self { service, account, secret, root, institution, replaces: None }
    }

    /// The same for a device that is to take the place of another one, which is called so.
    #[must_use]
    pub fn replacing(self, device: String) -> Self {
        Self { replaces: Some(device), ..self }
    }

    /// The link as text. It is a secret.
    pub fn to_text(&self) -> Zeroizing<String> {
        let secret = String::from_utf8_lossy(self.secret.expose());
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query
            .append_pair(SERVICE, &self.service.origin().ascii_serialization())
            .append_pair(ACCOUNT, &self.account)
            .append_pair(SECRET, &secret)
            .append_pair(ROOT, &URL_SAFE_NO_PAD.encode(self.root))
            .append_pair(INSTITUTION, &self.institution);
        self.replaces.iter().for_each(|device| {
            query.append_pair(REPLACES, device);
        });
        let query = Zeroizing::new(query.finish());
        Zeroizing::new(["madoguchi://enrol?", &query].concat())
    }

    /// Where to enrol, and whom to trust there.
    pub fn endpoint(&self) -> Endpoint {
        Endpoint { url: self.service.clone(), trust: Trust::Fingerprint(self.root) }
    }
}

impl core::fmt::Debug for EnrolmentLink {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("EnrolmentLink").field("service", &self.service.as_str()).finish_non_exhaustive()
    }
}

/// The one value of a field.
fn field(url: &Url, name: &'static str) -> Result<Zeroizing<String>, LinkError> {
    let mut values = url.query_pairs().filter(|(key, _)| key == name);
    let (_, value) = values.next().ok_or(LinkError::Missing(name))?;
    match values.next() {
        None => Ok(Zeroizing::new(value.into_owned())),
        Some(_) => Err(LinkError::Repeated(name)),
    }
}

/// Characters of a name: what stands below it is to stay on the screen.
const LONGEST_NAME: usize = 100;

/// What a person is to read: not empty, nothing that a terminal would obey, and nothing that hides or turns the words
/// around it.
fn name(url: &Url, name: &'static str) -> Result<String, LinkError> {
    let text = field(url, name)?.to_string();
    let fits = !text.trim().is_empty() && text.chars().count() <= LONGEST_NAME;
    if fits && !text.chars().any(is_unseen) { Ok(text) } else { Err(LinkError::Invalid(name)) }
}

/// Controls, line and paragraph separators, marks of direction, and what has no width (Unicode, general categories Cc, Zl,
/// Zp, and Cf as far as text on screens uses it).
fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{00AD}' | '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
                | '\u{FFF9}'..='\u{FFFB}'
        )
}

/// Exactly `N` bytes in base64url without padding (RFC 4648 §5, §3.2).
fn decode<const N: usize>(name: &'static str, text: &str) -> Result<[u8; N], LinkError> {
    let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).map_err(|_| LinkError::Invalid(name))?);
    bytes.as_slice().try_into().map_err(|_| LinkError::Invalid(name))
}

/// The activation code that a person types: 12 digits, written in three groups of four.
///
/// Whoever types it may use full-width digits, spaces and hyphens of any kind.
pub struct ActivationCode(SecretBytes);

/// A text that is no activation code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ActivationCodeError {
    /// More or fewer digits than 12.
    #[error("an activation code has 12 digits")]
    Length,
    /// Something else than digits, spaces and hyphens.
    #[error("an activation code holds digits only")]
    NotADigit,
}

impl ActivationCode {
    /// The number of digits.
    pub const DIGITS: usize = 12;

    /// Reads what was typed.
    pub fn parse(typed: &str) -> Result<Self, ActivationCodeError> {
        let mut digits = Zeroizing::new(Vec::with_capacity(Self::DIGITS));
        for character in typed.chars() {
            let digit = match character {
                '0'..='9' => u32::from(character),
                // Full-width digits lie 0xFEE0 above the ASCII ones (Unicode, Halfwidth and Fullwidth Forms).
                '０'..='９' => u32::from(character) - 0xFEE0,
                // Hyphens, dashes, the minus sign and what a Japanese keyboard gives in their place.
                '-' | '‐'..='―' | '−' | 'ー' | '－' | 'ｰ' => continue,
                space if space.is_whitespace() => continue,
                _ => return Err(ActivationCodeError::NotADigit),
            };
            if digits.len() == Self::DIGITS {
                return Err(ActivationCodeError::Length);
            }
            digits.push(u8::try_from(digit).map_err(|_| ActivationCodeError::NotADigit)?);
        }
        if digits.len() != Self::DIGITS {
            return Err(ActivationCodeError::Length);
        }
        Ok(Self(SecretBytes::new(core::mem::take(&mut *digits))))
    }

    /// The twelve digits, ASCII, as [`Client::enroll`](crate::Client::enroll) takes them.
    pub fn as_secret(&self) -> &SecretBytes {
        &self.0
    }

    /// The code as it is printed for a person: `1234 5678 9012`.
    pub fn grouped(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(Self::DIGITS + 2));
        for (at, digit) in self.0.expose().iter().enumerate() {
            if at > 0 && at % 4 == 0 {
                text.push(' ');
            }
            text.push(char::from(*digit));
        }
        text
    }
}

impl core::fmt::Debug for ActivationCode {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ActivationCode(redacted)")
    }
}
