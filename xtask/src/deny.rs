//! Runs cargo-deny, if it is installed; `tidy` checks licences and sources without it.

use anyhow::Result;

use crate::cargo::{cargo, succeed};
use crate::programs;

/// Checks the dependencies with deny.toml.
pub(crate) fn run() -> Result<()> {
    if programs::find("cargo-deny", &["--version"], "cargo-deny ").is_none() {
        println!("cargo-deny is not installed: cargo install cargo-deny --locked");
        return Ok(());
    }
    // The advisories come from a repository that not everyone can reach.
    succeed(&mut cargo(&["deny", "check", "bans", "licenses", "sources"]))
}
