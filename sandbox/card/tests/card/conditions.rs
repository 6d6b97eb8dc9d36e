//! Every file and key of every application, under every condition.

use super::*;

/// What READ BINARY finds.
enum Content {
    Free,
    /// After any one of these references.
    After(&'static [u8]),
    Never,
    Records,
    /// A key or reference.
    Internal,
}

use Content::{After, Free, Internal, Never, Records};

struct Table {
    application: &'static str,
    files: &'static [(u16, Content)],
    /// With hanako's values.
    references: &'static [(u8, &'static str)],
    /// Keys, and what lets them sign.
    keys: &'static [(u8, Option<u8>)],
}

const NUMBER_A: &str = "993041043374";
const NUMBER_B: &str = "55021720311663";

const CARD: [Table; 5] = [
    Table {
        application: JPKI,
        files: &[
            (0x01, After(&[0x1B])),
            (0x02, Free),
            (0x05, Never),
            (0x06, Free),
            (0x08, Free),
            (0x09, Never),
            (0x0A, Free),
            (0x0B, Free),
            (0x10, Never),
            (0x16, Internal),
            (0x17, Internal),
            (0x18, Internal),
            (0x19, Never),
            (0x1A, Internal),
            (0x1B, Internal),
            (0x1C, Never),
            (0x1E, Never),
        ],
        references: &[(0x18, "1234"), (0x1B, "ABC123")],
        keys: &[(0x17, Some(0x18)), (0x1A, Some(0x1B))],
    },
    Table {
        application: SURFACE,
        files: &[
            (0x01, After(&[0x11])),
            (0x02, After(&[0x12, 0x13])),
            (0x03, Free),
            (0x04, Free),
            (0x05, After(&[0x13])),
            (0x06, Free),
            (0x11, Internal),
            (0x12, Internal),
            (0x13, Internal),
            (0x1A, Internal),
        ],
        references: &[(0x11, "550217"), (0x12, NUMBER_B), (0x13, NUMBER_A)],
        keys: &[(0x1A, None)],
    },
    Table {
        application: TEXT_INPUT,
        files: &[
            (0x01, After(&[0x11, 0x14])),
            (0x02, After(&[0x11, 0x15])),
            (0x03, After(&[0x11, 0x14, 0x15])),
            (0x04, Free),
            (0x05, Free),
            (0x06, After(&[0x11, 0x14, 0x15])),
            (0x07, After(&[0x11, 0x14, 0x15])),
            (0x08, Free),
            (0x11, Internal),
            (0x12, Internal),
            (0x13, Internal),
            (0x14, Internal),
            (0x15, Internal),
        ],
        references: &[(0x11, "1234"), (0x14, NUMBER_A), (0x15, NUMBER_B)],
        keys: &[(0x13, None)],
    },
    Table {
        application: RESIDENT_REGISTER,
        files: &[(0x02, Records), (0x1C, Internal)],
        references: &[(0x1C, "1234")],
        keys: &[],
    },
    Table {
        application: COMMON,
        files: &[(0x01, Records), (0x02, Records), (0x19, Internal), (0x1C, Internal)],
        references: &[(0x1C, "1234")],
        keys: &[],
    },
];

impl Table {
    /// The application with nothing verified, and with each reference alone.
    fn conditions(&self) -> Vec<(VirtualCard, Option<u8>)> {
        let mut untouched = card("hanako");
        expect(&mut untouched, self.application, 0x9000);
        let after = |(id, value): &(u8, &str)| {
            let mut card = untouched.clone();
            expect(&mut card, &verify(*id, value), 0x9000);
            (card, Some(*id))
        };
        let verified: Vec<_> = self.references.iter().map(after).collect();
        verified.into_iter().chain([(untouched, None)]).collect()
    }

    /// That of the files behind a reference those are open which this one opens.
    #[track_caller]
    fn expect_open(&self, card: &mut VirtualCard, verified: Option<u8>) {
        for (file, content) in self.files {
            let After(references) = content else { continue };
            let open = verified.is_some_and(|id| references.contains(&id));
            expect(card, &format!("00B0{:02X}0004", 0x80 | file), if open { 0x9000 } else { 0x6982 });
        }
    }
}

#[test]
fn every_file_opens_under_its_conditions_and_under_no_other() {
    for table in &CARD {
        for (mut card, verified) in table.conditions() {
            for id in 0..=0xFF {
                let content = table.files.iter().find(|(file, _)| *file == id).map(|(_, content)| content);
                let (binary, record) = match content {
                    Some(Free) => (0x9000, 0x6981),
                    Some(After(references)) if verified.is_some_and(|id| references.contains(&id)) => {
                        (0x9000, 0x6981)
                    }
                    Some(After(_) | Never) => (0x6982, 0x6981),
                    Some(Records) => (0x6981, 0x9000),
                    Some(Internal) => (0x6981, 0x6981),
                    None => {
                        expect(&mut card, &format!("00A4020C02{id:04X}"), 0x6A82);
                        continue;
                    }
                };
                expect(&mut card, &format!("00A4020C02{id:04X}"), 0x9000);
                let application = table.application;
                let (_, found) = send(&mut card, "00B0000000");
                assert_eq!(found, binary, "{application}, file {id:04X} after {verified:02X?}");
                let (_, found) = send(&mut card, "00B2010400");
                assert_eq!(found, record, "{application}, record of {id:04X} after {verified:02X?}");
            }
        }
    }
}

#[test]
fn every_key_signs_under_its_condition_and_under_no_other() {
    let data = "07".repeat(32);
    for table in &CARD {
        for (mut card, verified) in table.conditions() {
            for (key, after) in table.keys {
                let status = if after.is_none() || *after == verified { 0x9000 } else { 0x6982 };
                expect(&mut card, &format!("802A02{:02X}20{data}00", 0x80 | key), status);
                // Neither a verified reference nor its absence makes one of these keys authenticate.
                let refused = if after.is_some() { 0x6982 } else { 0x6985 };
                expect(&mut card, &format!("008800{:02X}20{data}00", 0x80 | key), refused);
            }
            let default = if table.keys.iter().any(|(_, after)| after.is_none()) { 0x9000 } else { 0x6A86 };
            expect(&mut card, &format!("802A020020{data}00"), default);
        }
    }
}

#[test]
fn what_one_application_verified_opens_nothing_in_another_nor_in_itself_afterwards() {
    for table in &CARD {
        for (verified, id) in table.conditions() {
            for other in &CARD {
                let mut card = verified.clone();
                let stays = id.filter(|_| other.application == table.application);
                expect(&mut card, other.application, 0x9000);
                other.expect_open(&mut card, stays);
                expect(&mut card, table.application, 0x9000);
                table.expect_open(&mut card, stays);
            }
        }
    }
}

#[test]
fn power_off_closes_everything_and_a_warm_reset_nothing() {
    for table in &CARD {
        for (mut card, id) in table.conditions() {
            card.reset();
            expect(&mut card, table.application, 0x9000);
            table.expect_open(&mut card, id);
            card.power_off();
            card.power_on();
            expect(&mut card, table.application, 0x9000);
            table.expect_open(&mut card, None);
        }
    }
}
