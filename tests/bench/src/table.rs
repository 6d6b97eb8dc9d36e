//! A table: padded for a terminal, plain for Markdown.

use std::fmt;

/// Rows of cells below a head.
#[derive(Clone, Debug)]
pub struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// With these columns. The first one's cells are set left, those of the others right.
    pub(crate) fn new<'a>(head: impl IntoIterator<Item = &'a str>) -> Self {
        Self { head: head.into_iter().map(str::to_owned).collect(), rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// As Markdown. A row's line does not depend on the others, so that a change shows where it is.
    pub fn markdown(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let rule = format!("|---{}|\n", "|--:".repeat(self.head.len() - 1));
        let rows: String = self.rows.iter().map(|row| line(row)).collect();
        format!("{}{rule}{rows}", line(&self.head))
    }
}

/// How many columns of a terminal a text takes, as far as our names go: 漢字 take two.
fn width(text: &str) -> usize {
    text.chars().map(|letter| if letter < '\u{2E80}' { 1 } else { 2 }).sum()
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = || [&self.head].into_iter().chain(&self.rows);
        let wide = |column: usize| lines().map(|cells| width(&cells[column])).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.head.len()).map(wide).collect();
        for cells in lines() {
            for (number, (cell, wide)) in cells.iter().zip(&widths).enumerate() {
                let room = " ".repeat(wide - width(cell));
                match number {
                    0 => write!(f, "{cell}{room}")?,
                    _ => write!(f, "  {room}{cell}")?,
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
