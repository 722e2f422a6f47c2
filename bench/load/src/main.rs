//! Measures the server over HTTP, compared with the machine's own limits. `cargo xtask bench` builds and starts what
//! it needs.
//!
//! The load is bounded in connections and time, and goes only to addresses of this machine.

mod http;
mod hub;
mod load;
mod process;
mod report;
mod scale;
mod scenarios;
mod store;
mod store_calls;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use clap::{Parser, Subcommand};

use hub::{Backend, Hub};
use report::Report;
use store::StoreOptions;

/// Measure the server: medians of three runs of everything, after a warm-up.
#[derive(Debug, Parser)]
struct Options {
    /// Instead: compare the S3 endpoint with MinIO and nginx, without --only and --scale
    #[command(subcommand)]
    what: Option<What>,
    /// Binary of the server
    #[arg(long)]
    server: PathBuf,
    /// Path of the JSON file
    #[arg(long)]
    json: Option<PathBuf>,
    /// Duration of a run in seconds
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Only measurements whose names contain this text
    #[arg(long)]
    only: Option<String>,
    /// Also compare every endpoint at 1,000 buckets with 1,000,000 buckets and 100,000 users (takes minutes)
    #[arg(long)]
    scale: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Compare the S3 endpoint of the embedded store with MinIO on the same disk, and its downloads with nginx
    Store(StoreOptions),
}

/// The parameters of all measurements.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Duration of a run.
    pub(crate) turn: Duration,
    only: Option<String>,
}

impl Plan {
    /// Number of runs; the median counts.
    pub(crate) const TURNS: usize = 3;

    pub(crate) fn wants(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| name.contains(only.as_str()))
    }
}

// One thread, to leave the machine to the server.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let options = Options::parse();
    let plan = Plan { turn: Duration::from_secs(options.seconds), only: options.only };
    let mut report = Report::default();
    if let Some(What::Store(store)) = &options.what {
        store::run(&options.server, store, &mut report).await?;
        return finish(&report, options.json.as_deref());
    }
    for backend in [Backend::PostgresMinio, Backend::SqliteEmbedded] {
        let hub = Hub::start(&options.server, backend).await?;
        scenarios::run(&plan, hub, &mut report).await?;
    }
    if options.scale {
        for backend in [Backend::PostgresMinio, Backend::SqliteEmbedded] {
            scale::run(&plan, &options.server, backend, &mut report).await?;
        }
    }
    finish(&report, options.json.as_deref())
}

fn finish(report: &Report, json: Option<&Path>) -> Result<()> {
    report.print();
    if let Some(path) = json {
        std::fs::write(path, report.json())?;
    }
    Ok(())
}
