//! Applications, files, commands and answers of the My Number card, each with its source.
//!
//! J-LIS publishes no description of the card. What stands here was read in public programs that use
//! it or was reported by their authors:
//!
//! * *all clients*: OpenSC (`card-jpki.c`), jpki/myna, jpki-rs, mnbcard and others agree;
//! * *myna-card*: the crate `myna-card` 3.3, whose author measured real cards. Where only it is named, it
//!   is **one report**, and no card of ours has confirmed it.

use iso7816::StatusWord;

/// An application, selected by its AID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Application {
    /// Application identifier; `D…` is a national registration (ISO/IEC 7816-5).
    pub aid: &'static [u8],
}

/// An elementary file, a key or a PIN: on this card all are selected alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct File {
    /// File identifier.
    pub id: u16,
}

impl File {
    /// The short identifier, the low five bits of the file identifier (*myna-card*: one report).
    pub const fn short_identifier(self) -> u8 {
        (self.id & 0x1F) as u8
    }
}

/// 公的個人認証AP (*all clients*).
pub const JPKI_AP: Application =
    Application { aid: &[0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01] };

/// 券面事項確認AP (*myna*, *myna-card*, *jsapdu*).
pub const VISUAL_AP: Application =
    Application { aid: &[0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x02] };

/// The `GlobalPlatform` issuer domain, current at power-on (*myna-card*: one report). It is selected only to
/// leave another application, where there is no other one to go to.
pub const ISSUER_DOMAIN: Application = Application { aid: &[0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00] };

/// JPKI AP, token information, free to read (*myna*, *myna-card*). Its first 32 bytes are a label.
pub const TOKEN_INFORMATION: File = File { id: 0x0006 };

/// JPKI AP, which certificates there are, free to read (*myna-card*): three bytes, `8F 8F 00` on an
/// ordinary card; byte 0 is the 署名用, byte 1 the 利用者証明用 certificate, `00` means absent.
pub const CERTIFICATES_PRESENT: File = File { id: 0x0008 };

/// JPKI AP, 利用者証明用電子証明書, DER (*all clients*): free to read on the card, behind the PIN on Android
/// phones (*myna*).
pub const AUTHENTICATION_CERTIFICATE: File = File { id: 0x000A };

/// JPKI AP, 利用者証明用 private key, RSA-2048 (*all clients*).
pub const AUTHENTICATION_KEY: File = File { id: 0x0017 };

/// JPKI AP, 利用者証明用 PIN: four digits, three tries (*all clients*; J-LIS).
pub const AUTHENTICATION_PIN: File = File { id: 0x0018 };

/// 券面事項確認AP, record of the birth date with the application's public key, signed by the issuer:
/// `FF10 { DF11, DF12, DF13 }`, 547 bytes, after VERIFY of [`BIRTH_DATE_REFERENCE`] (*myna-card*).
pub const BIRTH_RECORD: File = File { id: 0x0001 };

/// 券面事項確認AP, the issuer's key as a card-verifiable certificate: `7F21 { 5F4E, 5F37 }`, 568 bytes, free
/// to read (*myna-card*).
pub const KEY_CERTIFICATE: File = File { id: 0x0004 };

/// 券面事項確認AP, 生年月日読出用暗証番号: YYMMDD in the era printed on the card (*myna-card*). The number of
/// tries is not known. A counter of `6300` is read as "without limit" (*myna-card*) or as "none left".
pub const BIRTH_DATE_REFERENCE: File = File { id: 0x0011 };

/// 券面事項確認AP, the application's private key, which needs no PIN (*myna-card*, *jsapdu*).
pub const VISUAL_KEY: File = File { id: 0x001A };

/// INS of SELECT (ISO/IEC 7816-4 §11.2.2).
pub const SELECT: u8 = 0xA4;

/// P1 of SELECT: by AID (*all clients*).
pub const BY_NAME: u8 = 0x04;

/// P1 of SELECT: an elementary file under the application, by its identifier (*all clients*).
pub const BY_FILE_IDENTIFIER: u8 = 0x02;

/// P2 of SELECT: first or only one, no response data (*all clients*).
pub const NO_RESPONSE_DATA: u8 = 0x0C;

/// INS of READ BINARY (ISO/IEC 7816-4 §11.3.3).
pub const READ_BINARY: u8 = 0xB0;

/// INS of VERIFY (ISO/IEC 7816-4 §11.6.6). Without data it asks for the counter, which costs nothing
/// (*all clients*).
pub const VERIFY: u8 = 0x20;

/// CLA of COMPUTE DIGITAL SIGNATURE (*all clients*).
pub const PROPRIETARY: u8 = 0x80;

/// INS of COMPUTE DIGITAL SIGNATURE. P1 and P2 name a padding and a key, not data objects as in
/// ISO/IEC 7816-8 §11 (*all clients*).
pub const COMPUTE_DIGITAL_SIGNATURE: u8 = 0x2A;

/// P1 of COMPUTE DIGITAL SIGNATURE: the card pads the bytes that it is given, a `DigestInfo`, and signs them
/// (RSASSA-PKCS1-v1_5). Of all forms of P1 this one has the most users (*all clients*).
pub const DIGEST_INFO: u8 = 0x00;

/// P2 of COMPUTE DIGITAL SIGNATURE for the default key of the application: in 券面事項確認AP this is
/// [`VISUAL_KEY`] (*myna-card*; *jsapdu*'s test uses it too).
pub const DEFAULT_KEY: u8 = 0x00;

/// P2 of VERIFY and COMPUTE DIGITAL SIGNATURE: the PIN or key that is selected (*all clients*).
pub const CURRENT: u8 = 0x80;

/// P2 of VERIFY and COMPUTE DIGITAL SIGNATURE, and P1 of READ BINARY, that name a file by its short
/// identifier (ISO/IEC 7816-4 §11.3.3 for READ BINARY; for the other two *myna-card*: one report).
pub const fn by_short_identifier(file: File) -> u8 {
    CURRENT | file.short_identifier()
}

/// The head of the `DigestInfo` of SHA-256 (RFC 8017 §9.2, note 1).
pub const SHA256_DIGEST_INFO: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
    0x04, 0x20,
];

/// The most that one READ BINARY with a short Le brings.
pub const PIECE_LENGTH: usize = 256;

/// Bytes of a signature by an RSA-2048 key.
pub const SIGNATURE_LENGTH: usize = 256;

/// The head of the certificate, which names the card: as much as one short READ BINARY gives.
pub const HEAD_LENGTH: usize = 256;

/// A file longer than this is not one of this card (our own decision; the longest known has 3,070 bytes,
/// and certificates have 1,583 to 1,590).
pub const MAX_FILE_LENGTH: usize = 4096;

/// Bytes of the label at the start of [`TOKEN_INFORMATION`].
pub const LABEL_LENGTH: usize = 32;

/// Label of an Android phone (*myna*, *myna-card*). That of the card is `JPKIAPICCTOKEN2`, that of the old
/// 住基カード `JPKIAPICCTOKEN`; each is padded with spaces.
pub const LABEL_ANDROID: &[u8] = b"JPKIAPGPSETOKEN";

/// Label of an iPhone (*myna*, *myna-card*).
pub const LABEL_IPHONE: &[u8] = b"JPKIAPIOSTOKEN";

/// What [`CERTIFICATES_PRESENT`] holds on a 顔認証マイナンバーカード: no 署名用 certificate, a 利用者証明用 one.
///
/// **Our own decision**: that such a card has no 署名用 certificate and no PIN is official; that it says so
/// here, with a counter of `63C0`, was not seen on a card. It is read only after `63C0`.
///
/// **A known mistake of this rule**: a child under 15 has no 署名用 certificate either, so the card of a child
/// whose PIN is blocked looks the same and is called a 顔認証 card. What staff do next is the same, too: no PIN
/// helps, a visual method does.
pub const FACE_AUTHENTICATION_CARD: [u8; 3] = [0x00, 0x8F, 0x00];

/// What a card may answer to SELECT of an application that it does not have: `6A82` from the My Number card
/// (*myna-card*), the others from cards of other kinds (our own decision).
pub const fn is_unknown_application(status: StatusWord) -> bool {
    matches!(
        status,
        StatusWord::FileNotFound
            | StatusWord::IncorrectParameters
            | StatusWord::InstructionNotSupported
            | StatusWord::ClassNotSupported
    )
}

/// Whether the first command after power-on was lost: one measured card answers it `6F00` (*myna-card*).
pub const fn is_first_command_lost(status: StatusWord) -> bool {
    matches!(status, StatusWord::NoPreciseDiagnosis)
}

/// Whether a READ BINARY gave data. `6282` is tolerated by clients and was not seen.
pub const fn carries_data(status: StatusWord) -> bool {
    matches!(status, StatusWord::Success | StatusWord::EndOfFile)
}

/// Whether a file is behind a PIN: `6982` (*all clients*).
pub const fn is_behind_pin(status: StatusWord) -> bool {
    matches!(status, StatusWord::SecurityStatusNotSatisfied)
}

/// What SELECT answers for a file that is not there (`6A82`, *all clients*), and READ BINARY at the start of one
/// that is empty: its offset is beyond the end (`6B00`, *all clients* at the end of a file). That a card without
/// a certificate answers so was not seen: our own decision.
pub const fn is_missing_file(status: StatusWord) -> bool {
    matches!(status, StatusWord::FileNotFound | StatusWord::WrongParameters)
}

/// Whether this is an answer to the question for the counter: a number, `6300` (see
/// [`BIRTH_DATE_REFERENCE`]), blocked, or `9000`.
pub const fn is_counter(status: StatusWord) -> bool {
    matches!(status, StatusWord::Counter(_) | StatusWord::NoInformation)
        || is_hidden_counter(status)
        || is_blocked(status)
}

/// `9000` to the question for the counter: some cards answer so where the reference is verified, and hide
/// the number (*myna-card*).
pub const fn is_hidden_counter(status: StatusWord) -> bool {
    matches!(status, StatusWord::Success)
}

/// What VERIFY answers for a blocked reference: `6984` (*myna-card*: measured); `6983` is the standard's word,
/// which some clients expect too.
pub const fn is_blocked(status: StatusWord) -> bool {
    matches!(status, StatusWord::AuthenticationMethodBlocked | StatusWord::ReferenceDataNotUsable)
}
