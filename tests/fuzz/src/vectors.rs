//! The vectors of `core/reader`, as scripts of a session.

use serde::Deserialize;

/// A file of vectors: what the host sends and what the reader answers, in turns.
#[derive(Deserialize)]
pub(crate) struct Vectors {
    pub(crate) steps: Vec<Step>,
}

#[derive(Deserialize)]
pub(crate) struct Step {
    from: String,
    /// What it is, in words.
    pub(crate) what: String,
    frame: String,
}

impl Vectors {
    pub(crate) fn acs() -> Self {
        Self::parse(include_str!("../../../core/reader/tests/vectors/acs.json"))
    }

    pub(crate) fn ccid() -> Self {
        Self::parse(include_str!("../../../core/reader/tests/vectors/ccid.json"))
    }

    fn parse(text: &str) -> Self {
        serde_json::from_str(text).expect("vectors are JSON")
    }
}

impl Step {
    pub(crate) fn by_host(&self) -> bool {
        self.from == "host"
    }

    pub(crate) fn frame(&self) -> Vec<u8> {
        let digits: Vec<char> = self.frame.chars().filter(|digit| *digit != ' ').collect();
        let byte = |pair: &[char]| u8::from_str_radix(&String::from_iter(pair), 16).expect("hexadecimal");
        digits.chunks(2).map(byte).collect()
    }
}
