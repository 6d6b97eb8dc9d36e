//! The table that ends a run.

use std::fmt;
use std::time::Duration;

/// What became of one suite or stage.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) passed: u32,
    pub(crate) failed: u32,
    pub(crate) time: Duration,
    /// Why it was not run, if it was not.
    pub(crate) not_run: Option<String>,
}

impl Row {
    /// A stage that is one thing: it holds or it does not.
    pub(crate) fn of(name: &str, time: Duration, holds: bool) -> Self {
        let (passed, failed) = if holds { (1, 0) } else { (0, 1) };
        Self { name: name.to_owned(), passed, failed, time, not_run: None }
    }

    /// A suite of which nothing was run yet.
    pub(crate) fn suite(name: &str) -> Self {
        Self { name: name.to_owned(), passed: 0, failed: 0, time: Duration::ZERO, not_run: None }
    }

    /// More of the suite was run.
    pub(crate) fn add(&mut self, passed: u32, failed: u32, time: Duration) {
        self.passed += passed;
        self.failed += failed;
        self.time += time;
    }
}

/// Rows, printed as a table with a closing sum.
#[derive(Default)]
pub(crate) struct Table(pub(crate) Vec<Row>);

impl Table {
    /// Says why a suite has no row of its own; the first reason counts.
    pub(crate) fn not_run(&mut self, name: &str, why: &str) {
        if self.0.iter().all(|row| row.name != name) {
            self.0.push(Row { not_run: Some(why.to_owned()), ..Row::suite(name) });
        }
    }

    /// Nothing failed; with `strict`, nothing was left out either.
    pub(crate) fn holds(&self, strict: bool) -> bool {
        self.0.iter().all(|row| row.failed == 0 && !(strict && row.not_run.is_some()))
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.0.iter().map(|row| row.name.chars().count()).max().unwrap_or(0).max(5);
        writeln!(f, "{:width$}  passed  failed    time  not run, and why", "suite")?;
        for row in &self.0 {
            let why = row.not_run.as_deref().unwrap_or("");
            let line = format!(
                "{:width$}  {:>6}  {:>6}  {:>5.0}s  {why}",
                row.name,
                row.passed,
                row.failed,
                row.time.as_secs_f64()
            );
            writeln!(f, "{}", line.trim_end())?;
        }
        let (passed, failed) =
            self.0.iter().fold((0, 0), |(passed, failed), row| (passed + row.passed, failed + row.failed));
        writeln!(f, "\n{passed} passed, {failed} failed")
    }
}
