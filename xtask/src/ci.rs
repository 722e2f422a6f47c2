//! What a change must pass, in the order in which it fails fastest.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::cargo::{cargo, succeed};
use crate::test_run::{self, Totals};
use crate::{fuzz, openapi, schemathesis, tidy};

/// How long each fuzz target runs.
const FUZZ_SECONDS: u32 = 3;

/// Runs every step up to the first that fails; prints what each took, and the tests' totals at the end.
pub(crate) fn run() -> Result<()> {
    let mut report = Report::default();
    let result = run_steps(&mut report);
    report.print();
    result
}

fn run_steps(report: &mut Report) -> Result<()> {
    report.step("fmt", || succeed(&mut cargo(&["fmt", "--all", "--check"])))?;
    report.step("tidy", tidy::run)?;
    report.step("clippy", || {
        succeed(&mut cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]))?;
        // The default build was looked at just now; here is what features add to it.
        let server = ["clippy", "--package", "storage-hub-server", "--all-targets", "--all-features", "--locked"];
        succeed(cargo(&server).args(["--", "-D", "warnings"]))
    })?;
    report.step("doc", || {
        let mut doc = cargo(&["doc", "--workspace", "--no-deps", "--locked"]);
        succeed(doc.env("RUSTDOCFLAGS", "-D warnings"))
    })?;
    report.step("openapi", || openapi::run(true))?;
    let (totals, code) = report.step("test", || test_run::run_tests(true, &[]))?;
    report.totals = Some(totals);
    ensure!(code == ExitCode::SUCCESS, "tests failed");
    report.step("schemathesis", schemathesis::run)?;
    let fuzzed = report.step("fuzz", || fuzz::run(FUZZ_SECONDS, true, &[]))?;
    report.totals = Some(totals.plus(fuzzed));
    Ok(())
}

#[derive(Default)]
struct Report {
    durations: Vec<(&'static str, Duration)>,
    totals: Option<Totals>,
}

impl Report {
    fn step<T>(&mut self, name: &'static str, run: impl FnOnce() -> Result<T>) -> Result<T> {
        println!("== {name}");
        let started = Instant::now();
        let result = run();
        self.durations.push((name, started.elapsed()));
        result
    }

    fn print(&self) {
        println!("== what it took");
        for (name, duration) in &self.durations {
            println!("{name:>14} {:7.1} s", duration.as_secs_f64());
        }
        let total: Duration = self.durations.iter().map(|(_, duration)| *duration).sum();
        println!("{:>14} {:7.1} s", "all", total.as_secs_f64());
        if let Some(totals) = self.totals {
            println!("{totals}");
        }
    }
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn a_step_that_fails_is_timed_and_told() {
        let mut report = Report::default();
        let result: Result<()> = report.step("clippy", || bail!("a lint"));
        assert_eq!(result.unwrap_err().to_string(), "a lint");
        assert_eq!(report.durations.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["clippy"]);
    }
}
