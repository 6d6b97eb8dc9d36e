//! What the screens say of a Bluetooth reader and its link.

use ::reader::{Battery, Protection, SleepDelay, State as ReaderLife};
use secret::SecretBytes;

use crate::{
    Action, ExposedPin, Fact, Method, ReaderInfo,
    reader_keys::KeyProblem,
    render::{Page, Painter},
    screen::{
        Button, ExposedPinChoice, ExposedPinView, ReaderKeyView, ReaderView, View, WarningView, Weight,
    },
};

/// A battery with so many percent or less is to be charged: our own decision.
const LOW_BATTERY: u8 = 20;

impl Painter<'_> {
    /// The warning before a PIN goes over a link that everybody near can read along.
    pub(crate) fn exposed(&self) -> Page {
        let mut buttons = self.other_method(Method::Pin, Weight::Main);
        let hint = self.or_switch(self.text("exposed-hint"), &buttons);
        let (fallbacks_label, fallbacks) = self.fallbacks(buttons.is_empty());
        let view = WarningView { text: self.text("exposed"), hint, fallbacks_label, fallbacks };
        buttons.push(self.button("button-go-on-exposed", Action::GoOn, Weight::Other));
        buttons.push(self.button("button-cancel", Action::Cancel, Weight::Quiet));
        ("title-exposed", View::Warning(view), buttons)
    }

    /// Between patients: why a method is missing, and a battery that is to be charged.
    pub(crate) fn reader_notices(&self) -> Vec<String> {
        let Some(reader) = &self.state.reader else { return Vec::new() };
        let offered = self.state.offered();
        let missing = offered.len() < self.state.methods().len();
        let why = if offered.is_empty() { "exposed-no-method" } else { "exposed-visual-only" };
        let low = low_battery(reader)
            .map(|percent| self.texts.with("reader-battery-low", [("percent", percent.into())]));
        missing.then(|| self.text(why)).into_iter().chain(low).collect()
    }

    /// While the card is awaited: which reader, and how full its battery is.
    pub(crate) fn reader_fact(&self) -> Option<Fact> {
        let reader = self.state.reader.as_ref()?;
        let name = called(reader);
        let value = match reader.battery {
            Some(Battery::Percent(percent)) => {
                self.texts.with("hold-reader", [("name", name.into()), ("percent", percent.into())])
            }
            _ => name.to_owned(),
        };
        Some(self.fact("label-reader", &value))
    }

    /// While the card is awaited: what is to be done about the reader.
    pub(crate) fn reader_hint(&self) -> Option<String> {
        let reader = self.state.reader.as_ref()?;
        let name = match reader.life {
            ReaderLife::Asleep => "hold-reader-asleep",
            // One that arrives is read before its reader is said to have one.
            ReaderLife::Card if !self.state.tapping => "hold-reader-card-lies",
            ReaderLife::Polling | ReaderLife::Card | ReaderLife::Powered => {
                low_battery(reader)?;
                "hold-reader-battery"
            }
            _ => "hold-reader-connecting",
        };
        Some(self.text(name))
    }

    /// Whether a card can be held to the reader, as far as its shell said.
    pub(crate) fn reader_is_ready(&self) -> bool {
        self.state.reader.as_ref().is_none_or(|reader| reader.life.is_ready())
    }

    /// The reader's own part of the settings.
    pub(crate) fn reader_view(&self) -> Option<ReaderView> {
        let reader = self.state.reader.as_ref()?;
        let mut facts = vec![
            self.fact("label-reader-name", called(reader)),
            self.fact("label-reader-kind", &reader.kind),
            self.fact("label-reader-life", &self.text(life(reader.life))),
            self.fact("label-reader-link", &self.text(link(reader.protection))),
        ];
        facts.extend(self.state.takes_key().map(|name| self.kept_key(name)));
        facts.extend(reader.battery.map(|battery| {
            let told = match battery {
                Battery::Percent(percent) => {
                    let name = if percent <= LOW_BATTERY { "battery-low" } else { "battery" };
                    self.texts.with(name, [("percent", percent.into())])
                }
                Battery::Unclear(_) => self.text("battery-unclear"),
            };
            self.fact("label-reader-battery", &told)
        }));
        let told = |name, value: &Option<String>| value.as_ref().map(|value| self.fact(name, value));
        facts.extend(told("label-reader-firmware", &reader.firmware));
        facts.extend(told("label-reader-serial", &reader.serial));
        facts.extend(reader.sleep_delay.map(|delay| {
            let seconds: u32 = match delay {
                SleepDelay::Seconds60 => 60,
                SleepDelay::Seconds90 => 90,
                SleepDelay::Seconds120 => 120,
                SleepDelay::Seconds180 => 180,
                SleepDelay::Never => return self.fact("label-reader-sleep", &self.text("sleep-never")),
            };
            let after = self.texts.with("sleep-after", [("seconds", seconds.into())]);
            self.fact("label-reader-sleep", &after)
        }));
        Some(ReaderView { heading: self.text("label-reader"), facts })
    }

    /// In the settings: where the reader in use is of a kind in which a key can be set.
    pub(crate) fn reader_key_button(&self) -> Option<Button> {
        self.state.takes_key()?;
        Some(self.button("button-reader-key", Action::EnterReaderKey, Weight::Other))
    }

    /// The key of a reader is entered, or taken away.
    pub(crate) fn reader_key(&self, reader: &str, problem: Option<KeyProblem>) -> Page {
        let view = ReaderKeyView {
            text: self.text("reader-key-text"),
            reader: self.fact("label-reader", reader),
            kept: self.kept_key(reader),
            rule: self.text("reader-key-rule"),
            problem: problem.map(|problem| {
                self.text(match problem {
                    KeyProblem::Characters => "reader-key-characters",
                    KeyProblem::Length => "reader-key-length",
                    KeyProblem::Public => "reader-key-public",
                })
            }),
            key_label: self.text("label-reader-key"),
            submit_label: self.text("button-set"),
            footnote: self.text("reader-key-footnote"),
        };
        let none = || Action::ReaderKey(SecretBytes::new(Vec::new()));
        let kept = self.state.reader_keys.has(reader);
        let remove = kept.then(|| self.button("button-reader-key-remove", none(), Weight::Other));
        let back = self.button("button-back", Action::Back, Weight::Quiet);
        ("title-reader-key", View::ReaderKey(view), remove.into_iter().chain([back]).collect())
    }

    /// Whether a key for this reader is on this device.
    fn kept_key(&self, reader: &str) -> Fact {
        let kept = self.state.reader_keys.has(reader);
        self.fact("label-reader-key", &self.text(if kept { "reader-key-kept" } else { "reader-key-none" }))
    }

    /// What the site does over a link that everybody near can read along: asked where there may be one, and shown
    /// wherever it is not the safe choice.
    pub(crate) fn exposed_pin(&self) -> Option<ExposedPinView> {
        let chosen = self.state.settings.exposed_pin;
        let matters = self.state.reader.is_some() || chosen != ExposedPin::Never;
        let choice = |exposed_pin, name| ExposedPinChoice {
            exposed_pin,
            label: self.text(name),
            chosen: exposed_pin == chosen,
        };
        matters.then(|| ExposedPinView {
            label: self.text("label-exposed-pin"),
            choices: vec![
                choice(ExposedPin::Never, "exposed-pin-never"),
                choice(ExposedPin::DangerAfterWarning, "exposed-pin-warned"),
            ],
        })
    }
}

/// What staff know the reader by.
fn called(reader: &ReaderInfo) -> &str {
    if reader.name.is_empty() { &reader.kind } else { &reader.name }
}

fn low_battery(reader: &ReaderInfo) -> Option<u8> {
    match reader.battery {
        Some(Battery::Percent(percent)) if percent <= LOW_BATTERY => Some(percent),
        _ => None,
    }
}

fn link(protection: Protection) -> &'static str {
    match protection {
        Protection::Plain => "link-plain",
        Protection::FactoryKey => "link-factory-key",
        Protection::CustomerKey => "link-customer-key",
    }
}

fn life(life: ReaderLife) -> &'static str {
    match life {
        ReaderLife::Discovered => "life-discovered",
        ReaderLife::Connected | ReaderLife::Authenticated => "life-connecting",
        ReaderLife::Polling => "life-polling",
        ReaderLife::Card => "life-card",
        ReaderLife::Powered => "life-powered",
        ReaderLife::Asleep => "life-asleep",
        ReaderLife::Lost => "life-lost",
    }
}
