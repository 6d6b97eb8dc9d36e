//! What each can do besides, by doing it; or that nothing of the kind ever comes over the line.

use std::fs;

use counter::Failure;
use jpki::Method;
use myna_card::ap::common::CommonAp;
use myna_card::ap::jpki::{JpkiAp, SignatureScheme};
use myna_card::ap::juki::JukiAp;
use myna_card::ap::surface::SurfaceAp;
use myna_card::ap::text::{TextAp, ef};
use myna_card::mf::tag;
use myna_card::sm::SEED_LEN;
use myna_card::transport::pcsc::{PcscTransport, Sharing, connect_any};
use myna_card::{MasterFile, Pin};
use secret::BirthDigits;

use super::lab::{Application, Exchange, Lab, MESSAGE, SIGN, Wired};
use super::programs::{Madoguchi, said, words};
use super::{Table, commands};
use crate::client::personalised_file;
use crate::stand::PIN;

/// 山田花子: 署名用パスワード, and of what is printed on her card 生年月日 and 照合番号B.
const PASSWORD: &str = "ABC123";
const BIRTH: [u8; 6] = [5, 5, 0, 2, 1, 7];
const CODE_B: &str = "55021720311663";

/// CHANGE REFERENCE DATA, JICSAP CHANGE KEY, GET DATA.
const CHANGES: [u8; 2] = [0x24, 0x32];
const GET_DATA: u8 = 0xCA;

pub(super) fn measure(lab: &mut Lab, table: &mut Table) {
    let ours = Ours::all(lab);
    let opensc = opensc(lab);

    lab.lay(Wired::of("hanako"));
    table.put(
        "Signs with the 署名用 key",
        [
            opensc_signs_with_the_other_key(lab),
            with_myna_card(|client| {
                let mut jpki = JpkiAp::select(client)?;
                jpki.verify_sign_pin(&Pin::new(PASSWORD)?)?;
                jpki.sign_with_sign_key_checked(SignatureScheme::Sha256DigestInfo, MESSAGE).map(drop)
            }),
            ours.never(|exchange| {
                exchange.file.0 == Application::Jpki && matches!(exchange.file.1, 0x01 | 0x1A | 0x1B)
            }),
        ],
    );
    table.put(
        "Signs with RSASSA-PSS",
        [
            {
                let message = lab.daemon.file("message", MESSAGE);
                let arguments = ["--login", "--pin", PIN, "--sign", "--id", "01", "--input-file", &message];
                let pss = ["--mechanism", "SHA256-RSA-PKCS-PSS"];
                no(&said(&lab.daemon.run("pkcs11-tool", &[&arguments[..], &pss].concat()).failed().stderr))
            },
            with_myna_card(|client| {
                let mut jpki = JpkiAp::select(client)?;
                jpki.verify_auth_pin(&Pin::new(PIN)?)?;
                jpki.sign_with_auth_key_checked(SignatureScheme::Sha256Pss, MESSAGE).map(drop)
            }),
            // P1 04 and 05.
            ours.never(|exchange| exchange.is(SIGN) && exchange.command[2] > 0x03),
        ],
    );
    table.put(
        "Changes a PIN",
        [
            {
                let arguments = ["--login", "--pin", PIN, "--change-pin", "--new-pin", "4321"];
                no(&said(&lab.daemon.run("pkcs11-tool", &arguments).failed().stderr))
            },
            with_myna_card(|client| {
                let mut jpki = JpkiAp::select(client)?;
                jpki.change_auth_pin(&Pin::new(PIN)?, &Pin::new("4321")?)?;
                jpki.change_auth_pin(&Pin::new("4321")?, &Pin::new(PIN)?)
            }),
            ours.never(|exchange| CHANGES.iter().any(|ins| exchange.is(*ins))),
        ],
    );
    let of_text = |exchange: &Exchange| exchange.concerns(Application::TextInput);
    table.put(
        "Reads name, address and 個人番号 (券面事項入力補助AP)",
        [
            never(&opensc, of_text),
            with_myna_card(|client| {
                let mut text = TextAp::select(client)?;
                text.verify_pin(&Pin::new(PIN)?)?;
                text.read_attributes()?;
                text.read_my_number().map(drop)
            }),
            ours.never(of_text),
        ],
    );
    table.put(
        "Reads them encrypted (secure messaging)",
        [
            never(&opensc, is_secured),
            with_myna_card(|client| {
                let mut text = TextAp::select(client)?;
                text.verify_pin(&Pin::new(PIN)?)?;
                text.open_secure_session(&[7; SEED_LEN])?.read_ef(ef::ATTRIBUTES).map(drop)
            }),
            ours.never(is_secured),
        ],
    );
    table.put(
        "Reads the photo and what else is printed (券面事項確認AP)",
        [
            never(&opensc, |exchange| exchange.concerns(Application::Surface)),
            with_myna_card(|client| {
                let mut surface = SurfaceAp::select(client)?;
                surface.verify_code_b(&Pin::new(CODE_B)?)?;
                surface.read_card_face().map(drop)
            }),
            ours.never(|exchange| exchange.file == (Application::Surface, 0x02)),
        ],
    );
    table.put(
        "Proves without a PIN that the card is there, and its birth date",
        [
            never(&opensc, |exchange| exchange.concerns(Application::Surface)),
            with_myna_card(|client| {
                let mut surface = SurfaceAp::select(client)?;
                surface.verify_birth_date(&Pin::new("550217")?)?;
                let record = surface.read_age_record()?;
                let signature = surface.sign(MESSAGE)?;
                record.public_key.verify_pkcs1_sha256(MESSAGE, &signature)
            }),
            format!("yes, in a tap of {}", commands(ours.visual)),
        ],
    );
    table.put(
        "Reads objects of the master level (GET DATA)",
        [
            never(&opensc, |exchange| exchange.is(GET_DATA) && exchange.succeeded()),
            with_myna_card(|client| MasterFile::select(client)?.data_object(tag::EXPIRY).map(drop)),
            ours.never(|exchange| exchange.is(GET_DATA)),
        ],
    );
    let drivers = lab.daemon.run("opensc-tool", &["--list-drivers"]).succeeded().stdout_text();
    let names = drivers.lines().filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next());
    let others = names.filter(|name| !["jpki", "default"].contains(name)).count();
    table.put(
        "Reads other kinds of cards",
        [
            format!("yes, by {others} other drivers"),
            myna_card_knows_no_other(lab),
            refused_by_every_method(lab),
        ],
    );
    lab.lay(Wired::of("hanako"));
    let tokens = lab.daemon.run("pkcs11-tool", &["--list-slots"]).succeeded().stdout_text();
    let tokens = tokens.matches("token label").count();
    table.put(
        "Is there for other programs (PKCS #11)",
        [format!("yes, as {tokens} tokens"), "no".to_owned(), "no".to_owned()],
    );
}

/// Our three methods, for the card of 山田花子.
fn methods() -> [Method; 3] {
    [
        Method::Pin { pin: secret::Pin::from_digits([1, 2, 3, 4]).expect("digits"), last_try: false },
        Method::VisualAttested,
        Method::VisualProven { birth: BirthDigits::from_digits(BIRTH).expect("digits"), last_try: false },
    ]
}

/// Every application of the crate, on a bus pass. (An issuer domain, which other cards have as well, is on that one too.)
#[track_caller]
fn myna_card_knows_no_other(lab: &Lab) -> String {
    lab.lay(Wired::of("suika"));
    let mut client = connect_any(Sharing::Exclusive).expect("a card");
    let refused = [
        JpkiAp::select(&mut client).map(drop),
        SurfaceAp::select(&mut client).map(drop),
        TextAp::select(&mut client).map(drop),
        CommonAp::select(&mut client).map(drop),
        JukiAp::select(&mut client).map(drop),
    ];
    assert!(refused.iter().all(Result::is_err), "{refused:?}");
    "no: a bus pass has none of its applications".to_owned()
}

#[track_caller]
fn refused_by_every_method(lab: &Lab) -> String {
    let mut madoguchi = Madoguchi::new();
    for method in methods() {
        lab.lay(Wired::of("suika"));
        assert_eq!(madoguchi.tap(method).err(), Some(words(Failure::NotMyNumberCard)));
    }
    "no: a bus pass is refused by each of its methods".to_owned()
}

/// All that our three methods say to a card.
struct Ours {
    line: Vec<Exchange>,
    /// How many commands 目視確認 takes.
    visual: usize,
}

impl Ours {
    fn all(lab: &mut Lab) -> Self {
        let mut madoguchi = Madoguchi::new();
        // The power is taken after each.
        lab.change(Wired::of("hanako"));
        let mut visual = 0;
        for method in methods() {
            let before = lab.line().len();
            madoguchi.tap(method).expect("evidence");
            visual = lab.line().len() - before;
        }
        Self { line: lab.line(), visual }
    }

    #[track_caller]
    fn never(&self, what: impl Fn(&Exchange) -> bool) -> String {
        never(&self.line, what)
    }
}

/// Nothing of the kind is on the line.
#[track_caller]
fn never(line: &[Exchange], what: impl Fn(&Exchange) -> bool) -> String {
    assert!(!line.iter().any(what));
    "no".to_owned()
}

/// CLA of secure messaging (ISO/IEC 7816-4 §5.4.1).
fn is_secured(exchange: &Exchange) -> bool {
    exchange.command[0] & 0x0C != 0
}

fn no(said: &str) -> String {
    format!("no: {said}")
}

/// All that OpenSC says to a card of which everything is asked.
fn opensc(lab: &mut Lab) -> Vec<Exchange> {
    lab.lay(Wired::of("hanako"));
    let verify = ["--auth-id", "2", "--verify-pin", "--pin", PASSWORD];
    for what in
        [&["--dump"][..], &["--read-certificate", "2"], &["--list-data-objects"], &["--list-applications"]]
    {
        let _ = lab.daemon.run("pkcs15-tool", &[what, &verify].concat());
    }
    let _ = lab.daemon.run("pkcs11-tool", &["--list-objects", "--login", "--pin", PIN]).succeeded();
    lab.line()
}

fn opensc_signs_with_the_other_key(lab: &Lab) -> String {
    let (message, signature) = (lab.daemon.file("message", MESSAGE), lab.daemon.file("signature", ""));
    let what = ["--slot-index", "1", "--login", "--pin", PASSWORD, "--sign", "--id", "02"];
    let how = ["--mechanism", "SHA256-RSA-PKCS", "--input-file", &message, "--output-file", &signature];
    let _ = lab.daemon.run("pkcs11-tool", &[&what[..], &how].concat()).succeeded();
    let certificate = personalised_file(&lab.card(), 0x01, Some(PASSWORD));
    assert!(lab.daemon.verifies(&certificate, MESSAGE, &fs::read(signature).expect("it wrote it")));
    "yes".to_owned()
}

/// That the crate does it.
#[track_caller]
fn with_myna_card(does: impl FnOnce(&mut myna_card::Card<PcscTransport>) -> myna_card::Result<()>) -> String {
    let mut client = connect_any(Sharing::Exclusive).expect("a card");
    does(&mut client).expect("it can");
    "yes".to_owned()
}
