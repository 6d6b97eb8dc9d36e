//! Links between the project's own pages and files: each must lead somewhere.

use std::fs;
use std::path::{Path, PathBuf};

use crate::root;

/// Looks at every Markdown file outside build folders.
pub(crate) fn check() -> Result<(), String> {
    let mut pages = Vec::new();
    collect(root(), &mut pages).map_err(|error| format!("the tree could not be read: {error}"))?;
    let mut broken = Vec::new();
    for page in &pages {
        let text = fs::read_to_string(page).map_err(|error| format!("{}: {error}", page.display()))?;
        let folder = page.parent().expect("a file lies in a folder");
        for target in targets(&text) {
            let path = target.split('#').next().unwrap_or_default();
            if !path.is_empty() && !folder.join(path).exists() {
                broken.push(format!("{}: {target}", page.strip_prefix(root()).unwrap_or(page).display()));
            }
        }
    }
    if broken.is_empty() {
        Ok(())
    } else {
        Err(format!("links that lead nowhere:\n  {}", broken.join("\n  ")))
    }
}

fn collect(folder: &Path, pages: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            collect(&path, pages)?;
        } else if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path);
        }
    }
    Ok(())
}

/// The targets of `[text](target)` that are paths, outside code.
fn targets(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        let mut rest = line;
        while let Some(start) = rest.find("](") {
            rest = &rest[start + 2..];
            let Some(end) = rest.find(')') else { break };
            let target = &rest[..end];
            if !target.contains("://") && !target.starts_with('#') {
                found.push(target);
            }
            rest = &rest[end..];
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::targets;

    #[test]
    fn only_paths_outside_code_are_links_to_follow() {
        let text =
            "[a](b.md) and [c](d/e.rs#L3), [web](https://example.invalid), [here](#there)\n```\n[x](y)\n```";
        assert_eq!(targets(text), ["b.md", "d/e.rs#L3"]);
    }
}
