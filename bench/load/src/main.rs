//! Measures the server over HTTP, compared with the machine's own limits. `cargo xtask bench` builds and starts what
//! it needs.
//!
//! The load is bounded in connections and time, and goes only to addresses of this machine.

mod http;
mod hub;
mod load;
mod report;
mod scale;
mod scenarios;
mod store_calls;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::Parser;

use hub::{Backend, Hub};
use report::Report;

/// Measure the server: medians of three runs of everything, after a warm-up.
#[derive(Debug, Parser)]
struct Options {
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
    for backend in [Backend::PostgresMinio, Backend::SqliteEmbedded] {
        let hub = Hub::start(&options.server, backend).await?;
        scenarios::run(&plan, hub, &mut report).await?;
    }
    if options.scale {
        for backend in [Backend::PostgresMinio, Backend::SqliteEmbedded] {
            scale::run(&plan, &options.server, backend, &mut report).await?;
        }
    }
    report.print();
    if let Some(path) = options.json {
        std::fs::write(path, report.json())?;
    }
    Ok(())
}
