//! What this app is, in which version, and what whoever uses it must know.

use crate::{
    Action,
    render::{Page, Painter},
    screen::{AboutView, Fact, View, Weight},
    vault::Device,
};

impl Painter<'_> {
    pub(crate) fn about(&self) -> Page {
        let institution = self.institution();
        let service = self.state.device.as_ref().map(Device::service);
        let help_desk = self.state.config.help_desk.as_deref();
        let known = [
            ("label-version", Some(env!("CARGO_PKG_VERSION"))),
            ("label-institution", institution.as_deref()),
            ("label-service", service),
            ("label-help-desk", help_desk),
        ];
        let facts = known.into_iter().filter_map(|(label, value)| Some(self.fact(label, value?)));
        let view = AboutView {
            name: self.text("about-name"),
            text: self.text("about-text"),
            notes: ["about-not-the-real-one", "about-no-my-number", "about-insurance-numbers"]
                .map(|name| self.text(name))
                .into(),
            facts: facts.collect::<Vec<Fact>>(),
            licence: self.text("about-licence"),
            licences_label: self.text("label-licences"),
        };
        ("title-about", View::About(view), vec![self.button("button-done", Action::Back, Weight::Main)])
    }
}
