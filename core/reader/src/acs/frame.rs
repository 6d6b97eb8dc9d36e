//! The outer frame: `05`, length (big-endian), data block, checksum, `0A`. No piece of it has a header of its own.

use core::ops::Deref;

use zeroize::{Zeroize, Zeroizing};

use crate::{
    ReaderError,
    codec::{Bytes, LONGEST_DATA},
};

const START: u8 = 0x05;
const STOP: u8 = 0x0A;
/// Start and length before the data block, checksum and stop after it.
const AROUND: usize = 5;
/// The longest data block: a header of seven bytes and the data, filled up to whole blocks of a cipher.
const LONGEST_BLOCK: usize = (7 + LONGEST_DATA).next_multiple_of(16);

/// Frames a data block.
pub(super) fn wrap(block: &[u8]) -> Bytes {
    let [.., high, low] = block.len().to_be_bytes();
    let mut frame = Zeroizing::new(Vec::with_capacity(block.len() + AROUND));
    frame.extend([START, high, low]);
    frame.extend_from_slice(block);
    let sum = checksum(&frame[1..]);
    frame.extend([sum, STOP]);
    frame
}

/// The exclusive-or of all bytes.
pub(super) fn checksum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum ^ byte)
}

/// Puts a frame together from what is notified. It never holds more than the longest frame.
pub(super) struct Unframer {
    frame: Bytes,
}

/// A data block, which is wiped and forgotten afterwards.
pub(super) struct Block<'a>(&'a mut Vec<u8>);

impl Unframer {
    pub(super) fn new() -> Self {
        Self { frame: Zeroizing::new(Vec::with_capacity(LONGEST_BLOCK + AROUND)) }
    }

    pub(super) fn is_amid_frame(&self) -> bool {
        !self.frame.is_empty()
    }

    /// Takes bytes from the front, as many as the frame that has begun needs. `None`: there is more to come.
    pub(super) fn take(&mut self, bytes: &mut &[u8]) -> Result<Option<Block<'_>>, ReaderError> {
        while let Some((&next, rest)) = bytes.split_first() {
            *bytes = rest;
            self.frame.push(next);
            match **self.frame {
                [START] | [START, _] => {}
                [START, high, low, ref after @ ..] => {
                    let length = usize::from(u16::from_be_bytes([high, low]));
                    if length == 0 || length > LONGEST_BLOCK {
                        return Err(ReaderError::Length);
                    }
                    if after.len() == length + 2 {
                        return Self::check(&mut self.frame).map(Some);
                    }
                }
                _ => return Err(ReaderError::Framing),
            }
        }
        Ok(None)
    }

    fn check(frame: &mut Vec<u8>) -> Result<Block<'_>, ReaderError> {
        if frame.pop() != Some(STOP) {
            return Err(ReaderError::Framing);
        }
        // The sum of length, data and checksum.
        if checksum(&frame[1..]) != 0 {
            return Err(ReaderError::Checksum);
        }
        frame.pop();
        Ok(Block(frame))
    }
}

impl Block<'_> {
    /// The data, to be decrypted in place.
    pub(super) fn data_mut(&mut self) -> &mut [u8] {
        &mut self.0[3..]
    }
}

impl Deref for Block<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0[3..]
    }
}

impl Drop for Block<'_> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn unframe(frame: &[u8]) -> Result<Vec<u8>, ReaderError> {
        let mut unframer = Unframer::new();
        let block = unframer.take(&mut &*frame)?;
        block.map(|block| block.to_vec()).ok_or(ReaderError::TimedOut)
    }

    #[test]
    fn start_and_stop_bytes_within_the_data_are_data() {
        let data = [0x05, 0x0A, 0x05, 0x00, 0x01, 0x0A];
        assert_eq!(unframe(&wrap(&data)).expect("whole"), data);
    }

    #[test]
    fn what_does_not_begin_with_05_is_refused_at_once() {
        assert_eq!(unframe(&[0x06]), Err(ReaderError::Framing));
    }

    #[test]
    fn a_length_that_no_block_has_is_refused_before_anything_is_awaited() {
        for [high, low] in [[0, 0], [0x02, 0x11], [0xFF, 0xFF]] {
            assert_eq!(unframe(&[START, high, low]), Err(ReaderError::Length));
        }
        assert_eq!(unframe(&wrap(&[7; LONGEST_BLOCK])).map(|block| block.len()), Ok(LONGEST_BLOCK));
    }

    #[test]
    fn a_frame_is_wiped_when_its_block_was_looked_at() {
        let mut unframer = Unframer::new();
        let frame = wrap(&[0x41; 20]);
        let room = unframer.frame.capacity();
        drop(unframer.take(&mut &**frame).expect("valid").expect("whole"));
        assert!(!unframer.is_amid_frame());
        assert_eq!(unframer.frame.capacity(), room);
    }

    proptest! {
        #[test]
        fn any_change_of_one_byte_is_noticed(
            data in prop::collection::vec(any::<u8>(), 1..40),
            at in any::<prop::sample::Index>(),
            change in 1..=u8::MAX,
        ) {
            let mut frame = wrap(&data);
            let at = at.index(frame.len());
            frame[at] ^= change;
            prop_assert!(unframe(&frame).is_err());
        }

        #[test]
        fn frames_are_found_however_they_are_cut(
            blocks in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..300), 1..4),
            sizes in prop::collection::vec(1_usize..=244, 1..20),
        ) {
            let stream: Vec<u8> = blocks.iter().flat_map(|block| wrap(block).to_vec()).collect();
            let (mut unframer, mut found, mut rest) = (Unframer::new(), Vec::new(), &stream[..]);
            for size in sizes.iter().cycle() {
                let (mut piece, after) = rest.split_at((*size).min(rest.len()));
                while let Some(block) = unframer.take(&mut piece).expect("valid") {
                    found.push(block.to_vec());
                }
                rest = after;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(found, blocks);
        }

        #[test]
        fn it_never_holds_more_than_the_longest_frame(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            let mut unframer = Unframer::new();
            let room = unframer.frame.capacity();
            // A valid start, so that it does not end at once.
            let bytes = [&[START, 0x02, 0x10][..], &bytes].concat();
            let mut rest = &bytes[..];
            while let Ok(Some(_)) = unframer.take(&mut rest) {}
            prop_assert!(unframer.frame.len() <= LONGEST_BLOCK + AROUND);
            prop_assert_eq!(unframer.frame.capacity(), room);
        }
    }
}
