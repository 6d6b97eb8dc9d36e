//! The failure codes: what went wrong, in words for staff, with the way on and the way round.

use crate::{Language, texts::texts};

macro_rules! failures {
    ($($(#[$doc:meta])* $name:ident = $code:literal $way:ident;)*) => {
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

            /// Whether the check cannot be done now, so that the official other ways are shown.
            pub fn ends_the_check(self) -> bool {
                match self {
                    $(Self::$name => ways::$way,)*
                }
            }
        }
    };
}

/// What a failure leaves open.
mod ways {
    /// Trying again, or the other method, is the way on.
    pub(super) const AGAIN: bool = false;
    /// The check cannot be done now: the official other ways are shown.
    pub(super) const ROUND: bool = true;
    /// No patient is concerned.
    pub(super) const DEVICE: bool = false;
}

failures! {
    /// The card left the field before the dialogue was over.
    CardLost = 101 AGAIN;
    /// The reader failed in the middle of the dialogue.
    ReaderFailed = 102 AGAIN;

    /// The JPKI AP cannot be selected: no My Number card.
    NotMyNumberCard = 201 AGAIN;
    /// A smartphone's card.
    SmartphoneCard = 202 AGAIN;
    /// The certificate is not given without the PIN: a smartphone that does not say so.
    CertificateNeedsPin = 203 AGAIN;
    /// The card answered with what no My Number card answers.
    CardUnreadable = 204 AGAIN;
    /// After a loss another card was held.
    AnotherCard = 205 AGAIN;
    /// The birth date in the chip is not the one that was typed: another century, so another era.
    BirthDateOfAnotherEra = 206 AGAIN;
    /// The signature of the card does not hold.
    CardSignatureInvalid = 207 ROUND;
    /// 券面事項確認AP holds a record that the issuer did not sign.
    CardRecordUntrusted = 208 ROUND;
    /// The birth date on the card is not that of the insurance record.
    CardRecordMismatch = 209 ROUND;
    /// 券面事項確認AP holds another key than at the first visit.
    CardChanged = 210 ROUND;

    /// The PIN was wrong.
    PinWrong = 301 AGAIN;
    /// One try is left for the PIN; nothing was sent to the card.
    PinLastTry = 302 AGAIN;
    /// The PIN is blocked.
    PinBlocked = 303 ROUND;
    /// A 顔認証マイナンバーカード, which has no PIN.
    FaceAuthenticationCard = 304 AGAIN;
    /// The card was lost twice while the PIN or birth date was on its way: it was forgotten.
    AskAgain = 305 AGAIN;
    /// The PIN or birth date is older than a minute: it was forgotten.
    SecretForgotten = 306 AGAIN;
    /// The birth date was wrong.
    BirthDateWrong = 311 AGAIN;
    /// One try is left for the birth date; nothing was sent to the card.
    BirthDateLastTry = 312 AGAIN;
    /// The birth date of 券面事項確認AP is blocked.
    BirthDateBlocked = 313 ROUND;

    /// Revoked (失効).
    CertificateRevoked = 401 ROUND;
    /// Out of date beyond the grace.
    CertificateExpired = 402 ROUND;
    /// Not valid yet.
    CertificateNotYetValid = 403 ROUND;
    /// 署名用電子証明書, or another one that is not for user authentication.
    CertificateWrongKind = 404 ROUND;
    /// Issued by none of the CAs that the service trusts.
    CertificateUntrusted = 405 ROUND;
    /// Not a certificate of the profile.
    CertificateMalformed = 406 ROUND;
    /// Whether it is revoked could not be looked up.
    RevocationUnavailable = 407 ROUND;

    /// No connection.
    Unreachable = 501 ROUND;
    /// No answer in time.
    TimedOut = 502 ROUND;
    /// The server is not the one that this device trusts.
    ServerUntrusted = 503 ROUND;
    /// An answer that cannot be read.
    AnswerUnreadable = 504 ROUND;

    /// Too many requests.
    RateLimited = 601 ROUND;
    /// The service is closed or overloaded.
    ServiceUnavailable = 602 ROUND;
    /// The service failed.
    ServiceFailed = 603 ROUND;
    /// The challenge's life is over.
    ChallengeExpired = 604 AGAIN;
    /// The challenge was used before.
    ChallengeUsed = 605 AGAIN;
    /// The challenge is not one for this device.
    ChallengeInvalid = 606 AGAIN;
    /// The request id was used with another content.
    RequestConflict = 607 AGAIN;
    /// The first request is still being worked on.
    StillWorking = 608 AGAIN;
    /// The service does not understand this version's request.
    RequestRefused = 609 ROUND;
    /// The request is larger than the service reads.
    RequestTooLarge = 610 ROUND;
    /// This device may not use this method.
    MethodNotAllowed = 611 AGAIN;
    /// A refusal that this version does not know.
    RefusalUnknown = 612 ROUND;

    /// Wrong account or wrong activation code.
    EnrollmentRefused = 701 DEVICE;
    /// The certification request did not hold.
    EnrollmentRequestRefused = 702 DEVICE;
    /// What was opened is no enrolment link of this product.
    LinkInvalid = 703 DEVICE;
    /// No address of a service that could be used.
    ServiceAddressInvalid = 704 DEVICE;
    /// The service knows no such device.
    DeviceUnknown = 705 DEVICE;
    /// Stopped by the administrator.
    DeviceSuspended = 706 DEVICE;
    /// Ended by the administrator: everything was wiped.
    DeviceRevoked = 707 DEVICE;
    /// Account or code are not of the form in which they are given out; nothing was sent.
    CredentialsMalformed = 708 DEVICE;
    /// The service ends the connection because of the device certificate.
    DeviceCertificateRefused = 709 DEVICE;
    /// The device key is gone.
    DeviceKeyMissing = 711 DEVICE;
    /// The key store refused.
    DeviceKeyRefused = 712 DEVICE;
    /// The key store gave no answer.
    DeviceKeyTimedOut = 713 DEVICE;
    /// Ten wrong attempts to log in: everything was wiped.
    TooManyAttempts = 721 DEVICE;
    /// The place of the state may not be written to.
    StorageReadOnly = 731 DEVICE;
    /// No room is left for the state.
    StorageFull = 732 DEVICE;
    /// Another copy of the program runs.
    StorageInUse = 733 DEVICE;
    /// The storage failed.
    StorageFailed = 734 DEVICE;
    /// The state is there and cannot be read.
    StateUnreadable = 735 DEVICE;

    /// A part of the app stopped in the middle of its work.
    WorkerFailed = 901 DEVICE;
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

    /// The official other ways to confirm the qualification, in the order in which they are offered; empty
    /// where the check can go on.
    pub fn fallbacks(self, language: Language) -> Vec<String> {
        if self.ends_the_check() { fallbacks(language) } else { Vec::new() }
    }
}

/// マイナポータルの資格情報画面, 資格情報のお知らせ with the card, 資格確認書, 被保険者資格申立書.
pub(crate) fn fallbacks(language: Language) -> Vec<String> {
    ["fallback-portal", "fallback-notice", "fallback-certificate", "fallback-declaration"]
        .map(|name| texts(language).text(name))
        .into()
}
