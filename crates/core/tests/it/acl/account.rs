//! `docs/acl.md` names the test of every sentence: those tests are there.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The first column and the last one of every row of the tables whose last column is of tests.
fn rows(account: &str) -> Vec<(&str, &str)> {
    let mut is_of_tests = false;
    let mut rows = Vec::new();
    for line in account.lines() {
        let Some(row) = line.strip_prefix("| ").and_then(|row| row.strip_suffix(" |")) else {
            is_of_tests &= line.starts_with("|---");
            continue;
        };
        let (first, last) = (row.split(" | ").next().unwrap(), row.rsplit(" | ").next().unwrap());
        if last == "test" {
            is_of_tests = true;
        } else if is_of_tests {
            rows.push((first, last));
        }
    }
    rows
}

/// Where a name of the account leads, and what must be written there.
fn place(name: &str) -> (PathBuf, String) {
    let core = root().join("crates/core");
    let module = |name: &str| core.join("tests/it/acl").join(name).with_extension("rs");
    match (name.split_once(": "), name.split_once("::")) {
        (Some((path, test)), _) if path.starts_with("src/") => (core.join(path), format!("fn {test}(")),
        (Some((path, test)), _) => (root().join(path), format!("fn {test}(")),
        (_, Some((unit, "tests"))) => (core.join("src/acl").join(unit).with_extension("rs"), "mod tests {".to_owned()),
        (_, Some((file, test))) => (module(file), format!("fn {test}(")),
        _ if name.contains('/') => (root().join(name), String::new()),
        _ => (module(name), "#[test]".to_owned()),
    }
}

#[test]
fn every_test_that_the_account_names_is_there() {
    let account = fs::read_to_string(root().join("docs/acl.md")).unwrap();
    let rows = rows(&account);
    let mut found = 0;
    for (sentence, tests) in &rows {
        let names: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty() || tests.is_empty() || tests.starts_with("the "), "{sentence}: no test");
        for name in names {
            let (path, text) = place(name);
            let file = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name} of {sentence}: {error}"));
            assert!(file.contains(&text), "{name} of {sentence} does not exist");
            found += 1;
        }
    }
    assert!(rows.len() > 55 && found > 65, "{} rows, {found} tests", rows.len());
}

#[test]
fn a_sentence_without_a_test_is_one_that_says_why() {
    let account = fs::read_to_string(root().join("docs/acl.md")).unwrap();
    let without: Vec<&str> =
        rows(&account).into_iter().filter(|(_, tests)| !tests.contains('`')).map(|(sentence, _)| sentence).collect();
    // What it is a part of, and two that others account for.
    let starts = ["A mongoose plugin", "This module is part of", "There are two special grants"];
    assert_eq!(without.len(), starts.len(), "{without:?}");
    assert!(without.iter().zip(starts).all(|(sentence, start)| sentence.starts_with(start)), "{without:?}");
}
