//! The golden file: every answer, and why answers differ.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::answer::Answer;
use super::table::{Case, Group};

type Answers<'a> = BTreeMap<&'a str, Vec<Vec<Answer>>>;

/// Every case with its answers. Endpoints that answer alike share a line.
pub(crate) fn golden(groups: &[Group], answers: &Answers<'_>) -> String {
    let mut text = String::from("# Written by UPDATE_GOLDEN=1; sequences.rs says how.\n");
    for (group, index) in groups.iter().zip(0..) {
        writeln!(text, "\n== {}", group.name).expect("text");
        for (case, number) in group.cases.iter().zip(0..) {
            writeln!(text, "{}", case.line).expect("text");
            let alike = alike(answers, index, number);
            for (answer, targets) in &alike {
                writeln!(text, "    {}: {answer}", targets.join(", ")).expect("text");
            }
            if let Some(reason) = reason(group, case).filter(|_| alike.len() > 1) {
                writeln!(text, "    ! {reason}").expect("text");
            }
        }
    }
    text
}

/// Cases whose answers differ without a stated reason.
pub(crate) fn unexplained(groups: &[Group], answers: &Answers<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for (group, index) in groups.iter().zip(0..) {
        for (case, number) in group.cases.iter().zip(0..) {
            let different = alike(answers, index, number);
            if different.len() > 1 && reason(group, case).is_none() {
                let said: Vec<_> =
                    different.iter().map(|(answer, targets)| format!("  {}: {answer}", targets.join(", "))).collect();
                found.push(format!("[{}] {}\n{}", group.name, case.line, said.join("\n")));
            }
        }
    }
    found
}

/// Shows the first lines that differ: the whole files are too long to read.
pub(crate) fn assert_same(expected: &str, found: &str) {
    let mut context = "";
    for (expected, found) in expected.lines().zip(found.lines()) {
        assert_eq!(expected, found, "after `{context}`; UPDATE_GOLDEN=1 writes the file");
        context = found;
    }
    assert_eq!(expected.lines().count(), found.lines().count(), "UPDATE_GOLDEN=1 writes the file");
}

fn reason<'a>(group: &'a Group, case: &'a Case) -> Option<&'a str> {
    case.reason.as_deref().or(group.reason.as_deref())
}

/// The answers to a case, each with the endpoints that gave it.
fn alike<'a>(answers: &Answers<'a>, group: usize, case: usize) -> Vec<(String, Vec<&'a str>)> {
    let mut found: Vec<(String, Vec<&str>)> = Vec::new();
    // The hub's own come first.
    let mut targets: Vec<_> = answers.iter().collect();
    targets.sort_by_key(|(name, _)| **name == "MinIO");
    for (name, all) in targets {
        let answer = all[group][case].to_string();
        match found.iter_mut().find(|(known, _)| *known == answer) {
            Some((_, targets)) => targets.push(name),
            None => found.push((answer, vec![name])),
        }
    }
    found
}
