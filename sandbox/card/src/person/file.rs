//! The fields of a person's file, as they are once it was found good.

use core::fmt;

use time::Date;

/// What the person is there to show, in both languages of the product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

/// The `[card]` half of a person's file.
#[derive(Clone, Debug)]
pub struct CardFile {
    /// What kind of card.
    pub kind: Kind,
    /// 生年月日.
    pub birth_date: Date,
    /// 性別.
    pub sex: Sex,
    /// What is printed on the card; `None` for a phone and for a foreign card.
    pub printed: Option<Printed>,
    /// PIN of 利用者証明用電子証明書, 4 digits (reference 0018), and the digits of the card's other 4-digit PINs;
    /// `None` where none is set: on a 顔認証 card, and on one without that certificate.
    pub pin: Option<TestSecret>,
    /// Tries left for the PIN of 利用者証明用電子証明書, at most 3. The others have all of theirs.
    pub pin_tries_left: u8,
    /// Tries left for the birth date (reference 0011 of 券面事項確認AP), at most 10: our own decision, the real
    /// limit is not public.
    pub birth_tries_left: u8,
    /// 利用者証明用電子証明書. `None` on a card for which none was issued, such as an old 住基カード: EF 000A is there
    /// and empty.
    pub certificate: Option<CertificateFile>,
    /// 署名用電子証明書.
    pub signature: Option<SignatureFile>,
    /// How the card behaves where reports differ.
    pub switches: Switches,
}

/// What kind of card it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// マイナンバーカード.
    MyNumberCard,
    /// 顔認証マイナンバーカード: no PIN, no 署名用電子証明書.
    ///
    /// How it shows is our own decision: the counter of 0018 is `63C0`, and EF 0008 is `00 8F 00`.
    FaceAuthentication,
    /// スマホ用電子証明書 on Android: JPKI AP only, the certificate needs the PIN.
    AndroidPhone,
    /// iPhoneのマイナンバーカード: JPKI AP only, the certificate is free.
    Iphone,
    /// Not a My Number card: it has none of the applications.
    Other,
}

/// 性別.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sex {
    /// 男.
    Male,
    /// 女.
    Female,
    /// 適用不能.
    NotApplicable,
}

/// What is printed on a card, and so in 券面事項確認AP.
#[derive(Clone, Debug)]
pub struct Printed {
    /// 有効期限 of the card.
    pub expires: Date,
    /// セキュリティコード, 4 digits.
    pub security_code: TestSecret,
    /// 個人番号, 12 digits, the check digit wrong: 照合番号A.
    pub my_number: TestSecret,
    /// Whether there is a photo. An infant's card has none.
    pub photo: bool,
}

/// The fields of 利用者証明用電子証明書.
#[derive(Clone, Debug)]
pub struct CertificateFile {
    /// 発行番号.
    pub serial: u32,
    /// CN of the subject.
    pub subject_cn: String,
    /// Generation of the CA, 1 to 3.
    pub ca_generation: u8,
    /// First day, counted from the day of personalisation: −640 is 640 days before. It begins at 00:00:00Z.
    pub valid_from_days: i32,
    /// Last day, counted likewise. It ends at 14:59:59Z, midnight in Japan.
    pub valid_until_days: i32,
}

/// The fields of 署名用電子証明書. Its days are those of 利用者証明用電子証明書.
#[derive(Clone, Debug)]
pub struct SignatureFile {
    /// 発行番号.
    pub serial: u32,
    /// 署名用パスワード (reference 001B).
    pub password: TestSecret,
    /// 住所.
    pub address: String,
}

/// How the card behaves where reports differ or rest on one measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // Switches they are, each with its own question.
pub struct Switches {
    /// READ BINARY takes a short file identifier (one report). Refused with `6A86` otherwise: which status
    /// word a card would give is our own decision, here and in the next two.
    pub read_by_short_id: bool,
    /// VERIFY, its counter and CHANGE REFERENCE DATA take one.
    pub verify_by_short_id: bool,
    /// COMPUTE DIGITAL SIGNATURE takes one.
    pub sign_by_short_id: bool,
    /// A key or PIN named by short identifier becomes the current EF. ISO/IEC 7816-4 §11.3 has it so for data
    /// files; P2 of VERIFY names reference data (§11.6.6). Not measured: off by default, our own decision.
    pub short_id_moves_current_ef: bool,
    /// READ BINARY takes an extended Le (reports disagree). Refused with `6700` otherwise.
    pub extended_le: bool,
    /// What the counter of a reference answers once it is verified.
    pub counter_after_verify: CounterAfterVerify,
    /// The first command after power-on is answered with `6F00` and not carried out (seen on one card).
    pub first_command_6f00: bool,
    /// The references of 券面事項確認AP count no tries, and their counter is `6300`.
    pub unlimited: bool,
    /// What the counter of a reference of 券面事項確認AP answers where no try is left.
    pub counter_when_exhausted: CounterWhenExhausted,
}

/// What the counter of a reference answers once it is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CounterAfterVerify {
    /// `63Cx`, as JICSAP IC card specification V1.1 has it.
    Tries,
    /// `9000`, seen on some cards.
    Success,
}

/// What the counter of a reference of 券面事項確認AP (birth date, 照合番号A and B) answers where no try is left.
///
/// Reports read `6300` in two ways, "without limit" and "none left". The PINs of the JPKI AP answer `63C0`
/// whatever stands here. A VERIFY is answered `6984` in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CounterWhenExhausted {
    /// `6300`: our own decision.
    NotShown,
    /// `63C0`.
    Zero,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            read_by_short_id: true,
            verify_by_short_id: true,
            sign_by_short_id: true,
            short_id_moves_current_ef: false,
            extended_le: false,
            counter_after_verify: CounterAfterVerify::Tries,
            first_command_6f00: false,
            unlimited: false,
            counter_when_exhausted: CounterWhenExhausted::NotShown,
        }
    }
}

/// A PIN, password or number of a person who does not exist. Redacted all the same.
#[derive(Clone, PartialEq, Eq)]
pub struct TestSecret(String);

impl TestSecret {
    /// From what a card file holds.
    pub fn new(secret: &str) -> Self {
        Self(secret.to_owned())
    }

    /// The digits or characters themselves.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TestSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TestSecret(redacted)")
    }
}
