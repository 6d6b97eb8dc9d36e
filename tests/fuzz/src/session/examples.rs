//! Scripts that are valid, and where they lead.

use super::steps::{
    BATTERY, CONNECT, DEADLINE, FAULT, FIRMWARE, FLOWS, GOODBYE, HAPPENS, INSERT, POWER_OFF, POWER_ON,
    REMOVE, SAYS, SAYS_CHANGED, SAYS_PART, SERIAL, SLEEP, SWALLOWS, TRANSMIT, WAIT, WRITTEN,
};
use crate::Example;
use crate::script::counted;
use crate::vectors::Vectors;

pub(crate) fn acs_examples() -> Vec<Example> {
    let mut examples = examples();
    examples.push(Example::new("vectors", from_vectors(&Vectors::acs())));
    examples
}

pub(crate) fn ccid_examples() -> Vec<Example> {
    let mut examples = examples();
    examples.push(Example::new("vectors", from_vectors(&Vectors::ccid())));
    examples
}

const SELECT: &[u8] = b"\x00\xA4\x04\x0C\x0A\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01";
const READ: &[u8] = b"\x00\xB0\x8A\x00\x00";
const COUNTER: &[u8] = b"\x00\x20\x00\x98";
const VERIFY: &[u8] = b"\x00\x20\x00\x98\x041234";

fn transmit(command: &[u8]) -> Vec<u8> {
    [&[TRANSMIT], &counted(command)[..], &[FLOWS]].concat()
}

/// Scripts that any reader plays.
fn examples() -> Vec<Example> {
    let commands = [SELECT, READ, COUNTER, VERIFY].map(transmit).concat();
    // Chunks of 20 bytes, cut fully.
    let powered = [19, 0, INSERT, CONNECT, FLOWS, POWER_ON, FLOWS];
    // One write, one notification.
    let wide = [199, 0, INSERT, CONNECT, FLOWS, POWER_ON, FLOWS, TRANSMIT, 0, 4];
    // Chunks of 7 bytes, cut anywhere.
    let cut = [6, 1, CONNECT, FLOWS, INSERT, FLOWS, POWER_ON, FLOWS];
    vec![
        Example::new("tap", [&powered[..], &commands, &[POWER_OFF, FLOWS, GOODBYE, FLOWS]].concat()),
        Example::new("cut-anywhere", [&cut[..], &commands].concat()),
        Example::new(
            "told",
            [&powered[..], &[BATTERY, 41, FIRMWARE, FLOWS, SERIAL, FLOWS, SLEEP, 0, FLOWS]].concat(),
        ),
        Example::new(
            "removed",
            [&powered[..], &transmit(SELECT), &[REMOVE, FLOWS, INSERT, FLOWS, POWER_ON, FLOWS], &commands]
                .concat(),
        ),
        Example::new(
            "slept",
            [&powered[..], &[WAIT, 0xFF, 0xFF, FLOWS, DEADLINE, CONNECT, FLOWS, POWER_ON, FLOWS], &commands]
                .concat(),
        ),
        Example::new(
            "dropped",
            [&powered[..], &[FAULT, 1, 4, 3, 0], &commands, &[CONNECT, FLOWS, POWER_ON, FLOWS], &commands]
                .concat(),
        ),
        Example::new(
            "interjected",
            [&powered[..5], &[FAULT, 0, 6, 7, 0, POWER_ON, FLOWS], &commands].concat(),
        ),
        Example::new("garbled", [&wide[..], COUNTER, &[HAPPENS, SAYS_CHANGED, 0, 0x40, FLOWS]].concat()),
        Example::new("in-vain", [&wide[..], COUNTER, &[HAPPENS, SAYS_PART, 3, DEADLINE, WRITTEN]].concat()),
    ]
}

/// The reader's part is what the vectors say; the virtual one is not asked.
fn from_vectors(vectors: &Vectors) -> Vec<u8> {
    let mut script = vec![243, 0, CONNECT];
    // Its own bytes are behind a header of 10 bytes, which of ACS commands only READ BINARY's are not.
    for step in vectors.steps.iter().filter(|step| !step.what.starts_with("sleep delay")) {
        if !step.by_host() {
            script.push(SAYS);
            script.extend(counted(&step.frame()));
            continue;
        }
        match step.what.as_str() {
            "power on" => script.push(POWER_ON),
            "firmware" => script.push(FIRMWARE),
            "stop polling" => script.push(GOODBYE),
            "automatic power-off is switched off" => script.extend([SLEEP, 0]),
            "SELECT" => script.extend([&[TRANSMIT], &counted(SELECT)[..]].concat()),
            "VERIFY with 1234" => script.extend([&[TRANSMIT], &counted(VERIFY)[..]].concat()),
            "READ BINARY" => script.extend([&[TRANSMIT], &counted(READ)[..]].concat()),
            _ => {}
        }
        script.push(SWALLOWS);
    }
    script
}

#[cfg(test)]
mod tests {
    use reader::{SleepDelay, State};
    use sandbox_reader::ble::Model;

    use super::super::Scene;
    use super::*;
    use crate::script::Script;

    /// What a script has brought about.
    fn played(model: Model, name: &str) -> Scene {
        let examples = if model == Model::Acr1255uJ1 { acs_examples() } else { ccid_examples() };
        let example = examples.iter().find(|example| example.name == name).expect("an example");
        let mut script = Script::new(&example.bytes);
        let mut scene = Scene::new(model, &mut script);
        while let Some(step) = script.step() {
            scene.step(step, &mut script);
            scene.look();
        }
        scene
    }

    #[test]
    fn the_examples_go_where_they_should() {
        for model in [Model::Acr1255uJ1, Model::Br500C4] {
            for (name, state, answers) in [
                ("tap", State::Lost, 6),
                ("cut-anywhere", State::Powered, 5),
                ("told", State::Powered, 1),
                ("removed", State::Powered, 7),
                ("interjected", State::Powered, 5),
            ] {
                let scene = played(model, name);
                assert_eq!((scene.state, scene.told), (state, answers), "{model:?}, {name}");
                assert!(scene.honest);
            }
            for (name, state) in [("slept", State::Powered), ("dropped", State::Powered)] {
                let mut scene = played(model, name);
                assert_eq!(scene.state, state, "{model:?}, {name}");
                assert_eq!(scene.reader.card().map(|card| card.commands.len() >= 4), Some(true));
            }
            for name in ["garbled", "in-vain"] {
                assert_eq!(played(model, name).state, State::Lost, "{model:?}, {name}");
            }
        }
        // Two sessions that were laid out by hand, and of which each byte fits.
        let scene = played(Model::Acr1255uJ1, "vectors");
        assert_eq!((scene.state, scene.session.loss()), (State::Lost, None));
        assert!(scene.told >= 3, "{}", scene.told);
        let scene = played(Model::Br500C4, "vectors");
        assert_eq!((scene.state, scene.told), (State::Polling, 4));
        assert_eq!(scene.session.sleep_delay(), Some(SleepDelay::Never));
    }
}
