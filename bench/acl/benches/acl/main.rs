//! Measures the ACL: flat decisions, checks of trees compared with a plain walk, filtered pages compared with the bare
//! query. `cargo xtask bench-acl` starts what it needs.

mod allocations;
mod flat;
mod page;
mod tree;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, ValueEnum};

use storage_hub_bench_acl::{Report, Stopwatch};

/// Measure the ACL and print a table.
#[derive(Debug, Parser)]
struct Options {
    /// Write JSON to this path instead of printing the table
    #[arg(long)]
    json: Option<PathBuf>,
    /// Only these parts
    #[arg(long, value_delimiter = ',')]
    only: Vec<Part>,
    /// Number of rows of the large tables
    #[arg(long, default_value_t = 1_000_000)]
    rows: u32,
    /// Print the plans of the queries
    #[arg(long)]
    plans: bool,
    /// Passed by cargo to every bench
    #[arg(long, hide = true)]
    bench: bool,
}

/// A part of the measurements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    Flat,
    Trees,
    Postgres,
    Sqlite,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let wants = |part| options.only.is_empty() || options.only.contains(&part);
    let mut stopwatch = Stopwatch::new()?;
    let mut report = Report::default();
    if wants(Part::Flat) {
        flat::run(&mut stopwatch, &mut report)?;
    }
    if wants(Part::Trees) {
        tree::run(&mut stopwatch, &mut report)?;
    }
    let tables = page::Tables { rows: options.rows, plans: options.plans };
    if wants(Part::Postgres) {
        page::postgres::run(&tables, &mut stopwatch, &mut report)?;
    }
    if wants(Part::Sqlite) {
        page::sqlite::run(&tables, &mut stopwatch, &mut report)?;
    }
    report.hand_over(options.json.as_deref())
}
