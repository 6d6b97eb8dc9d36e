//! The texts of the product, from `texts/ja.ftl` and `texts/en.ftl`.

use std::sync::LazyLock;

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

use crate::Language;

static JA: LazyLock<Texts> = LazyLock::new(|| Texts::new("ja", include_str!("../texts/ja.ftl")));
static EN: LazyLock<Texts> = LazyLock::new(|| Texts::new("en", include_str!("../texts/en.ftl")));

/// The texts in one language.
pub(crate) struct Texts(FluentBundle<FluentResource>);

/// The texts in this language.
pub(crate) fn texts(language: Language) -> &'static Texts {
    match language {
        Language::Ja => &JA,
        Language::En => &EN,
    }
}

impl Texts {
    fn new(language: &str, source: &str) -> Self {
        let language: LanguageIdentifier = language.parse().expect("a language tag");
        let resource = FluentResource::try_new(source.to_owned()).expect("a test reads both files");
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // The marks that isolate right-to-left text would show up in copied text and on terminals.
        bundle.set_use_isolating(false);
        bundle.add_resource(resource).expect("a test finds names that come twice");
        Self(bundle)
    }

    /// A text without arguments.
    pub(crate) fn text(&self, name: &str) -> String {
        self.format(name, None)
    }

    /// A text with arguments.
    pub(crate) fn with<const N: usize>(
        &self,
        name: &str,
        args: [(&'static str, FluentValue<'_>); N],
    ) -> String {
        self.format(name, Some(&args.into_iter().collect()))
    }

    /// A name without a text is shown as it is: a test finds it, staff can still read the rest.
    fn format(&self, name: &str, args: Option<&FluentArgs<'_>>) -> String {
        match self.0.get_message(name).and_then(|message| message.value()) {
            Some(pattern) => self.0.format_pattern(pattern, args, &mut Vec::new()).into_owned(),
            None => name.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs;

    use super::*;
    use crate::Failure;

    const SOURCES: [&str; 2] = [include_str!("../texts/ja.ftl"), include_str!("../texts/en.ftl")];

    /// Names with the arguments that their text uses.
    fn names(source: &str) -> BTreeMap<String, BTreeSet<String>> {
        let mut names = BTreeMap::new();
        let mut name = String::new();
        for line in source.lines().filter(|line| !line.starts_with('#')) {
            if let Some((left, _)) = line.split_once(" =").filter(|_| !line.starts_with(' ')) {
                name = left.to_owned();
                assert!(names.insert(name.clone(), BTreeSet::new()).is_none(), "{name} comes twice");
            }
            for piece in line.split('$').skip(1) {
                let end = piece.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(piece.len());
                names.get_mut(&name).expect("a text has a name").insert(piece[..end].to_owned());
            }
        }
        names
    }

    #[test]
    fn both_languages_have_the_same_texts_with_the_same_arguments() {
        let [ja, en] = SOURCES.map(names);
        assert_eq!(ja, en);
    }

    #[test]
    fn no_text_is_empty_and_every_text_resolves() {
        for language in Language::ALL {
            for (name, args) in names(SOURCES[0]) {
                let mut given = FluentArgs::new();
                for arg in &args {
                    given.set(arg.clone(), "1");
                }
                let text = texts(language).format(&name, Some(&given));
                assert!(!text.trim().is_empty() && text != name, "{language:?} {name}");
                assert!(!text.contains(['{', '}']), "{language:?} {name}: {text}");
            }
        }
    }

    #[test]
    fn every_text_is_used_and_every_used_text_is_there() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
        let mut code = String::new();
        for file in fs::read_dir(folder).expect("the sources") {
            let path = file.expect("a file").path();
            if path.is_file() && !path.ends_with("texts.rs") {
                code += &fs::read_to_string(path).expect("a source file");
            }
        }
        let names: BTreeSet<_> = names(SOURCES[0]).into_keys().collect();
        for name in &names {
            let used = code.contains(&format!("\"{name}\"")) || name.starts_with("failure-");
            assert!(used, "{name} is never used");
        }
        for failure in Failure::ALL {
            for name in [format!("failure-{}", failure.code()), format!("failure-{}-remedy", failure.code())]
            {
                assert!(names.contains(&name), "{failure:?} has no {name}");
            }
        }
        let failures = names.iter().filter(|name| name.starts_with("failure-")).count();
        assert_eq!(failures, 2 * Failure::ALL.len(), "a text of a code that is gone");
        for call in ["text(\"", "with(\""] {
            for piece in code.split(call).skip(1) {
                let name = &piece[..piece.find('"').expect("the end of a text")];
                assert!(names.contains(name), "{name} has no text");
            }
        }
    }
}
