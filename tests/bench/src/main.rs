//! `cargo xtask bench tap`: the tables on the terminal; with `--update`, in the documentation as well.

use std::path::Path;
use std::process::ExitCode;

use bench::update::{PAGES, update};
use bench::{Extended, PACES, counts, others, ours, tables, times};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let writes = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => false,
        ["--update"] => true,
        _ => {
            eprintln!("bench tap [--update]");
            return ExitCode::FAILURE;
        }
    };
    match tap(writes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("bench: {message}");
            ExitCode::FAILURE
        }
    }
}

fn tap(writes: bool) -> Result<(), String> {
    let mut runs = ours();
    match others() {
        Ok(others) => runs.extend(others),
        Err(why) if writes => return Err(why),
        Err(why) => println!("Other programs were not run: {why}\n"),
    }
    let extended = Extended::all();
    println!("Modelled, not measured.\n\n{}", counts(&runs));
    for (name, pace) in PACES {
        println!("A {name} card\n\n{}", times(&runs, pace));
    }
    let wins = if extended.iter().all(Extended::wins_everywhere) { "quicker" } else { "not quicker" };
    let table = Extended::table(&extended);
    println!("Extended length: {wins} on every link where it is taken; off by default (ADR 0010)\n\n{table}");
    if writes {
        write(&tables(&runs))?;
    }
    Ok(())
}

fn write(tables: &[(&str, String)]) -> Result<(), String> {
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("tests/bench lies in the tree");
    for page in PAGES {
        let path = root.join(page);
        let told = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let text = std::fs::read_to_string(&path).map_err(|error| told(&error))?;
        let updated = update(&text, tables).map_err(|error| told(&error))?;
        if updated != text {
            std::fs::write(&path, updated).map_err(|error| told(&error))?;
            println!("{page} was updated");
        }
    }
    Ok(())
}
