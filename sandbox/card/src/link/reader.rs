//! What a reader adds to the air.

use std::time::Duration;

use super::Pair;

/// Data of one message to or from a reader, at most. The readers of the list declare 516 or 522 bytes by USB, header
/// included (libccid's list of readers). What they take by Bluetooth is not known.
const MESSAGE: usize = 512;

/// Header of a CCID message (USB CCID rev. 1.1 §6.1).
const CCID_HEADER: usize = 10;

/// Full-speed USB: a frame of 1 ms has room for 19 bulk packets of 64 bytes (USB 2.0 §5.8.4, table 5-9).
const USB_FRAME: Duration = Duration::from_millis(1);
const USB_PACKET: usize = 64;
const USB_PACKETS: usize = 19;

/// A write or notification with the MTU that nobody negotiated: 23 bytes, 3 of them ATT's (Bluetooth Core, vol. 3
/// part F §3.2.8). The ACS manual and two independent clients cut at 20.
const ATT_VALUE: usize = 20;

/// A Bluetooth LE connection as we assume it: an event every 30 ms, four packets each way in it. A READ BINARY of 256
/// bytes takes 120 ms then, in the middle of what we expect of phones and tablets (60 to 250 ms). Not measured.
const CONNECTION_INTERVAL: Duration = Duration::from_millis(30);
const PACKETS_IN_EVENT: usize = 4;

/// What carries APDUs between the program and the air.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reader {
    /// The phone's own NFC. It adds nothing to the figures of a [`Pace`](super::Pace), which hold such a path.
    Phone,
    /// USB-CCID: a message waits for a frame, and takes it (our own reckoning).
    Usb,
    /// ACS by Bluetooth LE (ACR1255U-J1): a message with a header of 7 bytes is filled up to whole AES blocks, put
    /// into a frame with 5 bytes more, and cut into packets.
    AcsBle,
    /// CCID messages by Bluetooth LE, cut into packets.
    CcidBle,
}

impl Reader {
    /// What it adds to a pair.
    ///
    /// An APDU that is longer than a message is chained as in USB CCID rev. 1.1 §6.1.4: each further piece is asked for
    /// by an empty message. How ACS does that by Bluetooth is not public; the same is assumed.
    pub(super) fn time(self, pair: Pair) -> Duration {
        let pieces = |apdu: usize| apdu.div_ceil(MESSAGE).max(1);
        let one_way = |apdu: usize| {
            let (full, last) = (pieces(apdu) - 1, apdu - (pieces(apdu) - 1) * MESSAGE);
            self.message(MESSAGE) * count(full) + self.message(last)
        };
        let empty = pieces(pair.command) + pieces(pair.response) - 2;
        one_way(pair.command) + one_way(pair.response) + self.message(0) * count(empty)
    }

    /// A message with so many bytes of data, in either direction.
    fn message(self, data: usize) -> Duration {
        match self {
            Self::Phone => Duration::ZERO,
            Self::Usb => {
                let packets = (CCID_HEADER + data).div_ceil(USB_PACKET);
                USB_FRAME * count(packets.div_ceil(USB_PACKETS))
            }
            Self::AcsBle => packets((7 + data).next_multiple_of(16) + 5),
            Self::CcidBle => packets(CCID_HEADER + data),
        }
    }
}

/// Half an interval until the next event, on average; then an event after the other.
fn packets(bytes: usize) -> Duration {
    let events = bytes.div_ceil(ATT_VALUE).div_ceil(PACKETS_IN_EVENT);
    CONNECTION_INTERVAL / 2 + CONNECTION_INTERVAL * count(events - 1)
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(reader: Reader, command: usize, response: usize) -> u128 {
        reader.time(Pair::new(command, response)).as_millis()
    }

    /// By hand: the answer to a READ BINARY is 265 bytes with its header, 272 with padding, 277 in its frame: 14
    /// packets, four events. The command is one event.
    #[test]
    fn a_full_read_by_bluetooth_is_fourteen_packets() {
        assert_eq!(millis(Reader::AcsBle, 5, 258), 15 + 15 + 3 * 30);
        assert_eq!(millis(Reader::CcidBle, 5, 258), 15 + 15 + 3 * 30);
        assert_eq!(millis(Reader::AcsBle, 4, 2), 15 + 15);
    }

    /// An event takes 80 bytes. 70 and a CCID header are as many. By ACS it is 57, 64 with the header and 69 in the
    /// frame; one more is padded to 80, and 85 in the frame.
    #[test]
    fn framing_and_padding_decide_how_many_events_there_are() {
        assert_eq!(millis(Reader::CcidBle, 70, 2), 30);
        assert_eq!(millis(Reader::CcidBle, 71, 2), 60);
        assert_eq!(millis(Reader::AcsBle, 57, 2), 30);
        assert_eq!(millis(Reader::AcsBle, 58, 2), 60);
    }

    #[test]
    fn usb_takes_a_frame_each_way_and_a_long_answer_is_asked_for_in_pieces() {
        assert_eq!(millis(Reader::Usb, 5, 258), 2);
        assert_eq!(millis(Reader::Usb, 7, 1592), 1 + 4 + 3);
        assert_eq!(millis(Reader::Phone, 7, 1592), 0);
    }
}
