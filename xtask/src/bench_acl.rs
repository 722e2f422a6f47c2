//! Measures the ACL: decisions compared with other engines, checks with a walk, pages with the query without the ACL.

use std::ffi::OsString;
use std::fs;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};
use serde_json::Value;

use crate::cargo::{cargo, succeed, workspace};
use crate::services::{self, Durability};

/// Options of the measurement.
#[derive(Args)]
pub(crate) struct BenchAcl {
    /// Only these parts, separated by commas
    #[arg(long, value_delimiter = ',')]
    only: Vec<Part>,
    /// Number of rows of the large tables
    #[arg(long, default_value_t = 1_000_000)]
    rows: u32,
    /// Print the query plans of the databases
    #[arg(long)]
    plans: bool,
}

/// A part of the measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Decisions, compared with casbin and cedar-policy
    Engines,
    /// Flat decisions and their allocations
    Flat,
    /// Checks of a tree, compared with a walk of it
    Trees,
    /// Pages on PostgreSQL
    Postgres,
    /// Pages on SQLite
    Sqlite,
}

impl Part {
    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

/// Builds and runs `bench/acl`, with PostgreSQL if a part needs it; prints one table and writes target/bench-acl.json.
pub(crate) fn run(options: &BenchAcl) -> Result<ExitCode> {
    let target = workspace().join("target");
    fs::create_dir_all(&target)?;
    let wants = |part| options.only.is_empty() || options.only.contains(&part);
    let mut lines = Vec::new();
    // Separately, because the other engines enable a feature of serde_json that changes its maps.
    if wants(Part::Engines) {
        let json = target.join("bench-acl-engines.json");
        let arguments =
            bench(&["--bench", "engines", "--features", "engines"], &["--json".into(), json.clone().into()]);
        succeed(cargo(&[]).args(arguments))?;
        lines.extend(read(&json)?);
    }
    let own = [Part::Flat, Part::Trees, Part::Postgres, Part::Sqlite].into_iter().filter(|part| wants(*part));
    let own: Vec<String> = own.map(Part::name).collect();
    if !own.is_empty() {
        let json = target.join("bench-acl-own.json");
        let rows = options.rows.to_string();
        let mut arguments: Vec<OsString> = vec!["--json".into(), json.clone().into(), "--rows".into(), rows.into()];
        arguments.extend(["--only".into(), own.join(",").into()]);
        arguments.extend(options.plans.then(|| "--plans".into()));
        let arguments = bench(&["--bench", "acl"], &arguments);
        if wants(Part::Postgres) {
            let mut command = vec![cargo(&[]).get_program().to_owned()];
            command.extend(arguments);
            let code = services::run(true, false, Durability::None, &command)?;
            if code != ExitCode::SUCCESS {
                return Ok(code);
            }
        } else {
            succeed(cargo(&[]).args(arguments))?;
        }
        lines.extend(read(&json)?);
    }
    print!("{}", table(&lines));
    fs::write(target.join("bench-acl.json"), Value::from(lines).to_string())?;
    Ok(ExitCode::SUCCESS)
}

fn bench(selection: &[&str], arguments: &[OsString]) -> Vec<OsString> {
    let manifest = workspace().join("bench").join("acl").join("Cargo.toml");
    let mut all: Vec<OsString> = vec!["bench".into(), "--locked".into(), "--manifest-path".into(), manifest.into()];
    all.extend(selection.iter().map(Into::into));
    all.push("--".into());
    all.extend(arguments.iter().cloned());
    all
}

fn read(json: &std::path::Path) -> Result<Vec<Value>> {
    let text = fs::read(json).with_context(|| format!("the benchmark did not write {}", json.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is not a report", json.display()))
}

fn table(lines: &[Value]) -> String {
    let mut text = format!("\n{:<11} {:<66} {:>12} {:<6} {:>16}\n", "of", "what", "median", "unit", "goal");
    for line in lines {
        let word = |key| line.get(key).and_then(Value::as_str).unwrap_or_default();
        let median = line.get("median").and_then(Value::as_f64).unwrap_or(f64::NAN);
        let goal = ["least", "most"].into_iter().zip([">=", "<="]).find_map(|(key, sign)| {
            let goal = line.get("goal")?.get(key)?.as_f64()?;
            let met = line.get("met")?.as_bool()?;
            Some(format!("{sign} {goal} {}", if met { "met" } else { "MISSED" }))
        });
        let goal = goal.unwrap_or_default();
        text += &format!("{:<11} {:<66} {median:>12.2} {:<6} {goal:>16}\n", word("of"), word("what"), word("unit"));
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_says_whether_its_goal_is_met() {
        let line = |goal: Value, met: Value| json!({"of": "tree", "what": "check / walk", "median": 1.5, "unit": "times", "goal": goal, "met": met});
        let lines = [
            line(json!({"most": 2.0}), json!(true)),
            line(json!({"least": 100.0}), json!(false)),
            line(json!(null), json!(null)),
        ];
        let table = table(&lines);
        let ends: Vec<&str> = table.lines().skip(2).map(|line| line.split("times").last().unwrap().trim()).collect();
        assert_eq!(ends, ["<= 2 met", ">= 100 MISSED", ""]);
    }
}
