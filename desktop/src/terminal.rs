//! The terminal: keys without echo, and a screen that leaves nothing behind.

use std::io::{self, IsTerminal as _, Write};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::Sender;
use std::thread;

use counter::Tone;
use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::event::{
    self, DisableBracketedPaste, EnableBracketedPaste, KeyCode, KeyEvent, KeyEventKind, KeyModifiers,
};
use crossterm::style::{Attribute, Color, Print, ResetColor, SetAttribute, SetForegroundColor};
use crossterm::terminal::{
    Clear, ClearType, DisableLineWrap, EnableLineWrap, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode, size,
};
use crossterm::{execute, queue};

use crate::editor::Pasted;
use crate::event::Event;
use crate::keys::Key;
use crate::page::{Line, Look};

/// What the shell draws on.
pub(crate) trait Terminal {
    /// Columns and rows.
    fn size(&self) -> (u16, u16);

    /// Shows these lines and nothing else.
    fn draw(&mut self, lines: &[Line]) -> io::Result<()>;

    /// Takes the terminal again, of which others may have made what they like while this process was stopped. What
    /// stood on it is gone.
    fn take_again(&mut self) -> io::Result<()>;
}

/// The terminal of this process, in raw mode and on the alternate screen, which has no scrollback: what was shown
/// of a patient is gone with it. Dropping it restores what was there before, and so does a panic; what was typed ahead
/// is dropped with it, so that no rest of a PIN or a link goes to the command line.
///
/// What crossterm keeps of the last keys (up to a kilobyte) is not wiped.
pub(crate) struct Tty(());

/// Where the screen is drawn while a [`Tty`] lives, for whoever has to restore it in a panic.
static SCREEN: AtomicU8 = AtomicU8::new(NOWHERE);
const NOWHERE: u8 = 0;
const STDOUT: u8 = 1;
const STDERR: u8 = 2;

/// There is nothing to type on, or nothing to show a screen on.
#[derive(Debug)]
pub(crate) struct NoTerminal;

impl Tty {
    /// Takes the terminal. The screen is drawn on standard output, or on standard error where the output goes
    /// elsewhere.
    pub(crate) fn open() -> Result<Self, NoTerminal> {
        let screen = if io::stdout().is_terminal() {
            STDOUT
        } else if io::stderr().is_terminal() {
            STDERR
        } else {
            return Err(NoTerminal);
        };
        // Fails where there is no keyboard: standard input is none, and the process has no terminal of its own.
        enable_raw_mode().map_err(|_| NoTerminal)?;
        SCREEN.store(screen, Ordering::SeqCst);
        let tty = Self(());
        take_screen(screen).map_err(|_| NoTerminal)?;
        Ok(tty)
    }
}

impl Terminal for Tty {
    fn size(&self) -> (u16, u16) {
        // Some terminals do not know (a serial line): the smallest one that is drawn for.
        match size() {
            Ok((columns, rows)) if columns > 0 && rows > 0 => (columns, rows),
            _ => (80, 24),
        }
    }

    fn draw(&mut self, lines: &[Line]) -> io::Result<()> {
        // In one piece, so that nothing flickers.
        let mut out = Vec::new();
        for (row, line) in (0_u16..).zip(lines) {
            queue!(out, MoveTo(0, row), Clear(ClearType::CurrentLine))?;
            look(&mut out, line.look)?;
            queue!(out, Print(&line.text), ResetColor, SetAttribute(Attribute::Reset))?;
        }
        if u16::try_from(lines.len()).is_ok_and(|rows| rows < self.size().1) {
            queue!(out, Print("\r\n"), Clear(ClearType::FromCursorDown))?;
        }
        let mut screen = writer(SCREEN.load(Ordering::SeqCst));
        screen.write_all(&out)?;
        screen.flush()
    }

    fn take_again(&mut self) -> io::Result<()> {
        // Only what is not raw is made raw.
        disable_raw_mode()?;
        enable_raw_mode()?;
        take_screen(SCREEN.load(Ordering::SeqCst))
    }
}

fn take_screen(screen: u8) -> io::Result<()> {
    execute!(writer(screen), EnterAlternateScreen, Hide, DisableLineWrap, Clear(ClearType::All))?;
    // Consoles of an older Windows have none; there a line break in what is pasted is Enter.
    let _ = execute!(writer(screen), EnableBracketedPaste);
    Ok(())
}

impl Drop for Tty {
    fn drop(&mut self) {
        restore();
    }
}

/// Keys and new sizes come as events from now on, from a thread that ends with the process.
pub(crate) fn listen(events: Sender<Event>) -> io::Result<()> {
    let listen = move || {
        loop {
            let event = match event::read() {
                Ok(event::Event::Key(key)) if key.kind != KeyEventKind::Release => Event::Key(meaning(key)),
                Ok(event::Event::Paste(text)) => Event::Paste(Pasted::new(text)),
                Ok(event::Event::Resize(..)) => Event::Redraw,
                Ok(_) => continue,
                // The terminal is gone.
                Err(_) => Event::Leave,
            };
            let last = matches!(event, Event::Leave);
            if events.send(event).is_err() || last {
                break;
            }
        }
    };
    thread::Builder::new().name("keys".into()).spawn(listen).map(drop)
}

/// Gives the terminal back, once. What was shown is wiped as well, for terminals without an alternate screen.
fn restore() {
    let screen = SCREEN.swap(NOWHERE, Ordering::SeqCst);
    if screen != NOWHERE {
        let _ = execute!(writer(screen), DisableBracketedPaste);
        let _ = execute!(
            writer(screen),
            Clear(ClearType::All),
            MoveTo(0, 0),
            EnableLineWrap,
            Show,
            LeaveAlternateScreen
        );
        let _ = disable_raw_mode();
        drop_typed_ahead();
    }
}

/// Whatever waits in the terminal to be read.
#[cfg(unix)]
fn drop_typed_ahead() {
    use rustix::termios::{QueueSelector, tcflush};
    // The same that crossterm reads keys from.
    let _ = if io::stdin().is_terminal() {
        tcflush(io::stdin(), QueueSelector::IFlush).is_ok()
    } else {
        std::fs::File::open("/dev/tty").is_ok_and(|tty| tcflush(tty, QueueSelector::IFlush).is_ok())
    };
}

/// Windows: the thread that reads keys reads on until the process ends, and is all there is.
#[cfg(not(unix))]
fn drop_typed_ahead() {}

/// A panic on the main thread gives the terminal back before it says what it is. One on another thread is somebody
/// else's to tell: it must not be written over the screen.
pub(crate) fn restore_on_panic() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if thread::current().name() == Some("main") {
            restore();
            usual(panic);
        } else {
            let place = panic.location().map(|place| (place.file(), place.line()));
            tracing::error!(?place, "a thread panicked");
        }
    }));
}

fn writer(screen: u8) -> Box<dyn Write> {
    if screen == STDERR { Box::new(io::stderr()) } else { Box::new(io::stdout()) }
}

fn look(out: &mut Vec<u8>, look: Look) -> io::Result<()> {
    let color = match look {
        Look::Plain => return Ok(()),
        Look::Strong => return queue!(out, SetAttribute(Attribute::Bold)),
        Look::Faint => return queue!(out, SetAttribute(Attribute::Dim)),
        Look::Banner => return queue!(out, SetAttribute(Attribute::Reverse)),
        Look::Warning | Look::Toned(Tone::Changed) => Color::Yellow,
        Look::Toned(Tone::Good) => Color::Green,
        Look::Toned(Tone::Bad) => Color::Red,
        Look::Toned(Tone::Several) => Color::Cyan,
        Look::Toned(Tone::Neutral) => Color::Reset,
    };
    queue!(out, SetForegroundColor(color), SetAttribute(Attribute::Bold))
}

fn meaning(key: KeyEvent) -> Key {
    // Windows tells AltGr, with which some keyboards type an @, as both.
    let altgr = KeyModifiers::CONTROL | KeyModifiers::ALT;
    if key.modifiers.contains(KeyModifiers::CONTROL) && !key.modifiers.contains(altgr) {
        return match key.code {
            KeyCode::Char('c') => Key::Interrupt,
            KeyCode::Char('d') => Key::Leave,
            KeyCode::Char('u') => Key::ClearLine,
            // Terminals that send line feed for Enter, and those that send it for Backspace.
            KeyCode::Char('j' | 'm') => Key::Enter,
            KeyCode::Char('h') => Key::Backspace,
            _ => Key::Other,
        };
    }
    match key.code {
        KeyCode::Char(_) if key.modifiers == KeyModifiers::ALT => Key::Other,
        KeyCode::Char(character) => Key::Char(character),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Escape,
        KeyCode::Backspace | KeyCode::Delete => Key::Backspace,
        KeyCode::F(number) => Key::Function(number),
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        _ => Key::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(code: KeyCode, modifiers: KeyModifiers) -> Key {
        meaning(KeyEvent::new(code, modifiers))
    }

    #[test]
    fn a_character_with_control_is_never_typed() {
        for (character, meant) in
            [('c', Key::Interrupt), ('d', Key::Leave), ('u', Key::ClearLine), ('x', Key::Other)]
        {
            assert!(key(KeyCode::Char(character), KeyModifiers::CONTROL) == meant, "{character}");
        }
        assert!(key(KeyCode::Char('x'), KeyModifiers::ALT) == Key::Other);
    }

    #[test]
    fn what_takes_two_keys_to_type_is_typed() {
        assert!(key(KeyCode::Char('@'), KeyModifiers::CONTROL | KeyModifiers::ALT) == Key::Char('@'));
        assert!(key(KeyCode::Char('P'), KeyModifiers::SHIFT) == Key::Char('P'));
        assert!(key(KeyCode::Char('あ'), KeyModifiers::NONE) == Key::Char('あ'));
    }
}
