//! Runs the tests that kill the hub at random moments, for longer than `cargo xtask test` does.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::test_run;

/// Options of the run.
#[derive(Args)]
pub(crate) struct Faults {
    /// Number of kills on each backend
    #[arg(long, default_value_t = 500)]
    kills: u64,
    /// How long replicas compete with each other, in seconds
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// The records and the store; both pairs if absent
    #[arg(long)]
    backend: Option<Backend>,
    /// The seed that a run printed as STORAGE_HUB_TEST_SEED, to repeat its choices
    #[arg(long)]
    seed: Option<u64>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Backend {
    /// SQLite and the embedded store
    Embedded,
    /// PostgreSQL and MinIO; with two and three replicas too
    Minio,
}

/// Runs the tests and prints the totals.
pub(crate) fn run(faults: &Faults) -> Result<ExitCode> {
    let mut environment: Vec<(String, OsString)> = vec![
        ("STORAGE_HUB_TEST_KILLS".to_owned(), faults.kills.to_string().into()),
        ("STORAGE_HUB_TEST_SECONDS".to_owned(), faults.seconds.to_string().into()),
    ];
    environment.extend(faults.seed.map(|seed| ("STORAGE_HUB_TEST_SEED".to_owned(), seed.to_string().into())));
    let filters: &[&str] = match faults.backend {
        None => &["survives_kills", "replicas_agree"],
        Some(Backend::Embedded) => &["survives_kills_of_the_embedded_hub"],
        Some(Backend::Minio) => &["survives_kills_of_the_hub_on_postgresql", "replicas_agree"],
    };
    let fixed = ["-p", "storage-hub-server", "--test", "it", "--", "--nocapture"];
    let arguments: Vec<OsString> = fixed.iter().chain(filters).map(OsString::from).collect();
    let (totals, code) = test_run::run_tests_with(environment, false, &arguments)?;
    println!("{totals}");
    Ok(code)
}
