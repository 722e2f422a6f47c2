//! Everything that a change must pass, quickest failures first.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::cargo::{cargo, succeed};
use crate::test_run::{self, Totals};
use crate::{api_clients, fuzz, openapi, schemathesis, tidy};

/// How long each fuzz target runs.
const FUZZ_SECONDS: u32 = 3;

/// Runs every step up to the first that fails, and prints the minutes of each and the totals of the tests.
pub(crate) fn run() -> Result<()> {
    let mut report = Report::default();
    let result = run_steps(&mut report);
    report.print();
    result
}

fn run_steps(report: &mut Report) -> Result<()> {
    report.step("fmt", Budget::Build, || succeed(&mut cargo(&["fmt", "--all", "--check"])))?;
    report.step("tidy", Budget::Build, tidy::run)?;
    report.step("clippy", Budget::Build, || {
        succeed(&mut cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]))?;
        // The code that optional features add.
        let server = ["clippy", "--package", "storage-hub-server", "--all-targets", "--all-features", "--locked"];
        succeed(cargo(&server).args(["--", "-D", "warnings"]))
    })?;
    report.step("doc", Budget::Build, || {
        let mut doc = cargo(&["doc", "--workspace", "--no-deps", "--locked"]);
        succeed(doc.env("RUSTDOCFLAGS", "-D warnings"))
    })?;
    report.step("openapi", Budget::Build, || openapi::run(true))?;
    let (totals, code) = report.step("test", Budget::Suites, || test_run::run_tests(true, &[]))?;
    report.totals = Some(totals);
    ensure!(code == ExitCode::SUCCESS, "tests failed");
    report.step("schemathesis", Budget::Suites, schemathesis::run)?;
    report.step("api-clients", Budget::Clients, api_clients::run)?;
    let fuzzed = report.step("fuzz", Budget::Suites, || fuzz::run(FUZZ_SECONDS, true, &[]))?;
    report.totals = Some(totals.plus(fuzzed));
    Ok(())
}

/// A part of CI with a time budget. What exceeds it belongs into `cargo xtask faults` and the like, in full length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Budget {
    Build,
    Suites,
    Clients,
}

impl Budget {
    const ALL: [Self; 3] = [Self::Build, Self::Suites, Self::Clients];

    const fn name(self) -> &'static str {
        match self {
            Self::Build => "build",
            Self::Suites => "suites",
            Self::Clients => "clients and engines",
        }
    }

    const fn minutes(self) -> f64 {
        match self {
            Self::Build | Self::Suites => 20.0,
            Self::Clients => 10.0,
        }
    }
}

#[derive(Default)]
struct Report {
    steps: Vec<(&'static str, Budget, Duration)>,
    totals: Option<Totals>,
}

impl Report {
    fn step<T>(&mut self, name: &'static str, budget: Budget, run: impl FnOnce() -> Result<T>) -> Result<T> {
        println!("== {name}");
        let started = Instant::now();
        let result = run();
        self.steps.push((name, budget, started.elapsed()));
        result
    }

    fn print(&self) {
        println!("== minutes");
        for line in self.lines() {
            println!("{line}");
        }
        if let Some(totals) = self.totals {
            println!("{totals}");
        }
    }

    /// A line for each step, and one for each budget.
    fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (name, budget, duration) in &self.steps {
            lines.push(format!("{name:>20} {:6.1}  ({})", minutes(*duration), budget.name()));
        }
        for budget in Budget::ALL {
            let steps = self.steps.iter().filter(|(_, of, _)| *of == budget);
            let spent = minutes(steps.map(|(_, _, duration)| *duration).sum());
            let over = if spent > budget.minutes() { "  OVER BUDGET" } else { "" };
            lines.push(format!("{:>20} {spent:6.1} of {:.0}{over}", budget.name(), budget.minutes()));
        }
        let all = self.steps.iter().map(|(_, _, duration)| *duration).sum();
        lines.push(format!("{:>20} {:6.1}", "all", minutes(all)));
        lines
    }
}

fn minutes(duration: Duration) -> f64 {
    duration.as_secs_f64() / 60.0
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn a_step_that_fails_is_timed() {
        let mut report = Report::default();
        let result: Result<()> = report.step("clippy", Budget::Build, || bail!("a lint"));
        assert_eq!(result.unwrap_err().to_string(), "a lint");
        assert_eq!(report.steps.iter().map(|(name, ..)| *name).collect::<Vec<_>>(), ["clippy"]);
    }

    #[test]
    fn the_minutes_of_steps_are_added_up_beside_their_budget() {
        let step = |name, budget, seconds| (name, budget, Duration::from_secs(seconds));
        let steps =
            vec![step("clippy", Budget::Build, 600), step("doc", Budget::Build, 660), step("test", Budget::Suites, 90)];
        let lines = Report { steps, totals: None }.lines();
        assert_eq!(lines.first().map(|line| line.trim()), Some("clippy   10.0  (build)"));
        let ends = ["build   21.0 of 20  OVER BUDGET", "suites    1.5 of 20", "clients and engines    0.0 of 10"];
        assert_eq!(lines[3..6].iter().map(|line| line.trim()).collect::<Vec<_>>(), ends);
    }
}
