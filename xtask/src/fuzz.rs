//! Runs the fuzz targets for a bounded time.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use crate::cargo::{succeed, workspace};
use crate::programs;
use crate::test_run::Totals;

/// Longer input finds nothing more: the targets parse short texts, and refuse long ones for their length.
const MAX_LENGTH: &str = "-max_len=4096";

/// Builds the targets of `fuzz/` and runs each of them, or the named ones, for this many seconds. A target counts as a
/// test.
pub(crate) fn run(seconds: u32, require_tools: bool, named: &[String]) -> Result<Totals> {
    let all = targets()?;
    if let Some(unknown) = named.iter().find(|name| !all.contains(*name)) {
        bail!(
            "there is no fuzz target {unknown}; choose one of {}",
            all.iter().cloned().collect::<Vec<_>>().join(", ")
        );
    }
    let wanted: Vec<_> = all.iter().filter(|target| named.is_empty() || named.contains(target)).collect();
    ensure!(!wanted.is_empty(), "there are no fuzz targets");
    if let Some(missing) = missing() {
        ensure!(!require_tools, "a tool that the fuzz targets need is not installed\n  {missing}");
        println!("SKIPPED: {} fuzz targets need {missing}", wanted.len());
        return Ok(Totals::skipped(wanted.len()));
    }
    // Without a sanitizer, which would find nothing, because no code is unsafe, and would halve the speed.
    succeed(&mut cargo_fuzz(&["build", "--sanitizer", "none"]))?;
    for target in &wanted {
        println!("-- {target}");
        let time = format!("-max_total_time={seconds}");
        let mut command = cargo_fuzz(&["run", "--sanitizer", "none", target, "--", &time, MAX_LENGTH]);
        // Its standard error has thousands of lines, one for each step.
        let output =
            command.stdout(Stdio::inherit()).stderr(Stdio::piped()).output().context("cannot run cargo-fuzz")?;
        let text = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            let lines: Vec<_> = text.lines().collect();
            eprintln!("{}", lines.get(lines.len().saturating_sub(60)..).unwrap_or_default().join("\n"));
            bail!("the fuzz target {target} failed; its input is in fuzz/artifacts/{target}");
        }
        if let Some(done) = text.lines().find(|line| line.starts_with("Done ")) {
            println!("{done}");
        }
    }
    println!("{} fuzz targets found nothing", wanted.len());
    Ok(Totals::passed(wanted.len()))
}

fn missing() -> Option<&'static str> {
    if programs::output_of("rustup", &["run", "nightly", "rustc", "--version"]).is_none() {
        return Some("a nightly toolchain: rustup toolchain install nightly --profile minimal");
    }
    if programs::output_of("cargo-fuzz", &["--version"]).is_none() {
        return Some("cargo-fuzz: cargo install cargo-fuzz --locked --version 0.13.2");
    }
    None
}

fn targets() -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(workspace().join("fuzz/fuzz_targets")).context("cannot read fuzz/fuzz_targets")? {
        if let Some(name) = entry?.file_name().to_str().and_then(|name| name.strip_suffix(".rs")) {
            names.insert(name.to_owned());
        }
    }
    Ok(names)
}

fn cargo_fuzz(arguments: &[&str]) -> Command {
    // Through rustup, without the variables of the stable cargo that runs this program: they name its toolchain.
    let mut command = Command::new("rustup");
    command.current_dir(workspace()).args(["run", "nightly", "cargo", "fuzz"]).args(arguments);
    for variable in ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN", "CARGO_TARGET_DIR"] {
        command.env_remove(variable);
    }
    command.stdin(Stdio::null());
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_of_the_folder_is_one_of_the_manifest() {
        let manifest = fs::read_to_string(workspace().join("fuzz/Cargo.toml")).unwrap();
        let targets = targets().unwrap();
        assert!(!targets.is_empty());
        for target in &targets {
            assert!(manifest.contains(&format!("name = \"{target}\"")), "{target}");
        }
        assert_eq!(manifest.matches("[[bin]]").count(), targets.len());
    }
}
