//! Compares the S3 endpoint of the embedded store with MinIO on the same disk, and its downloads with nginx.
//!
//! Every line is the median of interleaved runs: each run measures all servers, one after the other, with the same
//! requests, which are signed before the clock starts.

mod memory;
mod objects;
mod pages;
mod requests;
mod servers;
mod wire;

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;

use crate::hub::{Backend, Hub};
use crate::report::Report;
use servers::{hub_server, start_minio, start_nginx};

/// What `bench store` needs besides the server.
#[derive(Args, Debug)]
pub(crate) struct StoreOptions {
    /// Binary of MinIO
    #[arg(long)]
    minio: PathBuf,
    /// Binary of nginx; without it, downloads are not compared with it
    #[arg(long)]
    nginx: Option<PathBuf>,
    /// Number of runs
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Only the parts whose names contain this text, for example pages, memory or "objects, 4 KiB"
    #[arg(long)]
    part: Option<String>,
}

/// Measures everything.
pub(crate) async fn run(server: &Path, options: &StoreOptions, report: &mut Report) -> Result<()> {
    let wants = |part: &str| options.part.as_ref().is_none_or(|wanted| part.contains(wanted.as_str()));
    let plans: Vec<_> = objects::PLANS.iter().filter(|plan| wants(&format!("objects, {}", plan.name))).collect();
    if !plans.is_empty() {
        let hub = Hub::start(server, Backend::SqliteEmbedded).await?;
        let hub = hub_server(&hub, "objects").await.map(|server| (server, hub))?;
        let minio = start_minio(&options.minio).await?;
        let nginx = start_nginx(options.nginx.as_deref()).await?;
        objects::compare(&plans, &hub.0, &minio, &nginx, options.runs, report).await?;
    }
    if wants("pages") {
        pages::compare(Hub::start(server, Backend::SqliteEmbedded).await?, options.runs, report).await?;
    }
    if wants("memory") {
        let hub = Hub::start(server, Backend::SqliteEmbedded).await?;
        memory::measure(&hub_server(&hub, "memory").await?, report).await?;
    }
    Ok(())
}
