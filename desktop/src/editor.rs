//! A line that is typed: a password, or an enrolment link.

use secret::Passcode;
use zeroize::{Zeroize as _, Zeroizing};

/// Longer than any enrolment link, and than any password that the counter takes.
const ROOM: usize = 4096;

/// What has been typed. It is never shown; the room for it is taken at once, so that no copy is left behind when it
/// grows, and wiped when it is dropped or cleared.
pub(crate) struct Editor {
    text: Zeroizing<String>,
}

impl Editor {
    pub(crate) fn new() -> Self {
        Self { text: Zeroizing::new(String::with_capacity(ROOM)) }
    }

    /// Adds a character; one for which there is no room is ignored.
    pub(crate) fn push(&mut self, character: char) {
        if self.text.len() + character.len_utf8() <= ROOM {
            self.text.push(character);
        }
    }

    /// Adds what was pasted, as one line: a link that a mail program broke into lines is whole again.
    pub(crate) fn paste(&mut self, text: &Pasted) {
        for character in text.0.chars().filter(|character| !character.is_control()) {
            self.push(character);
        }
    }

    /// Takes the last character back.
    pub(crate) fn erase(&mut self) {
        self.text.pop();
    }

    /// Takes everything back.
    pub(crate) fn clear(&mut self) {
        self.text.zeroize();
        debug_assert!(self.text.capacity() >= ROOM, "the room stays");
    }

    /// How many characters stand there.
    pub(crate) fn typed(&self) -> usize {
        self.text.chars().count()
    }

    /// The line, without a copy; an empty one takes its place.
    pub(crate) fn take(&mut self) -> String {
        core::mem::take(&mut *core::mem::replace(self, Self::new()).text)
    }

    /// The line as a password.
    pub(crate) fn take_passcode(&mut self) -> Passcode {
        Passcode::new(self.take())
    }
}

/// What was pasted: never shown, and wiped.
pub(crate) struct Pasted(Zeroizing<String>);

impl Pasted {
    pub(crate) fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl core::fmt::Debug for Pasted {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Pasted(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_never_grows() {
        let mut editor = Editor::new();
        let place = editor.text.as_ptr();
        for _ in 0..2 * ROOM {
            editor.push('あ');
        }
        assert_eq!(editor.text.as_ptr(), place);
        editor.clear();
        assert_eq!((editor.typed(), editor.text.as_ptr()), (0, place));
    }

    #[test]
    fn what_is_pasted_is_one_line_and_not_shown() {
        let mut editor = Editor::new();
        let pasted = Pasted::new("madoguchi:a\r\nb\tc\n\u{1b}".into());
        assert_eq!(format!("{pasted:?}"), "Pasted(redacted)");
        editor.paste(&pasted);
        assert_eq!(editor.take(), "madoguchi:abc");
    }

    #[test]
    fn what_was_typed_is_given_once_and_by_character() {
        let mut editor = Editor::new();
        for character in "ひみつx".chars() {
            editor.push(character);
        }
        editor.erase();
        assert_eq!(editor.typed(), 3);
        assert_eq!(editor.take(), "ひみつ");
        assert_eq!(editor.take(), "");
        editor.push('p');
        assert_eq!(editor.take_passcode().expose(), "p");
    }
}
