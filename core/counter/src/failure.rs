//! The failure codes: what went wrong, in words for staff, with the way on and the way round.

use crate::{Language, texts::texts};

macro_rules! failures {
    ($($(#[$doc:meta])* $name:ident = $code:literal $ways:ident;)*) => {
        /// One cause each, numbered by decade: 1xx reader, 2xx card, 3xx PIN and birth date, 4xx certificate,
        /// 5xx network, 6xx service, 7xx device and log in, 9xx internal.
        ///
        /// A number is never used for another cause: staff read it to the help desk.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Failure {
            $($(#[$doc])* $name = $code,)*
        }

        impl Failure {
            /// Every code. `docs/failure-codes.md` lists them, and the end-to-end tests reach each one.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// When the official other ways are shown with it.
            pub fn other_ways(self) -> OtherWays {
                match self {
                    $(Self::$name => OtherWays::$ways,)*
                }
            }
        }
    };
}

/// When the official other ways are shown with a failure. Only while somebody is logged in: before, there is no
/// patient who waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherWays {
    /// Trying again, or another card, is the way on; or no patient is concerned.
    Never,
    /// The second time in a row.
    Repeated,
    /// Where the screen offers no other method.
    Alone,
    /// The check cannot be done now.
    Always,
}

failures! {
    /// The card left the field before the dialogue was over.
    CardLost = 101 Repeated;
    /// The reader failed, and nothing more is known.
    ReaderFailed = 102 Repeated;
    /// No PC/SC service runs on this PC.
    ReaderServiceMissing = 103 Always;
    /// No card reader is connected.
    NoReader = 104 Always;
    /// Another program holds the reader.
    ReaderInUse = 105 Repeated;
    /// The reader went away.
    ReaderUnplugged = 106 Repeated;
    /// A card is in the reader and gives no answer to reset, or one that cannot be read.
    CardSilent = 107 Repeated;
    /// Reader or card did not answer in time.
    ReaderTimedOut = 108 Repeated;
    /// A Bluetooth reader and this device do not have the same key.
    ReaderNotTrusted = 109 Always;
    /// A Bluetooth reader went to sleep.
    ReaderAsleep = 110 Repeated;
    /// The Bluetooth connection to the reader is gone.
    ReaderOutOfReach = 111 Repeated;
    /// The reader was changed for one over whose link everybody near can read along: the PIN was kept back.
    LinkNotConfidential = 112 Alone;
    /// The NFC of this device is switched off.
    NfcOff = 113 Repeated;
    /// Bluetooth is switched off, and a Bluetooth reader is to be used.
    BluetoothOff = 114 Repeated;
    /// The platform does not let this app use Bluetooth.
    BluetoothNotAllowed = 115 Repeated;

    /// The JPKI AP cannot be selected: no My Number card.
    NotMyNumberCard = 201 Never;
    /// A smartphone's card, which has no face: in a 目視確認.
    SmartphoneCard = 202 Alone;
    /// The certificate is not given without the PIN: an Android phone, by either method.
    CertificateNeedsPin = 203 Always;
    /// The card answered with what no My Number card answers.
    CardUnreadable = 204 Always;
    /// After a loss another card was held.
    AnotherCard = 205 Never;
    /// The birth date in the chip is not the one that was typed: another century, so another era.
    BirthDateOfAnotherEra = 206 Never;
    /// The signature of the card does not hold.
    CardSignatureInvalid = 207 Always;
    /// 券面事項確認AP holds a record that the issuer did not sign.
    CardRecordUntrusted = 208 Always;
    /// The birth date on the card is not that of the insurance record.
    CardRecordMismatch = 209 Always;
    /// 券面事項確認AP holds another key than at the first visit.
    CardChanged = 210 Always;
    /// The card holds no 利用者証明用電子証明書.
    NoCertificate = 211 Always;

    /// The PIN was wrong.
    PinWrong = 301 Never;
    /// One try is left for the PIN; nothing was sent to the card.
    PinLastTry = 302 Always;
    /// The PIN is blocked.
    PinBlocked = 303 Always;
    /// A card whose PIN cannot be used: 顔認証マイナンバーカード and the like.
    FaceAuthenticationCard = 304 Alone;
    /// The card was lost twice while the PIN or birth date was on its way: it was forgotten.
    AskAgain = 305 Always;
    /// The PIN or birth date is older than a minute: it was forgotten.
    SecretForgotten = 306 Never;
    /// The birth date was wrong.
    BirthDateWrong = 311 Never;
    /// One try is left for the birth date; nothing was sent to the card.
    BirthDateLastTry = 312 Always;
    /// The birth date of 券面事項確認AP is blocked.
    BirthDateBlocked = 313 Always;

    /// Revoked (失効).
    CertificateRevoked = 401 Always;
    /// Out of date beyond the grace.
    CertificateExpired = 402 Always;
    /// Not valid yet.
    CertificateNotYetValid = 403 Always;
    /// 署名用電子証明書, or another one that is not for user authentication.
    CertificateWrongKind = 404 Always;
    /// Issued by none of the CAs that the service trusts.
    CertificateUntrusted = 405 Always;
    /// Not a certificate of the profile.
    CertificateMalformed = 406 Always;
    /// Whether it is revoked could not be looked up.
    RevocationUnavailable = 407 Always;
    /// The service does not have the certificate any more by which it knew the card, and needs it whole.
    CertificateNeeded = 408 Never;

    /// No connection.
    Unreachable = 501 Always;
    /// No answer in time.
    TimedOut = 502 Always;
    /// The server is not the one that this device trusts.
    ServerUntrusted = 503 Always;
    /// An answer that cannot be read.
    AnswerUnreadable = 504 Always;

    /// Too many requests.
    RateLimited = 601 Always;
    /// The service is closed or overloaded.
    ServiceUnavailable = 602 Always;
    /// The service failed.
    ServiceFailed = 603 Always;
    /// The challenge's life is over.
    ChallengeExpired = 604 Never;
    /// The challenge was used before.
    ChallengeUsed = 605 Never;
    /// The challenge is not one for this device.
    ChallengeInvalid = 606 Never;
    /// The request id was used with another content.
    RequestConflict = 607 Never;
    /// The first request is still being worked on.
    StillWorking = 608 Never;
    /// The service does not understand this version's request.
    RequestRefused = 609 Always;
    /// The request is larger than the service reads.
    RequestTooLarge = 610 Always;
    /// This device may not use this method.
    MethodNotAllowed = 611 Alone;
    /// A refusal that this version does not know.
    RefusalUnknown = 612 Always;

    /// Wrong account or wrong activation code.
    EnrollmentRefused = 701 Never;
    /// The certification request did not hold.
    EnrollmentRequestRefused = 702 Never;
    /// What was opened is no enrolment link of this product.
    LinkInvalid = 703 Never;
    /// No address of a service that could be used.
    ServiceAddressInvalid = 704 Always;
    /// The service knows no such device.
    DeviceUnknown = 705 Always;
    /// Stopped by the administrator.
    DeviceSuspended = 706 Always;
    /// Ended by the administrator: everything was wiped.
    DeviceRevoked = 707 Never;
    /// Account or code are not of the form in which they are given out; nothing was sent.
    CredentialsMalformed = 708 Never;
    /// The service does not accept the device certificate: it and the key do not belong together, or another CA
    /// issued it.
    DeviceCertificateRefused = 709 Always;
    /// The device certificate is out of date.
    DeviceCertificateExpired = 710 Always;
    /// The device key is gone.
    DeviceKeyMissing = 711 Always;
    /// The key store refused.
    DeviceKeyRefused = 712 Always;
    /// The key store gave no answer.
    DeviceKeyTimedOut = 713 Always;
    /// What is kept of the device key does not open: it is damaged, or another device's.
    DeviceKeyDamaged = 714 Always;
    /// A newer version of the app keeps the device key.
    DeviceKeyNewer = 715 Always;
    /// The attestation of the device key does not hold: the phone is modified, or the app is not the operator's.
    DeviceNotAttested = 716 Never;
    /// Ten wrong attempts to log in: everything was wiped.
    TooManyAttempts = 721 Never;
    /// The place of the state may not be written to.
    StorageReadOnly = 731 Never;
    /// No room is left for the state.
    StorageFull = 732 Never;
    /// Another copy of the program runs.
    StorageInUse = 733 Never;
    /// The storage failed.
    StorageFailed = 734 Never;
    /// The state is there and cannot be read.
    StateUnreadable = 735 Always;

    /// A part of the app stopped in the middle of its work.
    WorkerFailed = 901 Never;
}

impl Failure {
    /// The number that staff read to the help desk.
    pub fn code(self) -> u16 {
        self as u16
    }

    /// What happened, without blame and without jargon.
    pub fn cause(self, language: Language) -> String {
        texts(language).text(&format!("failure-{}", self.code()))
    }

    /// What to do next.
    pub fn remedy(self, language: Language) -> String {
        texts(language).text(&format!("failure-{}-remedy", self.code()))
    }

    /// The official other ways to confirm the qualification, in the order in which they are offered:
    /// マイナポータルの資格情報画面, 資格情報のお知らせ with the card, 資格確認書, 被保険者資格申立書.
    pub fn fallbacks(language: Language) -> Vec<String> {
        ["fallback-portal", "fallback-notice", "fallback-certificate", "fallback-declaration"]
            .map(|name| texts(language).text(name))
            .into()
    }
}
