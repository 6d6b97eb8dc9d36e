//! The model against numbers that were worked out elsewhere, for what public programs send.
//!
//! The rows are from our survey of public clients of the card, made before this code by another program: their
//! commands were logged against files of the sizes of the J-LIS test card (certificate 1,590 bytes, card face 3,070) or
//! counted from source. They hold no S(WTX), so the cards of these tests may be silent for 2.47 s (FWI 13, which is
//! in published ATQBs as well).

use std::time::Duration;

use super::{Air, Clock, Link, Pace, Pair, Rate};

/// APDUs, bytes of commands and of responses; wire at 106, 212 and 424 kbit/s in milliseconds; a fast and a slow card in
/// hundredths of a second.
type Row = ([usize; 3], [u32; 3], [u32; 2]);

const fn pair(command: usize, response: usize) -> Pair {
    Pair::new(command, response + 2)
}

const SELECT_AP: Pair = pair(15, 0);
const SELECT_EF: Pair = pair(7, 0);
const COUNTER: Pair = pair(4, 0);
const VERIFY: Pair = pair(9, 0);
/// A `DigestInfo` of SHA-256 with P1 = 00.
const SIGN: Pair = Pair::signature(57);
const PIECE: Pair = pair(5, 256);

/// The end of a certificate of 1,590 bytes, after six pieces.
const END: Pair = pair(5, 54);

fn list(parts: &[&[Pair]]) -> Vec<Pair> {
    parts.concat()
}

fn time(link: Link, pace: Pace, list: &[Pair]) -> Duration {
    let mut clock = Clock::new(link, pace);
    for pair in list {
        clock.pass(*pair);
    }
    clock.now()
}

/// In a unit of so many microseconds, as it was printed.
fn rounded(time: Duration, unit: u128) -> u128 {
    (time.as_micros() + unit / 2) / unit
}

fn is(name: &str, list: &[Pair], (lengths, wire, seconds): Row) {
    let commands = list.iter().map(|pair| pair.command).sum();
    let responses = list.iter().map(|pair| pair.response).sum();
    assert_eq!([list.len(), commands, responses], lengths, "{name}: APDUs and bytes");
    for (rate, millis) in [Rate::Kbit106, Rate::Kbit212, Rate::Kbit424].into_iter().zip(wire) {
        let computed: Duration = list.iter().map(|pair| Air::at(rate).time(*pair)).sum();
        assert_eq!(rounded(computed, 1_000), millis.into(), "{name}: {rate:?}");
    }
    let silent = Link { air: Air { rate: Rate::Kbit106, fwi: 13 }, ..Link::PHONE_106 };
    // The slow card was logged through a USB reader.
    for (link, pace, hundredths) in [(silent, Pace::FAST, seconds[0]), (Link::USB, Pace::SLOW, seconds[1])] {
        let computed = time(link, pace, list);
        assert_eq!(rounded(computed, 10_000), hundredths.into(), "{name}: {pace:?}");
    }
}

#[test]
fn the_shortest_lists() {
    let certificate = [&[SELECT_AP][..], &[PIECE; 6], &[END]].concat();
    let sign = [COUNTER, VERIFY, SIGN];
    is("certificate, short identifiers", &certificate, ([8, 50, 1606], [175, 89, 47], [28, 164]));
    is(
        "certificate, selected",
        &list(&[&[SELECT_AP, SELECT_EF], &[PIECE; 6], &[END]]),
        ([9, 57, 1608], [177, 91, 48], [29, 168]),
    );
    is(
        "certificate, extended length",
        &[SELECT_AP, pair(7, 1590)],
        ([2, 22, 1594], [163, 83, 43], [19, 139]),
    );
    is("signature", &list(&[&[SELECT_AP], &sign]), ([4, 85, 264], [39, 20, 11], [56, 84]));
    is(
        "signature of a bare hash",
        &[SELECT_AP, COUNTER, VERIFY, Pair::signature(38)],
        ([4, 66, 264], [38, 20, 11], [55, 84]),
    );
    is(
        "signature, selected",
        &[SELECT_AP, SELECT_EF, COUNTER, VERIFY, SELECT_EF, SIGN],
        ([6, 99, 268], [44, 23, 13], [59, 92]),
    );
    is(
        "certificate and signature",
        &list(&[&certificate, &sign]),
        ([11, 120, 1868], [211, 108, 57], [82, 244]),
    );
    is(
        "certificate and signature, extended length",
        &list(&[&[SELECT_AP, pair(7, 1590)], &sign]),
        ([5, 92, 1856], [200, 102, 53], [73, 219]),
    );
}

#[test]
fn what_other_programs_send() {
    is(
        "myna 0.7 jpki cert -t auth",
        &list(&[
            &[SELECT_AP, SELECT_EF, pair(5, 32), SELECT_EF, pair(5, 7)],
            &[PIECE; 6],
            &[pair(5, 1590 - 7 - 6 * 256)],
        ]),
        ([12, 74, 1646], [186, 96, 51], [34, 183]),
    );
    is(
        "myna 0.7 jpki pkey sign",
        &[SELECT_AP, SELECT_EF, pair(5, 32), SELECT_EF, VERIFY, SELECT_EF, SIGN],
        ([7, 107, 302], [49, 26, 14], [61, 99]),
    );
    is(
        "pyjpki sign",
        &[SELECT_AP, SELECT_EF, VERIFY, SELECT_AP, SELECT_EF, Pair::signature(55)],
        ([6, 108, 268], [45, 23, 13], [59, 92]),
    );
    is(
        "mnbcard read certificate",
        &list(&[&[SELECT_AP, SELECT_EF, pair(5, 4)], &[PIECE; 6], &[END]]),
        ([10, 62, 1614], [179, 92, 48], [31, 172]),
    );
    is(
        "card face by 照合番号B",
        &list(&[&[SELECT_AP, COUNTER, pair(19, 0)], &[PIECE; 11], &[pair(5, 254)]]),
        ([15, 98, 3100], [337, 173, 90], [53, 314]),
    );
    is(
        "card face by 照合番号B, extended length",
        &[SELECT_AP, COUNTER, pair(19, 0), pair(7, 3070)],
        ([4, 45, 3078], [316, 160, 83], [37, 268]),
    );
    is(
        "OpenSC pkcs15-crypt --sign, driver named",
        &[SELECT_AP, SELECT_EF, COUNTER, SELECT_EF, COUNTER, SELECT_EF, VERIFY, SELECT_EF, SIGN],
        ([9, 117, 274], [50, 26, 15], [63, 105]),
    );
}

/// Before it knows a contactless card, OpenSC asks for 26 others.
#[test]
fn the_commands_by_which_opensc_recognises_a_card() {
    let lengths = [&[12, 11, 17, 5, 15, 13][..], &[13; 17], &[17, 15, 12, 15]].concat();
    let list: Vec<Pair> = lengths.into_iter().map(|length| pair(length, 0)).collect();
    is("opensc-tool -n", &list, ([27, 353, 54], [74, 41, 25], [42, 112]));
}
