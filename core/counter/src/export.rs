//! A result on its way to a receipt computer: what is offered, and what the site allows.

use core::fmt;

use eligibility::Validity;
use secret::SecretBytes;
use serde::{Deserialize, Serialize};
use service::messages::CheckResponse;

use crate::texts::Texts;

/// What becomes of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExportKind {
    /// Text for the clipboard. The shell flags it as sensitive and clears it after a minute.
    Copy,
    /// A file that the person hands to another app, or saves.
    File,
}

/// What of a result may leave this app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExportPolicy {
    /// Nothing: what is on the screen is typed.
    None,
    /// Copies. Unless the site chooses, this is what it has: a copy is gone after a minute and goes where the person
    /// pastes it. A file stays wherever it was handed to, a mailbox or a cloud among it, so a file is for somebody to
    /// decide on who answers for that.
    #[default]
    Copy,
    /// Copies, and files.
    CopyAndFile,
}

impl ExportPolicy {
    fn allows(self, kind: ExportKind) -> bool {
        match kind {
            ExportKind::Copy => self != Self::None,
            ExportKind::File => self == Self::CopyAndFile,
        }
    }
}

/// One way out that a result offers. [`Counter::export`](crate::Counter::export) takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportChoice {
    /// Which.
    pub kind: ExportKind,
    /// What stands on its button.
    pub label: String,
    /// What to say once it is done.
    pub done: String,
}

/// What of a result may leave this app, as the settings ask for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportPolicyView {
    /// What is asked.
    pub label: String,
    /// The answers, the most careful one first. [`Action::SetExport`](crate::Action::SetExport) takes one.
    pub choices: Vec<ExportPolicyChoice>,
    /// What to think of before a file is allowed.
    pub hint: String,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportPolicyChoice {
    /// Which.
    pub policy: ExportPolicy,
    /// What it means.
    pub label: String,
    /// Whether it is the one taken.
    pub chosen: bool,
}

/// A result for a receipt computer, all records of it in their order.
pub struct Export {
    /// What becomes of it.
    pub kind: ExportKind,
    /// Text in UTF-8 to copy, or the bytes of the file. They wipe themselves; so should what a shell makes of them.
    pub bytes: SecretBytes,
    /// Of the file: the name under which receipt computers look for it. Nothing about the patient is in it.
    pub file_name: Option<String>,
    /// The type of `bytes`.
    pub media_type: &'static str,
}

impl fmt::Debug for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// The ways out that the site allows and that fit the result.
///
/// Without a record there is nothing to take over. The text is for what is valid, or one of which is: its receivers
/// have no field for 資格有効性, and would take what is not valid for valid. The file says it.
pub(crate) fn offered(response: &CheckResponse, policy: ExportPolicy) -> Vec<ExportKind> {
    let eligibility = &response.eligibility;
    let valid = matches!(
        eligibility.validity(),
        Some(Validity::Valid | Validity::ValidUnregistered | Validity::Several)
    );
    let fits = |kind: &ExportKind| match kind {
        ExportKind::Copy => valid,
        ExportKind::File => true,
    };
    let kinds = [ExportKind::Copy, ExportKind::File].into_iter();
    let kinds = kinds.filter(|kind| !eligibility.results.is_empty() && policy.allows(*kind));
    kinds.filter(fits).collect()
}

/// What is offered, in words.
pub(crate) fn choices(response: &CheckResponse, policy: ExportPolicy, texts: &Texts) -> Vec<ExportChoice> {
    let choice = |kind| {
        let (label, done) = match kind {
            ExportKind::Copy => ("button-export-copy", "export-copied"),
            ExportKind::File => ("button-export-file", "export-filed"),
        };
        ExportChoice { kind, label: texts.text(label), done: texts.text(done) }
    };
    offered(response, policy).into_iter().map(choice).collect()
}

/// What to say once a single line was copied; `None` where none may be.
pub(crate) fn copied(policy: ExportPolicy, texts: &Texts) -> Option<String> {
    policy.allows(ExportKind::Copy).then(|| texts.text("export-copied"))
}
