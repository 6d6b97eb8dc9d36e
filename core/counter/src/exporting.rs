//! The export of the result that is on the screen, and what the settings say of exports.

use eligibility::export::{self, Head};

use crate::{
    Counter, Export, ExportKind, ExportPolicy, ExportPolicyChoice, ExportPolicyView,
    export::offered,
    journal::{Entry, Event},
    render::Painter,
    result_words::time_of,
    state::{Now, Stage, State},
};

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
