//! A screen of the counter as lines of a terminal.

use counter::{Again, EraChoice, Fact, HoldCardView, Language, ResultView, Screen, StepState, Tone, View};

use crate::columns::{columns, wrap};
use crate::keys::{Choice, Typing, choices};
use crate::words::{Words, words};

/// Beside the screen: what only this shell knows.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Aside {
    /// How many characters stand in the line that is typed.
    pub(crate) typed: usize,
    /// What is known of the card, while one is awaited.
    pub(crate) card: CardAside,
    /// How many lines of the middle are above the window.
    pub(crate) scroll: usize,
}

/// What is known of the card that is awaited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum CardAside {
    /// Nothing: it has not been looked yet.
    Unknown,
    /// None lies there.
    #[default]
    Awaited,
    /// There are several, and none is touched.
    Several,
    /// A card lies there that did not come for this patient.
    LastOne,
    /// It is being read.
    Reading,
}

/// A line with its look. `Debug` shows no text: it may be a patient's.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) text: String,
    pub(crate) look: Look,
}

impl core::fmt::Debug for Line {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Line").field("look", &self.look).finish_non_exhaustive()
    }
}

/// How a line looks. It says nothing that the text does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    Plain,
    Strong,
    Faint,
    Warning,
    Banner,
    Toned(Tone),
}

/// What a terminal of this size shows.
pub(crate) struct Frame {
    pub(crate) lines: Vec<Line>,
    /// How far the middle can be scrolled.
    pub(crate) scrollable: usize,
}

/// Draws a screen for a terminal of this size: what it is about on top, what may be chosen below, and between them as
/// much as there is room for.
pub(crate) fn page(screen: &Screen, aside: Aside, (width, height): (u16, u16)) -> Frame {
    // The last column stays empty: a character of ambiguous width may need it.
    let width = usize::from(width).saturating_sub(2).max(20);
    let height = usize::from(height);
    let words = words(screen.language);

    let mut head = Block::new(width);
    header(&mut head, screen);
    head.blank();
    let mut middle = Block::new(width);
    view(&mut middle, screen, aside, words);
    let mut foot = keys(screen, width, false, words);
    if head.lines.len() + middle.lines.len() + foot.lines.len() > height {
        foot = keys(screen, width, true, words);
    }

    let room = height.saturating_sub(head.lines.len() + foot.lines.len());
    let scrollable = middle.lines.len().saturating_sub(room);
    let scroll = aside.scroll.min(scrollable);
    let mut lines = head.lines;
    lines.extend(middle.lines.into_iter().skip(scroll).take(room));
    lines.extend(foot.lines);
    lines.truncate(height);
    Frame { lines, scrollable }
}

/// The card of a check that is over is to be taken out.
pub(crate) fn take_card(language: Language) -> Vec<Line> {
    let words = words(language);
    let line = |text: &str, look| Line { text: text.to_owned(), look };
    vec![
        line("", Look::Plain),
        line(words.take_card, Look::Strong),
        line("", Look::Plain),
        line(&format!("  q  {}", words.quit), Look::Faint),
    ]
}

/// Lines of a limited width.
struct Block {
    width: usize,
    lines: Vec<Line>,
}

impl Block {
    fn new(width: usize) -> Self {
        Self { width, lines: Vec::new() }
    }

    /// A text, wrapped. Where it begins with spaces, its other lines stand two further in.
    fn text(&mut self, look: Look, text: &str) {
        let spaces = text.len() - text.trim_start_matches(' ').len();
        self.hanging(look, text, if spaces == 0 { 0 } else { spaces + 2 });
    }

    /// A text, wrapped, whose other lines begin so far in.
    fn hanging(&mut self, look: Look, text: &str, indent: usize) {
        let indent = indent.min(self.width / 2);
        self.lines.extend(wrap(text, self.width, indent).into_iter().map(|text| Line { text, look }));
    }

    fn plain(&mut self, text: &str) {
        self.text(Look::Plain, text);
    }

    fn warning(&mut self, text: Option<&str>) {
        for (at, text) in text.unwrap_or_default().lines().enumerate() {
            self.hanging(Look::Warning, &format!("{} {text}", if at == 0 { "⚠" } else { " " }), 2);
        }
    }

    fn blank(&mut self) {
        self.lines.push(Line { text: String::new(), look: Look::Plain });
    }

    fn fact(&mut self, fact: &Fact) {
        self.plain(&format!("  {}: {}", fact.label, fact.value));
    }

    fn fallbacks(&mut self, label: Option<&str>, ways: &[String]) {
        if label.is_some() || !ways.is_empty() {
            self.blank();
        }
        if let Some(label) = label {
            self.plain(label);
        }
        self.numbered(ways);
    }

    fn numbered(&mut self, ways: &[String]) {
        for (at, way) in ways.iter().enumerate() {
            self.hanging(Look::Plain, &format!("  {}. {way}", at + 1), 5);
        }
    }
}

fn header(out: &mut Block, screen: &Screen) {
    if let Some(sandbox) = &screen.sandbox {
        out.text(Look::Banner, &format!("※ {sandbox}"));
    }
    let institution = screen.institution.as_deref().unwrap_or_default();
    out.text(Look::Strong, format!("【{}】 {institution}", screen.title).trim_end());
    if !screen.steps.is_empty() {
        let step = |step: &counter::Step| match step.state {
            StepState::Done => format!("✓ {}", step.label),
            StepState::Now => format!("▶ {}", step.label),
            StepState::Later => step.label.clone(),
        };
        out.text(Look::Faint, &screen.steps.iter().map(step).collect::<Vec<_>>().join("  ›  "));
    }
    for notice in &screen.notices {
        out.hanging(Look::Warning, &format!("！{notice}"), 2);
    }
}

fn view(out: &mut Block, screen: &Screen, aside: Aside, words: &Words) {
    match &screen.view {
        View::SetUp(view) => {
            out.plain(&view.text);
            out.plain(&view.footnote);
            out.text(Look::Faint, &view.replacing_hint);
            out.blank();
            let typed = if aside.typed == 0 { String::new() } else { format!("({})", aside.typed) };
            out.plain(&format!("{}: {typed}▏", words.link));
            out.text(Look::Faint, words.unseen);
        }
        View::ConfirmLink(view) => {
            out.plain(&view.text);
            out.blank();
            out.fact(&view.institution);
            out.fact(&view.service);
            view.replaces.iter().for_each(|replaces| out.fact(replaces));
            out.blank();
            out.plain(&view.footnote);
        }
        View::ChoosePasscode(view) => {
            out.text(Look::Strong, &view.text);
            out.plain(&view.rule);
            out.plain(&view.warning);
            out.warning(view.problem.as_deref());
            password(out, aside, words);
        }
        View::LogIn(view) => {
            out.plain(&view.text);
            out.warning(view.problem.as_deref());
            password(out, aside, words);
        }
        View::Choose(view) => {
            out.plain(&view.text);
            out.plain(&view.footnote);
        }
        View::BirthDate(view) => {
            out.text(Look::Strong, &view.text);
            out.plain(&view.hint);
            out.blank();
            let era = |choice: &&EraChoice| choice.chosen;
            let era = view.eras.iter().find(era).map(|choice| choice.label.as_str()).unwrap_or_default();
            out.text(Look::Strong, &format!("  {era} {}", date(&view.typed)));
            out.warning(view.problem.as_deref());
        }
        View::PinPad(view) => {
            out.text(Look::Strong, &view.text);
            out.plain(&view.hint);
            out.blank();
            let dot = |at| if at < view.typed { "● " } else { "○ " };
            out.text(Look::Strong, &format!("  {}", (0..view.of).map(dot).collect::<String>()));
            out.warning(view.problem.as_deref());
        }
        View::Warning(view) => {
            out.text(Look::Strong, &view.text);
            out.plain(&view.hint);
            out.fallbacks(view.fallbacks_label.as_deref(), &view.fallbacks);
        }
        View::HoldCard(view) => hold_card(out, view, aside.card, words),
        View::Waiting(view) => out.plain(&view.text),
        View::LastTry(view) => {
            out.warning(Some(&view.text));
            out.plain(&view.hint);
            out.fallbacks(view.fallbacks_label.as_deref(), &view.fallbacks);
        }
        View::Result(view) => result(out, view),
        View::Failure(view) => {
            out.warning(Some(&view.cause));
            for text in [view.tries.as_ref(), Some(&view.remedy), view.wait.as_ref()].into_iter().flatten() {
                out.plain(text);
            }
            out.fallbacks(view.fallbacks_label.as_deref(), &view.fallbacks);
            out.blank();
            if let Some(desk) = &view.help_desk {
                out.plain(&format!("☎ {desk}"));
            }
            out.text(Look::Faint, &view.code);
        }
        View::Settings(view) => view.facts.iter().for_each(|fact| out.fact(fact)),
        View::About(view) => {
            out.text(Look::Strong, &view.name);
            out.plain(&view.text);
            view.notes.iter().for_each(|note| out.hanging(Look::Plain, &format!("・{note}"), 2));
            out.blank();
            view.facts.iter().for_each(|fact| out.fact(fact));
            out.text(Look::Faint, &view.licence);
        }
        View::ReaderKey(view) => {
            out.plain(&view.text);
            out.fact(&view.reader);
            out.fact(&view.kept);
            out.warning(view.problem.as_deref());
        }
    }
}

fn password(out: &mut Block, aside: Aside, words: &Words) {
    out.blank();
    out.plain(&format!("{}: {}▏", words.password, "●".repeat(aside.typed)));
}

fn hold_card(out: &mut Block, view: &HoldCardView, card: CardAside, words: &Words) {
    out.warning(view.again.as_ref().map(|Again { text, .. }| text.as_str()));
    match card {
        CardAside::Reading => {
            out.text(Look::Strong, view.stages.first().unwrap_or(&view.text));
            out.plain(&view.still);
        }
        CardAside::Unknown => {}
        CardAside::LastOne => out.warning(Some(words.last_card)),
        CardAside::Several => out.warning(Some(words.one_card)),
        CardAside::Awaited => {
            out.text(Look::Strong, &view.text);
            out.plain(&view.hint);
        }
    }
    out.fallbacks(view.fallbacks_label.as_deref(), &view.fallbacks);
}

fn result(out: &mut Block, view: &ResultView) {
    out.text(Look::Toned(view.validity.tone), &format!("{} {}", view.validity.symbol, view.validity.word));
    out.text(Look::Faint, &format!("  {}  ({})", view.confirmed, view.clear_text));
    if let Some(advice) = &view.advice {
        out.plain(advice);
    }
    out.numbered(&view.fallbacks);
    for notice in &view.notices {
        out.warning(Some(notice));
    }
    for record in &view.records {
        if let Some(heading) = &record.heading {
            out.text(Look::Strong, &format!("── {heading}"));
        }
        if let Some(kana) = &record.kana {
            out.plain(&format!("  {kana}"));
        }
        out.text(Look::Strong, &format!("  {}", record.name));
        for line in [&record.name_note, &record.born].into_iter().flatten() {
            out.plain(&format!("  {line}"));
        }
        for section in &record.sections {
            out.text(Look::Faint, &format!("  ［{}］", section.heading));
            let widest = section.lines.iter().map(|line| columns(&line.label)).max().unwrap_or_default();
            for line in &section.lines {
                let gap = " ".repeat(widest - columns(&line.label));
                let mark = if line.attention { "⚠ " } else { "" };
                let note = line.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
                let look = if line.attention { Look::Warning } else { Look::Plain };
                let text = format!("    {}{gap}  {mark}{}{note}", line.label, line.value);
                out.hanging(look, &text, widest + 6);
            }
        }
    }
}

/// What of a date is typed, with the places of the rest: two digits each for year, month and day.
fn date(typed: &str) -> String {
    let digits = typed.chars().filter(char::is_ascii_digit).chain(core::iter::repeat('_'));
    let mut date = String::new();
    for (at, digit) in digits.take(6).enumerate() {
        if at > 0 && at % 2 == 0 {
            date.push('・');
        }
        date.push(digit);
    }
    date
}

/// What may be pressed, below everything else.
fn keys(screen: &Screen, width: usize, scrolls: bool, words: &Words) -> Block {
    let mut choices = choices(screen);
    let mut out = Block::new(width);
    out.blank();
    if let View::BirthDate(view) = &screen.view {
        // The eras in one line: there are few, and the date is what is looked at.
        let era = |choice: Choice| format!("{} {}{}", choice.name, mark(&choice, screen), choice.label);
        let eras: Vec<_> = choices.drain(..view.eras.len()).map(era).collect();
        out.plain(&format!("  {}", eras.join("   ")));
    }
    let fixed = match &screen.view {
        View::SetUp(view) => Some(("Enter", view.submit_label.as_str())),
        View::ChoosePasscode(view) => Some(("Enter", view.submit_label.as_str())),
        View::LogIn(view) => Some(("Enter", view.submit_label.as_str())),
        View::PinPad(view) => Some(("Backspace", view.erase_label.as_str())),
        View::BirthDate(view) => Some(("Backspace", view.erase_label.as_str())),
        _ => None,
    };
    let quit = if Typing::on(&screen.view) == Typing::Nothing { "q" } else { "Ctrl-D" };
    let last = scrolls.then_some(("↑ ↓", words.scroll)).into_iter().chain([(quit, words.quit)]);
    let last: Vec<_> = last.collect();
    let names = fixed.iter().chain(&last).map(|(name, _)| *name);
    let widest = names.chain(choices.iter().map(|choice| choice.name.as_str())).map(columns).max();
    let widest = widest.unwrap_or_default();
    let line = |out: &mut Block, look, name: &str, label: &str| {
        let gap = " ".repeat(widest - columns(name));
        out.hanging(look, &format!("  {name}{gap}  {label}"), widest + 4);
    };
    if let Some((name, label)) = fixed {
        line(&mut out, Look::Plain, name, label);
    }
    let mut in_group = false;
    for choice in &choices {
        if let Some(heading) = &choice.heading {
            if in_group {
                out.blank();
            }
            out.plain(heading);
            in_group = true;
        } else if in_group && choice.on.is_none() {
            out.blank();
            in_group = false;
        }
        let look = if choice.enabled { Look::Plain } else { Look::Faint };
        line(&mut out, look, &choice.name, &format!("{}{}", mark(choice, screen), choice.label));
        if let Some(detail) = &choice.detail {
            line(&mut out, Look::Faint, "", detail);
        }
    }
    for (name, label) in last {
        line(&mut out, Look::Faint, name, label);
    }
    out
}

/// Whether a choice is taken: one of several, or a tick of its own.
fn mark(choice: &Choice, screen: &Screen) -> &'static str {
    match (choice.on, &screen.view) {
        (None, _) => "",
        (Some(true), View::Choose(_)) => "☑ ",
        (Some(false), View::Choose(_)) => "☐ ",
        (Some(true), _) => "◉ ",
        (Some(false), _) => "○ ",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_places_of_a_date_stand_there_before_its_digits() {
        assert_eq!(date(""), "__・__・__");
        assert_eq!(date("55・0"), "55・0_・__");
        assert_eq!(date("55・02・17"), "55・02・17");
    }

    #[test]
    fn every_line_of_a_problem_stands_behind_the_sign() {
        let mut block = Block::new(20);
        block.warning(Some("wrong password\nnine attempts are left"));
        let lines: Vec<_> = block.lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(lines, ["⚠ wrong password", "  nine attempts are", "  left"]);
        block.warning(None);
        assert_eq!(block.lines.len(), 3);
    }
}
