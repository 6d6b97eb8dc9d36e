//! The shell: it draws the counter's screens, and tells it what a person did. It has no rule.

use std::io::{self, Write as _};
use std::mem::{Discriminant, discriminant};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use counter::{Action, Counter, Screen, View};
use tokio::runtime::Handle;

use crate::cards::{Cards, Slot};
use crate::editor::Editor;
use crate::entry::{End, Entry, Over};
use crate::event::{CardNews, Event};
use crate::keys::{Key, Typing, pressed};
use crate::page::{Aside, CardAside, Line, page};
use crate::terminal::Terminal;

/// A clock on the screen shows seconds.
const SECOND: Duration = Duration::from_secs(1);
/// The longest sleep. A PC that was asleep finds out by it that it is late: a steady clock may not count that.
const NAP: Duration = Duration::from_secs(10);
/// So long at most the end waits for the journal to be written.
const LAST_WORK: Duration = Duration::from_secs(3);

/// A counter on a terminal, from one of the commands until its end.
pub(crate) struct Shell<T> {
    counter: Counter,
    runtime: Handle,
    terminal: T,
    events: Receiver<Event>,
    sender: Sender<Event>,
    cards: Cards,
    entry: Entry,
    editor: Editor,
    /// Which screen is shown; scrolling and typing belong to one.
    shown: Option<Discriminant<View>>,
    aside: Aside,
    scrollable: usize,
    /// What stands on the terminal.
    lines: Vec<Line>,
    /// A patient is being served.
    patient: bool,
    /// A card was asked for.
    asked_for_card: bool,
    working: bool,
}

impl<T: Terminal> Shell<T> {
    /// `events` are the keys, and the wish of the system to end.
    pub(crate) fn new(
        counter: Counter,
        runtime: Handle,
        terminal: T,
        slot: impl Slot,
        entry: Entry,
        (sender, events): (Sender<Event>, Receiver<Event>),
    ) -> io::Result<Self> {
        let cards = Cards::new(slot, counter.clone(), sender.clone())?;
        Ok(Self {
            counter,
            runtime,
            terminal,
            events,
            sender,
            cards,
            entry,
            editor: Editor::new(),
            shown: None,
            aside: Aside { card: CardAside::Unknown, ..Aside::default() },
            scrollable: 0,
            lines: Vec::new(),
            patient: false,
            asked_for_card: false,
            working: false,
        })
    }

    /// Goes on until the command has come to its end, or is left. Afterwards the counter is locked.
    pub(crate) fn run(mut self) -> io::Result<End> {
        let end = self.serve();
        self.counter.act(Action::Hidden);
        let until = Instant::now() + LAST_WORK;
        while self.working {
            match self.events.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(Event::Worked | Event::Broken) | Err(_) => self.working = false,
                Ok(_) => {}
            }
        }
        // Without it the counter works as well, the next time.
        let last_work = async { tokio::time::timeout(LAST_WORK, self.counter.run()).await };
        let _ = self.runtime.block_on(last_work);
        end
    }

    fn serve(&mut self) -> io::Result<End> {
        let mut screen = self.counter.screen();
        loop {
            screen = match self.entry.steer(screen, &self.counter) {
                Ok(screen) => screen,
                Err(Over::Answer(text)) => {
                    io::stdout().write_all(text.as_bytes())?;
                    return self.take_card_out(End::Done);
                }
                Err(Over::End(end)) => return self.take_card_out(end),
            };
            self.follow(&screen);
            self.draw(&screen)?;
            let news = self.events.recv_timeout(patience(&screen));
            screen = match news {
                Ok(Event::Key(key)) => match self.press(screen, key) {
                    Some(screen) => screen,
                    None => return self.take_card_out(self.entry.left()),
                },
                Ok(Event::Paste(text)) => {
                    // Nobody pastes a PIN.
                    if Typing::on(&screen.view) == Typing::Line {
                        self.editor.paste(&text);
                    }
                    self.counter.act(Action::Touch)
                }
                Ok(Event::Resumed) => {
                    self.terminal.take_again()?;
                    self.lines.clear();
                    self.counter.screen()
                }
                Ok(Event::Redraw) => {
                    self.lines.clear();
                    self.counter.screen()
                }
                Ok(Event::Worked) => {
                    self.working = false;
                    self.counter.screen()
                }
                Ok(Event::Card(news)) => {
                    self.heard(&news);
                    self.counter.screen()
                }
                Err(RecvTimeoutError::Timeout) => self.counter.act(Action::Tick),
                Ok(Event::Leave) => return Ok(self.entry.left()),
                Ok(Event::Broken) | Err(RecvTimeoutError::Disconnected) => return Ok(End::Broken),
            };
        }
    }

    /// Does what the screen asks of the device: its work, and a card.
    fn follow(&mut self, screen: &Screen) {
        if self.shown.replace(discriminant(&screen.view)) != Some(discriminant(&screen.view)) {
            self.editor.clear();
            (self.aside.typed, self.aside.scroll) = (0, 0);
        }
        if screen.work && !self.working {
            self.working = true;
            let (counter, sender) = (self.counter.clone(), self.sender.clone());
            let work = self.runtime.spawn(async move { counter.run().await });
            self.runtime.spawn(async move {
                let done = if work.await.is_ok() { Event::Worked } else { Event::Broken };
                let _ = sender.send(done);
            });
        }
        match &screen.view {
            View::HoldCard(view) => {
                (self.patient, self.asked_for_card) = (true, true);
                if view.ready {
                    self.cards.tap();
                }
            }
            view => {
                self.cards.stop();
                match view {
                    View::PinPad(_) | View::BirthDate(_) | View::LastTry(_) | View::Result(_) => {
                        self.patient = true;
                    }
                    View::Choose(_) | View::LogIn(_) if self.patient => {
                        self.patient = false;
                        self.cards.next_patient();
                    }
                    _ => {}
                }
            }
        }
    }

    fn heard(&mut self, news: &CardNews) {
        self.aside.card = match news {
            CardNews::Aside(aside) => *aside,
            CardNews::Done => {
                self.cards.done();
                CardAside::Unknown
            }
        };
    }

    fn draw(&mut self, screen: &Screen) -> io::Result<()> {
        self.aside.typed = self.editor.typed();
        let frame = page(screen, self.aside, self.terminal.size());
        self.scrollable = frame.scrollable;
        self.aside.scroll = self.aside.scroll.min(frame.scrollable);
        if frame.lines != self.lines {
            self.terminal.draw(&frame.lines)?;
            self.lines = frame.lines;
        }
        Ok(())
    }

    /// What a key does. `None`: it leaves.
    fn press(&mut self, screen: Screen, key: Key) -> Option<Screen> {
        let typing = Typing::on(&screen.view);
        let key = if typing == Typing::Line { key } else { narrow(key) };
        if key == Key::Leave {
            return None;
        }
        if let Some(action) = pressed(&screen, key).and_then(|does| does.action(screen)) {
            return Some(self.counter.act(action));
        }
        match (typing, key) {
            (_, Key::Interrupt) | (Typing::Nothing, Key::Char('q')) => return None,
            (Typing::Digits, Key::Char(digit)) if digit.is_ascii_digit() => {
                let digit = u8::try_from(digit).unwrap_or_default().wrapping_sub(b'0');
                return Some(self.counter.act(Action::Digit(digit)));
            }
            (Typing::Digits, Key::Backspace) => return Some(self.counter.act(Action::Erase)),
            (Typing::Line, Key::Enter) => return Some(self.submit()),
            (Typing::Line, Key::Char(character)) => self.editor.push(character),
            (Typing::Line, Key::Backspace) => self.editor.erase(),
            (Typing::Line, Key::Escape | Key::ClearLine) => self.editor.clear(),
            (_, Key::Up) => self.scroll(-1),
            (_, Key::Down) => self.scroll(1),
            (_, Key::PageUp) => self.scroll(-10),
            (_, Key::PageDown) => self.scroll(10),
            (_, Key::Home) => self.aside.scroll = 0,
            (_, Key::End) => self.aside.scroll = self.scrollable,
            _ => {}
        }
        Some(self.counter.act(Action::Touch))
    }

    fn scroll(&mut self, lines: isize) {
        self.aside.scroll = self.aside.scroll.saturating_add_signed(lines).min(self.scrollable);
    }

    /// The line is whole.
    fn submit(&mut self) -> Screen {
        let screen = self.counter.screen();
        if self.editor.typed() == 0 {
            return screen;
        }
        match screen.view {
            View::SetUp(_) => self.counter.act(Action::OpenLink(self.editor.take())),
            View::LogIn(_) | View::ChoosePasscode(_) => {
                self.counter.act(Action::Passcode(self.editor.take_passcode()))
            }
            _ => screen,
        }
    }

    /// The end comes when the last patient has the card back, or somebody does not want to wait for it.
    fn take_card_out(&mut self, end: End) -> io::Result<End> {
        if !self.asked_for_card {
            return Ok(end);
        }
        // Nothing of the patient waits with us.
        self.counter.act(Action::Lock);
        self.cards.stop();
        if self.patient {
            self.cards.next_patient();
        }
        let mut asked = false;
        loop {
            if !self.cards.busy() {
                if asked {
                    return Ok(end);
                }
                asked = true;
                self.cards.empty();
            }
            let screen = self.counter.screen();
            let lines = crate::page::take_card(screen.language);
            self.terminal.draw(&lines)?;
            match self.events.recv_timeout(NAP) {
                Ok(Event::Card(news)) => self.heard(&news),
                Ok(Event::Resumed) => self.terminal.take_again()?,
                Ok(
                    Event::Key(Key::Interrupt | Key::Leave | Key::Char('q')) | Event::Leave | Event::Broken,
                )
                | Err(RecvTimeoutError::Disconnected) => return Ok(end),
                Ok(_) | Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

/// How long nothing changes by itself.
fn patience(screen: &Screen) -> Duration {
    let counts = match &screen.view {
        View::Result(_) => true,
        View::LogIn(view) => view.wait_until.is_some(),
        View::Failure(view) => view.wait.is_some(),
        _ => false,
    };
    let longest = if counts { SECOND } else { NAP };
    screen.wake_at.map_or(longest, |at| at.saturating_sub(screen.made_at).min(longest))
}

/// A Japanese keyboard may type full-width digits and letters (U+FF01 to U+FF5E): where they are keys, they mean
/// the same.
fn narrow(key: Key) -> Key {
    match key {
        Key::Char(wide @ '\u{FF01}'..='\u{FF5E}') => {
            let narrow = char::from_u32(u32::from(wide) - 0xFEE0).unwrap_or(wide);
            Key::Char(narrow.to_ascii_lowercase())
        }
        Key::Char(character) => Key::Char(character.to_ascii_lowercase()),
        key => key,
    }
}

#[cfg(test)]
mod tests;
