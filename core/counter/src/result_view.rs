//! The result: what the service says of a patient, as staff read it. Made by [`crate::result_words`].

use core::fmt;
use std::time::Duration;

use crate::ExportChoice;

/// A result in words. Its `Debug` shows nothing of the patient.
#[derive(Clone, PartialEq, Eq)]
pub struct ResultView {
    /// Whether the insurance is valid: word, symbol and tone together.
    pub validity: ValidityView,
    /// When and how it was confirmed: 令和8年11月23日 9:12・暗証番号.
    pub confirmed: String,
    /// What to do about it.
    pub advice: Option<String>,
    /// The official other ways, where this result does not tell what is valid.
    pub fallbacks: Vec<String>,
    /// About the card's certificate, and what the service said along with the result, as it came.
    pub notices: Vec<String>,
    /// One or several records; staff choose, the counter does not.
    pub records: Vec<RecordView>,
    /// How it may be taken to the receipt computer: what the site allows and what fits the result; none for some.
    pub exports: Vec<ExportChoice>,
    /// What to say once a single line was copied. `None`: no line may be.
    pub copied: Option<String>,
    /// The service's name of this check, for the help desk.
    pub check_id: String,
    /// When the result is cleared if nobody touches the screen, on the steady clock.
    pub clear_at: Duration,
    /// That it clears itself: 58秒で消去.
    pub clear_text: String,
}

impl fmt::Debug for ResultView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResultView").field("check_id", &self.check_id).finish_non_exhaustive()
    }
}

/// The state of the insurance, never by colour alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidityView {
    /// 有効, 無効, ….
    pub word: String,
    /// ✓ ✕ ↻ – ≡ ?
    pub symbol: String,
    /// Which colour goes with it.
    pub tone: Tone,
}

/// What a colour says beside a word and a symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tone {
    /// 有効: green.
    Good,
    /// 無効: red.
    Bad,
    /// 無効（新しい資格あり）: amber.
    Changed,
    /// 複数該当: blue.
    Several,
    /// 該当資格なし, 有効（未登録）, and what is not known: grey.
    Neutral,
}

/// One record in words.
#[derive(Clone, PartialEq, Eq)]
pub struct RecordView {
    /// Which one, where there are several.
    pub heading: Option<String>,
    /// To be readable from a metre.
    pub name: String,
    /// Above the name.
    pub kana: Option<String>,
    /// That the name holds ●, a character that could not be carried.
    pub name_note: Option<String>,
    /// Birth date, age and sex.
    pub born: Option<String>,
    /// The rest, in the order in which receipt programs know it.
    pub sections: Vec<Section>,
}

impl fmt::Debug for RecordView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordView(redacted)")
    }
}

/// Lines that belong together.
#[derive(Clone, PartialEq, Eq)]
pub struct Section {
    /// What they are about.
    pub heading: String,
    /// The lines.
    pub lines: Vec<Line>,
}

impl fmt::Debug for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Section(redacted)")
    }
}

/// A label with its value.
#[derive(Clone, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub label: String,
    /// What it says.
    pub value: String,
    /// From what it was derived, or what to take care of.
    pub note: Option<String>,
    /// What is copied, where it may be: what the record says and nothing else, in the form of the
    /// [text](eligibility::export::text()) for receipt computers, in either language. What is derived or missing is not
    /// copied. The clipboard is told that it is sensitive, and cleared after a minute.
    pub copy: Option<String>,
    /// Whether staff must look at it: something belongs here and is missing.
    pub attention: bool,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Line(redacted)")
    }
}
