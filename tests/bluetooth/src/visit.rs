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
        self.go_with(shell, |_| ())
    }

    /// The same, with something that happens before each command.
    pub fn go_with(self, shell: &mut Shell, mut happens: impl FnMut(&mut Shell)) -> Visited {
        let Self { mut tap, to_sign } = self;
        let mut losses = Vec::new();
        while losses.len() < TAPS {
            if let Err(error) = shell.stay_connected() {
                return Visited { end: End::Reader(error), losses };
            }
            // A tap begins with a card that has answered.
            if let Err(error) = shell.power_on() {
                losses.push(error);
                continue;
            }
            let end = run(&mut tap, |command| {
                happens(shell);
                shell.transmit(command)
            });
            shell.power_off();
            match end {
                Ok(end) => return Visited { end, losses },
                Err(lost) => losses.push(lost),
            }
            tap = tap.lost().resume(Arc::clone(&to_sign));
        }
        Visited { end: End::Tired, losses }
    }

    /// The same with the card in the hand, without a reader.
    pub fn go_directly(mut self, mut transmit: impl FnMut(&[u8]) -> Vec<u8>) -> End {
        run(&mut self.tap, |command| Ok(transmit(command))).unwrap_or_else(End::Reader)
    }
}

/// One tap, to its end, or to its loss. A line that broke without a word is a card that is gone.
fn run(
    tap: &mut Tap,
    mut transmit: impl FnMut(&[u8]) -> Result<Vec<u8>, ReaderError>,
) -> Result<End, ReaderError> {
    let mut step = tap.next(None);
    loop {
        step = match step {
            Step::Transmit(command) => tap.next(Some(&transmit(command.expose())?)),
            Step::Done(Ok(evidence)) => return Ok(End::Evidence(evidence)),
            Step::Done(Err(TapError::Unreadable { status: 0, .. })) => return Err(ReaderError::CardAbsent),
            Step::Done(Err(error)) => return Ok(End::Tap(error)),
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
