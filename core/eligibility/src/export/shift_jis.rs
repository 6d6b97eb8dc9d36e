//! Text of an XML document in `Shift_JIS`.

use std::fmt::Write as _;

use encoding_rs::SHIFT_JIS;

/// What an XML declaration calls the encoding. As everywhere outside of the standards it means Windows-31J (CP932).
pub(super) const NAME: &str = "Shift_JIS";

/// Character data (XML 1.0 §2.4) that [`encode`] carries whole: what the encoding does not have, and what a parser would
/// take for something else or change (`\r`, `\n`, tab), is a character reference (§4.1). A character that no XML 1.0
/// document can hold (§2.2) is U+FFFD.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            ' '..='~' => escaped.push(character),
            _ if is_carried(character) => escaped.push(character),
            _ => {
                let character = if is_xml(character) { character } else { char::REPLACEMENT_CHARACTER };
                write!(escaped, "&#{};", u32::from(character)).expect("a string takes everything");
            }
        }
    }
    escaped
}

/// Whether the character comes back from the encoding as it went in. Some go in and come back as others: the encoder
/// takes ¥ for the byte of the backslash, and − (U+2212) for －.
fn is_carried(character: char) -> bool {
    if character.is_control() {
        return false;
    }
    let mut buffer = [0; 4];
    let text: &str = character.encode_utf8(&mut buffer);
    let (bytes, _, lost) = SHIFT_JIS.encode(text);
    !lost && SHIFT_JIS.decode_without_bom_handling(&bytes).0 == text
}

/// `Char` of XML 1.0 §2.2.
fn is_xml(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// Markup and [escaped](escape) text as bytes.
pub(super) fn encode(text: &str) -> Vec<u8> {
    SHIFT_JIS.encode(text).0.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_encoding_has_is_written_as_it_is() {
        for text in ["山田　花子", "ﾔﾏﾀﾞ ﾊﾅｺ", "●田", "髙﨑①Ⅲ", "１２３‐４－～", " 990010"]
        {
            assert_eq!(escape(text), text);
        }
        assert_eq!(encode("表ﾊﾟ"), b"\x95\x5C\xCA\xDF");
    }

    #[test]
    fn what_it_has_not_or_would_change_is_a_character_reference() {
        assert_eq!(escape("𠮷 葛\u{E0100}"), "&#134071; 葛&#917760;");
        assert_eq!(escape("¥ ‾ − 〜"), "&#165; &#8254; &#8722; &#12316;");
        assert_eq!(escape("a\tb\r\nc\u{7F}\u{80}"), "a&#9;b&#13;&#10;c&#127;&#128;");
    }

    #[test]
    fn markup_is_escaped_and_what_xml_cannot_hold_is_replaced() {
        assert_eq!(escape("<a b=\"c\">&amp;]]>"), "&lt;a b=\"c\"&gt;&amp;amp;]]&gt;");
        assert_eq!(escape("\0\u{1B}\u{FFFE}"), "&#65533;&#65533;&#65533;");
    }
}
