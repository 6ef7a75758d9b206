//! Each test that `docs/threat-model.md` names exists, and each threat names one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn each_threat_names_tests_that_exist() {
    let text = read("docs/threat-model.md");
    let rows = text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| who tries what |"));
    let rows: Vec<_> = rows.filter(|line| !line.starts_with("| ---")).collect();
    assert!(rows.len() >= 40, "only {} threats were found", rows.len());
    for row in rows {
        let tests: Vec<_> = row.split('`').filter_map(|word| word.split_once(".rs#")).collect();
        assert!(!tests.is_empty(), "no test: {row}");
        for (file, name) in tests {
            let source = read(&format!("{file}.rs"));
            let at =
                source.find(&format!("fn {name}()")).unwrap_or_else(|| panic!("no test {name} in {file}.rs"));
            let attribute = source[..at].trim_end().trim_end_matches("async").trim_end();
            assert!(attribute.ends_with("test]") || attribute.ends_with(")]"), "{name} is no test");
        }
    }
}
