//! What `docs/readers.md` says is what the code has.

use reader::Kind;

#[test]
fn every_kind_stands_in_the_table_of_readers() {
    let page = include_str!("../../../../docs/readers.md");
    for kind in Kind::all() {
        for word in
            [kind.name.to_owned(), kind.service.to_string(), kind.write.to_string(), kind.notify.to_string()]
        {
            assert!(page.contains(&word), "{word} is missing");
        }
    }
}

#[test]
fn the_diagram_of_a_readers_life_is_that_of_the_code() {
    let page = include_str!("../../../../docs/readers.md");
    let code = include_str!("../../src/life.rs");
    let diagram: Vec<&str> = code
        .lines()
        .map(|line| line.trim_start_matches('/').trim())
        .filter(|line| line.contains('─'))
        .collect();
    assert!(diagram.len() > 3);
    for line in diagram {
        assert!(page.contains(line), "{line}");
    }
}
