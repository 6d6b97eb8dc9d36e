//! The tables.

use std::time::Duration;

use sandbox_card::link::{Link, Pace};

use crate::{Extended, Job, LINKS, PACES, Run, Table};

/// The tables of the documentation, by the names of their markers.
pub fn tables(runs: &[Run]) -> Vec<(&'static str, String)> {
    let times = PACES.map(|(name, pace)| (name, times(runs, pace)));
    [("summary", summary(runs)), ("counts", counts(runs))]
        .into_iter()
        .chain(times)
        .chain([("extended", Extended::table(&Extended::all()))])
        .map(|(name, table)| (name, table.markdown()))
        .collect()
}

/// What is sent.
pub fn counts(runs: &[Run]) -> Table {
    let mut table = Table::new(["", "job", "APDUs", "bytes sent", "bytes received", "APDUs × shortest"]);
    for run in runs {
        let (sent, received) = run.bytes();
        let shortest = run.job.shortest().map(<[_]>::len);
        table.row([
            run.name.clone(),
            run.job.name().to_owned(),
            run.pairs.len().to_string(),
            thousands(sent),
            thousands(received),
            shortest.map_or_else(no_ratio, |shortest| format!("{:.2}", over(run.pairs.len(), shortest))),
        ]);
    }
    table
}

/// How long it takes on each link, and in brackets the ratio to the shortest list.
pub fn times(runs: &[Run], pace: Pace) -> Table {
    let mut table = Table::new([""].into_iter().chain(LINKS.map(|(name, _)| name)));
    for run in runs {
        let cells = LINKS.map(|(_, link)| match run.ratio(link, pace) {
            Some(ratio) => format!("{} ({ratio:.2})", seconds(run.time(link, pace))),
            None => seconds(run.time(link, pace)),
        });
        table.row([run.name.clone()].into_iter().chain(cells));
    }
    table
}

/// What a visitor wants to know: whole checks only, on a phone and on a Bluetooth reader.
fn summary(runs: &[Run]) -> Table {
    const SHOWN: [(&str, Link); 2] = [("phone", Link::PHONE_106), ("ACS BLE", Link::ACS_BLE)];
    let columns: Vec<_> = SHOWN
        .into_iter()
        .flat_map(|(name, link)| PACES.map(|(pace_name, pace)| (format!("{name}, {pace_name}"), link, pace)))
        .collect();
    let names = columns.iter().map(|(name, ..)| name.as_str());
    let mut table = Table::new(["", "APDUs", "bytes"].into_iter().chain(names).chain(["× shortest"]));
    for run in runs.iter().filter(|run| matches!(run.job, Job::Both | Job::Repeat | Job::Visual)) {
        let (sent, received) = run.bytes();
        let counts = [run.name.clone(), run.pairs.len().to_string(), thousands(sent + received)];
        let times = columns.iter().map(|(_, link, pace)| seconds(run.time(*link, *pace)));
        let ratio = run.ratio(Link::PHONE_106, Pace::FAST);
        let ratio = ratio.map_or_else(no_ratio, |ratio| format!("{ratio:.2}"));
        table.row(counts.into_iter().chain(times).chain([ratio]));
    }
    table
}

fn no_ratio() -> String {
    "–".to_owned()
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

fn thousands(number: usize) -> String {
    match number {
        0..1_000 => number.to_string(),
        _ => format!("{},{:03}", number / 1_000, number % 1_000),
    }
}

/// One count by another.
fn over(count: usize, shortest: usize) -> f64 {
    let [count, shortest] = [count, shortest].map(|count| u32::try_from(count).map_or(f64::NAN, f64::from));
    count / shortest
}
