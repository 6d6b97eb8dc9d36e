//! The result, in words.

use std::time::Duration;

use counter::{ExportChoice, Line, RecordView, ResultView, Section, Tone, ValidityView};

#[uniffi::remote(Record)]
pub struct ResultView {
    pub validity: ValidityView,
    pub confirmed: String,
    pub advice: Option<String>,
    pub fallbacks: Vec<String>,
    pub notices: Vec<String>,
    pub records: Vec<RecordView>,
    pub exports: Vec<ExportChoice>,
    pub copied: Option<String>,
    pub check_id: String,
    pub clear_at: Duration,
    pub clear_text: String,
}

#[uniffi::remote(Record)]
pub struct ValidityView {
    pub word: String,
    pub symbol: String,
    pub tone: Tone,
}

#[uniffi::remote(Enum)]
pub enum Tone {
    Good,
    Bad,
    Changed,
    Several,
    Neutral,
}

#[uniffi::remote(Record)]
pub struct RecordView {
    pub heading: Option<String>,
    pub name: String,
    pub kana: Option<String>,
    pub name_note: Option<String>,
    pub born: Option<String>,
    pub sections: Vec<Section>,
}

#[uniffi::remote(Record)]
pub struct Section {
    pub heading: String,
    pub lines: Vec<Line>,
}

#[uniffi::remote(Record)]
pub struct Line {
    pub label: String,
    pub value: String,
    pub note: Option<String>,
    pub copy: Option<String>,
    pub attention: bool,
}
