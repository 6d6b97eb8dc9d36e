//! The RSA keys of a person's card.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::{fs, io};

use sandbox_pki::{CARD_KEYS, TestKey};

use super::PersonError;

/// Three keys in one file, as [`CARD_KEYS`] lists them.
///
/// They are parsed when they are first used: a list of persons needs none.
pub(crate) struct Keys {
    pem: Cow<'static, str>,
    parsed: OnceLock<[Arc<TestKey>; 3]>,
}

impl Keys {
    /// Compiled in, and tested to be good.
    pub(super) fn embedded(pem: &'static str) -> Self {
        Self { pem: Cow::Borrowed(pem), parsed: OnceLock::new() }
    }

    /// From a file, which is made if it is not there.
    pub(super) fn beside(file: PathBuf) -> Result<Self, PersonError> {
        let pem = match fs::read_to_string(&file) {
            Ok(pem) => pem,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let pem = TestKey::new_file(&CARD_KEYS);
                keep(&file, &pem)
                    .map_err(|source| PersonError::KeysNotKept { file: file.clone(), source })?;
                pem
            }
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Err(PersonError::KeysInvalid { file });
            }
            Err(source) => return Err(PersonError::Unreadable { file, source }),
        };
        let keys = parse(&pem).ok_or(PersonError::KeysInvalid { file })?;
        Ok(Self { pem: Cow::Owned(pem), parsed: OnceLock::from(keys) })
    }

    /// 利用者証明用.
    pub(crate) fn authentication(&self) -> &Arc<TestKey> {
        &self.all()[0]
    }

    /// 券面事項確認AP.
    pub(crate) fn surface(&self) -> &Arc<TestKey> {
        &self.all()[1]
    }

    /// 署名用.
    pub(crate) fn signature(&self) -> &Arc<TestKey> {
        &self.all()[2]
    }

    fn all(&self) -> &[Arc<TestKey>; 3] {
        self.parsed
            .get_or_init(|| parse(&self.pem).expect("keys of the named persons are tested, others parsed"))
    }
}

fn parse(pem: &str) -> Option<[Arc<TestKey>; 3]> {
    let keys: Vec<_> = TestKey::all_from_pem(pem).ok()?.into_iter().map(Arc::new).collect();
    keys.try_into().ok()
}

/// Written beside and renamed, so that a file of keys is whole or not there.
fn keep(file: &Path, pem: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let unfinished = file.with_extension(format!("pem.{}", std::process::id()));
    fs::write(&unfinished, pem)?;
    fs::rename(&unfinished, file)
}
