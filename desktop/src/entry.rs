//! The commands that show screens: each is a way into the same shell, and knows when it has come to its end.

use counter::{Action, Counter, Failure, Method, Screen, View};
use zeroize::Zeroizing;

/// Which command, and how far it is.
pub(crate) struct Entry {
    command: Command,
    /// Whether somebody was logged in.
    logged_in: bool,
    /// Whether the check was begun.
    checking: bool,
    /// Whether the service's answer was shown.
    answered: bool,
    /// The last failure that nothing has mended since.
    failure: Option<Failure>,
}

pub(crate) enum Command {
    /// With the link, if it came from elsewhere than the keyboard.
    Enrol {
        link: Option<Zeroizing<String>>,
    },
    LogIn,
    Check {
        method: Method,
        limit_amount: bool,
        pipe: bool,
    },
}

/// Nothing more is shown.
pub(crate) enum Over {
    /// The answer goes to the pipe, and the command is done. It is a patient's.
    Answer(String),
    End(End),
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Done,
    /// Left before it was done, with the failure that stands.
    NotDone(Option<Failure>),
    NotEnrolled,
    AlreadyEnrolled,
    /// A part of the app stopped.
    Broken,
}

impl Entry {
    pub(crate) fn new(command: Command) -> Self {
        Self { command, logged_in: false, checking: false, answered: false, failure: None }
    }

    /// How it ends before anything is shown, if it does: on this device it makes no sense, or nothing can be done
    /// about what is wrong with its folder. A state that cannot be read can be given up on the screen.
    pub(crate) fn ends_at_once(&self, counter: &Counter) -> Option<End> {
        let screen = counter.screen();
        match (&self.command, &screen.view) {
            (_, View::Failure(view)) if screen.button(&Action::ForgetDevice).is_none() => {
                Some(End::NotDone(Some(view.failure)))
            }
            (Command::Enrol { .. }, View::LogIn(_)) => Some(End::AlreadyEnrolled),
            (Command::LogIn | Command::Check { .. }, View::SetUp(_)) => Some(End::NotEnrolled),
            _ => None,
        }
    }

    /// Looks at the screen before it is shown, and does what was asked for on the command line.
    pub(crate) fn steer(&mut self, mut screen: Screen, counter: &Counter) -> Result<Screen, Over> {
        self.logged_in |= matches!(screen.view, View::Choose(_));
        match &screen.view {
            View::Failure(view) => self.failure = Some(view.failure),
            View::LastTry(view) => self.failure = Some(view.failure),
            // A check that comes back to the choice was given up; what made one give up stands.
            View::Choose(_) if self.checking => {}
            View::Choose(_) | View::Result(_) | View::ConfirmLink(_) | View::ChoosePasscode(_) => {
                self.failure = None;
            }
            _ => {}
        }
        match (&mut self.command, &screen.view) {
            (Command::Enrol { link }, View::SetUp(_)) => {
                if let Some(mut link) = link.take() {
                    screen = counter.act(Action::OpenLink(core::mem::take(&mut *link)));
                }
            }
            (Command::Enrol { .. }, View::Choose(_) | View::LogIn(_)) => return Err(Over::End(End::Done)),
            (Command::LogIn | Command::Check { .. }, View::SetUp(_)) => {
                return Err(Over::End(self.left()));
            }
            (Command::Check { .. }, View::Choose(_) | View::LogIn(_)) if self.checking => {
                return Err(Over::End(self.left()));
            }
            (Command::Check { method, limit_amount, .. }, View::Choose(_)) => {
                self.checking = true;
                counter.act(Action::Consent { limit_amount: *limit_amount });
                screen = counter.act(Action::Choose(*method));
                if matches!(screen.view, View::Choose(_)) {
                    return Err(Over::End(End::NotDone(Some(Failure::MethodNotAllowed))));
                }
            }
            (Command::Check { pipe, .. }, View::Result(_)) => {
                self.answered = true;
                if *pipe {
                    return Err(Over::Answer(screen.to_text()));
                }
            }
            _ => {}
        }
        Ok(screen)
    }

    /// How it ends when it is left now.
    pub(crate) fn left(&self) -> End {
        let done = match self.command {
            Command::Enrol { .. } => false,
            Command::LogIn => self.logged_in && self.failure != Some(Failure::TooManyAttempts),
            Command::Check { .. } => self.answered,
        };
        if done { End::Done } else { End::NotDone(self.failure) }
    }
}
