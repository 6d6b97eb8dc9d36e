//! What reaches the shell's log: what the core does, and nothing of a patient.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use counter::{Action, View};
use madoguchi::{LogError, LogLevel, LogSink, log_to};
use sandbox_card::Person;

use crate::phone::{Mood, Phone, passcode};

#[derive(Default)]
struct Lines(Mutex<Vec<(LogLevel, String)>>);

impl LogSink for Lines {
    fn log(&self, level: LogLevel, target: String, message: String) -> Result<(), LogError> {
        self.0.lock().expect("no writer panics").push((level, format!("{target} {message}")));
        // Nobody cares.
        Err(LogError::Failed)
    }
}

/// The guide's patient under other names, with another number and PIN.
const PATIENT: [(&str, &str); 4] = [
    ("窓口　太郎", "金糸雀　啼男"),
    ("ﾏﾄﾞｸﾞﾁ ﾀﾛｳ", "ｶﾅﾘﾔ ﾅｷｵ"),
    ("pin = \"4649\"", "pin = \"8046\""),
    ("InsuredIdentificationNumber = \"１２３４\"", "InsuredIdentificationNumber = \"７３１９４２\""),
];

/// What must not be found: of the patient, of staff, and what an exception of the shell said.
const CANARIES: [&str; 8] =
    ["金糸雀", "啼男", "ｶﾅﾘﾔ", "７３１９４２", "731942", "GUIDEPATIENT", desk::PASSCODE, "canary"];

fn patient(folder: &Path) -> Person {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guide/patient.toml");
    let text = fs::read_to_string(guide).expect("the guide's example");
    let text = PATIENT.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    let file = folder.join("canary.toml");
    fs::write(&file, text).expect("a file");
    Person::from_file(file).expect("a person")
}

/// Everything in one test: a process has one log.
#[test]
fn the_log_tells_what_the_core_does_and_nothing_of_a_patient() {
    let lines = Arc::<Lines>::default();
    log_to(Some(Arc::<Lines>::clone(&lines)));
    // The second time nothing is installed anew.
    log_to(Some(Arc::<Lines>::clone(&lines)));

    let folder = tempfile::tempdir().expect("a temporary folder");
    let phone = Phone::with(vec![patient(folder.path())]);
    phone.pin("8046");
    let screen = phone.hold(&mut phone.world.card("canary"));
    assert!(matches!(screen.view, View::Result(_)), "{screen:?}");
    phone.act(Action::Next);
    phone.pin("8047");
    phone.hold(&mut phone.world.card("canary"));
    phone.act(Action::Lock);
    phone.ports.key.mood.set(Mood::Throws);
    phone.act(passcode());

    // Crates of others say what they like; one of ours that has much to say is heard only from a level on.
    log::error!(target: "rustls::client", "金糸雀");
    log::error!(target: "counterfeit", "金糸雀");
    log::debug!(target: "counter::step", "金糸雀");

    let told = lines.0.lock().expect("no writer panics");
    let text = told.iter().map(|(_, line)| line.as_str()).collect::<Vec<_>>().join("\n");
    assert!(text.contains("service::exchange answered"), "{text}");
    let threw = told.iter().find(|(_, line)| line.contains("threw what it should not"));
    assert_eq!(threw.map(|(level, _)| *level), Some(LogLevel::Warn), "{text}");
    for canary in CANARIES {
        assert!(!text.contains(canary), "{canary}: {text}");
    }
}
