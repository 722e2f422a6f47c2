//! `cargo test` with the services that tests need, and the totals at the end, including skipped tests.

mod skips;
mod totals;

use std::borrow::Cow;
use std::ffi::OsString;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::process::{ChildStdout, ExitCode, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::cargo::TEST_FEATURES;
use crate::clients::{self, CLIENTS};
use crate::guard::{self, Guarded, Job};
use crate::services::{Durability, Kind, Service};
use skips::SkipFile;
pub(crate) use totals::Totals;

/// The package that has [`TEST_FEATURES`].
const SERVER: &str = "storage-hub-server";

/// Runs the tests and prints the totals as the last line.
pub(crate) fn run(require_services: bool, arguments: &[OsString]) -> Result<ExitCode> {
    let (totals, code) = run_tests(require_services, arguments)?;
    println!("{totals}");
    Ok(code)
}

/// Runs the tests and returns the totals with cargo's exit code.
pub(crate) fn run_tests(require_services: bool, arguments: &[OsString]) -> Result<(Totals, ExitCode)> {
    run_tests_with(Vec::new(), require_services, arguments)
}

/// Like [`run_tests`], with additional environment variables for the tests.
pub(crate) fn run_tests_with(
    mut environment: Vec<(String, OsString)>,
    require_services: bool,
    arguments: &[OsString],
) -> Result<(Totals, ExitCode)> {
    environment.extend(clients::environment());
    let mut missing: Vec<String> = CLIENTS
        .iter()
        .filter(|client| !environment.iter().any(|(variable, _)| variable == client.variable))
        .map(|client| format!("{}: {}", client.name, client.install_hint()))
        .collect();
    let mut services: Vec<Service> = Vec::new();
    for kind in Kind::ALL {
        match kind.start(Durability::None)? {
            Some(service) => services.push(service),
            None => missing.push(format!("{}: {}", kind.name(), kind.install_hint())),
        }
    }
    if require_services {
        if !missing.is_empty() {
            bail!("programs that the tests need are not installed\n  {}", missing.join("\n  "));
        }
        environment.push(("STORAGE_HUB_TEST_REQUIRED".to_owned(), "1".into()));
    }
    environment.extend(services.iter().map(|service| service.environment.clone()));
    let skips = SkipFile::create()?;
    environment.push((SkipFile::VARIABLE.to_owned(), skips.path().into()));

    let (mut totals, code) = cargo_test(arguments, environment)?;
    let skipped = skips.read()?;
    totals.count_skipped(skipped.tests());
    for line in missing {
        println!("not installed: {line}");
    }
    for line in skipped.lines() {
        println!("SKIPPED: {line}");
    }
    Ok((totals, code))
}

fn cargo_test(arguments: &[OsString], environment: Vec<(String, OsString)>) -> Result<(Totals, ExitCode)> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut all: Vec<OsString> = vec!["test".into(), "--no-fail-fast".into()];
    if !selects_packages(arguments) {
        all.push("--workspace".into());
    }
    if !selects_packages(arguments) || of_cargo(arguments).any(|argument| argument.ends_with(SERVER)) {
        all.push(TEST_FEATURES.into());
    }
    all.extend_from_slice(arguments);
    let mut job = Guarded::start(Job {
        program: &cargo,
        arguments: all,
        environment,
        folder: None,
        stdout: Stdio::piped(),
        stderr: Stdio::inherit(),
    })?;
    let stdout = job.take_stdout().context("cannot read the output of cargo")?;
    let totals = pass_on(stdout)?;
    Ok((totals, guard::exit_code(job.wait()?)))
}

fn selects_packages(arguments: &[OsString]) -> bool {
    of_cargo(arguments).any(|argument| argument.starts_with("-p") || argument.starts_with("--package"))
}

fn of_cargo(arguments: &[OsString]) -> impl Iterator<Item = Cow<'_, str>> {
    arguments.iter().map(|argument| argument.to_string_lossy()).take_while(|argument| argument != "--")
}

fn pass_on(output: ChildStdout) -> Result<Totals> {
    let mut totals = Totals::default();
    let mut output = BufReader::new(output);
    let mut line = Vec::new();
    while output.read_until(b'\n', &mut line)? > 0 {
        io::stdout().write_all(&line)?;
        totals.read_line(&String::from_utf8_lossy(&line));
        line.clear();
    }
    Ok(totals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_crates_are_tested_unless_some_are_named() {
        let selects = |line: &str| selects_packages(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert!(selects("-p storage-hub-core"));
        assert!(selects("--package=storage-hub-core"));
        assert!(!selects("--release -- -p"));
    }
}
