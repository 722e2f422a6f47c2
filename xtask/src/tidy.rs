//! The rules that no compiler checks.

mod decisions;
mod failpoints;
mod files;
mod layers;
mod lean;
mod licences;
mod migrations;
mod tree;

use anyhow::{Result, bail};

use crate::cargo;
use tree::Tree;

/// Prints what breaks a rule; an error when anything does.
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

// Dependencies of other platforms would have to be downloaded first.
fn host() -> Result<String> {
    let version = crate::programs::output_of("rustc", &["-vV"]).unwrap_or_default();
    match version.lines().find_map(|line| line.strip_prefix("host: ")) {
        Some(host) => Ok(host.to_owned()),
        None => bail!("rustc -vV names no host"),
    }
}
