//! `madoguchi-sandbox up --hand`: what a test does to the service while it runs, one line of JSON on standard input each.
//!
//! ```text
//! {"do":"fault","path":"/v1/eligibility-checks","times":1,"what":"garble"}
//! {"do":"fault","path":"/v1/challenges","times":20,"what":{"delay":60}}
//! {"do":"fault","path":"/v1/eligibility-checks","times":1,"what":{"refuse":"rate-limited"}}
//! {"do":"clear"}
//! {"do":"advance","seconds":121}
//! ```
//!
//! Each is answered on standard output: `hand: done`, or `hand: ` and why not.

use core::sync::atomic::{AtomicI64, Ordering};
use core::time::Duration;
use std::io::BufRead as _;

use sandbox_service::{Clock, Fault, Faults, SystemClock};
use serde::Deserialize;
use service::messages::ProblemCode;
use tokio::sync::mpsc;

/// The machine's clock, and what a test moved it by.
#[derive(Debug)]
pub(crate) struct MovedClock(AtomicI64);

impl MovedClock {
    /// As if it had been moved by so many seconds already.
    pub(crate) fn ahead(seconds: u32) -> Self {
        Self(AtomicI64::new(seconds.into()))
    }
}

impl Clock for MovedClock {
    fn now(&self) -> i64 {
        SystemClock.now().saturating_add(self.0.load(Ordering::SeqCst))
    }
}

#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
enum Deed {
    Fault { path: String, times: usize, what: What },
    Clear,
    Advance { seconds: u32 },
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum What {
    DropBefore,
    DropAfter,
    DropDuring,
    Garble,
    Delay(u64),
    Refuse(String),
}

impl What {
    fn fault(&self) -> Option<Fault> {
        Some(match self {
            Self::DropBefore => Fault::DropBefore,
            Self::DropAfter => Fault::DropAfter,
            Self::DropDuring => Fault::DropDuring,
            Self::Garble => Fault::Garble,
            Self::Delay(seconds) => Fault::Delay(Duration::from_secs(*seconds)),
            Self::Refuse(code) => {
                let code = ProblemCode::ALL.iter().find(|known| known.as_str() == code)?;
                Fault::Refuse(*code, None)
            }
        })
    }
}

/// The lines of standard input, read on a thread of its own: nobody waits for it at the end.
pub(crate) fn lines() -> mpsc::UnboundedReceiver<String> {
    let (send, receive) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                return;
            }
        }
    });
    receive
}

/// Does what a line says; the answer.
pub(crate) fn act(line: &str, faults: &Faults, clock: &MovedClock) -> String {
    match serde_json::from_str(line) {
        Ok(Deed::Fault { path, times, what }) => match what.fault() {
            Some(fault) => faults.add(&path, fault, times),
            None => return "hand: no such problem code".to_owned(),
        },
        Ok(Deed::Clear) => faults.clear(),
        Ok(Deed::Advance { seconds }) => {
            clock.0.fetch_add(i64::from(seconds), Ordering::SeqCst);
        }
        Err(error) => return format!("hand: {error}"),
    }
    "hand: done".to_owned()
}
