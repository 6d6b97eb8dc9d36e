//! Which key does what on a screen.

use counter::{Action, BirthDateView, Button, Era, Language, Method, Screen, View, Weight};

/// A key, as the shell knows it. Its `Debug` shows no character: it may be one of a password.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Char(char),
    Enter,
    Escape,
    Backspace,
    Function(u8),
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
    /// Ctrl-U: the whole line back.
    ClearLine,
    /// Ctrl-C: cancel, or leave where there is nothing to cancel.
    Interrupt,
    /// Ctrl-D: leave.
    Leave,
    /// Any other one.
    Other,
}

impl core::fmt::Debug for Key {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Key(redacted)")
    }
}

/// What the keys with characters on them are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Typing {
    /// At most to choose.
    Nothing,
    /// Digits, one by one to the counter.
    Digits,
    /// A line: a password, or a link.
    Line,
}

impl Typing {
    pub(crate) fn on(view: &View) -> Self {
        match view {
            View::SetUp(_) | View::ChoosePasscode(_) | View::LogIn(_) => Self::Line,
            View::PinPad(_) | View::BirthDate(_) => Self::Digits,
            _ => Self::Nothing,
        }
    }
}

/// Something that may be chosen on a screen.
#[derive(Debug)]
pub(crate) struct Choice {
    pub(crate) key: Key,
    /// The key, as it is called.
    pub(crate) name: String,
    pub(crate) label: String,
    /// Above it, where a group of choices begins.
    pub(crate) heading: Option<String>,
    /// What it means, below the label.
    pub(crate) detail: Option<String>,
    /// Whether it is on, where it can be.
    pub(crate) on: Option<bool>,
    /// `false`: not yet.
    pub(crate) enabled: bool,
    pub(crate) does: Does,
}

/// What a choice does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Does {
    /// The button at this place of the screen.
    Button(usize),
    Choose(Method),
    Consent(bool),
    Era(Era),
    Language(Language),
    DefaultMethod(Option<Method>),
}

impl Does {
    /// The action, taken out of the screen, which is over with it.
    pub(crate) fn action(self, screen: Screen) -> Option<Action> {
        Some(match self {
            Self::Button(at) => screen.buttons.into_iter().nth(at)?.action,
            Self::Choose(method) => Action::Choose(method),
            Self::Consent(limit_amount) => Action::Consent { limit_amount },
            Self::Era(era) => Action::Era(era),
            Self::Language(language) => Action::SetLanguage(language),
            Self::DefaultMethod(method) => Action::SetDefaultMethod(method),
        })
    }
}

/// Everything that may be chosen on this screen, in the order in which it is listed.
///
/// Enter is the filled button, Esc leaves; an era has its initial, as on Japanese forms. Everything else is
/// numbered with the function keys from F2 on (F1 belongs to many a terminal).
///
/// Digits choose only where staff choose, before a patient begins. Anywhere else somebody may still be typing a PIN
/// or a birth date when the screen changes, and the next digit would answer a question that nobody has read: on the
/// screen of the last try, with that try. Nor does Enter: it may end what is typed.
pub(crate) fn choices(screen: &Screen) -> Vec<Choice> {
    let typing = Typing::on(&screen.view);
    let digits = matches!(screen.view, View::Choose(_) | View::Settings(_));
    let mut list = List { typing, digits, numbered: 0, choices: Vec::new() };
    match &screen.view {
        View::Choose(view) => {
            for choice in &view.methods {
                let usual = choice.usual.as_ref().map(|usual| format!(" ({usual})")).unwrap_or_default();
                let label = format!("{}{usual}", choice.label);
                list.number(label, None, Does::Choose(choice.method)).detail = Some(choice.text.clone());
            }
            let does = Does::Consent(!view.limit_amount);
            list.number(view.consent_label.clone(), Some(view.limit_amount), does);
        }
        View::Settings(view) => {
            let from = list.choices.len();
            for choice in &view.languages {
                list.number(choice.label.clone(), Some(choice.chosen), Does::Language(choice.language));
            }
            list.head(from, &view.language_label);
            let from = list.choices.len();
            for choice in &view.methods {
                list.number(choice.label.clone(), Some(choice.chosen), Does::DefaultMethod(choice.method));
            }
            list.head(from, &view.method_label);
        }
        View::BirthDate(view) => list.eras(view),
        _ => {}
    }
    let leaves = leaving(&screen.buttons);
    for (at, button) in screen.buttons.iter().enumerate() {
        let does = Does::Button(at);
        // Enter ends a line where one is typed.
        let enters = list.typing != Typing::Line && !matches!(screen.view, View::LastTry(_));
        let choice = if button.weight == Weight::Main && enters {
            list.add(Key::Enter, "Enter", button.label.clone(), None, does)
        } else if leaves == Some(at) {
            list.add(Key::Escape, "Esc", button.label.clone(), None, does)
        } else {
            list.number(button.label.clone(), None, does)
        };
        choice.enabled = button.enabled_at.is_none();
    }
    list.choices
}

/// What this key does on this screen, if it may.
pub(crate) fn pressed(screen: &Screen, key: Key) -> Option<Does> {
    let listed = choices(screen).into_iter().find(|choice| choice.enabled && choice.key == key);
    let listed = listed.map(|choice| choice.does);
    // Esc leaves even where leaving is the filled button.
    let escape = || leaving(&screen.buttons).filter(|_| matches!(key, Key::Escape | Key::Interrupt));
    listed.or_else(|| escape().map(Does::Button))
}

/// The button that leads away: cancel rather than back.
fn leaving(buttons: &[Button]) -> Option<usize> {
    let find = |wanted: fn(&Action) -> bool| buttons.iter().position(|button| wanted(&button.action));
    find(|action| matches!(action, Action::Cancel)).or_else(|| find(|action| matches!(action, Action::Back)))
}

struct List {
    typing: Typing,
    /// Whether digits choose.
    digits: bool,
    numbered: u8,
    choices: Vec<Choice>,
}

impl List {
    fn add(&mut self, key: Key, name: &str, label: String, on: Option<bool>, does: Does) -> &mut Choice {
        let (name, heading, detail) = (name.into(), None, None);
        self.choices.push(Choice { key, name, label, heading, detail, on, enabled: true, does });
        self.choices.last_mut().expect("just added")
    }

    fn number(&mut self, label: String, on: Option<bool>, does: Does) -> &mut Choice {
        self.numbered += 1;
        if self.digits {
            let digit = char::from(b'0' + self.numbered.min(9));
            self.add(Key::Char(digit), &digit.to_string(), label, on, does)
        } else {
            let number = self.numbered + 1;
            self.add(Key::Function(number), &format!("F{number}"), label, on, does)
        }
    }

    fn eras(&mut self, view: &BirthDateView) {
        for choice in &view.eras {
            let (label, does) = (choice.label.clone(), Does::Era(choice.era));
            let initial = match choice.era {
                Era::Meiji => 'm',
                Era::Taisho => 't',
                Era::Showa => 's',
                Era::Heisei => 'h',
                Era::Reiwa => 'r',
            };
            let name = initial.to_ascii_uppercase().to_string();
            self.add(Key::Char(initial), &name, label, Some(choice.chosen), does);
        }
    }

    /// A heading over the choice at this place, if it is there.
    fn head(&mut self, at: usize, heading: &str) {
        if let Some(choice) = self.choices.get_mut(at) {
            choice.heading = Some(heading.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use counter::{BirthDateView, EraChoice, Failure, FailureView, LastTryView, PinPadView, WarningView};

    use super::*;

    fn button(label: &str, action: Action, weight: Weight) -> Button {
        Button { label: label.into(), action, weight, enabled_at: None }
    }

    fn screen(view: View, buttons: Vec<Button>) -> Screen {
        Screen {
            view,
            title: String::new(),
            buttons,
            institution: None,
            steps: Vec::new(),
            notices: Vec::new(),
            sandbox: None,
            language: Language::Ja,
            for_patient: false,
            secure: false,
            work: false,
            cue: None,
            reconnect_reader: false,
            made_at: core::time::Duration::ZERO,
            wake_at: None,
        }
    }

    fn waiting() -> View {
        View::Waiting(counter::WaitingView { text: String::new() })
    }

    fn last_try() -> View {
        View::LastTry(LastTryView {
            failure: Failure::PinLastTry,
            text: String::new(),
            hint: String::new(),
            fallbacks_label: None,
            fallbacks: Vec::new(),
        })
    }

    fn names(screen: &Screen) -> Vec<String> {
        choices(screen).into_iter().map(|choice| choice.name).collect()
    }

    #[test]
    fn enter_is_the_filled_button_esc_leaves_and_the_rest_is_numbered() {
        let screen = screen(
            waiting(),
            vec![
                button("again", Action::Retry, Weight::Main),
                button("other", Action::UsePin, Weight::Other),
                button("type again", Action::Back, Weight::Other),
                button("cancel", Action::Cancel, Weight::Quiet),
            ],
        );
        assert_eq!(names(&screen), ["Enter", "F2", "F3", "Esc"]);
        assert_eq!(pressed(&screen, Key::Enter), Some(Does::Button(0)));
        assert_eq!(pressed(&screen, Key::Function(2)), Some(Does::Button(1)));
        assert_eq!(pressed(&screen, Key::Function(3)), Some(Does::Button(2)));
        for key in [Key::Escape, Key::Interrupt] {
            assert_eq!(pressed(&screen, key), Some(Does::Button(3)), "cancel rather than back");
        }
        assert_eq!(pressed(&screen, Key::Function(4)), None);
        assert!(matches!(Does::Button(1).action(screen), Some(Action::UsePin)));
    }

    #[test]
    fn a_button_that_waits_is_listed_and_does_nothing() {
        let early = Button {
            enabled_at: Some(core::time::Duration::from_secs(5)),
            ..button("end it", Action::Confirm, Weight::Other)
        };
        let screen = screen(waiting(), vec![button("back", Action::Back, Weight::Main), early]);
        assert_eq!(names(&screen), ["Enter", "F2"]);
        assert_eq!(pressed(&screen, Key::Function(2)), None);
        assert_eq!(pressed(&screen, Key::Escape), Some(Does::Button(0)));
    }

    #[test]
    fn where_digits_are_typed_no_digit_chooses() {
        let pad = View::PinPad(PinPadView {
            text: String::new(),
            hint: String::new(),
            typed: 0,
            of: 4,
            problem: None,
            erase_label: String::new(),
        });
        let buttons = || {
            vec![
                button("by sight", Action::UseVisual, Weight::Other),
                button("cancel", Action::Cancel, Weight::Quiet),
            ]
        };
        let pad = screen(pad, buttons());
        assert_eq!(names(&pad), ["F2", "Esc"]);
        for digit in '0'..='9' {
            assert_eq!(pressed(&pad, Key::Char(digit)), None);
        }
        let eras = [(Era::Taisho, false), (Era::Showa, true), (Era::Heisei, false), (Era::Reiwa, false)];
        let birth = View::BirthDate(BirthDateView {
            text: String::new(),
            hint: String::new(),
            eras: eras.map(|(era, chosen)| EraChoice { era, label: String::new(), chosen }).into(),
            typed: String::new(),
            problem: None,
            erase_label: String::new(),
        });
        let birth = screen(birth, buttons());
        assert_eq!(names(&birth), ["T", "S", "H", "R", "F2", "Esc"]);
        assert_eq!(pressed(&birth, Key::Char('h')), Some(Does::Era(Era::Heisei)));
    }

    /// A patient who goes on typing, or presses Enter after the PIN, must not answer what nobody has read.
    #[test]
    fn nothing_that_is_typed_by_habit_answers_a_question_about_a_try() {
        let warning = View::Warning(WarningView {
            text: String::new(),
            hint: String::new(),
            fallbacks_label: None,
            fallbacks: Vec::new(),
        });
        let wrong_pin = View::Failure(FailureView {
            failure: Failure::PinWrong,
            code: String::new(),
            cause: String::new(),
            tries: None,
            remedy: String::new(),
            wait: None,
            fallbacks_label: None,
            fallbacks: Vec::new(),
            help_desk: None,
        });
        for view in [last_try(), warning, wrong_pin, waiting()] {
            let buttons = vec![
                button("by sight", Action::UseVisual, Weight::Other),
                button("go on", Action::GoOn, Weight::Other),
                button("cancel", Action::Cancel, Weight::Quiet),
            ];
            let screen = screen(view, buttons);
            assert_eq!(names(&screen), ["F2", "F3", "Esc"]);
            assert_eq!(pressed(&screen, Key::Function(3)), Some(Does::Button(1)));
            for key in ('0'..='9').map(Key::Char).chain([Key::Enter]) {
                assert_eq!(pressed(&screen, key), None, "{:?}", screen.view);
            }
        }
        // Even if the button were filled.
        let filled = screen(last_try(), vec![button("go on", Action::GoOn, Weight::Main)]);
        assert_eq!(pressed(&filled, Key::Enter), None);
    }

    #[test]
    fn no_key_is_shown_by_debug() {
        assert_eq!(format!("{:?}", Key::Char('7')), "Key(redacted)");
    }
}
