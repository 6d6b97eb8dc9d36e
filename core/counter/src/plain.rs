//! A screen as plain text, for terminals.

use core::fmt::{self, Write};

use crate::{EraChoice, Fact, Screen, View, Weight, result_view::ResultView};

impl Screen {
    /// The screen as plain text: what a person would read on it, from top to bottom. It shows patient data
    /// where the screen does.
    pub fn to_text(&self) -> String {
        Plain(self).to_string()
    }
}

struct Plain<'a>(&'a Screen);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, self.0)
    }
}

fn write(out: &mut impl Write, screen: &Screen) -> fmt::Result {
    if let Some(sandbox) = &screen.sandbox {
        writeln!(out, "※ {sandbox}")?;
    }
    match &screen.institution {
        Some(institution) => writeln!(out, "【{}】 {institution}", screen.title)?,
        None => writeln!(out, "【{}】", screen.title)?,
    }
    for notice in &screen.notices {
        writeln!(out, "！{notice}")?;
    }
    view(out, &screen.view)?;
    for button in &screen.buttons {
        let mark = match (button.enabled_at, button.weight) {
            (Some(_), _) => "▒",
            (None, Weight::Main) => "■",
            (None, _) => "□",
        };
        writeln!(out, "{mark} {}", button.label)?;
    }
    Ok(())
}

fn view(out: &mut impl Write, view: &View) -> fmt::Result {
    match view {
        View::SetUp(view) => {
            writeln!(out, "{}", view.text)?;
            if view.typed {
                writeln!(out, "  {}: ____\n  {}: ____", view.account_label, view.code_label)?;
            }
            writeln!(out, "{}\n{}\n{}", view.link_hint, view.replacing_hint, view.footnote)
        }
        View::ConfirmLink(view) => {
            writeln!(out, "{}", view.text)?;
            facts(out, [&view.institution, &view.service])?;
            facts(out, view.replaces.as_ref())?;
            writeln!(out, "{}", view.footnote)
        }
        View::ChoosePasscode(view) => {
            writeln!(out, "{}\n{}\n{}", view.text, view.rule, view.warning)?;
            problem(out, view.problem.as_deref())
        }
        View::LogIn(view) => {
            writeln!(out, "{}", view.text)?;
            problem(out, view.problem.as_deref())?;
            view.biometrics.as_ref().map_or(Ok(()), |biometrics| writeln!(out, "  {}", biometrics.label))
        }
        View::Choose(view) => {
            writeln!(out, "{}", view.text)?;
            for method in &view.methods {
                let usual = method.usual.as_ref().map(|usual| format!(" ({usual})")).unwrap_or_default();
                writeln!(out, "  {}{usual}\n    {}", method.label, method.text)?;
            }
            let mark = if view.limit_amount { "☑" } else { "☐" };
            writeln!(out, "  {mark} {}\n{}", view.consent_label, view.footnote)?;
            view.offer.as_ref().map_or(Ok(()), |offer| {
                writeln!(out, "{}\n  {} / {}", offer.text, offer.accept_label, offer.decline_label)
            })
        }
        View::BirthDate(view) => {
            writeln!(out, "{}\n{}", view.text, view.hint)?;
            let era = |choice: &EraChoice| {
                if choice.chosen { format!("[{}]", choice.label) } else { choice.label.clone() }
            };
            writeln!(out, "  {}", view.eras.iter().map(era).collect::<Vec<_>>().join(" "))?;
            writeln!(out, "  {}", view.typed)?;
            problem(out, view.problem.as_deref())
        }
        View::PinPad(view) => {
            writeln!(out, "{}\n{}", view.text, view.hint)?;
            let dots = (0..view.of).map(|at| if at < view.typed { "●" } else { "○" });
            writeln!(out, "  {}", dots.collect::<String>())?;
            problem(out, view.problem.as_deref())
        }
        View::Warning(view) => {
            writeln!(out, "{}\n{}", view.text, view.hint)?;
            fallbacks(out, view.fallbacks_label.as_deref(), &view.fallbacks)
        }
        View::HoldCard(view) => {
            problem(out, view.again.as_ref().map(|again| again.text.as_str()))?;
            writeln!(out, "{}\n{}", view.text, view.hint)?;
            facts(out, view.reader.as_ref())?;
            problem(out, view.reader_hint.as_deref())?;
            fallbacks(out, view.fallbacks_label.as_deref(), &view.fallbacks)
        }
        View::Waiting(view) => writeln!(out, "{}", view.text),
        View::LastTry(view) => {
            writeln!(out, "{}\n{}", view.text, view.hint)?;
            fallbacks(out, view.fallbacks_label.as_deref(), &view.fallbacks)
        }
        View::Result(view) => result(out, view),
        View::Failure(view) => {
            writeln!(out, "⚠ {}", view.cause)?;
            if let Some(tries) = &view.tries {
                writeln!(out, "{tries}")?;
            }
            writeln!(out, "{}", view.remedy)?;
            if let Some(wait) = &view.wait {
                writeln!(out, "{wait}")?;
            }
            fallbacks(out, view.fallbacks_label.as_deref(), &view.fallbacks)?;
            if let Some(desk) = &view.help_desk {
                writeln!(out, "☎ {desk}")?;
            }
            writeln!(out, "({})", view.code)
        }
        View::Settings(view) => {
            let mark = |chosen: bool| if chosen { "◉" } else { "○" };
            writeln!(out, "{}", view.language_label)?;
            for choice in &view.languages {
                writeln!(out, "  {} {}", mark(choice.chosen), choice.label)?;
            }
            writeln!(out, "{}", view.method_label)?;
            for choice in &view.methods {
                writeln!(out, "  {} {}", mark(choice.chosen), choice.label)?;
            }
            writeln!(out, "{}", view.export.label)?;
            for choice in &view.export.choices {
                writeln!(out, "  {} {}", mark(choice.chosen), choice.label)?;
            }
            writeln!(out, "  {}", view.export.hint)?;
            for switch in [&view.biometrics, &view.sounds, &view.vibration].into_iter().flatten() {
                writeln!(out, "{} {}", if switch.on { "☑" } else { "☐" }, switch.label)?;
                switch.hint.as_ref().map_or(Ok(()), |hint| writeln!(out, "  {hint}"))?;
            }
            if let Some(view) = &view.exposed_pin {
                writeln!(out, "{}", view.label)?;
                for choice in &view.choices {
                    writeln!(out, "  {} {}", mark(choice.chosen), choice.label)?;
                }
            }
            if let Some(view) = &view.reader {
                writeln!(out, "［{}］", view.heading)?;
                facts(out, &view.facts)?;
            }
            for fact in &view.facts {
                writeln!(out, "{}: {}", fact.label, fact.value)?;
            }
            Ok(())
        }
        View::About(view) => {
            writeln!(out, "{}\n{}", view.name, view.text)?;
            view.notes.iter().try_for_each(|note| writeln!(out, "・{note}"))?;
            facts(out, &view.facts)?;
            writeln!(out, "{}", view.licence)
        }
        View::ReaderKey(view) => {
            writeln!(out, "{}", view.text)?;
            facts(out, [&view.reader, &view.kept])?;
            writeln!(out, "  {}: ____\n{}", view.key_label, view.rule)?;
            problem(out, view.problem.as_deref())?;
            writeln!(out, "{}", view.footnote)
        }
    }
}

fn facts<'a>(out: &mut impl Write, facts: impl IntoIterator<Item = &'a Fact>) -> fmt::Result {
    facts.into_iter().try_for_each(|fact| writeln!(out, "  {}: {}", fact.label, fact.value))
}

fn problem(out: &mut impl Write, problem: Option<&str>) -> fmt::Result {
    problem.map_or(Ok(()), |problem| writeln!(out, "⚠ {problem}"))
}

fn fallbacks(out: &mut impl Write, label: Option<&str>, ways: &[String]) -> fmt::Result {
    label.map_or(Ok(()), |label| writeln!(out, "{label}"))?;
    numbered(out, ways)
}

fn numbered(out: &mut impl Write, ways: &[String]) -> fmt::Result {
    ways.iter().enumerate().try_for_each(|(at, way)| writeln!(out, "  {}. {way}", at + 1))
}

fn result(out: &mut impl Write, view: &ResultView) -> fmt::Result {
    writeln!(out, "{} {}", view.validity.symbol, view.validity.word)?;
    writeln!(out, "  {}  ({})", view.confirmed, view.clear_text)?;
    if let Some(advice) = &view.advice {
        writeln!(out, "{advice}")?;
    }
    numbered(out, &view.fallbacks)?;
    for notice in &view.notices {
        writeln!(out, "⚠ {notice}")?;
    }
    for record in &view.records {
        if let Some(heading) = &record.heading {
            writeln!(out, "── {heading}")?;
        }
        if let Some(kana) = &record.kana {
            writeln!(out, "  {kana}")?;
        }
        writeln!(out, "  {}", record.name)?;
        for line in [&record.name_note, &record.born].into_iter().flatten() {
            writeln!(out, "  {line}")?;
        }
        for section in &record.sections {
            writeln!(out, "  ［{}］", section.heading)?;
            let width = section.lines.iter().map(|line| columns(&line.label)).max().unwrap_or_default();
            for line in &section.lines {
                let gap = " ".repeat(width - columns(&line.label));
                let mark = if line.attention { "⚠ " } else { "" };
                let note = line.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
                writeln!(out, "    {}{gap}  {mark}{}{note}", line.label, line.value)?;
            }
        }
    }
    view.exports.iter().try_for_each(|choice| writeln!(out, "□ {}", choice.label))
}

/// How many columns a terminal gives to a label: two to what is not ASCII. Labels are Japanese or English, so
/// this is enough.
fn columns(text: &str) -> usize {
    text.chars().map(|character| if character.is_ascii() { 1 } else { 2 }).sum()
}
