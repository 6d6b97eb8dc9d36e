//! What OpenSC and `myna-card` do that we do not, and the other way round: the tables of `docs/comparison.md`, made of what
//! came over the card's line and of what each program said.
//!
//! To write them: `UPDATE_DOCS=1 cargo xtask test madoguchi-interop`.

mod afterwards;
mod besides;
mod certificate;
mod finding;
mod lab;
mod programs;
mod tries;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use lab::Lab;
use programs::{Madoguchi, MynaCard, OpenSc, Outcome, Program};

use crate::stand::Scene;

const MANIFEST: &str = include_str!("../../../../Cargo.toml");

#[tokio::test(flavor = "multi_thread")]
async fn the_page_says_what_is_measured() {
    let scene = Scene::new().await;
    let mut lab = Lab::new(finding::unheard_of());
    let mut table = Table::new(&lab);
    finding::measure(&mut lab, &mut table, &scene).await;
    let finding = table.finish();
    tries::measure(&mut lab, &mut table);
    let tries = table.finish();
    certificate::measure(&mut lab, &mut table, &scene).await;
    let certificate = table.finish();
    afterwards::measure(&mut lab, &mut table);
    let afterwards = table.finish();
    besides::measure(&mut lab, &mut table);
    let besides = table.finish();
    let tables = [
        ("finding", finding),
        ("tries", tries),
        ("certificate", certificate),
        ("afterwards", afterwards),
        ("besides", besides),
    ];

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/comparison.md");
    let written = fs::read_to_string(&path).expect("docs/comparison.md is there");
    let measured = with_tables(&written, &tables);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, measured).expect("docs/comparison.md can be written");
        return;
    }
    // Another OpenSC may do other things. The page says which one it is about.
    let same_opensc = written.contains(&table.opensc);
    let compared = |page: String| if same_opensc { page } else { without_opensc(&page) };
    assert!(
        compared(written) == compared(measured),
        "docs/comparison.md is not what is measured: UPDATE_DOCS=1 cargo xtask test madoguchi-interop\n{}",
        tables.map(|(_, table)| table).join("\n")
    );
}

/// The page with each table between its markers, which stand alone on their lines.
fn with_tables(page: &str, tables: &[(&str, String)]) -> String {
    let mut page = page.to_owned();
    for (name, table) in tables {
        let (begin, end) = (format!("<!-- measured:{name} -->\n"), format!("<!-- /measured:{name} -->\n"));
        let from = page.find(&begin).expect("a marker for each table") + begin.len();
        let to = from + page[from..].find(&end).expect("an end for each marker");
        page.replace_range(from..to, &format!("\n{table}\n"));
    }
    page
}

/// The page without the second column of its tables.
fn without_opensc(page: &str) -> String {
    let without = |line: &str| match line.splitn(4, '|').collect::<Vec<_>>()[..] {
        ["", behaviour, _, others] => format!("|{behaviour}|{others}\n"),
        _ => format!("{line}\n"),
    };
    page.lines().map(without).collect()
}

/// A table: OpenSC, `myna-card`, Madoguchi.
struct Table {
    programs: [Box<dyn Program>; 3],
    /// Name and version.
    opensc: String,
    myna_card: String,
    rows: Vec<(String, [String; 3])>,
}

impl Table {
    fn new(lab: &Lab) -> Self {
        let info = lab.daemon.run("opensc-tool", &["--info"]).succeeded().stdout_text();
        let opensc = info.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
        let (_, pinned) = MANIFEST.split_once("myna-card = \"=").expect("it is pinned");
        let (version, _) = pinned.split_once('"').expect("a string");
        Self {
            programs: [Box::new(OpenSc), Box::new(MynaCard), Box::new(Madoguchi::new())],
            opensc,
            myna_card: format!("myna-card {version}"),
            rows: Vec::new(),
        }
    }

    /// What the same measurement gives for each of them.
    fn each(&mut self, behaviour: &str, mut measure: impl FnMut(&mut dyn Program) -> String) {
        let cells = self.programs.each_mut().map(|program| measure(&mut **program));
        self.put(behaviour, cells);
    }

    fn put(&mut self, behaviour: &str, cells: [String; 3]) {
        self.rows.push((behaviour.to_owned(), cells));
    }

    fn last(&mut self) -> &mut [String; 3] {
        &mut self.rows.last_mut().expect("a row").1
    }

    /// The rows so far, as Markdown.
    fn finish(&mut self) -> String {
        let Self { opensc, myna_card, rows, .. } = self;
        let mut table = format!("|  | {opensc} | {myna_card} | Madoguchi |\n|---|---|---|---|\n");
        for (behaviour, cells) in rows.drain(..) {
            writeln!(table, "| {behaviour} | {} |", cells.join(" | ")).expect("memory");
        }
        table
    }
}

/// What came of a signature.
fn outcome(lab: &Lab, outcome: &Outcome) -> String {
    match outcome {
        Ok(signature) if lab.verifies(signature) => "works".to_owned(),
        Ok(_) => "gives a signature that does not hold".to_owned(),
        Err(said) => said.clone(),
    }
}

fn commands(number: usize) -> String {
    format!("{number} command{}", if number == 1 { "" } else { "s" })
}
