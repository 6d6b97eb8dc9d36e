//! What can be wrong with a person's file, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

/// A person's file, or the keys beside it, cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PersonError {
    /// The file is not there, or not readable.
    #[error("{}: cannot be read: {source}. Check the path and the permissions.", file.display())]
    Unreadable {
        /// The person's file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is no text.
    #[error("{}: is not text in UTF-8. Choose another file, or copy docs/guide/patient.toml again.", file.display())]
    NotText {
        /// The person's file.
        file: PathBuf,
    },
    /// Something in the file is wrong.
    #[error("{}:{line}: {field}: {problem}. {}", file.display(), problem.remedy())]
    Invalid {
        /// The person's file.
        file: PathBuf,
        /// Counted from 1.
        line: usize,
        /// The field with its tables, such as `card.certificate.serial`.
        field: String,
        /// What is wrong with it.
        problem: Problem,
    },
    /// More than a person's file can hold.
    #[error(
        "{}: is longer than {MAX_FILE_LENGTH} bytes and no person's file. Check the path.",
        file.display()
    )]
    TooLong {
        /// The person's file.
        file: PathBuf,
    },
    /// The person's keys could not be written.
    #[error(
        "{}: the person's keys cannot be kept here: {source}. Make the folder writable, or move the person's \
         file to one that is.",
        file.display()
    )]
    KeysNotKept {
        /// The file of keys.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The person's keys are there and are none.
    #[error(
        "{}: does not hold the person's three RSA keys. Delete this file: new keys are made at the next reading.",
        file.display()
    )]
    KeysInvalid {
        /// The file of keys.
        file: PathBuf,
    },
}

/// More bytes are in no person's file: the named ones have two thousand.
pub(super) const MAX_FILE_LENGTH: u64 = 64 * 1024;

/// What is wrong with a field. Never quotes its value: it may be a PIN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Not TOML.
    #[error("this is not TOML: {0}")]
    Syntax(String),
    /// No field has this name.
    #[error("there is no field of this name")]
    Unknown,
    /// The field is not there.
    #[error("is missing")]
    Missing,
    /// Another type of value.
    #[error("has to be {0}")]
    Type(&'static str),
    /// Longer than a card could hold.
    #[error("has to be at most {0} characters")]
    TooLong(usize),
    /// Not so many digits.
    #[error("has to be {0} digits 0 to 9, in quotation marks")]
    Digits(usize),
    /// Not one of the words.
    #[error("has to be one of {0}")]
    Word(&'static str),
    /// Out of range.
    #[error("has to be from {0} to {1}")]
    Range(i32, i32),
    /// No day of the calendar, or before the first era that a card can show.
    #[error("is no date from 1868-01-25 on")]
    Date,
    /// A 個人番号 whose check digit is right could be somebody's.
    #[error("has a right check digit and could be somebody's 個人番号")]
    CheckDigitRight,
    /// Not the CN of a certificate.
    #[error("has to be 14 digits or capital letters, 5 digits, and 003A")]
    SubjectCn,
    /// Not a 署名用パスワード.
    #[error("has to be 6 to 16 digits or capital letters")]
    SignaturePassword,
    /// A card of this kind has no such thing.
    #[error("a card of this kind has none")]
    NotOfThisKind,
    /// There is no PIN and no 署名用電子証明書 where there is no 利用者証明用電子証明書.
    #[error("a card without [card.certificate] has none")]
    NeedsCertificate,
    /// Nobody of this name has a 券面事項確認AP.
    #[error("there is no card of this name with 券面事項確認AP")]
    NoSuchPerson,
    /// The certificate would end before it begins.
    #[error("lies before valid_from_days")]
    ValidityEmpty,
}

impl Problem {
    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Syntax(_) => "Compare the line with sandbox/persons/hanako.toml.",
            Self::Unknown => "Correct its spelling or its table, or delete the line.",
            Self::Missing => "Add it; sandbox/persons/hanako.toml shows all fields.",
            Self::Type(_) | Self::Digits(_) | Self::Word(_) | Self::Range(..) | Self::Date => {
                "Correct the value; sandbox/persons/hanako.toml shows an example."
            }
            Self::TooLong(_) => "Shorten it.",
            Self::CheckDigitRight => "Change the last digit: numbers in the sandbox are wrong on purpose.",
            Self::SubjectCn => "Write something like W883SB831M5PWR99001003A.",
            Self::SignaturePassword => "Write something like ABC123.",
            Self::NotOfThisKind => "Delete it, or change card.kind.",
            Self::NeedsCertificate => {
                "Add [card.certificate], or delete this for a card that was issued without."
            }
            Self::NoSuchPerson => {
                "Name a file in the same folder, without .toml, or one of the named persons."
            }
            Self::ValidityEmpty => "Make valid_until_days the larger of the two.",
        }
    }
}

/// A problem at a place, before it is known in which file.
#[derive(Debug)]
pub(super) struct Misfit {
    pub(super) line: usize,
    pub(super) field: String,
    pub(super) problem: Problem,
}

impl Misfit {
    pub(super) fn in_file(self, file: &Path) -> PersonError {
        PersonError::Invalid {
            file: file.to_owned(),
            line: self.line,
            field: self.field,
            problem: self.problem,
        }
    }
}
