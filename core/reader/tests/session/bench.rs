//! A session on a bench: vectors on one side, a shell's calls on the other.

use core::time::Duration;

use reader::{ChunkSize, Entropy, Event, Kind, Options, ReaderError, Session, SleepDelay, State, Uuid};
use secret::SecretBytes;

pub(crate) const ACS: &str = "3c4afff0-4783-3de5-a983-d348718ef133";
pub(crate) const FEITIAN: &str = "46540001-0002-00c4-0000-465453414645";

pub(crate) fn kind(service: &str) -> &'static Kind {
    let service = Uuid::parse(service).expect("a UUID");
    Kind::recognise(None, &[service]).expect("a kind that is known")
}

/// A kind for each protocol, and the vectors of a session that does not tell the reader when to sleep.
pub(crate) fn both() -> [(&'static Kind, Vectors); 2] {
    let mut acs = Vectors::acs();
    acs.steps.retain(|step| !step.what.starts_with("sleep delay"));
    [(kind(ACS), acs), (kind(FEITIAN), Vectors::ccid())]
}

/// What the vectors' host drew.
pub(crate) fn options() -> Options {
    Options::new(Entropy::from(core::array::from_fn(|i| 0x10 + u8::try_from(i).expect("small"))))
}

/// A file of vectors.
pub(crate) struct Vectors {
    pub(crate) steps: Vec<Step>,
    file: serde_json::Value,
}

#[derive(Clone)]
pub(crate) struct Step {
    pub(crate) by_host: bool,
    pub(crate) what: String,
    pub(crate) frame: Vec<u8>,
}

impl Vectors {
    pub(crate) fn acs() -> Self {
        Self::parse(include_str!("../vectors/acs.json"))
    }

    pub(crate) fn ccid() -> Self {
        Self::parse(include_str!("../vectors/ccid.json"))
    }

    fn parse(text: &str) -> Self {
        let file: serde_json::Value = serde_json::from_str(text).expect("JSON");
        let text = |value: &serde_json::Value, name: &str| value[name].as_str().expect("a text").to_owned();
        let steps = file["steps"].as_array().expect("steps").iter().map(|step| Step {
            by_host: text(step, "from") == "host",
            what: text(step, "what"),
            frame: bytes(&text(step, "frame")),
        });
        Self { steps: steps.collect(), file }
    }

    /// A frame that is no part of the dialogue.
    pub(crate) fn frame(&self, what: &str) -> Vec<u8> {
        bytes(self.file["frames"][what].as_str().expect("a frame"))
    }

    /// The frame of a step of the reader's.
    pub(crate) fn said(&self, what: &str) -> Vec<u8> {
        let step = self.steps.iter().find(|step| !step.by_host && step.what == what);
        step.expect("a step").frame.clone()
    }
}

fn bytes(hexadecimal: &str) -> Vec<u8> {
    let digits: Vec<char> = hexadecimal.chars().filter(|digit| *digit != ' ').collect();
    let byte = |pair: &[char]| u8::from_str_radix(&String::from_iter(pair), 16).expect("hexadecimal");
    digits.chunks(2).map(byte).collect()
}

pub(crate) fn secret(bytes: &[u8]) -> SecretBytes {
    SecretBytes::new(bytes.to_vec())
}

/// A session, and what it wrote and told.
pub(crate) struct Bench {
    pub(crate) session: Session,
    pub(crate) now: Duration,
    pub(crate) told: Vec<String>,
}

impl Bench {
    pub(crate) fn new(kind: &'static Kind, options: Options) -> Self {
        Self { session: Session::new(kind, options), now: Duration::ZERO, told: Vec::new() }
    }

    /// Connected, and everything answered as in the vectors up to the step before `what` of the host's.
    pub(crate) fn before(vectors: &Vectors, kind: &'static Kind, what: &str) -> Self {
        let mut bench = Self::new(kind, options());
        bench.play_until(vectors, what, &mut |stream| vec![stream.to_vec()]);
        bench
    }

    /// A session whose card has power.
    pub(crate) fn powered(vectors: &Vectors, kind: &'static Kind) -> Self {
        Self::before(vectors, kind, "SELECT")
    }

    /// Plays the whole dialogue, the reader's bytes cut by `cut`. What follows without a word of the host between is
    /// one stream.
    pub(crate) fn play(&mut self, vectors: &Vectors, cut: &mut dyn FnMut(&[u8]) -> Vec<Vec<u8>>) {
        self.play_until(vectors, "", cut);
    }

    /// Plays the dialogue up to the step before `what` of the host's.
    pub(crate) fn play_until(
        &mut self,
        vectors: &Vectors,
        what: &str,
        cut: &mut dyn FnMut(&[u8]) -> Vec<Vec<u8>>,
    ) {
        self.session.connected(self.now);
        for part in vectors.steps.chunk_by(|one, next| one.by_host == next.by_host) {
            for step in part.iter().filter(|step| step.by_host) {
                if step.what == what {
                    self.collect();
                    return;
                }
                self.want(step);
                assert_eq!(self.flush(), step.frame, "{}", step.what);
            }
            let said: Vec<&[u8]> =
                part.iter().filter(|step| !step.by_host).map(|step| &step.frame[..]).collect();
            for piece in cut(&said.concat()) {
                self.hear(&piece);
            }
        }
        assert_eq!(what, "", "a step of the host's");
    }

    /// What a shell does for this step, if it is not the session that does it.
    fn want(&mut self, step: &Step) {
        let header = if self.session.kind().service == kind(ACS).service { 0 } else { 10 };
        let now = self.now;
        let session = &mut self.session;
        let wanted = match step.what.as_str() {
            "power on" => session.power_on(now),
            "SELECT" => session.transmit(secret(&SELECT), now),
            "VERIFY with 1234" => session.transmit(secret(&VERIFY), now),
            // The two dialogues read different lengths.
            "READ BINARY" if header == 0 => session.transmit(secret(&READ), now),
            "READ BINARY" => session.transmit(secret(&step.frame[header..]), now),
            "firmware" => session.ask_firmware(now),
            "stop polling" => session.goodbye(now),
            "automatic power-off is switched off" => session.set_sleep_delay(SleepDelay::Never, now),
            _ => Ok(()),
        };
        assert_eq!(wanted, Ok(()), "{}", step.what);
    }

    /// Writes what there is to be written, chunk by chunk.
    pub(crate) fn flush(&mut self) -> Vec<u8> {
        let mut written = Vec::new();
        while let Some(write) = self.session.next_write() {
            assert_eq!(write.characteristic, self.session.kind().write);
            assert!(self.session.next_write().is_none(), "one at a time");
            written.extend_from_slice(write.bytes.expose());
            self.session.written(self.now);
        }
        written
    }

    pub(crate) fn hear(&mut self, bytes: &[u8]) {
        self.session.notified(self.session.kind().notify, bytes, self.now);
        self.collect();
    }

    /// Lets the time pass up to the deadline.
    pub(crate) fn wait_in_vain(&mut self) -> Duration {
        let began = self.now;
        self.now = self.session.deadline().expect("a deadline");
        self.session.tick(self.now);
        self.collect();
        self.now.saturating_sub(began)
    }

    pub(crate) fn collect(&mut self) {
        while let Some(event) = self.session.next_event() {
            self.told.push(match event {
                Event::Answer(answer) => format!("Answer({})", hexadecimal(answer.expose())),
                other => format!("{other:?}"),
            });
        }
    }

    /// What was told since the last time.
    pub(crate) fn news(&mut self) -> Vec<String> {
        self.collect();
        core::mem::take(&mut self.told)
    }

    pub(crate) fn assert_lost(&mut self, error: ReaderError) {
        assert_eq!(self.session.state(), State::Lost);
        assert_eq!(self.session.loss(), Some(error));
        assert_eq!(self.news().last().map(String::as_str), Some("State(Lost)"));
        assert!(self.session.next_write().is_none());
        assert_eq!(self.session.deadline(), None);
        assert_eq!(self.session.power_on(self.now), Err(error));
    }
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    use core::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes everything");
        text
    })
}

pub(crate) fn chunks(size: usize) -> ChunkSize {
    ChunkSize::new(size).expect("1 to 244")
}

pub(crate) const SELECT: [u8; 15] =
    [0x00, 0xA4, 0x04, 0x0C, 0x0A, 0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01];
pub(crate) const READ: [u8; 5] = [0x00, 0xB0, 0x8A, 0x00, 0x00];
pub(crate) const VERIFY: [u8; 9] = [0x00, 0x20, 0x00, 0x98, 0x04, 0x31, 0x32, 0x33, 0x34];
