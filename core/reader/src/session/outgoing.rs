//! A frame on its way out, piece by piece.

use secret::SecretBytes;
use zeroize::Zeroizing;

use crate::{ChunkSize, codec::Bytes};

/// One frame, cut into chunks. Each of its bytes is given out once.
pub(super) struct Outgoing {
    frame: Bytes,
    given: usize,
    /// A chunk was given out, and the platform has not said yet that it is written.
    in_flight: bool,
}

impl Outgoing {
    pub(super) fn new() -> Self {
        Self { frame: Zeroizing::new(Vec::new()), given: 0, in_flight: false }
    }

    /// The next frame. A chunk of the last one may still be on its way.
    pub(super) fn begin(&mut self, frame: Bytes) {
        (self.frame, self.given) = (frame, 0);
    }

    /// The next chunk, if it may go out now.
    pub(super) fn next(&mut self, size: ChunkSize) -> Option<SecretBytes> {
        if self.in_flight || self.is_given_out() {
            return None;
        }
        let end = self.frame.len().min(self.given + size.get());
        let chunk = SecretBytes::new(self.frame[self.given..end].to_vec());
        (self.given, self.in_flight) = (end, true);
        if self.is_given_out() {
            self.stop();
        }
        Some(chunk)
    }

    /// The platform has written the chunk. Whether there was one.
    pub(super) fn written(&mut self) -> bool {
        core::mem::take(&mut self.in_flight)
    }

    /// Whether nothing of the frame has been given out yet.
    pub(super) fn is_untouched(&self) -> bool {
        self.given == 0 && !self.is_given_out()
    }

    /// Whether the last chunk has been given out. The frame is wiped then.
    pub(super) fn is_given_out(&self) -> bool {
        self.given == self.frame.len()
    }

    /// Nothing more of it goes out.
    pub(super) fn stop(&mut self) {
        self.begin(Zeroizing::new(Vec::new()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_goes_out_once_and_the_frame_is_gone_with_the_last_one() {
        let frame: Vec<u8> = (0..45).collect();
        let mut out = Outgoing::new();
        out.begin(Zeroizing::new(frame.clone()));
        assert!(out.is_untouched());
        let mut written = Vec::new();
        while let Some(chunk) = out.next(ChunkSize::SMALLEST_MTU) {
            written.extend_from_slice(chunk.expose());
            assert!(out.next(ChunkSize::SMALLEST_MTU).is_none());
            assert!(out.written());
        }
        assert_eq!(written, frame);
        assert!(out.is_given_out() && out.frame.is_empty());
        assert!(!out.written());
    }
}
