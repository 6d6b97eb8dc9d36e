//! Bytes as a script: what is read off them one after another.

/// A script. At its end there are zeros, and no more steps.
pub(crate) struct Script<'a>(&'a [u8]);

impl<'a> Script<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next step, if there is one.
    pub(crate) fn step(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// Whether nothing is left.
    pub(crate) fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    /// A number that belongs to a step.
    pub(crate) fn number(&mut self) -> u8 {
        self.step().unwrap_or_default()
    }

    /// A longer number.
    pub(crate) fn long_number(&mut self) -> u16 {
        u16::from_be_bytes([self.number(), self.number()])
    }

    /// So many bytes, or as many as there are.
    pub(crate) fn bytes(&mut self, count: impl Into<usize>) -> &'a [u8] {
        let (bytes, rest) = self.0.split_at(self.0.len().min(count.into()));
        self.0 = rest;
        bytes
    }

    /// Bytes with their number before them, up to 65,535.
    pub(crate) fn counted(&mut self) -> &'a [u8] {
        let count = self.long_number();
        self.bytes(count)
    }
}

/// What [`Script::counted`] reads.
pub(crate) fn counted(bytes: &[u8]) -> Vec<u8> {
    let count = u16::try_from(bytes.len()).expect("examples are short");
    [&count.to_be_bytes(), bytes].concat()
}
