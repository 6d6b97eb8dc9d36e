//! What extended length would bring, and what it would cost where a card refuses it.
//!
//! The product sends short APDUs only; the commands here are the bench's own. See `docs/adr/0010-extended-length.md`.

use sandbox_card::VirtualCard;

use crate::{Job, LINKS, PACES, Run, Table, card, time};

/// The PIN dialogue with its pieces of the certificate fetched by one extended READ BINARY (ISO/IEC 7816-4 §5.2).
///
/// The head is read first and by itself all the same: the card signs over it, a resumed tap compares it, and
/// a repeat visit reads no more. So it is six commands, not the five of a list that reads all at once.
#[derive(Debug)]
pub struct Extended {
    /// As it is now: short APDUs.
    pub short: Run,
    /// The card takes extended length.
    pub taken: Run,
    /// The card refuses it with `6700`, and the pieces are read after all.
    pub refused: Run,
}

/// What each link would need. That the card takes it is needed on every one.
const NEEDS: [(&str, &str); 5] = [
    ("phone 106", "a phone that takes it (`isExtendedLengthApduSupported`; iOS was not tried)"),
    ("phone 424", "the same"),
    ("USB", "a reader with the extended APDU level"),
    ("ACS BLE", "the bytes of a long answer, which are not public"),
    ("CCID BLE", "a reader that chains by Bluetooth, which no maker states"),
];

impl Extended {
    /// Asks a card that takes extended length and one that refuses it. `short` is the dialogue as it is.
    pub fn measure(short: Run) -> Self {
        let mut takes = card(|switches| switches.extended_le = true);
        dialogue(&mut takes);
        let mut refuses = card(|_| {});
        dialogue(&mut refuses);
        Self {
            short,
            taken: Run::new("extended", Job::Both, takes.transcript()),
            refused: Run::new("extended, refused", Job::Both, refuses.transcript()),
        }
    }

    /// Whether it is quicker everywhere, once a card takes it.
    pub fn wins_everywhere(&self) -> bool {
        every_combination()
            .all(|(link, pace)| time(&self.taken.pairs, link, pace) < time(&self.short.pairs, link, pace))
    }

    /// A row for each link and card.
    pub fn table(&self) -> Table {
        let mut table = Table::new([
            "link",
            "card",
            "short",
            "extended",
            "refused",
            "saves",
            "costs",
            "pays if taken by",
            "needs, besides the card",
        ]);
        for ((name, link), (_, needs)) in LINKS.into_iter().zip(NEEDS) {
            for (card, pace) in PACES {
                let [short, taken, refused] =
                    [&self.short, &self.taken, &self.refused].map(|run| run.time(link, pace).as_secs_f64());
                let (saves, costs) = (short - taken, refused - short);
                table.row([
                    name.to_owned(),
                    card.to_owned(),
                    format!("{short:.2} s"),
                    format!("{taken:.2} s"),
                    format!("{refused:.2} s"),
                    format!("{saves:.2} s"),
                    format!("{costs:.3} s"),
                    format!("{:.0} % of cards", costs / (saves + costs) * 100.0),
                    needs.to_owned(),
                ]);
            }
        }
        table
    }
}

fn every_combination() -> impl Iterator<Item = (sandbox_card::link::Link, sandbox_card::link::Pace)> {
    LINKS.into_iter().flat_map(|(_, link)| PACES.into_iter().map(move |(_, pace)| (link, pace)))
}

/// SELECT · head · counter · VERIFY · signature · the rest at once, or in pieces.
fn dialogue(card: &mut VirtualCard) {
    let sign = [&b"\x80\x2A\x00\x97\x33"[..], &[0x30; 51], b"\x00"].concat();
    for command in [
        &b"\x00\xA4\x04\x0C\x0A\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01"[..],
        b"\x00\xB0\x8A\x00\x00",
        b"\x00\x20\x00\x98",
        b"\x00\x20\x00\x98\x041234",
        &sign,
    ] {
        card.transmit(command);
    }
    if card.transmit(b"\x00\xB0\x01\x00\x00\x00\x00") == [0x67, 0x00] {
        for piece in 1..=6 {
            card.transmit(&[0x00, 0xB0, piece, 0x00, 0x00]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Identifiers, taps};

    fn measured() -> Extended {
        Extended::measure(taps(Identifiers::Short).remove(0))
    }

    #[test]
    fn five_commands_fewer_where_it_is_taken_and_one_more_where_it_is_refused() {
        let extended = measured();
        assert_eq!(
            [&extended.short, &extended.taken, &extended.refused].map(|run| run.pairs.len()),
            [11, 6, 12]
        );
        let read = |run: &Run| -> usize { run.pairs.iter().map(|pair| pair.response).sum() };
        assert_eq!(read(&extended.short) - 5 * 2, read(&extended.taken));
        assert_eq!(read(&extended.short) + 2, read(&extended.refused));
    }

    /// It is off by default for other reasons than time: see the decision.
    #[test]
    fn the_model_has_it_win_on_every_link() {
        assert!(measured().wins_everywhere());
    }
}
