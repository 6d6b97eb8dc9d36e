//! Texts on a terminal: how many columns they take, and where their lines break.

use unicode_linebreak::{BreakOpportunity, linebreaks};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// How many columns a terminal gives to a text (UAX #11). Characters whose width is ambiguous (●, ✓) count as one:
/// most terminals draw them so, and no line is filled to its end.
pub(crate) fn columns(text: &str) -> usize {
    text.width()
}

/// The text in lines of at most so many columns, broken where UAX #14 allows it: between most Japanese characters,
/// never before a 。. The second line and those after it begin with so many spaces.
pub(crate) fn wrap(text: &str, width: usize, indent: usize) -> Vec<String> {
    text.lines().flat_map(|line| wrap_line(line, width, indent)).collect()
}

fn wrap_line(text: &str, width: usize, indent: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut from = 0;
    for (to, opportunity) in linebreaks(text) {
        let piece = &text[from..to];
        from = to;
        if columns(&line) + columns(piece.trim_end()) > width && !line.trim().is_empty() {
            lines.push(core::mem::replace(&mut line, " ".repeat(indent)).trim_end().to_owned());
        }
        // A word longer than a line is cut where the line ends.
        for character in piece.chars() {
            if columns(&line) + character.width().unwrap_or(0) > width && !character.is_whitespace() {
                lines.push(core::mem::replace(&mut line, " ".repeat(indent)));
            }
            line.push(character);
        }
        debug_assert!(opportunity != BreakOpportunity::Mandatory || from == text.len(), "one line");
    }
    lines.push(line.trim_end().to_owned());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn japanese_breaks_anywhere_but_before_a_full_stop() {
        assert_eq!(wrap("あいうえお。", 10, 0), ["あいうえ", "お。"]);
        assert_eq!(wrap("あいうえおか。", 10, 2), ["あいうえお", "  か。"]);
    }

    #[test]
    fn english_breaks_between_words_and_long_words_where_they_must() {
        assert_eq!(wrap("one two three", 8, 1), ["one two", " three"]);
        assert_eq!(wrap("abcdefghij", 4, 0), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("a  b", 80, 0), ["a  b"]);
        assert_eq!(wrap("", 80, 0), Vec::<String>::new());
    }

    #[test]
    fn lines_of_a_text_stay_lines() {
        assert_eq!(wrap("one\ntwo", 80, 0), ["one", "two"]);
    }

    #[test]
    fn no_line_is_wider_than_asked_for() {
        let text =
            "カードの生年月日（8桁）を入力。Please type the birth date (YYMMDD) 1234567890123456789012345.";
        for width in 12..60 {
            for line in wrap(text, width, 4) {
                assert!(columns(&line) <= width, "{width}: {line}");
            }
        }
    }
}
