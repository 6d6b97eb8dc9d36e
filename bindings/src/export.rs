//! A result on its way to the receipt computer.

use counter::ExportKind;
use secret::SecretBytes;

/// A result for the clipboard or for a file. Overwrite it after use.
#[derive(Debug, uniffi::Record)]
pub struct Export {
    /// What it is for.
    pub kind: ExportKind,
    /// For the clipboard UTF-8 text; else the file.
    pub bytes: SecretBytes,
    /// For a file. It tells nothing of the patient.
    pub file_name: Option<String>,
    /// As RFC 6838 has it.
    pub media_type: String,
}

impl From<counter::Export> for Export {
    fn from(export: counter::Export) -> Self {
        let counter::Export { kind, bytes, file_name, media_type } = export;
        Self { kind, bytes, file_name, media_type: media_type.to_owned() }
    }
}
