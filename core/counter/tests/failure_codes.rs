//! The failure codes: documented, translated, and given by something.

use std::fmt::Write;
use std::{fs, path::Path};

use counter::{Failure, Language, OtherWays};

const DECADES: [(u16, &str, &str); 8] = [
    (1, "Reader", "リーダー"),
    (2, "Card", "カード"),
    (3, "PIN and date of birth", "暗証番号と生年月日"),
    (4, "Certificate", "電子証明書"),
    (5, "Network", "通信"),
    (6, "Service", "サービス"),
    (7, "Device and log in", "端末とログイン"),
    (9, "Internal", "アプリの中"),
];

/// The page as the code has it.
fn page() -> String {
    let mut page = String::from(
        "# Failure codes / エラーコード\n\n\
         Staff read the code to the help desk. Each code has exactly one cause, and is never used for another one.\n\
         職員が問い合わせ先に伝える番号です。番号ごとに原因は一つで、別の原因に使い回しません。\n\n\
         This page is made from the code; a test compares them. To make it anew:\n\
         `UPDATE_DOCS=1 cargo test -p madoguchi-counter --test failure_codes`\n",
    );
    for (decade, en, ja) in DECADES {
        write!(page, "\n## {decade}xx {en} / {ja}\n").expect("a string");
        for failure in Failure::ALL.iter().filter(|failure| failure.code() / 100 == decade) {
            write!(page, "\n### {} `{failure:?}`\n\n", failure.code()).expect("a string");
            for language in Language::ALL {
                let (cause, remedy) = (failure.cause(language), failure.remedy(language));
                writeln!(page, "* **{cause}** {remedy}").expect("a string");
            }
            page.push_str(match failure.other_ways() {
                OtherWays::Always => "* The official other ways are shown. 代わりの確認方法を表示します。\n",
                OtherWays::Alone => {
                    "* The official other ways are shown where no other method is offered. \
                     ほかの方法に切り替えられないときは、代わりの確認方法を表示します。\n"
                }
                OtherWays::Repeated => {
                    "* The official other ways are shown the second time in a row. \
                     続けて2回目からは、代わりの確認方法を表示します。\n"
                }
                OtherWays::Never => "",
            });
        }
    }
    page.push_str(
        "\n## The official other ways / 代わりの確認方法\n\n\
         Shown only while somebody is logged in: before, no patient waits. ログインしている間だけ表示します。\n\n",
    );
    let ways = Language::ALL.map(Failure::fallbacks);
    for (at, (ja, en)) in ways[0].iter().zip(&ways[1]).enumerate() {
        writeln!(page, "{}. {ja} / {en}", at + 1).expect("a string");
    }
    page
}

#[test]
fn every_code_is_documented() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/failure-codes.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, page()).expect("docs/failure-codes.md can be written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page(),
        "docs/failure-codes.md is not what the code says: \
         UPDATE_DOCS=1 cargo test -p madoguchi-counter --test failure_codes"
    );
}

#[test]
fn codes_ascend_and_belong_to_a_decade() {
    assert!(Failure::ALL.is_sorted_by_key(|failure| failure.code()));
    for failure in Failure::ALL {
        assert!(DECADES.iter().any(|(decade, ..)| failure.code() / 100 == *decade), "{failure:?}");
    }
}

#[test]
fn every_code_says_something_else_in_both_languages() {
    for language in Language::ALL {
        let mut causes: Vec<_> = Failure::ALL.iter().map(|failure| failure.cause(language)).collect();
        causes.sort();
        causes.dedup();
        assert_eq!(causes.len(), Failure::ALL.len(), "one cause, one code");
    }
    for failure in Failure::ALL {
        assert_ne!(failure.cause(Language::Ja), failure.cause(Language::En));
        assert_ne!(failure.remedy(Language::Ja), failure.remedy(Language::En));
    }
}

/// A code that nothing gives is a promise to staff that nobody keeps. Only what gives counts: where a code is
/// defined, matched or tested says nothing.
#[test]
fn every_code_is_given_by_something() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut giving = String::new();
    for file in [
        "counter.rs",
        "job.rs",
        "link.rs",
        "refusal.rs",
        "schedule.rs",
        "settle.rs",
        "state.rs",
        "step.rs",
        "tap.rs",
    ] {
        giving += &fs::read_to_string(folder.join(file)).expect("a source file");
    }
    for failure in Failure::ALL {
        let name = format!("Failure::{failure:?}");
        let given = giving.match_indices(&name).any(|(at, _)| {
            let after = &giving[at + name.len()..];
            let whole = !after.starts_with(|c: char| c.is_alphanumeric());
            // `Failure::X =>` and `Failure::X |` match what something else has given.
            let rest = after.trim_start();
            whole && !rest.starts_with("=>") && !rest.starts_with('|') && !rest.starts_with("if ")
        });
        assert!(given, "{failure:?} is never given");
    }
}
