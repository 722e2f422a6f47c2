use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};

use crate::cargo::cargo;

/// The beginnings of the names of crates that only optional features add.
const BY_FEATURE: [&str; 3] = ["opentelemetry", "tracing-opentelemetry", "prost"];

/// Whether the default build of the server has crates of an optional feature.
pub(super) fn in_the_default_build() -> Result<Vec<String>> {
    let arguments = ["tree", "--package", "storage-hub-server", "--edges=normal,build", "--prefix=none", "--offline"];
    let output = cargo(&arguments).stderr(Stdio::inherit()).output().context("cannot run cargo tree")?;
    ensure!(output.status.success(), "cargo tree failed: {}", output.status);
    Ok(named_in(&String::from_utf8_lossy(&output.stdout)))
}

fn named_in(tree: &str) -> Vec<String> {
    let found = tree.lines().filter(|line| BY_FEATURE.iter().any(|name| line.starts_with(name)));
    found.map(|line| format!("the default build of the server has {line}, which only a feature may add")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_build_with_the_crates_of_a_feature_is_a_problem() {
        let without = "storage-hub-server v0.1.0\ntracing v0.1.44\nprometheus-client v0.25.0\n";
        assert!(named_in(without).is_empty());
        assert_eq!(named_in(&format!("{without}opentelemetry_sdk v0.33.1\n")).len(), 1);
    }
}
