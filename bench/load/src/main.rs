//! Measures the server over HTTP, against the machine's own limits. `cargo xtask bench` builds and starts what it needs.
//!
//! The load is bounded in connections and time, and goes to addresses of this machine alone.

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

/// Measures the server: three turns of everything after a warm-up, medians.
#[derive(Debug, Parser)]
struct Options {
    /// The server's binary.
    #[arg(long)]
    server: PathBuf,
    /// Where the JSON goes.
    #[arg(long)]
    json: Option<PathBuf>,
    /// How long a turn lasts, in seconds.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Only measurements whose names have this in them.
    #[arg(long)]
    only: Option<String>,
    /// Also compare every endpoint at 1,000 buckets with 1,000,000 buckets and 100,000 users (minutes).
    #[arg(long)]
    scale: bool,
}

/// How everything is measured.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// How long a turn lasts.
    pub(crate) turn: Duration,
    only: Option<String>,
}

impl Plan {
    /// How many turns there are; the median counts.
    pub(crate) const TURNS: usize = 3;

    pub(crate) fn wants(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| name.contains(only.as_str()))
    }
}

// One thread: the generator is to leave the machine to what it measures.
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
