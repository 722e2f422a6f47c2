//! Checks the rules that the compiler does not check.

mod decisions;
mod failpoints;
mod files;
mod language;
mod layers;
mod lean;
mod licences;
mod migrations;
mod tree;

use anyhow::{Result, bail};

use crate::cargo;
use tree::Tree;

/// Prints every violation of a rule. Fails if there are any.
pub(crate) fn run() -> Result<()> {
    let tree = Tree::read()?;
    let packages = cargo::metadata(&["--no-deps"])?;
    let host = host()?;
    let everything = cargo::metadata(&["--filter-platform", &host, "--all-features"])?;
    for warning in files::long_files(&tree).into_iter().flat_map(files::Length::warning) {
        eprintln!("warning: {warning}");
    }
    let checks = [
        files::long_files(&tree).into_iter().flat_map(files::Length::problem).collect(),
        files::bad_names(&tree),
        files::unfinished(&tree),
        files::machine_paths(&tree),
        decisions::elsewhere(&tree),
        language::unplain(&tree),
        migrations::unequal(&tree),
        layers::outward(&packages),
        layers::impure_core(&packages),
        failpoints::in_the_program()?,
        lean::in_the_default_build()?,
        licences::forbidden_packages(&everything),
        licences::foreign_sources(&everything),
        licences::not_allowed(&everything),
    ];
    let problems: Vec<String> = checks.into_iter().flatten().collect();
    for problem in &problems {
        eprintln!("error: {problem}");
    }
    match problems.len() {
        0 => Ok(()),
        count => bail!("{count} rules are broken"),
    }
}

// Without the host, cargo would have to download the dependencies of other platforms.
fn host() -> Result<String> {
    let version = crate::programs::output_of("rustc", &["-vV"]).unwrap_or_default();
    match version.lines().find_map(|line| line.strip_prefix("host: ")) {
        Some(host) => Ok(host.to_owned()),
        None => bail!("rustc -vV names no host"),
    }
}
