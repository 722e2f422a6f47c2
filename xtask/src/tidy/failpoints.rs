use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};

use crate::cargo::cargo;

const FEATURE: &str = "storage-hub-core feature \"failpoints\"";

/// Whether the program would be built with failpoints, at which tests kill it.
pub(super) fn in_the_program() -> Result<Vec<String>> {
    let edges = "--edges=normal,build,features";
    let mut tree = cargo(&["tree", "--package", "storage-hub-server", edges, "--prefix=none", "--offline"]);
    let output = tree.stderr(Stdio::inherit()).output().context("cannot run cargo tree")?;
    ensure!(output.status.success(), "cargo tree failed: {}", output.status);
    Ok(named_in(&String::from_utf8_lossy(&output.stdout)))
}

fn named_in(tree: &str) -> Vec<String> {
    let found = tree.lines().any(|line| line.starts_with(FEATURE));
    found
        .then(|| "storage-hub-server enables the failpoints of core; only its tests may do that".to_owned())
        .into_iter()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_with_failpoints_is_a_problem() {
        let without = "storage-hub-server v0.1.0\nstorage-hub-core feature \"default\"\nstorage-hub-core v0.1.0\n";
        assert!(named_in(without).is_empty());
        assert_eq!(named_in(&format!("{without}{FEATURE}\n")).len(), 1);
    }
}
