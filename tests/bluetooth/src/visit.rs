//! One entry of a secret, and the taps that come of it.

use std::sync::Arc;

use jpki::{Evidence, Method, Step, Tap, TapError, ToSign};
use reader::ReaderError;

use crate::Shell;

/// A patient who holds the card again as often as it takes, but no more often than this.
const TAPS: usize = 6;

/// One entry of a PIN or birth date. The signature is over the card's digest: the same card gives the same evidence.
pub struct Visit {
    tap: Tap,
    to_sign: ToSign,
}

/// What came of it.
#[derive(Debug)]
pub struct Visited {
    /// How it ended.
    pub end: End,
    /// How each tap before was lost.
    pub losses: Vec<ReaderError>,
}

/// How a visit ended.
#[derive(Debug)]
pub enum End {
    /// With evidence.
    Evidence(Evidence),
    /// The dialogue says why not.
    Tap(TapError),
    /// The reader cannot be used, until somebody does something about it.
    Reader(ReaderError),
    /// Lost each time.
    Tired,
}

impl Visit {
    /// A secret was entered, and no card was held yet.
    pub fn new(method: Method) -> Self {
        let to_sign: ToSign = Arc::new(|card| *card);
        Self { tap: Tap::new(method, Arc::clone(&to_sign)), to_sign }
    }

    /// Holds the card in the shell's reader until there is an end.
    pub fn go(self, shell: &mut Shell) -> Visited {
        let Self { mut tap, to_sign } = self;
        let mut losses = Vec::new();
        while losses.len() < TAPS {
            if let Err(error) = shell.stay_connected() {
                return Visited { end: End::Reader(error), losses };
            }
            let lost = match shell.power_on() {
                // A tap begins with a card that has answered.
                Err(error) => error,
                Ok(_) => {
                    let (end, lost) = run(&mut tap, |command| shell.transmit(command));
                    shell.power_off();
                    if let Some(end) = end {
                        return Visited { end, losses };
                    }
                    tap = tap.lost().resume(Arc::clone(&to_sign));
                    lost
                }
            };
            losses.push(lost);
        }
        Visited { end: End::Tired, losses }
    }

    /// The same with the card in the hand, without a reader.
    pub fn go_directly(mut self, mut transmit: impl FnMut(&[u8]) -> Vec<u8>) -> End {
        run(&mut self.tap, |command| Ok(transmit(command))).0.unwrap_or(End::Tired)
    }
}

/// One tap, to its end or its loss. A line that broke without a word is a card that is gone.
fn run(
    tap: &mut Tap,
    mut transmit: impl FnMut(&[u8]) -> Result<Vec<u8>, ReaderError>,
) -> (Option<End>, ReaderError) {
    let mut step = tap.next(None);
    loop {
        step = match step {
            Step::Done(Ok(evidence)) => return (Some(End::Evidence(evidence)), ReaderError::CardAbsent),
            Step::Done(Err(TapError::Unreadable { status: 0, .. })) => return (None, ReaderError::CardAbsent),
            Step::Done(Err(error)) => return (Some(End::Tap(error)), ReaderError::CardAbsent),
            Step::Transmit(command) => match transmit(command.expose()) {
                Ok(answer) => tap.next(Some(&answer)),
                Err(error) => return (None, error),
            },
        }
    }
}

impl Visited {
    /// The evidence, if there is some.
    pub fn evidence(&self) -> Option<&Evidence> {
        match &self.end {
            End::Evidence(evidence) => Some(evidence),
            _ => None,
        }
    }
}
