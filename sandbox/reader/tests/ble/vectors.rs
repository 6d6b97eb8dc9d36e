//! Whole conversations byte for byte, with frames whose ciphertext another AES has made.
//!
//! OpenSSL 3.0, with the padded message (`FF`) and the key in hexadecimal:
//!
//! ```sh
//! printf MESSAGE | xxd -r -p | openssl enc    -aes-128-cbc -nopad -K KEY -iv 0 | xxd -p -c 0
//! printf BLOCKS  | xxd -r -p | openssl enc -d -aes-128-cbc -nopad -K KEY -iv 0 | xxd -p -c 0   # the host's proof
//! ```
//!
//! `R_A` = 00..0F, `R_B` = 10..1F, so that the session key is 00010203040506071011121314151617.

use sandbox_reader::ble::{MasterKey, Mishap, Model, Options, PollingAnswer, State, VirtualReader};

use crate::{Echo, at_answer, heard, unhex};

const ACS: Model = Model::Acr1255uJ1;

/// What the host says, and what it hears.
type Exchange = (&'static str, &'static [&'static str]);

/// KEY = 41435231323535552d4a312041757468, the factory's.
const AUTHENTICATION: &[Exchange] = &[
    (
        "05000c 6b0005000000cb e000004500 0c 0a",
        &["05001c 830015000000e2 e100004500 056c3512c010d168fbbf47442e118b04 1c 0a"],
    ),
    (
        "05002c 6b00250000000f e000004600 667d7e1818eb75bb618d3bc5635ed242b2c275b8178b959f09582c913a89573b 2c 0a",
        &["05001c 83001500000088 e100004600 07345e4c4a5a3ecf6439b6c84a95fc79 1c 0a"],
    ),
];

/// KEY = 00112233445566778899aabbccddeeff: a customer's.
const AUTHENTICATION_WITH_A_CUSTOMERS_KEY: &[Exchange] = &[
    (
        "05000c 6b0005000000cb e000004500 0c 0a",
        &["05001c 8300150000008d e100004500 279fb74a7572135e8f9b8ef6d1eee003 1c 0a"],
    ),
    (
        "05002c 6b002500000058 e000004600 451355c63abc01ffc20605b226e213d1922d41e816d2abc713b02ca2faba5df6 2c 0a",
        &["05001c 8300150000002a e100004600 e3bc2c7d8ec9f462138b8453a9403f5d 1c 0a"],
    ),
];

/// KEY = 00010203040506071011121314151617. A card lies there from the beginning; it answers with the command and 9000.
const SESSION: &[Exchange] = &[
    // 65, without polling: 81, absent.
    ("050010 b8f22ebd55b9be2a2a9142ea627202b2 02 0a", &["050010 ef7a471142c53c0fb76bf5e0f5bb4556 f3 0a"]),
    // 62, without polling: 80, failed, absent.
    ("050010 50e71d9e573f6236bc9f4af8c032cda8 1e 0a", &["050010 908807cc4b8a98bebe1c2561e2a72b77 db 0a"]),
    // 6B E0 00 00 40 01: 83 E1 00 00 40 01, then 50 arrived.
    (
        "050010 5948e0f998de20f3e70feb06417866dc 0b 0a",
        &["050010 dfb5d777eac07d55a687b54c479f7b48 eb 0a", "050010 b79b837ea51ec87b0ee35288383717b4 52 0a"],
    ),
    // 65: 81, active, for the reader has activated it.
    ("050010 b8f22ebd55b9be2a2a9142ea627202b2 02 0a", &["050010 279c02656d36dcfdd845e5d7b946405e f8 0a"]),
    // 62: 80 and the answer to reset.
    (
        "050010 50e71d9e573f6236bc9f4af8c032cda8 1e 0a",
        &["050020 68788e4f6ff6ac760517970dd7831c2859c731334e0c67b09487a9346987065a 6f 0a"],
    ),
    // 6F 00200098: 80 and the card's response.
    ("050010 1c486006665a0be7f6a0ccd26287cb7f eb 0a", &["050010 288f20ec73c9e7ef71eda3b87973d4e3 73 0a"]),
    // 63: 81, inactive.
    ("050010 5e3588b3e75e3cdf4599790160f423c2 cb 0a", &["050010 434a478f8763fcfbec6506ecc1ba9adf 6f 0a"]),
];

fn play(reader: &mut VirtualReader<Echo>, conversation: &[Exchange]) {
    for (said, answers) in conversation {
        for chunk in unhex(said).chunks(20) {
            reader.write(ACS.commands(), chunk).expect("the link is up");
        }
        let (values, gone) = heard(reader);
        assert!(!gone);
        assert!(values.iter().all(|(_, value)| value.len() <= 20));
        let bytes: Vec<u8> = values.into_iter().flat_map(|(_, value)| value).collect();
        assert_eq!(bytes, unhex(&answers.concat()), "after {said}");
    }
}

/// A reader whose random is 00..0F: `block` is that, encrypted.
fn reader(options: Options, block: &str) -> VirtualReader<Echo> {
    let block = unhex(block).try_into().expect("a block has 16 bytes");
    let faults = vec![at_answer(0, Mishap::Challenge { block })];
    let mut reader = VirtualReader::new(ACS, Options { faults, ..options });
    reader.connect().expect("it advertises");
    reader.subscribe(ACS.answers(), true).expect("the link is up");
    reader
}

#[test]
fn a_session_with_the_factory_key_is_byte_for_byte_that_of_another_aes() {
    let mut reader = reader(Options::default(), "056c3512c010d168fbbf47442e118b04");
    reader.insert(Echo::default());
    play(&mut reader, AUTHENTICATION);
    assert_eq!(reader.state(), State::Authenticated);
    play(&mut reader, SESSION);
    assert_eq!(reader.state(), State::CardPresent);
    // 50, it has left.
    reader.remove().expect("it lay there");
    let (values, _) = heard(&mut reader);
    let bytes: Vec<u8> = values.into_iter().flat_map(|(_, value)| value).collect();
    assert_eq!(bytes, unhex("050010 ae4ccd7b55987c1ee20be4e5e1247e45 fd 0a"));
    // 50, the reader falls asleep.
    reader.advance(crate::seconds(60));
    let (values, gone) = heard(&mut reader);
    let bytes: Vec<u8> = values.into_iter().flat_map(|(_, value)| value).collect();
    assert_eq!(bytes, unhex("050010 ad4de8b77046cd2388bc49a7ccdf8100 3f 0a"));
    assert!(gone);
}

#[test]
fn a_session_with_a_customers_key_is_byte_for_byte_that_of_another_aes() {
    let key = unhex("00112233445566778899aabbccddeeff").try_into().expect("16 bytes");
    let options = Options { master_key: MasterKey::new(key), ..Options::default() };
    let mut reader = reader(options, "279fb74a7572135e8f9b8ef6d1eee003");
    play(&mut reader, AUTHENTICATION_WITH_A_CUSTOMERS_KEY);
    // The master key has no part in the session.
    reader.insert(Echo::default());
    play(&mut reader, SESSION);
}

#[test]
fn an_older_reader_answers_the_start_of_polling_with_a_zero() {
    let options = Options { polling_answer: PollingAnswer::Zero, ..Options::default() };
    let mut reader = reader(options, "056c3512c010d168fbbf47442e118b04");
    play(&mut reader, AUTHENTICATION);
    play(
        &mut reader,
        &[(
            "050010 5948e0f998de20f3e70feb06417866dc 0b 0a",
            &["050010 f82c450025058cf9e994219d02439707 c4 0a"],
        )],
    );
}
