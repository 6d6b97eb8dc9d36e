//! Tables that are written into the documentation.
//!
//! A page marks where a table goes, and the line of each marker stands alone:
//!
//! ```text
//! <!-- bench:summary -->
//! whatever stands here is replaced
//! <!-- /bench:summary -->
//! ```

use std::fmt;

/// The pages that may have markers, from the root of the tree.
pub const PAGES: [&str; 2] = ["README.md", "docs/numbers.md"];

/// A marker without its other half, or one for which there is no table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkerError {
    /// The name that is marked.
    pub name: String,
}

impl fmt::Display for MarkerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the marker bench:{} has no end, or no table", self.name)
    }
}

impl std::error::Error for MarkerError {}

/// The page with these tables, by name, between their markers. A page without markers stays as it is.
pub fn update(page: &str, tables: &[(&str, String)]) -> Result<String, MarkerError> {
    let mut updated = String::with_capacity(page.len());
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        updated += line;
        updated.push('\n');
        let Some(name) = line.strip_prefix("<!-- bench:").and_then(|rest| rest.strip_suffix(" -->")) else {
            continue;
        };
        let missing = || MarkerError { name: name.to_owned() };
        let (_, table) = tables.iter().find(|(table, _)| *table == name).ok_or_else(missing)?;
        let end = format!("<!-- /bench:{name} -->");
        lines.find(|line| *line == end).ok_or_else(missing)?;
        // A blank line on each side, for a table to be one.
        updated.extend(["\n", table.trim_end(), "\n\n", &end, "\n"]);
    }
    Ok(updated)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# Page\n\n<!-- bench:a -->\nold\n<!-- /bench:a -->\n\nEnd.\n";

    #[test]
    fn what_stands_between_the_markers_is_replaced_and_nothing_else() {
        let tables = [("a", "| new |\n".to_owned())];
        let updated = update(PAGE, &tables).expect("a table for each marker");
        assert_eq!(updated, "# Page\n\n<!-- bench:a -->\n\n| new |\n\n<!-- /bench:a -->\n\nEnd.\n");
        assert_eq!(update(&updated, &tables).as_deref(), Ok(&*updated), "again, and nothing changes");
        assert_eq!(update("nothing\n", &tables).as_deref(), Ok("nothing\n"));
    }

    #[test]
    fn a_marker_that_is_not_understood_is_told() {
        let wrong = Err(MarkerError { name: "a".to_owned() });
        assert_eq!(update(PAGE, &[]), wrong);
        assert_eq!(update("<!-- bench:a -->\nold\n", &[("a", String::new())]), wrong);
    }
}
