//! `docs/acl.md` names the test of every sentence: those tests are there.

use std::fs;
use std::path::Path;

#[test]
fn every_test_that_the_account_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let account = fs::read_to_string(root.join("../../docs/acl.md")).unwrap();
    let rows = account
        .lines()
        .filter(|line| line.starts_with("| "))
        .filter_map(|row| row.trim_end_matches(" |").rsplit_once("| "));
    let mut found = 0;
    for (row, tests) in rows {
        for name in tests.split('`').skip(1).step_by(2) {
            let Some((module, test)) = name.split_once("::").filter(|(module, _)| *module != "grant") else { continue };
            let text = fs::read_to_string(root.join("tests/it/acl").join(module).with_extension("rs"));
            let text = text.unwrap_or_else(|error| panic!("{name} of {row}: {error}"));
            assert!(text.contains(&format!("fn {test}(")), "{name} of {row} is not there");
            found += 1;
        }
    }
    assert!(found > 40, "{found} tests found");
}
