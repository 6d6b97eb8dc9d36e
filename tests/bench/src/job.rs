//! The shortest lists, with which all others are compared.

use sandbox_card::link::Pair;

/// What a program was run for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// To read 利用者証明用電子証明書.
    Certificate,
    /// To sign with its key, after the PIN.
    Signature,
    /// Both in one session: what a check by PIN needs.
    Both,
    /// To sign, and to read of the certificate what names it: what a check by PIN needs where the service has the
    /// certificate. No list for it is published.
    Repeat,
    /// 目視確認, proven: no list for it is published, so there is nothing to compare with.
    Visual,
    /// The rest of a tap that was lost: nothing to compare with either.
    Rest,
}

/// SELECT of the JPKI AP by name, without response data.
const SELECT: Pair = Pair::new(15, 2);
/// READ BINARY with a short Le; the first names EF 000A by its short identifier.
const READ: Pair = Pair::new(5, 256 + 2);
/// The last one: six full pieces of 1,590 bytes leave 54.
const READ_END: Pair = Pair::new(5, 54 + 2);
/// VERIFY without data, the PIN named by its short identifier.
const COUNTER: Pair = Pair::new(4, 2);
/// VERIFY with four digits.
const VERIFY: Pair = Pair::new(9, 2);
/// COMPUTE DIGITAL SIGNATURE over the `DigestInfo` of a SHA-256 hash, the key named by its short identifier.
const SIGN: Pair = Pair::signature(57);

impl Job {
    /// The shortest list of short APDUs that reads the counter before it sends a PIN.
    ///
    /// It is counted from what is published of the card, and not from what we send: short file identifiers in READ
    /// BINARY, VERIFY and COMPUTE DIGITAL SIGNATURE as the crate `myna-card` reports them of real cards, 256 bytes at
    /// most in a short response (ISO/IEC 7816-4 §5.2), and the 1,590 bytes of the certificate on the J-LIS test
    /// card. The sums were worked out before this code, and a test holds the lists to them: 8 APDUs with 50 + 1,606
    /// bytes, 4 with 85 + 264, 11 with 120 + 1,868.
    pub fn shortest(self) -> Option<&'static [Pair]> {
        match self {
            Self::Certificate => Some(&[SELECT, READ, READ, READ, READ, READ, READ, READ_END]),
            Self::Signature => Some(&[SELECT, COUNTER, VERIFY, SIGN]),
            Self::Both => {
                Some(&[SELECT, READ, READ, READ, READ, READ, READ, READ_END, COUNTER, VERIFY, SIGN])
            }
            Self::Repeat | Self::Visual | Self::Rest => None,
        }
    }

    /// In a table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Certificate => "certificate",
            Self::Signature => "signature",
            Self::Both => "both",
            Self::Repeat => "repeat",
            Self::Visual => "目視 proven",
            Self::Rest => "rest",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_lists_are_those_that_were_published() {
        let sums = |job: Job| {
            let list = job.shortest().expect("it is published");
            let commands: usize = list.iter().map(|pair| pair.command).sum();
            let responses: usize = list.iter().map(|pair| pair.response).sum();
            (list.len(), commands, responses)
        };
        assert_eq!(sums(Job::Certificate), (8, 50, 1_606));
        assert_eq!(sums(Job::Signature), (4, 85, 264));
        assert_eq!(sums(Job::Both), (11, 120, 1_868));
    }
}
