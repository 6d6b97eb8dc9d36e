//! Changes to an example.

use bolero::TypeGenerator;

use crate::Example;

/// An example and what is changed in it.
#[derive(Debug, Clone, TypeGenerator)]
pub struct Changes {
    /// Which example.
    pub which: u8,
    /// One after another.
    #[generator(bolero::produce::<Vec<Change>>().with().len(0_usize..=6))]
    pub changes: Vec<Change>,
}

/// One change. Positions are taken modulo the length.
#[derive(Debug, Clone, TypeGenerator)]
pub enum Change {
    /// A byte is another one.
    Set(u16, u8),
    /// One bit is.
    Flip(u16, u8),
    /// Numbers at which something turns: 00, 7F, 80, FF, in as many bytes.
    Turn(u16, u8),
    /// A byte is there in addition.
    Insert(u16, u8),
    /// So many bytes are missing.
    Remove(u16, u8),
    /// So many bytes stand there twice.
    Repeat(u16, u8),
    /// The rest is missing.
    Cut(u16),
    /// The rest is that of another example.
    Join(u16, u8),
}

impl Changes {
    /// The example as it is now.
    ///
    /// # Panics
    ///
    /// If there is no example.
    pub fn of(&self, examples: &[Example]) -> Vec<u8> {
        let example = |which: u8| &examples[usize::from(which) % examples.len()].bytes;
        let mut bytes = example(self.which).clone();
        for change in &self.changes {
            let length = bytes.len();
            let place = |at: u16| usize::from(at) % length.max(1);
            let range = |at: u16, count: u8| place(at)..length.min(place(at) + usize::from(count));
            match *change {
                Change::Set(at, to) => bytes.iter_mut().skip(place(at)).take(1).for_each(|byte| *byte = to),
                Change::Flip(at, bit) => {
                    bytes.iter_mut().skip(place(at)).take(1).for_each(|byte| *byte ^= 1 << (bit % 8));
                }
                Change::Turn(at, how) => {
                    let to = [0x00, 0x7F, 0x80, 0xFF][usize::from(how % 4)];
                    let count = 1 << (how >> 2 & 0x03);
                    bytes.iter_mut().skip(place(at)).take(count).for_each(|byte| *byte = to);
                }
                Change::Insert(at, byte) => bytes.insert(place(at), byte),
                Change::Remove(at, count) => drop(bytes.drain(range(at, count))),
                Change::Repeat(at, count) => {
                    let again = bytes[range(at, count)].to_vec();
                    let at = place(at);
                    bytes.splice(at..at, again);
                }
                Change::Cut(at) => bytes.truncate(place(at)),
                Change::Join(at, which) => {
                    bytes.truncate(place(at));
                    bytes.extend(example(which).iter().skip(usize::from(at) % example(which).len().max(1)));
                }
            }
        }
        bytes
    }
}
