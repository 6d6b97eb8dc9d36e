//! How long the card works.

use std::time::Duration;

use super::{Link, Pair};

/// What a card takes for a command, whatever the way to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// For any command.
    per_command: Duration,
    /// For each byte of the response.
    per_response_byte: Duration,
    /// For an RSA-2048 signature.
    per_signature: Duration,
    /// The way that is in these figures, because they were measured through it.
    through: Option<Link>,
}

impl Pace {
    /// A fast card: 13 ms for a command, and the air. An iPhone took 12 to 16 ms for short APDUs of another card (one
    /// log, `NFCPassportReader` issue 166); a My Number card took 12 ms by contacts (one log, OpenSC issue 3169). The
    /// signature is that of [`Pace::SLOW`].
    pub const FAST: Self = Self {
        per_command: Duration::from_millis(13),
        per_response_byte: Duration::ZERO,
        per_signature: Duration::from_millis(465),
        through: None,
    };

    /// A slow card: 40 ms for a command and 0.82 ms for a byte of the response fit the one published log of a My
    /// Number card within 2 % (mnbcard, 2022, a contactless USB reader), and leave 0.46 to 0.47 s for the RSA operation.
    /// A byte costs nine times its time in the air there, so much of this is that reader, and it is all in here.
    pub const SLOW: Self = Self {
        per_command: Duration::from_millis(40),
        per_response_byte: Duration::from_micros(820),
        per_signature: Duration::from_millis(465),
        through: Some(Link::USB),
    };

    /// A pair on a link: the figures, without the way that is in them, and the link's own way instead.
    pub(super) fn time(self, link: Link, pair: Pair) -> Duration {
        let signature = if pair.signs { self.per_signature } else { Duration::ZERO };
        let bytes = u32::try_from(pair.response).unwrap_or(u32::MAX);
        let figures = self.per_command + self.per_response_byte * bytes + signature;
        let held = self.through.map_or(Duration::ZERO, |through| through.time(pair, signature));
        figures.saturating_sub(held) + link.time(pair, signature)
    }
}
