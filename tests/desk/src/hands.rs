//! What staff's and patients' hands do, and what a shell does for them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use counter::{
    Action, Clock, Config, Counter, Link, Lost, Method, Ports, Screen, Storage, SystemClock, Tap, TapStep,
    View,
};
use eligibility::Wareki;
use sandbox_card::VirtualCard;
use secret::Passcode;
use service::device_key::DeviceKey;
use time::{Date, OffsetDateTime};

use crate::SoftKey;

/// A service on loopback that has not answered after so long never will.
const PATIENCE: Duration = Duration::from_secs(20);

/// The passcode of every desk.
pub const PASSCODE: &str = "407182";

/// INS of COMPUTE DIGITAL SIGNATURE.
const COMPUTE_DIGITAL_SIGNATURE: u8 = 0x2A;

/// READ BINARY of what follows the head of a certificate.
const SECOND_PIECE: [u8; 4] = [0x00, 0xB0, 0x01, 0x00];

/// A counter with its ports, and hands to use it.
pub struct Desk {
    /// What is under the hands.
    pub counter: Counter,
    key: Arc<dyn DeviceKey>,
    clock: Arc<DeskClock>,
}

/// What came of holding a card.
pub struct Held {
    /// The screen afterwards.
    pub screen: Screen,
    /// What the card was asked, without data.
    pub transcript: String,
    /// How many commands the card answered.
    pub commands: usize,
    /// How long they took, the card's own work included.
    pub took: Duration,
}

impl Desk {
    /// A device as it comes out of its box.
    pub fn new(storage: impl Storage, config: Config) -> Self {
        Self::with_key(Arc::<SoftKey>::default(), storage, config)
    }

    /// The app ends and starts again, on the same device.
    #[must_use]
    pub fn restart(self, storage: impl Storage, config: Config) -> Self {
        let key = Arc::clone(&self.key);
        drop(self); // and with it what the app holds of its storage
        Self::with_key(key, storage, config)
    }

    /// A device with a key store of one's own.
    pub fn with_key(key: Arc<dyn DeviceKey>, storage: impl Storage, config: Config) -> Self {
        let clock = Arc::new(DeskClock::default());
        let ports = Ports {
            key: Arc::clone(&key),
            storage: Arc::new(storage),
            clock: Arc::<DeskClock>::clone(&clock),
        };
        Self { counter: Counter::open(config, ports), key, clock }
    }

    /// The device's key, which survives a restart of the app.
    pub fn key(&self) -> &Arc<dyn DeviceKey> {
        &self.key
    }

    /// Lets time pass on the device.
    pub fn wait(&self, time: Duration) {
        let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.clock.ahead.fetch_add(milliseconds, Ordering::SeqCst);
    }

    /// Does something, and then the work that comes of it, as a shell does.
    pub async fn act(&self, action: Action) -> Screen {
        self.settle(self.counter.act(action)).await
    }

    /// Does the work that a screen asks for, until there is none.
    pub async fn settle(&self, mut screen: Screen) -> Screen {
        while screen.work {
            screen = self.counter.run().await;
        }
        screen
    }

    /// Opens an enrolment link, says yes, chooses the passcode and logs in.
    pub async fn enrol(&self, link: &str) -> Screen {
        self.act(Action::OpenLink(link.to_owned())).await;
        let mut screen = self.act(Action::Confirm).await;
        while matches!(screen.view, View::ChoosePasscode(_)) {
            screen = self.act(Action::Passcode(Passcode::new(PASSCODE.to_owned()))).await;
        }
        if matches!(screen.view, View::LogIn(_)) {
            screen = self.log_in().await;
        }
        screen
    }

    /// Logs in with the right passcode.
    pub async fn log_in(&self) -> Screen {
        self.act(Action::Passcode(Passcode::new(PASSCODE.to_owned()))).await
    }

    /// Chooses B, and the patient types.
    pub async fn pin(&self, digits: &str) -> Screen {
        self.act(Action::Choose(Method::Pin)).await;
        self.type_digits(digits).await
    }

    /// Chooses A, and staff type the birth date printed on the card.
    pub async fn visual(&self, birth: Date) -> Screen {
        self.act(Action::Choose(Method::Visual)).await;
        self.type_birth(birth).await
    }

    /// Staff type a birth date: era and six digits. A reminder about cards without a photo may follow.
    ///
    /// # Panics
    ///
    /// If the date lies before the Japanese eras.
    pub async fn type_birth(&self, birth: Date) -> Screen {
        let wareki = Wareki::from_date(birth).expect("cards are younger than the eras");
        self.act(Action::Era(wareki.era())).await;
        let date = wareki.date();
        let digits = format!("{:02}{:02}{:02}", wareki.year(), u8::from(date.month()), date.day());
        self.type_digits(&digits).await
    }

    /// Types digits, one after another.
    pub async fn type_digits(&self, digits: &str) -> Screen {
        let mut screen = self.counter.screen();
        for digit in digits.bytes() {
            screen = self.act(Action::Digit(digit.wrapping_sub(b'0'))).await;
        }
        screen
    }

    /// Holds a card until it may be taken away.
    pub fn hold(&self, card: &mut VirtualCard) -> Held {
        self.hold_for(card, usize::MAX)
    }

    /// Holds a card, and takes it away after so many commands: it does what the next one says, but its answer is
    /// lost.
    pub fn hold_for(&self, card: &mut VirtualCard, commands: usize) -> Held {
        self.hold_until(card, commands, Lost::CardGone)
    }

    /// Holds a card, and loses it so after so many commands: it does what the next one says, but its answer is lost.
    pub fn hold_until(&self, card: &mut VirtualCard, commands: usize, lost: Lost) -> Held {
        card.power_on();
        let mut answered = 0;
        let held = self.hold_line(|command| {
            let answer = card.transmit(command);
            answered += 1;
            if answered <= commands { Ok(answer) } else { Err(lost) }
        });
        card.power_off();
        held
    }

    /// Holds a card that takes as long for its signature as the service takes to say whether it knows the certificate;
    /// a real one takes half a second. If the certificate is read before, it takes as long for the first piece after the head.
    /// It is taken away after so many commands, as in [`Desk::hold_for`].
    ///
    /// # Panics
    ///
    /// If the service does not say it, or on a tokio runtime with one thread.
    pub fn hold_slowly(&self, card: &mut VirtualCard, commands: usize) -> Held {
        card.power_on();
        let mut answered = 0;
        let held = self.hold_tap(Link::Direct, |tap, command| {
            if command[1] == COMPUTE_DIGITAL_SIGNATURE || command.starts_with(&SECOND_PIECE) {
                // This thread may be one of those on which the question is to run.
                tokio::task::block_in_place(|| {
                    let start = Instant::now();
                    while tap.certificate_known().is_none() {
                        assert!(start.elapsed() < PATIENCE, "the service says nothing");
                        std::thread::sleep(Duration::from_millis(1));
                    }
                });
            }
            let answer = card.transmit(command);
            answered += 1;
            if answered <= commands { Ok(answer) } else { Err(Lost::CardGone) }
        });
        card.power_off();
        held
    }

    /// Holds something that answers commands, or is gone (`None`).
    pub fn hold_what(&self, mut transmit: impl FnMut(&[u8]) -> Option<Vec<u8>>) -> Held {
        self.hold_line(|command| transmit(command).ok_or(Lost::CardGone))
    }

    /// Holds something that answers commands, or is lost in some way.
    pub fn hold_line(&self, transmit: impl FnMut(&[u8]) -> Result<Vec<u8>, Lost>) -> Held {
        self.hold_over(Link::Direct, transmit)
    }

    /// The same over a Bluetooth reader, or directly.
    pub fn hold_over(&self, link: Link, mut transmit: impl FnMut(&[u8]) -> Result<Vec<u8>, Lost>) -> Held {
        self.hold_tap(link, |_, command| transmit(command))
    }

    fn hold_tap(&self, link: Link, mut transmit: impl FnMut(&Tap, &[u8]) -> Result<Vec<u8>, Lost>) -> Held {
        let start = Instant::now();
        let mut commands = 0;
        let (screen, transcript) = match self.counter.tap(link) {
            None => (self.counter.screen(), String::new()),
            Some(mut tap) => {
                let mut answer: Option<Vec<u8>> = None;
                loop {
                    let answered = match tap.next(answer.as_deref()) {
                        TapStep::Done(screen) => break (screen, tap.transcript()),
                        TapStep::Transmit(command) => transmit(&tap, command.expose()),
                    };
                    match answered {
                        Ok(bytes) => answer = Some(bytes),
                        Err(lost) => {
                            let transcript = tap.transcript();
                            break (tap.lost(lost), transcript);
                        }
                    }
                    commands += 1;
                }
            }
        };
        Held { screen, transcript, commands, took: start.elapsed() }
    }

    /// Holds a card, and lets the service decide.
    pub async fn check(&self, card: &mut VirtualCard) -> Screen {
        self.settle(self.hold(card).screen).await
    }
}

/// The machine's clocks, with a steady one that can be moved ahead.
#[derive(Default)]
struct DeskClock {
    clock: SystemClock,
    ahead: AtomicU64,
}

impl Clock for DeskClock {
    fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    fn steady(&self) -> Duration {
        self.clock.steady() + Duration::from_millis(self.ahead.load(Ordering::SeqCst))
    }
}
