//! The people of the sandbox, and the files that describe them.

mod error;
mod file;
mod keys;
mod parse;
mod reader;

use core::fmt;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use time::Date;

use error::MAX_FILE_LENGTH;
pub use error::{PersonError, Problem};
pub use file::{
    CardFile, CertificateFile, CounterAfterVerify, CounterWhenExhausted, Kind, Note, Printed, Sex,
    SignatureFile, Switches, TestSecret,
};
pub(crate) use keys::Keys;
pub(crate) use parse::{BIRTH_TRIES, PIN_TRIES, is_signature_password};

/// Somebody who does not exist: a card, and what the service knows.
///
/// The fields of [`Person::card`] may be changed before [`Person::personalise`], to have a card that no
/// file describes.
#[derive(Clone)]
pub struct Person {
    slug: String,
    name: String,
    note: Note,
    /// The `[card]` half of the file.
    pub card: CardFile,
    service: toml::Table,
    keys: Arc<Keys>,
    /// Whose face is on the card, where it is another person's.
    surface: Option<Arc<Person>>,
}

/// The named persons: slug, file, keys. In the order in which lists show them.
macro_rules! named {
    ($($slug:literal),* $(,)?) => {
        [$((
            $slug,
            include_str!(concat!("../../../persons/", $slug, ".toml")),
            include_str!(concat!("../../../persons/keys/", $slug, ".pem")),
        )),*]
    };
}

const NAMED: [(&str, &str, &str); 24] = named![
    "hanako", "jiro", "ume", "matsu", "take", "ichiro", "natsuko", "nashio", "fuku", "kumao", "shichiro",
    "sotoji", "kire", "mukashi", "mihoko", "rokku", "nokori", "kaori", "aoi", "futago", "chigau", "andoro",
    "rin", "suika",
];

static PERSONS: LazyLock<Vec<Person>> = LazyLock::new(|| {
    NAMED
        .iter()
        .map(|(slug, text, _)| {
            let file = PathBuf::from(slug).with_extension("toml");
            Person::parse(&file, slug, text, Keys::embedded(embedded_keys(slug)), &|other| {
                let (_, text, keys) = NAMED.iter().find(|(named, ..)| *named == other)?;
                Some(Person::parse(&file, other, text, Keys::embedded(keys), &|_| None))
            })
            .expect("the named persons are tested")
        })
        .collect()
});

fn embedded_keys(slug: &str) -> &'static str {
    NAMED.iter().find(|(named, ..)| *named == slug).map_or("", |(.., keys)| keys)
}

impl Person {
    /// One of the named persons, such as `hanako`.
    pub fn named(slug: &str) -> Option<Self> {
        PERSONS.iter().find(|person| person.slug == slug).cloned()
    }

    /// The named persons, in the order in which lists show them.
    pub fn all() -> Vec<Self> {
        PERSONS.clone()
    }

    /// Somebody of one's own, from a file such as `sandbox/persons/hanako.toml`.
    ///
    /// The person's keys are made at the first reading, kept in `keys/<slug>.pem` beside the file, and used
    /// again afterwards, so that the card stays the same. `surface_of` names a file in the same folder or
    /// one of the named persons.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, PersonError> {
        let path = path.as_ref();
        Self::read(path, &|other| {
            let sibling = path.with_file_name(other).with_extension("toml");
            if sibling.exists() { Some(Self::read(&sibling, &|_| None)) } else { Self::named(other).map(Ok) }
        })
    }

    fn read(path: &Path, others: &Others<'_>) -> Result<Self, PersonError> {
        let text = read_text(path)?;
        let slug = path.file_stem().unwrap_or_default().to_string_lossy();
        // The file is judged before keys are made for it.
        let mut person = Self::parse(path, &slug, &text, Keys::embedded(""), others)?;
        let keys = path.with_file_name("keys").join(&*slug).with_extension("pem");
        person.keys = Arc::new(Keys::beside(keys)?);
        Ok(person)
    }

    fn parse(
        file: &Path,
        slug: &str,
        text: &str,
        keys: Keys,
        others: &Others<'_>,
    ) -> Result<Self, PersonError> {
        let parsed = parse::parse(text).map_err(|error| error.in_file(file))?;
        let surface = match &parsed.surface_of {
            None => None,
            Some((other, line)) => {
                let unknown = || PersonError::Invalid {
                    file: file.to_owned(),
                    line: *line,
                    field: "card.surface_of".to_owned(),
                    problem: Problem::NoSuchPerson,
                };
                let other = others(other).ok_or_else(unknown)??;
                if other.card.printed.is_none() {
                    return Err(unknown());
                }
                Some(Arc::new(other))
            }
        };
        Ok(Self {
            slug: slug.to_owned(),
            name: parsed.name,
            note: parsed.note,
            card: parsed.card,
            service: parsed.service,
            keys: Arc::new(keys),
            surface,
        })
    }

    /// The file's name without its ending: the person's name on the command line.
    pub fn slug(&self) -> &str {
        &self.slug
    }

    /// 氏名.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the person is there to show.
    pub fn note(&self) -> &Note {
        &self.note
    }

    /// The birth date that the card's own certificate belongs to. What 券面事項確認AP says is another matter
    /// (`surface_of`).
    pub fn birth_date(&self) -> Date {
        self.card.birth_date
    }

    /// The birth date printed on the card, which opens 券面事項確認AP: that of the person whom `surface_of` names,
    /// if there is one.
    pub fn printed_birth_date(&self) -> Date {
        self.surface().birth_date()
    }

    /// The `[service]` half of the file; empty where there is none.
    pub fn service(&self) -> &toml::Table {
        &self.service
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Whose face is on the card: in 券面事項確認AP and 券面事項入力補助AP.
    pub(crate) fn surface(&self) -> &Self {
        self.surface.as_deref().unwrap_or(self)
    }
}

/// A file of text, as long as a person's file may be.
fn read_text(path: &Path) -> Result<String, PersonError> {
    let unreadable = |source| PersonError::Unreadable { file: path.to_owned(), source };
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(unreadable)?;
    file.take(MAX_FILE_LENGTH + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_FILE_LENGTH {
        return Err(PersonError::TooLong { file: path.to_owned() });
    }
    String::from_utf8(bytes).map_err(|_| PersonError::NotText { file: path.to_owned() })
}

/// Finds the person whom `surface_of` names.
type Others<'a> = dyn Fn(&str) -> Option<Result<Person, PersonError>> + 'a;

/// The slug alone: a person's data are treated as a real person's would be.
impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person").field("slug", &self.slug).finish_non_exhaustive()
    }
}
