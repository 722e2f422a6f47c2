//! openapi.json: the description of the REST API, generated from the code.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

use crate::cargo::{build_examples, workspace};

const FILE: &str = "openapi.json";

/// Writes the file, or compares it with the code.
pub(crate) fn run(check: bool) -> Result<()> {
    let generated = generate()?;
    let path = workspace().join(FILE);
    if !check {
        return fs::write(&path, generated).with_context(|| format!("cannot write {FILE}"));
    }
    let committed = fs::read_to_string(&path).with_context(|| format!("cannot read {FILE}: cargo xtask openapi"))?;
    match first_difference(&committed, &generated) {
        None => Ok(()),
        Some(line) => bail!("{FILE} differs from the code from line {line} on: run cargo xtask openapi"),
    }
}

fn generate() -> Result<String> {
    let program = build_examples()?.join("openapi");
    let output = Command::new(&program).output().with_context(|| format!("cannot run {}", program.display()))?;
    ensure!(output.status.success(), "the example openapi failed:\n{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).context("the example openapi does not print text")?;
    Ok(format!("{}\n", text.trim_end()))
}

fn first_difference(committed: &str, generated: &str) -> Option<usize> {
    if committed == generated {
        return None;
    }
    let same = committed.lines().zip(generated.lines()).take_while(|(old, new)| old == new).count();
    Some(same + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outdated_file_is_detected() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some(2));
        assert_eq!(first_difference("a\nb\n", "a\nb\nc\n"), Some(3));
    }
}
