//! What of a result may leave the app.

use counter::{ExportChoice, ExportKind, ExportPolicy, ExportPolicyChoice, ExportPolicyView};

#[uniffi::remote(Enum)]
pub enum ExportPolicy {
    None,
    Copy,
    CopyAndFile,
}

#[uniffi::remote(Enum)]
pub enum ExportKind {
    Copy,
    File,
}

#[uniffi::remote(Record)]
pub struct ExportChoice {
    pub kind: ExportKind,
    pub label: String,
    pub done: String,
}

#[uniffi::remote(Record)]
pub struct ExportPolicyView {
    pub label: String,
    pub choices: Vec<ExportPolicyChoice>,
    pub hint: String,
}

#[uniffi::remote(Record)]
pub struct ExportPolicyChoice {
    pub policy: ExportPolicy,
    pub label: String,
    pub chosen: bool,
}
