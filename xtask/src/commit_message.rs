//! The form of commit messages, for a `commit-msg` hook: `cargo xtask commit-message FILE`.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

/// Maximum length of a subject, in characters.
const MAX_SUBJECT: usize = 72;
/// Maximum length of a line of the body, in characters. A line without spaces may be longer.
const MAX_LINE: usize = 100;

/// Checks the message in a file. Fails with everything that is wrong with it.
pub(crate) fn run(file: &Path) -> Result<()> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let problems = problems(&text);
    if problems.is_empty() {
        return Ok(());
    }
    bail!("the commit message is not in the form of CONTRIBUTING.md:\n  {}", problems.join("\n  "))
}

fn problems(text: &str) -> Vec<String> {
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    let subject = lines.next().unwrap_or_default();
    let body: Vec<_> = lines.collect();
    let mut problems = Vec::new();
    let mut unless = |holds: bool, problem: &str| {
        if !holds {
            problems.push(problem.to_owned());
        }
    };
    let (area, change) = subject.split_once(": ").unwrap_or_default();
    let is_area = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    unless(!area.is_empty() && area.chars().all(is_area), "the subject must begin with one area: `core: …`");
    unless(subject.chars().count() <= MAX_SUBJECT, "the subject must not be longer than 72 characters");
    unless(!change.starts_with(char::is_uppercase), "the subject must go on in lower case after the area");
    unless(!subject.ends_with('.'), "the subject must not end with a full stop");
    unless(!subject.contains(';'), "the subject must name one change, without `;`");
    unless(body.first().is_none_or(|line| line.is_empty()), "a blank line must follow the subject");
    unless(body.iter().any(|line| !line.trim().is_empty()), "a body must say why");
    let is_long = |line: &&str| line.chars().count() > MAX_LINE && line.trim().contains(' ');
    unless(!body.iter().any(is_long), "lines of the body must not be longer than 100 characters");
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_with_an_area_a_change_and_a_reason_is_fine() {
        assert!(problems("core: deny documents without grants\n\nThe filter never finds them either.\n").is_empty());
        assert!(problems("core-derive: x\n\nWhy.\n# a comment of git\n").is_empty());
    }

    #[test]
    fn every_violation_is_named() {
        let long = format!("core: {}", "x".repeat(70));
        for subject in ["say what it is", "Core: x", "core: Deny", "core: deny.", "core: deny; allow", long.as_str()] {
            assert_eq!(problems(&format!("{subject}\n\nWhy.")).len(), 1, "{subject}");
        }
        assert_eq!(problems("core: x").len(), 1);
        assert_eq!(problems("core: x\nwhy").len(), 1);
        assert_eq!(problems(&format!("core: x\n\n{} x", "x".repeat(100))).len(), 1);
    }
}
