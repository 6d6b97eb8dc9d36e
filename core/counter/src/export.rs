//! A result on its way to a receipt computer: what is offered, what the site allows, and the export itself.

use core::fmt;

use eligibility::{
    Validity,
    export::{self, Head},
};
use secret::SecretBytes;
use serde::{Deserialize, Serialize};
use service::messages::CheckResponse;

use crate::{
    Counter,
    journal::{Entry, Event},
    render::Painter,
    result_words::time_of,
    state::{Now, Stage, State},
    texts::Texts,
};

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

/// One way out that a result offers. [`Counter::export`] takes it.
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

impl Counter {
    /// The result on the screen, for a receipt computer.
    ///
    /// `None` if there is no result on the screen any more, or if it does not offer this
    /// ([`ResultView::exports`](crate::ResultView::exports)). It counts as a touch and is written into the journal: take
    /// [`Counter::screen`] afterwards. Asked again, it gives the same bytes and the same name.
    pub fn export(&self, kind: ExportKind) -> Option<Export> {
        self.with(|state, now| state.export(kind, now))
    }
}

impl State {
    fn export(&mut self, kind: ExportKind, now: Now) -> Option<Export> {
        self.tick(now);
        let Stage::Result { response, method, .. } = &self.stage else { return None };
        if !offered(response, self.settings.export).contains(&kind) {
            return None;
        }
        let head = Head {
            confirmed_at: time_of(response.checked_at),
            institution: self.status().map_or("", |status| &status.institution.code),
            check_id: &response.check_id,
        };
        let export = match kind {
            ExportKind::Copy => Export {
                kind,
                bytes: export::text(&response.eligibility, &head),
                file_name: None,
                media_type: "text/plain",
            },
            ExportKind::File => Export {
                kind,
                bytes: export::xml(&response.eligibility, &head),
                file_name: Some(export::xml_file_name(&head)),
                media_type: "application/xml",
            },
        };
        let method = Some(*method);
        self.note(Entry { method, ..Entry::new(now.wall.unix_timestamp(), Event::Exported) });
        self.touched_at = now.steady;
        Some(export)
    }
}

/// The ways out that the site allows and that fit the result.
///
/// Without a record there is nothing to take over. The text is for what is valid, or one of which is: its receivers
/// have no field for 資格有効性, and would take what is not valid for valid. The file says it.
fn offered(response: &CheckResponse, policy: ExportPolicy) -> Vec<ExportKind> {
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

impl Painter<'_> {
    pub(crate) fn export_policy(&self) -> ExportPolicyView {
        let choice = |policy, name| ExportPolicyChoice {
            policy,
            label: self.text(name),
            chosen: policy == self.state.settings.export,
        };
        ExportPolicyView {
            label: self.text("label-export"),
            choices: vec![
                choice(ExportPolicy::None, "export-none"),
                choice(ExportPolicy::Copy, "export-copy"),
                choice(ExportPolicy::CopyAndFile, "export-copy-and-file"),
            ],
            hint: self.text("export-hint"),
        }
    }
}
