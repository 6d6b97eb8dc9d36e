//! One thing wrong with a chain, by name.

use time::macros::datetime;

use super::encode::set;
use super::issue::Path;
use super::{Attestation, Level, PACKAGE, SIGNER, application, root_of_trust, tag};
use crate::tlv;

/// One table: variant, name.
macro_rules! wrongs {
    ($($(#[$doc:meta])+ $variant:ident = $name:literal;)+) => {
        /// What can be wrong with a phone, with its key, or with the chain that tells of both.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Wrong {
            $($(#[$doc])+ $variant,)+
        }

        impl Wrong {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name by which other programs ask for it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

wrongs! {
    /// The names of the test root, and another key.
    Root = "root";
    /// The signature of the first certificate does not hold.
    Signature = "signature";
    /// The first certificate names another issuer.
    Issuer = "issuer";
    /// The issuer of the first certificate is no CA.
    NotCa = "not-ca";
    /// One more CA than is allowed.
    TooLong = "too-long";
    /// An attested key signed the certificate of another one.
    Lengthened = "lengthened";
    /// A critical extension that nobody knows.
    CriticalExtension = "critical-extension";
    /// The issuer's certificate ended in 2021.
    Expired = "expired";
    /// The issuer's certificate begins in 2049.
    NotYetValid = "not-yet-valid";
    /// No `KeyDescription`.
    Undescribed = "undescribed";
    /// `KeyDescription` of version 1.
    OldVersion = "old-version";
    /// Another challenge than the one that was asked for.
    Challenge = "challenge";
    /// The key lies in software, and secure hardware says so.
    SoftwareKey = "software-key";
    /// Software says that the key lies in secure hardware.
    SoftwareWord = "software-word";
    /// The boot loader is unlocked.
    Unlocked = "unlocked";
    /// Started with a system that the owner signed.
    SelfSigned = "self-signed";
    /// Started with a system that nobody verified.
    Unverified = "unverified";
    /// Only software tells how the phone was started.
    BootByWord = "boot-by-word";
    /// The key was imported.
    Imported = "imported";
    /// The key decrypts, and does not sign.
    Purpose = "purpose";
    /// The key signs with SHA-1.
    Digest = "digest";
    /// The key asks for a fingerprint: the login key.
    PersonRequired = "person-required";
    /// No app is named.
    NoApp = "no-app";
    /// Another app.
    App = "app";
    /// Our app, and one with which it shares its keys.
    SharedApp = "shared-app";
    /// Our app, signed by somebody else.
    Signer = "signer";
    /// Our app, signed by us and by somebody else.
    SecondSigner = "second-signer";
}

impl Attestation {
    /// Makes one thing wrong.
    pub fn wrong(&mut self, wrong: Wrong) -> &mut Self {
        let integer = tlv::integer;
        match wrong {
            Wrong::Root => self.path = Path::OtherRoot,
            Wrong::Signature => self.path = Path::Unsigned,
            Wrong::Issuer => self.path = Path::OtherIssuer,
            Wrong::NotCa => self.path = Path::NotCa,
            Wrong::TooLong => self.path = Path::TooLong,
            Wrong::Lengthened => self.path = Path::Lengthened,
            Wrong::CriticalExtension => self.path = Path::CriticalExtension,
            Wrong::Expired => {
                self.path = Path::Dated(datetime!(2020-01-01 0:00 UTC), datetime!(2021-12-31 23:59:59 UTC));
            }
            Wrong::NotYetValid => {
                self.path = Path::Dated(datetime!(2049-01-01 0:00 UTC), datetime!(2049-12-31 23:59:59 UTC));
            }
            Wrong::Undescribed => self.path = Path::Undescribed,
            Wrong::OldVersion => self.version = 1,
            Wrong::Challenge => self.challenge = vec![0x99; 32],
            Wrong::SoftwareKey => self.key_in = Level::Software,
            Wrong::SoftwareWord => self.attested_by = Level::Software,
            Wrong::Unlocked => return self.set_hardware(tag::ROOT_OF_TRUST, root_of_trust(false, 0)),
            Wrong::SelfSigned => return self.set_hardware(tag::ROOT_OF_TRUST, root_of_trust(true, 1)),
            Wrong::Unverified => return self.set_hardware(tag::ROOT_OF_TRUST, root_of_trust(true, 2)),
            Wrong::BootByWord => {
                self.remove_hardware(tag::ROOT_OF_TRUST);
                return self.set_software(tag::ROOT_OF_TRUST, root_of_trust(true, 0));
            }
            Wrong::Imported => return self.set_hardware(tag::ORIGIN, integer(2)),
            Wrong::Purpose => return self.set_hardware(tag::PURPOSE, set(&[&integer(1)])),
            Wrong::Digest => return self.set_hardware(tag::DIGEST, set(&[&integer(2)])),
            Wrong::PersonRequired => {
                self.remove_hardware(tag::NO_AUTH_REQUIRED);
                return self.set_hardware(tag::USER_AUTH_TYPE, integer(2));
            }
            Wrong::NoApp => self.software.retain(|(present, _)| *present != tag::APPLICATION_ID),
            Wrong::App => return self.of_apps(&["jp.madoguchi.other"], &[&SIGNER]),
            Wrong::SharedApp => return self.of_apps(&["jp.madoguchi.other", PACKAGE], &[&SIGNER]),
            Wrong::Signer => return self.of_apps(&[PACKAGE], &[&[0x99; 32]]),
            Wrong::SecondSigner => return self.of_apps(&[PACKAGE], &[&SIGNER, &[0x99; 32]]),
        }
        self
    }

    fn of_apps(&mut self, packages: &[&str], signers: &[&[u8]]) -> &mut Self {
        self.set_software(tag::APPLICATION_ID, application(packages, signers))
    }
}
